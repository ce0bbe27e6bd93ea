//! Messages of the data channel `sluice-control`, which only our own clients open.
//!
//! JSON text, one message a datagram, tagged by `type`. Unknown types are ignored by both ends,
//! so that either may be newer. Generic WHIP and WHEP clients have no such channel and lose
//! nothing but what these messages carry.

use serde::{Deserialize, Serialize};

use crate::codec::Codec;
use crate::layer::LayerInfo;
use crate::time::MediaTime;

/// Label of the channel.
pub const CONTROL_LABEL: &str = "sluice-control";

/// Longest control message that the server reads, in bytes. Longer ones are counted and dropped.
pub const MAX_CONTROL_BYTES: usize = 4096;

/// From a publisher's or viewer's page to the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ControlRequest {
    /// Clock probe: answered at once by [`ControlEvent::Pong`]. The page keeps the probe with the
    /// smallest round trip: offset = server_time - (sent + received) / 2.
    Ping {
        /// Echoed; tells probes apart.
        id: u32,
        /// The page's own clock in milliseconds, echoed untouched.
        sent: f64,
    },
    /// What the player can show. Caps the automatic layer choice.
    Viewport {
        /// Element width in device pixels.
        width: u16,
        /// Element height in device pixels.
        height: u16,
        /// False while the tab is hidden: only the lowest layer is sent.
        visible: bool,
    },
    /// Pins a layer, or returns to automatic choice where `rid` is absent.
    Select {
        /// RID to pin.
        #[serde(default)]
        rid: Option<String>,
    },
}

/// From the server to a publisher's or viewer's page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ControlEvent {
    /// Answer to [`ControlRequest::Ping`].
    Pong {
        /// Of the request.
        id: u32,
        /// Of the request.
        sent: f64,
        /// Server clock when the probe was read.
        server_time: MediaTime,
    },
    /// Ties the RTP timestamps that this viewer receives to the clock of the server: the picture
    /// with timestamp `rtp` was captured at `captured`. Sent to viewers once a second and after
    /// each layer switch. From `requestVideoFrameCallback`'s `rtpTimestamp` follows the capture
    /// time of any picture, and with the clock offset its glass-to-glass latency.
    MediaClock {
        /// Outgoing RTP timestamp of the video track.
        rtp: u32,
        /// Capture time on the server's clock.
        captured: MediaTime,
        /// True while the mapping rests on arrival time, before the first sender report.
        estimated: bool,
    },
    /// Layers of the broadcast (best first) and the one that this viewer gets. Sent on change,
    /// at most twice a second; publishers get it too, without `current`.
    Layers {
        /// Best first.
        layers: Vec<LayerInfo>,
        /// RID now forwarded to this viewer.
        current: Option<String>,
        /// RID that this viewer pinned.
        pinned: Option<String>,
        /// Codec of the video track.
        codec: Option<Codec>,
        /// Estimate of this viewer's downlink in bits per second, if any.
        estimate: Option<u32>,
    },
    /// Whether the publisher is there. After `gap` comes `live` again, or `ended`.
    State {
        /// The state.
        state: BroadcastState,
    },
    /// How many viewers the broadcast has on this node.
    Audience {
        /// Connected viewers.
        viewers: u32,
    },
    /// What is wrong with the publisher's media; replaces the list sent before. To publishers only.
    Issues {
        /// Empty when all is well.
        issues: Vec<MediaIssue>,
    },
    /// How the server sees the publisher's uplink; once a second, to publishers only.
    Uplink {
        /// Received bits per second, all tracks.
        bitrate: u32,
        /// Share of packets lost before repair in the last second, 0 to 1.
        loss: f32,
        /// Key frames that were asked for in the last second.
        key_frame_requests: u32,
    },
    /// Make a new session, at `url` where given, and then end this one.
    Reconnect {
        /// Why.
        reason: ReconnectReason,
        /// Absolute URL of another endpoint.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
    },
}

/// Whether a broadcast's publisher is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum BroadcastState {
    /// Accepted, no media yet.
    Starting,
    /// Media flows.
    Live,
    /// The publisher is gone; the broadcast waits for its return.
    Gap,
    /// Over.
    Ended,
}

/// Why a client should make a new session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ReconnectReason {
    /// The node shuts down.
    Draining,
    /// The publisher returned with a codec that this session did not negotiate.
    CodecChanged,
}

/// Something wrong with a publisher's media, with a fix that a person can apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MediaIssue {
    /// H.264 or H.265 with B-frames: WebRTC players stutter. Set B-frames to 0.
    BFrames,
    /// Key-frame requests are not answered and key frames are far apart. Set the interval to 1-2 s.
    KeyFramesRare,
    /// A layer that was negotiated is not sent (usually the encoder or uplink is at its limit).
    LayerMissing,
    /// Many packets are lost on the way to the server.
    LossHigh,
}
