//! POST of an offer to publish.

use std::sync::Arc;

use sluice_domain::{Action, Redacted};
use sluice_signaling::{IceServer, RateLimit, Redirect};

use crate::server::{KEY, OTHER_KEY, Opened, SPARE_KEY, Server, WHIP_OFFERS, assert_problem, offer, text};

#[tokio::test]
async fn w1_an_offer_gets_201_with_an_answer_and_a_session_url() {
    let server = Server::start().await;
    for name in WHIP_OFFERS {
        let opened = Opened::of(server.publish(&offer(name)).await).await;
        assert_eq!(text(&opened.headers, "content-type"), "application/sdp", "{name}");
        assert!(opened.answer.starts_with("v=0\r\n"), "{name}");
        assert!(opened.location.starts_with(&server.url("/session/")), "{name}");
    }
}

#[tokio::test]
async fn w1_the_stream_is_found_by_its_key() {
    let server = Server::start().await;
    let post = server.offer("/whip", &offer("whip-ffmpeg-9.0.2")).bearer_auth(OTHER_KEY);
    Opened::of(post.send().await.unwrap()).await;
    assert!(server.live.stream(server.people.id("other")).is_some());
}

#[tokio::test]
async fn w2_another_content_type_is_415_and_parameters_are_fine() {
    let server = Server::start().await;
    for content_type in ["text/plain", "application/json", "application/sdpx", ""] {
        let post = server.request("POST", "/whip/demo").bearer_auth(KEY).header("Content-Type", content_type);
        let response = post.body(offer("whip-ffmpeg-9.0.2")).send().await.unwrap();
        let headers = assert_problem(response, 415, "unsupported_content_type").await;
        assert_eq!(text(&headers, "accept-post"), "application/sdp");
    }
    for content_type in ["application/sdp; charset=utf-8", "Application/SDP;charset=UTF-8"] {
        let post = server.request("POST", "/whip/demo").bearer_auth(KEY).header("Content-Type", content_type);
        assert_eq!(post.body(offer("whip-ffmpeg-9.0.2")).send().await.unwrap().status(), 201);
    }
}

#[tokio::test]
async fn w2_malformed_sdp_is_400() {
    let server = Server::start().await;
    let cut = offer("whip-ffmpeg-9.0.2");
    for body in ["", "hello", "v=0\r\n", "\u{0}\u{1}", &cut[..120], &cut.replace("a=ice-ufrag", "a=x-ufrag")]
    {
        assert_problem(server.publish(body).await, 400, "malformed_sdp").await;
    }
    let latin =
        server.request("POST", "/whip/demo").bearer_auth(KEY).header("Content-Type", "application/sdp");
    assert_problem(latin.body(vec![0xff, 0xfe]).send().await.unwrap(), 400, "malformed_sdp").await;
}

