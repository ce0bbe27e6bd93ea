//! `PATCH /admin/accounts/{id}`: changes of an account.

use axum::extract::State;
use sluice_accounts::MemberChange;
use sluice_domain::AccountId;

use super::shown;
use crate::Shared;
use crate::admin::{AdminAccount, UpdateAccount};
use crate::error::ApiError;
use crate::extract::{Body, Id, IfMatch, Member, Tagged};
use crate::input::Fields;

/// Changes an account, if nobody did since it was read. Disabling ends its sign-ins at once.
#[utoipa::path(patch, path = "/admin/accounts/{id}", tag = "admin",
    params(("id" = Uuid, Path), ("if-match" = String, Header)), request_body = UpdateAccount,
    responses((status = 200, body = AdminAccount, headers(("etag" = String)))))]
pub(crate) async fn update(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<AccountId>,
    if_match: IfMatch,
    Body(given): Body<UpdateAccount>,
) -> Result<Tagged<AdminAccount>, ApiError> {
    let org = member.identity.org;
    let mut fields = Fields::default();
    let mut line = |field: &str, given: Option<Option<String>>, max| {
        given.map(|given| fields.optional_line(field, given.as_deref(), max))
    };
    let reason = line("disabled_reason", given.disabled_reason, 500);
    let department = line("department", given.department, 80);
    let access_level = line("access_level", given.access_level, 80);
    if let Some(end) = given.tier_expires_at {
        fields.time("tier_expires_at", end);
    }
    fields.done()?;
    let there = api.store.accounts().member(org, id).await?;
    let tier = (given.tier.is_some() || given.tier_expires_at.is_some()).then(|| {
        let tier = given.tier.unwrap_or(there.account.tier);
        (tier, given.tier_expires_at.unwrap_or(there.account.tier_expires_at))
    });
    let change = MemberChange {
        role: given.role,
        disabled: given.disabled,
        disabled_reason: reason.flatten(),
        tier,
        department,
        access_level,
    };
    let version = if_match.version(there.account.version);
    let changed = api.accounts.change_member(&member.actor(), org, id, version, &change).await?;
    Ok(Tagged::new(changed.account.version, shown(&api, org, &member.identity, changed).await?))
}
