//! One UDP socket: batched receive (recvmmsg, GRO) and batched send (GSO).

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};

use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSockRef, UdpSocketState};
use sluice_sfu_engine::Transmit;
use socket2::{Domain, Protocol, Socket as RawSocket, Type};

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
    /// Groups that had to be sent one by one.
    pub(crate) fallbacks: u64,
}

/// What one receive call brought.
pub(crate) struct Received<'a> {
    metas: [RecvMeta; SLOTS],
    count: usize,
    buffers: &'a [Vec<u8>],
    local: SocketAddr,
    /// Whether more may be waiting.
    pub(crate) more: bool,
}

impl Received<'_> {
    /// Where the datagrams came from, in order.
    pub(crate) fn senders(&self) -> impl Iterator<Item = SocketAddr> {
        self.metas.iter().take(self.count).map(|meta| meta.addr)
    }

    /// The datagrams in order: from where, to which address of ours, and what.
    pub(crate) fn datagrams(&self) -> impl Iterator<Item = (SocketAddr, SocketAddr, &[u8])> {
        self.metas.iter().zip(self.buffers).take(self.count).flat_map(|(meta, buffer)| {
            let to = SocketAddr::new(meta.dst_ip.unwrap_or(self.local.ip()), self.local.port());
            let filled = buffer.get(..meta.len).unwrap_or_default();
            filled.chunks(meta.stride.max(1)).map(move |datagram| (meta.addr, to, datagram))
        })
    }
}

/// A non-blocking UDP socket on the shared port.
pub(crate) struct Socket {
    io: mio::net::UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
    buffers: Vec<Vec<u8>>,
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
        Ok(Self { io, state, local, buffers })
    }

    /// The address that it is bound to.
    pub(crate) const fn local(&self) -> SocketAddr {
        self.local
    }

    /// For registration with the poll.
    pub(crate) const fn source(&mut self) -> &mut mio::net::UdpSocket {
        &mut self.io
    }

    /// Receives one batch; `None` where nothing waits.
    pub(crate) fn receive(&mut self) -> io::Result<Option<Received<'_>>> {
        let mut metas = [RecvMeta::default(); SLOTS];
        let mut slices: Vec<IoSliceMut<'_>> = self.buffers.iter_mut().map(|b| IoSliceMut::new(b)).collect();
        let count = match self.state.recv(UdpSockRef::from(&self.io), &mut slices, &mut metas) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            // A peer's ICMP "port unreachable" surfaces here; it says nothing about this socket.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => 0,
            Err(error) => return Err(error),
        };
        let more = count == SLOTS || count == 0;
        Ok(Some(Received { metas, count, buffers: &self.buffers, local: self.local, more }))
    }

    /// Sends the datagrams of one [`Transmit`], from `source` unless the system is to choose, with as few
    /// calls as the system allows. What it refuses is counted and lost, as on any network.
    pub(crate) fn send(&mut self, transmit: &Transmit, source: Option<IpAddr>, sent: &mut Sent) {
        let Self { io, state, .. } = self;
        let Transmit { path, bytes, segment } = transmit;
        let segment = (*segment).max(1);
        send_in_groups(bytes, segment, state.max_gso_segments(), sent, |contents| {
            let datagrams = quinn_udp::Transmit {
                destination: path.theirs,
                ecn: None,
                contents,
                segment_size: (contents.len() > segment).then_some(segment),
                src_ip: source,
            };
            state.try_send(UdpSockRef::from(&*io), &datagrams)
        });
    }
}

