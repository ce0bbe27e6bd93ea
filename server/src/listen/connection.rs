//! One connection from its first byte to its last: TLS where there is any, then HTTP/1.1, HTTP/2 or TURN.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, Version, header};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics::counter;
use sluice_http::SeatRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;
use tracing::debug;

use super::Secure;
use super::activity::Activity;
use super::linger::Lingering;
use crate::http::{OverTls, Service};
use crate::metrics::Metric;
use crate::tls::accept::{self, Spoken};

/// Largest head of a request over HTTP/1.1, in bytes; more is answered with 431.
const MAX_HEAD: usize = 64 * 1024;

/// Largest head over HTTP/2, all its fields unpacked.
const MAX_HEAD_H2: u32 = 64 * 1024;

/// Requests at once on one connection, of which a browser has one. What RFC 9113 §6.5.2 recommends at
/// least; more lets one connection hold more memory.
const MAX_STREAMS: u32 = 100;

/// Streams that were reset before we looked at them. More than a few at once is the attack called rapid
/// reset (CVE-2023-44487), and ends the connection.
const MAX_RESET_STREAMS: usize = 20;

/// What a client may send on one stream, and on all of them, before we have taken it. Requests are small,
/// so little is enough; more is memory that a client can make us hold.
const STREAM_WINDOW: u32 = 128 * 1024;
const CONNECTION_WINDOW: u32 = 512 * 1024;

/// What waits for a slow reader of one stream. More needs fewer turns for large files.
const SEND_BUFFER: usize = 256 * 1024;

/// A client that does not answer a ping within the time-out is gone. More often wakes phones up.
const PING: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(15);

/// A connection and what serving it needs.
pub(super) struct Connection {
    pub(super) peer: SocketAddr,
    pub(super) seat: SeatRef,
    pub(super) service: Service,
    /// How long handshake and heads may take, and a connection be idle.
    pub(super) header_timeout: Duration,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl Connection {
    /// Serves it to its end.
    pub(super) async fn serve(self, stream: TcpStream, secure: Option<Secure>) {
        let Some(Secure { config, relay }) = secure else {
            return self.http1(stream, false).await;
        };
        let local = stream.local_addr();
        let opening =
            tokio::time::timeout(self.header_timeout, accept::open(stream, config, relay.is_some()));
        let spoken = match opening.await {
            Ok(Ok(spoken)) => {
                counter!(Metric::TlsHandshakes.name(), "result" => "done").increment(1);
                spoken
            }
            Ok(Err(error)) => {
                counter!(Metric::TlsHandshakes.name(), "result" => "failed").increment(1);
                return debug!(%error, "a TLS handshake failed");
            }
            Err(_) => {
                counter!(Metric::TlsHandshakes.name(), "result" => "too_slow").increment(1);
                return debug!("a TLS handshake took too long");
            }
        };
        match (spoken, relay, local) {
            (Spoken::Http2(stream), ..) => self.http2(stream).await,
            (Spoken::Http1(stream), ..) => self.http1(stream, true).await,
            (Spoken::Turn(stream), Some(relay), Ok(local)) => {
                tokio::select! {
                    () = relay(stream, self.peer, local) => {}
                    () = self.stop.cancelled() => {}
                }
            }
            (Spoken::Turn(_) | Spoken::Nothing, ..) => {}
        }
    }

    async fn http1<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S, over_tls: bool) {
        let service = http_service(self.service, self.peer, self.seat, over_tls, None);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(Lingering::new(stream)), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = self.stop.cancelled() => {
                // The request that runs is answered; a connection without one ends now.
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = served {
            debug!(%error, "a connection ended early");
        }
    }

    async fn http2<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(self, stream: S) {
        let activity = Arc::new(Activity::default());
        let service = http_service(self.service, self.peer, self.seat, true, Some(Arc::clone(&activity)));
        // Browsers open a WebSocket on a connection of its own: extended CONNECT (RFC 8441) is not offered.
        let connection = http2::Builder::new(Tasks(self.tasks))
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(MAX_HEAD_H2)
            .max_pending_accept_reset_streams(MAX_RESET_STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .keep_alive_interval(PING)
            .keep_alive_timeout(PING_TIMEOUT)
            .serve_connection(TokioIo::new(Lingering::new(stream)), service);
        let mut connection = pin!(connection);
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = activity.abused() => {
                counter!(Metric::HttpConnectionsRefused.name(), "reason" => "abandoned").increment(1);
                return debug!("a connection gave up too many requests");
            }
            // What HTTP/1.1 has as the time-out of the next head.
            () = activity.idle(self.header_timeout) => {
                connection.as_mut().graceful_shutdown();
                // A client that does not take its leave is left.
                let leave = tokio::time::timeout(self.header_timeout, connection);
                leave.await.unwrap_or(Ok(()))
            }
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = served {
            debug!(%error, "a connection ended early");
        }
    }
}

/// Streams of a connection run as tasks that shutdown waits for.
#[derive(Clone)]
struct Tasks(TaskTracker);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Tasks {
    fn execute(&self, task: F) {
        self.0.spawn(task);
    }
}

fn http_service(
    service: Service,
    peer: SocketAddr,
    seat: SeatRef,
    over_tls: bool,
    activity: Option<Arc<Activity>>,
) -> impl hyper::service::Service<hyper::Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
{
    hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(seat.clone());
        if over_tls {
            request.extensions_mut().insert(OverTls);
        }
        name_host(&mut request);
        let running = activity.as_ref().map(Activity::begin);
        let answer = Router::clone(&service.load()).oneshot(request);
        async move {
            let answer = answer.await?;
            Ok(match running {
                Some(running) => answer.map(|body| Body::new(running.until_sent(body))),
                None => answer,
            })
        }
    })
}

/// HTTP/2 has the host in a field of its own (RFC 9113 §8.3.1); routes look for it where HTTP/1.1 has it.
fn name_host(request: &mut Request) {
    if request.version() != Version::HTTP_2 || request.headers().contains_key(header::HOST) {
        return;
    }
    let authority = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
    if let Some(host) = authority {
        request.headers_mut().insert(header::HOST, host);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_http2_is_found_where_http1_has_it() {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = "https://tv.example:8443/watch".parse().unwrap();
        name_host(&mut request);
        assert!(!request.headers().contains_key(header::HOST), "a request to a proxy stays as it is");
        *request.version_mut() = Version::HTTP_2;
        name_host(&mut request);
        assert_eq!(request.headers()[header::HOST], "tv.example:8443");
    }
}
