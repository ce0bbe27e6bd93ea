//! Payload: what passes, in which form, and for how long.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::bench::{Bench, Client, MEDIA, PEER, channel_data, config, peer_of, send_to};
use crate::attribute as code;
use crate::channel;
use crate::message::{Class, Message, Method};
use crate::server::{Flow, ServerConfig, Via};

fn allocated(config: ServerConfig) -> (Bench, Client) {
    let mut bench = Bench::new(config);
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    client.allocate(&mut bench).unwrap();
    (bench, client)
}

#[test]
fn indications_pass_both_ways_where_there_is_a_permission() {
    let (mut bench, mut client) = allocated(config());
    let id = bench.id(&client.flow).unwrap();
    assert_eq!(bench.relayed(&client.flow, &send_to(PEER, b"hi")), None);
    assert_eq!(bench.heard(id, PEER, b"hi"), None);
    client.permit(&mut bench, "198.51.100.9:1").unwrap();
    let sent = bench.relayed(&client.flow, &send_to(PEER, b"hi"));
    assert_eq!(sent, Some((0, PEER.parse().unwrap(), b"hi".to_vec())), "a permission is for every port");
    let got = bench.heard(id, PEER, b"there").unwrap();
    let message = Message::parse(&got).unwrap();
    assert_eq!((message.class, message.method), (Class::Indication, Method::Data));
    assert_eq!(message.address(code::XOR_PEER_ADDRESS), Some(PEER.parse().unwrap()));
    assert_eq!(message.value(code::DATA), Some(&b"there"[..]));
    assert_eq!(bench.server.stats().forbidden, 2);
}

#[test]
fn a_channel_is_four_bytes_before_the_payload() {
    let (mut bench, mut client) = allocated(config());
    let id = bench.id(&client.flow).unwrap();
    client.bind(&mut bench, 0x4001, PEER).unwrap();
    let sent = bench.relayed(&client.flow, &channel_data(0x4001, b"hello"));
    assert_eq!(sent, Some((0, PEER.parse().unwrap(), b"hello".to_vec())));
    assert_eq!(bench.heard(id, PEER, b"there"), Some(b"\x40\x01\x00\x05there".to_vec()));
    let other_port = bench.heard(id, "198.51.100.9:1", b"x").unwrap();
    assert_eq!(Message::parse(&other_port).unwrap().method, Method::Data, "the channel is of one port");
    assert_eq!(bench.relayed(&client.flow, &channel_data(0x4002, b"hello")), None);
}

#[test]
fn a_stream_gets_channel_data_filled_up() {
    let mut bench = Bench::new(config());
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    client.flow = Flow { via: Via::Stream(4), ..client.flow };
    client.allocate(&mut bench).unwrap();
    client.bind(&mut bench, 0x4001, PEER).unwrap();
    let id = bench.id(&client.flow).unwrap();
    let got = bench.heard(id, PEER, b"there").unwrap();
    assert_eq!(got, b"\x40\x01\x00\x05there\0\0\0");
    assert_eq!(channel::read(&got), Some((0x4001, &b"there"[..])));
}

#[test]
fn channels_name_one_peer_and_peers_have_one_channel() {
    let (mut bench, mut client) = allocated(config());
    assert_eq!(client.bind(&mut bench, 0x3fff, PEER), Err(400));
    assert_eq!(client.bind(&mut bench, 0x8000, PEER), Err(400));
    assert_eq!(client.bind(&mut bench, 0x4000, PEER), Ok(()));
    assert_eq!(client.bind(&mut bench, 0x4000, PEER), Ok(()), "renewed");
    assert_eq!(client.bind(&mut bench, 0x4000, "198.51.100.9:2"), Err(400));
    assert_eq!(client.bind(&mut bench, 0x4001, PEER), Err(400));
    bench.wait(599);
    client.refresh(&mut bench, 600).unwrap();
    bench.wait(2);
    assert_eq!(client.bind(&mut bench, 0x4001, PEER), Ok(()), "the binding has run out");
    assert_eq!(client.bind(&mut bench, 0x4000, "198.51.100.9:2"), Ok(()));
}

