//! A TURN client that waits for each answer, by datagrams or by a stream.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sluice_turn::Turn;
use sluice_turn_proto::{Class, Key, Message, Method, Writer, attribute as code, channel};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UdpSocket;

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(5);

/// After this, a client that repeats sends again (RFC 8489 section 6.2.1).
const AGAIN: Duration = Duration::from_millis(500);

/// Bytes both ways.
pub(crate) trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Bytes for T {}

/// What a client's bytes go by.
pub(crate) enum Wire {
    /// Datagrams.
    Datagrams(UdpSocket),
    /// A stream, with what was read of the next message.
    Stream(Box<dyn Bytes>, Vec<u8>),
}

impl Wire {
    pub(crate) async fn send(&mut self, message: &[u8]) {
        match self {
            Self::Datagrams(socket) => drop(socket.send(message).await.unwrap()),
            Self::Stream(stream, _) => stream.write_all(message).await.unwrap(),
        }
    }

    pub(crate) async fn receive(&mut self) -> Vec<u8> {
        self.try_receive().await.expect("a message")
    }

    /// The next message; `None` where there is none in time, or the stream has ended.
    pub(crate) async fn try_receive(&mut self) -> Option<Vec<u8>> {
        tokio::time::timeout(PATIENCE, self.next()).await.ok().flatten()
    }

    async fn next(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Datagrams(socket) => {
                let mut bytes = vec![0; 65_536];
                let length = socket.recv(&mut bytes).await.ok()?;
                bytes.truncate(length);
                Some(bytes)
            }
            Self::Stream(stream, begun) => loop {
                if let Some(length) = channel::frame(begun).expect("TURN")
                    && length <= begun.len()
                {
                    return Some(begun.drain(..length).collect());
                }
                if stream.read_buf(begun).await.ok()? == 0 {
                    return None;
                }
            },
        }
    }
}

/// A client with its credentials.
pub(crate) struct Client {
    pub(crate) wire: Wire,
    username: String,
    password: String,
    nonce: Vec<u8>,
    transaction: u8,
    /// Sends again what may be lost, and so gets some answers twice.
    repeats: bool,
    /// Payloads, of which each may come back.
    sent: Vec<Vec<u8>>,
}

impl Client {
    /// By UDP.
    pub(crate) async fn udp(turn: &Turn, server: SocketAddr) -> Self {
        let any = SocketAddr::new(server.ip(), 0);
        let socket = UdpSocket::bind(any).await.unwrap();
        socket.connect(server).await.unwrap();
        Self::by(turn, Wire::Datagrams(socket))
    }

    /// By a stream.
    pub(crate) fn stream(turn: &Turn, stream: impl Bytes + 'static) -> Self {
        Self::by(turn, Wire::Stream(Box::new(stream), Vec::new()))
    }

    fn by(turn: &Turn, wire: Wire) -> Self {
        let (username, password) = turn.credentials().issue("alice", Duration::from_secs(60));
        Self {
            wire,
            username,
            password: password.expose().clone(),
            nonce: Vec::new(),
            transaction: 0,
            repeats: false,
            sent: Vec::new(),
        }
    }

    /// From here on it sends again what no answer comes to in time, as what goes by datagrams may be lost.
    pub(crate) const fn repeat(&mut self) {
        self.repeats = true;
    }

    /// The answer to a request, or the number of its error.
    pub(crate) async fn ask(
        &mut self,
        method: Method,
        attributes: &[(u16, Vec<u8>)],
    ) -> Result<Vec<u8>, u16> {
        loop {
            self.transaction += 1;
            let key = Key::md5(&self.username, "sluice", &self.password);
            let mut request = Vec::new();
            let mut writer = Writer::begin(&mut request, Class::Request, method, [self.transaction; 12]);
            for (code, value) in attributes {
                writer = writer.attribute(*code, value);
            }
            let signed = !self.nonce.is_empty();
            if signed {
                writer = writer
                    .attribute(code::USERNAME, self.username.as_bytes())
                    .attribute(code::REALM, b"sluice")
                    .attribute(code::NONCE, &self.nonce);
            }
            writer.finish(signed.then_some((&key, false)), true);
            self.wire.send(&request).await;
            let answer = self.answer(&request).await;
            let message = Message::parse(&answer).unwrap();
            assert_eq!(message.transaction, [self.transaction; 12]);
            match message.error() {
                None => return Ok(answer),
                Some(401) if !signed => self.nonce = message.value(code::NONCE).unwrap().to_vec(),
                Some(number) => return Err(number),
            }
        }
    }

