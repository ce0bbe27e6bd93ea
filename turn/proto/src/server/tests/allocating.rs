//! Allocations: who gets which, how long, and what is answered otherwise.

use super::bench::{Bench, Client, config, peer_of, peer_of_last, udp};
use crate::attribute as code;
use crate::message::{Message, Method};
use crate::server::{Closed, Flow, Refusal, Via};

fn bench() -> Bench {
    Bench::new(config())
}

#[test]
fn a_client_is_challenged_and_then_gets_a_relayed_address() {
    let mut bench = bench();
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    let answer = client.ask(&mut bench, Method::Allocate, &[udp()]).unwrap();
    let message = Message::parse(&answer).unwrap();
    assert_eq!(message.address(code::XOR_RELAYED_ADDRESS), Some("10.0.0.5:49152".parse().unwrap()));
    assert_eq!(message.address(code::XOR_MAPPED_ADDRESS), Some("192.0.2.1:1000".parse().unwrap()));
    assert_eq!(message.value(code::LIFETIME), Some(&600_u32.to_be_bytes()[..]));
    assert_eq!(bench.server.stats().allocations, 1);
}

#[test]
fn a_request_that_comes_again_gets_the_same_answer_and_another_one_is_refused() {
    let mut bench = bench();
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    let request = client.request(Method::Allocate, &[udp()]);
    let first = bench.send(&client.flow, &request).unwrap();
    assert_eq!(bench.send(&client.flow, &request), Some(first));
    assert_eq!(bench.tickets.len(), 1);
    assert_eq!(client.allocate(&mut bench), Err(437));
}

#[test]
fn sha256_is_taken_by_either_key() {
    for algorithm in [None, Some(1), Some(2)] {
        let mut bench = bench();
        let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
        client.algorithm = algorithm;
        client.sha256 = true;
        assert!(client.allocate(&mut bench).is_ok(), "{algorithm:?}");
    }
}

#[test]
fn a_list_of_algorithms_that_somebody_shortened_is_refused() {
    let mut bench = bench();
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    let shortened = (code::PASSWORD_ALGORITHMS, vec![0, 1, 0, 0]);
    let chosen = (code::PASSWORD_ALGORITHM, vec![0, 1, 0, 0]);
    assert_eq!(client.ask(&mut bench, Method::Allocate, &[udp(), shortened, chosen.clone()]), Err(400));
    assert_eq!(client.ask(&mut bench, Method::Allocate, &[udp(), chosen]), Err(400));
}

// Requirements: R383
#[test]
fn each_error_has_its_number() {
    let mut bench = bench();
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    let mut ask =
        |attributes: &[(u16, Vec<u8>)]| client.ask(&mut bench, Method::Allocate, attributes).map(drop);
    let family = |code: u8| (code::REQUESTED_ADDRESS_FAMILY, vec![code, 0, 0, 0]);
    let additional = |code: u8| (code::ADDITIONAL_ADDRESS_FAMILY, vec![code, 0, 0, 0]);
    let token = (code::RESERVATION_TOKEN, vec![1; 8]);
    let even = |flags: u8| (code::EVEN_PORT, vec![flags]);
    assert_eq!(ask(&[]), Err(400), "which transport?");
    assert_eq!(ask(&[(code::REQUESTED_TRANSPORT, vec![6, 0, 0, 0])]), Err(442));
    assert_eq!(ask(&[udp(), family(3)]), Err(440));
    assert_eq!(ask(&[udp(), family(2), additional(2)]), Err(400));
    assert_eq!(ask(&[udp(), additional(1)]), Err(400));
    assert_eq!(ask(&[udp(), additional(2), even(0x80)]), Err(400));
    assert_eq!(ask(&[udp(), token.clone(), even(0)]), Err(400));
    assert_eq!(ask(&[udp(), token, family(1)]), Err(400));
    assert_eq!(ask(&[udp(), (code::RESERVATION_TOKEN, vec![1; 7])]), Err(400));
    assert_eq!(ask(&[udp(), (0x0003, vec![0; 4])]), Err(420), "CHANGE-REQUEST");
    assert_eq!(ask(&[udp(), (code::LIFETIME, vec![0; 3])]), Err(400));
    for (refusal, number) in [(Refusal::Quota, 486), (Refusal::Capacity, 508)] {
        bench.refuse = Some(refusal);
        assert_eq!(client.allocate(&mut bench), Err(number));
    }
    bench.refuse = None;
    let requests = [Method::Refresh, Method::CreatePermission, Method::ChannelBind];
    let channel = (code::CHANNEL_NUMBER, vec![0x40, 0, 0, 0]);
    for method in requests {
        let peer = peer_of("198.51.100.9:5000");
        assert_eq!(client.ask(&mut bench, method, &[channel.clone(), peer]), Err(437), "{method:?}");
    }
    assert!(client.allocate(&mut bench).is_ok());
    assert_eq!(bench.server.stats().refused, 2);
}

