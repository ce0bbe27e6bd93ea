//! The TURN server over real sockets: datagrams, TCP, TLS, IPv6, relays, and the way to media without a socket.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it is")]

mod client;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use client::Client;
use rustls::pki_types::{PrivatePkcs8KeyDer, ServerName};
use sluice_domain::Redacted;
use sluice_turn::{Credentials, Media, StartError, Turn, TurnConfig};
use sluice_turn_proto::{Message, Method, attribute as code};
use tokio::net::{TcpListener, TcpStream, UdpSocket};

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

fn config() -> TurnConfig {
    let credentials = Credentials::new(&Redacted::new("0123456789abcdef".to_owned()));
    TurnConfig {
        listen: vec![V4, V6],
        port: 0,
        relayed_addresses: vec![V4, V6],
        public_peers: true,
        allowed_peers: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
        workers: 2,
        ..TurnConfig::new(credentials)
    }
}

fn start() -> Turn {
    Turn::start(config(), Media::default()).unwrap()
}

/// A peer that sends back what it gets.
async fn echo(ip: IpAddr) -> SocketAddr {
    let socket = UdpSocket::bind((ip, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut bytes = vec![0; 65_536];
        while let Ok((length, from)) = socket.recv_from(&mut bytes).await {
            socket.send_to(&bytes[..length], from).await.unwrap();
        }
    });
    address
}

/// Sends payloads of many sizes to an echo and wants each back.
async fn talks(client: &mut Client, peer: SocketAddr) {
    client.bind(0x4000, peer).await.unwrap();
    for size in (1..1400).step_by(37) {
        let payload: Vec<u8> = (0..size).map(|byte| (byte * 7 + size) as u8).collect();
        client.send(0x4000, &payload).await;
        client.hears(0x4000, &[payload]).await;
    }
    // A burst, which batches put together and take apart.
    let burst: Vec<Vec<u8>> = (0..50).map(|number| vec![number; 1200]).collect();
    for payload in &burst {
        client.send(0x4000, payload).await;
    }
    client.hears(0x4000, &burst).await;
}

#[tokio::test]
async fn a_client_by_udp_reaches_its_peer() {
    let turn = start();
    for ip in [V4, V6] {
        let mut client = Client::udp(&turn, SocketAddr::new(ip, turn.port())).await;
        let family = (code::REQUESTED_ADDRESS_FAMILY, vec![if ip.is_ipv4() { 1 } else { 2 }, 0, 0, 0]);
        let relayed = client.allocate(&[family]).await.unwrap();
        assert_eq!(relayed.ip(), ip);
        let peer = echo(ip).await;
        talks(&mut client, peer).await;
    }
    turn.stop().await;
}

#[tokio::test]
async fn a_client_by_tcp_reaches_its_peer() {
    let turn = start();
    let stream = TcpStream::connect((V4, turn.port())).await.unwrap();
    let mut client = Client::stream(&turn, stream);
    client.allocate(&[]).await.unwrap();
    let peer = echo(V4).await;
    talks(&mut client, peer).await;
    turn.stop().await;
}

