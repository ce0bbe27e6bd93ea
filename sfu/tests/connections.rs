//! ICE-TCP over real sockets: who gets an answer over a connection, and who is closed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use rtc::crypto::HmacAlgorithm;
use sluice_domain::StreamId;
use sluice_sfu::{Accepted, Sfu, SfuConfig, SfuEvent};
use tokio::sync::mpsc;

/// Longest time that something local may take on a busy machine.
const SOON: Duration = Duration::from_secs(20);

const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\n\
a=ice-pwd:0123456789012345678901\r\na=setup:active\r\na=mid:0\r\na=sctp-port:5000\r\n\
a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n";

fn start(workers: usize, tcp: bool) -> (Sfu, mpsc::Receiver<SfuEvent>) {
    let listen = vec![Ipv4Addr::LOCALHOST.into()];
    Sfu::start(SfuConfig { listen, udp_port: 0, workers, tcp, ..SfuConfig::default() }).unwrap()
}

async fn join(sfu: &Sfu) -> Accepted {
    sfu.join(StreamId(uuid::Uuid::from_u128(1)), OFFER).await.unwrap()
}

fn line<'a>(answer: &'a str, name: &str) -> &'a str {
    answer.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name} in {answer}"))
}

/// A check of the peer that got this answer, signed with this password.
fn check(ufrag: &str, pwd: &str) -> Vec<u8> {
    let mut attributes = Vec::new();
    let mut add = |kind: u16, value: &[u8]| {
        attributes.extend_from_slice(&kind.to_be_bytes());
        attributes.extend_from_slice(&(value.len() as u16).to_be_bytes());
        attributes.extend_from_slice(value);
        attributes.resize(attributes.len().next_multiple_of(4), 0);
    };
    add(0x0006, format!("{ufrag}:abcd").as_bytes());
    add(0x0025, &[]);
    add(0x802a, &[7; 8]);
    add(0x0024, &0x6e7f_1eff_u32.to_be_bytes());
    let mut request = vec![0, 1];
    request.extend_from_slice(&(attributes.len() as u16 + 24).to_be_bytes());
    request.extend_from_slice(&0x2112_a442_u32.to_be_bytes());
    request.extend_from_slice(b"transaction1");
    request.extend_from_slice(&attributes);
    let provider = rtc::crypto::default_provider().unwrap();
    let mut signature = [0; 20];
    let mut mac = provider.crypto().new_hmac(HmacAlgorithm::Sha1, pwd.as_bytes()).unwrap();
    mac.sign(&[&request], &mut signature).unwrap();
    request.extend_from_slice(&[0, 8, 0, 20]);
    request.extend_from_slice(&signature);
    request
}

fn check_of(accepted: &Accepted) -> Vec<u8> {
    check(line(&accepted.answer, "a=ice-ufrag:"), line(&accepted.answer, "a=ice-pwd:"))
}

fn framed(datagram: &[u8]) -> Vec<u8> {
    [&(datagram.len() as u16).to_be_bytes(), datagram].concat()
}

fn connect(sfu: &Sfu) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, sfu.udp_port())).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    stream
}

/// The next datagram; `None` where the connection is closed.
fn read(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut length = [0; 2];
    match stream.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
            return None;
        }
        Err(error) => panic!("neither an answer nor an end: {error}"),
    }
    let mut datagram = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut datagram).unwrap();
    Some(datagram)
}

fn is_success(datagram: &[u8]) -> bool {
    datagram.starts_with(&[1, 1])
}

/// Whether the next datagram is the answer to a check.
fn is_answered(stream: &mut TcpStream) -> bool {
    read(stream).is_some_and(|datagram| is_success(&datagram))
}

/// Whether a check of this peer over a connection is answered.
fn checks(stream: &mut TcpStream, accepted: &Accepted) -> bool {
    stream.write_all(&framed(&check_of(accepted))).is_ok() && is_answered(stream)
}

