//! Settings of an organisation, one value a key.

use serde_json::Value;
use sluice_domain::OrgId;

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// One setting.
    pub struct Setting in "settings" {
        /// The organisation.
        pub org_id: OrgId,
        /// Its name.
        pub key: String,
        /// What it is set to.
        pub value_json: Value,
        /// When it was changed last.
        pub updated_at: i64,
    }
}

table! {
    /// The settings.
    pub struct Settings;
}

impl Settings<'_> {
    /// All that are set, by name.
    pub async fn list(&self, org: OrgId) -> Result<Vec<Setting>, StoreError> {
        self.db.all(select::<Setting>("WHERE org_id = $1 ORDER BY key").bind(org)).await
    }

    /// One of them, if it is set.
    pub async fn value(&self, org: OrgId, key: &str) -> Result<Option<Value>, StoreError> {
        let found = sql("SELECT value_json FROM settings WHERE org_id = $1 AND key = $2").bind(org).bind(key);
        Ok(self.db.first::<(Value,)>(found).await?.map(|(value,)| value))
    }

    /// Sets some at once. A value that is not named stays.
    pub async fn set(&self, org: OrgId, values: &[(&str, Value)], now: i64) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        for (key, value) in values {
            let set =
                sql("INSERT INTO settings (org_id, key, value_json, updated_at) VALUES ($1, $2, $3, $4) \
                           ON CONFLICT (org_id, key) DO UPDATE \
                           SET value_json = excluded.value_json, updated_at = excluded.updated_at");
            work.db().write(set.bind(org).bind(key).bind(value).bind(now)).await?;
        }
        work.commit().await
    }

    /// Takes one back, so that its default holds. Whether it was set.
    pub async fn remove(&self, org: OrgId, key: &str) -> Result<bool, StoreError> {
        let delete = sql("DELETE FROM settings WHERE org_id = $1 AND key = $2").bind(org).bind(key);
        Ok(self.db.write(delete).await? > 0)
    }
}
