//! Who has not proven who they are gets little, and nothing that is worth having.

use proptest::prelude::*;

use super::bench::{Bench, Client, UNIX, config, flow, ip, udp};
use crate::attribute as code;
use crate::credentials::Secret;
use crate::message::{Class, Message, Method};
use crate::server::ServerConfig;
use crate::write::Writer;

/// Most bytes of an answer to who may have forged their address.
const MOST: usize = 160;

fn bare(method: Method) -> Vec<u8> {
    let mut bytes = Vec::new();
    Writer::begin(&mut bytes, Class::Request, method, [1; 12]).finish(None, true);
    bytes
}

#[test]
fn a_binding_request_is_told_where_it_came_from() {
    let mut bench = Bench::new(config());
    for client in ["192.0.2.1:1000", "[2001:db8::9]:1000"] {
        let answer = bench.send(&flow(client), &bare(Method::Binding)).unwrap();
        let message = Message::parse(&answer).unwrap();
        assert_eq!(message.address(code::XOR_MAPPED_ADDRESS), Some(client.parse().unwrap()));
        assert!(answer.len() <= MOST);
    }
}

// Requirements: R383
#[test]
fn no_answer_to_a_stranger_is_longer_than_160_bytes() {
    let realm = "r".repeat(52);
    let mut bench = Bench::new(ServerConfig { realm, ..config() });
    let flow = flow("[2001:db8::9]:1000");
    let unknown: Vec<u8> = (0..100).flat_map(|_| [0x7f, 0xff, 0, 0]).collect();
    let mut requests: Vec<Vec<u8>> =
        [Method::Binding, Method::Allocate, Method::Refresh, Method::ChannelBind].map(bare).into();
    let mut with_unknown = bare(Method::Binding);
    with_unknown.truncate(20);
    with_unknown.extend_from_slice(&unknown);
    with_unknown[2..4].copy_from_slice(&(unknown.len() as u16).to_be_bytes());
    requests.push(with_unknown);
    let mut stale = Vec::new();
    Writer::begin(&mut stale, Class::Request, Method::Allocate, [1; 12])
        .attribute(code::USERNAME, b"9999999999:a")
        .attribute(code::REALM, b"r")
        .attribute(code::NONCE, b"old")
        .finish(Some((&crate::Key::plain(b"k"), false)), true);
    requests.push(stale);
    for request in requests {
        let answer = bench.send(&flow, &request).unwrap();
        assert!(answer.len() <= MOST, "{} bytes to {} bytes", answer.len(), request.len());
    }
}

#[test]
fn a_prefix_that_asks_too_often_gets_silence_and_who_is_known_does_not() {
    let mut bench = Bench::new(config());
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    let flooder = flow("192.0.2.200:9");
    let answered = (0..5000).filter(|_| bench.send(&flooder, &bare(Method::Binding)).is_some()).count();
    assert_eq!(answered, 999, "the burst of the prefix, less the challenge before");
    assert!(client.allocate(&mut bench).is_ok());
    assert!(bench.send(&flow("198.51.100.1:9"), &bare(Method::Binding)).is_some(), "of another prefix");
    assert_eq!(bench.server.stats().silenced, 4001);
    bench.wait(1);
    let answered = (0..5000).filter(|_| bench.send(&flooder, &bare(Method::Allocate)).is_some()).count();
    assert_eq!(answered, 100);
}

#[test]
fn a_user_name_that_nobody_gave_out_gets_silence() {
    let mut bench = Bench::new(config());
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    for name in ["admin", "", "root:1", "18446744073709551616:a", "17:\u{e9}"] {
        client.username = name.to_owned();
        assert_eq!(client.allocate(&mut bench), Err(0), "{name}");
    }
    assert_eq!(bench.server.stats().strangers, 5);
}

#[test]
fn a_wrong_password_is_challenged() {
    let mut bench = Bench::new(config());
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    client.password.push('x');
    assert_eq!(client.allocate(&mut bench), Err(401));
    (client.username, client.password) = Secret::new("south").issue("alice", UNIX + 60);
    assert_eq!(client.allocate(&mut bench), Err(401));
}

#[test]
fn credentials_that_ran_out_let_nobody_in() {
    let mut bench = Bench::new(config());
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    bench.wait(61);
    assert_eq!(client.allocate(&mut bench), Err(401));
    let later = format!("{}:alice", UNIX + 1000);
    client.username = later;
    assert_eq!(client.allocate(&mut bench), Err(401), "the password belongs to the time");
}

#[test]
fn an_old_nonce_or_that_of_another_address_is_stale() {
    let mut bench = Bench::new(config());
    let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
    let other = Client::new(&mut bench, "alice", "192.0.2.2:1000");
    let own = std::mem::replace(&mut client.nonce, other.nonce);
    assert_eq!(client.allocate(&mut bench), Err(438));
    client.nonce = own;
    client.allocate(&mut bench).unwrap();
    for _ in 0..7 {
        bench.wait(599);
        match client.refresh(&mut bench, 600) {
            Ok(_) => {}
            Err(438) => {
                client.greet(&mut bench);
                assert_eq!(client.refresh(&mut bench, 600), Ok(600));
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(bench.server.stats().allocations, 1, "nonces ran out, the allocation did not");
}

#[test]
fn a_signed_request_without_name_realm_or_nonce_is_malformed() {
    let mut bench = Bench::new(config());
    let mut bytes = Vec::new();
    Writer::begin(&mut bytes, Class::Request, Method::Allocate, [1; 12])
        .attribute(code::USERNAME, b"1:a")
        .finish(Some((&crate::Key::plain(b"k"), false)), true);
    let answer = bench.send(&flow("192.0.2.1:1"), &bytes).unwrap();
    assert_eq!(Message::parse(&answer).unwrap().error(), Some(400));
}

#[test]
fn answers_and_indications_are_not_answered() {
    let mut bench = Bench::new(config());
    for class in [Class::Success, Class::Error, Class::Indication] {
        for method in [Method::Binding, Method::Allocate, Method::Send, Method::Data] {
            let mut bytes = Vec::new();
            Writer::begin(&mut bytes, class, method, [1; 12]).finish(None, true);
            assert_eq!(bench.send(&flow("192.0.2.1:1"), &bytes), None, "{class:?} {method:?}");
        }
    }
}

proptest! {
    /// Bytes that begin like what is known, changed at one place or cut, are never more than refused.
    #[test]
    fn a_request_that_was_tampered_with_does_nothing(at in 0_usize..140, bits in 1_u8.., cut in 0_usize..140) {
        let mut bench = Bench::new(config());
        let mut client = Client::new(&mut bench, "alice", "192.0.2.1:1000");
        let mut request = client.request(Method::Allocate, &[udp()]);
        let at = at % (request.len() - 8); // a wrong FINGERPRINT is tampering that changes nothing
        request[at] ^= bits;
        bench.send(&client.flow, &request);
        request.truncate(cut % request.len());
        bench.send(&client.flow, &request);
        prop_assert_eq!(bench.server.stats().allocations, 0);
        prop_assert!(ip("192.0.2.1") == client.flow.client.ip());
    }
}
