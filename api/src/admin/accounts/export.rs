//! `GET /admin/accounts/export`: the accounts as a table.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sluice_store::{AccountFilter, Page};

use crate::Shared;
use crate::csv::row;
use crate::error::ApiError;
use crate::extract::Member;

/// Accounts that are read at a time.
const BATCH: u32 = 1000;

/// Most accounts in one table; spreadsheets take about a million rows.
const MOST: usize = 500_000;

/// The accounts of the organisation as CSV (RFC 4180).
#[utoipa::path(get, path = "/admin/accounts/export", tag = "admin",
    responses((status = 200, body = String, content_type = "text/csv")))]
pub(crate) async fn export(State(api): State<Shared>, member: Member) -> Result<Response, ApiError> {
    let org = member.identity.org;
    let mut table = String::from(
        "id,email,email_verified,handle,display_name,role,tier,department,disabled,created_at,last_login_at\r\n",
    );
    let (mut page, mut rows) = (Page::first(BATCH), 0);
    loop {
        let found = api.store.accounts().list(org, &AccountFilter::default(), &page).await?;
        rows += found.items.len();
        for member in found.items {
            let account = member.account;
            let cells = [
                account.id.to_string(),
                account.email,
                account.email_verified_at.is_some().to_string(),
                account.handle,
                account.display_name,
                member.role.to_string(),
                account.tier.to_string(),
                member.department.unwrap_or_default(),
                account.disabled_at.is_some().to_string(),
                account.created_at.to_string(),
                account.last_login_at.map(|at| at.to_string()).unwrap_or_default(),
            ];
            table.push_str(&row(cells));
        }
        match found.next {
            Some(next) if rows < MOST => page.after = Some(next),
            _ => break,
        }
    }
    let (actor, target) = (member.actor(), ("organisation", org));
    api.accounts.audit_alone(org, &actor, "accounts.exported", target, json!({ "rows": rows })).await?;
    let mut response = table.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    let file = HeaderValue::from_static("attachment; filename=\"accounts.csv\"");
    headers.insert(CONTENT_DISPOSITION, file);
    Ok(response)
}
