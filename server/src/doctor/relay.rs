//! Relays: an allocation over UDP, TCP or TLS, and a check of the media port through it. An allocation alone
//! would not show that the relay lets media pass.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use rustls::ClientConfig;
use sluice_doctor::{Failure, Outcome, PathFacts, RelayServer, Transport};
use sluice_turn_proto::Key;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use super::probe::{PATIENCE, RETRIES, fails, failure, millis_since, transaction};
use super::stream::{Bytes, connect, resolve, secure, within};
use super::stun::{self, Account, Ask, Credentials, Said};
use super::tls::Witness;

/// Longest message of a relay that is read.
const LONGEST: usize = 2048;

/// Port of TURN where a URL has none, without and with TLS (RFC 8656 §18).
const PORT: u16 = 3478;
const TLS_PORT: u16 = 5349;

/// A relay's URL (RFC 7065).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) transport: Transport,
}

impl Target {
    /// `None` of a STUN server, or what is no URL of a relay.
    pub(super) fn read(url: &str) -> Option<Self> {
        let (secure, rest) = match url.split_once(':')? {
            ("turn", rest) => (false, rest),
            ("turns", rest) => (true, rest),
            _ => return None,
        };
        let (authority, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None => match authority.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let usual = if secure { TLS_PORT } else { PORT };
        let port = port.map_or(Ok(usual), str::parse).ok().filter(|port| *port != 0)?;
        let transport = match (secure, query) {
            (true, _) => Transport::RelayTls,
            (false, "transport=tcp") => Transport::RelayTcp,
            (false, _) => Transport::RelayUdp,
        };
        (!host.is_empty()).then(|| Self { host: host.to_owned(), port, transport })
    }
}

/// Whether media gets through by a relay to one of the node's media addresses.
pub(super) async fn relay(
    server: &RelayServer,
    target: &Target,
    media: &[SocketAddr],
    credentials: &Credentials,
) -> PathFacts {
    match attempt(server, target, media, credentials).await {
        Ok((round_trip, mapped)) => PathFacts {
            transport: target.transport,
            target: Some(server.url.clone()),
            outcome: Outcome::Works,
            failure: None,
            round_trip_ms: Some(round_trip),
            mapped,
        },
        Err(failure) => fails(target.transport, server.url.clone(), failure),
    }
}

async fn attempt(
    server: &RelayServer,
    target: &Target,
    media: &[SocketAddr],
    credentials: &Credentials,
) -> Result<(f64, Option<SocketAddr>), Failure> {
    let addresses = resolve(&target.host, target.port).await?;
    let mut worst = Failure::NoAnswer;
    for address in addresses {
        let found = match open(target, address).await {
            Ok(mut link) => {
                let found = link.measure(server, media, credentials).await;
                link.release(server).await;
                found
            }
            Err(failure) => Err(failure),
        };
        match found {
            Ok(found) => return Ok(found),
            Err(failure) => worst = failure,
        }
    }
    Err(worst)
}

async fn open(target: &Target, address: SocketAddr) -> Result<Link, Failure> {
    let pipe = match target.transport {
        Transport::RelayTcp => Pipe::Stream(Box::new(connect(address).await?)),
        Transport::RelayTls => {
            let witness = Witness::new();
            let config: Arc<ClientConfig> = witness.config(&[]);
            let stream = secure(connect(address).await?, &target.host, config).await?;
            // A browser would not take the certificate either.
            if witness.problem().is_some() {
                return Err(Failure::Tls);
            }
            Pipe::Stream(Box::new(stream))
        }
        Transport::RelayUdp | Transport::Udp | Transport::Tcp => {
            let local: SocketAddr =
                if address.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
            let socket = UdpSocket::bind(local).await.map_err(|error| failure(&error))?;
            socket.connect(address).await.map_err(|error| failure(&error))?;
            Pipe::Datagrams(socket)
        }
    };
    Ok(Link { pipe, account: None })
}

/// What messages travel on.
enum Pipe {
    Datagrams(UdpSocket),
    Stream(Box<dyn Bytes>),
}

impl Pipe {
    async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Datagrams(socket) => socket.send(bytes).await.map(drop),
            Self::Stream(stream) => stream.write_all(bytes).await,
        }
    }

    /// The next message. On a stream STUN tells its own length (RFC 8489 §6.2.2).
    async fn read(&mut self) -> std::io::Result<Vec<u8>> {
        match self {
            Self::Datagrams(socket) => {
                let mut bytes = vec![0; LONGEST];
                let length = socket.recv(&mut bytes).await?;
                bytes.truncate(length);
                Ok(bytes)
            }
            Self::Stream(stream) => {
                let mut bytes = vec![0; 20];
                stream.read_exact(&mut bytes).await?;
                let length = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
                if bytes[0] >> 6 != 0 || length > LONGEST {
                    return Err(std::io::ErrorKind::InvalidData.into());
                }
                bytes.resize(20 + length, 0);
                stream.read_exact(&mut bytes[20..]).await?;
                Ok(bytes)
            }
        }
    }

    /// Times at which a request is sent, each with how long its answer is waited for.
    fn waits(&self) -> Vec<std::time::Duration> {
        match self {
            Self::Datagrams(_) => RETRIES.to_vec(),
            Self::Stream(_) => vec![PATIENCE],
        }
    }
}

/// A connection to a relay.
struct Link {
    pipe: Pipe,
    account: Option<Account>,
}

