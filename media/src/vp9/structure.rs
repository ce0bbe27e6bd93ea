//! The scalability structure inside a VP9 payload descriptor (RFC 9628 4.2.1).

use crate::Resolution;

/// How many spatial layers there are and how large each one is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScalabilityStructure {
    /// Spatial layers, 1 to 8.
    pub spatial_layers: u8,
    /// Size of each spatial layer, lowest first; all absent where sizes are not told.
    pub resolutions: [Option<Resolution>; 8],
    /// Pictures in the repeating pattern of references, where it is told.
    pub group_size: Option<u8>,
}

impl ScalabilityStructure {
    /// Reads the structure; answers with the number of bytes it takes.
    pub(crate) fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let first = *bytes.first()?;
        let mut structure = Self { spatial_layers: (first >> 5) + 1, ..Self::default() };
        let mut at = 1;
        if first & 0x10 != 0 {
            for resolution in structure.resolutions.iter_mut().take(usize::from(structure.spatial_layers)) {
                let size = bytes.get(at..)?.first_chunk::<4>()?;
                let width = u16::from_be_bytes([size[0], size[1]]);
                let height = u16::from_be_bytes([size[2], size[3]]);
                *resolution = Some((width, height)).filter(|_| width > 0 && height > 0);
                at += 4;
            }
        }
        if first & 0x08 != 0 {
            let pictures = *bytes.get(at)?;
            at += 1;
            structure.group_size = Some(pictures);
            for _ in 0..pictures {
                let references = usize::from(bytes.get(at)? >> 2 & 0x03);
                at += 1 + references;
            }
            if at > bytes.len() {
                return None;
            }
        }
        Some((structure, at))
    }

    /// Size of the highest layer whose size is told.
    pub fn highest_resolution(&self) -> Option<Resolution> {
        self.resolutions.iter().rev().find_map(|resolution| *resolution)
    }
}
