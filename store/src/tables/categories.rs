//! Categories: what streams are sorted by.

use sluice_domain::{CategoryId, OrgId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// What streams are sorted by.
    pub struct Category in "categories" {
        /// Its id.
        pub id: CategoryId,
        /// The organisation.
        pub org_id: OrgId,
        /// Its short name in URLs, unique in the organisation.
        pub slug: String,
        /// Its name.
        pub name: String,
        /// Its place among the others.
        pub position: i64,
        /// When it was made.
        pub created_at: i64,
    }
}

table! {
    /// The categories.
    pub struct Categories;
}

impl Categories<'_> {
    /// Adds one.
    pub async fn create(&self, category: &Category) -> Result<(), StoreError> {
        self.db.insert(category).await
    }

    /// All of them, in their order.
    pub async fn list(&self, org: OrgId) -> Result<Vec<Category>, StoreError> {
        self.db.all(select::<Category>("WHERE org_id = $1 ORDER BY position, id").bind(org)).await
    }

    /// How many streams that anybody may find are live in each category that has any.
    pub async fn live_counts(&self, org: OrgId) -> Result<Vec<(CategoryId, i64)>, StoreError> {
        let counts = sql("SELECT category_id, COUNT(*) FROM streams \
             WHERE org_id = $1 AND deleted_at IS NULL AND live_since IS NOT NULL \
             AND access NOT IN ('unlisted', 'private') AND category_id IS NOT NULL GROUP BY category_id");
        self.db.all(counts.bind(org)).await
    }

    /// The one with this id.
    pub async fn by_id(&self, org: OrgId, id: CategoryId) -> Result<Category, StoreError> {
        let found = select::<Category>("WHERE org_id = $1 AND id = $2").bind(org).bind(id);
        self.db.first(found).await?.ok_or(StoreError::NotFound)
    }

    /// The one with this short name.
    pub async fn by_slug(&self, org: OrgId, slug: &str) -> Result<Option<Category>, StoreError> {
        self.db.first(select::<Category>("WHERE org_id = $1 AND slug = $2").bind(org).bind(slug)).await
    }

    /// Changes its names and its place.
    pub async fn update(
        &self,
        org: OrgId,
        id: CategoryId,
        slug: &str,
        name: &str,
        position: i64,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE categories SET slug = $3, name = $4, position = $5 \
                          WHERE org_id = $1 AND id = $2");
        self.db.write_one(update.bind(org).bind(id).bind(slug).bind(name).bind(position)).await
    }

    /// Removes one; its streams have none then.
    pub async fn delete(&self, org: OrgId, id: CategoryId) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        let streams = sql("UPDATE streams SET category_id = NULL, version = version + 1 \
                           WHERE org_id = $1 AND category_id = $2");
        work.db().write(streams.bind(org).bind(id)).await?;
        let delete = sql("DELETE FROM categories WHERE org_id = $1 AND id = $2").bind(org).bind(id);
        work.db().write_one(delete).await?;
        work.commit().await
    }
}
