//! What `live` says to the SFU and hears from it.

use sluice_domain::control::{BroadcastState, MediaIssue};
use sluice_domain::{BroadcastId, Codec, LayerInfo, PeerId};
use thiserror::Error;

/// A peer that was created, and the SDP answer for its client.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The new peer.
    pub peer: PeerId,
    /// SDP answer with every candidate, CRLF line ends.
    pub answer: String,
    /// Tag of the ICE session (unquoted, unique a session and restart); becomes the HTTP ETag.
    pub ice_tag: String,
    /// `a=mid` of the video section, in the order of the m-lines: index of the m-line.
    pub video_index: Option<usize>,
}

/// How a viewer wants to start.
#[derive(Debug, Clone, Default)]
pub struct WatchOptions {
    /// Never more than this layer width in pixels.
    pub max_width: Option<u16>,
}

/// A parsed trickle-ICE fragment (RFC 8840), reduced to what matters: one bundled transport.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IceFragment {
    /// `a=ice-ufrag`, at session or media level.
    pub ufrag: Option<String>,
    /// `a=ice-pwd`, at session or media level.
    pub pwd: Option<String>,
    /// Values of `a=candidate:` lines without the leading `candidate:`; those that cannot be used
    /// (component 2, `.local`, TCP, unparsable) are dropped silently by the engine (W21).
    pub candidates: Vec<String>,
}

/// Answer to an ICE restart.
#[derive(Debug, Clone)]
pub struct RestartAnswer {
    /// New local ufrag.
    pub ufrag: String,
    /// New local password.
    pub pwd: String,
    /// Whether the answer said `a=ice-lite`; the fragment repeats it (W25).
    pub ice_lite: bool,
    /// Values of `a=candidate:` lines without the leading `candidate:`.
    pub candidates: Vec<String>,
    /// The new tag of the ICE session.
    pub ice_tag: String,
}

/// Why an offer, fragment or command was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SfuError {
    /// Not SDP, or SDP that lacks what WebRTC needs.
    #[error("malformed SDP: {0}")]
    MalformedSdp(String),
    /// Wrong direction, more than one audio or video track, not bundled.
    #[error("unsupported tracks: {0}")]
    UnsupportedTracks(String),
    /// No codec in common.
    #[error("no common codec: {0}")]
    NoCommonCodec(String),
    /// The peer has ended.
    #[error("the peer has ended")]
    UnknownPeer,
    /// An ICE restart that cannot be done; the running session goes on.
    #[error("ICE restart refused: {0}")]
    RestartRefused(String),
    /// No layer of that name.
    #[error("no such layer")]
    UnknownLayer,
    /// The node takes no new peers (draining, or its mailboxes are full).
    #[error("the media plane takes no new peers now")]
    Overloaded,
}

/// Why a peer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// The client closed it (DTLS close_notify or RTCP BYE of all tracks).
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

/// What the SFU tells `live`.
#[derive(Debug, Clone)]
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
}
