//! AV1 packets (the AOM's RTP payload specification) to temporal units as `av01` has them: OBUs with sizes,
//! without temporal delimiters (AV1 codec ISO media file format binding 2.4).

use shiguredo_mp4::bitstream::av1::{Av1SequenceHeader, parse_frame_header_prefix, parse_sequence_header};

use crate::av1::{AggregationHeader, OBU_FRAME, OBU_FRAME_HEADER, OBU_SEQUENCE_HEADER, leb128};
use crate::depacketise::{Assembled, Broken};
use crate::track;

/// The temporal unit in the making.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    data: Vec<u8>,
    /// The OBU whose rest is in the next packet.
    fragment: Option<Vec<u8>>,
    /// The sequence header of the unit, as it stands in `data`, and what it says.
    sequence: Option<(Vec<u8>, Av1SequenceHeader)>,
    /// Whether the first frame of the unit is a key frame that is shown; `None` before a frame.
    key: Option<bool>,
}

impl Assembler {
    pub(super) fn push(&mut self, payload: &[u8]) -> Result<(), Broken> {
        let header = AggregationHeader::parse(payload).ok_or(Broken)?;
        if header.continues != self.fragment.is_some() {
            return Err(Broken);
        }
        let mut rest = &payload[1..];
        let count = usize::from(header.count);
        let mut index = 0;
        while !rest.is_empty() {
            index += 1;
            let is_last_counted = count > 0 && index == count;
            let element = if is_last_counted {
                std::mem::take(&mut rest)
            } else {
                let (size, behind) = leb128(rest).ok_or(Broken)?;
                let (element, behind) = behind.split_at_checked(size).ok_or(Broken)?;
                rest = behind;
                element
            };
            let mut obu = if index == 1 { self.fragment.take().unwrap_or_default() } else { Vec::new() };
            obu.extend_from_slice(element);
            if rest.is_empty() && header.continued {
                self.fragment = Some(obu);
            } else {
                self.obu(&obu)?;
            }
        }
        // Fewer elements than were counted, or nothing behind the header.
        if index == 0 || index < count { Err(Broken) } else { Ok(()) }
    }

    fn obu(&mut self, obu: &[u8]) -> Result<(), Broken> {
        // Chromium sends empty elements nowhere, but the specification allows them.
        let Some((first, mut body)) = obu.split_first() else { return Ok(()) };
        if first & FORBIDDEN != 0 {
            return Err(Broken);
        }
        let mut extension = None;
        if first & EXTENSION != 0 {
            let (byte, rest) = body.split_first().ok_or(Broken)?;
            extension = Some(*byte);
            body = rest;
        }
        if first & HAS_SIZE != 0 {
            let (size, rest) = leb128(body).ok_or(Broken)?;
            body = rest.get(..size).ok_or(Broken)?;
        }
        let kind = first >> 3 & 0x0f;
        let start = self.data.len();
        match kind {
            // A sequence header belongs to all layers, so it has no extension (6.2.2).
            OBU_SEQUENCE_HEADER => {
                self.put(kind, None, body);
                let parsed = parse_sequence_header(body).map_err(|_| Broken)?;
                if self.sequence.is_some() {
                    // Once for each spatial layer; a sample has one.
                    self.data.truncate(start);
                } else {
                    self.sequence = Some((self.data[start..].to_vec(), parsed));
                }
            }
            OBU_FRAME | OBU_FRAME_HEADER => {
                if self.key.is_none() {
                    self.key = Some(self.is_key(body));
                }
                self.put(kind, extension, body);
            }
            OBU_TILE_GROUP => {
                if self.key.is_none() {
                    return Err(Broken);
                }
                self.put(kind, extension, body);
            }
            OBU_METADATA => self.put(kind, extension, body),
            // Temporal delimiters, padding, tile lists, repeated frame headers, and what is reserved.
            _ => {}
        }
        Ok(())
    }

    /// A key frame that is shown, behind a sequence header: where a decoder can start.
    fn is_key(&self, frame: &[u8]) -> bool {
        let sequence = self.sequence.as_ref().map(|(_, sequence)| sequence);
        sequence.is_some_and(|sequence| {
            parse_frame_header_prefix(frame, sequence).is_ok_and(|prefix| prefix.is_rap())
        })
    }

    fn put(&mut self, kind: u8, extension: Option<u8>, body: &[u8]) {
        let has_extension = if extension.is_some() { EXTENSION } else { 0 };
        self.data.push(kind << 3 | has_extension | HAS_SIZE);
        self.data.extend(extension);
        let mut size = body.len();
        while size >= 0x80 {
            self.data.push(size as u8 | 0x80);
            size >>= 7;
        }
        self.data.push(size as u8);
        self.data.extend_from_slice(body);
    }

    pub(super) fn finish(&mut self) -> Result<Option<Assembled>, Broken> {
        let key = self.key.take();
        let sequence = self.sequence.take();
        if self.fragment.is_some() {
            return Err(Broken);
        }
        let Some(key) = key else {
            self.clear();
            return Ok(None);
        };
        let data = std::mem::take(&mut self.data);
        let config = if key { sequence.and_then(|(obu, _)| track::av1(&obu)) } else { None };
        Ok(Some(Assembled { data, key, config, orphan: false }))
    }

    pub(super) fn has_picture(&self) -> bool {
        self.key.is_some() && self.fragment.is_none()
    }

    pub(super) fn clear(&mut self) {
        self.data.clear();
        self.fragment = None;
        self.sequence = None;
        self.key = None;
    }

    pub(super) fn len(&self) -> usize {
        self.data.len() + self.fragment.as_ref().map_or(0, Vec::len)
    }
}

const FORBIDDEN: u8 = 0x80;
const EXTENSION: u8 = 0x04;
const HAS_SIZE: u8 = 0x02;
const OBU_TILE_GROUP: u8 = 4;
const OBU_METADATA: u8 = 5;
