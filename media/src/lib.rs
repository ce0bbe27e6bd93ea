//! Bytes to frames: what the headers inside an RTP payload say, and frames to files and playlists.
//!
//! ```text
//!   RTP payload ──► frame::inspect(codec, payload) ──► PacketInfo
//!                        │ key frame? size? layer? picture id? B-frame?
//!         ┌──────┬───────┼──────┬──────┬──────┐
//!        h264   h265    vp8    vp9    av1    opus        dd: the header extension that
//!         └──┬───┘                                       tells the same for every codec
//!       ParameterSets ──► aggregation packet for late joiners
//!
//!   TappedPacket ──► jitter::Reorder ──► Depacketiser ──► Frame (+ TrackConfig) or Gap
//!                                                           │
//!                    order::DecodeOrder (B-frames) ◄────────┘
//!                           │
//!                           └──► cmaf (init segment, parts) ──► playlist (HLS, DASH), storyboard
//! ```
//!
//! The crate is pure: no IO, no clock, no threads, no randomness (`clippy.toml` beside it bans
//! them by name). Payloads are written by strangers, so a parser may answer "I do not know" but
//! never panics, never reads past the slice and never allocates on the packet path. On that path only
//! [`h264::ParameterSets`] and [`h265::ParameterSets`] keep something between two packets. What makes
//! files of frames runs off the media workers, and may allocate.

#![warn(clippy::wildcard_enum_match_arm)]

pub mod av1;
mod bits;
pub mod cmaf;
pub mod dd;
pub mod depacketise;
pub mod frame;
pub mod h264;
pub mod h265;
pub mod jitter;
pub mod opus;
pub mod order;
mod parameter_list;
pub mod playlist;
pub mod storyboard;
pub mod tapped;
mod time;
pub mod track;
mod unit;
pub mod vp8;
pub mod vp9;

pub use frame::PacketInfo;

/// Width and height of a picture in pixels, after cropping.
pub type Resolution = (u16, u16);
