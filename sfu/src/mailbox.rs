//! How threads talk to a worker: a bounded queue and a wake-up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use mio::Waker;
use sluice_domain::BroadcastId;
use sluice_sfu_engine::{ChatOrder, Command, End, Path, Relay, Reply, TapId, WorkerId};
use tokio::sync::oneshot;

use crate::tap::Sink;
use crate::tcp::Handed;

/// Most messages that wait for one worker. A worker drains its mailbox on every turn of its loop,
/// so a full one means that it is overloaded: commands are refused, strays and relays are dropped and
/// counted.
const DEPTH: usize = 4096;

/// One message to a worker.
#[derive(Debug)]
pub(crate) enum Mail {
    /// Do this and say what became of it.
    Command(Command, oneshot::Sender<Reply>),
    /// Tap this broadcast into this queue.
    Tap { broadcast: BroadcastId, tap: TapId, sink: Sink, reply: oneshot::Sender<Reply> },
    /// A datagram that arrived elsewhere and belongs to a peer of this worker, or may do so.
    Stray { path: Path, bytes: Vec<u8> },
    /// A connection that arrived at another worker but belongs to a peer of this one.
    Connection(Handed),
    /// Nobody is at this end any more.
    Lost(End),
    /// What another shard says about a broadcast.
    Relay(WorkerId, Relay),
    /// What is to be done about chats.
    Chat(ChatOrder),
    /// End the thread once everything is flushed.
    Stop,
}

/// The mailbox took no message.
#[derive(Debug)]
pub(crate) struct Refused;

/// The sending side; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Mailbox {
    queue: SyncSender<Mail>,
    waker: Arc<Waker>,
    woken: Arc<AtomicBool>,
}

/// The receiving side.
#[derive(Debug)]
pub(crate) struct Inbox {
    queue: Receiver<Mail>,
    woken: Arc<AtomicBool>,
}

impl Mailbox {
    /// A mailbox whose arrivals wake `waker`.
    pub(crate) fn new(waker: Waker) -> (Self, Inbox) {
        let (queue, receiver) = sync_channel(DEPTH);
        let woken = Arc::new(AtomicBool::new(false));
        let inbox = Inbox { queue: receiver, woken: Arc::clone(&woken) };
        (Self { queue, waker: Arc::new(waker), woken }, inbox)
    }

    /// Puts a message in; refused where the queue is full or the worker is gone.
    pub(crate) fn send(&self, mail: Mail) -> Result<(), Refused> {
        self.queue.try_send(mail).map_err(|_full_or_gone| Refused)?;
        self.wake();
        Ok(())
    }

    /// Gives an order whose answer nobody needs.
    pub(crate) fn order(&self, command: Command) -> Result<(), Refused> {
        self.send(Mail::Command(command, oneshot::channel().0))
    }

    /// Puts in what the worker `from` says; gives it back where it is refused.
    pub(crate) fn relay(&self, from: WorkerId, relay: Relay) -> Result<(), Relay> {
        match self.queue.try_send(Mail::Relay(from, relay)) {
            Ok(()) => {
                self.wake();
                Ok(())
            }
            Err(
                TrySendError::Full(Mail::Relay(_, relay)) | TrySendError::Disconnected(Mail::Relay(_, relay)),
            ) => Err(relay),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Ok(()),
        }
    }

    /// One wake-up serves all who write before the worker looks.
    fn wake(&self) {
        if self.woken.swap(true, Ordering::AcqRel) {
            return;
        }
        // A failed wake-up only delays the message to the worker's next turn.
        if let Err(error) = self.waker.wake() {
            tracing::warn!(%error, "cannot wake a media worker");
        }
    }
}

impl Inbox {
    /// To be called before the messages of a turn are taken: who writes from now on wakes the worker. What
    /// was written without a wake-up is in the queue by now, since its writer saw the mark that is
    /// cleared here.
    pub(crate) fn open(&self) {
        self.woken.swap(false, Ordering::AcqRel);
    }

    /// The next message.
    pub(crate) fn take(&self) -> Option<Mail> {
        self.queue.try_recv().ok()
    }
}
