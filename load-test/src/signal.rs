//! The HTTP half of WHIP and WHEP: POST an offer, DELETE the session.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _, UdpSocket};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER, SERVER};
use reqwest::{Client, StatusCode, Url};
use sluice_domain::Redacted;
use tokio::task::JoinSet;

/// How long a request may take; OBS gives up after eight seconds too.
const TIMEOUT: Duration = Duration::from_secs(8);
/// Requests in flight at most; more would measure the HTTP client's queue.
pub(crate) const PARALLEL: usize = 32;
/// Waiting time when a server refuses for now and does not say for how long.
const DEFAULT_RETRY: Duration = Duration::from_secs(1);

/// What a server made of an offer.
#[derive(Debug)]
pub(crate) enum Posted {
    /// A session with its answer.
    Created(Session),
    /// Not now: 409 (not live, or the name is taken), 429 or 503.
    Later {
        wait: Duration,
        reason: String,
        /// The server is full or limits the rate (429, 503); true if it said how long to wait.
        full: Option<bool>,
    },
    /// Not like this.
    Refused(String),
}

/// A session that must be deleted in the end.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) answer: String,
    pub(crate) location: Option<Url>,
    /// The `Server` header, for the report.
    pub(crate) server: Option<String>,
}

/// Talks to one endpoint.
#[derive(Clone)]
pub(crate) struct Endpoint {
    client: Client,
    url: Url,
    token: Option<Redacted<String>>,
}

