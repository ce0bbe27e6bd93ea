//! Scripted machines: what a node finds around itself, and what the doctor must say.

#![expect(clippy::unwrap_used, reason = "what a test stands on may end it")]

use sluice_doctor::{
    Buffers, Clock, Disk, Facts, Ffmpeg, FindingCode as Code, HostFacts, OpenFiles, Port, PortKind,
    PortState, Reached, Vantage, Way, examine,
};

fn good() -> HostFacts {
    let port = |kind, number| Port { kind, number, state: PortState::Ours };
    HostFacts {
        addresses: vec!["203.0.113.7".parse().unwrap()],
        announced: vec!["203.0.113.7".parse().unwrap()],
        announces_by_hand: false,
        public_url: Some("https://live.example.org".to_owned()),
        reached: Some(Reached { address: "203.0.113.7".parse().unwrap() }),
        ports: vec![
            port(PortKind::MediaUdp, 8189),
            port(PortKind::MediaTcp, 8189),
            port(PortKind::Http, 8080),
        ],
        container: false,
        open_files: Some(OpenFiles { limit: 65_536, needed: 12_000 }),
        buffers: Some(Buffers { wanted: 4 << 20, receive: 8 << 20, send: 8 << 20 }),
        ffmpeg: Some(Ffmpeg {
            program: "ffmpeg".to_owned(),
            version: Some("5.1.6".to_owned()),
            lacks: Vec::new(),
        }),
        disks: vec![Disk { key: "recorder.spool".to_owned(), free: 100 << 30, needed: 1 << 30 }],
        clock: Some(Clock { synchronised: true }),
        has_relay: true,
    }
}

fn private(host: &mut HostFacts) {
    host.announced = vec!["172.17.0.2".parse().unwrap()];
    host.reached = None;
}

#[test]
fn every_scripted_machine_gets_the_right_diagnosis_and_nothing_else() {
    type Change = fn(&mut HostFacts);
    let machines: [(&str, Change, &[Code]); 20] = [
        ("all is well", |_| {}, &[]),
        (
            "another program has the media port",
            |host| host.ports[0].state = PortState::Taken,
            &[Code::PortTaken],
        ),
        ("a port below 1024", |host| host.ports[2].state = PortState::Denied, &[Code::PortDenied]),
        (
            "an address of another machine",
            |host| host.ports[2].state = PortState::NoAddress,
            &[Code::ListenAddress],
        ),
        ("behind NAT", private, &[Code::NoPublicAddress]),
        (
            "a container with a bridge",
            |host| {
                private(host);
                host.container = true;
            },
            &[Code::ContainerAddress],
        ),
        (
            "a container of a bridge whose host's address is configured",
            |host| {
                host.container = true;
                host.addresses = vec!["172.17.0.2".parse().unwrap()];
                host.announces_by_hand = true;
            },
            &[],
        ),
        (
            "a public URL that leads to a private server",
            |host| host.announced = vec!["10.0.0.5".parse().unwrap()],
            &[Code::NoPublicAddress],
        ),
        (
            "a wrong public address",
            |host| {
                host.announced = vec!["198.51.100.1".parse().unwrap()];
                host.announces_by_hand = true;
            },
            &[Code::OtherAddress],
        ),
        (
            "a local network by choice",
            |host| {
                host.announced = vec!["192.168.1.2".parse().unwrap()];
                host.reached = Some(Reached { address: "192.168.1.2".parse().unwrap() });
            },
            &[],
        ),
        ("a thousand files", |host| host.open_files.as_mut().unwrap().limit = 1024, &[Code::OpenFilesLow]),
        (
            "buffers as Linux has them",
            |host| host.buffers = Some(Buffers { wanted: 4 << 20, receive: 212_992, send: 212_992 }),
            &[Code::ReceiveBufferSmall, Code::SendBufferSmall],
        ),
        ("no ffmpeg", |host| host.ffmpeg.as_mut().unwrap().version = None, &[Code::FfmpegMissing]),
        (
            "an ffmpeg without encoders",
            |host| host.ffmpeg.as_mut().unwrap().lacks = vec!["libx264".to_owned()],
            &[Code::FfmpegLacks],
        ),
        ("a full disk", |host| host.disks[0].free = 900 << 20, &[Code::DiskFull]),
        ("a disk with little room", |host| host.disks[0].free = 3 << 30, &[Code::DiskLow]),
        (
            "a clock that nobody sets",
            |host| host.clock = Some(Clock { synchronised: false }),
            &[Code::ClockUnsynchronised],
        ),
        ("no relay", |host| host.has_relay = false, &[Code::NoRelay]),
        (
            "nothing is known",
            |host| {
                *host =
                    HostFacts { has_relay: true, announced: host.announced.clone(), ..HostFacts::default() }
            },
            &[],
        ),
        (
            "two things at once, the worse first",
            |host| {
                host.disks[0].free = 0;
                host.has_relay = false;
            },
            &[Code::DiskFull, Code::NoRelay],
        ),
    ];
    for (name, change, codes) in machines {
        let mut host = good();
        change(&mut host);
        let facts = Facts { vantage: Vantage::Host, host: Some(host), ..Facts::default() };
        let diagnosis = examine(&facts);
        let found: Vec<Code> = diagnosis.findings.iter().map(|finding| finding.code).collect();
        assert_eq!((diagnosis.way, &found[..]), (Way::Unknown, codes), "{name}");
        for finding in &diagnosis.findings {
            assert!(finding.cause.ends_with('.') && finding.fix.ends_with('.'), "{name}: {finding:?}");
        }
    }
}

#[test]
fn the_fix_for_small_buffers_is_the_very_command() {
    let mut host = good();
    host.buffers = Some(Buffers { wanted: 4 << 20, receive: 212_992, send: 4 << 20 });
    let facts = Facts { host: Some(host), ..Facts::default() };
    let findings = examine(&facts).findings;
    assert!(findings[0].fix.contains("`sysctl -w net.core.rmem_max=4194304`"), "{findings:?}");
    assert_eq!(findings.len(), 1);
}

/// A code that somebody sees can be looked up.
#[test]
fn every_code_has_a_chapter_in_the_operators_guide() {
    let guide = include_str!("../../docs/operate/doctor.md");
    for code in Code::ALL {
        assert!(guide.contains(&format!("## `{code}`\n")), "docs/operate/doctor.md lacks `{code}`");
    }
    let chapters = guide.lines().filter(|line| line.starts_with("## `")).count();
    assert_eq!(chapters, Code::ALL.len(), "docs/operate/doctor.md has a chapter for a code that is gone");
}
