//! Which certificate a TLS connection is shown: the one in use, or that of an ACME challenge.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use metrics::gauge;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::accept::ACME;
use super::pair::{Pair, fingerprint};
use crate::metrics::Metric;

/// Handshakes take what is here at that moment; a swap touches no connection.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    in_use: ArcSwapOption<CertifiedKey>,
    /// Certificates of challenges that run, by host name.
    challenges: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Certificates {
    /// Shown to everybody from now on.
    pub(super) fn set(&self, pair: &Pair) {
        self.in_use.store(Some(pair.certified()));
        // Seconds fit a float for the next hundred million years.
        gauge!(Metric::TlsCertificateExpiry.name()).set(pair.not_after() as f64);
        super::tell(pair);
    }

    /// Whether there is one to show.
    pub(super) fn is_set(&self) -> bool {
        self.in_use.load().is_some()
    }

    /// SHA-256 of the one in use.
    pub(super) fn fingerprint(&self) -> Option<String> {
        let key = self.in_use.load_full()?;
        key.cert.first().map(|certificate| fingerprint(certificate))
    }

    /// Shown to the ACME server that asks for this name (RFC 8737), until the answer is dropped.
    pub(super) fn challenge(self: &Arc<Self>, name: &str, key: Arc<CertifiedKey>) -> Shown {
        let name = name.to_ascii_lowercase();
        self.lock().insert(name.clone(), key);
        Shown { certificates: Arc::clone(self), name }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<CertifiedKey>>> {
        self.challenges.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn choose<'a>(
        &self,
        name: Option<&str>,
        mut protocols: impl Iterator<Item = &'a [u8]>,
    ) -> Option<Arc<CertifiedKey>> {
        // RFC 8737 §3: such a client announces this protocol and no other.
        if protocols.next() == Some(ACME) && protocols.next().is_none() {
            return self.lock().get(&name?.to_ascii_lowercase()).cloned();
        }
        self.in_use.load_full()
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let protocols = hello.alpn();
        self.choose(hello.server_name(), protocols.into_iter().flatten())
    }
}

/// A challenge that runs.
#[must_use]
pub(super) struct Shown {
    certificates: Arc<Certificates>,
    name: String,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.certificates.lock().remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::super::pair::tests::made;
    use super::*;

    fn certificate_of(key: Option<Arc<CertifiedKey>>) -> Option<Vec<u8>> {
        key.map(|key| key.cert[0].to_vec())
    }

    #[test]
    fn a_challenge_is_shown_to_an_acme_server_alone_and_only_while_it_runs() {
        let certificates = Arc::new(Certificates::default());
        let (ours, theirs) = (made(&["a.example"]), made(&["a.example"]));
        certificates.set(&ours);
        let ours = certificate_of(Some(ours.certified()));
        let shown = certificates.challenge("A.example", theirs.certified());
        let ask = |name: &str, protocols: &[&'static [u8]]| {
            certificate_of(certificates.choose(Some(name), protocols.iter().copied()))
        };
        assert_eq!(ask("a.example", &[ACME]), certificate_of(Some(theirs.certified())));
        assert_eq!(ask("b.example", &[ACME]), None);
        assert_eq!(ask("a.example", &[b"h2", ACME]), ours);
        assert_eq!(ask("a.example", &[]), ours);
        drop(shown);
        assert_eq!(ask("a.example", &[ACME]), None);
    }
}
