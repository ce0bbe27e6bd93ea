//! What the members of a run have in common: when who sends what, and where they note what they hear.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use sluice_domain::ProblemCode;
use sluice_domain::chat::AckState;

use super::ledger::Numbers;
use super::stamp::{Run, Stamp};
use crate::driver::Moment;

/// Longest delay that is told from longer ones, in microseconds.
const MAX_DELAY_US: u64 = 60_000_000;
/// Errors that are kept; a thousand would say the same.
const MAX_ERRORS: usize = 20;

/// The plan of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Messages in all.
    pub(crate) messages: u32,
    /// Members who take turns at sending them.
    pub(crate) senders: u32,
    /// Time between two messages, of whichever senders.
    pub(crate) interval: Duration,
    /// Words of a message, besides its stamp.
    pub(crate) words: usize,
}

/// What the server answered to those who send.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    /// Messages that every member is to get.
    pub(crate) accepted: Numbers,
    /// Messages that a moderator has to look at first.
    pub(crate) held: u64,
    /// Messages that are in the database.
    pub(crate) stored: u64,
    /// Messages that were refused, by why.
    pub(crate) refused: BTreeMap<&'static str, u64>,
}

/// Shared by all members of a run.
pub(crate) struct Hall {
    pub(crate) plan: Plan,
    run: Run,
    /// Since 1970, when the run was planned.
    epoch: Duration,
    begin: OnceLock<Instant>,
    sent: AtomicU32,
    delays: Mutex<Histogram<u64>>,
    answers: Mutex<Answers>,
    errors: Mutex<Vec<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hall {
    /// Nobody sends until it is begun.
    pub(crate) fn new(plan: Plan) -> Self {
        let delays = Histogram::new_with_bounds(1, MAX_DELAY_US, 3)
            .expect("three digits of a minute are valid bounds");
        let answers = Answers { accepted: Numbers::below(plan.messages), ..Answers::default() };
        Self {
            plan,
            run: Run::random(),
            epoch: Moment::now().wall,
            begin: OnceLock::new(),
            sent: AtomicU32::new(0),
            delays: Mutex::new(delays),
            answers: Mutex::new(answers),
            errors: Mutex::default(),
        }
    }

    /// Lets the senders begin.
    pub(crate) fn begin(&self, at: Instant) {
        // A run begins once.
        let _begun = self.begin.set(at);
    }

    /// When a message is due; nothing before the run has begun.
    pub(crate) fn due(&self, number: u32) -> Option<Instant> {
        self.begin.get().map(|begin| *begin + self.plan.interval.saturating_mul(number))
    }

    /// The text of a message that is sent now.
    pub(crate) fn text(&self, number: u32, now: Moment) -> String {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let micros = now.wall.saturating_sub(self.epoch).as_micros() as u64;
        Stamp { run: self.run, number, micros }.text(self.plan.words)
    }

    /// The number of a message of this run.
    pub(crate) fn number(&self, text: &str) -> Option<Stamp> {
        Stamp::parse(text).filter(|stamp| stamp.run == self.run && stamp.number < self.plan.messages)
    }

    /// A message arrived at a member at this time (since 1970).
    pub(crate) fn arrived(&self, stamp: Stamp, wall: Duration) {
        let arrived = wall.saturating_sub(self.epoch).as_micros() as u64;
        lock(&self.delays).saturating_record(arrived.saturating_sub(stamp.micros).max(1));
    }

    /// The server answered to a message.
    pub(crate) fn answered(&self, number: u32, state: AckState) {
        let mut answers = lock(&self.answers);
        match state {
            AckState::Delivered => {
                answers.accepted.add(number);
            }
            AckState::Held => answers.held += 1,
            AckState::Stored => answers.stored += 1,
            AckState::Done => {}
        }
    }

    /// The server refused a message.
    pub(crate) fn refused(&self, code: ProblemCode) {
        *lock(&self.answers).refused.entry(code.code()).or_default() += 1;
    }

    /// Something went wrong for a member.
    pub(crate) fn failed(&self, member: u32, reason: &str) {
        let mut errors = lock(&self.errors);
        if errors.len() < MAX_ERRORS {
            errors.push(format!("member {member}: {reason}"));
        }
    }

    /// Messages that were sent.
    pub(crate) fn sent(&self) -> u32 {
        self.sent.load(Ordering::Relaxed)
    }

    /// From when a message was sent to its arrival at each member, in microseconds.
    pub(crate) fn delays(&self) -> Histogram<u64> {
        lock(&self.delays).clone()
    }

    /// What the server answered.
    pub(crate) fn answers(&self) -> Answers {
        lock(&self.answers).clone()
    }

    /// What went wrong.
    pub(crate) fn errors(&self) -> Vec<String> {
        lock(&self.errors).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hall() -> Hall {
        Hall::new(Plan { messages: 10, senders: 2, interval: Duration::from_millis(20), words: 3 })
    }

    #[test]
    fn nothing_is_due_before_the_run_begins() {
        let hall = hall();
        assert_eq!(hall.due(3), None);
        let begin = Instant::now();
        hall.begin(begin);
        assert_eq!(hall.due(3), Some(begin + Duration::from_millis(60)));
    }

    #[test]
    fn the_delay_of_a_message_is_that_between_its_stamp_and_its_arrival() {
        let hall = hall();
        let now = Moment::now();
        let text = hall.text(7, now);
        let stamp = hall.number(&text).unwrap();
        assert_eq!(stamp.number, 7);
        hall.arrived(stamp, now.wall + Duration::from_millis(5));
        let delays = hall.delays();
        assert!((4_990..=5_010).contains(&delays.max()), "{}", delays.max());
        assert_eq!(hall.sent(), 1);
    }

    #[test]
    fn messages_of_other_runs_are_none_of_this_one() {
        let (hall, mut other) = (hall(), hall());
        while other.run == hall.run {
            other.run = Run::random();
        }
        assert_eq!(hall.number(&other.text(1, Moment::now())), None);
        assert_eq!(hall.number(&hall.text(10, Moment::now())), None, "there are ten, from zero");
        assert_eq!(hall.number("hello"), None);
    }

    #[test]
    fn answers_are_counted_by_what_they_say() {
        let hall = hall();
        hall.answered(3, AckState::Delivered);
        hall.answered(3, AckState::Stored);
        hall.answered(4, AckState::Held);
        hall.refused(ProblemCode::RateLimited);
        hall.refused(ProblemCode::RateLimited);
        let answers = hall.answers();
        assert_eq!((answers.accepted.count(), answers.stored, answers.held), (1, 1, 1));
        assert_eq!(answers.refused, BTreeMap::from([("rate_limited", 2)]));
    }
}
