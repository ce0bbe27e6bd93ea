//! `GET /admin/audit/verify`: whether the audit log is as it was written.

use axum::Json;
use axum::extract::State;

use crate::Shared;
use crate::admin::AuditCheck;
use crate::error::ApiError;
use crate::extract::Member;

/// Walks along the chain of the audit log.
#[utoipa::path(get, path = "/admin/audit/verify", tag = "admin",
    responses((status = 200, body = AuditCheck)))]
pub(crate) async fn verify(State(api): State<Shared>, member: Member) -> Result<Json<AuditCheck>, ApiError> {
    let found = api.store.audit_log().verify(member.identity.org).await?;
    Ok(Json(AuditCheck {
        entries: u64::try_from(found.entries).unwrap_or_default(),
        intact: found.broken_at.is_none(),
        broken_at: found.broken_at,
    }))
}
