//! The task of one chat: takes in what members do, and carries out what the state asks for.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sluice_domain::chat::{ChatRequest, ModerationAction, Term};
use sluice_domain::{ChatMessageId, MediaTime, OrgId, ProblemCode, StreamId};
use sluice_sfu::{ChatOrder, Unplaced};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::effect::{Effect, Finally, Found, Moment, Outlet, Parcel};
use super::judging::Judge;
use super::line::Line;
use super::people;
use super::person::{MemberId, Person};
use super::record::{Entry, Record};
use super::refusal::ChatRefusal;
use super::state::Chat;
use crate::live::{Live, clock};

/// What others do to a chat.
pub(crate) enum Mail {
    /// A connection becomes a member, or another one than before.
    Join {
        id: MemberId,
        outlet: Outlet,
        person: Box<Person>,
        version: Option<u16>,
        after: Option<ChatMessageId>,
    },
    /// A connection is gone.
    Leave(MemberId),
    /// A member asks for something.
    Request { id: MemberId, request: Box<ChatRequest>, guess: Option<MediaTime> },
    /// A member may not be here any more.
    PutOut(MemberId, ChatRefusal),
    /// The database has answered.
    Found(u64, Found),
    /// Messages are in the database.
    Stored(Vec<ChatMessageId>),
    /// The filter looks for other terms.
    Terms(Vec<Term>),
    /// Anything else that needs the state.
    Do(Errand),
}

/// Something to be done with the state of a chat, by its task.
pub(crate) type Errand = Box<dyn FnOnce(&mut Chat, Moment) + Send>;

/// Most mail that waits for a chat. At the most that a thousand members may ask for it is empty within
/// milliseconds; whoever finds it full is told to come back.
pub(crate) const DEPTH: usize = 4096;

/// Most mail that is taken in before what came of it is carried out.
const BATCH: usize = 256;

/// How long a chat goes on without members.
const IDLE: Duration = Duration::from_secs(60);

/// How often an order is tried again for which a media worker had no room.
const RETRY: Duration = Duration::from_millis(2);

/// Most orders that wait for the media workers before the chat takes nothing more in.
const MAX_ORDERS: usize = 4096;

/// How long what is said is gathered for sockets, by how many there are: one write carries several messages.
/// Longer makes everything later, shorter wakes every connection for every message.
fn gathering(sockets: usize) -> Duration {
    match sockets {
        0..=100 => Duration::ZERO,
        101..=500 => Duration::from_millis(10),
        _ => Duration::from_millis(20),
    }
}

/// A chat that runs.
pub(super) struct Task {
    pub(super) live: Live,
    pub(super) org: OrgId,
    pub(super) stream: StreamId,
    pub(super) chat: Chat,
    pub(super) judge: Judge,
    pub(super) mail: mpsc::Receiver<Mail>,
    /// For answers of the database. Weak, so that it keeps no chat open.
    pub(super) answers: mpsc::WeakSender<Mail>,
    outlets: BTreeMap<MemberId, Outlet>,
    sockets: usize,
    /// What is said to all and has not gone to sockets yet.
    outbox: Vec<Arc<Line>>,
    outbox_due: Option<Instant>,
    /// Orders for the media plane, in order.
    orders: VecDeque<Unplaced>,
    retry: Option<Instant>,
    empty_since: Option<Instant>,
}

impl Task {
    pub(super) fn new(
        live: Live,
        (org, stream): (OrgId, StreamId),
        chat: Chat,
        judge: Judge,
        mail: mpsc::Receiver<Mail>,
        answers: mpsc::WeakSender<Mail>,
    ) -> Self {
        Self {
            live,
            org,
            stream,
            chat,
            judge,
            mail,
            answers,
            outlets: BTreeMap::new(),
            sockets: 0,
            outbox: Vec::new(),
            outbox_due: None,
            orders: VecDeque::new(),
            retry: None,
            empty_since: Some(Instant::now()),
        }
    }