#[test]
fn a_permission_ends_after_five_minutes_and_a_channel_after_ten() {
    let (mut bench, mut client) = allocated(config());
    let id = bench.id(&client.flow).unwrap();
    client.bind(&mut bench, 0x4000, PEER).unwrap();
    let data = channel_data(0x4000, b"x");
    bench.wait(299);
    assert!(bench.relayed(&client.flow, &data).is_some());
    bench.wait(1);
    assert_eq!(bench.relayed(&client.flow, &data), None, "payload renews no permission");
    assert_eq!(bench.heard(id, PEER, b"x"), None);
    client.permit(&mut bench, PEER).unwrap();
    assert!(bench.relayed(&client.flow, &data).is_some());
    bench.wait(290);
    client.refresh(&mut bench, 600).unwrap();
    client.permit(&mut bench, PEER).unwrap();
    bench.wait(10);
    assert_eq!(bench.relayed(&client.flow, &data), None);
    let got = bench.heard(id, PEER, b"x").unwrap();
    assert_eq!(Message::parse(&got).unwrap().method, Method::Data, "without a channel again");
}

// Requirements: R383
#[test]
fn what_is_not_the_internet_is_refused() {
    let (mut bench, mut client) = allocated(config());
    for peer in
        ["127.0.0.1:80", "10.0.0.6:80", "169.254.169.254:80", "192.168.1.1:53", "0.0.0.0:1", "224.0.0.1:1"]
    {
        assert_eq!(client.permit(&mut bench, peer), Err(403), "{peer}");
        assert_eq!(client.bind(&mut bench, 0x4000, peer), Err(403), "{peer}");
        assert_eq!(bench.relayed(&client.flow, &send_to(peer, b"x")), None, "{peer}");
    }
    let mixed = [peer_of(PEER), peer_of("127.0.0.1:1")];
    assert_eq!(client.ask(&mut bench, Method::CreatePermission, &mixed), Err(403));
    assert_eq!(bench.relayed(&client.flow, &send_to(PEER, b"x")), None, "all or none");
}

#[test]
fn the_media_port_is_reached_although_it_is_private_and_no_other_port_there() {
    let (mut bench, mut client) = allocated(config());
    let id = bench.id(&client.flow).unwrap();
    client.permit(&mut bench, MEDIA).unwrap();
    assert!(bench.relayed(&client.flow, &send_to(MEDIA, b"x")).is_some());
    assert_eq!(bench.relayed(&client.flow, &send_to("10.0.0.5:22", b"x")), None);
    assert_eq!(client.bind(&mut bench, 0x4000, "10.0.0.5:22"), Err(403));
    assert_eq!(client.bind(&mut bench, 0x4000, MEDIA), Ok(()));
    assert!(bench.heard(id, MEDIA, b"x").is_some());
    assert_eq!(bench.heard(id, "10.0.0.5:22", b"x"), None);
}

#[test]
fn a_peer_of_the_other_family_is_a_mismatch() {
    let (mut bench, mut client) = allocated(config());
    assert_eq!(client.bind(&mut bench, 0x4000, "[2001:db8:1::1]:1"), Err(443));
}

#[test]
fn requests_without_what_they_are_about_are_malformed() {
    let (mut bench, mut client) = allocated(config());
    let channel = (code::CHANNEL_NUMBER, vec![0x40, 0, 0, 0]);
    assert_eq!(client.ask(&mut bench, Method::CreatePermission, &[]), Err(400));
    assert_eq!(
        client.ask(&mut bench, Method::CreatePermission, &[(code::XOR_PEER_ADDRESS, vec![0; 3])]),
        Err(400)
    );
    assert_eq!(client.ask(&mut bench, Method::ChannelBind, &[channel]), Err(400));
    assert_eq!(client.ask(&mut bench, Method::ChannelBind, &[peer_of(PEER)]), Err(400));
}

#[test]
fn an_allocation_has_so_many_peers_and_no_more_until_some_run_out() {
    let (mut bench, mut client) = allocated(config());
    for host in 0..8 {
        client.bind(&mut bench, 0x4000 + host, &format!("198.51.100.{host}:1")).unwrap();
    }
    assert_eq!(client.permit(&mut bench, "198.51.100.99:1"), Err(508));
    assert_eq!(client.bind(&mut bench, 0x4010, "198.51.100.0:2"), Err(508));
    assert_eq!(client.permit(&mut bench, "198.51.100.3:1"), Ok(()), "one of them");
    bench.wait(301);
    assert_eq!(client.permit(&mut bench, "198.51.100.99:1"), Ok(()));
}

