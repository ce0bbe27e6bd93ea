//! What others ask `live` before they do anything: who is this, and may they?

use std::net::IpAddr;

use sluice_accounts::Identity;
use sluice_domain::{BroadcastId, Grant, OrgId, PeerId, Permission, Redacted, StreamId, StreamName};
use sluice_store::Stream;

use crate::access::{Credential, is_open};
use crate::error::LiveError;
use crate::live::{Live, clock};
use crate::news::{Interest, Topic};
use crate::state::State;

impl Live {
    /// May the holder of this credential publish? Without a stream the credential says which one is
    /// meant.
    ///
    /// # Errors
    /// When it may not, or the database is away.
    pub async fn may_publish(
        &self,
        stream: Option<&StreamName>,
        credential: Option<&Credential>,
    ) -> Result<Grant, LiveError> {
        self.access().publish(stream, credential).await
    }

    /// May the holder of this credential watch?
    ///
    /// A stream that is live and open to everybody is watched without the database too: the watchdog
    /// has read its record a few seconds before the database went away, and nobody can change it
    /// meanwhile.
    ///
    /// # Errors
    /// When it may not, or the database is away.
    pub async fn may_watch(
        &self,
        stream: &StreamName,
        credential: Option<&Credential>,
        caller: IpAddr,
    ) -> Result<Grant, LiveError> {
        match self.access().watch(stream, credential, caller).await {
            Err(LiveError::Unavailable) => self.state().open_grant(stream).ok_or(LiveError::Unavailable),
            other => other,
        }
    }

    /// May the holder of this credential, or nobody in particular, have a connection for a stream's chat alone?
    ///
    /// # Errors
    /// When it may not, or the database is away.
    pub async fn may_chat(
        &self,
        stream: &StreamName,
        credential: Option<&Credential>,
        caller: IpAddr,
    ) -> Result<Grant, LiveError> {
        self.access().chat_by(stream, credential, caller).await
    }

    /// What the session of a peer rests on.
    pub(crate) fn grant_of(&self, peer: PeerId) -> Option<Grant> {
        self.state().session_of(peer).map(|session| session.grant.clone())
    }

    /// The broadcast of a stream that is live.
    pub(crate) fn broadcast_of(&self, stream: StreamId) -> Option<BroadcastId> {
        let state = self.state();
        let broadcast = state.broadcasts.get(&stream).filter(|broadcast| broadcast.accepted)?;
        let live = broadcast.status.borrow().live_since.is_some();
        live.then_some(broadcast.id)
    }

    /// Whether there is a stream of this name that a caller without a credential may know of.
    ///
    /// # Errors
    /// When there is none, or the database is away.
    pub async fn find_stream(&self, name: &StreamName) -> Result<(), LiveError> {
        match self.access().stream(name).await {
            Ok(stream) if stream.access == sluice_domain::AccessLevel::Private => {
                Err(LiveError::UnknownStream)
            }
            Ok(_) => Ok(()),
            Err(LiveError::Unavailable) if self.state().open_grant(name).is_some() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Who shows this access token or API key.
    ///
    /// # Errors
    /// When nobody does, or the database is away.
    pub async fn identify(&self, credential: &Credential) -> Result<Identity, LiveError> {
        self.access().identify(credential).await
    }

    /// Whether somebody who was identified a while ago still is who they were.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn still_holds(&self, identity: &Identity) -> Result<bool, LiveError> {
        self.access().is_still(identity).await
    }

    /// A token that opens one stream to whoever holds it, and the seconds for which it does. Bound to
    /// the caller's address where `bound` says so.
    ///
    /// # Errors
    /// What the stream's access level asks for and the caller lacks.
    pub async fn playback_token(
        &self,
        stream: &Stream,
        identity: Option<&Identity>,
        password: Option<&Redacted<String>>,
        caller: IpAddr,
        bound: bool,
    ) -> Result<(Redacted<String>, i64), LiveError> {
        self.access().playback_token(stream, identity, password, caller, bound).await
    }

    /// Whether somebody, or nobody in particular, may watch a stream now without showing anything more.
    ///
    /// # Errors
    /// What the stream's access level asks for and they lack.
    pub async fn admits(&self, stream: &Stream, identity: Option<&Identity>) -> Result<(), LiveError> {
        self.access().lets_in(stream, identity).await
    }

    /// Whether somebody, or nobody in particular, may hear of something; then the topic of theirs.
    ///
    /// # Errors
    /// When they may not, or the database is away.
    pub async fn may_listen(
        &self,
        identity: Option<&Identity>,
        interest: Interest,
    ) -> Result<Topic, LiveError> {
        match interest {
            Interest::Me => {
                identity.map(|identity| Topic::Me(identity.account)).ok_or(LiveError::Unauthorized)
            }
            Interest::Streams => Ok(Topic::Streams(self.access().org(identity).await?)),
            Interest::Stream(id) => {
                let stream = self.stream_for(identity, id).await?;
                match self.access().lets_in(&stream, identity).await {
                    // Those who lack something may see the page that says what.
                    Err(LiveError::UnknownStream) => Err(LiveError::UnknownStream),
                    Err(LiveError::Unavailable) => Err(LiveError::Unavailable),
                    _ => Ok(Topic::Stream(id)),
                }
            }
            Interest::Studio(id) => {
                let identity = identity.ok_or(LiveError::UnknownStream)?;
                let stream = self.stream_for(Some(identity), id).await?;
                let own = stream.owner_id == identity.account && identity.may(Permission::ReadOwnStreams);
                match own || identity.may(Permission::ReadAllStreams) {
                    true => Ok(Topic::Studio(id)),
                    false => Err(LiveError::UnknownStream),
                }
            }
        }
    }

    async fn stream_for(&self, identity: Option<&Identity>, id: StreamId) -> Result<Stream, LiveError> {
        let org: OrgId = self.access().org(identity).await?;
        self.access().stream_by_id(org, id).await
    }
}

impl State {
    /// The Grant of somebody who watches a live stream that is open to everybody.
    fn open_grant(&self, name: &StreamName) -> Option<Grant> {
        let broadcasts = self.broadcasts.values().filter(|broadcast| broadcast.accepted);
        let holder = broadcasts.map(|broadcast| &broadcast.holder).find(|holder| holder.name == *name)?;
        is_open(holder.access).then(|| Grant {
            action: sluice_domain::Action::Watch,
            basis: sluice_domain::Basis::Open,
            issued: clock(),
            expires: None,
            ..holder.clone()
        })
    }
}
