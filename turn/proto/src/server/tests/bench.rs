//! A server, a clock, and clients that sign their requests.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::attribute::{self as code, Family};
use crate::credentials::{Key, Secret};
use crate::message::{Class, Message, Method};
use crate::peers::PeerRules;
use crate::server::{
    Action, AllocationId, Flow, Opened, Refusal, RelayId, Server, ServerConfig, Ticket, Via,
};
use crate::write::Writer;

pub(super) const UNIX: u64 = 1_700_000_000;
pub(super) const PEER: &str = "198.51.100.9:5000";
pub(super) const MEDIA: &str = "10.0.0.5:8189";

pub(super) struct Bench {
    pub(super) server: Server,
    pub(super) now: Instant,
    start: Instant,
    next_relay: RelayId,
    pub(super) refuse: Option<Refusal>,
    pub(super) tickets: Vec<crate::server::Open>,
    pub(super) lacks_v6: bool,
}

pub(super) fn config() -> ServerConfig {
    ServerConfig {
        realm: "sluice".to_owned(),
        secret: Secret::new("north"),
        nonce_key: [3; 32],
        seed: 11,
        peers: PeerRules {
            media: vec![MEDIA.parse().unwrap()],
            denied: vec![],
            allowed: vec![],
            own: vec!["10.0.0.5".parse().unwrap()],
            relayed_ports: 49152..=65535,
            public: true,
        },
        families: vec![Family::V4, Family::V6],
        default_lifetime: Duration::from_secs(600),
        max_lifetime: Duration::from_secs(3600),
        nonce_lifetime: Duration::from_secs(3600),
        max_peers: 8,
        bandwidth: None,
        unauthenticated_per_second: 100,
        unauthenticated_burst: 1000,
    }
}

impl Bench {
    pub(super) fn new(config: ServerConfig) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a point to count from")]
        let start = Instant::now();
        let server = Server::new(config, start, UNIX);
        Self { server, now: start, start, next_relay: 0, refuse: None, tickets: vec![], lacks_v6: false }
    }

    pub(super) fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
        self.server.handle_timeout(self.now);
    }

    pub(super) fn unix(&self) -> u64 {
        UNIX + (self.now - self.start).as_secs()
    }

    /// What the server answers to these bytes, where it does.
    pub(super) fn send(&mut self, flow: &Flow, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        match self.server.handle_client(self.now, flow, bytes, &mut out) {
            Action::None | Action::Relay { .. } => {
                assert!(out.is_empty());
                None
            }
            Action::Answer => Some(out),
            Action::Open(ticket) => {
                self.open(*ticket, &mut out);
                Some(out)
            }
        }
    }

    fn open(&mut self, ticket: Ticket, out: &mut Vec<u8>) {
        self.tickets.push(ticket.open);
        let port = 49152 + u16::try_from(self.next_relay).unwrap() * 2;
        let mut relay = |ip: &str, wanted: bool| {
            wanted.then(|| {
                self.next_relay += 1;
                (self.next_relay - 1, SocketAddr::new(ip.parse().unwrap(), port))
            })
        };
        let v4 = relay("10.0.0.5", ticket.open.v4);
        let v6 = relay("2001:db8::5", ticket.open.v6 && !self.lacks_v6);
        let token = ticket.open.even.filter(|even| even.keep_next).map(|_| *b"12345678");
        let opened = self.refuse.map_or(Ok(Opened { v4, v6, token }), Err);
        self.server.opened(self.now, ticket, opened, out);
    }

    /// Where payload of the client goes.
    pub(super) fn relayed(&mut self, flow: &Flow, bytes: &[u8]) -> Option<(RelayId, SocketAddr, Vec<u8>)> {
        match self.server.handle_client(self.now, flow, bytes, &mut Vec::new()) {
            Action::Relay { relay, peer, payload, .. } => Some((relay, peer, payload.to_vec())),
            _ => None,
        }
    }

    /// What the client gets of what a peer sends.
    pub(super) fn heard(&mut self, id: AllocationId, peer: &str, payload: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let flow = self.server.handle_peer(self.now, id, peer.parse().unwrap(), payload, &mut out);
        assert_eq!(flow.is_some(), !out.is_empty());
        flow.map(|_| out)
    }

    pub(super) fn id(&self, flow: &Flow) -> Option<AllocationId> {
        self.server.flows.get(flow).copied()
    }
}

pub(super) fn flow(client: &str) -> Flow {
    Flow { client: client.parse().unwrap(), server: "10.0.0.5:3478".parse().unwrap(), via: Via::Datagram(0) }
}

/// Whoever speaks to the server.
pub(super) struct Client {
    pub(super) flow: Flow,
    pub(super) username: String,
    pub(super) password: String,
    pub(super) nonce: Vec<u8>,
    pub(super) sha256: bool,
    pub(super) algorithm: Option<u8>,
    transaction: u8,
}

/// An attribute of a request.
pub(super) type Attr = (u16, Vec<u8>);

impl Client {
    /// With good credentials, and a nonce that the server gave it.
    pub(super) fn new(bench: &mut Bench, user: &str, address: &str) -> Self {
        let (username, password) = Secret::new("north").issue(user, bench.unix() + 60);
        let mut client = Self {
            flow: flow(address),
            username,
            password,
            nonce: vec![],
            sha256: false,
            algorithm: None,
            transaction: 0,
        };
        client.greet(bench);
        client
    }

