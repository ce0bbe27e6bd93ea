//! What a decoder must be told about a track before its first frame.

mod video;

use shiguredo_mp4::bitstream::opus::{ChannelCount, OpusSampleEntryConfig, build_opus_box};
use shiguredo_mp4::boxes::SampleEntry;
use shiguredo_mp4::{Encode, codec_string};
use sluice_domain::{Codec, MediaKind};

use crate::Resolution;

pub(crate) use video::{av1, h264, h265, vp8, vp9};

/// Codec, size and parameter sets of a track. Two that are equal need one init segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackConfig {
    codec: Codec,
    entry: SampleEntry,
    codec_string: String,
    rotation: Rotation,
    max_reorder: Option<u8>,
}

/// How far a picture must be turned clockwise to stand upright.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rotation {
    /// It stands upright.
    #[default]
    None,
    /// 90°.
    Quarter,
    /// 180°.
    Half,
    /// 270°.
    ThreeQuarters,
}

impl Rotation {
    /// Reads the byte of 3GPP TS 26.114 §7.4.5; its mirror bit has no place in MP4.
    pub const fn from_cvo(byte: u8) -> Self {
        match byte & 0x03 {
            0 => Self::None,
            1 => Self::Quarter,
            2 => Self::Half,
            _ => Self::ThreeQuarters,
        }
    }
}

impl TrackConfig {
    fn new(codec: Codec, entry: SampleEntry, max_reorder: Option<u8>) -> Option<Self> {
        let codec_string = codec_string::from_sample_entry(&entry).ok()?;
        // What cannot be written is no track.
        entry.encode_to_vec().ok()?;
        Some(Self { codec, entry, codec_string, rotation: Rotation::None, max_reorder })
    }

    /// Opus as WebRTC has it: 48 kHz, two channels, whatever the single packets carry.
    pub fn opus() -> Self {
        let entry = build_opus_box(&OpusSampleEntryConfig {
            channel_count: ChannelCount::Stereo,
            // Timestamps of RTP say when sound was captured, and nothing of what a decoder must leave out.
            pre_skip: 0,
            input_sample_rate: 48_000,
            output_gain: 0,
        });
        Self {
            codec: Codec::Opus,
            entry: SampleEntry::Opus(entry),
            // RFC 6381 writes sample entries as they are ("Opus"); players know the name in lower case.
            codec_string: "opus".into(),
            rotation: Rotation::None,
            max_reorder: Some(0),
        }
    }

    /// What the track is coded with.
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// Audio or video.
    pub const fn kind(&self) -> MediaKind {
        self.codec.kind()
    }

    /// Units of time a second, as in RTP: 90,000 for pictures, 48,000 for sound.
    pub const fn timescale(&self) -> u32 {
        self.codec.clock_rate()
    }

    /// The codec as the `CODECS` attribute of HLS and DASH has it, such as `avc1.64001f` or `opus`.
    pub fn codec_string(&self) -> &str {
        &self.codec_string
    }

    /// Size of the pictures as they are coded, before they are turned; `None` for audio.
    pub fn coded_size(&self) -> Option<Resolution> {
        let visual = match &self.entry {
            SampleEntry::Avc1(entry) => &entry.visual,
            SampleEntry::Hvc1(entry) => &entry.visual,
            SampleEntry::Vp08(entry) => &entry.visual,
            SampleEntry::Vp09(entry) => &entry.visual,
            SampleEntry::Av01(entry) => &entry.visual,
            SampleEntry::Hev1(_)
            | SampleEntry::Opus(_)
            | SampleEntry::Mp4a(_)
            | SampleEntry::Flac(_)
            | SampleEntry::Stpp(_)
            | SampleEntry::Wvtt(_)
            | SampleEntry::Tx3g(_)
            | SampleEntry::Unknown(_) => return None,
        };
        Some((visual.width, visual.height))
    }

    /// Size of the pictures as they are shown; `None` for audio.
    pub fn size(&self) -> Option<Resolution> {
        let (width, height) = self.coded_size()?;
        Some(match self.rotation {
            Rotation::None | Rotation::Half => (width, height),
            Rotation::Quarter | Rotation::ThreeQuarters => (height, width),
        })
    }

    /// How the pictures must be turned.
    pub const fn rotation(&self) -> Rotation {
        self.rotation
    }

    /// The same track, turned.
    #[must_use]
    pub fn turned(self, rotation: Rotation) -> Self {
        Self { rotation, ..self }
    }

    /// How many pictures may precede another one in decoding order and follow it on the screen: 0 without
    /// B-frames, `None` where the stream does not tell.
    pub const fn max_reorder(&self) -> Option<u8> {
        self.max_reorder
    }

    /// The sample entry of the `stsd` box.
    pub const fn entry(&self) -> &SampleEntry {
        &self.entry
    }
}

#[cfg(test)]
mod tests;
