//! `/streams/{id}/chat/bans`: who may not write.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::AccountId;
use sluice_domain::chat::{BanKind, ModerationRequest};

use super::act::act;
use super::find::moderated;
use super::view::bans;
use super::{Ban, CreateBan};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Id, Ids, Member, Params};
use crate::input::Fields;
use crate::page::{List, PageQuery, listed};

/// Longest timeout, in seconds: two weeks, as on Twitch.
const MAX_TIMEOUT: u32 = 1_209_600;

/// Who may not write in the chat now.
#[utoipa::path(get, path = "/streams/{id}/chat/bans", tag = "chat",
    params(("id" = String, Path), PageQuery), responses((status = 200, body = List<Ban>)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Ban>>, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    let org = stream.org_id;
    let found = listed(api.store.chat_bans().list(org, stream.id, &query.page()?, api.now()).await)?;
    let items = bans(&api, org, found.items).await?;
    Ok(Json(List { items, next_cursor: found.next.map(|next| next.to_string()) }))
}

/// Keeps somebody from writing, on every connection at once.
#[utoipa::path(post, path = "/streams/{id}/chat/bans", tag = "chat", params(("id" = String, Path)),
    request_body = CreateBan, responses((status = 204)))]
pub(crate) async fn add(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
    Body(given): Body<CreateBan>,
) -> Result<StatusCode, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    let mut fields = Fields::default();
    let reason = fields.optional_line("reason", given.reason.as_deref(), 500);
    match (given.kind, given.seconds) {
        (BanKind::Timeout, None) => fields.wrong("seconds", "required", "a timeout has an end"),
        (BanKind::Timeout, Some(seconds)) if !(1..=MAX_TIMEOUT).contains(&seconds) => {
            fields.wrong("seconds", "out_of_range", format!("it is 1 to {MAX_TIMEOUT}"));
        }
        (BanKind::Ban | BanKind::Mute, Some(_)) => {
            fields.wrong("seconds", "unexpected", "only a timeout has an end");
        }
        (BanKind::Timeout, Some(_)) | (BanKind::Ban | BanKind::Mute, None) => {}
    }
    fields.done()?;
    let account = AccountId(given.account_id);
    api.store.accounts().member(stream.org_id, account).await?;
    let asked = match given.kind {
        BanKind::Ban => ModerationRequest::Ban { account, reason },
        BanKind::Mute => ModerationRequest::Mute { account, reason },
        BanKind::Timeout => {
            ModerationRequest::Timeout { account, seconds: given.seconds.unwrap_or_default(), reason }
        }
    };
    act(&api, &member, &stream, asked).await
}

/// Lets somebody write again.
#[utoipa::path(delete, path = "/streams/{id}/chat/bans/{account_id}", tag = "chat",
    params(("id" = String, Path), ("account_id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn lift(
    State(api): State<Shared>,
    member: Member,
    Ids(id, account): Ids<String, AccountId>,
) -> Result<StatusCode, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    act(&api, &member, &stream, ModerationRequest::Unban { account }).await
}
