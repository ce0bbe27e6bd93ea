//! The tables of `live` and who gets into them.
//!
//! Sans-IO like the engine: time and identifiers come in as arguments, and what must be done to
//! the media plane comes out as [`Effect`]s. What happens later to what got in is in `lifecycle`.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use sluice_domain::control::BroadcastState;
use sluice_domain::{Action, BroadcastId, Grant, MediaTime, PeerId, SessionId, StreamId};

use crate::broadcast::{Broadcast, EndReason};
use crate::config::LiveConfig;
use crate::error::LiveError;
use crate::ledger::Entry;
use crate::metrics;
use crate::news::NoticeEvent;
use crate::revocation::{Fallen, Revocations};
use crate::session::{End, Session};

/// How long an ended session is remembered, so that the DELETE of a client that closed its
/// connection first (OBS does) is a success and not an error.
const DEPARTED_MEMORY: Duration = Duration::from_secs(60);

/// Most ended sessions that are remembered. 24 bytes each; more only matters to clients whose
/// DELETE comes late on a node where thousands leave a minute.
const MAX_DEPARTED: usize = 4096;

/// Most ended broadcasts that wait for a database that is away: some megabytes. Beyond it the
/// oldest are lost and counted, because a node that runs matters more than its history.
const MAX_ENDED: usize = 4096;

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
    pub(crate) broadcasts: BTreeMap<StreamId, Broadcast>,
    pub(crate) sessions: HashMap<SessionId, Session>,
    peers: HashMap<PeerId, SessionId>,
    departed: VecDeque<(Instant, SessionId)>,
    /// Requests that the media plane has not answered yet.
    in_flight: usize,
    /// Sessions that have not completed ICE yet.
    pending: usize,
    /// Peers that closed before their request was finished. Empty while nothing is in flight.
    closed_early: HashSet<PeerId>,
    revocations: Revocations,
    /// Broadcasts that ended and are not written down yet, oldest first.
    pub(crate) ended: VecDeque<Entry>,
    /// What listeners are to be told.
    pub(crate) notices: Vec<NoticeEvent>,
    pub(crate) draining: bool,
    pub(crate) next_sweep: Instant,
    pub(crate) next_expiry: Instant,
}

impl State {
    pub(crate) fn new(config: LiveConfig, now: Instant) -> Self {
        Self {
            config,
            broadcasts: BTreeMap::new(),
            sessions: HashMap::new(),
            peers: HashMap::new(),
            departed: VecDeque::new(),
            in_flight: 0,
            pending: 0,
            closed_early: HashSet::new(),
            revocations: Revocations::default(),
            ended: VecDeque::new(),
            notices: Vec::new(),
            draining: false,
            next_sweep: now,
            next_expiry: now,
        }
    }

    /// Lets a publisher in or not. `fresh` becomes the id of a new broadcast. Each success must be
    /// followed by [`Self::finish_publish`].
    pub(crate) fn begin_publish(
        &mut self,
        grant: &Grant,
        fresh: BroadcastId,
        clock: MediaTime,
    ) -> Result<BroadcastId, LiveError> {
        if self.draining {
            return Err(LiveError::Draining);
        }
        if !self.revocations.leave(grant, clock) {
            return Err(LiveError::Forbidden);
        }
        let full = self.is_full();
        let others = self.broadcasts.values().filter(|found| found.holder.owner == grant.owner).count();
        let broadcast = match self.broadcasts.get_mut(&grant.stream) {
            Some(broadcast) if broadcast.holder.same_holder(grant) => broadcast,
            Some(_) => return Err(LiveError::AlreadyLive),
            None if full => return Err(LiveError::Full),
            None if others >= grant.max_streams as usize => {
                return Err(LiveError::TooManyStreams { most: grant.max_streams });
            }
            None => {
                let broadcast = Broadcast::new(fresh, grant.clone(), clock);
                self.broadcasts.entry(grant.stream).or_insert(broadcast)
            }
        };
        broadcast.claims += 1;
        self.in_flight += 1;
        Ok(broadcast.id)
    }

