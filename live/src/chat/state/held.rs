//! Messages that a moderator looks at first.

use std::sync::Arc;

use sluice_domain::chat::{
    AckState, ChatEvent, ChatMessage, MessageState, ModerationAction, ModerationKind, Settled,
};
use sluice_domain::{AccountId, ChatMessageId, ProblemCode};

use super::super::effect::{Effect, Moment};
use super::super::person::{MemberId, Person, Target};
use super::super::record::Entry;
use super::super::refusal::ChatRefusal;
use super::saying::Draft;
use super::{Chat, unknown_message};

/// Most messages that wait for a moderator. Beyond it members are told to come back: nobody looks at more,
/// and nothing that was taken is thrown away.
const MAX_HELD: usize = 1000;

/// A message that waits.
#[derive(Debug)]
pub(crate) struct Held {
    message: ChatMessage,
    /// The connection that wrote it; none where an earlier run of the chat took it.
    member: Option<MemberId>,
    reasons: Vec<String>,
}

impl Held {
    /// One that the database has.
    pub(super) fn stored(message: ChatMessage, reasons: Vec<String>) -> Self {
        Self { message, member: None, reasons }
    }
}

impl Chat {
    /// A message waits for a moderator.
    pub(super) fn hold(&mut self, draft: Draft, reasons: Vec<String>, now: Moment) {
        if self.held.len() >= MAX_HELD {
            let detail = "Too many messages wait for the moderators of this chat.";
            let refusal = ChatRefusal::new(ProblemCode::Overloaded, detail);
            return self.refuse(draft.member, draft.reference, &refusal);
        }
        let message = self.message(&draft, now);
        let stored = self.row(&message, MessageState::Held, reasons.clone());
        self.effects.push_back(Effect::Record(Entry::Message(Box::new(stored))));
        self.note_filtered(&draft, ModerationAction::MessageHeld, Some(message.id), &reasons, now);
        self.tell_moderators(ChatEvent::Held { message: message.clone(), reasons: reasons.clone() });
        self.acknowledge(draft.member, draft.reference, message.id, AckState::Held);
        self.held.insert(message.id, Held { message, member: Some(draft.member), reasons });
    }

    /// A moderator lets a message through or not.
    pub(super) fn settle(
        &mut self,
        id: ChatMessageId,
        outcome: Settled,
        by: &Person,
        now: Moment,
    ) -> Result<(), ChatRefusal> {
        let held = self.held.remove(&id).ok_or_else(unknown_message)?;
        let author = &held.message.author;
        let target = author.id.map(|account| Target { account, name: author.name.clone(), role: None });
        let action = match outcome {
            Settled::Approved => ModerationAction::MessageApproved,
            Settled::Denied => ModerationAction::MessageDenied,
        };
        let kind = ModerationKind::ChatModeration;
        self.note(kind, action, Some(by), target.as_ref(), Some(id), "", now);
        match outcome {
            Settled::Approved => {
                // It is said now, so it gets the next place in the order of the chat.
                let message = ChatMessage { id: self.order.next(now.ms()), ..held.message };
                let mut stored = self.row(&message, MessageState::Shown, held.reasons);
                stored.settled_at = Some(now.ms());
                stored.settled_by = by.account;
                self.publish(Arc::new(message));
                self.effects
                    .push_back(Effect::Record(Entry::Approved { held: id, message: Box::new(stored) }));
            }
            Settled::Denied => {
                let (from, to) = (&[MessageState::Held][..], MessageState::Denied);
                self.effects.push_back(Effect::Record(Entry::State { id, from, to, by: by.account }));
            }
        }
        self.tell_moderators(ChatEvent::Settled { message: id, outcome, by: Some(by.name.clone()) });
        if let Some(member) = held.member.filter(|member| !self.may_moderate(*member)) {
            self.tell(member, ChatEvent::Settled { message: id, outcome, by: None });
        }
        Ok(())
    }

    /// What an account said waits no more: it was put out or silenced.
    pub(super) fn drop_held(&mut self, account: AccountId) {
        let dropped: Vec<ChatMessageId> = self
            .held
            .iter()
            .filter(|(_, held)| held.message.author.id == Some(account))
            .map(|(id, _)| *id)
            .collect();
        for id in dropped {
            self.held.remove(&id);
            self.tell_moderators(ChatEvent::Settled { message: id, outcome: Settled::Denied, by: None });
        }
    }
}
