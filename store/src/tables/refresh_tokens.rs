//! Refresh tokens: each is used once, for the next one.

use sluice_domain::{OrgId, SignInId, TokenId};

use crate::error::StoreError;
use crate::statement::{record, select, sql};
use crate::tables::sessions::Session;
use crate::tables::table;

record! {
    /// What keeps a sign-in alive.
    pub struct RefreshToken in "refresh_tokens" {
        /// Its id.
        pub id: TokenId,
        /// The organisation.
        pub org_id: OrgId,
        /// The sign-in.
        pub session_id: SignInId,
        /// SHA-256 of the token, hexadecimal.
        pub hash: String,
        /// When it was given out.
        pub created_at: i64,
        /// Until when it can be used.
        pub expires_at: i64,
        /// When it was used.
        pub used_at: Option<i64>,
    }
}

/// What became of an attempt to use a refresh token.
#[derive(Debug, Clone, PartialEq)]
pub enum Refreshed {
    /// It was used now, and the next one is in its place.
    Rotated,
    /// It had been used at this time.
    UsedAt(i64),
}

table! {
    /// The refresh tokens.
    pub struct RefreshTokens;
}

impl RefreshTokens<'_> {
    /// Adds the first one of a sign-in.
    pub async fn create(&self, token: &RefreshToken) -> Result<(), StoreError> {
        self.db.insert(token).await
    }

    /// The token with this hash and its sign-in. A hash of 256 random bits is unique on the whole server, and
    /// whoever knows it has not said to which organisation it belongs: the token says it.
    pub async fn by_hash(&self, hash: &str) -> Result<Option<(RefreshToken, Session)>, StoreError> {
        let found = select::<RefreshToken>("WHERE hash = $1").bind(hash);
        let Some(token) = self.db.first::<RefreshToken>(found).await? else { return Ok(None) };
        let session = select::<Session>("WHERE org_id = $1 AND id = $2");
        let session = self.db.first(session.bind(token.org_id).bind(token.session_id)).await?;
        Ok(session.map(|session| (token, session)))
    }

    /// Uses a token and puts the next one in its place; notes that the sign-in was used. Of two who try at
    /// once one rotates and the other is told when.
    pub async fn rotate(
        &self,
        org: OrgId,
        id: TokenId,
        next: &RefreshToken,
        now: i64,
    ) -> Result<Refreshed, StoreError> {
        let work = self.db.begin().await?;
        let db = work.db();
        let used =
            sql("UPDATE refresh_tokens SET used_at = $3 WHERE org_id = $1 AND id = $2 AND used_at IS NULL");
        if db.write(used.bind(org).bind(id).bind(now)).await? == 0 {
            let before = sql("SELECT used_at FROM refresh_tokens WHERE org_id = $1 AND id = $2");
            let before = db.first::<(Option<i64>,)>(before.bind(org).bind(id)).await?;
            let (used_at,) = before.ok_or(StoreError::NotFound)?;
            return Ok(Refreshed::UsedAt(used_at.unwrap_or(now)));
        }
        db.insert(next).await?;
        let seen =
            sql("UPDATE sessions SET last_seen_at = $3 WHERE org_id = $1 AND id = $2 AND revoked_at IS NULL");
        db.write_one(seen.bind(org).bind(next.session_id).bind(now)).await?;
        work.commit().await?;
        Ok(Refreshed::Rotated)
    }

    /// Forgets those that could not be used after `before`. How many.
    pub async fn prune(&self, before: i64) -> Result<u64, StoreError> {
        self.db.write(sql("DELETE FROM refresh_tokens WHERE expires_at < $1").bind(before)).await
    }
}
