//! Offers as clients and strangers write them.

use sluice_domain::Codec;

use super::{Flow, Offer};

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
