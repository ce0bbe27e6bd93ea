//! Who may watch: what the access level of a stream asks for, and playback tokens that were given to
//! those who had it.

use std::net::IpAddr;

use sluice_accounts::tokens::{PlaybackClaims, TokenError};
use sluice_domain::{AccessLevel, Action, Basis, Grant, MediaTime, Permission, Tier};
use sluice_store::Stream;

use super::{Access, Credential, Shown, gate, grant, is_open, now, within};
use crate::error::LiveError;
use crate::identity::Identity;

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
            let (now, _) = now();
            if is_open(stream.access) {
                // Whoever may watch without a credential may watch with any.
                return Ok(grant(&stream, Action::Watch, Basis::Open, now));
            }
            let shown = credential.map(|credential| Shown::of(credential.expose()));
            match shown {
                Some(Shown::Token(token)) => match self.accounts.verify::<PlaybackClaims>(token) {
                    Ok(claims) => self.watch_by_token(&stream, &claims, caller, now).await,
                    Err(TokenError::Expired) => Err(LiveError::Expired),
                    Err(_) => self.watch_as(&stream, token, now).await,
                },
                Some(Shown::ApiKey(key)) => self.watch_as(&stream, key, now).await,
                Some(Shown::Key(_)) => Err(super::refusal(&stream)),
                None => Err(match self.admits(&stream, None).await {
                    Err(LiveError::PasswordRequired | LiveError::SignInRequired) => LiveError::Unauthorized,
                    Err(refusal) => refusal,
                    Ok(()) => LiveError::Unauthorized,
                }),
            }
        })
        .await
    }

    async fn watch_as(&self, stream: &Stream, credential: &str, now: MediaTime) -> Result<Grant, LiveError> {
        let hidden = stream.access == AccessLevel::Private;
        let identity = self.person(credential).await.map_err(|error| match error {
            LiveError::Unavailable => error,
            _ if hidden => LiveError::UnknownStream,
            _ => error,
        })?;
        self.admits(stream, Some(&identity)).await?;
        let expires = self.expiry(&identity).await?;
        Ok(Grant { expires, ..grant(stream, Action::Watch, identity.basis(), now) })
    }

    async fn watch_by_token(
        &self,
        stream: &Stream,
        claims: &PlaybackClaims,
        caller: IpAddr,
        now: MediaTime,
    ) -> Result<Grant, LiveError> {
        let here = claims.ip.is_none_or(|ip| ip.to_canonical() == caller.to_canonical());
        if claims.stream != stream.id || !here {
            return Err(super::refusal(stream));
        }
        let basis = Basis::Playback { account: claims.account, sign_in: claims.sid, gate: claims.gate };
        self.opens(stream, &basis).await?;
        let expires = Some(MediaTime(claims.exp.saturating_mul(1_000_000)));
        Ok(Grant { expires, ..grant(stream, Action::Watch, basis, now) })
    }

    /// Whether somebody, or nobody in particular, may watch a stream now. What it lacks is the error.
    pub(crate) async fn admits(
        &self,
        stream: &Stream,
        identity: Option<&Identity>,
    ) -> Result<(), LiveError> {
        let identity = identity.filter(|identity| identity.org == stream.org_id);
        if let Some(identity) = identity {
            if !identity.may(Permission::WatchStreams) {
                return Err(super::refusal(stream));
            }
            if identity.account == stream.owner_id || Permission::ReadAllStreams.is_given_to(Some(identity.role))
            {
                return Ok(());
            }
        }
        match stream.access {
            AccessLevel::Public | AccessLevel::Unlisted => Ok(()),
            AccessLevel::Private => Err(LiveError::UnknownStream),
            AccessLevel::Password => Err(LiveError::PasswordRequired),
            AccessLevel::Followers => {
                let identity = identity.ok_or(LiveError::SignInRequired)?;
                let follows = self.store.follows();
                match follows.is_following(stream.org_id, identity.account, stream.owner_id).await? {
                    true => Ok(()),
                    false => Err(LiveError::FollowRequired),
                }
            }
            AccessLevel::Premium => self.has_tier(stream, identity, Tier::Premium).await,
            AccessLevel::Vip => self.has_tier(stream, identity, Tier::Vip).await,
        }
    }

    async fn has_tier(
        &self,
        stream: &Stream,
        identity: Option<&Identity>,
        tier: Tier,
    ) -> Result<(), LiveError> {
        let identity = identity.ok_or(LiveError::SignInRequired)?;
        let account = self.standing(stream.org_id, identity.account).await?.account;
        let paid = account.tier_expires_at.is_none_or(|end| now().1 < end);
        if paid && account.tier >= tier { Ok(()) } else { Err(LiveError::TierRequired { tier }) }
    }

    /// Whether what a viewer's Grant rests on opens the stream as it is now.
    async fn opens(&self, stream: &Stream, basis: &Basis) -> Result<(), LiveError> {
        match basis {
            _ if is_open(stream.access) => Ok(()),
            Basis::Open | Basis::Key(_) => Err(LiveError::Forbidden),
            Basis::Playback { gate: given, .. }
                if stream.access == AccessLevel::Password && *given == gate(stream) =>
            {
                // Whoever had the password is in, but not with an account that is disabled by now.
                match basis.account() {
                    Some(_) => self.identity_of(stream.org_id, basis).await.map(drop),
                    None => Ok(()),
                }
            }
            Basis::Playback { account: None, .. } => Err(super::refusal(stream)),
            Basis::SignIn { .. } | Basis::ApiKey { .. } | Basis::Playback { .. } => {
                let identity = self.identity_of(stream.org_id, basis).await?;
                self.admits(stream, Some(&identity)).await
            }
        }
    }

    /// Whether a viewer's Grant would be given again.
    pub(super) async fn still_watches(&self, grant: &Grant) -> Result<(), LiveError> {
        let stream = self.store.streams().by_id(grant.org, grant.stream).await?;
        self.opens(&stream, &grant.basis).await
    }
}
