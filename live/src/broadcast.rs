//! One live run of a stream, as `live` knows it.

use std::time::Instant;

use sluice_domain::control::{BroadcastState, MediaIssue};
use sluice_domain::{BroadcastId, Codec, Grant, LayerInfo, MediaTime, SessionId};
use tokio::sync::watch;

use crate::tally::Tally;

/// What everybody may know about a broadcast. Readers see the newest value; what they missed in
/// between is of no use to them.
#[derive(Debug, Clone, PartialEq)]
pub struct BroadcastStatus {
    /// Whether the publisher is there.
    pub state: BroadcastState,
    /// First media.
    pub live_since: Option<MediaTime>,
    /// Connected viewers.
    pub viewers: u32,
    /// Best first.
    pub layers: Vec<LayerInfo>,
    /// Of the video track.
    pub codec: Option<Codec>,
    /// What is wrong with the publisher's media.
    pub issues: Vec<MediaIssue>,
}

/// Why a broadcast ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// Its publisher said that it will not return.
    Publisher,
    /// Its publisher was gone for longer than the gap.
    PublisherLost,
    /// Somebody who may ended it from outside.
    Ended,
    /// What its publisher's Grant rested on was revoked.
    Revoked,
    /// Its publisher's Grant ran out.
    Expired,
    /// The node shut down.
    Shutdown,
    /// The media plane ended it.
    MediaPlane,
}

impl EndReason {
    /// The word that is written down.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Publisher => "publisher",
            Self::PublisherLost => "publisher_lost",
            Self::Ended => "ended",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Shutdown => "shutdown",
            Self::MediaPlane => "media_plane",
        }
    }
}

/// A broadcast between its first accepted offer and its end.
#[derive(Debug)]
pub(crate) struct Broadcast {
    pub(crate) id: BroadcastId,
    /// Who may take it over.
    pub(crate) holder: Grant,
    /// Publish requests that the media plane has not answered yet. Keeps the broadcast.
    pub(crate) claims: usize,
    /// Whether an offer was ever accepted. Until then nobody sees the broadcast.
    pub(crate) accepted: bool,
    /// Publishing sessions: usually one, two while a take-over closes the older one.
    pub(crate) publishers: Vec<SessionId>,
    /// When the broadcast ends, unless its publisher returns before.
    pub(crate) gap_until: Option<Instant>,
    pub(crate) status: watch::Sender<BroadcastStatus>,
    /// What will be written down about it.
    pub(crate) tally: Tally,
    /// Whether a key's encoder is connected, as subscribers were told.
    pub(crate) told_connected: bool,
    /// The numbers that subscribers were told last.
    pub(crate) told: Option<(BroadcastState, u32, u32, Vec<MediaIssue>)>,
}

impl Broadcast {
    pub(crate) fn new(id: BroadcastId, holder: Grant, now: MediaTime) -> Self {
        let status = BroadcastStatus {
            state: BroadcastState::Starting,
            live_since: None,
            viewers: 0,
            layers: Vec::new(),
            codec: None,
            issues: Vec::new(),
        };
        Self {
            id,
            holder,
            claims: 0,
            accepted: false,
            publishers: Vec::new(),
            gap_until: None,
            status: watch::Sender::new(status),
            tally: Tally::new(now),
            told_connected: false,
            told: None,
        }
    }

    pub(crate) fn state(&self) -> BroadcastState {
        self.status.borrow().state
    }

    pub(crate) fn set_state(&self, state: BroadcastState, now: MediaTime) {
        self.status.send_if_modified(|status| {
            let changed = status.state != state;
            status.state = state;
            match state {
                BroadcastState::Live => status.live_since = status.live_since.or(Some(now)),
                BroadcastState::Gap | BroadcastState::Ended => {
                    status.issues.clear();
                    status.layers.iter_mut().for_each(|layer| {
                        layer.active = false;
                        layer.bitrate = 0;
                        layer.fps = 0.0;
                    });
                }
                BroadcastState::Starting => {}
            }
            changed
        });
    }
}
