//! HTTPS of the real binary: versions and ciphers, HTTP/2 and its limits, certificates that change while
//! connections run.

#![expect(clippy::unwrap_used, reason = "what a test stands on may end it")]

#[expect(dead_code, reason = "these tests speak TLS where others speak plain HTTP")]
#[path = "process/node.rs"]
mod node;
#[path = "https/tls.rs"]
mod tls;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream as BlockingStream};
use std::rc::Rc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::Request;
use h2::client::SendRequest;
use h2::{Reason, SendStream};
use node::{Node, sluice};
use rustls::version::{TLS12, TLS13};
use tls::{Client, HOST, Made, address, alert_to, made};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Longest time that something local may take on a busy machine.
const SOON: Duration = Duration::from_secs(20);

/// RFC 8446 §6: descriptions of alerts.
const HANDSHAKE_FAILURE: u8 = 40;
const PROTOCOL_VERSION: u8 = 70;

/// Beginning of a configuration with certificate files.
const FILES: &str = "[tls]\nlisten = \"127.0.0.1:0\"\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n";

/// A server with certificate files and the stream `garden`.
fn served(more: &str) -> (Node, Made, SocketAddr) {
    let folder = Rc::new(tempfile::tempdir().unwrap());
    node::garden(folder.path());
    let made = made();
    made.write(folder.path());
    let node = Node::start_in(folder, &format!("{FILES}{more}"), &[]);
    let address = address(&node);
    (node, made, address)
}

fn page(path: &str) -> Request<()> {
    Request::get(format!("https://{HOST}{path}")).body(()).unwrap()
}

/// An HTTP/2 connection; it runs as a task of its own and ends with what it came to.
async fn http2(
    client: &Client,
    to: SocketAddr,
) -> (SendRequest<Bytes>, tokio::task::JoinHandle<Result<(), h2::Error>>) {
    let stream = client.connect(to).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (requests, connection) = h2::client::handshake(stream).await.unwrap();
    (requests, tokio::spawn(connection))
}

async fn status(requests: &SendRequest<Bytes>, request: Request<()>) -> Result<u16, h2::Error> {
    let mut ready = requests.clone().ready().await?;
    let (answer, _body) = ready.send_request(request, true)?;
    Ok(answer.await?.status().as_u16())
}

async fn http1(client: &Client, to: SocketAddr, path: &str) -> String {
    let mut stream = client.connect(to).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

// Requirements: R131, R378, R388
#[tokio::test]
async fn https_speaks_http2_and_http1_and_routes_know_that_it_is_https() {
    let (node, made, to) = served("");
    let client = || Client::trusting(&[&made.der]).speaking(&[&TLS13]);
    let (requests, _connection) = http2(&client().announcing(&["h2", "http/1.1"]), to).await;
    let mut ready = requests.clone().ready().await.unwrap();
    let (answer, _) = ready.send_request(page("/api/v1/server"), true).unwrap();
    let mut answer = answer.await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    let body = answer.body_mut().data().await.unwrap().unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["whip_url"], format!("https://{HOST}/whip"));

    for protocols in [&["http/1.1"][..], &[]] {
        let answer = http1(&client().announcing(protocols), to, "/api/v1/server").await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains(&format!("https://{HOST}/whip")),
            "{answer}"
        );
        assert!(answer.contains("strict-transport-security: max-age=31536000"), "{answer}");
    }
    let plain = node.get("/api/v1/server");
    assert!(!plain.head.contains("strict-transport-security"), "{}", plain.head);
    assert!(node.internal("/metrics").body.contains("http_tls_handshakes_total{result=\"done\"}"));
}

