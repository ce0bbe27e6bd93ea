//! What the answers say, row by row, for every offer of a real client.

use crate::sdp::{self, sections, session};
use crate::server::{Opened, Server, WHEP_OFFERS, WHIP_OFFERS, assert_problem, offer};

/// Publishes every offer, to a server each, and hands name, offer and answer to the check.
async fn each_publisher(check: impl Fn(&str, &str, &str)) {
    let server = Server::start().await;
    for name in WHIP_OFFERS {
        let offer = offer(name);
        let opened = Opened::of(server.publish(&offer).await).await;
        check(name, &offer, &opened.answer);
    }
}

async fn each_viewer(check: impl Fn(&str, &str, &str)) {
    let server = Server::start().await;
    server.published().await;
    for name in WHEP_OFFERS {
        let offer = offer(name);
        let opened = Opened::of(server.watch(&offer).await).await;
        check(name, &offer, &opened.answer);
    }
}

#[tokio::test]
async fn w3_an_answer_repeats_the_m_lines_and_mids_of_the_offer() {
    let check = |name: &str, offer: &str, answer: &str| {
        let shape = |sdp| -> Vec<(String, String)> {
            let sections = sections(sdp);
            sections.iter().map(|section| (section.kind().to_owned(), section.mid().to_owned())).collect()
        };
        assert_eq!(shape(answer), shape(offer), "{name}");
    };
    each_publisher(check).await;
    each_viewer(check).await;
}

#[tokio::test]
async fn w4_an_answer_to_a_publisher_receives_only() {
    each_publisher(|name, _, answer| {
        for section in sections(answer).iter().filter(|section| section.is_media()) {
            assert!(section.has("a=recvonly"), "{name} {}", section.media);
        }
    })
    .await;
}

#[tokio::test]
async fn w4_an_offer_that_sends_nothing_is_422() {
    let server = Server::start().await;
    for direction in ["a=recvonly", "a=inactive"] {
        let offer = offer("whip-chromium156-medooze").replace("a=sendonly", direction);
        assert_problem(server.publish(&offer).await, 422, "unsupported_tracks").await;
    }
    let both_ways = offer("whip-chromium156-medooze").replace("a=sendonly", "a=sendrecv");
    assert_eq!(server.publish(&both_ways).await.status(), 201);
}

#[tokio::test]
async fn e5_an_answer_to_a_viewer_sends_only() {
    each_viewer(|name, _, answer| {
        for section in sections(answer).iter().filter(|section| section.is_media()) {
            assert!(section.has("a=sendonly"), "{name} {}", section.media);
        }
    })
    .await;
    let server = Server::start().await;
    server.published().await;
    for (direction, status) in [("a=sendrecv", 201), ("a=sendonly", 422), ("a=inactive", 422)] {
        let offer = offer("whep-chromium156-medooze").replace("a=recvonly", direction);
        assert_eq!(server.watch(&offer).await.status(), status, "{direction}");
    }
}

#[tokio::test]
async fn w18_e10_an_answer_has_every_candidate_whatever_the_offer_has() {
    each_publisher(|name, _, answer| assert!(!sdp::all(answer, "candidate").is_empty(), "{name}")).await;
    each_viewer(|name, _, answer| assert!(!sdp::all(answer, "candidate").is_empty(), "{name}")).await;
}

#[tokio::test]
async fn w27_e13_answers_bundle_everything_with_rtcp_mux() {
    let check = |name: &str, offer: &str, answer: &str| {
        let group = sdp::all(answer, "group");
        let mids: Vec<&str> = sections(offer).iter().map(|section| section.mid()).collect();
        assert_eq!(group, [format!("BUNDLE {}", mids.join(" "))], "{name}");
        for section in sections(answer).iter().filter(|section| section.is_media()) {
            assert!(section.has("a=rtcp-mux"), "{name} {}", section.media);
        }
    };
    each_publisher(check).await;
    each_viewer(check).await;
}

#[tokio::test]
async fn w28_e13_answers_say_rtcp_mux_only_though_no_client_does() {
    let check = |name: &str, _: &str, answer: &str| {
        for section in sections(answer).iter().filter(|section| section.is_media()) {
            assert!(section.has("a=rtcp-mux-only"), "{name} {}", section.media);
        }
    };
    each_publisher(check).await;
    each_viewer(check).await;
}

