//! Sealing: secrets that must be read again (a signing key, "show key", a TOTP secret) are stored
//! encrypted under a master key that is not in the database.
//!
//! The master key file holds one line a version, `v1:<base64 of 32 bytes>`. The last line seals, every
//! line opens, so a new version can be added at any time and old blobs re-sealed at leisure. A blob is
//! bound to the row that it is in: one that was moved to another row does not open.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};
use aes_gcm::{Aes256Gcm, Key};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sluice_domain::Redacted;
use thiserror::Error;

use crate::secrets::random_bytes;

/// All versions of the master key. Cheap to clone.
#[derive(Clone)]
pub struct MasterKeys {
    ciphers: Arc<BTreeMap<u32, Aes256Gcm>>,
    newest: u32,
}

/// Where a blob is stored; it opens nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

/// Why sealing did not work.
#[derive(Debug, Error)]
pub enum SealError {
    /// The file cannot be read or written.
    #[error("the master key file {path} cannot be used")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others than its owner can read the file.
    #[error("the master key file {path} can be read by others (mode {mode:o}); run: chmod 600 {path}")]
    Open {
        /// Which file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A line is not a version and a key.
    #[error(
        "line {line} of the master key file is not of the form v1:<base64 of 32 bytes>, or its version is not above the one before"
    )]
    Line {
        /// Which line, from 1.
        line: usize,
    },
    /// No key at all.
    #[error("the master key file is empty")]
    Empty,
    /// Sealed under a version that is not in the file.
    #[error("this was sealed under version {0} of the master key, which is not in the master key file")]
    UnknownVersion(u32),
    /// Changed, moved to another row, or never sealed by us.
    #[error("this cannot be opened: it was changed, moved, or sealed with another master key")]
    Refused,
}

impl Place {
    /// A column of a row.
    pub fn new(table: &str, column: &str, row: impl std::fmt::Display) -> Self {
        Self(format!("{table}:{column}:{row}"))
    }
}

impl std::fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MasterKeys").field("newest", &self.newest).finish_non_exhaustive()
    }
}

impl MasterKeys {
    /// Reads the file, or makes it with a first key where there is none.
    pub fn load_or_create(path: &Path) -> Result<Self, SealError> {
        match Self::load(path) {
            Err(SealError::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                match write_new(path, &[line(1)]) {
                    // Another process was quicker: its key is the key.
                    Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Self::load(path),
                    Err(source) => Err(SealError::File { path: path.to_owned(), source }),
                    Ok(()) => Self::load(path),
                }
            }
            other => other,
        }
    }

