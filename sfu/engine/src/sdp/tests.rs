//! Offers as clients and strangers write them.

use proptest::prelude::*;

use super::*;

const WHIP: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n\
a=fingerprint:sha-256 00:11\r\na=setup:actpass\r\na=mid:0\r\na=sendonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n\
a=fmtp:111 minptime=10;stereo=1;useinbandfec=1\r\n\
m=video 9 UDP/TLS/RTP/SAVPF 96 97 98\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n\
a=mid:1\r\na=sendonly\r\na=rtcp-mux\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 profile-level-id=42e01f;packetization-mode=1\r\n\
a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:98 VP8/90000\r\n";

fn publish(text: &str) -> Result<Offer, SfuError> {
    Offer::parse(text, Flow::Publish)
}

fn watch(text: &str) -> Result<Offer, SfuError> {
    Offer::parse(text, Flow::Watch)
}

fn is_malformed(result: &Result<Offer, SfuError>) -> bool {
    matches!(result, Err(SfuError::MalformedSdp(_)))
}

fn is_unsupported(result: &Result<Offer, SfuError>) -> bool {
    matches!(result, Err(SfuError::UnsupportedTracks(_)))
}

#[test]
fn an_offer_is_read() {
    let offer = publish(WHIP).unwrap();
    assert_eq!((offer.ufrag.as_str(), offer.pwd.as_str()), ("abcd", "0123456789012345678901"));
    assert_eq!(offer.video_index(), Some(1));
    assert!(!offer.data_channel);
    let video = &offer.sections[1];
    let types: Vec<_> = video.payload_types.iter().map(|p| (p.pt, p.rtx, p.codec)).collect();
    assert_eq!(types, [(96, Some(97), Codec::H264), (98, None, Codec::Vp8)]);
    assert_eq!(video.payload_types[0].format.packetization_mode, Some(1));
    assert!(video.rids.is_empty());
}

#[test]
fn what_is_no_offer_is_malformed() {
    for text in ["", "v=0", "v=1\r\n", "hello", "v=0\r\nnonsense\r\n", "{}", "m=audio\r\n"] {
        assert!(is_malformed(&publish(text)), "{text:?}");
    }
    for without in [
        "a=ice-ufrag:abcd\r\n",
        "a=ice-pwd:0123456789012345678901\r\n",
        "a=fingerprint:sha-256 00:11\r\n",
        "a=mid:1\r\n",
    ] {
        assert!(is_malformed(&publish(&WHIP.replace(without, ""))), "{without:?}");
    }
    for (from, to) in [
        ("ice-ufrag:abcd", "ice-ufrag:abc"),
        ("ice-pwd:0123456789012345678901", "ice-pwd:short"),
        ("m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 RTP/AVP"),
        ("m=video 9", "m=video x"),
        ("a=mid:1", "a=mid:0"),
    ] {
        assert!(is_malformed(&publish(&WHIP.replace(from, to))), "{to:?}");
    }
}

#[test]
fn directions_that_contradict_the_flow_are_refused() {
    // W4
    for wrong in ["a=recvonly", "a=inactive"] {
        assert!(is_unsupported(&publish(&WHIP.replacen("a=sendonly", wrong, 1))), "{wrong}");
    }
    for right in ["a=sendrecv", ""] {
        assert!(publish(&WHIP.replace("a=sendonly", right)).is_ok(), "{right}");
    }
    assert!(is_unsupported(&watch(WHIP)));
    assert!(watch(&WHIP.replace("a=sendonly", "a=recvonly")).is_ok());
}

#[test]
fn more_than_one_track_of_a_kind_is_refused() {
    // W29
    let second = WHIP[WHIP.find("m=video").unwrap()..].replace("a=mid:1", "a=mid:2");
    let text = format!("{WHIP}{second}").replace("BUNDLE 0 1", "BUNDLE 0 1 2");
    assert!(is_unsupported(&publish(&text)));
}

