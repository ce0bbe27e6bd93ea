//! The handle of `live`. Clones share it.

use std::net::IpAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sluice_accounts::Accounts;
use sluice_domain::control::BroadcastState;
use sluice_domain::{Action, BroadcastId, Grant, LayerSelection, MediaTime, PeerId, SessionId, StreamId};
use sluice_sfu::{IceFragment, Sfu, SfuError, SfuEvent, WatchOptions};
use sluice_store::Store;
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::access::Access;
use crate::broadcast::EndReason;
use crate::chat::{self, ChatTable};
use crate::config::LiveConfig;
use crate::directory::StreamStatus;
use crate::error::LiveError;
use crate::events::{EventKind, EventStreamId, MAX_EVENT_STREAMS, ViewerEvents};
use crate::news::{Listener, News, NoticeEvent};
use crate::playing::Playing;
use crate::probing::Probes;
use crate::recordings::RecordingTable;
use crate::revocation::Fallen;
use crate::seats::Seats;
use crate::session::{End, EventStream, Opened, Restarted, Session, SessionInfo};
use crate::state::{Effect, Publishing, State};
use crate::{metrics, run, scribe, watchdog};

/// Publishing, watching and the directory of this node.
#[derive(Debug, Clone)]
pub struct Live(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sfu: Sfu,
    access: Access,
    state: Mutex<State>,
    seats: Seats,
    news: News,
    /// The next timeout may have moved, or there is something to tell or to write down.
    moved: Notify,
    /// The same for what is written down.
    unwritten: Notify,
    /// Chats that are in use, and who is in them.
    chats: ChatTable,
    /// What is recorded now.
    recordings: RecordingTable,
    /// What was answered to those who watch over HTTP.
    playing: Playing,
    /// Who measures a connection now.
    probes: Mutex<Probes>,
    /// Rounds of the watchdog that have ended.
    rounds: watch::Sender<u64>,
    /// Ends what runs beside the requests.
    stop: CancellationToken,
    /// Requests that must be finished even when their caller hangs up, and the event loop.
    tasks: TaskTracker,
}

