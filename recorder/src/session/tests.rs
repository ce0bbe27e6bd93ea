//! Broadcasts on simulated time, good ones and bad ones.

use std::collections::BTreeMap;

use sluice_domain::Codec;
use sluice_media::cmaf;

use super::*;
use crate::book::Book;
use crate::entry::{Closed, timescale};
use crate::testing::{Publisher, START, begun};
use crate::texts;

mod bad;
mod long;
mod real;

/// A session with what came of it.
struct Run {
    publisher: Publisher,
    session: Session,
    book: Book,
    entries: Vec<Entry>,
    files: BTreeMap<(Rendition, u64), Vec<u8>>,
    inits: BTreeMap<(Rendition, u32), Bytes>,
    wants: u64,
    outputs: Vec<Output>,
}

impl Run {
    fn new(publisher: Publisher) -> Self {
        Self {
            publisher,
            session: Session::new(Duration::from_secs(4), Duration::from_millis(333)),
            book: Book::new(begun(true)),
            entries: Vec::new(),
            files: BTreeMap::new(),
            inits: BTreeMap::new(),
            wants: 0,
            outputs: Vec::new(),
        }
    }

    fn run(mut self, seconds: i64) -> Self {
        let until = self.publisher.now + seconds * 1_000_000;
        loop {
            let mut ahead = self.publisher.clone();
            let (packets, now) = ahead.next();
            if now.0 >= until {
                break;
            }
            self.publisher = ahead;
            if !packets.is_empty() {
                self.say(Tapped::Packets(packets), now);
            }
        }
        self.publisher.now = until;
        self
    }

    fn say(&mut self, tapped: Tapped, now: MediaTime) {
        let mut outputs = std::mem::take(&mut self.outputs);
        self.session.handle_tapped(tapped, now, &mut outputs);
        self.take(&mut outputs);
        self.outputs = outputs;
    }

    fn reconnect(mut self, after: i64) -> Self {
        self.say(Tapped::Interrupted, MediaTime(self.publisher.now));
        self.publisher.reconnect(after);
        self
    }

    fn end(mut self) -> Self {
        let mut outputs = Vec::new();
        self.session.handle_end(MediaTime(self.publisher.now), &mut outputs);
        self.take(&mut outputs);
        self
    }

    fn take(&mut self, outputs: &mut Vec<Output>) {
        for output in outputs.drain(..) {
            match output {
                Output::Want(layer) => {
                    self.wants += 1;
                    self.publisher.want(layer);
                }
                Output::Entry(entry, bytes) => {
                    if let Entry::Part(part) = &entry {
                        assert_eq!(part.bytes, bytes.len() as u64);
                        self.files
                            .entry((part.rendition, part.segment))
                            .or_default()
                            .extend_from_slice(&bytes);
                    }
                    if let Entry::Init(init) = &entry {
                        self.inits.insert((init.rendition, init.init), bytes.clone());
                    }
                    self.book.apply(&entry);
                    self.entries.push(entry);
                }
            }
        }
    }

    fn closed(&self, rendition: Rendition) -> Vec<Closed> {
        let closed = self.entries.iter().filter_map(|entry| match entry {
            Entry::Closed(closed) if closed.rendition == rendition => Some(*closed),
            _ => None,
        });
        closed.collect()
    }

    fn seconds(&self, rendition: Rendition) -> f64 {
        let closed = self.closed(rendition);
        closed.iter().map(|c| c.duration as f64 / f64::from(timescale(rendition))).sum()
    }

    /// Decoding time, presentation time and key flag of every sample, in order.
    fn samples(&self, rendition: Rendition) -> Vec<(u64, i64, bool)> {
        let of = self.files.iter().filter(|((of, _), _)| *of == rendition);
        let samples = of.flat_map(|(_, bytes)| cmaf::samples(bytes));
        samples.map(|s| (s.decode, s.decode as i64 + i64::from(s.offset), s.key)).collect()
    }

