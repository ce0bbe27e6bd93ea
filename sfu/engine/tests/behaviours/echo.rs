//! The echo channel: what comes back, and what does not.

use sluice_domain::chat::CHAT_LABEL;
use sluice_domain::echo::{ECHO_LABEL, ECHO_LIFETIME, MAX_ECHO_BYTES};
use sluice_sfu_engine::{CloseReason, SfuEvent};
use str0m::channel::{ChannelConfig, Reliability};

use crate::sim::echo::echo_channel;
use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{Id, World, millis};

fn measuring(seed: u64) -> (World, Id) {
    let mut world = World::new(seed);
    let id = world.probe(vec![echo_channel()]);
    world.run_millis(1000);
    (world, id)
}

fn numbers(world: &World, id: Id) -> Vec<u32> {
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap());
    world.echoes(id).iter().map(|(_, _, bytes)| number(bytes)).collect()
}

/// Sends numbered messages of 100 bytes; how many of them its own channel took.
fn send(world: &mut World, id: Id, count: u32, pause: u64) -> u64 {
    let mut taken = 0;
    for number in 0..count {
        let mut bytes = vec![0x55; 100];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        taken += u64::from(world.write(id, true, &bytes));
        world.run_millis(pause);
    }
    taken
}

#[test]
fn what_is_sent_comes_back_as_it_was_after_one_round_trip() {
    let (mut world, id) = measuring(900);
    (world.client_mut(id).up.latency, world.client_mut(id).down.latency) = (millis(30), millis(20));
    let before = world.at();
    world.write(id, true, &[1, 2, 3]);
    world.write(id, false, b"words");
    world.run_millis(200);
    let echoes = world.echoes(id);
    assert_eq!(echoes.len(), 2);
    assert_eq!((echoes[0].1, &echoes[0].2[..]), (true, &[1, 2, 3][..]));
    assert_eq!((echoes[1].1, &echoes[1].2[..]), (false, &b"words"[..]));
    assert_eq!(echoes[0].0 - before, millis(50));
    assert_eq!(world.shard.stats().echoed, 2);
}

#[test]
fn a_message_that_the_network_loses_stays_lost() {
    let (mut world, id) = measuring(901);
    (world.client_mut(id).up.loss, world.client_mut(id).down.loss) = (0.1, 0.1);
    send(&mut world, id, 500, 20);
    world.run_millis(2000);
    let back = numbers(&world, id).len();
    // 0.9 * 0.9 of 500 are 405, whose standard deviation is about 9.
    assert!((365..=445).contains(&back), "{back} of 500 came back");
}

#[test]
fn a_message_beyond_the_longest_is_dropped_and_the_longest_is_not() {
    let (mut world, id) = measuring(902);
    world.write(id, true, &[7; MAX_ECHO_BYTES]);
    world.write(id, true, &[7; MAX_ECHO_BYTES + 1]);
    world.run_millis(200);
    assert_eq!(world.echoes(id).len(), 1);
    assert_eq!(world.echoes(id)[0].2.len(), MAX_ECHO_BYTES);
    assert_eq!(world.shard.stats().echo_dropped, 1);
}

// Requirements: R383
#[test]
fn a_flood_gets_no_more_than_a_hundred_echoes_a_second() {
    let (mut world, id) = measuring(903);
    let sent = send(&mut world, id, 5000, 1);
    world.run_millis(500);
    let back = numbers(&world, id).len();
    // Two hundred at once, and then a hundred a second for five seconds.
    assert!((600..=710).contains(&back), "{back} came back");
    assert!(sent > 2000, "the flood is one: {sent}");
    assert_eq!(world.shard.stats().echo_dropped, sent - back as u64);
    assert_eq!(world.close_reason(id), None, "a flood ends nobody's connection");
}

#[test]
fn a_peer_that_measures_ends_after_half_a_minute() {
    let (mut world, id) = measuring(904);
    for _ in 0..40 {
        world.write(id, true, &[1; 20]);
        world.run_millis(1000);
    }
    let (at, reason) = world.close_reason(id).expect("it was ended");
    assert_eq!(reason, CloseReason::TimedOut);
    assert!(at >= ECHO_LIFETIME && at < ECHO_LIFETIME + millis(200), "{at:?}");
    assert_eq!(world.shard.stats().peers, 0);
}

#[test]
fn a_channel_with_another_name_or_with_retransmissions_is_closed() {
    let (mut world, id) = measuring(905);
    for config in [
        ChannelConfig { label: CHAT_LABEL.to_owned(), ..ChannelConfig::default() },
        ChannelConfig { label: ECHO_LABEL.to_owned(), ..ChannelConfig::default() },
        ChannelConfig { ordered: true, ..echo_channel() },
        ChannelConfig { reliability: Reliability::MaxRetransmits { retransmits: 3 }, ..echo_channel() },
        echo_channel(),
    ] {
        world.open(id, config);
        world.run_millis(500);
    }
    assert_eq!(world.shard.stats().channels_refused, 5, "the second echo channel is one too many");
}

#[test]
fn nobody_but_those_who_measure_has_an_echo() {
    let mut world = World::new(906);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::default());
    let viewer = world.watch(broadcast, Player::with_chat());
    let member = world.join();
    world.run_millis(1000);
    for id in [viewer, member] {
        world.open(id, echo_channel());
    }
    world.run_millis(500);
    assert_eq!(world.shard.stats().channels_refused, 2);
    assert_eq!(world.shard.stats().echoed, 0);
}

#[test]
fn one_who_measures_takes_part_in_no_chat_and_counts_as_nobody() {
    let (world, _) = measuring(907);
    let stats = world.shard.stats();
    assert_eq!((stats.viewers_held, stats.members_held, stats.chat_members), (0, 0, 0));
    assert!(!world.events.iter().any(|(_, event)| matches!(event, SfuEvent::Chat { .. })));
}