#[tokio::test]
async fn w29_more_tracks_than_one_of_a_kind_are_422() {
    let server = Server::start().await;
    let offer = offer("whip-ffmpeg-9.0.2");
    let second = sdp::only(&offer, "video").split_once("m=video").unwrap().1.replace("a=mid:1", "a=mid:2");
    let two = format!("{offer}m=video{second}").replace("BUNDLE 0 1", "BUNDLE 0 1 2");
    assert_problem(server.publish(&two).await, 422, "unsupported_tracks").await;
}

#[tokio::test]
async fn w30_no_section_of_an_accepted_offer_is_rejected() {
    each_publisher(|name, _, answer| {
        for section in sections(answer) {
            assert_ne!(section.port(), "0", "{name} {}", section.media);
        }
    })
    .await;
}

#[tokio::test]
async fn w31_t5_the_dtls_role_suits_every_setup() {
    each_publisher(|name, offer, answer| {
        let expected = if offer.contains("a=setup:passive") { "active" } else { "passive" };
        let setups = sdp::all(answer, "setup");
        assert!(!setups.is_empty() && setups.iter().all(|setup| *setup == expected), "{name} {setups:?}");
    })
    .await;
}

#[tokio::test]
async fn w32_e14_the_server_is_ice_lite_unless_told_otherwise() {
    each_publisher(|name, _, answer| assert!(answer.contains("a=ice-lite\r\n"), "{name}")).await;
    let server = Server::with(|settings| settings.sfu.engine.ice = sluice_sfu::IceMode::Full).await;
    assert!(!server.published().await.answer.contains("a=ice-lite"));
}

#[tokio::test]
async fn w39_t11_simulcast_is_answered_with_every_layer_that_was_offered() {
    let server = Server::start().await;
    for (name, layers) in [
        ("whip-chromium156-simulcast-datachannel", offered_layers("whip-chromium156-simulcast-datachannel")),
        ("whip-obs-shaped-simulcast3", "0;1;2".to_owned()),
    ] {
        let answer = Opened::of(server.publish(&offer(name)).await).await.answer;
        assert_eq!(sdp::all(&answer, "simulcast"), [format!("recv {layers}")], "{name}");
        for rid in layers.split(';') {
            assert!(answer.contains(&format!("a=rid:{rid} recv\r\n")), "{name} {rid}");
        }
    }
}

fn offered_layers(name: &str) -> String {
    let offer = offer(name);
    sdp::all(&offer, "simulcast")[0].trim_start_matches("send ").to_owned()
}

#[tokio::test]
async fn e13_t8_a_viewer_gets_one_media_stream_with_a_name() {
    each_viewer(|name, _, answer| {
        let streams: Vec<&str> = sections(answer)
            .iter()
            .filter(|section| section.is_media())
            .map(|section| section.all("msid").first().copied().unwrap_or("-"))
            .map(|msid| msid.split(' ').next().unwrap())
            .collect();
        assert_eq!(streams.len(), 2, "{name}");
        assert!(streams.iter().all(|stream| *stream == streams[0] && *stream != "-"), "{name} {streams:?}");
    })
    .await;
}

#[tokio::test]
async fn e17_a_viewer_is_answered_with_every_codec_that_both_sides_know() {
    each_viewer(|name, offer, answer| {
        for codec in ["VP8", "VP9", "AV1", "H264"] {
            let known = |sdp: &str| sdp.contains(&format!(" {codec}/90000"));
            assert_eq!(known(answer), known(offer), "{name} {codec}");
        }
    })
    .await;
}

#[tokio::test]
async fn t3_the_first_candidate_is_an_ipv4_udp_host() {
    each_publisher(|name, _, answer| {
        let candidates = sdp::all(answer, "candidate");
        let words: Vec<&str> = candidates[0].split(' ').collect();
        assert_eq!(words[1], "1", "{name}");
        assert_eq!(words[2].to_ascii_lowercase(), "udp", "{name}");
        assert!(words[4].parse::<std::net::Ipv4Addr>().is_ok(), "{name} {}", words[4]);
        assert_eq!(words[6..8], ["typ", "host"], "{name}");
    })
    .await;
}

