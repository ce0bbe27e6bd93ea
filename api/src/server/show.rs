//! `GET /server`: what this server is, how to reach it and, on this machine, the demo's key.

use std::net::IpAddr;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use sluice_accounts::AccountsError;
use sluice_accounts::password::policy::PasswordPolicy as Policy;
use sluice_accounts::settings::{OrgSettings, VersionedSettings};
use sluice_domain::Realm;
use sluice_store::LegalDocument;

use super::{DemoInfo, LegalDocumentInfo, PasswordPolicy, ServerInfo};
use crate::error::ApiError;
use crate::{Api, Shared};

/// What this server is and how to reach it.
#[utoipa::path(get, path = "/server", tag = "server", responses((status = 200, body = ServerInfo)))]
pub(crate) async fn show(State(api): State<Shared>, request: Request) -> Result<Json<ServerInfo>, ApiError> {
    let url = api.config.public_url.as_ref();
    let origin = sluice_http::origin(url, request.headers(), request.uri())
        .ok_or(ApiError::MalformedRequest("The request has no usable Host header."))?;
    // The Host is asked too: a tunnel or a page with a rebound name also arrives from loopback.
    let here = sluice_http::caller(request.extensions()).is_loopback() && named_loopback(request.headers());
    let demo = api.config.demo.as_ref().filter(|_| here);
    let (settings, terms, setup_needed) = decided(&api).await?;
    let verification = settings.settings.verification(api.accounts.has_mail());
    Ok(Json(ServerInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        name: settings.name,
        whip_url: format!("{origin}/whip"),
        whep_url_template: format!("{origin}/whep/{{stream}}"),
        signup_mode: settings.settings.signup_mode.into(),
        email_verification: verification.into(),
        terms: terms.map(LegalDocumentInfo::from),
        // Before anybody has an account the rules are those of the first one, who is staff.
        password_policy: settings
            .settings
            .passwords(if setup_needed { Realm::Staff } else { Realm::Consumer })
            .into(),
        demo: demo.map(|demo| DemoInfo {
            email: demo.email.clone(),
            password: demo.password.expose().clone(),
            stream: demo.stream.clone(),
            key: demo.key.expose().clone(),
        }),
        setup_needed,
    }))
}

/// Settings, terms, and whether nobody has decided anything yet.
async fn decided(api: &Api) -> Result<(VersionedSettings, Option<LegalDocument>, bool), ApiError> {
    match api.accounts.home().await {
        Ok(home) => {
            let settings = api.accounts.settings(home.id).await?;
            let terms = api.store.legal().current(home.id, "terms", api.now()).await?;
            Ok((settings, terms, api.accounts.needs_set_up().await?))
        }
        Err(AccountsError::SetUpRequired) => {
            let settings = OrgSettings::default();
            Ok((VersionedSettings { name: "Sluice".to_owned(), settings, version: 0 }, None, true))
        }
        Err(other) => Err(other.into()),
    }
}

impl From<LegalDocument> for LegalDocumentInfo {
    fn from(document: LegalDocument) -> Self {
        Self { id: document.id.0, version: document.version, title: document.title }
    }
}

impl From<Policy> for PasswordPolicy {
    fn from(policy: Policy) -> Self {
        Self {
            min_length: u32::try_from(policy.min_length).unwrap_or(u32::MAX),
            upper: policy.upper,
            lower: policy.lower,
            digit: policy.digit,
            special: policy.special,
        }
    }
}

fn named_loopback(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_matches(['[', ']']);
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
