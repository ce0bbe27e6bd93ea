//! Keeps the parameter sets of a stream for viewers that join later.

use crate::bits::BitReader;
use crate::h264::{NAL_PPS, NAL_SPS, PACKET_STAP_A, Sps, nals};
use crate::parameter_list::{MAX_PACKET, ParameterList};
use crate::unit;

/// The newest sequence and picture parameter sets of one layer.
#[derive(Debug, Clone, Default)]
pub struct ParameterSets {
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

    /// Takes note of one set given without RTP, as `sprop-parameter-sets` of an SDP does.
    pub fn keep(&mut self, unit: &[u8]) -> Option<bool> {
        let (header, body) = unit.split_first()?;
        match header & 0x1f {
            NAL_SPS => {
                let id = u32::from(Sps::parse(unit)?.id);
                let changed = self.sequence.keep(id, id, unit);
                if changed {
                    // A picture parameter set means something else under another sequence.
                    self.picture.forget_children_of(id);
                }
                Some(changed)
            }
            NAL_PPS => {
                let mut reader = BitReader::nal(body);
                let id = reader.ue().filter(|id| *id < 256)?;
                let sequence = reader.ue().filter(|id| *id < 32)?;
                Some(self.picture.keep(id, sequence, unit))
            }
            _ => None,
        }
    }

    /// The sequence set that a picture with this picture set uses, and all picture sets that refer to it.
    pub(crate) fn active(&self, picture: u32) -> Option<(&[u8], impl Iterator<Item = &[u8]>)> {
        let (_, id) = self.picture.find(picture)?;
        let (sequence, _) = self.sequence.find(id)?;
        Some((sequence, self.picture.children_of(id)))
    }

    /// Whether a decoder could start with what is kept.
    pub fn is_complete(&self) -> bool {
        !self.sequence.is_empty() && !self.picture.is_empty()
    }

    /// One STAP-A payload with all sets, sequence sets first; `None` until both kinds were seen
    /// or where they would not fit into a packet.
    pub fn stap_a(&self) -> Option<Vec<u8>> {
        if !self.is_complete() {
            return None;
        }
        let mut payload = vec![PACKET_STAP_A];
        for set in self.sequence.units().chain(self.picture.units()) {
            payload[0] = payload[0].max(PACKET_STAP_A | set[0] & IMPORTANCE);
            unit::push(&mut payload, set);
        }
        (payload.len() <= MAX_PACKET).then_some(payload)
    }
}

/// `nal_ref_idc` (RFC 6184 5.7: the aggregate has the highest of its units).
const IMPORTANCE: u8 = 0x60;
