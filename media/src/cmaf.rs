//! Fragmented MP4 as CMAF has it (ISO/IEC 23000-19): one track a file, an init segment, and fragments of
//! one `moof` and one `mdat` each. A fragment is a part of LL-HLS; parts one behind the other are a segment.

mod init;
mod part;
mod read;

use bytes::Bytes;

pub use init::init_segment;
pub use part::part;
pub use read::{Fragment, SampleInfo, complete_prefix, fragments, samples};

/// One frame of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its bytes, as `Frame` has them.
    pub data: Bytes,
    /// Units of the track's timescale until the next sample is decoded.
    pub duration: u32,
    /// What makes the presentation time of the decoding time, negative with B-frames.
    pub offset: i32,
    /// A decoder can start here.
    pub key: bool,
}

/// The only track of every file.
const TRACK: u32 = 1;

#[cfg(test)]
mod tests;
