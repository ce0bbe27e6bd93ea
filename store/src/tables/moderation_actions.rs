//! What was done to keep order. Rows are only ever added, and both databases refuse anything else.

use serde_json::Value;
use sluice_domain::chat::{ModerationAction, ModerationKind};
use sluice_domain::{AccountId, ChatMessageId, ModerationActionId, OrgId, StreamId};

use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::statement::{composed, insert_new, record};
use crate::tables::table;

record! {
    /// Something that was done to keep order.
    pub struct ModerationEntry in "moderation_actions" {
        /// Its id: ascending in the order in which things were done.
        pub id: ModerationActionId,
        /// The organisation.
        pub org_id: OrgId,
        /// In the chat of which stream.
        pub stream_id: Option<StreamId>,
        /// Who or what kept order.
        pub kind: ModerationKind,
        /// What was done.
        pub action: ModerationAction,
        /// Why: what a moderator says, or the name of a filter such as `inappropriate_content`.
        pub reason: String,
        /// Who did it, if it was somebody.
        pub actor_id: Option<AccountId>,
        /// The name of who did it. Of an account it is read from there, and is empty if it is gone.
        pub actor_name: String,
        /// To whom it was done.
        pub account_id: Option<AccountId>,
        /// Their name, as that of who did it.
        pub target_name: String,
        /// To which message.
        pub message_id: Option<ChatMessageId>,
        /// What else there is to say. Never the text of a message.
        pub detail_json: Value,
        /// When.
        pub created_at: i64,
    }
}

/// Which actions are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModerationFilter {
    /// Only those in the chat of this stream.
    pub stream: Option<StreamId>,
    /// Only what was done to this account.
    pub account: Option<AccountId>,
    /// Only what was done so.
    pub action: Option<ModerationAction>,
}

/// Rows that are written by one statement.
const ROWS: usize = 100;

table! {
    /// What was done to keep order.
    pub struct ModerationActions;
}

impl ModerationActions<'_> {
    /// Notes some, all or none. Those that are noted already stay as they are. Names of accounts are not
    /// written down, since nothing here can be changed when an account is deleted.
    pub async fn add(&self, entries: &[ModerationEntry]) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        for entries in entries.chunks(ROWS) {
            let mut nameless = entries.to_vec();
            for entry in &mut nameless {
                if entry.actor_id.is_some() {
                    entry.actor_name.clear();
                }
                if entry.account_id.is_some() {
                    entry.target_name.clear();
                }
            }
            work.db().write(insert_new(&nameless)).await?;
        }
        work.commit().await
    }

    /// What was done, newest first, in pages.
    pub async fn list(
        &self,
        org: OrgId,
        filter: &ModerationFilter,
        page: &Page,
    ) -> Result<Listed<ModerationEntry>, StoreError> {
        let mut text = String::from(
            "SELECT m.id, m.org_id, m.stream_id, m.kind, m.action, m.reason, m.actor_id, m.account_id, \
             m.message_id, m.detail_json, m.created_at, \
             COALESCE((SELECT a.display_name FROM accounts a WHERE a.org_id = m.org_id AND a.id = m.actor_id \
                       AND a.deleted_at IS NULL), m.actor_name) AS actor_name, \
             COALESCE((SELECT a.display_name FROM accounts a WHERE a.org_id = m.org_id AND a.id = m.account_id \
                       AND a.deleted_at IS NULL), m.target_name) AS target_name \
             FROM moderation_actions m WHERE m.org_id = $1",
        );
        let mut place = 2;
        let mut add = |condition: &str, wanted: bool| {
            if wanted {
                place += 1;
                text.push_str(&format!(" AND m.{condition} ${place}"));
            }
        };
        // Values are numbered in the order in which they are bound below.
        add("stream_id =", filter.stream.is_some());
        add("account_id =", filter.account.is_some());
        add("action =", filter.action.is_some());
        add("id <", page.after.is_some());
        text.push_str(" ORDER BY m.id DESC LIMIT $2");
        let mut query = composed(text).bind(org).bind(page.fetched());
        if let Some(stream) = filter.stream {
            query = query.bind(stream);
        }
        if let Some(account) = filter.account {
            query = query.bind(account);
        }
        if let Some(action) = filter.action {
            query = query.bind(action);
        }
        if let Some(after) = &page.after {
            query = query.bind(after.id);
        }
        let entries = self.db.all(query).await?;
        Ok(Listed::of(entries, page, |entry: &ModerationEntry| Cursor::new("", entry.id.0)))
    }
}
