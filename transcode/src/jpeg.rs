//! Pictures as ffmpeg writes them.

use std::path::Path;

use bytes::Bytes;

use crate::error::TranscodeError;

/// Reads a JPEG and looks whether it has a beginning and an end.
pub(crate) fn read(path: &Path) -> Result<Bytes, TranscodeError> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(TranscodeError::Nothing("picture"));
        }
        other => other.map_err(TranscodeError::files("reading a picture"))?,
    };
    if !bytes.starts_with(&[0xff, 0xd8]) || !bytes.ends_with(&[0xff, 0xd9]) {
        return Err(TranscodeError::NotWhole("a picture without its end"));
    }
    Ok(bytes.into())
}
