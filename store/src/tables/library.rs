//! The streams that an account keeps.

use sluice_domain::{AccountId, OrgId, StreamId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// A stream that an account keeps.
    pub struct LibraryEntry in "library" {
        /// The organisation.
        pub org_id: OrgId,
        /// Whose it is.
        pub account_id: AccountId,
        /// The stream.
        pub stream_id: StreamId,
        /// In which way: `saved` or `favorite`.
        pub kind: String,
        /// Since when.
        pub created_at: i64,
    }
}

table! {
    /// The streams that accounts keep.
    pub struct Library;
}

impl Library<'_> {
    /// Keeps a stream. Whether that is new.
    pub async fn add(
        &self,
        org: OrgId,
        account: AccountId,
        kind: &str,
        stream: StreamId,
        now: i64,
    ) -> Result<bool, StoreError> {
        let insert = sql("INSERT INTO library (org_id, account_id, kind, stream_id, created_at) \
                          VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING");
        Ok(self.db.write(insert.bind(org).bind(account).bind(kind).bind(stream).bind(now)).await? > 0)
    }

    /// Keeps it no more. Whether it did.
    pub async fn remove(
        &self,
        org: OrgId,
        account: AccountId,
        kind: &str,
        stream: StreamId,
    ) -> Result<bool, StoreError> {
        let delete =
            sql("DELETE FROM library WHERE org_id = $1 AND account_id = $2 AND kind = $3 AND stream_id = $4");
        Ok(self.db.write(delete.bind(org).bind(account).bind(kind).bind(stream)).await? > 0)
    }

    /// In which ways an account keeps a stream.
    pub async fn kinds(
        &self,
        org: OrgId,
        account: AccountId,
        stream: StreamId,
    ) -> Result<Vec<String>, StoreError> {
        let found = sql("SELECT kind FROM library WHERE org_id = $1 AND account_id = $2 AND stream_id = $3 \
                         ORDER BY kind");
        let kinds = self.db.all::<(String,)>(found.bind(org).bind(account).bind(stream)).await?;
        Ok(kinds.into_iter().map(|(kind,)| kind).collect())
    }

    /// What an account keeps in one way, in pages.
    pub async fn list(
        &self,
        org: OrgId,
        account: AccountId,
        kind: &str,
        page: &Page,
    ) -> Result<Listed<LibraryEntry>, StoreError> {
        let after = page.after.as_ref().map_or(Uuid::nil(), |after| after.id);
        let found = select::<LibraryEntry>(
            "WHERE org_id = $1 AND account_id = $2 AND kind = $3 AND stream_id > $4 ORDER BY stream_id LIMIT $5",
        );
        let found = found.bind(org).bind(account).bind(kind).bind(after).bind(page.fetched());
        let found = self.db.all(found).await?;
        Ok(Listed::of(found, page, |entry: &LibraryEntry| Cursor::new("", entry.stream_id.0)))
    }
}
