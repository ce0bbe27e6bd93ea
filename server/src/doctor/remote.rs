//! A node measured from here. What takes a network's whole room goes one after the other: at once they would disturb
//! one another.

use std::net::{SocketAddr, UdpSocket};

use futures_util::future::join_all;
use reqwest::Url;
use sluice_doctor::{
    Answer, DoctorNode, Facts, Nat, PathFacts, RelayServer, StreamFacts, Transport, Vantage, is_outside,
};

use super::ice::{self, Udp};
use super::probe::not_offered;
use super::rates;
use super::relay::{Target, relay};
use super::stream::resolve;
use super::stun::Credentials;
use super::web::Web;
use super::websocket::websocket;

/// What somebody wants to know.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    /// What is to be watched or published.
    pub(crate) stream: Option<StreamFacts>,
    /// Leaves out the rates and the many small packets.
    pub(crate) quick: bool,
}

/// Measures a node.
///
/// # Errors
/// When that is no URL of a node; everything else is a fact.
pub(crate) async fn examine(url: &str, wishes: &Wishes) -> Result<Facts, String> {
    let mut web = Web::new(url)?;
    let found = web.look().await;
    let mut facts = Facts {
        vantage: Vantage::Command,
        http: Some(found.http),
        tls: found.tls,
        stream: wishes.stream.clone(),
        has_ipv4: Some(has_route("192.0.2.1:9")),
        has_ipv6: Some(has_route("[2001:db8::1]:9")),
        ..Facts::default()
    };
    let Some((node, offset)) = found.node else { return Ok(facts) };
    facts.clock_offset_ms = Some(offset);
    facts.websocket = Some(websocket(&web).await);
    measure_paths(&web, &node, wishes, &mut facts).await;
    if !wishes.quick {
        facts.rates = rates::rates(&web, &node.limits).await;
    }
    facts.node = Some(node.node);
    Ok(facts)
}

/// A session of the echo channel with which nobody ever does DTLS. Its checks are answered until the node gives it
/// up (`media.connect_timeout`, 15 s).
struct Visit {
    answer: Answer,
    credentials: Credentials,
    url: Url,
}

impl Visit {
    async fn begin(web: &Web) -> Option<Self> {
        let ours = name(4);
        let (text, url) = web.session(offer(&ours)).await.ok()?;
        let Some(answer) = Answer::read(&text) else {
            web.end(url).await;
            return None;
        };
        let credentials = Credentials { theirs: answer.ufrag.clone(), pwd: answer.pwd.clone(), ours };
        Some(Self { answer, credentials, url })
    }

    async fn end(self, web: &Web) {
        web.end(self.url).await;
    }
}

/// The ways for media, and the quality of the best.
async fn measure_paths(web: &Web, node: &DoctorNode, wishes: &Wishes, facts: &mut Facts) {
    let Some(visit) = Visit::begin(web).await else { return };
    let (answer, credentials) = (&visit.answer, &visit.credentials);
    // All at once: they are some hundred bytes, and where everything is dropped each takes all of its patience. One
    // after the other, the last would find the session given up.
    let (udp, tcp, relays) = tokio::join!(
        join_all(answer.udp.iter().map(|target| ice::udp(*target, credentials))),
        join_all(answer.tcp.iter().map(|target| ice::tcp(*target, credentials))),
        relays(&node.relays, answer, credentials),
    );
    let (paths, sockets): (Vec<PathFacts>, Vec<Option<Udp>>) = udp.into_iter().unzip();
    facts.paths.extend(paths);
    facts.paths.extend(tcp);
    if answer.tcp.is_empty() {
        facts.paths.push(not_offered(Transport::Tcp));
    }
    facts.paths.extend(relays);
    visit.end(web).await;
    let Some(udp) = sockets.into_iter().flatten().next() else { return };
    facts.nat = nat(&udp, node, &facts.paths).await;
    if !wishes.quick {
        measure_quality(web, udp.target(), facts).await;
    }
}

/// Sizes, loss, delay and jitter, with a session that is not as old as what was waited for before.
async fn measure_quality(web: &Web, target: SocketAddr, facts: &mut Facts) {
    let Some(visit) = Visit::begin(web).await else { return };
    if let Ok(udp) = Udp::open(target, visit.credentials.clone()).await {
        facts.sizes = Some(udp.sizes().await);
        facts.quality = Some(udp.quality().await);
    }
    visit.end(web).await;
}

