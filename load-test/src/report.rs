//! What both reports share: histograms, percentiles, costs, and where JSON goes.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

/// The version of the WebRTC stack this was built with.
pub(crate) const RTC_VERSION: &str = "0.21";

/// A histogram up to this value, to two digits, small enough that each viewer has its own.
pub(crate) fn histogram(max: u64) -> Histogram<u32> {
    Histogram::new_with_max(max.max(2), 2).expect("two digits and a maximum above two are valid")
}

/// What a distribution comes down to.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Percentiles {
    pub(crate) count: u64,
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Percentiles {
    /// Of a histogram whose values are divided by `unit`; nothing if it is empty.
    pub(crate) fn of(histogram: &Histogram<u32>, unit: f64) -> Option<Self> {
        let at = |quantile| round3(histogram.value_at_quantile(quantile) as f64 / unit);
        (!histogram.is_empty()).then(|| Self {
            count: histogram.len(),
            p50: at(0.50),
            p95: at(0.95),
            p99: at(0.99),
            max: round3(histogram.max() as f64 / unit),
        })
    }

    /// Of some values.
    pub(crate) fn of_values(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_unstable_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |quantile: f64| values[((last as f64 * quantile).round() as usize).min(last)];
        Some(Self {
            count: values.len() as u64,
            p50: at(0.50),
            p95: at(0.95),
            p99: at(0.99),
            max: values[last],
        })
    }
}

fn round3(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Who measured whom with what.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Versions {
    pub(crate) sluice_load: &'static str,
    pub(crate) rtc: &'static str,
    /// The `Server` header, if there was one.
    pub(crate) server: Option<String>,
}

impl Versions {
    pub(crate) fn new(server: Option<String>) -> Self {
        Self { sluice_load: env!("CARGO_PKG_VERSION"), rtc: RTC_VERSION, server }
    }
}

/// What this process itself spent.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Cost {
    pub(crate) cpu_seconds: f64,
    /// Of one core.
    pub(crate) cpu_percent: f64,
    pub(crate) cpu_us_per_packet: f64,
    /// Datagrams the kernel refused to send.
    pub(crate) unsent_datagrams: u64,
    /// Datagrams that one read from a socket brought, on average.
    pub(crate) datagrams_per_read: f64,
}

/// The processor time this process has used.
pub(crate) fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

impl Cost {
    /// Since an earlier [`cpu_time`].
    pub(crate) fn since(
        before: Duration,
        elapsed: Duration,
        packets: u64,
        unsent_datagrams: u64,
        reads: (u64, u64),
    ) -> Self {
        let cpu = cpu_time().saturating_sub(before).as_secs_f64();
        Self {
            cpu_seconds: round3(cpu),
            cpu_percent: round3(cpu * 100.0 / elapsed.as_secs_f64().max(0.001)),
            cpu_us_per_packet: round3(cpu * 1e6 / packets.max(1) as f64),
            unsent_datagrams,
            datagrams_per_read: round3(reads.1 as f64 / reads.0.max(1) as f64),
        }
    }
}

/// Writes a report to a file, or to standard output for `-`.
pub(crate) fn write_json(path: &Path, report: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(report).context("writing the report")?;
    text.push('\n');
    if path == Path::new("-") {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes()).context("writing the report")
    } else {
        fs::write(path, text).with_context(|| format!("writing {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_values_and_of_a_histogram_agree() {
        let mut histogram = histogram(60_000);
        for value in 1..=100u64 {
            histogram.saturating_record(value);
        }
        let counted = Percentiles::of(&histogram, 1.0).unwrap();
        let listed = Percentiles::of_values((1..=100).map(f64::from)).unwrap();
        assert!((counted.p50 - listed.p50).abs() <= 1.0);
        assert_eq!((counted.p99, counted.max), (99.0, 100.0));
        assert_eq!((listed.p99, listed.max), (99.0, 100.0));
        assert!(Percentiles::of_values([]).is_none());
        assert!(Percentiles::of(&super::histogram(5), 1.0).is_none());
    }
}
