//! `PATCH /streams/{id}/chat`: what is asked of those who write.

use axum::extract::State;
use sluice_domain::chat::{ChatMode, ChatSettings};

use super::find::managed;
use super::show::chat;
use super::{Chat, UpdateChat};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Id, IfMatch, Member, Tagged};
use crate::input::Fields;

/// Longest time that a member waits between two messages, in seconds: half an hour.
const MAX_SLOW: u32 = 1800;

/// Longest time that a member must have followed, in minutes: three months.
const MAX_FOLLOWED: u32 = 129_600;

/// Changes what is asked of those who write, if nobody did since it was read. It is the owner's and the staff's
/// to change; moderators of the chat change modes by commands.
#[utoipa::path(patch, path = "/streams/{id}/chat", tag = "chat",
    params(("id" = String, Path), ("if-match" = String, Header)), request_body = UpdateChat,
    responses((status = 200, body = Chat, headers(("etag" = String)))))]
pub(crate) async fn update(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
    if_match: IfMatch,
    Body(given): Body<UpdateChat>,
) -> Result<Tagged<Chat>, ApiError> {
    let stream = managed(&api, &member, &id).await?;
    let chats = api.live.chats();
    let there = chats.status(&stream).await?;
    // What is changed is what was read here: somebody who changes it in between is noticed in any case.
    let version = if_match.version(there.version);
    let settings = checked(there.settings, given)?;
    let (by, from) = (&member.identity, member.client.address);
    chats.change_settings(&stream, by, from, settings, Some(version)).await?;
    chat(&api, &stream, Some(by)).await
}

/// The whole settings after the change.
fn checked(there: ChatSettings, given: UpdateChat) -> Result<ChatSettings, ApiError> {
    let mut fields = Fields::default();
    if given.slow_seconds.is_some_and(|seconds| seconds > MAX_SLOW) {
        fields.wrong("slow_seconds", "out_of_range", format!("it is 0 to {MAX_SLOW}"));
    }
    if given.followers_minutes.flatten().is_some_and(|minutes| minutes > MAX_FOLLOWED) {
        fields.wrong("followers_minutes", "out_of_range", format!("it is 0 to {MAX_FOLLOWED}"));
    }
    let rules = match &given.rules {
        Some(rules) => fields.paragraph("rules", rules, 500),
        None => there.rules,
    };
    if given.modes.as_ref().is_some_and(|modes| modes.len() > ChatMode::ALL.len()) {
        fields.wrong("modes", "too_many", "each mode is named once");
    }
    fields.done()?;
    Ok(ChatSettings {
        enabled: given.enabled.unwrap_or(there.enabled),
        anonymous_may_write: given.anonymous_may_write.unwrap_or(there.anonymous_may_write),
        modes: given.modes.unwrap_or(there.modes),
        slow_seconds: given.slow_seconds.unwrap_or(there.slow_seconds),
        followers_minutes: given.followers_minutes.unwrap_or(there.followers_minutes),
        filter: given.filter.unwrap_or(there.filter),
        links: given.links.unwrap_or(there.links),
        rules,
    })
}