    /// Runs until nobody has been here for a while, or the node shuts down.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let deadline = tokio::time::Instant::from_std(self.next_timeout());
            let takes = self.orders.len() < MAX_ORDERS;
            // 1. Wait for mail, for the filter, or for what is due.
            tokio::select! {
                () = stop.cancelled() => break,
                _ = self.mail.recv_many(&mut batch, BATCH), if takes => {}
                judged = self.judge.done() => {
                    let now = moment();
                    for (ticket, judgement) in judged {
                        self.chat.judged(ticket, judgement, now);
                    }
                }
                () = tokio::time::sleep_until(deadline) => {}
            }
            let now = moment();
            // 2. Do what is due, so that what comes now counts for the minute that runs, and 3. take it in.
            self.chat.handle_timeout(now);
            self.chat.set_broadcast(self.live.broadcast_of(self.stream));
            for mail in batch.drain(..) {
                self.take_in(mail, now);
            }
            // 4. Carry out what came of it.
            self.carry_out(now);
            self.empty_since = match self.chat.members() {
                0 => self.empty_since.or(Some(now.at)),
                _ => None,
            };
            let idle = self.empty_since.is_some_and(|since| now.at.saturating_duration_since(since) >= IDLE);
            if idle && self.live.chat_table().retire(self.stream, &mut self.mail) {
                break;
            }
        }
        let now = moment();
        self.chat.close_minute(now);
        self.carry_out(now);
    }

    fn next_timeout(&self) -> Instant {
        let far = Instant::now() + IDLE;
        let idle = self.empty_since.map(|since| since + IDLE);
        let all = [self.chat.next_timeout(), self.outbox_due, self.retry, idle];
        all.into_iter().flatten().fold(far, Instant::min)
    }

    fn take_in(&mut self, mail: Mail, now: Moment) {
        match mail {
            Mail::Join { id, outlet, person, version, after } => {
                // What was said before is in the history that it gets.
                self.flush(now);
                if self.outlets.insert(id, outlet.clone()).is_none() {
                    self.sockets += usize::from(matches!(outlet, Outlet::Socket { .. }));
                }
                self.chat.join(id, *person, version, after, now);
                // Who is not let in is told why, and has no outlet any more.
                self.carry_out(now);
            }
            Mail::Leave(id) => {
                self.chat.leave(id, now);
                self.forget(id);
            }
            Mail::Request { id, request, guess } => self.chat.handle_request(id, *request, guess, now),
            Mail::PutOut(id, refusal) => self.chat.put_out(id, &refusal, now),
            Mail::Found(ticket, found) => self.chat.found(ticket, found, now),
            Mail::Stored(ids) => self.chat.stored(&ids),
            Mail::Terms(terms) => self.judge.set_terms(self.chat.settings().0, terms),
            Mail::Do(act) => act(&mut self.chat, now),
        }
    }

    fn carry_out(&mut self, now: Moment) {
        let mut last = Vec::new();
        while let Some(effect) = self.chat.poll_effect() {
            match effect {
                Effect::Say(line) => self.say(line, now),
                Effect::Tell(id, line) => self.tell(id, line, now),
                Effect::Admit(id) => {
                    if let Some(Outlet::Peer(member)) = self.outlets.get(&id) {
                        self.orders.push_back(ChatOrder::Admit { member: *member }.into());
                    }
                }
                Effect::Silence(id, until) => {
                    if let Some(Outlet::Peer(member)) = self.outlets.get(&id) {
                        self.orders.push_back(ChatOrder::Silence { member: *member, until }.into());
                    }
                }
                Effect::Cut(id, line) => self.cut(id, line),
                Effect::Judge(ticket, candidate) => self.judge.add(ticket, *candidate, now.at),
                Effect::Refilter => self.judge.refilter(self.chat.settings().0),
                Effect::LookUp(ticket, question) => {
                    let (live, org, stream) = (self.live.clone(), self.org, self.stream);
                    let answers = self.answers.clone();
                    self.live.spawn(async move {
                        let found = people::answer(&live, org, stream, question).await;
                        if let Some(answers) = answers.upgrade() {
                            let _retired = answers.send(Mail::Found(ticket, found)).await;
                        }
                    });
                }
                Effect::Record(entry) => {
                    count(&entry);
                    let record = Record { org: self.org, stream: self.stream, at: now.ms(), entry };
                    self.live.chat_table().unwritten.add(record);
                }
                Effect::Notice(notice) => self.live.notify(notice),
                Effect::Finally(answer) => last.push(answer),
            }
        }
        last.into_iter().for_each(|Finally(answer)| answer());
        if self.outbox_due.is_some_and(|due| due <= now.at) {
            self.flush(now);
        }
        self.place(now);
    }

    fn say(&mut self, line: Arc<Line>, now: Moment) {
        if self.sockets < self.outlets.len() {
            let text = Arc::clone(line.plain());
            self.orders.push_back(ChatOrder::Say { chat: self.stream, text }.into());
        }
        if self.sockets > 0 {
            self.outbox.push(line);
            self.outbox_due.get_or_insert(now.at + gathering(self.sockets));
        }
    }

    fn tell(&mut self, id: MemberId, line: Arc<Line>, now: Moment) {
        match self.outlets.get(&id) {
            None => {}
            Some(Outlet::Peer(member)) => {
                let text = Arc::clone(line.plain());
                self.orders.push_back(ChatOrder::Tell { member: *member, text }.into());
            }
            Some(outlet) if give(outlet, &Parcel::from([line])) => {}
            Some(_) => {
                self.chat.leave(id, now);
                self.forget(id);
            }
        }
    }

    fn cut(&mut self, id: MemberId, line: Arc<Line>) {
        match self.outlets.get(&id) {
            None => {}
            Some(Outlet::Peer(member)) => {
                let farewell = Arc::clone(line.plain());
                self.orders.push_back(ChatOrder::Cut { member: *member, farewell }.into());
            }
            Some(outlet) => {
                give(outlet, &Parcel::from([line]));
            }
        }
        self.forget(id);
    }

    fn forget(&mut self, id: MemberId) {
        if let Some(Outlet::Socket { .. }) = self.outlets.remove(&id) {
            self.sockets -= 1;
        }
        self.live.chat_table().let_go(id);
    }

    /// Gives what was said to the sockets. One that has no room for it loses its place.
    fn flush(&mut self, now: Moment) {
        self.outbox_due = None;
        if self.outbox.is_empty() {
            return;
        }
        let parcel: Parcel = self.outbox.drain(..).collect();
        let lost: Vec<MemberId> =
            self.outlets.iter().filter(|(_, outlet)| !give(outlet, &parcel)).map(|(id, _)| *id).collect();
        for id in lost {
            self.chat.leave(id, now);
            self.forget(id);
        }
    }

    /// Gives orders to the media plane, in order; those for which there is no room yet wait.
    fn place(&mut self, now: Moment) {
        self.retry = None;
        while let Some(order) = self.orders.pop_front() {
            if let Err(unplaced) = self.live.sfu().chat(order) {
                self.orders.push_front(unplaced);
                self.retry = Some(now.at + RETRY);
                return;
            }
        }
    }
}

/// Counts what became of messages.
fn count(entry: &Entry) {
    let outcome = match entry {
        Entry::Message(message) => message.state.as_str(),
        Entry::Action { entry, .. } if entry.action == ModerationAction::MessageBlocked => "refused",
        _ => return,
    };
    metrics::counter!("sluice_chat_messages_total", "outcome" => outcome).increment(1);
}

/// Whether there was room.
fn give(outlet: &Outlet, parcel: &Parcel) -> bool {
    let Outlet::Socket { queue, lost } = outlet else { return true };
    match queue.try_send(Arc::clone(parcel)) {
        Ok(()) => true,
        Err(mpsc::error::TrySendError::Full(_)) => {
            metrics::counter!("sluice_chat_slow_members_total").increment(1);
            lost.store(true, Ordering::Release);
            false
        }
        Err(mpsc::error::TrySendError::Closed(_)) => false,
    }
}

/// What a member is told that did not read.
pub(super) fn too_slow() -> ChatRefusal {
    let detail = "More was said than could wait for you; join again with the last message that you have.";
    ChatRefusal::new(ProblemCode::TooSlow, detail)
}

pub(super) fn moment() -> Moment {
    Moment { at: Instant::now(), clock: clock() }
}