#[tokio::test]
async fn who_announces_turn_gets_the_relay_even_with_http_beside_it() {
    let (_node, made, to) = served("");
    for protocols in [&["stun.turn"][..], &["http/1.1", "stun.turn"], &["h2", "http/1.1", "stun.turn"]] {
        let mut stream = Client::trusting(&[&made.der]).announcing(protocols).connect(to).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"stun.turn"[..]), "{protocols:?}");
        // RFC 8489 section 5: a Binding request without attributes, and the head of its success.
        let transaction = [7; 12];
        let request = [&[0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42][..], &transaction].concat();
        stream.write_all(&request).await.unwrap();
        let mut answer = [0; 20];
        tokio::time::timeout(SOON, stream.read_exact(&mut answer)).await.unwrap().unwrap();
        assert_eq!((&answer[..2], &answer[8..]), (&[1, 1][..], &transaction[..]), "{protocols:?}");
    }
}

// Requirements: R388
#[tokio::test]
async fn cookies_of_a_sign_in_over_https_never_travel_without_it() {
    let folder = Rc::new(tempfile::tempdir().unwrap());
    let made = made();
    made.write(folder.path());
    let node = Node::start_in(folder, FILES, &["--demo"]);
    let shown: serde_json::Value = serde_json::from_str(&node.get("/api/v1/server").body).unwrap();
    let body = serde_json::json!({ "email": shown["demo"]["email"], "password": shown["demo"]["password"] });
    let body = body.to_string();
    let request = format!(
        "POST /api/v1/auth/sign-in HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = Client::trusting(&[&made.der]).connect(address(&node)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let cookies: Vec<&str> = answer.lines().filter(|line| line.starts_with("set-cookie: ")).collect();
    assert!(answer.starts_with("HTTP/1.1 200") && !cookies.is_empty(), "{answer}");
    for cookie in cookies {
        for part in ["; Secure", "; HttpOnly", "; SameSite=Lax"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    }
}

// Requirements: R378
#[tokio::test]
async fn tls_1_2_is_spoken_only_where_the_configuration_says_so() {
    let (_strict, made, to) = served("");
    let old = |made: &Made| Client::trusting(&[&made.der]).speaking(&[&TLS12]);
    assert!(old(&made).connect(to).await.is_err());
    let new = Client::trusting(&[&made.der]).connect(to).await.unwrap();
    assert_eq!(new.get_ref().1.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));

    let (_lenient, made, to) = served("tls12 = true\n");
    let stream = old(&made).connect(to).await.unwrap();
    let suite = format!("{:?}", stream.get_ref().1.negotiated_cipher_suite().unwrap().suite());
    assert!(suite.starts_with("TLS_ECDHE_ECDSA_WITH_") && !suite.contains("CBC"), "{suite}");
}

// Requirements: R378
#[tokio::test]
async fn old_versions_and_weak_ciphers_are_refused_even_with_tls_1_2_on() {
    let (_node, _made, to) = served("tls12 = true\n");
    // ECDHE with AES-GCM and ECDSA: what 1.2 is allowed for. It shows that these hellos are good ones.
    assert_eq!(alert_to(to, 0x0303, &[0xc02b]), None);
    for version in [0x0300, 0x0301, 0x0302] {
        assert_eq!(alert_to(to, version, &[0xc02b, 0xc009, 0x002f]), Some(PROTOCOL_VERSION), "{version:#x}");
    }
    for (suite, name) in [
        (0x0000, "NULL"),
        (0x0005, "RC4"),
        (0x000a, "3DES"),
        (0x002f, "RSA key exchange with CBC"),
        (0x009c, "RSA key exchange with GCM"),
        (0xc009, "ECDHE with CBC"),
        (0x0034, "anonymous"),
        (0x0003, "export"),
    ] {
        assert_eq!(alert_to(to, 0x0303, &[suite]), Some(HANDSHAKE_FAILURE), "{name}");
    }
}

// Requirements: R392
#[tokio::test]
async fn a_certificate_is_swapped_while_connections_run() {
    let (node, first, to) = served("");
    let second = made();
    let protocols = ["h2"];
    let trusts = |made: &Made| Client::trusting(&[&made.der]).announcing(&protocols);
    let (old, running) = http2(&trusts(&first), to).await;
    assert_eq!(status(&old, page("/health/live")).await.unwrap(), 200);

    // A certificate without its key, as halfway through somebody's script: the old one stays.
    tls::replace(&node.folder().path().join("c.pem"), &second.certificate);
    node.wait_for_log("do not belong together");
    assert!(trusts(&first).connect(to).await.is_ok());

    second.write(node.folder().path());
    let deadline = Instant::now() + SOON;
    while trusts(&second).connect(to).await.is_err() {
        assert!(Instant::now() < deadline, "the new certificate was never shown:\n{}", node.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(trusts(&first).connect(to).await.is_err(), "who trusts the old one alone is told");
    assert_eq!(status(&old, page("/health/live")).await.unwrap(), 200, "on the connection from before");
    assert!(!running.is_finished());
}

// Requirements: R392
#[tokio::test]
async fn a_reload_takes_a_new_certificate_at_once_and_reports_a_bad_one() {
    let (node, _first, to) = served("");
    let second = made();
    second.write(node.folder().path());
    node.signal("HUP");
    node.wait_for_log("the configuration was reloaded");
    assert!(Client::trusting(&[&second.der]).connect(to).await.is_ok());
    tls::replace(&node.folder().path().join("k.pem"), "no key");
    node.signal("HUP");
    node.wait_for_log("the certificate in use stays");
    assert!(Client::trusting(&[&second.der]).connect(to).await.is_ok());
}

// Requirements: R392
#[tokio::test]
async fn a_self_signed_certificate_is_for_this_machine_kept_and_announced() {
    let config = "[tls]\nlisten = \"127.0.0.1:0\"\nself_signed = true\n";
    let mut node = Node::start(config, &["--demo"]);
    let text = node.output();
    assert!(text.contains("fingerprint") && text.contains("https://127.0.0.1:"), "{text}");
    let shown = text.lines().map(str::trim).find(|line| line.len() == 95 && line.matches(':').count() == 31);
    let shown = shown.unwrap_or_else(|| panic!("no fingerprint in\n{text}")).to_owned();
    let pem = std::fs::read_to_string(node.folder().path().join("data/tls/self-signed.pem")).unwrap();
    let der = rustls::pki_types::pem::PemObject::from_pem_slice(pem.as_bytes()).unwrap();
    for host in ["localhost", "127.0.0.1"] {
        assert!(Client::trusting(&[&der]).connect_as(address(&node), host).await.is_ok(), "{host}");
    }
    node.kill();
    let again = Node::start_in(node.folder(), config, &["--demo"]);
    assert!(again.output().contains(&shown), "a device would be asked again");
}

#[test]
fn a_certificate_that_does_not_fit_stops_the_start_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (made(), made());
    std::fs::write(folder.path().join("c.pem"), one.certificate).unwrap();
    std::fs::write(folder.path().join("k.pem"), other.key).unwrap();
    std::fs::write(folder.path().join("sluice.toml"), FILES).unwrap();
    let output = sluice(folder.path(), &["serve", "--listen", "127.0.0.1:0", "--udp-port", "0"]);
    assert_eq!(output.code, 1);
    assert!(output.text.contains("c.pem and k.pem cannot be used"), "{}", output.text);
    assert!(output.text.contains("do not belong together"), "{}", output.text);
}

// Requirements: R383
#[tokio::test]
async fn who_does_not_finish_a_handshake_or_has_nothing_to_ask_is_cut_off() {
    let (node, _made, to) = served("[http]\nheader_timeout = \"500ms\"\n");
    let mut silent = BlockingStream::connect(to).unwrap();
    silent.set_read_timeout(Some(SOON)).unwrap();
    let mut half = BlockingStream::connect(to).unwrap();
    half.set_read_timeout(Some(SOON)).unwrap();
    half.write_all(&[22, 3, 1, 2, 0, 1]).unwrap();
    let started = Instant::now();
    for stream in [&mut silent, &mut half] {
        let _cut_off = stream.read_to_end(&mut Vec::new());
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    node.wait_for_metric("http_tls_handshakes_total{result=\"too_slow\"} 2");

    // On a server of its own, as the limit holds for a good client's handshake and first request too. It ends
    // within twice the limit, and with room for a busy machine that is still less than the default of 10 s.
    let (_node, made, to) = served("[http]\nheader_timeout = \"2s\"\n");
    let (requests, connection) = http2(&Client::trusting(&[&made.der]).announcing(&["h2"]), to).await;
    assert_eq!(status(&requests, page("/health/live")).await.unwrap(), 200);
    let ended = tokio::time::timeout(Duration::from_secs(9), connection).await;
    assert!(ended.is_ok(), "an idle connection keeps its place");
}

// Requirements: R383
#[tokio::test]
async fn one_http2_connection_cannot_ask_for_too_much() {
    let (node, made, to) = served("");
    let client = Client::trusting(&[&made.der]).announcing(&["h2"]);
    let (requests, connection) = http2(&client, to).await;
    assert_eq!(status(&requests, page("/health/live")).await.unwrap(), 200);
    assert_eq!(requests.current_max_send_streams(), 100);
    let mut large = page("/health/live");
    large.headers_mut().insert("x-large", "x".repeat(100_000).parse().unwrap());
    let refused = status(&requests, large).await;
    assert!(!matches!(refused, Ok(200)), "{refused:?}");
    drop((requests, connection));

    // Rapid reset: requests that are given up as soon as they are sent.
    let (requests, connection) = http2(&client, to).await;
    let started = Instant::now();
    let mut sent = 0;
    while !connection.is_finished() {
        assert!(started.elapsed() < SOON, "{sent} resets did not end the connection");
        let Ok(mut ready) = requests.clone().ready().await else { break };
        let Ok((answer, mut body)) = ready.send_request(page("/health/ready"), false) else { break };
        SendStream::<Bytes>::send_reset(&mut body, Reason::CANCEL);
        drop(answer);
        sent += 1;
        if sent % 10 == 0 {
            tokio::task::yield_now().await;
        }
    }
    assert!(sent > 20, "{sent}");
    assert_eq!(node.get("/health/live").status, 200, "others are served");
}

// Requirements: R369
#[tokio::test]
async fn a_shutdown_tells_http2_clients_and_ends() {
    let (mut node, made, to) = served("");
    let (requests, connection) = http2(&Client::trusting(&[&made.der]).announcing(&["h2"]), to).await;
    assert_eq!(status(&requests, page("/health/live")).await.unwrap(), 200);
    node.signal("TERM");
    // A GOAWAY without an error: the client knows that nothing of its own was lost.
    let ended = tokio::time::timeout(SOON, connection).await.unwrap().unwrap();
    assert!(ended.is_ok(), "{ended:?}");
    assert!(node.wait(SOON).success());
}

// Requirements: R403
#[test]
fn the_health_command_says_whether_the_server_takes_new_sessions() {
    let node = Node::start("", &[]);
    let folder = node.folder();
    let internal = node.ready["internal"].as_str().unwrap().strip_prefix("http://").unwrap();
    let ask = |internal: &str| {
        std::fs::write(folder.path().join("ask.toml"), format!("internal_listen = \"{internal}\"\n"))
            .unwrap();
        sluice(folder.path(), &["health", "--config", "ask.toml"])
    };
    let well = ask(internal);
    assert!(well.code == 0 && well.text.contains("ready"), "{}", well.text);
    let away = ask("127.0.0.1:1");
    assert!(away.code == 1 && away.text.contains("no server answers at 127.0.0.1:1"), "{}", away.text);
}

// Requirements: R410, R411
#[test]
fn a_profile_is_chosen_at_the_command_line_and_shown_with_what_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let shown = sluice(folder.path(), &["config", "print", "--profile", "prod"]);
    assert_eq!(shown.code, 0, "{}", shown.text);
    assert!(
        shown.text.contains("profile = \"prod\"") && shown.text.contains("plain = \"loopback\""),
        "{}",
        shown.text
    );
    let dev = sluice(folder.path(), &["config", "print"]);
    assert!(dev.text.contains("profile = \"dev\"") && dev.text.contains("plain = \"auto\""), "{}", dev.text);
    assert_ne!(sluice(folder.path(), &["config", "print", "--profile", "live"]).code, 0);
}