#[test]
fn sections_outside_the_bundle_are_refused_and_dangling_mids_are_not() {
    // W27, T21
    assert!(is_unsupported(&publish(&WHIP.replace("BUNDLE 0 1", "BUNDLE 0"))));
    let dangling = publish(&WHIP.replace("BUNDLE 0 1", "BUNDLE 0 1 7")).unwrap();
    assert!(dangling.text.contains("a=group:BUNDLE 0 1\r\n"), "{}", dangling.text);
}

#[test]
fn a_section_with_port_zero_takes_part_only_as_bundle_only() {
    // T21
    let rejected = WHIP.replace("m=video 9", "m=video 0");
    assert!(!publish(&rejected).unwrap().sections[1].active);
    let bundled = rejected.replace("a=mid:1", "a=bundle-only\r\na=mid:1");
    assert!(publish(&bundled).unwrap().sections[1].active);
}

#[test]
fn codecs_are_known_whatever_their_spelling() {
    // T6
    for (from, to) in [
        ("opus/48000/2", "OPUS/48000"),
        ("H264/90000", "h264/90000"),
        ("VP8/90000", "vp8/90000"),
        (";packetization-mode=1", ""),
        ("rtx/90000", "RTX/90000"),
    ] {
        let offer = publish(&WHIP.replace(from, to)).unwrap_or_else(|error| panic!("{to}: {error}"));
        assert_eq!(offer.sections[1].payload_types.len(), 2, "{to}");
        assert_eq!(offer.sections[1].payload_types[0].rtx, Some(97), "{to}");
        assert!(offer.text.contains("a=rtpmap:111 opus/48000/2\r\n"), "{to}");
    }
}

#[test]
fn parameters_before_their_rtpmap_are_read() {
    // B-BR9: Firefox sorts its lines.
    let fmtp = "a=fmtp:97 apt=96\r\n";
    let text = WHIP.replace(fmtp, "").replace("a=mid:1\r\n", &format!("{fmtp}a=mid:1\r\n"));
    assert_eq!(publish(&text).unwrap().sections[1].payload_types[0].rtx, Some(97));
}

#[test]
fn unknown_codecs_are_left_out_and_none_known_is_refused() {
    let one = publish(&WHIP.replace("VP8/90000", "X/90000")).unwrap();
    assert_eq!(one.sections[1].payload_types.len(), 1);
    let none = WHIP.replace("VP8/90000", "X/90000").replace("H264/90000", "Y/90000");
    assert!(matches!(publish(&none), Err(SfuError::NoCommonCodec(_))));
    let viewer = none.replace("a=sendonly", "a=recvonly");
    assert!(watch(&viewer).unwrap().sections[1].payload_types.is_empty(), "T26: the audio is left");
}

#[test]
fn rids_are_read_in_order() {
    for (line, expected) in [
        ("a=simulcast:send q;h;f", vec!["q", "h", "f"]),
        ("a=simulcast: send 0;1;2", vec!["0", "1", "2"]),
        ("a=simulcast:send hi,alt;~lo", vec!["hi", "lo"]),
        ("a=simulcast:send a;b recv c", vec!["a", "b"]),
        ("a=simulcast:recv c send a;b", vec!["a", "b"]),
        ("a=simulcast:recv c", vec![]),
    ] {
        let text = WHIP.replace("a=mid:1", &format!("{line}\r\na=mid:1"));
        assert_eq!(publish(&text).unwrap().sections[1].rids, expected, "{line}");
    }
}

#[test]
fn lines_may_end_as_they_like_and_be_empty() {
    // T20, B-BR9
    let text = WHIP.replace("\r\n", "\n").replace("a=rtcp-mux\n", "a=rtcp-mux\n\na=\n  \n");
    let offer = publish(&text).unwrap();
    assert_eq!(offer.text.matches('\n').count(), offer.text.matches("\r\n").count());
    assert!(!offer.text.contains("a=\r\n"));
}