    /// What holds for every recording, however bad its publisher is.
    fn assert_sound(&self) {
        for (rendition, shelf) in &self.book.shelves {
            let closed = self.closed(*rendition);
            let numbers: Vec<u64> = closed.iter().map(|closed| closed.segment).collect();
            assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{rendition} {numbers:?}");
            assert!(shelf.open.is_none(), "{rendition} is closed");
            for (segment, bytes) in self.files.iter().filter(|((of, _), _)| of == rendition) {
                assert_eq!(cmaf::complete_prefix(bytes), bytes.len(), "{segment:?}");
                let known = shelf.segments.iter().find(|s| s.segment == segment.1).unwrap();
                assert_eq!(known.bytes, bytes.len() as u64, "{segment:?}");
            }
            let decodes: Vec<u64> = self.samples(*rendition).iter().map(|(decode, ..)| *decode).collect();
            assert!(decodes.windows(2).all(|pair| pair[0] < pair[1]), "{rendition}: decoding times rise");
            let longest = 3 * 4 + 3;
            for closed in closed.iter().filter(|closed| !closed.gap) {
                let limit = longest * u64::from(timescale(*rendition));
                assert!(closed.duration <= limit, "{rendition} {closed:?}");
            }
        }
    }
}

const V0: Rendition = Rendition::Video(0);
const V1: Rendition = Rendition::Video(1);
const V2: Rendition = Rendition::Video(2);
const A0: Rendition = Rendition::Audio;

// Requirements: R119
#[test]
fn three_layers_and_sound_are_cut_at_the_same_times_every_four_seconds() {
    let run = Run::new(Publisher::simulcast()).run(61).end();
    run.assert_sound();
    for rendition in [V0, V1, V2, A0] {
        let closed = run.closed(rendition);
        assert!((15..=17).contains(&closed.len()), "{rendition} {}", closed.len());
        assert!(closed.iter().all(|closed| !closed.gap));
        assert!((run.seconds(rendition) - 61.0).abs() < 0.1, "{rendition} {}", run.seconds(rendition));
        for (index, closed) in closed.iter().enumerate().take(14) {
            let seconds = closed.duration as f64 / f64::from(timescale(rendition));
            assert!((3.4..=4.3).contains(&seconds), "{rendition} {index} {seconds}");
            let at = closed.start as f64 / f64::from(timescale(rendition));
            let of_first = run.closed(V0)[index].start as f64 / 90_000.0;
            assert!((at - of_first).abs() <= 0.04, "{rendition} {index} {at} {of_first}");
        }
    }
    let independent = run.entries.iter().filter_map(|entry| match entry {
        Entry::Part(part) if part.part == 0 => Some(part.independent),
        _ => None,
    });
    assert!(independent.clone().count() > 50);
    assert!(independent.clone().all(|independent| independent), "every segment begins with a key frame");
    assert_eq!(run.book.gaps, 0);
    assert!(run.wants < 15 * 3 + 6, "{} key frames asked for", run.wants);
}

#[test]
fn parts_are_as_long_as_asked_for_and_lie_one_behind_the_other() {
    let run = Run::new(Publisher::simulcast()).run(30).end();
    for rendition in [V0, V2, A0] {
        let parts: Vec<_> = run
            .entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Part(part) if part.rendition == rendition => Some(*part),
                _ => None,
            })
            .collect();
        for pair in parts.windows(2) {
            assert_eq!(pair[0].start + pair[0].duration, pair[1].start, "{pair:?}");
            let seconds = pair[0].duration as f64 / f64::from(timescale(rendition));
            assert!(seconds <= 0.334, "{seconds}");
            if pair[0].segment == pair[1].segment {
                assert!(seconds >= 0.85 * 0.334, "{seconds}: the draft wants 85 % at least");
                assert_eq!(pair[0].part + 1, pair[1].part);
            } else {
                assert_eq!((pair[0].segment + 1, 0), (pair[1].segment, pair[1].part));
            }
        }
    }
}

