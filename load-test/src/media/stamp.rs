//! Send times: on the wire as absolute capture time, or inside the payload for servers that drop
//! that extension.
//!
//! The payload form is invisible to decoders: behind the last partition of a VP8 frame, or in an
//! SEI message of an H.264 picture.

use std::time::Duration;

/// Seconds from 1900 to 1970.
const NTP_OFFSET: u64 = 2_208_988_800;

/// What marks a payload stamp; sixteen random bytes.
const MARK: [u8; 16] =
    [0x8e, 0x51, 0x27, 0xd3, 0x6b, 0x94, 0x4c, 0xf2, 0xa7, 0x39, 0xc5, 0x1e, 0xb8, 0x62, 0xda, 0x75];
/// Length of a payload stamp: the mark and sixteen half bytes.
pub(crate) const LEN: usize = 32;

/// The NTP time (32.32 fixed point) of a time since 1970.
pub(crate) fn ntp_of_unix(since_epoch: Duration) -> u64 {
    let fraction = (u64::from(since_epoch.subsec_nanos()) << 32) / 1_000_000_000;
    ((since_epoch.as_secs() + NTP_OFFSET) << 32) | fraction
}

/// Send times are rounded to this many microseconds, so that the rest can say what was sent.
const GRID_US: u64 = 8;
/// Added to the rounded time of a key frame: the middle of the grid, where rounding errors of
/// servers that convert the time do not reach.
const KEY_US: u64 = 4;

/// The NTP time of a moment, with a note whether a key frame was sent then.
pub(crate) fn noted(since_epoch: Duration, key: bool) -> u64 {
    let micros = since_epoch.as_micros() as u64 / GRID_US * GRID_US + if key { KEY_US } else { 0 };
    ntp_of_unix(Duration::from_micros(micros))
}

/// Whether the time has the note of a key frame.
pub(crate) fn notes_key(ntp: u64) -> bool {
    let seconds = (ntp >> 32).wrapping_sub(NTP_OFFSET);
    let micros = ((ntp & 0xffff_ffff) * 1_000_000 + (1 << 31)) >> 32;
    let rest = (seconds.wrapping_mul(1_000_000) + micros) % GRID_US;
    (KEY_US - 2..KEY_US + 2).contains(&rest)
}

/// Microseconds from one NTP time to a later one; negative if it is earlier.
pub(crate) fn micros_between(earlier: u64, later: u64) -> i64 {
    let difference = i128::from(later) - i128::from(earlier);
    ((difference * 1_000_000) >> 32) as i64
}

/// The payload form: no byte is zero, so that it needs no emulation prevention in H.264.
pub(crate) fn write(ntp: u64) -> [u8; LEN] {
    let mut stamp = [0; LEN];
    stamp[..16].copy_from_slice(&MARK);
    for (at, byte) in stamp[16..].iter_mut().enumerate() {
        *byte = 0x40 | ((ntp >> (60 - 4 * at)) & 0x0f) as u8;
    }
    stamp
}

/// Writes another time over the stamp at the end of a packet, if there is one.
pub(crate) fn renew(packet: &mut [u8], ntp: u64) {
    if let Some(start) = packet.len().checked_sub(LEN)
        && read(&packet[start..]).is_some()
    {
        packet[start..].copy_from_slice(&write(ntp));
    }
}

/// Finds a stamp at the end of a VP8 payload or at the start of an H.264 payload.
pub(crate) fn find(payload: &[u8]) -> Option<u64> {
    let at_end = payload.len().checked_sub(LEN).and_then(|start| payload.get(start..));
    let as_sei = payload
        .iter()
        .take(80)
        .position(|byte| *byte == MARK[0])
        .and_then(|start| payload.get(start..start + LEN));
    [at_end, as_sei].into_iter().flatten().find_map(read)
}

fn read(stamp: &[u8]) -> Option<u64> {
    let digits = stamp.strip_prefix(&MARK)?;
    Some(digits.iter().fold(0, |ntp, digit| (ntp << 4) | u64::from(digit & 0x0f)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_found_at_either_place_and_not_in_other_payloads() {
        let time = ntp_of_unix(Duration::from_nanos(1_700_000_000_123_456_789));
        let mut at_end = vec![1, 2, 3];
        at_end.extend_from_slice(&write(time));
        assert_eq!(find(&at_end), Some(time));
        let mut as_sei = vec![0x06, 0x05, 0x20];
        as_sei.extend_from_slice(&write(time));
        as_sei.extend_from_slice(&[0x80, 9, 9, 9]);
        assert_eq!(find(&as_sei), Some(time));
        renew(&mut at_end, time + 1);
        assert_eq!(find(&at_end), Some(time + 1));
        renew(&mut [0x8e; 100], time);
        assert_eq!(find(&[0x8e; 100]), None);
        assert_eq!(find(&[]), None);
        assert!(write(0).iter().all(|byte| *byte != 0));
    }

    #[test]
    fn the_note_of_a_key_frame_survives_small_errors_of_conversion() {
        for offset in (0..5_000_000).step_by(997) {
            let time = Duration::from_nanos(1_700_000_000_123_456_789 + offset);
            for key in [false, true] {
                let ntp = noted(time, key);
                assert!(micros_between(ntp, ntp_of_unix(time)).abs() < GRID_US as i64);
                for error in [-4000, 0, 4000] {
                    assert_eq!(notes_key(ntp.wrapping_add_signed(error)), key, "{time:?} {error}");
                }
            }
        }
    }

    #[test]
    fn the_distance_of_two_times_is_in_microseconds() {
        let early = ntp_of_unix(Duration::from_micros(1_700_000_000_000_100));
        let late = ntp_of_unix(Duration::from_micros(1_700_000_000_250_100));
        assert!((micros_between(early, late) - 250_000).abs() <= 1);
        assert!((micros_between(late, early) + 250_000).abs() <= 1);
    }
}
