//! Secrets of authenticator apps, sealed by `accounts`.

use sluice_domain::{AccountId, OrgId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::table;

record! {
    /// The second factor of an account.
    pub struct Totp in "totp" {
        /// Whose it is.
        pub account_id: AccountId,
        /// The organisation.
        pub org_id: OrgId,
        /// The secret, sealed.
        pub sealed_secret: String,
        /// When its owner showed that the app has it; it counts from then on.
        pub confirmed_at: Option<i64>,
        /// The time step of the last code, so that no code is taken twice.
        pub last_step: i64,
    }
}

table! {
    /// The secrets of authenticator apps.
    pub struct TotpSecrets;
}

impl TotpSecrets<'_> {
    /// That of an account.
    pub async fn of(&self, org: OrgId, account: AccountId) -> Result<Option<Totp>, StoreError> {
        self.db.first(select::<Totp>("WHERE org_id = $1 AND account_id = $2").bind(org).bind(account)).await
    }

    /// Begins a set-up: a new secret, in place of one that was not confirmed. A confirmed one stays
    /// ([`StoreError::Conflict`]).
    pub async fn begin(&self, org: OrgId, account: AccountId, sealed_secret: &str) -> Result<(), StoreError> {
        let begin = sql("INSERT INTO totp (account_id, org_id, sealed_secret, confirmed_at, last_step) \
             VALUES ($2, $1, $3, NULL, 0) \
             ON CONFLICT (account_id) DO UPDATE SET sealed_secret = excluded.sealed_secret, last_step = 0 \
             WHERE totp.confirmed_at IS NULL AND totp.org_id = excluded.org_id");
        match self.db.write(begin.bind(org).bind(account).bind(sealed_secret)).await? {
            0 => Err(StoreError::Conflict(crate::error::Taken::Other)),
            _ => Ok(()),
        }
    }

    /// Takes the code of a time step, unless one of that step or a later one was taken. Whether it was taken.
    pub async fn use_step(&self, org: OrgId, account: AccountId, step: i64) -> Result<bool, StoreError> {
        let update =
            sql("UPDATE totp SET last_step = $3 WHERE org_id = $1 AND account_id = $2 AND last_step < $3");
        Ok(self.db.write(update.bind(org).bind(account).bind(step)).await? > 0)
    }

    /// From now on the second factor is asked for.
    pub async fn confirm(&self, org: OrgId, account: AccountId, now: i64) -> Result<(), StoreError> {
        let update = sql("UPDATE totp SET confirmed_at = $3 \
                          WHERE org_id = $1 AND account_id = $2 AND confirmed_at IS NULL");
        self.db.write_one(update.bind(org).bind(account).bind(now)).await
    }

    /// Replaces the sealed text of the same secret, sealed under another key.
    pub async fn reseal(
        &self,
        org: OrgId,
        account: AccountId,
        old: &str,
        new: &str,
    ) -> Result<bool, StoreError> {
        let update = sql("UPDATE totp SET sealed_secret = $4 \
                          WHERE org_id = $1 AND account_id = $2 AND sealed_secret = $3");
        Ok(self.db.write(update.bind(org).bind(account).bind(old).bind(new)).await? > 0)
    }

    /// All of the server, for sealing them under another key.
    pub async fn all(&self) -> Result<Vec<Totp>, StoreError> {
        self.db.all(select::<Totp>("ORDER BY account_id")).await
    }

    /// Takes the second factor away. Whether there was one.
    pub async fn remove(&self, org: OrgId, account: AccountId) -> Result<bool, StoreError> {
        let delete = sql("DELETE FROM totp WHERE org_id = $1 AND account_id = $2").bind(org).bind(account);
        Ok(self.db.write(delete).await? > 0)
    }
}
