//! A TURN client that is known: its requests changed anywhere, in any order with time, payload and peers.
//!
//! Each step is three bytes: what happens, and two that say how. No answer to a stranger exceeds 160 bytes, and
//! payload reaches no address that is not public.
#![no_main]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use sluice_turn_proto::{
    Action, AllocationId, Class, Family, Flow, Key, Message, Method, Opened, PeerRules, Secret, Server,
    ServerConfig, Via, Writer, attribute, channel,
};

const UNIX: u64 = 1_700_000_000;
const PEERS: [&str; 6] = [
    "198.51.100.1:5000",
    "198.51.100.2:1",
    "10.0.0.5:8189",
    "10.0.0.5:22",
    "127.0.0.1:53",
    "169.254.169.254:80",
];

struct Session {
    server: Server,
    now: Instant,
    flow: Flow,
    nonce: Vec<u8>,
    next_relay: u32,
    allocation: Option<AllocationId>,
}

impl Session {
    fn new() -> Self {
        let now = Instant::now();
        let config = ServerConfig {
            realm: "r".repeat(52),
            secret: Secret::new("s"),
            nonce_key: [1; 32],
            seed: 1,
            peers: PeerRules {
                media: vec!["10.0.0.5:8189".parse().expect("an address")],
                denied: vec![],
                allowed: vec![],
                own: vec![],
                relayed_ports: 50_000..=60_000,
                public: true,
            },
            families: vec![Family::V4, Family::V6],
            default_lifetime: Duration::from_secs(600),
            max_lifetime: Duration::from_secs(3600),
            nonce_lifetime: Duration::from_secs(3600),
            max_peers: 4,
            bandwidth: Some(100_000),
            unauthenticated_per_second: 1000,
            unauthenticated_burst: 1000,
        };
        let flow = Flow {
            client: "192.0.2.1:1000".parse().expect("an address"),
            server: "10.0.0.5:3478".parse().expect("an address"),
            via: Via::Datagram(0),
        };
        let server = Server::new(config, now, UNIX);
        Self { server, now, flow, nonce: Vec::new(), next_relay: 0, allocation: None }
    }

    fn send(&mut self, bytes: &[u8]) {
        let mut out = Vec::new();
        match self.server.handle_client(self.now, &self.flow, bytes, &mut out) {
            Action::None => assert!(out.is_empty()),
            Action::Relay { peer, payload, .. } => {
                assert!(payload.len() <= bytes.len());
                let public = peer.ip().to_string().starts_with("198.51.100.");
                assert!(public || peer == PEERS[2].parse().expect("an address") || !known(peer), "{peer}");
            }
            Action::Answer => {
                let message = Message::parse(&out).expect("we write what we read");
                if let Some(nonce) = message.value(attribute::NONCE) {
                    self.nonce = nonce.to_vec();
                    assert!(out.len() <= 160);
                }
            }
            Action::Open(ticket) => {
                let wanted = ticket.open;
                let mut relay = |ip: &str, wanted: bool| {
                    self.next_relay += 1;
                    wanted
                        .then(|| (self.next_relay, SocketAddr::new(ip.parse().expect("an address"), 50_000)))
                };
                let opened = Opened {
                    v4: relay("10.0.0.5", wanted.v4),
                    v6: relay("2001:db8::5", wanted.v6),
                    token: None,
                };
                self.allocation = self.server.opened(self.now, *ticket, Ok(opened), &mut out);
                assert!(self.allocation.is_some());
            }
        }
        while self.server.poll_closed().is_some() {}
    }

    fn request(&self, method: Method, peer: SocketAddr, how: u8) -> Vec<u8> {
        let (username, password) = Secret::new("s").issue("u", UNIX + 1000);
        let realm = "r".repeat(52);
        let key = Key::md5(&username, &realm, &password);
        let mut bytes = Vec::new();
        Writer::begin(&mut bytes, Class::Request, method, [how; 12])
            .attribute(attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
            .attribute(attribute::CHANNEL_NUMBER, &[0x40, how & 3, 0, 0])
            .number(attribute::LIFETIME, u32::from(how) * 20)
            .address(attribute::XOR_PEER_ADDRESS, peer)
            .attribute(attribute::USERNAME, username.as_bytes())
            .attribute(attribute::REALM, realm.as_bytes())
            .attribute(attribute::NONCE, &self.nonce)
            .finish(Some((&key, how & 4 != 0)), how & 8 != 0);
        bytes
    }
}

fn known(peer: SocketAddr) -> bool {
    PEERS.iter().any(|known| known.parse() == Ok(peer))
}

fuzz_target!(|data: &[u8]| {
    let mut session = Session::new();
    let mut rest = data;
    while let Some(([what, how, which], behind)) = rest.split_first_chunk::<3>() {
        rest = behind;
        let peer: SocketAddr = PEERS[usize::from(*which) % PEERS.len()].parse().expect("an address");
        let methods = [Method::Allocate, Method::Refresh, Method::CreatePermission, Method::ChannelBind];
        match what % 8 {
            0..=3 => {
                let mut bytes = session.request(methods[usize::from(what % 4)], peer, *how);
                if what & 0x80 != 0 {
                    let at = usize::from(*which) % bytes.len();
                    bytes[at] ^= how;
                }
                session.send(&bytes);
            }
            4 => {
                session.now += Duration::from_secs(u64::from(*how) * 4);
                session.server.handle_timeout(session.now);
                while session.server.poll_closed().is_some() {}
            }
            5 => {
                let mut bytes = Vec::new();
                channel::write(0x4000 + u16::from(how & 3), &[7; 100], false, &mut bytes);
                session.send(&bytes);
            }
            6 => {
                let length = usize::from(*how).min(rest.len());
                let (bytes, behind) = rest.split_at(length);
                rest = behind;
                session.send(bytes);
            }
            _ => {
                let Some(allocation) = session.allocation else { continue };
                let mut out = Vec::new();
                let flow = session.server.handle_peer(session.now, allocation, peer, &[9; 50], &mut out);
                assert_eq!(flow.is_some(), !out.is_empty());
            }
        }
    }
    assert!(session.server.stats().allocations <= 1);
});
