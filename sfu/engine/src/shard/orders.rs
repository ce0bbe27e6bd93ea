//! What the world orders: peers come and go, ICE restarts, layers are selected.

use std::time::Instant;

use sluice_domain::control::{BroadcastState, ControlEvent, ReconnectReason};
use sluice_domain::{BroadcastId, PeerId, ProblemCode};

use super::{Entry, Part, Shard};
use crate::broadcast::Broadcast;
use crate::chat::{Seat, farewell};
use crate::command::{Command, Reply};
use crate::config::EngineConfig;
use crate::control;
use crate::echo::Echo;
use crate::error::SfuError;
use crate::event::{CloseReason, SfuEvent};
use crate::negotiate::{Prepared, Role};
use crate::peer::Peer;
use crate::viewer::Viewer;

impl Shard {
    /// An order.
    pub fn handle_command(&mut self, now: Instant, command: Command) -> Reply {
        let reply = match command {
            Command::Add(prepared) => self.add(now, *prepared),
            Command::Trickle { peer, fragment } => self.with_peer(peer, now, |peer, _| {
                peer.trickle(&fragment);
                Reply::Done
            }),
            Command::RestartIce { peer, fragment, ice } => {
                let lines = self.candidates.lines();
                let reply = self.with_peer(peer, now, |peer, config| {
                    match peer.restart_ice(&fragment, &ice, config, lines) {
                        Ok(answer) => Reply::Restarted(answer),
                        Err(error) => Reply::Refused(error),
                    }
                });
                if let (Reply::Restarted(answer), Some(key)) = (&reply, self.by_id.get(&peer)) {
                    self.demux.add_ufrag(answer.ufrag.clone(), *key);
                }
                reply
            }
            Command::SelectLayer { peer, selection } => self.select_layer(peer, selection),
            Command::ClosePeer { peer } => match self.by_id.get(&peer).copied() {
                Some(key) => {
                    self.close(key, CloseReason::Local, now);
                    Reply::Done
                }
                None => Reply::Refused(SfuError::UnknownPeer),
            },
            Command::CloseBroadcast { broadcast } => self.close_broadcast(broadcast, now),
            Command::Tap { broadcast, tap } => self.add_tap(broadcast, tap, now),
            Command::Untap { tap } => self.remove_tap(tap),
            Command::WantKeyFrame { tap, layer } => self.tap_wants_key_frame(tap, layer, now),
            Command::Drain { url } => self.drain_all(url, now),
        };
        self.settle(now);
        reply
    }

    fn with_peer(
        &mut self,
        id: PeerId,
        now: Instant,
        act: impl FnOnce(&mut Peer, &EngineConfig) -> Reply,
    ) -> Reply {
        let Some(key) = self.by_id.get(&id).copied() else { return Reply::Refused(SfuError::UnknownPeer) };
        let reply = act(&mut self.entries[key].peer, &self.config);
        self.drain(key, now);
        reply
    }

    fn add(&mut self, now: Instant, prepared: Prepared) -> Reply {
        let (id, home, chat) = (prepared.peer, prepared.home, prepared.chat);
        let (ufrag, role) = (prepared.ice.ufrag.clone(), prepared.role.clone());
        let (peer, audio, video) = Peer::new(prepared, now);
        let seed = (id.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32;
        let home = home.filter(|_| matches!(role, Role::Viewer(..)));
        let part = match &role {
            Role::Publisher(_) => Part::Publisher,
            Role::Member => Part::Member,
            Role::Probe => Part::Probe(Box::new(Echo::new(now))),
            Role::Viewer(_, options) => {
                let estimate = self.config.initial_estimate;
                Part::Viewer(Box::new(Viewer::new(audio, video, options, estimate, seed)))
            }
        };
        let is_viewer = matches!(part, Part::Viewer(_));
        let is_member = matches!(part, Part::Member);
        let seat = chat.map(|chat| Box::new(Seat::new(chat, now)));
        let key = self.entries.insert(Entry { peer: Box::new(peer), part, seat, scheduled: None });
        self.by_id.insert(id, key);
        self.demux.add_ufrag(ufrag, key);
        self.stats.viewers_held += u64::from(is_viewer);
        self.stats.members_held += u64::from(is_member);
        if let Some(id) = role.broadcast() {
            let broadcast = self.broadcasts.entry(id).or_insert_with(|| Broadcast::at(home, id));
            if is_viewer {
                broadcast.viewers.push(key);
                self.fan.join(id);
                self.follow(id);
            }
        }
        self.stats.peers = self.entries.len() as u64;
        self.drain(key, now);
        Reply::Done
    }

    fn select_layer(&mut self, id: PeerId, selection: sluice_domain::LayerSelection) -> Reply {
        let Some(entry) = self.by_id.get(&id).and_then(|key| self.entries.get_mut(*key)) else {
            return Reply::Refused(SfuError::UnknownPeer);
        };
        let Part::Viewer(viewer) = &mut entry.part else { return Reply::Refused(SfuError::UnknownLayer) };
        let broadcast = entry.peer.broadcast.and_then(|id| self.broadcasts.get(&id));
        let publisher = broadcast.and_then(|b| b.publisher.as_ref());
        let known = |rid: &String| publisher.is_some_and(|publisher| publisher.layer_by_rid(rid).is_some());
        if selection.rid.as_ref().is_some_and(|rid| !known(rid)) {
            return Reply::Refused(SfuError::UnknownLayer);
        }
        viewer.select(selection);
        Reply::Done
    }

    fn close_broadcast(&mut self, id: BroadcastId, now: Instant) -> Reply {
        if let Some(broadcast) = self.broadcasts.get_mut(&id) {
            broadcast.enter(BroadcastState::Ended);
            let ended = ControlEvent::State { state: BroadcastState::Ended };
            let keys: Vec<usize> = self.keys_of(id);
            for key in keys {
                control::send(&mut self.entries[key].peer, &ended, &mut self.stats);
                self.drain(key, now);
                self.close(key, CloseReason::Local, now);
            }
            self.unfollow(id);
            let home = self.broadcasts.remove(&id);
            if let Some(broadcast) = home.filter(|broadcast| broadcast.home.is_none()) {
                let state = BroadcastState::Ended;
                self.events.push_back(SfuEvent::BroadcastState { broadcast: id, state });
                self.end_taps(broadcast);
            }
        }
        Reply::Done
    }

    fn drain_all(&mut self, url: Option<String>, now: Instant) -> Reply {
        let reconnect = ControlEvent::Reconnect { reason: ReconnectReason::Draining, url };
        let bye = farewell(ProblemCode::Overloaded, "The server stops; join again.");
        let keys: Vec<usize> = self.by_id.values().copied().collect();
        for key in &keys {
            let entry = &mut self.entries[*key];
            control::send(&mut entry.peer, &reconnect, &mut self.stats);
            if entry.seat.as_ref().is_some_and(|seat| seat.member.is_some()) {
                entry.peer.say_last(&bye, now);
            }
            self.drain(*key, now);
        }
        keys.into_iter().for_each(|key| self.close(key, CloseReason::Local, now));
        Reply::Done
    }
}
