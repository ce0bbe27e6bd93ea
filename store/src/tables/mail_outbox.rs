//! Mails that are to be sent, and what became of them.

use sluice_domain::{MailId, OrgId};

use crate::error::StoreError;
use crate::page::{Cursor, Listed, Page};
use crate::statement::{Record, composed, record, select, sql};
use crate::tables::table;

record! {
    /// A mail.
    pub struct Mail in "mail_outbox" {
        /// Its id.
        pub id: MailId,
        /// The organisation.
        pub org_id: OrgId,
        /// To whom.
        pub recipient: String,
        /// What it is about, as `accounts` names it.
        pub kind: String,
        /// Its subject.
        pub subject: String,
        /// Its text; empty once it was sent, since it may hold a link that signs in.
        pub text: String,
        /// The same as HTML.
        pub html: String,
        /// When it was written.
        pub created_at: i64,
        /// When it is tried next.
        pub next_attempt_at: i64,
        /// How often it was tried.
        pub attempts: i64,
        /// When it was sent.
        pub sent_at: Option<i64>,
        /// Why the last try failed.
        pub last_error: Option<String>,
    }
}

table! {
    /// The mails.
    pub struct MailOutbox;
}

impl MailOutbox<'_> {
    /// Adds one.
    pub async fn create(&self, mail: &Mail) -> Result<(), StoreError> {
        self.db.insert(mail).await
    }

    /// Takes mails of the whole server that are due and were tried less than `most` times. Until `lease_until`
    /// nobody else gets them; by then they are [sent](Self::set_sent) or [failed](Self::set_failed), or
    /// whoever took them is gone and they are due again.
    pub async fn claim(
        &self,
        now: i64,
        lease_until: i64,
        most: i64,
        limit: u32,
    ) -> Result<Vec<Mail>, StoreError> {
        // The conditions stand outside too: of two who take the same row, the second sees it changed.
        let claim = composed(format!(
            "UPDATE mail_outbox SET next_attempt_at = $2, attempts = attempts + 1 \
             WHERE sent_at IS NULL AND next_attempt_at <= $1 AND attempts < $3 AND id IN \
             (SELECT id FROM mail_outbox WHERE sent_at IS NULL AND next_attempt_at <= $1 AND attempts < $3 \
              ORDER BY next_attempt_at, id LIMIT $4) RETURNING {}",
            Mail::columns(None)
        ));
        let claim = claim.bind(now).bind(lease_until).bind(most).bind(i64::from(limit));
        let mut mails = self.db.write_all::<Mail>(claim).await?;
        mails.sort_by_key(|mail| mail.id);
        Ok(mails)
    }

    /// Notes that one was sent, and forgets what it said.
    pub async fn set_sent(&self, org: OrgId, id: MailId, now: i64) -> Result<(), StoreError> {
        let update = sql("UPDATE mail_outbox SET sent_at = $3, last_error = NULL, text = '', html = '' \
                          WHERE org_id = $1 AND id = $2");
        self.db.write_one(update.bind(org).bind(id).bind(now)).await
    }

    /// Notes that a try failed, and when the next one is due.
    pub async fn set_failed(
        &self,
        org: OrgId,
        id: MailId,
        error: &str,
        next_attempt_at: i64,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE mail_outbox SET last_error = $3, next_attempt_at = $4 \
                          WHERE org_id = $1 AND id = $2 AND sent_at IS NULL");
        self.db.write_one(update.bind(org).bind(id).bind(error).bind(next_attempt_at)).await
    }

    /// The one with this id.
    pub async fn by_id(&self, org: OrgId, id: MailId) -> Result<Mail, StoreError> {
        let found = select::<Mail>("WHERE org_id = $1 AND id = $2").bind(org).bind(id);
        self.db.first(found).await?.ok_or(StoreError::NotFound)
    }

    /// All of an organisation, newest first, in pages.
    pub async fn list(&self, org: OrgId, page: &Page) -> Result<Listed<Mail>, StoreError> {
        let found = match &page.after {
            None => {
                select::<Mail>("WHERE org_id = $1 ORDER BY id DESC LIMIT $2").bind(org).bind(page.fetched())
            }
            Some(after) => select::<Mail>("WHERE org_id = $1 AND id < $3 ORDER BY id DESC LIMIT $2")
                .bind(org)
                .bind(page.fetched())
                .bind(after.id),
        };
        Ok(Listed::of(self.db.all(found).await?, page, |mail: &Mail| Cursor::new("", mail.id.0)))
    }

    /// How many of an organisation wait to be sent.
    pub async fn count_waiting(&self, org: OrgId) -> Result<i64, StoreError> {
        let count = sql("SELECT COUNT(*) FROM mail_outbox WHERE org_id = $1 AND sent_at IS NULL").bind(org);
        Ok(self.db.first::<(i64,)>(count).await?.map_or(0, |(count,)| count))
    }

    /// Forgets those that were written before `before`. How many.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        self.db.write(sql("DELETE FROM mail_outbox WHERE created_at < $1").bind(before)).await
    }
}
