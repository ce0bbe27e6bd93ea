//! From a folder of the spool to a book: after the end of a recording, and after a process that was killed.
//!
//! Both are the same: what the journal says is true as far as its lines are whole, and of the segments that were
//! being written everything up to the last complete part is good. Nothing is appended, so that a recovery that
//! is killed is only the beginning of the next one.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use sluice_media::cmaf;

use crate::book::{Book, Segment};
use crate::entry::Entry;
use crate::name::{FileName, Rendition};
use crate::spool::{self, JOURNAL, STORED};

/// What a folder of the spool has.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) book: Book,
    /// Files that are in the object store.
    pub(crate) stored: BTreeSet<(Rendition, FileName)>,
}

/// Reads a folder and mends it; `None` where there is nothing that could be played.
pub(crate) fn recover(folder: &Path) -> io::Result<Option<Recovered>> {
    let Some(mut book) = read_journal(&folder.join(JOURNAL))? else { return Ok(None) };
    let stored = read_stored(&folder.join(STORED))?;
    for rendition in book.shelves.keys().copied().collect::<Vec<_>>() {
        mend(&mut book, folder, rendition, &stored)?;
    }
    let length = book.cuts.front().map_or(0, |cut| cut.at) + book.length();
    let end = book.origin.unwrap_or(book.begun.started).plus_micros(length);
    book.close_all(end);
    let playable = book.shelves.values().any(|shelf| shelf.segments.iter().any(|segment| !segment.gap));
    Ok(playable.then_some(Recovered { book, stored }))
}

/// Whether a folder is of a recording that is kept; what cannot be read is.
pub(crate) fn is_kept(folder: &Path) -> bool {
    match read_journal(&folder.join(JOURNAL)) {
        Ok(Some(book)) => book.begun.keep,
        Ok(None) | Err(_) => true,
    }
}

/// All files of a book: inits first, then segments by time.
pub(crate) fn files(book: &Book) -> Vec<(Rendition, FileName)> {
    let inits = book.shelves.values().flat_map(|shelf| &shelf.inits);
    let mut files: Vec<_> = inits.map(|init| (init.rendition, FileName::Init(init.init))).collect();
    let mut segments: Vec<_> = book
        .shelves
        .iter()
        .flat_map(|(rendition, shelf)| shelf.segments.iter().map(|segment| (*rendition, segment)))
        .filter(|(_, segment)| !segment.gap)
        .map(|(rendition, segment)| (segment.segment, rendition))
        .collect();
    segments.sort_unstable();
    files.extend(segments.into_iter().map(|(segment, rendition)| (rendition, FileName::Segment(segment))));
    files
}

/// The whole lines of a journal; what comes behind the first broken one is cut off.
fn read_journal(path: &Path) -> io::Result<Option<Book>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut book: Option<Book> = None;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\n") else { break };
        let Ok(entry) = serde_json::from_slice::<Entry>(line) else { break };
        match (&mut book, entry) {
            (None, Entry::Begin(begun)) => book = Some(Book::new(begun)),
            (None, _) => return Ok(None),
            (Some(book), entry) => book.apply(&entry),
        }
    }
    Ok(book.filter(Book::is_readable))
}

fn read_stored(path: &Path) -> io::Result<BTreeSet<(Rendition, FileName)>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(error),
    };
    let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or(""));
    let read = |line: &str| {
        let (rendition, name) = line.split_once('/')?;
        Some((rendition.parse().ok()?, name.parse().ok()?))
    };
    Ok(whole.lines().filter_map(read).collect())
}

/// Makes the book say what the files of a rendition have.
fn mend(
    book: &mut Book,
    folder: &Path,
    rendition: Rendition,
    stored: &BTreeSet<(Rendition, FileName)>,
) -> io::Result<()> {
    let next = match book.shelves.get(&rendition).map(|shelf| (&shelf.open, shelf.segments.back())) {
        Some((Some(open), _)) => open.segment,
        Some((None, Some(last))) => last.segment + 1,
        Some((None, None)) | None => book.first(),
    };
    // A part that no line names yet can only be in the newest segment.
    let newest = book.cuts.back().map_or(0, |cut| cut.segment);
    let unnamed = if book.ended.is_none() && next <= newest { Some(next) } else { None };
    let Some(shelf) = book.shelves.get_mut(&rendition) else { return Ok(()) };
    let init = shelf.inits.last().map(|init| init.init);
    for segment in &mut shelf.segments {
        let name = FileName::Segment(segment.segment);
        if segment.gap || stored.contains(&(rendition, name)) {
            continue;
        }
        let path = spool::file(folder, rendition, name);
        let length = fs::metadata(&path).map_or(0, |meta| meta.len());
        if length != segment.bytes {
            match read_segment(&path, segment.segment, segment.init)? {
                Some(found) => *segment = found,
                None => *segment = Segment { gap: true, keyless: false, bytes: 0, samples: 0, ..*segment },
            }
        }
    }
    let init = shelf.open.map(|open| open.init).or(init);
    shelf.open = match (unnamed, init) {
        (Some(segment), Some(init)) => {
            let name = FileName::Segment(segment);
            read_segment(&spool::file(folder, rendition, name), segment, init)?
        }
        _ => None,
    };
    shelf.bytes = shelf.segments.iter().chain(&shelf.open).map(|segment| segment.bytes).sum();
    Ok(())
}

/// A segment as its file has it, up to the last complete part; the rest is cut off.
fn read_segment(path: &Path, segment: u64, init: u32) -> io::Result<Option<Segment>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = cmaf::complete_prefix(&bytes);
    let whole = bytes.get(..length).unwrap_or_default();
    let mut found: Option<Segment> = None;
    for fragment in cmaf::fragments(whole) {
        let end = fragment.base_decode_time + fragment.duration;
        match &mut found {
            None => {
                found = Some(Segment {
                    segment,
                    init,
                    start: fragment.base_decode_time,
                    duration: fragment.duration,
                    bytes: length as u64,
                    samples: fragment.samples,
                    gap: false,
                    keyless: !fragment.key,
                });
            }
            Some(found) => {
                found.duration = end.saturating_sub(found.start);
                found.samples = found.samples.saturating_add(fragment.samples);
            }
        }
    }
    if found.is_some() && length < bytes.len() {
        OpenOptions::new().write(true).open(path)?.set_len(length as u64)?;
    }
    Ok(found)
}
