//! Server-sent events.

use std::time::Duration;

use reqwest::Response;
use serde_json::{Value, json};

use crate::server::{Opened, Server, assert_problem, offer, text};

const EVENTS: &str = "urn:ietf:params:whep:ext:core:server-sent-events";

/// Creates an event stream and returns its URL.
async fn create(server: &Server, session: &Opened, wanted: Option<Value>) -> String {
    let request = server.request("POST", &session.link(EVENTS));
    let request = match wanted {
        Some(wanted) => request.json(&wanted),
        None => request,
    };
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 201);
    text(response.headers(), "location")
}

/// Reads until the text has what is waited for, or the stream ends.
async fn read_until(response: &mut Response, awaited: &str) -> String {
    let mut read = String::new();
    let reading = async {
        while !read.contains(awaited) {
            match response.chunk().await.unwrap() {
                Some(chunk) => read.push_str(str::from_utf8(&chunk).unwrap()),
                None => break,
            }
        }
    };
    let _in_time = tokio::time::timeout(Duration::from_secs(5), reading).await;
    assert!(read.contains(awaited), "{awaited:?} is not in {read:?}");
    read
}

#[tokio::test]
async fn x2_a_post_creates_an_event_stream_that_a_get_reads() {
    let server = Server::start().await;
    let session = server.watched().await;
    let url = create(&server, &session, Some(json!(["viewercount"]))).await;
    assert!(url.starts_with(&format!("{}/events/", session.location)), "{url}");
    let mut events = server.send("GET", &url).await;
    assert_eq!(events.status(), 200);
    assert_eq!(text(events.headers(), "content-type"), "text/event-stream");
    assert_eq!(text(events.headers(), "access-control-allow-origin"), "*");
    read_until(&mut events, "event: viewercount\n").await;
}

#[tokio::test]
async fn x3_an_event_that_is_not_offered_is_400_and_creates_nothing() {
    let server = Server::start().await;
    let session = server.watched().await;
    let url = session.link(EVENTS);
    for (wanted, code) in [
        (json!(["active", "scte35"]), "invalid_selection"),
        (json!(["ACTIVE"]), "invalid_selection"),
        (json!({"events": []}), "malformed_json"),
        (json!([1]), "malformed_json"),
    ] {
        let response = server.request("POST", &url).json(&wanted).send().await.unwrap();
        let headers = assert_problem(response, 400, code).await;
        assert!(headers.get("location").is_none());
    }
    let text_body = server.request("POST", &url).body("[\"active\"]").send().await.unwrap();
    assert_problem(text_body, 415, "unsupported_content_type").await;
}

#[tokio::test]
async fn x4_x8_an_event_has_a_kind_and_one_line_of_json() {
    let server = Server::start().await;
    let session = server.watched().await;
    let mut events = server.send("GET", &create(&server, &session, None).await).await;
    let read = read_until(&mut events, "\n\n").await;
    let (kind, data) = read.split_once('\n').unwrap();
    assert_eq!(kind, "event: viewercount");
    let data: Value = serde_json::from_str(data.trim().strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(data, json!({"viewercount": 0}));
}

#[tokio::test]
async fn x5_a_delete_ends_the_stream_and_later_gets_are_404() {
    let server = Server::start().await;
    let session = server.watched().await;
    let url = create(&server, &session, None).await;
    let mut events = server.send("GET", &url).await;
    read_until(&mut events, "viewercount").await;
    assert_eq!(server.send("DELETE", &url).await.status(), 200);
    while events.chunk().await.unwrap().is_some() {}
    assert_problem(server.send("GET", &url).await, 404, "not_found").await;
    assert_problem(server.send("DELETE", &url).await, 404, "not_found").await;
}

#[tokio::test]
async fn x5_event_streams_die_with_their_session() {
    let server = Server::start().await;
    let session = server.watched().await;
    let url = create(&server, &session, None).await;
    let mut events = server.send("GET", &url).await;
    server.send("DELETE", &session.location).await;
    while events.chunk().await.unwrap().is_some() {}
    assert_problem(server.send("GET", &url).await, 404, "unknown_session").await;
    let again = server.send("POST", &session.link(EVENTS)).await;
    assert_problem(again, 404, "unknown_session").await;
}

#[tokio::test]
async fn x6_a_stream_that_is_not_active_yet_is_not_called_inactive() {
    let server = Server::start().await;
    let session = server.watched().await;
    let mut events = server.send("GET", &create(&server, &session, None).await).await;
    let read = read_until(&mut events, "viewercount").await;
    assert!(!read.contains("inactive"), "{read}");
}

#[tokio::test]
async fn x8_a_draining_node_asks_viewers_to_reconnect() {
    let server = Server::start().await;
    let session = server.watched().await;
    let mut events = server.send("GET", &create(&server, &session, Some(json!(["reconnect"]))).await).await;
    server.live.drain(Some("https://other.example/whep/demo".to_owned())).await;
    let read = read_until(&mut events, "\n\n").await;
    assert!(read.starts_with("event: reconnect\ndata: "), "{read}");
    assert!(read.contains("\"url\":\"https://other.example/whep/demo\""), "{read}");
}

#[tokio::test]
async fn an_event_stream_is_a_capability_of_one_session() {
    let server = Server::start().await;
    let (first, second) = (server.watched().await, server.watched().await);
    let url = create(&server, &first, None).await;
    let stolen = url.replace(&first.location, &second.location);
    assert_problem(server.send("GET", &stolen).await, 404, "not_found").await;
    for _ in 0..3 {
        create(&server, &first, None).await;
    }
    let fifth = server.send("POST", &first.link(EVENTS)).await;
    assert_problem(fifth, 429, "rate_limited").await;
}

#[tokio::test]
async fn publishers_have_no_events() {
    let server = Server::start().await;
    let publisher = Opened::of(server.publish(&offer("whip-ffmpeg-9.0.2")).await).await;
    let response = server.send("POST", &format!("{}/events", publisher.location)).await;
    assert_problem(response, 404, "not_found").await;
}
