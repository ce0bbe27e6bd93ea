//! Grants of those who watch over HTTP. A player asks for something several times a second, and each request
//! could be its last: so its Grant is remembered for some seconds, and looked at, not asked for, meanwhile.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sluice_accounts::secrets::lookup_hash;
use sluice_domain::{Grant, RecordingId, StreamName};
use sluice_store::Recording;

use crate::access::Credential;
use crate::error::LiveError;
use crate::live::{Live, clock};
use crate::metrics;

/// How long a Grant is believed. What this node revokes ends it at once; what another process revokes goes on
/// for that long. Shorter asks the database more often: once in that time for each player that shows something,
/// and for all that show nothing together.
const BELIEVED: Duration = Duration::from_secs(5);

/// How long a refusal is repeated without asking again. Longer makes somebody wait who has just been let in.
const REFUSED: Duration = Duration::from_secs(1);

/// Most answers that are remembered: some megabytes. Beyond it all are asked for anew, which is slow and right.
const MOST: usize = 20_000;

/// Who asks, for what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Asked<K> {
    what: K,
    /// A hash of what they show: what is remembered must not be worth stealing.
    shown: Option<String>,
    /// A token may be bound to an address.
    caller: Option<IpAddr>,
}

/// Somebody may watch a recording.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The recording as it was a moment ago.
    pub recording: Recording,
    /// Their Grant.
    pub grant: Grant,
}

/// An answer, and when it was given.
type Given<V> = (Instant, Result<Arc<V>, LiveError>);

#[derive(Debug)]
struct Answers<K, V> {
    /// Counts what made answers wrong; an answer that was asked for before is not remembered.
    epoch: u64,
    given: HashMap<Asked<K>, Given<V>>,
}

impl<K, V> Default for Answers<K, V> {
    fn default() -> Self {
        Self { epoch: 0, given: HashMap::new() }
    }
}

impl<K: Eq + Hash, V> Answers<K, V> {
    /// The answer that was given a moment ago.
    fn recent(&self, asked: &Asked<K>, now: Instant) -> Option<Result<Arc<V>, LiveError>> {
        let (at, answer) = self.given.get(asked)?;
        let held = if answer.is_ok() { BELIEVED } else { REFUSED };
        (now.duration_since(*at) < held).then(|| answer.clone())
    }

    /// The last answer that let somebody in, however long ago it was given.
    fn last(&self, asked: &Asked<K>) -> Option<Arc<V>> {
        self.given.get(asked).and_then(|(_, answer)| answer.as_ref().ok().cloned())
    }

    fn remember(&mut self, asked: Asked<K>, answer: Result<Arc<V>, LiveError>, epoch: u64, now: Instant) {
        if epoch != self.epoch || matches!(answer, Err(LiveError::Unavailable)) {
            return;
        }
        if self.given.len() >= MOST {
            self.given.retain(|_, (at, _)| now.duration_since(*at) < REFUSED);
            if self.given.len() >= MOST {
                self.given.clear();
            }
        }
        self.given.insert(asked, (now, answer));
    }

    fn forget(&mut self, wrong: impl Fn(&K) -> bool) {
        self.epoch += 1;
        self.given.retain(|asked, _| !wrong(&asked.what));
    }
}

/// What was answered to those who watch over HTTP.
#[derive(Debug, Default)]
pub(crate) struct Playing {
    live: Mutex<Answers<StreamName, Grant>>,
    recordings: Mutex<Answers<RecordingId, Replay>>,
}

