//! Encoded media: readers of files, the embedded test pattern, packetisers, and what a receiver can
//! tell from a packet.

pub(crate) mod annexb;
pub(crate) mod clip;
pub(crate) mod h264;
pub(crate) mod inspect;
pub(crate) mod ivf;
pub(crate) mod ogg;
pub(crate) mod split;
pub(crate) mod stamp;
pub(crate) mod vp8;

/// Payload bytes of an RTP packet at most. With header, extensions, SRTP tag, UDP and IPv6 this
/// stays below the 1280 bytes that every IPv6 path carries.
pub(crate) const MAX_PAYLOAD: usize = 1160;

/// A video codec this tool can publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum VideoCodec {
    /// VP8
    Vp8,
    /// H.264, constrained baseline
    H264,
}

impl VideoCodec {
    /// The encoding name in SDP, in upper case.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Vp8 => "VP8",
            Self::H264 => "H264",
        }
    }
}