#[tokio::test]
async fn a_client_by_tls_reaches_its_peer() {
    let turn = start();
    let pair = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(pair.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![pair.cert.der().clone()], key.into())
        .unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(pair.cert.der().clone()).unwrap();
    let trusting = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();

    let listener = TcpListener::bind((V4, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepting = turn.clone();
    let serving = tokio::spawn(async move {
        let (stream, client) = listener.accept().await.unwrap();
        let stream = tokio_rustls::TlsAcceptor::from(Arc::new(server)).accept(stream).await.unwrap();
        accepting.accept(stream, client, address).await;
    });
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = tokio_rustls::TlsConnector::from(Arc::new(trusting)).connect(name, stream).await.unwrap();
    let mut client = Client::stream(&turn, stream);
    client.allocate(&[]).await.unwrap();
    let peer = echo(V4).await;
    talks(&mut client, peer).await;
    drop(client);
    serving.await.unwrap();
    turn.stop().await;
}

#[tokio::test]
async fn media_in_this_process_is_reached_without_a_socket() {
    // Nobody listens there: what arrives came by the short way.
    let media: SocketAddr = "10.255.0.1:8189".parse().unwrap();
    let (delivered, mut deliveries) = tokio::sync::mpsc::channel(100);
    let (gave_up, mut given_up) = tokio::sync::mpsc::channel(100);
    let way = Media::in_process(
        vec![media],
        move |from, to, bytes| delivered.try_send((from, to, bytes.to_vec())).unwrap(),
        move |relayed| gave_up.try_send(relayed).unwrap(),
    );
    let turn = Turn::start(TurnConfig { allowed_peers: vec![], ..config() }, way).unwrap();
    let outlet = turn.media_outlet();
    let stream = TcpStream::connect((V4, turn.port())).await.unwrap();
    let clients = [Client::udp(&turn, SocketAddr::new(V4, turn.port())).await, Client::stream(&turn, stream)];
    for mut client in clients {
        let relayed = client.allocate(&[]).await.unwrap();
        client.bind(0x4000, media).await.unwrap();
        client.send(0x4000, b"to media").await;
        let delivery = tokio::time::timeout(Duration::from_secs(5), deliveries.recv()).await.unwrap();
        assert_eq!(delivery, Some((relayed, media, b"to media".to_vec())));
        assert!(outlet(relayed, media, &[[1; 100].as_slice(), &[2; 100], &[3; 50]].concat(), 100));
        for payload in [vec![1; 100], vec![2; 100], vec![3; 50]] {
            assert_eq!(client.payload().await, (0x4000, payload));
        }
        let other = SocketAddr::new(media.ip(), 22);
        assert_eq!(client.bind(0x4001, other).await, Err(403), "of that address the media port alone");
        client.ask(Method::Refresh, &[(code::LIFETIME, vec![0; 4])]).await.unwrap();
        assert_eq!(given_up.recv().await, Some(relayed));
        assert!(!outlet(relayed, media, &[1], 1), "nobody has it any more");
    }
    turn.stop().await;
}

#[tokio::test]
async fn peers_that_are_not_public_are_refused() {
    let turn = Turn::start(TurnConfig { allowed_peers: vec![], ..config() }, Media::default()).unwrap();
    let mut client = Client::udp(&turn, SocketAddr::new(V4, turn.port())).await;
    client.allocate(&[]).await.unwrap();
    for peer in ["127.0.0.1:53", "10.0.0.1:1", "169.254.169.254:80", "192.168.0.1:1"] {
        assert_eq!(client.bind(0x4000, peer.parse().unwrap()).await, Err(403), "{peer}");
    }
    turn.stop().await;
}

#[tokio::test]
async fn the_port_after_an_even_one_is_kept_for_another_5_tuple() {
    let turn = start();
    let server = SocketAddr::new(V4, turn.port());
    for _ in 0..8 {
        let mut first = Client::udp(&turn, server).await;
        let even = (code::EVEN_PORT, vec![0x80]);
        let answer =
            first.ask(Method::Allocate, &[(code::REQUESTED_TRANSPORT, vec![17, 0, 0, 0]), even]).await;
        let answer = answer.unwrap();
        let message = Message::parse(&answer).unwrap();
        let relayed = message.address(code::XOR_RELAYED_ADDRESS).unwrap();
        assert_eq!(relayed.port() % 2, 0);
        let token = message.value(code::RESERVATION_TOKEN).unwrap().to_vec();
        // Its datagrams may be the other worker's.
        let mut second = Client::udp(&turn, server).await;
        let kept = second.allocate(&[(code::RESERVATION_TOKEN, token)]).await.unwrap();
        assert_eq!(kept.port(), relayed.port() + 1);
    }
    turn.stop().await;
}

#[tokio::test]
async fn a_user_has_so_many_allocations_whichever_worker_has_them() {
    let turn = Turn::start(TurnConfig { max_allocations_per_user: 3, ..config() }, Media::default()).unwrap();
    let server = SocketAddr::new(V4, turn.port());
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = Client::udp(&turn, server).await;
        client.allocate(&[]).await.unwrap();
        clients.push(client);
    }
    let mut another = Client::udp(&turn, server).await;
    assert_eq!(another.allocate(&[]).await, Err(486));
    clients[0].ask(Method::Refresh, &[(code::LIFETIME, vec![0; 4])]).await.unwrap();
    assert!(another.allocate(&[]).await.is_ok());
    turn.stop().await;
}

#[tokio::test]
async fn a_connection_that_ends_gives_its_relay_back() {
    let turn = start();
    let stream = TcpStream::connect((V4, turn.port())).await.unwrap();
    let mut client = Client::stream(&turn, stream);
    let relayed = client.allocate(&[]).await.unwrap();
    assert!(std::net::UdpSocket::bind(relayed).is_err(), "the relay has it");
    drop(client);
    let freed = async {
        while std::net::UdpSocket::bind(relayed).is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), freed).await.expect("the port is free again");
    turn.stop().await;
}

