//! Scripted networks: what somebody in each of them measures, and what the doctor must say.

#![expect(clippy::unwrap_used, reason = "what a test stands on may end it")]

use sluice_doctor::{
    Certificate, CertificateProblem, CodecFacts, Direction, Facts, Failure, FindingCode as Code, HttpFacts,
    Nat, NodeFacts, Outcome, PathFacts, Quality, Rates, Severity, Sizes, StreamFacts, TlsFacts, Transport,
    Vantage, Way, WebSocketFacts, diagnose, examine,
};
use sluice_domain::Codec;

const DAY_MS: i64 = 24 * 3600 * 1000;
const NOW_MS: i64 = 1_795_305_600_000;

fn path(transport: Transport, outcome: Outcome) -> PathFacts {
    let target = match transport {
        Transport::Udp | Transport::Tcp => "203.0.113.7:8189",
        Transport::RelayUdp => "turn:live.example.org:3478?transport=udp",
        Transport::RelayTcp => "turn:live.example.org:3478?transport=tcp",
        Transport::RelayTls => "turns:live.example.org:443?transport=tcp",
    };
    let works = outcome == Outcome::Works;
    PathFacts {
        transport,
        target: Some(target.to_owned()),
        outcome,
        failure: (outcome == Outcome::Fails).then_some(Failure::NoAnswer),
        round_trip_ms: works.then_some(20.0),
        mapped: works.then(|| "198.51.100.9:40000".parse().unwrap()),
    }
}

/// Which of the five ways work, in the order UDP, TCP, relay over UDP, over TCP, over TLS.
fn paths(works: [bool; 5]) -> Vec<PathFacts> {
    let all = [Transport::Udp, Transport::Tcp, Transport::RelayUdp, Transport::RelayTcp, Transport::RelayTls];
    let outcome = |works| if works { Outcome::Works } else { Outcome::Fails };
    all.into_iter().zip(works).map(|(transport, works)| path(transport, outcome(works))).collect()
}

fn certificate(days: i64) -> Certificate {
    Certificate {
        names: vec!["live.example.org".to_owned()],
        not_before_ms: NOW_MS - 30 * DAY_MS,
        not_after_ms: NOW_MS + days * DAY_MS,
        self_signed: false,
    }
}

/// A network in which everything is as it should be.
fn open() -> Facts {
    Facts {
        vantage: Vantage::Browser,
        node: Some(NodeFacts {
            version: "0.1.0".to_owned(),
            time_ms: NOW_MS.unsigned_abs(),
            media: vec!["203.0.113.7:8189".parse().unwrap(), "[2001:db8::7]:8189".parse().unwrap()],
            media_tcp: true,
            relays: vec!["turn:live.example.org:3478?transport=udp".to_owned()],
            caller: Some("198.51.100.9".parse().unwrap()),
        }),
        http: Some(HttpFacts {
            origin: "https://live.example.org".to_owned(),
            outcome: Outcome::Works,
            failure: None,
            status: Some(200),
            version: Some("HTTP/2.0".to_owned()),
            peer: Some("203.0.113.7".parse().unwrap()),
            round_trip_ms: Some(21.0),
        }),
        tls: Some(TlsFacts {
            version: Some("TLSv1.3".to_owned()),
            certificate: Some(certificate(60)),
            problem: None,
        }),
        websocket: Some(WebSocketFacts { outcome: Outcome::Works, failure: None, status: None }),
        paths: paths([true; 5]),
        nat: Some(Nat::Steady),
        has_ipv4: Some(true),
        has_ipv6: Some(true),
        quality: Some(Quality { sent: 250, received: 250, round_trip_ms: Some(22.0), jitter_ms: Some(1.5) }),
        sizes: Some(Sizes { largest_answered: Some(1200), smallest_lost: None }),
        rates: Some(Rates { down_bps: Some(50e6), up_bps: Some(20e6) }),
        stream: Some(StreamFacts {
            direction: Direction::Watch,
            bitrate_bps: Some(6e6),
            lowest_bps: Some(400_000.0),
            codec: Some(Codec::H264),
        }),
        codecs: Some(CodecFacts {
            decodes: vec![Codec::H264, Codec::Vp8, Codec::Vp9, Codec::Av1, Codec::Opus],
            encodes: vec![Codec::H264, Codec::Vp8, Codec::Vp9, Codec::Av1, Codec::Opus],
        }),
        clock_offset_ms: Some(12.0),
        host: None,
    }
}

