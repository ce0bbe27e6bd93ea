//! Certificates from an ACME server (RFC 8555): fetched at the start, renewed in time, kept in the data
//! directory.

mod answers;
mod order;
mod schedule;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use tokio::sync::Notify;
use tracing::{error, info, warn};

use super::certificates::Certificates;
use super::pair::Pair;
use super::self_signed::store;
use crate::config::{AcmeChallenge, Config};

use answers::Answers;
use schedule::Attempts;

/// Folder of the data directory with what belongs to TLS.
const FOLDER: &str = "tls";

/// The newest certificate, those that signed it, and its key: one file, so that they always fit.
const CERTIFICATE: &str = "certificate.pem";

/// The account at the ACME server, with its key.
const ACCOUNT: &str = "account.json";

/// The clock is asked again after this time, in case the machine slept or its clock was set.
const LOOK: Duration = Duration::from_secs(3600);

/// Where everything about TLS is kept.
pub(super) fn folder(config: &Config) -> PathBuf {
    config.server.data_dir.join(FOLDER)
}

/// What gets certificates.
pub(super) struct Acme {
    settings: Settings,
    certificates: Arc<Certificates>,
    answers: Answers,
    /// The certificate that is kept, as far as it matters here.
    kept: Mutex<Option<Kept>>,
    hurried: Notify,
}

/// What is asked for, and of whom.
struct Settings {
    folder: PathBuf,
    domains: Vec<String>,
    email: Option<String>,
    challenge: AcmeChallenge,
    directory: String,
    root: Option<PathBuf>,
}

/// When the certificate that is kept was made and ends.
#[derive(Debug, Clone, Copy)]
struct Kept {
    not_before: i64,
    not_after: i64,
}

impl Acme {
    /// What the configuration asks for.
    pub(super) fn new(config: &Config, certificates: Arc<Certificates>) -> Self {
        let tls = &config.tls;
        let settings = Settings {
            // Accounts and certificates of a test directory are of no use at another one.
            folder: folder(config).join(folder_name(&tls.acme_directory)),
            domains: tls.acme_domains.iter().map(|domain| domain.to_ascii_lowercase()).collect(),
            email: tls.acme_email.clone(),
            challenge: tls.acme_challenge,
            directory: tls.acme_directory.clone(),
            root: tls.acme_root.clone(),
        };
        Self {
            settings,
            certificates,
            answers: Answers::default(),
            kept: Mutex::default(),
            hurried: Notify::new(),
        }
    }

    /// Takes the certificate that is kept, if there is one for these names.
    pub(super) fn open(&self) -> Result<()> {
        let folder = &self.settings.folder;
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let file = folder.join(CERTIFICATE);
        if !file.exists() {
            return Ok(());
        }
        match Pair::read(&file, &file) {
            Ok(pair) if pair.covers(&self.settings.domains) => self.take(&pair),
            Ok(_) => info!("the certificate that is kept lacks a name; another one is fetched"),
            Err(error) => {
                warn!("the certificate that is kept cannot be used, another one is fetched: {error:#}")
            }
        }
        Ok(())
    }

    /// Fetches and renews, for ever.
    pub(super) async fn keep(&self) {
        let mut attempts = Attempts::default();
        loop {
            let kept = self.kept().map(|kept| (kept.not_before, kept.not_after));
            let wait = attempts.wait(kept, super::now(), rand::random());
            if wait.is_zero() {
                self.attempt(&mut attempts).await;
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(wait.min(LOOK)) => {}
                // Somebody has mended something and does not want to wait.
                () = self.hurried.notified() => attempts.forget(),
            }
        }
    }

    /// Tries at once what failed before.
    pub(super) fn hurry(&self) {
        self.hurried.notify_one();
    }

    /// Where HTTP-01 looks.
    pub(super) fn routes(&self) -> Router {
        self.answers.routes()
    }

    async fn attempt(&self, attempts: &mut Attempts) {
        let (domains, directory) = (&self.settings.domains, &self.settings.directory);
        info!(?domains, directory, "a certificate is fetched");
        match self.fetch().await {
            Ok(pair) => {
                attempts.succeeded();
                self.take(&pair);
            }
            Err(error) => {
                let wait = attempts.failed(super::now(), order::is_rate_limited(&error));
                let advice = match self.settings.challenge {
                    AcmeChallenge::TlsAlpn01 => "does port 443 of these names lead to `tls.listen`?",
                    AcmeChallenge::Http01 => "does port 80 of these names lead to `listen`?",
                };
                let minutes = wait.as_secs() / 60;
                let state =
                    if self.certificates.is_set() { "the old one stays" } else { "HTTPS has none yet" };
                error!(
                    ?domains,
                    "no certificate was fetched ({state}; {advice} tried again in {minutes} min, or on SIGHUP): \
                     {error:#}"
                );
            }
        }
    }

    async fn fetch(&self) -> Result<Pair> {
        let account = order::account(&self.settings).await?;
        let text = order::certificate(&account, &self.settings, &self.certificates, &self.answers).await?;
        let pair = Pair::from_pem(text.as_bytes(), text.as_bytes()).context("what was fetched")?;
        store(&self.settings.folder, &self.settings.folder.join(CERTIFICATE), text.as_bytes())?;
        Ok(pair)
    }

    fn take(&self, pair: &Pair) {
        self.certificates.set(pair);
        let kept = Kept { not_before: pair.not_before(), not_after: pair.not_after() };
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    }

    fn kept(&self) -> Option<Kept> {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A folder's name for a directory's URL.
fn folder_name(directory: &str) -> String {
    let rest = directory.trim_start_matches("https://");
    rest.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_directory_has_a_folder_and_none_leads_out_of_ours() {
        let name = folder_name("https://acme.example/../x/directory");
        assert_eq!(name, "acme.example_.._x_directory");
        assert_ne!(folder_name("https://a.example/d"), folder_name("https://b.example/d"));
    }
}
