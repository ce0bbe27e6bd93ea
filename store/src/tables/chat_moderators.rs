//! Who keeps order in the chat of a stream besides its owner and the staff.

use sluice_domain::{AccountId, OrgId, StreamId};

use crate::error::StoreError;
use crate::statement::{insert_new, record, select, sql};
use crate::tables::table;

record! {
    /// An account keeps order in a chat.
    pub struct ChatModerator in "chat_moderators" {
        /// The organisation.
        pub org_id: OrgId,
        /// The stream.
        pub stream_id: StreamId,
        /// Who.
        pub account_id: AccountId,
        /// Whose decision it was.
        pub created_by: Option<AccountId>,
        /// Since when.
        pub created_at: i64,
    }
}

table! {
    /// Who keeps order in which chat.
    pub struct ChatModerators;
}

impl ChatModerators<'_> {
    /// Lets an account keep order. Whether that is new.
    pub async fn add(&self, moderator: &ChatModerator) -> Result<bool, StoreError> {
        Ok(self.db.write(insert_new(std::slice::from_ref(moderator))).await? > 0)
    }

    /// Lets it no more. Whether it did.
    pub async fn remove(&self, org: OrgId, stream: StreamId, account: AccountId) -> Result<bool, StoreError> {
        let delete =
            sql("DELETE FROM chat_moderators WHERE org_id = $1 AND stream_id = $2 AND account_id = $3");
        Ok(self.db.write(delete.bind(org).bind(stream).bind(account)).await? > 0)
    }

    /// Whether an account keeps order in a chat.
    pub async fn contains(
        &self,
        org: OrgId,
        stream: StreamId,
        account: AccountId,
    ) -> Result<bool, StoreError> {
        let found = select::<ChatModerator>("WHERE org_id = $1 AND stream_id = $2 AND account_id = $3");
        Ok(self.db.first::<ChatModerator>(found.bind(org).bind(stream).bind(account)).await?.is_some())
    }

    /// Those of a chat, in the order in which they were made so.
    pub async fn list(&self, org: OrgId, stream: StreamId) -> Result<Vec<ChatModerator>, StoreError> {
        let found = select::<ChatModerator>(
            "WHERE org_id = $1 AND stream_id = $2 ORDER BY created_at, account_id LIMIT 1000",
        );
        self.db.all(found.bind(org).bind(stream)).await
    }
}
