//! Publishers that come and go, lose packets, and send what no standard allows.

use super::*;

fn discontinuities(run: &Run) -> Vec<u64> {
    let cuts = run.entries.iter().filter_map(|entry| match entry {
        Entry::Boundary { segment, discontinuity: true, .. } => Some(*segment),
        _ => None,
    });
    cuts.collect()
}

fn inits(run: &Run, rendition: Rendition) -> Vec<Option<(u16, u16)>> {
    run.book.shelves[&rendition].inits.iter().map(|init| init.size).collect()
}

#[test]
fn a_layer_that_goes_away_leaves_gaps_and_comes_back_in_step() {
    let mut run = Run::new(Publisher::simulcast()).run(10);
    run.publisher.streams[0].active = false;
    let mut run = run.run(21);
    run.publisher.streams[0].active = true;
    let run = run.run(15).end();
    run.assert_sound();
    let gaps = run.closed(V0).iter().filter(|closed| closed.gap).count();
    assert!((4..=6).contains(&gaps), "{gaps}");
    assert!(run.closed(V1).iter().all(|closed| !closed.gap));
    assert_eq!(run.closed(V0).len(), run.closed(V1).len());
    let last = run.closed(V0).len() - 2;
    let at = |rendition: Rendition| run.closed(rendition)[last].start as f64 / 90_000.0;
    assert!((at(V0) - at(V1)).abs() < 0.04, "{} {}", at(V0), at(V1));
    assert!(discontinuities(&run).is_empty(), "nobody else notices");
}

#[test]
fn a_layer_that_begins_late_has_gaps_before_it() {
    let mut publisher = Publisher::simulcast();
    publisher.streams[0].active = false;
    let mut run = Run::new(publisher).run(10);
    run.publisher.streams[0].active = true;
    let run = run.run(10).end();
    run.assert_sound();
    let last = run.book.last().unwrap();
    let aligned = run.book.aligned(V0, 0..=last);
    assert_eq!(aligned.len() as u64, last + 1);
    assert!(aligned[0].gap && aligned[1].gap && !aligned[aligned.len() - 1].gap);
}

#[test]
fn a_publisher_that_comes_back_is_one_discontinuity_for_all_renditions() {
    let run = Run::new(Publisher::simulcast()).run(10).reconnect(7_000_000).run(10).end();
    run.assert_sound();
    let cuts = discontinuities(&run);
    assert_eq!(cuts.len(), 1, "{cuts:?}");
    for rendition in [V0, V1, V2, A0] {
        let closed = run.closed(rendition);
        assert_eq!(closed.len(), run.closed(V0).len());
        assert!(closed.iter().all(|closed| !closed.gap), "{closed:?}");
        let after = closed.iter().find(|closed| closed.segment == cuts[0]).unwrap();
        let at = after.start as f64 / f64::from(timescale(rendition));
        assert!((at - 17.0).abs() < 0.1, "{rendition} {at}: the time line is that of the clock");
        assert_eq!(run.book.shelves[&rendition].inits.len(), 1, "nothing else changed");
    }
}

#[test]
fn a_layer_that_is_lost_for_good_by_a_reconnect_is_gaps_until_the_end() {
    let mut run = Run::new(Publisher::simulcast()).run(10).reconnect(2_000_000);
    run.publisher.streams[2].active = false;
    let run = run.run(20).end();
    run.assert_sound();
    assert_eq!(run.closed(V2).len(), run.closed(V0).len());
    assert!(run.closed(V2).iter().skip(4).all(|closed| closed.gap));
}

#[test]
fn another_size_in_the_middle_is_another_init_and_a_discontinuity() {
    let mut run = Run::new(Publisher::simulcast()).run(10);
    run.publisher.streams[0].size = (960, 544);
    run.publisher.want(0);
    let run = run.run(10).end();
    run.assert_sound();
    assert_eq!(inits(&run, V0), [Some((1280, 720)), Some((960, 544))]);
    assert_eq!(discontinuities(&run).len(), 1);
    for rendition in [V1, V2, A0] {
        assert_eq!(run.book.shelves[&rendition].inits.len(), 1);
        assert_eq!(run.closed(rendition).len(), run.closed(V0).len());
    }
}

#[test]
fn parameter_sets_that_change_with_every_picture_make_no_segment_of_each() {
    let mut run = Run::new(Publisher::new(&[(1280, 720)], true)).run(4);
    for turn in 0..300_u16 {
        run.publisher.streams[0].size = (320 + 16 * (turn % 7), 176);
        run.publisher.want(0);
        let (packets, now) = run.publisher.next();
        run.say(Tapped::Packets(packets), now);
    }
    let run = run.end();
    run.assert_sound();
    let seconds = (run.publisher.now - START) / 1_000_000;
    assert!(run.closed(V0).len() as i64 <= 3 + 2 * seconds, "{} in {seconds} s", run.closed(V0).len());
}

#[test]
fn another_codec_goes_on_in_the_same_rendition() {
    let mut run = Run::new(Publisher::new(&[(640, 368)], true)).run(10);
    run.publisher.streams[0].codec = Codec::Vp8;
    let run = run.reconnect(1_000_000).run(10).end();
    run.assert_sound();
    let codecs: Vec<Codec> = run.book.shelves[&V0].inits.iter().map(|init| init.codec).collect();
    assert_eq!(codecs, [Codec::H264, Codec::Vp8]);
    assert_eq!(discontinuities(&run).len(), 1);
    assert!(run.closed(V0).iter().all(|closed| !closed.gap));
}

