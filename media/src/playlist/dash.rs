//! The manifest of DASH, over the same files as HLS.

use std::fmt::Write as _;
use std::time::Duration;

use sluice_domain::{MediaKind, MediaTime};

use crate::Resolution;
use crate::playlist::with_query;
use crate::time::iso8601;

/// All that can be played of a broadcast or recording.
///
/// All renditions share one line of media time: a decoding time divided by the timescale of its rendition is
/// the same moment in each.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Date of media time 0. Stays the same while the broadcast lasts.
    pub origin: MediaTime,
    /// Whether more will come.
    pub clock: Clock,
    /// Runs of segments, oldest first.
    pub runs: Vec<Run>,
}

/// Whether a manifest grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Segments come at the end and leave at the front.
    Live {
        /// Now.
        now: MediaTime,
        /// How often a player should look again: the duration of a segment.
        update: Duration,
        /// How far back a player can go.
        window: Duration,
    },
    /// A recording, complete from its beginning to its end.
    Static,
}

/// Segments that follow from one another in every rendition: a `Period`. Another one begins where any
/// rendition has a discontinuity or another init segment, or where one begins or ends to be missing.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its number among all runs of the broadcast; stays the same when segments leave at the front.
    pub id: u64,
    /// Media time of its beginning; stays the same, too.
    pub start: Duration,
    /// What there is of it. Renditions that are missing here are left out.
    pub representations: Vec<Representation>,
}

/// A rendition within a run.
#[derive(Debug, Clone)]
pub struct Representation {
    /// Name, unique among renditions.
    pub id: String,
    /// Pictures or sound.
    pub kind: MediaKind,
    /// Codec as `TrackConfig` tells it.
    pub codec: String,
    /// Bits per second of the heaviest segment.
    pub bandwidth: u64,
    /// Size of the pictures as they are shown.
    pub resolution: Option<Resolution>,
    /// Pictures a second.
    pub frame_rate: Option<f64>,
    /// Units of time a second.
    pub timescale: u32,
    /// URI of the init segment, relative to the manifest.
    pub init: String,
    /// URI of the segments, relative to the manifest, with `$Number$` in it.
    pub media: String,
    /// Number of the first segment.
    pub number: u64,
    /// Decoding time and duration of each segment, in units of the timescale.
    pub segments: Vec<(u64, u64)>,
}

/// Writes the manifest, every URI with `query` behind it.
pub fn dash(manifest: &Manifest, query: &str) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str(
        "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" profiles=\"urn:mpeg:dash:profile:isoff-live:2011\"",
    );
    let longest = longest_segment(manifest);
    let begin = manifest.runs.first().map_or(Duration::ZERO, |run| run.start);
    match manifest.clock {
        Clock::Live { now, update, window } => {
            let _ = write!(
                text,
                " type=\"dynamic\" availabilityStartTime=\"{}\" publishTime=\"{}\" minimumUpdatePeriod=\"{}\" \
                 timeShiftBufferDepth=\"{}\" suggestedPresentationDelay=\"{}\"",
                iso8601(manifest.origin),
                iso8601(now),
                duration(update),
                duration(window),
                duration(longest * DELAY),
            );
        }
        Clock::Static => {
            let length = end(manifest).saturating_sub(begin);
            let _ = write!(text, " type=\"static\" mediaPresentationDuration=\"{}\"", duration(length));
        }
    }
    let _ = writeln!(text, " minBufferTime=\"{}\">", duration(longest));
    for run in &manifest.runs {
        // A recording begins at 0, whenever in the broadcast its first segment was made.
        let start = match manifest.clock {
            Clock::Live { .. } => run.start,
            Clock::Static => run.start.saturating_sub(begin),
        };
        period(&mut text, run, start, query);
    }
    if let Clock::Live { now, .. } = manifest.clock {
        let _ = writeln!(
            text,
            " <UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:direct:2014\" value=\"{}\"/>",
            iso8601(now)
        );
    }
    text.push_str("</MPD>\n");
    text
}

