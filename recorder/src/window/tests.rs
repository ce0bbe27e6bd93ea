//! A window over long broadcasts: what stays the same while segments leave, and what agrees between renditions.

use std::collections::BTreeMap;

use sluice_media::tapped::Tapped;

use super::*;
use crate::entry::Output;
use crate::session::Session;
use crate::testing::{Publisher, begun};

const ALL: [Rendition; 4] = [Rendition::Video(0), Rendition::Video(1), Rendition::Video(2), Rendition::Audio];

/// A broadcast that is looked at after every entry.
fn watch(
    window: &mut Window,
    mut publisher: Publisher,
    seconds: i64,
    mut events: impl FnMut(&mut Publisher, i64) -> Option<Tapped>,
    mut look: impl FnMut(&Window),
) {
    let mut session = Session::new(Duration::from_secs(4), Duration::from_millis(333));
    let mut outputs = Vec::new();
    let begun = publisher.now;
    let mut second = 0;
    while publisher.now < begun + seconds * 1_000_000 {
        let (packets, now) = publisher.next();
        session.handle_tapped(Tapped::Packets(packets), now, &mut outputs);
        if (publisher.now - begun) / 1_000_000 > second {
            second += 1;
            if let Some(tapped) = events(&mut publisher, second) {
                session.handle_tapped(tapped, now, &mut outputs);
            }
        }
        for output in outputs.drain(..) {
            match output {
                Output::Want(layer) => publisher.want(layer),
                Output::Entry(entry, bytes) => {
                    window.apply(&entry, &bytes);
                    look(window);
                }
            }
        }
    }
}

fn window(rewind: u64) -> Window {
    Window::new(begun(true), Duration::from_secs(rewind), true)
}

// Requirements: R119
#[test]
fn a_segment_keeps_its_number_discontinuities_and_text_while_others_leave() {
    let mut window = window(30);
    let mut seen: BTreeMap<(Rendition, u64), (u64, playlist::Segment)> = BTreeMap::new();
    let mut reconnects = |publisher: &mut Publisher, second: i64| {
        (second % 17 == 0).then(|| {
            publisher.reconnect(1_500_000);
            Tapped::Interrupted
        })
    };
    watch(&mut window, Publisher::simulcast(), 120, &mut reconnects, |window| {
        for rendition in ALL {
            let Some(list) = window.playlist(rendition) else { continue };
            let mut discontinuities = list.discontinuity_sequence;
            for (index, segment) in list.segments.into_iter().enumerate() {
                discontinuities += u64::from(segment.discontinuity);
                let number = list.sequence + index as u64;
                assert_eq!(segment.uri, format!("seg-{number}.m4s"));
                let now = (discontinuities, playlist::Segment { parts: Vec::new(), ..segment });
                let before = seen.entry((rendition, number)).or_insert_with(|| now.clone());
                assert_eq!(*before, now, "{rendition}");
            }
        }
    });
    let last = seen.keys().map(|(_, number)| *number).max().unwrap();
    assert!(last > 25, "{last}");
    for number in 0..last - 1 {
        let counts: Vec<u64> = ALL.iter().map(|rendition| seen[&(*rendition, number)].0).collect();
        assert!(counts.windows(2).all(|pair| pair[0] == pair[1]), "segment {number}: {counts:?}");
    }
    assert!(seen[&(Rendition::Audio, last - 1)].0 >= 5, "there were reconnects");
}

#[test]
fn the_window_is_as_long_as_asked_for_and_all_renditions_begin_at_the_same_segment() {
    let mut window = window(60);
    let mut longest = 0;
    watch(
        &mut window,
        Publisher::simulcast(),
        150,
        |_, _| None,
        |window| {
            longest = longest.max(window.book().length());
            let firsts: Vec<u64> =
                ALL.iter().filter_map(|r| window.playlist(*r)).map(|l| l.sequence).collect();
            assert!(firsts.windows(2).all(|pair| pair[0] == pair[1]), "{firsts:?}");
        },
    );
    assert!((60_000_000..72_000_000).contains(&longest), "{longest} µs");
    window.stop_spooling();
    let list = window.playlist(Rendition::Video(0)).unwrap();
    assert!((5..=8).contains(&list.segments.len()), "{} are in memory", list.segments.len());
    for segment in &list.segments {
        let found = window.file(Rendition::Video(0), segment.uri.parse().unwrap());
        assert!(matches!(found, Found::Held(_)), "{} is {found:?}", segment.uri);
    }
}

#[test]
fn periods_of_dash_keep_their_numbers_and_beginnings_while_segments_leave() {
    let mut window = window(30);
    let mut runs: BTreeMap<u64, Duration> = BTreeMap::new();
    let mut layers = |publisher: &mut Publisher, second: i64| {
        publisher.streams[0].active = !(40..60).contains(&second);
        (second == 80).then(|| {
            publisher.reconnect(2_000_000);
            Tapped::Interrupted
        })
    };
    watch(&mut window, Publisher::simulcast(), 130, &mut layers, |window| {
        let Some(manifest) = window.manifest("", MediaTime(0)) else { return };
        for run in &manifest.runs {
            assert_eq!(*runs.entry(run.id).or_insert(run.start), run.start, "period {}", run.id);
            for line in &run.representations {
                let ends = line.segments.iter().map(|(start, duration)| start + duration);
                assert!(ends.zip(line.segments.iter().skip(1)).all(|(end, next)| end <= next.0 + 4_500));
            }
        }
    });
    assert!((4..=6).contains(&runs.len()), "layers that went, came, and a reconnect: {runs:?}");
}

#[test]
fn a_master_playlist_waits_for_the_layers_that_are_to_come() {
    let mut window = window(60);
    let mut publisher = Publisher::simulcast();
    let Tapped::Layers(layers) = publisher.layers() else { panic!("layers are told") };
    window.expect(&layers);
    publisher.streams[0].active = false;
    let mut ready = Vec::new();
    watch(
        &mut window,
        publisher,
        6,
        |_, _| None,
        |window| {
            if window.is_ready() && ready.is_empty() {
                ready.push(window.book().length());
            }
        },
    );
    assert!((2_900_000..3_700_000).contains(&ready[0]), "{ready:?} µs: the best layer had its time");
    let master = window.master("").unwrap();
    assert_eq!(master.variants.len(), 2, "and is not there");
}
