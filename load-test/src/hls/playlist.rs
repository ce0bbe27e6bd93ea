//! Playlists as a player reads them (RFC 8216bis): what it needs to choose and to fetch, nothing else.

use std::time::Duration;

/// What a master playlist offers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Master {
    /// Best first.
    pub(crate) variants: Vec<Variant>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variant {
    pub(crate) bandwidth: u64,
    pub(crate) uri: String,
    /// Its audio, where that is a rendition of its own.
    pub(crate) audio: Option<String>,
}

impl Master {
    /// Nothing where this is a media playlist.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let audio: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| line.strip_prefix("#EXT-X-MEDIA:"))
            .filter(|list| attribute(list, "TYPE") == Some("AUDIO"))
            .filter_map(|list| Some((attribute(list, "GROUP-ID")?, attribute(list, "URI")?)))
            .collect();
        let mut variants = Vec::new();
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            let Some(list) = line.strip_prefix("#EXT-X-STREAM-INF:") else { continue };
            let uri = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?;
            let bandwidth = attribute(list, "BANDWIDTH").and_then(|bits| bits.parse().ok()).unwrap_or(0);
            let group = attribute(list, "AUDIO");
            let audio = audio.iter().find(|(id, _)| Some(*id) == group).map(|(_, uri)| (*uri).to_owned());
            variants.push(Variant { bandwidth, uri: uri.to_owned(), audio });
        }
        variants.sort_by_key(|variant| std::cmp::Reverse(variant.bandwidth));
        (!variants.is_empty()).then_some(Self { variants })
    }
}

/// A media playlist.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Media {
    pub(crate) target: Duration,
    /// How far behind the newest part a player stays.
    pub(crate) part_hold_back: Option<Duration>,
    pub(crate) blocks: bool,
    pub(crate) ended: bool,
    pub(crate) segments: Vec<Segment>,
}

/// A segment, or the parts of one that is not complete.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Segment {
    pub(crate) number: u64,
    /// Absent while it is not complete.
    pub(crate) uri: Option<String>,
    pub(crate) duration: Duration,
    pub(crate) parts: Vec<Part>,
    pub(crate) map: Option<String>,
    /// When its beginning was captured, in milliseconds since 1970.
    pub(crate) captured: Option<i64>,
    pub(crate) gap: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) uri: String,
    pub(crate) duration: Duration,
    pub(crate) gap: bool,
}

impl Media {
    /// Nothing where this is no playlist.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim);
        if lines.next() != Some("#EXTM3U") {
            return None;
        }
        let mut media = Self::default();
        let mut open = Segment::default();
        let mut map = None;
        for line in lines.filter(|line| !line.is_empty()) {
            let Some(tag) = line.strip_prefix('#') else {
                open.uri = Some(line.to_owned());
                media.close(&mut open);
                continue;
            };
            let (name, value) = tag.split_once(':').unwrap_or((tag, ""));
            match name {
                "EXT-X-TARGETDURATION" => media.target = seconds(value).unwrap_or_default(),
                "EXT-X-MEDIA-SEQUENCE" => open.number = value.parse().ok()?,
                "EXT-X-SKIP" => {
                    open.number += attribute(value, "SKIPPED-SEGMENTS")?.parse::<u64>().ok()?;
                }
                "EXT-X-SERVER-CONTROL" => {
                    media.blocks = attribute(value, "CAN-BLOCK-RELOAD") == Some("YES");
                    media.part_hold_back = attribute(value, "PART-HOLD-BACK").and_then(seconds);
                }
                "EXT-X-MAP" => map = attribute(value, "URI").map(str::to_owned),
                "EXT-X-PROGRAM-DATE-TIME" => open.captured = millis(value),
                "EXT-X-GAP" => open.gap = true,
                "EXTINF" => open.duration = seconds(value.split(',').next()?)?,
                "EXT-X-PART" => open.parts.push(Part {
                    uri: attribute(value, "URI")?.to_owned(),
                    duration: attribute(value, "DURATION").and_then(seconds)?,
                    gap: attribute(value, "GAP") == Some("YES"),
                }),
                "EXT-X-ENDLIST" => media.ended = true,
                _ => {}
            }
            open.map.clone_from(&map);
        }
        if !open.parts.is_empty() {
            media.segments.push(open);
        }
        Some(media)
    }

    fn close(&mut self, open: &mut Segment) {
        let number = open.number + 1;
        // Without a date of its own, a segment follows the one before it.
        let next = open.captured.map(|at| at + open.duration.as_millis() as i64);
        let next = Segment { number, captured: next, map: open.map.clone(), ..Segment::default() };
        self.segments.push(std::mem::replace(open, next));
    }
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.trim().parse().ok()?).ok()
}

