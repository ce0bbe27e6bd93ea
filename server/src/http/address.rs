//! Who is at the other end: the peer of the connection, or whom a trusted proxy speaks for.
//!
//! After this layer `ConnectInfo` is the true client address, and `X-Forwarded-Proto` and
//! `X-Forwarded-Host` are there only where they are true: a trusted proxy wrote them, or TLS ends here. Routes
//! may believe them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use super::transport::{Arrival, OverTls};
use crate::config::Net;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers that only a trusted proxy may set.
const FORWARDED: [HeaderName; 6] = [
    FORWARDED_FOR,
    FORWARDED_PROTO,
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("forwarded"),
];

/// The proxies that are believed; shared with the reload.
#[derive(Clone, Default)]
pub(crate) struct Proxies(Arc<ArcSwap<Vec<Net>>>);

impl Proxies {
    /// Believes these proxies from now on.
    pub(crate) fn set(&self, proxies: Vec<Net>) {
        self.0.store(Arc::new(proxies));
    }

    /// Whether this address is a proxy that is believed.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.load().iter().any(|net| net.0.contains(&address))
    }
}

/// Puts the true address into the request.
pub(super) async fn resolve(State(proxies): State<Proxies>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let trusted = proxies.trusts(peer.ip());
        let client = if trusted {
            behind(&proxies, request.headers(), peer.ip())
        } else {
            FORWARDED.iter().for_each(|name| drop(request.headers_mut().remove(name)));
            peer.ip().to_canonical()
        };
        let port = if client == peer.ip().to_canonical() { peer.port() } else { 0 };
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(client, port)));
        if request.extensions().get::<OverTls>().is_some() {
            // A proxy that speaks TLS to us knows better what its own client spoke.
            request.headers_mut().entry(FORWARDED_PROTO).or_insert(HeaderValue::from_static("https"));
        }
        let secure = request.headers().get(FORWARDED_PROTO).is_some_and(says_https);
        let near = trusted || peer.ip().to_canonical().is_loopback();
        request.extensions_mut().insert(Arrival { secure, near });
    }
    next.run(request).await
}

/// The first element is what the proxy nearest to the client saw.
fn says_https(proto: &HeaderValue) -> bool {
    let first = proto.to_str().ok().and_then(|text| text.split(',').next());
    first.is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
}

/// The last address of the chain that no trusted proxy has: whatever stands before it may be forged.
fn behind(proxies: &Proxies, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    let mut client = peer.to_canonical();
    let chain: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    for hop in chain.join(",").rsplit(',') {
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        client = address.to_canonical();
        if !proxies.trusts(client) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies() -> Proxies {
        let proxies = Proxies::default();
        proxies.set(vec![Net::try_from("10.0.0.0/8".to_owned()).unwrap()]);
        proxies
    }

    fn client(chain: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, chain.parse().unwrap());
        behind(&proxies(), &headers, "10.0.0.1".parse().unwrap()).to_string()
    }

    #[test]
    fn the_client_is_the_last_address_that_no_trusted_proxy_has() {
        assert_eq!(client("203.0.113.9"), "203.0.113.9");
        assert_eq!(client("198.51.100.1, 203.0.113.9, 10.0.0.2"), "203.0.113.9");
        assert_eq!(client("2001:db8::1, 10.0.0.2"), "2001:db8::1");
        assert_eq!(client("::ffff:203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn a_chain_that_makes_no_sense_counts_as_the_proxy_itself() {
        assert_eq!(client("nonsense"), "10.0.0.1");
        assert_eq!(client(""), "10.0.0.1");
        assert_eq!(client("203.0.113.9, nonsense"), "10.0.0.1");
    }

    #[test]
    fn an_address_mapped_into_v6_is_trusted_like_itself() {
        assert!(proxies().trusts("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!proxies().trusts("192.0.2.1".parse().unwrap()));
    }
}
