//! Room for the rings that remember what a viewer was sent. There are thousands of them, all of about the
//! same length: what a doubling leaves empty would be most of a viewer's memory.

use std::collections::VecDeque;

use crate::prefetch;

/// A ring grows by at least so many entries, so that a young one does not grow all the time.
const LEAST_STEP: usize = 64;

/// A ring grows by one part in so many. More spares memory, less spares copies until it has its length.
const STEP: usize = 4;

/// Appends to a ring that never holds more than `most`. Once it has its length, it does not allocate.
pub(super) fn append<T>(ring: &mut VecDeque<T>, entry: T, most: usize) {
    if ring.len() == ring.capacity() {
        grow(ring, most);
    }
    ring.push_back(entry);
}

/// Asks the processor for both ends, where a ring is written.
pub(super) fn prefetch<T>(ring: &VecDeque<T>) {
    [ring.front(), ring.back()].into_iter().flatten().for_each(prefetch::prefetch);
}

#[cold]
fn grow<T>(ring: &mut VecDeque<T>, most: usize) {
    let step = (ring.capacity() / STEP).max(LEAST_STEP);
    ring.reserve_exact(step.min(most.saturating_sub(ring.len())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_has_room_for_a_quarter_more_than_it_needs() {
        let mut ring = VecDeque::new();
        for entry in 0..8_192_u64 {
            append(&mut ring, entry, 8_192);
            let needed = ring.len();
            assert!(ring.capacity() <= (needed + needed / STEP).max(needed + LEAST_STEP), "{needed}");
        }
        assert!(ring.iter().copied().eq(0..8_192));
        assert_eq!(ring.capacity(), 8_192, "and for no more than the most");
    }

    #[test]
    fn a_ring_that_goes_round_keeps_its_order_as_it_grows() {
        let mut ring = VecDeque::new();
        for entry in 0..10_000_u64 {
            append(&mut ring, entry, 1_000);
            if entry % 7 != 0 || ring.len() == 1_000 {
                ring.pop_front();
            }
            let newest = ring.back().copied().unwrap_or(entry);
            let count = ring.len() as u64;
            assert!(ring.iter().copied().eq(newest + 1 - count..=newest) || ring.is_empty());
        }
        assert!(ring.len() > 900 && ring.capacity() <= 1_000);
    }

    #[test]
    fn a_ring_that_has_its_length_does_not_grow() {
        let mut ring = VecDeque::new();
        for entry in 0..700 {
            append(&mut ring, entry, 8_192);
        }
        let room = ring.capacity();
        assert!(room <= 900, "{room}");
        for entry in 700..100_000 {
            ring.pop_front();
            append(&mut ring, entry, 8_192);
        }
        assert_eq!(ring.capacity(), room);
    }
}
