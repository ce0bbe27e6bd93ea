//! The texts that players begin with: HLS with low latency (draft-pantos-hls-rfc8216bis) and DASH
//! (ISO/IEC 23009-1), written from models that know nothing of files, clocks or requests.
//!
//! Every URI is written with the caller's query behind it (a playback token, for example), so that a player
//! that fetches what it reads brings it along.

mod dash;
mod hls;
mod master;

use std::time::Duration;

use sluice_domain::MediaTime;

pub use dash::{Clock, Manifest, Representation, Run, dash};
pub use hls::{media, skip_until, target_duration};
pub use master::{AudioTrack, Master, Variant, master};

/// A media playlist of one rendition.
#[derive(Debug, Clone, Default)]
pub struct MediaPlaylist {
    /// `EXT-X-TARGETDURATION` in seconds; see [`target_duration`].
    pub target: u32,
    /// `PART-TARGET`; `None` leaves out all that is of low latency.
    pub part_target: Option<Duration>,
    /// Number of the first segment of `segments`.
    pub sequence: u64,
    /// Discontinuities that have left the playlist together with their segments.
    pub discontinuity_sequence: u64,
    /// Whole segments, oldest first.
    pub segments: Vec<Segment>,
    /// The segment in the making, with the parts that are there; its duration is not looked at.
    pub open: Option<Segment>,
    /// URI of the part that comes next.
    pub preload: Option<String>,
    /// How far the other renditions are.
    pub reports: Vec<Report>,
    /// Whether more will come.
    pub state: State,
}

/// Whether a playlist grows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    /// Segments come at the end and leave at the front.
    #[default]
    Live,
    /// It was live and nothing more comes. What was there stays for who is behind.
    Ended,
    /// A recording, complete from its beginning to its end.
    Vod,
}

/// A media segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segment {
    /// Where it is, relative to the playlist.
    pub uri: String,
    /// How long it is seen or heard.
    pub duration: Duration,
    /// URI of its init segment.
    pub map: String,
    /// Its timestamps, codec or size do not follow from the segment before.
    pub discontinuity: bool,
    /// Nothing is there to be fetched.
    pub gap: bool,
    /// When its first frame was captured.
    pub date: Option<MediaTime>,
    /// Its parts as far as they can still be fetched.
    pub parts: Vec<Part>,
}

/// A partial segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Where it is, relative to the playlist.
    pub uri: String,
    /// How long it is seen or heard.
    pub duration: Duration,
    /// It begins with a key frame; true of all audio.
    pub independent: bool,
    /// Nothing is there to be fetched.
    pub gap: bool,
}

/// `EXT-X-RENDITION-REPORT`: how far another rendition is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// URI of its playlist, relative to this one.
    pub uri: String,
    /// Number of its newest segment, the one in the making included.
    pub last_segment: u64,
    /// Index of that segment's newest part; `None` where it has none yet.
    pub last_part: Option<u64>,
}

/// What a player asks to be left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Skip {
    /// Nothing.
    #[default]
    Nothing,
    /// Segments older than [`skip_until`], which it has from the playlist before (`_HLS_skip=YES`).
    Old,
}

/// A URI with the query behind it, `&` where it has one of its own.
pub(crate) fn with_query(uri: &str, query: &str) -> String {
    let mut text = String::new();
    push_uri(&mut text, uri, &escaped(query));
    text
}

/// Appends a URI with a query that has been escaped.
fn push_uri(text: &mut String, uri: &str, query: &str) {
    text.push_str(uri);
    if !query.is_empty() {
        text.push(if uri.contains('?') { '&' } else { '?' });
        text.push_str(query);
    }
}

/// Queries come from strangers, and must not end the quotes or the line that they stand in.
fn escaped(query: &str) -> String {
    let mut text = String::with_capacity(query.len());
    for byte in query.bytes() {
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#' | 0..=32 | 127.. => {
                text.push_str(&format!("%{byte:02X}"));
            }
            _ => text.push(char::from(byte)),
        }
    }
    text
}

#[cfg(test)]
mod tests;
