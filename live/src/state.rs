//! The tables of `live` and who gets into them.
//!
//! Sans-IO like the engine: time and identifiers come in as arguments, and what must be done to
//! the media plane comes out as [`Effect`]s. What happens later to what got in is in `lifecycle`.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_domain::control::BroadcastState;
use sluice_domain::{Action, BroadcastId, Grant, MediaTime, PeerId, SessionId, StreamName};

use crate::access::Catalog;
use crate::broadcast::Broadcast;
use crate::config::LiveConfig;
use crate::error::LiveError;
use crate::metrics;
use crate::session::{End, Session};

/// How long an ended session is remembered, so that the DELETE of a client that closed its
/// connection first (OBS does) is a success and not an error.
const DEPARTED_MEMORY: Duration = Duration::from_secs(60);

/// Most ended sessions that are remembered. 24 bytes each; more only matters to clients whose
/// DELETE comes late on a node where thousands leave a minute.
const MAX_DEPARTED: usize = 4096;

/// Something to do to the media plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    ClosePeer(PeerId),
    CloseBroadcast(BroadcastId),
}

/// How a broadcast goes on with a publisher that was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Publishing {
    /// The first one.
    Started,
    /// It replaces one, or fills the gap that one left.
    TookOver,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) config: LiveConfig,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) broadcasts: BTreeMap<StreamName, Broadcast>,
    pub(crate) sessions: HashMap<SessionId, Session>,
    peers: HashMap<PeerId, SessionId>,
    departed: VecDeque<(Instant, SessionId)>,
    /// Requests that the media plane has not answered yet.
    in_flight: usize,
    /// Sessions that have not completed ICE yet.
    pending: usize,
    /// Peers that closed before their request was finished. Empty while nothing is in flight.
    closed_early: HashSet<PeerId>,
    pub(crate) draining: bool,
    pub(crate) next_sweep: Instant,
}

impl State {
    pub(crate) fn new(config: LiveConfig, catalog: Catalog, now: Instant) -> Self {
        Self {
            config,
            catalog: Arc::new(catalog),
            broadcasts: BTreeMap::new(),
            sessions: HashMap::new(),
            peers: HashMap::new(),
            departed: VecDeque::new(),
            in_flight: 0,
            pending: 0,
            closed_early: HashSet::new(),
            draining: false,
            next_sweep: now,
        }
    }

    /// Lets a publisher in or not. `fresh` becomes the id of a new broadcast. Each success must be
    /// followed by [`Self::finish_publish`].
    pub(crate) fn begin_publish(
        &mut self,
        grant: &Grant,
        fresh: BroadcastId,
    ) -> Result<BroadcastId, LiveError> {
        if self.draining {
            return Err(LiveError::Draining);
        }
        let full = self.is_full();
        let broadcast = match self.broadcasts.get_mut(&grant.stream) {
            Some(broadcast) if broadcast.holder.subject == grant.subject => broadcast,
            Some(_) => return Err(LiveError::AlreadyLive),
            None if full => return Err(LiveError::Full),
            None => {
                let broadcast = Broadcast::new(fresh, grant.clone());
                self.broadcasts.entry(grant.stream.clone()).or_insert(broadcast)
            }
        };
        broadcast.claims += 1;
        self.in_flight += 1;
        Ok(broadcast.id)
    }

    /// Enters the session of a publisher that the media plane accepted.
    pub(crate) fn finish_publish(
        &mut self,
        stream: &StreamName,
        session: Session,
        now: Instant,
    ) -> Result<Publishing, (LiveError, Vec<Effect>)> {
        let found = self.broadcasts.get_mut(stream).filter(|found| found.id == session.broadcast);
        let Some(found) = found else {
            // The right to publish was lost meanwhile.
            self.settle();
            let effects = vec![Effect::ClosePeer(session.peer), Effect::CloseBroadcast(session.broadcast)];
            return Err((LiveError::Forbidden, effects));
        };
        found.claims -= 1;
        let publishing = if found.accepted { Publishing::TookOver } else { Publishing::Started };
        found.accepted = true;
        if !self.closed_early.contains(&session.peer) {
            found.gap_until = None;
            found.publishers.push(session.id);
        }
        self.enter(session, now);
        Ok(publishing)
    }

    /// Forgets the claim of a publisher that the media plane refused.
    pub(crate) fn abandon_publish(&mut self, stream: &StreamName, broadcast: BroadcastId) -> Vec<Effect> {
        self.settle();
        let Some(found) = self.broadcasts.get_mut(stream).filter(|found| found.id == broadcast) else {
            return vec![Effect::CloseBroadcast(broadcast)];
        };
        found.claims -= 1;
        if found.accepted || found.claims > 0 {
            return Vec::new();
        }
        self.broadcasts.remove(stream);
        vec![Effect::CloseBroadcast(broadcast)]
    }

    /// Lets a viewer in or not. Each success must be followed by [`Self::finish_watch`].
    pub(crate) fn begin_watch(&mut self, stream: &StreamName) -> Result<BroadcastId, LiveError> {
        if self.draining {
            return Err(LiveError::Draining);
        }
        let broadcast =
            self.broadcasts.get(stream).filter(|found| found.accepted).ok_or(LiveError::NotLive)?.id;
        if self.is_full() {
            return Err(LiveError::Full);
        }
        self.in_flight += 1;
        Ok(broadcast)
    }

