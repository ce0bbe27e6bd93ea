//! What happens to a recording, in the order in which it happens.
//!
//! The segmenter says it, the live window and the journal of the spool hear it, and whoever reads a journal
//! back has the recording. An entry stands in the journal only once the bytes that it names are in their file.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sluice_domain::{BroadcastId, Codec, MediaTime, RecordingId};

use crate::name::Rendition;

/// The form of journals and indexes. A reader refuses what is newer than it.
pub(crate) const FORM: u32 = 1;

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(crate) enum Entry {
    /// The first line.
    Begin(Begun),
    /// Ticks of all renditions count from here.
    Origin {
        /// A time of capture.
        at: MediaTime,
    },
    /// All renditions begin this segment, each as soon as it has what it needs for it.
    Boundary {
        /// Its number.
        segment: u64,
        /// When, in microseconds from the origin.
        at: i64,
        /// What is before and what is behind do not belong together.
        discontinuity: bool,
    },
    /// A rendition is coded in this way from its next segment on.
    Init(Init),
    /// A part has been written behind the ones before it in its segment's file.
    Part(Part),
    /// A rendition is done with a segment.
    Closed(Closed),
    /// Packets are missing.
    Lost {
        /// Whose; `None` where the tap's queue was full.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        rendition: Option<Rendition>,
        /// How many; 0 if nobody knows.
        packets: u64,
    },
    /// Nothing more is recorded; the last line.
    Ended {
        /// When, on the node's clock.
        at: MediaTime,
    },
}

/// What is known at the beginning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Begun {
    pub(crate) form: u32,
    pub(crate) recording: RecordingId,
    pub(crate) broadcast: BroadcastId,
    /// Whether it is kept, or only there to be watched while it is live.
    pub(crate) keep: bool,
    pub(crate) started: MediaTime,
    pub(crate) segment_ms: u64,
    pub(crate) part_ms: u64,
}

/// How a rendition is coded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Init {
    pub(crate) rendition: Rendition,
    pub(crate) init: u32,
    pub(crate) codec: Codec,
    /// As `CODECS` of a playlist has it.
    pub(crate) codecs: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) size: Option<(u16, u16)>,
    pub(crate) bytes: u64,
}

/// A part of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) rendition: Rendition,
    pub(crate) segment: u64,
    pub(crate) part: u32,
    pub(crate) init: u32,
    /// Decoding time of its first sample, and how long it lasts, in ticks.
    pub(crate) start: u64,
    pub(crate) duration: u64,
    pub(crate) bytes: u64,
    pub(crate) samples: u32,
    /// Begins with a key frame.
    pub(crate) independent: bool,
}

/// A segment that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Closed {
    pub(crate) rendition: Rendition,
    pub(crate) segment: u64,
    /// There is nothing in it.
    pub(crate) gap: bool,
    pub(crate) start: u64,
    pub(crate) duration: u64,
}

/// What the segmenter says.
#[derive(Debug, Clone)]
pub(crate) enum Output {
    /// The publisher should send a key frame of this layer.
    Want(usize),
    /// Something happened; the bytes of an init or a part with it.
    Entry(Entry, Bytes),
}

/// Units of time a second, of a rendition's ticks.
pub(crate) fn timescale(rendition: Rendition) -> u32 {
    match rendition {
        Rendition::Video(_) => 90_000,
        Rendition::Audio => 48_000,
    }
}

/// Ticks of a rendition as microseconds.
pub(crate) fn micros(rendition: Rendition, ticks: i64) -> i64 {
    (i128::from(ticks) * 1_000_000 / i128::from(timescale(rendition))) as i64
}

/// Microseconds as ticks of a rendition.
pub(crate) fn ticks(rendition: Rendition, micros: i64) -> i64 {
    (i128::from(micros) * i128::from(timescale(rendition)) / 1_000_000) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_line_that_reads_back() {
        let entry = Entry::Part(Part {
            rendition: Rendition::Video(1),
            segment: 3,
            part: 2,
            init: 0,
            start: 90_000,
            duration: 30_000,
            bytes: 1_234,
            samples: 10,
            independent: true,
        });
        let line = serde_json::to_string(&entry).unwrap();
        assert!(line.starts_with(r#"{"is":"part","rendition":"v1","segment":3"#), "{line}");
        assert_eq!(serde_json::from_str::<Entry>(&line).unwrap(), entry);
    }
}
