//! Recordings in a codec that players of HLS lack, once more in H.264: what `transcode` made, and the playlists
//! over it. The sound stays as it was recorded.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sluice_domain::{MediaKind, MediaTime, RecordingId};
use sluice_media::playlist::{self, AudioTrack, Master, MediaPlaylist, Segment, Skip, State, Variant};
use sluice_recorder::{Rendition, Summary, Vod};

use super::Makers;
use super::processing::{said, scratch, segments};

/// Where its files are, among those that were made, and in addresses.
pub const CONVERTED: &str = "h264";

/// What is there, as it is kept beside the files.
const INDEX: &str = "index.json";

/// Length of its segments: that of those which are recorded, by default.
const SEGMENT: Duration = Duration::from_secs(4);

/// What the codec of sound is called in a playlist.
const SOUND: &str = "opus";

/// A rendition that was made of another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Converted {
    /// When the recording begins.
    started: MediaTime,
    /// How much later its first picture was captured, in microseconds: the layer that it was made of may have
    /// begun late.
    #[serde(default)]
    late: u64,
    init: String,
    segments: Vec<Piece>,
    width: u16,
    height: u16,
    codec: String,
    bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Piece {
    name: String,
    micros: u64,
}

/// The best picture of a recording, if no player takes any.
pub(super) fn unplayable(summary: &Summary) -> Option<Rendition> {
    let mut pictures = summary.renditions.iter().filter(|found| found.rendition.kind() == MediaKind::Video);
    let best = pictures.clone().next()?.rendition;
    pictures.all(|picture| !picture.playable).then_some(best)
}

/// Makes it, where it is needed.
pub(super) async fn convert(makers: &Makers, id: RecordingId, vod: &Vod) -> Result<bool, String> {
    let Some(rendition) = unplayable(&vod.summary()) else { return Ok(false) };
    let folder = scratch(makers)?;
    let track = segments(vod, rendition, &folder).await?;
    let late = track.first().map_or(0, |first| u64::try_from(first.start.as_micros()).unwrap_or(0));
    let made_in = folder.path().join(CONVERTED);
    let made = makers.transcode.h264(&track, SEGMENT, &made_in).await.map_err(said)?;
    let names = made.segments.iter().map(|segment| segment.name.clone()).chain([made.init.clone()]);
    for name in names {
        let (target, file) = (format!("{CONVERTED}/{name}"), made_in.join(&name));
        makers.recorder.put_processed(id, &target, &file).await.map_err(|error| error.to_string())?;
    }
    let piece = |segment: sluice_transcode::Made| Piece {
        micros: u64::try_from(segment.duration.as_micros()).unwrap_or(u64::MAX),
        name: segment.name,
    };
    let converted = Converted {
        started: vod.summary().started,
        late,
        init: made.init,
        segments: made.segments.into_iter().map(piece).collect(),
        width: made.width,
        height: made.height,
        codec: made.codec,
        bytes: made.bytes,
    };
    let text = serde_json::to_vec(&converted).map_err(|error| error.to_string())?;
    // Last of all: with it the rendition is whole.
    let put = makers.recorder.put_processed_bytes(id, &index(), text.into()).await;
    put.map_err(|error| error.to_string())?;
    Ok(true)
}

/// The name of what is there, among what was made.
pub(super) fn index() -> String {
    format!("{CONVERTED}/{INDEX}")
}

impl Converted {
    pub(super) fn read(bytes: &Bytes) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The master playlist of a recording that has these pictures, with the sound that was recorded.
    pub fn master(&self, has_sound: bool, query: &str) -> String {
        let length: u64 = self.segments.iter().map(|piece| piece.micros).sum();
        let average = self.bytes.saturating_mul(8_000_000) / length.max(1);
        let variant = Variant {
            uri: format!("{CONVERTED}/media.m3u8"),
            // Which of its segments is the heaviest is not kept: no encoder of constant quality has one of
            // more than three times the average for long.
            bandwidth: average.saturating_mul(3),
            average_bandwidth: Some(average),
            codec: self.codec.clone(),
            resolution: Some((self.width, self.height)),
            frame_rate: None,
        };
        let sound = AudioTrack {
            uri: "a0/media.m3u8".to_owned(),
            name: "Sound".to_owned(),
            bandwidth: 128_000,
            codec: SOUND.to_owned(),
            channels: 2,
        };
        let audio = has_sound.then_some(sound).into_iter().collect();
        playlist::master(&Master { variants: vec![variant], audio, independent: true }, query)
    }

