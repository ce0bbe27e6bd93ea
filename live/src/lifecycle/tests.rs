//! The life of sessions and broadcasts on a clock of the test's own.

use std::time::{Duration, Instant};

use sluice_domain::control::{BroadcastState, ReconnectReason};
use sluice_domain::{Action, BroadcastId, Codec, Grant, LayerInfo, MediaTime, PeerId, Redacted, SessionId};
use sluice_sfu::{Accepted, CloseReason, SfuEvent};
use uuid::Uuid;

use crate::access::Catalog;
use crate::config::{LiveConfig, StreamConfig};
use crate::error::LiveError;
use crate::session::{End, Session};
use crate::state::{Effect, Publishing, State};

const GAP: Duration = Duration::from_secs(10);

/// A node whose media plane answers as the test says.
struct Node {
    state: State,
    now: Instant,
    elapsed: Duration,
    last: u64,
}

impl Node {
    fn new() -> Self {
        Self::with(LiveConfig { gap: GAP, ..LiveConfig::default() })
    }

    fn with(config: LiveConfig) -> Self {
        let now = Instant::now();
        let catalog = Catalog::new(streams(&["key-of-alice", "key-of-bob"])).unwrap();
        Self { state: State::new(config, catalog, now), now, elapsed: Duration::ZERO, last: 0 }
    }

    fn clock(&self) -> MediaTime {
        MediaTime(1_000_000 + i64::try_from(self.elapsed.as_micros()).unwrap())
    }

    fn grant(&self, key: &str) -> Grant {
        self.state.catalog.publish(None, Some(&Redacted::new(key.to_owned()))).unwrap()
    }

    fn session(&mut self, broadcast: BroadcastId, grant: Grant) -> Session {
        self.last += 1;
        let accepted = Accepted {
            peer: PeerId(self.last),
            answer: String::new(),
            ice_tag: self.last.to_string(),
            video_index: Some(1),
        };
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.last.to_be_bytes());
        Session::new(SessionId(id), broadcast, grant, "", &accepted, self.now)
    }

    fn begin(&mut self, key: &str) -> Result<BroadcastId, LiveError> {
        let fresh = BroadcastId(Uuid::from_u128(u128::from(self.last) + 1000));
        self.state.begin_publish(&self.grant(key), fresh)
    }

    fn publish(&mut self, key: &str) -> Result<(SessionId, PeerId), LiveError> {
        let broadcast = self.begin(key)?;
        let session = self.session(broadcast, self.grant(key));
        let opened = (session.id, session.peer);
        self.state.finish_publish(&stream(), session, self.now).map_err(|(error, _)| error)?;
        Ok(opened)
    }

    fn watch(&mut self) -> Result<(SessionId, PeerId), LiveError> {
        let broadcast = self.state.begin_watch(&stream())?;
        let grant = self.state.catalog.watch(&stream(), None)?;
        let session = self.session(broadcast, grant);
        let opened = (session.id, session.peer);
        self.state.finish_watch(session, self.now).map_err(|(error, _)| error)?;
        Ok(opened)
    }

    fn event(&mut self, event: SfuEvent) {
        let clock = self.clock();
        self.state.handle_event(event, self.now, clock);
    }

    fn enters(&mut self, state: BroadcastState) {
        let broadcast = self.broadcast();
        self.event(SfuEvent::BroadcastState { broadcast, state });
    }

    fn closes(&mut self, peer: PeerId, reason: CloseReason) {
        self.event(SfuEvent::PeerClosed { peer, reason });
    }

    fn delete(&mut self, session: SessionId, end: End) -> Result<Vec<Effect>, LiveError> {
        let clock = self.clock();
        self.state.end_session(session, end, self.now, clock)
    }

    /// Lets time pass, stopping at every timeout on the way.
    fn pass(&mut self, time: Duration) -> Vec<Effect> {
        let end = self.now + time;
        let mut effects = Vec::new();
        while self.now < end {
            let next = self.state.next_timeout().clamp(self.now, end);
            self.elapsed += next - self.now;
            self.now = next;
            let clock = self.clock();
            effects.extend(self.state.handle_timeout(self.now, clock));
        }
        effects
    }

    fn broadcast(&self) -> BroadcastId {
        self.state.broadcasts[&stream()].id
    }

    fn shown(&self) -> Option<BroadcastState> {
        self.state.stream_status(&stream()).unwrap().state
    }
}

