//! Thumbnails for a seek bar: a WebVTT track whose cues name pieces of sheets of pictures
//! (`sheet.jpg#xywh=160,90,160,90`, Media Fragments 1.0).

use std::fmt::Write as _;
use std::time::Duration;

use crate::Resolution;
use crate::playlist::with_query;

/// How thumbnails lie on their sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Storyboard {
    /// Length of what the thumbnails are of.
    pub duration: Duration,
    /// Time from one thumbnail to the next.
    pub every: Duration,
    /// Thumbnails side by side on a sheet.
    pub columns: u32,
    /// Rows of a sheet.
    pub rows: u32,
    /// Size of a thumbnail.
    pub tile: Resolution,
}

impl Storyboard {
    /// Number of thumbnails.
    pub fn thumbnails(&self) -> u32 {
        let every = self.every.as_millis().max(1);
        u32::try_from(self.duration.as_millis().div_ceil(every)).unwrap_or(u32::MAX).min(MAX_THUMBNAILS)
    }

    /// Number of sheets.
    pub fn sheets(&self) -> u32 {
        self.thumbnails().div_ceil(self.per_sheet())
    }

    fn per_sheet(&self) -> u32 {
        self.columns.saturating_mul(self.rows).max(1)
    }
}

/// Writes the track. `sheet` gives the URI of a sheet by its index, and `query` comes behind it.
pub fn webvtt(storyboard: &Storyboard, sheet: impl Fn(u32) -> String, query: &str) -> String {
    let mut text = String::from("WEBVTT\n");
    let (width, height) = (u32::from(storyboard.tile.0), u32::from(storyboard.tile.1));
    for index in 0..storyboard.thumbnails() {
        let begin = storyboard.every.saturating_mul(index);
        let end = storyboard.every.saturating_mul(index + 1).min(storyboard.duration);
        let place = index % storyboard.per_sheet();
        let (column, row) = (place % storyboard.columns.max(1), place / storyboard.columns.max(1));
        let uri = with_query(&sheet(index / storyboard.per_sheet()), query);
        let _ = writeln!(
            text,
            "\n{} --> {}\n{uri}#xywh={},{},{width},{height}",
            timestamp(begin),
            timestamp(end),
            column * width,
            row * height,
        );
    }
    text
}

/// `01:02:03.004`; more than two digits of hours are allowed.
fn timestamp(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{:02}:{:02}:{:02}.{:03}", seconds / 3_600, seconds / 60 % 60, seconds % 60, time.subsec_millis())
}

/// A day of thumbnails every two seconds, about 4 MB of text. More would let a wrong interval fill memory.
const MAX_THUMBNAILS: u32 = 43_200;

#[cfg(test)]
mod tests {
    use super::*;

    fn storyboard(millis: u64) -> Storyboard {
        Storyboard {
            duration: Duration::from_millis(millis),
            every: Duration::from_secs(10),
            columns: 2,
            rows: 2,
            tile: (160, 90),
        }
    }

    fn name(index: u32) -> String {
        format!("storyboard-{index}.jpg")
    }

    // Requirements: R72
    #[test]
    fn thumbnails_fill_rows_then_sheets_and_the_last_one_ends_with_the_recording() {
        let text = webvtt(&storyboard(45_500), name, "token=a");
        assert_eq!(
            text,
            "WEBVTT\n\
             \n00:00:00.000 --> 00:00:10.000\nstoryboard-0.jpg?token=a#xywh=0,0,160,90\n\
             \n00:00:10.000 --> 00:00:20.000\nstoryboard-0.jpg?token=a#xywh=160,0,160,90\n\
             \n00:00:20.000 --> 00:00:30.000\nstoryboard-0.jpg?token=a#xywh=0,90,160,90\n\
             \n00:00:30.000 --> 00:00:40.000\nstoryboard-0.jpg?token=a#xywh=160,90,160,90\n\
             \n00:00:40.000 --> 00:00:45.500\nstoryboard-1.jpg?token=a#xywh=0,0,160,90\n"
        );
        assert_eq!((storyboard(45_500).thumbnails(), storyboard(45_500).sheets()), (5, 2));
    }

    #[test]
    fn nothing_has_no_thumbnails_and_hours_are_written_out() {
        assert_eq!(webvtt(&storyboard(0), name, ""), "WEBVTT\n");
        let text = webvtt(&storyboard(3_600_000 * 5), name, "");
        assert!(text.contains("\n04:59:50.000 --> 05:00:00.000\nstoryboard-449.jpg#xywh=160,90,160,90\n"));
    }

    #[test]
    fn absurd_layouts_are_survived() {
        let absurd = Storyboard {
            duration: Duration::MAX,
            every: Duration::ZERO,
            columns: 0,
            rows: u32::MAX,
            tile: (u16::MAX, u16::MAX),
        };
        assert_eq!(absurd.thumbnails(), MAX_THUMBNAILS);
        assert!(webvtt(&absurd, name, "").starts_with("WEBVTT\n"));
    }
}
