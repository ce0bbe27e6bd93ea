//! Chats on a shard: members come and go, what they write goes to `live`, what `live` says goes to them.
//!
//! Texts are not sent when they are ordered but in turns, one member at a time, while the worker asks for
//! output and no media waits. What a member gets leaves with as few packets as it fits in. After
//! [`TURNS`] the worker looks at its sockets again, so that a chat of thousands never holds up a picture. Where
//! media never ends, because the shard does not keep up, members have these turns first once they are [`LATE`].

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_domain::chat::{ChatRequest, MAX_CHAT_BYTES, MAX_CHAT_REF};
use sluice_domain::{MediaTime, ProblemCode, StreamId};

use super::{Entry, Part, Shard};
use crate::chat::{
    Chat, ChatInput, ChatOrder, MAX_TOLD_BYTES, Member, MemberId, Next, Verdict, farewell, refusal,
};
use crate::event::SfuEvent;
use crate::peer::Written;

/// Time for turns of members before the sockets are looked at again. More spends less of it on looking, less
/// makes media wait less.
const TURNS: Duration = Duration::from_micros(200);

/// How late somebody's turn is before it comes before media. More helps pictures on a shard that does not keep
/// up, less helps chats.
const LATE: Duration = Duration::from_millis(100);

/// The chats of a shard.
#[derive(Debug, Default)]
pub(super) struct Chats {
    of: HashMap<StreamId, Chat>,
    /// Chats with something that somebody lacks.
    saying: Vec<StreamId>,
    /// Members who have a turn out of order, and since when the first of them waits.
    queue: VecDeque<usize>,
    queued_at: Option<Instant>,
    /// Members whose channel was full.
    stuck: Vec<usize>,
    /// When the turns that are under way began.
    turns_began: Option<Instant>,
    /// Somebody waits for [`LATE`].
    late: bool,
}

impl Chats {
    /// When somebody is to have a turn.
    pub(super) fn next(&self) -> Option<Instant> {
        let rounds = self.saying.iter().filter_map(|chat| self.of.get(chat)?.due());
        rounds.chain(self.queued_at).min()
    }

    /// The worker has looked at its sockets.
    pub(super) fn looked(&mut self, now: Instant) {
        self.turns_began = None;
        self.late = self.next().is_some_and(|due| now.saturating_duration_since(due) >= LATE);
    }

    /// Whether somebody's turn comes before media.
    pub(super) const fn is_late(&self) -> bool {
        self.late
    }

    fn queue(&mut self, key: usize, member: &mut Member, now: Instant) {
        if !std::mem::replace(&mut member.queued, true) {
            self.queue.push_back(key);
            self.queued_at.get_or_insert(now);
        }
    }
}

impl Shard {
    /// An order about chats.
    pub fn handle_chat(&mut self, now: Instant, order: ChatOrder) {
        match order {
            ChatOrder::Say { chat, text } => {
                if text.len() > MAX_TOLD_BYTES {
                    self.stats.chat_untold += 1;
                } else if let Some(found) = self.chats.of.get_mut(&chat) {
                    found.say(text, now);
                    if !self.chats.saying.contains(&chat) {
                        self.chats.saying.push(chat);
                    }
                }
            }
            ChatOrder::Tell { member, text } => {
                if let Some(key) = self.key_of(member) {
                    self.tell_member(key, text, now);
                }
            }
            ChatOrder::Admit { member } => self.admit(member),
            ChatOrder::Dismiss { member } => self.dismiss(member),
            ChatOrder::Silence { member, until } => {
                if let Some(member) = self.member_mut(member) {
                    member.silent_until = until;
                }
            }
            ChatOrder::Cut { member, farewell } => {
                if let Some(key) = self.key_of(member) {
                    self.serve(key, now);
                    self.cut(key, &farewell, false, now);
                }
            }
        }
    }

    fn key_of(&self, member: MemberId) -> Option<usize> {
        self.by_id.get(&member.peer).copied().filter(|key| {
            let seat = self.entries.get(*key).and_then(|entry| entry.seat.as_ref());
            seat.and_then(|seat| seat.member.as_ref()).is_some_and(|found| found.id == member)
        })
    }

    fn member_mut(&mut self, id: MemberId) -> Option<&mut Member> {
        let key = *self.by_id.get(&id.peer)?;
        self.entries.get_mut(key)?.seat.as_mut()?.member_mut(id)
    }

    fn admit(&mut self, id: MemberId) {
        let Some(key) = self.key_of(id) else { return };
        let Some(seat) = self.entries.get_mut(key).and_then(|entry| entry.seat.as_mut()) else { return };
        let Some(member) = seat.member.as_mut().filter(|member| !member.is_admitted()) else { return };
        let chat = self.chats.of.entry(seat.chat).or_default();
        member.admit(chat);
        chat.admit(key);
    }

