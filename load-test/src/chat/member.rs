//! One member, whatever carries its messages: joins, hears, and sends when it is due.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use sluice_domain::chat::{CHAT_VERSION, ChatEvent, ChatRequest};
use sluice_domain::{ChatMessageId, Redacted};

use super::hall::Hall;
use super::ledger::Ear;
use crate::driver::Moment;

/// How often a sender looks whether the run has begun.
const LOOK: Duration = Duration::from_millis(20);
/// How much of an event is searched for its type, which comes first or behind the topic.
const HEAD: usize = 96;

/// How far a member has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Joining,
    Joined,
    /// It was put out, or its connection is lost.
    Ended,
}

/// A member.
pub(crate) struct Member {
    pub(crate) index: u32,
    pub(crate) state: State,
    pub(crate) ear: Ear,
    /// Messages heard; what [`Ear`] would have to count.
    pub(crate) heard: u64,
    /// Becomes true once `joined` came.
    pub(crate) was_joined: bool,
    token: Option<Redacted<String>>,
    hall: Arc<Hall>,
    /// The number of the next message to send; nothing for one who only listens.
    next: Option<u32>,
    looked: Option<Instant>,
}

/// The sum over members.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) members: u32,
    pub(crate) joined: u32,
    pub(crate) ended: u32,
    pub(crate) heard: u64,
}

impl Progress {
    /// Adds a member.
    pub(crate) fn add(&mut self, member: &Member) {
        self.members += 1;
        self.joined += u32::from(member.was_joined);
        self.ended += u32::from(member.state == State::Ended);
        self.heard += member.heard;
    }
}

/// The part of `message` that is looked at; reading all of it would be most of what a member costs.
#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    message: SaidMessage<'a>,
}

#[derive(Deserialize)]
struct SaidMessage<'a> {
    id: ChatMessageId,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

impl Member {
    /// A member who has not joined. With `sender`, it sends every message of that turn.
    pub(crate) fn new(
        hall: &Arc<Hall>,
        index: u32,
        sender: Option<u32>,
        token: Option<Redacted<String>>,
    ) -> Self {
        Self {
            index,
            state: State::Joining,
            ear: Ear::new(hall.plan.messages, hall.plan.senders),
            heard: 0,
            was_joined: false,
            token,
            hall: Arc::clone(hall),
            next: sender.filter(|turn| *turn < hall.plan.messages),
            looked: None,
        }
    }

    /// What it says first.
    pub(crate) fn join(&self) -> ChatRequest {
        ChatRequest::Join {
            v: Some(CHAT_VERSION),
            token: self.token.as_ref().map(|token| token.expose().clone()),
            after: None,
        }
    }

    /// With what it says who it is, where that is not in `join`.
    pub(crate) fn token(&self) -> Option<&Redacted<String>> {
        self.token.as_ref()
    }

