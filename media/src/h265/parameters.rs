//! Keeps the parameter sets of a stream for viewers that join later.

use crate::bits::BitReader;
use crate::h265::{NAL_PPS, NAL_SPS, NAL_VPS, PACKET_AP, Sps, kind, nals};
use crate::parameter_list::{MAX_PACKET, ParameterList};
use crate::unit;

/// The newest video, sequence and picture parameter sets of one layer.
#[derive(Debug, Clone, Default)]
pub struct ParameterSets {
    video: ParameterList,
    sequence: ParameterList,
    picture: ParameterList,
}

impl ParameterSets {
    /// Takes note of the sets inside a payload; answers whether one of them is new.
    pub fn observe(&mut self, payload: &[u8]) -> bool {
        let mut changed = false;
        for unit in nals(payload).filter_map(|nal| nal.whole) {
            changed |= self.keep(unit).unwrap_or(false);
        }
        changed
    }

    /// Takes note of one set given without RTP, as `sprop-vps` and its kin of an SDP do.
    pub fn keep(&mut self, unit: &[u8]) -> Option<bool> {
        let (header, body) = unit.split_first_chunk::<2>()?;
        match kind(header[0]) {
            NAL_VPS => {
                let id = u32::from(body.first()? >> 4);
                Some(self.video.keep(id, id, unit))
            }
            NAL_SPS => {
                let sps = Sps::parse(unit)?;
                let changed = self.sequence.keep(u32::from(sps.id), u32::from(sps.vps_id), unit);
                if changed {
                    // A picture parameter set means something else under another sequence.
                    self.picture.forget_children_of(u32::from(sps.id));
                }
                Some(changed)
            }
            NAL_PPS => {
                let mut reader = BitReader::nal(body);
                let id = reader.ue().filter(|id| *id < 64)?;
                let sequence = reader.ue().filter(|id| *id < 16)?;
                Some(self.picture.keep(id, sequence, unit))
            }
            _ => None,
        }
    }

    /// The video and sequence set that a picture with this picture set uses, and all picture sets that
    /// refer to that sequence.
    pub(crate) fn active(&self, picture: u32) -> Option<(&[u8], &[u8], impl Iterator<Item = &[u8]>)> {
        let (_, id) = self.picture.find(picture)?;
        let (sequence, video) = self.sequence.find(id)?;
        let (video, _) = self.video.find(video)?;
        Some((video, sequence, self.picture.children_of(id)))
    }

    /// Whether a decoder could start with what is kept.
    pub fn is_complete(&self) -> bool {
        !self.video.is_empty() && !self.sequence.is_empty() && !self.picture.is_empty()
    }

    /// One aggregation packet with all sets in the order that decoders need; `None` until all
    /// three kinds were seen or where they would not fit into a packet.
    pub fn aggregation_packet(&self) -> Option<Vec<u8>> {
        if !self.is_complete() {
            return None;
        }
        // Layer 0 and TemporalId 0, the lowest of the units inside (RFC 7798 4.4.2).
        let mut payload = vec![PACKET_AP << 1, 1];
        for set in self.video.units().chain(self.sequence.units()).chain(self.picture.units()) {
            unit::push(&mut payload, set);
        }
        (payload.len() <= MAX_PACKET).then_some(payload)
    }
}