#[test]
fn lost_packets_are_counted_and_the_hole_shows_the_picture_before_it() {
    let mut publisher = Publisher::new(&[(1280, 720)], true);
    publisher.streams[0].lose = (1_100..1_103).collect();
    let run = Run::new(publisher).run(12).end();
    run.assert_sound();
    assert_eq!(run.book.gaps, 1);
    assert!(discontinuities(&run).is_empty());
    assert!((run.seconds(V0) - 12.0).abs() < 0.1, "{}", run.seconds(V0));
    let samples = run.samples(V0);
    let hole = samples.windows(2).map(|pair| pair[1].0 - pair[0].0).max().unwrap();
    assert!((12_000..200_000).contains(&hole), "{hole} ticks");
    let after = samples.windows(2).find(|pair| pair[1].0 - pair[0].0 == hole).unwrap()[1];
    assert!(after.2, "what follows a hole is a key frame");
}

#[test]
fn what_a_full_queue_lost_is_counted_once_and_all_layers_begin_anew() {
    let mut run = Run::new(Publisher::simulcast()).run(6);
    let now = MediaTime(run.publisher.now);
    run.publisher.seconds(1);
    for layer in 0..3 {
        run.publisher.want(layer);
    }
    run.say(Tapped::Lost { packets: 250 }, now);
    let run = run.run(10).end();
    run.assert_sound();
    assert_eq!(run.book.gaps, 1);
    assert!((run.seconds(V0) - 17.0).abs() < 0.2, "{}", run.seconds(V0));
}

#[test]
fn sound_that_pauses_is_silence_and_stays_in_step() {
    let mut run = Run::new(Publisher::new(&[(640, 368)], true)).run(6);
    run.publisher.streams[1].active = false;
    let mut run = run.run(2);
    run.publisher.streams[1].active = true;
    let run = run.run(6).end();
    run.assert_sound();
    assert!((run.seconds(A0) - 14.0).abs() < 0.1, "{}", run.seconds(A0));
    let samples = run.samples(A0);
    let longest = samples.windows(2).map(|pair| pair[1].0 - pair[0].0).max().unwrap();
    assert!(longest < 2 * 960, "{longest} ticks");
    assert!(run.book.gaps <= 1);
}

#[test]
fn timestamps_that_jump_are_a_discontinuity_and_nothing_is_torn() {
    let mut run = Run::new(Publisher::new(&[(1280, 720)], true)).run(10);
    // The encoder begins to count from anew, and its sender reports follow.
    run.publisher.streams[0].offset = run.publisher.streams[0].offset.wrapping_add(500_000_000);
    let run = run.run(10).end();
    run.assert_sound();
    assert!(discontinuities(&run).len() <= 2, "{:?}", discontinuities(&run));
    assert!((run.seconds(V0) - 20.0).abs() < 3.0, "{}", run.seconds(V0));
    let last = run.samples(V0).last().unwrap().0 as f64 / 90_000.0;
    let sound = run.samples(A0).last().unwrap().0 as f64 / 48_000.0;
    assert!((last - sound).abs() < 0.1, "{last} {sound}");
}

#[test]
fn a_tap_that_begins_with_join_caches_begins_with_their_oldest_picture() {
    let mut publisher = Publisher::new(&[(1280, 720), (640, 368)], true);
    publisher.streams[0].obeys = false;
    publisher.streams[0].gop = Some(60);
    let cached = publisher.seconds(2);
    let packets = |layer: usize| {
        let of = cached.iter().filter_map(|message| match message {
            Tapped::Packets(packets) => Some(packets),
            _ => None,
        });
        let mut packets: Vec<TappedPacket> = of.flatten().cloned().collect();
        packets.retain(|packet| packet.codec != Codec::Opus && packet.layer == layer);
        packets
    };
    let caches = [packets(0), packets(1)].concat();
    let mut run = Run::new(publisher);
    let now = MediaTime(run.publisher.now);
    run.say(Tapped::Packets(caches), now);
    let run = run.run(10).end();
    run.assert_sound();
    assert_eq!(run.book.origin, Some(MediaTime(START)));
    assert!((run.seconds(V0) - 12.0).abs() < 0.1, "{}", run.seconds(V0));
    assert!((run.seconds(A0) - 10.0).abs() < 0.1, "{}", run.seconds(A0));
}

#[test]
fn packets_in_any_order_with_any_bytes_break_nothing() {
    let mut seed = 7_u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        seed >> 33
    };
    let mut run = Run::new(Publisher::simulcast()).run(3);
    for _ in 0..20_000 {
        let (mut packets, now) = run.publisher.next();
        for packet in &mut packets {
            match random() % 40 {
                0 => packet.timestamp = random() as u32,
                1 => packet.captured = MediaTime(random() as i64),
                2 => packet.payload = (0..random() % 50).map(|_| random() as u8).collect(),
                3 => packet.seq = packet.seq.wrapping_sub(random() % 300),
                4 => packet.source = random() as u32 % 5,
                5 => packet.layer = random() as usize % 12,
                6 => packet.codec = [Codec::H264, Codec::Vp8, Codec::Vp9, Codec::Av1][random() as usize % 4],
                7 => packet.captured = MediaTime(i64::MAX),
                _ => {}
            }
        }
        match random() % 2_000 {
            0 => run.say(Tapped::Interrupted, now),
            1 => run.say(Tapped::Lost { packets: random() }, now),
            _ => {}
        }
        run.say(Tapped::Packets(packets), now);
        assert!(run.session.samples_held() < 2_500);
    }
    let run = run.end();
    let decodes = |r: Rendition| run.samples(r).iter().map(|(decode, ..)| *decode).collect::<Vec<_>>();
    for rendition in run.book.shelves.keys() {
        assert!(decodes(*rendition).windows(2).all(|pair| pair[0] < pair[1]));
    }
}
