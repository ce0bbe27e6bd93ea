//! VP9 packets (RFC 9628) to pictures: one frame, or a superframe with all spatial layers.

use crate::Resolution;
use crate::depacketise::{Assembled, Broken};
use crate::track;
use crate::vp9::{Descriptor, is_key_frame};

/// The picture in the making.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    data: Vec<u8>,
    /// Where the frame of each spatial layer begins.
    starts: Vec<usize>,
    /// The newest frame has its end.
    ended: bool,
    /// Largest size that a scalability structure told.
    told: Option<Resolution>,
}

impl Assembler {
    pub(super) fn push(&mut self, payload: &[u8]) -> Result<(), Broken> {
        let descriptor = Descriptor::parse(payload).ok_or(Broken)?;
        if descriptor.frame_start {
            if self.starts.len() == MAX_FRAMES || !self.starts.is_empty() && !self.ended {
                return Err(Broken);
            }
            self.starts.push(self.data.len());
        } else if self.starts.is_empty() || self.ended {
            return Err(Broken);
        }
        self.data.extend_from_slice(descriptor.data(payload));
        self.ended = descriptor.frame_end;
        self.told = self.told.max(descriptor.structure.and_then(|structure| structure.highest_resolution()));
        Ok(())
    }

    pub(super) fn finish(&mut self) -> Result<Option<Assembled>, Broken> {
        let mut data = std::mem::take(&mut self.data);
        let starts = std::mem::take(&mut self.starts);
        let told = self.told.take();
        if !std::mem::take(&mut self.ended) {
            return Err(Broken);
        }
        let ends = starts.iter().skip(1).copied().chain([data.len()]);
        let frames: Vec<&[u8]> = starts.iter().zip(ends).map(|(start, end)| &data[*start..end]).collect();
        if frames.iter().any(|frame| frame.is_empty()) {
            return Err(Broken);
        }
        let key = frames.first().and_then(|frame| is_key_frame(frame)).ok_or(Broken)?;
        let config = if key { track::vp9(frames.iter().copied(), told) } else { None };
        let index = if frames.len() > 1 { superframe_index(&frames) } else { Vec::new() };
        data.extend(index);
        Ok(Some(Assembled { data, key, config, orphan: false }))
    }

    pub(super) fn clear(&mut self) {
        *self = Self { data: std::mem::take(&mut self.data), ..Self::default() };
        self.data.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.data.len()
    }
}

/// The sizes of the frames, between two bytes that say how many there are and how wide sizes are (annex B of
/// the bitstream specification).
fn superframe_index(frames: &[&[u8]]) -> Vec<u8> {
    let longest = frames.iter().map(|frame| frame.len()).max().unwrap_or(0);
    let width = (usize::BITS - longest.leading_zeros()).div_ceil(8).clamp(1, 4) as usize;
    let marker = SUPERFRAME | (width as u8 - 1) << 3 | (frames.len() as u8 - 1);
    let mut index = vec![marker];
    for frame in frames {
        index.extend_from_slice(&frame.len().to_le_bytes()[..width]);
    }
    index.push(marker);
    index
}

const SUPERFRAME: u8 = 0b1100_0000;
/// A superframe has eight frames at most, as a picture has spatial layers.
const MAX_FRAMES: usize = 8;
