//! The estimator on simulated lines, with the seeds of the runs in the assertions.

mod link;
mod world;

use proptest::prelude::*;

use super::*;
use link::Link;
use world::{INITIAL, World};

const SEEDS: std::ops::Range<u64> = 1..9;

#[test]
fn a_viewer_costs_less_than_four_kilobytes() {
    assert!(size_of::<Estimator>() < 4_096, "{}", size_of::<Estimator>());
}

#[test]
fn a_wide_line_is_known_within_a_second() {
    for seed in SEEDS {
        let mut world =
            World::new(Link { rate: 20_000_000, feedback_every: 100_000, ..Link::default() }, seed);
        world.layers = vec![4_000_000, 800_000, 250_000];
        let took = world.until(1.5, |world| world.estimator.estimate() >= 4_000_000);
        println!("seed {seed}: known after {took:?} ms");
        assert!(took.is_some(), "seed {seed}{}", world.timeline());
    }
}

#[test]
fn a_collapse_is_followed_within_400_ms_and_the_way_back_within_4_s() {
    for (queue, feedback_every, jitter) in
        [(150_000, 50_000, 0), (200_000, 100_000, 0), (200_000, 100_000, 15_000), (150_000, 100_000, 5_000)]
    {
        for seed in SEEDS {
            let link = Link { queue, feedback_every, jitter, ..Link::default() };
            let mut world = World::new(link, seed);
            world.run(10.0 + seed as f64 * 0.231);
            assert_eq!(world.layer, 0, "seed {seed}{}", world.timeline());
            world.line.link.rate = 1_000_000;
            let down = world.until(2.0, |world| world.estimator.estimate() < 1_000_000);
            let down_layer = world.until(2.0, |world| world.layer > 0);
            world.run(10.0);
            let held = world.range(world.now as f64 / 1e6 - 8.0);
            world.line.link.rate = 5_000_000;
            let up = world.until(8.0, |world| world.layer == 0);
            println!(
                "queue {queue} feedback {feedback_every} jitter {jitter} seed {seed}: down {down:?}+{down_layer:?} ms, then {held:?}, up {up:?} ms"
            );
            assert!(down.is_some_and(|took| took <= 400), "seed {seed}: {down:?}{}", world.timeline());
            assert!(held.0 > 400_000 && held.1 < 1_400_000, "seed {seed}: {held:?}{}", world.timeline());
            assert!(up.is_some_and(|took| took <= 4_000), "seed {seed}: {up:?}{}", world.timeline());
        }
    }
}

/// Runs a minute and expects the best layer from the tenth second on.
fn steady(link: &Link, seed: u64) {
    let mut world = World::new(link.clone(), seed);
    world.run(60.0);
    let (least, most) = world.range(10.0);
    println!(
        "seed {seed}: {least} to {most}, {} switches, {} bytes padded",
        world.switches(5.0),
        world.padded
    );
    assert_eq!(world.switches(10.0), 0, "seed {seed}{}", world.timeline());
    assert_eq!(world.layer, 0, "seed {seed}{}", world.timeline());
    assert!(least >= 2_500_000, "seed {seed}{}", world.timeline());
    assert!(most < 5_600_000, "seed {seed}{}", world.timeline());
}

#[test]
fn a_bursty_sender_on_a_steady_line_does_not_oscillate() {
    SEEDS.for_each(|seed| steady(&Link::default(), seed));
}

#[test]
fn jitter_of_a_radio_does_not_oscillate() {
    SEEDS.for_each(|seed| steady(&Link { jitter: 30_000, feedback_every: 100_000, ..Link::default() }, seed));
}

#[test]
fn pauses_of_a_radio_do_not_oscillate() {
    SEEDS.for_each(|seed| steady(&Link { jitter: 10_000, pauses: 0.3, ..Link::default() }, seed));
}

