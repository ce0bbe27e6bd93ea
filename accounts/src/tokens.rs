//! Signed tokens: who presents one is believed without asking the database.
//!
//! All are EdDSA JWTs under keys that are published as a JWKS. Each kind has an audience of its own, so
//! that one is never taken for another, and only EdDSA is accepted, whatever a token says of itself.

mod keys;

use std::net::IpAddr;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sluice_domain::{AccountId, OrgId, Redacted, Role, SignInId, StreamId};
use thiserror::Error;

pub use keys::{KeyRing, SigningKey};

/// How far clocks of nodes may be apart, in seconds. More would keep a token alive that much longer.
const LEEWAY: i64 = 30;

/// What an access token says (R24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The account.
    pub sub: AccountId,
    /// Its email address.
    pub email: String,
    /// Its roles, as a list: other services read it like that.
    pub groups: Vec<Role>,
    /// Its role.
    pub role: Role,
    /// Its organisation.
    pub organization: OrgId,
    /// How many streams it may publish to at once.
    pub max_concurrent_streams: u32,
    /// When it was made, in seconds.
    pub iat: i64,
    /// When it ends, in seconds.
    pub exp: i64,
    /// Always `access`.
    pub token_use: TokenUse,
    /// What it is for.
    pub aud: Audience,
    /// The sign-in that it belongs to.
    pub sid: SignInId,
    /// The token epoch of the account when it was made; a higher one there makes it invalid.
    pub epoch: i64,
}

/// What a playback token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaybackClaims {
    /// Who watches: an account, or a random id for somebody without one.
    pub sub: String,
    /// The only stream that it opens.
    pub stream: StreamId,
    /// When it was made, in seconds.
    pub iat: i64,
    /// When it ends, in seconds.
    pub exp: i64,
    /// The only address from which it is taken, if it is bound to one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ip: Option<IpAddr>,
    /// What it is for.
    pub aud: Audience,
}

/// What a device token says: this device has signed in to this account before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceClaims {
    /// The account.
    pub sub: AccountId,
    /// The device.
    pub jti: String,
    /// When it was made, in seconds.
    pub iat: i64,
    /// When it ends, in seconds.
    pub exp: i64,
    /// What it is for.
    pub aud: Audience,
}

/// What a token is for. No kind is accepted for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// The API and WHIP.
    Access,
    /// WHEP on one stream.
    Playback,
    /// Telling a known device from a stranger at sign-in.
    Device,
}

/// The word that other services look for in an access token (R24).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenUse {
    /// The only one.
    Access,
}

/// Claims that end.
pub trait Claims: Serialize + DeserializeOwned {
    /// The audience of this kind.
    const AUDIENCE: Audience;
    /// When it was made and when it ends, in seconds.
    fn lifetime(&self) -> (i64, i64);
}

macro_rules! claims {
    ($($name:ident for $audience:ident,)*) => {$(
        impl Claims for $name {
            const AUDIENCE: Audience = Audience::$audience;
            fn lifetime(&self) -> (i64, i64) {
                (self.iat, self.exp)
            }
        }
    )*};
}
claims! { AccessClaims for Access, PlaybackClaims for Playback, DeviceClaims for Device, }

/// Why a token was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Not a token of ours, of another kind, or changed.
    #[error("the token is not one of this server's")]
    Forged,
    /// Signed by a key that is not known (yet).
    #[error("the token was signed by an unknown key")]
    UnknownKey,
    /// It was valid once.
    #[error("the token has expired")]
    Expired,
    /// It comes from the future: a clock is wrong.
    #[error("the token is not valid yet")]
    TooEarly,
}

impl Audience {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Playback => "playback",
            Self::Device => "device",
        }
    }
}

impl KeyRing {
    /// Signs claims with the newest key.
    pub fn sign<C: Claims>(&self, claims: &C) -> Redacted<String> {
        let key = self.signing();
        let header = Header { kid: Some(key.kid().to_owned()), ..Header::new(Algorithm::EdDSA) };
        let token = jsonwebtoken::encode(&header, claims, key.encoding());
        Redacted::new(token.expect("claims of ours are JSON and the key was checked when it was read"))
    }

    /// What a token says, if it is one of ours, of this kind, and valid at this time.
    pub fn verify<C: Claims>(&self, token: &str, now_ms: i64) -> Result<C, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Forged)?;
        if header.alg != Algorithm::EdDSA {
            return Err(TokenError::Forged);
        }
        let kid = header.kid.ok_or(TokenError::Forged)?;
        let key = self.decoding(&kid).ok_or(TokenError::UnknownKey)?;
        let claims = jsonwebtoken::decode::<C>(token, key, &validation(C::AUDIENCE)).map_err(refusal)?.claims;
        let (made, ends) = claims.lifetime();
        let now = now_ms.div_euclid(1000);
        if now >= ends.saturating_add(LEEWAY) {
            return Err(TokenError::Expired);
        }
        if now < made.saturating_sub(LEEWAY) {
            return Err(TokenError::TooEarly);
        }
        Ok(claims)
    }
}

/// Times are compared by [`KeyRing::verify`], since the library would ask the machine's clock.
fn validation(audience: Audience) -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["exp", "aud"]);
    validation.set_audience(&[audience.as_str()]);
    validation
}

fn refusal(error: jsonwebtoken::errors::Error) -> TokenError {
    match error.kind() {
        ErrorKind::ExpiredSignature => TokenError::Expired,
        _ => TokenError::Forged,
    }
}

#[cfg(test)]
mod tests;
