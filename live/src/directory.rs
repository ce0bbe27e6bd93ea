//! What is live now on this node. The database knows the streams; this knows their state.

use sluice_domain::control::{BroadcastState, MediaIssue};
use sluice_domain::{BroadcastId, Codec, LayerInfo, MediaTime, OrgId, StreamId, StreamKeyId, StreamName};

use crate::broadcast::{Broadcast, BroadcastStatus};
use crate::state::State;
use crate::telling;

/// A stream that has a broadcast.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamStatus {
    /// Whose it is.
    pub org: OrgId,
    /// Which.
    pub stream: StreamId,
    /// The name in URLs when the broadcast started.
    pub name: StreamName,
    /// The broadcast.
    pub broadcast: BroadcastId,
    /// The newest that is known of it.
    pub state: BroadcastState,
    /// First media of the broadcast.
    pub live_since: Option<MediaTime>,
    /// Connected viewers.
    pub viewers: u32,
    /// Of the video track.
    pub codec: Option<Codec>,
    /// Best first.
    pub layers: Vec<LayerInfo>,
    /// What is wrong with the publisher's media.
    pub issues: Vec<MediaIssue>,
    /// The key with which an encoder is connected now.
    pub connected_key: Option<StreamKeyId>,
}

impl State {
    /// Every stream with a broadcast, by name.
    pub(crate) fn directory(&self) -> Vec<StreamStatus> {
        let accepted = self.broadcasts.values().filter(|broadcast| broadcast.accepted);
        let mut live: Vec<StreamStatus> = accepted.map(status_of).collect();
        live.sort_by(|a, b| a.name.cmp(&b.name));
        live
    }

    /// One stream; `None` while it is offline.
    pub(crate) fn stream_status(&self, stream: StreamId) -> Option<StreamStatus> {
        self.broadcasts.get(&stream).filter(|broadcast| broadcast.accepted).map(status_of)
    }
}

fn status_of(broadcast: &Broadcast) -> StreamStatus {
    let status: BroadcastStatus = broadcast.status.borrow().clone();
    let connected = broadcast.told_connected.then(|| telling::key(&broadcast.holder)).flatten();
    StreamStatus {
        org: broadcast.holder.org,
        stream: broadcast.holder.stream,
        name: broadcast.holder.name.clone(),
        broadcast: broadcast.id,
        state: status.state,
        live_since: status.live_since,
        viewers: status.viewers,
        codec: status.codec,
        layers: status.layers,
        issues: status.issues,
        connected_key: connected,
    }
}