fn tls(problem: CertificateProblem, days: i64) -> impl Fn(&mut Facts) {
    move |facts| {
        facts.http.as_mut().unwrap().outcome = Outcome::Fails;
        facts.http.as_mut().unwrap().failure = Some(Failure::Tls);
        facts.node = None;
        facts.paths = Vec::new();
        facts.websocket =
            Some(WebSocketFacts { outcome: Outcome::Fails, failure: Some(Failure::Tls), status: None });
        facts.tls = Some(TlsFacts {
            version: Some("TLSv1.3".to_owned()),
            certificate: Some(certificate(days)),
            problem: Some(problem),
        });
    }
}

fn unreachable(failure: Failure) -> impl Fn(&mut Facts) {
    move |facts| {
        let origin = facts.http.take().unwrap().origin;
        *facts = Facts {
            http: Some(HttpFacts {
                origin,
                outcome: Outcome::Fails,
                failure: Some(failure),
                status: None,
                version: None,
                peer: None,
                round_trip_ms: None,
            }),
            ..Facts::default()
        };
    }
}

type Change = Box<dyn Fn(&mut Facts)>;

/// A name, what is different there, how media gets through, and all that is found.
fn networks() -> Vec<(&'static str, Change, Way, Vec<Code>)> {
    fn of(
        name: &'static str,
        change: impl Fn(&mut Facts) + 'static,
        way: Way,
        codes: &[Code],
    ) -> (&'static str, Change, Way, Vec<Code>) {
        (name, Box::new(change), way, codes.to_vec())
    }
    vec![
        of("all open", |_| {}, Way::Udp, &[]),
        of(
            "UDP blocked",
            |facts| facts.paths = paths([false, true, false, true, true]),
            Way::Tcp,
            &[Code::UdpBlocked],
        ),
        of(
            "only port 443 open: the relay over TLS works",
            |facts| facts.paths = paths([false, false, false, false, true]),
            Way::Relay,
            &[Code::OnlyRelay],
        ),
        of(
            "everything but HTTP blocked",
            |facts| facts.paths = paths([false; 5]),
            Way::Http,
            &[Code::MediaBlocked],
        ),
        of(
            "everything but HTTP blocked, and no relay",
            |facts| {
                facts.paths = paths([false; 5]);
                facts.paths.retain(|path| path.transport <= Transport::Tcp);
            },
            Way::Http,
            &[Code::MediaBlocked],
        ),
        of("symmetric NAT", |facts| facts.nat = Some(Nat::Symmetric), Way::Udp, &[Code::SymmetricNat]),
        of(
            "a tenth of the packets is lost",
            |facts| facts.quality.as_mut().unwrap().received = 225,
            Way::Udp,
            &[Code::HighLoss],
        ),
        of(
            "a satellite",
            |facts| facts.quality.as_mut().unwrap().round_trip_ms = Some(620.0),
            Way::Udp,
            &[Code::HighRoundTrip],
        ),
        of(
            "a full buffer",
            |facts| facts.quality.as_mut().unwrap().jitter_ms = Some(90.0),
            Way::Udp,
            &[Code::HighJitter],
        ),
        of(
            "an uplink below the bitrate",
            |facts| {
                facts.stream.as_mut().unwrap().direction = Direction::Publish;
                facts.rates.as_mut().unwrap().up_bps = Some(3e6);
            },
            Way::Udp,
            &[Code::UplinkTooSlow],
        ),
        of(
            "a downlink below the bitrate",
            |facts| facts.rates.as_mut().unwrap().down_bps = Some(2e6),
            Way::Udp,
            &[Code::DownlinkTooSlow],
        ),
        of(
            "a clock that is an hour late",
            |facts| facts.clock_offset_ms = Some(3_600_000.0),
            Way::Udp,
            &[Code::ClockWrong],
        ),
        of(
            "an expired certificate",
            tls(CertificateProblem::Expired, -3),
            Way::Nothing,
            &[Code::CertificateExpired],
        ),
        of(
            "a certificate of tomorrow",
            tls(CertificateProblem::NotYetValid, 60),
            Way::Nothing,
            &[Code::CertificateNotYetValid],
        ),
        of(
            "a self-signed certificate",
            tls(CertificateProblem::SelfSigned, 60),
            Way::Nothing,
            &[Code::CertificateSelfSigned],
        ),
        of(
            "a chain without its middle",
            tls(CertificateProblem::UnknownIssuer, 60),
            Way::Nothing,
            &[Code::CertificateUnknownIssuer],
        ),
        of(
            "a certificate for another name",
            tls(CertificateProblem::WrongName, 60),
            Way::Nothing,
            &[Code::CertificateWrongName],
        ),
        of(
            "an invalid certificate",
            tls(CertificateProblem::Invalid, 60),
            Way::Nothing,
            &[Code::CertificateInvalid],
        ),
        of(
            "a certificate with three days left",
            |facts| facts.tls.as_mut().unwrap().certificate = Some(certificate(3)),
            Way::Udp,
            &[Code::CertificateEndsSoon],
        ),
        of(
            "a proxy without WebSockets",
            |facts| {
                facts.websocket = Some(WebSocketFacts {
                    outcome: Outcome::Fails,
                    failure: Some(Failure::Strange),
                    status: Some(426),
                });
            },
            Way::Udp,
            &[Code::WebSocketBlocked],
        ),
        of(
            "a browser without H.264",
            |facts| facts.codecs.as_mut().unwrap().decodes.retain(|codec| *codec != Codec::H264),
            Way::Udp,
            &[Code::CodecMissing],
        ),
        of(
            "a browser without VP8, for a stream of VP8",
            |facts| {
                facts.stream.as_mut().unwrap().codec = Some(Codec::Vp8);
                facts.codecs.as_mut().unwrap().decodes.retain(|codec| *codec != Codec::Vp8);
            },
            Way::Udp,
            &[Code::CodecMissing],
        ),
        of(
            "a browser without AV1, for nothing in particular",
            |facts| {
                facts.stream = None;
                facts.codecs.as_mut().unwrap().decodes.retain(|codec| *codec != Codec::Av1);
            },
            Way::Udp,
            &[Code::CodecLimited],
        ),
        of(
            "a server behind NAT that does not know its address",
            |facts| {
                let node = facts.node.as_mut().unwrap();
                node.media = vec!["10.0.0.5:8189".parse().unwrap(), "[fd00::5]:8189".parse().unwrap()];
                facts.paths = paths([false; 5]);
            },
            Way::Http,
            &[Code::PrivateAddress],
        ),
        of(
            "IPv6 only, and the server has it",
            |facts| {
                facts.has_ipv4 = Some(false);
                facts.nat = Some(Nat::Absent);
                facts.http.as_mut().unwrap().peer = Some("2001:db8::7".parse().unwrap());
            },
            Way::Udp,
            &[],
        ),
        of(
            "IPv6 only, and the server announces IPv4 alone",
            |facts| {
                facts.has_ipv4 = Some(false);
                facts.node.as_mut().unwrap().media.truncate(1);
                facts.paths = paths([false, false, false, false, true]);
            },
            Way::Relay,
            &[Code::AddressFamily],
        ),
        of(
            "a tunnel of 1,000 bytes",
            |facts| facts.sizes = Some(Sizes { largest_answered: Some(900), smallest_lost: Some(1100) }),
            Way::Udp,
            &[Code::MtuTooSmall],
        ),
        of(
            "an MTU of 1280",
            |facts| facts.sizes = Some(Sizes { largest_answered: Some(1232), smallest_lost: Some(1400) }),
            Way::Udp,
            &[],
        ),
        of(
            "TCP to the media port closed",
            |facts| facts.paths = paths([true, false, true, true, true]),
            Way::Udp,
            &[Code::TcpBlocked],
        ),
        of(
            "a relay that is down",
            |facts| facts.paths = paths([true, true, false, true, true]),
            Way::Udp,
            &[Code::RelayUnreachable],
        ),
        of(
            "a relay with another secret",
            |facts| {
                facts.paths = paths([true, true, true, true, false]);
                facts.paths[4].failure = Some(Failure::Unauthorized);
            },
            Way::Udp,
            &[Code::RelayRefuses],
        ),
        of(
            "plain HTTP on the internet",
            |facts| {
                facts.http.as_mut().unwrap().origin = "http://live.example.org:8080".to_owned();
                facts.tls = None;
            },
            Way::Udp,
            &[Code::PlainHttp],
        ),
        of("a name that is not known", unreachable(Failure::UnknownName), Way::Nothing, &[Code::NameUnknown]),
        of("a server that is off", unreachable(Failure::Refused), Way::Nothing, &[Code::ServerUnreachable]),
        of("a captive portal", unreachable(Failure::Strange), Way::Nothing, &[Code::NotSluice]),
        of(
            "bad Wi-Fi: loss, jitter and a slow downlink at once",
            |facts| {
                facts.quality = Some(Quality {
                    sent: 250,
                    received: 200,
                    round_trip_ms: Some(80.0),
                    jitter_ms: Some(60.0),
                });
                facts.rates = Some(Rates { down_bps: Some(1e6), up_bps: Some(0.5e6) });
            },
            Way::Udp,
            &[Code::HighLoss, Code::HighJitter, Code::DownlinkTooSlow],
        ),
    ]
}

