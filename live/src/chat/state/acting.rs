//! What moderators do: one path for requests of members, slash commands and the API.

use serde_json::json;
use sluice_domain::chat::{
    AckState, ChatEvent, ChatMessage, MessageKind, MessageState, ModerationAction, ModerationKind,
    ModerationRequest, Settled,
};
use sluice_domain::{AccountId, ChatMessageId, ModerationActionId, ProblemCode};
use sluice_store::ModerationEntry;
use std::sync::Arc;
use tokio::sync::oneshot;

use super::super::command::{Command, HELP, MAX_REASON, MAX_TIMEOUT};
use super::super::effect::{Effect, Finally, Found, Moment, Question};
use super::super::person::{MemberId, Person, Rank, Target, Whom, rank_of};
use super::super::record::Entry;
use super::super::refusal::ChatRefusal;
use super::saying::Draft;
use super::{Chat, not_a_moderator, unavailable, unknown_message};

/// Who does something, and to whom its outcome is told.
#[derive(Debug)]
pub(crate) struct By {
    pub(super) person: Person,
    pub(super) answer: Answer,
}

/// To whom the outcome is told.
#[derive(Debug)]
pub(super) enum Answer {
    Member {
        id: MemberId,
        reference: Option<String>,
    },
    /// A call of the API. Whoever called may have gone; then nobody is told.
    Call(oneshot::Sender<Result<(), ChatRefusal>>),
}

impl By {
    /// A call of the API.
    pub(crate) fn call(person: Person, answer: oneshot::Sender<Result<(), ChatRefusal>>) -> Self {
        Self { person, answer: Answer::Call(answer) }
    }
}

/// Something that is done to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    Timeout { seconds: u32, reason: Option<String> },
    Ban { reason: Option<String> },
    Mute { reason: Option<String> },
    Unban,
    Mod,
    Unmod,
}

/// What waits for the database.
#[derive(Debug)]
pub(crate) enum Asked {
    /// Who is it that something is done to?
    Whom {
        by: By,
        whom: Whom,
        act: Act,
    },
    /// What is this message, that is taken away or kept at the top?
    Message {
        by: By,
        id: ChatMessageId,
        pin: bool,
    },
    /// May this message be written after all?
    Standing {
        draft: Box<Draft>,
    },
    /// What are the moderators called?
    Mods {
        by: By,
    },
    History {
        member: MemberId,
        reference: Option<String>,
    },
}

impl Chat {
    /// A member keeps order.
    pub(super) fn moderate(
        &mut self,
        id: MemberId,
        reference: Option<String>,
        request: ModerationRequest,
        now: Moment,
    ) {
        let Some(member) = self.members.get(&id) else { return };
        let by = By { person: member.person.clone(), answer: Answer::Member { id, reference } };
        self.act(by, request, now);
    }

    /// Keeps order.
    pub(crate) fn act(&mut self, by: By, request: ModerationRequest, now: Moment) {
        if !self.keeps_order(&by.person) {
            return self.failed(by.answer, &not_a_moderator());
        }
        let on = |account| Whom::Account(account);
        match request {
            ModerationRequest::Delete { message } => self.delete_or_pin(by, message, false, now),
            ModerationRequest::Pin { message } => self.delete_or_pin(by, message, true, now),
            ModerationRequest::Unpin {} => {
                self.unpin(&by.person, now);
                self.done(by.answer, None);
            }
            ModerationRequest::Clear {} => {
                self.clear(&by.person, now);
                self.done(by.answer, None);
            }
            ModerationRequest::Approve { message } => self.settle_for(by, message, Settled::Approved, now),
            ModerationRequest::Deny { message } => self.settle_for(by, message, Settled::Denied, now),
            ModerationRequest::Timeout { account, seconds, reason } => {
                if !(1..=MAX_TIMEOUT).contains(&seconds) {
                    let detail = "A timeout lasts from 1 second to 14 days.";
                    return self.failed(by.answer, &ChatRefusal::new(ProblemCode::InvalidInput, detail));
                }
                self.act_on(by, on(account), Act::Timeout { seconds, reason: short(reason) }, now);
            }
            ModerationRequest::Ban { account, reason } => {
                self.act_on(by, on(account), Act::Ban { reason: short(reason) }, now);
            }
            ModerationRequest::Mute { account, reason } => {
                self.act_on(by, on(account), Act::Mute { reason: short(reason) }, now);
            }
            ModerationRequest::Unban { account } => self.act_on(by, on(account), Act::Unban, now),
        }
    }

