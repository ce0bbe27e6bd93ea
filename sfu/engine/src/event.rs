//! What the engine tells the world.

use sluice_domain::control::{BroadcastState, MediaIssue};
use sluice_domain::{BroadcastId, Codec, LayerInfo, PeerId, StreamId};

use crate::chat::{ChatInput, MemberId};

/// Why a peer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The client closed it (DTLS close_notify).
    Remote,
    /// The server closed it on command (DELETE, revoked, drained, taken over).
    Local,
    /// It never completed ICE and DTLS within the configured time.
    NeverConnected,
    /// Nothing arrived from it within the configured time.
    TimedOut,
    /// DTLS or SRTP failed.
    Failed,
}

impl CloseReason {
    /// The reason as a metric label.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Remote => "remote",
            Self::Local => "local",
            Self::NeverConnected => "never_connected",
            Self::TimedOut => "timed_out",
            Self::Failed => "failed",
        }
    }
}

/// What the media plane tells `live`.
#[derive(Debug, Clone, PartialEq)]
pub enum SfuEvent {
    /// ICE and DTLS are up.
    PeerConnected {
        /// Which.
        peer: PeerId,
    },
    /// The peer is gone; its id is never used again.
    PeerClosed {
        /// Which.
        peer: PeerId,
        /// Why.
        reason: CloseReason,
    },
    /// A broadcast went from one state to another.
    BroadcastState {
        /// Which.
        broadcast: BroadcastId,
        /// The new state. `Gap` when the publisher peer is gone; `Live` on its first media.
        state: BroadcastState,
    },
    /// The layers of a broadcast changed (at most twice a second).
    Layers {
        /// Which.
        broadcast: BroadcastId,
        /// Best first.
        layers: Vec<LayerInfo>,
        /// Of the video track.
        codec: Option<Codec>,
    },
    /// The number of connected viewers changed (at most once a second).
    Audience {
        /// Which.
        broadcast: BroadcastId,
        /// Connected viewers.
        viewers: u32,
    },
    /// What is wrong with the publisher's media changed.
    Issues {
        /// Which.
        broadcast: BroadcastId,
        /// Replaces the list sent before.
        issues: Vec<MediaIssue>,
    },
    /// The publisher sends a codec that this viewer did not negotiate: it must make a new session.
    CodecChanged {
        /// The viewer.
        peer: PeerId,
    },
    /// A member of a chat did something.
    Chat {
        /// Who.
        member: MemberId,
        /// Of which chat.
        chat: StreamId,
        /// What.
        event: ChatInput,
    },
}