fn stream() -> sluice_domain::StreamName {
    "show".parse().unwrap()
}

fn streams(keys: &[&str]) -> Vec<StreamConfig> {
    let keys = keys.iter().map(|key| Redacted::new((*key).to_owned())).collect();
    vec![StreamConfig { name: stream(), title: "The show".to_owned(), keys }]
}

#[test]
fn a_broadcast_goes_from_starting_to_live_and_remembers_since_when() {
    let mut node = Node::new();
    assert_eq!(node.shown(), None);
    node.publish("key-of-alice").unwrap();
    assert_eq!(node.shown(), Some(BroadcastState::Starting));
    node.pass(Duration::from_secs(1));
    node.enters(BroadcastState::Live);
    let since = node.clock();
    node.pass(Duration::from_secs(60));
    node.enters(BroadcastState::Gap);
    node.enters(BroadcastState::Live);
    assert_eq!(node.state.stream_status(&stream()).unwrap().live_since, Some(since));
}

#[test]
fn a_publisher_that_returns_within_the_gap_goes_on_with_its_broadcast() {
    let mut node = Node::new();
    let (_, peer) = node.publish("key-of-alice").unwrap();
    node.enters(BroadcastState::Live);
    let broadcast = node.broadcast();
    let (viewer, _) = node.watch().unwrap();
    node.enters(BroadcastState::Gap);
    node.closes(peer, CloseReason::TimedOut);
    assert_eq!(node.shown(), Some(BroadcastState::Gap));
    assert_eq!(node.pass(GAP - Duration::from_millis(1)), []);
    node.publish("key-of-alice").unwrap();
    assert_eq!(node.pass(GAP * 2), [], "the gap no longer runs");
    node.enters(BroadcastState::Live);
    assert_eq!(node.broadcast(), broadcast);
    assert!(node.state.sessions.contains_key(&viewer));
}

#[test]
fn a_gap_that_is_over_ends_the_broadcast() {
    let mut node = Node::new();
    let (_, peer) = node.publish("key-of-alice").unwrap();
    node.enters(BroadcastState::Live);
    let broadcast = node.broadcast();
    node.closes(peer, CloseReason::Remote);
    node.enters(BroadcastState::Gap);
    assert_eq!(node.pass(GAP), [Effect::CloseBroadcast(broadcast)]);
    assert_eq!(node.shown(), None);
    assert_eq!(node.watch(), Err(LiveError::NotLive));
    node.publish("key-of-bob").unwrap();
    assert_ne!(node.broadcast(), broadcast, "the next one is a new broadcast");
}

#[test]
fn a_broadcast_that_never_had_media_ends_after_the_gap_too() {
    let mut node = Node::new();
    let (_, peer) = node.publish("key-of-alice").unwrap();
    let broadcast = node.broadcast();
    node.closes(peer, CloseReason::NeverConnected);
    assert_eq!(node.pass(GAP), [Effect::CloseBroadcast(broadcast)]);
}

#[test]
fn t17_the_same_holder_takes_over_at_once_and_another_may_not() {
    let mut node = Node::new();
    let (_, old) = node.publish("key-of-alice").unwrap();
    node.enters(BroadcastState::Live);
    assert_eq!(node.publish("key-of-bob"), Err(LiveError::AlreadyLive));
    let broadcast = node.begin("key-of-alice").unwrap();
    let session = node.session(broadcast, node.grant("key-of-alice"));
    let taken = node.state.finish_publish(&stream(), session, node.now);
    assert_eq!(taken.unwrap(), Publishing::TookOver);
    node.closes(old, CloseReason::Local);
    assert_eq!(node.pass(GAP * 2), [], "the new publisher keeps the broadcast");
    assert_eq!(node.shown(), Some(BroadcastState::Live));
}