#[test]
fn a_server_without_ipv6_says_so() {
    let mut bench =
        Bench::new(crate::server::ServerConfig { families: vec![crate::attribute::Family::V4], ..config() });
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    let six = (code::REQUESTED_ADDRESS_FAMILY, vec![2, 0, 0, 0]);
    assert_eq!(client.ask(&mut bench, Method::Allocate, &[udp(), six]), Err(440));
}

#[test]
fn a_server_without_ipv4_gives_browsers_what_it_has() {
    let mut bench =
        Bench::new(crate::server::ServerConfig { families: vec![crate::attribute::Family::V6], ..config() });
    let mut client = Client::new(&mut bench, "alice", "[2001:db8::1]:1000");
    let four = (code::REQUESTED_ADDRESS_FAMILY, vec![1, 0, 0, 0]);
    assert_eq!(client.ask(&mut bench, Method::Allocate, &[udp(), four]), Err(440));
    let answer = client.ask(&mut bench, Method::Allocate, &[udp()]).unwrap();
    let relayed = Message::parse(&answer).unwrap().address(code::XOR_RELAYED_ADDRESS).unwrap();
    assert!(relayed.is_ipv6(), "{relayed}");
}

#[test]
fn both_families_can_be_had_at_once_and_one_given_back() {
    let mut bench = bench();
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    let both = (code::ADDITIONAL_ADDRESS_FAMILY, vec![2, 0, 0, 0]);
    let answer = client.ask(&mut bench, Method::Allocate, &[udp(), both.clone()]).unwrap();
    let relayed = answer.windows(2).filter(|code| *code == code::XOR_RELAYED_ADDRESS.to_be_bytes()).count();
    assert_eq!(relayed, 2);
    client.permit(&mut bench, "198.51.100.9:1").unwrap();
    let six = peer_of_last("[2001:db8:1::9]:1", &client);
    client.ask(&mut bench, Method::CreatePermission, &[six]).unwrap();
    let family = (code::REQUESTED_ADDRESS_FAMILY, vec![2, 0, 0, 0]);
    let zero = (code::LIFETIME, vec![0; 4]);
    client.ask(&mut bench, Method::Refresh, &[family.clone(), zero]).unwrap();
    let id = bench.id(&client.flow).unwrap();
    let flow = client.flow;
    let closed = Closed { allocation: id, flow, relays: [None, Some(1)], user: None };
    assert_eq!(bench.server.poll_closed(), Some(closed));
    let six = peer_of_last("[2001:db8:1::9]:1", &client);
    assert_eq!(client.ask(&mut bench, Method::CreatePermission, &[six]), Err(443));
    assert_eq!(client.ask(&mut bench, Method::Refresh, &[family]), Err(443));
    assert_eq!(client.permit(&mut bench, "198.51.100.9:1"), Ok(()));

    bench.lacks_v6 = true;
    let mut other = Client::new(&mut bench, "bob", "192.0.2.1:1001");
    let answer = other.ask(&mut bench, Method::Allocate, &[udp(), both]).unwrap();
    let lacking = Message::parse(&answer).unwrap().value(code::ADDRESS_ERROR_CODE).map(<[u8]>::to_vec);
    assert_eq!(lacking, Some(vec![2, 0, 5, 8]));
}

