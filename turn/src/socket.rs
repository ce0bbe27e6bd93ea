//! One UDP socket: batched receive (recvmmsg, GRO) and batched send (GSO), by quinn-udp as in `sluice-sfu`.
//!
//! That crate's socket has its buffers inside, for it has one socket a worker; here a worker has one for each
//! allocation, and they share the worker's buffers.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};

use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Socket as RawSocket, Type};

/// Room for one receive slot: with GRO the kernel hands over up to 64 KiB at once.
const SLOT_BYTES: usize = 65_536;

/// Slots of one receive call. More serves bursts with fewer system calls, fewer costs less memory.
const SLOTS: usize = if BATCH_SIZE < 32 { BATCH_SIZE } else { 32 };

/// What send calls did, for the metrics.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Sent {
    /// System calls made.
    pub(crate) calls: u64,
    /// Datagrams that they carried.
    pub(crate) datagrams: u64,
    /// Datagrams that the system refused (full buffer, no route, too large).
    pub(crate) refused: u64,
}

/// A non-blocking UDP socket.
pub(crate) struct Socket {
    io: mio::net::UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket").field("local", &self.local).finish_non_exhaustive()
    }
}

/// Binds a UDP socket; `shared` lets other workers bind the same port.
pub(crate) fn bind(address: SocketAddr, shared: bool) -> io::Result<std::net::UdpSocket> {
    let raw = RawSocket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        raw.set_only_v6(true)?;
    }
    raw.set_reuse_port(shared)?;
    raw.set_nonblocking(true)?;
    raw.bind(&address.into())?;
    Ok(raw.into())
}

impl Socket {
    /// Prepares a bound socket for batches.
    pub(crate) fn new(bound: std::net::UdpSocket, buffer: usize) -> io::Result<Self> {
        let io = mio::net::UdpSocket::from_std(bound);
        let state = UdpSocketState::new(UdpSockRef::from(&io))?;
        for set in [UdpSocketState::set_recv_buffer_size, UdpSocketState::set_send_buffer_size] {
            if let Err(error) = set(&state, UdpSockRef::from(&io), buffer) {
                tracing::debug!(%error, "the system gives smaller socket buffers");
            }
        }
        let local = io.local_addr()?;
        Ok(Self { io, state, local })
    }

    /// The address that it is bound to.
    pub(crate) const fn local(&self) -> SocketAddr {
        self.local
    }

    /// For registration with the poll.
    pub(crate) const fn source(&mut self) -> &mut mio::net::UdpSocket {
        &mut self.io
    }

    /// Receives one batch into `buffers`. Returns whether more may be waiting.
    pub(crate) fn receive(&self, buffers: &mut Buffers) -> io::Result<bool> {
        buffers.received = 0;
        let mut slices: [IoSliceMut<'_>; SLOTS] = {
            let mut slots = buffers.slots.iter_mut();
            std::array::from_fn(|_| IoSliceMut::new(slots.next().map_or(&mut [][..], |slot| &mut slot[..])))
        };
        match self.state.recv(UdpSockRef::from(&self.io), &mut slices, &mut buffers.metas) {
            Ok(received) => {
                buffers.received = received;
                Ok(received == SLOTS)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            // A peer's ICMP "port unreachable" surfaces here; it says nothing about this socket.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Sends `bytes`, each `segment` of them a datagram, with as few calls as the system allows. What it
    /// refuses is counted and lost, as on any network.
    pub(crate) fn send(
        &self,
        to: SocketAddr,
        source: Option<IpAddr>,
        bytes: &[u8],
        segment: usize,
        sent: &mut Sent,
    ) {
        let segment = segment.max(1);
        for group in bytes.chunks(segment * self.state.max_gso_segments().max(1)) {
            let count = group.len().div_ceil(segment) as u64;
            match self.send_once(to, source, group, segment, sent) {
                Ok(()) => sent.datagrams += count,
                // The kernel or the network card cannot do it in one, and quinn-udp has noticed that too.
                Err(error) if count > 1 && error.kind() != io::ErrorKind::WouldBlock => {
                    for single in group.chunks(segment) {
                        match self.send_once(to, source, single, segment, sent) {
                            Ok(()) => sent.datagrams += 1,
                            Err(_) => sent.refused += 1,
                        }
                    }
                }
                Err(error) => {
                    tracing::trace!(%error, "datagrams refused");
                    sent.refused += count;
                }
            }
        }
    }

    fn send_once(
        &self,
        to: SocketAddr,
        source: Option<IpAddr>,
        contents: &[u8],
        segment: usize,
        sent: &mut Sent,
    ) -> io::Result<()> {
        sent.calls += 1;
        let transmit = quinn_udp::Transmit {
            destination: to,
            ecn: None,
            contents,
            segment_size: (contents.len() > segment).then_some(segment),
            src_ip: source,
        };
        self.state.try_send(UdpSockRef::from(&self.io), &transmit)
    }
}

/// Where a worker receives, one batch after the other.
pub(crate) struct Buffers {
    slots: Vec<Vec<u8>>,
    metas: [RecvMeta; SLOTS],
    received: usize,
}

impl std::fmt::Debug for Buffers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buffers").field("received", &self.received).finish_non_exhaustive()
    }
}

/// A datagram that was received.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Datagram<'a> {
    pub(crate) from: SocketAddr,
    /// Which address of ours it was sent to, where the system tells.
    pub(crate) to: Option<IpAddr>,
    pub(crate) bytes: &'a [u8],
}

impl Buffers {
    pub(crate) fn new() -> Self {
        let slots = (0..SLOTS).map(|_| vec![0; SLOT_BYTES]).collect();
        Self { slots, metas: [RecvMeta::default(); SLOTS], received: 0 }
    }

    /// No room at all: what stands in for buffers that are lent out.
    pub(crate) fn none() -> Self {
        Self { slots: Vec::new(), metas: [RecvMeta::default(); SLOTS], received: 0 }
    }

    /// What the last call received.
    pub(crate) fn datagrams(&self) -> impl Iterator<Item = Datagram<'_>> {
        self.metas.iter().zip(&self.slots).take(self.received).flat_map(|(meta, slot)| {
            let filled = slot.get(..meta.len).unwrap_or_default();
            filled.chunks(meta.stride.max(1)).map(|bytes| Datagram {
                from: meta.addr,
                to: meta.dst_ip,
                bytes,
            })
        })
    }
}
