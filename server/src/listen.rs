//! Accepting HTTP connections: how many, how slowly, and how they end at shutdown.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics::{counter, gauge};
use sluice_http::{Seat, SeatRef};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;
use tracing::{debug, warn};

use crate::http::{Proxies, Service};
use crate::metrics::Metric;

/// A peer that vanished without a word is noticed after this and three unanswered probes.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// How long bytes may stay unacknowledged before the connection is given up.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// Pause after `accept` failed, usually for want of file descriptors: some will close meanwhile.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Largest head of a request, in bytes; more is answered with 431.
const MAX_HEAD: usize = 64 * 1024;

/// The limits that a reload can change.
pub(crate) struct Limits {
    per_address: AtomicU32,
    header_timeout_ms: AtomicU64,
}

impl Limits {
    /// Limits with these values.
    pub(crate) fn new(per_address: u32, header_timeout: Duration) -> Self {
        let limits = Self { per_address: AtomicU32::new(0), header_timeout_ms: AtomicU64::new(0) };
        limits.set(per_address, header_timeout);
        limits
    }

    /// Applies to connections from now on.
    pub(crate) fn set(&self, per_address: u32, header_timeout: Duration) {
        self.per_address.store(per_address, Ordering::Relaxed);
        let millis = u64::try_from(header_timeout.as_millis()).unwrap_or(u64::MAX);
        self.header_timeout_ms.store(millis, Ordering::Relaxed);
    }

    fn header_timeout(&self) -> Duration {
        Duration::from_millis(self.header_timeout_ms.load(Ordering::Relaxed))
    }
}

/// What serving needs to know.
pub(crate) struct Serving {
    /// Most open connections.
    pub max_connections: u32,
    /// Limits a reload can change.
    pub limits: Arc<Limits>,
    /// Not counted by address: they speak for many.
    pub proxies: Proxies,
}

/// Serves until `stop`, then finishes the requests that run, at most until `deadline` is cancelled.
pub(crate) async fn serve(
    listener: TcpListener,
    service: Service,
    serving: Serving,
    stop: CancellationToken,
    deadline: CancellationToken,
) {
    let room = Arc::new(Semaphore::new(serving.max_connections as usize));
    let counts = Arc::new(Counts::default());
    let connections = TaskTracker::new();
    loop {
        // Without room nothing is accepted: further clients wait in the kernel's queue.
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit.expect("the semaphore is never closed"),
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
        let most = serving.limits.per_address.load(Ordering::Relaxed);
        let most = if serving.proxies.trusts(address) { u32::MAX } else { most };
        let Some(counted) = counts.enter(address, most) else {
            counter!(Metric::HttpConnectionsRefused.name(), "reason" => "per_address").increment(1);
            continue;
        };
        prepare(&stream);
        // Kept by this task, and by whoever takes the connection over (a WebSocket), until both end.
        let seat = Seat::new((permit, counted));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(serving.limits.header_timeout())
            .max_buf_size(MAX_HEAD)
            .serve_connection(
                TokioIo::new(stream),
                hyper_service(Arc::clone(&service), peer, seat.downgrade()),
            )
            .with_upgrades();
        let (stop, deadline) = (stop.clone(), deadline.clone());
        connections.spawn(async move {
            let mut connection = pin!(connection);
            let serving = async {
                tokio::select! {
                    served = connection.as_mut() => return served,
                    () = stop.cancelled() => {}
                }
                // The request that runs is answered; a connection without one ends now.
                connection.as_mut().graceful_shutdown();
                connection.await
            };
            tokio::select! {
                served = serving => {
                    if let Err(error) = served {
                        debug!(%error, "a connection ended early");
                    }
                }
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

fn hyper_service(
    service: Service,
    peer: SocketAddr,
    seat: SeatRef,
) -> impl hyper::service::Service<
    hyper::Request<Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Send,
> {
    hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(seat.clone());
        Router::clone(&service.load()).oneshot(request)
    })
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

/// Open connections by address.
#[derive(Default)]
struct Counts(Mutex<HashMap<IpAddr, u32>>);

impl Counts {
    fn enter(self: &Arc<Self>, address: IpAddr, most: u32) -> Option<Counted> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        gauge!(Metric::HttpConnections.name()).increment(1.0);
        Some(Counted { counts: Arc::clone(self), address })
    }
}

/// One open connection; counted until it is dropped.
struct Counted {
    counts: Arc<Counts>,
    address: IpAddr,
}

impl Drop for Counted {
    fn drop(&mut self) {
        gauge!(Metric::HttpConnections.name()).decrement(1.0);
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_and_gets_it_back() {
        let counts = Arc::new(Counts::default());
        let address = "192.0.2.1".parse().unwrap();
        let first = counts.enter(address, 2).unwrap();
        let _second = counts.enter(address, 2).unwrap();
        assert!(counts.enter(address, 2).is_none());
        assert!(counts.enter("192.0.2.2".parse().unwrap(), 2).is_some());
        drop(first);
        assert!(counts.enter(address, 2).is_some());
        assert_eq!(counts.0.lock().unwrap().len(), 1);
    }
}
