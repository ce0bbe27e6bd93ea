//! The peers and broadcasts of one core, and the only way to them.

mod chats;
mod echoes;
mod orders;
mod overload;
pub mod packets;
mod relay;
mod reports;
mod strangers;
mod taps;
mod viewers;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use slab::Slab;
use sluice_domain::control::{BroadcastState, ControlEvent};
use sluice_domain::{BroadcastId, MediaTime, PeerId};
use smallvec::SmallVec;

use self::packets::Demux;
use crate::broadcast::Broadcast;
use crate::candidate::Candidates;
use crate::chat::Seat;
use crate::clock::NodeClock;
use crate::config::EngineConfig;
use crate::echo::Echo;
use crate::egress::{Reading, Transmit, Transmits};
use crate::event::{CloseReason, SfuEvent};
use crate::fan::Fan;
use crate::path::End;
use crate::peer::Peer;
use crate::publisher::Publisher;
use crate::relay::{Relay, WorkerId};
use crate::shed::Shedder;
use crate::stats::ShardStats;
use crate::tap::{TapId, TapNews};
use crate::viewer::Viewer;

/// How often one part of the viewers has its turn.
const TICK: Duration = Duration::from_millis(10);

/// Parts: layers are chosen, silence is noticed and requests are repeated every 50 ms. Fewer reacts
/// sooner, more costs less with many viewers.
const PARTS: u64 = 5;

/// Ticks after which a player learns again how timestamps map to capture time: a second.
const CLOCK_PARTS: u64 = 100;

/// How often publishers learn how they do.
const REPORT: Duration = Duration::from_secs(1);

/// Largest datagram that is looked at: nothing of ours exceeds an Ethernet frame by much, and
/// str0m's buffers end at 2,000 bytes.
const LARGEST: usize = 2000;

/// Most bytes of payload and dependency descriptor that a packet may have to be forwarded. A viewer
/// may have negotiated more header extensions than the publisher (about 100 bytes with the longest
/// mid, RTX number and SRTP tag), and str0m panics where a packet exceeds its 2,000 bytes.
const LARGEST_MEDIA: usize = 1800;

/// What a shard puts out.
#[derive(Debug)]
pub enum Output {
    /// Send this.
    Transmit(Transmit),
    /// Tell this to `live`.
    Event(SfuEvent),
    /// Tell this to another shard; [`Shard::relay_refused`] where that cannot be.
    Relay(WorkerId, Relay),
    /// Tell this to a tap, [`Shard::tap_refused`] where its queue is full; nothing is its end.
    Tap(TapId, Option<TapNews>),
}

#[derive(Debug)]
enum Part {
    /// Becomes the broadcast's publisher when it connects.
    Publisher,
    Viewer(Box<Viewer>),
    /// Is there for the chat alone.
    Member,
    /// Measures its connection.
    Probe(Box<Echo>),
}

#[derive(Debug)]
struct Entry {
    /// In a place of its own: entries stay small enough to be near all the time, and to be moved when there are more.
    peer: Box<Peer>,
    part: Part,
    /// Its place in the chat, if it may take part in one.
    seat: Option<Box<Seat>>,
    /// Earliest entry of this peer in the timer heap.
    scheduled: Option<Instant>,
}

/// The state of one core.
#[derive(Debug)]
pub struct Shard {
    config: EngineConfig,
    clock: NodeClock,
    entries: Slab<Entry>,
    by_id: HashMap<PeerId, usize>,
    broadcasts: HashMap<BroadcastId, Broadcast>,
    demux: Demux<usize>,
    strangers: strangers::Strangers,
    timers: BinaryHeap<Reverse<(Instant, usize)>>,
    transmits: Transmits,
    fan: Fan,
    chats: chats::Chats,
    /// Arrival of what a viewer was given last, and which is being sent.
    turn: Option<Instant>,
    /// Broadcasts with a batch that is being gathered.
    gathering: Vec<BroadcastId>,
    outbox: relay::Outbox,
    taps: taps::Taps,
    shedder: Shedder,
    /// Room for what a packet becomes on its way.
    scratch: Vec<u8>,
    reading: Reading,
    /// The playout-delay element that every viewer gets.
    playout: [u8; 3],
    events: VecDeque<SfuEvent>,
    /// Peers with events that wait to be handled.
    ready: Vec<usize>,
    /// Viewers that catch up from a join cache, and when each gets its next lot.
    catching_up: VecDeque<(Instant, usize)>,
    /// Turns of what goes round since somebody caught up.
    turns_in_a_row: u32,
    candidates: Candidates,
    next_tick: Instant,
    ticks: u64,
    next_report: Instant,
    stats: ShardStats,
}

