//! A certificate that nobody vouches for, for a local network: made once, and kept, so that a device
//! has to be told only once.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair};
use time::OffsetDateTime;

use super::certificates::Certificates;
use super::pair::Pair;
use crate::config::Config;
use crate::ready;

/// Certificate and key, in one file, so that there is no moment in which they do not fit.
const FILE: &str = "self-signed.pem";

/// Browsers refuse what is valid for longer than 398 days. Shorter would ask people more often.
const DAYS: i64 = 397;

/// A new one is made when the old one has this long left.
const DAYS_LEFT: i64 = 30;

const DAY: i64 = 24 * 3600;

/// How often age and addresses are looked at.
const LOOK: Duration = Duration::from_secs(3600);

/// The certificate that this machine makes for itself.
pub(super) struct SelfSigned {
    folder: PathBuf,
    /// Addresses and names that only the configuration knows.
    told: Vec<String>,
    certificates: Arc<Certificates>,
}

impl SelfSigned {
    /// For the machine that this configuration is of.
    pub(super) fn new(config: &Config, certificates: Arc<Certificates>) -> Self {
        let mut told: Vec<String> = config.media.public_addresses.iter().map(IpAddr::to_string).collect();
        let host = config.server.public_url.as_deref().and_then(|url| url.parse::<axum::http::Uri>().ok());
        told.extend(host.and_then(|url| url.host().map(|host| host.trim_matches(['[', ']']).to_owned())));
        Self { folder: super::acme::folder(config), told, certificates }
    }

    /// Takes the one that is kept, or makes one.
    pub(super) fn open(&self) -> Result<()> {
        let wanted = self.names();
        let file = self.folder.join(FILE);
        let kept = Pair::read(&file, &file).ok();
        let kept = kept.filter(|pair| pair.covers(&wanted) && fresh(pair, super::now()));
        let pair = match kept {
            Some(kept) => kept,
            None => make(&self.folder, &file, &wanted)?,
        };
        self.certificates.set(&pair);
        Ok(())
    }

    /// Makes another one where this one is old or lacks an address.
    pub(super) fn refresh(&self) {
        let file = self.folder.join(FILE);
        let good = Pair::read(&file, &file)
            .is_ok_and(|pair| pair.covers(&self.names()) && fresh(&pair, super::now()));
        if !good && let Err(error) = self.open() {
            super::keep_old("no new certificate could be made", &error);
        }
    }

    /// Looks at it now and then, for ever.
    pub(super) async fn keep(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            self.refresh();
        }
    }

    fn names(&self) -> Vec<String> {
        let mut names: BTreeSet<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        names.extend(self.told.iter().cloned());
        if let Ok(host) = fs::read_to_string("/proc/sys/kernel/hostname") {
            let host = host.trim().to_ascii_lowercase();
            let dns = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
            if !host.is_empty() && dns {
                names.insert(format!("{}.local", host.split('.').next().unwrap_or(&host)));
                names.insert(host);
            }
        }
        let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
        // An address of this link alone needs the link's name beside it, which no certificate has.
        let addresses = interfaces.iter().map(if_addrs::Interface::ip).filter(|ip| match ip {
            IpAddr::V4(ip) => !ip.is_link_local(),
            IpAddr::V6(ip) => !ip.is_unicast_link_local(),
        });
        names.extend(addresses.map(|ip| ip.to_string()));
        names.into_iter().collect()
    }
}

fn fresh(pair: &Pair, now: i64) -> bool {
    pair.not_before() <= now && pair.not_after() > now + DAYS_LEFT * DAY
}

fn make(folder: &Path, file: &Path, names: &[String]) -> Result<Pair> {
    let time = |seconds| OffsetDateTime::from_unix_timestamp(seconds).context("the clock is far off");
    let mut params = CertificateParams::new(names).context("the names of this machine")?;
    // Clocks of devices on a local network may be some hours behind.
    params.not_before = time(super::now() - DAY)?;
    params.not_after = time(super::now() + (DAYS - 1) * DAY)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Sluice on this network");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().context("no key can be made")?;
    let certificate = params.self_signed(&key).context("the certificate cannot be signed")?;
    let text = format!("{}{}", certificate.pem(), key.serialize_pem());
    store(folder, file, text.as_bytes())?;
    Pair::from_pem(text.as_bytes(), text.as_bytes())
}

/// Replaces a file that only we may read, in one step.
pub(super) fn store(folder: &Path, file: &Path, bytes: &[u8]) -> Result<()> {
    let temporary = file.with_extension("tmp");
    fs::create_dir_all(folder)
        .and_then(|()| ready::private(&temporary, bytes))
        .and_then(|()| fs::rename(&temporary, file))
        .with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(folder: &Path, told: &[&str]) -> SelfSigned {
        SelfSigned {
            folder: folder.to_owned(),
            told: told.iter().map(|name| (*name).to_owned()).collect(),
            certificates: Arc::default(),
        }
    }

    // Requirements: R392
    #[test]
    fn the_certificate_is_kept_over_restarts_and_made_anew_for_a_new_address() {
        let folder = tempfile::tempdir().unwrap();
        let first = own(folder.path(), &[]);
        first.open().unwrap();
        let again = own(folder.path(), &[]);
        again.open().unwrap();
        assert_eq!(first.certificates.fingerprint(), again.certificates.fingerprint());
        let moved = own(folder.path(), &["203.0.113.9"]);
        moved.open().unwrap();
        assert_ne!(first.certificates.fingerprint(), moved.certificates.fingerprint());
        let file = folder.path().join(FILE);
        let pair = Pair::read(&file, &file).unwrap();
        assert!(pair.covers(&["localhost".to_owned(), "203.0.113.9".to_owned(), "::1".to_owned()]));
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
        assert_eq!(mode & 0o077, 0, "the key is for nobody else");
    }

    #[test]
    fn it_is_made_anew_a_month_before_its_end() {
        let folder = tempfile::tempdir().unwrap();
        own(folder.path(), &[]).open().unwrap();
        let file = folder.path().join(FILE);
        let pair = Pair::read(&file, &file).unwrap();
        assert!(pair.not_after() - pair.not_before() <= 398 * DAY);
        assert!(fresh(&pair, pair.not_after() - 31 * DAY));
        assert!(!fresh(&pair, pair.not_after() - 30 * DAY));
        assert!(!fresh(&pair, pair.not_before() - 1));
    }
}