/// Calls `send` with up to `most` segments at a time. A group that is refused is sent one by one: the
/// kernel or the network card cannot do it (EIO, EINVAL), and quinn-udp has noticed that too.
fn send_in_groups(
    bytes: &[u8],
    segment: usize,
    most: usize,
    sent: &mut Sent,
    mut send: impl FnMut(&[u8]) -> io::Result<()>,
) {
    for group in bytes.chunks(segment * most.max(1)) {
        let count = group.len().div_ceil(segment) as u64;
        sent.calls += 1;
        match send(group) {
            Ok(()) => sent.datagrams += count,
            Err(error) if count > 1 && error.kind() != io::ErrorKind::WouldBlock => {
                sent.fallbacks += 1;
                for single in group.chunks(segment) {
                    sent.calls += 1;
                    match send(single) {
                        Ok(()) => sent.datagrams += 1,
                        Err(error) => sent.refuse(1, &error),
                    }
                }
            }
            Err(error) => sent.refuse(count, &error),
        }
    }
}

impl Sent {
    fn refuse(&mut self, count: u64, error: &io::Error) {
        self.refused += count;
        tracing::trace!(%error, "datagrams refused");
    }
}

#[cfg(test)]
mod tests {
    use sluice_sfu_engine::Path;

    use super::*;

    fn loopback() -> Socket {
        Socket::open("127.0.0.1:0".parse().unwrap(), 1 << 20).unwrap()
    }

    fn receive_all(socket: &mut Socket, want: usize) -> Vec<Vec<u8>> {
        let mut got = Vec::new();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while got.len() < want && std::time::Instant::now() < deadline {
            if let Some(received) = socket.receive().unwrap() {
                got.extend(received.datagrams().map(|(_, _, bytes)| bytes.to_vec()));
            }
        }
        got
    }

    fn transmit(from: &Socket, to: &Socket, sizes: &[usize]) -> Transmit {
        let contents = sizes.iter().enumerate().map(|(index, size)| vec![index as u8; *size]);
        let bytes = contents.collect::<Vec<_>>().concat();
        Transmit { path: Path::udp(from.local(), to.local()), bytes, segment: sizes[0] }
    }

    #[test]
    fn equal_sizes_and_a_shorter_tail_share_a_call() {
        let (mut from, mut to) = (loopback(), loopback());
        let mut sent = Sent::default();
        let sizes = [1200, 1200, 1200, 300];
        from.send(&transmit(&from, &to, &sizes), Some(from.local().ip()), &mut sent);
        assert_eq!((sent.datagrams, sent.refused), (4, 0));
        assert!(sent.calls == 1 || from.state.max_gso_segments() == 1, "{sent:?}");
        let got = receive_all(&mut to, 4);
        assert_eq!(got.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
    }

    #[test]
    fn a_group_that_the_kernel_refuses_is_sent_one_by_one() {
        let mut sent = Sent::default();
        let mut got = Vec::new();
        send_in_groups(&[7; 1000], 300, 64, &mut sent, |contents| {
            if contents.len() > 300 {
                return Err(io::Error::from_raw_os_error(5)); // EIO
            }
            got.push(contents.len());
            Ok(())
        });
        assert_eq!(got, [300, 300, 300, 100]);
        assert_eq!((sent.calls, sent.datagrams, sent.fallbacks, sent.refused), (5, 4, 1, 0));
    }

    #[test]
    fn a_full_buffer_loses_the_group_and_counts_it() {
        let mut sent = Sent::default();
        let full = || Err(io::Error::from(io::ErrorKind::WouldBlock));
        send_in_groups(&[7; 1000], 300, 64, &mut sent, |_| full());
        assert_eq!((sent.calls, sent.datagrams, sent.fallbacks, sent.refused), (1, 0, 0, 4));
    }

    #[test]
    fn a_datagram_reports_the_address_that_it_was_sent_to() {
        let (mut from, mut to) = (loopback(), loopback());
        from.send(&transmit(&from, &to, &[1]), None, &mut Sent::default());
        let mut hit = None;
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while hit.is_none() && std::time::Instant::now() < deadline {
            if let Some(received) = to.receive().unwrap() {
                hit = received.datagrams().last().map(|(sender, address, _)| (sender, address));
            }
        }
        assert_eq!(hit, Some((from.local(), to.local())));
    }
}
