//! ChannelData, the four bytes before most of what is relayed (RFC 8656 §12.4), and where messages end in a
//! stream (§12.5, RFC 8489 §6.2.2).

use std::ops::RangeInclusive;

/// Bytes before the payload.
pub const HEAD: usize = 4;

/// The numbers that clients may bind. RFC 8656 ends them at 0x4FFF, so that DTLS can share a socket with
/// channels; nothing else shares ours, and clients of RFC 5766 take any up to 0x7FFF.
pub const NUMBERS: RangeInclusive<u16> = 0x4000..=0x7FFF;

/// Channel and payload of a ChannelData message; `None` where the bytes are none. What stands behind the
/// payload is padding.
pub fn read(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<HEAD>()?;
    let channel = u16::from_be_bytes([head[0], head[1]]);
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    NUMBERS.contains(&channel).then(|| rest.get(..length).map(|payload| (channel, payload)))?
}

/// Appends a ChannelData message. Streams need it filled up to a multiple of four.
pub fn write(channel: u16, payload: &[u8], fill: bool, to: &mut Vec<u8>) {
    let start = to.len();
    to.extend_from_slice(&channel.to_be_bytes());
    to.extend_from_slice(&u16::try_from(payload.len()).unwrap_or(u16::MAX).to_be_bytes());
    to.extend_from_slice(payload);
    if fill {
        let end = start + (to.len() - start).next_multiple_of(4);
        to.resize(end, 0);
    }
}

/// The bytes of a stream are neither a message nor ChannelData.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what came is not TURN")]
pub struct NotTurn;

/// Length of the first message of a stream, with its padding; `None` until enough of it is there to tell.
///
/// # Errors
/// When no message begins like this; a stream cannot be read any further then.
pub fn frame(stream: &[u8]) -> Result<Option<usize>, NotTurn> {
    let Some(first) = stream.first() else { return Ok(None) };
    let head = match first >> 6 {
        0 => 20,
        1 => HEAD,
        _ => return Err(NotTurn),
    };
    let Some(length) = stream.get(2..4) else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    if head == 20 && length % 4 != 0 {
        return Err(NotTurn);
    }
    Ok(Some(head + length.next_multiple_of(4)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            channel in NUMBERS, payload in proptest::collection::vec(any::<u8>(), 0..2000), fill: bool
        ) {
            let mut bytes = vec![9];
            write(channel, &payload, fill, &mut bytes);
            prop_assert_eq!(read(&bytes[1..]), Some((channel, &payload[..])));
            if fill {
                prop_assert_eq!(frame(&bytes[1..]), Ok(Some(bytes.len() - 1)));
            }
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Some((_, payload)) = read(&bytes) {
                prop_assert!(payload.len() + HEAD <= bytes.len());
            }
            if let Ok(Some(length)) = frame(&bytes) {
                prop_assert_eq!(length % 4, 0);
            }
        }
    }

    #[test]
    fn a_payload_that_is_cut_off_is_no_message() {
        assert_eq!(read(&[0x40, 0, 0, 3, 1, 2]), None);
        assert_eq!(read(&[0x40, 0, 0, 2, 1, 2, 0, 0]), Some((0x4000, &[1, 2][..])));
    }

    #[test]
    fn a_stream_of_something_else_is_refused() {
        assert_eq!(frame(b"\x16\x03\x01\x02"), Err(NotTurn)); // TLS: a STUN length is a multiple of four
        assert_eq!(frame(b"\x80"), Err(NotTurn));
        assert_eq!(frame(b"\x00\x01"), Ok(None));
        assert_eq!(frame(b""), Ok(None));
    }
}