#[test]
fn candidates_that_cannot_be_used_are_left_out_of_the_offer() {
    // W21, T20
    let usable = [
        "1 1 udp 2122260223 192.0.2.1 5000 typ host generation 0 ufrag abcd",
        "1 0 UDP 1 [2001:db8::1] 5000 typ host",
    ];
    let useless = [
        "1 2 udp 1 192.0.2.1 5001 typ host",
        "1 1 tcp 1 192.0.2.1 9 typ host tcptype active",
        "1 1 udp 1 0f8d.local 5000 typ host",
        "1 1 udp 1 192.0.2.1",
        "",
    ];
    assert!(usable.iter().all(|candidate| usable_candidate(candidate)));
    assert!(!useless.iter().any(|candidate| usable_candidate(candidate)));
    let lines: String = usable.iter().chain(&useless).map(|c| format!("a=candidate:{c}\r\n")).collect();
    let offer = publish(&WHIP.replacen("a=rtcp-mux\r\n", &format!("a=rtcp-mux\r\n{lines}"), 1)).unwrap();
    assert_eq!(offer.text.matches("a=candidate:").count(), 2, "{}", offer.text);
}

#[test]
fn a_restart_changes_the_ice_session_and_nothing_else() {
    let offer = publish(&WHIP.replacen(
        "a=rtcp-mux",
        "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\na=rtcp-mux",
        1,
    ))
    .unwrap();
    let candidates =
        ["2 1 udp 7 198.51.100.9 6000 typ host".to_owned(), "2 1 tcp 7 198.51.100.9 9 typ host".to_owned()];
    let text = offer.with_ice("newu", "newpassword-of-enough-length", &candidates);
    let again = publish(&text).unwrap();
    assert_eq!((again.ufrag.as_str(), again.pwd.as_str()), ("newu", "newpassword-of-enough-length"));
    assert_eq!(text.matches("a=ice-ufrag:newu").count(), 2);
    assert!(!text.contains("192.0.2.1 5000") && text.contains("198.51.100.9 6000"));
    assert_eq!(text.matches("a=candidate:").count(), 1);
    let rest = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|l| !l.starts_with("a=ice-") && !l.starts_with("a=candidate"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(rest(&text), rest(&offer.text));
}

#[test]
fn a_data_channel_alone_is_enough_to_watch_and_not_to_publish() {
    let channel = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n\
a=fingerprint:sha-256 00:11\r\na=mid:0\r\na=sctp-port:5000\r\n";
    assert!(watch(channel).unwrap().data_channel);
    assert!(is_unsupported(&publish(channel)));
}

#[test]
fn a_finished_answer_has_one_stream_and_our_candidates_once() {
    let raw = "v=0\r\na=msid-semantic:WMS x\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtcp-mux\r\na=msid:aa bb\r\n\
a=ssrc:1 msid:aa bb\r\na=candidate:9 1 udp 1 10.0.0.9 1 typ host\r\na=end-of-candidates\r\n\
m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=rtcp-mux\r\na=msid:cc dd\r\n";
    let text = finish_answer(raw, &["1 1 udp 1 192.0.2.1 8189 typ host".to_owned()]);
    assert!(text.contains("a=msid:sluice bb\r\n") && text.contains("a=msid:sluice dd\r\n"), "{text}");
    assert!(text.contains("a=ssrc:1 msid:sluice bb\r\n") && !text.contains("10.0.0.9"), "{text}");
    assert_eq!(text.matches("a=candidate:").count(), 1);
    assert_eq!(text.matches("a=rtcp-mux-only\r\n").count(), 2);
}

#[test]
fn a_megabyte_of_nonsense_is_refused_in_a_moment() {
    let mut text = WHIP.to_owned();
    while text.len() < 1 << 20 {
        text.push_str(
            "a=rtpmap:96 H264/90000\r\na=fmtp:97 apt=96\r\na=candidate:x\r\na=simulcast:send a;b\r\n",
        );
    }
    assert!(publish(&text).is_ok(), "odd, but an offer");
    assert!(is_malformed(&publish(&"v=0\r\n".repeat(100_000))));
}

/// A viewer's offer with one video m-section.
fn offer(numbers: &str, attributes: &[&str]) -> String {
    let session = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n";
    let media = "c=IN IP4 0.0.0.0\r\na=mid:0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n\
                 a=fingerprint:sha-256 00\r\na=setup:actpass\r\na=recvonly\r\na=rtcp-mux\r\n";
    let attributes: String = attributes.iter().map(|line| format!("a={line}\r\n")).collect();
    format!("{session}m=video 9 UDP/TLS/RTP/SAVPF {numbers}\r\n{media}{attributes}")
}

#[test]
fn payload_types_keep_the_order_of_the_m_line_and_find_their_retransmissions() {
    let text = offer(
        "98 96 97 99 100",
        &[
            "rtpmap:96 VP8/90000",
            "rtpmap:97 rtx/90000",
            "fmtp:97 apt=96",
            "rtpmap:98 VP9/90000",
            "fmtp:98 profile-id=0",
            "rtpmap:99 RTX/90000",
            "fmtp:99 rtx-time=3000; apt=98",
            "rtpmap:100 red/90000",
        ],
    );
    let offer = Offer::parse(&text, Flow::Watch).unwrap();
    let found: Vec<_> = offer.sections[0].payload_types.iter().map(|p| (p.codec, p.pt, p.rtx)).collect();
    assert_eq!(found, [(Codec::Vp9, 98, Some(99)), (Codec::Vp8, 96, Some(97))]);
}

#[test]
fn a_hostile_offer_of_repetitions_is_read_in_one_pass() {
    // Found by fuzzing: read number by number and line by line, this one took over ten minutes.
    let mut lines = vec!["rtpmap:97 rtx/1"; 1500];
    lines.insert(0, "rtpmap:96 VP8/90000");
    let text = offer(&"96 ".repeat(9000), &lines);
    let offer = Offer::parse(&text, Flow::Watch).unwrap();
    assert_eq!(offer.sections[0].payload_types.len(), 1);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*") {
        let _ = publish(&text);
        let _ = watch(&format!("v=0\r\n{text}"));
    }

    #[test]
    fn no_damage_to_an_offer_makes_the_parser_panic(
        cuts in prop::collection::vec((0_usize..WHIP.len(), 0_usize..40, "[ -~\r\n]{0,12}"), 1..8)
    ) {
        let mut text = WHIP.to_owned();
        for (at, length, put) in cuts {
            let at = at.min(text.len());
            text.replace_range(at..(at + length).min(text.len()), &put);
        }
        if let Ok(offer) = publish(&text) {
            let _ = offer.with_ice("abcd", "0123456789012345678901", &[text.clone()]);
        }
        let _ = watch(&text);
        let _ = finish_answer(&text, &[]);
    }

    #[test]
    fn no_candidate_makes_the_parser_panic(candidate in "[ -~]{0,80}") {
        let _ = parse_candidate(&candidate);
        let _ = usable_candidate(&format!("1 1 udp 1 {candidate} typ host"));
    }
}

#[test]
fn opus_of_another_clock_rate_is_not_made_into_opus() {
    // Found by fuzzing: it was unknown in the list of payload types and known in the text.
    let audio = |encoding: &str| {
        let text = offer("111", &[&format!("rtpmap:111 {encoding}"), "rtpmap:96 VP8/90000"]);
        Offer::parse(&text.replace("m=video 9", "m=audio 9"), Flow::Watch)
    };
    assert!(audio("opus/48001/2").is_err());
    assert!(audio("OPUS/48000").unwrap().text.contains("a=rtpmap:111 opus/48000/2\r\n"));
}
