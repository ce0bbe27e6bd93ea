//! Who may watch: what the access level of a stream asks for, and playback tokens that were given to
//! those who had it.

use std::net::IpAddr;

use sluice_accounts::AccountsError;
use sluice_accounts::tokens::PlaybackClaims;
use sluice_domain::{AccessLevel, Action, Basis, Grant, MediaTime, Permission, Tier};
use sluice_store::Stream;

use super::playback::{Holder, gate};
use super::{Access, Credential, Shown, grant, is_open, now, within};
use crate::error::LiveError;
use crate::identity::{Viewer, basis};

impl Access {
    /// May this caller watch?
    pub(crate) async fn watch(
        &self,
        name: &sluice_domain::StreamName,
        credential: Option<&Credential>,
        caller: IpAddr,
    ) -> Result<Grant, LiveError> {
        within(async {
            let stream = self.stream_named(name).await?;
            self.watch_stream(&stream, credential, caller).await
        })
        .await
    }

    /// May this caller watch this stream?
    pub(super) async fn watch_stream(
        &self,
        stream: &Stream,
        credential: Option<&Credential>,
        caller: IpAddr,
    ) -> Result<Grant, LiveError> {
        let (now, _) = now();
        if is_open(stream.access) {
            // Whoever may watch without a credential may watch with any.
            return Ok(grant(stream, Action::Watch, Basis::Open, now));
        }
        let shown = credential.map(|credential| Shown::of(credential.expose()));
        match shown {
            Some(Shown::Token(token)) => match self.accounts.check_playback_token(token, caller).await {
                Ok(claims) => self.watch_by_token(stream, &claims, now).await,
                Err(AccountsError::TokenExpired) => Err(LiveError::Expired),
                // Not a playback token, or not from here: perhaps the account's own.
                Err(AccountsError::TokenInvalid) => self.watch_as(stream, token, now).await,
                Err(error) => Err(error.into()),
            },
            Some(Shown::ApiKey(key)) => self.watch_as(stream, key, now).await,
            Some(Shown::Key(_)) => Err(super::refusal(stream)),
            None => Err(match self.admits(stream, None).await {
                Err(LiveError::PasswordRequired | LiveError::SignInRequired) => LiveError::Unauthorized,
                Err(refusal) => refusal,
                Ok(()) => LiveError::Unauthorized,
            }),
        }
    }

    async fn watch_as(&self, stream: &Stream, credential: &str, now: MediaTime) -> Result<Grant, LiveError> {
        let hidden = stream.access == AccessLevel::Private;
        let identity = self.person(credential).await.map_err(|error| match error {
            LiveError::Unavailable => error,
            _ if hidden => LiveError::UnknownStream,
            _ => error,
        })?;
        self.admits(stream, Some(Viewer::from(&identity))).await?;
        let expires = self.expiry(&identity).await?;
        Ok(Grant { expires, ..grant(stream, Action::Watch, basis(&identity), now) })
    }

    async fn watch_by_token(
        &self,
        stream: &Stream,
        claims: &PlaybackClaims,
        now: MediaTime,
    ) -> Result<Grant, LiveError> {
        let holder = Holder::read(&claims.sub).filter(|_| claims.stream == stream.id);
        let Holder { account, sign_in, gate } = holder.ok_or_else(|| super::refusal(stream))?;
        let basis = Basis::Playback { account, sign_in, gate };
        self.opens(stream, &basis).await?;
        let expires = Some(MediaTime(claims.exp.saturating_mul(1_000_000)));
        Ok(Grant { expires, ..grant(stream, Action::Watch, basis, now) })
    }

    /// Whether somebody, or nobody in particular, may watch a stream now. What is lacking is the error.
    pub(super) async fn admits(&self, stream: &Stream, viewer: Option<Viewer>) -> Result<(), LiveError> {
        let viewer = viewer.filter(|viewer| viewer.org == stream.org_id);
        if let Some(viewer) = viewer {
            if !viewer.may_watch {
                return Err(super::refusal(stream));
            }
            let sees_all = Permission::ReadAllStreams.is_given_to(Some(viewer.role));
            if viewer.account == stream.owner_id || sees_all {
                return Ok(());
            }
        }
        let has_tier = |tier| {
            let viewer = viewer.ok_or(LiveError::SignInRequired)?;
            if viewer.tier >= tier { Ok(()) } else { Err(LiveError::TierRequired { tier }) }
        };
        match stream.access {
            AccessLevel::Public | AccessLevel::Unlisted => Ok(()),
            AccessLevel::Private => Err(LiveError::UnknownStream),
            AccessLevel::Password => Err(LiveError::PasswordRequired),
            AccessLevel::Followers => {
                let viewer = viewer.ok_or(LiveError::SignInRequired)?;
                let follows = self.store.follows();
                match follows.contains(stream.org_id, viewer.account, stream.owner_id).await? {
                    true => Ok(()),
                    false => Err(LiveError::FollowRequired),
                }
            }
            AccessLevel::Premium => has_tier(Tier::Premium),
            AccessLevel::Vip => has_tier(Tier::Vip),
        }
    }

    /// Whether what a viewer's Grant rests on opens the stream as it is now.
    pub(super) async fn opens(&self, stream: &Stream, basis: &Basis) -> Result<(), LiveError> {
        if is_open(stream.access) {
            return Ok(());
        }
        match basis {
            Basis::Open | Basis::Key(_) => Err(super::refusal(stream)),
            Basis::SignIn { .. } | Basis::ApiKey { .. } => {
                let identity = self.identity_of(stream.org_id, basis).await?;
                self.admits(stream, Some(Viewer::from(&identity))).await
            }
            Basis::Playback { account, sign_in, gate: given } => {
                let viewer = self.viewer_of(stream.org_id, *account, *sign_in).await?;
                match self.admits(stream, viewer).await {
                    // Whoever showed the password that the stream still has need not show it again.
                    Err(LiveError::PasswordRequired) if *given == gate(stream) => Ok(()),
                    other => other,
                }
            }
        }
    }

    /// Whether a viewer's Grant would be given again.
    pub(super) async fn still_watches(&self, grant: &Grant) -> Result<(), LiveError> {
        let stream = self.store.streams().by_id(grant.org, grant.stream).await?;
        self.opens(&stream, &grant.basis).await
    }
}
