//! The newest parameter sets of one kind, by their id.

/// Parameter sets of one kind (SPS, PPS or VPS), oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct ParameterList {
    sets: Vec<ParameterSet>,
}

/// One set: its own id, the id of the set it refers to, and the NAL unit.
#[derive(Debug, Clone)]
struct ParameterSet {
    id: u32,
    parent: u32,
    unit: Vec<u8>,
}

impl ParameterList {
    /// Keeps the set in the place of an older one with the same id; answers whether that changed
    /// anything. Sets too large to be real are ignored.
    pub(crate) fn keep(&mut self, id: u32, parent: u32, unit: &[u8]) -> bool {
        if unit.len() > MAX_UNIT {
            return false;
        }
        if let Some(set) = self.sets.iter_mut().find(|set| set.id == id) {
            if set.unit == unit {
                return false;
            }
            set.parent = parent;
            set.unit.clear();
            set.unit.extend_from_slice(unit);
            return true;
        }
        if self.sets.len() == MAX_SETS {
            self.sets.remove(0);
        }
        self.sets.push(ParameterSet { id, parent, unit: unit.to_vec() });
        true
    }

    /// Forgets the sets that refer to a set which has just changed.
    pub(crate) fn forget_children_of(&mut self, parent: u32) {
        self.sets.retain(|set| set.parent != parent);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// The set with this id, and the id of the set that it refers to.
    pub(crate) fn find(&self, id: u32) -> Option<(&[u8], u32)> {
        self.sets.iter().find(|set| set.id == id).map(|set| (set.unit.as_slice(), set.parent))
    }

    /// The sets that refer to another one.
    pub(crate) fn children_of(&self, parent: u32) -> impl Iterator<Item = &[u8]> {
        self.sets.iter().filter(move |set| set.parent == parent).map(|set| set.unit.as_slice())
    }

    pub(crate) fn units(&self) -> impl Iterator<Item = &[u8]> {
        self.sets.iter().map(|set| set.unit.as_slice())
    }
}

/// Real sets are 8 to 100 bytes; scaling lists bring them near 400. More would let a publisher
/// make every join packet exceed the path; less would lose streams with custom matrices.
const MAX_UNIT: usize = 512;

/// Encoders use one to three sets of a kind. More would let a publisher that numbers its sets
/// upwards fill memory; less would lose encoders that alternate between sets.
const MAX_SETS: usize = 8;

/// Largest aggregation packet that is built: fits every path that WebRTC media fits.
pub(crate) const MAX_PACKET: usize = 1_100;
