//! POST of an offer to watch, and how players recognise an endpoint.

use crate::server::{KEY, Opened, Server, WHEP_OFFERS, assert_problem, offer, text};

#[tokio::test]
async fn e1_wrong_type_and_malformed_sdp_are_4xx() {
    let server = Server::start().await;
    server.published().await;
    let post = server.request("POST", "/whep/demo").header("Content-Type", "text/plain");
    let response = post.body(offer(WHEP_OFFERS[0])).send().await.unwrap();
    assert_problem(response, 415, "unsupported_content_type").await;
    for body in ["", "hello", "v=0\r\n"] {
        assert_problem(server.watch(body).await, 400, "malformed_sdp").await;
    }
    let nobody = server.offer("/whep/nobody", &offer(WHEP_OFFERS[0])).send().await.unwrap();
    assert_problem(nobody, 404, "unknown_stream").await;
}

#[tokio::test]
async fn e2_an_offer_gets_201_with_an_answer_and_a_session_url() {
    let server = Server::start().await;
    server.published().await;
    for name in WHEP_OFFERS {
        let opened = Opened::of(server.watch(&offer(name)).await).await;
        assert_eq!(text(&opened.headers, "content-type"), "application/sdp", "{name}");
        assert!(opened.location.starts_with(&server.url("/session/")), "{name}");
        assert!(opened.answer.starts_with("v=0\r\n"), "{name}");
        assert!(opened.etag.starts_with('"'), "{name}");
    }
}

#[tokio::test]
async fn e3_no_counter_offer_is_made() {
    let server = Server::start().await;
    server.published().await;
    let post = server.offer("/whep/demo", &offer(WHEP_OFFERS[0])).header("Accept", "application/sdp");
    assert_ne!(post.send().await.unwrap().status(), 406);
}

#[tokio::test]
async fn e4_an_answer_by_patch_is_415_because_no_counter_offer_waits() {
    let server = Server::start().await;
    let session = server.watched().await;
    let patch = server.request("PATCH", &session.location).header("Content-Type", "application/sdp");
    let response = patch.header("If-Match", &session.etag).body("v=0\r\n").send().await.unwrap();
    assert_problem(response, 415, "unsupported_content_type").await;
}

#[tokio::test]
async fn e6_a_stream_that_is_not_live_is_409_with_retry_after() {
    let server = Server::start().await;
    let headers = assert_problem(server.watch(&offer(WHEP_OFFERS[0])).await, 409, "not_live").await;
    assert!(text(&headers, "retry-after").parse::<u32>().unwrap() > 0);
    assert!(text(&headers, "access-control-expose-headers").contains("Retry-After"));
}

#[tokio::test]
async fn e6_a_stream_in_the_gap_can_be_watched_until_the_gap_is_over() {
    let server = Server::with(|settings| settings.live.gap = std::time::Duration::from_secs(3)).await;
    let publisher = server.published().await;
    server.send("DELETE", &publisher.location).await;
    let viewer = Opened::of(server.watch(&offer(WHEP_OFFERS[0])).await).await;
    let ended = async || server.send("GET", &viewer.location).await.status() == 404;
    crate::session::eventually(ended).await;
    assert_problem(server.watch(&offer(WHEP_OFFERS[0])).await, 409, "not_live").await;
}

#[tokio::test]
async fn e8_a_get_is_2xx_and_empty() {
    let server = Server::start().await;
    let response = server.send("GET", "/whep/demo").await;
    assert_eq!(response.status(), 204);
    assert!(response.text().await.unwrap().is_empty());
    assert_problem(server.send("GET", "/whep/nobody").await, 404, "unknown_stream").await;
}

#[tokio::test]
async fn e9_a_head_names_sdp_so_that_players_know_the_endpoint() {
    let server = Server::start().await;
    let response = server.send("HEAD", "/whep/demo").await;
    assert_eq!(response.status(), 200);
    assert_eq!(text(response.headers(), "content-type"), "application/sdp");
    assert!(response.text().await.unwrap().is_empty());
    assert_eq!(server.send("HEAD", "/whep/nobody").await.status(), 404);
}

