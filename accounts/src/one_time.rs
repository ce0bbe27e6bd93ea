//! One-time tokens: the secrets in links, and what stands between password and second factor.

use serde_json::Value;
use sluice_domain::{AccountId, OrgId, Redacted, TokenId};
use sluice_store::OneTimeToken;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::secrets::{NewSecret, lookup_hash};

/// What a one-time token is for; none is taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    VerifyEmail,
    ChangeEmail,
    ResetPassword,
    Invite,
    Mfa,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ChangeEmail => "change_email",
            Self::ResetPassword => "reset_password",
            Self::Invite => "invite",
            Self::Mfa => "mfa",
        }
    }
}

impl Accounts {
    /// Makes a token.
    pub(crate) async fn new_one_time(
        &self,
        org: OrgId,
        account: Option<AccountId>,
        kind: Kind,
        payload: Value,
        valid_ms: i64,
    ) -> Result<Redacted<String>, AccountsError> {
        let now = self.now();
        let secret = NewSecret::token();
        let token = OneTimeToken {
            id: TokenId(self.clock().uuid()),
            org_id: org,
            account_id: account,
            kind: kind.as_str().to_owned(),
            hash: secret.hash,
            payload_json: payload,
            created_at: now,
            expires_at: now + valid_ms,
            used_at: None,
        };
        self.store().one_time_tokens().create(&token).await?;
        Ok(secret.text)
    }

    /// A token that can be used, or why it cannot.
    pub(crate) async fn find_one_time(&self, kind: Kind, text: &str) -> Result<OneTimeToken, AccountsError> {
        let found = self.store().one_time_tokens().by_hash(kind.as_str(), &lookup_hash(text)).await?;
        let token = found.ok_or(AccountsError::TokenInvalid)?;
        if token.used_at.is_some() {
            return Err(AccountsError::TokenUsed);
        }
        if self.now() >= token.expires_at {
            return Err(AccountsError::TokenExpired);
        }
        Ok(token)
    }

    /// Uses a token. Of two who do at once one is told that it was used.
    pub(crate) async fn use_one_time(&self, token: &OneTimeToken) -> Result<(), AccountsError> {
        let mine = self.store().one_time_tokens().consume(token.org_id, token.id, self.now()).await?;
        if mine { Ok(()) } else { Err(AccountsError::TokenUsed) }
    }
}
