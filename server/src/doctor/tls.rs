//! TLS as the doctor sees it: what the server shows, and what a browser would say to it. The connection goes on
//! in any case, so that a wrong certificate does not hide what else is wrong; nothing secret is ever sent on it.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use sluice_doctor::{Certificate, CertificateProblem};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

/// Longest list of names that is repeated to somebody.
const MOST_NAMES: usize = 8;

static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(aws_lc_rs::default_provider()));

/// The rules of this system. `None` where it has no certificates that it trusts.
static VERIFIER: LazyLock<Option<Arc<WebPkiServerVerifier>>> = LazyLock::new(|| {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&PROVIDER)).build().ok()
});

/// Takes every certificate, and remembers what is to be said of the newest.
#[derive(Debug, Clone, Default)]
pub(super) struct Witness(Arc<Mutex<Option<Seen>>>);

#[derive(Debug, Clone)]
struct Seen {
    certificate: Option<Certificate>,
    problem: Option<CertificateProblem>,
}

impl Witness {
    /// That has seen nothing yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Settings of TLS that ask this witness.
    pub(super) fn config(&self, protocols: &[&[u8]]) -> Arc<ClientConfig> {
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&PROVIDER))
            .with_safe_default_protocol_versions()
            .expect("the provider speaks the versions of TLS that are in use")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(self.clone()))
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        Arc::new(config)
    }

    /// Why a browser would not take what was seen last.
    pub(super) fn problem(&self) -> Option<CertificateProblem> {
        self.seen().and_then(|seen| seen.problem)
    }

    /// The certificate that was seen last.
    pub(super) fn certificate(&self) -> Option<Certificate> {
        self.seen().and_then(|seen| seen.certificate)
    }

    fn seen(&self) -> Option<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = read(end_entity);
        let verdict = VERIFIER.as_ref().map(|verifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        });
        let self_signed = certificate.as_ref().is_some_and(|certificate| certificate.self_signed);
        let problem = match verdict {
            Some(verdict) => verdict.err().map(|error| problem(&error, self_signed)),
            None => certificate.as_ref().and_then(|certificate| by_itself(certificate, now)),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Seen { certificate, problem });
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &PROVIDER.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &PROVIDER.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        PROVIDER.signature_verification_algorithms.supported_schemes()
    }
}

/// What is wrong with a certificate whoever signed it, where nobody is known who could have.
fn by_itself(certificate: &Certificate, now: UnixTime) -> Option<CertificateProblem> {
    let now = i64::try_from(now.as_secs().saturating_mul(1000)).unwrap_or(i64::MAX);
    if certificate.not_after_ms < now {
        Some(CertificateProblem::Expired)
    } else if certificate.not_before_ms > now {
        Some(CertificateProblem::NotYetValid)
    } else {
        certificate.self_signed.then_some(CertificateProblem::SelfSigned)
    }
}

/// What rustls refuses, in words that a person can act on.
fn problem(error: &Error, self_signed: bool) -> CertificateProblem {
    use CertificateError as Wrong;
    let Error::InvalidCertificate(wrong) = error else { return CertificateProblem::Invalid };
    match wrong {
        Wrong::Expired | Wrong::ExpiredContext { .. } => CertificateProblem::Expired,
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => CertificateProblem::NotYetValid,
        // Such a certificate has more than one thing wrong with it; this is what there is to do about.
        _ if self_signed => CertificateProblem::SelfSigned,
        Wrong::UnknownIssuer => CertificateProblem::UnknownIssuer,
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => CertificateProblem::WrongName,
        _ => CertificateProblem::Invalid,
    }
}

fn read(der: &CertificateDer<'_>) -> Option<Certificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.iter().flat_map(|names| &names.value.general_names);
    Some(Certificate {
        names: names.filter_map(name).take(MOST_NAMES).collect(),
        not_before_ms: certificate.validity().not_before.timestamp().saturating_mul(1000),
        not_after_ms: certificate.validity().not_after.timestamp().saturating_mul(1000),
        self_signed: certificate.issuer().as_raw() == certificate.subject().as_raw(),
    })
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}
