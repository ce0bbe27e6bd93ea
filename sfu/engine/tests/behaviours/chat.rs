//! Chats: what members write and what they are told, over good and bad networks.

use std::cell::Cell;
use std::rc::Rc;

use sluice_domain::chat::{CHAT_LABEL, MAX_CHAT_BYTES};
use sluice_sfu_engine::{ChatInput, ChatOrder, CloseReason, Command, Reply, SfuError, SfuEvent};
use str0m::channel::{ChannelConfig, Reliability};

use crate::sim::player::Player;
use crate::sim::source::Source;
use crate::sim::{Id, START_UTC, World, millis};

/// A publisher, a viewer and a peer without media, all in the chat.
fn three(seed: u64) -> (World, Id, Id, Id) {
    let mut world = World::new(seed);
    let broadcast = world.broadcast();
    let publisher = world.publish(broadcast, Source { chat: true, ..Source::default() });
    let viewer = world.watch(broadcast, Player::with_chat());
    let member = world.join();
    world.run_millis(1000);
    world.admit(&[publisher, viewer, member]);
    (world, publisher, viewer, member)
}

/// Peers without media, all in the chat.
fn members(seed: u64, number: usize) -> (World, Vec<Id>) {
    let mut world = World::new(seed);
    let ids: Vec<Id> = (0..number).map(|_| world.join()).collect();
    world.run_millis(1000);
    world.admit(&ids);
    (world, ids)
}

/// Says `texts` numbered texts, one every `pause` milliseconds.
fn say_all(world: &mut World, texts: std::ops::Range<usize>, pause: u64) {
    for number in texts {
        world.say(&format!("text {number}"));
        world.run_millis(pause);
    }
}

fn numbered(texts: std::ops::Range<usize>) -> Vec<String> {
    texts.map(|number| format!("text {number}")).collect()
}

/// The code of an error or farewell.
fn code(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    value["code"].as_str().unwrap_or_default().to_owned()
}

fn codes(world: &World, id: Id) -> Vec<String> {
    world.read(id).into_iter().filter(|text| text.starts_with('{')).map(code).collect()
}

#[test]
fn publishers_viewers_and_those_without_media_hear_and_are_heard() {
    let (mut world, publisher, viewer, member) = three(300);
    for id in [publisher, viewer, member] {
        assert!(world.write(id, false, b"{\"type\":\"ping\"}"));
    }
    say_all(&mut world, 0..20, 10);
    world.run_millis(200);
    for id in [publisher, viewer, member] {
        assert_eq!(world.heard(id), ["{\"type\":\"ping\"}"]);
        assert_eq!(world.read(id), numbered(0..20));
    }
    assert_eq!(world.shard.stats().chat_members, 3);
    world.got(viewer).check_whole();
}

#[test]
fn a_text_carries_the_capture_time_of_the_picture_that_its_author_saw() {
    let (mut world, publisher, viewer, member) = three(301);
    world.run_millis(2000);
    let sent = i64::try_from(world.at().as_micros()).unwrap();
    for id in [publisher, viewer, member] {
        world.write(id, false, b"now");
    }
    world.run_millis(100);
    let age = |id| {
        let said = world.inputs(id).into_iter().find_map(|(_, input)| match input {
            ChatInput::Said { media_time, .. } => Some(media_time),
            _ => None,
        });
        said.unwrap().map(|captured| sent - captured.micros_since(START_UTC))
    };
    // A picture every 33 ms, 4 ms of encoding and 10 ms of network to the engine, and the text's own way.
    assert!((-10_000..=45_000).contains(&age(viewer).unwrap()), "{:?}", age(viewer));
    assert!((-15_000..=0).contains(&age(publisher).unwrap()), "{:?}", age(publisher));
    assert_eq!(age(member), None);
}

#[test]
fn who_is_not_admitted_hears_only_what_is_meant_for_it() {
    let (mut world, ids) = members(302, 1);
    let late = world.join();
    world.run_millis(1000);
    world.say("before");
    world.tell(late, "history");
    world.run_millis(50);
    world.admit(&[late]);
    world.say("after");
    world.tell(late, "mine");
    world.say("last");
    world.run_millis(50);
    assert_eq!(world.read(ids[0]), ["before", "after", "last"]);
    assert_eq!(world.read(late), ["history", "after", "mine", "last"]);
}

