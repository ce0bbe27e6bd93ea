//! A chat: who is here, what was said, and what is asked of those who write.
//!
//! Sans-IO like the engine: time comes in as an argument, what must be done comes out as [`Effect`]s, and what
//! the database or the filter is asked comes back under a ticket. Every member is told the same in the same
//! order, because there is one queue of effects.
//!
//! ```text
//! handle_request ─▶ saying ─▶ rules ─▶ (filter) ─▶ deliver ─▶ Say, Record
//!                 └▶ acting ─▶ (look up) ─▶ sanctions, held, modes ─▶ Say, Tell, Cut, Record
//! ```

mod acting;
mod held;
mod modes;
mod rules;
mod sanctions;
mod saying;
mod ticking;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use sluice_domain::chat::{
    CHAT_VERSION, ChatAuthor, ChatEvent, ChatMessage, ChatRequest, ChatSettings, Permissions, You,
};
use sluice_domain::{
    AccountId, BroadcastId, Bucket, ChatMessageId, MediaTime, OrgId, ProblemCode, Role, StreamId,
};
use sluice_store::ChatBan;

use super::effect::{Effect, Found, Moment, Question};
use super::line::Line;
use super::order::Order;
use super::person::{MemberId, Person, Rank, Speaker};
use super::refusal::ChatRefusal;
use super::ring::{Excerpt, PAGE, Ring};
use super::text::Emotes;
use acting::Asked;
pub(crate) use acting::{Act, By};
use held::Held;
use saying::{Draft, Recent, Spoken};
use ticking::Pulse;

/// Most questions that wait for the database at once. Beyond it a chat is told to come back.
const MAX_ASKED: usize = 256;

/// Most members that one answer names. More does not fit into one event, and nobody reads them.
const MAX_LISTED: usize = 300;

/// What a chat begins with: the stream it belongs to and what the database has.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Beginning {
    pub(crate) org: OrgId,
    pub(crate) stream: StreamId,
    pub(crate) name: sluice_domain::StreamName,
    pub(crate) listed: bool,
    pub(crate) owner: AccountId,
    pub(crate) settings: ChatSettings,
    pub(crate) version: i64,
    pub(crate) pinned: Option<ChatMessage>,
    pub(crate) emotes: Emotes,
    pub(crate) moderators: HashSet<AccountId>,
    pub(crate) bans: Vec<ChatBan>,
    /// The newest messages that are shown, oldest first, and whether there are older ones.
    pub(crate) messages: Vec<ChatMessage>,
    pub(crate) more: bool,
    /// Those that wait for a moderator, oldest first, with the reasons.
    pub(crate) held: Vec<(ChatMessage, Vec<String>)>,
    /// Other ids go on from here too: the newest of any message.
    pub(crate) newest: Option<ChatMessageId>,
}

/// A connection of a member.
#[derive(Debug)]
struct Member {
    person: Person,
    reactions: Bucket,
}

/// A chat.
#[derive(Debug)]
pub(crate) struct Chat {
    org: OrgId,
    stream: StreamId,
    name: sluice_domain::StreamName,
    listed: bool,
    owner: AccountId,
    broadcast: Option<BroadcastId>,
    settings: ChatSettings,
    version: i64,
    pinned: Option<Arc<ChatMessage>>,
    emotes: Emotes,
    moderators: HashSet<AccountId>,
    bans: HashMap<AccountId, ChatBan>,
    members: BTreeMap<MemberId, Member>,
    /// Accounts that are here, with the number of their connections.
    accounts: HashMap<AccountId, u32>,
    /// Handles of accounts that are here or have said something lately.
    handles: HashMap<String, AccountId>,
    ring: Ring,
    order: Order,
    speakers: HashMap<Speaker, Spoken>,
    rate: Bucket,
    recent: Recent,
    held: BTreeMap<ChatMessageId, Held>,
    /// Texts that the filter looks at.
    judging: HashMap<u64, Draft>,
    /// Questions that the database was asked.
    asked: HashMap<u64, Asked>,
    tickets: u64,
    /// Who is told when a message is in the database.
    unwritten: HashMap<ChatMessageId, (MemberId, Option<String>)>,
    pulse: Pulse,
    effects: VecDeque<Effect>,
}

