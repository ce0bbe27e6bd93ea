//! What happens to sessions and broadcasts after they were let in: media starts, publishers leave
//! and return, gaps end, peers vanish.
//!
//! ```text
//!           first media            publisher leaves
//! Starting ────────────▶ Live ─────────────────────▶ Gap ── gap time over ──▶ Ended
//!                          ▲                          │
//!                          └──── publisher returns ───┘
//! ```

use std::time::{Duration, Instant};

use sluice_domain::control::{BroadcastState, ReconnectReason};
use sluice_domain::{BroadcastId, Grant, MediaTime, SessionId, StreamId};
use sluice_sfu::{CloseReason, SfuEvent};

use crate::broadcast::{Broadcast, EndReason};
use crate::events::Reconnect;
use crate::metrics;
use crate::state::{Effect, State};

/// How often the tables are compared with what should be. Events of the media plane can be lost
/// when it is overloaded; a longer time leaves a lost session in the table longer.
const SWEEP_INTERVAL: Duration = Duration::from_secs(10);

/// How often Grants that ran out are looked for. Shorter ends them more to the second, and looks at
/// every session for it.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(1);

/// A session that has not connected by then is ended here, should the word of the media plane
/// (which gives up after 30 s at most) have been lost.
const PENDING_LIMIT: Duration = Duration::from_secs(60);

/// How long a broadcast whose gap is over still waits for a publish request that is being answered.
const CLAIM_GRACE: Duration = Duration::from_secs(1);

impl State {
    /// Takes in one event of the media plane.
    pub(crate) fn handle_event(&mut self, event: SfuEvent, now: Instant, clock: MediaTime) {
        match event {
            SfuEvent::PeerConnected { peer } => self.peer_connected(peer),
            SfuEvent::PeerClosed { peer, reason } => {
                if let Some(action) = self.peer_closed(peer, now) {
                    metrics::ended(action, reason_label(reason));
                }
            }
            SfuEvent::BroadcastState { broadcast, state } => {
                self.broadcast_state(broadcast, state, now, clock);
            }
            SfuEvent::Layers { broadcast, layers, codec } => {
                if let Some(found) = self.broadcast(broadcast) {
                    found.tally.layers.clone_from(&layers);
                    found.tally.codec = codec.or(found.tally.codec);
                    found.status.send_modify(|status| {
                        status.layers = layers;
                        status.codec = codec;
                    });
                }
            }
            SfuEvent::Audience { broadcast, viewers } => {
                if let Some(found) = self.broadcast(broadcast) {
                    found.tally.audience(viewers, clock);
                    found.status.send_modify(|status| status.viewers = viewers);
                }
            }
            SfuEvent::Issues { broadcast, issues } => {
                if let Some(found) = self.broadcast(broadcast) {
                    let before = found.status.borrow().issues.clone();
                    found.tally.issues(&before, &issues, clock);
                    found.status.send_modify(|status| status.issues = issues);
                }
            }
            // No business of sessions.
            SfuEvent::Chat { .. } => {}
            SfuEvent::CodecChanged { peer } => {
                if let Some(session) = self.session_of(peer) {
                    session.ask_to_reconnect(&Reconnect { reason: ReconnectReason::CodecChanged, url: None });
                }
            }
        }
    }

    fn broadcast_state(&mut self, id: BroadcastId, state: BroadcastState, now: Instant, clock: MediaTime) {
        let gap = self.config.gap;
        let Some(found) = self.broadcast(id) else { return };
        match state {
            BroadcastState::Starting => {}
            BroadcastState::Live => {
                found.gap_until = None;
                let first = found.status.borrow().live_since.is_none();
                found.set_state(BroadcastState::Live, clock);
                let online = first.then(|| crate::telling::online(found));
                self.notices.extend(online);
            }
            BroadcastState::Gap => {
                metrics::gap();
                found.set_state(BroadcastState::Gap, clock);
                if found.publishers.is_empty() {
                    found.gap_until.get_or_insert(now + gap);
                }
            }
            BroadcastState::Ended => {
                let stream = found.holder.stream;
                self.end_broadcast(stream, EndReason::MediaPlane, clock);
            }
        }
    }

    /// When [`Self::handle_timeout`] wants to be called next.
    pub(crate) fn next_timeout(&self) -> Instant {
        let gaps = self.broadcasts.values().filter_map(|broadcast| broadcast.gap_until);
        gaps.fold(self.next_sweep.min(self.next_expiry), Instant::min)
    }

    /// Ends whose Grant ran out, and looks ahead to the next.
    fn end_expired(&mut self, now: Instant, clock: MediaTime) -> Vec<Effect> {
        if now < self.next_expiry {
            return Vec::new();
        }
        self.next_expiry = now + EXPIRY_INTERVAL;
        let expired = |grant: &Grant| grant.expires.is_some_and(|expires| expires <= clock);
        self.end_all(EndReason::Expired, now, clock, expired)
    }

    /// Ends what is over.
    pub(crate) fn handle_timeout(&mut self, now: Instant, clock: MediaTime) -> Vec<Effect> {
        let mut over: Vec<StreamId> = Vec::new();
        for (stream, broadcast) in &mut self.broadcasts {
            if broadcast.gap_until.is_some_and(|until| until <= now) {
                if broadcast.claims == 0 {
                    over.push(*stream);
                } else {
                    broadcast.gap_until = Some(now + CLAIM_GRACE);
                }
            }
        }
        let reason = EndReason::PublisherLost;
        let mut effects: Vec<Effect> =
            over.into_iter().filter_map(|stream| self.end_broadcast(stream, reason, clock)).collect();
        effects.extend(self.end_expired(now, clock));
        if self.next_sweep <= now {
            self.next_sweep = now + SWEEP_INTERVAL;
            self.forget_departed(now);
            effects.extend(self.sweep(now));
        }
        effects
    }

    fn sweep(&mut self, now: Instant) -> Vec<Effect> {
        let lost: Vec<SessionId> = self
            .sessions
            .values()
            .filter(|session| !session.connected && now.duration_since(session.created) >= PENDING_LIMIT)
            .map(|session| session.id)
            .collect();
        let removed = lost.into_iter().filter_map(|id| self.remove(id, now));
        removed
            .map(|session| {
                metrics::ended(session.grant.action, "lost");
                Effect::ClosePeer(session.peer)
            })
            .collect()
    }

    /// The node shuts down: nobody gets in any more and viewers are told where to go.
    pub(crate) fn drain(&mut self, url: Option<&str>) {
        self.draining = true;
        let reconnect = Reconnect { reason: ReconnectReason::Draining, url: url.map(str::to_owned) };
        for session in self.sessions.values_mut() {
            session.ask_to_reconnect(&reconnect);
        }
    }

    fn broadcast(&mut self, id: BroadcastId) -> Option<&mut Broadcast> {
        self.broadcasts.values_mut().find(|broadcast| broadcast.id == id)
    }
}

const fn reason_label(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::Remote => "remote",
        CloseReason::Local => "local",
        CloseReason::NeverConnected => "never_connected",
        CloseReason::TimedOut => "timed_out",
        CloseReason::Failed => "failed",
    }
}

#[cfg(test)]
mod tests;
