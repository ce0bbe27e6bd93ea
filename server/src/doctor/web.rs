//! The node over HTTP: whether it answers, how fast, and what it says of itself.

use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use rustls::ClientConfig;
use sluice_doctor::{DoctorNode, Failure, HttpFacts, Outcome, TlsFacts};

use super::probe::{PATIENCE, failure, millis_since};
use super::stream::{connect, resolve, secure};
use super::tls::Witness;

/// Requests for clock and round trip; the first of them also opens the connection.
const ASKED: usize = 5;

/// Longest answer that is read as text: many times what the node says of itself, or an SDP answer.
const LONGEST: usize = 256 * 1024;

/// A node behind a URL.
#[derive(Debug)]
pub(super) struct Web {
    pub(super) origin: Url,
    pub(super) client: Client,
    witness: Witness,
}

/// What was found over HTTP.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) http: HttpFacts,
    pub(super) tls: Option<TlsFacts>,
    /// The node's own words, and by how many milliseconds its clock is ahead of ours.
    pub(super) node: Option<(DoctorNode, f64)>,
}

impl Web {
    /// For the origin of a URL; a name alone means https.
    pub(super) fn new(url: &str) -> Result<Self, String> {
        let text = if url.contains("://") { url.to_owned() } else { format!("https://{url}") };
        let mut origin: Url = text.parse().map_err(|error| format!("{url:?} is no URL: {error}"))?;
        if !matches!(origin.scheme(), "http" | "https") || origin.host_str().is_none() {
            return Err(format!("{url:?} is not the http or https URL of a node"));
        }
        origin.set_path("/");
        origin.set_query(None);
        origin.set_fragment(None);
        // Neither is sent anywhere: the doctor needs no account.
        let _ = (origin.set_username(""), origin.set_password(None));
        let witness = Witness::new();
        let config = ClientConfig::clone(&witness.config(&[b"h2", b"http/1.1"]));
        let client = Client::builder()
            .tls_backend_preconfigured(config)
            .redirect(Policy::none())
            // What is measured is the way from here, and not that of a proxy.
            .no_proxy()
            .connect_timeout(PATIENCE)
            .user_agent(concat!("sluice-doctor/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("HTTP cannot be spoken: {error}"))?;
        Ok(Self { origin, client, witness })
    }

    /// A URL of the node.
    pub(super) fn url(&self, path: &str) -> Url {
        self.origin.join(path).unwrap_or_else(|_| self.origin.clone())
    }

    /// Scheme, host and port.
    pub(super) fn origin_text(&self) -> String {
        self.origin.origin().ascii_serialization()
    }

    /// Whether TLS is spoken.
    pub(super) fn is_secure(&self) -> bool {
        self.origin.scheme() == "https"
    }

    /// Name or address.
    pub(super) fn host(&self) -> &str {
        self.origin.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// The port, said or usual.
    pub(super) fn port(&self) -> u16 {
        self.origin.port_or_known_default().unwrap_or(443)
    }

    /// Asks the node for itself.
    pub(super) async fn look(&mut self) -> Found {
        let addresses = match resolve(self.host(), self.port()).await {
            Ok(addresses) => addresses,
            Err(failure) => return self.lost(failure, None),
        };
        if let Some(elsewhere) = self.redirected().await {
            self.origin = elsewhere;
        }
        let tls = if self.is_secure() { self.handshake(&addresses).await } else { None };
        match self.ask().await {
            Ok((node, http, offset)) => Found { http, tls, node: Some((node, offset)) },
            Err((failure, status)) => {
                let mut found = self.lost(failure, tls);
                found.http.status = status.map(|status| status.as_u16());
                found
            }
        }
    }

    fn lost(&self, failure: Failure, tls: Option<TlsFacts>) -> Found {
        let http = HttpFacts {
            origin: self.origin_text(),
            outcome: Outcome::Fails,
            failure: Some(failure),
            status: None,
            version: None,
            peer: None,
            round_trip_ms: None,
        };
        Found { http, tls, node: None }
    }

    /// Where plain HTTP is sent on to https, as servers with a certificate do.
    async fn redirected(&self) -> Option<Url> {
        let request = self.client.get(self.url("/doctor/node")).timeout(PATIENCE);
        let answer = request.send().await.ok().filter(|answer| answer.status().is_redirection())?;
        let location = answer.headers().get(LOCATION)?.to_str().ok()?;
        let mut url = self.origin.join(location).ok()?;
        let same_host = url.host_str() == self.origin.host_str() && url.scheme() == "https";
        url.set_path("/");
        url.set_query(None);
        same_host.then_some(url)
    }

    /// TLS by itself, for what a library for HTTP does not tell.
    async fn handshake(&self, addresses: &[SocketAddr]) -> Option<TlsFacts> {
        let witness = Witness::new();
        for address in addresses {
            let Ok(stream) = connect(*address).await else { continue };
            let config: Arc<ClientConfig> = witness.config(&[b"h2", b"http/1.1"]);
            let secured = secure(stream, self.host(), config).await;
            let version = secured.ok().and_then(|stream| {
                let version = stream.get_ref().1.protocol_version()?;
                Some(version.as_str()?.replace('_', "."))
            });
            let (certificate, problem) = (witness.certificate(), witness.problem());
            if certificate.is_some() {
                return Some(TlsFacts { version, certificate, problem });
            }
        }
        None
    }

    async fn ask(&self) -> Result<(DoctorNode, HttpFacts, f64), (Failure, Option<StatusCode>)> {
        let mut best: Option<(DoctorNode, HttpFacts, f64)> = None;
        for number in 0..ASKED {
            let (sent, clock) = (Instant::now(), millis_now());
            let request = self.client.get(self.url("/doctor/node")).timeout(PATIENCE);
            let answer = request.send().await.map_err(|error| (meaning(&error), None))?;
            let (status, version, peer) = (answer.status(), answer.version(), answer.remote_addr());
            let text = read(answer).await.map_err(|failure| (failure, Some(status)))?;
            let round_trip = millis_since(sent);
            if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
                return Err((Failure::Full, Some(status)));
            }
            let node: DoctorNode =
                serde_json::from_slice(&text).map_err(|_| (Failure::Strange, Some(status)))?;
            let offset = node.node.time_ms as f64 - (clock + round_trip / 2.0);
            let better =
                best.as_ref().is_none_or(|(_, http, _)| http.round_trip_ms.is_none_or(|ms| round_trip < ms));
            // The first opened the connection: its round trip is that of three.
            if better || number == 1 {
                let http = HttpFacts {
                    origin: self.origin_text(),
                    outcome: Outcome::Works,
                    failure: None,
                    status: Some(status.as_u16()),
                    version: Some(format!("{version:?}")),
                    peer: peer.map(|peer| peer.ip()),
                    round_trip_ms: Some(round_trip),
                };
                best = Some((node, http, offset));
            }
        }
        best.ok_or((Failure::Other, None))
    }

    /// A session of the echo channel: the answer, and where to end it.
    pub(super) async fn session(&self, offer: String) -> Result<(String, Url), Failure> {
        let request = self.client.post(self.url("/doctor/session")).timeout(PATIENCE);
        let request = request.header(CONTENT_TYPE, "application/sdp").body(offer);
        let answer = request.send().await.map_err(|error| meaning(&error))?;
        if answer.status() != StatusCode::CREATED {
            return Err(if answer.status().is_server_error() { Failure::Full } else { Failure::Strange });
        }
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        // The path is what counts: a public URL may be one that leads elsewhere from here.
        let location = location.and_then(|location| self.origin.join(location).ok());
        let location = self.url(location.as_ref().map_or("/", Url::path));
        let text = String::from_utf8(read(answer).await?).map_err(|_| Failure::Strange)?;
        Ok((text, location))
    }

    /// Ends a session. Where that fails it ends by itself.
    pub(super) async fn end(&self, session: Url) {
        if self.client.delete(session).timeout(PATIENCE).send().await.is_err() {
            tracing::debug!("a session of the doctor was left to end by itself");
        }
    }

    /// What a browser would say of the certificate.
    pub(super) fn tls_config(&self) -> Arc<ClientConfig> {
        self.witness.config(&[b"http/1.1"])
    }
}

/// The body of an answer, as long as it is not too long.
pub(super) async fn read(mut answer: reqwest::Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| meaning(&error))? {
        if bytes.len() + chunk.len() > LONGEST {
            return Err(Failure::Strange);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Why a request got no answer.
pub(super) fn meaning(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::NoAnswer;
    }
    let mut cause = error.source();
    while let Some(found) = cause {
        if found.is::<rustls::Error>() {
            return Failure::Tls;
        }
        if let Some(io) = found.downcast_ref::<std::io::Error>() {
            // TLS tells its errors as those of the system.
            if io.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) {
                return Failure::Tls;
            }
            let failure = failure(io);
            if failure != Failure::Other {
                return failure;
            }
        }
        cause = found.source();
    }
    if error.is_body() || error.is_request() { Failure::Closed } else { Failure::Other }
}

fn millis_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_reduced_to_its_origin_and_a_name_alone_means_https() {
        let origin = |url: &str| Web::new(url).map(|web| web.origin_text());
        assert_eq!(origin("live.example.org").as_deref(), Ok("https://live.example.org"));
        assert_eq!(origin("http://u:p@a:8080/watch/x?y#z").as_deref(), Ok("http://a:8080"));
        assert_eq!(origin("https://[::1]:8443").as_deref(), Ok("https://[::1]:8443"));
        for bad in ["ftp://a", "http://", ":", "https://a b"] {
            assert!(origin(bad).is_err(), "{bad}");
        }
        assert_eq!(Web::new("https://[::1]:8443").unwrap().host(), "::1");
    }
}
