//! From a book to the models of playlists. Live and recorded differ in what is remembered, and in little else.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use sluice_domain::{Codec, MediaKind};
use sluice_media::playlist::{self, AudioTrack, Clock, Manifest, Master, Representation, Run, Variant};

use crate::book::{Book, Segment, span};
use crate::entry::timescale;
use crate::name::{FileName, Rendition};

/// Where the renditions of a book are, seen from its master playlist or manifest, with a slash at the end.
pub(crate) type Base<'a> = &'a str;

/// Whether browsers play a codec from MP4. None of them takes VP8 from there.
pub(crate) fn is_playable(codec: Codec) -> bool {
    match codec {
        Codec::H264 | Codec::H265 | Codec::Vp9 | Codec::Av1 | Codec::Opus => true,
        Codec::Vp8 => false,
    }
}

/// The renditions that players are offered: pictures, the largest first, and sound.
pub(crate) fn offered(book: &Book) -> (Vec<Rendition>, Option<Rendition>) {
    let playable = |rendition: &Rendition| {
        book.shelves.get(rendition).and_then(|shelf| shelf.codec()).is_some_and(is_playable)
    };
    let pictures = book.pictures().into_iter().filter(playable).collect();
    (pictures, Some(Rendition::Audio).filter(playable))
}

/// The master playlist; `None` where there is nothing to offer.
pub(crate) fn master(book: &Book, base: Base<'_>) -> Option<Master> {
    let (pictures, sound) = offered(book);
    let uri = |rendition: Rendition| format!("{base}{rendition}/{PLAYLIST}");
    let variant = |rendition: Rendition| {
        let shelf = book.shelves.get(&rendition)?;
        let init = shelf.newest_init()?;
        let weight = shelf.weight(rendition);
        Some(Variant {
            uri: uri(rendition),
            bandwidth: weight.peak,
            average_bandwidth: Some(weight.average),
            codec: init.codecs.clone(),
            resolution: init.size,
            frame_rate: weight.frame_rate,
        })
    };
    if pictures.is_empty() {
        // Sound alone is a variant, since a master playlist must have one.
        return sound.and_then(variant).map(|variant| Master {
            variants: vec![variant],
            audio: Vec::new(),
            independent: true,
        });
    }
    let audio = sound.and_then(|rendition| {
        let shelf = book.shelves.get(&rendition)?;
        Some(AudioTrack {
            uri: uri(rendition),
            name: "Sound".into(),
            bandwidth: shelf.weight(rendition).peak,
            codec: shelf.newest_init()?.codecs.clone(),
            channels: 2,
        })
    });
    let independent = pictures
        .iter()
        .filter_map(|rendition| book.shelves.get(rendition))
        .all(|shelf| shelf.is_independent());
    Some(Master {
        variants: pictures.into_iter().filter_map(variant).collect(),
        audio: audio.into_iter().collect(),
        independent,
    })
}

/// Closed segments as a media playlist has them.
pub(crate) fn segments(
    book: &Book,
    rendition: Rendition,
    range: RangeInclusive<u64>,
) -> Vec<playlist::Segment> {
    book.aligned(rendition, range).iter().map(|segment| self::segment(book, rendition, segment)).collect()
}

/// One segment as a media playlist has it, without its parts.
pub(crate) fn segment(book: &Book, rendition: Rendition, segment: &Segment) -> playlist::Segment {
    let has_init = book
        .shelves
        .get(&rendition)
        .is_some_and(|shelf| shelf.inits.iter().any(|init| init.init == segment.init));
    playlist::Segment {
        uri: FileName::Segment(segment.segment).to_string(),
        duration: span(rendition, segment.duration),
        map: if has_init { FileName::Init(segment.init).to_string() } else { String::new() },
        discontinuity: book.cut(segment.segment).is_some_and(|cut| cut.discontinuity),
        gap: segment.gap,
        date: book.date(rendition, segment.start),
        parts: Vec::new(),
    }
}

