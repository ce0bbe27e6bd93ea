//! The handle of `live`. Clones share it.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sluice_domain::control::BroadcastState;
use sluice_domain::{Action, BroadcastId, Grant, LayerSelection, MediaTime, PeerId, SessionId, StreamName};
use sluice_sfu::{IceFragment, Sfu, SfuError, SfuEvent, WatchOptions};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::access::{Catalog, Credential};
use crate::config::{LiveConfig, StreamConfig, StreamsError};
use crate::directory::StreamStatus;
use crate::error::LiveError;
use crate::events::{EventKind, EventStreamId, MAX_EVENT_STREAMS, ViewerEvents};
use crate::session::{End, EventStream, Opened, Restarted, Session, SessionInfo};
use crate::state::{Effect, Publishing, State};
use crate::{metrics, run};

/// Publishing, watching and the directory of this node.
#[derive(Debug, Clone)]
pub struct Live(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sfu: Sfu,
    state: Mutex<State>,
    /// The next timeout may have moved.
    moved: Notify,
    /// Requests that must be finished even when their caller hangs up, and the event loop.
    tasks: TaskTracker,
}

impl Live {
    /// Starts the task that follows the media plane. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the streams contradict each other.
    pub fn start(
        config: LiveConfig,
        streams: Vec<StreamConfig>,
        sfu: Sfu,
        events: mpsc::Receiver<SfuEvent>,
    ) -> Result<Self, StreamsError> {
        metrics::describe();
        let state = State::new(config, Catalog::new(streams)?, Instant::now());
        let live = Self(Arc::new(Inner {
            sfu,
            state: Mutex::new(state),
            moved: Notify::new(),
            tasks: TaskTracker::new(),
        }));
        live.0.tasks.spawn(run::run(live.clone(), events));
        Ok(live)
    }

    /// May the holder of this credential publish? Without a stream the credential says which one
    /// is meant.
    ///
    /// # Errors
    /// When it may not.
    pub fn may_publish(
        &self,
        stream: Option<&StreamName>,
        credential: Option<&Credential>,
    ) -> Result<Grant, LiveError> {
        self.catalog().publish(stream, credential)
    }

    /// May the holder of this credential watch?
    ///
    /// # Errors
    /// When it may not.
    pub fn may_watch(
        &self,
        stream: &StreamName,
        credential: Option<&Credential>,
    ) -> Result<Grant, LiveError> {
        self.catalog().watch(stream, credential)
    }

    /// Whether a stream of this name is configured.
    pub fn has_stream(&self, stream: &StreamName) -> bool {
        self.catalog().stream(stream).is_some()
    }

    /// Publishes: starts the stream's broadcast or, where the holder has it already, goes on with
    /// it. The publisher that it had is closed and its viewers are kept.
    ///
    /// # Errors
    /// When somebody else publishes, the node takes no more, or the offer cannot be accepted.
    pub async fn publish(&self, grant: Grant, offer: String) -> Result<Opened, LiveError> {
        let live = self.clone();
        let opened = self.finish(async move { live.do_publish(grant, &offer).await }).await;
        metrics::opened(Action::Publish, result_label(&opened));
        opened
    }

    /// Watches the stream's broadcast.
    ///
    /// # Errors
    /// When there is none, the node takes no more, or the offer cannot be accepted.
    pub async fn watch(
        &self,
        grant: Grant,
        offer: String,
        options: WatchOptions,
    ) -> Result<Opened, LiveError> {
        let live = self.clone();
        let opened = self.finish(async move { live.do_watch(grant, &offer, options).await }).await;
        metrics::opened(Action::Watch, result_label(&opened));
        opened
    }

    /// A running session.
    pub fn session(&self, id: SessionId) -> Option<SessionInfo> {
        self.state().sessions.get(&id).map(Session::info)
    }

