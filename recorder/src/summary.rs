//! What a recording turned out to be.

use serde::{Deserialize, Serialize};
use sluice_domain::{Codec, MediaTime};

use crate::book::Book;
use crate::name::Rendition;
use crate::texts;

/// A recording in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// From its first to its last picture, in milliseconds.
    pub duration_ms: u64,
    /// Bytes of all renditions.
    pub bytes: u64,
    /// Pictures, the largest first, then sound.
    pub renditions: Vec<RenditionSummary>,
    /// Holes in it.
    pub gaps: u64,
    /// When its first picture was captured.
    pub started: MediaTime,
    /// When its last picture was captured.
    pub ended: MediaTime,
}

/// A rendition in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RenditionSummary {
    /// Its name.
    pub rendition: Rendition,
    /// What it is coded with.
    pub codec: Codec,
    /// Width and height as it was shown last; `None` for sound.
    pub size: Option<(u16, u16)>,
    /// Bits per second.
    pub bitrate: u64,
    /// Pictures a second; `None` for sound.
    pub frame_rate: Option<f64>,
    /// Bytes.
    pub bytes: u64,
    /// Whether players are offered it as it is.
    pub playable: bool,
}

impl Summary {
    pub(crate) fn of(book: &Book) -> Self {
        let begin = book.cuts.front().map_or(0, |cut| cut.at);
        let started = book.origin.unwrap_or(book.begun.started).plus_micros(begin);
        let length = book.length();
        let sound = Some(Rendition::Audio).filter(|sound| book.shelves.contains_key(sound));
        let renditions = book.pictures().into_iter().chain(sound).filter_map(|rendition| {
            let shelf = book.shelves.get(&rendition)?;
            let init = shelf.newest_init()?;
            let weight = shelf.weight(rendition);
            Some(RenditionSummary {
                rendition,
                codec: init.codec,
                size: init.size,
                bitrate: weight.average,
                frame_rate: weight.frame_rate,
                bytes: shelf.bytes,
                playable: texts::is_playable(init.codec),
            })
        });
        Self {
            duration_ms: length.unsigned_abs() / 1_000,
            bytes: book.bytes(),
            renditions: renditions.collect(),
            gaps: book.gaps,
            started,
            ended: started.plus_micros(length),
        }
    }
}
