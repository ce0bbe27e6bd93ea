//! Certificates in files of somebody else's: taken when the files change, whoever changes them.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::{Result, ensure};
use tracing::warn;

use super::certificates::Certificates;
use super::pair::Pair;

/// How often the files are looked at. Tools that renew replace links and folders, which a look at the
/// files sees and a watch of the kernel's may not. Rarer would keep people waiting after a change.
const LOOK: Duration = Duration::from_secs(2);

/// An operator has this long to notice that nobody renews.
const SOON: i64 = 14 * 24 * 3600;

/// A certificate file and a key file.
pub(super) struct Files {
    certificate: PathBuf,
    key: PathBuf,
    certificates: Arc<Certificates>,
    /// What was read last, good or bad, so that a bad pair is complained of once.
    seen: Mutex<Option<[Stamp; 2]>>,
}

/// What changes when a file does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp(Option<(SystemTime, u64, u64)>);

impl Stamp {
    fn of(path: &Path) -> Self {
        let facts = fs::metadata(path).and_then(|file| Ok((file.modified()?, file.len(), file.ino())));
        Self(facts.ok())
    }
}

impl Files {
    /// These files, for these certificates.
    pub(super) fn new(certificate: PathBuf, key: PathBuf, certificates: Arc<Certificates>) -> Self {
        Self { certificate, key, certificates, seen: Mutex::default() }
    }

    /// Takes what is there at the start; a pair that does not fit is an error.
    pub(super) fn open(&self) -> Result<()> {
        self.remember();
        let pair = Pair::read(&self.certificate, &self.key)?;
        self.complain_of_age(&pair);
        self.certificates.set(&pair);
        Ok(())
    }

    /// Takes what is there now, and keeps the old one where that cannot be used.
    pub(super) fn look_again(&self) {
        self.remember();
        let read = Pair::read(&self.certificate, &self.key).and_then(|pair| {
            ensure!(pair.not_after() > super::now(), "it was valid until {} only", pair.valid_until());
            Ok(pair)
        });
        match read {
            Ok(pair) => {
                self.complain_of_age(&pair);
                self.certificates.set(&pair);
            }
            Err(error) => super::keep_old("a changed certificate was not taken", &error),
        }
    }

    /// Looks for changes, for ever.
    pub(super) async fn watch(&self) {
        let mut ticks = tokio::time::interval(LOOK);
        loop {
            ticks.tick().await;
            if self.changed() {
                self.look_again();
            }
        }
    }

    fn stamps(&self) -> [Stamp; 2] {
        [Stamp::of(&self.certificate), Stamp::of(&self.key)]
    }

    fn remember(&self) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.stamps());
    }

    fn changed(&self) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).as_ref() != Some(&self.stamps())
    }

    fn complain_of_age(&self, pair: &Pair) {
        if pair.not_after() < super::now() + SOON {
            let (file, until) = (self.certificate.display(), pair.valid_until());
            warn!("the certificate in {file} is valid until {until} only; does somebody renew it?");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pair::tests::pem;
    use super::*;

    #[test]
    fn a_changed_pair_is_taken_and_one_that_does_not_fit_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
        // By a new file each time: two writes within a tick of the clock have the same time.
        let replace = |file: &Path, text: &str| {
            let temporary = file.with_extension("new");
            fs::write(&temporary, text).unwrap();
            fs::rename(&temporary, file).unwrap();
        };
        let write = |pair: &(String, String)| {
            replace(&certificate, &pair.0);
            replace(&key, &pair.1);
        };
        write(&pem(&["one.example"]));
        let certificates = Arc::new(Certificates::default());
        let files = Files::new(certificate.clone(), key.clone(), Arc::clone(&certificates));
        files.open().unwrap();
        let first = certificates.fingerprint().unwrap();
        assert!(!files.changed());

        // Half of a change, as a tool that writes one file after the other leaves it for a moment.
        let second = pem(&["two.example"]);
        replace(&certificate, &second.0);
        assert!(files.changed());
        files.look_again();
        assert_eq!(certificates.fingerprint().as_ref(), Some(&first));
        assert!(!files.changed(), "a bad pair is complained of once");

        write(&second);
        assert!(files.changed());
        files.look_again();
        assert_ne!(certificates.fingerprint().as_ref(), Some(&first));
    }

    #[test]
    fn a_missing_file_stops_the_start_and_never_a_server_that_runs() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
        let certificates = Arc::new(Certificates::default());
        let files = Files::new(certificate.clone(), key.clone(), Arc::clone(&certificates));
        assert!(format!("{:#}", files.open().unwrap_err()).contains("c.pem cannot be read"));
        let made = pem(&["one.example"]);
        fs::write(&certificate, made.0).unwrap();
        fs::write(&key, made.1).unwrap();
        files.look_again();
        fs::remove_file(&key).unwrap();
        files.look_again();
        assert!(certificates.is_set());
    }
}