    /// Adds candidates to a session. Those that cannot be used are dropped.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn trickle(&self, id: SessionId, fragment: IceFragment) -> Result<(), LiveError> {
        let peer = self.peer(id)?;
        self.0.sfu.trickle(peer, fragment).await.map_err(into_session_error)
    }

    /// Restarts ICE of a session. A refused restart leaves the session as it is.
    ///
    /// # Errors
    /// When it cannot be done or the session has ended.
    pub async fn restart_ice(&self, id: SessionId, fragment: IceFragment) -> Result<Restarted, LiveError> {
        let live = self.clone();
        self.finish(async move { live.do_restart(id, fragment).await }).await
    }

    /// Sets what a viewer wants to get; an empty selection returns to automatic choice.
    ///
    /// # Errors
    /// When there is no such layer, the session has ended or is a publisher's.
    pub async fn select_layer(&self, id: SessionId, selection: LayerSelection) -> Result<(), LiveError> {
        let peer = self.viewer(id)?;
        self.0.sfu.select_layer(peer, selection).await.map_err(into_session_error)
    }

    /// Ends a session. Ending one whose peer has closed by itself a moment ago is a success.
    ///
    /// # Errors
    /// When there is no such session.
    pub async fn end_session(&self, id: SessionId, end: End) -> Result<(), LiveError> {
        let effects = self.state().end_session(id, end, Instant::now(), clock())?;
        let live = self.clone();
        self.finish(async move {
            live.carry_out(effects).await;
            Ok(())
        })
        .await
    }

    /// Creates a stream of events for a viewer.
    ///
    /// # Errors
    /// When the session has ended, is a publisher's or has too many of them.
    pub fn open_events(&self, id: SessionId, wanted: Vec<EventKind>) -> Result<EventStreamId, LiveError> {
        let mut state = self.state();
        let state = &mut *state;
        let session = viewer(state.sessions.get_mut(&id))?;
        if session.event_streams.len() >= MAX_EVENT_STREAMS {
            return Err(LiveError::TooManyEventStreams);
        }
        let broadcast = state.broadcasts.get(&session.grant.stream);
        let active = broadcast.is_some_and(|broadcast| broadcast.state() == BroadcastState::Live);
        let stream = EventStream {
            id: EventStreamId(SessionId(rand::random())),
            wanted,
            believes_active: Arc::new(AtomicBool::new(active)),
            reconnect: watch::Sender::new(session.reconnect.clone()),
        };
        let id = stream.id;
        session.event_streams.push(stream);
        Ok(id)
    }

    /// Reads a stream of events, from the newest state on.
    ///
    /// # Errors
    /// When it was never created or has ended.
    pub fn read_events(&self, id: SessionId, stream: EventStreamId) -> Result<ViewerEvents, LiveError> {
        let state = self.state();
        let session = state.sessions.get(&id).ok_or(LiveError::UnknownSession)?;
        let stream = session.event_streams.iter().find(|found| found.id == stream);
        let stream = stream.ok_or(LiveError::UnknownEventStream)?;
        let broadcast =
            state.broadcasts.get(&session.grant.stream).filter(|found| found.id == session.broadcast);
        let broadcast = broadcast.ok_or(LiveError::UnknownEventStream)?;
        Ok(ViewerEvents::new(
            stream.wanted.clone(),
            session.video_index,
            broadcast.status.subscribe(),
            stream.reconnect.subscribe(),
            Arc::clone(&stream.believes_active),
        ))
    }

    /// Ends a stream of events; whoever reads it reads its end.
    ///
    /// # Errors
    /// When there is no such stream.
    pub fn close_events(&self, id: SessionId, stream: EventStreamId) -> Result<(), LiveError> {
        let mut state = self.state();
        let session = state.sessions.get_mut(&id).ok_or(LiveError::UnknownSession)?;
        let at = session.event_streams.iter().position(|found| found.id == stream);
        session.event_streams.remove(at.ok_or(LiveError::UnknownEventStream)?);
        Ok(())
    }

    /// Every stream that has a broadcast, by name.
    pub fn directory(&self) -> Vec<StreamStatus> {
        self.state().directory()
    }

    /// One stream, live or not.
    pub fn stream(&self, name: &StreamName) -> Option<StreamStatus> {
        self.state().stream_status(name)
    }

    /// Sessions of this node.
    pub fn session_count(&self) -> usize {
        self.state().sessions.len()
    }

    /// Takes other streams and keys. Who publishes with a key that is still there notices nothing;
    /// the broadcasts of the others end.
    ///
    /// # Errors
    /// When the streams contradict each other; then nothing changes.
    pub async fn replace_streams(&self, streams: Vec<StreamConfig>) -> Result<(), StreamsError> {
        let catalog = Catalog::new(streams)?;
        let effects = self.state().replace_catalog(catalog, clock());
        self.carry_out(effects).await;
        Ok(())
    }

    /// Shuts down: lets nobody in any more, tells viewers to reconnect (at `url` where given) and
    /// ends every session and the media plane.
    pub async fn drain(&self, url: Option<String>) {
        self.state().drain(url.as_deref());
        // The loop holds a clone of this handle, so it ends by itself once the media plane is gone.
        self.0.sfu.shutdown(url).await;
        self.0.tasks.close();
        if tokio::time::timeout(run::SHUTDOWN_LIMIT, self.0.tasks.wait()).await.is_err() {
            tracing::warn!("requests were still unfinished at shutdown");
        }
    }

    async fn do_publish(&self, grant: Grant, offer: &str) -> Result<Opened, LiveError> {
        let stream = grant.stream.clone();
        let broadcast = self.state().begin_publish(&grant, BroadcastId(Uuid::now_v7()))?;
        match self.0.sfu.publish(broadcast, offer).await {
            Ok(accepted) => {
                let session = session(broadcast, grant, offer, &accepted);
                let opened = opened(&session, accepted.answer);
                let finished = self.state().finish_publish(&stream, session, Instant::now());
                self.0.moved.notify_one();
                match finished {
                    Ok(publishing) => {
                        if publishing == Publishing::TookOver {
                            metrics::took_over();
                        }
                        tracing::info!(%stream, %broadcast, ?publishing, session = ?opened.session, "publishing");
                        Ok(opened)
                    }
                    Err((error, effects)) => {
                        self.carry_out(effects).await;
                        Err(error)
                    }
                }
            }
            Err(error) => {
                let effects = self.state().abandon_publish(&stream, broadcast);
                self.carry_out(effects).await;
                Err(error.into())
            }
        }
    }

    async fn do_watch(&self, grant: Grant, offer: &str, options: WatchOptions) -> Result<Opened, LiveError> {
        let broadcast = self.state().begin_watch(&grant.stream)?;
        match self.0.sfu.watch(broadcast, offer, options).await {
            Ok(accepted) => {
                let session = session(broadcast, grant, offer, &accepted);
                let opened = opened(&session, accepted.answer);
                let finished = self.state().finish_watch(session, Instant::now());
                if let Err((error, effects)) = finished {
                    self.carry_out(effects).await;
                    return Err(error);
                }
                tracing::debug!(%broadcast, session = ?opened.session, "watching");
                Ok(opened)
            }
            Err(error) => {
                self.state().abandon_watch();
                Err(error.into())
            }
        }
    }

    async fn do_restart(&self, id: SessionId, fragment: IceFragment) -> Result<Restarted, LiveError> {
        let peer = self.peer(id)?;
        let remote_ufrag = fragment.ufrag.clone();
        let answer = self.0.sfu.restart_ice(peer, fragment).await.map_err(into_session_error)?;
        let mut state = self.state();
        let session = state.sessions.get_mut(&id).ok_or(LiveError::UnknownSession)?;
        session.ice_tag.clone_from(&answer.ice_tag);
        session.remote_ufrag = remote_ufrag;
        Ok(Restarted { answer, fragment_head: Arc::clone(&session.fragment_head) })
    }

    /// Runs a request to its end even when its caller hangs up half-way, so that the tables and
    /// the media plane never disagree.
    async fn finish<T: Send + 'static>(
        &self,
        request: impl Future<Output = Result<T, LiveError>> + Send + 'static,
    ) -> Result<T, LiveError> {
        let task = self.0.tasks.spawn(request.in_current_span());
        task.await.unwrap_or(Err(LiveError::Draining))
    }

    pub(crate) async fn carry_out(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::ClosePeer(peer) => self.0.sfu.close_peer(peer).await,
                Effect::CloseBroadcast(broadcast) => self.0.sfu.close_broadcast(broadcast).await,
            }
        }
        self.0.moved.notify_one();
    }

    pub(crate) async fn timeout_moved(&self) {
        self.0.moved.notified().await;
    }

    /// The tables. Held for lookups and updates only, never across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.state().catalog)
    }

    fn peer(&self, id: SessionId) -> Result<PeerId, LiveError> {
        self.state().sessions.get(&id).map(|session| session.peer).ok_or(LiveError::UnknownSession)
    }

    fn viewer(&self, id: SessionId) -> Result<PeerId, LiveError> {
        viewer(self.state().sessions.get_mut(&id)).map(|session| session.peer)
    }
}

