//! Media playlists of HLS.

use std::fmt::Write as _;
use std::time::Duration;

use crate::playlist::{MediaPlaylist, Part, Segment, Skip, State, escaped, push_uri};
use crate::time::iso8601;

/// The smallest whole number of seconds that no segment exceeds after rounding.
pub fn target_duration(segments: impl IntoIterator<Item = Duration>) -> u32 {
    let seconds =
        segments.into_iter().map(|duration| (duration.as_secs_f64() + 0.5).floor()).fold(1.0, f64::max);
    // Casts of floats saturate, and 136 years are enough.
    seconds as u32
}

/// How far from its end a playlist has to be repeated to a player that has the one before.
pub const fn skip_until(target: u32) -> Duration {
    // Six target durations are the least that the draft allows (4.4.3.8).
    Duration::from_secs(6 * target as u64)
}

/// Writes a media playlist, every URI with `query` behind it.
pub fn media(playlist: &MediaPlaylist, skip: Skip, query: &str) -> String {
    let mut writer = Writer { text: String::with_capacity(4_096), query: escaped(query), map: None };
    let skipped = match skip {
        Skip::Old if playlist.state == State::Live && playlist.part_target.is_some() => skippable(playlist),
        Skip::Old | Skip::Nothing => 0,
    };
    let with_parts = first_with_parts(playlist);
    writer.head(playlist, part_target(playlist, with_parts));
    if skipped > 0 {
        writer.line(format_args!("#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}"));
    }
    for (index, segment) in playlist.segments.iter().enumerate().skip(skipped) {
        writer.segment(segment, index >= with_parts);
        writer.line(format_args!("#EXTINF:{},", seconds(segment.duration)));
        writer.uri(&segment.uri);
        writer.text.push('\n');
    }
    if let Some(open) = playlist.open.as_ref().filter(|_| playlist.part_target.is_some()) {
        // The tags in front of an open segment belong to its parts, so without parts there is nothing to say.
        if !open.parts.is_empty() {
            writer.segment(open, true);
        }
    }
    writer.tail(playlist);
    writer.text
}

struct Writer<'a> {
    text: String,
    /// Behind every URI, escaped.
    query: String,
    /// Init segment that applies to what is written next.
    map: Option<&'a str>,
}

