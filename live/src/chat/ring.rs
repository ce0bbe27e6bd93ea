//! The newest messages of a chat, for those who come late or come back. Pure.

use std::collections::VecDeque;
use std::sync::Arc;

use sluice_domain::chat::ChatMessage;
use sluice_domain::{AccountId, ChatMessageId};

/// Messages that are kept at hand. More lets members come back from longer outages without a gap, at about
/// a kilobyte each for every chat in use.
pub(crate) const RING: usize = 500;

/// Messages that somebody gets who comes.
pub(crate) const NEWEST: usize = 50;

/// Most messages of one answer to `history`.
pub(crate) const PAGE: usize = 100;

/// Most bytes of messages in one event. With its envelope an event stays below 64 KiB, which every data
/// channel takes in one piece (RFC 8841 §6.1).
const BUDGET: usize = 56 * 1024;

/// The newest messages, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    messages: VecDeque<Arc<ChatMessage>>,
    /// The newest message that is not at hand any more.
    floor: Option<ChatMessageId>,
}

/// Messages for one event.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Excerpt {
    /// Oldest first.
    pub(crate) messages: Vec<ChatMessage>,
    /// Whether nothing is missing between what was asked for and the first of them.
    pub(crate) complete: bool,
}

impl Ring {
    /// What the database has, oldest first; `more` where it has older ones.
    pub(crate) fn of(messages: Vec<ChatMessage>, more: bool) -> Self {
        let floor = messages.first().filter(|_| more).map(|message| message.id);
        let mut ring = Self { messages: VecDeque::with_capacity(RING), floor };
        messages.into_iter().for_each(|message| ring.push(Arc::new(message)));
        ring
    }

    pub(crate) fn push(&mut self, message: Arc<ChatMessage>) {
        if self.messages.len() == RING {
            self.floor = self.messages.pop_front().map(|message| message.id);
        }
        self.messages.push_back(message);
    }

    pub(crate) fn find(&self, id: ChatMessageId) -> Option<&Arc<ChatMessage>> {
        let at = self.messages.binary_search_by_key(&id, |message| message.id).ok()?;
        self.messages.get(at)
    }

    /// Takes a message away. Whether it was here.
    pub(crate) fn remove(&mut self, id: ChatMessageId) -> bool {
        let found = self.messages.binary_search_by_key(&id, |message| message.id);
        found.is_ok_and(|at| self.messages.remove(at).is_some())
    }

    /// Takes away what an account said; which that was.
    pub(crate) fn remove_of(&mut self, account: AccountId) -> Vec<ChatMessageId> {
        let of_account = |message: &Arc<ChatMessage>| message.author.id == Some(account);
        let ids = self.messages.iter().filter(|message| of_account(message)).map(|message| message.id);
        let ids = ids.collect();
        self.messages.retain(|message| !of_account(message));
        ids
    }

    pub(crate) fn clear(&mut self) {
        self.messages.clear();
        self.floor = None;
    }

    /// The newest messages.
    pub(crate) fn newest(&self) -> Excerpt {
        let all = self.messages.len() <= NEWEST && self.floor.is_none();
        let excerpt = self.last_of(self.messages.len(), NEWEST);
        Excerpt { complete: excerpt.complete && all, ..excerpt }
    }

    /// What followed a message; `complete` where nothing between is missing.
    pub(crate) fn after(&self, id: ChatMessageId) -> Excerpt {
        let start = self.messages.partition_point(|message| message.id <= id);
        let excerpt = self.last_of(self.messages.len(), self.messages.len() - start);
        let at_hand = self.floor.is_none_or(|floor| floor <= id);
        Excerpt { complete: excerpt.complete && at_hand, ..excerpt }
    }

    /// What came before a message; `complete` where older ones are not at hand.
    pub(crate) fn before(&self, id: ChatMessageId, limit: usize) -> Excerpt {
        let end = self.messages.partition_point(|message| message.id < id);
        let excerpt = self.last_of(end, limit.min(PAGE));
        let all = excerpt.messages.len() == end;
        Excerpt { complete: all, ..excerpt }
    }

    /// Whether there may be messages that are not at hand.
    pub(crate) fn has_floor(&self) -> bool {
        self.floor.is_some()
    }

