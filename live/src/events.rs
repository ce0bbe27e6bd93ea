//! What a viewer is told between its POST and its DELETE (WHEP server-sent events).
//!
//! Events are made from the newest status of the broadcast, not queued: a slow reader gets the
//! newest layers, never a backlog, and nothing grows.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sluice_domain::control::{BroadcastState, ReconnectReason};
use sluice_domain::id::InvalidSessionId;
use sluice_domain::{LayerInfo, SessionId};
use tokio::sync::watch;

use crate::broadcast::BroadcastStatus;

/// Most event streams of one session. A page needs one, and a second while it reloads.
pub(crate) const MAX_EVENT_STREAMS: usize = 4;

/// Names a stream of events; knowing it is the right to read it, because an `EventSource` cannot
/// send a credential. 128 bits of a CSPRNG, like a session id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventStreamId(pub(crate) SessionId);

impl fmt::Display for EventStreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for EventStreamId {
    type Err = InvalidSessionId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A kind of event that a viewer may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// Media flows.
    Active,
    /// Media stopped.
    Inactive,
    /// The layers changed.
    Layers,
    /// A new session is needed.
    Reconnect,
    /// The number of viewers changed.
    ViewerCount,
}

impl EventKind {
    /// Every kind, in the order in which they are advertised.
    pub const ALL: [Self; 5] =
        [Self::Active, Self::Inactive, Self::Layers, Self::Reconnect, Self::ViewerCount];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Layers => "layers",
            Self::Reconnect => "reconnect",
            Self::ViewerCount => "viewercount",
        }
    }

    /// The kind of a name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Asks a viewer to make a new session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconnect {
    /// Why.
    pub reason: ReconnectReason,
    /// Where, if not at the same endpoint.
    pub url: Option<String>,
}

/// Something that a viewer is told.
#[derive(Debug, Clone, PartialEq)]
pub enum ViewerEvent {
    /// Media flows.
    Active,
    /// Media stopped; it may come back.
    Inactive,
    /// The layers of the video track.
    Layers {
        /// Index of the video m-line of this session.
        video_index: usize,
        /// Best first.
        layers: Vec<LayerInfo>,
    },
    /// Make a new session.
    Reconnect(Reconnect),
    /// Connected viewers.
    ViewerCount(u32),
}

/// Reads the events of one viewer.
#[derive(Debug)]
pub struct ViewerEvents {
    wanted: Vec<EventKind>,
    video_index: Option<usize>,
    status: watch::Receiver<BroadcastStatus>,
    reconnect: watch::Receiver<Option<Reconnect>>,
    believes_active: Arc<AtomicBool>,
    told_active: bool,
    told_layers: Vec<LayerInfo>,
    told_viewers: Option<u32>,
    told_reconnect: Option<Reconnect>,
    waiting: Vec<ViewerEvent>,
}

impl ViewerEvents {
    pub(crate) fn new(
        wanted: Vec<EventKind>,
        video_index: Option<usize>,
        status: watch::Receiver<BroadcastStatus>,
        reconnect: watch::Receiver<Option<Reconnect>>,
        believes_active: Arc<AtomicBool>,
    ) -> Self {
        let mut events = Self {
            wanted,
            video_index,
            status,
            reconnect,
            believes_active,
            told_active: false,
            told_layers: Vec::new(),
            told_viewers: None,
            told_reconnect: None,
            waiting: Vec::new(),
        };
        events.told_active = events.believes_active.load(Ordering::Relaxed);
        // A reader that was gone for a while must hear the state again, whatever was told before.
        if events.told_active && events.active() {
            events.told_active = false;
        }
        events.collect();
        events
    }

    /// The next event; `None` when the event stream or its session has ended.
    pub async fn next(&mut self) -> Option<ViewerEvent> {
        loop {
            if !self.waiting.is_empty() {
                return Some(self.waiting.remove(0));
            }
            let ended = tokio::select! {
                changed = self.reconnect.changed() => changed.is_err(),
                changed = self.status.changed() => match changed {
                    Ok(()) => false,
                    // The broadcast is over; the session follows as soon as its peer has closed.
                    Err(_) => self.reconnect.changed().await.is_err(),
                },
            };
            self.collect();
            if ended && self.waiting.is_empty() {
                return None;
            }
        }
    }

    fn active(&self) -> bool {
        self.status.borrow().state == BroadcastState::Live
    }

    /// Compares what is with what was told.
    fn collect(&mut self) {
        let status = self.status.borrow_and_update().clone();
        let reconnect = self.reconnect.borrow_and_update().clone();
        let active = status.state == BroadcastState::Live;
        if active != self.told_active {
            self.told_active = active;
            self.believes_active.store(active, Ordering::Relaxed);
            self.tell(if active { ViewerEvent::Active } else { ViewerEvent::Inactive });
        }
        if let Some(video_index) = self.video_index
            && status.layers != self.told_layers
        {
            self.told_layers.clone_from(&status.layers);
            self.tell(ViewerEvent::Layers { video_index, layers: status.layers });
        }
        if self.told_viewers != Some(status.viewers) {
            self.told_viewers = Some(status.viewers);
            self.tell(ViewerEvent::ViewerCount(status.viewers));
        }
        if let Some(reconnect) = reconnect
            && self.told_reconnect.as_ref() != Some(&reconnect)
        {
            self.told_reconnect = Some(reconnect.clone());
            self.tell(ViewerEvent::Reconnect(reconnect));
        }
    }

    fn tell(&mut self, event: ViewerEvent) {
        let kind = match event {
            ViewerEvent::Active => EventKind::Active,
            ViewerEvent::Inactive => EventKind::Inactive,
            ViewerEvent::Layers { .. } => EventKind::Layers,
            ViewerEvent::Reconnect(_) => EventKind::Reconnect,
            ViewerEvent::ViewerCount(_) => EventKind::ViewerCount,
        };
        if self.wanted.contains(&kind) {
            self.waiting.push(event);
        }
    }
}

#[cfg(test)]
mod tests;