/// Where a run of segments began, which may be forgotten: its number, and microseconds from the origin.
pub(crate) type RunBegin = (u64, i64);

/// The manifest of DASH over these segments, the first of which may continue a run; `None` where there is
/// nothing to offer.
pub(crate) fn manifest(
    book: &Book,
    base: Base<'_>,
    range: RangeInclusive<u64>,
    mut continues: Option<RunBegin>,
    clock: Clock,
) -> Option<Manifest> {
    let (pictures, sound) = offered(book);
    let renditions: Vec<Rendition> = pictures.into_iter().chain(sound).collect();
    let origin = book.origin?;
    if renditions.is_empty() {
        return None;
    }
    let columns: BTreeMap<Rendition, Vec<Segment>> = renditions
        .iter()
        .map(|rendition| {
            let last = match clock {
                Clock::Live { .. } => book.last_closed(*rendition).unwrap_or(0).min(*range.end()),
                Clock::Static => *range.end(),
            };
            (*rendition, book.aligned(*rendition, *range.start()..=last))
        })
        .collect();
    let mut runs: Vec<Run> = Vec::new();
    let mut shape: Option<Vec<Option<u32>>> = None;
    let from = *range.start();
    for segment in range {
        let Some(cut) = book.cut(segment) else { continue };
        let row: Vec<Option<&Segment>> = renditions
            .iter()
            .map(|rendition| columns.get(rendition)?.get(usize::try_from(segment - from).ok()?))
            .collect();
        let now: Vec<Option<u32>> =
            row.iter().map(|s| s.filter(|s| !s.gap).map(|segment| segment.init)).collect();
        if row.iter().all(Option::is_none) {
            break;
        }
        // The newest segment is not there yet in every rendition, which begins nothing new.
        let same = shape.as_ref().is_some_and(|shape| {
            shape.iter().zip(&now).zip(&row).all(|((old, new), row)| old == new || row.is_none())
        });
        if !same || cut.discontinuity {
            // The number of its first segment is a number that stays.
            let (id, at) = continues.take().unwrap_or((segment, cut.at));
            let start = Duration::from_micros(u64::try_from(at).unwrap_or(0));
            let representations = renditions
                .iter()
                .zip(&now)
                .filter_map(|(rendition, init)| representation(book, *rendition, (*init)?, base, segment))
                .collect();
            runs.push(Run { id, start, representations });
            shape = Some(now);
        }
        if let Some(run) = runs.last_mut() {
            for (rendition, found) in renditions.iter().zip(&row) {
                let id = rendition.to_string();
                if let Some(segment) = found.filter(|segment| !segment.gap)
                    && let Some(line) = run.representations.iter_mut().find(|line| line.id == id)
                {
                    line.segments.push((segment.start, segment.duration));
                }
            }
        }
    }
    Some(Manifest { origin, clock, runs })
}

fn representation(
    book: &Book,
    rendition: Rendition,
    init: u32,
    base: Base<'_>,
    number: u64,
) -> Option<Representation> {
    let shelf = book.shelves.get(&rendition)?;
    let init = shelf.inits.iter().find(|known| known.init == init)?;
    let weight = shelf.weight(rendition);
    Some(Representation {
        id: rendition.to_string(),
        kind: rendition.kind(),
        codec: init.codecs.clone(),
        bandwidth: weight.peak,
        resolution: init.size.filter(|_| rendition.kind() == MediaKind::Video),
        frame_rate: weight.frame_rate,
        timescale: timescale(rendition),
        init: format!("{base}{rendition}/{}", FileName::Init(init.init)),
        media: format!("{base}{rendition}/seg-$Number$.m4s"),
        number,
        segments: Vec::new(),
    })
}

/// Name of a media playlist, in the folder of its rendition.
pub(crate) const PLAYLIST: &str = "media.m3u8";
