//! Settings of signaling.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use sluice_doctor::RelayServer;
use sluice_domain::{Action, Redacted, SessionId, StreamName};
use sluice_http::PublicUrl;
use thiserror::Error;

/// Settings of signaling.
#[derive(Debug, Clone)]
pub struct SignalingConfig {
    /// Our public address; without it absolute URLs repeat what the caller used.
    pub public_url: Option<PublicUrl>,
    /// STUN and TURN servers that clients are told of.
    pub ice_servers: Vec<IceServer>,
    /// Relays of ours, with credentials made for each answer.
    pub relays: Relays,
    /// Accepts a trickle PATCH without `If-Match` when its ICE user name is the one in force.
    /// Strict is the letter of RFC 9725; lenient lets two widespread libraries trickle, which
    /// connect without it too.
    pub lenient_if_match: bool,
    /// Limit of POST, PATCH and DELETE for each caller's address; `None` is no limit.
    pub rate_limit: Option<RateLimit>,
    /// Sends callers to another node.
    pub redirect: Redirect,
    /// How long a caller may take to send its body.
    pub body_timeout: Duration,
}

impl Default for SignalingConfig {
    fn default() -> Self {
        Self {
            public_url: None,
            ice_servers: Vec::new(),
            relays: Relays::none(),
            lenient_if_match: false,
            rate_limit: Some(RateLimit::default()),
            redirect: Redirect::never(),
            // Offers fit into two packets; ten seconds allow a bad mobile link a few retransmissions.
            body_timeout: Duration::from_secs(10),
        }
    }
}

/// How many changing requests an address may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// In the long run.
    pub per_second: NonZeroU32,
    /// At once, after a pause.
    pub burst: NonZeroU32,
}

impl Default for RateLimit {
    /// Generous enough for a school behind one address that joins at once, and for the load tool
    /// with a few hundred viewers; small enough that one address cannot keep a core busy with DTLS.
    fn default() -> Self {
        let number = |value| NonZeroU32::new(value).expect("the default limits are not zero");
        Self { per_second: number(50), burst: number(500) }
    }
}

/// A STUN or TURN server for clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IceServer {
    link: HeaderValue,
    has_credential: bool,
    relay: RelayServer,
}

/// An ICE server that clients could not read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidIceServer {
    /// Not `stun:`, `turn:` or `turns:`, or with characters that break a Link header.
    #[error("an ICE server is stun:HOST[:PORT], turn:HOST[:PORT] or turns:HOST[:PORT]")]
    Url,
    /// OBS splits Link headers at commas and semicolons, whether quoted or not.
    #[error("user name and credential of an ICE server must be visible ASCII without , ; \" or \\")]
    Credential,
    /// One without the other.
    #[error("an ICE server has both user name and credential or neither")]
    Half,
}

impl IceServer {
    /// A server by its URL, such as `turn:turn.example.com:3478?transport=udp`.
    ///
    /// # Errors
    /// When real clients could not read the Link header that announces it.
    pub fn new(
        url: &str,
        username: Option<&str>,
        credential: Option<&Redacted<String>>,
    ) -> Result<Self, InvalidIceServer> {
        let scheme = ["stun:", "turn:", "turns:"].iter().find(|scheme| url.starts_with(**scheme));
        let host = scheme.map_or("", |scheme| &url[scheme.len()..]);
        let plain = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !b",;\"\\<>".contains(&b))
        };
        if !plain(host) {
            return Err(InvalidIceServer::Url);
        }
        let mut link = format!("<{url}>; rel=\"ice-server\"");
        match (username, credential) {
            (None, None) => {}
            (Some(username), Some(credential)) => {
                if !plain(username) || !plain(credential.expose()) {
                    return Err(InvalidIceServer::Credential);
                }
                link.push_str(&format!("; username=\"{username}\"; credential=\"{}\"", credential.expose()));
            }
            (Some(_), None) | (None, Some(_)) => return Err(InvalidIceServer::Half),
        }
        let mut link = HeaderValue::from_str(&link).map_err(|_| InvalidIceServer::Url)?;
        link.set_sensitive(credential.is_some());
        let relay = RelayServer {
            url: url.to_owned(),
            username: username.map(str::to_owned),
            credential: credential.map(|credential| credential.expose().clone()),
        };
        Ok(Self { link, has_credential: credential.is_some(), relay })
    }

    /// The value of the Link header that announces it.
    pub(crate) fn link(&self) -> HeaderValue {
        self.link.clone()
    }

    /// The same for the doctor.
    pub(crate) fn relay(&self) -> RelayServer {
        self.relay.clone()
    }

    /// Whether the Link holds a secret.
    pub(crate) fn has_credential(&self) -> bool {
        self.has_credential
    }
}