#[test]
fn who_leaves_and_comes_back_on_the_same_channel_hears_nothing_in_between() {
    let (mut world, ids) = members(326, 2);
    world.say("one");
    world.run_millis(50);
    let member = world.member(ids[0]);
    world.chat(ChatOrder::Dismiss { member });
    world.say("two");
    world.tell(ids[0], "done");
    world.run_millis(50);
    world.admit(&ids[..1]);
    world.say("three");
    world.run_millis(50);
    assert_eq!(world.read(ids[0]), ["one", "done", "three"]);
    assert_eq!(world.read(ids[1]), ["one", "two", "three"]);
    // The last one of a chat that leaves it takes nothing away from who comes next.
    for id in &ids {
        let member = world.member(*id);
        world.chat(ChatOrder::Dismiss { member });
    }
    world.say("to nobody");
    world.admit(&ids);
    world.say("four");
    world.run_millis(50);
    assert_eq!(world.read(ids[1]), ["one", "two", "three", "four"]);
}

#[test]
fn over_a_lossy_network_a_chat_arrives_complete_and_in_order() {
    let (mut world, ids) = members(303, 6);
    for id in &ids {
        let client = world.client_mut(*id);
        (client.up.loss, client.down.loss, client.down.jitter) = (0.1, 0.1, millis(15));
    }
    for number in 0..200 {
        world.say(&format!("text {number}"));
        let author = ids[number % ids.len()];
        assert!(world.write(author, false, format!("request {number}").as_bytes()));
        world.run_millis(20);
    }
    // The least time after which SCTP sends again is a second (RFC 9260 §16), and it doubles.
    world.run_millis(40_000);
    for (at, id) in ids.iter().enumerate() {
        assert_eq!(world.read(*id), numbered(0..200));
        let requests: Vec<String> =
            (0..200).filter(|n| n % ids.len() == at).map(|n| format!("request {n}")).collect();
        assert_eq!(world.heard(*id), requests);
    }
}

#[test]
fn members_on_all_workers_hear_the_same_in_the_same_order() {
    let mut world = World::new(304);
    world.add_shard(sluice_sfu_engine::EngineConfig::default());
    let broadcast = world.broadcast();
    world.publish(broadcast, Source::default());
    let near = world.watch(broadcast, Player::with_chat());
    let far = world.watch_at(1, broadcast, Player::with_chat());
    world.run_millis(1500);
    world.admit(&[near, far]);
    say_all(&mut world, 0..50, 7);
    world.run_millis(200);
    assert_eq!(world.read(near), numbered(0..50));
    assert_eq!(world.read(far), numbered(0..50));
}

#[test]
fn members_that_come_and_go_cost_the_others_nothing() {
    let (mut world, stay) = members(305, 5);
    let mut guests: Vec<(Id, usize)> = Vec::new();
    let mut next = 0;
    for round in 0..60 {
        let guest = world.join();
        guests.push((guest, 0));
        say_all(&mut world, next..next + 10, 10);
        next += 10;
        if let Some((id, from)) = guests.iter_mut().rev().nth(5) {
            world.admit(&[*id]);
            *from = next;
        }
        if let Some((id, _)) = guests.iter().rev().nth(12).copied() {
            match round % 3 {
                0 => world.close_client(id),
                1 => world.client_mut(id).vanished = true,
                _ => world.close_chat(id),
            }
        }
    }
    world.run_millis(10_000);
    for id in stay {
        assert_eq!(world.read(id), numbered(0..next));
    }
    // Each guest has an unbroken part that begins where it was admitted.
    let heard = guests.iter().filter(|(_, from)| *from > 0);
    for (id, from) in heard {
        let got = world.read(*id);
        assert!(got.len() >= (next - from).min(60), "{got:?}");
        assert_eq!(got, numbered(*from..*from + got.len()));
    }
    for (id, _) in &guests[..47] {
        assert_eq!(world.closings(*id).len(), 1, "opened once, closed once");
    }
}

