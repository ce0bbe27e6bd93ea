//! A certificate with its key: read from PEM, and known to fit each other.

use std::fmt::Write as _;
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// A certificate, what signed it, and its key.
#[derive(Debug)]
pub(super) struct Pair {
    certified: Arc<CertifiedKey>,
    not_before: i64,
    not_after: i64,
    names: Vec<String>,
}

impl Pair {
    /// Reads both files.
    pub(super) fn read(certificate: &Path, key: &Path) -> Result<Self> {
        let read = |path: &Path| fs::read(path).with_context(|| format!("{} cannot be read", path.display()));
        let (chain, secret) = (read(certificate)?, read(key)?);
        Self::from_pem(&chain, &secret).with_context(|| match certificate == key {
            true => format!("{} cannot be used", certificate.display()),
            false => format!("{} and {} cannot be used", certificate.display(), key.display()),
        })
    }

    /// Reads a chain, its own certificate first, and the key of that.
    pub(super) fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .context("the certificate is no PEM")?;
        let Some(own) = chain.first() else { bail!("there is no certificate in it") };
        let key = PrivateKeyDer::from_pem_slice(key).context("there is no key in it that can be read")?;
        let (not_before, not_after, names) = facts(own)?;
        ensure!(!names.is_empty(), "the certificate names no host, which browsers want (subjectAltName)");
        let certified = CertifiedKey::from_der(chain, key, &super::provider())
            .context("certificate and key do not belong together")?;
        Ok(Self { certified: Arc::new(certified), not_before, not_after, names })
    }

    /// For rustls.
    pub(super) fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certified)
    }

    /// Valid from, in seconds since 1970.
    pub(super) const fn not_before(&self) -> i64 {
        self.not_before
    }

    /// Valid until, in seconds since 1970.
    pub(super) const fn not_after(&self) -> i64 {
        self.not_after
    }

    /// Valid until, for people.
    pub(super) fn valid_until(&self) -> String {
        OffsetDateTime::from_unix_timestamp(self.not_after)
            .map_or_else(|_| self.not_after.to_string(), |time| time.date().to_string())
    }

    /// The hosts and addresses that it is for.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether it is for all of these.
    pub(super) fn covers(&self, names: &[String]) -> bool {
        names.iter().all(|name| self.names.iter().any(|known| known.eq_ignore_ascii_case(name)))
    }

    /// SHA-256 of the certificate.
    pub(super) fn fingerprint(&self) -> String {
        self.certified.cert.first().map_or_else(String::new, |certificate| fingerprint(certificate))
    }
}

/// SHA-256 of a certificate, written as browsers write it.
pub(super) fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    let mut text = String::new();
    for (index, byte) in Sha256::digest(certificate).iter().enumerate() {
        let colon = if index == 0 { "" } else { ":" };
        let _infallible = write!(text, "{colon}{byte:02X}");
    }
    text
}

fn facts(certificate: &CertificateDer<'_>) -> Result<(i64, i64, Vec<String>)> {
    let (_, certificate) =
        X509Certificate::from_der(certificate).ok().context("the certificate cannot be read")?;
    let validity = certificate.validity();
    let alternatives = certificate.subject_alternative_name().ok().flatten();
    let names = alternatives.map_or_else(Vec::new, |found| {
        found.value.general_names.iter().filter_map(|name| readable(name)).collect()
    });
    Ok((validity.not_before.timestamp(), validity.not_after.timestamp(), names))
}

fn readable(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from)).ok().map(|ip| ip.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    /// Certificate and key as PEM.
    pub(in crate::tls) fn pem(names: &[&str]) -> (String, String) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    pub(in crate::tls) fn made(names: &[&str]) -> Pair {
        let (certificate, key) = pem(names);
        Pair::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap()
    }

    #[test]
    fn names_and_addresses_of_a_certificate_are_known() {
        let pair = made(&["tv.example", "192.0.2.7", "2001:db8::7"]);
        assert_eq!(pair.names(), ["tv.example", "192.0.2.7", "2001:db8::7"]);
        assert!(pair.covers(&["TV.example".to_owned()]) && !pair.covers(&["other.example".to_owned()]));
        assert!(pair.not_before() < pair.not_after());
        assert_eq!(pair.fingerprint().len(), 32 * 3 - 1);
    }

    #[test]
    fn what_does_not_fit_is_refused_in_plain_words() {
        let ((one, its_key), (_, other_key)) = (pem(&["a.example"]), pem(&["a.example"]));
        for (certificate, key, why) in [
            (one.as_str(), other_key.as_str(), "do not belong together"),
            (&one, "nothing", "no key"),
            ("nothing", &its_key, "no certificate"),
            (&its_key, &its_key, "no certificate"),
        ] {
            let error = Pair::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap_err();
            assert!(format!("{error:#}").contains(why), "{why}: {error:#}");
        }
        assert!(Pair::from_pem(one.as_bytes(), its_key.as_bytes()).is_ok());
    }
}