fn viewer(session: Option<&mut Session>) -> Result<&mut Session, LiveError> {
    let session = session.ok_or(LiveError::UnknownSession)?;
    if session.is_viewer() { Ok(session) } else { Err(LiveError::NotAViewer) }
}

fn session(broadcast: BroadcastId, grant: Grant, offer: &str, accepted: &sluice_sfu::Accepted) -> Session {
    Session::new(SessionId(rand::random()), broadcast, grant, offer, accepted, Instant::now())
}

fn opened(session: &Session, answer: String) -> Opened {
    Opened { session: session.id, answer, ice_tag: session.ice_tag.clone() }
}

/// A peer that is gone means a session that is gone, whether or not we have heard of it yet.
fn into_session_error(error: SfuError) -> LiveError {
    match error {
        SfuError::UnknownPeer => LiveError::UnknownSession,
        other => LiveError::Media(other),
    }
}

fn result_label(opened: &Result<Opened, LiveError>) -> &'static str {
    match opened {
        Ok(_) => "accepted",
        Err(LiveError::Media(SfuError::MalformedSdp(_))) => "malformed",
        Err(LiveError::Media(SfuError::UnsupportedTracks(_))) => "unsupported_tracks",
        Err(LiveError::Media(SfuError::NoCommonCodec(_))) => "no_common_codec",
        Err(LiveError::NotLive) => "not_live",
        Err(LiveError::AlreadyLive) => "already_live",
        Err(LiveError::Full | LiveError::Draining | LiveError::Media(SfuError::Overloaded)) => "overloaded",
        Err(_) => "refused",
    }
}

/// The server's clock: UTC microseconds.
pub(crate) fn clock() -> MediaTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    MediaTime(since.map_or(0, |time| i64::try_from(time.as_micros()).unwrap_or(i64::MAX)))
}
