//! The handle through which `live` drives the media plane.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sluice_domain::{BroadcastId, LayerSelection, PeerId, StreamId};
use sluice_sfu_engine::{
    Candidates, Command, IceFragment, Negotiator, Reply, RestartAnswer, Role, SfuError, SfuEvent, TapId,
    WatchOptions,
};
use tokio::sync::{mpsc, oneshot};

use crate::address;
use crate::chat::Unplaced;
use crate::config::{SfuConfig, StartError};
use crate::link::Links;
use crate::load::{Joining, Limits, Load};
use crate::mailbox::{Mail, Mailbox};
use crate::names::{MOST_WORKERS, Names};
use crate::tap::{self, Tap};
use crate::worker::{self, Shared};

/// Most events that wait for `live`. It handles each in microseconds; if it ever falls this far
/// behind, further events are counted and dropped, and `live` reconciles by its own timers.
const EVENT_DEPTH: usize = 16_384;

/// How often a worker with a full mailbox is told that a broadcast has ended.
const CLOSE_ATTEMPTS: usize = 100;

/// Pause between two of these.
const CLOSE_PAUSE: Duration = Duration::from_millis(20);

/// A peer that was created, and the SDP answer for its client.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The new peer.
    pub peer: PeerId,
    /// SDP answer with every candidate, CRLF line ends.
    pub answer: String,
    /// Tag of the ICE session (unquoted, unique a session and restart); becomes the HTTP ETag.
    pub ice_tag: String,
    /// Index of the video m-line in offer and answer (WHEP events name it).
    pub video_index: Option<usize>,
}

/// The media plane of this node. Clones share it.
#[derive(Debug, Clone)]
pub struct Sfu(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    negotiator: Negotiator,
    candidates: Candidates,
    names: Arc<Names>,
    links: Arc<Links>,
    mailboxes: Vec<Mailbox>,
    loads: Vec<Arc<Load>>,
    limits: Limits,
    threads: Mutex<Vec<JoinHandle<()>>>,
    next_peer: AtomicU64,
    next_tap: AtomicU64,
    /// Which worker has the publisher of a broadcast. Touched once a session, never a packet.
    homes: Mutex<HashMap<BroadcastId, usize>>,
    draining: AtomicBool,
}

