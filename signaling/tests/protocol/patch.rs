//! PATCH of a session: trickle, ICE restart and their entity tags.

use crate::cors::{ice_servers, relays};
use crate::sdp;
use crate::server::{Opened, Server, assert_problem, offer, text};

const HOST: &str = "a=mid:0\r\na=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\n";

/// ICE user name of the Chromium offers to publish and to watch.
const UFRAG: &str = "YO9V";
const VIEWER_UFRAG: &str = "wKLr";

fn restart(ufrag: &str) -> String {
    format!(
        "a=ice-ufrag:{ufrag}\r\na=ice-pwd:0123456789abcdef01234567\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n{HOST}"
    )
}

fn trickle(ufrag: &str) -> String {
    restart(ufrag)
}

#[tokio::test]
async fn w11_w13_w22_trickle_and_restart_are_both_supported() {
    let server = Server::start().await;
    let session = server.published().await;
    let patch = server.fragment(&session.location, &trickle(UFRAG)).header("If-Match", &session.etag);
    assert_eq!(patch.send().await.unwrap().status(), 204);
    let patch = server.fragment(&session.location, &restart("newu")).header("If-Match", "*");
    let response = patch.send().await.unwrap();
    assert_eq!(response.status(), 200, "{}", response.text().await.unwrap());
}

#[tokio::test]
async fn w12_e12_other_types_and_malformed_fragments_are_4xx() {
    let server = Server::start().await;
    for session in [server.watched().await, server.published().await] {
        for content_type in ["application/json", "text/plain", "application/sdp"] {
            let patch = server.request("PATCH", &session.location).header("If-Match", &session.etag);
            let response = patch.header("Content-Type", content_type).body(HOST).send().await.unwrap();
            let headers = assert_problem(response, 415, "unsupported_content_type").await;
            assert_eq!(text(&headers, "accept-patch"), "application/trickle-ice-sdpfrag");
        }
        for body in ["", "hello", "{}", "a=ice-ufrag:\u{e4}\r\n"] {
            let patch = server.fragment(&session.location, body).header("If-Match", &session.etag);
            assert_problem(patch.send().await.unwrap(), 400, "malformed_fragment").await;
        }
    }
    assert_problem(server.fragment("/session/x", HOST).send().await.unwrap(), 404, "unknown_session").await;
}

#[tokio::test]
async fn w15_e11_patch_without_if_match_is_428() {
    let server = Server::start().await;
    for session in [server.watched().await, server.published().await] {
        let response = server.fragment(&session.location, HOST).send().await.unwrap();
        assert_problem(response, 428, "precondition_required").await;
    }
}

#[tokio::test]
async fn w15_e11_t22_patch_with_another_tag_is_412() {
    let server = Server::start().await;
    let session = server.published().await;
    let bare = session.etag.trim_matches('"');
    for tag in ["\"other\"", &format!("W/{}", session.etag), bare, ""] {
        let patch = server.fragment(&session.location, HOST).header("If-Match", tag);
        assert_problem(patch.send().await.unwrap(), 412, "precondition_failed").await;
    }
    for tag in
        [session.etag.clone(), format!("\"other\", {}", session.etag), "*".to_owned(), "\"*\"".to_owned()]
    {
        let patch = server.fragment(&session.location, HOST).header("If-Match", &tag);
        assert_eq!(patch.send().await.unwrap().status(), 204, "{tag}");
    }
}