fn period(text: &mut String, run: &Run, start: Duration, query: &str) {
    let _ = writeln!(text, " <Period id=\"{}\" start=\"{}\">", run.id, duration(start));
    for (id, kind) in [(0, MediaKind::Video), (1, MediaKind::Audio)] {
        let mut of_kind = run
            .representations
            .iter()
            .filter(|representation| representation.kind == kind && !representation.segments.is_empty())
            .peekable();
        if of_kind.peek().is_none() {
            continue;
        }
        let name = match kind {
            MediaKind::Video => "video",
            MediaKind::Audio => "audio",
        };
        let _ = writeln!(
            text,
            "  <AdaptationSet id=\"{id}\" contentType=\"{name}\" mimeType=\"{name}/mp4\" \
             segmentAlignment=\"true\" startWithSAP=\"1\">"
        );
        for representation in of_kind {
            self::representation(text, representation, run.start, query);
        }
        text.push_str("  </AdaptationSet>\n");
    }
    text.push_str(" </Period>\n");
}

fn representation(text: &mut String, representation: &Representation, start: Duration, query: &str) {
    let _ = write!(
        text,
        "   <Representation id=\"{}\" codecs=\"{}\" bandwidth=\"{}\"",
        escaped(&representation.id),
        escaped(&representation.codec),
        representation.bandwidth.max(1)
    );
    if let Some((width, height)) = representation.resolution {
        let _ = write!(text, " width=\"{width}\" height=\"{height}\"");
    }
    if let Some(rate) = representation.frame_rate.filter(|rate| rate.is_finite() && *rate > 0.0) {
        // A fraction of whole numbers, because the schema knows no decimals here.
        let _ = write!(text, " frameRate=\"{}/1000\"", (rate * 1_000.0).round() as u64);
    }
    text.push_str(">\n");
    if representation.kind == MediaKind::Audio {
        text.push_str(
            "    <AudioChannelConfiguration \
             schemeIdUri=\"urn:mpeg:dash:23003:3:audio_channel_configuration:2011\" value=\"2\"/>\n",
        );
    }
    let offset = u128::from(representation.timescale) * start.as_micros() / 1_000_000;
    let _ = writeln!(
        text,
        "    <SegmentTemplate timescale=\"{}\" presentationTimeOffset=\"{offset}\" startNumber=\"{}\" \
         initialization=\"{}\" media=\"{}\">\n     <SegmentTimeline>",
        representation.timescale,
        representation.number,
        escaped(&with_query(&representation.init, &template_safe(query))),
        escaped(&with_query(&representation.media, &template_safe(query))),
    );
    timeline(text, &representation.segments);
    text.push_str("     </SegmentTimeline>\n    </SegmentTemplate>\n   </Representation>\n");
}

/// `S` elements: a time only where it does not follow from the one before, repetitions counted.
fn timeline(text: &mut String, segments: &[(u64, u64)]) {
    let mut due = None;
    let mut index = 0;
    while let Some((start, length)) = segments.get(index).copied() {
        let mut repeats = 0;
        let mut end = start.saturating_add(length);
        while segments.get(index + 1 + repeats) == Some(&(end, length)) {
            repeats += 1;
            end = end.saturating_add(length);
        }
        text.push_str("      <S");
        if due != Some(start) {
            let _ = write!(text, " t=\"{start}\"");
        }
        let _ = write!(text, " d=\"{length}\"");
        if repeats > 0 {
            let _ = write!(text, " r=\"{repeats}\"");
        }
        text.push_str("/>\n");
        due = Some(end);
        index += 1 + repeats;
    }
}

/// End of the newest segment, in media time.
fn end(manifest: &Manifest) -> Duration {
    let ends = manifest.runs.iter().flat_map(|run| &run.representations).filter_map(|representation| {
        let (start, length) = representation.segments.last()?;
        Some(media_time(start.saturating_add(*length), representation.timescale))
    });
    ends.max().unwrap_or_default()
}

fn longest_segment(manifest: &Manifest) -> Duration {
    let lengths = manifest.runs.iter().flat_map(|run| &run.representations).flat_map(|representation| {
        representation.segments.iter().map(|(_, length)| media_time(*length, representation.timescale))
    });
    lengths.max().unwrap_or(Duration::from_secs(1))
}

fn media_time(units: u64, timescale: u32) -> Duration {
    let micros = u128::from(units) * 1_000_000 / u128::from(timescale.max(1));
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// `PT4.000S` (XML Schema part 2, 3.2.6).
fn duration(duration: Duration) -> String {
    format!("PT{}.{:03}S", duration.as_secs(), duration.subsec_millis())
}

/// A dollar sign begins an identifier in a template, and two are one (5.3.9.4.4).
fn template_safe(query: &str) -> String {
    query.replace('$', "$$")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Segments that a player stays behind. Fewer stall players whose network hiccups, more are latency.
const DELAY: u32 = 3;
