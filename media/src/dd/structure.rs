//! The template dependency structure inside a dependency descriptor (A.8.2 and A.8.3).

use crate::Resolution;
use crate::bits::BitReader;

/// Layer of the frames that use a template.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TemplateLayer {
    /// Spatial layer, 0 the base.
    pub spatial: u8,
    /// Temporal layer, 0 the base.
    pub temporal: u8,
}

/// What a key frame says about all frames up to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateStructure {
    /// Taken off a packet's template id to find its template.
    pub id_offset: u8,
    /// Number of decode targets, 1 to 32.
    pub decode_targets: u8,
    /// Number of chains.
    pub chains: u8,
    /// Number of spatial layers, 1 to 4.
    pub spatial_layers: u8,
    /// Size of each spatial layer, lowest first; all absent where sizes are not told.
    pub resolutions: [Option<Resolution>; 4],
    layers: [TemplateLayer; MAX_TEMPLATES],
    templates: u8,
}

impl TemplateStructure {
    pub(super) fn parse(reader: &mut BitReader<'_>) -> Option<Self> {
        let mut structure = Self {
            id_offset: u8::try_from(reader.bits(6)?).ok()?,
            decode_targets: u8::try_from(reader.bits(5)? + 1).ok()?,
            chains: 0,
            spatial_layers: 1,
            resolutions: [None; 4],
            layers: [TemplateLayer::default(); MAX_TEMPLATES],
            templates: 0,
        };
        structure.read_layers(reader)?;
        let templates = u32::from(structure.templates);
        let targets = u32::from(structure.decode_targets);
        reader.skip(2 * templates * targets)?; // template_dti
        for _ in 0..templates {
            while reader.flag()? {
                reader.skip(4)?; // fdiff_minus_one
            }
        }
        let chains = reader.ns(targets + 1)?;
        if chains > 0 {
            for _ in 0..targets {
                reader.ns(chains)?; // decode_target_protected_by
            }
            reader.skip(4 * templates * chains)?; // template_chain_fdiff
        }
        structure.chains = u8::try_from(chains).ok()?;
        if reader.flag()? {
            for resolution in structure.resolutions.iter_mut().take(usize::from(structure.spatial_layers)) {
                let width = u16::try_from(reader.bits(16)? + 1).ok();
                let height = u16::try_from(reader.bits(16)? + 1).ok();
                *resolution = width.zip(height);
            }
        }
        Some(structure)
    }

    fn read_layers(&mut self, reader: &mut BitReader<'_>) -> Option<()> {
        let mut layer = TemplateLayer::default();
        loop {
            *self.layers.get_mut(usize::from(self.templates))? = layer;
            self.templates += 1;
            match reader.bits(2)? {
                NEXT_IS_SAME => {}
                NEXT_IS_TEMPORAL => layer.temporal += 1,
                NEXT_IS_SPATIAL => layer = TemplateLayer { spatial: layer.spatial + 1, temporal: 0 },
                _ => break,
            }
            // Three bits of temporal and two bits of spatial id is what AV1 has.
            if layer.temporal > 7 || layer.spatial > 3 {
                return None;
            }
        }
        self.spatial_layers = layer.spatial + 1;
        Some(())
    }

    /// Layer of the frames that carry this template id; `None` for an id out of the structure.
    pub fn layer(&self, template_id: u8) -> Option<TemplateLayer> {
        let index = template_id.wrapping_sub(self.id_offset) & TEMPLATE_MASK;
        (index < self.templates).then(|| self.layers[usize::from(index)])
    }

    /// Number of templates, 1 to 64.
    pub const fn templates(&self) -> u8 {
        self.templates
    }

    /// Size of the highest spatial layer whose size is told.
    pub fn highest_resolution(&self) -> Option<Resolution> {
        self.resolutions.iter().rev().find_map(|resolution| *resolution)
    }

    /// The bitmask that is in force while none is told: all decode targets.
    pub(super) fn all_decode_targets(&self) -> u32 {
        u32::MAX >> (32 - u32::from(self.decode_targets))
    }
}

const MAX_TEMPLATES: usize = 64;
const TEMPLATE_MASK: u8 = 63;
const NEXT_IS_SAME: u32 = 0;
const NEXT_IS_TEMPORAL: u32 = 1;
const NEXT_IS_SPATIAL: u32 = 2;
