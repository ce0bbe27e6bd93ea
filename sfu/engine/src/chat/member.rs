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
