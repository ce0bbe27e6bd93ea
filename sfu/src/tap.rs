//! The queue between a media worker and who taps a broadcast.
//!
//! ```text
//!  worker ── Sink::send ──▶ queue, bounded in packets ──▶ TapStream::recv ──▶ recorder
//!         ◀─ mailbox ───────────────────────────────────── KeyFrames::want ──┘
//! ```
//!
//! The worker never waits: what finds no room is missed, and told once half of the queue is free.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sluice_media::tapped::Tapped;
use sluice_sfu_engine::{Command, TapId, TapNews};
use tokio::sync::mpsc;

use crate::mailbox::Mailbox;

/// Packets that may wait in a queue: at 10 Mbit/s of all layers together eight seconds, 12 MB. More
/// survives a longer stall of a disk, fewer needs less memory.
const MOST_PACKETS: usize = 8_192;

/// Messages that may wait: each message of packets has one at least, and the others are few.
const MOST_MESSAGES: usize = MOST_PACKETS + 256;

/// A tap of a broadcast.
#[derive(Debug)]
pub struct Tap {
    stream: TapStream,
    key_frames: KeyFrames,
}

impl Tap {
    /// What comes, and what can be asked for.
    pub fn split(self) -> (TapStream, KeyFrames) {
        (self.stream, self.key_frames)
    }
}

/// The packets of a tap. The tap ends when this is dropped.
#[derive(Debug)]
pub struct TapStream {
    queue: mpsc::Receiver<TapNews>,
    waiting: Arc<AtomicUsize>,
    tap: TapId,
    mailbox: Mailbox,
}

impl TapStream {
    /// The next message; `None` when the broadcast has ended. May be cancelled without loss.
    pub async fn recv(&mut self) -> Option<Tapped> {
        let news = self.queue.recv().await?;
        self.waiting.fetch_sub(news.packets(), Ordering::AcqRel);
        Some(news.into())
    }
}

impl Drop for TapStream {
    fn drop(&mut self) {
        // A worker without room for this finds the queue closed when it has the next packets for it.
        let _full = self.mailbox.order(Command::Untap { tap: self.tap });
    }
}

/// Asks for key frames on behalf of a tap.
#[derive(Debug, Clone)]
pub struct KeyFrames {
    tap: TapId,
    mailbox: Mailbox,
}

impl KeyFrames {
    /// The tap needs a key frame of this layer. The publisher is asked once for all who need one, and not
    /// too often; a request may get lost, so ask again where none comes.
    pub fn want(&self, layer: usize) {
        let _full = self.mailbox.order(Command::WantKeyFrame { tap: self.tap, layer });
    }
}

/// The worker's side.
#[derive(Debug)]
pub(crate) struct Sink {
    queue: mpsc::Sender<TapNews>,
    waiting: Arc<AtomicUsize>,
}

/// Why a queue took no message.
#[derive(Debug)]
pub(crate) enum Refused {
    /// There is no room.
    Full(TapNews),
    /// Nobody reads any more.
    Gone,
}

impl Sink {
    /// Puts a message in, unless there is no room or nobody reads.
    pub(crate) fn send(&self, news: TapNews) -> Result<(), Refused> {
        let packets = news.packets();
        if packets > 0 && self.waiting.load(Ordering::Acquire) >= MOST_PACKETS {
            return Err(if self.queue.is_closed() { Refused::Gone } else { Refused::Full(news) });
        }
        // Counted first, so that the reader never subtracts what is not there yet.
        self.waiting.fetch_add(packets, Ordering::AcqRel);
        self.queue.try_send(news).map_err(|error| {
            self.waiting.fetch_sub(packets, Ordering::AcqRel);
            match error {
                mpsc::error::TrySendError::Full(news) => Refused::Full(news),
                mpsc::error::TrySendError::Closed(_) => Refused::Gone,
            }
        })
    }

    /// Whether a tap that had no room should go on.
    pub(crate) fn has_room(&self) -> bool {
        self.queue.is_closed()
            || self.waiting.load(Ordering::Acquire) <= MOST_PACKETS / 2
                && self.queue.capacity() >= MOST_MESSAGES / 2
    }
}

/// A queue for a tap at the worker with this mailbox.
pub(crate) fn queue(tap: TapId, mailbox: Mailbox) -> (Sink, Tap) {
    let (sender, receiver) = mpsc::channel(MOST_MESSAGES);
    let waiting = Arc::new(AtomicUsize::new(0));
    let sink = Sink { queue: sender, waiting: Arc::clone(&waiting) };
    let stream = TapStream { queue: receiver, waiting, tap, mailbox: mailbox.clone() };
    (sink, Tap { stream, key_frames: KeyFrames { tap, mailbox } })
}

#[cfg(test)]
mod tests;
