//! Asking the processor for memory before it is needed.
//!
//! Thousands of viewers are served in turn, and none of them is in the near caches when its turn comes. A
//! processor that is asked for memory goes on at once, while one that reads it waits sooner or later.

/// Bytes of a cache line.
const LINE: usize = 64;

/// Asks for all of `value`, so that it is near when it is used. Changes nothing and waits for nothing.
pub(crate) fn prefetch<T>(value: &T) {
    let start = std::ptr::from_ref(value).cast::<i8>();
    for line in (0..size_of::<T>()).step_by(LINE) {
        fetch(start.wrapping_add(line));
    }
    // A value does not begin where a line does.
    fetch(start.wrapping_add(size_of::<T>().saturating_sub(1)));
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
}