#[test]
fn a_member_that_does_not_read_is_cut_and_nobody_else_notices() {
    let (mut world, publisher, viewer, slow) = three(306);
    world.client_mut(slow).down.filter = Some(Box::new(|bytes| !(20..64).contains(&bytes[0])));
    let text = "x".repeat(1000);
    let mut said = 0;
    while world.closings(slow).is_empty() {
        world.say(&format!("{said} {text}"));
        world.run_millis(10);
        said += 1;
        assert!(said < 1000, "what waits for a member is bounded");
    }
    // Its channel's buffer and the texts that wait beside it.
    assert!((128 + 256..128 + 256 + 40).contains(&said), "{said}");
    assert_eq!(world.closings(slow), [true]);
    assert_eq!(world.shard.stats().chat_cut_slow, 1);
    let reached = said;
    for _ in 0..50 {
        world.say(&format!("{said} {text}"));
        world.run_millis(10);
        said += 1;
    }
    for id in [publisher, viewer] {
        assert_eq!(world.read(id).len(), said);
        let late = world.client_mut(id).chat.got[reached].0;
        assert!(late <= millis(1000 + 10 * reached as u64 + 40), "{late:?}");
        assert!(world.closings(id).is_empty());
    }
    world.got(viewer).check_whole();
    assert_eq!(world.close_reason(slow), None, "only the channel is closed");
    // When it reads again it finds what was still sent, the farewell, and may come back.
    world.client_mut(slow).down.filter = None;
    world.run_millis(60_000);
    assert_eq!(codes(&world, slow), ["too_slow"]);
    assert_eq!(world.client_mut(slow).chat.closed.len(), 1);
    world.open_chat(slow);
    world.run_millis(500);
    world.tell(slow, "what you missed");
    world.run_millis(100);
    assert_eq!(world.read(slow).last(), Some(&"what you missed"));
}

#[test]
fn a_member_that_reads_slowly_gets_everything() {
    let (mut world, ids) = members(307, 2);
    world.client_mut(ids[0]).down.rate = Some(200_000);
    let text = "x".repeat(400);
    for number in 0..300 {
        world.say(&format!("{number} {text}"));
        world.run_millis(10);
    }
    world.run_millis(30_000);
    assert_eq!(world.read(ids[0]).len(), 300);
    assert!(world.closings(ids[0]).is_empty());
}

#[test]
fn a_channel_that_is_opened_again_is_another_member() {
    let (mut world, _, viewer, _) = three(308);
    let before = world.member(viewer);
    world.say("one");
    world.run_millis(100);
    world.close_chat(viewer);
    world.run_millis(500);
    world.say("two");
    world.open_chat(viewer);
    world.run_millis(500);
    assert_eq!(world.closings(viewer), [false]);
    let after = world.member(viewer);
    assert_eq!((before.peer, before.opening + 1), (after.peer, after.opening));
    // What was meant for the member that it was does not reach it.
    let text = "for the one before".into();
    world.chat(ChatOrder::Tell { member: before, text });
    world.chat(ChatOrder::Admit { member: before });
    world.say("three");
    world.run_millis(100);
    world.tell(viewer, "two and three, once more");
    world.admit(&[viewer]);
    world.say("four");
    world.run_millis(100);
    assert_eq!(world.read(viewer), ["one", "two and three, once more", "four"]);
    world.got(viewer).check_whole();
}

#[test]
fn a_channel_that_is_opened_before_the_old_one_is_closed_takes_its_place() {
    let (mut world, ids) = members(309, 1);
    world.open_chat(ids[0]);
    world.run_millis(500);
    let inputs: Vec<ChatInput> = world.inputs(ids[0]).into_iter().map(|(_, input)| input).collect();
    assert_eq!(inputs, [ChatInput::Opened, ChatInput::Closed { cut: false }, ChatInput::Opened]);
    world.admit(&ids);
    world.say("once");
    world.run_millis(100);
    assert_eq!(world.read(ids[0]), ["once"]);
    assert_eq!(world.shard.stats().chat_members, 1);
}

#[test]
fn a_channel_that_flaps_is_not_opened_again_and_again() {
    let (mut world, ids) = members(310, 2);
    for _ in 0..60 {
        if world.client_mut(ids[0]).chat.open.is_some() {
            world.close_chat(ids[0]);
        }
        world.open_chat(ids[0]);
        world.run_millis(100);
    }
    let opened = world.inputs(ids[0]).iter().filter(|(_, input)| *input == ChatInput::Opened).count();
    assert!((6..=10).contains(&opened), "{opened}");
    assert!(world.shard.stats().chat_flapped > 10);
    world.say("still here");
    world.run_millis(100);
    assert_eq!(world.read(ids[1]), ["still here"]);
}

