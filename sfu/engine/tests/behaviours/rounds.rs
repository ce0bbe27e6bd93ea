//! How what is said goes round: in turns that media does not wait for, together where much is said.

use sluice_domain::Codec;
use sluice_sfu_engine::counts::{BUCKETS, Counts};
use sluice_sfu_engine::{ChatOrder, Output};

use crate::sim::chat::CHAT;
use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{Id, World, millis};

/// Peers without media, all in the chat.
fn members(world: &mut World, number: usize) -> Vec<Id> {
    let ids: Vec<Id> = (0..number).map(|_| world.join()).collect();
    world.run_millis(1500);
    world.admit(&ids);
    ids
}

fn say(world: &mut World, number: usize, pause: u64) {
    for text in 0..number {
        world.say(&format!("text {text}"));
        world.run_millis(pause);
    }
}

/// The delay that 99 % of what was counted since `before` kept, in microseconds.
fn p99(before: &[u64; BUCKETS], after: &Counts) -> f64 {
    let new: Vec<u64> = after.counts().iter().zip(before).map(|(after, before)| after - before).collect();
    let most = new.iter().sum::<u64>() * 99 / 100;
    let mut seen = 0;
    let bucket = new.iter().position(|count| {
        seen += count;
        seen > most
    });
    Counts::middle(bucket.expect("something was counted"))
}

/// The p99 of forwarding on a slow core, with and without a chat of 250 members.
fn forwarding(talk: bool) -> f64 {
    let mut world = World::new(340);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::single(Codec::Vp8));
    let viewers: Vec<Id> = (0..3).map(|_| world.watch(broadcast, Player::default())).collect();
    let ids = members(&mut world, 250);
    world.most_a_milli = Some(50);
    let before = *world.shard.stats().forward.counts();
    for _ in 0..60 {
        if talk {
            world.say("hello");
        }
        world.run_millis(50);
    }
    let delay = p99(&before, &world.shard.stats().forward);
    world.run_millis(500);
    for id in ids.iter().filter(|_| talk) {
        assert_eq!(world.read(*id).len(), 60);
    }
    for id in viewers {
        world.got(id).check_whole();
    }
    delay
}

#[test]
fn pictures_do_not_wait_for_what_is_said() {
    let (quiet, busy) = (forwarding(false), forwarding(true));
    // A round takes five milliseconds here; a picture waits for what is being sent and nothing else.
    assert!(busy - quiet < 1_000.0, "{quiet} and {busy} µs");
}

#[test]
fn turns_end_after_a_while_so_that_the_sockets_are_looked_at() {
    let mut world = World::new(341);
    members(&mut world, 30);
    let mut now = world.now;
    world.shard.handle_chat(now, ChatOrder::Say { chat: CHAT, text: "hello".into() });
    let mut looks = Vec::new();
    while world.shard.stats().chat_out < 30 {
        assert!(world.shard.next_timeout().is_some_and(|due| due <= now), "the worker must not sleep");
        world.shard.handle_timeout(now);
        let before = world.shard.stats().chat_out;
        while let Some(output) = world.shard.poll_output(now) {
            // Each turn takes 40 microseconds.
            now +=
                std::time::Duration::from_micros(if matches!(output, Output::Transmit(_)) { 40 } else { 0 });
        }
        looks.push(world.shard.stats().chat_out - before);
        assert!(looks.len() < 20, "{looks:?}");
    }
    assert!(looks.iter().all(|turns| (1..=6).contains(turns)), "{looks:?}");
}

#[test]
fn in_a_small_chat_a_text_leaves_at_once() {
    let mut world = World::new(342);
    let ids = members(&mut world, 20);
    let from = world.at();
    say(&mut world, 10, 3);
    world.run_millis(100);
    for id in ids {
        let times: Vec<_> = world.client_mut(id).chat.got.iter().map(|(at, _)| *at - from).collect();
        let wanted: Vec<_> = (0..10).map(|number| millis(10 + 3 * number)).collect();
        assert_eq!(times, wanted);
    }
}

#[test]
fn in_a_large_chat_texts_that_follow_each_other_leave_together() {
    let mut world = World::new(343);
    let ids = members(&mut world, 300);
    let before = world.shard.stats().clone();
    let from = world.at();
    say(&mut world, 200, 5);
    world.run_millis(500);
    let after = world.shard.stats();
    let (texts, turns) = (after.chat_out - before.chat_out, after.chat_turns - before.chat_turns);
    assert_eq!(texts, 200 * 300);
    assert!(turns * 2 <= texts, "{turns} turns for {texts} texts");
    for id in ids {
        assert_eq!(world.read(id).len(), 200);
        let got = &world.client_mut(id).chat.got;
        assert!(got[0].0 - from <= millis(11), "the first after a silence leaves at once");
        for (number, (at, text)) in got.iter().enumerate() {
            assert_eq!(*text, format!("text {number}"));
            let delay = *at - from - millis(5 * number as u64);
            // A pause of 18 ms, and the way.
            assert!(delay <= millis(18 + 10 + 1), "{delay:?}");
        }
    }
}

#[test]
fn histories_for_many_who_join_at_once_do_not_hold_up_pictures() {
    let mut world = World::new(344);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::single(Codec::Vp8));
    let viewer = world.watch(broadcast, Player::default());
    let ids: Vec<Id> = (0..60).map(|_| world.join()).collect();
    world.run_millis(1500);
    world.most_a_milli = Some(50);
    let history = "x".repeat(20_000);
    let from = world.at();
    for id in &ids {
        world.tell(*id, &history);
    }
    world.run_millis(3000);
    for id in &ids {
        assert_eq!(world.read(*id), [history.as_str()]);
    }
    assert!(world.got(viewer).longest_stall(from, world.at()) < millis(60));
    world.got(viewer).check_whole();
}

#[test]
fn on_a_shard_that_does_not_keep_up_a_chat_is_late_and_not_silent() {
    let mut world = World::new(346);
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::default());
    for _ in 0..20 {
        world.watch(broadcast, Player::default());
    }
    let ids = members(&mut world, 5);
    world.run_millis(2000);
    // Twenty viewers want three datagrams a millisecond.
    world.most_a_milli = Some(1);
    world.run_millis(500);
    let from = world.at();
    say(&mut world, 10, 200);
    world.run_millis(500);
    assert!(world.shard.stats().shed_layers > 0, "it does not keep up");
    for id in ids {
        let got = &world.client_mut(id).chat.got;
        assert_eq!(got.len(), 10);
        for (number, (at, _)) in got.iter().enumerate() {
            let delay = *at - from - millis(200 * number as u64);
            // A key frame for twenty viewers takes this server 600 ms.
            assert!(delay < millis(1000), "{delay:?}");
        }
    }
}

#[test]
fn small_chats_do_not_wait_for_a_large_one() {
    let mut world = World::new(345);
    let ids = members(&mut world, 200);
    world.most_a_milli = Some(20);
    let other = sluice_domain::StreamId(uuid::Uuid::from_u128(78));
    world.seat = Some(other);
    let lonely = world.join();
    world.run_millis(1500);
    world.admit(&[lonely]);
    let from = world.at();
    world.say("to all");
    world.chat(ChatOrder::Say { chat: other, text: "to few".into() });
    world.run_millis(100);
    assert_eq!(world.read(lonely), ["to few"]);
    let at = world.client_mut(lonely).chat.got[0].0 - from;
    assert!(at <= millis(13), "{at:?}");
    for id in ids {
        assert_eq!(world.read(id), ["to all"]);
    }
}