#[test]
fn t17_the_gap_belongs_to_the_holder() {
    let mut node = Node::new();
    let (_, peer) = node.publish("key-of-alice").unwrap();
    node.closes(peer, CloseReason::TimedOut);
    assert_eq!(node.publish("key-of-bob"), Err(LiveError::AlreadyLive));
    node.pass(GAP);
    assert!(node.publish("key-of-bob").is_ok());
}

#[test]
fn t17_an_old_session_may_be_deleted_after_the_take_over() {
    let mut node = Node::new();
    let (old, peer) = node.publish("key-of-alice").unwrap();
    node.enters(BroadcastState::Live);
    node.publish("key-of-alice").unwrap();
    assert_eq!(node.delete(old, End::Session), Ok(vec![Effect::ClosePeer(peer)]));
    assert_eq!(node.pass(GAP * 2), []);
}

#[test]
fn t17_a_peer_that_closes_before_its_request_is_finished_is_not_entered() {
    let mut node = Node::new();
    let first = node.begin("key-of-alice").unwrap();
    let second = node.begin("key-of-alice").unwrap();
    assert_eq!(first, second);
    // The media plane accepted the first and replaced it with the second, and we hear that first.
    let loser = node.session(first, node.grant("key-of-alice"));
    let winner = node.session(second, node.grant("key-of-alice"));
    let winner_id = winner.id;
    node.closes(loser.peer, CloseReason::Local);
    let loser_id = loser.id;
    node.state.finish_publish(&stream(), winner, node.now).unwrap();
    node.state.finish_publish(&stream(), loser, node.now).unwrap();
    assert!(node.state.sessions.contains_key(&winner_id) && !node.state.sessions.contains_key(&loser_id));
    assert_eq!(node.pass(GAP * 2), []);
    assert_eq!(node.delete(winner_id, End::Session).unwrap().len(), 1);
}

#[test]
fn a_gap_waits_for_a_publish_request_that_is_being_answered() {
    let mut node = Node::new();
    let (_, peer) = node.publish("key-of-alice").unwrap();
    node.enters(BroadcastState::Live);
    node.closes(peer, CloseReason::TimedOut);
    node.pass(GAP - Duration::from_millis(10));
    let broadcast = node.begin("key-of-alice").unwrap();
    assert_eq!(node.pass(Duration::from_millis(500)), []);
    let session = node.session(broadcast, node.grant("key-of-alice"));
    node.state.finish_publish(&stream(), session, node.now).unwrap();
    assert_eq!(node.pass(GAP * 2), []);
}

#[test]
fn a_gap_ends_though_the_request_that_it_waited_for_was_refused() {
    let mut node = Node::new();
    let (_, peer) = node.publish("key-of-alice").unwrap();
    let broadcast = node.broadcast();
    node.closes(peer, CloseReason::TimedOut);
    node.pass(GAP - Duration::from_millis(10));
    node.begin("key-of-alice").unwrap();
    node.pass(Duration::from_millis(500));
    assert_eq!(node.state.abandon_publish(&stream(), broadcast), []);
    assert_eq!(node.pass(Duration::from_secs(2)), [Effect::CloseBroadcast(broadcast)]);
}

#[test]
fn a_refused_first_offer_leaves_no_broadcast_and_nobody_saw_one() {
    let mut node = Node::new();
    let broadcast = node.begin("key-of-alice").unwrap();
    assert_eq!(node.shown(), None);
    assert_eq!(node.watch(), Err(LiveError::NotLive));
    assert_eq!(node.state.abandon_publish(&stream(), broadcast), [Effect::CloseBroadcast(broadcast)]);
    assert!(node.publish("key-of-bob").is_ok());
}

#[test]
fn a_viewer_that_was_let_in_as_the_broadcast_ended_is_sent_away() {
    let mut node = Node::new();
    node.publish("key-of-alice").unwrap();
    let broadcast = node.state.begin_watch(&stream()).unwrap();
    let grant = node.state.catalog.watch(&stream(), None).unwrap();
    let clock = node.clock();
    node.state.end_broadcast(&stream(), clock).unwrap();
    let session = node.session(broadcast, grant);
    let peer = session.peer;
    let (error, effects) = node.state.finish_watch(session, node.now).unwrap_err();
    assert_eq!(error, LiveError::NotLive);
    assert_eq!(effects, [Effect::ClosePeer(peer), Effect::CloseBroadcast(broadcast)]);
}