#[test]
fn channels_that_are_none_of_ours_are_closed() {
    let (mut world, publisher, _, member) = three(311);
    let labelled = |label: &str| ChannelConfig { label: label.to_owned(), ..ChannelConfig::default() };
    let unreliable = ChannelConfig {
        ordered: false,
        reliability: Reliability::MaxRetransmits { retransmits: 0 },
        ..labelled(CHAT_LABEL)
    };
    world.open(member, labelled("files"));
    world.open(member, unreliable);
    world.open(publisher, labelled("sluice-chat2"));
    world.run_millis(500);
    assert_eq!(world.shard.stats().channels_refused, 3);
    let closed = |world: &mut World, id: Id| -> Vec<String> {
        world.client_mut(id).chat.closed.iter().map(|(_, label)| label.clone()).collect()
    };
    assert_eq!(closed(&mut world, member), ["files", CHAT_LABEL]);
    assert_eq!(closed(&mut world, publisher), ["sluice-chat2"]);
    world.say("on the channel that is ours");
    world.run_millis(100);
    assert_eq!(world.read(member), ["on the channel that is ours"]);
}

#[test]
fn a_peer_without_a_chat_of_its_own_cannot_open_the_channel() {
    let mut world = World::new(312);
    world.seat = None;
    let broadcast = world.broadcast();
    let viewer = world.watch(broadcast, Player::with_chat());
    world.run_millis(1000);
    assert!(world.inputs(viewer).is_empty());
    assert_eq!(world.shard.stats().channels_refused, 1);
}

#[test]
fn what_is_no_request_is_answered_and_reaches_nobody() {
    let (mut world, publisher, viewer, member) = three(313);
    let long = "x".repeat(MAX_CHAT_BYTES + 1);
    let huge = "x".repeat(120_000);
    let deep = format!("{}{}", "[".repeat(4000), "]".repeat(4000));
    assert!(world.write(member, false, long.as_bytes()));
    assert!(world.write(member, false, huge.as_bytes()));
    world.run_millis(2000);
    assert!(world.write(member, false, b"\xff\xfe\x00"));
    assert!(world.write(member, true, b"{\"type\":\"ping\"}"));
    assert!(world.write(member, false, deep.as_bytes()));
    world.run_millis(1000);
    assert_eq!(
        codes(&world, member),
        ["body_too_large", "body_too_large", "malformed_json", "malformed_json"]
    );
    // What is text of the right size is for `live` to read.
    assert_eq!(world.heard(member), [deep]);
    let stats = world.shard.stats();
    assert_eq!((stats.chat_refused_size, stats.chat_refused_malformed), (2, 2));
    assert!(world.read(publisher).is_empty() && world.read(viewer).is_empty());
    world.got(viewer).check_whole();
}

#[test]
fn a_message_that_no_buffer_holds_ends_its_sender_and_nobody_else() {
    let (mut world, _, viewer, _) = three(314);
    world.answered = |answer| answer.replace("a=max-message-size:262144", "a=max-message-size:9000000");
    let rogue = world.join();
    world.run_millis(1000);
    let before = world.at();
    let huge = "x".repeat(1_000_000);
    assert!(world.write(rogue, false, huge.as_bytes()), "it does not keep to what the answer says");
    for number in 0..50 {
        world.say(&format!("text {number}"));
        world.run_millis(100);
    }
    assert_eq!(world.read(viewer), numbered(0..50));
    assert!(world.got(viewer).longest_stall(before, world.at()) < millis(100));
    assert!(world.heard(rogue).is_empty());
    assert_eq!(world.closings(rogue), [false]);
    assert!(world.close_reason(rogue).is_some());
}

