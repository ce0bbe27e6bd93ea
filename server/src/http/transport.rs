//! How a request came to us: over TLS, from near, or in plain from elsewhere; and what is answered to the
//! last of these.

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sluice_domain::ProblemCode;
use sluice_http::Problem;

/// Marks requests of a connection that is ours and has TLS.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OverTls;

/// How a request came, once the true address is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    /// Over TLS, ours or that of a trusted proxy.
    pub(super) secure: bool,
    /// From this machine, or through a trusted proxy, which decides for itself.
    pub(super) near: bool,
}

/// What holds for requests without TLS, and what browsers are told of those with it.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    /// What a request in plain from elsewhere gets.
    pub plain: Plain,
    /// Strict-Transport-Security, if anything is said.
    pub hsts: Option<HeaderValue>,
}

/// What a request in plain from elsewhere gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plain {
    /// What it asks for.
    Served,
    /// The way to https: to this URL, or to the same host at this port.
    Sent(Https),
    /// Nothing.
    Refused,
}

/// Where https is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Https {
    /// Under this URL, without a slash at the end.
    Url(String),
    /// On this port of whatever host was asked for.
    Port(u16),
}

/// Probes and ACME ask without TLS, and tell nothing that is a secret.
const OPEN: [&str; 2] = ["/health", "/.well-known/acme-challenge/"];

/// Answers in the place of routes where a request should have come over TLS.
pub(super) async fn guard(State(transport): State<Transport>, request: Request, next: Next) -> Response {
    // Without an arrival nobody resolved an address: a request from within the process.
    let arrival = request.extensions().get::<Arrival>().copied();
    let arrival = arrival.unwrap_or(Arrival { secure: false, near: true });
    if !arrival.secure && !arrival.near && !OPEN.iter().any(|open| request.uri().path().starts_with(open)) {
        match &transport.plain {
            Plain::Served => {}
            Plain::Sent(https) => return send(https, &request),
            Plain::Refused => return refuse(),
        }
    }
    // RFC 6797 has no ports: where https is on one of its own, the rule would also hold for what else
    // this host serves.
    let told = arrival.secure && authority(&request).is_some_and(|host| host.port().is_none());
    let mut response = next.run(request).await;
    if let (true, Some(hsts)) = (told, &transport.hsts) {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
    }
    response
}

/// Pages are sent to where they are safe. Whatever else was sent in plain, a key maybe, has been seen by
/// everybody on the way: that must not seem to work.
fn send(https: &Https, request: &Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return refuse();
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let base = match https {
        Https::Url(url) => Some(url.clone()),
        Https::Port(port) => authority(request).map(|host| match *port {
            443 => format!("https://{}", host.host()),
            port => format!("https://{}:{port}", host.host()),
        }),
    };
    let location = base.and_then(|base| HeaderValue::from_str(&format!("{base}{path}")).ok());
    match location {
        Some(location) => (
            StatusCode::PERMANENT_REDIRECT,
            // A browser that kept this for ever would still follow it when there is no https any more.
            [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        )
            .into_response(),
        None => refuse(),
    }
}

fn refuse() -> Response {
    let detail = "This server takes requests over https:// only. Use the https:// address; if a key or password \
                  was sent to this one, change it.";
    Problem::new(StatusCode::FORBIDDEN, ProblemCode::HttpsRequired, detail).into_response()
}

fn authority(request: &Request) -> Option<Authority> {
    let origin = sluice_http::origin(None, request.headers(), request.uri())?;
    origin.split_once("://")?.1.parse().ok()
}