impl Live {
    /// Starts the tasks that follow the media plane, write broadcasts down and look whether Grants
    /// still stand. Must be called within a tokio runtime.
    pub fn start(
        config: LiveConfig,
        store: Store,
        accounts: Accounts,
        sfu: Sfu,
        events: mpsc::Receiver<SfuEvent>,
    ) -> Self {
        metrics::describe();
        let live = Self(Arc::new(Inner {
            sfu,
            access: Access::new(store, accounts),
            seats: Seats::new(config.max_sessions_per_address, config.max_sessions_per_account),
            state: Mutex::new(State::new(config, Instant::now())),
            news: News::default(),
            moved: Notify::new(),
            unwritten: Notify::new(),
            chats: ChatTable::default(),
            recordings: RecordingTable::default(),
            playing: Playing::default(),
            probes: Mutex::default(),
            rounds: watch::Sender::new(0),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }));
        live.0.tasks.spawn(run::run(live.clone(), events));
        live.0.tasks.spawn(scribe::run(live.clone(), live.0.stop.clone()));
        live.0.tasks.spawn(chat::scribe::run(live.clone(), live.0.stop.clone()));
        live.0.tasks.spawn(watchdog::run(live.clone(), live.0.stop.clone()));
        live
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

    /// Has a connection for the stream's chat alone, whether or not the stream is live. `caller` is the
    /// address, or the network, by which callers are told apart.
    ///
    /// # Errors
    /// When the node, the caller or its account takes no more, or the offer cannot be accepted.
    pub async fn join(&self, grant: Grant, caller: IpAddr, offer: String) -> Result<Opened, LiveError> {
        let live = self.clone();
        let opened = self.finish(async move { live.do_join(grant, caller, &offer).await }).await;
        metrics::opened(Action::Chat, result_label(&opened));
        opened
    }

    /// Watches the stream's broadcast. `caller` is as with [`Self::join`].
    ///
    /// # Errors
    /// When there is none, the node, the caller or its account takes no more, or the offer cannot be accepted.
    pub async fn watch(
        &self,
        grant: Grant,
        caller: IpAddr,
        offer: String,
        options: WatchOptions,
    ) -> Result<Opened, LiveError> {
        let live = self.clone();
        let opened = self.finish(async move { live.do_watch(grant, caller, &offer, options).await }).await;
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
            state.broadcasts.get(&session.grant.stream).filter(|found| Some(found.id) == session.broadcast);
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

    /// The broadcast of a stream; `None` while it is offline.
    pub fn stream(&self, stream: StreamId) -> Option<StreamStatus> {
        self.state().stream_status(stream)
    }

    /// Ends the broadcast of a stream, with its publisher and its viewers.
    ///
    /// # Errors
    /// When the stream is offline.
    pub async fn end_broadcast(&self, stream: StreamId) -> Result<(), LiveError> {
        let ended = {
            let mut state = self.state();
            let publishers = state.publishers(stream).ok_or(LiveError::NotLive)?;
            let mut effects = publishers;
            effects.extend(state.end_broadcast(stream, EndReason::Ended, clock()));
            effects
        };
        let live = self.clone();
        self.finish(async move {
            live.carry_out(ended).await;
            Ok(())
        })
        .await
    }

    /// Ends at once what rests on something that holds no more. Whoever revokes something calls it
    /// when the database says so; what another process revokes is found within seconds.
    pub async fn revoke(&self, fallen: Fallen) {
        let effects = self.state().revoke(fallen, Instant::now(), clock());
        let live = self.clone();
        let done = self.finish(async move {
            live.chat_table().end(|grant| fallen.takes(grant), &chat::fallen()).await;
            live.carry_out(effects).await;
            Ok(())
        });
        if done.await.is_err() {
            tracing::debug!(?fallen, "revoked while the node shut down");
        }
    }

    /// Hears what happens. Who may hear what, [`Self::may_listen`] says.
    pub fn listen(&self) -> Listener {
        self.0.news.listen()
    }

    /// The server's clock.
    pub fn now(&self) -> MediaTime {
        clock()
    }

    /// Sessions of this node.
    pub fn session_count(&self) -> usize {
        self.state().sessions.len()
    }

    /// Shuts down: lets nobody in any more, tells viewers to reconnect (at `url` where given) and
    /// ends every session and the media plane.
    pub async fn drain(&self, url: Option<String>) {
        self.state().drain(url.as_deref());
        // The loop holds a clone of this handle, so it ends by itself once the media plane is gone.
        self.0.sfu.shutdown(url).await;
        self.state().end_every(EndReason::Shutdown, clock());
        self.tell();
        self.end_recordings().await;
        self.0.news.close();
        self.0.chats.channels.clear();
        self.0.stop.cancel();
        self.0.tasks.close();
        if tokio::time::timeout(run::SHUTDOWN_LIMIT, self.0.tasks.wait()).await.is_err() {
            tracing::warn!("requests were still unfinished at shutdown");
        }
    }

    async fn do_publish(&self, grant: Grant, offer: &str) -> Result<Opened, LiveError> {
        let (stream, name) = (grant.stream, grant.name.clone());
        let user_id = grant.basis.account();
        let broadcast = self.state().begin_publish(&grant, BroadcastId(Uuid::now_v7()), clock())?;
        match self.0.sfu.publish(broadcast, stream, offer).await {
            Ok(accepted) => {
                let session = session(Some(broadcast), grant, offer, &accepted);
                let opened = opened(&session, accepted.answer);
                let finished = self.state().finish_publish(session, Instant::now(), clock());
                self.0.moved.notify_one();
                match finished {
                    Ok(publishing) => {
                        if publishing == Publishing::TookOver {
                            metrics::took_over();
                        }
                        let user_id = user_id.map(tracing::field::display);
                        let session = opened.session;
                        tracing::info!(user_id, stream = %name, %broadcast, ?publishing, ?session, "publishing");
                        Ok(opened)
                    }
                    Err((error, effects)) => {
                        self.carry_out(effects).await;
                        Err(error)
                    }
                }
            }
            Err(error) => {
                let effects = self.state().abandon_publish(stream, broadcast);
                self.carry_out(effects).await;
                Err(error.into())
            }
        }
    }

    async fn do_watch(
        &self,
        grant: Grant,
        caller: IpAddr,
        offer: &str,
        options: WatchOptions,
    ) -> Result<Opened, LiveError> {
        let stream = grant.stream;
        let seat = self.0.seats.take(caller, grant.basis.account())?;
        let broadcast = self.state().begin_watch(&grant, clock())?;
        match self.0.sfu.watch(broadcast, stream, offer, options).await {
            Ok(accepted) => {
                let session = session(Some(broadcast), grant, offer, &accepted).seated(seat);
                let opened = opened(&session, accepted.answer);
                let finished = self.state().finish_watch(session, Instant::now(), clock());
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

    async fn do_join(&self, grant: Grant, caller: IpAddr, offer: &str) -> Result<Opened, LiveError> {
        let seat = self.0.seats.take(caller, grant.basis.account())?;
        self.state().begin_join(&grant, clock())?;
        match self.0.sfu.join(grant.stream, offer).await {
            Ok(accepted) => {
                let session = session(None, grant, offer, &accepted).seated(seat);
                let opened = opened(&session, accepted.answer);
                let finished = self.state().finish_join(session, Instant::now(), clock());
                if let Err((error, effects)) = finished {
                    self.carry_out(effects).await;
                    return Err(error);
                }
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
    pub(crate) async fn finish<T: Send + 'static>(
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

    /// Waits for something that may have to be written down.
    pub(crate) async fn unwritten(&self) {
        self.0.unwritten.notified().await;
    }

    /// Tells listeners what happened, and the scribe that something did. Called by the event loop, so
    /// that news keep their order.
    pub(crate) fn tell(&self) {
        let notices = std::mem::take(&mut self.state().notices);
        if notices.is_empty() {
            return;
        }
        let now = clock();
        for notice in notices {
            self.0.news.tell(now, notice);
        }
        self.0.unwritten.notify_one();
        self.0.recordings.moved();
    }

    /// Puts a notice beside those of broadcasts; the event loop tells it.
    pub(crate) fn notify(&self, notice: NoticeEvent) {
        self.state().notices.push(notice);
        self.0.moved.notify_one();
    }

    pub(crate) fn chat_table(&self) -> &ChatTable {
        &self.0.chats
    }

    pub(crate) fn recording_table(&self) -> &RecordingTable {
        &self.0.recordings
    }

    pub(crate) fn playing(&self) -> &Playing {
        &self.0.playing
    }

    pub(crate) fn sfu(&self) -> &Sfu {
        &self.0.sfu
    }

    /// Falls when the node shuts down.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.0.stop.clone()
    }

    /// Runs something beside the requests, to its end.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.spawn(task);
    }

    /// How often the watchdog has looked whether Grants still stand, whether or not the database answered.
    pub fn rounds(&self) -> watch::Receiver<u64> {
        self.0.rounds.subscribe()
    }

    pub(crate) fn looked(&self) {
        self.0.rounds.send_modify(|rounds| *rounds += 1);
    }

    pub(crate) fn access(&self) -> &Access {
        &self.0.access
    }

    /// The tables. Held for lookups and updates only, never across an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those who measure. Held for lookups and updates only.
    pub(crate) fn probes(&self) -> MutexGuard<'_, Probes> {
        self.0.probes.lock().unwrap_or_else(PoisonError::into_inner)
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

fn session(
    broadcast: Option<BroadcastId>,
    grant: Grant,
    offer: &str,
    accepted: &sluice_sfu::Accepted,
) -> Session {
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
