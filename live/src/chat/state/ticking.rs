//! What is told now and then: who came and went, reactions, and the counts of a minute.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use sluice_domain::AccountId;
use sluice_domain::chat::{ChatAuthor, ChatEvent, Presence, PresenceChange, REACTIONS};
use sluice_store::ChatMinute;

use super::super::effect::{Effect, Moment};
use super::super::person::{MemberId, Speaker};
use super::super::rates;
use super::super::record::Entry;
use super::super::refusal::ChatRefusal;
use super::{Chat, earlier};
use crate::news::{NoticeEvent, StreamOf};

/// How often members hear how many are here. More often would cost every member a message for each that comes.
const PRESENCE: Duration = Duration::from_secs(1);

/// How often members hear of reactions.
const REACTING: Duration = Duration::from_millis(500);

/// Most that a moderator hears of by name at once.
const MAX_NAMED: usize = 50;

/// How long somebody who is silent is remembered for waiting times and rates: as long as slow mode can ask.
const FORGET: Duration = Duration::from_secs(1800);

/// How often what is old is forgotten.
const SWEEP: Duration = Duration::from_secs(60);

const MINUTE_MS: i64 = 60_000;

/// What has happened since it was told last.
#[derive(Debug)]
pub(crate) struct Pulse {
    guests: u32,
    joined: Vec<ChatAuthor>,
    gone: Vec<AccountId>,
    presence_due: Option<Instant>,
    told_presence: Instant,
    reactions: BTreeMap<String, u32>,
    reactions_due: Option<Instant>,
    told_reactions: Instant,
    sweep: Instant,
    /// The minute that is counted, UTC in milliseconds, and when it is over.
    minute: i64,
    minute_due: Instant,
    messages: i64,
    chatters: HashSet<Option<AccountId>>,
    reacted: i64,
    most: u32,
}

impl Pulse {
    pub(super) fn new(now: Moment) -> Self {
        // What happens first is told at once.
        let long_ago = now.at.checked_sub(PRESENCE).unwrap_or(now.at);
        Self {
            guests: 0,
            joined: Vec::new(),
            gone: Vec::new(),
            presence_due: None,
            told_presence: long_ago,
            reactions: BTreeMap::new(),
            reactions_due: None,
            told_reactions: long_ago,
            sweep: now.at + SWEEP,
            minute: minute(now),
            minute_due: next_minute(now),
            messages: 0,
            chatters: HashSet::new(),
            reacted: 0,
            most: 0,
        }
    }

    pub(super) fn guest_came(&mut self, now: Moment) {
        self.guests += 1;
        self.presence_changed(now);
    }

    pub(super) fn guest_left(&mut self, now: Moment) {
        self.guests = self.guests.saturating_sub(1);
        self.presence_changed(now);
    }

    /// An account came. One that left a moment ago was never gone.
    pub(super) fn came(&mut self, author: ChatAuthor, now: Moment) {
        let was_gone = author.id.and_then(|id| self.gone.iter().position(|gone| *gone == id));
        match was_gone {
            Some(at) => {
                self.gone.swap_remove(at);
            }
            None if self.joined.len() < MAX_NAMED => self.joined.push(author),
            None => {}
        }
        self.presence_changed(now);
    }

    /// An account left. One that came a moment ago was never here.
    pub(super) fn left(&mut self, account: AccountId, now: Moment) {
        match self.joined.iter().position(|author| author.id == Some(account)) {
            Some(at) => {
                self.joined.swap_remove(at);
            }
            None if self.gone.len() < MAX_NAMED => self.gone.push(account),
            None => {}
        }
        self.presence_changed(now);
    }

    pub(super) fn said(&mut self, account: Option<AccountId>) {
        self.messages += 1;
        self.chatters.insert(account);
    }

    /// So many were here.
    pub(super) fn most(&mut self, members: u32) {
        self.most = self.most.max(members);
    }

    fn presence_changed(&mut self, now: Moment) {
        self.presence_due.get_or_insert((self.told_presence + PRESENCE).max(now.at));
    }
}

fn minute(now: Moment) -> i64 {
    now.ms().div_euclid(MINUTE_MS) * MINUTE_MS
}

/// When the next minute begins. A clock that is set does not make it come sooner or later than a minute.
fn next_minute(now: Moment) -> Instant {
    let left = MINUTE_MS - now.ms().rem_euclid(MINUTE_MS);
    now.at + Duration::from_millis(u64::try_from(left).unwrap_or(0))
}

