//! Sign-ins: an account on a device, until it ends.

use sluice_domain::{AccountId, OrgId, SignInId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// A sign-in of an account on a device.
    pub struct Session in "sessions" {
        /// Its id.
        pub id: SignInId,
        /// The organisation.
        pub org_id: OrgId,
        /// Who signed in.
        pub account_id: AccountId,
        /// What the device calls itself.
        pub device: String,
        /// What the browser calls itself.
        pub user_agent: String,
        /// From where it was used last.
        pub address: String,
        /// When it began.
        pub created_at: i64,
        /// When it was used last.
        pub last_seen_at: i64,
        /// When it ends in any case.
        pub expires_at: i64,
        /// After how long without use it ends.
        pub idle_seconds: i64,
        /// When a second factor was shown.
        pub mfa_at: Option<i64>,
        /// When it was ended.
        pub revoked_at: Option<i64>,
        /// Why it was ended.
        pub revoked_reason: Option<String>,
    }
}

impl Session {
    /// Whether it still holds.
    pub fn is_active(&self, now: i64) -> bool {
        self.revoked_at.is_none()
            && now < self.expires_at
            && now < self.last_seen_at.saturating_add(self.idle_seconds.saturating_mul(1000))
    }
}

/// What [`Session::is_active`] says, in SQL; `$3` is now.
macro_rules! active {
    () => {
        "revoked_at IS NULL AND expires_at > $3 AND last_seen_at + idle_seconds * 1000 > $3"
    };
}

table! {
    /// The sign-ins.
    pub struct Sessions;
}

impl Sessions<'_> {
    /// Adds one.
    pub async fn create(&self, session: &Session) -> Result<(), StoreError> {
        self.db.insert(session).await
    }

    /// The one with this id, ended or not.
    pub async fn by_id(&self, org: OrgId, id: SignInId) -> Result<Session, StoreError> {
        let found = select::<Session>("WHERE org_id = $1 AND id = $2").bind(org).bind(id);
        self.db.first(found).await?.ok_or(StoreError::NotFound)
    }

    /// The ones of an account that hold, who was seen last first.
    pub async fn active_of(
        &self,
        org: OrgId,
        account: AccountId,
        now: i64,
    ) -> Result<Vec<Session>, StoreError> {
        let found = select::<Session>(concat!(
            "WHERE org_id = $1 AND account_id = $2 AND ",
            active!(),
            " ORDER BY last_seen_at DESC, id DESC"
        ));
        self.db.all(found.bind(org).bind(account).bind(now)).await
    }

    /// Notes that it was used, from where and by what.
    pub async fn touch(
        &self,
        org: OrgId,
        id: SignInId,
        address: &str,
        user_agent: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE sessions SET last_seen_at = $3, address = $4, user_agent = $5 \
                          WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL");
        self.db.write_one(update.bind(org).bind(id).bind(now).bind(address).bind(user_agent)).await
    }

    /// Notes that a second factor was shown.
    pub async fn set_mfa(&self, org: OrgId, id: SignInId, now: i64) -> Result<(), StoreError> {
        let update =
            sql("UPDATE sessions SET mfa_at = $3 WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL");
        self.db.write_one(update.bind(org).bind(id).bind(now)).await
    }

    /// Ends one. Whether it had not ended before.
    pub async fn revoke(&self, org: OrgId, id: SignInId, reason: &str, now: i64) -> Result<bool, StoreError> {
        let update = sql("UPDATE sessions SET revoked_at = $3, revoked_reason = $4 \
                          WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL");
        Ok(self.db.write(update.bind(org).bind(id).bind(now).bind(reason)).await? > 0)
    }

    /// Ends all of an account but one. Their ids, so that they can be told.
    pub async fn revoke_all(
        &self,
        org: OrgId,
        account: AccountId,
        except: Option<SignInId>,
        reason: &str,
        now: i64,
    ) -> Result<Vec<SignInId>, StoreError> {
        let update = sql("UPDATE sessions SET revoked_at = $3, revoked_reason = $4 \
                          WHERE org_id = $1 AND account_id = $2 AND revoked_at IS NULL AND id <> $5 \
                          RETURNING id");
        let except = except.map_or_else(String::new, |id| id.to_string());
        let update = update.bind(org).bind(account).bind(now).bind(reason).bind(except);
        let ids = self.db.write_all::<(SignInId,)>(update).await?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// How many of the organisation hold.
    pub async fn count_active(&self, org: OrgId, now: i64) -> Result<i64, StoreError> {
        let count = sql("SELECT COUNT(*) FROM sessions WHERE org_id = $1 AND revoked_at IS NULL \
                         AND expires_at > $2 AND last_seen_at + idle_seconds * 1000 > $2");
        Ok(self.db.first::<(i64,)>(count.bind(org).bind(now)).await?.map_or(0, |(count,)| count))
    }

    /// Forgets those that ended before `before`, with their refresh tokens. How many.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        self.db.write(sql("DELETE FROM sessions WHERE expires_at < $1 OR revoked_at < $1").bind(before)).await
    }
}
