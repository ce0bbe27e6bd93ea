//! From a publisher to all of its viewers, one batch after the other.
//!
//! Packets are gathered for a moment: until the picture is complete, or [`EngineConfig::coalesce`] is
//! over. Then each viewer in turn gets all of them, so that its state is touched once a batch and what
//! it gets leaves with few system calls. The turn of the viewers changes with every batch: nobody is
//! always last.
//!
//! [`EngineConfig::coalesce`]: crate::config::EngineConfig::coalesce

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_domain::{BroadcastId, MediaKind};

use crate::packet::MediaPacket;

/// Packets of a batch at most: what goes to one viewer at once. A key frame larger than that leaves in
/// groups.
const MOST_PACKETS: usize = 40;

/// Least time between two batches that a larger picture is cut into: together with [`MOST_PACKETS`]
/// about 190 Mbit/s a viewer. Shorter shows key frames sooner, longer spares the buffers on the way.
const GROUP_PAUSE: Duration = Duration::from_millis(2);

/// Turns that viewers move up with every batch: coprime to most numbers of viewers.
const TURN: u64 = 7919;

/// Batches kept for reuse.
const SPARE: usize = 32;

/// A packet of video in a batch.
#[derive(Debug, Clone)]
pub struct Item {
    /// The packet.
    pub packet: Arc<MediaPacket>,
    /// Whether it began a new key frame.
    pub key_frame: bool,
}

/// What viewers get at once.
#[derive(Debug, Default)]
pub struct Batch {
    /// Its number in its broadcast.
    pub number: u64,
    /// Video in order of arrival.
    pub video: Vec<Item>,
    /// Audio in order of arrival.
    pub audio: Vec<Arc<MediaPacket>>,
}

impl Batch {
    fn len(&self) -> usize {
        self.video.len() + self.audio.len()
    }

    fn clear(&mut self) {
        self.video.clear();
        self.audio.clear();
    }
}

/// The batch of a broadcast that is still being gathered.
#[derive(Debug, Default)]
pub struct Gathering {
    batch: Batch,
    since: Option<Instant>,
    /// The next batch does not go round before: those before it are first, and groups of a large picture
    /// have a lead.
    not_before: Option<Instant>,
}

impl Gathering {
    /// Number of the batch that packets from now on would be in if this one ended now.
    pub const fn next(&self) -> u64 {
        if self.since.is_some() { self.batch.number + 1 } else { self.batch.number }
    }

    /// When it must end at the latest.
    pub fn due(&self, coalesce: Duration) -> Option<Instant> {
        self.since.map(|since| since + coalesce)
    }

    /// Throws its video away, and its audio where `audio` is set: packets of each.
    pub fn discard(&mut self, audio: bool) -> (usize, usize) {
        let video = self.batch.video.drain(..).count();
        (video, if audio { self.batch.audio.drain(..).count() } else { 0 })
    }

    /// Adds a packet; true when the batch is complete.
    pub fn add(&mut self, packet: Arc<MediaPacket>, key_frame: bool) -> bool {
        self.since.get_or_insert(packet.arrived);
        let marker = packet.marker;
        match packet.kind {
            MediaKind::Video => {
                self.batch.video.push(Item { packet, key_frame });
                marker || self.batch.len() >= MOST_PACKETS
            }
            MediaKind::Audio => {
                self.batch.audio.push(packet);
                self.batch.len() >= MOST_PACKETS
            }
        }
    }
}

/// A batch on its way through the viewers.
#[derive(Debug)]
pub struct Round {
    /// Whose viewers.
    pub broadcast: BroadcastId,
    /// What they get.
    pub batch: Batch,
    /// When its first packet arrived.
    pub since: Instant,
    not_before: Instant,
    done: usize,
}

impl Round {
    /// Index of the next viewer among `viewers`; `None` when all had their turn.
    pub fn turn(&mut self, viewers: usize) -> Option<usize> {
        let at = self.ahead(0, viewers)?;
        self.done += 1;
        Some(at)
    }

    /// Index of the viewer that has its turn `ahead` turns from now.
    pub fn ahead(&self, ahead: usize, viewers: usize) -> Option<usize> {
        let turn = self.done + ahead;
        if turn >= viewers {
            return None;
        }
        let first = (self.batch.number.wrapping_mul(TURN) % viewers as u64) as usize;
        Some((first + turn) % viewers)
    }
}

/// The rounds of a shard that are not over.
#[derive(Debug, Default)]
pub struct Fan {
    rounds: VecDeque<Round>,
    spare: Vec<Batch>,
}

impl Fan {
    /// Ends the batch that is being gathered and lets it go round.
    pub fn begin(&mut self, broadcast: BroadcastId, gathering: &mut Gathering, now: Instant) {
        let Some(since) = gathering.since.take() else { return };
        let mut next = self.spare.pop().unwrap_or_default();
        next.number = gathering.batch.number + 1;
        let batch = std::mem::replace(&mut gathering.batch, next);
        let full = batch.len() >= MOST_PACKETS;
        let not_before = gathering.not_before.map_or(now, |least| least.max(now));
        gathering.not_before = Some(if full { not_before + GROUP_PAUSE } else { not_before });
        self.rounds.push_back(Round { broadcast, batch, since, not_before, done: 0 });
    }

    /// Takes the first round that may go on now.
    pub fn take(&mut self, now: Instant) -> Option<Round> {
        let at = self.rounds.iter().position(|round| round.not_before <= now)?;
        // Rounds of one broadcast stay in order: the first of them has the earliest time.
        self.rounds.remove(at)
    }

    /// Puts a round back that is not over.
    pub fn put_back(&mut self, round: Round) {
        self.rounds.push_front(round);
    }

    /// A round is over.
    pub fn finish(&mut self, round: Round) {
        let mut batch = round.batch;
        batch.clear();
        if self.spare.len() < SPARE {
            self.spare.push(batch);
        }
    }

    /// When the next round may go on.
    pub fn next(&self) -> Option<Instant> {
        self.rounds.iter().map(|round| round.not_before).min()
    }

    /// How long the oldest round has been waiting.
    pub fn lag(&self, now: Instant) -> Duration {
        self.rounds
            .iter()
            .map(|round| now.saturating_duration_since(round.not_before))
            .max()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