#[test]
fn a_flood_is_refused_then_cut_and_others_do_not_notice() {
    let (mut world, _, viewer, member) = three(315);
    let from = world.at();
    let mut sent = 0;
    while world.closings(member).is_empty() {
        world.write(member, false, b"{\"type\":\"message\",\"text\":\"spam\"}");
        world.run_millis(1);
        sent += 1;
        if sent % 100 == 0 {
            world.say(&format!("text {}", sent / 100 - 1));
        }
        assert!(sent < 6000);
    }
    let lasted = world.at() - from;
    assert!((millis(3000)..millis(4500)).contains(&lasted), "{lasted:?}");
    assert_eq!(world.closings(member), [true]);
    world.run_millis(2000);
    let told = codes(&world, member);
    assert!(told.len() <= 7 && told.iter().all(|code| code == "rate_limited"), "{told:?}");
    // A burst, and twenty a second.
    let heard = world.heard(member).len();
    assert!((50..=150).contains(&heard), "{heard}");
    assert_eq!(world.read(viewer), numbered(0..sent / 100));
    assert!(world.got(viewer).longest_stall(from, world.at()) < millis(100));
    assert_eq!(world.close_reason(member), None);
}

#[test]
fn a_burst_is_refused_without_an_end() {
    let (mut world, ids) = members(316, 1);
    for _ in 0..3 {
        for _ in 0..300 {
            assert!(world.write(ids[0], false, b"{}"));
        }
        world.run_millis(4000);
    }
    assert!(world.closings(ids[0]).is_empty());
    assert_eq!(world.heard(ids[0]).len(), 150);
    assert_eq!(world.shard.stats().chat_refused_rate, 750);
    assert_eq!(codes(&world, ids[0]).len(), 3);
}

