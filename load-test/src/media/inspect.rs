//! What a viewer can tell from a packet without decoding.

use super::h264;
use super::vp8::{self, PictureId};

/// A codec a viewer may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeenCodec {
    Vp8,
    H264,
    Vp9,
    Av1,
    Other,
}

impl SeenCodec {
    /// From the encoding name in SDP.
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "VP8" => Self::Vp8,
            "H264" => Self::H264,
            "VP9" => Self::Vp9,
            "AV1" => Self::Av1,
            _ => Self::Other,
        }
    }
}

/// The findings about one packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// A frame begins here.
    pub(crate) starts: bool,
    /// A frame that decoding can start from begins here.
    pub(crate) key: bool,
    pub(crate) picture_id: Option<PictureId>,
}

/// Looks at a payload.
pub(crate) fn inspect(codec: SeenCodec, payload: &[u8]) -> Findings {
    let first = payload.first().copied().unwrap_or_default();
    match codec {
        SeenCodec::Vp8 => vp8::read(payload).map_or_else(Findings::default, |read| Findings {
            starts: read.starts_frame,
            key: read.key,
            picture_id: read.picture_id,
        }),
        SeenCodec::H264 => Findings {
            starts: h264::starts_picture(payload),
            key: h264::starts_key(payload),
            picture_id: None,
        },
        // RFC 9628 §4.2: the start of a frame, and not inter-predicted.
        SeenCodec::Vp9 => Findings { starts: first & 0x08 != 0, key: first & 0x48 == 0x08, picture_id: None },
        // AV1 RTP specification §4.4: no continuation, and the start of a coded video sequence.
        SeenCodec::Av1 => Findings { starts: first & 0x80 == 0, key: first & 0x88 == 0x08, picture_id: None },
        SeenCodec::Other => Findings { starts: true, ..Findings::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_frames_are_told_from_others_in_each_codec() {
        assert!(inspect(SeenCodec::Vp8, &[0x10, 0x10]).key);
        assert!(!inspect(SeenCodec::Vp8, &[0x10, 0x11]).key);
        assert!(inspect(SeenCodec::H264, &[0x67, 0]).key);
        assert!(!inspect(SeenCodec::H264, &[0x41, 0x9a]).key);
        assert!(inspect(SeenCodec::Vp9, &[0x88]).key);
        assert!(!inspect(SeenCodec::Vp9, &[0xc8]).key);
        assert!(inspect(SeenCodec::Av1, &[0x18]).key);
        assert!(!inspect(SeenCodec::Av1, &[0x10]).key);
        assert_eq!(inspect(SeenCodec::Vp8, &[]), Findings::default());
    }
}
