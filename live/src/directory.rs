//! What is live now.

use sluice_domain::control::{BroadcastState, MediaIssue};
use sluice_domain::{Codec, LayerInfo, MediaTime, StreamName};

use crate::access::CatalogStream;
use crate::broadcast::BroadcastStatus;
use crate::state::State;

/// A stream as the directory shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamStatus {
    /// The name in URLs.
    pub name: StreamName,
    /// The title that people see.
    pub title: String,
    /// `None` while the stream is offline.
    pub state: Option<BroadcastState>,
    /// First media of the running broadcast.
    pub live_since: Option<MediaTime>,
    /// Connected viewers.
    pub viewers: u32,
    /// Of the video track.
    pub codec: Option<Codec>,
    /// Best first.
    pub layers: Vec<LayerInfo>,
    /// What is wrong with the publisher's media.
    pub issues: Vec<MediaIssue>,
}

impl State {
    /// Every stream with a broadcast, by name.
    pub(crate) fn directory(&self) -> Vec<StreamStatus> {
        let all = self.catalog.streams().map(|stream| self.status_of(stream));
        let mut live: Vec<StreamStatus> = all.filter(|status| status.state.is_some()).collect();
        live.sort_by(|a, b| a.name.cmp(&b.name));
        live
    }

    /// One stream, live or not.
    pub(crate) fn stream_status(&self, name: &StreamName) -> Option<StreamStatus> {
        self.catalog.stream(name).map(|stream| self.status_of(stream))
    }

    fn status_of(&self, stream: &CatalogStream) -> StreamStatus {
        let broadcast = self.broadcasts.get(&stream.name).filter(|broadcast| broadcast.accepted);
        let status: Option<BroadcastStatus> = broadcast.map(|broadcast| broadcast.status.borrow().clone());
        let mut shown = StreamStatus {
            name: stream.name.clone(),
            title: stream.title.clone(),
            state: None,
            live_since: None,
            viewers: 0,
            codec: None,
            layers: Vec::new(),
            issues: Vec::new(),
        };
        if let Some(status) = status {
            shown.state = Some(status.state);
            shown.live_since = status.live_since;
            shown.viewers = status.viewers;
            shown.codec = status.codec;
            shown.layers = status.layers;
            shown.issues = status.issues;
        }
        shown
    }
}
