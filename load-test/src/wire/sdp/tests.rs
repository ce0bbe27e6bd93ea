//! Tests of offers and answers.

use super::*;

fn offer(sections: &[OfferedSection<'_>]) -> String {
    let transport = OfferedTransport {
        ufrag: "uuuu",
        pwd: "pppppppppppppppppppppp",
        fingerprint: "AA:BB",
        local: "127.0.0.1:5000".parse().unwrap(),
    };
    write_offer(&transport, sections)
}

const ANSWER: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
a=ice-lite\r\na=fingerprint:SHA-256 aa:bb\r\n\
m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=inactive\r\na=ice-ufrag:srv\r\na=ice-pwd:secret\r\n\
a=setup:passive\r\n\
a=candidate:1 1 UDP 2130706431 192.0.2.7 8189 typ host\r\n\
a=candidate:1 2 UDP 2130706430 192.0.2.7 8190 typ host\r\n\
a=candidate:2 1 tcp 1 192.0.2.7 8189 typ host tcptype passive\r\n\
a=candidate:3 1 udp 2 [2001:db8::1] 8189 typ host\r\n\
m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:1\r\na=ice-ufrag:srv\r\na=ice-pwd:secret\r\n\
a=candidate:1 1 UDP 2130706431 192.0.2.7 8189 typ host\r\n\
a=sendonly\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n\
a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=extmap:4/sendrecv http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time\r\n\
a=ssrc-group:FID 5 6\r\na=ssrc:5 cname:x\r\na=rid:h recv\r\na=simulcast:recv h\r\n";

#[test]
fn an_answer_is_read_for_what_a_peer_needs() {
    let answer = Answer::parse(ANSWER).unwrap();
    assert_eq!(answer.transport.ufrag, "srv");
    assert_eq!(answer.transport.fingerprint, "aa:bb");
    assert_eq!(answer.transport.setup, Setup::Passive);
    let addresses: Vec<String> =
        answer.transport.candidates.iter().map(|candidate| candidate.address.to_string()).collect();
    assert_eq!(addresses, ["192.0.2.7:8189", "[2001:db8::1]:8189"]);
    let connections: Vec<_> =
        answer.transport.connections.iter().map(|candidate| candidate.address).collect();
    assert_eq!(connections, ["192.0.2.7:8189".parse::<std::net::SocketAddr>().unwrap()]);
    assert!(answer.section(Kind::Audio).is_none());
    let video = answer.section(Kind::Video).unwrap();
    assert_eq!(video.mid, "1");
    assert!(video.codec(96).unwrap().nack);
    assert_eq!(video.rtx_of(96), Some(97));
    assert_eq!(video.extension(rtp::URI_CAPTURE_TIME), Some(4));
    assert_eq!(video.repairs, [(5, 6)]);
    assert_eq!(video.rids, ["h"]);
}

#[test]
fn an_answer_without_transport_says_what_is_missing() {
    let error = Answer::parse("v=0\r\nm=audio 9 x 0\r\na=ice-ufrag:a\r\n").unwrap_err();
    assert_eq!(error.to_string(), "the answer has no ice-pwd");
    assert!(Answer::parse("<html>").is_err());
}

#[test]
fn a_simulcast_offer_names_its_layers_and_no_ssrc() {
    let sdp = offer(&[OfferedSection {
        kind: Kind::Video,
        codecs: &[VP8],
        sends: Some(Sends::Rids(&["q", "h", "f"])),
        capture_time: true,
    }]);
    assert!(sdp.contains("a=simulcast:send q;h;f\r\n"));
    assert!(sdp.contains("a=rid:q send\r\n"));
    assert!(!sdp.contains("a=ssrc:"));
    assert!(sdp.contains("a=sendonly\r\n"));
}

#[test]
fn every_line_of_an_offer_ends_as_the_standard_wants_and_every_section_is_in_the_bundle() {
    let sdp = offer(&[
        OfferedSection { kind: Kind::Audio, codecs: &[OPUS], sends: None, capture_time: true },
        OfferedSection { kind: Kind::Video, codecs: &WATCHABLE, sends: None, capture_time: true },
    ]);
    assert!(sdp.split_inclusive('\n').all(|line| line.ends_with("\r\n")));
    assert!(sdp.contains("a=group:BUNDLE 0 1\r\n"));
    assert_eq!(sdp.matches("a=rtcp-mux-only").count(), 2);
    assert_eq!(sdp.matches("a=recvonly").count(), 2);
    let mut payload_types: Vec<&str> =
        sdp.lines().filter_map(|line| line.strip_prefix("a=rtpmap:")?.split(' ').next()).collect();
    let count = payload_types.len();
    payload_types.sort_unstable();
    payload_types.dedup();
    assert_eq!(payload_types.len(), count, "a payload type is used twice");
}

#[test]
fn the_real_offers_of_other_implementations_are_no_obstacle() {
    // An offer has the shape of an answer as far as this reader is concerned.
    let with_transport =
        format!("{ANSWER}a=\r\na=extmap:2/recvonly x\r\na=fmtp:96\r\na=ssrc-group:SIM 1 2 3\r\n");
    assert!(Answer::parse(&with_transport).is_ok());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(m=(audio|video) [0-9]+|a=[a-z-]*:? ?[ -~]{0,20}|\r\n|[ -~]){0,60}") {
        let _ = Answer::parse(&text);
    }
}

#[test]
fn an_offer_of_a_data_channel_has_no_other_section() {
    let transport = OfferedTransport {
        ufrag: "uuuu",
        pwd: "pppppppppppppppppppppp",
        fingerprint: "AA:BB",
        local: "127.0.0.1:5000".parse().unwrap(),
    };
    let offer = write_data_offer(&transport);
    let sections: Vec<&str> = offer.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(sections, ["m=application 9 UDP/DTLS/SCTP webrtc-datachannel"]);
    for line in ["a=group:BUNDLE 0", "a=ice-ufrag:uuuu", "a=mid:0", "a=sctp-port:5000", "a=setup:actpass"] {
        assert!(offer.contains(&format!("\r\n{line}\r\n")), "{line}: {offer}");
    }
    let answer = offer.replace("actpass", "passive");
    let answer = Answer::parse(&answer).unwrap();
    assert_eq!(answer.transport.candidates.len(), 1);
    assert!(answer.section(Kind::Audio).is_none() && answer.section(Kind::Video).is_none());
}