#[test]
fn t25_a_session_that_never_connects_is_gone_and_its_late_delete_is_a_success_once() {
    let mut node = Node::new();
    let (session, peer) = node.publish("key-of-alice").unwrap();
    node.closes(peer, CloseReason::NeverConnected);
    assert!(node.state.sessions.is_empty());
    assert_eq!(node.delete(session, End::Session), Ok(Vec::new()));
    assert_eq!(node.delete(session, End::Session), Err(LiveError::UnknownSession));
}

#[test]
fn t25_a_late_delete_is_forgotten_after_a_minute() {
    let mut node = Node::new();
    let (session, peer) = node.publish("key-of-alice").unwrap();
    node.closes(peer, CloseReason::Remote);
    node.pass(Duration::from_secs(90));
    assert_eq!(node.delete(session, End::Session), Err(LiveError::UnknownSession));
}

#[test]
fn t25_a_session_whose_end_was_never_heard_of_is_swept_out() {
    let mut node = Node::new();
    let (_, peer) = node.publish("key-of-alice").unwrap();
    let effects = node.pass(Duration::from_secs(75));
    assert!(effects.contains(&Effect::ClosePeer(peer)), "{effects:?}");
    assert!(node.state.sessions.is_empty());
}

#[test]
fn a_connected_session_is_never_swept_out() {
    let mut node = Node::new();
    let (_, peer) = node.publish("key-of-alice").unwrap();
    node.event(SfuEvent::PeerConnected { peer });
    node.enters(BroadcastState::Live);
    assert_eq!(node.pass(Duration::from_secs(3600)), []);
}

#[test]
fn a_publisher_that_will_not_return_ends_its_broadcast() {
    let mut node = Node::new();
    let (session, peer) = node.publish("key-of-alice").unwrap();
    let broadcast = node.broadcast();
    let effects = node.delete(session, End::Broadcast).unwrap();
    assert_eq!(effects, [Effect::ClosePeer(peer), Effect::CloseBroadcast(broadcast)]);
    assert_eq!(node.shown(), None);
}

#[test]
fn a_viewer_cannot_end_a_broadcast() {
    let mut node = Node::new();
    node.publish("key-of-alice").unwrap();
    let (session, peer) = node.watch().unwrap();
    assert_eq!(node.delete(session, End::Broadcast), Ok(vec![Effect::ClosePeer(peer)]));
    assert_eq!(node.shown(), Some(BroadcastState::Starting));
}

#[test]
fn w34_a_full_node_lets_only_its_own_publishers_back_in() {
    let mut node = Node::with(LiveConfig { max_sessions: 2, ..LiveConfig::default() });
    node.publish("key-of-alice").unwrap();
    node.watch().unwrap();
    assert_eq!(node.watch(), Err(LiveError::Full));
    assert!(node.publish("key-of-alice").is_ok());
}

#[test]
fn t25_sessions_that_have_not_connected_are_limited_on_their_own() {
    let mut node = Node::with(LiveConfig { max_pending: 2, ..LiveConfig::default() });
    let (_, publisher) = node.publish("key-of-alice").unwrap();
    let (_, viewer) = node.watch().unwrap();
    assert_eq!(node.watch(), Err(LiveError::Full));
    node.event(SfuEvent::PeerConnected { peer: publisher });
    node.event(SfuEvent::PeerConnected { peer: publisher });
    assert!(node.watch().is_ok());
    assert_eq!(node.watch(), Err(LiveError::Full));
    node.closes(viewer, CloseReason::NeverConnected);
    assert!(node.watch().is_ok());
}

