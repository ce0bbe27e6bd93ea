//! The dependency descriptor, an RTP header extension (appendix A of the AV1 RTP payload
//! specification). It tells layers and key frames of any codec without looking at the payload,
//! and numbers frames, so the number is rewritten like a sequence number when layers switch.

mod structure;

pub use structure::{TemplateLayer, TemplateStructure};

use crate::bits::BitReader;

/// URI under which the extension is negotiated.
pub const URI: &str =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

/// What the descriptor of one packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DependencyDescriptor {
    /// The packet is the first of its frame.
    pub start_of_frame: bool,
    /// The packet is the last of its frame.
    pub end_of_frame: bool,
    /// Which template describes the frame, before the structure's offset is taken off.
    pub template_id: u8,
    /// Running number of frames, modulo 65536.
    pub frame_number: u16,
    /// The structure of a new coded video sequence. Its presence means a key frame.
    pub structure: Option<TemplateStructure>,
    /// Decode targets that the sender goes on sending, one bit each, where told here.
    pub active_decode_targets: Option<u32>,
}

impl DependencyDescriptor {
    /// Reads a descriptor. `known` is the structure of the newest key frame of the same stream;
    /// without it the bitmask of a packet that has no structure of its own cannot be read.
    pub fn parse(bytes: &[u8], known: Option<&TemplateStructure>) -> Option<Self> {
        let mandatory = bytes.first_chunk::<MANDATORY>()?;
        let mut descriptor = Self {
            start_of_frame: mandatory[0] & 0x80 != 0,
            end_of_frame: mandatory[0] & 0x40 != 0,
            template_id: mandatory[0] & 0x3f,
            frame_number: u16::from_be_bytes([mandatory[1], mandatory[2]]),
            structure: None,
            active_decode_targets: None,
        };
        if bytes.len() > MANDATORY {
            let mut reader = BitReader::plain(&bytes[MANDATORY..]);
            let structure_present = reader.flag()?;
            let active_present = reader.flag()?;
            reader.skip(3)?; // custom dtis, fdiffs, chains: told behind what is read here
            if structure_present {
                let structure = TemplateStructure::parse(&mut reader)?;
                descriptor.active_decode_targets = Some(structure.all_decode_targets());
                descriptor.structure = Some(structure);
            }
            if active_present && let Some(structure) = descriptor.structure.as_ref().or(known) {
                descriptor.active_decode_targets = Some(reader.bits(u32::from(structure.decode_targets))?);
            }
        }
        Some(descriptor)
    }

    /// Whether a structure is attached, which happens on the first packet of each key frame.
    pub const fn is_keyframe_start(&self) -> bool {
        self.structure.is_some() && self.start_of_frame
    }

    /// Spatial and temporal layer of the frame, from the structure of the newest key frame.
    pub fn layer(&self, known: Option<&TemplateStructure>) -> Option<TemplateLayer> {
        self.structure.as_ref().or(known)?.layer(self.template_id)
    }
}

/// Puts another frame number into a descriptor; false where it is too short to be one.
pub fn rewrite_frame_number(bytes: &mut [u8], number: u16) -> bool {
    let Some(mandatory) = bytes.first_chunk_mut::<MANDATORY>() else { return false };
    let [high, low] = number.to_be_bytes();
    mandatory[1] = high;
    mandatory[2] = low;
    true
}

/// `mandatory_descriptor_fields()` take three bytes; more means extended fields.
const MANDATORY: usize = 3;