    /// The last `count` before the place `end`, as far as they fit into one event.
    fn last_of(&self, end: usize, count: usize) -> Excerpt {
        let mut left = BUDGET;
        let mut messages = Vec::new();
        let wanted = self.messages.iter().take(end).rev().take(count);
        for message in wanted {
            let weight = weight(message);
            if weight > left {
                break;
            }
            left -= weight;
            messages.push(ChatMessage::clone(message));
        }
        messages.reverse();
        let complete = messages.len() == count.min(end);
        Excerpt { messages, complete }
    }
}

/// About how many bytes of JSON a message has, and never fewer.
fn weight(message: &ChatMessage) -> usize {
    let text = |text: &str| text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    let quote = message.reply_to.as_ref().map_or(0, |quote| 80 + text(&quote.text) + text(&quote.name));
    let picture = message.author.avatar_url.as_ref().map_or(0, String::len);
    let emotes: usize = message.emotes.iter().map(|emote| 50 + emote.name.len() + emote.url.len()).sum();
    400 + text(&message.text)
        + text(&message.author.name)
        + quote
        + picture
        + emotes
        + 40 * message.mentions.len()
}

#[cfg(test)]
mod tests {
    use sluice_domain::StreamId;
    use sluice_domain::chat::{ChatAuthor, MessageKind};
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> ChatMessageId {
        ChatMessageId(Uuid::from_u128(number))
    }

    fn message(number: u128, text: &str) -> ChatMessage {
        let account = AccountId(Uuid::from_u128(number % 2));
        ChatMessage {
            id: id(number),
            stream: StreamId(Uuid::nil()),
            author: ChatAuthor {
                id: Some(account),
                name: "Ann".to_owned(),
                handle: None,
                avatar_url: None,
                badges: Vec::new(),
            },
            kind: MessageKind::Text,
            text: text.to_owned(),
            emotes: Vec::new(),
            mentions: Vec::new(),
            reply_to: None,
            at: 0,
            media_time: None,
        }
    }

    fn ring(count: u128) -> Ring {
        let mut ring = Ring::default();
        (1..=count).for_each(|number| ring.push(Arc::new(message(number, "hello"))));
        ring
    }

    fn numbers(excerpt: &Excerpt) -> Vec<u128> {
        excerpt.messages.iter().map(|message| message.id.0.as_u128()).collect()
    }

    #[test]
    fn who_comes_gets_the_newest_and_who_comes_back_what_it_missed() {
        let ring = ring(60);
        assert_eq!(numbers(&ring.newest()), (11..=60).collect::<Vec<_>>());
        let after = ring.after(id(57));
        assert_eq!((numbers(&after), after.complete), (vec![58, 59, 60], true));
        assert_eq!(ring.after(id(60)), Excerpt { messages: Vec::new(), complete: true });
    }

    #[test]
    fn what_is_not_at_hand_any_more_is_a_gap() {
        let ring = ring(RING as u128 + 10);
        assert!(!ring.after(id(9)).complete);
        let edge = ring.after(id(10));
        // All five hundred follow without a gap, but for what one event can carry.
        assert_eq!(edge.messages.last().unwrap().id, id(RING as u128 + 10));
        assert!(ring.after(id(400)).complete);
        assert!(!ring.before(id(20), 100).complete || numbers(&ring.before(id(20), 100)).len() == 9);
    }

    #[test]
    fn a_message_that_was_taken_away_leaves_no_gap() {
        let mut ring = ring(10);
        assert!(ring.remove(id(5)) && !ring.remove(id(5)));
        let after = ring.after(id(5));
        assert_eq!((numbers(&after), after.complete), (vec![6, 7, 8, 9, 10], true));
        assert_eq!(ring.remove_of(AccountId(Uuid::from_u128(1))), [id(1), id(3), id(7), id(9)]);
        assert_eq!(numbers(&ring.newest()), [2, 4, 6, 8, 10]);
    }

    #[test]
    fn an_event_with_history_fits_into_one_piece() {
        let mut ring = Ring::default();
        (1..=500).for_each(|number| ring.push(Arc::new(message(number, &"\u{1f600}\"".repeat(250)))));
        let after = ring.after(id(1));
        let bytes = serde_json::to_string(&after.messages).unwrap().len();
        assert!(!after.complete && bytes < 60 * 1024, "{bytes}");
        assert_eq!(after.messages.last().unwrap().id, id(500));
    }
}
