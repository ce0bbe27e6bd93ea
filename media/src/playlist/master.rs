//! The multivariant playlist of HLS.

use std::fmt::Write as _;

use crate::Resolution;
use crate::playlist::with_query;

/// All that can be played of a broadcast or recording.
#[derive(Debug, Clone, Default)]
pub struct Master {
    /// Pictures, best first; or one entry without a size where there is sound only.
    pub variants: Vec<Variant>,
    /// Sound in playlists of its own, that goes with every variant.
    pub audio: Vec<AudioTrack>,
    /// Every segment begins with a key frame, as far as is known.
    pub independent: bool,
}

/// `EXT-X-STREAM-INF`: a rendition of the pictures.
#[derive(Debug, Clone, Default)]
pub struct Variant {
    /// Its media playlist, relative to the master playlist.
    pub uri: String,
    /// Bits per second of the heaviest segment, audio left out: it is added here.
    pub bandwidth: u64,
    /// Bits per second over all segments, audio left out.
    pub average_bandwidth: Option<u64>,
    /// Codec as `TrackConfig` tells it; that of audio is added here.
    pub codec: String,
    /// Size of the pictures as they are shown.
    pub resolution: Option<Resolution>,
    /// Pictures a second.
    pub frame_rate: Option<f64>,
}

/// `EXT-X-MEDIA` of type `AUDIO`.
#[derive(Debug, Clone, Default)]
pub struct AudioTrack {
    /// Its media playlist, relative to the master playlist.
    pub uri: String,
    /// What people call it.
    pub name: String,
    /// Bits per second of the heaviest segment.
    pub bandwidth: u64,
    /// Codec as `TrackConfig` tells it.
    pub codec: String,
    /// Number of channels.
    pub channels: u8,
}

/// Writes the multivariant playlist, every URI with `query` behind it.
pub fn master(master: &Master, query: &str) -> String {
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:7\n");
    if master.independent {
        text.push_str("#EXT-X-INDEPENDENT-SEGMENTS\n");
    }
    for (index, track) in master.audio.iter().enumerate() {
        let default = if index == 0 { "YES" } else { "NO" };
        let _ = writeln!(
            text,
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{GROUP}\",NAME=\"{}\",DEFAULT={default},AUTOSELECT=YES,\
             CHANNELS=\"{}\",URI=\"{}\"",
            quoted(&track.name),
            track.channels.max(1),
            with_query(&track.uri, query),
        );
    }
    let audio_bandwidth = master.audio.iter().map(|track| track.bandwidth).max().unwrap_or(0);
    for variant in &master.variants {
        // 1 where nothing was measured yet: the attribute must be there, and be a number above 0.
        let _ = write!(text, "#EXT-X-STREAM-INF:BANDWIDTH={}", (variant.bandwidth + audio_bandwidth).max(1));
        if let Some(average) = variant.average_bandwidth {
            let _ = write!(text, ",AVERAGE-BANDWIDTH={}", (average + audio_bandwidth).max(1));
        }
        let _ = write!(text, ",CODECS=\"{}\"", codecs(variant, &master.audio));
        if let Some((width, height)) = variant.resolution {
            let _ = write!(text, ",RESOLUTION={width}x{height}");
        }
        if let Some(rate) = variant.frame_rate.filter(|rate| rate.is_finite() && *rate > 0.0) {
            let _ = write!(text, ",FRAME-RATE={rate:.3}");
        }
        if !master.audio.is_empty() {
            let _ = write!(text, ",AUDIO=\"{GROUP}\"");
        }
        let _ = writeln!(text, ",CLOSED-CAPTIONS=NONE\n{}", with_query(&variant.uri, query));
    }
    text
}

/// The codecs of a variant and of all audio that may be played with it, each once.
fn codecs(variant: &Variant, audio: &[AudioTrack]) -> String {
    let mut names = vec![variant.codec.as_str()];
    for track in audio {
        if !names.contains(&track.codec.as_str()) {
            names.push(&track.codec);
        }
    }
    names.retain(|name| !name.is_empty());
    names.join(",")
}

/// A quoted string cannot have quotes or line ends (4.2 of the draft), and there is no way to escape them.
fn quoted(text: &str) -> String {
    text.chars().map(|char| if char == '"' { '\'' } else { char }).filter(|char| !char.is_control()).collect()
}

/// Name of the only group of audio.
const GROUP: &str = "audio";
