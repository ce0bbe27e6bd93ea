//! Who may watch a recording: whoever may watch its stream, unless its owner keeps it to themselves.

use std::net::IpAddr;

use sluice_domain::{Action, Basis, Grant, MediaTime, Permission, RecordingId, RecordingVisibility};
use sluice_store::{Recording, Stream};

use super::playback::Holder;
use super::{Access, Credential, Shown, grant, now, within};
use crate::error::LiveError;
use crate::identity::{Viewer, basis};
use crate::recordings::rights::downloads;

/// Somebody whom a credential names, and until when it does.
struct Known {
    viewer: Viewer,
    basis: Basis,
    expires: Option<MediaTime>,
}

impl Access {
    /// May this caller watch a recording? Then the recording as it is, and what they may do with it.
    pub(crate) async fn replay(
        &self,
        id: RecordingId,
        credential: Option<&Credential>,
        caller: IpAddr,
    ) -> Result<(Recording, Grant), LiveError> {
        within(async {
            let (recording, stream) = self.recorded(id).await?;
            if recording.visibility != RecordingVisibility::Private {
                let granted = self.watch_stream(&stream, credential, caller).await;
                return Ok((recording, granted.map_err(hidden)?));
            }
            let known = self.known(&stream, credential, caller).await?;
            let own = known.filter(|known| known.viewer.runs(&stream));
            let Some(Known { basis, expires, .. }) = own else { return Err(LiveError::UnknownRecording) };
            let grant = Grant { expires, ..grant(&stream, Action::Watch, basis, now().0) };
            Ok((recording, grant))
        })
        .await
    }

    /// Whether this caller, who may watch a recording, may take it along as a file.
    pub(crate) async fn downloads(
        &self,
        recording: &Recording,
        credential: Option<&Credential>,
        caller: IpAddr,
    ) -> Result<bool, LiveError> {
        within(async {
            let stream = self.store.streams().by_id(recording.org_id, recording.stream_id).await?;
            let known = self.known(&stream, credential, caller).await?;
            Ok(known.is_some_and(|known| downloads(&stream, &known.viewer)))
        })
        .await
    }

    async fn recorded(&self, id: RecordingId) -> Result<(Recording, Stream), LiveError> {
        let recording = self.store.recordings().find(id).await?.ok_or(LiveError::UnknownRecording)?;
        let stream = self.store.streams().by_id(recording.org_id, recording.stream_id).await;
        Ok((recording, stream.map_err(|error| hidden(error.into()))?))
    }

    /// Whom a credential names, if anybody of the stream's organisation who may watch.
    async fn known(
        &self,
        stream: &Stream,
        credential: Option<&Credential>,
        caller: IpAddr,
    ) -> Result<Option<Known>, LiveError> {
        let Some(credential) = credential else { return Ok(None) };
        let found = match Shown::of(credential.expose()) {
            Shown::Key(_) => return Ok(None),
            Shown::Token(token) => match self.accounts.check_playback_token(token, caller).await {
                Ok(claims) => {
                    let holder = Holder::read(&claims.sub).filter(|_| claims.stream == stream.id);
                    let Some(Holder { account, sign_in, gate }) = holder else { return Ok(None) };
                    let viewer = match self.viewer_of(stream.org_id, account, sign_in).await {
                        Ok(viewer) => viewer,
                        Err(LiveError::Unavailable) => return Err(LiveError::Unavailable),
                        Err(_) => None,
                    };
                    let expires = Some(MediaTime(claims.exp.saturating_mul(1_000_000)));
                    let basis = Basis::Playback { account, sign_in, gate };
                    viewer.map(|viewer| Known { viewer, basis, expires })
                }
                Err(_) => self.known_person(token).await?,
            },
            Shown::ApiKey(key) => self.known_person(key).await?,
        };
        Ok(found.filter(|known| known.viewer.org == stream.org_id && known.viewer.may_watch))
    }

    async fn known_person(&self, credential: &str) -> Result<Option<Known>, LiveError> {
        match self.person(credential).await {
            Ok(identity) => {
                let expires = self.expiry(&identity).await?;
                let (viewer, basis) = (Viewer::from(&identity), basis(&identity));
                Ok(Some(Known { viewer, basis, expires }))
            }
            Err(LiveError::Unavailable) => Err(LiveError::Unavailable),
            Err(_) => Ok(None),
        }
    }
}

/// A recording of a stream that somebody may not know of is none.
fn hidden(error: LiveError) -> LiveError {
    if error == LiveError::UnknownStream { LiveError::UnknownRecording } else { error }
}

impl Viewer {
    /// Whether a stream, and with it what its owner keeps to themselves, is theirs to look into.
    pub(crate) fn runs(&self, stream: &Stream) -> bool {
        self.account == stream.owner_id || Permission::ReadAllStreams.is_given_to(Some(self.role))
    }
}