impl Chat {
    /// How many are here.
    pub(crate) fn presence(&self) -> Presence {
        let accounts = u32::try_from(self.accounts.len()).unwrap_or(u32::MAX);
        Presence { accounts, anonymous: self.pulse.guests }
    }

    /// When [`Self::handle_timeout`] wants to be called next.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        let due = earlier(self.pulse.presence_due, self.pulse.reactions_due);
        earlier(due, Some(self.pulse.sweep.min(self.pulse.minute_due)))
    }

    /// Tells what is due.
    pub(crate) fn handle_timeout(&mut self, now: Moment) {
        if self.pulse.presence_due.is_some_and(|due| due <= now.at) {
            self.pulse.presence_due = None;
            self.pulse.told_presence = now.at;
            self.tell_presence();
        }
        if self.pulse.reactions_due.is_some_and(|due| due <= now.at) {
            self.pulse.reactions_due = None;
            self.pulse.told_reactions = now.at;
            let counts = std::mem::take(&mut self.pulse.reactions);
            self.say(ChatEvent::Reactions { counts });
        }
        if self.pulse.sweep <= now.at {
            self.pulse.sweep = now.at + SWEEP;
            self.sweep(now);
        }
        if self.pulse.minute_due <= now.at {
            self.close_minute(now);
        }
    }

    /// Notes the counts of the minute that runs, because it or the chat is over.
    pub(crate) fn close_minute(&mut self, now: Moment) {
        let present = self.presence();
        let here = present.accounts + present.anonymous;
        let pulse = &mut self.pulse;
        pulse.minute_due = next_minute(now);
        let counted = ChatMinute {
            org_id: self.org,
            stream_id: self.stream,
            minute: std::mem::replace(&mut pulse.minute, minute(now)),
            broadcast_id: self.broadcast,
            messages: std::mem::take(&mut pulse.messages),
            chatters: i64::try_from(std::mem::take(&mut pulse.chatters).len()).unwrap_or(i64::MAX),
            reactions: std::mem::take(&mut pulse.reacted),
            members: i64::from(std::mem::replace(&mut pulse.most, here)),
        };
        if counted.messages == 0 && counted.reactions == 0 && counted.members == 0 {
            return;
        }
        let stream =
            StreamOf { org: self.org, id: self.stream, name: self.name.clone(), listed: self.listed };
        self.effects.push_back(Effect::Notice(NoticeEvent::ChatActivity {
            stream,
            minute: counted.minute,
            messages: counted.messages,
            chatters: counted.chatters,
            reactions: counted.reactions,
            members: counted.members,
        }));
        self.effects.push_back(Effect::Record(Entry::Minute(counted)));
    }

    fn tell_presence(&mut self) {
        let presence = self.presence();
        self.say(ChatEvent::Presence { presence: presence.clone(), change: None });
        let joined = std::mem::take(&mut self.pulse.joined);
        let left = std::mem::take(&mut self.pulse.gone);
        if !joined.is_empty() || !left.is_empty() {
            let change = Some(PresenceChange { joined, left });
            self.tell_moderators(ChatEvent::Presence { presence, change });
        }
    }

    /// Forgets who has been silent for long, and sanctions that are over.
    fn sweep(&mut self, now: Moment) {
        let here: HashSet<MemberId> = self.members.keys().copied().collect();
        self.speakers.retain(|speaker, spoken| match speaker {
            Speaker::Account(_) => now.at.saturating_duration_since(spoken.at) < FORGET,
            Speaker::Guest(member) => here.contains(member),
        });
        self.bans.retain(|_, ban| ban.is_active(now.ms()));
    }

    pub(super) fn react(&mut self, id: MemberId, emote: &str, now: Moment) {
        let Some(member) = self.members.get(&id) else { return };
        if let Err(refusal) = self.may_write(&member.person, now) {
            return self.refuse(id, None, &refusal);
        }
        let known = REACTIONS.contains(&emote) || self.emotes.by_name.contains_key(emote);
        if !known {
            let code = sluice_domain::ProblemCode::InvalidInput;
            return self.refuse(id, None, &ChatRefusal::new(code, "There is no such reaction here."));
        }
        let muted = self.is_muted(member.person.account);
        let Some(member) = self.members.get_mut(&id) else { return };
        // Applause that is too fast is not heard in full; nobody needs to be told.
        if member.reactions.take(rates::REACTIONS, now.at).is_err() || muted {
            return;
        }
        *self.pulse.reactions.entry(emote.to_owned()).or_insert(0) += 1;
        self.pulse.reacted += 1;
        self.pulse.reactions_due.get_or_insert((self.pulse.told_reactions + REACTING).max(now.at));
    }
}