#[tokio::test]
async fn e14_links_of_ice_servers_come_with_the_201() {
    let stun = sluice_signaling::IceServer::new("stun:stun.example", None, None).unwrap();
    let server = Server::with(|settings| settings.signaling.ice_servers = vec![stun]).await;
    let links = server.watched().await.links();
    assert!(links.contains(&"<stun:stun.example>; rel=\"ice-server\"".to_owned()), "{links:?}");
}

#[tokio::test]
async fn e14_a_relay_is_told_with_credentials_of_the_session() {
    let issue = |host: &str, session: sluice_domain::SessionId| {
        let secret = sluice_domain::Redacted::new(format!("of-{:02x}", session.0[0]));
        let url = format!("turn:{host}:3478?transport=udp");
        vec![sluice_signaling::IceServer::new(&url, Some("u"), Some(&secret)).unwrap()]
    };
    let server =
        Server::with(|settings| settings.signaling.relays = sluice_signaling::Relays::by(issue)).await;
    let links = server.watched().await.links();
    let relay = links.iter().find(|link| link.contains("turn:")).unwrap_or_else(|| panic!("{links:?}"));
    assert!(relay.starts_with("<turn:127.0.0.1:3478?transport=udp>; rel=\"ice-server\"; username=\"u\"; "));
    assert!(relay.contains("credential=\"of-"), "{relay}");
}

#[tokio::test]
async fn e14_a_full_node_is_503_with_retry_after_and_another_node_307() {
    let server = Server::with(|settings| settings.live.max_pending = 1).await;
    server.published().await;
    let headers = assert_problem(server.watch(&offer(WHEP_OFFERS[0])).await, 503, "overloaded").await;
    assert!(!text(&headers, "retry-after").is_empty());

    let edge = Server::with(|settings| {
        let decide = |_, stream: &_| Some(format!("https://edge.example/whep/{stream}"));
        settings.signaling.redirect = sluice_signaling::Redirect::by(decide);
    })
    .await;
    let response = edge.watch(&offer(WHEP_OFFERS[0])).await;
    assert_eq!(response.status(), 307);
    assert_eq!(text(response.headers(), "location"), "https://edge.example/whep/demo");
}

#[tokio::test]
async fn e14_watching_a_public_stream_needs_no_key_and_minds_none() {
    let server = Server::start().await;
    server.published().await;
    for key in [KEY, "anything-else"] {
        let post = server.offer("/whep/demo", &offer(WHEP_OFFERS[0])).bearer_auth(key);
        assert_eq!(post.send().await.unwrap().status(), 201);
    }
}

#[tokio::test]
async fn e15_x1_x9_extensions_are_advertised_each_by_its_own_link() {
    let server = Server::start().await;
    let opened = server.watched().await;
    let session = &opened.location;
    assert_eq!(
        opened.links(),
        [
            format!(
                "<{session}/events>; rel=\"urn:ietf:params:whep:ext:core:server-sent-events\"; \
                 events=\"active,inactive,layers,reconnect,viewercount\""
            ),
            format!("<{session}/layer>; rel=\"urn:ietf:params:whep:ext:core:layer\""),
        ]
    );
}

#[tokio::test]
async fn t16_players_are_never_driven_into_older_protocols() {
    // 400 would start the old server-offer mode of a widespread player, 406 would drop its media.
    let server = Server::start().await;
    assert_eq!(server.watch(&offer(WHEP_OFFERS[0])).await.status(), 409);
    server.published().await;
    let exotic = offer(WHEP_OFFERS[0]).replace("/90000", "/90001").replace("opus/", "speex/");
    assert_problem(server.watch(&exotic).await, 422, "no_common_codec").await;
}
