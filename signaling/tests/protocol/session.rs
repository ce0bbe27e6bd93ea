//! The session resource: its end, and that it needs no key.

use std::time::Duration;

use crate::server::{Opened, Server, assert_problem, offer, text};

/// Waits for what the media plane does on its own threads.
pub(crate) async fn eventually(mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it did not happen within five seconds");
}

/// Does something until it took less than this, at most three times: a machine that stands still for a moment is not
/// a server that is slow.
pub(crate) async fn quickly(bound: Duration, mut act: impl AsyncFnMut(u32) -> Duration) {
    let mut took = Vec::new();
    for attempt in 0..3 {
        let last = act(attempt).await;
        if last < bound {
            return;
        }
        took.push(last);
    }
    panic!("it took {took:?}");
}

#[tokio::test]
async fn w6_a_delete_ends_the_session_with_200() {
    let server = Server::start().await;
    for session in [server.watched().await, server.published().await] {
        let response = server.send("DELETE", &session.location).await;
        assert_eq!(response.status(), 200);
        assert!(response.text().await.unwrap().is_empty());
        assert_problem(server.send("DELETE", &session.location).await, 404, "unknown_session").await;
        assert_problem(server.send("GET", &session.location).await, 404, "unknown_session").await;
    }
    assert_eq!(server.live.session_count(), 1, "the publisher that was taken over ends by itself or stays");
}

#[tokio::test]
async fn w9_a_get_is_2xx_and_empty() {
    let server = Server::start().await;
    let session = server.published().await.location;
    for path in ["/whip/demo", "/whip", &session] {
        for method in ["GET", "HEAD"] {
            let response = server.send(method, path).await;
            assert_eq!(response.status(), 204, "{method} {path}");
            assert!(response.text().await.unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn w16_t15_a_delete_minds_no_if_match_and_no_missing_key() {
    let server = Server::start().await;
    let session = server.published().await;
    let delete = server.request("DELETE", &session.location).header("If-Match", "\"some-other-tag\"");
    let response = delete.send().await.unwrap();
    // Exactly 200: OBS and simple-whip-client take 204 for a failure.
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn w38_the_session_url_is_the_right_to_use_it() {
    let server = Server::start().await;
    let session = server.published().await;
    let patch =
        server.fragment(&session.location, "a=end-of-candidates\r\n").header("If-Match", &session.etag);
    assert_eq!(patch.send().await.unwrap().status(), 204);
    let wrong = server.request("DELETE", &session.location).bearer_auth("wrong-key");
    assert_eq!(wrong.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn w41_session_urls_cannot_be_guessed() {
    let server = Server::start().await;
    let mut ids: Vec<String> = Vec::new();
    for _ in 0..16 {
        let location = server.published().await.location;
        ids.push(location.rsplit('/').next().unwrap().to_owned());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 16);
    assert!(ids.iter().all(|id| id.len() == 32));
    for guess in ["0", "peer-1", &"0".repeat(32), &ids[0].to_uppercase(), &ids[0][..31]] {
        assert_problem(server.send("DELETE", &format!("/session/{guess}")).await, 404, "unknown_session")
            .await;
    }
}

#[tokio::test]
async fn e7_a_viewer_ends_its_session_with_delete() {
    let server = Server::start().await;
    let session = server.watched().await;
    assert_eq!(server.send("DELETE", &session.location).await.status(), 200);
    assert_eq!(server.send("GET", &session.location).await.status(), 404);
}

#[tokio::test]
async fn a_publisher_that_will_not_return_ends_its_broadcast_at_once() {
    let server = Server::start().await;
    let publisher = server.published().await;
    let viewer = Opened::of(server.watch(&offer("whep-chromium156-medooze")).await).await;
    let response = server.send("DELETE", &format!("{}?end=broadcast", publisher.location)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(server.watch(&offer("whep-chromium156-medooze")).await.status(), 409);
    eventually(async || server.send("GET", &viewer.location).await.status() == 404).await;
}

#[tokio::test]
async fn t25_a_session_that_never_connects_is_reaped() {
    let server = Server::with(|settings| {
        settings.sfu.engine.connect_timeout = Duration::from_millis(300);
        settings.live.gap = Duration::from_millis(100);
    })
    .await;
    let session = server.watched().await;
    eventually(async || server.live.session_count() == 0).await;
    assert_eq!(server.send("GET", &session.location).await.status(), 404);
    // Its DELETE comes late and is a success all the same, once.
    assert_eq!(server.send("DELETE", &session.location).await.status(), 200);
    assert_eq!(server.send("DELETE", &session.location).await.status(), 404);
    let not_live = async || server.watch(&offer("whep-chromium156-medooze")).await.status() == 409;
    eventually(not_live).await;
}

#[tokio::test]
async fn a_node_that_drains_ends_every_session() {
    let server = Server::start().await;
    let session = server.watched().await;
    server.live.drain(None).await;
    assert_eq!(server.live.session_count(), 0);
    assert_eq!(server.send("GET", &session.location).await.status(), 404);
}

#[tokio::test]
async fn an_answer_to_options_says_what_a_session_takes() {
    let server = Server::start().await;
    let session = server.published().await.location;
    let response = server.send("OPTIONS", &session).await;
    assert_eq!(response.status(), 200);
    assert_eq!(text(response.headers(), "accept-patch"), "application/trickle-ice-sdpfrag");
}
