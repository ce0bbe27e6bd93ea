//! Layers of a video track, as shown to people and selected by viewers.

use serde::{Deserialize, Serialize};

/// One quality of a video track (a simulcast RID), best first wherever a list is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LayerInfo {
    /// RTP stream id of RFC 8851; absent where the publisher sends one layer without RID.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rid: Option<String>,
    /// Picture width in pixels, once a key frame told it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub width: Option<u16>,
    /// Picture height in pixels, once a key frame told it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub height: Option<u16>,
    /// Measured bits per second over the last second; 0 while nothing arrives.
    pub bitrate: u32,
    /// Measured pictures per second.
    pub fps: f32,
    /// Whether the publisher sends it now.
    pub active: bool,
}

/// Which layer a viewer wants. All absent means automatic (WHEP layer extension, X10).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LayerSelection {
    /// Pins this RID while the publisher sends it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rid: Option<String>,
    /// No layer wider than this, in pixels.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_width: Option<u16>,
    /// No layer higher than this, in pixels.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_height: Option<u16>,
}