impl Sfu {
    /// Opens the port and starts the workers.
    ///
    /// # Errors
    /// When the port is taken, no address can be announced or a thread cannot be started.
    pub fn start(config: SfuConfig) -> Result<(Self, mpsc::Receiver<SfuEvent>), StartError> {
        let workers = match config.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        }
        .min(MOST_WORKERS);
        let (events, receiver) = mpsc::channel(EVENT_DEPTH);
        let bundle = worker::open(&config, workers)?;
        let udp = address::candidates(&config, bundle.port)?;
        let tcp = if bundle.tcp { udp.clone() } else { Vec::new() };
        let candidates = Candidates { udp, tcp };
        let negotiator =
            Negotiator::new(config.engine.clone(), candidates.clone()).ok_or(StartError::Certificate)?;
        let loads: Vec<Arc<Load>> = (0..workers).map(|_| Arc::default()).collect();
        let (names, links) = (Arc::<Names>::default(), Arc::<Links>::default());
        let shared = Shared {
            candidates: candidates.clone(),
            names: Arc::clone(&names),
            links: Arc::clone(&links),
            events,
            loads: loads.clone(),
        };
        let (mailboxes, threads) = worker::spawn(bundle, &config, &shared)?;
        let inner = Inner {
            negotiator,
            candidates,
            names,
            links,
            mailboxes,
            loads,
            limits: Limits { load: config.max_load, viewers: config.max_viewers },
            threads: Mutex::new(threads),
            next_peer: AtomicU64::new(1),
            next_tap: AtomicU64::new(1),
            homes: Mutex::new(HashMap::new()),
            draining: AtomicBool::new(false),
        };
        Ok((Self(Arc::new(inner)), receiver))
    }

    /// The UDP port of all media.
    pub fn udp_port(&self) -> u16 {
        self.0.candidates.udp.first().map_or(0, SocketAddr::port)
    }

    /// Whether connections are accepted on the number of that port, for who cannot send UDP.
    pub fn accepts_tcp(&self) -> bool {
        !self.0.candidates.tcp.is_empty()
    }

    /// Addresses announced to peers, best first.
    pub fn candidates(&self) -> Vec<SocketAddr> {
        self.0.candidates.udp.clone()
    }

    pub(crate) fn media_addresses(&self) -> &[SocketAddr] {
        &self.0.candidates.udp
    }

    pub(crate) fn names(&self) -> &Names {
        &self.0.names
    }

    pub(crate) fn links(&self) -> &Links {
        &self.0.links
    }

    pub(crate) fn mailbox(&self, worker: usize) -> Option<&Mailbox> {
        self.0.mailboxes.get(worker)
    }

    /// Accepts a WHIP offer. The new peer becomes the broadcast's publisher; one that it had is
    /// closed, its viewers are kept. It may take part in the chat.
    ///
    /// # Errors
    /// When the offer cannot be accepted, or the node takes no new peers.
    pub async fn publish(
        &self,
        broadcast: BroadcastId,
        chat: StreamId,
        offer: &str,
    ) -> Result<Accepted, SfuError> {
        self.accept(Role::Publisher(broadcast), Some(chat), offer).await
    }

    /// Accepts a WHEP offer for a broadcast, whether or not media has come yet. The viewer may take part in
    /// the chat.
    ///
    /// # Errors
    /// When the offer cannot be accepted, or the node takes no new peers.
    pub async fn watch(
        &self,
        broadcast: BroadcastId,
        chat: StreamId,
        offer: &str,
        options: WatchOptions,
    ) -> Result<Accepted, SfuError> {
        self.accept(Role::Viewer(broadcast, options), Some(chat), offer).await
    }

    /// Accepts an offer with nothing but a data channel (see [`has_only_channel`](crate::has_only_channel)),
    /// for a chat alone.
    ///
    /// # Errors
    /// When the offer cannot be accepted, or the node takes no new peers.
    pub async fn join(&self, chat: StreamId, offer: &str) -> Result<Accepted, SfuError> {
        self.accept(Role::Member, Some(chat), offer).await
    }

    /// Accepts an offer with nothing but a data channel, of somebody who measures the connection. The peer ends
    /// after [`ECHO_LIFETIME`](sluice_domain::echo::ECHO_LIFETIME) by itself.
    ///
    /// # Errors
    /// When the offer cannot be accepted, or the node takes no new peers.
    pub async fn probe(&self, offer: &str) -> Result<Accepted, SfuError> {
        self.accept(Role::Probe, None, offer).await
    }

    /// Gives an order about chats to the workers that it concerns. The orders of one caller are carried out
    /// in the order in which they were given.
    ///
    /// # Errors
    /// Where a worker's mailbox is full. What comes back is still to be done: give it to this again before
    /// the next order, after a moment.
    pub fn chat(&self, order: impl Into<Unplaced>) -> Result<(), Unplaced> {
        order.into().place(&self.0.mailboxes)
    }

    /// Taps a broadcast: its packets from now on, and what the join caches have of before. It ends with the
    /// broadcast, or when the stream of the tap is dropped. There may be several of one broadcast.
    ///
    /// # Errors
    /// When nobody has published the broadcast yet or it has ended, or the node is overloaded.
    pub async fn tap(&self, broadcast: BroadcastId) -> Result<Tap, SfuError> {
        let home = self.homes().get(&broadcast).copied().ok_or(SfuError::UnknownBroadcast)?;
        let mailbox = self.0.mailboxes.get(home).ok_or(SfuError::UnknownBroadcast)?;
        let id = TapId(self.0.next_tap.fetch_add(1, Ordering::Relaxed));
        // Ends what it began, should nobody wait for the answer any more.
        let (sink, tap) = tap::queue(id, mailbox.clone());
        let (reply, answer) = oneshot::channel();
        let order = Mail::Tap { broadcast, tap: id, sink, reply };
        mailbox.send(order).map_err(|_full| SfuError::Overloaded)?;
        match answer.await {
            Ok(Reply::Refused(error)) => Err(error),
            Ok(Reply::Done | Reply::Restarted(_)) => Ok(tap),
            Err(_stopped) => Err(SfuError::Overloaded),
        }
    }

    /// Adds candidates that a client trickles. Those that cannot be used are dropped silently.
    ///
    /// # Errors
    /// When the peer has ended.
    pub async fn trickle(&self, peer: PeerId, fragment: IceFragment) -> Result<(), SfuError> {
        self.order(worker_of(peer), Command::Trickle { peer, fragment }).await.map(drop)
    }

    /// Restarts ICE with the client's new credentials. A refused restart leaves the session as it is.
    ///
    /// # Errors
    /// When the fragment has no credentials or the peer has ended.
    pub async fn restart_ice(&self, peer: PeerId, fragment: IceFragment) -> Result<RestartAnswer, SfuError> {
        let ice = self.0.names.make(worker_of(peer));
        match self.order(worker_of(peer), Command::RestartIce { peer, fragment, ice }).await? {
            Reply::Restarted(answer) => Ok(answer),
            Reply::Done | Reply::Refused(_) => Err(SfuError::RestartRefused("no answer was made".to_owned())),
        }
    }

    /// Sets what a viewer wants to get; an empty selection returns to automatic choice.
    ///
    /// # Errors
    /// When the broadcast has no such layer or the peer has ended.
    pub async fn select_layer(&self, peer: PeerId, selection: LayerSelection) -> Result<(), SfuError> {
        self.order(worker_of(peer), Command::SelectLayer { peer, selection }).await.map(drop)
    }

    /// Ends a peer properly. Ending one that has ended is not an error.
    pub async fn close_peer(&self, peer: PeerId) {
        let _already_gone = self.order(worker_of(peer), Command::ClosePeer { peer }).await;
    }

    /// Ends a broadcast: its viewers are told, then everybody is closed.
    pub async fn close_broadcast(&self, broadcast: BroadcastId) {
        if self.homes().remove(&broadcast).is_none() {
            return;
        }
        for worker in 0..self.0.mailboxes.len() {
            for _ in 0..CLOSE_ATTEMPTS {
                // A full mailbox is no reason to keep viewers of what has ended.
                match self.order(worker, Command::CloseBroadcast { broadcast }).await {
                    Err(SfuError::Overloaded) => tokio::time::sleep(CLOSE_PAUSE).await,
                    Ok(_) | Err(_) => break,
                }
            }
        }
    }

    /// Ends everything: our own clients are told to reconnect, every peer gets its DTLS close, the
    /// threads end. New peers are refused from the first moment on.
    pub async fn shutdown(&self, reconnect: Option<String>) {
        self.0.draining.store(true, Ordering::Release);
        for worker in 0..self.0.mailboxes.len() {
            let _gone = self.order(worker, Command::Drain { url: reconnect.clone() }).await;
        }
        for mailbox in &self.0.mailboxes {
            let _gone = mailbox.send(Mail::Stop);
        }
        let threads = std::mem::take(&mut *self.0.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joined =
            tokio::task::spawn_blocking(move || threads.into_iter().all(|thread| thread.join().is_ok()));
        if !joined.await.unwrap_or(false) {
            tracing::error!("a media worker ended by a panic");
        }
    }

    async fn accept(&self, role: Role, chat: Option<StreamId>, offer: &str) -> Result<Accepted, SfuError> {
        if self.0.draining.load(Ordering::Acquire) {
            return Err(SfuError::Overloaded);
        }
        let (home, worker, _joining) = match &role {
            Role::Publisher(broadcast) => {
                let home = self.home(*broadcast, true)?;
                (Some(home), home, None)
            }
            Role::Viewer(broadcast, _) => {
                let home = self.home(*broadcast, false)?;
                let (worker, joining) = self.place(home).ok_or(SfuError::Overloaded)?;
                (Some(home), worker, Some(joining))
            }
            Role::Member | Role::Probe => {
                let (worker, joining) = self.seat().ok_or(SfuError::Overloaded)?;
                (None, worker, Some(joining))
            }
        };
        let peer = PeerId(self.0.next_peer.fetch_add(1, Ordering::Relaxed) << 8 | worker as u64);
        let ice = self.0.names.make(worker);
        let (mut prepared, answer) =
            self.0.negotiator.accept(peer, role, chat, offer, ice, Instant::now())?;
        prepared.home = home.filter(|home| worker != *home).map(worker::worker_id);
        self.order(worker, Command::Add(Box::new(prepared))).await?;
        Ok(Accepted { peer, answer: answer.sdp, ice_tag: answer.ice_tag, video_index: answer.video_index })
    }

    async fn order(&self, worker: usize, command: Command) -> Result<Reply, SfuError> {
        let mailbox = self.0.mailboxes.get(worker).ok_or(SfuError::UnknownPeer)?;
        let (sender, receiver) = oneshot::channel();
        mailbox.send(Mail::Command(command, sender)).map_err(|_full| SfuError::Overloaded)?;
        match receiver.await {
            Ok(Reply::Refused(error)) => Err(error),
            Ok(reply) => Ok(reply),
            Err(_stopped) => Err(SfuError::Overloaded),
        }
    }

    /// The worker of a broadcast's publisher. A new broadcast goes to the worker with the fewest, and of
    /// these to the one with the fewest viewers.
    fn home(&self, broadcast: BroadcastId, publishes: bool) -> Result<usize, SfuError> {
        let mut homes = self.homes();
        if let Some(worker) = homes.get(&broadcast) {
            return Ok(*worker);
        }
        let mut publishers = vec![0_usize; self.0.mailboxes.len()];
        homes.values().for_each(|worker| publishers[*worker] += 1);
        let load = |worker: &usize| (publishers[*worker], self.0.loads[*worker].viewers());
        let open = |worker: &usize| !publishes || self.0.limits.has_room(&self.0.loads[*worker]);
        let workers = (0..publishers.len()).filter(open);
        let worker = workers.min_by_key(load).ok_or(SfuError::Overloaded)?;
        homes.insert(broadcast, worker);
        Ok(worker)
    }

    /// The worker for a viewer of a broadcast with that home, where it counts from now on.
    fn place(&self, home: usize) -> Option<(usize, Joining<'_>)> {
        // One after the other: each must see those before it.
        let _homes = self.homes();
        let worker = self.0.limits.place(self.0.loads.iter().map(Arc::as_ref), home)?;
        Some((worker, self.0.loads[worker].join()))
    }

    /// The worker for a peer without media, where it counts from now on.
    fn seat(&self) -> Option<(usize, Joining<'_>)> {
        let _homes = self.homes();
        let open = (0..self.0.loads.len()).filter(|worker| self.0.limits.has_room(&self.0.loads[*worker]));
        let worker = open.min_by_key(|worker| self.0.loads[*worker].peers())?;
        Some((worker, self.0.loads[worker].join()))
    }

    fn homes(&self) -> std::sync::MutexGuard<'_, HashMap<BroadcastId, usize>> {
        self.0.homes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) const fn worker_of(peer: PeerId) -> usize {
    (peer.0 & 0xff) as usize
}
