//! Tests of the sequence tracker, on made-up time.

use std::time::Duration;

use super::*;

struct Run {
    start: Instant,
    stream: Stream,
}

fn run() -> Run {
    let mut stream = Stream::new(Frames::new(90_000));
    stream.holes.repairable = true;
    Run { start: Instant::now(), stream }
}

impl Run {
    fn at(&self, millis: u64) -> Instant {
        self.start + Duration::from_millis(millis)
    }

    /// One packet that is a whole frame.
    fn packet(&mut self, millis: u64, sequence: u16, repaired: bool) -> Outcome {
        let part = Part {
            timestamp: 3000 * u32::from(sequence.wrapping_add(100)),
            marker: true,
            key: true,
            starts: true,
            padding: false,
            picture_id: None,
        };
        let arrival = Arrival { sequence, repaired, part };
        self.stream.receive(self.at(millis), arrival)
    }

    fn nacks(&mut self, millis: u64) -> Vec<u16> {
        let mut nacks = Vec::new();
        let now = self.at(millis);
        self.stream.handle_timeout(now, &mut nacks);
        nacks
    }
}

#[test]
fn packets_in_order_across_the_wrap_are_frames_and_nothing_else() {
    let mut run = run();
    for (at, sequence) in [65_534u16, 65_535, 0, 1].into_iter().enumerate() {
        assert_eq!(run.packet(at as u64, sequence, false), Outcome::Fresh);
    }
    let counts = run.stream.counts;
    assert_eq!(run.stream.frames.counts.frames, 4);
    assert_eq!((counts.packets, counts.holes, counts.lost, counts.reordered), (4, 0, 0, 0));
    assert!(run.stream.next_timeout().is_none());
}

#[test]
fn a_hole_is_asked_for_again_and_again_and_then_given_up() {
    let mut run = run();
    run.packet(0, 10, false);
    run.packet(1, 13, false);
    assert_eq!(run.nacks(2), [] as [u16; 0], "reordering gets a moment");
    assert_eq!(run.nacks(6), [11, 12]);
    assert_eq!(run.nacks(30), [] as [u16; 0]);
    assert_eq!(run.nacks(70), [11, 12]);
    assert_eq!(run.packet(80, 11, true), Outcome::Fresh);
    assert_eq!(run.nacks(140), [12]);
    assert_eq!(run.stream.frames.counts.frames, 2);
    run.nacks(1100);
    assert_eq!(run.stream.counts.lost, 1);
    assert_eq!(run.stream.counts.repaired, 1);
    assert_eq!(run.packet(1200, 12, true), Outcome::Late);
    assert!(run.stream.next_timeout().is_none());
}

#[test]
fn duplicates_of_the_network_and_of_probes_are_told_apart() {
    let mut run = run();
    run.packet(0, 5, false);
    run.packet(1, 6, false);
    assert_eq!(run.packet(2, 6, false), Outcome::Duplicate);
    assert_eq!(run.packet(3, 5, true), Outcome::Duplicate);
    let counts = run.stream.counts;
    assert_eq!((counts.duplicates, counts.repair_duplicates), (1, 1));
}

#[test]
fn reordered_packets_are_counted_and_still_make_frames_in_order() {
    let mut run = run();
    for sequence in [1, 3, 2, 4] {
        run.packet(u64::from(sequence), sequence, false);
    }
    assert_eq!(run.stream.counts.reordered, 1);
    assert_eq!(run.stream.frames.counts.frames, 4);
    assert_eq!(run.stream.frames.counts.timestamp_jumps, 0);
}

#[test]
fn a_jump_of_the_sequence_is_a_violation_and_counting_goes_on() {
    let mut run = run();
    run.packet(0, 100, false);
    run.packet(33, 5000, false);
    run.packet(66, 5001, false);
    let counts = run.stream.counts;
    assert_eq!((counts.sequence_violations, counts.lost), (1, 0));
    assert_eq!(counts.packets, 3);
}

#[test]
fn a_receiver_report_tells_the_loss_since_the_last_one() {
    let mut run = run();
    for sequence in [0, 1, 2, 4] {
        run.packet(u64::from(sequence), sequence, false);
    }
    assert_eq!(run.stream.report(), (51, 1, 4));
    run.packet(10, 5, false);
    assert_eq!(run.stream.report(), (0, 1, 5));
}

#[test]
fn a_burst_larger_than_the_ring_gives_up_the_oldest_holes() {
    let mut run = run();
    run.packet(0, 0, false);
    for sequence in 2..1500 {
        run.packet(1, sequence, false);
    }
    assert_eq!(run.stream.counts.lost, 1);
    assert_eq!(run.stream.frames.counts.frames, 1499);
}

#[test]
fn what_is_missing_at_the_very_end_is_not_called_lost() {
    let mut run = run();
    run.packet(0, 0, false);
    run.packet(100, 2, false);
    run.packet(990, 4, false);
    let end = run.at(1000);
    run.stream.finish(end);
    assert_eq!(run.stream.counts.lost, 1);
}

#[test]
fn holes_that_nobody_repairs_are_given_up_soon_and_cause_no_hurry() {
    let mut run = run();
    run.stream.holes.repairable = false;
    run.packet(0, 0, false);
    run.packet(20, 2, false);
    assert_eq!(run.stream.next_timeout(), Some(run.at(120)));
    assert_eq!(run.nacks(60), [] as [u16; 0]);
    assert_eq!(run.stream.next_timeout(), Some(run.at(120)));
    run.nacks(120);
    assert_eq!(run.stream.counts.lost, 1);
    assert_eq!(run.stream.next_timeout(), None);
}
