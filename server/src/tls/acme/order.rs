//! One order at an ACME server, from the account to the certificate.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeHandle, ChallengeType, Identifier, NewAccount,
    NewOrder, Order, OrderStatus, Problem, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;

use super::super::certificates::{Certificates, Shown};
use super::super::self_signed::store;
use super::answers::{Answers, Given};
use super::{ACCOUNT, Settings};
use crate::config::AcmeChallenge;

/// How long an ACME server may take to look and to sign.
const PATIENCE: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(500))
    .backoff(1.5)
    .timeout(Duration::from_secs(120));

/// A step that takes longer has failed: the server does not answer.
const STEP: Duration = Duration::from_secs(60);

/// What makes a challenge answerable; it ends with the order.
enum Prepared {
    Http(#[expect(dead_code, reason = "held, not read")] Given),
    Tls(#[expect(dead_code, reason = "held, not read")] Shown),
}

/// The account that is kept, or a new one.
pub(super) async fn account(settings: &Settings) -> Result<Account> {
    let file = settings.folder.join(ACCOUNT);
    let builder = match &settings.root {
        Some(root) => Account::builder_with_root(root)
            .with_context(|| format!("`tls.acme_root` {} cannot be used", root.display()))?,
        None => Account::builder().context("the ACME server cannot be asked")?,
    };
    if let Ok(text) = fs::read_to_string(&file) {
        let kept: AccountCredentials = serde_json::from_str(&text).with_context(|| {
            format!("{} cannot be read; delete it, and a new account is made", file.display())
        })?;
        return within("the account is looked up", builder.from_credentials(kept)).await;
    }
    let contact = settings.email.as_ref().map(|email| format!("mailto:{email}"));
    let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
    let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
    let made = builder.create(&new, settings.directory.clone(), None);
    let (account, credentials) = within("an account is made", made).await?;
    let text = serde_json::to_vec_pretty(&credentials).context("the account cannot be written")?;
    store(&settings.folder, &file, &text)?;
    Ok(account)
}

/// Orders a certificate: the chain and its key, as PEM.
pub(super) async fn certificate(
    account: &Account,
    settings: &Settings,
    certificates: &Arc<Certificates>,
    answers: &Answers,
) -> Result<String> {
    let names: Vec<Identifier> = settings.domains.iter().cloned().map(Identifier::Dns).collect();
    let mut order = within("the order is placed", account.new_order(&NewOrder::new(&names))).await?;
    let mut prepared = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.context("the ACME server does not say what it wants")?;
        match authorization.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            other => bail!("the ACME server holds {} as {other:?}", authorization.identifier()),
        }
        let (kind, word) = wanted(settings.challenge);
        let name = authorization.identifier().to_string();
        let mut challenge = authorization
            .challenge(kind)
            .with_context(|| format!("the ACME server does not offer {word} for {name}"))?;
        prepared.push(prepare(&challenge, settings.challenge, &name, certificates, answers)?);
        within("the challenge is taken up", challenge.set_ready()).await?;
    }
    let status = order.poll_ready(&PATIENCE).await;
    if !matches!(status, Ok(OrderStatus::Ready)) {
        let reason = reason(&mut order).await;
        return Err(reason.unwrap_or_else(|| match status {
            Ok(status) => anyhow!("the order is {status:?}, and the ACME server does not say why"),
            Err(error) => anyhow::Error::new(error).context("the names were not checked"),
        }));
    }
    let key = KeyPair::generate().context("no key can be made")?;
    let mut params = CertificateParams::new(settings.domains.clone()).context("the names")?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key).context("the request cannot be written")?;
    within("the order is closed", order.finalize_csr(request.der())).await?;
    let chain = order.poll_certificate(&PATIENCE).await.context("the certificate was not signed")?;
    drop(prepared);
    Ok(format!("{}\n{}", chain.trim_end(), key.serialize_pem()))
}

/// Whether the ACME server says that it was asked too often (RFC 8555 §6.6).
pub(super) fn is_rate_limited(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let problem = cause.downcast_ref::<instant_acme::Error>().and_then(|error| match error {
            instant_acme::Error::Api(problem) => Some(problem),
            _ => None,
        });
        let problem = problem.or_else(|| cause.downcast_ref::<Problem>());
        problem
            .and_then(|problem| problem.r#type.as_deref())
            .is_some_and(|kind| kind.ends_with(":rateLimited"))
    })
}

fn prepare(
    challenge: &ChallengeHandle<'_>,
    kind: AcmeChallenge,
    name: &str,
    certificates: &Arc<Certificates>,
    answers: &Answers,
) -> Result<Prepared> {
    let authorization = challenge.key_authorization();
    Ok(match kind {
        AcmeChallenge::Http01 => Prepared::Http(answers.give(&challenge.token, authorization.as_str())),
        AcmeChallenge::TlsAlpn01 => {
            let shown = challenge_certificate(name, authorization.digest().as_ref())?;
            Prepared::Tls(certificates.challenge(name, Arc::new(shown)))
        }
    })
}

/// RFC 8737 §3: a certificate for the name alone, with the digest in an extension.
fn challenge_certificate(name: &str, digest: &[u8]) -> Result<CertifiedKey> {
    let mut params = CertificateParams::new(vec![name.to_owned()]).context("the name")?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate().context("no key can be made")?;
    let certificate = params.self_signed(&key).context("the certificate of the challenge")?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|text| anyhow!("the key: {text}"))?;
    let key = super::super::provider().key_provider.load_private_key(key).context("the key")?;
    // Not `from_der`, which refuses critical extensions that it does not know, as this one has to be.
    Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
}

/// What the ACME server says about the names that it did not find.
async fn reason(order: &mut Order) -> Option<anyhow::Error> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.ok()?;
        authorization.refresh().await.ok()?;
        let name = authorization.identifier().to_string();
        if let Some(problem) = authorization.challenges.iter().find_map(|challenge| challenge.error.clone()) {
            return Some(anyhow::Error::new(problem).context(format!("{name} was not found to be ours")));
        }
    }
    None
}

const fn wanted(kind: AcmeChallenge) -> (ChallengeType, &'static str) {
    match kind {
        AcmeChallenge::Http01 => (ChallengeType::Http01, "HTTP-01"),
        AcmeChallenge::TlsAlpn01 => (ChallengeType::TlsAlpn01, "TLS-ALPN-01"),
    }
}

async fn within<T>(what: &str, step: impl Future<Output = Result<T, instant_acme::Error>>) -> Result<T> {
    match tokio::time::timeout(STEP, step).await {
        Ok(done) => done.with_context(|| format!("while {what}")),
        Err(_) => bail!("the ACME server did not answer while {what}"),
    }
}
