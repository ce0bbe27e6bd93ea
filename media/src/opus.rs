//! Opus packets (RFC 6716): the table-of-contents byte.

/// What the first bytes of an Opus packet say (RFC 6716 3.1 and 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpusPacket {
    /// Configuration number, 0 to 31: mode, bandwidth and frame size.
    pub config: u8,
    /// Whether the packet is coded in stereo. A stereo stream may send mono packets in between.
    pub stereo: bool,
    /// Duration of one frame in microseconds.
    pub frame_micros: u32,
    /// Frames in the packet, 1 to 48.
    pub frames: u8,
    /// The packet carries (next to) nothing: the encoder is in discontinuous transmission.
    pub dtx: bool,
}

impl OpusPacket {
    /// Reads the packet's first bytes; `None` for an empty one or a forbidden frame count.
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let toc = *payload.first()?;
        let config = toc >> 3;
        let frames = match toc & 0x03 {
            0 => 1,
            1 | 2 => 2,
            _ => payload.get(1)? & 0x3f,
        };
        let frame_micros = frame_micros(config);
        let micros = frame_micros * u32::from(frames);
        if micros == 0 || micros > MAX_PACKET_MICROS {
            return None;
        }
        let dtx = payload.len() <= MAX_DTX_SIZE;
        Some(Self { config, stereo: toc & 0x04 != 0, frame_micros, frames, dtx })
    }

    /// Duration of the whole packet in microseconds.
    pub fn micros(&self) -> u32 {
        self.frame_micros * u32::from(self.frames)
    }
}

/// Table 2 of RFC 6716: SILK, hybrid, CELT.
const fn frame_micros(config: u8) -> u32 {
    let step = (config & 0x03) as usize;
    match config {
        0..=11 => [10_000, 20_000, 40_000, 60_000][step],
        12..=15 => [10_000, 20_000][step & 1],
        _ => [2_500, 5_000, 10_000, 20_000][step],
    }
}

/// No packet is longer than 120 ms (RFC 6716 3.2.5, requirement R5).
const MAX_PACKET_MICROS: u32 = 120_000;

/// An encoder that pauses sends packets of at most two bytes (opus_encode: "2 bytes or less means
/// the packet does not need to be transmitted"); real sound never fits into that.
const MAX_DTX_SIZE: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_send_20_ms_of_stereo_in_one_frame() {
        let packet = OpusPacket::parse(&[0xfc, 1, 2, 3]).unwrap();
        assert_eq!((packet.config, packet.stereo, packet.micros(), packet.frames), (31, true, 20_000, 1));
        assert!(!packet.dtx);
    }

    #[test]
    fn a_packet_without_sound_is_dtx() {
        assert!(OpusPacket::parse(&[0x78]).unwrap().dtx);
        assert!(OpusPacket::parse(&[0x78, 0x00]).unwrap().dtx);
    }

    #[test]
    fn durations_follow_the_table_of_the_standard() {
        let micros = |config: u8| OpusPacket::parse(&[config << 3, 0, 0]).unwrap().frame_micros;
        assert_eq!([0, 3, 12, 13, 16, 19].map(micros), [10_000, 60_000, 10_000, 20_000, 2_500, 20_000]);
    }

    #[test]
    fn counted_frames_may_not_be_none_and_not_exceed_120_ms() {
        let frames = |count: u8| OpusPacket::parse(&[0xfb, count, 0]).map(|packet| packet.frames);
        assert_eq!([frames(0), frames(6), frames(7), frames(0x86)], [None, Some(6), None, Some(6)]);
        assert_eq!(OpusPacket::parse(&[0xfb]), None);
        assert_eq!(OpusPacket::parse(&[]), None);
    }
}
