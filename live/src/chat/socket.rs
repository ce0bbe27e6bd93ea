//! The chats of one WebSocket connection.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use sluice_accounts::Identity;
use sluice_domain::chat::{ChatEvent, ChatRequest};
use sluice_domain::{ChatMessageId, ProblemCode, StreamId, StreamName};
use tokio::sync::mpsc;

use super::effect::{Outlet, Parcel, is_last};
use super::line::Line;
use super::people;
use super::person::MemberId;
use super::rates::{Admission, Guard};
use super::refusal::ChatRefusal;
use super::table::Link;
use super::task::{Mail, too_slow};
use crate::access::Credential;
use crate::error::LiveError;
use crate::live::Live;

/// Most parcels that wait for one connection. One that has not read for so long is gone or too slow; it comes
/// back with the last message that it has.
const QUEUE: usize = 256;

/// Most parcels that are taken at once.
const TAKEN: usize = 64;

/// A stream as a connection names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamRef {
    /// By its id.
    Id(StreamId),
    /// By its name in URLs.
    Name(StreamName),
}

/// Who joins a chat, and from where.
#[derive(Debug, Clone, Copy, Default)]
pub struct Joining<'a> {
    /// Who they have shown to be.
    pub identity: Option<&'a Identity>,
    /// A playback token, for streams that ask for one.
    pub token: Option<&'a Credential>,
    /// Version of the protocol that they speak.
    pub version: Option<u16>,
    /// The newest message that they have.
    pub after: Option<ChatMessageId>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The chat has it.
    Taken,
    /// It is dropped; the member was told a moment ago that it asks too much.
    Dropped,
    /// It is refused.
    Refused(ChatRefusal),
    /// It is refused, and the membership is over.
    Ended(ChatRefusal),
}

/// The chats of one connection. Dropped, it has left all of them.
#[derive(Debug)]
pub struct ChatSocket {
    live: Live,
    address: IpAddr,
    queue: mpsc::Sender<Parcel>,
    parcels: mpsc::Receiver<Parcel>,
    taken: Vec<Parcel>,
    seats: HashMap<StreamId, Seat>,
}

/// A membership.
#[derive(Debug)]
struct Seat {
    id: MemberId,
    link: Link,
    lost: Arc<AtomicBool>,
    guard: Guard,
}

impl ChatSocket {
    pub(super) fn new(live: Live, address: IpAddr) -> Self {
        let (queue, parcels) = mpsc::channel(QUEUE);
        Self { live, address, queue, parcels, taken: Vec::new(), seats: HashMap::new() }
    }

    /// Becomes a member, or another one than before. What follows comes from [`Self::next`].
    ///
    /// # Errors
    /// When the stream is not there for whoever joins, or the database is away.
    pub async fn join(&mut self, stream: &StreamRef, joining: Joining<'_>) -> Result<StreamId, LiveError> {
        let Joining { identity, token, version, after } = joining;
        let access = self.live.access();
        let stream = match stream {
            StreamRef::Id(id) => access.stream_by_id(access.org(identity).await?, *id).await?,
            StreamRef::Name(name) => access.stream(name).await?,
        };
        let grant = access.chat(&stream, identity, token, self.address).await?;
        let (org, stream) = (stream.org_id, stream.id);
        let before = self.seats.get(&stream);
        let id = before.map_or_else(|| self.live.chat_table().member(), |seat| seat.id);
        let lost = before.map_or_else(Arc::default, |seat| Arc::clone(&seat.lost));
        let person = people::person(&self.live, (org, stream), identity, id, Some(self.address)).await?;
        let outlet = Outlet::Socket { queue: self.queue.clone(), lost: Arc::clone(&lost) };
        let join = Mail::Join { id, outlet, person: Box::new(person), version, after };
        let link = self.live.chat_table().seat(&self.live, id, &grant, false, join).await?;
        let guard = self.seats.remove(&stream).map_or_else(|| Guard::new(Instant::now()), |seat| seat.guard);
        self.seats.insert(stream, Seat { id, link, lost, guard });
        Ok(stream)
    }

    /// Asks for something in a chat. The answer comes from [`Self::next`].
    pub fn say(&mut self, stream: StreamId, request: ChatRequest) -> Heard {
        let Some(seat) = self.seats.get_mut(&stream) else {
            return Heard::Refused(ChatRefusal::new(ProblemCode::NotJoined, "Join the chat first."));
        };
        match seat.guard.count(Instant::now()) {
            Admission::Take => {}
            Admission::Drop => return Heard::Dropped,
            Admission::Refuse(wait) => {
                let detail = "You ask for too much.";
                return Heard::Refused(ChatRefusal::until(ProblemCode::RateLimited, detail, wait));
            }
            Admission::Cut => {
                self.leave(stream);
                let detail = "You went on asking for too much.";
                return Heard::Ended(ChatRefusal::new(ProblemCode::RateLimited, detail));
            }
        }
        if matches!(request, ChatRequest::Leave {}) {
            self.leave(stream);
            return Heard::Taken;
        }
        let mail = Mail::Request { id: seat.id, request: Box::new(request), guess: None };
        match seat.link.try_send(mail) {
            Ok(()) => Heard::Taken,
            Err(_full) => {
                let detail = "The chat has too much to do now; try again.";
                Heard::Refused(ChatRefusal::new(ProblemCode::Overloaded, detail))
            }
        }
    }

    /// Is a member no more.
    pub fn leave(&mut self, stream: StreamId) {
        if let Some(seat) = self.seats.remove(&stream) {
            self.gone(seat);
        }
    }

    /// The chats of this connection.
    pub fn joined(&self) -> Vec<StreamId> {
        self.seats.keys().copied().collect()
    }

    /// What was said next, in order, added to `lines`. Waits for ever where nothing is.
    pub async fn next(&mut self, lines: &mut Vec<Arc<Line>>) {
        // This connection keeps a sender itself, so that the queue never ends.
        self.parcels.recv_many(&mut self.taken, TAKEN).await;
        for parcel in self.taken.drain(..) {
            lines.extend(parcel.iter().cloned());
        }
        for line in lines.iter().filter(|line| is_last(line.event())) {
            self.seats.remove(&line.stream());
        }
        // Whoever did not read has now: it is told so behind what there was room for.
        if self.parcels.is_empty() {
            let lost = self.seats.iter().filter(|(_, seat)| seat.lost.load(Ordering::Acquire));
            for stream in lost.map(|(stream, _)| *stream).collect::<Vec<_>>() {
                self.seats.remove(&stream);
                let ChatRefusal { code, detail, .. } = too_slow();
                lines.push(Line::new(stream, ChatEvent::Bye { code, detail }));
            }
        }
    }

    fn gone(&self, seat: Seat) {
        self.live.chat_table().let_go(seat.id);
        let Seat { id, link, .. } = seat;
        self.live.spawn(async move {
            let _retired = link.send(Mail::Leave(id)).await;
        });
    }
}

impl Drop for ChatSocket {
    fn drop(&mut self) {
        for (_, seat) in std::mem::take(&mut self.seats) {
            self.gone(seat);
        }
    }
}
