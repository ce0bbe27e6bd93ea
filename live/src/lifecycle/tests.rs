//! The life of sessions and broadcasts on a clock of the test's own.

use std::time::{Duration, Instant};

use sluice_domain::control::{BroadcastState, ReconnectReason};
use sluice_domain::{
    AccessLevel, AccountId, Action, Basis, BroadcastId, Codec, Grant, LayerInfo, MediaTime, OrgId, PeerId,
    SessionId, SignInId, StreamId, StreamKeyId,
};
use sluice_sfu::{Accepted, CloseReason, SfuEvent};
use uuid::Uuid;

use crate::broadcast::EndReason;
use crate::config::LiveConfig;
use crate::error::LiveError;
use crate::news::NoticeEvent;
use crate::revocation::Fallen;
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
        Self { state: State::new(config, now), now, elapsed: Duration::ZERO, last: 0 }
    }

    fn clock(&self) -> MediaTime {
        MediaTime(1_000_000 + i64::try_from(self.elapsed.as_micros()).unwrap())
    }

    /// What the holder of a key is granted now.
    fn grant(&self, key: &str) -> Grant {
        Grant { action: Action::Publish, basis: Basis::Key(key_id(key)), ..self.watching() }
    }

    /// What somebody is granted now who comes to watch.
    fn watching(&self) -> Grant {
        Grant {
            org: OrgId(Uuid::from_u128(1)),
            stream: stream(),
            name: "show".parse().unwrap(),
            owner: owner(),
            access: AccessLevel::Public,
            action: Action::Watch,
            basis: Basis::Open,
            max_streams: 3,
            issued: self.clock(),
            expires: None,
        }
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
        Session::new(SessionId(id), Some(broadcast), grant, "", &accepted, self.now)
    }

    fn begin(&mut self, key: &str) -> Result<BroadcastId, LiveError> {
        let fresh = BroadcastId(Uuid::from_u128(u128::from(self.last) + 1000));
        let (grant, clock) = (self.grant(key), self.clock());
        self.state.begin_publish(&grant, fresh, clock)
    }

    fn publish(&mut self, key: &str) -> Result<(SessionId, PeerId), LiveError> {
        let broadcast = self.begin(key)?;
        let session = self.session(broadcast, self.grant(key));
        let opened = (session.id, session.peer);
        self.finish(session).map_err(|(error, _)| error)?;
        Ok(opened)
    }

    fn finish(&mut self, session: Session) -> Result<Publishing, (LiveError, Vec<Effect>)> {
        let clock = self.clock();
        self.state.finish_publish(session, self.now, clock)
    }

    fn watch(&mut self) -> Result<(SessionId, PeerId), LiveError> {
        self.watch_by(self.watching())
    }

    fn watch_by(&mut self, grant: Grant) -> Result<(SessionId, PeerId), LiveError> {
        let clock = self.clock();
        let broadcast = self.state.begin_watch(&grant, clock)?;
        let session = self.session(broadcast, grant);
        let opened = (session.id, session.peer);
        self.state.finish_watch(session, self.now, clock).map_err(|(error, _)| error)?;
        Ok(opened)
    }

    fn revoke(&mut self, fallen: Fallen) -> Vec<Effect> {
        let clock = self.clock();
        self.state.revoke(fallen, self.now, clock)
    }

    fn told(&mut self) -> Vec<NoticeEvent> {
        std::mem::take(&mut self.state.notices)
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
        self.state.stream_status(stream()).map(|status| status.state)
    }
}

fn stream() -> StreamId {
    StreamId(Uuid::from_u128(5))
}

fn owner() -> AccountId {
    AccountId(Uuid::from_u128(6))
}

fn key_id(key: &str) -> StreamKeyId {
    let digits = key.bytes().fold(0, |number: u128, byte| (number << 8) | u128::from(byte));
    StreamKeyId(Uuid::from_u128(digits))
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
    assert_eq!(node.state.stream_status(stream()).unwrap().live_since, Some(since));
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
    let taken = node.finish(session);
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
    node.finish(winner).unwrap();
    node.finish(loser).unwrap();
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
    node.finish(session).unwrap();
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
    assert_eq!(node.state.abandon_publish(stream(), broadcast), []);
    assert_eq!(node.pass(Duration::from_secs(2)), [Effect::CloseBroadcast(broadcast)]);
}

#[test]
fn a_refused_first_offer_leaves_no_broadcast_and_nobody_saw_one() {
    let mut node = Node::new();
    let broadcast = node.begin("key-of-alice").unwrap();
    assert_eq!(node.shown(), None);
    assert_eq!(node.watch(), Err(LiveError::NotLive));
    assert_eq!(node.state.abandon_publish(stream(), broadcast), [Effect::CloseBroadcast(broadcast)]);
    assert!(node.publish("key-of-bob").is_ok());
}