impl Shard {
    /// An empty shard. `utc` is the time of day at `now`.
    pub fn new(config: EngineConfig, now: Instant, utc: MediaTime) -> Self {
        Self {
            playout: playout_element(config.playout_delay_min, config.playout_delay_max),
            config,
            clock: NodeClock::new(now, utc),
            entries: Slab::new(),
            by_id: HashMap::new(),
            broadcasts: HashMap::new(),
            demux: Demux::default(),
            strangers: strangers::Strangers::new(now),
            timers: BinaryHeap::new(),
            transmits: Transmits::default(),
            fan: Fan::default(),
            chats: chats::Chats::default(),
            turn: None,
            gathering: Vec::new(),
            outbox: relay::Outbox::default(),
            taps: taps::Taps::default(),
            shedder: Shedder::default(),
            scratch: Vec::new(),
            reading: Reading::default(),
            events: VecDeque::new(),
            ready: Vec::new(),
            catching_up: VecDeque::new(),
            turns_in_a_row: 0,
            candidates: Candidates::default(),
            next_tick: now + TICK,
            ticks: 0,
            next_report: now + REPORT,
            stats: ShardStats::default(),
        }
    }

    /// Addresses that answers to ICE restarts announce; the same as those of the negotiator.
    pub fn set_candidates(&mut self, candidates: impl Into<Candidates>) {
        self.candidates = candidates.into();
    }

    /// Counters.
    pub const fn stats(&self) -> &ShardStats {
        &self.stats
    }

    /// How long what waits for viewers has been waiting.
    pub fn lag(&self, now: Instant) -> Duration {
        self.fan.lag(now)
    }

    /// Whether something is left out for viewers, because it does not keep up.
    pub const fn sheds(&self) -> bool {
        self.shedder.level() > 0
    }

    /// Whether a peer of this shard has proved that it is at that end.
    pub fn owns(&self, end: End) -> bool {
        self.demux.by_end(end).is_some()
    }

    /// The peer that has proved to be there.
    pub fn holder(&self, end: End) -> Option<PeerId> {
        self.demux.by_end(end).and_then(|key| self.entries.get(key)).map(|entry| entry.peer.id)
    }

    /// An end is no more: its connection is closed, its relayed address is given up. The peer may have others.
    pub fn lose(&mut self, end: End) {
        self.demux.remove_end(end);
    }

    fn keys_of(&self, broadcast: BroadcastId) -> Vec<usize> {
        self.by_id
            .values()
            .copied()
            .filter(|key| self.entries[*key].peer.broadcast == Some(broadcast))
            .collect()
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.chats.looked(now);
        while let Some(Reverse((at, key))) = self.timers.peek().copied() {
            if at > now {
                break;
            }
            self.timers.pop();
            let Some(entry) = self.entries.get_mut(key).filter(|entry| entry.scheduled == Some(at)) else {
                continue;
            };
            entry.scheduled = None;
            if entry.peer.next() <= now {
                entry.peer.handle_timeout(now);
                self.drain(key, now);
                self.report(key, now);
            }
            self.schedule(key);
        }
        self.settle(now);
        self.end_batches(now);
        if self.next_tick <= now {
            self.next_tick = now + TICK;
            self.tick(now);
            self.settle(now);
        }
    }

    /// When [`Self::handle_timeout`] is to be called next.
    pub fn next_timeout(&self) -> Option<Instant> {
        let timer = self.timers.peek().map(|Reverse((at, _))| *at);
        let tick = (!self.entries.is_empty() || !self.broadcasts.is_empty()).then_some(self.next_tick);
        let batch = self
            .gathering
            .iter()
            .filter_map(|id| self.broadcasts.get(id)?.gathering.due(self.config.coalesce));
        let chats = self.chats.next();
        let lot = self.catching_up.front().map(|(due, _)| *due);
        [timer, tick, lot, batch.min(), self.fan.next(), chats].into_iter().flatten().min()
    }

