//! One WHIP or WHEP session: the HTTP side of a peer.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use sluice_domain::{Action, BroadcastId, Grant, PeerId, SessionId};
use sluice_sfu::{Accepted, RestartAnswer};
use tokio::sync::watch;

use crate::description;
use crate::events::{EventKind, EventStreamId, Reconnect};
use crate::seats::Seat;

/// A session in the table of `live`.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) peer: PeerId,
    /// What it sends or gets; none of a session that has a chat alone.
    pub(crate) broadcast: Option<BroadcastId>,
    pub(crate) grant: Grant,
    pub(crate) ice_tag: String,
    /// The client's ICE user name in force; tells a restart from a trickle.
    pub(crate) remote_ufrag: Option<String>,
    pub(crate) fragment_head: Arc<str>,
    pub(crate) video_index: Option<usize>,
    pub(crate) created: Instant,
    pub(crate) connected: bool,
    pub(crate) reconnect: Option<Reconnect>,
    /// Held while the session lasts; none of a publisher.
    pub(crate) _seat: Option<Seat>,
    pub(crate) event_streams: Vec<EventStream>,
}

/// A stream of server-sent events that a viewer asked for.
#[derive(Debug)]
pub(crate) struct EventStream {
    pub(crate) id: EventStreamId,
    pub(crate) wanted: Vec<EventKind>,
    /// Whether the viewer believes that the broadcast is active.
    pub(crate) believes_active: Arc<AtomicBool>,
    /// Dropped with the stream, which ends whoever reads it.
    pub(crate) reconnect: watch::Sender<Option<Reconnect>>,
}

impl Session {
    pub(crate) fn new(
        id: SessionId,
        broadcast: Option<BroadcastId>,
        grant: Grant,
        offer: &str,
        accepted: &Accepted,
        created: Instant,
    ) -> Self {
        Self {
            id,
            peer: accepted.peer,
            broadcast,
            grant,
            ice_tag: accepted.ice_tag.clone(),
            remote_ufrag: description::ufrag(offer).map(str::to_owned),
            fragment_head: description::fragment_head(&accepted.answer).into(),
            video_index: accepted.video_index,
            created,
            connected: false,
            reconnect: None,
            _seat: None,
            event_streams: Vec::new(),
        }
    }

    /// Gives the session a place that is its own to its end.
    pub(crate) fn seated(mut self, seat: Seat) -> Self {
        self._seat = Some(seat);
        self
    }

    pub(crate) fn is_viewer(&self) -> bool {
        self.grant.action == Action::Watch
    }

    /// Tells the viewer's event streams, now and when they are opened later.
    pub(crate) fn ask_to_reconnect(&mut self, reconnect: &Reconnect) {
        self.reconnect = Some(reconnect.clone());
        for stream in &self.event_streams {
            stream.reconnect.send_replace(Some(reconnect.clone()));
        }
    }

    pub(crate) fn info(&self) -> SessionInfo {
        SessionInfo {
            action: self.grant.action,
            ice_tag: self.ice_tag.clone(),
            remote_ufrag: self.remote_ufrag.clone(),
            video_index: self.video_index,
        }
    }
}

/// What signaling needs to know of a session before it acts on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInfo {
    /// Publishing, watching or the chat alone.
    pub action: Action,
    /// Tag of the ICE session in force (the unquoted ETag).
    pub ice_tag: String,
    /// The client's ICE user name in force.
    pub remote_ufrag: Option<String>,
    /// Index of the video m-line.
    pub video_index: Option<usize>,
}

/// A session that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its id.
    pub session: SessionId,
    /// SDP answer.
    pub answer: String,
    /// Tag of the ICE session (the unquoted ETag).
    pub ice_tag: String,
}

/// An ICE restart that was done.
#[derive(Debug, Clone)]
pub struct Restarted {
    /// New credentials and candidates of the server.
    pub answer: RestartAnswer,
    /// The lines of the SDP answer that a fragment repeats (RFC 9725 §4.3.3), CRLF line ends.
    pub fragment_head: Arc<str>,
}

/// How far a DELETE goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The session ends. A publisher may return within the gap, as OBS does: it deletes its
    /// session before each reconnect.
    Session,
    /// The session ends, and with a publisher's its broadcast ends at once.
    Broadcast,
}