#[test]
fn an_even_port_and_the_next_one_are_asked_for() {
    let mut bench = bench();
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    let answer = client.ask(&mut bench, Method::Allocate, &[udp(), (code::EVEN_PORT, vec![0x80])]).unwrap();
    assert!(bench.tickets[0].even.unwrap().keep_next);
    let token = Message::parse(&answer).unwrap().value(code::RESERVATION_TOKEN).unwrap().to_vec();
    let mut second = Client::new(&mut bench, "alice", "192.0.2.1:1001");
    second.ask(&mut bench, Method::Allocate, &[udp(), (code::RESERVATION_TOKEN, token)]).unwrap();
    assert_eq!(bench.tickets[1].token, Some(*b"12345678"));
}

#[test]
fn an_allocation_lasts_as_long_as_it_is_refreshed() {
    let mut bench = bench();
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    client.allocate(&mut bench).unwrap();
    let id = bench.id(&client.flow).unwrap();
    bench.wait(599);
    // The credentials ran out long ago: they are for coming in.
    assert_eq!(client.refresh(&mut bench, 10), Ok(600), "never less than the default");
    bench.wait(599);
    assert_eq!(client.refresh(&mut bench, 100_000), Ok(3600), "never more than the most");
    bench.wait(3599);
    assert_eq!(bench.server.stats().allocations, 1);
    bench.wait(1);
    let flow = client.flow;
    let closed = Closed { allocation: id, flow, relays: [Some(0), None], user: Some("alice".into()) };
    assert_eq!(bench.server.poll_closed(), Some(closed));
    assert_eq!(bench.server.stats().allocations, 0);
    assert_eq!(bench.server.next_timeout(), None);
}

#[test]
fn a_shorter_lifetime_is_kept_to() {
    let mut bench = bench();
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    let hour = (code::LIFETIME, 3600_u32.to_be_bytes().to_vec());
    client.ask(&mut bench, Method::Allocate, &[udp(), hour]).unwrap();
    assert_eq!(client.refresh(&mut bench, 600), Ok(600));
    bench.wait(600);
    assert_eq!(bench.server.stats().allocations, 0);
}

#[test]
fn a_lifetime_of_zero_ends_it_at_once() {
    let mut bench = bench();
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    client.allocate(&mut bench).unwrap();
    assert_eq!(client.refresh(&mut bench, 0), Ok(0));
    assert_eq!(bench.server.poll_closed().unwrap().user.as_deref(), Some("alice"));
    assert_eq!(client.refresh(&mut bench, 0), Err(437));
    assert!(client.allocate(&mut bench).is_ok(), "the 5-tuple is free again");
}

#[test]
fn a_stream_that_ends_takes_its_allocation_with_it() {
    let mut bench = bench();
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    client.flow = Flow { via: Via::Stream(4), ..client.flow };
    client.allocate(&mut bench).unwrap();
    bench.server.flow_closed(&client.flow);
    assert_eq!(bench.server.poll_closed().unwrap().relays, [Some(0), None]);
}

#[test]
fn an_allocation_obeys_only_who_made_it() {
    let mut bench = bench();
    let mut alice = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    alice.allocate(&mut bench).unwrap();
    let mut mallory = Client::new(&mut bench, "mallory", "192.0.2.1:1000");
    assert_eq!(mallory.refresh(&mut bench, 0), Err(441));
    assert_eq!(mallory.permit(&mut bench, "198.51.100.9:1"), Err(441));
    assert_eq!(mallory.bind(&mut bench, 0x4000, "198.51.100.9:1"), Err(441));
    assert_eq!(alice.refresh(&mut bench, 600), Ok(600));
}
