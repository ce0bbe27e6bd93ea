//! A process that is killed, at any byte.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::entry::{Entry, Output, Part, micros};
use crate::name::FileName;
use crate::recover::{Recovered, recover};
use crate::session::Session;
use crate::spool::{JOURNAL, Spool, file, folder};
use crate::testing::{START, begun};

/// What a broadcast writes down, in order.
fn entries(seconds: i64, publisher: Publisher) -> Vec<(Entry, Bytes)> {
    let mut publisher = publisher;
    let mut session = Session::new(Duration::from_secs(4), Duration::from_millis(333));
    let mut outputs = Vec::new();
    let mut entries = Vec::new();
    while publisher.now < START + seconds * 1_000_000 {
        let (packets, now) = publisher.next();
        session.handle_tapped(Tapped::Packets(packets), now, &mut outputs);
        for output in outputs.drain(..) {
            match output {
                Output::Want(layer) => publisher.want(layer),
                Output::Entry(entry, bytes) => entries.push((entry, bytes)),
            }
        }
    }
    entries
}

/// Every byte that goes to the disk, in order: the file and what is appended to it.
fn writes(entries: &[(Entry, Bytes)]) -> Vec<(PathBuf, Vec<u8>)> {
    let mut writes = Vec::new();
    let line = |entry: &Entry| {
        let mut line = serde_json::to_vec(entry).unwrap();
        line.push(b'\n');
        (PathBuf::from(JOURNAL), line)
    };
    writes.push(line(&Entry::Begin(begun(true))));
    for (entry, bytes) in entries {
        let name = match entry {
            Entry::Init(init) => Some((init.rendition, FileName::Init(init.init))),
            Entry::Part(part) => Some((part.rendition, FileName::Segment(part.segment))),
            _ => None,
        };
        if let Some((rendition, name)) = name {
            writes.push((file(Path::new(""), rendition, name), bytes.to_vec()));
        }
        writes.push(line(entry));
    }
    writes
}

/// The disk as it is when the process dies after so many bytes.
fn die_after(bytes: usize, writes: &[(PathBuf, Vec<u8>)], folder: &Path) {
    let mut files: BTreeMap<&PathBuf, Vec<u8>> = BTreeMap::new();
    let mut left = bytes;
    for (path, data) in writes {
        let written = left.min(data.len());
        files.entry(path).or_default().extend_from_slice(&data[..written]);
        left -= written;
        if left == 0 {
            break;
        }
    }
    for (path, data) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, data).unwrap();
    }
}

/// Parts whose bytes are on the disk as a whole.
fn whole_parts(bytes: usize, entries: &[(Entry, Bytes)]) -> Vec<Part> {
    let mut at = serde_json::to_vec(&Entry::Begin(begun(true))).unwrap().len() + 1;
    let mut whole = Vec::new();
    for (entry, data) in entries {
        at += data.len();
        if let Entry::Part(part) = entry
            && at <= bytes
        {
            whole.push(*part);
        }
        at += serde_json::to_vec(entry).unwrap().len() + 1;
    }
    whole
}

