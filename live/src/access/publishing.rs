//! Who may publish: the holder of a key of the stream, its owner, and whoever may change all streams.

use sluice_accounts::Identity;
use sluice_accounts::secrets::lookup_hash;
use sluice_domain::{Action, Basis, Grant, Permission, StreamName};
use sluice_store::Stream;

use super::{Access, Credential, Shown, grant, now, refusal, time, within};
use crate::error::LiveError;
use crate::identity::basis;

impl Access {
    /// May this caller publish? Without a stream name the credential says which one is meant.
    pub(crate) async fn publish(
        &self,
        name: Option<&StreamName>,
        credential: Option<&Credential>,
    ) -> Result<Grant, LiveError> {
        let credential = credential.ok_or(LiveError::Unauthorized)?.expose();
        within(async {
            match Shown::of(credential) {
                Shown::Key(key) => self.publish_by_key(name, key).await,
                Shown::Token(_) | Shown::ApiKey(_) => {
                    let identity = self.person(credential).await?;
                    let stream = self.stream_of(&identity, name).await?;
                    self.publish_as(&identity, &stream).await
                }
            }
        })
        .await
    }

    async fn publish_by_key(&self, name: Option<&StreamName>, text: &str) -> Result<Grant, LiveError> {
        let (now, now_ms) = now();
        let key = self.store.stream_keys().by_hash(&lookup_hash(text)).await?;
        // A key of a deleted stream was revoked with it.
        let key = key.filter(|key| key.revoked_at.is_none());
        let named = match name {
            Some(name) => Some(self.stream_named(name).await?),
            None => None,
        };
        let Some(key) = key else {
            return Err(named.as_ref().map_or(LiveError::Forbidden, refusal));
        };
        if let Some(other) = named.as_ref().filter(|named| named.id != key.stream_id) {
            return Err(refusal(other));
        }
        if !key.is_active(now_ms) {
            return Err(LiveError::Expired);
        }
        let stream = match named {
            Some(stream) => stream,
            None => self.store.streams().by_id(key.org_id, key.stream_id).await?,
        };
        let owner = self.standing(stream.org_id, stream.owner_id).await?;
        if !Permission::PublishOwnStreams.is_given_to(Some(owner.role)) {
            return Err(LiveError::Forbidden);
        }
        Ok(Grant {
            max_streams: self.max_streams(),
            expires: key.expires_at.map(time),
            ..grant(&stream, Action::Publish, Basis::Key(key.id), now)
        })
    }

    async fn publish_as(&self, identity: &Identity, stream: &Stream) -> Result<Grant, LiveError> {
        let own = identity.account == stream.owner_id && identity.may(Permission::PublishOwnStreams);
        if !own && !identity.may(Permission::WriteAllStreams) {
            // Whose stream it is knows that it exists, whatever the API key that was shown.
            return Err(match identity.account == stream.owner_id {
                true => LiveError::Forbidden,
                false => refusal(stream),
            });
        }
        self.standing(stream.org_id, stream.owner_id).await?;
        let (now, _) = now();
        Ok(Grant {
            max_streams: self.max_streams(),
            expires: self.expiry(identity).await?,
            ..grant(stream, Action::Publish, basis(identity), now)
        })
    }

    /// The stream that somebody means: the one with the name, or the only one that is theirs.
    async fn stream_of(&self, identity: &Identity, name: Option<&StreamName>) -> Result<Stream, LiveError> {
        let Some(name) = name else {
            let mut own = self.store.streams().of_owner(identity.org, identity.account).await?;
            return if own.len() == 1 { Ok(own.remove(0)) } else { Err(LiveError::UnknownStream) };
        };
        let stream = self.stream_named(name).await?;
        // Other organisations' streams do not exist here.
        if stream.org_id == identity.org { Ok(stream) } else { Err(LiveError::UnknownStream) }
    }

    pub(super) async fn stream_named(&self, name: &StreamName) -> Result<Stream, LiveError> {
        self.store.streams().by_name(name).await?.ok_or(LiveError::UnknownStream)
    }

    /// Whether a publisher's Grant would be given again.
    pub(super) async fn still_publishes(&self, grant: &Grant) -> Result<(), LiveError> {
        let stream = self.store.streams().by_id(grant.org, grant.stream).await?;
        match grant.basis {
            Basis::Key(id) => {
                let key = self.store.stream_keys().by_id(grant.org, id).await?;
                let owner = self.standing(stream.org_id, stream.owner_id).await?;
                let may = Permission::PublishOwnStreams.is_given_to(Some(owner.role));
                if may && key.is_active(now().1) { Ok(()) } else { Err(LiveError::Forbidden) }
            }
            Basis::SignIn { .. } | Basis::ApiKey { .. } => {
                let identity = self.identity_of(grant.org, &grant.basis).await?;
                self.publish_as(&identity, &stream).await.map(drop)
            }
            Basis::Open | Basis::Playback { .. } => Err(LiveError::Forbidden),
        }
    }
}
