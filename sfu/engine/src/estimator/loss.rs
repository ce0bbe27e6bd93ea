//! Loss that congestion causes, told from loss that the radio causes.
//!
//! A radio loses packets whether or not they had to wait, a full queue loses them because they had to.
//! What is lost while nothing waits is taken for the radio's own share; only more than that counts.

/// Microseconds after which a window is looked at, if it has enough packets.
const WINDOW: i64 = 200_000;

/// Fewer packets say nothing about a share.
const LEAST_PACKETS: u32 = 40;

/// So few, and so many losses among them, are enough when the queue is long as well. Fewer take chance for
/// congestion.
const LEAST_WITH_QUEUE: u32 = 15;
const LEAST_LOST: u32 = 5;

/// The queue is long from here, in microseconds.
const LONG_QUEUE: f64 = 30_000.0;

/// Share beyond the radio's own that is congestion, with a long queue and without. The draft has 0.1
/// for both (draft-ietf-rmcat-gcc-02 §6).
const WITH_QUEUE: f64 = 0.08;
const WITHOUT_QUEUE: f64 = 0.15;

/// Share beyond the radio's own that no radio loses for long.
const CERTAIN: f64 = 0.3;

/// Share beyond the radio's own with which the estimate does not climb.
const HOLD: f64 = 0.04;

/// Most that is taken for the radio's own.
const MOST_OWN: f64 = 0.12;

/// Share of a new window in the radio's own loss.
const LEARN: f64 = 0.25;

/// What loss says about the estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Verdict {
    /// Nothing.
    Fine,
    /// Do not climb.
    Hold,
    /// A queue is full, or most is dropped: below what arrives.
    Full,
    /// This share is lost on a line that shows no queue: down by half of it, but not below what arrives.
    Policed(f64),
}

/// Counts of the current window.
#[derive(Debug, Clone, Default)]
pub(super) struct Loss {
    total: u32,
    lost: u32,
    queue: f64,
    began: Option<i64>,
    own: f64,
    held: bool,
}

impl Loss {
    /// Packets of a feedback message, and how much longer than the noise makes it the queue was at its
    /// longest, in microseconds.
    pub(super) fn add(&mut self, now: i64, total: u32, lost: u32, queue: f64) -> Verdict {
        self.total += total;
        self.lost += lost;
        self.queue = self.queue.max(queue);
        let began = *self.began.get_or_insert(now);
        let share = f64::from(self.lost) / f64::from(self.total.max(1));
        let beyond = share - self.own;
        let long = self.queue >= LONG_QUEUE;
        let full = long && beyond > WITH_QUEUE && self.total >= LEAST_WITH_QUEUE && self.lost >= LEAST_LOST;
        let closed = now - began >= WINDOW && self.total >= LEAST_PACKETS;
        if !full && !closed {
            return if self.held { Verdict::Hold } else { Verdict::Fine };
        }
        let verdict = match () {
            () if full || beyond > CERTAIN => Verdict::Full,
            () if beyond > WITHOUT_QUEUE => Verdict::Policed(share),
            () if beyond > HOLD => Verdict::Hold,
            () => Verdict::Fine,
        };
        if !long {
            self.own += LEARN * (share.min(MOST_OWN) - self.own);
        }
        self.held = verdict != Verdict::Fine;
        (self.total, self.lost, self.queue, self.began) = (0, 0, 0.0, None);
        verdict
    }

    /// A packet that was counted as lost has arrived after all.
    pub(super) const fn found(&mut self) {
        self.lost = self.lost.saturating_sub(1);
    }

    /// Forgets the window, but not the radio's own share.
    pub(super) const fn clear(&mut self) {
        (self.total, self.lost, self.queue, self.began) = (0, 0, 0.0, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worst(lost_of_20: u32, queue: f64) -> Vec<Verdict> {
        let mut loss = Loss::default();
        (0..40).map(|message| loss.add(message * 100_000, 20, lost_of_20, queue)).collect()
    }

    #[test]
    fn a_lossy_radio_is_no_congestion() {
        assert!(worst(1, 0.0).iter().skip(20).all(|verdict| *verdict == Verdict::Fine));
        assert!(worst(2, 5_000.0).iter().skip(20).all(|verdict| *verdict == Verdict::Fine));
    }

    #[test]
    fn a_full_queue_is_noticed_at_once() {
        assert_eq!(worst(8, 150_000.0)[0], Verdict::Full);
        assert_eq!(worst(4, 150_000.0)[1], Verdict::Full);
    }

    #[test]
    fn a_line_that_drops_a_fifth_is_policed() {
        assert!(worst(5, 0.0).contains(&Verdict::Policed(0.25)));
    }

    #[test]
    fn a_line_without_a_queue_that_drops_a_third_is_full() {
        assert!(worst(7, 0.0).contains(&Verdict::Full));
    }
}