#[test]
fn who_has_to_be_silent_may_ask_and_not_speak() {
    let (mut world, ids) = members(317, 1);
    let member = world.member(ids[0]);
    let until = Some(world.now + millis(5000));
    world.chat(ChatOrder::Silence { member, until });
    let message = br#"{"type":"message","ref":"7","text":"hello"}"#;
    world.write(ids[0], false, message);
    world.write(ids[0], false, br#"{"type":"reaction","emote":"heart"}"#);
    world.write(ids[0], false, br#"{"type":"ping"}"#);
    world.write(ids[0], false, b"nonsense");
    world.run_millis(100);
    assert_eq!(world.heard(ids[0]), [r#"{"type":"ping"}"#, "nonsense"]);
    assert_eq!(codes(&world, ids[0]), ["chat_timed_out", "chat_timed_out"]);
    let answer: serde_json::Value = serde_json::from_str(world.read(ids[0])[0]).unwrap();
    assert_eq!(answer["ref"], "7");
    assert!((4900..=5000).contains(&answer["retry_after"].as_u64().unwrap()), "{answer}");
    world.run_millis(5000);
    world.write(ids[0], false, message);
    world.run_millis(100);
    assert_eq!(world.heard(ids[0]).len(), 3, "it is over");
    world.chat(ChatOrder::Silence { member, until: Some(world.now + millis(5000)) });
    world.chat(ChatOrder::Silence { member, until: None });
    world.write(ids[0], false, message);
    world.run_millis(100);
    assert_eq!(world.heard(ids[0]).len(), 4, "it was lifted");
}

#[test]
fn who_is_put_out_hears_why_and_keeps_the_picture() {
    let (mut world, _, viewer, member) = three(318);
    let put_out = world.member(viewer);
    world.say("one");
    world.chat(ChatOrder::Cut { member: put_out, farewell: "{\"code\":\"chat_banned\"}".into() });
    world.say("two");
    world.write(viewer, false, b"too late");
    world.run_millis(1000);
    assert_eq!(world.read(viewer), ["one", "{\"code\":\"chat_banned\"}"]);
    assert_eq!(world.closings(viewer), [false]);
    assert!(world.heard(viewer).is_empty(), "what it said meanwhile is not heard");
    assert_eq!(world.client_mut(viewer).chat.closed.len(), 1);
    assert_eq!(world.read(member), ["one", "two"]);
    world.got(viewer).check_whole();
    assert_eq!(world.close_reason(viewer), None);
}

#[test]
fn a_channel_that_closes_in_the_middle_of_a_message_leaves_nothing_behind() {
    let (mut world, _, viewer, member) = three(319);
    // Its last fragments never arrive.
    world.client_mut(member).up.filter = Some(Box::new({
        let mut passed = 0;
        move |bytes| {
            passed += usize::from((20..64).contains(&bytes[0]));
            !(20..64).contains(&bytes[0]) || passed <= 2
        }
    }));
    world.write(member, false, "x".repeat(8000).as_bytes());
    world.run_millis(200);
    world.client_mut(member).up.filter = None;
    world.close_client(member);
    world.say("on");
    world.run_millis(12_000);
    assert!(world.heard(member).is_empty());
    assert_eq!(world.closings(member), [false]);
    assert_eq!(world.read(viewer), ["on"]);
    assert_eq!(world.shard.stats().chat_members, 2);
}

#[test]
fn a_peer_without_media_gets_none_and_counts_for_no_viewer() {
    let (mut world, _, viewer, member) = three(320);
    let media = Rc::new(Cell::new(0));
    for id in [viewer, member] {
        let media = Rc::clone(&media);
        world.client_mut(id).down.filter = Some(Box::new(move |bytes| {
            let step = if id == member { 1_000_000 } else { 1 };
            media.set(media.get() + if (128..192).contains(&bytes[0]) { step } else { 0 });
            true
        }));
    }
    world.run_millis(2000);
    assert!((100..1_000_000).contains(&media.get()), "{}", media.get());
    world.close_client(viewer);
    world.run_millis(2000);
    assert_eq!(world.shard.stats().viewers, 0);
    assert_eq!(world.shard.stats().members_held, 1);
    let audience = world.events.iter().rev().find_map(|(_, event)| match event {
        SfuEvent::Audience { viewers, .. } => Some(*viewers),
        _ => None,
    });
    assert_eq!(audience, Some(0));
}

#[test]
fn an_offer_for_the_chat_alone_has_no_tracks() {
    let mut world = World::new(321);
    let with_audio = |offer: String| {
        let audio = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:x\r\na=recvonly\r\n\
                     a=rtpmap:111 opus/48000/2\r\na=rtcp-mux\r\n";
        let group = offer.lines().find(|line| line.starts_with("a=group:BUNDLE")).unwrap().to_owned();
        offer.replace(&group, &format!("{group} x")) + audio
    };
    assert!(matches!(world.try_join(with_audio), Err(SfuError::UnsupportedTracks(_))));
    let without = |offer: String| offer.replace("m=application", "m=text");
    assert!(matches!(world.try_join(without), Err(SfuError::UnsupportedTracks(_))));
}

#[test]
fn a_quiet_member_stays_and_one_that_vanished_goes() {
    let (mut world, ids) = members(322, 2);
    world.client_mut(ids[1]).vanished = true;
    world.run_millis(60_000);
    assert_eq!(world.close_reason(ids[0]), None);
    assert_eq!(world.close_reason(ids[1]).map(|(_, reason)| reason), Some(CloseReason::TimedOut));
    // Its member goes before it.
    let at = |wanted: fn(&SfuEvent) -> bool| world.events.iter().position(|(_, event)| wanted(event));
    let left = at(|event| matches!(event, SfuEvent::Chat { event: ChatInput::Closed { .. }, .. }));
    assert!(left < at(|event| matches!(event, SfuEvent::PeerClosed { .. })));
    world.say("still there");
    world.run_millis(100);
    assert_eq!(world.read(ids[0]), ["still there"]);
}

#[test]
fn an_ice_restart_of_a_member_keeps_the_chat_going() {
    let (mut world, ids) = members(323, 1);
    let Reply::Restarted(_) = world.restart_ice(ids[0]) else { panic!("it is accepted") };
    say_all(&mut world, 0..100, 100);
    world.run_millis(1000);
    assert_eq!(world.read(ids[0]), numbered(0..100));
    assert_eq!(world.close_reason(ids[0]), None);
}

#[test]
fn a_server_that_stops_says_so_to_members() {
    let (mut world, _, viewer, member) = three(324);
    world.command(Command::Drain { url: None });
    world.run_millis(200);
    for id in [viewer, member] {
        assert_eq!(codes(&world, id), ["overloaded"]);
        assert_eq!(world.closings(id), [false]);
        assert!(world.client_mut(id).closed.is_some());
    }
}

#[test]
fn the_end_of_a_broadcast_is_not_the_end_of_the_chat() {
    let (mut world, _, viewer, member) = three(325);
    let broadcast = sluice_domain::BroadcastId(uuid::Uuid::from_u128(1));
    world.command(Command::CloseBroadcast { broadcast });
    world.say("and now?");
    world.run_millis(200);
    assert_eq!(world.closings(viewer), [false]);
    assert_eq!(world.read(member), ["and now?"]);
}
