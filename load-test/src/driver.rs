//! One thread that moves datagrams and time for many peers.
//!
//! Its loop has five duties, in order: take new peers, wait for sockets or time, read what came,
//! let time pass where it is due, publish the progress. Sockets are read in batches with kernel
//! receive times, and segments that the sender joined (GSO) come joined (GRO).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow};
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token, Waker};
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::UdpGroSegment;
use quinn_udp::{RecvMeta, UdpSockRef, UdpSocketState};

use crate::wire::transport::Transport;

/// Datagram buffers of one read. Each holds a joined batch; more would leave the cache.
const BATCH: usize = 8;
const BUFFER: usize = 65_536;
/// Peers waiting to be taken; the one who adds waits when it is full.
const INTAKE: usize = 64;
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);
/// So many patient peers are a crowd: waking up for each of their datagrams would cost more than
/// the datagrams.
const CROWD: usize = 100;
/// How long the loop of a crowd rests between two turns. More saves wake-ups and lengthens every
/// flight of a handshake.
const REST: Duration = Duration::from_millis(1);
const WAKE: Token = Token(usize::MAX);
/// Large enough for a key frame that comes in one burst; the kernel caps it.
const SOCKET_BUFFER: usize = 2 << 20;

/// A moment on the monotonic clock and on the wall.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) instant: Instant,
    /// Since 1970; for a received datagram the time at which the kernel had it.
    pub(crate) wall: Duration,
}

impl Moment {
    /// Now.
    pub(crate) fn now() -> Self {
        Self {
            instant: Instant::now(),
            wall: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        }
    }
}

/// Sends datagrams of one peer.
pub(crate) struct Outbox<'a> {
    socket: &'a UdpSocket,
    /// Datagrams that the kernel refused.
    refused: &'a mut u64,
}

impl Outbox<'_> {
    /// Seals a compound RTCP packet and sends it, once the transport is ready for media.
    pub(crate) fn send_rtcp(&mut self, transport: &mut Transport, compound: &[u8]) {
        if let Some((to, srtp)) = transport.media()
            && let Ok(sealed) = srtp.seal_rtcp(compound)
        {
            self.send(to, &sealed);
        }
    }

    /// Sends one datagram; like on any network, it may get lost.
    pub(crate) fn send(&mut self, to: SocketAddr, datagram: &[u8]) {
        if self.socket.send_to(datagram, to).is_err() {
            *self.refused += 1;
        }
    }
}

/// What the driver drives: a publisher or a viewer.
pub(crate) trait Peer: Send + 'static {
    /// Whether a crowd of them may wait a moment for datagrams to gather. Their times of arrival are
    /// the kernel's either way.
    const PATIENT: bool = false;
    /// The sum of something over all peers, for the terminal and the end of a run.
    type Progress: Default + Clone + Send;

    /// Takes a datagram, which it may decrypt where it lies.
    fn handle_datagram(
        &mut self,
        now: Moment,
        from: SocketAddr,
        datagram: &mut [u8],
        outbox: &mut Outbox<'_>,
    );
    /// Lets time pass.
    fn handle_timeout(&mut self, now: Moment, outbox: &mut Outbox<'_>);
    /// When time should pass next.
    fn next_timeout(&mut self) -> Option<Instant>;
    /// Says goodbye.
    fn close(&mut self, now: Moment, outbox: &mut Outbox<'_>);
    /// Adds itself to the sum.
    fn add_progress(&self, progress: &mut Self::Progress);
}

/// How datagrams are taken from sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receive {
    /// Those that were sent or arrived together come together (GRO).
    Joined,
    /// Each by itself.
    Single,
}

enum Command<P> {
    Add(Box<P>, std::net::UdpSocket),
    Stop,
}

/// The thread's handle.
pub(crate) struct Driver<P: Peer> {
    commands: SyncSender<Command<P>>,
    waker: Arc<Waker>,
    thread: JoinHandle<Result<Finished<P>>>,
    progress: Arc<Mutex<P::Progress>>,
}

/// What is left when the thread has ended.
pub(crate) struct Finished<P> {
    pub(crate) peers: Vec<P>,
    /// Datagrams that could not be sent.
    pub(crate) refused: u64,
    /// Reads from sockets, and what they brought.
    pub(crate) reads: u64,
    pub(crate) datagrams: u64,
}