    /// Does something to somebody who may have to be looked up.
    pub(crate) fn act_on(&mut self, by: By, whom: Whom, act: Act, now: Moment) {
        let allowed = match act {
            Act::Mod | Act::Unmod => self.manages(&by.person),
            _ => self.keeps_order(&by.person),
        };
        if !allowed {
            return self.failed(by.answer, &not_a_moderator());
        }
        match self.present_target(&whom) {
            Some(target) => self.act_on_target(by, target, act, now),
            None => self.ask(Question::Who(whom.clone()), Asked::Whom { by, whom, act }),
        }
    }

    /// A command of a member.
    pub(super) fn command(&mut self, draft: Draft, command: Command, now: Moment) {
        let id = draft.member;
        if matches!(command, Command::Help) {
            return self.answer(id, draft.reference, HELP.to_owned());
        }
        let by = By {
            person: draft.person.clone(),
            answer: Answer::Member { id, reference: draft.reference.clone() },
        };
        if matches!(command, Command::Mods) {
            let mut mods: Vec<AccountId> = self.moderators.iter().copied().collect();
            mods.sort_unstable();
            return self.ask(Question::Names(mods), Asked::Mods { by });
        }
        if !self.keeps_order(&draft.person) {
            return self.failed(by.answer, &not_a_moderator());
        }
        match command {
            Command::Timeout { whom, seconds, reason } => {
                self.act_on(by, whom, Act::Timeout { seconds, reason }, now);
            }
            Command::Ban { whom, reason } => self.act_on(by, whom, Act::Ban { reason }, now),
            Command::Mute { whom, reason } => self.act_on(by, whom, Act::Mute { reason }, now),
            Command::Unban { whom } => self.act_on(by, whom, Act::Unban, now),
            Command::Mod { whom } => self.act_on(by, whom, Act::Mod, now),
            Command::Unmod { whom } => self.act_on(by, whom, Act::Unmod, now),
            Command::Clear => self.act(by, ModerationRequest::Clear {}, now),
            Command::Unpin => self.act(by, ModerationRequest::Unpin {}, now),
            Command::Announce { text } => {
                self.submit(Draft { text, kind: MessageKind::Announcement, ..draft }, now);
            }
            Command::Pin { text } if text.is_empty() => match draft.reply_to {
                Some(message) => self.act(by, ModerationRequest::Pin { message }, now),
                None => {
                    let detail = "/pin needs a text, or to answer the message that is pinned.";
                    self.failed(by.answer, &ChatRefusal::new(ProblemCode::InvalidInput, detail));
                }
            },
            Command::Pin { text } => {
                self.submit(Draft { text, kind: MessageKind::Announcement, pin: true, ..draft }, now);
            }
            Command::Slow { .. } | Command::Followers { .. } | Command::Mode { .. } => {
                let said = self.change_mode(&by.person, &command, now);
                self.done(by.answer, Some(said));
            }
            Command::Help | Command::Mods | Command::Me { .. } => {}
        }
    }