    /// Enters the session of a publisher that the media plane accepted.
    pub(crate) fn finish_publish(
        &mut self,
        session: Session,
        now: Instant,
        clock: MediaTime,
    ) -> Result<Publishing, (LiveError, Vec<Effect>)> {
        let stands = self.revocations.leave(&session.grant, clock);
        let found = self.broadcasts.get_mut(&session.grant.stream);
        let found = found.filter(|found| stands && Some(found.id) == session.broadcast);
        let Some(found) = found else {
            // The right to publish was lost meanwhile.
            self.settle();
            let mut effects = vec![Effect::ClosePeer(session.peer)];
            effects.extend(session.broadcast.map(Effect::CloseBroadcast));
            return Err((LiveError::Forbidden, effects));
        };
        found.claims -= 1;
        let publishing = if found.accepted { Publishing::TookOver } else { Publishing::Started };
        found.accepted = true;
        // The newest Grant decides until when: a studio that came back has a fresh sign-in behind it.
        found.holder = session.grant.clone();
        if !self.closed_early.contains(&session.peer) {
            found.gap_until = None;
            found.publishers.push(session.id);
        }
        self.enter(session, now);
        Ok(publishing)
    }

    /// Forgets the claim of a publisher that the media plane refused.
    pub(crate) fn abandon_publish(&mut self, stream: StreamId, broadcast: BroadcastId) -> Vec<Effect> {
        self.settle();
        let Some(found) = self.broadcasts.get_mut(&stream).filter(|found| found.id == broadcast) else {
            return vec![Effect::CloseBroadcast(broadcast)];
        };
        found.claims -= 1;
        if found.accepted || found.claims > 0 {
            return Vec::new();
        }
        self.broadcasts.remove(&stream);
        vec![Effect::CloseBroadcast(broadcast)]
    }

    /// Lets a viewer in or not. Each success must be followed by [`Self::finish_watch`].
    pub(crate) fn begin_watch(&mut self, grant: &Grant, clock: MediaTime) -> Result<BroadcastId, LiveError> {
        if self.draining {
            return Err(LiveError::Draining);
        }
        if !self.revocations.leave(grant, clock) {
            return Err(LiveError::Forbidden);
        }
        let broadcast =
            self.broadcasts.get(&grant.stream).filter(|found| found.accepted).ok_or(LiveError::NotLive)?.id;
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
        clock: MediaTime,
    ) -> Result<(), (LiveError, Vec<Effect>)> {
        let broadcast = self.broadcasts.get(&session.grant.stream);
        if broadcast.is_none_or(|found| Some(found.id) != session.broadcast) {
            // The broadcast ended meanwhile, and the media plane took the id for a new one.
            self.settle();
            let mut effects = vec![Effect::ClosePeer(session.peer)];
            effects.extend(session.broadcast.map(Effect::CloseBroadcast));
            return Err((LiveError::NotLive, effects));
        }
        if !self.revocations.leave(&session.grant, clock) {
            self.settle();
            return Err((LiveError::Forbidden, vec![Effect::ClosePeer(session.peer)]));
        }
        self.enter(session, now);
        Ok(())
    }

    /// Forgets a viewer that the media plane refused.
    pub(crate) fn abandon_watch(&mut self) {
        self.settle();
    }

    /// Lets somebody have a connection for a chat alone, or not. Each success must be followed by
    /// [`Self::finish_join`].
    pub(crate) fn begin_join(&mut self, grant: &Grant, clock: MediaTime) -> Result<(), LiveError> {
        if self.draining {
            return Err(LiveError::Draining);
        }
        if !self.revocations.leave(grant, clock) {
            return Err(LiveError::Forbidden);
        }
        if self.is_full() {
            return Err(LiveError::Full);
        }
        self.in_flight += 1;
        Ok(())
    }

    /// Enters the session of a peer that has a chat alone.
    pub(crate) fn finish_join(
        &mut self,
        session: Session,
        now: Instant,
        clock: MediaTime,
    ) -> Result<(), (LiveError, Vec<Effect>)> {
        if !self.revocations.leave(&session.grant, clock) {
            self.settle();
            return Err((LiveError::Forbidden, vec![Effect::ClosePeer(session.peer)]));
        }
        self.enter(session, now);
        Ok(())
    }