    /// Gets a nonce.
    pub(super) fn greet(&mut self, bench: &mut Bench) {
        let mut bytes = Vec::new();
        Writer::begin(&mut bytes, Class::Request, Method::Allocate, [0xee; 12]).finish(None, true);
        let answer = bench.send(&self.flow, &bytes).expect("a challenge");
        let message = Message::parse(&answer).unwrap();
        assert_eq!(message.error(), Some(401));
        assert_eq!(message.realm, Some(&b"sluice"[..]));
        self.nonce = message.nonce.unwrap().to_vec();
    }

    pub(super) fn key(&self) -> Key {
        match self.algorithm {
            Some(2) => Key::sha256(&self.username, "sluice", &self.password),
            _ => Key::md5(&self.username, "sluice", &self.password),
        }
    }

    pub(super) fn request(&mut self, method: Method, attributes: &[Attr]) -> Vec<u8> {
        self.transaction += 1;
        let mut bytes = Vec::new();
        let mut writer = Writer::begin(&mut bytes, Class::Request, method, [self.transaction; 12]);
        for (code, value) in attributes {
            writer = writer.attribute(*code, value);
        }
        if let Some(algorithm) = self.algorithm {
            writer = writer
                .attribute(code::PASSWORD_ALGORITHMS, &[0, 2, 0, 0, 0, 1, 0, 0])
                .attribute(code::PASSWORD_ALGORITHM, &[0, algorithm, 0, 0]);
        }
        writer
            .attribute(code::USERNAME, self.username.as_bytes())
            .attribute(code::REALM, b"sluice")
            .attribute(code::NONCE, &self.nonce)
            .finish(Some((&self.key(), self.sha256)), true);
        bytes
    }

    /// The answer to a request, whose seal it checks.
    pub(super) fn ask(
        &mut self,
        bench: &mut Bench,
        method: Method,
        attributes: &[Attr],
    ) -> Result<Vec<u8>, u16> {
        let request = self.request(method, attributes);
        let answer = bench.send(&self.flow, &request).ok_or(0_u16)?;
        let message = Message::parse(&answer).unwrap();
        assert_eq!(message.transaction, [self.transaction; 12]);
        match message.class {
            Class::Success => {
                assert!(message.is_by(&self.key()), "the answer is signed");
                assert_eq!(message.has_sha256(), self.sha256);
                Ok(answer)
            }
            _ => Err(message.error().unwrap()),
        }
    }

    pub(super) fn allocate(&mut self, bench: &mut Bench) -> Result<SocketAddr, u16> {
        let answer = self.ask(bench, Method::Allocate, &[udp()])?;
        Ok(Message::parse(&answer).unwrap().address(code::XOR_RELAYED_ADDRESS).unwrap())
    }

    pub(super) fn permit(&mut self, bench: &mut Bench, peer: &str) -> Result<(), u16> {
        self.ask(bench, Method::CreatePermission, &[peer_of(peer)]).map(drop)
    }

    pub(super) fn bind(&mut self, bench: &mut Bench, channel: u16, peer: &str) -> Result<(), u16> {
        let number = [channel.to_be_bytes(), [0, 0]].concat();
        self.ask(bench, Method::ChannelBind, &[(code::CHANNEL_NUMBER, number), peer_of_last(peer, self)])
            .map(drop)
    }

    pub(super) fn refresh(&mut self, bench: &mut Bench, lifetime: u32) -> Result<u32, u16> {
        let lifetime = (code::LIFETIME, lifetime.to_be_bytes().to_vec());
        let answer = self.ask(bench, Method::Refresh, &[lifetime])?;
        let value = Message::parse(&answer).unwrap().value(code::LIFETIME).unwrap();
        Ok(u32::from_be_bytes(value.try_into().unwrap()))
    }

    pub(super) fn next_transaction(&self) -> [u8; 12] {
        [self.transaction + 1; 12]
    }
}

pub(super) fn udp() -> Attr {
    (code::REQUESTED_TRANSPORT, vec![17, 0, 0, 0])
}

/// A peer of IPv4, whose address needs no transaction.
pub(super) fn peer_of(peer: &str) -> Attr {
    let mut value = Vec::new();
    code::write_xor_address(peer.parse().unwrap(), &[0; 12], &mut value);
    (code::XOR_PEER_ADDRESS, value)
}

/// A peer of any family in the next request of a client.
pub(super) fn peer_of_last(peer: &str, client: &Client) -> Attr {
    let mut value = Vec::new();
    code::write_xor_address(peer.parse().unwrap(), &client.next_transaction(), &mut value);
    (code::XOR_PEER_ADDRESS, value)
}

pub(super) fn send_to(peer: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    Writer::begin(&mut bytes, Class::Indication, Method::Send, [5; 12])
        .address(code::XOR_PEER_ADDRESS, peer.parse().unwrap())
        .attribute(code::DATA, payload)
        .finish(None, false);
    bytes
}

pub(super) fn channel_data(channel: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    crate::channel::write(channel, payload, false, &mut bytes);
    bytes
}

pub(super) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}