impl<P: Peer> Driver<P> {
    /// Starts the thread, on the processors of the caller.
    pub(crate) fn start(receive: Receive) -> Result<Self> {
        let poll = Poll::new().context("setting up polling")?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE).context("setting up polling")?);
        let (commands, intake) = sync_channel(INTAKE);
        let progress = Arc::new(Mutex::new(P::Progress::default()));
        let shared = Arc::clone(&progress);
        let thread = std::thread::Builder::new()
            .name("driver".to_owned())
            .spawn(move || Loop::new(poll, intake, shared, receive).run())
            .context("starting the driver thread")?;
        Ok(Self { commands, waker, thread, progress })
    }

    /// Hands a peer and its socket over.
    pub(crate) fn add(&self, peer: P, socket: std::net::UdpSocket) -> Result<()> {
        self.send(Command::Add(Box::new(peer), socket))
    }

    fn send(&self, command: Command<P>) -> Result<()> {
        self.commands.send(command).map_err(|_| anyhow!("the driver thread has ended"))?;
        self.waker.wake().context("waking the driver thread")
    }

    /// The latest sum over all peers.
    pub(crate) fn progress(&self) -> P::Progress {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Closes every peer and ends the thread.
    pub(crate) fn stop(self) -> Result<Finished<P>> {
        // If the thread has ended by itself, joining it tells why.
        let _ = self.send(Command::Stop);
        self.thread.join().map_err(|_| anyhow!("the driver thread panicked"))?
    }
}

struct Driven<P> {
    peer: P,
    socket: UdpSocket,
    state: UdpSocketState,
    due: Option<Instant>,
}

struct Loop<P: Peer> {
    poll: Poll,
    intake: Receiver<Command<P>>,
    shared: Arc<Mutex<P::Progress>>,
    receive: Receive,
    driven: Vec<Driven<P>>,
    timers: BinaryHeap<Reverse<(Instant, usize)>>,
    buffers: Vec<u8>,
    next_progress: Instant,
    refused: u64,
    reads: u64,
    datagrams: u64,
}

impl<P: Peer> Loop<P> {
    fn new(
        poll: Poll,
        intake: Receiver<Command<P>>,
        shared: Arc<Mutex<P::Progress>>,
        receive: Receive,
    ) -> Self {
        Self {
            poll,
            intake,
            shared,
            receive,
            driven: Vec::new(),
            timers: BinaryHeap::new(),
            buffers: vec![0; BATCH * BUFFER],
            next_progress: Instant::now(),
            refused: 0,
            reads: 0,
            datagrams: 0,
        }
    }

    fn run(mut self) -> Result<Finished<P>> {
        let mut events = Events::with_capacity(1024);
        loop {
            if !self.take_commands()? {
                return Ok(self.finish());
            }
            self.wait(&mut events)?;
            for event in &events {
                if event.token() != WAKE {
                    self.read(event.token().0)?;
                }
            }
            self.pass_time();
            self.publish_progress();
            if P::PATIENT && self.driven.len() >= CROWD {
                std::thread::sleep(REST);
            }
        }
    }

    /// Returns false when it is time to stop.
    fn take_commands(&mut self) -> Result<bool> {
        loop {
            match self.intake.try_recv() {
                Ok(Command::Add(peer, socket)) => self.adopt(*peer, socket)?,
                Ok(Command::Stop) | Err(TryRecvError::Disconnected) => return Ok(false),
                Err(TryRecvError::Empty) => return Ok(true),
            }
        }
    }

    fn adopt(&mut self, peer: P, socket: std::net::UdpSocket) -> Result<()> {
        let mut socket = UdpSocket::from_std(socket);
        let state = UdpSocketState::new(UdpSockRef::from(&socket)).context("preparing a socket")?;
        if self.receive == Receive::Single {
            setsockopt(&socket, UdpGroSegment, &false).context("preparing a socket")?;
        }
        // The kernel gives what it may; less only makes losses under load likelier.
        let _ = state.set_recv_buffer_size(UdpSockRef::from(&socket), SOCKET_BUFFER);
        self.poll
            .registry()
            .register(&mut socket, Token(self.driven.len()), Interest::READABLE)
            .context("watching a socket")?;
        self.driven.push(Driven { peer, socket, state, due: None });
        // The server may have written before the socket was watched.
        self.read(self.driven.len() - 1)?;
        self.schedule(self.driven.len() - 1);
        Ok(())
    }

