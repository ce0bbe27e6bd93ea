//! `GET /admin/diagnostics`: how the server is.

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use sluice_store::Kind;

use super::{Check, CheckState, Diagnostics};
use crate::error::ApiError;
use crate::extract::Member;
use crate::{Api, Shared};

/// How the server is.
#[utoipa::path(get, path = "/admin/diagnostics", tag = "admin",
    responses((status = 200, body = Diagnostics)))]
pub(crate) async fn diagnostics(
    State(api): State<Shared>,
    member: Member,
) -> Result<Json<Diagnostics>, ApiError> {
    let checks = vec![
        database(&api).await,
        mail(&api, &member).await?,
        media(&api),
        recorder(&api),
        audit(&api, &member).await?,
    ];
    Ok(Json(Diagnostics {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: api.started_at,
        now: api.now(),
        checks,
    }))
}

fn check(name: &str, state: CheckState, detail: String) -> Check {
    Check { name: name.to_owned(), state, detail }
}

async fn database(api: &Api) -> Check {
    let kind = match api.store.kind() {
        Kind::Sqlite => "SQLite",
        Kind::Postgres => "PostgreSQL",
    };
    let asked = Instant::now();
    match api.store.health().await {
        Ok(_) => {
            let took = asked.elapsed().as_secs_f64() * 1000.0;
            check("database", CheckState::Ok, format!("{kind} answered in {took:.1} ms."))
        }
        Err(error) => check("database", CheckState::Failed, format!("{kind}: {error}.")),
    }
}

async fn mail(api: &Api, member: &Member) -> Result<Check, ApiError> {
    let waiting = api.store.mail_outbox().count_waiting(member.identity.org).await?;
    Ok(match (api.accounts.has_mail(), waiting) {
        (false, _) => {
            let detail =
                format!("No mail server is configured; mails that wait to be handed over: {waiting}.");
            check("mail", CheckState::Warning, detail)
        }
        (true, 0) => check("mail", CheckState::Ok, "No mail waits.".to_owned()),
        (true, _) => check("mail", CheckState::Warning, format!("Mails that wait to be sent: {waiting}.")),
    })
}

fn media(api: &Api) -> Check {
    let (sessions, live) = (api.live.session_count(), api.live.directory().len());
    check("media", CheckState::Ok, format!("Live broadcasts: {live}, sessions: {sessions}."))
}

fn recorder(api: &Api) -> Check {
    let Some(health) = api.live.recorder_health() else {
        return check("recorder", CheckState::Warning, "Nothing is recorded on this server.".to_owned());
    };
    let free = health.free_bytes / (1 << 20);
    let ffmpeg =
        health.ffmpeg.as_deref().map_or("no ffmpeg".to_owned(), |version| format!("ffmpeg {version}"));
    let detail = format!(
        "Live windows: {}, recordings that wait to be processed: {}, free: {free} MB, {ffmpeg}.",
        health.live, health.waiting
    );
    let state = match (health.low, &health.ffmpeg) {
        (true, _) => CheckState::Failed,
        (false, None) => CheckState::Warning,
        (false, Some(_)) => CheckState::Ok,
    };
    check("recorder", state, detail)
}

async fn audit(api: &Api, member: &Member) -> Result<Check, ApiError> {
    let found = api.store.audit_log().verify(member.identity.org).await?;
    Ok(match found.broken_at {
        None => check("audit_log", CheckState::Ok, format!("Unbroken, entries: {}.", found.entries)),
        Some(at) => check("audit_log", CheckState::Failed, format!("Entry {at} is not as it was written.")),
    })
}