type Issue = dyn Fn(&str, SessionId) -> Vec<IceServer> + Send + Sync;

/// Names the relays (TURN) that the holder of one session may use.
#[derive(Clone)]
pub struct Relays(Arc<Issue>);

impl Relays {
    /// There are none.
    pub fn none() -> Self {
        Self(Arc::new(|_, _| Vec::new()))
    }

    /// Asks a function, with the host by which the caller reached us (an IPv6 address in brackets) and its
    /// session.
    pub fn by(issue: impl Fn(&str, SessionId) -> Vec<IceServer> + Send + Sync + 'static) -> Self {
        Self(Arc::new(issue))
    }

    /// For the answer about a session, whose absolute URL tells the host.
    pub fn issue(&self, session_url: &str, session: SessionId) -> Vec<IceServer> {
        host(session_url).map_or_else(Vec::new, |host| (self.0)(host, session))
    }
}

impl fmt::Debug for Relays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Relays")
    }
}

/// The host of an absolute URL, without its port.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let end = match authority.strip_prefix('[') {
        Some(_) => authority.find(']')? + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    authority.get(..end).filter(|host| !host.is_empty())
}

type Decision = dyn Fn(Action, &StreamName) -> Option<String> + Send + Sync;

/// Decides whether another node should answer a POST. Asked after access was granted; the answer
/// is the absolute URL there, which must carry its own authorisation (browsers drop the
/// Authorization header on a cross-origin redirect).
#[derive(Clone)]
pub struct Redirect(Arc<Decision>);

impl Redirect {
    /// This node answers everything.
    pub fn never() -> Self {
        Self(Arc::new(|_, _| None))
    }

    /// Asks a function.
    pub fn by(decision: impl Fn(Action, &StreamName) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(decision))
    }

    pub(crate) fn decide(&self, action: Action, stream: &StreamName) -> Option<String> {
        (self.0)(action, stream)
    }
}

impl fmt::Debug for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redirect")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Redacted<String> {
        Redacted::new(text.to_owned())
    }

    #[test]
    fn ice_servers_that_obs_cannot_read_are_refused() {
        assert_eq!(IceServer::new("http://x", None, None), Err(InvalidIceServer::Url));
        assert_eq!(IceServer::new("stun:", None, None), Err(InvalidIceServer::Url));
        assert_eq!(IceServer::new("turn:a,b", None, None), Err(InvalidIceServer::Url));
        assert_eq!(IceServer::new("turn:a", Some("u"), None), Err(InvalidIceServer::Half));
        for bad in ["", "a,b", "a;b", "a\"b", "a b", "ä"] {
            let server = IceServer::new("turn:a", Some("u"), Some(&secret(bad)));
            assert_eq!(server, Err(InvalidIceServer::Credential), "{bad}");
        }
    }

    #[test]
    fn a_relay_is_told_the_host_that_the_caller_knows() {
        for (url, wanted) in [
            ("https://live.example/session/1", Some("live.example")),
            ("http://192.0.2.1:8080/session/1", Some("192.0.2.1")),
            ("http://[2001:db8::1]:8080/session/1", Some("[2001:db8::1]")),
            ("http://:8080/", None),
            ("nonsense", None),
        ] {
            assert_eq!(host(url), wanted, "{url}");
        }
    }

    #[test]
    fn a_turn_credential_is_not_printed() {
        let server = IceServer::new("turn:a:3478", Some("u"), Some(&secret("hunter2"))).unwrap();
        assert!(!format!("{server:?}").contains("hunter2"));
        assert_eq!(
            server.link(),
            "<turn:a:3478>; rel=\"ice-server\"; username=\"u\"; credential=\"hunter2\""
        );
    }
}
