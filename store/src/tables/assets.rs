//! Pictures that were uploaded.

use sluice_domain::{AssetId, OrgId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// A picture.
    pub struct Asset in "assets" {
        /// Its id.
        pub id: AssetId,
        /// The organisation.
        pub org_id: OrgId,
        /// What it shows: `avatar`, `thumbnail` or `emote`.
        pub kind: String,
        /// Its media type.
        pub content_type: String,
        /// The picture.
        pub bytes: Vec<u8>,
        /// When it was uploaded.
        pub created_at: i64,
    }
}

table! {
    /// The pictures.
    pub struct Assets;
}

impl Assets<'_> {
    /// Adds one.
    pub async fn create(&self, asset: &Asset) -> Result<(), StoreError> {
        self.db.insert(asset).await
    }

    /// The one with this id.
    pub async fn by_id(&self, org: OrgId, id: AssetId) -> Result<Asset, StoreError> {
        let found = select::<Asset>("WHERE org_id = $1 AND id = $2").bind(org).bind(id);
        self.db.first(found).await?.ok_or(StoreError::NotFound)
    }

    /// The one with this id, of any organisation: a picture is shown to everybody, by an address that nobody
    /// can guess.
    pub async fn shown(&self, id: AssetId) -> Result<Asset, StoreError> {
        self.db.first(select::<Asset>("WHERE id = $1").bind(id)).await?.ok_or(StoreError::NotFound)
    }

    /// Removes one. Whether it was there.
    pub async fn delete(&self, org: OrgId, id: AssetId) -> Result<bool, StoreError> {
        Ok(self.db.write(sql("DELETE FROM assets WHERE org_id = $1 AND id = $2").bind(org).bind(id)).await?
            > 0)
    }

    /// Forgets those that were uploaded before `before` and that nothing shows. How many.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        let delete = sql("DELETE FROM assets WHERE created_at < $1 \
             AND id NOT IN (SELECT avatar_asset_id FROM accounts WHERE avatar_asset_id IS NOT NULL) \
             AND id NOT IN (SELECT thumbnail_asset_id FROM streams WHERE thumbnail_asset_id IS NOT NULL) \
             AND id NOT IN (SELECT asset_id FROM emotes)");
        self.db.write(delete.bind(before)).await
    }
}
