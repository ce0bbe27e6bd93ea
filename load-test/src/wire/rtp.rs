//! RTP headers: a view that copies nothing when reading, and a writer into a reused buffer.

/// The URI of the header extension that names the media section (RFC 9143).
pub(crate) const URI_MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
/// The URI of the header extension that names the simulcast layer (RFC 8852).
pub(crate) const URI_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
/// The URI of the header extension that names the layer a retransmission repairs (RFC 8852).
pub(crate) const URI_REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
/// The URI of the transport-wide sequence number.
pub(crate) const URI_TWCC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// The URI of the absolute capture time.
pub(crate) const URI_CAPTURE_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";

/// A received RTP packet, borrowed from the datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RtpPacket<'a> {
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    profile: u16,
    extensions: &'a [u8],
    pub(crate) payload: &'a [u8],
}

/// How long the header of this packet is (fixed part, CSRCs, extensions), or nothing if the
/// bytes are no RTP packet.
pub(crate) fn header_len(packet: &[u8]) -> Option<usize> {
    if packet.len() < 12 || packet[0] >> 6 != 2 {
        return None;
    }
    let mut len = 12 + 4 * usize::from(packet[0] & 0x0f);
    if packet[0] & 0x10 != 0 {
        let words = u16::from_be_bytes(packet.get(len + 2..len + 4)?.try_into().ok()?);
        len += 4 + 4 * usize::from(words);
    }
    (len <= packet.len()).then_some(len)
}

/// Profile and bytes of the header extensions of a packet whose header has been checked.
fn extensions(packet: &[u8], header_len: usize) -> (u16, &[u8]) {
    if packet[0] & 0x10 == 0 {
        return (0, &packet[..0]);
    }
    let start = 12 + 4 * usize::from(packet[0] & 0x0f);
    (u16::from_be_bytes([packet[start], packet[start + 1]]), &packet[start + 4..header_len])
}

impl<'a> RtpPacket<'a> {
    /// Reads a decrypted packet; padding is taken off the payload.
    pub(crate) fn parse(packet: &'a [u8]) -> Option<Self> {
        let header_len = header_len(packet)?;
        let (profile, extensions) = extensions(packet, header_len);
        let mut end = packet.len();
        if packet[0] & 0x20 != 0 {
            end = end.checked_sub(usize::from(*packet.last()?))?;
        }
        Some(Self::assemble(packet, profile, extensions, packet.get(header_len..end)?))
    }

    /// Reads the header of an encrypted packet, which SRTP leaves readable; the payload is whatever
    /// lies behind it.
    pub(crate) fn parse_sealed(packet: &'a [u8]) -> Option<Self> {
        let header_len = header_len(packet)?;
        let (profile, extensions) = extensions(packet, header_len);
        Some(Self::assemble(packet, profile, extensions, &packet[header_len..]))
    }

    fn assemble(packet: &[u8], profile: u16, extensions: &'a [u8], payload: &'a [u8]) -> Self {
        Self {
            marker: packet[1] & 0x80 != 0,
            payload_type: packet[1] & 0x7f,
            sequence: u16::from_be_bytes([packet[2], packet[3]]),
            timestamp: u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]),
            ssrc: u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]),
            profile,
            extensions,
            payload,
        }
    }

    /// The value of the header extension with this id (RFC 8285, both forms).
    pub(crate) fn extension(&self, id: u8) -> Option<&'a [u8]> {
        let mut rest = self.extensions;
        let two_bytes = self.profile & 0xfff0 == 0x1000;
        if !two_bytes && self.profile != 0xbede {
            return None;
        }
        while let [first, tail @ ..] = rest {
            if *first == 0 {
                rest = tail;
                continue;
            }
            let (found, len, body) = if two_bytes {
                let [len, body @ ..] = tail else { return None };
                (*first, usize::from(*len), body)
            } else {
                if first >> 4 == 15 {
                    return None;
                }
                (first >> 4, usize::from(first & 0x0f) + 1, tail)
            };
            if body.len() < len {
                return None;
            }
            if found == id {
                return Some(&body[..len]);
            }
            rest = &body[len..];
        }
        None
    }
}

/// The fixed fields of a packet to send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RtpFields {
    pub(crate) marker: bool,
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
}

/// Writes a header with one-byte extensions; ids run from 1 to 14 and values from 1 to 16 bytes,
/// which the offer of this tool guarantees.
pub(crate) fn write_header(out: &mut Vec<u8>, fields: &RtpFields, extensions: &[(u8, &[u8])]) {
    out.push(if extensions.is_empty() { 0x80 } else { 0x90 });
    out.push(fields.payload_type | if fields.marker { 0x80 } else { 0 });
    out.extend_from_slice(&fields.sequence.to_be_bytes());
    out.extend_from_slice(&fields.timestamp.to_be_bytes());
    out.extend_from_slice(&fields.ssrc.to_be_bytes());
    if extensions.is_empty() {
        return;
    }
    out.extend_from_slice(&[0xbe, 0xde, 0, 0]);
    let start = out.len();
    for (id, value) in extensions {
        out.push((id << 4) | (value.len() as u8 - 1));
        out.extend_from_slice(value);
    }
    while !(out.len() - start).is_multiple_of(4) {
        out.push(0);
    }
    let words = ((out.len() - start) / 4) as u16;
    out[start - 2..start].copy_from_slice(&words.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: RtpFields = RtpFields {
        marker: true,
        payload_type: 96,
        sequence: 65_535,
        timestamp: 4_000_000_000,
        ssrc: 0x1234_5678,
    };

    #[test]
    fn a_written_packet_is_read_back_with_its_extensions() {
        let mut packet = Vec::new();
        write_header(&mut packet, &FIELDS, &[(1, b"v"), (3, &[1, 2, 3, 4, 5, 6, 7, 8])]);
        packet.extend_from_slice(b"payload");
        let read = RtpPacket::parse(&packet).unwrap();
        assert!(read.marker);
        assert_eq!(
            (read.payload_type, read.sequence, read.timestamp, read.ssrc),
            (96, 65_535, 4_000_000_000, 0x1234_5678)
        );
        assert_eq!(read.extension(1), Some(&b"v"[..]));
        assert_eq!(read.extension(3).map(<[u8]>::len), Some(8));
        assert_eq!(read.extension(2), None);
        assert_eq!(read.payload, b"payload");
    }

    #[test]
    fn two_byte_extensions_of_a_foreign_sender_are_read() {
        let mut packet = vec![0x90, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x10, 0x00, 0, 2];
        packet.extend_from_slice(&[0, 20, 2, 0xaa, 0xbb, 0, 0, 0]);
        packet.push(7);
        let read = RtpPacket::parse(&packet).unwrap();
        assert_eq!(read.extension(20), Some(&[0xaa, 0xbb][..]));
        assert_eq!(read.payload, [7]);
    }

    #[test]
    fn padding_is_not_payload() {
        let packet = [0xa0, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9, 0, 0, 3];
        assert_eq!(RtpPacket::parse(&packet).unwrap().payload, [9]);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            if let Some(packet) = RtpPacket::parse(&bytes) {
                for id in 0..=255 {
                    let _ = packet.extension(id);
                }
            }
        }
    }
}