    /// What comes next; of a client that repeats, what answers this request.
    async fn answer(&mut self, request: &[u8]) -> Vec<u8> {
        if !self.repeats {
            return self.wire.receive().await;
        }
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let Ok(came) = tokio::time::timeout(AGAIN, self.wire.next()).await else {
                self.wire.send(request).await;
                continue;
            };
            let came = came.expect("a message");
            if Message::parse(&came).is_ok_and(|message| message.transaction == [self.transaction; 12]) {
                return came;
            }
        }
        panic!("no answer")
    }

    /// Allocates and returns the relayed address.
    pub(crate) async fn allocate(&mut self, more: &[(u16, Vec<u8>)]) -> Result<SocketAddr, u16> {
        let answer = self.ask(Method::Allocate, &[&[udp()], more].concat()).await?;
        Ok(Message::parse(&answer).unwrap().address(code::XOR_RELAYED_ADDRESS).unwrap())
    }

    /// Binds a channel to a peer.
    pub(crate) async fn bind(&mut self, number: u16, peer: SocketAddr) -> Result<(), u16> {
        let channel = (code::CHANNEL_NUMBER, [number.to_be_bytes(), [0, 0]].concat());
        // A first request without a nonce would have another transaction than the one it is written for.
        assert!(!self.nonce.is_empty(), "allocate first");
        let mut value = Vec::new();
        code::write_xor_address(peer, &[self.transaction + 1; 12], &mut value);
        self.ask(Method::ChannelBind, &[channel, (code::XOR_PEER_ADDRESS, value)]).await.map(drop)
    }

    /// Sends payload by a channel.
    pub(crate) async fn send(&mut self, number: u16, payload: &[u8]) {
        let mut bytes = Vec::new();
        channel::write(number, payload, matches!(self.wire, Wire::Stream(..)), &mut bytes);
        self.wire.send(&bytes).await;
        self.sent.push(payload.to_vec());
    }

    /// Wants these payloads back, in order. What is sent again comes in any.
    pub(crate) async fn hears(&mut self, number: u16, payloads: &[Vec<u8>]) {
        if !self.repeats {
            for payload in payloads {
                assert_eq!(self.payload().await, (number, payload.clone()));
            }
            return;
        }
        let mut missing = payloads.to_vec();
        let began = Instant::now();
        while !missing.is_empty() {
            assert!(began.elapsed() < 4 * PATIENCE, "{} payloads do not come back", missing.len());
            let Ok(came) = tokio::time::timeout(AGAIN, self.wire.next()).await else {
                for payload in &missing {
                    self.send(number, payload).await;
                }
                continue;
            };
            // What else there is answers a request that was repeated.
            if let Some((of, payload)) = channel::read(&came.expect("a message")) {
                assert!(of == number && self.sent.iter().any(|sent| sent == payload), "nobody sent this");
                missing.retain(|missing| missing != payload);
            }
        }
    }

    /// The next payload that comes by a channel.
    pub(crate) async fn payload(&mut self) -> (u16, Vec<u8>) {
        let bytes = self.wire.receive().await;
        let (number, payload) = channel::read(&bytes).expect("ChannelData");
        (number, payload.to_vec())
    }
}

/// REQUESTED-TRANSPORT
fn udp() -> (u16, Vec<u8>) {
    (code::REQUESTED_TRANSPORT, vec![17, 0, 0, 0])
}
