//! Progress: a bar on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Seconds between plain lines; a log file needs no more.
const PLAIN_INTERVAL: Duration = Duration::from_secs(2);

/// Where progress is shown.
pub(crate) enum Progress {
    /// A bar that is drawn over.
    Bar(ProgressBar),
    /// Lines on standard error.
    Plain(Mutex<Option<Instant>>),
    /// Nowhere.
    Quiet,
}

impl Progress {
    /// Shows progress towards this length, or endless progress for zero.
    pub(crate) fn new(quiet: bool, length: Duration) -> Self {
        if quiet {
            return Self::Quiet;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Plain(Mutex::new(None));
        }
        let bar = if length.is_zero() {
            ProgressBar::new_spinner()
        } else {
            let style = ProgressStyle::with_template("{bar:24} {elapsed}/{duration} {msg}");
            ProgressBar::new(length.as_millis() as u64)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        };
        Self::Bar(bar)
    }

    /// Shows where things stand.
    pub(crate) fn show(&self, elapsed: Duration, text: &str) {
        match self {
            Self::Bar(bar) => {
                bar.set_position(elapsed.as_millis() as u64);
                bar.set_message(text.to_owned());
            }
            Self::Plain(last) => {
                let mut last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if last.is_none_or(|last| last.elapsed() >= PLAIN_INTERVAL) {
                    *last = Some(Instant::now());
                    // A closed standard error is no reason to stop measuring.
                    let _ = writeln!(std::io::stderr().lock(), "{:6.1} s  {text}", elapsed.as_secs_f64());
                }
            }
            Self::Quiet => {}
        }
    }

    /// Leaves the terminal to the report.
    pub(crate) fn clear(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// A bit rate for people.
pub(crate) fn bits(rate: f64) -> String {
    if rate >= 1e9 {
        format!("{:.2} Gbit/s", rate / 1e9)
    } else if rate >= 1e6 {
        format!("{:.2} Mbit/s", rate / 1e6)
    } else {
        format!("{:.0} kbit/s", rate / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_rates_have_the_unit_that_fits() {
        assert_eq!(bits(2_500_000.0), "2.50 Mbit/s");
        assert_eq!(bits(64_000.0), "64 kbit/s");
        assert_eq!(bits(1.25e9), "1.25 Gbit/s");
    }
}
