//! Media time: UTC on the server's clock.

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z on the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(as = "f64"))]
pub struct MediaTime(pub i64);

impl MediaTime {
    /// This time moved by `micros` (negative moves it back).
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to this time.
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}
