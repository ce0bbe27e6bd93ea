//! `sluice-load flood`: what strangers may send to a server, at a rate. Nothing of it may be answered by the
//! media port, and those who are admitted must not notice (see `scripts/flood`).

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _, UdpSocket};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::libc::linger;
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::Linger;
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use serde::Serialize;

use crate::cli::flood::Flood;

/// Time between two bursts. Shorter is more even, longer costs less.
const BURST: Duration = Duration::from_millis(2);

/// Bytes of a bogus datagram: about those of a browser's check.
const STUN: usize = 108;
const DTLS: usize = 180;
const RTCP: usize = 80;

/// How long a connection waits for the web server's refusal.
const PATIENCE: Duration = Duration::from_millis(200);

/// What was sent and what came of it.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    seconds: f64,
    stun: u64,
    dtls: u64,
    rtcp: u64,
    /// Datagrams that the media port sent back.
    answered: u64,
    /// Datagrams that our own system refused to send.
    refused: u64,
    /// Connections to the web server.
    connections: u64,
    /// Connections that it did not accept.
    not_accepted: u64,
    /// All of that, each second.
    rate: f64,
}

impl Report {
    /// For people.
    pub(crate) fn text(&self) -> String {
        format!(
            "{:.0} a second for {:.1} s: {} STUN, {} DTLS, {} RTCP, {} connections ({} not accepted); {} answered, {} \
             refused by this system\n",
            self.rate,
            self.seconds,
            self.stun,
            self.dtls,
            self.rtcp,
            self.connections,
            self.not_accepted,
            self.answered,
            self.refused
        )
    }
}

/// Sends for as long as was asked for.
pub(crate) fn run(args: &Flood) -> Result<Report> {
    if args.stun == 0 && args.dtls == 0 && args.rtcp == 0 && args.garbage == 0 {
        bail!("nothing to send: name a rate with --stun, --dtls, --rtcp or --garbage");
    }
    let began = Instant::now();
    let until = began + args.duration;
    let mut threads: Vec<JoinHandle<Result<Report>>> = Vec::new();
    if let Some(media) = args.media {
        let (rates, ports) = ([args.stun, args.dtls, args.rtcp], args.ports);
        threads.push(thread::spawn(move || datagrams(media, rates, ports, until)));
    }
    if let Some(http) = args.http.as_ref().filter(|_| args.garbage > 0) {
        let host = http.host_str().context("the web server's address has no host")?;
        let port = http.port_or_known_default().context("the web server's address has no port")?;
        let mut found =
            (host.trim_matches(['[', ']']), port).to_socket_addrs().context("finding the web server")?;
        let (server, rate) = (found.next().context("the web server has no address")?, args.garbage);
        threads.push(thread::spawn(move || connections(server, rate, until)));
    }
    let mut all = Report::default();
    for part in threads {
        let part = part.join().ok().context("a thread panicked")??;
        all.stun += part.stun;
        all.dtls += part.dtls;
        all.rtcp += part.rtcp;
        all.answered += part.answered;
        all.refused += part.refused;
        all.connections += part.connections;
        all.not_accepted += part.not_accepted;
    }
    all.seconds = began.elapsed().as_secs_f64();
    all.rate = (all.stun + all.dtls + all.rtcp + all.connections) as f64 / all.seconds;
    Ok(all)
}

