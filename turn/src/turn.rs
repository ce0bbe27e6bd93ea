//! The running TURN server, as the rest of the program holds it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use mio::{Poll, Waker};
use sluice_turn_proto::{PeerRules, Quota, ServerConfig};
use socket2::{Domain, Socket as RawSocket, Type};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{StartError, TurnConfig};
use crate::credentials::Credentials;
use crate::listen::{self, Doors};
use crate::mailbox::{Mail, Mailbox};
use crate::media::Media;
use crate::metrics;
use crate::relays::Relays;
use crate::socket::{Socket, bind};
use crate::stream;
use crate::worker::{MAIL, Setup, Worker};

/// Longest realm, so that a challenge has at most 160 bytes.
const LONGEST_REALM: usize = 52;

/// Permissions, and channels, of one allocation. A browser needs one for each of our addresses.
const PEERS_OF_ONE: usize = 128;

/// How long an allocation lasts without a refresh (RFC 8656 §3.2).
const LIFETIME: Duration = Duration::from_secs(600);

/// How long a nonce is good for (RFC 8656 §5 recommends at least 5 minutes; refreshes come every 10).
const NONCE: Duration = Duration::from_secs(3600);

/// How many seconds' worth of unauthenticated answers may come at once: a school class that joins.
const BURST: u32 = 10;

/// Buffer that the kernel is asked for, for each relay: half a second of a high layer.
const RELAY_BUFFER: usize = 512 * 1024;

/// Connections that the kernel keeps for us while we are busy.
const BACKLOG: i32 = 1024;

/// Ports that are tried where any will do for UDP and TCP alike.
const TRIES: usize = 16;

/// A running TURN server; cheap to clone. Its threads end with [`Turn::stop`].
#[derive(Debug, Clone)]
pub struct Turn {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    port: u16,
    tcp: bool,
    credentials: Credentials,
    mailboxes: Vec<Mailbox>,
    threads: std::sync::Mutex<Vec<JoinHandle<()>>>,
    relays: Arc<Relays>,
    doors: Doors,
    greeting: Duration,
    next_stream: AtomicU32,
    stopped: CancellationToken,
    tasks: TaskTracker,
}

impl Turn {
    /// Opens the port and starts the threads. To be called within a tokio runtime, which runs the streams.
    ///
    /// # Errors
    /// When a port cannot be had, or the configuration contradicts itself.
    pub fn start(config: TurnConfig, media: Media) -> Result<Self, StartError> {
        metrics::describe();
        if config.realm.len() > LONGEST_REALM {
            return Err(StartError::Realm);
        }
        let workers = match config.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        };
        let (port, mut sockets, tcp) = open(&config, workers)?;
        let quota = Quota::new(rand::random(), config.max_allocations_per_user, config.max_allocations);
        let relays =
            Arc::new(Relays::new(config.relayed_addresses.clone(), config.relayed_ports.clone(), quota));
        if relays.families().is_empty() {
            return Err(StartError::NoAddress);
        }
        let server = server_config(&config, &relays, &media, workers);
        let (mut mailboxes, mut threads) = (Vec::new(), Vec::new());
        for (index, listeners) in sockets.drain(..).enumerate() {
            let poll = Poll::new().map_err(StartError::Thread)?;
            let waker = Waker::new(poll.registry(), MAIL).map_err(StartError::Thread)?;
            let (mailbox, inbox) = Mailbox::new(waker);
            let setup = Setup {
                index,
                config: ServerConfig { seed: rand::random(), ..server.clone() },
                listeners,
                relays: Arc::clone(&relays),
                media: media.clone(),
                poll,
                inbox,
                relay_buffer: RELAY_BUFFER.min(config.socket_buffer),
            };
            let worker = Worker::new(setup).map_err(StartError::Thread)?;
            let thread = std::thread::Builder::new().name(format!("turn-{index}"));
            threads.push(thread.spawn(move || worker.run()).map_err(StartError::Thread)?);
            mailboxes.push(mailbox);
        }
        let turn = Self {
            inner: Arc::new(Inner {
                port,
                tcp: !tcp.is_empty(),
                credentials: config.credentials.clone(),
                mailboxes,
                threads: std::sync::Mutex::new(threads),
                relays,
                doors: Doors::new(config.max_streams_per_address, config.max_streams),
                greeting: config.greeting,
                next_stream: AtomicU32::new(0),
                stopped: CancellationToken::new(),
                tasks: TaskTracker::new(),
            }),
        };
        for listener in tcp {
            let listener = tokio::net::TcpListener::from_std(listener).map_err(StartError::Thread)?;
            turn.inner.tasks.spawn(listen::accept_all(listener, turn.clone()));
        }
        Ok(turn)
    }

    /// The port of UDP, and of TCP where that is listened to.
    pub fn port(&self) -> u16 {
        self.inner.port
    }

    /// Whether TCP is listened to.
    pub fn has_tcp(&self) -> bool {
        self.inner.tcp
    }

    /// Gives out credentials that this server takes.
    pub fn credentials(&self) -> &Credentials {
        &self.inner.credentials
    }

    /// Serves a client by a stream of bytes, such as TLS over TCP, until either ends it.
    pub async fn accept<S>(&self, stream: S, client: SocketAddr, server: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Send,
    {
        let Some(_admitted) = self.inner.doors.admit(client.ip()) else {
            tracing::debug!("a stream too many from one address, or of all");
            return;
        };
        let number = self.inner.next_stream.fetch_add(1, Ordering::Relaxed);
        let Some(worker) = self.inner.mailboxes.get(number as usize % self.inner.mailboxes.len().max(1))
        else {
            return;
        };
        let ends = (plain(client), plain(server));
        tokio::select! {
            () = stream::run(stream, number, ends, worker.clone(), self.inner.greeting) => {}
            () = self.inner.stopped.cancelled() => {}
        }
    }

    /// Takes what media in this process sends: relayed address, media address, datagrams one behind the other,
    /// and how long each is. Never waits; false where it is dropped. Keeps no server running.
    pub fn media_outlet(
        &self,
    ) -> impl Fn(SocketAddr, SocketAddr, &[u8], usize) -> bool + Send + Sync + 'static {
        let inner = Arc::downgrade(&self.inner);
        move |relayed, media, bytes, segment| {
            inner.upgrade().is_some_and(|inner| inner.media_sent(relayed, media, bytes.to_vec(), segment))
        }
    }

    /// Ends every allocation, stream and thread, and waits for them.
    pub async fn stop(&self) {
        self.inner.stopped.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
        for mailbox in &self.inner.mailboxes {
            mailbox.send(Mail::Stop).await;
        }
        let threads = match self.inner.threads.lock() {
            Ok(mut threads) => std::mem::take(&mut *threads),
            Err(_) => return,
        };
        let joined = tokio::task::spawn_blocking(move || {
            threads.into_iter().filter_map(|thread| thread.join().err()).count()
        });
        if joined.await.unwrap_or(1) > 0 {
            tracing::error!("a TURN worker ended in a panic");
        }
    }

    pub(crate) fn stopped(&self) -> CancellationToken {
        self.inner.stopped.clone()
    }

    pub(crate) fn tasks(&self) -> TaskTracker {
        self.inner.tasks.clone()
    }
}