    /// Gives back the buffer of a [`Transmit`] that was sent, to be filled again.
    pub fn recycle(&mut self, bytes: Vec<u8>) {
        self.transmits.recycle(bytes);
    }

    fn schedule(&mut self, key: usize) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        let next = entry.peer.next();
        if entry.scheduled.is_none_or(|at| next < at) {
            entry.scheduled = Some(next);
            self.timers.push(Reverse((next, key)));
        }
    }

    fn connected(&mut self, key: usize, now: Instant) {
        let entry = &self.entries[key];
        let (id, broadcast) = (entry.peer.id, entry.peer.broadcast);
        self.events.push_back(SfuEvent::PeerConnected { peer: id });
        match entry.part {
            Part::Publisher => {}
            Part::Viewer(_) => return self.with_viewer(key, now, Viewer::choose),
            Part::Member | Part::Probe(_) => return,
        }
        let offered = entry.peer.offered_rids();
        let Some(broadcast) = broadcast.and_then(|id| self.broadcasts.get_mut(&id)) else { return };
        let before = broadcast.publisher.replace(Publisher::new(key, offered, now));
        let id = broadcast.id;
        self.each_viewer(id, Viewer::publisher_changed);
        self.relay_publisher(id);
        if self.taps.any() {
            if before.is_some() {
                self.interrupt_taps(id);
            }
            self.tap_layers(id, None);
        }
        // The same holder came back: the connection that it lost is of no use any more (T17).
        if let Some(before) = before {
            before.key.into_iter().for_each(|key| self.close(key, CloseReason::Local, now));
        }
    }

    fn enter(&mut self, id: BroadcastId, state: BroadcastState, now: Instant) {
        let Some(broadcast) = self.broadcasts.get_mut(&id) else { return };
        if !broadcast.enter(state) {
            return;
        }
        if broadcast.home.is_none() {
            self.events.push_back(SfuEvent::BroadcastState { broadcast: id, state });
            self.relay_change(id);
        }
        self.tell(id, &ControlEvent::State { state }, now);
    }

    fn publisher_of(&mut self, key: usize) -> Option<&mut Publisher> {
        let broadcast = self.entries.get(key)?.peer.broadcast?;
        let publisher = self.broadcasts.get_mut(&broadcast)?.publisher.as_mut()?;
        (publisher.key == Some(key)).then_some(publisher)
    }

    fn ask_for_key_frames(&mut self, id: BroadcastId, now: Instant) {
        let Some(publisher) = self.broadcasts.get_mut(&id).and_then(|b| b.publisher.as_mut()) else { return };
        let layers = publisher.key_frames_to_ask(now);
        if layers.is_empty() {
            return;
        }
        let Some(key) = publisher.key else {
            return self.ask_home(id, &layers);
        };
        for layer in layers.iter().filter_map(|layer| publisher.layers().get(*layer)) {
            self.stats.key_frames_requested += 1;
            self.entries[key].peer.request_key_frame(layer.ssrc());
        }
        self.entries[key].peer.handle_timeout(now);
        self.drain(key, now);
    }

    /// The slow rhythm: layers, key frames, reports, reaping. Each time a part of the viewers has its turn,
    /// so that many of them hold up nothing.
    fn tick(&mut self, now: Instant) {
        self.ticks = self.ticks.wrapping_add(1);
        let first = self.ticks.is_multiple_of(PARTS);
        let report = first && self.next_report <= now;
        if report {
            self.next_report = now + REPORT;
        }
        if first {
            self.shed(now, report);
        }
        let mut ids: SmallVec<[BroadcastId; 16]> = self.broadcasts.keys().copied().collect();
        // Not in the order of a hash: a simulated run is to be repeatable.
        ids.sort_unstable();
        for id in ids {
            let Some(broadcast) = self.broadcasts.get_mut(&id) else { continue };
            if let Some(publisher) = broadcast.publisher.as_mut().filter(|_| first) {
                publisher.update_activity(now);
            }
            for at in 0..broadcast.viewers.len() {
                let turn = self.ticks.wrapping_add(at as u64);
                if turn.is_multiple_of(PARTS) {
                    self.tick_viewer(id, at, turn.is_multiple_of(CLOCK_PARTS), now);
                }
            }
            self.ask_for_key_frames(id, now);
            if self.taps.any() {
                self.flush_taps(id);
            }
            if first {
                self.keep_mirrors(id, report);
                self.tell_changes(id, now);
            }
            if report {
                self.report_uplink(id, now);
            }
        }
        if first {
            self.reap(now);
            self.retry_full(now);
            self.count();
        }
    }

    fn reap(&mut self, now: Instant) {
        let overdue = |entry: &Entry| {
            let peer = &entry.peer;
            if !peer.connected {
                let waited = now.saturating_duration_since(peer.created);
                return (waited >= self.config.connect_timeout).then_some(CloseReason::NeverConnected);
            }
            if matches!(&entry.part, Part::Probe(echo) if echo.is_over(now)) {
                return Some(CloseReason::TimedOut);
            }
            let silent = now.saturating_duration_since(peer.last_seen);
            (silent >= self.config.idle_timeout).then_some(CloseReason::TimedOut)
        };
        let gone: Vec<_> =
            self.entries.iter().filter_map(|(key, entry)| Some((key, overdue(entry)?))).collect();
        gone.into_iter().for_each(|(key, reason)| self.close(key, reason, now));
    }

    /// Ends a peer and forgets it.
    fn close(&mut self, key: usize, reason: CloseReason, now: Instant) {
        self.chat_closed(key, false);
        let Some(entry) = self.entries.get_mut(key) else { return };
        entry.peer.close(&mut self.transmits);
        entry.peer.drain(now, &mut self.transmits);
        let entry = self.entries.remove(key);
        self.ready.retain(|ready| *ready != key);
        self.catching_up.retain(|(_, waiting)| *waiting != key);
        self.demux.remove(key);
        self.strangers.forget(key);
        self.by_id.remove(&entry.peer.id);
        self.stats.peers = self.entries.len() as u64;
        self.stats.viewers_held -= u64::from(matches!(entry.part, Part::Viewer(_)));
        self.stats.members_held -= u64::from(matches!(entry.part, Part::Member));
        if self.stats.viewers_held == 0 {
            // Nobody is there for whom anything could be left out.
            self.shedder = Shedder::default();
        }
        self.events.push_back(SfuEvent::PeerClosed { peer: entry.peer.id, reason });
        let Some(broadcast) = entry.peer.broadcast.and_then(|id| self.broadcasts.get_mut(&id)) else {
            return;
        };
        let id = broadcast.id;
        if let Some(at) = broadcast.viewers.iter().position(|viewer| *viewer == key) {
            self.fan.leave(id, at, broadcast.viewers.len());
            broadcast.viewers.remove(at);
        }
        if broadcast.publisher.as_ref().is_some_and(|publisher| publisher.key == Some(key)) {
            broadcast.publisher = None;
            self.each_viewer(id, Viewer::publisher_changed);
            self.relay_publisher(id);
            self.interrupt_taps(id);
            if self.broadcasts.get(&id).is_some_and(|broadcast| broadcast.state != BroadcastState::Ended) {
                self.enter(id, BroadcastState::Gap, now);
            }
        }
        self.unfollow(id);
    }

    fn count(&mut self) {
        let connected = |entry: &&Entry| entry.peer.connected;
        let viewers = self.entries.iter().map(|(_, entry)| entry).filter(connected);
        let viewers = viewers.filter(|entry| matches!(entry.part, Part::Viewer(_))).count();
        let publishers =
            self.broadcasts.values().filter_map(|broadcast| broadcast.publisher.as_ref()?.key).count();
        (self.stats.viewers, self.stats.publishers) = (viewers as u64, publishers as u64);
    }
}

/// The playout-delay element: 12 bits least, 12 bits most, in units of 10 ms.
fn playout_element(least: Duration, most: Duration) -> [u8; 3] {
    let tens = |span: Duration| u32::try_from(span.as_millis() / 10).unwrap_or(0xfff).min(0xfff);
    let [_, high, middle, low] = (tens(least) << 12 | tens(most)).to_be_bytes();
    [high, middle, low]
}