impl Chat {
    /// A chat as the database has it. `seed` makes its ids differ from those of other chats.
    pub(crate) fn new(beginning: Beginning, seed: u64, now: Moment) -> Self {
        let newest = beginning.messages.last().map(|message| message.id).max(beginning.newest);
        let mut handles = HashMap::new();
        for message in &beginning.messages {
            remember_handle(&mut handles, &message.author);
        }
        let bans = beginning.bans.into_iter().map(|ban| (ban.account_id, ban)).collect();
        let held = beginning.held.into_iter();
        let held = held.map(|(message, reasons)| (message.id, Held::stored(message, reasons))).collect();
        Self {
            org: beginning.org,
            stream: beginning.stream,
            name: beginning.name,
            listed: beginning.listed,
            owner: beginning.owner,
            broadcast: None,
            settings: beginning.settings,
            version: beginning.version,
            pinned: beginning.pinned.map(Arc::new),
            emotes: beginning.emotes,
            moderators: beginning.moderators,
            bans,
            members: BTreeMap::new(),
            accounts: HashMap::new(),
            handles,
            recent: Recent::of(&beginning.messages),
            ring: Ring::of(beginning.messages, beginning.more),
            order: Order::new(seed, newest),
            speakers: HashMap::new(),
            rate: Bucket::full(now.at),
            held,
            judging: HashMap::new(),
            asked: HashMap::new(),
            tickets: 0,
            unwritten: HashMap::new(),
            pulse: Pulse::new(now),
            effects: VecDeque::new(),
        }
    }