#[tokio::test]
async fn w17_the_tag_decides_and_not_the_order_of_arrival() {
    let server = Server::start().await;
    let session = server.published().await;
    let patch = server.fragment(&session.location, &restart("newu")).header("If-Match", "*");
    let restarted = patch.send().await.unwrap();
    let new = text(restarted.headers(), "etag");
    // A trickle of the old ICE session comes late.
    let late = server.fragment(&session.location, &trickle(UFRAG)).header("If-Match", &session.etag);
    assert_problem(late.send().await.unwrap(), 412, "precondition_failed").await;
    let current = server.fragment(&session.location, &trickle("newu")).header("If-Match", &new);
    assert_eq!(current.send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn w19_the_m_line_of_a_fragment_does_not_have_to_match() {
    // simple-whip-client says audio and mid video0 (B-GST7).
    let server = Server::start().await;
    let session = server.published().await;
    let fragment = trickle(UFRAG).replace("m=audio", "m=video").replace("a=mid:0", "a=mid:video0");
    let patch = server.fragment(&session.location, &fragment).header("If-Match", &session.etag);
    assert_eq!(patch.send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn w20_a_trickle_is_204_without_body_and_without_etag() {
    let server = Server::start().await;
    let session = server.published().await;
    let patch = server.fragment(&session.location, HOST).header("If-Match", &session.etag);
    let response = patch.send().await.unwrap();
    assert_eq!(response.status(), 204);
    assert!(response.headers().get("etag").is_none());
    assert!(response.text().await.unwrap().is_empty());
}

#[tokio::test]
async fn w21_candidates_that_cannot_be_used_are_dropped_silently() {
    let server = Server::start().await;
    let session = server.published().await;
    let fragment = "a=candidate:1 1 udp 1 0f1e2d3c.local 5000 typ host\r\n\
                    a=candidate:2 1 tcp 1 192.0.2.1 9 typ host tcptype active\r\n\
                    a=candidate:3 1 sctp 1 192.0.2.1 5000 typ host\r\n\
                    a=candidate:4 1 udp 1 192.0.2.1 5000 typ host\r\n";
    let patch = server.fragment(&session.location, fragment).header("If-Match", &session.etag);
    assert_eq!(patch.send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn w23_e11_a_restart_is_200_with_new_credentials_and_a_new_tag() {
    let server = Server::start().await;
    for session in [server.watched().await, server.published().await] {
        for if_match in ["*", "\"*\""] {
            let fragment = restart(if if_match == "*" { "new1" } else { "new2" });
            let patch = server.fragment(&session.location, &fragment).header("If-Match", if_match);
            let response = patch.send().await.unwrap();
            assert_eq!(response.status(), 200);
            let headers = response.headers().clone();
            assert_eq!(text(&headers, "content-type"), "application/trickle-ice-sdpfrag");
            assert_ne!(text(&headers, "etag"), session.etag);
            let body = response.text().await.unwrap();
            for name in ["ice-ufrag", "ice-pwd"] {
                assert_eq!(sdp::all(&body, name).len(), 1, "{body}");
                assert_ne!(sdp::all(&body, name)[0], sdp::all(&session.answer, name)[0]);
            }
            assert!(body.ends_with("a=end-of-candidates\r\n"), "{body}");
        }
    }
}

// Requirements: R383
#[tokio::test]
async fn w35_a_restart_is_told_of_the_relays_again_for_credentials_run_out() {
    let server = Server::with(|settings| settings.signaling.relays = relays()).await;
    for session in [server.watched().await, server.published().await] {
        let patch = server.fragment(&session.location, &restart("new1")).header("If-Match", "*");
        let response = patch.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let told: Vec<_> = session.links().into_iter().filter(|link| link.contains("turn:")).collect();
        assert_eq!((ice_servers(&response), told.len()), (told, 1), "the same user, so the same quota");
    }
}

#[tokio::test]
async fn w24_a_restart_answers_with_the_whole_set_of_candidates() {
    let server = Server::start().await;
    let session = server.published().await;
    let patch = server.fragment(&session.location, &restart("newu")).header("If-Match", "*");
    let body = patch.send().await.unwrap().text().await.unwrap();
    let addresses = |sdp: &str| -> Vec<String> {
        let words = |candidate: &&str| candidate.split(' ').skip(4).take(2).collect::<Vec<_>>().join(":");
        let mut all: Vec<String> = sdp::all(sdp, "candidate").iter().map(words).collect();
        all.sort();
        all.dedup();
        all
    };
    assert_eq!(addresses(&body), addresses(&session.answer));
    assert!(!addresses(&body).is_empty());
}

#[tokio::test]
async fn w25_a_restart_repeats_what_the_answer_said_of_ice() {
    let server = Server::start().await;
    let session = server.published().await;
    let patch = server.fragment(&session.location, &restart("newu")).header("If-Match", "*");
    let body = patch.send().await.unwrap().text().await.unwrap();
    for line in ["a=ice-lite", "a=ice-options:", "a=ice-pacing:"] {
        let of = |sdp: &str| sdp.lines().find(|found| found.starts_with(line)).map(str::to_owned);
        assert_eq!(of(&body), of(&session.answer), "{line}");
    }
    assert!(body.contains("a=group:BUNDLE 0 1\r\nm=audio 9 "), "{body}");
    assert!(body.contains("a=mid:0\r\n"), "{body}");
}

#[tokio::test]
async fn w26_a_restart_that_cannot_be_done_leaves_the_session_as_it_is() {
    let server = Server::start().await;
    let session = server.published().await;
    let patch = server.fragment(&session.location, "a=ice-ufrag:newu\r\n").header("If-Match", "*");
    assert_problem(patch.send().await.unwrap(), 422, "restart_refused").await;
    assert_eq!(server.send("GET", &session.location).await.status(), 204);
    let trickle = server.fragment(&session.location, &trickle(UFRAG)).header("If-Match", &session.etag);
    assert_eq!(trickle.send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn w42_there_is_no_renegotiation() {
    let server = Server::start().await;
    let session = server.published().await;
    for method in ["PATCH", "POST", "PUT"] {
        let request = server.request(method, &session.location).header("Content-Type", "application/sdp");
        let request = request.header("If-Match", &session.etag).body(offer("whip-chromium156-medooze"));
        let status = request.send().await.unwrap().status();
        assert_eq!(status, if method == "PATCH" { 415 } else { 405 }, "{method}");
    }
}

#[tokio::test]
async fn t14_the_lenient_switch_lets_clients_trickle_without_if_match() {
    let server = Server::with(|settings| settings.signaling.lenient_if_match = true).await;
    let session = server.watched().await;
    let patch = server.fragment(&session.location, &trickle(VIEWER_UFRAG));
    assert_eq!(patch.send().await.unwrap().status(), 204);
    // Nothing tells that this belongs to the ICE session in force.
    let other = server.fragment(&session.location, &restart("newu")).send().await.unwrap();
    assert_problem(other, 428, "precondition_required").await;
    let nameless = server.fragment(&session.location, HOST).send().await.unwrap();
    assert_problem(nameless, 428, "precondition_required").await;
    // A wrong condition is wrong however lenient the server is.
    let wrong = server.fragment(&session.location, &trickle(VIEWER_UFRAG)).header("If-Match", "\"x\"");
    assert_problem(wrong.send().await.unwrap(), 412, "precondition_failed").await;
    // Eyevinn's client writes ETag for If-Match (B-BR7).
    let etag = server.fragment(&session.location, HOST).header("ETag", &session.etag);
    assert_eq!(etag.send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn t20_odd_fragments_of_real_clients_are_204() {
    let server = Server::start().await;
    let session = Opened::of(server.publish(&offer("whip-firefox153-medooze")).await).await;
    let fragments = [
        "a=\r\n",
        "m=audio 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 0 UDP 1 [fd00::2] 5000 typ host\r\n\
         m=audio 9 RTP/AVP 0\r\na=mid:1\r\na=candidate:1 2 UDP 1 192.0.2.1 5000 typ host\r\n",
        "a=candidate:1 1 TCP 1 192.0.2.1 9 typ host tcptype active\r\n",
        "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host ufrag other\r\n",
        "a=candidate:\r\na=candidate\r\na=end-of-candidates",
    ];
    for fragment in fragments {
        let patch = server.fragment(&session.location, fragment).header("If-Match", &session.etag);
        assert_eq!(patch.send().await.unwrap().status(), 204, "{fragment}");
    }
}
