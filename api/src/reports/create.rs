//! `POST /reports`: reports something.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::chat::MessageState;
use sluice_domain::report::MAX_REPORT_TEXT;
use sluice_domain::{AccountId, ChatMessageId, ReportId, ReportStatus, ReportTarget};
use uuid::Uuid;

use super::view::own;
use super::{CreateReport, OwnReport};
use crate::chat::readable;
use crate::error::ApiError;
use crate::extract::{Body, Caller, Member};
use crate::input::Fields;
use crate::streams::find::by_id;
use crate::{Api, Shared};

/// Reports a stream, a message or a person to the moderators of the organisation. What was reported before by
/// the same account, and nobody has looked at yet, is 409.
#[utoipa::path(post, path = "/reports", tag = "reports", request_body = CreateReport,
    responses((status = 201, body = OwnReport)))]
pub(crate) async fn create(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<CreateReport>,
) -> Result<(StatusCode, Json<OwnReport>), ApiError> {
    let description = checked(&given)?;
    let target = target(&api, &member, &given).await?;
    let report = sluice_store::Report {
        id: ReportId(api.accounts.clock().uuid()),
        org_id: member.identity.org,
        reporter_id: member.identity.account,
        report_type: given.report_type,
        target_kind: given.target,
        stream_id: target.stream,
        message_id: given.message_id.map(ChatMessageId),
        account_id: target.account,
        excerpt: target.excerpt,
        description,
        status: ReportStatus::Pending,
        moderator_id: None,
        note: String::new(),
        created_at: api.now(),
        resolved_at: None,
        version: 1,
    };
    if api.store.reports().waits_already(&report).await? {
        return Err(ApiError::Exists("This was reported already, and waits for a moderator."));
    }
    api.store.reports().create(&report).await?;
    Ok((StatusCode::CREATED, Json(own(report))))
}

/// Whether all is named that a report of this kind names, and nothing else; the description.
fn checked(given: &CreateReport) -> Result<String, ApiError> {
    let mut fields = Fields::default();
    let mut named = |field: &str, id: Option<Uuid>, needed: bool, taken: bool| match id {
        None if needed => fields.wrong(field, "required", "a report of this kind names it"),
        Some(_) if !taken => fields.wrong(field, "unexpected", "a report of this kind does not name it"),
        _ => {}
    };
    let (message, account) = (given.target == ReportTarget::Message, given.target == ReportTarget::Account);
    named("stream_id", given.stream_id, !account, true);
    named("message_id", given.message_id, message, message);
    named("account_id", given.account_id, account, account);
    let description = given.description.as_deref().unwrap_or_default();
    let description = fields.paragraph("description", description, MAX_REPORT_TEXT);
    fields.done()?;
    Ok(description)
}

/// What a report is about, as moderators find it again.
struct Target {
    stream: Option<sluice_domain::StreamId>,
    account: Option<AccountId>,
    excerpt: String,
}

/// Looks up what is reported: nobody reports what they cannot see.
async fn target(api: &Api, member: &Member, given: &CreateReport) -> Result<Target, ApiError> {
    let org = member.identity.org;
    let stream = match given.stream_id {
        Some(id) => Some(by_id(api, member, id).await?),
        None => None,
    };
    let stream_id = stream.as_ref().map(|stream| stream.id);
    match (given.target, stream) {
        (ReportTarget::Message, Some(stream)) => {
            let caller = Caller { identity: Some(member.identity.clone()), client: member.client.clone() };
            let stream = readable(api, &caller, &stream.id.to_string()).await?;
            let id = ChatMessageId(given.message_id.unwrap_or_default());
            let stored = api.store.chat_messages().by_id(org, stream.id, id).await?;
            // One that was taken away meanwhile was seen before; one that was held never was.
            if !matches!(stored.state, MessageState::Shown | MessageState::Deleted) {
                return Err(ApiError::NotFound);
            }
            let (account, excerpt) = (stored.message.author.id, stored.message.text);
            Ok(Target { stream: stream_id, account, excerpt })
        }
        (ReportTarget::Account, _) => {
            let account = AccountId(given.account_id.unwrap_or_default());
            if account == member.identity.account {
                return Err(ApiError::field("account_id", "own", "Nobody can report themselves."));
            }
            let found = api.store.accounts().member(org, account).await?.account;
            let excerpt = format!("{} (@{})", found.display_name, found.handle);
            Ok(Target { stream: stream_id, account: Some(account), excerpt })
        }
        (ReportTarget::Stream | ReportTarget::Message, stream) => {
            let stream = stream.ok_or(ApiError::NotFound)?;
            Ok(Target { stream: stream_id, account: Some(stream.owner_id), excerpt: stream.title })
        }
    }
}
