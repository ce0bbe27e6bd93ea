//! Offers of real clients: each is answered, and the answer is what its client needs.
//! Names in brackets are rows of `docs/spec/whip-whep.md`.

use std::net::SocketAddr;
use std::time::Duration;

use sluice_domain::{BroadcastId, PeerId};
use sluice_sfu_engine::negotiate::{Answer, IceIdentity};
use sluice_sfu_engine::{EngineConfig, Negotiator, Role, SfuError, WatchOptions};

use crate::sim::World;

const WHIP: [(&str, &str); 8] = [
    ("chromium", include_str!("../data/offers/whip-chromium156-medooze.sdp")),
    ("chromium simulcast", include_str!("../data/offers/whip-chromium156-simulcast-datachannel.sdp")),
    ("ffmpeg active", include_str!("../data/offers/whip-ffmpeg-9.0.2-dtls_active.sdp")),
    ("ffmpeg video only", include_str!("../data/offers/whip-ffmpeg-9.0.2-videoonly.sdp")),
    ("ffmpeg", include_str!("../data/offers/whip-ffmpeg-9.0.2.sdp")),
    ("firefox", include_str!("../data/offers/whip-firefox153-medooze.sdp")),
    ("obs", include_str!("../data/offers/whip-obs-shaped-libdatachannel-0.24.5.sdp")),
    ("obs simulcast", include_str!("../data/offers/whip-obs-shaped-simulcast3.sdp")),
];

const WHEP: [(&str, &str); 2] = [
    ("chromium", include_str!("../data/offers/whep-chromium156-medooze.sdp")),
    ("firefox", include_str!("../data/offers/whep-firefox153-medooze.sdp")),
];

fn candidates() -> Vec<SocketAddr> {
    ["192.0.2.1:8189", "198.51.100.1:8189", "[2001:db8::1]:8189"].map(|a| a.parse().unwrap()).to_vec()
}

fn answer_to(role: Role, offer: &str) -> Result<Answer, SfuError> {
    // Only for its clock.
    let now = World::new(0).now + Duration::from_secs(1);
    let negotiator = Negotiator::new(EngineConfig::default(), candidates()).unwrap();
    let ice =
        IceIdentity { ufrag: "serverufrag".to_owned(), pwd: "server-password-of-32-characters".to_owned() };
    negotiator.accept(PeerId(9), role, None, offer, ice, now).map(|(_, answer)| answer)
}

const BROADCAST: BroadcastId = BroadcastId(uuid::Uuid::from_u128(9));

fn viewer() -> Role {
    Role::Viewer(BROADCAST, WatchOptions::default())
}

/// Every fixture with its answer.
fn all() -> Vec<(String, &'static str, Vec<String>, String)> {
    let whip = WHIP.iter().map(|(name, offer)| (format!("WHIP {name}"), *offer, Role::Publisher(BROADCAST)));
    let whep = WHEP.iter().map(|(name, offer)| (format!("WHEP {name}"), *offer, viewer()));
    let answered = whip.chain(whep).map(|(name, offer, role)| {
        let answer = answer_to(role, offer).unwrap_or_else(|error| panic!("{name}: {error}"));
        let lines = answer.sdp.lines().map(str::to_owned).collect();
        (name, offer, lines, answer.sdp)
    });
    answered.collect()
}

fn sections(lines: &[String]) -> Vec<Vec<&str>> {
    let mut sections: Vec<Vec<&str>> = vec![Vec::new()];
    for line in lines {
        if line.starts_with("m=") {
            sections.push(Vec::new());
        }
        sections.last_mut().unwrap().push(line);
    }
    sections.remove(0);
    sections
}

fn values<'a>(section: &[&'a str], name: &str) -> Vec<&'a str> {
    section.iter().filter_map(|line| line.strip_prefix(name)).collect()
}

#[test]
fn an_answer_repeats_the_m_lines_and_mids_of_the_offer() {
    // [W3]
    for (name, offer, lines, _) in all() {
        let offered: Vec<String> = offer.lines().map(str::to_owned).collect();
        let shape = |lines: &[String]| -> Vec<(String, String)> {
            let kind = |section: &Vec<&str>| section[0].split(' ').next().unwrap().to_owned();
            sections(lines).iter().map(|s| (kind(s), values(s, "a=mid:")[0].to_owned())).collect()
        };
        assert_eq!(shape(&lines), shape(&offered), "{name}");
    }
}