#[tokio::test]
async fn t4_answers_are_small_and_their_lines_end_in_crlf() {
    let check = |name: &str, _: &str, answer: &str| {
        assert!(answer.len() <= 8191, "{name} has {} bytes", answer.len());
        assert_eq!(answer.matches('\n').count(), answer.matches("\r\n").count(), "{name}");
        assert!(answer.ends_with("\r\n"), "{name}");
    };
    each_publisher(check).await;
    each_viewer(check).await;
}

#[tokio::test]
async fn t6_what_clients_leave_out_is_not_required() {
    let server = Server::start().await;
    let opus = offer("whip-chromium156-medooze").replace("opus/48000/2", "OPUS/48000");
    let answer = Opened::of(server.publish(&opus).await).await.answer;
    assert_ne!(sections(&answer)[0].port(), "0", "{answer}");

    let named = offer("whip-ffmpeg-9.0.2")
        .replace("BUNDLE 0 1", "BUNDLE audio1 video0")
        .replace("a=mid:0", "a=mid:audio1")
        .replace("a=mid:1", "a=mid:video0");
    assert_eq!(server.publish(&named).await.status(), 201);

    let mode_0 = offer("whip-ffmpeg-9.0.2").replace("packetization-mode=1;", "");
    let answer = Opened::of(server.publish(&mode_0).await).await.answer;
    assert!(answer.contains("H264/90000"), "{answer}");
}

#[tokio::test]
async fn t7_h264_profiles_are_compared_loosely() {
    let server = Server::start().await;
    for profile in ["42001f", "42e01f", "42e016", "4d001f", "64001f", "640c1f", "42001e", "64002a"] {
        let offer = offer("whip-ffmpeg-9.0.2").replace("42001e", profile);
        let answer = Opened::of(server.publish(&offer).await).await.answer;
        assert!(answer.contains("H264/90000"), "{profile}: {answer}");
    }
}

#[tokio::test]
async fn t21_bundle_only_sections_and_dangling_mids_are_accepted() {
    let server = Server::start().await;
    let firefox = offer("whip-firefox153-medooze");
    assert!(firefox.contains("m=video 0 ") && firefox.contains("a=bundle-only"));
    let answer = Opened::of(server.publish(&firefox).await).await.answer;
    assert_ne!(sections(&answer)[1].port(), "0");

    let dangling = offer("whip-ffmpeg-9.0.2-videoonly").replace("BUNDLE 1", "BUNDLE 0 1");
    assert_eq!(server.publish(&dangling).await.status(), 201);
}

#[tokio::test]
async fn t24_no_tcp_candidate_comes_before_a_udp_one() {
    each_publisher(|name, _, answer| {
        let candidates = sdp::all(answer, "candidate");
        let is_tcp = |candidate: &&str| candidate.split(' ').nth(2).unwrap().eq_ignore_ascii_case("tcp");
        let first_tcp = candidates.iter().position(&is_tcp).unwrap_or(candidates.len());
        assert!(candidates[first_tcp..].iter().all(is_tcp), "{name}");
    })
    .await;
}

#[tokio::test]
async fn t26_a_viewer_of_everything_is_answered_when_the_publisher_sends_only_video() {
    let server = Server::start().await;
    Opened::of(server.publish(&offer("whip-ffmpeg-9.0.2-videoonly")).await).await;
    let offered = offer("whep-chromium156-medooze");
    let answer = Opened::of(server.watch(&offered).await).await.answer;
    assert_eq!(sections(&answer).len(), sections(&offered).len());
}

#[tokio::test]
async fn stereo_opus_is_kept() {
    let server = Server::start().await;
    let answer = Opened::of(server.publish(&offer("whip-obs-shaped-simulcast3")).await).await.answer;
    let opus = sdp::all(&answer, "fmtp").into_iter().find(|fmtp| fmtp.starts_with("111 ")).unwrap();
    assert!(opus.contains("stereo=1"), "{opus}");
}

#[tokio::test]
async fn b_br12_a_data_channel_is_answered() {
    let server = Server::start().await;
    let answer =
        Opened::of(server.publish(&offer("whip-chromium156-simulcast-datachannel")).await).await.answer;
    let channel = sections(&answer).into_iter().find(|section| section.kind() == "application").unwrap();
    assert_ne!(channel.port(), "0");
    assert!(session(&answer).iter().any(|line| line.starts_with("a=group:BUNDLE 0 1 2")));
}
