//! `/streams/{id}/chat/terms`: words and patterns that the filter looks for.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use sluice_accounts::AccountsError;
use sluice_domain::ChatTermId;
use sluice_domain::chat::{MAX_TERMS, ModerationAction, Term, TermKind};
use sluice_live::filter::{MAX_EXPRESSIONS, check_term};

use super::find::{managed, moderated};
use super::noting::note;
use super::view::{People, people_of};
use super::{ChatTerm, CreateTerm};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Id, Ids, Member};
use crate::page::List;

/// The words and patterns that the filter of the chat looks for besides its own, oldest first.
#[utoipa::path(get, path = "/streams/{id}/chat/terms", tag = "chat", params(("id" = String, Path)),
    responses((status = 200, body = List<ChatTerm>)))]
pub(crate) async fn list(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
) -> Result<Json<List<ChatTerm>>, ApiError> {
    let stream = moderated(&api, &member, &id).await?;
    let found = api.store.chat_terms().list(stream.org_id, stream.id).await?;
    let people = people_of(&api, stream.org_id, found.iter().filter_map(|term| term.created_by)).await?;
    Ok(Json(List::whole(found.into_iter().map(|term| shown(term, &people)).collect())))
}

/// Lets the filter look for one more word or pattern, from the next message on.
#[utoipa::path(post, path = "/streams/{id}/chat/terms", tag = "chat", params(("id" = String, Path)),
    request_body = CreateTerm, responses((status = 201, body = ChatTerm)))]
pub(crate) async fn add(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
    Body(given): Body<CreateTerm>,
) -> Result<(StatusCode, Json<ChatTerm>), ApiError> {
    let stream = managed(&api, &member, &id).await?;
    let (org, account) = (stream.org_id, member.identity.account);
    let wanted = Term { pattern: given.pattern.trim().to_owned(), kind: given.kind, outcome: given.outcome };
    if let Err(bad) = check_term(&wanted) {
        return Err(ApiError::field("pattern", "malformed", format!("{bad}.")));
    }
    let there = api.store.chat_terms().list(org, stream.id).await?;
    let expressions = there.iter().filter(|term| term.kind == TermKind::Regex).count();
    let one_more_expression = wanted.kind == TermKind::Regex && expressions >= MAX_EXPRESSIONS;
    if there.len() >= MAX_TERMS || one_more_expression {
        return Err(AccountsError::TooMany.into());
    }
    let term = sluice_store::ChatTerm {
        id: ChatTermId(api.accounts.clock().uuid()),
        org_id: org,
        stream_id: stream.id,
        pattern: wanted.pattern,
        kind: wanted.kind,
        outcome: wanted.outcome,
        created_by: Some(account),
        created_at: api.now(),
    };
    let tx = api.store.begin().await?;
    tx.chat_terms().create(&term).await?;
    let detail = json!({ "pattern": term.pattern, "kind": term.kind, "outcome": term.outcome });
    note(&api, &tx, &stream, &member, ModerationAction::TermAdded, detail).await?;
    tx.commit().await?;
    api.live.chats().terms_changed(org, stream.id).await?;
    let people = people_of(&api, org, [account].into_iter()).await?;
    Ok((StatusCode::CREATED, Json(shown(term, &people))))
}

/// Lets the filter look for one word or pattern less.
#[utoipa::path(delete, path = "/streams/{id}/chat/terms/{term_id}", tag = "chat",
    params(("id" = String, Path), ("term_id" = Uuid, Path)), responses((status = 204)))]
pub(crate) async fn remove(
    State(api): State<Shared>,
    member: Member,
    Ids(id, term): Ids<String, ChatTermId>,
) -> Result<StatusCode, ApiError> {
    let stream = managed(&api, &member, &id).await?;
    let tx = api.store.begin().await?;
    let term = tx.chat_terms().delete(stream.org_id, stream.id, term).await?;
    let detail = json!({ "pattern": term.pattern, "kind": term.kind, "outcome": term.outcome });
    note(&api, &tx, &stream, &member, ModerationAction::TermRemoved, detail).await?;
    tx.commit().await?;
    api.live.chats().terms_changed(stream.org_id, stream.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(term: sluice_store::ChatTerm, people: &People) -> ChatTerm {
    ChatTerm {
        id: term.id.0,
        pattern: term.pattern,
        kind: term.kind,
        outcome: term.outcome,
        by: term.created_by.and_then(|id| people.get(&id).cloned()),
        created_at: term.created_at,
    }
}
