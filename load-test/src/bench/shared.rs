//! What the viewers of a bench have in common: their settings, and where they note what they see.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Reasons of ended viewers that are kept; a thousand would say the same.
const MAX_REASONS: usize = 20;
/// Longest delay that is told from longer ones, in microseconds.
const MAX_DELAY_US: u64 = 60_000_000;

/// How one viewer got in, counted from when it began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Joined {
    pub(crate) connected: Duration,
    pub(crate) key_packet: Duration,
    pub(crate) key_frame: Duration,
}

/// Delays in microseconds, from the publisher's send to the viewer's kernel.
pub(crate) struct Delays {
    pub(crate) frames: Histogram<u64>,
    pub(crate) key_frames: Histogram<u64>,
}

impl Default for Delays {
    fn default() -> Self {
        let new = || {
            Histogram::new_with_bounds(1, MAX_DELAY_US, 3).expect("three digits of a minute are valid bounds")
        };
        Self { frames: new(), key_frames: new() }
    }
}

/// Percentiles of delays, in milliseconds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) count: u64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

impl Quantiles {
    /// Of microseconds.
    pub(crate) fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1000.0;
        Self {
            count: histogram.len(),
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
            max: histogram.max() as f64 / 1000.0,
        }
    }
}

/// Shared by all viewers of a run.
pub(crate) struct Shared {
    /// One of so many packets is decrypted.
    pub(crate) sample: u32,
    /// Time between transport-wide feedbacks.
    pub(crate) feedback: Duration,
    pub(crate) loss_percent: f32,
    measuring: AtomicBool,
    delays: Mutex<Delays>,
    joined: Mutex<Vec<Joined>>,
    reasons: Mutex<Vec<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new(sample: u32, feedback: Duration, loss_percent: f32) -> Self {
        Self {
            sample,
            feedback,
            loss_percent,
            measuring: AtomicBool::new(false),
            delays: Mutex::default(),
            joined: Mutex::default(),
            reasons: Mutex::default(),
        }
    }

    /// A frame was whole after this many microseconds.
    pub(crate) fn delayed(&self, micros: u64, key: bool) {
        if self.measuring.load(Ordering::Relaxed) {
            let mut delays = lock(&self.delays);
            delays.frames.saturating_record(micros);
            if key {
                delays.key_frames.saturating_record(micros);
            }
        }
    }

    /// A viewer has its first key frame.
    pub(crate) fn joined(&self, joined: Joined) {
        lock(&self.joined).push(joined);
    }

    /// A viewer was thrown out or lost.
    pub(crate) fn ended(&self, viewer: u32, reason: &str) {
        let mut reasons = lock(&self.reasons);
        if reasons.len() < MAX_REASONS {
            reasons.push(format!("viewer {viewer}: {reason}"));
        }
    }

    /// Begins to note delays.
    pub(crate) fn start_measuring(&self) {
        *lock(&self.delays) = Delays::default();
        self.measuring.store(true, Ordering::Relaxed);
    }

    /// Ends it and returns them.
    pub(crate) fn stop_measuring(&self) -> Delays {
        self.measuring.store(false, Ordering::Relaxed);
        std::mem::take(&mut *lock(&self.delays))
    }

    /// Who joined since the last call.
    pub(crate) fn take_joined(&self) -> Vec<Joined> {
        std::mem::take(&mut *lock(&self.joined))
    }

    /// Why viewers ended before their time.
    pub(crate) fn reasons(&self) -> Vec<String> {
        lock(&self.reasons).clone()
    }
}