#[test]
fn every_scripted_network_gets_the_right_diagnosis_and_nothing_else() {
    for (name, change, way, codes) in networks() {
        let mut facts = open();
        change(&mut facts);
        let diagnosis = examine(&facts);
        let found: Vec<Code> = diagnosis.findings.iter().map(|finding| finding.code).collect();
        assert_eq!((diagnosis.way, found), (way, codes), "{name}");
    }
}

#[test]
fn every_finding_names_its_cause_and_a_fix_in_sentences() {
    for (name, change, ..) in networks() {
        let mut facts = open();
        change(&mut facts);
        for finding in diagnose(&facts) {
            for text in [&finding.cause, &finding.fix] {
                assert!(text.len() > 15 && text.ends_with('.'), "{name}: {text}");
                assert!(
                    !text.contains("  ") && text.starts_with(|c: char| !c.is_lowercase()),
                    "{name}: {text}"
                );
            }
        }
    }
}

#[test]
fn what_was_measured_stands_in_the_finding() {
    let said = |change: &dyn Fn(&mut Facts)| {
        let mut facts = open();
        change(&mut facts);
        let finding = diagnose(&facts).remove(0);
        format!("{} {}", finding.cause, finding.fix)
    };
    let text = said(&|facts| facts.quality.as_mut().unwrap().received = 225);
    assert!(text.contains("25 of 250") && text.contains("10.0 %"), "{text}");
    let text = said(&|facts| facts.paths = paths([false, true, false, true, true]));
    assert!(text.contains("-p 8189:8189/udp"), "{text}");
    let text = said(&|facts| {
        facts.stream.as_mut().unwrap().direction = Direction::Publish;
        facts.rates.as_mut().unwrap().up_bps = Some(3e6);
    });
    assert!(text.contains("3.0 Mbit/s") && text.contains("2500 kbit/s"), "{text}");
    let text = said(&|facts| {
        facts.node.as_mut().unwrap().media = vec!["10.0.0.5:8189".parse().unwrap()];
        facts.paths = paths([false; 5]);
    });
    assert!(text.contains("media.public_addresses = [\"203.0.113.7\"]"), "{text}");
}

