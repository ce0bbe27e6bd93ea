//! How streams and media talk to a worker: a bounded queue and a wake-up.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use mio::Waker;
use tokio::sync::mpsc;

use crate::stream::Outlet;

/// Messages that wait for one worker. When it is full streams are read no further, and what media sends is
/// dropped.
const DEPTH: usize = 2048;

/// One message to a worker.
#[derive(Debug)]
pub(crate) enum Mail {
    /// A stream begins.
    Began { stream: u32, client: SocketAddr, server: SocketAddr, outlet: Outlet },
    /// Whole messages of a stream, one behind the other.
    Came { stream: u32, messages: Bytes },
    /// A stream has ended.
    Ended { stream: u32 },
    /// What media in this process sends to a relay, each `segment` bytes a datagram.
    Media { relayed: SocketAddr, media: SocketAddr, bytes: Vec<u8>, segment: usize },
    /// End the thread.
    Stop,
}

/// The sending side; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Mailbox {
    queue: mpsc::Sender<Mail>,
    waker: Arc<Waker>,
    woken: Arc<AtomicBool>,
}

/// The receiving side.
#[derive(Debug)]
pub(crate) struct Inbox {
    queue: mpsc::Receiver<Mail>,
    woken: Arc<AtomicBool>,
}

impl Mailbox {
    pub(crate) fn new(waker: Waker) -> (Self, Inbox) {
        let (queue, receiver) = mpsc::channel(DEPTH);
        let woken = Arc::new(AtomicBool::new(false));
        let inbox = Inbox { queue: receiver, woken: Arc::clone(&woken) };
        (Self { queue, waker: Arc::new(waker), woken }, inbox)
    }

    /// Waits for room; false where the worker is gone.
    pub(crate) async fn send(&self, mail: Mail) -> bool {
        let sent = self.queue.send(mail).await.is_ok();
        self.wake();
        sent
    }

    /// Waits for nothing; false where there is no room.
    pub(crate) fn try_send(&self, mail: Mail) -> bool {
        let sent = self.queue.try_send(mail).is_ok();
        self.wake();
        sent
    }

    /// One wake-up serves all who write before the worker looks.
    fn wake(&self) {
        if self.woken.swap(true, Ordering::AcqRel) {
            return;
        }
        // A failed wake-up only delays the message to the worker's next turn.
        if let Err(error) = self.waker.wake() {
            tracing::warn!(%error, "cannot wake a TURN worker");
        }
    }
}

impl Inbox {
    /// To be called before the messages of a turn are taken: who writes from now on wakes the worker.
    pub(crate) fn open(&self) {
        self.woken.swap(false, Ordering::AcqRel);
    }

    /// The next message.
    pub(crate) fn take(&mut self) -> Option<Mail> {
        self.queue.try_recv().ok()
    }
}