impl Playing {
    fn live(&self) -> MutexGuard<'_, Answers<StreamName, Grant>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recordings(&self) -> MutexGuard<'_, Answers<RecordingId, Replay>> {
        self.recordings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn asked<K>(what: K, credential: Option<&Credential>, caller: IpAddr) -> Asked<K> {
    let shown = credential.map(|credential| lookup_hash(credential.expose()));
    let caller = shown.is_some().then_some(caller);
    Asked { what, shown, caller }
}

impl Live {
    /// May the holder of this credential watch over HTTP? Asks the database every few seconds at most.
    ///
    /// # Errors
    /// When it may not, or the database is away.
    pub async fn may_play(
        &self,
        stream: &StreamName,
        credential: Option<&Credential>,
        caller: IpAddr,
    ) -> Result<Arc<Grant>, LiveError> {
        let asked = asked(stream.clone(), credential, caller);
        let (recent, epoch) = {
            let answers = self.playing().live();
            (answers.recent(&asked, Instant::now()), answers.epoch)
        };
        match recent {
            Some(Err(refusal)) => return Err(refusal),
            Some(Ok(grant)) if self.state().still_trusts(&grant, clock()) => {
                metrics::playing("believed");
                return Ok(grant);
            }
            // It fell, or there is none.
            Some(Ok(_)) | None => {}
        }
        metrics::playing("asked");
        let answer = self.may_watch(stream, credential, caller).await.map(Arc::new);
        if answer == Err(LiveError::Unavailable) {
            // A database that is away ends nobody.
            let last = self.playing().live().last(&asked);
            let last = last.filter(|grant| self.state().still_trusts(grant, clock()));
            return last.ok_or(LiveError::Unavailable);
        }
        self.playing().live().remember(asked, answer.clone(), epoch, Instant::now());
        answer
    }

    /// May the holder of this credential watch a recording? Asks the database every few seconds at most.
    ///
    /// # Errors
    /// When it may not, or the database is away.
    pub async fn may_replay(
        &self,
        recording: RecordingId,
        credential: Option<&Credential>,
        caller: IpAddr,
    ) -> Result<Arc<Replay>, LiveError> {
        let asked = asked(recording, credential, caller);
        let (recent, epoch) = {
            let answers = self.playing().recordings();
            (answers.recent(&asked, Instant::now()), answers.epoch)
        };
        match recent {
            Some(Err(refusal)) => return Err(refusal),
            Some(Ok(replay)) if self.state().still_trusts(&replay.grant, clock()) => {
                metrics::playing("believed");
                return Ok(replay);
            }
            Some(Ok(_)) | None => {}
        }
        metrics::playing("asked");
        let answer = self.access().replay(recording, credential, caller).await;
        let answer = answer.map(|(recording, grant)| Arc::new(Replay { recording, grant }));
        if matches!(answer, Err(LiveError::Unavailable)) {
            let last = self.playing().recordings().last(&asked);
            let last = last.filter(|replay| self.state().still_trusts(&replay.grant, clock()));
            return last.ok_or(LiveError::Unavailable);
        }
        self.playing().recordings().remember(asked, answer.clone(), epoch, Instant::now());
        answer
    }

    /// Whether the holder of this credential, who may watch a recording, may take it along as a file.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn may_take_along(
        &self,
        replay: &Replay,
        credential: Option<&Credential>,
        caller: IpAddr,
    ) -> Result<bool, LiveError> {
        self.access().downloads(&replay.recording, credential, caller).await
    }

    /// What is known of a recording changed: whoever watches it is looked at anew with the next request.
    pub fn recording_changed(&self, recording: RecordingId) {
        self.playing().recordings().forget(|id| *id == recording);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(what: u8) -> Asked<u8> {
        Asked { what, shown: None, caller: None }
    }

    #[test]
    fn an_answer_holds_for_some_seconds_and_a_refusal_for_one() {
        let (mut answers, start) = (Answers::<u8, u8>::default(), Instant::now());
        answers.remember(question(1), Ok(Arc::new(7)), 0, start);
        answers.remember(question(2), Err(LiveError::Forbidden), 0, start);
        let after = |ms| start + Duration::from_millis(ms);
        assert_eq!(answers.recent(&question(1), after(4_999)), Some(Ok(Arc::new(7))));
        assert_eq!(answers.recent(&question(1), after(5_000)), None);
        assert_eq!(answers.recent(&question(2), after(999)), Some(Err(LiveError::Forbidden)));
        assert_eq!(answers.recent(&question(2), after(1_000)), None);
        assert_eq!(answers.recent(&question(3), start), None);
    }

    #[test]
    fn a_database_that_is_away_is_asked_again_at_once_and_ends_nobody() {
        let (mut answers, now) = (Answers::<u8, u8>::default(), Instant::now());
        answers.remember(question(1), Err(LiveError::Unavailable), 0, now);
        assert_eq!(answers.recent(&question(1), now), None);
        // Whom it let in before it went away goes on meanwhile.
        answers.remember(question(1), Ok(Arc::new(7)), 0, now);
        let later = now + BELIEVED;
        answers.remember(question(1), Err(LiveError::Unavailable), 0, later);
        assert_eq!(
            (answers.recent(&question(1), later), answers.last(&question(1))),
            (None, Some(Arc::new(7)))
        );
    }

    #[test]
    fn what_was_asked_before_a_change_is_not_remembered_behind_it() {
        let (mut answers, now) = (Answers::<u8, u8>::default(), Instant::now());
        answers.remember(question(1), Ok(Arc::new(7)), 0, now);
        answers.remember(question(2), Ok(Arc::new(8)), 0, now);
        let epoch = answers.epoch;
        answers.forget(|what| *what == 1);
        assert_eq!(answers.recent(&question(1), now), None);
        assert_eq!(answers.recent(&question(2), now), Some(Ok(Arc::new(8))));
        answers.remember(question(1), Ok(Arc::new(7)), epoch, now);
        assert_eq!(answers.recent(&question(1), now), None);
    }

    #[test]
    fn there_are_never_more_answers_than_fit() {
        let (mut answers, now) = (Answers::<usize, u8>::default(), Instant::now());
        for what in 0..MOST + 10 {
            let asked = Asked { what, shown: None, caller: None };
            answers.remember(asked, Ok(Arc::new(1)), 0, now);
        }
        assert!(answers.given.len() <= MOST);
    }
}
