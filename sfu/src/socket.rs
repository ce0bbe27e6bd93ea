//! One UDP socket: batched receive (recvmmsg, GRO) and batched send (GSO).

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Socket as RawSocket, Type};

/// Most bytes that one GSO send may carry; the kernel refuses more than 64 KiB with headers.
const GSO_BYTES: usize = 60_000;

/// Room for one receive slot: with GRO the kernel hands over up to 64 KiB at once.
const SLOT_BYTES: usize = 65_536;

/// Slots of one receive call. More serves bursts with fewer system calls, fewer costs less memory.
const SLOTS: usize = if BATCH_SIZE < 16 { BATCH_SIZE } else { 16 };

/// What one send call did, for the metrics.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Sent {
    /// System calls made.
    pub(crate) calls: u64,
    /// Datagrams that they carried.
    pub(crate) datagrams: u64,
    /// Datagrams that the system refused (full buffer, no route, too large).
    pub(crate) refused: u64,
}

/// A datagram waiting to be sent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) to: SocketAddr,
    pub(crate) from: IpAddr,
    pub(crate) bytes: Vec<u8>,
}

/// A non-blocking UDP socket on the shared port.
pub(crate) struct Socket {
    io: mio::net::UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    buffers: Vec<Vec<u8>>,
    gather: Vec<u8>,
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket").field("local", &self.local).finish_non_exhaustive()
    }
}