#[tokio::test]
async fn w14_t22_every_session_has_its_own_strong_etag() {
    let server = Server::start().await;
    let (first, second) = (server.published().await, server.published().await);
    for etag in [&first.etag, &second.etag] {
        assert!(etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"'), "{etag}");
    }
    assert_ne!(first.etag, second.etag);
}

#[tokio::test]
async fn w33_t13_another_node_is_named_by_307_and_nothing_else_redirects() {
    let server = Server::with(|settings| {
        settings.signaling.redirect = Redirect::by(|action, stream| {
            (action == Action::Publish && stream.as_str() == "demo")
                .then(|| "https://edge.example/whip/demo?grant=x".to_owned())
        });
    })
    .await;
    let response = server.publish(&offer("whip-ffmpeg-9.0.2")).await;
    assert_eq!(response.status(), 307);
    assert_eq!(text(response.headers(), "location"), "https://edge.example/whip/demo?grant=x");
    assert_eq!(text(response.headers(), "access-control-allow-origin"), "*");
    let other = server.offer("/whip/other", &offer("whip-ffmpeg-9.0.2")).bearer_auth(OTHER_KEY);
    assert_eq!(other.send().await.unwrap().status(), 201);
    // Nobody is sent elsewhere before access was granted.
    let stranger = server.offer("/whip/demo", &offer("whip-ffmpeg-9.0.2")).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
}

#[tokio::test]
async fn w34_a_full_node_is_503_with_retry_after() {
    let server = Server::with(|settings| settings.live.max_sessions = 1).await;
    server.published().await;
    let post = server.offer("/whip/other", &offer("whip-ffmpeg-9.0.2")).bearer_auth(OTHER_KEY);
    let headers = assert_problem(post.send().await.unwrap(), 503, "overloaded").await;
    assert!(text(&headers, "retry-after").parse::<u32>().unwrap() > 0);
    // Who publishes already may return, however full the node is.
    server.published().await;
}

#[tokio::test]
async fn w34_a_draining_node_is_503() {
    let server = Server::start().await;
    server.live.drain(None).await;
    assert_problem(server.publish(&offer("whip-ffmpeg-9.0.2")).await, 503, "overloaded").await;
}

#[tokio::test]
async fn w35_every_ice_server_has_a_link_of_its_own() {
    let secret = Redacted::new("p".to_owned());
    let servers = vec![
        IceServer::new("stun:stun.example:3478", None, None).unwrap(),
        IceServer::new("turn:turn.example:3478?transport=udp", Some("u"), Some(&secret)).unwrap(),
    ];
    let server = Server::with(|settings| settings.signaling.ice_servers = servers).await;
    assert_eq!(
        server.published().await.links(),
        [
            "<stun:stun.example:3478>; rel=\"ice-server\"",
            "<turn:turn.example:3478?transport=udp>; rel=\"ice-server\"; username=\"u\"; credential=\"p\"",
        ]
    );
}

#[tokio::test]
async fn w37_publishing_needs_the_right_key() {
    let server = Server::start().await;
    let ffmpeg = offer("whip-ffmpeg-9.0.2");
    for path in ["/whip/demo", "/whip"] {
        let headers =
            assert_problem(server.offer(path, &ffmpeg).send().await.unwrap(), 401, "unauthorized").await;
        assert_eq!(text(&headers, "www-authenticate"), "Bearer");
    }
    for (path, key) in [("/whip/demo", "wrong-key"), ("/whip/demo", OTHER_KEY), ("/whip", "wrong-key")] {
        let response = server.offer(path, &ffmpeg).bearer_auth(key).send().await.unwrap();
        assert_problem(response, 403, "forbidden").await;
    }
    for path in ["/whip/nobody", "/whip/NOT-A-NAME", "/whip/%ff"] {
        let response = server.offer(path, &ffmpeg).bearer_auth(KEY).send().await.unwrap();
        assert_problem(response, 404, "unknown_stream").await;
    }
}

#[tokio::test]
async fn w40_whip_needs_and_advertises_no_extension() {
    let server = Server::start().await;
    assert!(server.published().await.links().iter().all(|link| !link.contains("urn:ietf:params:whip:ext")));
}

#[tokio::test]
async fn w41_changing_requests_are_limited_by_address() {
    let number = |value: u32| value.try_into().unwrap();
    // One a minute would hold for the whole test, but the rate is in seconds: who was slower than one tries again.
    let (server, refused) = loop {
        let limit = RateLimit { per_second: number(1), burst: number(2) };
        let server = Server::with(|settings| settings.signaling.rate_limit = Some(limit)).await;
        let began = std::time::Instant::now();
        for _ in 0..2 {
            assert_eq!(server.send("DELETE", "/session/x").await.status(), 404);
        }
        let mut refused = Vec::new();
        for (method, path) in [("POST", "/whip/demo"), ("PATCH", "/session/x"), ("DELETE", "/session/x")] {
            refused.push(server.send(method, path).await);
        }
        refused.push(server.request("OPTIONS", "/whip/demo").bearer_auth("wrong-key").send().await.unwrap());
        if began.elapsed() < std::time::Duration::from_millis(900) {
            break (server, refused);
        }
    };
    for response in refused {
        let headers = assert_problem(response, 429, "rate_limited").await;
        assert_eq!(text(&headers, "retry-after"), "1");
    }
    // Reading and preflights are free.
    assert_eq!(server.send("GET", "/whip/demo").await.status(), 204);
    assert_eq!(server.send("OPTIONS", "/whip/demo").await.status(), 200);
}

#[tokio::test]
async fn t1_the_location_is_absolute_and_only_a_path() {
    let server = Server::start().await;
    let post = server.offer("/whip/demo?key=key-of-the-demo-0&x=y", &offer("whip-ffmpeg-9.0.2"));
    let opened = Opened::of(post.send().await.unwrap()).await;
    let id = opened.location.strip_prefix(&server.url("/session/")).unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");

    let public = Server::with(|settings| {
        settings.signaling.public_url = Some("https://live.example".parse().unwrap());
    })
    .await;
    assert!(public.published().await.location.starts_with("https://live.example/session/"));

    let proxied = server
        .offer("/whip/demo", &offer("whip-ffmpeg-9.0.2"))
        .bearer_auth(KEY)
        .header("X-Forwarded-Proto", "https")
        .header("X-Forwarded-Host", "proxy.example");
    let opened = Opened::of(proxied.send().await.unwrap()).await;
    assert!(opened.location.starts_with("https://proxy.example/session/"));
}

#[tokio::test]
async fn t2_an_offer_without_candidates_is_answered_at_once() {
    let server = Server::start().await;
    let obs = offer("whip-obs-shaped-simulcast3");
    assert!(!obs.contains("a=candidate"));
    crate::session::quickly(std::time::Duration::from_secs(1), async |_| {
        let began = std::time::Instant::now();
        Opened::of(server.publish(&obs).await).await;
        began.elapsed()
    })
    .await;
}

#[tokio::test]
async fn t16_no_codec_in_common_is_422_and_never_406() {
    let server = Server::start().await;
    let exotic = offer("whip-ffmpeg-9.0.2-videoonly").replace("H264/90000", "H261/90000");
    assert_problem(server.publish(&exotic).await, 422, "no_common_codec").await;
}

#[tokio::test]
async fn t17_the_same_key_takes_over_and_viewers_are_kept() {
    let server = Server::start().await;
    let old = server.published().await;
    let viewer = Opened::of(server.watch(&offer("whep-chromium156-medooze")).await).await;
    let new = Opened::of(server.publish(&offer("whip-ffmpeg-9.0.2")).await).await;
    assert_ne!(old.location, new.location);
    // OBS deletes its old session only now; the new one and the viewers go on.
    assert_eq!(server.send("DELETE", &old.location).await.status(), 200);
    for session in [&new.location, &viewer.location] {
        assert_eq!(server.send("GET", session).await.status(), 204);
    }
    let viewer = Opened::of(server.watch(&offer("whep-chromium156-medooze")).await).await;
    assert_eq!(server.send("DELETE", &viewer.location).await.status(), 200);
}

#[tokio::test]
async fn t17_another_key_is_409_while_somebody_publishes() {
    let server = Server::start().await;
    server.published().await;
    let post = server.offer("/whip/demo", &offer("whip-ffmpeg-9.0.2")).bearer_auth(SPARE_KEY);
    let headers = assert_problem(post.send().await.unwrap(), 409, "already_live").await;
    assert!(!text(&headers, "retry-after").is_empty());
}

#[tokio::test]
async fn t17_a_refused_offer_does_not_disturb_who_publishes() {
    let server = Server::start().await;
    let session = server.published().await.location;
    assert_eq!(server.publish("v=0\r\n").await.status(), 400);
    assert_eq!(server.send("GET", &session).await.status(), 204);
    assert_eq!(server.watch(&offer("whep-chromium156-medooze")).await.status(), 201);
}

#[tokio::test]
async fn t17_take_overs_at_the_same_moment_all_belong_to_one_broadcast() {
    let server = Arc::new(Server::start().await);
    let posts: Vec<_> = (0..8)
        .map(|_| {
            let server = Arc::clone(&server);
            tokio::spawn(async move { server.published().await.location })
        })
        .collect();
    let mut sessions = Vec::new();
    for post in posts {
        sessions.push(post.await.unwrap());
    }
    assert_eq!(server.live.directory().len(), 1);
    let viewer = Opened::of(server.watch(&offer("whep-chromium156-medooze")).await).await;
    let last = sessions.pop().unwrap();
    for session in sessions {
        assert_eq!(server.send("DELETE", &session).await.status(), 200);
    }
    for session in [&last, &viewer.location] {
        assert_eq!(server.send("GET", session).await.status(), 204);
    }
}

#[tokio::test]
async fn t23_keys_are_read_however_clients_write_them_and_never_echoed() {
    let server = Server::start().await;
    let ffmpeg = offer("whip-ffmpeg-9.0.2");
    for authorization in [format!("Bearer {KEY}"), format!("bearer {KEY}"), KEY.to_owned()] {
        let post = server.offer("/whip/demo", &ffmpeg).header("Authorization", authorization);
        let opened = Opened::of(post.send().await.unwrap()).await;
        assert!(!opened.location.contains(KEY));
    }
    let undefined = server.offer("/whip/demo", &ffmpeg).header("Authorization", "Bearer undefined");
    assert_problem(undefined.send().await.unwrap(), 401, "unauthorized").await;
    for path in [format!("/whip/demo?token={KEY}"), format!("/whip?key={KEY}")] {
        let opened = Opened::of(server.offer(&path, &ffmpeg).send().await.unwrap()).await;
        assert!(!opened.location.contains(KEY) && !opened.location.contains('?'));
    }
}
