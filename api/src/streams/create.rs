//! `POST /streams`: makes a stream, with its first key.

use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sluice_domain::{AccessLevel, Maturity, StreamId, StreamName};
use sluice_store::{NewStream, RecordingSettings, StreamChange};

use super::input::{category, password, tags};
use super::view::whole;
use super::{CreateStream, Stream};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member, Origin, Tagged};
use crate::input::Fields;
use crate::keys::make::make;
use crate::me::update::tag;

/// Makes a stream of one's own, and the key "Default" for it.
#[utoipa::path(post, path = "/streams", tag = "streams", request_body = CreateStream,
    responses((status = 201, body = Stream, headers(("etag" = String), ("location" = String)))))]
pub(crate) async fn create(
    State(api): State<Shared>,
    member: Member,
    Origin(origin): Origin,
    Body(given): Body<CreateStream>,
) -> Result<Response, ApiError> {
    let (org, now) = (member.identity.org, api.now());
    let mut fields = Fields::default();
    let name: Option<StreamName> = fields.parsed("name", &given.name);
    let title = fields.line("title", &given.title, 140);
    let description = fields.paragraph("description", given.description.as_deref().unwrap_or_default(), 5000);
    let tags = tags(&mut fields, given.tags.as_deref().unwrap_or_default());
    tag(&mut fields, "language", given.language.as_deref());
    fields.time("scheduled_start", given.scheduled_start);
    if let Some(secret) = &given.password {
        fields.secret("password", secret, 4, 256);
    }
    let access = given.access.unwrap_or(AccessLevel::Public);
    if access == AccessLevel::Password && given.password.is_none() {
        fields.wrong("password", "required", "a stream with this access has a password");
    }
    let category_id = category(&api, org, &mut fields, given.category.as_deref()).await?;
    let ((name, ()), ()) = fields.all((name, Some(())), Some(()))?;
    let password_hash = password(&api, access, given.password.as_deref(), None).await?;
    let new = NewStream {
        id: StreamId(api.accounts.clock().uuid()),
        owner_id: member.identity.account,
        name,
        change: StreamChange {
            title,
            description,
            category_id,
            tags,
            access,
            password_hash,
            maturity: given.maturity.unwrap_or(Maturity::Everyone),
            language: given.language,
            scheduled_start: given.scheduled_start,
        },
    };
    let (key, _) = make(&api, org, new.id, "Default", None);
    let tx = api.store.begin().await?;
    let stream = tx.streams().create(org, &new, now).await?;
    tx.stream_keys().create(&key).await?;
    if given.record == Some(false) {
        let settings = RecordingSettings::default_of(org, stream.id);
        let settings = RecordingSettings { record: false, updated_at: now, ..settings };
        tx.recording_settings().set(&settings).await?;
    }
    let detail = json!({ "name": stream.name, "access": stream.access });
    api.accounts.audit(&tx, org, &member.actor(), "stream.created", ("stream", stream.id), detail).await?;
    tx.commit().await?;
    let location = HeaderValue::from_str(&format!("/api/v1/streams/{}", stream.id));
    let version = stream.version;
    let body = whole(&api, &origin, Some(&member.identity), stream).await?;
    let mut response = Tagged { status: StatusCode::CREATED, version, body }.into_response();
    response.headers_mut().insert(LOCATION, location.expect("an id is visible ASCII"));
    Ok(response)
}
