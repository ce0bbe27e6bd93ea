//! Playback tokens: the right to watch one stream, in the hands of a player that knows nothing else.

use std::net::IpAddr;

use sluice_accounts::Identity;
use sluice_accounts::secrets::lookup_hash;
use sluice_accounts::throttle::Network;
use sluice_domain::{AccountId, Redacted, SignInId};
use sluice_store::Stream;

use super::{Access, within};
use crate::error::LiveError;
use crate::identity::Viewer;

/// Who holds a token, as it stands in its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Holder {
    /// The account; `None` where a password was enough.
    pub(super) account: Option<AccountId>,
    /// The sign-in with which the token was asked for: it ends with that.
    pub(super) sign_in: Option<SignInId>,
    /// Fingerprint of the password that was shown; 0 where none was.
    pub(super) gate: u64,
}

impl Holder {
    /// `account/sign-in/gate`, with `-` for what is not there.
    fn write(&self) -> String {
        let account = self.account.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let sign_in = self.sign_in.map_or_else(|| "-".to_owned(), |id| id.to_string());
        format!("{account}/{sign_in}/{:x}", self.gate)
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        fn part<T: std::str::FromStr>(text: &str) -> Option<Option<T>> {
            if text == "-" { Some(None) } else { text.parse().ok().map(Some) }
        }
        let mut parts = text.split('/');
        let (account, sign_in, gate) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let gate = u64::from_str_radix(gate, 16).ok()?;
        Some(Self { account: part(account)?, sign_in: part(sign_in)?, gate })
    }
}

/// A fingerprint of the password of a stream, which changes with it; 0 where there is none.
pub(super) fn gate(stream: &Stream) -> u64 {
    let Some(hash) = &stream.password_hash else { return 0 };
    u64::from_str_radix(lookup_hash(hash).get(..16).unwrap_or_default(), 16).unwrap_or_default()
}

impl Access {
    /// See [`crate::Live::playback_token`].
    pub(crate) async fn playback_token(
        &self,
        stream: &Stream,
        identity: Option<&Identity>,
        password: Option<&Redacted<String>>,
        caller: IpAddr,
        bound: bool,
    ) -> Result<(Redacted<String>, i64), LiveError> {
        let gate = match self.lets_in(stream, identity).await {
            Ok(()) => 0,
            Err(LiveError::PasswordRequired) => {
                let password = password.ok_or(LiveError::PasswordRequired)?;
                self.check_password(stream, password, caller).await?;
                gate(stream)
            }
            Err(refusal) => return Err(refusal),
        };
        let holder = Holder {
            account: identity.map(|identity| identity.account),
            sign_in: identity.and_then(Identity::session),
            gate,
        };
        Ok(self.accounts.playback_token(&holder.write(), stream.id, bound.then_some(caller)))
    }

    /// See [`crate::Live::admits`].
    pub(crate) async fn lets_in(
        &self,
        stream: &Stream,
        identity: Option<&Identity>,
    ) -> Result<(), LiveError> {
        within(self.admits(stream, identity.map(Viewer::from))).await
    }

    async fn check_password(
        &self,
        stream: &Stream,
        password: &Redacted<String>,
        caller: IpAddr,
    ) -> Result<(), LiveError> {
        // A stream that asks for a password and has none lets nobody in.
        let hash = stream.password_hash.as_deref().ok_or(LiveError::PasswordWrong)?;
        match self.accounts.check_password(password.expose(), hash, Network::from(caller)).await? {
            true => Ok(()),
            false => Err(LiveError::PasswordWrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_holder_reads_back_what_it_wrote_and_nothing_else() {
        let account = Some(AccountId(Uuid::from_u128(1)));
        let sign_in = Some(SignInId(Uuid::from_u128(2)));
        for holder in [
            Holder { account, sign_in, gate: 0 },
            Holder { account, sign_in: None, gate: 7 },
            Holder { account: None, sign_in: None, gate: u64::MAX },
        ] {
            assert_eq!(Holder::read(&holder.write()), Some(holder));
        }
        for bad in ["", "-", "-/-", "-/-/", "-/-/x", "x/-/0", "-/x/0", "-/-/0/0"] {
            assert_eq!(Holder::read(bad), None, "{bad}");
        }
    }
}