    /// The playlist of its segments that lie within a cut as a whole.
    pub fn playlist(&self, start_ms: Option<i64>, end_ms: Option<i64>, query: &str) -> String {
        let (from, to) = (start_ms.unwrap_or(0) * 1000, end_ms.map_or(i64::MAX, |end| end * 1000));
        let mut at = i64::try_from(self.late).unwrap_or(0);
        let mut shown = Vec::new();
        let mut first = None;
        for (number, piece) in (0_u64..).zip(&self.segments) {
            let length = i64::try_from(piece.micros).unwrap_or(i64::MAX);
            let end = at.saturating_add(length);
            if at >= from && end <= to {
                first.get_or_insert(number);
                shown.push(Segment {
                    uri: piece.name.clone(),
                    duration: Duration::from_micros(piece.micros),
                    map: self.init.clone(),
                    date: Some(self.started.plus_micros(at)),
                    ..Segment::default()
                });
            }
            at = end;
        }
        let target = playlist::target_duration(shown.iter().map(|segment| segment.duration));
        let model = MediaPlaylist {
            target,
            sequence: first.unwrap_or(0),
            segments: shown,
            state: State::Vod,
            ..MediaPlaylist::default()
        };
        playlist::media(&model, Skip::Nothing, query)
    }

    /// Whether it has a file of this name.
    pub fn has(&self, name: &str) -> bool {
        name == self.init || self.segments.iter().any(|piece| piece.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted() -> Converted {
        let piece = |number: u64| Piece { name: format!("seg-{number}.m4s"), micros: 4_000_000 };
        Converted {
            started: MediaTime(1_790_000_000_000_000),
            late: 0,
            init: "init-0.mp4".to_owned(),
            segments: (0..5).map(piece).collect(),
            width: 1280,
            height: 720,
            codec: "avc1.42c01f".to_owned(),
            bytes: 2_500_000,
        }
    }

    #[test]
    fn the_pictures_that_were_made_come_with_the_sound_that_was_recorded() {
        let master = converted().master(true, "token=x");
        assert!(master.contains("h264/media.m3u8?token=x") && master.contains("a0/media.m3u8?token=x"));
        assert!(master.contains("RESOLUTION=1280x720") && master.contains("avc1.42c01f,opus"), "{master}");
        assert!(!converted().master(false, "").contains("a0/"));
    }

    #[test]
    fn a_cut_shows_whole_segments_that_lie_within_it() {
        let whole = converted().playlist(None, None, "");
        assert_eq!(whole.matches("#EXTINF").count(), 5);
        assert!(whole.contains("#EXT-X-ENDLIST"));
        let cut = converted().playlist(Some(1000), Some(16_000), "");
        assert!(!cut.contains("seg-0.m4s") && !cut.contains("seg-4.m4s"), "{cut}");
        assert!(cut.contains("seg-1.m4s") && cut.contains("seg-3.m4s"), "{cut}");
    }

    #[test]
    fn pictures_that_began_late_are_where_they_are_in_the_recording() {
        let late = Converted { late: 3_000_000, ..converted() };
        let cut = late.playlist(Some(1000), Some(16_000), "");
        // 3 to 7, 7 to 11, 11 to 15 seconds.
        assert!(
            cut.contains("seg-0.m4s") && cut.contains("seg-2.m4s") && !cut.contains("seg-3.m4s"),
            "{cut}"
        );
        let dates = |text: &str| {
            let dates = text.lines().filter(|line| line.starts_with("#EXT-X-PROGRAM-DATE-TIME:"));
            dates.map(str::to_owned).collect::<Vec<_>>()
        };
        let (early, late) = (dates(&converted().playlist(None, None, "")), dates(&cut));
        assert!(early[0].ends_with(":20.000Z") && late[0].ends_with(":23.000Z"), "{early:?} {late:?}");
    }

    #[test]
    fn only_its_own_files_are_given_out() {
        let converted = converted();
        assert!(converted.has("init-0.mp4") && converted.has("seg-4.m4s"));
        assert!(
            !converted.has("seg-5.m4s") && !converted.has("index.json") && !converted.has("../poster.jpg")
        );
    }
}