fn datagrams(media: SocketAddr, rates: [u32; 3], ports: u16, until: Instant) -> Result<Report> {
    let any: SocketAddr = match media {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let sockets = (0..ports).map(|_| {
        let socket = UdpSocket::bind(any)?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    });
    let sockets: Vec<UdpSocket> = sockets.collect::<std::io::Result<_>>().context("opening UDP sockets")?;
    let mut random = StdRng::from_rng(&mut rand::rng());
    let mut report = Report::default();
    let mut sent = [0_u64; 3];
    let (began, mut at) = (Instant::now(), 0_usize);
    while Instant::now() < until {
        for (kind, rate) in rates.into_iter().enumerate() {
            let due = (began.elapsed().as_secs_f64() * f64::from(rate)) as u64;
            while sent[kind] < due {
                let bytes = bogus(kind, &mut random);
                at = (at + 1) % sockets.len();
                report.refused += u64::from(sockets[at].send_to(&bytes, media).is_err());
                sent[kind] += 1;
            }
        }
        thread::sleep(BURST);
    }
    let mut buffer = [0; 2048];
    for socket in &sockets {
        while socket.recv(&mut buffer).is_ok() {
            report.answered += 1;
        }
    }
    [report.stun, report.dtls, report.rtcp] = sent;
    Ok(report)
}

/// A datagram as a stranger may make it, different each time.
fn bogus(kind: usize, random: &mut StdRng) -> Vec<u8> {
    let mut bytes = vec![0; [STUN, DTLS, RTCP][kind.min(2)]];
    random.fill_bytes(&mut bytes);
    match kind {
        // A binding request (RFC 8489 §5) with a user name of nobody and a signature of chance.
        0 => {
            let length = u16::try_from(STUN - 20).unwrap_or(0).to_be_bytes();
            bytes[..8].copy_from_slice(&[0, 1, length[0], length[1], 0x21, 0x12, 0xa4, 0x42]);
            bytes[20..24].copy_from_slice(&[0, 6, 0, 18]);
            bytes[24..42].fill_with(|| random.random_range(b'A'..=b'Z'));
            bytes[37] = b':';
            bytes[42..44].fill(0);
            bytes[44..48].copy_from_slice(&[0, 8, 0, 20]);
        }
        // A handshake record of DTLS 1.2 (RFC 6347 §4.1).
        1 => bytes[..13].copy_from_slice(&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 167]),
        // A receiver report (RFC 3550 §6.4.2) of the SSRC that browsers have which only watch.
        _ => bytes[..8].copy_from_slice(&[0x81, 201, 0, 7, 0, 0, 0, 1]),
    }
    bytes
}

fn connections(server: SocketAddr, rate: u32, until: Instant) -> Result<Report> {
    let mut report = Report::default();
    let began = Instant::now();
    while Instant::now() < until {
        let due = (began.elapsed().as_secs_f64() * f64::from(rate)) as u64;
        while report.connections < due && Instant::now() < until {
            report.connections += 1;
            report.not_accepted += u64::from(connect(server).is_err());
        }
        thread::sleep(BURST);
    }
    Ok(report)
}

/// Connects, says what is no HTTP, takes what comes and hangs up without a trace in the system's tables.
fn connect(server: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect_timeout(&server, PATIENCE)?;
    setsockopt(&stream, Linger, &linger { l_onoff: 1, l_linger: 0 })?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"\x16\x03\x01 this is no request \r\n\r\n")?;
    let _refusal = stream.read(&mut [0; 512]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn bogus_datagrams_look_like_what_they_pretend_to_be() {
        let mut random = StdRng::seed_from_u64(1);
        let stun = bogus(0, &mut random);
        assert_eq!((stun.len(), stun[0], stun[1], &stun[4..8]), (STUN, 0, 1, &[0x21, 0x12, 0xa4, 0x42][..]));
        assert_eq!(usize::from(u16::from_be_bytes([stun[2], stun[3]])), STUN - 20);
        assert_ne!(stun, bogus(0, &mut random), "each is another");
        let dtls = bogus(1, &mut random);
        assert_eq!(usize::from(u16::from_be_bytes([dtls[11], dtls[12]])), DTLS - 13);
        assert!((192..=223).contains(&bogus(2, &mut random)[1]));
    }

    #[test]
    fn a_flood_keeps_its_rate_and_counts_what_comes_back() {
        let echo = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let media = echo.local_addr().unwrap();
        echo.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let answering = thread::spawn({
            let over = Arc::clone(&over);
            move || {
                let (mut got, mut buffer) = (0, [0; 2048]);
                loop {
                    // Asked before: what came until then is still to be read.
                    let last = over.load(Ordering::Relaxed);
                    match echo.recv_from(&mut buffer) {
                        Ok((length, from)) => {
                            got += 1;
                            // One in a hundred is answered.
                            if got % 100 == 0 {
                                let _gone = echo.send_to(&buffer[..length], from);
                            }
                        }
                        Err(_) if last => return got,
                        Err(_) => {}
                    }
                }
            }
        });
        // Long enough that a busy machine's pause at the end is little of it.
        let began = Instant::now();
        let report = datagrams(media, [1000, 2000, 0], 8, began + Duration::from_secs(2)).unwrap();
        let seconds = began.elapsed().as_secs_f64();
        over.store(true, Ordering::Relaxed);
        let got = answering.join().unwrap();
        for (sent, rate) in [(report.stun, 1000.0), (report.dtls, 2000.0)] {
            let due = rate * seconds;
            assert!((0.8 * due..=due).contains(&(sent as f64)), "{sent} of {due} in {seconds} s: {report:?}");
        }
        assert!(got > 4000 && report.answered >= 32 && report.refused == 0, "{got} arrived: {report:?}");
    }
}
