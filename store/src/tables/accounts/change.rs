//! What changes about an account. Whatever makes older access tokens worthless counts its epoch up.

use serde_json::Value;
use sluice_domain::{AccountId, AssetId, Email, Handle, OrgId, Tier, TokenId};

use super::{Account, Accounts};
use crate::error::StoreError;
use crate::statement::{Statement, sql};

/// What the owner of an account edits, as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileChange {
    /// The handle.
    pub handle: Handle,
    /// The name that others see.
    pub display_name: String,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// The language of its mails and pages.
    pub locale: Option<String>,
    /// Where it is.
    pub region: Option<String>,
    /// What its owner says about themselves.
    pub bio: String,
    /// Addresses that its owner shows.
    pub links_json: Value,
    /// Quality, language, theme and the like.
    pub preferences_json: Value,
    /// Who sees what.
    pub privacy_json: Value,
    /// About what it wants to hear.
    pub notifications_json: Value,
}

impl Accounts<'_> {
    /// Changes the profile, if nobody else changed the account since `version`.
    pub async fn update_profile(
        &self,
        org: OrgId,
        id: AccountId,
        version: i64,
        change: &ProfileChange,
        now: i64,
    ) -> Result<Account, StoreError> {
        let update = sql(
            "UPDATE accounts SET handle = $5, handle_norm = $6, display_name = $7, given_name = $8, \
             family_name = $9, locale = $10, region = $11, bio = $12, links_json = $13, preferences_json = $14, \
             privacy_json = $15, notifications_json = $16, updated_at = $4, version = version + 1 \
             WHERE org_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL",
        );
        let update = update
            .bind(org)
            .bind(id)
            .bind(version)
            .bind(now)
            .bind(change.handle.as_str())
            .bind(change.handle.normalized())
            .bind(&change.display_name)
            .bind(&change.given_name)
            .bind(&change.family_name)
            .bind(&change.locale)
            .bind(&change.region)
            .bind(&change.bio)
            .bind(&change.links_json)
            .bind(&change.preferences_json)
            .bind(&change.privacy_json)
            .bind(&change.notifications_json);
        self.changed(org, id, update).await
    }

    /// Sets who the account is to its organisation: whether it may sign in and what it has paid for. Disabling
    /// ends its access tokens.
    pub async fn update_standing(
        &self,
        org: OrgId,
        id: AccountId,
        version: i64,
        disabled: Option<(i64, Option<&str>)>,
        tier: (Tier, Option<i64>),
        now: i64,
    ) -> Result<Account, StoreError> {
        let update = sql("UPDATE accounts SET token_epoch = token_epoch + \
             CASE WHEN $5 IS NOT NULL AND disabled_at IS NULL THEN 1 ELSE 0 END, \
             disabled_at = $5, disabled_reason = $6, tier = $7, tier_expires_at = $8, updated_at = $4, \
             version = version + 1 \
             WHERE org_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL");
        let update = update
            .bind(org)
            .bind(id)
            .bind(version)
            .bind(now)
            .bind(disabled.map(|(at, _)| at))
            .bind(disabled.and_then(|(_, reason)| reason))
            .bind(tier.0)
            .bind(tier.1);
        self.changed(org, id, update).await
    }

    /// Runs an update that names a version, brings the search up to date and reads the account again.
    async fn changed(&self, org: OrgId, id: AccountId, update: Statement) -> Result<Account, StoreError> {
        let work = self.db.begin().await?;
        let accounts = Accounts::new(work.db());
        if work.db().write(update).await? == 0 {
            let there = accounts.by_id(org, id).await?;
            return Err(if there.deleted_at.is_some() { StoreError::NotFound } else { StoreError::Stale });
        }
        crate::tables::account_words::index(work.db(), org, id).await?;
        crate::tables::stream_words::index_owned_by(work.db(), org, id).await?;
        let account = accounts.by_id(org, id).await?;
        work.commit().await?;
        Ok(account)
    }

    /// Counts the version up without changing anything else, for edits of what belongs to the account, such
    /// as its role. It is [`StoreError::Stale`] if somebody else changed it since `version`. Ends its access
    /// tokens, since they name the role.
    pub async fn touch(
        &self,
        org: OrgId,
        id: AccountId,
        version: i64,
        now: i64,
    ) -> Result<Account, StoreError> {
        let update = sql("UPDATE accounts SET token_epoch = token_epoch + 1, updated_at = $4, \
             version = version + 1 WHERE org_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL");
        self.changed(org, id, update.bind(org).bind(id).bind(version).bind(now)).await
    }

    /// Sets a new password, keeps it in the history and ends the access tokens.
    pub async fn set_password(
        &self,
        org: OrgId,
        id: AccountId,
        hash: &str,
        must_change: bool,
        history_id: TokenId,
        now: i64,
    ) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        let update = sql("UPDATE accounts SET password_hash = $3, must_change_password = $4, \
             password_changed_at = $5, updated_at = $5, token_epoch = token_epoch + 1, version = version + 1 \
             WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL");
        work.db().write_one(update.bind(org).bind(id).bind(hash).bind(must_change).bind(now)).await?;
        let history = sql("INSERT INTO password_history (id, org_id, account_id, hash, created_at) \
                           VALUES ($1, $2, $3, $4, $5)");
        work.db().write(history.bind(history_id).bind(org).bind(id).bind(hash).bind(now)).await?;
        work.commit().await
    }

    /// Replaces the hash of the same password by a better one; nothing else changes. Whether it was still
    /// `old` that was there.
    pub async fn rehash_password(
        &self,
        org: OrgId,
        id: AccountId,
        old: &str,
        new: &str,
    ) -> Result<bool, StoreError> {
        let update = sql(
            "UPDATE accounts SET password_hash = $4 WHERE org_id = $1 AND id = $2 AND password_hash = $3",
        );
        Ok(self.db.write(update.bind(org).bind(id).bind(old).bind(new)).await? > 0)
    }

    /// Gives the account another address, which its owner has verified.
    pub async fn set_email(
        &self,
        org: OrgId,
        id: AccountId,
        email: &Email,
        now: i64,
    ) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        let update = sql("UPDATE accounts SET email = $3, email_norm = $4, email_verified_at = $5, \
             updated_at = $5, token_epoch = token_epoch + 1, version = version + 1 \
             WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL");
        let update = update.bind(org).bind(id).bind(email.as_str()).bind(email.normalized()).bind(now);
        work.db().write_one(update).await?;
        crate::tables::account_words::index(work.db(), org, id).await?;
        work.commit().await
    }

    /// Notes that mail to the address arrives.
    pub async fn set_email_verified(&self, org: OrgId, id: AccountId, now: i64) -> Result<(), StoreError> {
        let update = sql("UPDATE accounts SET email_verified_at = COALESCE(email_verified_at, $3), \
             updated_at = $3, version = version + 1 WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL");
        self.db.write_one(update.bind(org).bind(id).bind(now)).await
    }

    /// Sets or removes the picture.
    pub async fn set_avatar(
        &self,
        org: OrgId,
        id: AccountId,
        asset: Option<AssetId>,
        now: i64,
    ) -> Result<(), StoreError> {
        let update = sql("UPDATE accounts SET avatar_asset_id = $3, updated_at = $4, version = version + 1 \
             WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL");
        self.db.write_one(update.bind(org).bind(id).bind(asset).bind(now)).await
    }

    /// Notes a sign-in. The version stays: it is nothing that anybody edits.
    pub async fn set_last_login(&self, org: OrgId, id: AccountId, now: i64) -> Result<(), StoreError> {
        let update = sql("UPDATE accounts SET last_login_at = $3 WHERE org_id = $1 AND id = $2");
        self.db.write_one(update.bind(org).bind(id).bind(now)).await
    }

    /// Ends all access tokens.
    pub async fn end_tokens(&self, org: OrgId, id: AccountId) -> Result<(), StoreError> {
        let update = sql("UPDATE accounts SET token_epoch = token_epoch + 1 WHERE org_id = $1 AND id = $2");
        self.db.write_one(update.bind(org).bind(id)).await
    }

    /// Marks the account as deleted, with its streams: nobody finds them, and address, handle and names are
    /// free. Its sessions and keys end, and nothing says any more which messages in chats were its own.
    pub async fn delete(&self, org: OrgId, id: AccountId, now: i64) -> Result<(), StoreError> {
        let work = self.db.begin().await?;
        let db = work.db();
        let account = sql("UPDATE accounts SET deleted_at = $3, updated_at = $3, version = version + 1, \
             token_epoch = token_epoch + 1 WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL");
        db.write_one(account.bind(org).bind(id).bind(now)).await?;
        for text in [
            "UPDATE streams SET deleted_at = $3, updated_at = $3, version = version + 1 \
             WHERE org_id = $1 AND owner_id = $2 AND deleted_at IS NULL",
            "UPDATE sessions SET revoked_at = $3, revoked_reason = 'account_deleted' \
             WHERE org_id = $1 AND account_id = $2 AND revoked_at IS NULL",
            "UPDATE api_keys SET revoked_at = $3 WHERE org_id = $1 AND account_id = $2 AND revoked_at IS NULL",
        ] {
            db.write(sql(text).bind(org).bind(id).bind(now)).await?;
        }
        for text in [
            "DELETE FROM account_words WHERE org_id = $1 AND account_id = $2",
            "DELETE FROM stream_words WHERE org_id = $1 AND stream_id IN \
             (SELECT id FROM streams WHERE org_id = $1 AND owner_id = $2)",
            "DELETE FROM follows WHERE org_id = $1 AND (account_id = $2 OR owner_id = $2)",
            "DELETE FROM chat_moderators WHERE org_id = $1 AND account_id = $2",
        ] {
            db.write(sql(text).bind(org).bind(id)).await?;
        }
        crate::tables::chat_messages::anonymise(db, org, id).await?;
        work.commit().await
    }

    /// Forgets those that were deleted before `before`, with their streams and all else that is theirs. How
    /// many; at most some hundred at a time, since they hold up who else writes.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        let forget = sql("DELETE FROM accounts WHERE id IN \
             (SELECT id FROM accounts WHERE deleted_at < $1 ORDER BY deleted_at LIMIT 500)");
        self.db.write(forget.bind(before)).await
    }
}
