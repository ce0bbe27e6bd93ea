//! IVF files: a 32-byte header, then frames with a 12-byte header each.

use anyhow::{Context as _, Result, bail, ensure};

/// What an IVF file carries.
#[derive(Debug)]
pub(crate) struct Ivf<'a> {
    /// Frames per second, if the header says.
    pub(crate) fps: Option<f64>,
    pub(crate) frames: Vec<&'a [u8]>,
}

/// Reads a VP8 file.
pub(crate) fn read(file: &[u8]) -> Result<Ivf<'_>> {
    ensure!(file.len() >= 32 && file.starts_with(b"DKIF"), "this is not an IVF file");
    let four_cc = &file[8..12];
    if four_cc != b"VP80" {
        bail!(
            "the IVF file carries {}, and only VP8 can be published from IVF",
            String::from_utf8_lossy(four_cc)
        );
    }
    let header_len = usize::from(u16::from_le_bytes([file[6], file[7]]));
    let rate = u32::from_le_bytes([file[16], file[17], file[18], file[19]]);
    let scale = u32::from_le_bytes([file[20], file[21], file[22], file[23]]);
    let fps = (rate > 0 && scale > 0).then(|| f64::from(rate) / f64::from(scale));
    let mut rest = file.get(header_len..).context("the IVF header is cut off")?;
    let mut frames = Vec::new();
    while rest.len() >= 12 {
        let len = u32::from_le_bytes([rest[0], rest[1], rest[2], rest[3]]) as usize;
        // A file that is still being written ends in the middle of a frame.
        let Some(frame) = rest[12..].get(..len) else {
            break;
        };
        if !frame.is_empty() {
            frames.push(frame);
        }
        rest = &rest[12 + len..];
    }
    ensure!(!frames.is_empty(), "the IVF file holds no frame");
    Ok(Ivf { fps, frames })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(four_cc: &[u8; 4], frames: &[&[u8]]) -> Vec<u8> {
        let mut file = b"DKIF\0\0\x20\0".to_vec();
        file.extend_from_slice(four_cc);
        file.extend_from_slice(&[0, 5, 0xd0, 2]);
        file.extend_from_slice(&30u32.to_le_bytes());
        file.extend_from_slice(&1u32.to_le_bytes());
        file.extend_from_slice(&[0; 8]);
        for frame in frames {
            file.extend_from_slice(&(frame.len() as u32).to_le_bytes());
            file.extend_from_slice(&[0; 8]);
            file.extend_from_slice(frame);
        }
        file
    }

    #[test]
    fn frames_come_in_order_and_a_cut_one_is_left_out() {
        let mut bytes = file(b"VP80", &[b"one", b"two"]);
        bytes.extend_from_slice(&100u32.to_le_bytes());
        bytes.extend_from_slice(&[0; 20]);
        let ivf = read(&bytes).unwrap();
        assert_eq!(ivf.fps, Some(30.0));
        assert_eq!(ivf.frames, [b"one", b"two"]);
    }

    #[test]
    fn another_codec_is_refused_by_name() {
        let error = read(&file(b"AV01", &[b"x"])).unwrap_err();
        assert!(error.to_string().contains("AV01"), "{error}");
        assert!(read(b"RIFF").is_err());
        assert!(read(&file(b"VP80", &[])).is_err());
    }
}