    fn wait(&mut self, events: &mut Events) -> Result<()> {
        let next =
            self.timers.peek().map_or(self.next_progress, |Reverse((due, _))| (*due).min(self.next_progress));
        let timeout = next.saturating_duration_since(Instant::now());
        match self.poll.poll(events, Some(timeout)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                Err(error).context("waiting for sockets")
            }
            _ => Ok(()),
        }
    }

    fn read(&mut self, at: usize) -> Result<()> {
        let driven = &mut self.driven[at];
        let mut meta = [RecvMeta::default(); BATCH];
        loop {
            let mut slices = self.buffers.chunks_exact_mut(BUFFER);
            let mut buffers: [IoSliceMut<'_>; BATCH] =
                std::array::from_fn(|_| IoSliceMut::new(slices.next().unwrap_or_default()));
            let read = driven.state.recv(UdpSockRef::from(&driven.socket), &mut buffers, &mut meta);
            let count = match read {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // A refused or unreachable destination of an earlier send.
                Err(error) if is_transient(&error) => continue,
                Err(error) => return Err(error).context("reading from a socket"),
            };
            self.reads += 1;
            let read = Moment::now();
            let mut outbox = Outbox { socket: &driven.socket, refused: &mut self.refused };
            for (meta, buffer) in meta.iter().zip(&mut buffers).take(count) {
                // What the kernel had some time ago came some time ago, on both clocks.
                let wall = meta.timestamp.unwrap_or(read.wall);
                let waited = read.wall.saturating_sub(wall);
                let now = Moment { instant: read.instant.checked_sub(waited).unwrap_or(read.instant), wall };
                for datagram in buffer[..meta.len].chunks_mut(meta.stride.max(1)) {
                    self.datagrams += 1;
                    driven.peer.handle_datagram(now, meta.addr, datagram, &mut outbox);
                }
            }
            // Less than asked for means that the socket is empty; a new datagram wakes us again.
            if count < BATCH {
                break;
            }
        }
        self.schedule(at);
        Ok(())
    }

    fn schedule(&mut self, at: usize) {
        let driven = &mut self.driven[at];
        let Some(next) = driven.peer.next_timeout() else {
            return;
        };
        // What is overdue waits for the next turn, so that sockets are read in between.
        let next = next.max(Instant::now());
        if driven.due.is_none_or(|due| next < due) {
            driven.due = Some(next);
            self.timers.push(Reverse((next, at)));
        }
    }

    fn pass_time(&mut self) {
        let began = Instant::now();
        while let Some(&Reverse((due, at))) = self.timers.peek() {
            if due > began {
                return;
            }
            self.timers.pop();
            let driven = &mut self.driven[at];
            // An earlier time was set after this one.
            if driven.due != Some(due) {
                continue;
            }
            driven.due = None;
            let now = Moment::now();
            let mut outbox = Outbox { socket: &driven.socket, refused: &mut self.refused };
            driven.peer.handle_timeout(now, &mut outbox);
            self.schedule(at);
        }
    }

    fn publish_progress(&mut self) {
        let now = Instant::now();
        if now < self.next_progress {
            return;
        }
        self.next_progress = now + PROGRESS_INTERVAL;
        let mut progress = P::Progress::default();
        for driven in &self.driven {
            driven.peer.add_progress(&mut progress);
        }
        *self.shared.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }

    fn finish(mut self) -> Finished<P> {
        let now = Moment::now();
        for driven in &mut self.driven {
            let mut outbox = Outbox { socket: &driven.socket, refused: &mut self.refused };
            driven.peer.close(now, &mut outbox);
        }
        Finished {
            peers: self.driven.into_iter().map(|driven| driven.peer).collect(),
            refused: self.refused,
            reads: self.reads,
            datagrams: self.datagrams,
        }
    }
}

fn is_transient(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::Interrupted
    )
}