impl Link {
    /// Allocates, and checks each media address of UDP through the relay until one answers.
    async fn measure(
        &mut self,
        server: &RelayServer,
        media: &[SocketAddr],
        credentials: &Credentials,
    ) -> Result<(f64, Option<SocketAddr>), Failure> {
        let began = Instant::now();
        let Said::Done { relayed: Some(relayed), mapped } = self.ask(Ask::Allocate, server).await? else {
            return Err(Failure::Strange);
        };
        let allocated = millis_since(began);
        let reachable: Vec<SocketAddr> =
            media.iter().copied().filter(|peer| peer.is_ipv4() == relayed.is_ipv4()).collect();
        // Nothing to check: the node has no address of the relay's family. The allocation is all there is.
        if reachable.is_empty() {
            return Ok((allocated, mapped));
        }
        let mut failure = Failure::NoAnswer;
        for peer in reachable {
            match self.through(peer, server, credentials).await {
                Ok(round_trip) => return Ok((round_trip, mapped)),
                Err(found) => failure = found,
            }
        }
        Err(failure)
    }

    async fn through(
        &mut self,
        peer: SocketAddr,
        server: &RelayServer,
        credentials: &Credentials,
    ) -> Result<f64, Failure> {
        self.ask(Ask::Permit(peer), server).await?;
        let request = transaction();
        let check = stun::check(credentials, request, 0);
        for wait in RETRIES {
            let sent = Instant::now();
            within(self.pipe.write(&stun::send(peer, &check, transaction()))).await?;
            let answered = timeout(wait, async {
                loop {
                    let bytes = self.pipe.read().await?;
                    let answer = stun::data(&bytes).and_then(|payload| stun::checked(payload, credentials));
                    if answer.is_some_and(|(id, _)| id == request) {
                        return Ok::<_, std::io::Error>(());
                    }
                }
            });
            match answered.await {
                Ok(Ok(())) => return Ok(millis_since(sent)),
                Ok(Err(error)) => return Err(failure(&error)),
                Err(_elapsed) => {}
            }
        }
        Err(Failure::NoAnswer)
    }

    /// Asks, with credentials as soon as the relay has said what they are for (RFC 8489 §9.2.5).
    async fn ask(&mut self, what: Ask, server: &RelayServer) -> Result<Said, Failure> {
        // Once without a name, once with it, once more where the nonce went stale.
        for _ in 0..3 {
            match self.exchange(what).await? {
                done @ Said::Done { .. } => return Ok(done),
                Said::Refused { error: 401 | 438, realm: Some(realm), nonce: Some(nonce) } => {
                    let known = self.account.as_ref().is_some_and(|account| account.nonce == nonce);
                    let (Some(username), Some(password)) = (&server.username, &server.credential) else {
                        return Err(Failure::Unauthorized);
                    };
                    if known {
                        return Err(Failure::Unauthorized);
                    }
                    let key = Key::md5(username, &realm, password);
                    self.account = Some(Account { username: username.clone(), realm, nonce, key });
                }
                Said::Refused { error: 401 | 438 | 441, .. } => return Err(Failure::Unauthorized),
                // RFC 8656 §9.2: the peer is forbidden, whoever asks.
                Said::Refused { error: 403, .. } => return Err(Failure::NoRoute),
                Said::Refused { error: 486 | 508, .. } => return Err(Failure::Full),
                Said::Refused { .. } => return Err(Failure::Other),
            }
        }
        Err(Failure::Unauthorized)
    }

    async fn exchange(&mut self, what: Ask) -> Result<Said, Failure> {
        let request = transaction();
        let bytes = stun::ask(what, self.account.as_ref(), request);
        for wait in self.pipe.waits() {
            within(self.pipe.write(&bytes)).await?;
            let answered = timeout(wait, async {
                loop {
                    if let Some(said) = stun::said(&self.pipe.read().await?, request) {
                        return Ok::<_, std::io::Error>(said);
                    }
                }
            });
            match answered.await {
                Ok(said) => return said.map_err(|error| failure(&error)),
                Err(_elapsed) => {}
            }
        }
        Err(Failure::NoAnswer)
    }

    /// Takes the relayed address back, so that it counts against nobody's quota. The relay forgets it by itself
    /// where this is lost.
    async fn release(&mut self, server: &RelayServer) {
        if self.account.is_some() && self.ask(Ask::Release, server).await.is_err() {
            tracing::debug!("a relay did not take an allocation back");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Option<(String, u16, Transport)> {
        Target::read(url).map(|target| (target.host, target.port, target.transport))
    }

    #[test]
    fn urls_of_relays_are_read_as_browsers_read_them() {
        let found = |host: &str, port, transport| Some((host.to_owned(), port, transport));
        assert_eq!(read("turn:a.example"), found("a.example", 3478, Transport::RelayUdp));
        assert_eq!(read("turn:a.example:99?transport=udp"), found("a.example", 99, Transport::RelayUdp));
        assert_eq!(
            read("turn:[2001:db8::7]:99?transport=tcp"),
            found("2001:db8::7", 99, Transport::RelayTcp)
        );
        assert_eq!(read("turns:a.example?transport=tcp"), found("a.example", 5349, Transport::RelayTls));
        for other in ["stun:a.example", "turn:", "turn:a:0", "turn:a:x", "http://a", "turn"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