impl<'a> Writer<'a> {
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.text, "{line}");
    }

    fn uri(&mut self, uri: &str) {
        push_uri(&mut self.text, uri, &self.query);
    }

    /// `URI="..."`
    fn quoted_uri(&mut self, uri: &str) {
        self.text.push_str("URI=\"");
        self.uri(uri);
        self.text.push('"');
    }

    /// `part_target` is there where parts are told.
    fn head(&mut self, playlist: &MediaPlaylist, part_target: Option<Duration>) {
        // 9 for EXT-X-SKIP (section 8 of the draft), and for the same playlist without it, too.
        let version = if part_target.is_some() { 9 } else { 7 };
        self.line(format_args!("#EXTM3U\n#EXT-X-VERSION:{version}"));
        self.line(format_args!("#EXT-X-TARGETDURATION:{}", playlist.target.max(1)));
        if playlist.state == State::Vod {
            self.line(format_args!("#EXT-X-PLAYLIST-TYPE:VOD"));
        }
        if let Some(part) = part_target {
            self.line(format_args!(
                "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL={},PART-HOLD-BACK={},HOLD-BACK={}",
                seconds(skip_until(playlist.target.max(1))),
                seconds(part * PART_HOLD_BACK),
                seconds(Duration::from_secs(u64::from(playlist.target.max(1)) * HOLD_BACK)),
            ));
            self.line(format_args!("#EXT-X-PART-INF:PART-TARGET={}", seconds(part)));
        }
        self.line(format_args!("#EXT-X-MEDIA-SEQUENCE:{}", playlist.sequence));
        if playlist.state != State::Vod {
            self.line(format_args!("#EXT-X-DISCONTINUITY-SEQUENCE:{}", playlist.discontinuity_sequence));
        }
    }

    /// The tags in front of a segment, and its parts.
    fn segment(&mut self, segment: &'a Segment, with_parts: bool) {
        if segment.discontinuity {
            self.line(format_args!("#EXT-X-DISCONTINUITY"));
        }
        if !segment.map.is_empty() && self.map != Some(&segment.map) {
            self.map = Some(&segment.map);
            self.text.push_str("#EXT-X-MAP:");
            self.quoted_uri(&segment.map);
            self.text.push('\n');
        }
        if let Some(date) = segment.date {
            self.line(format_args!("#EXT-X-PROGRAM-DATE-TIME:{}", iso8601(date)));
        }
        if segment.gap {
            self.line(format_args!("#EXT-X-GAP"));
        }
        for part in segment.parts.iter().filter(|_| with_parts) {
            self.part(part);
        }
    }

    fn part(&mut self, part: &Part) {
        let _ = write!(self.text, "#EXT-X-PART:DURATION={},", seconds(part.duration));
        self.quoted_uri(&part.uri);
        self.text.push_str(if part.independent { ",INDEPENDENT=YES" } else { "" });
        self.text.push_str(if part.gap { ",GAP=YES\n" } else { "\n" });
    }

    fn tail(&mut self, playlist: &MediaPlaylist) {
        if playlist.state != State::Live {
            self.line(format_args!("#EXT-X-ENDLIST"));
            return;
        }
        if playlist.part_target.is_none() {
            return;
        }
        if let Some(next) = &playlist.preload {
            self.text.push_str("#EXT-X-PRELOAD-HINT:TYPE=PART,");
            self.quoted_uri(next);
            self.text.push('\n');
        }
        for report in &playlist.reports {
            self.text.push_str("#EXT-X-RENDITION-REPORT:");
            self.quoted_uri(&report.uri);
            let _ = write!(self.text, ",LAST-MSN={}", report.last_segment);
            if let Some(part) = report.last_part {
                let _ = write!(self.text, ",LAST-PART={part}");
            }
            self.text.push('\n');
        }
    }
}

/// Segments at the front of the playlist that lie before the skip boundary.
fn skippable(playlist: &MediaPlaylist) -> usize {
    let kept = skip_until(playlist.target.max(1));
    let mut from_end = open_duration(playlist);
    let mut count = playlist.segments.len();
    for segment in playlist.segments.iter().rev() {
        if from_end >= kept {
            break;
        }
        from_end += segment.duration;
        count -= 1;
    }
    count
}

/// Index of the first segment that is told with its parts: those within three target durations of the end
/// (4.4.4.9 wants older ones left out).
fn first_with_parts(playlist: &MediaPlaylist) -> usize {
    if playlist.part_target.is_none() || playlist.state == State::Vod {
        return usize::MAX;
    }
    let told = Duration::from_secs(3 * u64::from(playlist.target.max(1)));
    let mut from_end = open_duration(playlist);
    let mut first = playlist.segments.len();
    for segment in playlist.segments.iter().rev() {
        if from_end >= told {
            break;
        }
        from_end += segment.duration;
        first -= 1;
    }
    first
}

/// The part target that is told: no part may be longer (4.4.3.7), and one of a picture that stands still is.
fn part_target(playlist: &MediaPlaylist, with_parts: usize) -> Option<Duration> {
    let target = playlist.part_target.filter(|_| playlist.state != State::Vod)?;
    let told = playlist.segments.iter().skip(with_parts).chain(&playlist.open);
    told.flat_map(|segment| &segment.parts).map(|part| part.duration).max().max(Some(target))
}

fn open_duration(playlist: &MediaPlaylist) -> Duration {
    playlist.open.iter().flat_map(|open| &open.parts).map(|part| part.duration).sum()
}

/// Seconds with microseconds, which no timescale of ours needs finer.
fn seconds(duration: Duration) -> String {
    format!("{}.{:06}", duration.as_secs(), duration.subsec_micros())
}

/// Parts that a player stays behind the newest one. The draft wants two at least and three where it can be
/// (4.4.3.8): fewer stall players whose network hiccups, more are latency.
const PART_HOLD_BACK: u32 = 3;

/// Target durations that a player without low latency stays behind; three are the least that is allowed.
const HOLD_BACK: u64 = 3;
