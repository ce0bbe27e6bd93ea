//! Why a chat does not do what a member asks for.

use std::fmt;
use std::time::Duration;

use sluice_domain::ProblemCode;
use sluice_domain::chat::ChatEvent;

/// A refusal, as the member is told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatRefusal {
    /// What is wrong.
    pub code: ProblemCode,
    /// What to do about it.
    pub detail: String,
    /// When to try again.
    pub retry_after: Option<Duration>,
}

impl ChatRefusal {
    pub(crate) fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), retry_after: None }
    }

    /// A refusal that ends.
    pub(crate) fn until(code: ProblemCode, detail: impl Into<String>, wait: Duration) -> Self {
        Self { code, detail: detail.into(), retry_after: Some(wait) }
    }

    /// As an answer.
    pub fn event(&self, reference: Option<String>) -> ChatEvent {
        let retry_after = self.retry_after.map(|wait| u32::try_from(wait.as_millis()).unwrap_or(u32::MAX));
        ChatEvent::Error { r#ref: reference, code: self.code, detail: self.detail.clone(), retry_after }
    }
}

impl fmt::Display for ChatRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail.trim_end_matches('.'))
    }
}

/// A time as people say it: "20 s", "5 min", "2 h".
pub(crate) fn spoken(time: Duration) -> String {
    // Rounded up: who comes back a moment too early is refused again.
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds.div_ceil(60)),
        7200..172_800 => format!("{} h", seconds.div_ceil(3600)),
        _ => format!("{} days", seconds.div_ceil(86_400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_the_unit_that_people_would_use_and_never_too_short() {
        for (millis, said) in [(1, "1 s"), (90_000, "90 s"), (121_000, "3 min"), (7_200_000, "2 h")] {
            assert_eq!(spoken(Duration::from_millis(millis)), said);
        }
        assert_eq!(spoken(Duration::from_secs(14 * 86_400)), "14 days");
    }
}