impl Socket {
    /// Opens `address` so that other workers can open it too. The first of them opens it
    /// `alone`, to find out whether another program has the port.
    pub(crate) fn open(address: SocketAddr, buffer: usize) -> io::Result<Self> {
        let raw = RawSocket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            raw.set_only_v6(true)?;
        }
        raw.set_reuse_port(true)?;
        raw.set_nonblocking(true)?;
        raw.bind(&address.into())?;
        let io = mio::net::UdpSocket::from_std(raw.into());
        let state = UdpSocketState::new(UdpSockRef::from(&io))?;
        for set in [UdpSocketState::set_recv_buffer_size, UdpSocketState::set_send_buffer_size] {
            if let Err(error) = set(&state, UdpSockRef::from(&io), buffer) {
                tracing::debug!(%error, "the system gives smaller socket buffers");
            }
        }
        let local = io.local_addr()?;
        let buffers = (0..SLOTS).map(|_| vec![0; SLOT_BYTES]).collect();
        Ok(Self { io, state, local, buffers, gather: Vec::with_capacity(SLOT_BYTES) })
    }

    /// The address that it is bound to.
    pub(crate) const fn local(&self) -> SocketAddr {
        self.local
    }

    /// For registration with the poll.
    pub(crate) const fn source(&mut self) -> &mut mio::net::UdpSocket {
        &mut self.io
    }

    /// Receives one batch and hands each datagram to `each(from, to, bytes)`. Returns whether
    /// more may be waiting.
    pub(crate) fn receive(
        &mut self,
        mut each: impl FnMut(SocketAddr, SocketAddr, &[u8]),
    ) -> io::Result<bool> {
        let mut metas = [RecvMeta::default(); SLOTS];
        let received = {
            let mut slices: Vec<IoSliceMut<'_>> =
                self.buffers.iter_mut().map(|b| IoSliceMut::new(b)).collect();
            match self.state.recv(UdpSockRef::from(&self.io), &mut slices, &mut metas) {
                Ok(received) => received,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                // A peer's ICMP "port unreachable" surfaces here; it says nothing about this socket.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(true),
                Err(error) => return Err(error),
            }
        };
        for (meta, buffer) in metas.iter().zip(&self.buffers).take(received) {
            let to = SocketAddr::new(meta.dst_ip.unwrap_or(self.local.ip()), self.local.port());
            let stride = meta.stride.max(1);
            let Some(filled) = buffer.get(..meta.len) else { continue };
            filled.chunks(stride).for_each(|datagram| each(meta.addr, to, datagram));
        }
        Ok(received == SLOTS)
    }

    /// Sends everything in `queue`, which must be ordered by destination, in as few calls as the
    /// sizes allow: equal sizes share a call and a shorter one closes it.
    pub(crate) fn send(&mut self, queue: &[Outgoing]) -> Sent {
        let mut sent = Sent::default();
        let mut rest = queue;
        while let [first, ..] = rest {
            let count = self.batch(first, rest);
            let (batch, after) = rest.split_at(count);
            rest = after;
            self.send_batch(first, batch, &mut sent);
        }
        sent
    }

    /// How many of `rest` fit into one call with `first`.
    fn batch(&self, first: &Outgoing, rest: &[Outgoing]) -> usize {
        let segment = first.bytes.len();
        let most = self.state.max_gso_segments().min(GSO_BYTES / segment.max(1)).max(1);
        let mut count = 1;
        while count < most && count < rest.len() {
            let next = &rest[count];
            if next.to != first.to || next.from != first.from || next.bytes.len() > segment {
                break;
            }
            count += 1;
            if next.bytes.len() < segment {
                break;
            }
        }
        count
    }

    fn send_batch(&mut self, first: &Outgoing, batch: &[Outgoing], sent: &mut Sent) {
        let contents = if let [only] = batch {
            &only.bytes
        } else {
            self.gather.clear();
            batch.iter().for_each(|outgoing| self.gather.extend_from_slice(&outgoing.bytes));
            &self.gather
        };
        let transmit = Transmit {
            destination: first.to,
            ecn: None,
            contents,
            segment_size: (batch.len() > 1).then_some(first.bytes.len()),
            src_ip: (!first.from.is_unspecified()).then_some(first.from),
        };
        sent.calls += 1;
        match self.state.try_send(UdpSockRef::from(&self.io), &transmit) {
            Ok(()) => sent.datagrams += batch.len() as u64,
            // The kernel or network card refused the batch: quinn-udp has switched GSO off for
            // this socket, so send the same datagrams one by one.
            Err(_) if batch.len() > 1 => {
                batch.iter().for_each(|one| self.send_batch(one, std::slice::from_ref(one), sent))
            }
            Err(error) => {
                sent.refused += 1;
                tracing::trace!(%error, "datagram refused");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loopback() -> Socket {
        Socket::open("127.0.0.1:0".parse().unwrap(), 1 << 20).unwrap()
    }

    fn receive_all(socket: &mut Socket, want: usize) -> Vec<Vec<u8>> {
        let mut got = Vec::new();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while got.len() < want && std::time::Instant::now() < deadline {
            socket.receive(|_, _, bytes| got.push(bytes.to_vec())).unwrap();
        }
        got
    }

    #[test]
    fn equal_sizes_and_a_shorter_tail_share_a_call() {
        let (mut from, mut to) = (loopback(), loopback());
        let sizes = [1200, 1200, 1200, 300, 1200, 90];
        let queue: Vec<_> = sizes
            .iter()
            .enumerate()
            .map(|(index, size)| Outgoing {
                to: to.local(),
                from: from.local().ip(),
                bytes: vec![index as u8; *size],
            })
            .collect();
        let sent = from.send(&queue);
        assert_eq!((sent.datagrams, sent.refused), (6, 0));
        assert!(sent.calls == 2 || from.state.max_gso_segments() == 1, "{sent:?}");
        let got = receive_all(&mut to, 6);
        assert_eq!(got.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
    }

    #[test]
    fn a_datagram_reports_the_address_that_it_was_sent_to() {
        let (mut from, mut to) = (loopback(), loopback());
        from.send(&[Outgoing { to: to.local(), from: from.local().ip(), bytes: b"x".to_vec() }]);
        let mut hit = None;
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while hit.is_none() && std::time::Instant::now() < deadline {
            to.receive(|sender, address, _| hit = Some((sender, address))).unwrap();
        }
        assert_eq!(hit, Some((from.local(), to.local())));
    }
}
