//! `GET /admin/audit`: what was done.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use sluice_store::AuditFilter;
use utoipa::IntoParams;

use crate::Shared;
use crate::admin::{ActorKind, AuditEntry};
use crate::error::ApiError;
use crate::extract::{Member, Params};
use crate::input::Fields;
use crate::page::{List, listed, page};

/// Which entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditQuery {
    /// Only this action, or all that begin with it where it ends with a dot.
    #[param(max_length = 80)]
    pub action: Option<String>,
    /// Only what this account or API key did.
    #[param(max_length = 80)]
    pub actor: Option<String>,
    /// Only what was done to this one.
    #[param(max_length = 80)]
    pub target: Option<String>,
    /// Only from this time on, in UTC milliseconds.
    pub from: Option<i64>,
    /// Only before this time, in UTC milliseconds.
    pub to: Option<i64>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2048)]
    pub cursor: Option<String>,
}

/// What was done, latest first.
#[utoipa::path(get, path = "/admin/audit", tag = "admin", params(AuditQuery),
    responses((status = 200, body = List<AuditEntry>)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<AuditQuery>,
) -> Result<Json<List<AuditEntry>>, ApiError> {
    let mut fields = Fields::default();
    fields.at_most("action", query.action.as_deref(), 80);
    fields.at_most("actor", query.actor.as_deref(), 80);
    fields.at_most("target", query.target.as_deref(), 80);
    fields.done()?;
    let page = page(query.limit, query.cursor.as_deref())?;
    let filter = AuditFilter {
        action: query.action,
        actor: query.actor,
        target: query.target,
        from: query.from,
        to: query.to,
    };
    let found = listed(api.store.audit_log().list(member.identity.org, &filter, &page).await)?;
    let items = found.items.into_iter().map(|entry| AuditEntry {
        seq: entry.seq,
        id: entry.id,
        at: entry.at,
        detail: entry.detail(),
        actor_kind: match entry.actor_kind.as_str() {
            "account" => ActorKind::Account,
            "api_key" => ActorKind::ApiKey,
            "cli" => ActorKind::Cli,
            _ => ActorKind::System,
        },
        actor_id: entry.actor_id,
        action: entry.action,
        target_kind: entry.target_kind,
        target_id: entry.target_id,
        address: entry.address,
        hash: entry.hash,
    });
    Ok(Json(List { items: items.collect(), next_cursor: found.next.map(|next| next.to_string()) }))
}