#[test]
fn an_answer_says_rtcp_mux_only_in_every_media_section() {
    // [W28, E13]
    for (name, _, lines, _) in all() {
        for section in sections(&lines).iter().filter(|s| !s[0].starts_with("m=application")) {
            assert!(section.contains(&"a=rtcp-mux") && section.contains(&"a=rtcp-mux-only"), "{name}");
        }
    }
}

#[test]
fn an_answer_is_small_and_has_crlf_line_ends() {
    // [T4]
    for (name, _, _, text) in all() {
        assert!(text.len() < 8 * 1024, "{name}: {} bytes", text.len());
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{name}");
        assert!(text.ends_with("\r\n") && !text.contains("\r\n\r\n"), "{name}");
    }
}

#[test]
fn an_answer_has_each_candidate_once_and_ipv4_first() {
    // [T3, W18]
    for (name, _, lines, _) in all() {
        let all: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("a=candidate:")).collect();
        let hosts: Vec<&str> = all.iter().map(|line| line.split(' ').nth(4).unwrap()).collect();
        assert_eq!(hosts, ["192.0.2.1", "198.51.100.1", "2001:db8::1"], "{name}");
        assert!(
            all.iter().all(|line| line.contains(" udp ") && line.ends_with("typ host")),
            "{name}: {all:?}"
        );
        let first = sections(&lines)[0].iter().filter(|line| line.starts_with("a=candidate:")).count();
        assert_eq!(first, 3, "{name}: they belong to the section that carries the transport");
        assert!(lines.iter().any(|line| line == "a=end-of-candidates"), "{name}");
    }
}

#[test]
fn an_answer_takes_the_other_dtls_role() {
    // [T5, W31]
    for (name, offer, lines, _) in all() {
        let expected = if offer.contains("a=setup:passive") { "a=setup:active" } else { "a=setup:passive" };
        let roles: Vec<&String> = lines.iter().filter(|line| line.starts_with("a=setup:")).collect();
        assert!(!roles.is_empty() && roles.iter().all(|role| *role == expected), "{name}: {roles:?}");
    }
}

#[test]
fn an_answer_flows_against_the_offer() {
    // [W4, E5]
    for (name, _, lines, _) in all() {
        let direction = if name.starts_with("WHIP") { "a=recvonly" } else { "a=sendonly" };
        for section in sections(&lines).iter().filter(|s| !s[0].starts_with("m=application")) {
            assert!(section.contains(&direction), "{name}: {section:?}");
        }
        assert!(lines.iter().any(|line| line == "a=ice-lite"), "{name}");
        assert!(lines.iter().any(|line| line == "a=ice-ufrag:serverufrag"), "{name}");
    }
}

#[test]
fn audio_and_video_of_an_answer_are_one_media_stream() {
    // [W29, T8]
    for (name, _, lines, text) in all().into_iter().filter(|(name, ..)| name.starts_with("WHEP")) {
        let streams: Vec<&str> = lines
            .iter()
            .filter_map(|line| line.strip_prefix("a=msid:"))
            .map(|ids| ids.split(' ').next().unwrap())
            .collect();
        assert_eq!(streams.len(), 2, "{name}");
        assert!(streams.iter().all(|stream| *stream == "sluice"), "{name}: {streams:?}");
        assert!(!text.contains("msid:-"), "{name}");
    }
}

#[test]
fn an_answer_accepts_every_layer_that_was_offered() {
    // [W39, T11]
    for (name, rids) in [("chromium simulcast", None), ("obs simulcast", Some(["0", "1", "2"]))] {
        let offer = WHIP.iter().find(|(known, _)| *known == name).unwrap().1;
        let list = offer.lines().find_map(|line| line.strip_prefix("a=simulcast:send ")).unwrap();
        let offered: Vec<&str> = list.trim().split(';').collect();
        assert_eq!(offered.len(), 3);
        let answer = answer_to(Role::Publisher(BROADCAST), offer).unwrap().sdp;
        assert!(answer.contains(&format!("a=simulcast:recv {}\r\n", list.trim())), "{name}:\n{answer}");
        for rid in &offered {
            assert!(answer.contains(&format!("a=rid:{rid} recv")), "{name}: {rid}");
        }
        if let Some(rids) = rids {
            assert_eq!(offered, rids, "{name}");
        }
    }
}