/// An attribute of a list, quoted or not.
fn attribute<'a>(list: &'a str, wanted: &str) -> Option<&'a str> {
    let mut rest = list;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => {
                let (value, after) = quoted.split_once('"')?;
                (value, after.strip_prefix(',').unwrap_or(after))
            }
            None => after.split_once(',').unwrap_or((after, "")),
        };
        if name.trim() == wanted {
            return Some(value);
        }
        rest = after;
    }
}

/// A date of RFC 3339 in milliseconds since 1970.
fn millis(text: &str) -> Option<i64> {
    let (date, time) = text.trim().split_once('T')?;
    let mut date = date.splitn(3, '-').map(|number| number.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let end = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(end);
    let mut clock = clock.splitn(3, ':');
    let (hour, minute) = (clock.next()?.parse::<i64>().ok()?, clock.next()?.parse::<i64>().ok()?);
    let second: f64 = clock.next()?.parse().ok()?;
    let offset = match zone.get(1..).and_then(|zone| zone.split_once(':')) {
        Some((hours, minutes)) => {
            let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
            if zone.starts_with('-') { -minutes } else { minutes }
        }
        None => 0,
    };
    // Days since 1970 of the proleptic Gregorian calendar, years beginning in March.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468;
    Some(((days * 24 + hour) * 60 + minute - offset) * 60_000 + (second * 1000.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_playlist_offers_its_variants_best_first_with_their_audio() {
        let text = "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a, b\",NAME=\"x=1\",URI=\"a0/media.m3u8?t=1\"\n\
            #EXT-X-STREAM-INF:BANDWIDTH=300000,CODECS=\"avc1.42c01f,opus\",AUDIO=\"a, b\"\nv1/media.m3u8\n\
            #EXT-X-STREAM-INF:BANDWIDTH=2500000\n\nv0/media.m3u8\n";
        let master = Master::parse(text).unwrap();
        let told: Vec<_> =
            master.variants.iter().map(|v| (v.bandwidth, v.uri.as_str(), v.audio.as_deref())).collect();
        assert_eq!(
            told,
            [(2_500_000, "v0/media.m3u8", None), (300_000, "v1/media.m3u8", Some("a0/media.m3u8?t=1"))]
        );
        assert_eq!(Master::parse("#EXTM3U\n#EXTINF:4,\na.ts\n"), None);
    }

    #[test]
    fn a_media_playlist_has_segments_parts_and_the_time_of_capture() {
        let text = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n\
            #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.002\n#EXT-X-MEDIA-SEQUENCE:7\n\
            #EXT-X-MAP:URI=\"init-0.mp4\"\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T22:00:00.500Z\n\
            #EXTINF:4.000,\nseg-7.m4s\n#EXT-X-GAP\n#EXTINF:4,\nseg-8.m4s\n\
            #EXT-X-PART:DURATION=0.333,URI=\"part-9-0.m4s\",INDEPENDENT=YES\n\
            #EXT-X-PART:DURATION=0.334,URI=\"part-9-1.m4s\"\n\
            #EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"part-9-2.m4s\"\n";
        let media = Media::parse(text).unwrap();
        assert!(media.blocks && !media.ended);
        assert_eq!(media.part_hold_back, Some(Duration::from_millis(1002)));
        let [first, gap, open] = &media.segments[..] else { panic!("three") };
        assert_eq!((first.number, first.uri.as_deref(), first.gap), (7, Some("seg-7.m4s"), false));
        assert_eq!(first.map.as_deref(), Some("init-0.mp4"));
        assert_eq!(gap.captured, first.captured.map(|at| at + 4000));
        assert!(gap.gap && open.uri.is_none() && open.captured == first.captured.map(|at| at + 8000));
        assert_eq!((open.number, open.parts.len()), (9, 2));
        assert_eq!(Media::parse("<html>"), None);
    }

    #[test]
    fn a_recording_has_an_end_and_nothing_open() {
        let text = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:3\n#EXTINF:4,\na\n#EXT-X-ENDLIST\n";
        let media = Media::parse(text).unwrap();
        assert_eq!((media.segments[0].number, media.segments.len(), media.ended), (3, 1, true));
    }

    #[test]
    fn dates_are_read_with_their_zone() {
        assert_eq!(millis("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(millis("2026-11-21T22:00:00.123Z"), Some(1_795_298_400_123));
        assert_eq!(millis("2026-11-21T23:30:00.123+01:30"), Some(1_795_298_400_123));
        assert_eq!(millis("2024-02-29T12:00:00-00:00"), Some(1_709_208_000_000));
        assert_eq!(millis("yesterday"), None);
    }
}