#[test]
fn a_viewer_that_was_let_in_as_the_broadcast_ended_is_sent_away() {
    let mut node = Node::new();
    node.publish("key-of-alice").unwrap();
    let (grant, clock) = (node.watching(), node.clock());
    let broadcast = node.state.begin_watch(&grant, clock).unwrap();
    node.state.end_broadcast(stream(), EndReason::Ended, clock).unwrap();
    let session = node.session(broadcast, grant);
    let peer = session.peer;
    let (error, effects) = node.state.finish_watch(session, node.now, clock).unwrap_err();
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

// Requirements: R80
#[test]
fn a_revoked_key_ends_its_broadcast_and_no_other_key_does() {
    let mut node = Node::new();
    let (_, peer) = node.publish("key-of-alice").unwrap();
    let broadcast = node.broadcast();
    node.watch().unwrap();
    assert_eq!(node.revoke(Fallen::Key(key_id("key-of-bob"))), []);
    let effects = node.revoke(Fallen::Key(key_id("key-of-alice")));
    assert_eq!(effects, [Effect::CloseBroadcast(broadcast), Effect::ClosePeer(peer)]);
    assert_eq!(node.shown(), None);
    assert!(node.publish("key-of-carol").is_ok());
}

// Requirements: R80
#[test]
fn a_key_that_is_revoked_while_its_offer_is_answered_publishes_nothing() {
    let mut node = Node::new();
    let broadcast = node.begin("key-of-alice").unwrap();
    let session = node.session(broadcast, node.grant("key-of-alice"));
    let peer = session.peer;
    node.revoke(Fallen::Key(key_id("key-of-alice")));
    let (error, effects) = node.finish(session).unwrap_err();
    assert_eq!(error, LiveError::Forbidden);
    assert_eq!(effects, [Effect::ClosePeer(peer), Effect::CloseBroadcast(broadcast)]);
}

// Requirements: R80
#[test]
fn a_grant_that_is_older_than_the_revocation_of_its_key_starts_nothing() {
    let mut node = Node::new();
    let grant = node.grant("key-of-alice");
    node.pass(Duration::from_millis(5));
    node.revoke(Fallen::Key(key_id("key-of-alice")));
    let clock = node.clock();
    let fresh = BroadcastId(Uuid::from_u128(99));
    assert_eq!(node.state.begin_publish(&grant, fresh, clock), Err(LiveError::Forbidden));
}

#[test]
fn viewers_whose_sign_in_ends_leave_and_the_others_stay() {
    let mut node = Node::new();
    node.publish("key-of-alice").unwrap();
    let by = |number: u128| Basis::SignIn {
        account: AccountId(Uuid::from_u128(number)),
        sign_in: SignInId(Uuid::from_u128(number)),
    };
    let (_, leaves) = node.watch_by(Grant { basis: by(20), ..node.watching() }).unwrap();
    let (stays, _) = node.watch_by(Grant { basis: by(21), ..node.watching() }).unwrap();
    let (anybody, _) = node.watch().unwrap();
    let effects = node.revoke(Fallen::SignIn(SignInId(Uuid::from_u128(20))));
    assert_eq!(effects, [Effect::ClosePeer(leaves)]);
    assert!([stays, anybody].iter().all(|id| node.state.sessions.contains_key(id)));
    assert_eq!(node.shown(), Some(BroadcastState::Starting));
}

#[test]
fn a_stream_that_opens_to_others_only_sends_its_viewers_away_and_keeps_its_publisher() {
    let mut node = Node::new();
    let (publisher, _) = node.publish("key-of-alice").unwrap();
    let (_, peer) = node.watch().unwrap();
    assert_eq!(node.revoke(Fallen::Viewers(stream())), [Effect::ClosePeer(peer)]);
    assert!(node.state.sessions.contains_key(&publisher));
    node.pass(Duration::from_millis(5));
    assert!(node.watch().is_ok(), "who was let in again may watch");
}

#[test]
fn a_viewer_whose_grant_runs_out_leaves_within_a_second() {
    let mut node = Node::new();
    node.publish("key-of-alice").unwrap();
    let expires = Some(node.clock().plus_micros(30_000_000));
    let (viewer, peer) = node.watch_by(Grant { expires, ..node.watching() }).unwrap();
    let (other, _) = node.watch().unwrap();
    assert_eq!(node.pass(Duration::from_secs(29)), []);
    assert_eq!(node.pass(Duration::from_secs(2)), [Effect::ClosePeer(peer)]);
    assert!(!node.state.sessions.contains_key(&viewer) && node.state.sessions.contains_key(&other));
    assert_eq!(node.delete(viewer, End::Session), Ok(Vec::new()), "its DELETE comes late");
}

#[test]
fn a_publisher_whose_key_runs_out_ends_its_broadcast() {
    let mut node = Node::new();
    let expires = Some(node.clock().plus_micros(5_000_000));
    let grant = Grant { expires, ..node.grant("key-of-alice") };
    let clock = node.clock();
    let fresh = BroadcastId(Uuid::from_u128(99));
    let broadcast = node.state.begin_publish(&grant, fresh, clock).unwrap();
    let session = node.session(broadcast, grant);
    node.finish(session).unwrap();
    let effects = node.pass(Duration::from_secs(6));
    assert!(effects.contains(&Effect::CloseBroadcast(broadcast)), "{effects:?}");
    let entry = node.state.oldest_ended().unwrap();
    assert_eq!(entry.ended.map(|(_, reason)| reason), Some(EndReason::Expired));
}

#[test]
fn an_owner_has_no_more_streams_live_than_the_account_allows() {
    let mut node = Node::new();
    node.publish("key-of-alice").unwrap();
    let other = Grant { stream: StreamId(Uuid::from_u128(77)), max_streams: 1, ..node.grant("key-of-other") };
    let clock = node.clock();
    let fresh = || BroadcastId(Uuid::from_u128(99));
    let refused = node.state.begin_publish(&other, fresh(), clock);
    assert_eq!(refused, Err(LiveError::TooManyStreams { most: 1 }));
    let again = Grant { max_streams: 1, ..node.grant("key-of-alice") };
    assert!(node.state.begin_publish(&again, fresh(), clock).is_ok(), "a return is no other stream");
    let somebody = Grant { owner: AccountId(Uuid::from_u128(78)), ..other };
    assert!(node.state.begin_publish(&somebody, fresh(), clock).is_ok());
}

#[test]
fn a_broadcast_is_written_down_with_its_numbers_and_why_it_ended() {
    let mut node = Node::new();
    let (publisher, peer) = node.publish("key-of-alice").unwrap();
    node.event(SfuEvent::PeerConnected { peer });
    node.enters(BroadcastState::Live);
    let (_, viewer) = node.watch().unwrap();
    node.event(SfuEvent::PeerConnected { peer: viewer });
    let broadcast = node.broadcast();
    node.event(SfuEvent::Audience { broadcast, viewers: 1 });
    node.pass(Duration::from_secs(20));
    node.delete(publisher, End::Broadcast).unwrap();
    let entry = node.state.oldest_ended().unwrap();
    assert_eq!(entry.ended.map(|(_, reason)| reason), Some(EndReason::Publisher));
    assert_eq!((entry.joins, entry.peak_viewers, entry.viewers, entry.watch_seconds), (1, 1, 0, 20));
    assert!(entry.live_at.is_some());
    node.state.forget_ended(entry.id);
    assert_eq!(node.state.oldest_ended(), None);
}

#[test]
fn a_broadcast_that_was_never_accepted_is_not_written_down() {
    let mut node = Node::new();
    let broadcast = node.begin("key-of-alice").unwrap();
    node.state.abandon_publish(stream(), broadcast);
    assert_eq!(node.state.oldest_ended(), None);
    assert!(node.told().is_empty());
}

// Requirements: R68
#[test]
fn listeners_are_told_of_the_encoder_the_start_and_the_end_once_each() {
    let mut node = Node::new();
    let (publisher, peer) = node.publish("key-of-alice").unwrap();
    node.event(SfuEvent::PeerConnected { peer });
    node.enters(BroadcastState::Live);
    node.enters(BroadcastState::Gap);
    node.enters(BroadcastState::Live);
    node.delete(publisher, End::Broadcast).unwrap();
    let told: Vec<&str> = node
        .told()
        .iter()
        .map(|event| match event {
            NoticeEvent::Online { .. } => "online",
            NoticeEvent::Offline { .. } => "offline",
            NoticeEvent::Connected { .. } => "connected",
            NoticeEvent::Disconnected { .. } => "disconnected",
            _ => "other",
        })
        .collect();
    assert_eq!(told, ["connected", "online", "disconnected", "offline"]);
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

// Requirements: R63
#[test]
fn how_many_watch_is_told_when_it_changes_and_not_before_there_is_a_picture() {
    let mut node = Node::new();
    node.publish("key-of-alice").unwrap();
    let broadcast = node.broadcast();
    let viewers = |node: &mut Node| {
        node.state.tell_stats();
        let told = node.told().into_iter().filter_map(|event| match event {
            NoticeEvent::Stats { viewers, .. } => Some(viewers),
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    assert!(viewers(&mut node).is_empty());
    node.enters(BroadcastState::Live);
    assert_eq!(viewers(&mut node), [0]);
    node.event(SfuEvent::Audience { broadcast, viewers: 7 });
    assert_eq!(viewers(&mut node), [7]);
    assert!(viewers(&mut node).is_empty());
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