#[test]
fn an_answer_keeps_the_clients_order_of_codecs() {
    for (name, offer, lines, _) in all() {
        let offered: Vec<String> = offer.lines().map(str::to_owned).collect();
        for (asked, given) in sections(&offered).iter().zip(sections(&lines)) {
            let numbers = |section: &[&str]| -> Vec<String> {
                section[0].split(' ').skip(3).map(str::to_owned).collect()
            };
            let (asked, given) = (numbers(asked), numbers(&given));
            let kept: Vec<&String> = asked.iter().filter(|pt| given.contains(pt)).collect();
            let sorted_as_asked = given.iter().filter(|pt| asked.contains(pt)).collect::<Vec<_>>();
            // Retransmission types may stand anywhere.
            let media = |list: Vec<&String>| -> Vec<String> {
                let is_rtx = |pt: &str| offer.contains(&format!("a=rtpmap:{pt} rtx/"));
                list.into_iter().filter(|pt| !is_rtx(pt)).cloned().collect()
            };
            assert_eq!(media(sorted_as_asked), media(kept), "{name}");
            assert!(!given.is_empty(), "{name}");
        }
    }
}

#[test]
fn stereo_and_forward_error_correction_of_opus_are_kept() {
    for (name, _, lines, _) in all() {
        let opus: Vec<&str> = lines
            .iter()
            .filter(|line| line.to_ascii_lowercase().contains("opus/48000/2"))
            .filter_map(|line| line.strip_prefix("a=rtpmap:")?.split(' ').next())
            .collect();
        let Some(pt) = opus.first() else { continue };
        let format = lines.iter().find(|line| line.starts_with(&format!("a=fmtp:{pt} ")));
        let format = format.unwrap_or_else(|| panic!("{name}: Opus without parameters"));
        assert!(format.contains("useinbandfec=1"), "{name}: {format}");
        if name != "WHEP chromium" {
            assert!(format.contains("stereo=1"), "{name}: {format}");
        }
    }
}

#[test]
fn bundle_only_sections_with_port_zero_take_part() {
    // [T21]
    let offer = WHEP[1].1;
    assert!(offer.contains("m=video 0 ") && offer.contains("a=bundle-only"));
    let lines: Vec<String> = answer_to(viewer(), offer).unwrap().sdp.lines().map(str::to_owned).collect();
    let video = &sections(&lines)[1];
    assert!(!video[0].starts_with("m=video 0 "), "{}", video[0]);
    assert!(lines.iter().any(|line| line == "a=group:BUNDLE 0 1"), "{lines:?}");
}

#[test]
fn a_viewer_that_shares_only_one_kind_gets_that_one() {
    // [T26]
    let only_g711 = WHEP[1].1.replace("opus/48000/2", "unknown/48000/2");
    let answer = answer_to(viewer(), &only_g711).unwrap().sdp;
    let lines: Vec<String> = answer.lines().map(str::to_owned).collect();
    let sections = sections(&lines);
    assert!(sections[0][0].starts_with("m=audio 0 ") || sections[0].contains(&"a=inactive"), "{answer}");
    assert!(sections[1].contains(&"a=sendonly"), "{answer}");
}

#[test]
fn a_publisher_with_an_unknown_codec_is_refused_as_a_whole() {
    // [W30]
    let offer = WHIP[4].1.replace("H264/90000", "THEORA/90000");
    assert!(matches!(answer_to(Role::Publisher(BROADCAST), &offer), Err(SfuError::NoCommonCodec(_))));
}

#[test]
fn an_offer_that_str0m_cannot_make_sense_of_is_refused() {
    // Found by fuzzing: two payload types that str0m takes for the same one make it panic.
    let offer = WHEP[0].1.replace("profile-level-id=4d001f", "progile-level-id=4d001f");
    assert!(matches!(answer_to(viewer(), &offer), Err(SfuError::MalformedSdp(_))));
}

#[test]
fn the_tag_of_an_ice_session_is_new_for_each() {
    let tags: Vec<String> = ["firstufrag", "otherufrag"]
        .map(|ufrag| {
            let negotiator = Negotiator::new(EngineConfig::default(), candidates()).unwrap();
            let ice = IceIdentity { ufrag: ufrag.to_owned(), pwd: "x".repeat(24) };
            let now = World::new(0).now;
            let accepted = negotiator.accept(PeerId(9), viewer(), None, WHEP[0].1, ice, now);
            accepted.unwrap().1.ice_tag
        })
        .to_vec();
    assert_ne!(tags[0], tags[1]);
    assert!(tags.iter().all(|tag| !tag.contains("ufrag")));
}