    /// The next thing to do.
    pub(crate) fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    pub(crate) fn members(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn settings(&self) -> (&ChatSettings, i64) {
        (&self.settings, self.version)
    }

    pub(crate) fn pinned(&self) -> Option<&ChatMessage> {
        self.pinned.as_deref()
    }

    pub(crate) fn emotes_version(&self) -> i64 {
        self.emotes.version
    }

    /// The broadcast that is live now, with which messages are kept.
    pub(crate) fn set_broadcast(&mut self, broadcast: Option<BroadcastId>) {
        self.broadcast = broadcast;
    }

    /// A connection becomes a member, or another one than before.
    pub(crate) fn join(
        &mut self,
        id: MemberId,
        person: Person,
        version: Option<u16>,
        after: Option<ChatMessageId>,
        now: Moment,
    ) {
        if version.is_some_and(|version| version != CHAT_VERSION) {
            let detail = format!("This server speaks version {CHAT_VERSION} of the chat's protocol.");
            let refusal = ChatRefusal::new(ProblemCode::UnsupportedVersion, detail);
            self.remove(id, now);
            return self.cut(id, &refusal);
        }
        if let Some(refusal) = person.account.and_then(|account| self.banned(account)) {
            self.remove(id, now);
            return self.cut(id, &refusal);
        }
        let before = self.members.remove(&id);
        if let Some(before) = &before {
            self.left(&before.person, now);
        }
        self.came(&person, now);
        let reactions = Bucket::full(now.at);
        self.members.insert(id, Member { person, reactions });
        let Some(you) = self.you(id) else { return };
        let reached = after.filter(|after| self.order.reached(*after));
        let excerpt = match reached {
            Some(after) => self.ring.after(after),
            None => Excerpt { complete: false, ..self.ring.newest() },
        };
        let joined = ChatEvent::Joined {
            v: CHAT_VERSION,
            stream: self.stream,
            you,
            settings: self.settings.clone(),
            presence: self.presence(),
            history: excerpt.messages,
            resumed: excerpt.complete,
            pinned: self.pinned.as_deref().cloned(),
            emotes_version: self.emotes.version,
        };
        self.tell(id, joined);
        if before.is_none() {
            self.effects.push_back(Effect::Admit(id));
        }
        self.silence(id, now);
    }

    /// A member is gone.
    pub(crate) fn leave(&mut self, id: MemberId, now: Moment) {
        self.remove(id, now);
    }

    /// A member is put out.
    pub(crate) fn put_out(&mut self, id: MemberId, refusal: &ChatRefusal, now: Moment) {
        if self.remove(id, now) {
            self.cut(id, refusal);
        }
    }

    /// Takes in what a member asks for.
    pub(crate) fn handle_request(
        &mut self,
        id: MemberId,
        request: ChatRequest,
        guess: Option<MediaTime>,
        now: Moment,
    ) {
        if !self.members.contains_key(&id) {
            return;
        }
        match request {
            // The connection makes it a `join` of its own, with who that is.
            ChatRequest::Join { .. } => {}
            ChatRequest::Message { r#ref, text, reply_to, media_time } => {
                let media_time = plausible(media_time, now).or(guess);
                self.handle_message(id, reference(r#ref), text, reply_to, media_time, now);
            }
            ChatRequest::Reaction { emote } => self.react(id, &emote, now),
            ChatRequest::Moderation { r#ref, act } => self.moderate(id, reference(r#ref), act, now),
            ChatRequest::History { r#ref, before, limit } => {
                self.history(id, reference(r#ref), before, limit.map_or(PAGE, usize::from));
            }
            ChatRequest::Members { r#ref } => self.list_members(id, reference(r#ref)),
            ChatRequest::Leave {} => {
                self.remove(id, now);
            }
            ChatRequest::Ping {} => self.tell(id, ChatEvent::Pong {}),
        }
    }

    /// Somebody who is here is somebody else now: another role, tier or name.
    pub(crate) fn set_person(&mut self, id: MemberId, person: Person, now: Moment) {
        let Some(member) = self.members.get_mut(&id) else { return };
        if member.person.account != person.account {
            return;
        }
        member.person = person;
        if let Some(you) = self.you(id) {
            self.tell(id, ChatEvent::You { you });
        }
        self.silence(id, now);
    }

    /// Messages are in the database.
    pub(crate) fn stored(&mut self, ids: &[ChatMessageId]) {
        for id in ids {
            let Some((member, r#ref)) = self.unwritten.remove(id) else { continue };
            let state = sluice_domain::chat::AckState::Stored;
            self.tell(member, ChatEvent::Ack { r#ref, id: Some(*id), state, text: None });
        }
    }

    /// The database has answered.
    pub(crate) fn found(&mut self, ticket: u64, found: Found, now: Moment) {
        if let Some(asked) = self.asked.remove(&ticket) {
            self.go_on(asked, found, now);
        }
    }

    /// Everybody who is here with an account, each once, by name.
    pub(crate) fn present(&self) -> Vec<ChatAuthor> {
        let mut seen = HashSet::new();
        let mut present: Vec<ChatAuthor> = self
            .members
            .values()
            .filter(|member| member.person.account.is_some_and(|account| seen.insert(account)))
            .map(|member| self.author(&member.person))
            .collect();
        present.sort_by_cached_key(|author| author.name.to_lowercase());
        present
    }

    fn history(&mut self, id: MemberId, r#ref: Option<String>, before: ChatMessageId, limit: usize) {
        let limit = limit.clamp(1, PAGE);
        let excerpt = self.ring.before(before, limit);
        if excerpt.messages.is_empty() && self.ring.has_floor() {
            // Older than what is at hand: the database has it.
            return self
                .ask(Question::Before(before, limit), Asked::History { member: id, reference: r#ref });
        }
        let more = !excerpt.complete || self.ring.has_floor();
        self.tell(id, ChatEvent::History { r#ref, messages: excerpt.messages, more });
    }

    fn list_members(&mut self, id: MemberId, r#ref: Option<String>) {
        if !self.may_moderate(id) {
            return self.refuse(id, r#ref, &not_a_moderator());
        }
        let mut members = self.present();
        members.truncate(MAX_LISTED);
        self.tell(id, ChatEvent::Members { r#ref, members });
    }

    /// Asks the database and goes on when it has answered.
    fn ask(&mut self, question: Question, asked: Asked) {
        if self.asked.len() >= MAX_ASKED {
            return self.go_on_without(asked, &busy());
        }
        let ticket = self.ticket();
        self.asked.insert(ticket, asked);
        self.effects.push_back(Effect::LookUp(ticket, question));
    }

    fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }

    /// What somebody is here.
    fn rank(&self, person: &Person) -> Rank {
        self.rank_of_account(person.account, person.role)
    }

    fn rank_of_account(&self, account: Option<AccountId>, role: Option<Role>) -> Rank {
        let Some(account) = account else { return Rank::Guest };
        match role {
            Some(Role::Admin) => Rank::Admin,
            _ if account == self.owner => Rank::Broadcaster,
            Some(Role::Moderator) => Rank::Staff,
            _ if self.moderators.contains(&account) => Rank::Moderator,
            _ => Rank::Account,
        }
    }

    /// Whether what somebody is and what they showed both let them keep order.
    fn keeps_order(&self, person: &Person) -> bool {
        let rank = self.rank(person);
        person.may_moderate_all
            || (person.may_moderate && (Rank::Moderator..Rank::Staff).contains(&rank))
            || (person.may_moderate && person.account == Some(self.owner))
    }

    /// Whether they may change settings, moderators, terms and emotes.
    fn manages(&self, person: &Person) -> bool {
        self.keeps_order(person) && self.rank(person) >= Rank::Broadcaster
    }

    fn may_moderate(&self, id: MemberId) -> bool {
        self.members.get(&id).is_some_and(|member| self.keeps_order(&member.person))
    }

    fn author(&self, person: &Person) -> ChatAuthor {
        let mut author = person.author(self.rank(person));
        // An administrator who owns the stream is shown as both.
        let broadcaster = sluice_domain::chat::Badge::Broadcaster;
        if person.account == Some(self.owner) && !author.badges.contains(&broadcaster) {
            author.badges.insert(0, broadcaster);
        }
        author
    }

    fn you(&self, id: MemberId) -> Option<You> {
        let person = &self.members.get(&id)?.person;
        let silent_until = person.account.and_then(|account| self.silent_until(account));
        let write = self.settings.enabled && (person.may_write || self.guests_write(person));
        let may = Permissions {
            write: write || self.keeps_order(person),
            moderate: self.keeps_order(person),
            manage: self.manages(person),
            silent_until,
        };
        Some(You { author: self.author(person), may })
    }

    fn guests_write(&self, person: &Person) -> bool {
        person.account.is_none() && self.settings.anonymous_may_write
    }

    /// Tells every connection of an account what it may do now.
    fn tell_you(&mut self, account: AccountId, now: Moment) {
        for id in self.connections(account) {
            if let Some(you) = self.you(id) {
                self.tell(id, ChatEvent::You { you });
            }
            self.silence(id, now);
        }
    }

    fn connections(&self, account: AccountId) -> Vec<MemberId> {
        let members = self.members.iter();
        members.filter(|(_, member)| member.person.account == Some(account)).map(|(id, _)| *id).collect()
    }

    fn say(&mut self, event: ChatEvent) {
        let line = Line::new(self.stream, event);
        self.effects.push_back(Effect::Say(line));
    }

    fn tell(&mut self, id: MemberId, event: ChatEvent) {
        if self.members.contains_key(&id) {
            let line = Line::new(self.stream, event);
            self.effects.push_back(Effect::Tell(id, line));
        }
    }

    fn tell_moderators(&mut self, event: ChatEvent) {
        let line = Line::new(self.stream, event);
        let members = self.members.iter().filter(|(_, member)| self.keeps_order(&member.person));
        let told = members.map(|(id, _)| Effect::Tell(*id, Arc::clone(&line)));
        self.effects.extend(told.collect::<Vec<_>>());
    }

    fn refuse(&mut self, id: MemberId, reference: Option<String>, refusal: &ChatRefusal) {
        self.tell(id, refusal.event(reference));
    }

    fn cut(&mut self, id: MemberId, refusal: &ChatRefusal) {
        let bye = ChatEvent::Bye { code: refusal.code, detail: refusal.detail.clone() };
        self.effects.push_back(Effect::Cut(id, Line::new(self.stream, bye)));
    }

    fn remove(&mut self, id: MemberId, now: Moment) -> bool {
        let Some(member) = self.members.remove(&id) else { return false };
        self.left(&member.person, now);
        true
    }

    fn came(&mut self, person: &Person, now: Moment) {
        match person.account {
            None => self.pulse.guest_came(now),
            Some(account) => {
                let connections = self.accounts.entry(account).or_insert(0);
                *connections += 1;
                if *connections == 1 {
                    let author = self.author(person);
                    remember_handle(&mut self.handles, &author);
                    self.pulse.came(author, now);
                }
            }
        }
        let present = self.presence();
        self.pulse.most(present.accounts + present.anonymous);
    }

    fn left(&mut self, person: &Person, now: Moment) {
        let Some(account) = person.account else { return self.pulse.guest_left(now) };
        let Some(connections) = self.accounts.get_mut(&account) else { return };
        *connections -= 1;
        if *connections == 0 {
            self.accounts.remove(&account);
            self.pulse.left(account, now);
        }
    }
}

/// Handles that are known for mentions; beyond it those who come later are not recognised in texts.
const MAX_HANDLES: usize = 20_000;

fn remember_handle(handles: &mut HashMap<String, AccountId>, author: &ChatAuthor) {
    if let (Some(account), Some(handle)) = (author.id, &author.handle)
        && handles.len() < MAX_HANDLES
    {
        handles.insert(handle.to_ascii_lowercase(), account);
    }
}

/// What a member calls its request, if that is short enough to be given back.
fn reference(text: Option<String>) -> Option<String> {
    text.filter(|text| text.chars().count() <= sluice_domain::chat::MAX_CHAT_REF)
}

/// A media time that a member may have seen: not of the future, and of the last day.
fn plausible(time: Option<MediaTime>, now: Moment) -> Option<MediaTime> {
    const DAY: i64 = 86_400_000_000;
    time.filter(|time| (0..DAY).contains(&now.clock.micros_since(*time)))
}

fn not_a_moderator() -> ChatRefusal {
    ChatRefusal::new(ProblemCode::PermissionDenied, "Only moderators of this chat may do this.")
}

fn unknown_message() -> ChatRefusal {
    ChatRefusal::new(ProblemCode::UnknownMessage, "There is no such message in this chat, or it is gone.")
}

fn busy() -> ChatRefusal {
    let wait = std::time::Duration::from_secs(1);
    ChatRefusal::until(ProblemCode::Overloaded, "The chat has too much to do now; try again.", wait)
}

fn unavailable() -> ChatRefusal {
    let wait = std::time::Duration::from_secs(5);
    ChatRefusal::until(ProblemCode::Unavailable, "The database cannot be asked now; try again.", wait)
}

/// The earlier of two times of which either may be missing.
fn earlier(one: Option<Instant>, two: Option<Instant>) -> Option<Instant> {
    match (one, two) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    }
}

#[cfg(test)]
mod tests;
