//! Why the media plane refuses something.

use thiserror::Error;

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
    /// The broadcast has ended, or never was.
    #[error("no such broadcast")]
    UnknownBroadcast,
    /// No layer of that name.
    #[error("no such layer")]
    UnknownLayer,
    /// The node takes no new peers (draining, or its mailboxes are full).
    #[error("the media plane takes no new peers now")]
    Overloaded,
}