#[test]
fn random_loss_does_not_collapse_the_estimate() {
    SEEDS.for_each(|seed| steady(&Link { loss: 0.05, ..Link::default() }, seed));
    SEEDS.for_each(|seed| steady(&Link { loss: 0.02, jitter: 20_000, ..Link::default() }, seed));
}

#[test]
fn others_leave_room_that_is_used() {
    SEEDS.for_each(|seed| steady(&Link { rate: 8_000_000, others: 3_000_000, ..Link::default() }, seed));
}

#[test]
fn disordered_lost_and_repeated_feedback_changes_nothing() {
    SEEDS.for_each(|seed| {
        steady(&Link { feedback_loss: 0.1, feedback_disorder: true, drift: 100, ..Link::default() }, seed);
    });
}

#[test]
fn a_narrow_line_is_not_overrun() {
    for seed in SEEDS {
        let mut world = World::new(Link { rate: 1_200_000, ..Link::default() }, seed);
        world.run(60.0);
        let (least, most) = world.range(10.0);
        let waits: Vec<_> = world.since(10.0).map(|row| row.wait).collect();
        let mean = waits.iter().sum::<i64>() / i64::try_from(waits.len()).unwrap() / 1_000;
        println!(
            "seed {seed}: {least} to {most}, {} switches, mean wait {mean} ms, {} bytes padded",
            world.switches(10.0),
            world.padded
        );
        assert!(least > 500_000 && most < 1_600_000, "seed {seed}{}", world.timeline());
        assert!(world.switches(10.0) <= 2, "seed {seed}{}", world.timeline());
        assert!(mean < 60, "seed {seed}: {mean}{}", world.timeline());
    }
}

#[test]
fn a_narrow_radio_is_not_overrun() {
    for seed in SEEDS {
        let mut world = World::new(Link { rate: 2_000_000, jitter: 30_000, ..Link::default() }, seed);
        world.run(60.0);
        let (least, most) = world.range(10.0);
        println!("seed {seed}: {least} to {most}, {} switches", world.switches(10.0));
        assert!(least > 1_200_000 && most < 2_600_000, "seed {seed}{}", world.timeline());
        assert_eq!(world.switches(10.0), 0, "seed {seed}{}", world.timeline());
    }
}

#[test]
fn a_line_narrower_than_the_first_estimate_is_known_within_a_second() {
    for seed in SEEDS {
        let mut world = World::new(Link { rate: 500_000, ..Link::default() }, seed);
        let took = world.until(1.0, |world| world.estimator.estimate() < 600_000);
        println!("seed {seed}: known after {took:?} ms");
        assert!(took.is_some(), "seed {seed}{}", world.timeline());
    }
}

#[test]
fn a_line_that_narrows_slowly_is_followed_without_a_long_queue() {
    for seed in SEEDS {
        let mut world = World::new(Link { queue: 1_000_000, jitter: 5_000, ..Link::default() }, seed);
        world.run(10.0);
        for _ in 0..40 {
            world.line.link.rate -= 100_000;
            world.run(0.5);
        }
        let waits: Vec<_> = world.since(10.0).map(|row| row.wait).collect();
        let (mean, most) = (waits.iter().sum::<i64>() / 400, waits.iter().max().unwrap());
        println!("seed {seed}: mean wait {mean} us, most {most} us, {} switches", world.switches(10.0));
        assert!(mean < 100_000 && *most < 600_000, "seed {seed}: {mean} {most}{}", world.timeline());
        assert!(world.estimator.estimate() < 1_300_000, "seed {seed}{}", world.timeline());
    }
}

#[test]
fn a_policer_without_a_queue_is_followed() {
    for seed in SEEDS {
        let mut world = World::new(Link { queue: 20_000, feedback_every: 100_000, ..Link::default() }, seed);
        (world.pinned, world.layer, world.fill) = (true, 0, false);
        world.run(8.0);
        world.line.link.rate = 1_000_000;
        let took = world.until(3.0, |world| world.estimator.estimate() < 1_100_000);
        println!("seed {seed}: known after {took:?} ms");
        assert!(took.is_some_and(|took| took <= 1_000), "seed {seed}: {took:?}{}", world.timeline());
    }
}