    /// Takes an event that arrived at this time (since 1970).
    pub(crate) fn hear(&mut self, event: &str, wall: Duration) {
        let mut head = event.len().min(HEAD);
        while !event.is_char_boundary(head) {
            head -= 1;
        }
        if event[..head].contains(r#""type":"message""#) {
            match serde_json::from_str::<Said<'_>>(event) {
                Ok(said) => self.hear_message(&said.message, wall),
                Err(error) => self.hall.failed(self.index, &format!("a message makes no sense: {error}")),
            }
        } else if let Ok(event) = serde_json::from_str(event) {
            self.hear_event(event);
        }
    }

    fn hear_message(&mut self, message: &SaidMessage<'_>, wall: Duration) {
        let Some(stamp) = self.hall.number(&message.text) else { return };
        if self.ear.hear(message.id, stamp.number) {
            self.heard += 1;
            self.hall.arrived(stamp, wall);
        }
    }

    fn hear_event(&mut self, event: ChatEvent) {
        match event {
            ChatEvent::Joined { .. } if self.state == State::Joining => {
                self.state = State::Joined;
                self.was_joined = true;
            }
            ChatEvent::Ack { r#ref: Some(number), state, .. } => {
                if let Ok(number) = number.parse() {
                    self.hall.answered(number, state);
                }
            }
            ChatEvent::Error { r#ref: Some(_), code, .. } => self.hall.refused(code),
            ChatEvent::Error { r#ref: None, code, detail, .. } => {
                self.hall.failed(self.index, &format!("{}: {detail}", code.code()));
            }
            ChatEvent::Bye { code, detail } => self.end(&format!("put out, {}: {detail}", code.code())),
            _ => {}
        }
    }

    /// When it has something to send.
    pub(crate) fn due(&self) -> Option<Instant> {
        let next = self.next.filter(|_| self.state == State::Joined)?;
        // Until the run begins it only looks for that.
        self.hall.due(next).or_else(|| Some(self.looked? + LOOK)).or_else(|| Some(Instant::now()))
    }

    /// What is to be sent by now, one message at a time.
    pub(crate) fn say(&mut self, now: Moment) -> Option<ChatRequest> {
        let next = self.next.filter(|_| self.state == State::Joined)?;
        self.looked = Some(now.instant);
        if self.hall.due(next)? > now.instant {
            return None;
        }
        self.next = next.checked_add(self.hall.plan.senders).filter(|next| *next < self.hall.plan.messages);
        Some(ChatRequest::Message {
            r#ref: Some(next.to_string()),
            text: self.hall.text(next, now),
            reply_to: None,
            media_time: None,
        })
    }

    /// The connection is over before its time.
    pub(crate) fn end(&mut self, reason: &str) {
        if self.state != State::Ended {
            self.state = State::Ended;
            self.hall.failed(self.index, reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::hall::Plan;
    use super::*;

    fn hall() -> Arc<Hall> {
        Arc::new(Hall::new(Plan { messages: 4, senders: 2, interval: Duration::from_millis(10), words: 2 }))
    }

    const JOINED: &str = r#"{"type":"joined","v":1,"stream":"00000000-0000-7000-8000-000000000001",
        "you":{"id":null,"name":"guest-1","handle":null,"may":{"write":true,"moderate":false,"manage":false}},
        "settings":{"enabled":true,"anonymous_may_write":true,"modes":[],"slow_seconds":0,
        "followers_minutes":null,"filter":"medium","links":"hold","rules":""},
        "presence":{"accounts":0,"anonymous":1},"history":[],"resumed":false,"emotes_version":0}"#;

    fn said(number: u32, text: &str) -> String {
        format!(
            r#"{{"topic":"chat:00000000-0000-7000-8000-000000000001","type":"message","message":{{"id":"00000000-0000-7000-8000-{number:012x}","stream":"00000000-0000-7000-8000-000000000001","author":{{"id":null,"name":"x","handle":null}},"kind":"text","text":"{text}","at":1}}}}"#
        )
    }

    #[test]
    fn a_sender_sends_every_message_of_its_turn_when_it_is_due() {
        let hall = hall();
        let mut member = Member::new(&hall, 1, Some(1), None);
        let now = Moment::now();
        assert!(member.due().is_none() && member.say(now).is_none(), "it has not joined");
        member.hear(JOINED, now.wall);
        assert_eq!(member.state, State::Joined);
        assert!(member.due().is_some() && member.say(now).is_none(), "the run has not begun");
        hall.begin(now.instant);
        assert_eq!(member.due(), Some(now.instant + Duration::from_millis(10)));
        let later = Moment { instant: now.instant + Duration::from_secs(1), ..now };
        let refs: Vec<String> = std::iter::from_fn(|| member.say(later))
            .map(|request| match request {
                ChatRequest::Message { r#ref: Some(number), .. } => number,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(refs, ["1", "3"]);
        assert!(member.due().is_none());
    }

    #[test]
    fn a_member_hears_messages_of_its_run_and_answers_to_its_own() {
        let hall = hall();
        let mut member = Member::new(&hall, 0, None, None);
        let now = Moment::now();
        member.hear(JOINED, now.wall);
        member.hear(&said(1, &hall.text(0, now)), now.wall);
        member.hear(&said(2, "hello"), now.wall);
        member.hear(r#"{"type":"ack","ref":"0","id":null,"state":"delivered"}"#, now.wall);
        member.hear(r#"{"type":"error","ref":"1","code":"rate_limited","detail":"Wait."}"#, now.wall);
        member.hear(r#"{"type":"something_new","ref":7}"#, now.wall);
        member.hear("not even JSON", now.wall);
        assert_eq!((member.heard, hall.delays().len()), (1, 1));
        let answers = hall.answers();
        assert_eq!((answers.accepted.count(), answers.refused["rate_limited"]), (1, 1));
        assert!(hall.errors().is_empty());
    }

    #[test]
    fn a_member_that_is_put_out_says_why_once() {
        let hall = hall();
        let mut member = Member::new(&hall, 3, Some(0), None);
        let now = Moment::now();
        member.hear(JOINED, now.wall);
        member.hear(r#"{"type":"bye","code":"rate_limited","detail":"Too much."}"#, now.wall);
        member.end("the connection was lost");
        assert_eq!((member.state, member.was_joined), (State::Ended, true));
        assert_eq!(hall.errors(), ["member 3: put out, rate_limited: Too much."]);
        hall.begin(now.instant);
        assert!(member.say(now).is_none() && member.due().is_none());
    }
}
