//! The routes under `/doctor`: what a page or program needs to find out how it reaches a node.

use std::time::Duration;

use serde_json::{Value, json};

use crate::sdp::sections;
use crate::server::{Opened, Server, assert_problem, offer, text};

const ALONE: &str = "whep-chat-alone";

async fn node(server: &Server) -> Value {
    let answer = server.send("GET", "/doctor/node").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(text(answer.headers(), "cache-control"), "no-store");
    assert_eq!(text(answer.headers(), "access-control-allow-origin"), "*");
    answer.json().await.unwrap()
}

#[tokio::test]
async fn a_node_says_where_it_takes_media_what_time_it_is_and_what_it_allows() {
    let server = Server::with(|settings| {
        let relay = sluice_signaling::IceServer::new(
            "turn:relay.example:3478",
            Some("u"),
            Some(&sluice_domain::Redacted::new("hunter2".to_owned())),
        );
        settings.signaling.ice_servers = vec![relay.unwrap()];
        settings.signaling.relays = sluice_signaling::Relays::by(|host, _| {
            vec![sluice_signaling::IceServer::new(&format!("turn:{host}:3478"), None, None).unwrap()]
        });
    })
    .await;
    let said = node(&server).await;
    assert_eq!(said["node"]["media"], json!([format!("127.0.0.1:{}", server.udp)]));
    assert_eq!(said["node"]["caller"], "127.0.0.1");
    assert_eq!(said["node"]["relays"], json!(["turn:relay.example:3478", "turn:127.0.0.1:3478"]));
    let relay = json!([
        {"url": "turn:relay.example:3478", "username": "u", "credential": "hunter2"},
        {"url": "turn:127.0.0.1:3478"},
    ]);
    assert_eq!(said["relays"], relay);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let ahead = i128::from(said["node"]["time_ms"].as_u64().unwrap()) - i128::try_from(now).unwrap();
    assert!(ahead.abs() < 5000, "{ahead}");
    for limit in ["session_seconds", "echo_bytes", "echo_per_second", "download_bytes", "upload_bytes"] {
        assert!(said["limits"][limit].as_u64().is_some_and(|limit| limit > 0), "{limit}");
    }
}

#[tokio::test]
async fn a_session_without_media_is_opened_and_ended_by_anybody() {
    let server = Server::start().await;
    let opened = server.offer("/doctor/session", &offer(ALONE)).send().await.unwrap();
    let location = text(opened.headers(), "location");
    assert_eq!(opened.status(), 201);
    let answer = opened.text().await.unwrap();
    let sections = sections(&answer);
    assert_eq!((sections.len(), sections[0].kind()), (1, "application"));
    assert!(answer.contains(&format!("127.0.0.1 {} typ host", server.udp)), "{answer}");
    assert!(location.contains("/doctor/session/"), "{location}");
    for _ in 0..2 {
        assert_eq!(server.send("DELETE", &location).await.status(), 200, "also where it has ended");
    }
    assert_eq!(server.live.session_count(), 0, "it counts as nobody's");
}

#[tokio::test]
async fn an_offer_with_media_is_refused() {
    let server = Server::start().await;
    for name in ["whep-chromium156-medooze", "whip-chromium156-medooze"] {
        let refused = server.offer("/doctor/session", &offer(name)).send().await.unwrap();
        assert_problem(refused, 422, "unsupported_tracks").await;
    }
    let refused = server.offer("/doctor/session", "v=0\r\n").send().await.unwrap();
    assert_problem(refused, 400, "malformed_sdp").await;
    let refused = server.request("POST", "/doctor/session").body("v=0").send().await.unwrap();
    assert_problem(refused, 415, "unsupported_content_type").await;
}

// Requirements: R383
#[tokio::test]
async fn an_address_has_six_sessions_at_once() {
    let server = Server::start().await;
    let mut last = String::new();
    for _ in 0..6 {
        last =
            Opened::of(server.offer("/doctor/session", &offer(ALONE)).send().await.unwrap()).await.location;
    }
    let refused = server.offer("/doctor/session", &offer(ALONE)).send().await.unwrap();
    let headers = assert_problem(refused, 429, "rate_limited").await;
    assert!(text(&headers, "retry-after").parse::<u32>().is_ok_and(|wait| wait > 0));
    server.send("DELETE", &last).await;
    Opened::of(server.offer("/doctor/session", &offer(ALONE)).send().await.unwrap()).await;
}

