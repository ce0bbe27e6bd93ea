//! What this machine can send at best, on the server's processor and through the same network.
//!
//! Two loops: plain packets, one `sendto` each, as most servers send; and packets sealed with
//! AES-128-GCM, each receiver with its own key, a frame of them in one send (UDP GSO). What a server
//! adds to that is its own.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use quinn_udp::{Transmit, UdpSockRef, UdpSocketState};
use rtc::crypto::{AeadAlgorithm, AeadCipher};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use super::machine::Machine;
use crate::cli::bench::Bench;
use crate::driver::{Driver, Moment, Outbox, Peer, Receive};

/// Receivers; enough that no socket is in the cache all the time.
const RECEIVERS: usize = 400;
/// Between two looks at the clock.
const ROUND: usize = 64;
/// Bytes of an RTP packet that carries video: header with an extension, payload, tag.
const PACKET: usize = 1200;
const HEADER: usize = 24;
const TAG: usize = 16;

/// Nanoseconds of processor time a packet.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Ceiling {
    pub(crate) sendto_ns: f64,
    pub(crate) gso_sealed_ns: f64,
    pub(crate) packet_bytes: usize,
    /// Packets of one send of the second loop: those of an average frame.
    pub(crate) segments: usize,
    pub(crate) receivers: usize,
    /// Sends that the kernel refused.
    pub(crate) refused: u64,
}

/// Takes packets and forgets them.
struct Sink;

impl Peer for Sink {
    type Progress = ();

    fn handle_datagram(&mut self, _: Moment, _: SocketAddr, _: &mut [u8], _: &mut Outbox<'_>) {}
    fn handle_timeout(&mut self, _: Moment, _: &mut Outbox<'_>) {}
    fn next_timeout(&mut self) -> Option<Instant> {
        None
    }
    fn close(&mut self, _: Moment, _: &mut Outbox<'_>) {}
    fn add_progress(&self, (): &mut ()) {}
}

/// Measures both loops. To be called on the load's side.
pub(crate) fn measure(args: &Bench, machine: &Arc<Machine>) -> Result<Ceiling> {
    let each = args.ceiling;
    let receive = if args.no_gro { Receive::Single } else { Receive::Joined };
    let driver = Driver::start(receive)?;
    let local = local_address(machine)?;
    let mut receivers = Vec::with_capacity(RECEIVERS);
    for _ in 0..RECEIVERS {
        let socket = UdpSocket::bind((local, 0)).context("opening a UDP socket")?;
        socket.set_nonblocking(true).context("preparing a UDP socket")?;
        receivers.push(socket.local_addr().context("preparing a UDP socket")?);
        driver.add(Sink, socket)?;
    }
    let frame_bits = f64::from(args.bitrate) / args.fps;
    let segments = ((frame_bits / 8.0 / (PACKET - HEADER - TAG) as f64).ceil() as usize).clamp(1, 48);
    let on_server_side = Arc::clone(machine);
    let thread: JoinHandle<Result<Ceiling>> = std::thread::Builder::new()
        .name("ceiling".to_owned())
        .spawn(move || {
            on_server_side.enter_server_side()?;
            let socket = UdpSocket::bind((on_server_side.address, 0)).context("opening a UDP socket")?;
            let mut sender = Sender::new(socket, receivers, segments)?;
            let sendto_ns = sender.plain(each)?;
            let gso_sealed_ns = sender.sealed(each)?;
            Ok(Ceiling {
                sendto_ns,
                gso_sealed_ns,
                packet_bytes: PACKET,
                segments,
                receivers: RECEIVERS,
                refused: sender.refused,
            })
        })
        .context("starting a thread")?;
    let ceiling = thread.join().map_err(|_| anyhow!("the sending thread panicked"))?;
    driver.stop()?;
    ceiling
}

/// The load's own address: the other end of the pair, or loopback.
pub(crate) fn local_address(machine: &Machine) -> Result<std::net::IpAddr> {
    let probe = match machine.address {
        address if address.is_loopback() => return Ok(address),
        address => (address, 9),
    };
    let socket = UdpSocket::bind(("0.0.0.0", 0)).context("opening a UDP socket")?;
    socket.connect(probe).context("finding the way to the server")?;
    Ok(socket.local_addr().context("finding the way to the server")?.ip())
}

struct Sender {
    socket: UdpSocket,
    state: UdpSocketState,
    receivers: Vec<SocketAddr>,
    ciphers: Vec<Box<dyn AeadCipher>>,
    segments: usize,
    refused: u64,
}

impl Sender {
    fn new(socket: UdpSocket, receivers: Vec<SocketAddr>, segments: usize) -> Result<Self> {
        let state = UdpSocketState::new(UdpSockRef::from(&socket)).context("preparing a UDP socket")?;
        let _ = state.set_send_buffer_size(UdpSockRef::from(&socket), 4 << 20);
        let provider = rtc::crypto::default_provider().context("finding a crypto provider")?;
        let ciphers = (0..receivers.len())
            .map(|_| {
                let key: [u8; 16] = rand::random();
                provider.crypto().new_aead(AeadAlgorithm::Aes128Gcm, &key).context("setting up AES-GCM")
            })
            .collect::<Result<_>>()?;
        Ok(Self { socket, state, receivers, ciphers, segments, refused: 0 })
    }

    /// A loop of `step`s, which send so many packets each, as processor time a packet.
    fn run(
        &mut self,
        each: Duration,
        mut step: impl FnMut(&mut Self, usize) -> Result<usize>,
    ) -> Result<f64> {
        let (began, mut at, mut packets) = (Instant::now(), 0, 0usize);
        let before = thread_time();
        while began.elapsed() < each {
            for _ in 0..ROUND {
                packets += step(self, at)?;
                at = (at + 1) % self.receivers.len();
            }
        }
        Ok((thread_time() - before).as_nanos() as f64 / packets.max(1) as f64)
    }

    fn plain(&mut self, each: Duration) -> Result<f64> {
        let packet = vec![0x5a; PACKET];
        self.run(each, |sender, at| {
            let sent = sender.socket.send_to(&packet, sender.receivers[at]);
            sender.refused += u64::from(sent.is_err());
            Ok(1)
        })
    }

    fn sealed(&mut self, each: Duration) -> Result<f64> {
        let source = vec![0x5a; PACKET];
        let mut frame = vec![0; PACKET * self.segments];
        let mut number = 0u64;
        self.run(each, |sender, at| {
            for packet in frame.chunks_exact_mut(PACKET) {
                packet.copy_from_slice(&source);
                number += 1;
                let mut nonce = [0; 12];
                nonce[4..].copy_from_slice(&number.to_be_bytes());
                let (header, rest) = packet.split_at_mut(HEADER);
                let (body, tag) = rest.split_at_mut(PACKET - HEADER - TAG);
                sender.ciphers[at].seal_in_place(&nonce, header, body, tag).context("sealing")?;
            }
            let transmit = Transmit {
                destination: sender.receivers[at],
                ecn: None,
                contents: &frame,
                segment_size: Some(PACKET),
                src_ip: None,
            };
            let sent = sender.state.try_send(UdpSockRef::from(&sender.socket), &transmit);
            sender.refused += u64::from(sent.is_err());
            Ok(sender.segments)
        })
    }
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}