    fn dismiss(&mut self, id: MemberId) {
        let Some(key) = self.key_of(id) else { return };
        let Some(seat) = self.entries.get_mut(key).and_then(|entry| entry.seat.as_mut()) else { return };
        let Some(member) = seat.member.as_mut().filter(|member| member.is_admitted()) else { return };
        member.dismiss();
        let chat = seat.chat;
        self.leave(chat, key);
    }

    /// A chat that nobody here is in is forgotten.
    fn leave(&mut self, id: StreamId, key: usize) {
        if self.chats.of.get_mut(&id).is_some_and(|chat| chat.leave(key)) {
            self.chats.of.remove(&id);
            self.chats.saying.retain(|saying| *saying != id);
        }
    }

    /// Something for one member; it goes at the member's next turn.
    fn tell_member(&mut self, key: usize, text: Arc<str>, now: Instant) {
        let Some(seat) = self.entries.get_mut(key).and_then(|entry| entry.seat.as_mut()) else { return };
        let Some(member) = &mut seat.member else { return };
        if text.len() > MAX_TOLD_BYTES {
            self.stats.chat_untold += 1;
            return;
        }
        let chat = self.chats.of.get(&seat.chat);
        member.tell(text, chat);
        if member.full && member.is_behind(chat) {
            self.cut_slow(key, now);
        } else {
            self.chats.queue(key, member, now);
        }
    }

    /// A peer opened its chat channel.
    pub(super) fn chat_opened(&mut self, key: usize, now: Instant) {
        let Some(Entry { peer, seat: Some(seat), .. }) = self.entries.get_mut(key) else { return };
        if !seat.guard.open(now) {
            self.stats.chat_flapped += 1;
            peer.close_chat();
            self.drain(key, now);
            return;
        }
        let id = MemberId { peer: peer.id, opening: seat.openings };
        seat.openings = seat.openings.wrapping_add(1);
        seat.member = Some(Member::new(id));
        let (member, chat) = (id, seat.chat);
        self.stats.chat_members += 1;
        self.events.push_back(SfuEvent::Chat { member, chat, event: ChatInput::Opened });
    }

    /// The chat channel of a peer is closed, or about to be.
    pub(super) fn chat_closed(&mut self, key: usize, cut: bool) {
        let Some(seat) = self.entries.get_mut(key).and_then(|entry| entry.seat.as_mut()) else { return };
        let (Some(member), id) = (seat.member.take(), seat.chat) else { return };
        if member.is_admitted() {
            self.leave(id, key);
        }
        self.stats.chat_members -= 1;
        self.events.push_back(SfuEvent::Chat {
            member: member.id,
            chat: id,
            event: ChatInput::Closed { cut },
        });
    }