/// How many of these connections, none of which blocks, are closed.
fn closed(streams: &mut [TcpStream]) -> usize {
    let is_closed = |stream: &mut TcpStream| match stream.read(&mut [0; 1]) {
        Ok(length) => length == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    };
    streams.iter_mut().map(is_closed).filter(|closed| *closed).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_announced_last_and_only_where_they_are_accepted() {
    let (sfu, _events) = start(1, true);
    assert!(sfu.accepts_tcp());
    let answer = join(&sfu).await.answer;
    let candidates: Vec<&str> = answer.lines().filter_map(|line| line.strip_prefix("a=candidate:")).collect();
    let port = sfu.udp_port();
    assert!(
        candidates[0].contains(" udp ") && candidates[0].ends_with(&format!("127.0.0.1 {port} typ host"))
    );
    let last = candidates.last().unwrap();
    assert!(last.contains(" tcp ") && last.ends_with(&format!("{port} typ host tcptype passive")), "{last}");
    sfu.shutdown(None).await;

    let (sfu, _events) = start(1, false);
    assert!(!sfu.accepts_tcp() && !join(&sfu).await.answer.contains(" tcp "));
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, sfu.udp_port())).is_err());
    sfu.shutdown(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_number_is_taken_only_udp_is_served() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let config = SfuConfig {
        listen: vec![Ipv4Addr::LOCALHOST.into()],
        udp_port: port,
        workers: 1,
        ..SfuConfig::default()
    };
    let (sfu, _events) = Sfu::start(config).unwrap();
    assert!(!sfu.accepts_tcp() && sfu.udp_port() == port);
    assert!(!join(&sfu).await.answer.contains(" tcp "));
    sfu.shutdown(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_worker_accepts_a_connection_its_peer_is_answered() {
    let (sfu, _events) = start(2, true);
    for _ in 0..4 {
        let accepted = join(&sfu).await;
        // The kernel chooses the worker by the port that each comes from.
        for _ in 0..6 {
            let mut stream = connect(&sfu);
            let request = framed(&check_of(&accepted));
            // Two in one piece: what is behind the first goes along.
            stream.write_all(&request.repeat(2)).unwrap();
            assert!(is_answered(&mut stream) && is_answered(&mut stream));
            assert!(checks(&mut stream, &accepted));
        }
    }
    sfu.shutdown(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_comes_byte_by_byte_is_answered() {
    let (sfu, _events) = start(2, true);
    let accepted = join(&sfu).await;
    for _ in 0..3 {
        let mut stream = connect(&sfu);
        stream.set_nodelay(true).unwrap();
        for byte in framed(&check_of(&accepted)) {
            stream.write_all(&[byte]).unwrap();
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(is_answered(&mut stream));
    }
    sfu.shutdown(None).await;
}

// Requirements: R383
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_authentic_check_is_closed_without_a_word() {
    let (sfu, _events) = start(2, true);
    let accepted = join(&sfu).await;
    let (ufrag, pwd) = (line(&accepted.answer, "a=ice-ufrag:"), line(&accepted.answer, "a=ice-pwd:"));
    let mut altered = check(ufrag, pwd);
    let at = altered.len() - 1;
    altered[at] ^= 1;
    let others = [
        ("HTTP", b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec()),
        ("TLS", vec![0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]),
        ("RTP", framed(&[0x80; 200])),
        ("DTLS", framed(&[22; 200])),
        ("an empty one and then nonsense", [framed(&[]), framed(&[0xff; 40])].concat()),
        ("a name that nobody has", framed(&check("Babcdefghijkl", pwd))),
        ("a name of nobody in other characters", framed(&check("\u{fc}", pwd))),
        ("a wrong password", framed(&check(ufrag, "wrong"))),
        ("an altered signature", framed(&altered)),
    ];
    for (what, bytes) in others {
        let mut stream = connect(&sfu);
        stream.write_all(&bytes).unwrap();
        assert_eq!(read(&mut stream), None, "{what}");
    }
    // And whoever is a peer is still served.
    assert!(checks(&mut connect(&sfu), &accepted));
    sfu.shutdown(None).await;
}

// Requirements: R383
#[tokio::test(flavor = "multi_thread")]
async fn who_says_nothing_or_half_of_it_is_closed_in_time_and_crowds_out_nobody() {
    let (sfu, _events) = start(1, true);
    let accepted = join(&sfu).await;
    let began = Instant::now();
    let mut silent = connect(&sfu);
    let mut half = connect(&sfu);
    half.write_all(&framed(&check_of(&accepted))[..30]).unwrap();
    for stream in [&mut silent, &mut half] {
        stream.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
        assert_eq!(read(stream), None);
    }
    let waited = began.elapsed();
    assert!((Duration::from_secs(4)..Duration::from_secs(8)).contains(&waited), "{waited:?}");
    // So many of one address, and no more.
    let mut crowd: Vec<TcpStream> = (0..40).map(|_| connect(&sfu)).collect();
    crowd.iter().for_each(|stream| stream.set_nonblocking(true).unwrap());
    let began = Instant::now();
    while closed(&mut crowd) < 8 {
        assert!(began.elapsed() < SOON, "{} are refused", closed(&mut crowd));
        std::thread::sleep(Duration::from_millis(10));
    }
    // Another one would be refused by now too; those that are not have seconds left.
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(closed(&mut crowd), 8);
    drop(crowd);
    let began = Instant::now();
    while !checks(&mut connect(&sfu), &accepted) {
        assert!(began.elapsed() < SOON, "their places are not given back");
        std::thread::sleep(Duration::from_millis(10));
    }
    sfu.shutdown(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_of_a_peer_that_ends_is_closed() {
    let (sfu, _events) = start(2, true);
    let accepted = join(&sfu).await;
    let mut stream = connect(&sfu);
    assert!(checks(&mut stream, &accepted));
    sfu.close_peer(accepted.peer).await;
    while read(&mut stream).is_some() {}
    sfu.shutdown(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_relay_of_this_process_hands_over_is_answered_through_it() {
    let (sfu, _events) = start(2, true);
    let (sender, sent) = std::sync::mpsc::channel();
    let outlet = move |datagrams: sluice_sfu::Relayed<'_>| {
        sender.send((datagrams.from, datagrams.to, datagrams.bytes.to_vec(), datagrams.segment)).is_ok()
    };
    assert!(sfu.set_relay(std::sync::Arc::new(outlet.clone())));
    assert!(!sfu.set_relay(std::sync::Arc::new(outlet)), "there is one");
    let ours = sfu.candidates()[0];
    assert!(sfu.serves(ours) && !sfu.serves(([127, 0, 0, 1], ours.port() ^ 1).into()));
    for index in 0..4 {
        let accepted = join(&sfu).await;
        let relayed: SocketAddr = ([203, 0, 113, 5], 50_000 + index).into();
        assert!(!sfu.relayed(relayed, ours, &[22; 60]), "nothing is known of it yet");
        assert!(!sfu.relayed(relayed, ours, &check("Babcdefghijkl", "any")), "nobody has this name");
        assert!(sfu.relayed(relayed, ours, &check_of(&accepted)));
        let (from, to, bytes, segment) = sent.recv_timeout(Duration::from_secs(3)).unwrap();
        assert_eq!((from, to, segment), (ours, relayed, bytes.len()));
        assert!(is_success(&bytes));
        assert!(sfu.relayed(relayed, ours, &[22; 60]), "what follows goes to the same peer");
        sfu.relay_ended(relayed);
        assert!(!sfu.relayed(relayed, ours, &[22; 60]));
    }
    sfu.shutdown(None).await;
}
