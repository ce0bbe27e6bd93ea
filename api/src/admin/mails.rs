//! `GET /admin/mails`: mails that were or shall be sent.

use axum::Json;
use axum::extract::State;
use serde_json::json;

use super::Mail;
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Member, Params};
use crate::page::{List, PageQuery, listed};

/// Mails that were or shall be sent, latest first. Where none can be sent, with the link in each, for an
/// admin to hand over; the audit log says who looked.
#[utoipa::path(get, path = "/admin/mails", tag = "admin", params(PageQuery),
    responses((status = 200, body = List<Mail>)))]
pub(crate) async fn mails(
    State(api): State<Shared>,
    member: Member,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Mail>>, ApiError> {
    let org = member.identity.org;
    let found = listed(api.store.mail_outbox().list(org, &query.page()?).await)?;
    let by_hand = !api.accounts.has_mail();
    let items: Vec<Mail> = found
        .items
        .into_iter()
        .map(|mail| Mail {
            id: mail.id.0,
            link: link(&mail.text).filter(|_| by_hand),
            recipient: mail.recipient,
            kind: mail.kind,
            subject: mail.subject,
            created_at: mail.created_at,
            sent_at: mail.sent_at,
            attempts: u32::try_from(mail.attempts).unwrap_or_default(),
            last_error: mail.last_error,
        })
        .collect();
    let shown: Vec<_> = items.iter().filter(|mail| mail.link.is_some()).map(|mail| mail.id).collect();
    if !shown.is_empty() {
        let (actor, target) = (member.actor(), ("organisation", org));
        api.accounts.audit_alone(org, &actor, "mail_links.shown", target, json!({ "mails": shown })).await?;
    }
    Ok(Json(List { items, next_cursor: found.next.map(|next| next.to_string()) }))
}

/// The link with a one-time token in a mail.
fn link(text: &str) -> Option<String> {
    text.split_whitespace().find(|word| word.contains("#token=")).map(str::to_owned)
}
