//! How threads talk to a worker: a bounded queue and a wake-up.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use mio::Waker;
use sluice_sfu_engine::{Command, Reply};
use tokio::sync::oneshot;

/// Most messages that wait for one worker. A worker drains its mailbox on every turn of its loop,
/// so a full one means that it is overloaded: commands are refused, strays are dropped and counted.
const DEPTH: usize = 4096;

/// One message to a worker.
#[derive(Debug)]
pub(crate) enum Mail {
    /// Do this and say what became of it.
    Command(Command, oneshot::Sender<Reply>),
    /// A datagram that arrived at another worker but belongs to a peer of this one.
    Stray { from: SocketAddr, to: SocketAddr, bytes: Vec<u8> },
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
}

impl Mailbox {
    /// A mailbox whose arrivals wake `waker`.
    pub(crate) fn new(waker: Waker) -> (Self, Receiver<Mail>) {
        let (queue, receiver) = sync_channel(DEPTH);
        (Self { queue, waker: Arc::new(waker) }, receiver)
    }

    /// Puts a message in; refused where the queue is full or the worker is gone.
    pub(crate) fn send(&self, mail: Mail) -> Result<(), Refused> {
        self.queue.try_send(mail).map_err(|_full_or_gone| Refused)?;
        // A failed wake-up only delays the message to the worker's next turn.
        if let Err(error) = self.waker.wake() {
            tracing::warn!(%error, "cannot wake a media worker");
        }
        Ok(())
    }
}
