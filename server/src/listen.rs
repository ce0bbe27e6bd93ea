//! Accepting connections: how many, how slowly, and how they end at shutdown.

mod activity;
mod connection;
mod counts;
mod linger;

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use metrics::counter;
use rustls::ServerConfig;
use sluice_http::Seat;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

use crate::config::Http;
use crate::http::{Proxies, Service};
use crate::metrics::Metric;
use crate::tls::accept::SecureStream;

use connection::Connection;
use counts::{Counts, Share};

/// A peer that vanished without a word is noticed after this and three unanswered probes.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// How long bytes may stay unacknowledged before the connection is given up.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// Pause after `accept` failed, usually for want of file descriptors: some will close meanwhile.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The limits that a reload can change.
pub(crate) struct Limits {
    per_address: AtomicU32,
    per_second: AtomicU32,
    header_timeout_ms: AtomicU64,
}

impl Limits {
    /// Limits with these values.
    pub(crate) fn new(http: &Http) -> Self {
        let limits = Self {
            per_address: AtomicU32::new(0),
            per_second: AtomicU32::new(0),
            header_timeout_ms: AtomicU64::new(0),
        };
        limits.set(http);
        limits
    }

    /// Applies to connections from now on.
    pub(crate) fn set(&self, http: &Http) {
        self.per_address.store(http.max_connections_per_address, Ordering::Relaxed);
        self.per_second.store(http.connections_per_second, Ordering::Relaxed);
        let millis = u64::try_from(http.header_timeout.0.as_millis()).unwrap_or(u64::MAX);
        self.header_timeout_ms.store(millis, Ordering::Relaxed);
    }

    fn share(&self) -> Share {
        Share {
            most: self.per_address.load(Ordering::Relaxed),
            per_second: self.per_second.load(Ordering::Relaxed),
        }
    }

    fn header_timeout(&self) -> Duration {
        Duration::from_millis(self.header_timeout_ms.load(Ordering::Relaxed))
    }
}

/// The connections that may be open at once; listeners that serve the same people share one.
#[derive(Clone)]
pub(crate) struct Room {
    places: Arc<Semaphore>,
    counts: Arc<Counts>,
}

impl Room {
    /// Room for this many.
    pub(crate) fn new(connections: u32) -> Self {
        Self { places: Arc::new(Semaphore::new(connections as usize)), counts: Arc::default() }
    }
}

/// Takes a connection over that speaks TURN: the stream, the client's address, ours.
pub(crate) type Relay = Arc<
    dyn Fn(SecureStream, SocketAddr, SocketAddr) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync,
>;

/// TLS of a listener.
#[derive(Clone)]
pub(crate) struct Secure {
    /// Certificate and protocol versions.
    pub config: Arc<ServerConfig>,
    /// Who speaks TURN on the same port, if anybody does.
    pub relay: Option<Relay>,
}

/// What serving needs to know.
#[derive(Clone)]
pub(crate) struct Serving {
    /// Most open connections.
    pub room: Room,
    /// Limits a reload can change.
    pub limits: Arc<Limits>,
    /// Not counted by address: they speak for many.
    pub proxies: Proxies,
    /// `None` listens without TLS.
    pub secure: Option<Secure>,
}

/// Serves until `stop`, then finishes the requests that run, at most until `deadline` is cancelled.
pub(crate) async fn serve(
    listener: TcpListener,
    service: Service,
    serving: Serving,
    stop: CancellationToken,
    deadline: CancellationToken,
) {
    let Room { places, counts } = &serving.room;
    let connections = TaskTracker::new();
    loop {
        // Without room nothing is accepted: further clients wait in the kernel's queue.
        let permit = tokio::select! {
            permit = Arc::clone(places).acquire_owned() => permit.expect("the semaphore is never closed"),
            () = stop.cancelled() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let address = peer.ip().to_canonical();
        let share = match serving.proxies.trusts(address) {
            true => Share { most: u32::MAX, per_second: 0 },
            false => serving.limits.share(),
        };
        let counted = match counts.enter(address, share, Instant::now()) {
            Ok(counted) => counted,
            Err(refusal) => {
                counter!(Metric::HttpConnectionsRefused.name(), "reason" => refusal.label()).increment(1);
                continue;
            }
        };
        prepare(&stream);
        // Kept by this task, and by whoever takes the connection over (a WebSocket), until both end.
        let seat = Seat::new((permit, counted));
        let connection = Connection {
            peer,
            seat: seat.downgrade(),
            service: Arc::clone(&service),
            header_timeout: serving.limits.header_timeout(),
            stop: stop.clone(),
            tasks: connections.clone(),
        };
        let (secure, deadline) = (serving.secure.clone(), deadline.clone());
        connections.spawn(async move {
            tokio::select! {
                () = connection.serve(stream, secure) => {}
                () = deadline.cancelled() => {}
            }
            drop(seat);
        });
    }
    drop(listener);
    connections.close();
    tokio::select! {
        () = connections.wait() => {}
        () = deadline.cancelled() => debug!("connections were still open at the deadline"),
    }
}

/// Options that a connection can live without, so failing to set them is no error.
fn prepare(stream: &TcpStream) {
    let socket = SockRef::from(stream);
    let _ = socket.set_tcp_nodelay(true);
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 3).with_retries(3);
    let _ = socket.set_tcp_keepalive(&keepalive);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
}