#[test]
fn little_media_neither_lowers_the_estimate_nor_lets_it_climb_for_ever() {
    for seed in SEEDS {
        let mut world = World::new(Link { rate: 20_000_000, jitter: 10_000, ..Link::default() }, seed);
        (world.layers, world.pinned, world.layer, world.fill) = (vec![500_000], true, 0, false);
        world.run(60.0);
        let (least, most) = world.range(0.0);
        assert!(
            least >= INITIAL && most <= INITIAL + 100_000,
            "seed {seed}: {least} {most}{}",
            world.timeline()
        );
    }
}

#[test]
fn an_idle_hour_breaks_nothing() {
    for seed in SEEDS {
        let mut world = World::new(Link { drift: 50, ..Link::default() }, seed);
        world.run(10.0);
        let before = world.estimator.estimate();
        world.live = false;
        world.run(1.0);
        assert_eq!(world.estimator.next(), None);
        world.run(3_599.0);
        world.live = true;
        world.run(0.5);
        assert!(world.estimator.estimate() > before * 9 / 10, "seed {seed}{}", world.estimator.estimate());
        // And what it learns after that is followed as before.
        world.run(10.0);
        world.line.link.rate = 1_000_000;
        let down = world.until(2.0, |world| world.estimator.estimate() < 1_000_000);
        assert!(down.is_some_and(|took| took <= 400), "seed {seed}: {down:?}");
    }
}

#[test]
fn a_jump_of_the_remote_clock_is_survived() {
    for (seed, jump) in
        SEEDS.flat_map(|seed| [3_000_000_000, -3_000_000_000, 700_000, -700_000].map(|jump| (seed, jump)))
    {
        let mut world = World::new(Link::default(), seed);
        world.run(10.0);
        world.line.link.epoch += jump;
        world.run(10.0);
        let (least, _) = world.range(9.0);
        println!("seed {seed} jump {jump}: {least}");
        assert!(least >= 2_500_000, "seed {seed} jump {jump}{}", world.timeline());
    }
}

#[test]
fn padding_stops_when_nothing_is_heard_and_begins_again() {
    let mut world = World::new(Link { rate: 2_000_000, ..Link::default() }, 1);
    world.run(5.0);
    world.line.link.feedback_loss = 1.0;
    world.run(2.0);
    let padded = world.padded;
    world.run(5.0);
    assert_eq!(world.padded, padded);
    world.line.link.feedback_loss = 0.0;
    world.run(5.0);
    assert!(world.padded > padded);
}

proptest! {
    #[test]
    fn feedback_of_strangers_breaks_nothing(
        messages in proptest::collection::vec(
            (0_i64..1_000_000, 0_u64..400, proptest::collection::vec(any::<(bool, i32, u8)>(), 0..40)),
            0..60,
        ),
        start in -(1_i64 << 50)..1 << 50,
    ) {
        let mut estimator = Estimator::new(INITIAL, start);
        let mut now = start;
        for (passed, first, packets) in messages {
            now += passed;
            let results: Vec<_> = (first..)
                .zip(packets)
                .map(|(seq, (arrived, offset, probe))| PacketResult {
                    seq,
                    sent: now - 50_000 + i64::from(probe) * 100,
                    received: arrived.then(|| now - start + i64::from(offset) * 250),
                    bytes: 1_200,
                    probe: probe % 3,
                })
                .collect();
            estimator.feedback(now, &results);
            estimator.set_wanted(3_000_000, 4_000_000);
            while let Some(padding) = estimator.poll_padding(now) {
                prop_assert!(padding.bytes > 0);
                estimator.sent(now, padding.bytes);
            }
            prop_assert!((50_000..=500_000_000).contains(&estimator.estimate()));
            prop_assert!(estimator.next().is_none_or(|next| next > now));
        }
    }
}
