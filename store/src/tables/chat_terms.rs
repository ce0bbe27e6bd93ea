//! Words and patterns that the filter of a stream's chat looks for.

use sluice_domain::chat::{Term, TermKind, TermOutcome};
use sluice_domain::{AccountId, ChatTermId, OrgId, StreamId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// A term of a stream.
    pub struct ChatTerm in "chat_terms" {
        /// Its id.
        pub id: ChatTermId,
        /// The organisation.
        pub org_id: OrgId,
        /// The stream.
        pub stream_id: StreamId,
        /// The word or the expression.
        pub pattern: String,
        /// Which of the two it is.
        pub kind: TermKind,
        /// What becomes of a message with it.
        pub outcome: TermOutcome,
        /// Who wrote it.
        pub created_by: Option<AccountId>,
        /// When.
        pub created_at: i64,
    }
}

impl ChatTerm {
    /// What the filter needs of it.
    pub fn term(&self) -> Term {
        Term { pattern: self.pattern.clone(), kind: self.kind, outcome: self.outcome }
    }
}

table! {
    /// The terms.
    pub struct ChatTerms;
}

impl ChatTerms<'_> {
    /// Adds one. Two that are the same but for their outcome are a conflict.
    pub async fn create(&self, term: &ChatTerm) -> Result<(), StoreError> {
        self.db.insert(term).await
    }

    /// Those of a stream, oldest first.
    pub async fn list(&self, org: OrgId, stream: StreamId) -> Result<Vec<ChatTerm>, StoreError> {
        let found = select::<ChatTerm>("WHERE org_id = $1 AND stream_id = $2 ORDER BY id LIMIT 1000");
        self.db.all(found.bind(org).bind(stream)).await
    }

    /// Removes one, and returns it.
    pub async fn delete(&self, org: OrgId, stream: StreamId, id: ChatTermId) -> Result<ChatTerm, StoreError> {
        let work = self.db.begin().await?;
        let found = select::<ChatTerm>("WHERE org_id = $1 AND stream_id = $2 AND id = $3");
        let found = work.db().first(found.bind(org).bind(stream).bind(id)).await?;
        let term = found.ok_or(StoreError::NotFound)?;
        work.db().write_one(sql("DELETE FROM chat_terms WHERE id = $1").bind(id)).await?;
        work.commit().await?;
        Ok(term)
    }
}