#[tokio::test]
async fn a_connection_that_asks_for_nothing_is_closed() {
    let greeting = Duration::from_millis(300);
    let turn = Turn::start(TurnConfig { greeting, ..config() }, Media::default()).unwrap();
    let (ours, _theirs) = tokio::io::duplex(1000);
    let client = "192.0.2.1:1000".parse().unwrap();
    let began = std::time::Instant::now();
    turn.accept(ours, client, "192.0.2.9:443".parse().unwrap()).await;
    assert!(began.elapsed() >= greeting);

    // On a server of its own: an allocation is two round trips, for which a busy machine may need more.
    turn.stop().await;
    let greeting = Duration::from_secs(2);
    let turn = Turn::start(TurnConfig { greeting, ..config() }, Media::default()).unwrap();
    let stream = TcpStream::connect((V4, turn.port())).await.unwrap();
    let mut client = Client::stream(&turn, stream);
    client.allocate(&[]).await.unwrap();
    tokio::time::sleep(2 * greeting).await;
    let peer = echo(V4).await;
    assert_eq!(client.bind(0x4000, peer).await, Ok(()), "with an allocation it may be silent");
    turn.stop().await;
}

#[tokio::test]
async fn a_connection_that_speaks_something_else_is_closed() {
    let turn = start();
    let stream = TcpStream::connect((V4, turn.port())).await.unwrap();
    let mut client = Client::stream(&turn, stream);
    client.wire.send(b"\x16\x03\x01\x02\x00\x01\x00\x01").await;
    assert_eq!(client.wire.try_receive().await, None);
    turn.stop().await;
}

// Requirements: R383
#[tokio::test]
async fn who_floods_gets_little_and_relaying_goes_on() {
    let turn = start();
    let server = SocketAddr::new(V4, turn.port());
    let mut client = Client::udp(&turn, server).await;
    client.allocate(&[]).await.unwrap();
    // A worker that was off its core for a moment has lost what the flood left no room for.
    client.repeat();
    let peer = echo(V4).await;
    let answers = Arc::new(AtomicUsize::new(0));
    let flooder = UdpSocket::bind((V4, 0)).await.unwrap();
    flooder.connect(server).await.unwrap();
    let counting = Arc::clone(&answers);
    let flooding = tokio::spawn(async move {
        let mut binding = b"\x00\x01\x00\x00\x21\x12\xa4\x42............".to_vec();
        let mut bytes = [0; 200];
        for number in 0_u32..30_000 {
            binding[8..12].copy_from_slice(&number.to_be_bytes());
            // A full buffer is the flood's loss.
            let _lost = flooder.try_send(&binding);
            while flooder.try_recv(&mut bytes).is_ok() {
                counting.fetch_add(1, Ordering::Relaxed);
            }
            // As fast as a network may bring it, and not as fast as this machine can.
            if number % 100 == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    });
    talks(&mut client, peer).await;
    flooding.await.unwrap();
    let answers = answers.load(Ordering::Relaxed);
    assert!((1..6000).contains(&answers), "{answers} answers of 30000");
    turn.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_an_error_that_names_it() {
    let taken = std::net::UdpSocket::bind((V4, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Turn::start(TurnConfig { listen: vec![V4], port, ..config() }, Media::default()).unwrap_err();
    assert!(matches!(error, StartError::Listen { .. }), "{error}");
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}