    /// Reads the file.
    pub fn load(path: &Path) -> Result<Self, SealError> {
        let failed = |source| SealError::File { path: path.to_owned(), source };
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SealError::Open { path: path.to_owned(), mode });
        }
        Self::parse(&fs::read_to_string(path).map_err(failed)?)
    }

    /// Adds a version to the file and reads it again. What is sealed from now on is sealed under it.
    pub fn add_version(path: &Path) -> Result<Self, SealError> {
        let newest = Self::load(path)?.newest;
        let failed = |source| SealError::File { path: path.to_owned(), source };
        let old = fs::read_to_string(path).map_err(failed)?;
        // Written beside and moved over: a crash leaves the old file whole.
        let beside = path.with_extension("key.new");
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        write_new(&beside, &[old.trim_end().to_owned(), line(newest + 1)]).map_err(failed)?;
        fs::rename(&beside, path).map_err(failed)?;
        Self::load(path)
    }

    fn parse(text: &str) -> Result<Self, SealError> {
        let mut ciphers = BTreeMap::new();
        let mut newest = 0;
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let parsed = line.trim().strip_prefix('v').and_then(|line| line.split_once(':'));
            let parsed = parsed.and_then(|(version, key)| {
                let version: u32 = version.parse().ok()?;
                let key: [u8; 32] = STANDARD.decode(key).ok()?.try_into().ok()?;
                (version > newest).then_some((version, key))
            });
            let Some((version, key)) = parsed else { return Err(SealError::Line { line: index + 1 }) };
            ciphers.insert(version, Aes256Gcm::new(&Key::<Aes256Gcm>::from(key)));
            newest = version;
        }
        if newest == 0 { Err(SealError::Empty) } else { Ok(Self { ciphers: Arc::new(ciphers), newest }) }
    }

    /// The version that seals.
    pub const fn newest(&self) -> u32 {
        self.newest
    }

    /// Seals bytes for a place.
    pub fn seal(&self, place: &Place, secret: &[u8]) -> String {
        let nonce: [u8; NONCE] = random_bytes();
        let cipher = &self.ciphers[&self.newest];
        let payload = Payload { msg: secret, aad: place.0.as_bytes() };
        let sealed = cipher
            .encrypt(&Nonce::<Aes256Gcm>::from(nonce), payload)
            .expect("a secret is shorter than the 64 GiB that AES-GCM can seal");
        format!("v{}.{}", self.newest, STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed for a place.
    pub fn open(&self, place: &Place, sealed: &str) -> Result<Redacted<Vec<u8>>, SealError> {
        let (version, blob) = split(sealed).ok_or(SealError::Refused)?;
        let cipher = self.ciphers.get(&version).ok_or(SealError::UnknownVersion(version))?;
        let bytes = STANDARD.decode(blob).map_err(|_| SealError::Refused)?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE>().ok_or(SealError::Refused)?;
        let payload = Payload { msg: ciphertext, aad: place.0.as_bytes() };
        let opened = cipher.decrypt(&Nonce::<Aes256Gcm>::from(*nonce), payload);
        opened.map(Redacted::new).map_err(|_| SealError::Refused)
    }

    /// Opens a text that was sealed for a place.
    pub fn open_text(&self, place: &Place, sealed: &str) -> Result<Redacted<String>, SealError> {
        let bytes = self.open(place, sealed)?;
        let text = str::from_utf8(bytes.expose()).map_err(|_| SealError::Refused)?;
        Ok(Redacted::new(text.to_owned()))
    }

    /// The same secret under the newest version; `None` if it already is.
    pub fn reseal(&self, place: &Place, sealed: &str) -> Result<Option<String>, SealError> {
        if split(sealed).is_some_and(|(version, _)| version == self.newest) {
            return Ok(None);
        }
        let secret = self.open(place, sealed)?;
        Ok(Some(self.seal(place, secret.expose())))
    }
}

/// Bytes of a nonce. Random ones are safe for 2^32 seals under one key (NIST SP 800-38D §8.3); a
/// platform seals some thousands.
const NONCE: usize = 12;

fn split(sealed: &str) -> Option<(u32, &str)> {
    let (version, blob) = sealed.strip_prefix('v')?.split_once('.')?;
    Some((version.parse().ok()?, blob))
}

fn line(version: u32) -> String {
    format!("v{version}:{}", STANDARD.encode(random_bytes::<32>()))
}

fn write_new(path: &Path, lines: &[String]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(format!("{}\n", lines.join("\n")).as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        (folder, path)
    }

    #[test]
    fn what_was_sealed_opens_in_its_place_and_nowhere_else() {
        let (_folder, path) = folder();
        let keys = MasterKeys::load_or_create(&path).unwrap();
        let place = Place::new("stream_keys", "sealed", 7);
        let sealed = keys.seal(&place, b"sk_secret");
        assert!(sealed.starts_with("v1.") && !sealed.contains("secret"));
        assert_eq!(keys.open_text(&place, &sealed).unwrap().expose(), "sk_secret");
        let elsewhere = Place::new("stream_keys", "sealed", 8);
        assert!(matches!(keys.open(&elsewhere, &sealed), Err(SealError::Refused)));
        assert_ne!(sealed, keys.seal(&place, b"sk_secret"), "a nonce was used twice");
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let (_folder, path) = folder();
        let keys = MasterKeys::load_or_create(&path).unwrap();
        let place = Place::new("t", "c", 1);
        let sealed = keys.seal(&place, b"secret");
        for index in 0..sealed.len() {
            let mut bytes = sealed.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(keys.open(&place, &changed).is_err(), "{changed}");
        }
        for garbage in ["", "v1", "v1.", "v1.AAAA", "x", "v.A", "v99999999999.A"] {
            assert!(keys.open(&place, garbage).is_err(), "{garbage}");
        }
    }

    #[test]
    fn a_new_version_seals_and_the_old_one_still_opens() {
        let (_folder, path) = folder();
        let old = MasterKeys::load_or_create(&path).unwrap();
        let place = Place::new("t", "c", 1);
        let sealed = old.seal(&place, b"secret");
        let new = MasterKeys::add_version(&path).unwrap();
        assert_eq!(new.newest(), 2);
        assert_eq!(new.open(&place, &sealed).unwrap().expose(), b"secret");
        let resealed = new.reseal(&place, &sealed).unwrap().unwrap();
        assert!(resealed.starts_with("v2."));
        assert_eq!(new.reseal(&place, &resealed).unwrap(), None);
        assert!(matches!(old.open(&place, &resealed), Err(SealError::UnknownVersion(2))));
    }

    #[test]
    fn the_file_is_made_for_its_owner_alone_and_refused_when_others_can_read_it() {
        let (_folder, path) = folder();
        MasterKeys::load_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let first = fs::read_to_string(&path).unwrap();
        MasterKeys::load_or_create(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), first, "a second start made another key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(MasterKeys::load_or_create(&path), Err(SealError::Open { mode: 0o640, .. })));
    }

    #[test]
    fn a_file_that_is_not_understood_is_refused_and_not_replaced() {
        let key = STANDARD.encode([7; 32]);
        for (text, wrong) in [
            (format!("v1:{key}\nv1:{key}\n"), 2),
            (format!("v2:{key}\nv1:{key}\n"), 2),
            (format!("1:{key}"), 1),
            ("v1:AAAA".to_owned(), 1),
            (format!("v0:{key}"), 1),
        ] {
            assert!(
                matches!(MasterKeys::parse(&text), Err(SealError::Line { line }) if line == wrong),
                "{text}"
            );
        }
        assert!(matches!(MasterKeys::parse("\n"), Err(SealError::Empty)));
    }

    #[test]
    fn keys_are_not_printed() {
        let (_folder, path) = folder();
        let keys = MasterKeys::load_or_create(&path).unwrap();
        assert_eq!(format!("{keys:?}"), "MasterKeys { newest: 1, .. }");
    }
}
