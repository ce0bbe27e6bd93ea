//! Who may not write in which chat.

use sluice_domain::chat::BanKind;
use sluice_domain::{AccountId, OrgId, StreamId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::statement::{Record, composed, record, select, sql};
use crate::tables::table;

record! {
    /// An account is kept from writing in a chat.
    pub struct ChatBan in "chat_bans" {
        /// The organisation.
        pub org_id: OrgId,
        /// The stream.
        pub stream_id: StreamId,
        /// Who.
        pub account_id: AccountId,
        /// How.
        pub kind: BanKind,
        /// Until when, if it is a timeout.
        pub until_at: Option<i64>,
        /// Why.
        pub reason: Option<String>,
        /// Whose decision it was.
        pub created_by: Option<AccountId>,
        /// Since when.
        pub created_at: i64,
    }
}

impl ChatBan {
    /// Whether it holds.
    pub fn is_active(&self, now: i64) -> bool {
        self.until_at.is_none_or(|until| now < until)
    }
}

table! {
    /// Who may not write in which chat.
    pub struct ChatBans;
}

impl ChatBans<'_> {
    /// Keeps an account from writing; what was decided before about it holds no more.
    pub async fn set(&self, ban: &ChatBan) -> Result<(), StoreError> {
        let columns = ChatBan::columns(None);
        let set = composed(format!(
            "INSERT INTO chat_bans ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (org_id, stream_id, account_id) DO UPDATE SET kind = excluded.kind, \
             until_at = excluded.until_at, reason = excluded.reason, created_by = excluded.created_by, \
             created_at = excluded.created_at"
        ));
        self.db.write(ban.bind_to(set)).await.map(drop)
    }

    /// Lets an account write again. What kept it from it, if anything did.
    pub async fn lift(
        &self,
        org: OrgId,
        stream: StreamId,
        account: AccountId,
    ) -> Result<Option<ChatBan>, StoreError> {
        let delete = composed(format!(
            "DELETE FROM chat_bans WHERE org_id = $1 AND stream_id = $2 AND account_id = $3 RETURNING {}",
            ChatBan::columns(None)
        ));
        let lifted = self.db.write_all(delete.bind(org).bind(stream).bind(account)).await?;
        Ok(lifted.into_iter().next())
    }

    /// What keeps an account from writing in a chat now.
    pub async fn of(
        &self,
        org: OrgId,
        stream: StreamId,
        account: AccountId,
        now: i64,
    ) -> Result<Option<ChatBan>, StoreError> {
        let found = select::<ChatBan>(
            "WHERE org_id = $1 AND stream_id = $2 AND account_id = $3 AND (until_at IS NULL OR until_at > $4)",
        );
        self.db.first(found.bind(org).bind(stream).bind(account).bind(now)).await
    }

    /// All that hold in a chat now.
    pub async fn active(&self, org: OrgId, stream: StreamId, now: i64) -> Result<Vec<ChatBan>, StoreError> {
        let found = select::<ChatBan>(
            "WHERE org_id = $1 AND stream_id = $2 AND (until_at IS NULL OR until_at > $3) ORDER BY account_id",
        );
        self.db.all(found.bind(org).bind(stream).bind(now)).await
    }

    /// Those that hold in a chat now, in pages, by account.
    pub async fn list(
        &self,
        org: OrgId,
        stream: StreamId,
        page: &Page,
        now: i64,
    ) -> Result<Listed<ChatBan>, StoreError> {
        let after = page.after.as_ref().map_or(Uuid::nil(), |after| after.id);
        let found = select::<ChatBan>(
            "WHERE org_id = $1 AND stream_id = $2 AND account_id > $3 \
             AND (until_at IS NULL OR until_at > $4) ORDER BY account_id LIMIT $5",
        );
        let found = found.bind(org).bind(stream).bind(after).bind(now).bind(page.fetched());
        let found = self.db.all(found).await?;
        Ok(Listed::of(found, page, |ban: &ChatBan| Cursor::new("", ban.account_id.0)))
    }

    /// Forgets timeouts that ended before `before`. How many.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        self.db.write(sql("DELETE FROM chat_bans WHERE until_at < $1").bind(before)).await
    }
}
