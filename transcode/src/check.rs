//! Whether what ffmpeg made is whole: it does not always fail when it could not write.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use crate::error::TranscodeError;

/// Boxes at the top of a file; a whole one has a handful.
const MOST_BOXES: usize = 64;

/// Says how large an MP4 is whose `moov` is in front and whose boxes end where the file does.
pub(crate) fn whole_mp4(path: &Path) -> Result<u64, TranscodeError> {
    let boxes = top_level(path).map_err(TranscodeError::files("reading what ffmpeg made"))?;
    let boxes = boxes.ok_or(TranscodeError::NotWhole("a file that ends within a box"))?;
    let place = |kind: &[u8; 4]| boxes.iter().position(|(found, _)| found == kind);
    match (place(b"moov"), place(b"mdat")) {
        (Some(moov), Some(mdat)) if moov < mdat => Ok(boxes.iter().map(|(_, size)| size).sum()),
        _ => Err(TranscodeError::NotWhole("a file that does not begin with its index")),
    }
}

type Boxes = Vec<([u8; 4], u64)>;

/// Kinds and sizes; nothing where the last one is longer than the file (ISO/IEC 14496-12 §4.2).
fn top_level(path: &Path) -> io::Result<Option<Boxes>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let (mut at, mut boxes) = (0, Boxes::new());
    while at < length && boxes.len() < MOST_BOXES {
        let mut header = [0; 16];
        file.seek(SeekFrom::Start(at))?;
        let most = usize::try_from(length - at).unwrap_or(16).min(16);
        file.read_exact(&mut header[..most])?;
        let [a, b, c, d, kind @ ..] = *header.first_chunk::<8>().unwrap_or(&[0; 8]);
        let size = match u32::from_be_bytes([a, b, c, d]) {
            0 => length - at,
            1 => header.last_chunk().map_or(0, |long| u64::from_be_bytes(*long)),
            size => size.into(),
        };
        if size < 8 || size > length - at {
            return Ok(None);
        }
        boxes.push((kind, size));
        at += size;
    }
    Ok((at == length).then_some(boxes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mp4(boxes: &[(&[u8; 4], usize)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (kind, payload) in boxes {
            bytes.extend(u32::try_from(payload + 8).unwrap().to_be_bytes());
            bytes.extend(*kind);
            bytes.extend(vec![0; *payload]);
        }
        bytes
    }

    fn check(bytes: &[u8]) -> Result<u64, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        whole_mp4(file.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_that_is_cut_anywhere_is_not_whole() {
        let whole = mp4(&[(b"ftyp", 20), (b"moov", 300), (b"free", 0), (b"mdat", 1000)]);
        assert_eq!(check(&whole), Ok(whole.len() as u64));
        let boundary = [28, 336, 344, whole.len()];
        for length in (0..whole.len()).filter(|length| !boundary.contains(length)) {
            assert!(check(&whole[..length]).is_err(), "{length}");
        }
        assert!(check(&whole[..344]).is_err(), "without media");
    }

    #[test]
    fn an_index_at_the_end_is_refused() {
        assert!(check(&mp4(&[(b"ftyp", 20), (b"mdat", 100), (b"moov", 300)])).is_err());
        let mut endless = mp4(&[(b"ftyp", 20), (b"moov", 9), (b"mdat", 100)]);
        let at = 28 + 17;
        endless[at..at + 4].copy_from_slice(&0_u32.to_be_bytes());
        assert!(check(&endless).is_ok(), "a last box may last until the end");
    }
}
