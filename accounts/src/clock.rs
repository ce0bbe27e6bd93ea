//! What time it is: the machine's clock, or one that a test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

/// A clock in UTC milliseconds. Clones of a manual clock move together.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// `None` is the machine's clock.
    manual: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self { manual: None }
    }

    /// A clock that stands still until it is moved.
    pub fn manual(now_ms: i64) -> Self {
        Self { manual: Some(Arc::new(AtomicI64::new(now_ms))) }
    }

    /// Moves a manual clock; the machine's clock is not moved.
    pub fn advance(&self, ms: i64) {
        if let Some(manual) = &self.manual {
            manual.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn now_ms(&self) -> i64 {
        match &self.manual {
            Some(manual) => manual.load(Ordering::SeqCst),
            // A machine that believes to live before 1970 has its clock unset; 0 makes every token expired.
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
        }
    }

    /// A new id that sorts by this clock (UUIDv7).
    pub fn uuid(&self) -> Uuid {
        let ms = u64::try_from(self.now_ms()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(ms, &crate::secrets::random_bytes()).into_uuid()
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
}
