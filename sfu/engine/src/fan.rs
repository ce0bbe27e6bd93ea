//! From a publisher to all of its viewers, batch by batch.
//!
//! Packets are gathered for a moment: until the picture is complete, or [`EngineConfig::coalesce`] is
//! over. Then each viewer in turn gets all of them, so that its state is touched once a batch and what
//! it gets leaves with few system calls. A batch that is ready while another goes round gets on where that
//! stands and gets off there again, one round later:
//!
//! ```text
//!  viewers   0  1  2  3  4  5  0  1  2  3
//!  picture   ■──■──■──■──■──■
//!  sound              ■──■──■──■──■──■      3, 4 and 5 get both with one system call
//! ```
//!
//! So the more there is to do, the more goes out at once, and the less it costs. An idle broadcast begins
//! each round elsewhere: nobody is always last.
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

/// Batches and rounds kept for reuse.
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
    /// The batch before it was full: it is the next group of a large picture.
    was_full: bool,
}

impl Gathering {
    /// Number of the batch that packets from now on would be in if this one ended now.
    pub const fn next(&self) -> u64 {
        if self.since.is_some() { self.batch.number + 1 } else { self.batch.number }
    }

    /// Number of the batch that is being gathered, or of the next one.
    pub const fn number(&self) -> u64 {
        self.batch.number
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
struct Going {
    batch: Batch,
    /// When its first packet arrived.
    since: Instant,
    not_before: Instant,
    /// It does not share a turn with the batch before it: both are groups of a large picture.
    apart: bool,
    /// Viewers that got it. None of the batches behind it has more.
    done: usize,
}

/// What is on its way through the viewers of one broadcast.
#[derive(Debug)]
pub struct Round {
    /// Whose viewers.
    pub broadcast: BroadcastId,
    /// In the order in which they were gathered; never empty while it is in a [`Fan`].
    going: VecDeque<Going>,
    /// So many of them share the turn.
    sharing: usize,
    /// Index of the viewer that is next.
    at: usize,
}

impl Round {
    /// Begins the next turn: the index of the viewer that has it, which gets all of [`Self::batches`]. `None`
    /// where nobody is left.
    pub fn turn(&mut self, viewers: usize, now: Instant) -> Option<usize> {
        let first = self.going.front().filter(|_| viewers > 0)?;
        if first.done == 0 {
            self.at = (first.batch.number.wrapping_mul(TURN) % viewers as u64) as usize;
        }
        let shares =
            |(place, going): (usize, &Going)| going.not_before <= now && (place == 0 || !going.apart);
        self.sharing = self.going.iter().enumerate().take_while(|going| shares(*going)).count();
        self.going.iter_mut().take(self.sharing).for_each(|going| going.done += 1);
        let at = self.at % viewers;
        self.at = at + 1;
        Some(at)
    }

    /// What the viewer gets whose turn it is.
    pub fn batches(&self) -> impl Iterator<Item = &Batch> + Clone {
        self.going.iter().take(self.sharing).map(|going| &going.batch)
    }

    /// When the first packet of that arrived.
    pub fn since(&self) -> Option<Instant> {
        self.going.front().map(|going| going.since)
    }

    /// Index of the viewer that has its turn `ahead` turns after the one that is next.
    pub fn ahead(&self, ahead: usize, viewers: usize) -> Option<usize> {
        let done = self.going.get(self.sharing.checked_sub(1)?)?.done;
        (done + ahead < viewers).then(|| (self.at + ahead) % viewers)
    }

    /// A viewer of so many, itself among them, is gone.
    fn leave(&mut self, gone: usize, viewers: usize) {
        let next = self.at % viewers;
        // Turns that others had since it had one.
        let ago = (next + viewers - 1 - gone) % viewers;
        self.going.iter_mut().filter(|going| ago < going.done).for_each(|going| going.done -= 1);
        self.at = next - usize::from(gone < next);
    }

    /// A viewer has come behind all others.
    fn join(&mut self) {
        // Where a batch has come past the last of them, the new one stands among those that had it.
        self.going.iter_mut().filter(|going| going.done > self.at).for_each(|going| going.done += 1);
    }

    fn not_before(&self) -> Option<Instant> {
        self.going.front().map(|going| going.not_before)
    }
}

/// The rounds of a shard that are not over.
#[derive(Debug, Default)]
pub struct Fan {
    /// The one that waits for longest comes first.
    rounds: VecDeque<Round>,
    /// Whose round was taken, and what was gathered for it meanwhile.
    taken: Option<BroadcastId>,
    meanwhile: VecDeque<Going>,
    spare: Vec<Batch>,
    spare_rounds: Vec<VecDeque<Going>>,
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
        let apart = std::mem::replace(&mut gathering.was_full, full);
        let going = Going { batch, since, not_before, apart, done: 0 };
        if self.taken == Some(broadcast) {
            self.meanwhile.push_back(going);
        } else if let Some(round) = self.rounds.iter_mut().find(|round| round.broadcast == broadcast) {
            round.going.push_back(going);
        } else {
            let mut round =
                Round { broadcast, going: self.spare_rounds.pop().unwrap_or_default(), sharing: 0, at: 0 };
            round.going.push_back(going);
            self.queue(round);
        }
    }

    /// Puts a round behind all that wait for as long, unless it is over.
    fn queue(&mut self, round: Round) {
        if round.going.is_empty() {
            if self.spare_rounds.len() < SPARE {
                self.spare_rounds.push(round.going);
            }
            return;
        }
        let place = self.rounds.partition_point(|other| other.not_before() <= round.not_before());
        self.rounds.insert(place, round);
    }

    /// Takes the round whose turn it is, until [`Self::put_back`].
    pub fn take(&mut self, now: Instant) -> Option<Round> {
        self.next().filter(|next| *next <= now)?;
        let round = self.rounds.pop_front()?;
        self.taken = Some(round.broadcast);
        Some(round)
    }

    /// Puts back what was taken, of a broadcast that has so many viewers; how many batches are over.
    pub fn put_back(&mut self, mut round: Round, viewers: usize) -> usize {
        self.taken = None;
        round.going.extend(self.meanwhile.drain(..));
        let over = self.end(&mut round, viewers);
        if over == 0 {
            self.rounds.push_front(round);
        } else {
            self.queue(round);
        }
        over
    }

    /// A viewer has come behind all others.
    pub fn join(&mut self, broadcast: BroadcastId) {
        self.rounds.iter_mut().filter(|round| round.broadcast == broadcast).for_each(Round::join);
    }

    /// The viewer with this index, of so many, is gone.
    pub fn leave(&mut self, broadcast: BroadcastId, gone: usize, viewers: usize) {
        let Some(place) = self.rounds.iter().position(|round| round.broadcast == broadcast) else { return };
        let Some(mut round) = self.rounds.remove(place) else { return };
        round.leave(gone, viewers);
        self.end(&mut round, viewers - 1);
        self.queue(round);
    }

    /// Takes away what every one of so many viewers got.
    fn end(&mut self, round: &mut Round, viewers: usize) -> usize {
        let before = round.going.len();
        while let Some(going) = round.going.pop_front_if(|going| going.done >= viewers) {
            let mut batch = going.batch;
            batch.clear();
            if self.spare.len() < SPARE {
                self.spare.push(batch);
            }
        }
        before - round.going.len()
    }

    /// When the next turn is.
    pub fn next(&self) -> Option<Instant> {
        self.rounds.front().and_then(Round::not_before)
    }

    /// How long the oldest batch has been waiting.
    pub fn lag(&self, now: Instant) -> Duration {
        self.next().map(|since| now.saturating_duration_since(since)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
