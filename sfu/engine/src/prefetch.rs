//! Asking the processor for memory before it is needed.
//!
//! Thousands of viewers are served in turn, and none of them is in the near caches when its turn comes. A
//! processor that is asked for memory goes on at once, while one that reads it waits sooner or later.

/// Bytes of a cache line.
const LINE: usize = 64;

/// Bytes of an address.
const WORD: usize = size_of::<usize>();

/// Nothing lies below it.
const LEAST_ADDRESS: usize = 4_096;

/// Asks for all of `value`, so that it is near when it is used. Changes nothing and waits for nothing.
pub(crate) fn prefetch<T>(value: &T) {
    let start = std::ptr::from_ref(value).cast::<i8>();
    for line in (0..size_of::<T>()).step_by(LINE) {
        fetch(start.wrapping_add(line));
    }
    // A value does not begin where a line does.
    fetch(start.wrapping_add(size_of::<T>().saturating_sub(1)));
}

/// Asks for `bytes` bytes at every address that stands in `value`: for what a library keeps behind a pointer
/// that it shows to nobody. Reads `value`, so that should have been asked for a while ago.
pub(crate) fn prefetch_behind<T>(value: &T, bytes: usize) {
    let start = std::ptr::from_ref(value).cast::<u8>();
    let first = start.align_offset(WORD);
    for at in (first..(size_of::<T>() + 1).saturating_sub(WORD)).step_by(WORD) {
        let address = word(start.wrapping_add(at));
        // The rest are small numbers, and flags with whatever lies beside them.
        if address >= LEAST_ADDRESS && address.is_multiple_of(WORD) {
            let start = std::ptr::without_provenance::<i8>(address);
            (0..bytes).step_by(LINE).for_each(|line| fetch(start.wrapping_add(line)));
        }
    }
}

/// Asks for the line with that address.
#[inline]
#[cfg(target_arch = "x86_64")]
fn fetch(address: *const i8) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    #[expect(
        unsafe_code,
        reason = "every processor of this kind has SSE, and a prefetch of any address is harmless"
    )]
    unsafe {
        _mm_prefetch::<_MM_HINT_T0>(address);
    }
}

/// Asks for the line with that address.
#[inline]
#[cfg(target_arch = "aarch64")]
fn fetch(address: *const i8) {
    #[expect(unsafe_code, reason = "a prefetch of any address is harmless")]
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{}]", in(reg) address, options(nostack, readonly, preserves_flags));
    }
}

/// Other processors find out by themselves.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const fn fetch(_: *const i8) {}

/// The eight bytes at `at`, which lie in one value, as the machine has them: some may be padding, which Rust would not
/// let anybody look at.
#[inline]
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn word(at: *const u8) -> usize {
    use std::arch::asm;
    let word: usize;
    #[expect(unsafe_code, reason = "the caller borrows the value that these bytes are of")]
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("mov {}, [{}]", lateout(reg) word, in(reg) at, options(nostack, readonly, preserves_flags));
        #[cfg(target_arch = "aarch64")]
        asm!("ldr {}, [{}]", lateout(reg) word, in(reg) at, options(nostack, readonly, preserves_flags));
    }
    word
}

/// Other processors are not asked.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const fn word(_: *const u8) -> usize {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_as_it_is() {
        let value = vec![[7_u8; 200]; 3];
        value.iter().for_each(prefetch);
        prefetch(&());
        assert_eq!(value, vec![[7; 200]; 3]);
    }

    #[test]
    fn what_lies_behind_any_value_stays_as_it_is() {
        let value = (7_u8, vec![1_u8, 2, 3], None::<Box<u64>>, usize::MAX - 7, [9_u8; 5]);
        prefetch_behind(&value, 600);
        prefetch_behind(&(), 600);
        prefetch_behind(&[0x80_u8; 7], 600);
        value.4.iter().for_each(|byte| prefetch_behind(byte, 600));
        assert_eq!(value, (7, vec![1, 2, 3], None, usize::MAX - 7, [9; 5]));
    }

    #[test]
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    fn a_pointer_is_found_where_it_stands() {
        let value = Box::new(5_u64);
        let address = std::ptr::from_ref(&*value).addr();
        assert_eq!(word(std::ptr::from_ref(&value).cast()), address);
    }
}
