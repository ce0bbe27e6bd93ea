//! Small pictures of a whole recording on sheets, for the seek bar.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;

use crate::error::TranscodeError;
use crate::process::{Job, Lane};
use crate::source::{Segment, Source};
use crate::{Transcode, jpeg};

/// Quality of the small pictures, which are decoded once more, and of the sheets.
const QUALITY: (&str, &str) = ("2", "5");

/// Most pictures; beyond, they are further apart. More makes sheets that nobody looks at.
const MOST: u32 = 3_000;

/// How the pictures lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Time from one picture to the next.
    pub every: Duration,
    /// Pictures side by side.
    pub columns: u32,
    /// Pictures one below the other.
    pub rows: u32,
    /// Width of one in pixels.
    pub width: u32,
    /// Height of one; a recording of another shape gets bars.
    pub height: u32,
}

/// Sheets of pictures.
#[derive(Debug, Clone)]
pub struct Storyboard {
    /// JPEGs, each full but for the last, which is as large all the same.
    pub sheets: Vec<Bytes>,
    /// Pictures on them.
    pub pictures: u32,
    /// Time from one to the next: that of the grid, or more where there would be too many.
    pub every: Duration,
}

impl Transcode {
    /// Pictures of a track of video, the first of them at its beginning.
    ///
    /// # Errors
    /// When there is no ffmpeg, or it finds no picture.
    pub async fn storyboard(&self, track: &[Segment], grid: Grid) -> Result<Storyboard, TranscodeError> {
        if !self.available() {
            return Err(TranscodeError::Unavailable);
        }
        let source = Source { video: track.to_vec(), audio: Vec::new() };
        let Some((start, _)) = source.span() else { return Err(TranscodeError::Nothing("video")) };
        let every = grid.every.max(Duration::from_millis(100)).max(source.length() / MOST);
        let folder = self.folder()?;
        let cells = folder.path().join("cells");
        fs::create_dir_all(&cells).map_err(TranscodeError::files("making a folder for pictures"))?;
        for (number, run) in source.runs().into_iter().enumerate() {
            let Some((from, _)) = run.span() else { continue };
            let first = (from - start).as_millis() / every.as_millis().max(1);
            let playlist = run.lay_out(&folder.path().join(format!("run-{number}")))?;
            let mut job = Job::new(self, "storyboard", Lane::Heavy, run.length());
            job.add(["-threads", &self.0.config.threads.to_string()]);
            // Key frames are enough, and cost a hundredth.
            job.add(["-skip_frame", "nokey"]);
            job.input(playlist);
            job.add(["-an", "-sn", "-dn", "-vf", &cell(grid, every), "-q:v", QUALITY.0]);
            job.add(["-f", "image2", "-start_number", &first.to_string()]);
            job.add([cells.join("%06d.jpg")]);
            self.run(job).await?;
        }
        let end = source.length().as_millis().div_ceil(every.as_millis().max(1));
        let pictures = fill(&cells, u32::try_from(end).unwrap_or(MOST).clamp(1, MOST + 1))
            .map_err(TranscodeError::files("sorting pictures"))?
            .ok_or(TranscodeError::Nothing("picture"))?;
        let sheets = self.sheets(&cells, grid, pictures).await?;
        Ok(Storyboard { sheets, pictures, every })
    }

    async fn sheets(&self, cells: &Path, grid: Grid, pictures: u32) -> Result<Vec<Bytes>, TranscodeError> {
        let (columns, rows) = (grid.columns.clamp(1, 32), grid.rows.clamp(1, 32));
        let sheet = |number: u32| -> PathBuf { cells.join(format!("sheet-{number}.jpg")) };
        let more = Duration::from_millis(100) * pictures;
        let mut job = Job::new(self, "storyboard", Lane::Heavy, more);
        job.add(["-f", "image2", "-start_number", "0"]);
        job.input(cells.join("%06d.jpg"));
        job.add(["-frames:v", &pictures.div_ceil(columns * rows).to_string()]);
        job.add(["-vf", &format!("tile={columns}x{rows}"), "-q:v", QUALITY.1]);
        job.add(["-f", "image2", "-start_number", "0"]);
        job.add([cells.join("sheet-%d.jpg")]);
        self.run(job).await?;
        (0..pictures.div_ceil(columns * rows)).map(|number| jpeg::read(&sheet(number))).collect()
    }
}

/// One small picture each `every`, all of one size.
fn cell(grid: Grid, every: Duration) -> String {
    let even = |side: u32| side.clamp(16, 1920) / 2 * 2;
    let (width, height) = (even(grid.width), even(grid.height));
    format!(
        "fps=1000/{}:round=near,\
         scale={width}:{height}:force_original_aspect_ratio=decrease,\
         pad={width}:{height}:-1:-1,setsar=1",
        every.as_millis().max(1)
    )
}

/// Makes the pictures `000000.jpg` and on complete: one that is missing is the one before it. Says how many
/// there are; nothing where there is none at all.
fn fill(cells: &Path, most: u32) -> io::Result<Option<u32>> {
    let path = |number: u32| cells.join(format!("{number:06}.jpg"));
    let Some(first) = (0..most).find(|number| path(*number).exists()) else { return Ok(None) };
    for number in 0..first {
        fs::hard_link(path(first), path(number))?;
    }
    for number in first + 1..most {
        if !path(number).exists() {
            fs::hard_link(path(number - 1), path(number))?;
        }
    }
    // ffmpeg may round up to one more at the end.
    let mut surplus = most;
    while path(surplus).exists() {
        fs::remove_file(path(surplus))?;
        surplus += 1;
    }
    Ok(Some(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_between_pictures_shows_the_one_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let write = |number: u32| fs::write(folder.path().join(format!("{number:06}.jpg")), [number as u8]);
        [2, 3, 7, 8, 9].into_iter().for_each(|number| write(number).unwrap());
        assert_eq!(fill(folder.path(), 8).unwrap(), Some(8));
        let read = |number: u32| fs::read(folder.path().join(format!("{number:06}.jpg")));
        let all: Vec<u8> = (0..8).map(|number| read(number).unwrap()[0]).collect();
        assert_eq!(all, [2, 2, 2, 3, 3, 3, 3, 7]);
        assert!(read(8).is_err() && read(9).is_err());
        assert_eq!(fill(&folder.path().join("none"), 5).unwrap(), None);
    }
}
