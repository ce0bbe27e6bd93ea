//! What a viewer is told, and what not.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use sluice_domain::control::{BroadcastState, ReconnectReason};
use sluice_domain::{LayerInfo, MediaTime};
use tokio::sync::watch;

use super::{EventKind, Reconnect, ViewerEvent, ViewerEvents};
use crate::broadcast::Broadcast;

struct Viewer {
    broadcast: Broadcast,
    reconnect: watch::Sender<Option<Reconnect>>,
    believes_active: Arc<AtomicBool>,
}

impl Viewer {
    /// A viewer of a broadcast in this state that just created its event stream.
    fn of(state: BroadcastState) -> Self {
        let holder = sluice_domain::Grant {
            org: sluice_domain::OrgId(uuid::Uuid::nil()),
            stream: sluice_domain::StreamId(uuid::Uuid::nil()),
            name: "show".parse().unwrap(),
            owner: sluice_domain::AccountId(uuid::Uuid::nil()),
            access: sluice_domain::AccessLevel::Public,
            action: sluice_domain::Action::Publish,
            basis: sluice_domain::Basis::Open,
            max_streams: 1,
            issued: MediaTime(0),
            expires: None,
        };
        let id = sluice_domain::BroadcastId(uuid::Uuid::nil());
        let broadcast = Broadcast::new(id, holder, MediaTime(0));
        broadcast.set_state(state, MediaTime(0));
        let active = state == BroadcastState::Live;
        let believes_active = Arc::new(AtomicBool::new(active));
        Self { broadcast, reconnect: watch::Sender::new(None), believes_active }
    }

    fn reads(&self, wanted: &[EventKind]) -> ViewerEvents {
        let status = self.broadcast.status.subscribe();
        let reconnect = self.reconnect.subscribe();
        ViewerEvents::new(wanted.to_vec(), Some(1), status, reconnect, Arc::clone(&self.believes_active))
    }

    fn enters(&self, state: BroadcastState) {
        self.broadcast.set_state(state, MediaTime(0));
    }
}

const STATES: [EventKind; 2] = [EventKind::Active, EventKind::Inactive];

#[tokio::test]
async fn x6_active_and_inactive_follow_the_broadcast() {
    let viewer = Viewer::of(BroadcastState::Starting);
    let mut events = viewer.reads(&STATES);
    for (state, told) in [
        (BroadcastState::Live, ViewerEvent::Active),
        (BroadcastState::Gap, ViewerEvent::Inactive),
        (BroadcastState::Live, ViewerEvent::Active),
    ] {
        viewer.enters(state);
        assert_eq!(events.next().await, Some(told));
    }
}

#[tokio::test]
async fn x6_no_initial_inactive_where_nothing_was_published_at_creation() {
    let viewer = Viewer::of(BroadcastState::Starting);
    let mut events = viewer.reads(&STATES);
    drop(viewer.reconnect);
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn x6_a_broadcast_that_stopped_between_creation_and_reading_is_told_as_inactive() {
    let viewer = Viewer::of(BroadcastState::Live);
    viewer.enters(BroadcastState::Gap);
    assert_eq!(viewer.reads(&STATES).next().await, Some(ViewerEvent::Inactive));
}

#[tokio::test]
async fn a_reader_that_comes_back_hears_the_state_again() {
    let viewer = Viewer::of(BroadcastState::Live);
    assert_eq!(viewer.reads(&STATES).next().await, Some(ViewerEvent::Active));
    assert_eq!(viewer.reads(&STATES).next().await, Some(ViewerEvent::Active));
    viewer.enters(BroadcastState::Gap);
    assert_eq!(viewer.reads(&STATES).next().await, Some(ViewerEvent::Inactive));
}

#[tokio::test]
async fn x7_a_slow_reader_gets_the_newest_layers_and_no_backlog() {
    let viewer = Viewer::of(BroadcastState::Live);
    let mut events = viewer.reads(&[EventKind::Layers]);
    let layer = |bitrate| LayerInfo {
        rid: Some("h".to_owned()),
        width: None,
        height: None,
        bitrate,
        fps: 30.0,
        active: true,
    };
    for bitrate in 1..=100 {
        viewer.broadcast.status.send_modify(|status| status.layers = vec![layer(bitrate)]);
    }
    let told = ViewerEvent::Layers { video_index: 1, layers: vec![layer(100)] };
    assert_eq!(events.next().await, Some(told));
    drop(viewer.reconnect);
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn x3_only_wanted_events_are_told() {
    let viewer = Viewer::of(BroadcastState::Live);
    let mut events = viewer.reads(&[EventKind::ViewerCount]);
    viewer.broadcast.status.send_modify(|status| status.viewers = 3);
    assert_eq!(events.next().await, Some(ViewerEvent::ViewerCount(0)));
    assert_eq!(events.next().await, Some(ViewerEvent::ViewerCount(3)));
}

#[tokio::test]
async fn x8_a_reconnect_is_told_even_if_the_session_ends_at_once() {
    let viewer = Viewer::of(BroadcastState::Live);
    let mut events = viewer.reads(&[EventKind::Reconnect]);
    let reconnect = Reconnect { reason: ReconnectReason::Draining, url: None };
    viewer.reconnect.send_replace(Some(reconnect.clone()));
    drop(viewer.reconnect);
    drop(viewer.broadcast);
    assert_eq!(events.next().await, Some(ViewerEvent::Reconnect(reconnect)));
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn x5_events_end_with_the_session_and_not_before() {
    let viewer = Viewer::of(BroadcastState::Live);
    let mut events = viewer.reads(&STATES);
    assert_eq!(events.next().await, Some(ViewerEvent::Active));
    viewer.enters(BroadcastState::Ended);
    drop(viewer.broadcast);
    assert_eq!(events.next().await, Some(ViewerEvent::Inactive));
    let waiting = tokio::time::timeout(std::time::Duration::from_millis(20), events.next());
    assert!(waiting.await.is_err(), "the session is still there");
    drop(viewer.reconnect);
    assert_eq!(events.next().await, None);
}