#[test]
fn a_publisher_with_key_frames_of_its_own_is_not_asked_for_more() {
    let mut publisher = Publisher::new(&[(1280, 720)], true);
    publisher.streams[0].gop = Some(60);
    let run = Run::new(publisher).run(60).end();
    run.assert_sound();
    assert!(run.wants <= 3, "{}", run.wants);
    let closed = run.closed(V0);
    let long = closed.iter().take(14).map(|closed| closed.duration as f64 / 90_000.0);
    assert!(
        long.clone().skip(2).all(|seconds| (3.9..=4.1).contains(&seconds)),
        "{:?}",
        long.collect::<Vec<_>>()
    );
}

#[test]
fn a_publisher_that_ignores_requests_gets_segments_as_long_as_its_groups() {
    let mut publisher = Publisher::new(&[(1280, 720)], true);
    publisher.streams[0].obeys = false;
    publisher.streams[0].gop = Some(210);
    let run = Run::new(publisher).run(60).end();
    run.assert_sound();
    for closed in run.closed(V0).iter().take(7) {
        assert!((closed.duration as f64 / 90_000.0 - 7.0).abs() < 0.1, "{closed:?}");
    }
    assert_eq!(run.closed(V0).len(), run.closed(A0).len());
    assert!(texts::master(&run.book, "").unwrap().independent);
}

#[test]
fn without_any_key_frame_a_segment_is_cut_after_three_times_its_target() {
    let mut publisher = Publisher::new(&[(1280, 720)], true);
    publisher.streams[0].obeys = false;
    let run = Run::new(publisher).run(60).end();
    run.assert_sound();
    let closed = run.closed(V0);
    assert!((4..=6).contains(&closed.len()), "{closed:?}");
    let begins = run.entries.iter().filter_map(|entry| match entry {
        Entry::Part(part) if part.rendition == V0 && part.part == 0 => Some(part.independent),
        _ => None,
    });
    let begins: Vec<bool> = begins.collect();
    assert!(begins[0] && begins[1..].iter().all(|independent| !independent), "{begins:?}");
    assert!(!texts::master(&run.book, "").unwrap().independent, "and nobody is told otherwise");
}

#[test]
fn sound_alone_and_pictures_alone_are_recorded() {
    let sound = Run::new(Publisher::new(&[], true)).run(21).end();
    sound.assert_sound();
    assert!((5..=6).contains(&sound.closed(A0).len()));
    assert!((sound.seconds(A0) - 21.0).abs() < 0.05);
    let pictures = Run::new(Publisher::new(&[(640, 368)], false)).run(21).end();
    pictures.assert_sound();
    assert!((5..=6).contains(&pictures.closed(V0).len()));
    assert!((pictures.seconds(V0) - 21.0).abs() < 0.1);
}

#[test]
fn a_broadcast_of_two_seconds_is_one_segment() {
    let run = Run::new(Publisher::simulcast()).run(2).end();
    run.assert_sound();
    for rendition in [V0, V1, V2, A0] {
        assert_eq!(run.closed(rendition).len(), 1);
        assert!((run.seconds(rendition) - 2.0).abs() < 0.1, "{rendition} {}", run.seconds(rendition));
    }
    let nothing = Run::new(Publisher::simulcast()).end();
    assert!(nothing.book.shelves.is_empty());
    nothing.assert_sound();
}

#[test]
fn b_frames_are_decoded_in_order_and_shown_where_they_belong() {
    let mut publisher = Publisher::new(&[(1280, 720)], true);
    publisher.streams[0].b_frames = true;
    let run = Run::new(publisher).run(20).end();
    run.assert_sound();
    let samples = run.samples(V0);
    assert!(samples.len() >= 590, "{}", samples.len());
    let mut shown: Vec<i64> = samples.iter().map(|(_, shown, _)| *shown).collect();
    assert!(samples.windows(2).any(|pair| pair[1].1 < pair[0].1), "they are reordered");
    shown.sort_unstable();
    let steps: Vec<i64> = shown.windows(2).skip(40).map(|pair| pair[1] - pair[0]).collect();
    assert!(steps.iter().all(|step| (2_985..=3_015).contains(step)), "{steps:?}");
}
