//! The chats of this node that are in use, and who is in them.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sluice_domain::{AccountId, ChatMessageId, Grant, OrgId, PeerId, StreamId};
use tokio::sync::{OnceCell, mpsc};

use super::channel::Channels;
use super::loading;
use super::person::MemberId;
use super::refusal::ChatRefusal;
use super::task::Mail;
use super::unwritten::Unwritten;
use crate::error::LiveError;
use crate::live::{Live, clock};

/// The way to a chat.
pub(super) type Link = mpsc::Sender<Mail>;

/// The chats and memberships of this node. Locks are held for lookups alone, never across an await.
#[derive(Debug, Default)]
pub(crate) struct ChatTable {
    chats: Mutex<HashMap<StreamId, Arc<OnceCell<Link>>>>,
    holds: Mutex<HashMap<MemberId, Hold>>,
    last: AtomicU64,
    running: AtomicUsize,
    pub(crate) unwritten: Unwritten,
    pub(crate) channels: Channels,
}

/// What the membership of a connection rests on.
#[derive(Debug, Clone)]
struct Hold {
    grant: Grant,
    link: Link,
    /// Whether the connection has a session of its own that rests on who may be here: then this rests on who
    /// the member is, and on nothing else.
    seated: bool,
}

impl ChatTable {
    /// An id for a connection.
    pub(super) fn member(&self) -> MemberId {
        MemberId(self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The chat of a stream, opened if it is not in use yet.
    pub(super) async fn link(&self, live: &Live, org: OrgId, stream: StreamId) -> Result<Link, LiveError> {
        loop {
            let cell = Arc::clone(self.chats().entry(stream).or_default());
            let link = cell.get_or_try_init(|| loading::open(live, org, stream)).await?;
            if !link.is_closed() {
                return Ok(link.clone());
            }
            // It retired between the two.
            let mut chats = self.chats();
            if chats.get(&stream).is_some_and(|found| Arc::ptr_eq(found, &cell)) {
                chats.remove(&stream);
            }
        }
    }

    /// The chat of a stream, if it is in use.
    pub(super) fn link_in_use(&self, stream: StreamId) -> Option<Link> {
        self.chats().get(&stream)?.get().cloned()
    }

    /// Lets a chat go that nobody uses. Whether nobody began to meanwhile.
    pub(super) fn retire(&self, stream: StreamId, mail: &mut mpsc::Receiver<Mail>) -> bool {
        let mut chats = self.chats();
        // What is not written down yet would not be found by the next one.
        if !mail.is_empty() || self.unwritten.len() > 0 {
            return false;
        }
        mail.close();
        chats.remove(&stream);
        true
    }

    /// A chat begins to run; it does until this is dropped.
    pub(super) fn begin(live: &Live) -> Run {
        let running = live.chat_table().running.fetch_add(1, Ordering::AcqRel) + 1;
        metrics::gauge!("sluice_chat_in_use").set(running as f64);
        Run(live.clone())
    }

    /// How many run.
    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::Acquire)
    }

    /// Gives a member's `join` to the chat of its Grant's stream, after noting what the membership rests on.
    pub(super) async fn seat(
        &self,
        live: &Live,
        id: MemberId,
        grant: &Grant,
        seated: bool,
        mut join: Mail,
    ) -> Result<Link, LiveError> {
        loop {
            let link = self.link(live, grant.org, grant.stream).await?;
            self.hold(id, Hold { grant: grant.clone(), link: link.clone(), seated });
            // What fell since the Grant was made was not asked about it.
            if !live.state().still_trusts(grant, clock()) {
                self.let_go(id);
                return Err(LiveError::Forbidden);
            }
            match link.send(join).await {
                Ok(()) => return Ok(link),
                Err(_) if live.stopping().is_cancelled() => {
                    self.let_go(id);
                    return Err(LiveError::Draining);
                }
                // The chat retired just now; another one takes its place.
                Err(unsent) => join = unsent.0,
            }
        }
    }

    /// Notes what a membership rests on.
    fn hold(&self, id: MemberId, hold: Hold) {
        let members = {
            let mut holds = self.holds();
            holds.insert(id, hold);
            holds.len()
        };
        metrics::gauge!("sluice_chat_members").set(members as f64);
    }

    /// A membership is over.
    pub(super) fn let_go(&self, id: MemberId) {
        let members = {
            let mut holds = self.holds();
            holds.remove(&id);
            holds.len()
        };
        metrics::gauge!("sluice_chat_members").set(members as f64);
    }

    /// The Grants on which memberships rest that have no session.
    pub(crate) fn grants(&self) -> Vec<Grant> {
        self.holds().values().filter(|hold| !hold.seated).map(|hold| hold.grant.clone()).collect()
    }

    /// Who the members are whose session says that they may be here, each once.
    pub(crate) fn people(&self) -> Vec<Grant> {
        let holds = self.holds();
        let seated = holds.values().filter(|hold| hold.seated && hold.grant.basis.account().is_some());
        let mut seen = HashSet::new();
        seated.filter(|hold| seen.insert(hold.grant.basis)).map(|hold| hold.grant.clone()).collect()
    }

    /// Ends memberships by what they rest on. How many.
    pub(crate) async fn end(&self, ends: impl Fn(&Grant) -> bool, refusal: &ChatRefusal) -> usize {
        let ended: Vec<(MemberId, Link)> = {
            let holds = self.holds();
            let ended = holds.iter().filter(|(_, hold)| ends(&hold.grant));
            ended.map(|(id, hold)| (*id, hold.link.clone())).collect()
        };
        let count = ended.len();
        for (id, link) in ended {
            let _retired = link.send(Mail::PutOut(id, refusal.clone())).await;
            self.let_go(id);
        }
        count
    }

    /// The connections of an account.
    pub(super) fn of_account(&self, account: AccountId) -> Vec<(MemberId, Grant, Link)> {
        let holds = self.holds();
        let own = holds.iter().filter(|(_, hold)| hold.grant.basis.account() == Some(account));
        own.map(|(id, hold)| (*id, hold.grant.clone(), hold.link.clone())).collect()
    }

    /// Messages of a chat are in the database.
    pub(super) async fn stored(&self, stream: StreamId, ids: Vec<ChatMessageId>) {
        if let Some(link) = self.link_in_use(stream) {
            let _retired = link.send(Mail::Stored(ids)).await;
        }
    }

    /// The peer is gone, and its channel with it.
    pub(crate) fn peer_closed(&self, peer: PeerId) {
        self.channels.peer_closed(peer);
    }

    fn chats(&self) -> MutexGuard<'_, HashMap<StreamId, Arc<OnceCell<Link>>>> {
        self.chats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn holds(&self) -> MutexGuard<'_, HashMap<MemberId, Hold>> {
        self.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A chat that runs, for as long as this is kept.
pub(super) struct Run(Live);

impl Drop for Run {
    fn drop(&mut self) {
        let running = self.0.chat_table().running.fetch_sub(1, Ordering::AcqRel) - 1;
        metrics::gauge!("sluice_chat_in_use").set(running as f64);
    }
}
