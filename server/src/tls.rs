//! HTTPS: where its certificate comes from, and what a TLS connection is.
//!
//! ```text
//!  files ── watch ──┐
//!  ACME ── renewal ─┼─▶ Certificates ◀─ rustls ◀─ accept ◀─ listen
//!  self-signed ─────┘   (swapped while connections run)
//! ```

pub(crate) mod accept;
mod acme;
mod certificates;
mod pair;
mod self_signed;
mod watch;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use axum::Router;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::config::Config;

use acme::Acme;
use certificates::Certificates;
use self_signed::SelfSigned;
use watch::Files;

/// TLS of the node: its certificate, and whoever keeps it fresh.
pub(crate) struct Tls {
    certificates: Arc<Certificates>,
    server: Arc<ServerConfig>,
    source: Source,
}

/// Where the certificate comes from.
enum Source {
    Files(Files),
    SelfSigned(SelfSigned),
    Acme(Acme),
}

impl Tls {
    /// Opens what the configuration names; `None` where it names nothing. `relay`: whether TURN is spoken
    /// on the same port, which its clients may announce.
    pub(crate) fn open(config: &Config, relay: bool) -> Result<Option<Self>> {
        let tls = &config.tls;
        if !tls.is_on() {
            return Ok(None);
        }
        let certificates = Arc::new(Certificates::default());
        let source = if let (Some(certificate), Some(key)) = (&tls.certificate, &tls.key) {
            let files = Files::new(certificate.clone(), key.clone(), Arc::clone(&certificates));
            files.open().context("HTTPS cannot be served")?;
            Source::Files(files)
        } else if tls.self_signed {
            let own = SelfSigned::new(config, Arc::clone(&certificates));
            own.open().context("no certificate can be made for HTTPS")?;
            Source::SelfSigned(own)
        } else {
            let acme = Acme::new(config, Arc::clone(&certificates));
            acme.open().context("the certificates of ACME cannot be kept")?;
            Source::Acme(acme)
        };
        let acme = matches!(source, Source::Acme(_));
        let server = server_config(Arc::clone(&certificates), tls.tls12, relay, acme)?;
        Ok(Some(Self { certificates, server: Arc::new(server), source }))
    }

    /// What rustls serves with.
    pub(crate) fn server(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }

    /// Looks at the certificate at once, as on SIGHUP.
    pub(crate) fn reload(&self) {
        match &self.source {
            Source::Files(files) => files.look_again(),
            Source::SelfSigned(own) => own.refresh(),
            Source::Acme(acme) => acme.hurry(),
        }
    }

    /// Keeps the certificate fresh until `stop`.
    pub(crate) async fn run(&self, stop: CancellationToken) {
        let fresh = async {
            match &self.source {
                Source::Files(files) => files.watch().await,
                Source::SelfSigned(own) => own.keep().await,
                Source::Acme(acme) => acme.keep().await,
            }
        };
        tokio::select! {
            () = fresh => {}
            () = stop.cancelled() => {}
        }
    }

    /// What an ACME server asks for over plain HTTP (RFC 8555 §8.3).
    pub(crate) fn routes(&self) -> Router {
        match &self.source {
            Source::Acme(acme) => acme.routes(),
            Source::Files(_) | Source::SelfSigned(_) => Router::new(),
        }
    }

    /// SHA-256 of the certificate, as browsers show it, where nobody but we vouch for it.
    pub(crate) fn own_fingerprint(&self) -> Option<String> {
        matches!(self.source, Source::SelfSigned(_)).then(|| self.certificates.fingerprint()).flatten()
    }
}

fn server_config(
    certificates: Arc<Certificates>,
    tls12: bool,
    relay: bool,
    acme: bool,
) -> Result<ServerConfig> {
    let versions: &[&SupportedProtocolVersion] = if tls12 { &[&TLS13, &TLS12] } else { &[&TLS13] };
    let mut server = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(versions)
        .context("TLS cannot be set up")?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    server.alpn_protocols = spoken(relay, acme);
    Ok(server)
}

/// What a connection may be announced as (ALPN), in the order of our preference: clients of TURN name HTTP beside it,
/// as coturn's does, and mean TURN; nobody names TURN who does not speak it.
fn spoken(relay: bool, acme: bool) -> Vec<Vec<u8>> {
    let named = [(relay, accept::TURN), (true, accept::HTTP2), (true, accept::HTTP1), (acme, accept::ACME)];
    named.into_iter().filter(|(is, _)| *is).map(|(_, protocol)| protocol.to_vec()).collect()
}

/// Ciphers and key exchanges: those of rustls, of which none is weak.
fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Tells the log that another certificate is served.
fn tell(pair: &pair::Pair) {
    info!(
        names = ?pair.names(),
        valid_until = %pair.valid_until(),
        fingerprint = %pair.fingerprint(),
        "HTTPS has its certificate"
    );
}

/// Tells the log that the certificate is not replaced.
fn keep_old(what: &str, error: &anyhow::Error) {
    error!("{what}, the certificate in use stays: {error:#}");
}