    /// Enters the session of a viewer that the media plane accepted.
    pub(crate) fn finish_watch(
        &mut self,
        session: Session,
        now: Instant,
    ) -> Result<(), (LiveError, Vec<Effect>)> {
        let broadcast = self.broadcasts.get(&session.grant.stream);
        if broadcast.is_none_or(|found| found.id != session.broadcast) {
            // The broadcast ended meanwhile, and the media plane took the id for a new one.
            self.settle();
            let effects = vec![Effect::ClosePeer(session.peer), Effect::CloseBroadcast(session.broadcast)];
            return Err((LiveError::NotLive, effects));
        }
        self.enter(session, now);
        Ok(())
    }

    /// Forgets a viewer that the media plane refused.
    pub(crate) fn abandon_watch(&mut self) {
        self.settle();
    }

    fn enter(&mut self, session: Session, now: Instant) {
        if self.closed_early.remove(&session.peer) {
            self.remember(session.id, now);
        } else {
            self.pending += 1;
            self.peers.insert(session.peer, session.id);
            self.sessions.insert(session.id, session);
        }
        self.settle();
    }

    /// A request is finished. Once none is in flight, none can ask about a peer that closed early.
    fn settle(&mut self) {
        self.in_flight -= 1;
        if self.in_flight == 0 {
            self.closed_early.clear();
        }
    }

    fn is_full(&self) -> bool {
        self.sessions.len() + self.in_flight >= self.config.max_sessions
            || self.pending + self.in_flight >= self.config.max_pending
    }

    /// ICE and DTLS of a peer are up.
    pub(crate) fn peer_connected(&mut self, peer: PeerId) {
        let session = self.peers.get(&peer).and_then(|id| self.sessions.get_mut(id));
        if let Some(session) = session.filter(|session| !session.connected) {
            session.connected = true;
            self.pending -= 1;
        }
    }

    pub(crate) fn session_of(&mut self, peer: PeerId) -> Option<&mut Session> {
        self.peers.get(&peer).and_then(|id| self.sessions.get_mut(id))
    }

    /// A peer closed by itself.
    pub(crate) fn peer_closed(&mut self, peer: PeerId, now: Instant) -> Option<Action> {
        let Some(id) = self.peers.get(&peer).copied() else {
            if self.in_flight > 0 {
                self.closed_early.insert(peer);
            }
            return None;
        };
        let session = self.remove(id, now)?;
        self.remember(id, now);
        Some(session.grant.action)
    }

    /// Takes a session out of the tables; a broadcast that loses its last publisher waits for it.
    pub(crate) fn remove(&mut self, id: SessionId, now: Instant) -> Option<Session> {
        let session = self.sessions.remove(&id)?;
        self.peers.remove(&session.peer);
        self.pending -= usize::from(!session.connected);
        let gap = self.config.gap;
        let broadcast = self.broadcasts.get_mut(&session.grant.stream);
        if let Some(broadcast) = broadcast.filter(|found| found.id == session.broadcast) {
            let before = broadcast.publishers.len();
            broadcast.publishers.retain(|publisher| *publisher != id);
            if before > 0 && broadcast.publishers.is_empty() {
                broadcast.gap_until.get_or_insert(now + gap);
            }
        }
        Some(session)
    }

    /// Ends a session on its client's wish. `Ok` also for one that ended a moment ago.
    pub(crate) fn end_session(
        &mut self,
        id: SessionId,
        end: End,
        now: Instant,
        clock: MediaTime,
    ) -> Result<Vec<Effect>, LiveError> {
        if let Some(at) = self.departed.iter().position(|(_, departed)| *departed == id) {
            self.departed.remove(at);
            return Ok(Vec::new());
        }
        let session = self.remove(id, now).ok_or(LiveError::UnknownSession)?;
        let mut effects = vec![Effect::ClosePeer(session.peer)];
        if session.grant.action == Action::Publish && end == End::Broadcast {
            let stream = &session.grant.stream;
            let current = self.broadcasts.get(stream).is_some_and(|found| found.id == session.broadcast);
            if current {
                effects.extend(self.end_broadcast(stream, clock));
            }
        }
        Ok(effects)
    }

    /// Ends a broadcast. Its sessions go when the media plane has closed their peers.
    pub(crate) fn end_broadcast(&mut self, stream: &StreamName, clock: MediaTime) -> Option<Effect> {
        let broadcast = self.broadcasts.remove(stream)?;
        if let Some(since) = broadcast.status.borrow().live_since {
            metrics::broadcast_ended(clock.micros_since(since));
        }
        broadcast.set_state(BroadcastState::Ended, clock);
        Some(Effect::CloseBroadcast(broadcast.id))
    }

    /// Takes other streams and keys. Broadcasts whose holder lost the right to publish end.
    pub(crate) fn replace_catalog(&mut self, catalog: Catalog, clock: MediaTime) -> Vec<Effect> {
        self.catalog = Arc::new(catalog);
        let holds = |found: &Broadcast| self.catalog.still_holds(&found.holder);
        let lost: Vec<StreamName> =
            self.broadcasts.iter().filter(|(_, found)| !holds(found)).map(|(name, _)| name.clone()).collect();
        lost.iter().filter_map(|stream| self.end_broadcast(stream, clock)).collect()
    }

    fn remember(&mut self, id: SessionId, now: Instant) {
        if self.departed.len() == MAX_DEPARTED {
            self.departed.pop_front();
        }
        self.departed.push_back((now, id));
    }

    pub(crate) fn forget_departed(&mut self, now: Instant) {
        while self.departed.front().is_some_and(|(since, _)| now.duration_since(*since) >= DEPARTED_MEMORY) {
            self.departed.pop_front();
        }
    }
}