#[tokio::test]
async fn a_download_has_as_many_bytes_as_were_asked_for_and_does_not_compress() {
    let server = Server::start().await;
    let answer = server.send("GET", "/doctor/download?bytes=300000").await;
    assert_eq!(text(answer.headers(), "content-length"), "300000");
    assert_eq!(text(answer.headers(), "cache-control"), "no-store, no-transform");
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(bytes.len(), 300_000);
    let mut seen = [0_u32; 256];
    bytes.iter().for_each(|byte| seen[usize::from(*byte)] += 1);
    assert!(seen.iter().all(|count| *count > 300), "all bytes come about as often as each other");
    assert_eq!(server.send("GET", "/doctor/download").await.bytes().await.unwrap().len(), 1_000_000);
    for wrong in ["0", "x", "-1", "25000001", ""] {
        let refused = server.send("GET", &format!("/doctor/download?bytes={wrong}")).await;
        assert_problem(refused, 400, "invalid_selection").await;
    }
}

#[tokio::test]
async fn an_upload_is_counted_and_timed() {
    let server = Server::start().await;
    let answer = server.request("POST", "/doctor/upload").body(vec![7; 300_000]).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let said: Value = answer.json().await.unwrap();
    assert_eq!(said["bytes"], 300_000);
    assert!(said["millis"].as_f64().is_some_and(|millis| (0.0..5000.0).contains(&millis)), "{said}");
    let refused = server.request("POST", "/doctor/upload").body(vec![7; 25_000_001]).send().await.unwrap();
    assert_problem(refused, 413, "body_too_large").await;
}

// Requirements: R383
#[tokio::test]
async fn an_address_moves_a_hundred_megabytes_a_minute() {
    let server = Server::start().await;
    for _ in 0..4 {
        let answer = server.send("GET", "/doctor/download?bytes=25000000").await;
        assert_eq!(answer.bytes().await.unwrap().len(), 25_000_000);
    }
    let refused = server.send("GET", "/doctor/download?bytes=25000000").await;
    assert_problem(refused, 429, "rate_limited").await;
    let refused = server.request("POST", "/doctor/upload").body(vec![7; 20_000_000]).send().await.unwrap();
    assert_problem(refused, 429, "rate_limited").await;
}

// Requirements: R383
#[tokio::test]
async fn two_who_do_not_read_keep_an_address_busy_and_nobody_else() {
    let server = Server::start().await;
    let one = server.send("GET", "/doctor/download?bytes=20000000").await;
    let two = server.send("GET", "/doctor/download?bytes=20000000").await;
    let refused = server.send("GET", "/doctor/download?bytes=1").await;
    assert_problem(refused, 429, "rate_limited").await;
    drop((one, two));
    for _ in 0..100 {
        if server.send("GET", "/doctor/download?bytes=1").await.status() == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the places of those who hung up stay taken");
}

#[tokio::test]
async fn facts_become_findings() {
    let server = Server::start().await;
    let facts = json!({
        "vantage": "browser",
        "node": node(&server).await["node"],
        "paths": [
            {"transport": "udp", "outcome": "fails", "failure": "no_answer"},
            {"transport": "tcp", "outcome": "works", "round_trip_ms": 12.5},
        ],
        "quality": {"sent": 250, "received": 200},
        "something_new": true,
    });
    let answer = server.request("POST", "/doctor/diagnosis").json(&facts).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let said: Value = answer.json().await.unwrap();
    assert_eq!(said["way"], "tcp");
    let codes: Vec<&str> =
        said["findings"].as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["udp_blocked", "high_loss"]);
    for part in ["title", "cause", "fix", "severity"] {
        assert!(said["findings"][0][part].as_str().is_some_and(|text| !text.is_empty()), "{part}");
    }
}

#[tokio::test]
async fn facts_that_are_none_are_refused() {
    let server = Server::start().await;
    for body in ["", "[]", "{}", r#"{"vantage":"moon","paths":[]}"#, r#"{"vantage":"browser","paths":[{}]}"#]
    {
        let post = server.request("POST", "/doctor/diagnosis").header("content-type", "application/json");
        assert_problem(post.body(body).send().await.unwrap(), 400, "malformed_json").await;
    }
    let huge = format!(r#"{{"vantage":"browser","paths":[],"x":"{}"}}"#, "y".repeat(70_000));
    let post = server.request("POST", "/doctor/diagnosis").header("content-type", "application/json");
    assert_problem(post.body(huge).send().await.unwrap(), 413, "body_too_large").await;
    let post = server.request("POST", "/doctor/diagnosis").body("{}");
    assert_problem(post.send().await.unwrap(), 415, "unsupported_content_type").await;
}