impl Endpoint {
    /// An endpoint and the bearer token for it.
    pub(crate) fn new(url: &Url, token: Option<Redacted<String>>) -> Result<Self> {
        let client = Client::builder()
            .timeout(TIMEOUT)
            .user_agent(concat!("sluice-load/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("setting up the HTTP client")?;
        Ok(Self { client, url: url.clone(), token })
    }

    fn authorised(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {}", token.expose())),
            None => request,
        }
    }

    /// Sends an offer.
    pub(crate) async fn post(&self, offer: String) -> Result<Posted> {
        let request = self
            .authorised(self.client.post(self.url.clone()))
            .header(CONTENT_TYPE, "application/sdp")
            .body(offer);
        let response = request.send().await.map_err(|error| {
            anyhow::Error::new(error.without_url()).context(format!("POST to {}", self.host()))
        })?;
        let status = response.status();
        let headers = response.headers().clone();
        let base = response.url().clone();
        let body = response.text().await.context("reading the answer")?;
        if status == StatusCode::CREATED {
            ensure!(
                header(&headers, &CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/sdp")),
                "the server answered 201 without an SDP body"
            );
            let location = header(&headers, &LOCATION).and_then(|to| base.join(to).ok());
            return Ok(Posted::Created(Session {
                answer: body,
                location,
                server: header(&headers, &SERVER).map(str::to_owned),
            }));
        }
        Ok(classify(status, &headers, &body))
    }

    /// Ends a session.
    pub(crate) async fn delete(&self, location: Url) -> Result<()> {
        let response = self
            .authorised(self.client.delete(location))
            .send()
            .await
            .map_err(|error| anyhow::Error::new(error.without_url()).context("DELETE"))?;
        let status = response.status();
        // Gone is gone; the DTLS close may have been quicker.
        if !status.is_success() && status != StatusCode::NOT_FOUND {
            bail!("the server answered {status} to DELETE of the session");
        }
        Ok(())
    }

    /// Ends many sessions, some at a time.
    pub(crate) async fn delete_all(&self, sessions: &[Url]) {
        for group in sessions.chunks(PARALLEL) {
            let mut deletes = JoinSet::new();
            for session in group {
                let (endpoint, session) = (self.clone(), session.clone());
                deletes.spawn(async move { endpoint.delete(session).await });
            }
            while let Some(done) = deletes.join_next().await {
                if let Ok(Err(error)) = done {
                    // A server that went away has ended the session by that.
                    tracing::debug!("{error:#}");
                }
            }
        }
    }

    fn host(&self) -> String {
        let port = self.url.port().map_or(String::new(), |port| format!(":{port}"));
        format!("{}{port}", self.url.host_str().unwrap_or_default())
    }

    /// A local address from which the host of this endpoint is reached.
    pub(crate) fn local_address(&self) -> Result<IpAddr> {
        let host = self.url.host_str().context("the URL has no host")?;
        let host = host.trim_matches(['[', ']']);
        let port = self.url.port_or_known_default().unwrap_or(80);
        let remote = (host, port)
            .to_socket_addrs()
            .with_context(|| format!("looking up {host}"))?
            .min_by_key(SocketAddr::is_ipv6)
            .with_context(|| format!("{host} has no address"))?;
        if remote.ip().is_loopback() {
            return Ok(remote.ip());
        }
        let any: SocketAddr = if remote.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
        // Connecting a UDP socket sends nothing; it asks the kernel for the route.
        let probe = UdpSocket::bind(any).context("opening a UDP socket")?;
        probe.connect(remote).with_context(|| format!("finding a route to {host}"))?;
        Ok(probe.local_addr().context("finding a route")?.ip())
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &reqwest::header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Turns a refusal into a sentence.
fn classify(status: StatusCode, headers: &HeaderMap, body: &str) -> Posted {
    let detail = problem_text(body);
    let said = detail.map_or(String::new(), |detail| format!(": {detail}"));
    let named = header(headers, &RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok());
    let wait = named.map_or(DEFAULT_RETRY, Duration::from_secs);
    let full = matches!(status.as_u16(), 429 | 503).then_some(named.is_some());
    let later = |reason: &str| Posted::Later { wait, reason: format!("{reason} ({status}){said}"), full };
    let refused = |reason: &str| Posted::Refused(format!("{reason} ({status}){said}"));
    match status.as_u16() {
        401 | 403 => refused("the token is missing or not the right one"),
        404 => refused("the server knows no such stream"),
        406 => refused("the server makes a counter-offer, which this tool does not speak"),
        409 => later("the stream is not live, or somebody else publishes it"),
        415 => refused("the URL does not take SDP; is it a WHIP or WHEP address?"),
        422 => refused("the server has no codec or track in common with the offer"),
        429 => later("the server limits the rate of requests"),
        503 => later("the server is full or shutting down"),
        500..=599 => later("the server failed"),
        _ => refused("the server did not accept the offer"),
    }
}

/// The human sentence of a problem document (RFC 9457), or a short plain body.
fn problem_text(body: &str) -> Option<String> {
    if let Ok(problem) = serde_json::from_str::<serde_json::Value>(body) {
        return ["detail", "title"]
            .into_iter()
            .find_map(|name| problem.get(name)?.as_str().map(str::to_owned));
    }
    let body = body.trim();
    (!body.is_empty() && body.len() < 200 && !body.starts_with('<')).then(|| body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_become_sentences_and_waiting_times() {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, "3".parse().unwrap());
        let problem =
            r#"{"type":"x","title":"Not live","detail":"Nobody publishes demo.","code":"not_live"}"#;
        let Posted::Later { wait, reason, full: None } = classify(StatusCode::CONFLICT, &headers, problem)
        else {
            panic!("409 is worth waiting for");
        };
        assert_eq!(wait, Duration::from_secs(3));
        assert!(reason.contains("409") && reason.ends_with("Nobody publishes demo."), "{reason}");

        let Posted::Refused(reason) = classify(StatusCode::UNAUTHORIZED, &HeaderMap::new(), "") else {
            panic!("401 does not get better");
        };
        assert!(reason.contains("token"), "{reason}");
        assert!(matches!(
            classify(StatusCode::SERVICE_UNAVAILABLE, &HeaderMap::new(), "<html>"),
            Posted::Later { full: Some(false), .. }
        ));
    }

    #[test]
    fn a_loopback_url_is_reached_from_loopback() {
        let url = "http://127.0.0.1:8080/whep/x".parse().unwrap();
        let endpoint = Endpoint::new(&url, None).unwrap();
        assert!(endpoint.local_address().unwrap().is_loopback());
    }
}