/// Looks whether what was recovered is all that was whole, and can be read to its end.
fn check(found: Option<Recovered>, whole: &[Part], folder: &Path) {
    let Some(Recovered { book, .. }) = found else {
        assert!(whole.is_empty(), "{} parts were there", whole.len());
        return;
    };
    for (rendition, shelf) in &book.shelves {
        let parts: Vec<&Part> = whole.iter().filter(|part| part.rendition == *rendition).collect();
        let samples: u32 = shelf.segments.iter().map(|segment| segment.samples).sum();
        assert_eq!(samples, parts.iter().map(|part| part.samples).sum::<u32>(), "{rendition}");
        for segment in shelf.segments.iter().filter(|segment| !segment.gap) {
            let bytes = fs::read(file(folder, *rendition, FileName::Segment(segment.segment))).unwrap();
            assert_eq!(bytes.len() as u64, segment.bytes, "{rendition} {segment:?}");
            assert_eq!(cmaf::complete_prefix(&bytes), bytes.len(), "{rendition} {segment:?}");
            assert!(file(folder, *rendition, FileName::Init(segment.init)).exists());
        }
        let last = parts.last().map(|part| micros(*rendition, (part.start + part.duration) as i64));
        let end = shelf.segments.iter().rfind(|segment| !segment.gap);
        let end = end.map(|segment| micros(*rendition, (segment.start + segment.duration) as i64));
        assert_eq!(end, last, "{rendition} plays to its last complete part");
        let offered = book.aligned(*rendition, book.first()..=book.last().unwrap());
        let gap = offered.iter().find(|segment| segment.gap);
        assert!(parts.is_empty() || gap.is_none(), "{rendition} never stopped, and has {gap:?}");
    }
    assert!(book.ended.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_process_killed_at_any_byte_leaves_all_parts_that_were_complete(at in 0.0_f64..=1.0, layers in 0_usize..=2) {
        let sizes = [(320, 176), (160, 96)];
        let entries = entries(13, Publisher::new(&sizes[..layers], true));
        let writes = writes(&entries);
        let all: usize = writes.iter().map(|(_, data)| data.len()).sum();
        let bytes = (all as f64 * at) as usize;
        let folder = tempfile::tempdir().unwrap();
        die_after(bytes, &writes, folder.path());
        let whole = whole_parts(bytes, &entries);
        check(recover(folder.path()).unwrap(), &whole, folder.path());
        // A recovery that is killed is the beginning of the next one.
        check(recover(folder.path()).unwrap(), &whole, folder.path());
    }

    #[test]
    fn files_that_lost_their_ends_or_are_garbage_are_read_without_a_panic(
        cuts in prop::collection::vec((0_usize..12, 0.0_f64..1.0, any::<bool>()), 1..5),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let entries = entries(9, Publisher::new(&[(320, 176)], true));
        die_after(usize::MAX, &writes(&entries), folder.path());
        let mut paths: Vec<PathBuf> = vec![folder.path().join(JOURNAL)];
        for rendition in ["v0", "a0"] {
            paths.extend(fs::read_dir(folder.path().join(rendition)).unwrap().map(|entry| entry.unwrap().path()));
        }
        paths.sort();
        for (index, at, garbage) in cuts {
            let path = &paths[index % paths.len()];
            let mut bytes = fs::read(path).unwrap();
            let end = (bytes.len() as f64 * at) as usize;
            if garbage {
                bytes[end..].iter_mut().for_each(|byte| *byte = byte.wrapping_mul(31).wrapping_add(7));
            } else {
                bytes.truncate(end);
            }
            fs::write(path, bytes).unwrap();
        }
        if let Some(found) = recover(folder.path()).unwrap() {
            for (rendition, shelf) in &found.book.shelves {
                for segment in shelf.segments.iter().filter(|segment| !segment.gap) {
                    prop_assert!(file(folder.path(), *rendition, FileName::Segment(segment.segment)).exists());
                }
            }
        }
    }
}

#[test]
fn a_process_killed_between_two_renditions_of_a_segment_leaves_no_gap_at_the_end_of_the_other() {
    let entries = entries(9, Publisher::simulcast());
    let begins = |entry: &Entry| matches!(entry, Entry::Part(part) if part.part == 0);
    let firsts: Vec<usize> = (0..entries.len()).filter(|index| begins(&entries[*index].0)).collect();
    assert!(firsts.len() > 8, "three segments of four renditions: {firsts:?}");
    for first in firsts {
        let until = &entries[..=first];
        let folder = tempfile::tempdir().unwrap();
        die_after(usize::MAX, &writes(until), folder.path());
        check(recover(folder.path()).unwrap(), &whole_parts(usize::MAX, until), folder.path());
    }
}

// Requirements: R152
#[tokio::test]
async fn a_recording_that_a_killed_process_left_is_finished_by_the_next_one() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("spool");
    let entries = entries(11, Publisher::simulcast());
    let mut spool = Spool::create(&root, &begun(true)).unwrap();
    spool.write(&entries).unwrap();
    drop(spool);
    // One that was only there to be watched, and a folder that is nothing.
    let mut watched = begun(false);
    watched.recording = recording(2);
    Spool::create(&root, &watched).unwrap();
    fs::create_dir_all(root.join(recording(3).to_string())).unwrap();
    fs::create_dir_all(root.join("lost+found")).unwrap();

    let mut rig = Rig::in_folder(home, |_| {});
    let RecorderEvent::Recovered { recording: found, summary } = rig.event().await else {
        panic!("it is finished")
    };
    assert_eq!(found, recording(1));
    assert!((10_300..11_100).contains(&summary.duration_ms), "{summary:?}");
    let failed = RecorderEvent::Failed { recording: recording(3), reason: FailReason::Empty };
    assert_eq!(rig.event().await, failed);
    let vod = rig.recorder.vod(found, Trim::default()).await.unwrap();
    let list = text(&vod.playlist("v0", "").unwrap().plain);
    assert_eq!(uris(&list).len(), 3, "{list}");
    for uri in uris(&list) {
        assert!(!vod.file("v0", &uri).await.unwrap().is_empty());
    }
    for _ in 0..100 {
        if !folder(&root, recording(1)).exists() && !folder(&root, recording(2)).exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!folder(&root, recording(1)).exists() && !folder(&root, recording(2)).exists());
    assert!(root.join("lost+found").exists(), "what is not ours stays");
}

#[tokio::test]
async fn a_shutdown_ends_recordings_and_leaves_nothing_in_the_spool() {
    let mut rig = Rig::start();
    let mut feed = rig.begin(1, true, Publisher::simulcast(), 20);
    feed.seconds(6).await;
    rig.recorder.shutdown(Duration::from_secs(10)).await;
    let RecorderEvent::Ended { summary, .. } = rig.event().await else { panic!("it ends") };
    assert!((5_800..6_200).contains(&summary.duration_ms), "{summary:?}");
    assert_eq!(fs::read_dir(rig.folder.path().join("spool")).unwrap().count(), 0);
}
