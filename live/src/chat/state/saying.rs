//! What members say: from a request to what everybody hears.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_domain::chat::{
    AckState, ChatEvent, ChatMessage, ChatMode, MessageKind, MessageState, ModerationAction, ModerationKind,
    Quote,
};
use sluice_domain::{Bucket, ChatMessageId, MediaTime, ProblemCode};
use sluice_store::StoredMessage;

use super::super::command::{self, Command};
use super::super::effect::{Candidate, Effect, Judgement, Moment, Question};
use super::super::filter;
use super::super::person::{MemberId, Person, Speaker, Target};
use super::super::rates;
use super::super::record::Entry;
use super::super::refusal::{ChatRefusal, spoken};
use super::super::text;
use super::acting::Asked;
use super::rules::Lacks;
use super::{Chat, busy, remember_handle};

/// Most texts that wait for the filter. At the most that a chat takes in a second this is two seconds' worth,
/// and the filter answers in a quarter of one.
const MAX_JUDGING: usize = 500;

/// Most messages whose authors wait to hear that they are stored. Beyond it they do not hear it.
const MAX_UNWRITTEN: usize = 10_000;

/// Messages among which a text must be new in unique mode.
const RECENT: usize = 1000;

/// How often somebody's standing is looked up again who is refused for it.
const RECHECK: Duration = Duration::from_secs(3);

/// A message on its way.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(super) member: MemberId,
    pub(super) person: Person,
    pub(super) reference: Option<String>,
    pub(super) text: String,
    pub(super) kind: MessageKind,
    pub(super) reply_to: Option<ChatMessageId>,
    pub(super) media_time: Option<MediaTime>,
    /// Whether it is kept at the top as soon as it is delivered.
    pub(super) pin: bool,
}

/// What is known of somebody who writes.
#[derive(Debug)]
pub(crate) struct Spoken {
    bucket: Bucket,
    last: Option<Instant>,
    rechecked: Option<Instant>,
    /// When they did anything last.
    pub(super) at: Instant,
}

/// Fingerprints of what was said lately.
#[derive(Debug)]
pub(crate) struct Recent {
    state: RandomState,
    order: VecDeque<u64>,
    known: HashSet<u64>,
}

impl Recent {
    pub(super) fn of(messages: &[ChatMessage]) -> Self {
        let mut recent = Self { state: RandomState::new(), order: VecDeque::new(), known: HashSet::new() };
        messages.iter().for_each(|message| recent.add(&message.text));
        recent
    }

    fn has(&self, text: &str) -> bool {
        self.known.contains(&self.state.hash_one(text::same(text)))
    }