    /// What waited for the database goes on.
    pub(super) fn go_on(&mut self, asked: Asked, found: Found, now: Moment) {
        match (asked, found) {
            (asked, Found::Unavailable) => self.go_on_without(asked, &unavailable()),
            (Asked::Whom { by, act, .. }, Found::Who(Some(target))) => {
                // Meanwhile they may have lost the right.
                if self.keeps_order(&by.person) {
                    self.act_on_target(by, target, act, now);
                } else {
                    self.failed(by.answer, &not_a_moderator());
                }
            }
            (Asked::Whom { by, whom, .. }, _) => {
                let detail = format!("There is nobody called {whom} here.");
                self.failed(by.answer, &ChatRefusal::new(ProblemCode::UnknownMember, detail));
            }
            (Asked::Message { by, id, pin }, Found::Message(Some(message)))
                if self.keeps_order(&by.person) =>
            {
                self.do_to_message(by, id, Arc::new(*message), pin, now);
            }
            (Asked::Message { by, .. }, _) => self.failed(by.answer, &unknown_message()),
            (Asked::Standing { mut draft }, Found::Standing { follows_since, tier }) => {
                draft.person.follows_since = follows_since;
                draft.person.tier = tier;
                for id in draft.person.account.map(|account| self.connections(account)).unwrap_or_default() {
                    if let Some(member) = self.members.get_mut(&id) {
                        member.person.follows_since = follows_since;
                        member.person.tier = tier;
                    }
                }
                self.resume(*draft, now);
            }
            (Asked::Standing { draft }, _) => self.resume(*draft, now),
            (Asked::Mods { by }, Found::Names(names)) => {
                let text = match names.is_empty() {
                    true => "This chat has no moderators besides the broadcaster and the staff.".to_owned(),
                    false => format!("Moderators: {}", names.join(", ")),
                };
                self.done(by.answer, Some(text));
            }
            (Asked::Mods { by }, _) => self.failed(by.answer, &unavailable()),
            (Asked::History { member, reference }, Found::Before { messages, more }) => {
                self.tell(member, ChatEvent::History { r#ref: reference, messages, more });
            }
            (Asked::History { member, reference }, _) => self.refuse(member, reference, &unavailable()),
        }
    }

    /// What would wait for the database cannot.
    pub(super) fn go_on_without(&mut self, asked: Asked, refusal: &ChatRefusal) {
        match asked {
            Asked::Whom { by, .. } | Asked::Message { by, .. } | Asked::Mods { by } => {
                self.failed(by.answer, refusal);
            }
            Asked::Standing { draft } => self.refuse(draft.member, draft.reference, refusal),
            Asked::History { member, reference } => self.refuse(member, reference, refusal),
        }
    }

    fn settle_for(&mut self, by: By, message: ChatMessageId, outcome: Settled, now: Moment) {
        match self.settle(message, outcome, &by.person, now) {
            Ok(()) => self.done(by.answer, None),
            Err(refusal) => self.failed(by.answer, &refusal),
        }
    }

    fn delete_or_pin(&mut self, by: By, id: ChatMessageId, pin: bool, now: Moment) {
        match self.ring.find(id).cloned() {
            Some(message) => self.do_to_message(by, id, message, pin, now),
            None => self.ask(Question::Message(id), Asked::Message { by, id, pin }),
        }
    }

    fn do_to_message(
        &mut self,
        by: By,
        id: ChatMessageId,
        message: Arc<ChatMessage>,
        pin: bool,
        now: Moment,
    ) {
        if pin {
            self.pin(message, &by.person, now);
            return self.done(by.answer, None);
        }
        let own = message.author.id.is_some() && message.author.id == by.person.account;
        let below = rank_of(&message.author) < self.rank(&by.person).max(Rank::Moderator);
        if !own && !below {
            let detail = "The messages of those who stand above you are not yours to take away.";
            return self.failed(by.answer, &ChatRefusal::new(ProblemCode::PermissionDenied, detail));
        }
        self.ring.remove(id);
        self.unpin_if(|pinned| pinned.id == id, &by.person, now);
        self.say(ChatEvent::Deleted { messages: vec![id] });
        let (from, to) = (&[MessageState::Shown, MessageState::Muted][..], MessageState::Deleted);
        self.effects.push_back(Effect::Record(Entry::State { id, from, to, by: by.person.account }));
        let author = &message.author;
        let target = author.id.map(|account| Target { account, name: author.name.clone(), role: None });
        let (kind, action) = (ModerationKind::ChatModeration, ModerationAction::MessageDeleted);
        self.note(kind, action, Some(&by.person), target.as_ref(), Some(id), "", now);
        self.done(by.answer, None);
    }

    fn clear(&mut self, by: &Person, now: Moment) {
        self.ring.clear();
        self.say(ChatEvent::Cleared {});
        self.effects.push_back(Effect::Record(Entry::Cleared { by: by.account }));
        let (kind, action) = (ModerationKind::ChatModeration, ModerationAction::ChatCleared);
        self.note(kind, action, Some(by), None, None, "", now);
    }

    pub(super) fn pin(&mut self, message: Arc<ChatMessage>, by: &Person, now: Moment) {
        let id = message.id;
        self.say(ChatEvent::Pinned { message: Some(ChatMessage::clone(&message)) });
        self.pinned = Some(message);
        self.effects.push_back(Effect::Record(Entry::Pinned(Some(id))));
        let (kind, action) = (ModerationKind::ChatModeration, ModerationAction::MessagePinned);
        self.note(kind, action, Some(by), None, Some(id), "", now);
    }

    fn unpin(&mut self, by: &Person, now: Moment) {
        self.unpin_if(|_| true, by, now);
    }

    /// Takes the message from the top that is meant, if it is there.
    pub(super) fn unpin_if(&mut self, meant: impl Fn(&ChatMessage) -> bool, by: &Person, now: Moment) {
        let Some(pinned) = self.pinned.take_if(|pinned| meant(pinned)) else { return };
        self.say(ChatEvent::Pinned { message: None });
        self.effects.push_back(Effect::Record(Entry::Pinned(None)));
        let (kind, action) = (ModerationKind::ChatModeration, ModerationAction::MessageUnpinned);
        self.note(kind, action, Some(by), None, Some(pinned.id), "", now);
    }

    /// Somebody who is here.
    fn present_target(&self, whom: &Whom) -> Option<Target> {
        let account = match whom {
            Whom::Account(account) => *account,
            Whom::Handle(handle) => *self.handles.get(handle)?,
        };
        let people = self.members.values().map(|member| &member.person);
        let person = people.into_iter().find(|person| person.account == Some(account))?;
        let named = match whom {
            Whom::Account(_) => true,
            // A handle that was known may have been given to somebody else.
            Whom::Handle(handle) => {
                person.handle.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(handle))
            }
        };
        named.then(|| Target { account, name: person.name.clone(), role: person.role })
    }

    /// Notes what was done, for the moderators' list and the audit log.
    #[expect(clippy::too_many_arguments, reason = "these are the columns of one row, and all differ in type")]
    pub(super) fn note(
        &mut self,
        kind: ModerationKind,
        action: ModerationAction,
        by: Option<&Person>,
        target: Option<&Target>,
        message: Option<ChatMessageId>,
        reason: &str,
        now: Moment,
    ) {
        self.note_with(kind, action, by, target, message, reason, json!({}), now);
    }

    /// As [`Self::note`], with what else there is to say.
    #[expect(clippy::too_many_arguments, reason = "these are the columns of one row, and all differ in type")]
    pub(super) fn note_with(
        &mut self,
        kind: ModerationKind,
        action: ModerationAction,
        by: Option<&Person>,
        target: Option<&Target>,
        message: Option<ChatMessageId>,
        reason: &str,
        detail: serde_json::Value,
        now: Moment,
    ) {
        // The order in which things were done is one for all that this chat gives ids to.
        let id = ModerationActionId(self.order.next(now.ms()).0);
        let entry = ModerationEntry {
            id,
            org_id: self.org,
            stream_id: Some(self.stream),
            kind,
            action,
            reason: reason.to_owned(),
            actor_id: by.and_then(|by| by.account),
            actor_name: by.map(|by| by.name.clone()).unwrap_or_default(),
            account_id: target.map(|target| target.account),
            target_name: target.map(|target| target.name.clone()).unwrap_or_default(),
            message_id: message,
            detail_json: detail,
            created_at: now.ms(),
        };
        let actor = by.map_or(sluice_accounts::Actor::SYSTEM, |by| by.actor);
        self.effects.push_back(Effect::Record(Entry::Action { entry: Box::new(entry), actor }));
    }

    /// Tells that something was done.
    pub(super) fn done(&mut self, answer: Answer, text: Option<String>) {
        match answer {
            Answer::Member { id, reference } => {
                let state = AckState::Done;
                self.tell(id, ChatEvent::Ack { r#ref: reference, id: None, state, text });
            }
            Answer::Call(answer) => self.reply(answer, Ok(())),
        }
    }

    /// Tells that it was not.
    pub(super) fn failed(&mut self, answer: Answer, refusal: &ChatRefusal) {
        match answer {
            Answer::Member { id, reference } => self.refuse(id, reference, refusal),
            Answer::Call(answer) => self.reply(answer, Err(refusal.clone())),
        }
    }

    /// Answers a call, behind all that came of it.
    pub(crate) fn reply<T: Send + 'static>(&mut self, to: oneshot::Sender<T>, answer: T) {
        let reply = move || {
            let _nobody_waits = to.send(answer);
        };
        self.effects.push_back(Effect::Finally(Finally(Box::new(reply))));
    }

    fn answer(&mut self, id: MemberId, reference: Option<String>, text: String) {
        self.done(Answer::Member { id, reference }, Some(text));
    }
}

/// A reason that is not too long to be shown.
fn short(reason: Option<String>) -> Option<String> {
    let reason = reason.map(|reason| {
        let plain = reason.chars().filter(|c| !sluice_domain::text::is_forbidden(*c));
        plain.take(MAX_REASON).collect::<String>().trim().to_owned()
    });
    reason.filter(|reason| !reason.is_empty())
}
