//! Bad input: the right clear answer, and the server goes on.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};

use crate::server::{KEY, Server, assert_problem, offer, text};

#[tokio::test]
async fn w10_errors_are_problems_with_a_stable_code_and_the_request_id() {
    let server = Server::start().await;
    let request = server.request("DELETE", "/session/x").header("X-Request-Id", "my-request-7");
    let headers = assert_problem(request.send().await.unwrap(), 404, "unknown_session").await;
    assert_eq!(text(&headers, "x-request-id"), "my-request-7");
}

#[tokio::test]
async fn other_methods_are_405_with_allow() {
    let server = Server::start().await;
    let session = server.published().await.location;
    for (method, path, allowed) in [
        ("PUT", "/whip/demo", "POST"),
        ("DELETE", "/whip/demo", "POST"),
        ("PATCH", "/whep/demo", "POST"),
        // One library POSTs JSON to the session to mute (B-BR13).
        ("POST", session.as_str(), "DELETE"),
    ] {
        let headers = assert_problem(server.send(method, path).await, 405, "method_not_allowed").await;
        assert!(text(&headers, "allow").contains(allowed), "{method} {path}");
    }
}

#[tokio::test]
async fn an_offer_of_a_megabyte_is_413() {
    let server = Server::start().await;
    let huge = offer("whip-ffmpeg-9.0.2") + &"a=x-padding\r\n".repeat(90_000);
    assert!(huge.len() > 1_000_000);
    assert_problem(server.publish(&huge).await, 413, "body_too_large").await;
    let fits = offer("whip-ffmpeg-9.0.2") + &"a=x-padding\r\n".repeat(1_000);
    assert_eq!(server.publish(&fits).await.status(), 201);
}

#[tokio::test]
async fn a_body_that_never_comes_is_408() {
    let server = Server::with(|settings| settings.signaling.body_timeout = Duration::from_millis(200)).await;
    let mut stream = TcpStream::connect(server.http).await.unwrap();
    let head = format!(
        "POST /whip/demo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n\
         Content-Type: application/sdp\r\nContent-Length: 1000\r\n\r\nv=0\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 64];
    let read = stream.read(&mut answer).await.unwrap();
    assert!(String::from_utf8_lossy(&answer[..read]).starts_with("HTTP/1.1 408"));
}

#[tokio::test]
async fn a_request_without_host_is_400() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.http).await.unwrap();
    let head = format!("POST /whip/demo HTTP/1.0\r\nAuthorization: Bearer {KEY}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.0 400") && answer.contains("malformed_request"), "{answer}");
}

#[tokio::test]
async fn a_caller_that_hangs_up_leaves_nothing_behind_that_stays() {
    let server = Server::with(|settings| {
        settings.sfu.engine.connect_timeout = Duration::from_millis(300);
        settings.live.gap = Duration::from_millis(100);
    })
    .await;
    let body = offer("whip-ffmpeg-9.0.2");
    for _ in 0..20 {
        let mut stream = TcpStream::connect(server.http).await.unwrap();
        let head = format!(
            "POST /whip/demo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n\
             Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
    }
    crate::session::eventually(async || {
        server.live.session_count() == 0 && server.live.directory().is_empty()
    })
    .await;
    assert_eq!(server.publish(&body).await.status(), 201);
}

#[tokio::test]
async fn garbage_on_the_media_port_disturbs_nobody() {
    let server = Server::start().await;
    let session = server.published().await.location;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut noise: u32 = 1;
    for length in (0..600).map(|n| n % 200) {
        let datagram: Vec<u8> = (0..length)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8
            })
            .collect();
        socket.send_to(&datagram, ("127.0.0.1", server.udp)).await.unwrap();
    }
    assert_eq!(server.send("GET", &session).await.status(), 204);
    assert_eq!(server.watch(&offer("whep-chromium156-medooze")).await.status(), 201);
}
