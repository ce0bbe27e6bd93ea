//! Who may be in a stream's chat: whoever may watch the stream, whether or not it is live, and may read chats.

use std::net::IpAddr;

use sluice_accounts::{Identity, Via};
use sluice_domain::{Action, Basis, Grant, MediaTime, Permission, StreamName};
use sluice_store::Stream;

use super::playback::Holder;
use super::{Access, Credential, Shown, grant, now, within};
use crate::error::LiveError;
use crate::identity::{Viewer, basis};

impl Access {
    /// May somebody be in the chat of a stream? A playback token opens it as it opens the stream.
    pub(crate) async fn chat(
        &self,
        stream: &Stream,
        identity: Option<&Identity>,
        token: Option<&Credential>,
        caller: IpAddr,
    ) -> Result<Grant, LiveError> {
        within(async {
            let (now, _) = now();
            let viewer = identity.map(reader);
            match (self.admits(stream, viewer).await, token) {
                (Ok(()), _) => {
                    let expires = match identity {
                        Some(identity) => self.expiry(identity).await?,
                        None => None,
                    };
                    let basis = identity.map_or(Basis::Open, basis);
                    Ok(Grant { expires, ..grant(stream, Action::Chat, basis, now) })
                }
                (Err(LiveError::Unavailable), _) => Err(LiveError::Unavailable),
                (Err(refusal), Some(token)) => {
                    let Shown::Token(token) = Shown::of(token.expose()) else { return Err(refusal) };
                    let claims = self.accounts.check_playback_token(token, caller).await;
                    let claims = claims.map_err(|_| refusal)?;
                    let holder = Holder::read(&claims.sub).filter(|_| claims.stream == stream.id);
                    let Holder { account, sign_in, gate } = holder.ok_or_else(|| super::refusal(stream))?;
                    let basis = Basis::Playback { account, sign_in, gate };
                    self.opens(stream, &basis).await?;
                    let expires = Some(MediaTime(claims.exp.saturating_mul(1_000_000)));
                    Ok(Grant { expires, ..grant(stream, Action::Chat, basis, now) })
                }
                (Err(refusal), None) => Err(refusal),
            }
        })
        .await
    }

    /// May the holder of this credential, or nobody in particular, have a connection for the chat alone?
    pub(crate) async fn chat_by(
        &self,
        name: &StreamName,
        credential: Option<&Credential>,
        caller: IpAddr,
    ) -> Result<Grant, LiveError> {
        let stream = self.stream(name).await?;
        let identity = match credential.map(|credential| Shown::of(credential.expose())) {
            // A program that shows a key means it; it is told when the key is none.
            Some(Shown::ApiKey(key)) => Some(within(self.person(key)).await?),
            // A token may be one for watching, or have run out where everybody may come in.
            Some(Shown::Token(token)) => match within(self.person(token)).await {
                Ok(identity) => Some(identity),
                Err(LiveError::Unavailable) => return Err(LiveError::Unavailable),
                Err(_) => None,
            },
            Some(Shown::Key(_)) => return Err(super::refusal(&stream)),
            None => None,
        };
        let identity = identity.filter(|identity| identity.org == stream.org_id);
        self.chat(&stream, identity.as_ref(), credential, caller).await
    }

    /// Who is behind a Grant, if anybody: the account that it was given to, as it is now.
    pub(crate) async fn behind(&self, grant: &Grant) -> Result<Option<Identity>, LiveError> {
        within(async {
            match grant.basis {
                Basis::Open | Basis::Key(_) => Ok(None),
                Basis::SignIn { .. } | Basis::ApiKey { .. } => {
                    self.identity_of(grant.org, &grant.basis).await.map(Some)
                }
                Basis::Playback { account: Some(account), sign_in: Some(sign_in), .. } => {
                    let basis = Basis::SignIn { account, sign_in };
                    self.identity_of(grant.org, &basis).await.map(Some)
                }
                // What opened the stream was no sign-in; it says nothing of who writes.
                Basis::Playback { .. } => Ok(None),
            }
        })
        .await
    }

    /// Whether a member's Grant would be given again.
    pub(super) async fn still_chats(&self, grant: &Grant) -> Result<(), LiveError> {
        let stream = self.store.streams().by_id(grant.org, grant.stream).await?;
        match &grant.basis {
            Basis::SignIn { .. } | Basis::ApiKey { .. } => {
                let identity = self.identity_of(grant.org, &grant.basis).await?;
                self.admits(&stream, Some(reader(&identity))).await
            }
            other => self.opens(&stream, other).await,
        }
    }
}

/// Somebody who wants to read a chat, in the place of one who wants to watch.
fn reader(identity: &Identity) -> Viewer {
    let by_key = matches!(identity.via, Via::ApiKey { .. });
    let may_watch = if by_key { identity.may(Permission::ReadChats) } else { true };
    Viewer { may_watch, ..Viewer::from(identity) }
}