    /// Whether nothing that a Grant rests on fell since it was made.
    pub(crate) fn still_trusts(&self, grant: &Grant, clock: MediaTime) -> bool {
        !self.draining && self.revocations.leave(grant, clock)
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
        let Some(session) = session.filter(|session| !session.connected) else { return };
        session.connected = true;
        self.pending -= 1;
        let broadcast = self.broadcasts.get_mut(&session.grant.stream);
        let Some(broadcast) = broadcast.filter(|found| Some(found.id) == session.broadcast) else { return };
        match session.grant.action {
            Action::Watch => broadcast.tally.joins = broadcast.tally.joins.saturating_add(1),
            Action::Publish => self.notices.extend(crate::telling::connected(broadcast)),
            Action::Chat => {}
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
        if let Some(broadcast) = broadcast.filter(|found| Some(found.id) == session.broadcast) {
            let before = broadcast.publishers.len();
            broadcast.publishers.retain(|publisher| *publisher != id);
            if before > 0 && broadcast.publishers.is_empty() {
                broadcast.gap_until.get_or_insert(now + gap);
                self.notices.extend(crate::telling::disconnected(broadcast));
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
            let stream = session.grant.stream;
            let current =
                self.broadcasts.get(&stream).is_some_and(|found| Some(found.id) == session.broadcast);
            if current {
                effects.extend(self.end_broadcast(stream, EndReason::Publisher, clock));
            }
        }
        Ok(effects)
    }

    /// Ends a broadcast. Its sessions go when the media plane has closed their peers.
    pub(crate) fn end_broadcast(
        &mut self,
        stream: StreamId,
        reason: EndReason,
        clock: MediaTime,
    ) -> Option<Effect> {
        let mut broadcast = self.broadcasts.remove(&stream)?;
        // A node that shuts down ends its media plane, which then ends every broadcast.
        let reason = if self.draining { EndReason::Shutdown } else { reason };
        if let Some(since) = broadcast.status.borrow().live_since {
            metrics::broadcast_ended(clock.micros_since(since));
        }
        broadcast.set_state(BroadcastState::Ended, clock);
        if broadcast.accepted {
            broadcast.tally.audience(0, clock);
            self.write_down(&broadcast, reason, clock);
            self.tell_ended(&mut broadcast, reason);
        }
        Some(Effect::CloseBroadcast(broadcast.id))
    }

    /// Closes the publishers of a stream; `None` where nobody was ever let in.
    pub(crate) fn publishers(&self, stream: StreamId) -> Option<Vec<Effect>> {
        let broadcast = self.broadcasts.get(&stream).filter(|broadcast| broadcast.accepted)?;
        let sessions = broadcast.publishers.iter().filter_map(|id| self.sessions.get(id));
        Some(sessions.map(|session| Effect::ClosePeer(session.peer)).collect())
    }

    /// Every broadcast is over, because the media plane is.
    pub(crate) fn end_every(&mut self, reason: EndReason, clock: MediaTime) {
        let streams: Vec<StreamId> = self.broadcasts.keys().copied().collect();
        for stream in streams {
            self.end_broadcast(stream, reason, clock);
        }
    }

    fn write_down(&mut self, broadcast: &Broadcast, reason: EndReason, clock: MediaTime) {
        if self.ended.len() == MAX_ENDED {
            self.ended.pop_front();
            metrics::unwritten();
        }
        self.ended.push_back(Entry::of(broadcast, clock, Some((clock, reason))));
    }

    /// Grants that were made before this do not start anything any more; sessions that run go on.
    pub(crate) fn distrust(&mut self, fallen: Fallen, clock: MediaTime) {
        self.revocations.add(fallen, clock);
    }

    /// Ends what rests on something that holds no more, now and where a request still runs.
    pub(crate) fn revoke(&mut self, fallen: Fallen, now: Instant, clock: MediaTime) -> Vec<Effect> {
        self.revocations.add(fallen, clock);
        self.notices.push(NoticeEvent::Revoked(fallen));
        self.end_all(EndReason::Revoked, now, clock, |grant| fallen.takes(grant))
    }

    /// Ends broadcasts by the Grants of their holders, and sessions by their own.
    pub(crate) fn end_all(
        &mut self,
        reason: EndReason,
        now: Instant,
        clock: MediaTime,
        ends: impl Fn(&Grant) -> bool,
    ) -> Vec<Effect> {
        let over: Vec<StreamId> = self
            .broadcasts
            .iter()
            .filter(|(_, found)| ends(&found.holder))
            .map(|(stream, _)| *stream)
            .collect();
        let mut effects: Vec<Effect> =
            over.into_iter().filter_map(|stream| self.end_broadcast(stream, reason, clock)).collect();
        // Sorted by peer, so that the same tables end in the same order.
        let mut sessions: Vec<(PeerId, SessionId)> = self
            .sessions
            .values()
            .filter(|session| ends(&session.grant))
            .map(|session| (session.peer, session.id))
            .collect();
        sessions.sort_unstable_by_key(|(peer, _)| *peer);
        for (peer, id) in sessions {
            if let Some(session) = self.remove(id, now) {
                metrics::ended(session.grant.action, reason.as_str());
                self.remember(id, now);
                effects.push(Effect::ClosePeer(peer));
            }
        }
        effects
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
