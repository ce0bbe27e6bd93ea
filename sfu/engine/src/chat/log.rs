//! What is said in a chat, and how it goes round the members of this shard.
//!
//! There is one log for all members, and each member has a place in it: what is said costs one entry however
//! many read it. Rounds go through the members one by one; who has its turn gets all that it lacks, so that
//! several texts ride in one packet where much is said. A round begins at once where the chat was quiet, and
//! the next one not before a pause that grows with the number of members. The order is always the same: so
//! the turns of a member are a pause apart, which is the longest that a text waits.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Members up to which every text goes round by itself.
const FEW: usize = 100;

/// Pause between the beginnings of two rounds, for each member. It is some times what a turn costs: longer
/// leaves more of the core to media, shorter delivers sooner.
const PAUSE_A_MEMBER: Duration = Duration::from_micros(60);

/// The longest pause: what a reader does not notice.
const MOST_PAUSE: Duration = Duration::from_millis(30);

/// Texts in a log at most. Only a shard that does not keep up has so many; members who lack those that
/// are dropped are cut, and come back by asking for what they missed.
const MOST_TEXTS: usize = 4096;

/// A text on its way.
#[derive(Debug)]
struct Said {
    since: Instant,
    text: Arc<str>,
}

/// The members of a chat on this shard, and what they are yet to get.
#[derive(Debug, Default)]
pub struct Chat {
    log: VecDeque<Said>,
    /// Number of the first text of the log.
    first: u64,
    /// Keys of those who are admitted.
    members: Vec<usize>,
    /// Those who wait for their turn in the round that is under way, last first.
    round: Vec<usize>,
    /// End of the log when the newest round began.
    until: u64,
    /// When that was.
    began: Option<Instant>,
    /// The next round does not begin before.
    not_before: Option<Instant>,
    /// Somebody could not take all in the newest round.
    behind: bool,
}

impl Chat {
    /// Number of the text that will be said next.
    pub fn end(&self) -> u64 {
        self.first + self.log.len() as u64
    }

    /// The text with this number and when it was said, unless it is not said yet or dropped.
    pub fn text(&self, number: u64) -> Option<(&Arc<str>, Instant)> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.log.get(at).map(|said| (&said.text, said.since))
    }

    /// Whether the text with this number was dropped before everybody had it.
    pub const fn has_dropped(&self, number: u64) -> bool {
        number < self.first
    }

    /// Says something.
    pub fn say(&mut self, text: Arc<str>, now: Instant) {
        if self.log.len() >= MOST_TEXTS {
            self.log.pop_front();
            self.first += 1;
        }
        self.log.push_back(Said { since: now, text });
    }

    /// One more member, who gets what is said from now on.
    pub fn admit(&mut self, key: usize) {
        self.members.push(key);
    }

    /// A member goes. True when nobody is left.
    pub fn leave(&mut self, key: usize) -> bool {
        self.members.retain(|member| *member != key);
        self.members.is_empty()
    }

    /// How many are admitted.
    pub const fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether nobody is.
    pub const fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Somebody could not take all that it was to get: what it lacks is kept.
    pub const fn keep(&mut self) {
        self.behind = true;
    }

    /// When somebody is to have a turn; `None` while there is nothing that somebody lacks.
    pub fn due(&self) -> Option<Instant> {
        if !self.round.is_empty() {
            return self.began;
        }
        let (_, since) = self.text(self.until.max(self.first))?;
        Some(self.not_before.map_or(since, |not_before| since.max(not_before)))
    }

    /// The key of the next member that has its turn.
    pub fn turn(&mut self, now: Instant) -> Option<usize> {
        if self.round.is_empty() {
            self.due().filter(|due| *due <= now)?;
            self.begin(now);
        }
        self.round.pop()
    }

    fn begin(&mut self, now: Instant) {
        self.forget();
        (self.until, self.began, self.behind) = (self.end(), Some(now), false);
        self.not_before = (self.members.len() > FEW).then(|| {
            let members = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
            now + PAUSE_A_MEMBER.saturating_mul(members).min(MOST_PAUSE)
        });
        self.round.extend(self.members.iter().rev());
    }

    /// Drops what everybody has got, and what nobody may wait for any longer.
    fn forget(&mut self) {
        let keep = if self.behind { super::MAX_WAITING as u64 + 1 } else { 0 };
        let first = self.until.saturating_sub(keep);
        while self.first < first && self.log.pop_front().is_some() {
            self.first += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::MAX_WAITING;
    use super::*;
    use crate::testing::start;

    fn chat(members: usize) -> Chat {
        let mut chat = Chat::default();
        (0..members).for_each(|key| chat.admit(key));
        chat
    }

    /// Lets everybody have a turn; who had one.
    fn round(chat: &mut Chat, now: Instant) -> Vec<usize> {
        std::iter::from_fn(|| chat.turn(now)).collect()
    }

    #[test]
    fn a_round_goes_once_through_all_and_ends() {
        let (mut chat, now) = (chat(3), start());
        assert_eq!(chat.due(), None);
        chat.say("one".into(), now);
        assert_eq!(chat.due(), Some(now));
        assert_eq!(round(&mut chat, now), [0, 1, 2]);
        assert_eq!(chat.due(), None);
    }

    #[test]
    fn in_a_large_chat_the_next_round_waits_and_the_first_does_not() {
        let (mut chat, now) = (chat(400), start());
        chat.say("one".into(), now);
        assert_eq!(round(&mut chat, now).len(), 400);
        let soon = now + Duration::from_millis(1);
        chat.say("two".into(), soon);
        assert_eq!(chat.due(), Some(now + Duration::from_millis(24)));
        assert_eq!(chat.turn(soon), None);
        chat.say("three".into(), soon);
        assert_eq!(round(&mut chat, now + Duration::from_millis(24)).len(), 400);
        let later = now + Duration::from_secs(1);
        chat.say("four".into(), later);
        assert_eq!(chat.due(), Some(later));
    }

    #[test]
    fn who_leaves_has_no_turn_in_the_next_round() {
        let (mut chat, now) = (chat(2), start());
        assert!(!chat.leave(0));
        chat.say("one".into(), now);
        assert_eq!(round(&mut chat, now), [1]);
        assert!(chat.leave(1));
    }

    #[test]
    fn what_everybody_has_is_forgotten_and_what_somebody_lacks_is_kept() {
        let (mut chat, now) = (chat(1), start());
        let say = |chat: &mut Chat, waits: bool| {
            for _ in 0..1000 {
                chat.say("text".into(), now);
                round(chat, now);
                if waits {
                    chat.keep();
                }
            }
            chat.log.len()
        };
        assert!(say(&mut chat, false) <= 2);
        let kept = say(&mut chat, true);
        assert!((MAX_WAITING + 1..=MAX_WAITING + 3).contains(&kept), "{kept}");
        assert!(chat.text(chat.end() - MAX_WAITING as u64).is_some());
        assert!(say(&mut chat, false) <= 2);
    }

    #[test]
    fn a_log_that_nobody_gets_to_is_bounded() {
        let (mut chat, now) = (chat(1), start());
        for _ in 0..2 * MOST_TEXTS {
            chat.say("text".into(), now);
        }
        assert_eq!((chat.log.len(), chat.end()), (MOST_TEXTS, 2 * MOST_TEXTS as u64));
        assert!(chat.has_dropped(0) && chat.text(0).is_none());
        assert_eq!(round(&mut chat, now), [0]);
    }
}
