//! One member: its place in what is said, and what waits for it alone.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use sluice_domain::StreamId;

use super::guard::Guard;
use super::log::Chat;
use super::{MAX_WAITING, MemberId};

/// The chat channel of a peer, open or not.
#[derive(Debug)]
pub struct Seat {
    /// Of which chat.
    pub chat: StreamId,
    /// What the peer does with it.
    pub guard: Guard,
    /// How often it was opened.
    pub openings: u32,
    /// Who sits there while it is open.
    pub member: Option<Member>,
}

impl Seat {
    /// Of a peer that did not open its channel yet.
    pub const fn new(chat: StreamId, now: Instant) -> Self {
        Self { chat, guard: Guard::new(now), openings: 0, member: None }
    }

    /// The member, if it is still the one that is meant.
    pub fn member_mut(&mut self, id: MemberId) -> Option<&mut Member> {
        self.member.as_mut().filter(|member| member.id == id)
    }
}

/// Somebody with an open channel.
#[derive(Debug)]
pub struct Member {
    /// Who.
    pub id: MemberId,
    /// Until when what it says is refused.
    pub silent_until: Option<Instant>,
    /// It is on the list of those who have a turn soon.
    pub queued: bool,
    /// Its channel took no more at its last turn.
    pub full: bool,
    /// Number of the next text of the chat that it is to get, once it is admitted.
    next: Option<u64>,
    /// Texts for it alone, each behind the text of the chat with this number.
    own: VecDeque<(u64, Arc<str>)>,
}

/// What a member gets next.
#[derive(Debug, Clone, Copy)]
pub enum Next<'a> {
    /// Something for it alone.
    Own(&'a Arc<str>),
    /// Something for all, and when it was said.
    Common(&'a Arc<str>, Instant),
    /// Something for all that is not there any more.
    Lost,
}

impl Member {
    /// Somebody who just opened the channel.
    pub const fn new(id: MemberId) -> Self {
        Self { id, silent_until: None, queued: false, full: false, next: None, own: VecDeque::new() }
    }

    /// Whether it gets what is said to all.
    pub const fn is_admitted(&self) -> bool {
        self.next.is_some()
    }

    /// From now on it gets what is said to all.
    pub fn admit(&mut self, chat: &Chat) {
        self.next = Some(chat.end());
        // What it was told before comes before; the numbers may be those of a log that is gone.
        self.own.iter_mut().for_each(|(behind, _)| *behind = chat.end());
    }

    /// From now on it does not, and what it did not get yet it gets no more.
    pub const fn dismiss(&mut self) {
        self.next = None;
    }

    /// Something for it alone, behind what was said so far.
    pub fn tell(&mut self, text: Arc<str>, chat: Option<&Chat>) {
        self.own.push_back((chat.map_or(0, Chat::end), text));
    }

    /// What it gets next.
    pub fn next<'a>(&'a self, chat: Option<&'a Chat>) -> Option<Next<'a>> {
        let own = self.own.front();
        let Some((next, chat)) = self.next.zip(chat) else {
            return own.map(|(_, text)| Next::Own(text));
        };
        if let Some((_, text)) = own.filter(|(behind, _)| *behind <= next) {
            return Some(Next::Own(text));
        }
        if chat.has_dropped(next) {
            return Some(Next::Lost);
        }
        chat.text(next).map(|(text, since)| Next::Common(text, since))
    }

    /// It got what [`Self::next`] named.
    pub fn got(&mut self, own: bool) {
        if own {
            self.own.pop_front();
        } else if let Some(next) = &mut self.next {
            *next += 1;
        }
    }

    /// Whether more waits for it than may.
    pub fn is_behind(&self, chat: Option<&Chat>) -> bool {
        let common = self.next.zip(chat).map_or(0, |(next, chat)| chat.end().saturating_sub(next));
        self.own.len() as u64 + common > MAX_WAITING as u64
    }
}

#[cfg(test)]
mod tests {
    use sluice_domain::PeerId;

    use super::*;
    use crate::testing::start;

    fn say(chat: &mut Chat, text: &str) {
        chat.say(text.into(), start());
    }

    /// All that a member gets now.
    fn take(member: &mut Member, chat: &Chat) -> Vec<String> {
        let mut got = Vec::new();
        while let Some(next) = member.next(Some(chat)) {
            let (text, own) = match next {
                Next::Own(text) => (text.to_string(), true),
                Next::Common(text, _) => (text.to_string(), false),
                Next::Lost => ("lost".to_owned(), false),
            };
            got.push(text);
            member.got(own);
        }
        got
    }

    fn member() -> Member {
        Member::new(MemberId { peer: PeerId(1), opening: 0 })
    }

    #[test]
    fn what_is_told_keeps_its_place_among_what_is_said() {
        let (mut chat, mut member) = (Chat::default(), member());
        say(&mut chat, "before");
        member.tell("history".into(), Some(&chat));
        member.admit(&chat);
        say(&mut chat, "one");
        member.tell("mine".into(), Some(&chat));
        say(&mut chat, "two");
        assert_eq!(take(&mut member, &chat), ["history", "one", "mine", "two"]);
        assert!(take(&mut member, &chat).is_empty());
    }

    #[test]
    fn who_comes_back_to_a_chat_that_began_anew_gets_everything() {
        let (mut before, mut member) = (Chat::default(), member());
        (0..50).for_each(|_| say(&mut before, "text"));
        member.admit(&before);
        member.tell("told".into(), Some(&before));
        member.dismiss();
        let mut chat = Chat::default();
        member.admit(&chat);
        say(&mut chat, "one");
        assert_eq!(take(&mut member, &chat), ["told", "one"]);
    }

    #[test]
    fn more_than_may_wait_is_too_much() {
        let (mut chat, mut member) = (Chat::default(), member());
        member.admit(&chat);
        (0..MAX_WAITING).for_each(|_| say(&mut chat, "text"));
        assert!(!member.is_behind(Some(&chat)));
        member.tell("one more".into(), Some(&chat));
        assert!(member.is_behind(Some(&chat)));
    }
}