#[test]
fn an_allocation_relays_no_more_than_its_bandwidth() {
    let (mut bench, mut client) = allocated(ServerConfig { bandwidth: Some(1000), ..config() });
    let id = bench.id(&client.flow).unwrap();
    client.bind(&mut bench, 0x4000, PEER).unwrap();
    let data = channel_data(0x4000, &[7; 100]);
    assert_eq!((0..20).filter(|_| bench.relayed(&client.flow, &data).is_some()).count(), 10);
    assert_eq!(bench.heard(id, PEER, &[7; 100]), None, "both ways together");
    bench.now += Duration::from_millis(500);
    assert_eq!((0..20).filter(|_| bench.relayed(&client.flow, &data).is_some()).count(), 5);
    assert_eq!(bench.server.stats().throttled, 26);
}

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Permit(u8),
    Bind(u8, u8),
    Refresh(u32),
    Send(u8),
    Channel(u8),
    Peer(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1_u64..200).prop_map(Step::Wait),
        (0_u8..4).prop_map(Step::Permit),
        (0_u8..4, 0_u8..4).prop_map(|(channel, peer)| Step::Bind(channel, peer)),
        prop_oneof![Just(0_u32), Just(600), Just(3600)].prop_map(Step::Refresh),
        (0_u8..4).prop_map(Step::Send),
        (0_u8..4).prop_map(Step::Channel),
        (0_u8..4).prop_map(Step::Peer),
    ]
}

proptest! {
    /// Whatever a client does, payload passes exactly while RFC 8656 says so.
    #[test]
    fn payload_passes_while_there_is_a_permission(steps in proptest::collection::vec(step(), 1..60)) {
        let forever = Duration::from_secs(1 << 20);
        let (mut bench, mut client) = allocated(ServerConfig { nonce_lifetime: forever, ..config() });
        let id = bench.id(&client.flow).unwrap();
        let peer = |host: u8| format!("198.51.100.{host}:5000");
        let channel = |number: u8| 0x4000 + u16::from(number);
        let mut ends = bench.now + Duration::from_secs(600);
        let mut permitted: HashMap<u8, Instant> = HashMap::new();
        let mut bound: HashMap<u8, (u8, Instant)> = HashMap::new();
        for step in steps {
            let now = bench.now;
            let lives = now < ends;
            let may = |host: u8| lives && permitted.get(&host).is_some_and(|at| now < *at);
            match step {
                Step::Wait(seconds) => bench.wait(seconds),
                Step::Permit(host) => {
                    let allowed = client.permit(&mut bench, &peer(host));
                    prop_assert_eq!(allowed.is_ok(), lives);
                    if lives {
                        permitted.insert(host, now + Duration::from_secs(300));
                    }
                }
                Step::Bind(number, host) => {
                    let live = |at: Instant| now < at;
                    let other_peer = bound.get(&number).is_some_and(|(to, at)| *to != host && live(*at));
                    let other_number = bound.iter().any(|(n, (to, at))| *to == host && *n != number && live(*at));
                    let outcome = client.bind(&mut bench, channel(number), &peer(host));
                    prop_assert_eq!(outcome.is_ok(), lives && !other_peer && !other_number);
                    if outcome.is_ok() {
                        bound.retain(|_, (to, _)| *to != host);
                        bound.insert(number, (host, now + Duration::from_secs(600)));
                        permitted.insert(host, now + Duration::from_secs(300));
                    }
                }
                Step::Refresh(lifetime) => match client.refresh(&mut bench, lifetime) {
                    Ok(granted) => {
                        prop_assert!(lives);
                        ends = now + Duration::from_secs(u64::from(granted));
                    }
                    Err(number) => prop_assert!(!lives && (number == 437 || number == 401), "{}", number),
                },
                Step::Send(host) => {
                    let passed = bench.relayed(&client.flow, &send_to(&peer(host), b"x")).is_some();
                    prop_assert_eq!(passed, may(host));
                }
                Step::Channel(number) => {
                    let to = bound.get(&number).filter(|(_, at)| now < *at).map(|(to, _)| *to);
                    let passed = bench.relayed(&client.flow, &channel_data(channel(number), b"x"));
                    let wanted = to.filter(|to| may(*to)).map(|to| peer(to).parse().unwrap());
                    prop_assert_eq!(passed.map(|(_, to, _)| to), wanted);
                }
                Step::Peer(host) => {
                    let got = bench.heard(id, &peer(host), b"x");
                    prop_assert_eq!(got.is_some(), may(host));
                    let number = bound.iter().find(|(_, (to, at))| *to == host && now < *at).map(|(n, _)| *n);
                    let by_channel = got.and_then(|got| channel::read(&got).map(|(number, _)| number));
                    prop_assert_eq!(by_channel, number.filter(|_| may(host)).map(channel));
                }
            }
            if bench.now >= ends {
                prop_assert_eq!(bench.server.stats().allocations, 0);
            }
        }
    }
}