impl Inner {
    fn media_sent(&self, relayed: SocketAddr, media: SocketAddr, bytes: Vec<u8>, segment: usize) -> bool {
        let owner = self.relays.owners().of(relayed).and_then(|owner| self.mailboxes.get(owner));
        owner.is_some_and(|mailbox| mailbox.try_send(Mail::Media { relayed, media, bytes, segment }))
    }
}

/// An IPv4 address that a socket of both families shows as one of IPv6.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn server_config(config: &TurnConfig, relays: &Relays, media: &Media, workers: usize) -> ServerConfig {
    let share = u32::try_from(workers.max(1)).unwrap_or(1);
    let per_second = config.unauthenticated_per_second.div_ceil(share);
    let own = config.relayed_addresses.iter().copied().chain(media.addresses.iter().map(SocketAddr::ip));
    ServerConfig {
        realm: config.realm.clone(),
        secret: config.credentials.secret.clone(),
        nonce_key: rand::random(),
        seed: 0,
        peers: PeerRules {
            media: media.addresses.clone(),
            denied: config.denied_peers.clone(),
            allowed: config.allowed_peers.clone(),
            own: own.collect(),
            relayed_ports: config.relayed_ports.clone(),
            public: config.public_peers,
        },
        families: relays.families(),
        default_lifetime: LIFETIME,
        max_lifetime: config.max_lifetime.max(LIFETIME),
        nonce_lifetime: NONCE,
        max_peers: PEERS_OF_ONE,
        bandwidth: config.bandwidth,
        unauthenticated_per_second: per_second,
        unauthenticated_burst: per_second.saturating_mul(BURST),
    }
}

type Opened = (u16, Vec<Vec<Socket>>, Vec<TcpListener>);

/// Opens the port for every worker, and for TCP.
fn open(config: &TurnConfig, workers: usize) -> Result<Opened, StartError> {
    let mut opened = open_once(config, workers);
    // A free port of UDP may be a taken one of TCP.
    for _ in 1..TRIES {
        if config.port != 0 || opened.is_ok() {
            break;
        }
        opened = open_once(config, workers);
    }
    opened
}

fn open_once(config: &TurnConfig, workers: usize) -> Result<Opened, StartError> {
    let all = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    let wanted = if config.listen.is_empty() { &all[..] } else { &config.listen[..] };
    let mut port = config.port;
    let mut sockets: Vec<Vec<Socket>> = (0..workers).map(|_| Vec::new()).collect();
    let mut tcp = Vec::new();
    for ip in wanted {
        let failed = |source| StartError::Listen { address: SocketAddr::new(*ip, config.port), source };
        if port != 0 {
            // Sharing the port among workers would share it with another server of the same user, in silence.
            match bind(SocketAddr::new(*ip, port), false) {
                Ok(probe) => drop(probe),
                // A machine without IPv6 is no error where all addresses were meant.
                Err(error) if skips(config, *ip, &error) => continue,
                Err(error) => return Err(failed(error)),
            }
        }
        for worker in &mut sockets {
            let bound = match bind(SocketAddr::new(*ip, port), true) {
                Ok(bound) => bound,
                Err(error) if skips(config, *ip, &error) => break,
                Err(error) => return Err(failed(error)),
            };
            let socket = Socket::new(bound, config.socket_buffer).map_err(failed)?;
            port = socket.local().port();
            worker.push(socket);
        }
        if config.tcp {
            match listen_tcp(SocketAddr::new(*ip, port)) {
                Ok(listener) => tcp.push(listener),
                Err(error) if skips(config, *ip, &error) => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }
    Ok((port, sockets, tcp))
}

fn skips(config: &TurnConfig, ip: IpAddr, error: &std::io::Error) -> bool {
    config.listen.is_empty() && ip.is_ipv6() && error.kind() != std::io::ErrorKind::AddrInUse
}

fn listen_tcp(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = RawSocket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A restart must not wait for connections of the last run to time out.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
