//! What jobs read: the segments of a recording, shown to ffmpeg as a playlist of links.
//!
//! Links have names of ours, so that no character of a path means anything to ffmpeg, and nothing is copied.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::TranscodeError;

/// A segment of one track of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The file that begins its track (`ftyp`, `moov`).
    pub init: PathBuf,
    /// Its own file (`moof`, `mdat`).
    pub media: PathBuf,
    /// Where it begins in the recording.
    pub start: Duration,
    /// How long it is.
    pub duration: Duration,
}

impl Segment {
    /// Where it ends in the recording.
    pub const fn end(&self) -> Duration {
        self.start.saturating_add(self.duration)
    }
}

/// A recording, or a part of one: its segments in order. Segments may be missing, and either track may be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// One rendition of video.
    pub video: Vec<Segment>,
    /// Audio.
    pub audio: Vec<Segment>,
}

impl Source {
    /// Where it begins and ends in the recording.
    pub(crate) fn span(&self) -> Option<(Duration, Duration)> {
        let all = || self.video.iter().chain(&self.audio);
        Some((all().map(|segment| segment.start).min()?, all().map(Segment::end).max()?))
    }

    /// How long it is, with its holes.
    pub(crate) fn length(&self) -> Duration {
        self.span().map_or(Duration::ZERO, |(start, end)| end - start)
    }

    /// The segments that have something of this part.
    pub(crate) fn between(&self, start: Duration, end: Duration) -> Self {
        let within = |segments: &[Segment]| {
            let wanted = |segment: &&Segment| segment.end() > start && segment.start < end;
            segments.iter().filter(wanted).cloned().collect()
        };
        Self { video: within(&self.video), audio: within(&self.audio) }
    }

    /// Runs of segments that ffmpeg can read as one: none of them changes what begins a track.
    pub(crate) fn runs(&self) -> Vec<Self> {
        let mut cuts: Vec<Duration> = [&self.video, &self.audio]
            .into_iter()
            .flat_map(|track| track.windows(2))
            .filter(|pair| pair[0].init != pair[1].init)
            .map(|pair| pair[1].start)
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut runs = Vec::new();
        let mut rest = self.clone();
        for cut in cuts {
            let before = |track: &mut Vec<Segment>| {
                let at = track.partition_point(|segment| segment.start < cut);
                let after = track.split_off(at);
                std::mem::replace(track, after)
            };
            runs.push(Self { video: before(&mut rest.video), audio: before(&mut rest.audio) });
        }
        runs.push(rest);
        runs.retain(|run| run.span().is_some());
        runs
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> Result<u64, TranscodeError> {
        let sizes = self.video.iter().chain(&self.audio).map(|segment| segment.media.metadata());
        sizes
            .map(|size| Ok(size?.len()))
            .sum::<io::Result<u64>>()
            .map_err(TranscodeError::files("looking at the files of a recording"))
    }

    /// Whether its video is VP8, which ffmpeg reads from MP4 and does not write there.
    pub(crate) fn is_vp8(&self) -> Result<bool, TranscodeError> {
        let Some(first) = self.video.first() else { return Ok(false) };
        let init = std::fs::read(&first.init);
        let init = init.map_err(TranscodeError::files("reading what begins a track"))?;
        Ok(init.windows(4).any(|window| window == b"vp08"))
    }

    /// Lays links and playlists into a folder: the file that ffmpeg is to read. Only for a run.
    pub(crate) fn lay_out(&self, folder: &Path) -> Result<PathBuf, TranscodeError> {
        self.try_lay_out(folder).map_err(TranscodeError::files("preparing the files of a recording"))
    }

    fn try_lay_out(&self, folder: &Path) -> io::Result<PathBuf> {
        std::fs::create_dir_all(folder)?;
        let mut names = Vec::new();
        for (letter, track) in [("v", &self.video), ("a", &self.audio)] {
            if !track.is_empty() {
                std::fs::write(folder.join(format!("{letter}.m3u8")), playlist(folder, letter, track)?)?;
                names.push(letter);
            }
        }
        if let [only] = names[..] {
            return Ok(folder.join(format!("{only}.m3u8")));
        }
        let master = folder.join("master.m3u8");
        std::fs::write(&master, MASTER)?;
        Ok(master)
    }
}

/// Both tracks, so that ffmpeg keeps them in step.
const MASTER: &str = "#EXTM3U\n#EXT-X-VERSION:7\n\
    #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",DEFAULT=YES,AUTOSELECT=YES,URI=\"a.m3u8\"\n\
    #EXT-X-STREAM-INF:BANDWIDTH=1000000,AUDIO=\"a\"\nv.m3u8\n";

fn playlist(folder: &Path, letter: &str, track: &[Segment]) -> io::Result<String> {
    let link = |target: &Path, name: &str| {
        // Said now, since ffmpeg would pass over a file that is missing.
        target.metadata()?;
        std::os::unix::fs::symlink(std::path::absolute(target)?, folder.join(name))
    };
    let longest = track.iter().map(|segment| segment.duration.as_secs_f64().ceil()).fold(1.0, f64::max);
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{longest}\n#EXT-X-PLAYLIST-TYPE:VOD\n\
         #EXT-X-MAP:URI=\"{letter}.mp4\"\n"
    );
    if let Some(first) = track.first() {
        link(&first.init, &format!("{letter}.mp4"))?;
    }
    for (number, segment) in track.iter().enumerate() {
        let name = format!("{letter}-{number}.m4s");
        link(&segment.media, &name)?;
        // A String takes everything.
        let _ = write!(text, "#EXTINF:{:.6},\n{name}\n", segment.duration.as_secs_f64());
    }
    text.push_str("#EXT-X-ENDLIST\n");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(init: &str, start: u64) -> Segment {
        let duration = Duration::from_secs(4);
        let media = format!("{init}-{start}.m4s").into();
        Segment { init: init.into(), media, start: Duration::from_secs(start), duration }
    }

    fn starts(track: &[Segment]) -> Vec<u64> {
        track.iter().map(|segment| segment.start.as_secs()).collect()
    }

    #[test]
    fn a_run_ends_where_either_track_begins_anew() {
        let video = vec![segment("v0", 0), segment("v0", 4), segment("v1", 8), segment("v1", 16)];
        let audio = vec![segment("a0", 0), segment("a0", 4), segment("a0", 8), segment("a1", 12)];
        let runs = Source { video, audio }.runs();
        let parts: Vec<_> = runs.iter().map(|run| (starts(&run.video), starts(&run.audio))).collect();
        assert_eq!(parts, [(vec![0, 4], vec![0, 4]), (vec![8], vec![8]), (vec![16], vec![12])]);
        assert!(Source::default().runs().is_empty());
    }

    #[test]
    fn a_part_has_every_segment_that_it_touches() {
        let video = (0..5).map(|at| segment("v", at * 4)).collect();
        let source = Source { video, audio: vec![segment("a", 40)] };
        assert_eq!(source.span(), Some((Duration::ZERO, Duration::from_secs(44))));
        let part = source.between(Duration::from_secs(5), Duration::from_secs(12));
        assert_eq!((starts(&part.video), part.audio.len()), (vec![4, 8], 0));
        assert_eq!(part.length(), Duration::from_secs(8));
    }

    #[test]
    fn a_missing_file_is_said_before_ffmpeg_passes_over_it() {
        let folder = tempfile::tempdir().unwrap();
        let source = Source { video: vec![segment("/nowhere/v", 0)], audio: Vec::new() };
        let error = source.lay_out(&folder.path().join("in")).unwrap_err();
        assert!(matches!(error, TranscodeError::Files { .. }), "{error:?}");
    }
}