    /// Says farewell to a member and closes its channel.
    fn cut(&mut self, key: usize, farewell: &str, cut: bool, now: Instant) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.peer.say_last(farewell, now);
            entry.peer.close_chat();
        }
        self.chat_closed(key, cut);
        self.drain(key, now);
        self.settle(now);
    }

    fn cut_slow(&mut self, key: usize, now: Instant) {
        self.stats.chat_cut_slow += 1;
        let text =
            farewell(ProblemCode::TooSlow, "Open the channel again and join with `after` to get the rest.");
        self.cut(key, &text, true, now);
    }

    /// A member wrote something.
    pub(super) fn heard(&mut self, key: usize, binary: bool, bytes: Vec<u8>, now: Instant) {
        let utc = self.clock.utc(now);
        let Some(Entry { seat: Some(seat), part, .. }) = self.entries.get_mut(key) else { return };
        let Some(member) = &seat.member else { return };
        match seat.guard.request(now) {
            Verdict::Pass => {}
            Verdict::Refuse { tell } => {
                self.stats.chat_refused_rate += 1;
                if tell {
                    let text = refusal(ProblemCode::RateLimited, "Write more slowly.", None, Some(1000));
                    self.tell_member(key, text, now);
                }
                return;
            }
            Verdict::Flood => {
                self.stats.chat_cut_flood += 1;
                let text = farewell(ProblemCode::RateLimited, "Far too much was written here.");
                return self.cut(key, &text, true, now);
            }
        }
        let refused = match read(binary, bytes, member.silent_until.filter(|until| *until > now), now) {
            Ok(text) => {
                self.stats.chat_in += 1;
                let media_time = seen(part, utc);
                let event = ChatInput::Said { text, media_time };
                self.events.push_back(SfuEvent::Chat { member: member.id, chat: seat.chat, event });
                return;
            }
            Err(refused) => refused,
        };
        match refused.code {
            ProblemCode::BodyTooLarge => self.stats.chat_refused_size += 1,
            ProblemCode::ChatTimedOut => self.stats.chat_refused_silent += 1,
            _ => self.stats.chat_refused_malformed += 1,
        }
        let text = refusal(refused.code, refused.detail, refused.r#ref, refused.retry_after);
        self.tell_member(key, text, now);
    }

    /// What a member said could not be handed on, because too much waits for `live`.
    pub fn unheard(&mut self, member: MemberId, now: Instant) {
        self.stats.chat_unheard += 1;
        if let Some(key) = self.key_of(member) {
            let text =
                refusal(ProblemCode::Overloaded, "The server is busy; say it again.", None, Some(1000));
            self.tell_member(key, text, now);
        }
    }

    /// Gives the next member its turn. False when nobody is left, or the sockets are to be looked at first.
    pub(super) fn chat_turn(&mut self, now: Instant) -> bool {
        let began = *self.chats.turns_began.get_or_insert(now);
        if now.saturating_duration_since(began) >= TURNS {
            return false;
        }
        if let Some(key) = self.chats.queue.pop_front() {
            self.chats.queued_at = self.chats.queued_at.filter(|_| !self.chats.queue.is_empty());
            self.serve(key, now);
            return true;
        }
        // One chat after the other, so that a large one does not keep the small ones waiting.
        for _ in 0..self.chats.saying.len() {
            let id = self.chats.saying.remove(0);
            let Some(chat) = self.chats.of.get_mut(&id) else { continue };
            let key = chat.turn(now);
            if chat.due().is_some() {
                self.chats.saying.push(id);
            }
            if let Some(key) = key {
                self.stats.chat_turns += 1;
                self.serve(key, now);
                return true;
            }
        }
        false
    }

    /// Gives a member what it is to get, as far as its channel takes it.
    fn serve(&mut self, key: usize, now: Instant) {
        let Some(Entry { peer, seat: Some(seat), .. }) = self.entries.get_mut(key) else { return };
        let Some(member) = &mut seat.member else { return };
        member.queued = false;
        let mut wrote = false;
        let written = loop {
            let chat = self.chats.of.get(&seat.chat);
            let (text, since) = match member.next(chat) {
                Some(Next::Own(text)) => (text, None),
                Some(Next::Common(text, since)) => (text, Some(since)),
                Some(Next::Lost) => break Written::Never,
                None => break Written::Taken,
            };
            match peer.say(text, now) {
                Written::Taken => wrote = true,
                stopped => break stopped,
            }
            self.stats.chat_out += 1;
            if let Some(since) = since {
                self.stats.chat_delivery.add_span(now.saturating_duration_since(since));
            }
            member.got(since.is_none());
        };
        let was_full = std::mem::replace(&mut member.full, written == Written::Full);
        let mut slow = written == Written::Never;
        if written == Written::Full {
            let chat = self.chats.of.get_mut(&seat.chat);
            slow = member.is_behind(chat.as_deref());
            chat.into_iter().for_each(Chat::keep);
            if !was_full {
                self.chats.stuck.push(key);
            }
        }
        if slow {
            self.cut_slow(key, now);
        } else if wrote {
            self.drain(key, now);
            self.settle(now);
        }
    }

    /// On a timer: members whose channel was full may have read by now.
    pub(super) fn retry_full(&mut self, now: Instant) {
        for key in std::mem::take(&mut self.chats.stuck) {
            let seat = self.entries.get_mut(key).and_then(|entry| entry.seat.as_mut());
            let Some(member) = seat.and_then(|seat| seat.member.as_mut()).filter(|member| member.full) else {
                continue;
            };
            member.full = false;
            self.serve(key, now);
        }
    }
}

/// Capture time of the newest picture that somebody has seen.
fn seen(part: &Part, utc: MediaTime) -> Option<MediaTime> {
    match part {
        Part::Viewer(viewer) => viewer.sent.map(|(_, captured, _)| captured),
        Part::Publisher => Some(utc),
        Part::Member | Part::Probe(_) => None,
    }
}

/// Why a request is refused.
#[derive(Debug)]
struct Refused {
    code: ProblemCode,
    detail: &'static str,
    r#ref: Option<String>,
    retry_after: Option<u32>,
}

/// The text of a request, unless the engine refuses it.
fn read(binary: bool, bytes: Vec<u8>, silent: Option<Instant>, now: Instant) -> Result<String, Refused> {
    let refused = |code, detail| Refused { code, detail, r#ref: None, retry_after: None };
    if bytes.len() > MAX_CHAT_BYTES {
        return Err(refused(ProblemCode::BodyTooLarge, "A request has at most 8192 bytes."));
    }
    let malformed =
        || refused(ProblemCode::MalformedJson, "A request is one JSON object in UTF-8, sent as text.");
    if binary {
        return Err(malformed());
    }
    let text = String::from_utf8(bytes).map_err(|_| malformed())?;
    let Some(until) = silent else { return Ok(text) };
    let r#ref = match serde_json::from_str(&text) {
        Ok(ChatRequest::Message { r#ref, .. }) => r#ref,
        Ok(ChatRequest::Reaction { .. }) => None,
        // It may ask; what cannot be read is answered by `live`.
        Ok(_) | Err(_) => return Ok(text),
    };
    let wait = u32::try_from(until.saturating_duration_since(now).as_millis()).unwrap_or(u32::MAX);
    Err(Refused {
        r#ref: r#ref.filter(|named| named.chars().count() <= MAX_CHAT_REF),
        retry_after: Some(wait),
        ..refused(ProblemCode::ChatTimedOut, "You were timed out.")
    })
}
