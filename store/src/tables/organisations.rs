//! Organisations: the tenants.

use serde_json::Value;
use sluice_domain::OrgId;

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// A group of people with its own streams, settings and administrators.
    pub struct Organisation in "organisations" {
        /// Its id.
        pub id: OrgId,
        /// Its name, as people write it.
        pub name: String,
        /// Its short name, unique on the server.
        pub slug: String,
        /// What is kept about it as a whole.
        pub settings_json: Value,
        /// When it was made.
        pub created_at: i64,
        /// Counts its changes.
        pub version: i64,
    }
}

table! {
    /// The organisations. The only table without an organisation of its own, beside the signing keys.
    pub struct Organisations;
}

impl Organisations<'_> {
    /// Adds one.
    pub async fn create(&self, organisation: &Organisation) -> Result<(), StoreError> {
        self.db.insert(organisation).await
    }

    /// The one with this id.
    pub async fn by_id(&self, org: OrgId) -> Result<Organisation, StoreError> {
        self.db.first(select::<Organisation>("WHERE id = $1").bind(org)).await?.ok_or(StoreError::NotFound)
    }

    /// The one with this short name.
    pub async fn by_slug(&self, slug: &str) -> Result<Option<Organisation>, StoreError> {
        self.db.first(select::<Organisation>("WHERE slug = $1").bind(slug)).await
    }

    /// The oldest: the one that set-up made.
    pub async fn first(&self) -> Result<Option<Organisation>, StoreError> {
        self.db.first(select::<Organisation>("ORDER BY id LIMIT 1")).await
    }

    /// All of them, oldest first.
    pub async fn list(&self) -> Result<Vec<Organisation>, StoreError> {
        self.db.all(select::<Organisation>("ORDER BY id")).await
    }

    /// Changes name and settings, if nobody else did since `version`.
    pub async fn update(
        &self,
        org: OrgId,
        version: i64,
        name: &str,
        settings_json: &Value,
    ) -> Result<Organisation, StoreError> {
        let update = sql("UPDATE organisations SET name = $3, settings_json = $4, version = version + 1 \
                          WHERE id = $1 AND version = $2");
        let update = update.bind(org).bind(version).bind(name).bind(settings_json);
        if self.db.write(update).await? == 0 {
            self.by_id(org).await?;
            return Err(StoreError::Stale);
        }
        self.by_id(org).await
    }
}