    fn add(&mut self, text: &str) {
        let fingerprint = self.state.hash_one(text::same(text));
        if !self.known.insert(fingerprint) {
            return;
        }
        self.order.push_back(fingerprint);
        if self.order.len() > RECENT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

impl Chat {
    pub(super) fn handle_message(
        &mut self,
        id: MemberId,
        reference: Option<String>,
        text: String,
        reply_to: Option<ChatMessageId>,
        media_time: Option<MediaTime>,
        now: Moment,
    ) {
        let Some(member) = self.members.get(&id) else { return };
        let person = member.person.clone();
        let kind = MessageKind::Text;
        let draft = Draft { member: id, person, reference, text, kind, reply_to, media_time, pin: false };
        match command::read(draft.text.trim_start()) {
            None => self.submit(draft, now),
            Some(Ok(Command::Me { text })) => {
                self.submit(Draft { text, kind: MessageKind::Action, ..draft }, now);
            }
            Some(Ok(command)) => self.command(draft, command, now),
            Some(Err(refusal)) => self.refuse(id, draft.reference, &refusal),
        }
    }

    /// Takes a message in, or says why not.
    pub(super) fn submit(&mut self, mut draft: Draft, now: Moment) {
        let exempt = self.keeps_order(&draft.person);
        if let Err(refusal) = self.may_write(&draft.person, now) {
            return self.turn_down(draft, &refusal);
        }
        if let Err(refusal) = self.within_rates(&draft, exempt, now) {
            return self.turn_down(draft, &refusal);
        }
        draft.text = match filter::clean(&draft.text) {
            Ok(text) => text,
            Err(code) => return self.turn_down(draft, &ChatRefusal::new(code, unclean(code))),
        };
        if exempt {
            return self.deliver(draft, now);
        }
        match self.modes_allow(&draft.person, now) {
            Ok(()) => {}
            Err(Lacks::Refused(refusal)) => return self.turn_down(draft, &refusal),
            Err(Lacks::Standing(refusal)) => return self.look_again(draft, &refusal, now),
        }
        self.consider(draft, now);
    }

    fn turn_down(&mut self, draft: Draft, refusal: &ChatRefusal) {
        self.refuse(draft.member, draft.reference, refusal);
    }

    /// What remains to be asked of a message whose author may write.
    fn consider(&mut self, mut draft: Draft, now: Moment) {
        let spans = self.emotes.find(&draft.text);
        let only = text::only_emotes(&draft.text, &spans);
        if self.settings.has(ChatMode::EmoteOnly) && !only {
            let refusal = ChatRefusal::new(ProblemCode::EmoteOnly, "Only emotes may be written now.");
            return self.turn_down(draft, &refusal);
        }
        if only && !spans.is_empty() && draft.kind == MessageKind::Text {
            draft.kind = MessageKind::Emote;
        }
        if self.settings.has(ChatMode::Unique) && self.recent.has(&draft.text) {
            let refusal =
                ChatRefusal::new(ProblemCode::NotUnique, "This was said before; say something new.");
            return self.turn_down(draft, &refusal);
        }
        if let Err(refusal) = self.waited(&draft, now) {
            return self.turn_down(draft, &refusal);
        }
        if let Some(spoken) = self.speakers.get_mut(&speaker(&draft)) {
            spoken.last = Some(now.at);
        }
        // From here on it is taken: the same text once more in the same moment is not new.
        self.recent.add(&draft.text);
        if self.is_muted(draft.person.account) {
            self.deliver_muted(draft, now);
        } else if self.settings.has(ChatMode::Shield) {
            self.hold(draft, vec!["shield".to_owned()], now);
        } else if self.judging.len() >= MAX_JUDGING {
            self.turn_down(draft, &busy());
        } else {
            self.judge(draft, now);
        }
    }

    fn judge(&mut self, draft: Draft, now: Moment) {
        let person = &draft.person;
        let age = u64::try_from(now.ms().saturating_sub(person.created_at)).unwrap_or(0);
        let candidate = Candidate {
            text: draft.text.clone(),
            account: person.account,
            guest: draft.member.0,
            account_age: person.account.map(|_| Duration::from_millis(age)),
            follows: person.follows_since.is_some(),
            is_bot: person.is_bot,
            messages_here: person.messages_here,
        };
        let ticket = self.ticket();
        self.judging.insert(ticket, draft);
        self.effects.push_back(Effect::Judge(ticket, Box::new(candidate)));
    }

    /// The filter has looked at a text.
    pub(crate) fn judged(&mut self, ticket: u64, judgement: Judgement, now: Moment) {
        let Some(draft) = self.judging.remove(&ticket) else { return };
        // Who was silenced meanwhile is not heard any more.
        if let Err(refusal) = self.may_write(&draft.person, now) {
            return self.refuse(draft.member, draft.reference, &refusal);
        }
        match judgement {
            Judgement::Pass => self.deliver(draft, now),
            Judgement::Hold(reasons) => self.hold(draft, reasons, now),
            Judgement::Refuse(reason) => {
                let detail = "The filter of this chat does not take this message.";
                let refusal = ChatRefusal::new(ProblemCode::MessageRefused, detail);
                self.note_filtered(&draft, ModerationAction::MessageBlocked, None, &[reason], now);
                self.refuse(draft.member, draft.reference, &refusal);
            }
        }
    }

    /// Everybody hears it.
    pub(super) fn deliver(&mut self, draft: Draft, now: Moment) {
        let message = Arc::new(self.message(&draft, now));
        self.recent.add(&draft.text);
        self.publish(Arc::clone(&message));
        let stored = self.row(&message, MessageState::Shown, Vec::new());
        self.effects.push_back(Effect::Record(Entry::Message(Box::new(stored))));
        self.acknowledge(draft.member, draft.reference.clone(), message.id, AckState::Delivered);
        if draft.pin {
            self.pin(message, &draft.person, now);
        }
    }

    /// Tells a message to everybody and keeps it at hand.
    pub(super) fn publish(&mut self, message: Arc<ChatMessage>) {
        remember_handle(&mut self.handles, &message.author);
        if let Some(member) = message.author.id {
            for id in self.connections(member) {
                if let Some(member) = self.members.get_mut(&id) {
                    member.person.messages_here = member.person.messages_here.saturating_add(1);
                }
            }
        }
        self.pulse.said(message.author.id);
        self.ring.push(Arc::clone(&message));
        self.say(ChatEvent::Message { message: ChatMessage::clone(&message) });
    }

    /// Its author and the moderators hear it, and the author is told that everybody does.
    fn deliver_muted(&mut self, draft: Draft, now: Moment) {
        let message = self.message(&draft, now);
        let stored = self.row(&message, MessageState::Muted, Vec::new());
        self.effects.push_back(Effect::Record(Entry::Message(Box::new(stored))));
        let event = ChatEvent::Message { message: message.clone() };
        for id in draft.person.account.map(|account| self.connections(account)).unwrap_or_default() {
            self.tell(id, event.clone());
        }
        self.tell_moderators(event);
        self.acknowledge(draft.member, draft.reference, message.id, AckState::Delivered);
    }

    /// The message of a draft, with the next id.
    pub(super) fn message(&mut self, draft: &Draft, now: Moment) -> ChatMessage {
        let quoted = draft.reply_to.and_then(|id| self.ring.find(id));
        let reply_to = quoted.map(|quoted| Quote {
            id: quoted.id,
            name: quoted.author.name.clone(),
            text: text::quote(&quoted.text),
        });
        let mut mentions = text::mentions(&draft.text, &self.handles);
        mentions.extend(quoted.and_then(|quoted| quoted.author.id).filter(|id| !mentions.contains(id)));
        ChatMessage {
            id: self.order.next(now.ms()),
            stream: self.stream,
            author: self.author(&draft.person),
            kind: draft.kind,
            emotes: self.emotes.find(&draft.text),
            text: draft.text.clone(),
            mentions,
            reply_to,
            at: now.ms(),
            media_time: draft.media_time,
        }
    }

    pub(super) fn row(
        &self,
        message: &ChatMessage,
        state: MessageState,
        reasons: Vec<String>,
    ) -> StoredMessage {
        StoredMessage {
            org_id: self.org,
            broadcast_id: self.broadcast,
            message: message.clone(),
            state,
            reasons,
            settled_at: None,
            settled_by: None,
        }
    }

    /// Tells the author how far a message has come, and remembers to tell when it is stored.
    pub(super) fn acknowledge(
        &mut self,
        member: MemberId,
        reference: Option<String>,
        id: ChatMessageId,
        state: AckState,
    ) {
        self.tell(member, ChatEvent::Ack { r#ref: reference.clone(), id: Some(id), state, text: None });
        if self.unwritten.len() < MAX_UNWRITTEN {
            self.unwritten.insert(id, (member, reference));
        }
    }

    /// Notes what the filter did to a message; never its text.
    pub(super) fn note_filtered(
        &mut self,
        draft: &Draft,
        action: ModerationAction,
        message: Option<ChatMessageId>,
        reasons: &[String],
        now: Moment,
    ) {
        let target = draft.person.account.map(|account| Target {
            account,
            name: draft.person.name.clone(),
            role: draft.person.role,
        });
        let reason = reasons.join(", ");
        self.note(ModerationKind::ChatFilter, action, None, target.as_ref(), message, &reason, now);
    }

    /// Looks whether somebody follows or has paid since they came, before they are refused for it.
    fn look_again(&mut self, draft: Draft, refusal: &ChatRefusal, now: Moment) {
        let Some(account) = draft.person.account else { return self.turn_down(draft, refusal) };
        let Some(spoken) = self.speakers.get_mut(&speaker(&draft)) else {
            return self.turn_down(draft, refusal);
        };
        let lately = spoken.rechecked.is_some_and(|at| now.at.saturating_duration_since(at) < RECHECK);
        if lately {
            return self.turn_down(draft, refusal);
        }
        spoken.rechecked = Some(now.at);
        self.ask(Question::Standing(account), Asked::Standing { draft: Box::new(draft) });
    }

    /// A draft goes on whose author's standing was looked up.
    pub(super) fn resume(&mut self, draft: Draft, now: Moment) {
        match self.modes_allow(&draft.person, now) {
            Ok(()) => self.consider(draft, now),
            Err(Lacks::Refused(refusal) | Lacks::Standing(refusal)) => self.turn_down(draft, &refusal),
        }
    }

    fn within_rates(&mut self, draft: &Draft, exempt: bool, now: Moment) -> Result<(), ChatRefusal> {
        let rate = if exempt || draft.person.is_bot { rates::BUSY } else { rates::PEOPLE };
        let spoken = self.speakers.entry(speaker(draft)).or_insert_with(|| Spoken {
            bucket: Bucket::full(now.at),
            last: None,
            rechecked: None,
            at: now.at,
        });
        spoken.at = now.at;
        spoken
            .bucket
            .take(rate, now.at)
            .map_err(|wait| ChatRefusal::until(ProblemCode::RateLimited, "You write too fast.", wait))?;
        self.rate.take(rates::CHAT, now.at).map_err(|wait| {
            ChatRefusal::until(ProblemCode::RateLimited, "Too much is said in this chat now.", wait)
        })
    }

    /// Slow mode.
    fn waited(&self, draft: &Draft, now: Moment) -> Result<(), ChatRefusal> {
        let slow = Duration::from_secs(u64::from(self.settings.slow_seconds));
        let last = self.speakers.get(&speaker(draft)).and_then(|spoken| spoken.last);
        let left = last.map(|last| slow.saturating_sub(now.at.saturating_duration_since(last)));
        match left.filter(|left| !left.is_zero()) {
            None => Ok(()),
            Some(left) => {
                let detail = format!("Slow mode: wait {} before the next message.", spoken(left));
                Err(ChatRefusal::until(ProblemCode::SlowMode, detail, left))
            }
        }
    }
}

fn speaker(draft: &Draft) -> Speaker {
    draft.person.account.map_or(Speaker::Guest(draft.member), Speaker::Account)
}

const fn unclean(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::MessageTooLong => "A message has 500 characters at most.",
        ProblemCode::MessageEmpty => "There is nothing to see in this message.",
        _ => "This message cannot be shown as it is.",
    }
}
