//! What time it is: the machine's clock, or one that a test moves.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use uuid::{ContextV7, Timestamp, Uuid};

/// A clock in UTC milliseconds. Clones of a manual clock move together.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// `None` is the machine's clock.
    manual: Option<Arc<Manual>>,
}

/// A clock that a test moves.
#[derive(Debug)]
struct Manual {
    now_ms: AtomicI64,
    /// What keeps its ids in order; those of the machine's clock share one in the whole process.
    ids: Mutex<ContextV7>,
}

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self { manual: None }
    }

    /// A clock that stands still until it is moved.
    pub fn manual(now_ms: i64) -> Self {
        let ids = Mutex::new(ContextV7::new());
        Self { manual: Some(Arc::new(Manual { now_ms: AtomicI64::new(now_ms), ids })) }
    }

    /// Moves a manual clock; the machine's clock is not moved.
    pub fn advance(&self, ms: i64) {
        if let Some(manual) = &self.manual {
            manual.now_ms.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn now_ms(&self) -> i64 {
        match &self.manual {
            Some(manual) => manual.now_ms.load(Ordering::SeqCst),
            // A machine that believes to live before 1970 has its clock unset; 0 makes every token expired.
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
        }
    }

    /// A new id that sorts behind all that this process made before, those of the same millisecond included:
    /// lists are in the order of their ids (UUIDv7 with a counter, RFC 9562 section 6.2).
    pub fn uuid(&self) -> Uuid {
        let Some(manual) = &self.manual else { return Uuid::now_v7() };
        let ids = manual.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let ms = u64::try_from(self.now_ms()).unwrap_or_default();
        let below_a_second = u32::try_from(ms % 1000 * 1_000_000).unwrap_or_default();
        Uuid::new_v7(Timestamp::from_unix(&*ids, ms / 1000, below_a_second))
    }
}

/// A second, in the unit of this crate.
pub const SECOND: i64 = 1000;
/// A minute.
pub const MINUTE: i64 = 60 * SECOND;
/// An hour.
pub const HOUR: i64 = 60 * MINUTE;
/// A day.
pub const DAY: i64 = 24 * HOUR;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_manual_clock_move_together() {
        let clock = Clock::manual(5);
        clock.clone().advance(HOUR);
        assert_eq!(clock.now_ms(), 5 + HOUR);
    }

    #[test]
    fn ids_sort_by_the_clock() {
        let clock = Clock::manual(1_700_000_000_000);
        let first = clock.uuid();
        clock.advance(1);
        let second = clock.uuid();
        assert!(first < second);
        assert_eq!(first.get_version_num(), 7);
    }

    #[test]
    fn ids_of_one_millisecond_are_in_the_order_they_were_made() {
        for clock in [Clock::manual(1_700_000_000_123), Clock::system()] {
            let ids: Vec<_> = (0..10_000).map(|_| clock.uuid()).collect();
            assert!(ids.is_sorted_by(|one, next| one < next));
        }
        let of = Clock::manual(1_700_000_000_123).uuid().get_timestamp().unwrap().to_unix();
        assert_eq!(of, (1_700_000_000, 123_000_000));
    }
}