/// Each relay that the node offers, and what it does not offer.
async fn relays(servers: &[RelayServer], answer: &Answer, credentials: &Credentials) -> Vec<PathFacts> {
    let asked = servers.iter().filter_map(|server| Some((server, Target::read(&server.url)?)));
    let asked =
        asked.map(|(server, target)| async move { relay(server, &target, &answer.udp, credentials).await });
    let mut paths = join_all(asked).await;
    for transport in [Transport::RelayUdp, Transport::RelayTcp, Transport::RelayTls] {
        if paths.iter().all(|path| path.transport != transport) {
            paths.push(not_offered(transport));
        }
    }
    paths
}

/// How the network here gives out ports, from what two servers saw of one socket.
async fn nat(udp: &Udp, node: &DoctorNode, paths: &[PathFacts]) -> Option<Nat> {
    let mapped = paths.iter().find_map(|path| path.mapped.filter(|_| path.transport == Transport::Udp))?;
    if own_addresses().contains(&mapped.ip()) {
        return Some(Nat::Absent);
    }
    let url = node.relays.iter().find_map(|server| {
        Target::read(&server.url).filter(|target| target.transport == Transport::RelayUdp)
    });
    if let Some(target) = url {
        let addresses = resolve(&target.host, target.port).await.unwrap_or_default();
        let same_family = addresses.into_iter().find(|address| address.is_ipv4() == mapped.is_ipv4());
        let elsewhere = match same_family {
            Some(address) => udp.mapped_by(address).await,
            None => None,
        };
        return Some(if elsewhere.is_some_and(|other| other != mapped) {
            Nat::Symmetric
        } else {
            Nat::Steady
        });
    }
    Some(Nat::Steady)
}

fn own_addresses() -> Vec<std::net::IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    interfaces.into_iter().map(|interface| interface.ip()).collect()
}

/// Whether there is a way to the addresses of that family at all. Nothing is sent.
fn has_route(address: &str) -> bool {
    let Ok(address) = address.parse::<SocketAddr>() else { return false };
    let local: SocketAddr = if address.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    UdpSocket::bind(local).is_ok_and(|socket| {
        let routed = socket.connect(address).and_then(|()| socket.local_addr());
        // IPv6 of the local network alone leads nowhere.
        routed.is_ok_and(|local| local.is_ipv4() || is_outside(local.ip()))
    })
}

/// Letters and digits for ICE.
fn name(length: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
    (0..length).map(|_| char::from(LETTERS[usize::from(rand::random::<u8>()) % LETTERS.len()])).collect()
}

/// An offer with nothing but a data channel. Nobody will ever do DTLS with it: checks are all that follows.
fn offer(ufrag: &str) -> String {
    let digest: Vec<String> = (0..32).map(|_| format!("{:02X}", rand::random::<u8>())).collect();
    let lines = [
        "v=0".to_owned(),
        format!("o=- {} 1 IN IP4 0.0.0.0", rand::random::<u32>()),
        "s=-".to_owned(),
        "t=0 0".to_owned(),
        "a=group:BUNDLE 0".to_owned(),
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel".to_owned(),
        "c=IN IP4 0.0.0.0".to_owned(),
        format!("a=ice-ufrag:{ufrag}"),
        format!("a=ice-pwd:{}", name(24)),
        format!("a=fingerprint:sha-256 {}", digest.join(":")),
        "a=setup:actpass".to_owned(),
        "a=mid:0".to_owned(),
        "a=sctp-port:5000".to_owned(),
        "a=max-message-size:262144".to_owned(),
    ];
    lines.map(|line| line + "\r\n").concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offer_has_a_data_channel_and_no_media() {
        let offer = offer("abcd");
        assert!(offer.contains("m=application") && !offer.contains("m=video") && !offer.contains("m=audio"));
        assert!(offer.lines().all(|line| line.as_bytes().get(1) == Some(&b'=')), "{offer}");
        assert!(offer.ends_with("\r\n"));
    }
}
