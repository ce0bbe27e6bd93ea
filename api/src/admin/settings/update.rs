//! `PATCH /admin/settings`: what the organisation decides.

use axum::extract::State;
use serde_json::json;
use sluice_accounts::OrgSettings;
use sluice_domain::DocumentId;
use sluice_store::LegalDocument;

use super::shown;
use crate::Shared;
use crate::admin::{NewTerms, Settings, UpdateSettings};
use crate::error::ApiError;
use crate::extract::{Body, IfMatch, Member, Tagged};
use crate::input::Fields;

/// Changes the settings, if nobody did since they were read.
#[utoipa::path(patch, path = "/admin/settings", tag = "admin", params(("if-match" = String, Header)),
    request_body = UpdateSettings, responses((status = 200, body = Settings, headers(("etag" = String)))))]
pub(crate) async fn update(
    State(api): State<Shared>,
    member: Member,
    if_match: IfMatch,
    Body(given): Body<UpdateSettings>,
) -> Result<Tagged<Settings>, ApiError> {
    let org = member.identity.org;
    let mut settings = api.accounts.settings(org).await?;
    let mut fields = Fields::default();
    if let Some(name) = &given.name {
        settings.name = fields.line("name", name, 80);
    }
    let before = settings.settings;
    settings.settings = OrgSettings {
        public_url: match &given.public_url {
            Some(url) => url.as_deref().map(|url| fields.url("public_url", url, 300)),
            None => before.public_url.clone(),
        },
        signup_mode: given.signup_mode.map_or(before.signup_mode, Into::into),
        email_verification: match given.email_verification {
            Some(verification) => verification.map(Into::into),
            None => before.email_verification,
        },
        anyone_may_stream: given.anyone_may_stream.unwrap_or(before.anyone_may_stream),
        staff_mfa_required: given.staff_mfa_required.unwrap_or(before.staff_mfa_required),
        ..before
    };
    let terms = given.terms.map(|terms| NewTerms {
        version: fields.line("terms.version", &terms.version, 40),
        title: fields.line("terms.title", &terms.title, 140),
        body: fields.paragraph("terms.body", &terms.body, 50_000),
    });
    if terms.as_ref().is_some_and(|terms| terms.body.is_empty()) {
        fields.wrong("terms.body", "required", "the terms are empty");
    }
    fields.done()?;
    settings.version = if_match.version(settings.version);
    let settings = api.accounts.change_settings(&member.actor(), org, &settings).await?;
    if let Some(terms) = terms {
        let document = LegalDocument {
            id: DocumentId(api.accounts.clock().uuid()),
            org_id: org,
            kind: "terms".to_owned(),
            version: terms.version,
            title: terms.title,
            body: terms.body,
            published_at: api.now(),
        };
        let tx = api.store.begin().await?;
        tx.legal().publish(&document).await?;
        let (detail, target) = (json!({ "version": document.version }), ("document", document.id));
        api.accounts.audit(&tx, org, &member.actor(), "terms.published", target, detail).await?;
        tx.commit().await?;
    }
    Ok(Tagged::new(settings.version, shown(&api, org, settings).await?))
}