#[test]
fn a_viewer_with_a_lower_layer_in_reach_is_told_so() {
    let mut facts = open();
    facts.rates.as_mut().unwrap().down_bps = Some(2e6);
    assert!(diagnose(&facts)[0].cause.contains("A lower quality (0.4 Mbit/s) is shown instead."));
    facts.stream.as_mut().unwrap().lowest_bps = None;
    assert!(diagnose(&facts)[0].cause.contains("freezes"));
}

#[test]
fn a_local_network_is_not_told_that_its_addresses_are_private() {
    let mut facts = open();
    facts.node.as_mut().unwrap().media = vec!["192.168.1.2:8189".parse().unwrap()];
    facts.node.as_mut().unwrap().caller = Some("192.168.1.9".parse().unwrap());
    facts.http.as_mut().unwrap().peer = Some("192.168.1.2".parse().unwrap());
    assert_eq!(diagnose(&facts), []);
    facts.paths = paths([false; 5]);
    assert_eq!(diagnose(&facts)[0].code, Code::MediaBlocked);
}

#[test]
fn facts_that_are_missing_say_nothing() {
    assert_eq!(diagnose(&Facts::default()), []);
    let least: Facts = serde_json::from_str(r#"{"vantage":"browser"}"#).unwrap();
    assert_eq!(examine(&least).way, Way::Unknown);
}

#[test]
fn facts_of_a_newer_page_are_read() {
    let text = r#"{"vantage":"command","paths":[],"astrology":{"sign":"lion"}}"#;
    assert_eq!(serde_json::from_str::<Facts>(text).unwrap().vantage, Vantage::Command);
}

#[test]
fn the_worst_comes_first() {
    let mut facts = open();
    facts.nat = Some(Nat::Symmetric);
    facts.clock_offset_ms = Some(-10_000.0);
    facts.codecs.as_mut().unwrap().decodes.clear();
    let severities: Vec<Severity> = diagnose(&facts).iter().map(|finding| finding.severity).collect();
    assert_eq!(severities, [Severity::Error, Severity::Warning, Severity::Info]);
}

#[test]
fn facts_survive_json() {
    let facts = open();
    let text = serde_json::to_string(&facts).unwrap();
    assert_eq!(serde_json::from_str::<Facts>(&text).unwrap(), facts);
}