#[test]
fn a_reload_ends_the_broadcasts_of_keys_that_are_gone_and_no_others() {
    let mut node = Node::new();
    node.publish("key-of-alice").unwrap();
    let broadcast = node.broadcast();
    let clock = node.clock();
    let rotated = Catalog::new(streams(&["key-of-alice", "key-of-carol"])).unwrap();
    assert_eq!(node.state.replace_catalog(rotated, clock), []);
    let without = Catalog::new(streams(&["key-of-carol"])).unwrap();
    assert_eq!(node.state.replace_catalog(without, clock), [Effect::CloseBroadcast(broadcast)]);
    assert!(node.publish("key-of-carol").is_ok());
}

#[test]
fn a_key_that_is_revoked_while_its_offer_is_answered_publishes_nothing() {
    let mut node = Node::new();
    let broadcast = node.begin("key-of-alice").unwrap();
    let session = node.session(broadcast, node.grant("key-of-alice"));
    let peer = session.peer;
    let clock = node.clock();
    node.state.replace_catalog(Catalog::new(streams(&["key-of-carol"])).unwrap(), clock);
    let (error, effects) = node.state.finish_publish(&stream(), session, node.now).unwrap_err();
    assert_eq!(error, LiveError::Forbidden);
    assert_eq!(effects, [Effect::ClosePeer(peer), Effect::CloseBroadcast(broadcast)]);
}

#[test]
fn a_draining_node_lets_nobody_in_and_asks_viewers_to_reconnect() {
    let mut node = Node::new();
    node.publish("key-of-alice").unwrap();
    let (viewer, _) = node.watch().unwrap();
    node.state.drain(Some("https://other.example"));
    assert_eq!(node.watch(), Err(LiveError::Draining));
    assert_eq!(node.publish("key-of-alice"), Err(LiveError::Draining));
    let reconnect = node.state.sessions[&viewer].reconnect.clone().unwrap();
    assert_eq!(reconnect.reason, ReconnectReason::Draining);
    assert_eq!(reconnect.url.as_deref(), Some("https://other.example"));
}

#[test]
fn a_viewer_without_the_new_codec_is_asked_to_reconnect() {
    let mut node = Node::new();
    node.publish("key-of-alice").unwrap();
    let (viewer, peer) = node.watch().unwrap();
    node.event(SfuEvent::CodecChanged { peer });
    let reconnect = node.state.sessions[&viewer].reconnect.clone().unwrap();
    assert_eq!(reconnect.reason, ReconnectReason::CodecChanged);
}

#[test]
fn the_directory_shows_layers_codec_and_viewers_and_forgets_bit_rates_in_the_gap() {
    let mut node = Node::new();
    node.publish("key-of-alice").unwrap();
    node.enters(BroadcastState::Live);
    let broadcast = node.broadcast();
    let layer = LayerInfo {
        rid: Some("h".to_owned()),
        width: Some(1280),
        height: Some(720),
        bitrate: 2_000_000,
        fps: 30.0,
        active: true,
    };
    let codec = Some(Codec::H264);
    node.event(SfuEvent::Layers { broadcast, layers: vec![layer.clone()], codec });
    node.event(SfuEvent::Audience { broadcast, viewers: 7 });
    let shown = node.state.directory().remove(0);
    assert_eq!((shown.viewers, shown.codec, shown.layers), (7, codec, vec![layer]));
    node.enters(BroadcastState::Gap);
    let shown = node.state.directory().remove(0);
    assert!(!shown.layers[0].active && shown.layers[0].bitrate == 0);
}

#[test]
fn events_of_broadcasts_and_peers_that_are_gone_do_nothing() {
    let mut node = Node::new();
    let broadcast = BroadcastId(Uuid::from_u128(7));
    node.event(SfuEvent::BroadcastState { broadcast, state: BroadcastState::Live });
    node.event(SfuEvent::Audience { broadcast, viewers: 1 });
    node.event(SfuEvent::PeerConnected { peer: PeerId(9) });
    node.closes(PeerId(9), CloseReason::Remote);
    node.event(SfuEvent::CodecChanged { peer: PeerId(9) });
    assert_eq!(node.shown(), None);
    assert_eq!(node.publish("key-of-alice").map(|_| Action::Publish), Ok(Action::Publish));
}
