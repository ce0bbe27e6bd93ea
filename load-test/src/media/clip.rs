//! What is published: a looped clip of encoded pictures, from a file or the embedded test pattern.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use super::{VideoCodec, annexb, ivf, ogg, vp8};

/// One encoded picture: a VP8 frame, or the NAL units of an H.264 access unit.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) units: Vec<Vec<u8>>,
    pub(crate) key: bool,
}

impl Picture {
    /// Its size in bytes.
    pub(crate) fn len(&self) -> usize {
        self.units.iter().map(Vec::len).sum()
    }
}

/// Pictures in the order of sending. The first is a key frame.
#[derive(Clone, Debug)]
pub(crate) struct Clip {
    pub(crate) codec: VideoCodec,
    pub(crate) pictures: Vec<Picture>,
    /// Frames per second, if the file says.
    pub(crate) fps: Option<f64>,
    /// Lines of the picture, if known.
    pub(crate) height: Option<u16>,
}

impl Clip {
    fn new(codec: VideoCodec, mut pictures: Vec<Picture>, fps: Option<f64>) -> Result<Self> {
        let first_key =
            pictures.iter().position(|picture| picture.key).context("the file has no key frame")?;
        pictures.drain(..first_key);
        Ok(Self { codec, pictures, fps, height: None })
    }

    /// Reads VP8 from IVF.
    pub(crate) fn from_ivf(file: &[u8]) -> Result<Self> {
        let ivf = ivf::read(file)?;
        let pictures =
            ivf.frames.iter().map(|frame| Picture { key: vp8::is_key(frame), units: vec![frame.to_vec()] });
        Self::new(VideoCodec::Vp8, pictures.collect(), ivf.fps)
    }

    /// Reads H.264 from a byte stream.
    pub(crate) fn from_annexb(file: &[u8]) -> Result<Self> {
        let units = annexb::read(file)?;
        let pictures = units.iter().map(|unit| Picture {
            key: unit.is_key(),
            units: unit.nals.iter().map(|nal| nal.to_vec()).collect(),
        });
        Self::new(VideoCodec::H264, pictures.collect(), None)
    }

    /// Reads a file by its content.
    pub(crate) fn from_file(path: &Path) -> Result<Self> {
        let file = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        ensure!(!file.is_empty(), "{} is empty", path.display());
        let clip = if file.starts_with(b"DKIF") {
            Self::from_ivf(&file)
        } else {
            Self::from_annexb(&file).context("neither IVF with VP8 nor H.264 in Annex B form")
        };
        clip.with_context(|| format!("reading {}", path.display()))
    }

    /// The picture at or after `from` (cyclically) at which decoding can start.
    pub(crate) fn next_key(&self, from: usize) -> usize {
        let len = self.pictures.len();
        (0..len).map(|step| (from + step) % len).find(|at| self.pictures[*at].key).unwrap_or(0)
    }

    /// Bytes per picture on average.
    pub(crate) fn mean_len(&self) -> f64 {
        let total: usize = self.pictures.iter().map(Picture::len).sum();
        total as f64 / self.pictures.len() as f64
    }
}

/// The test pattern: ffmpeg's testsrc2, three seconds at 30 frames a second, a key frame each
/// second. Lowest layer first; fewer layers leave out the lowest.
pub(crate) fn pattern(codec: VideoCodec, layers: usize) -> Result<Vec<Clip>> {
    let files: [(u16, &[u8]); 3] = match codec {
        VideoCodec::Vp8 => [
            (180, include_bytes!("../../samples/testsrc2-180p.vp8.ivf")),
            (360, include_bytes!("../../samples/testsrc2-360p.vp8.ivf")),
            (720, include_bytes!("../../samples/testsrc2-720p.vp8.ivf")),
        ],
        VideoCodec::H264 => [
            (180, include_bytes!("../../samples/testsrc2-180p.h264")),
            (360, include_bytes!("../../samples/testsrc2-360p.h264")),
            (720, include_bytes!("../../samples/testsrc2-720p.h264")),
        ],
    };
    files[3 - layers.clamp(1, 3)..]
        .iter()
        .map(|(height, file)| {
            let clip = match codec {
                VideoCodec::Vp8 => Clip::from_ivf(file),
                VideoCodec::H264 => Clip::from_annexb(file),
            };
            clip.map(|clip| Clip { height: Some(*height), ..clip })
        })
        .collect()
}

/// The test tone: Opus packets of 20 ms.
pub(crate) fn tone() -> Result<Vec<Vec<u8>>> {
    ogg::read_opus(include_bytes!("../../samples/tone.opus.ogg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_has_three_seconds_and_a_key_frame_each_second() {
        for codec in [VideoCodec::Vp8, VideoCodec::H264] {
            let layers = pattern(codec, 3).unwrap();
            let heights: Vec<_> = layers.iter().map(|clip| clip.height).collect();
            assert_eq!(heights, [Some(180), Some(360), Some(720)]);
            for clip in &layers {
                let keys: Vec<usize> = (0..clip.pictures.len()).filter(|at| clip.pictures[*at].key).collect();
                assert_eq!(clip.pictures.len(), 90);
                assert_eq!(keys, [0, 30, 60]);
                assert_eq!(clip.next_key(31), 60);
                assert_eq!(clip.next_key(61), 0);
            }
            assert!(layers[0].mean_len() < layers[1].mean_len());
            assert!(layers[1].mean_len() < layers[2].mean_len());
        }
        assert_eq!(pattern(VideoCodec::Vp8, 1).unwrap()[0].height, Some(720));
    }

    #[test]
    fn the_tone_is_opus_in_packets_of_20_ms() {
        let tone = tone().unwrap();
        assert!(tone.len() >= 150);
        // RFC 6716 §3.1: a CELT or hybrid frame of 20 ms, one frame a packet.
        assert!(tone.iter().all(|packet| packet[0] & 0x03 == 0));
    }

    #[test]
    fn a_file_is_known_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("video.bin");
        std::fs::write(&path, include_bytes!("../../samples/testsrc2-180p.h264")).unwrap();
        assert_eq!(Clip::from_file(&path).unwrap().codec, VideoCodec::H264);
        std::fs::write(&path, include_bytes!("../../samples/testsrc2-180p.vp8.ivf")).unwrap();
        assert_eq!(Clip::from_file(&path).unwrap().codec, VideoCodec::Vp8);
        std::fs::write(&path, b"no video at all").unwrap();
        let error = format!("{:#}", Clip::from_file(&path).unwrap_err());
        assert!(error.contains("video.bin") && error.contains("Annex B"), "{error}");
        assert!(Clip::from_file(&folder.path().join("absent")).is_err());
    }
}
