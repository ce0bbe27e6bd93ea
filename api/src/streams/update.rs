//! `PATCH /streams/{id}`: changes of a stream.

use axum::extract::State;
use serde_json::json;
use sluice_domain::{AccessLevel, OrgId, Permission, StreamId};
use sluice_live::Fallen;
use sluice_store::{RecordingSettings, StreamChange};

use super::find::own_or;
use super::input::{category, password, tags};
use super::view::{may_edit, whole};
use super::{Stream, UpdateStream};
use crate::error::ApiError;
use crate::extract::{Body, Id, IfMatch, Member, Origin, Tagged};
use crate::input::Fields;
use crate::me::update::tag;
use crate::{Api, Shared};

/// Changes a stream, if nobody did since it was read. Moderators may hide the streams of others: nothing
/// but `access`, and that to `unlisted` or `private`.
#[utoipa::path(patch, path = "/streams/{id}", tag = "streams",
    params(("id" = String, Path), ("if-match" = String, Header)), request_body = UpdateStream,
    responses((status = 200, body = Stream, headers(("etag" = String)))))]
pub(crate) async fn update(
    State(api): State<Shared>,
    member: Member,
    Origin(origin): Origin,
    Id(id): Id<String>,
    if_match: IfMatch,
    Body(given): Body<UpdateStream>,
) -> Result<Tagged<Stream>, ApiError> {
    let there = own_or(&api, &member, &id, Permission::HideStreams).await?;
    if !may_edit(&member.identity, &there) && !hides(&given) {
        return Err(ApiError::PermissionDenied);
    }
    let (org, id, version) = (there.org_id, there.id, if_match.version(there.version));
    let gates = (there.access, there.password_hash.clone());
    let recordings = recordings(&api, org, id, &given).await?;
    let change = checked(&api, there, given).await?;
    let tx = api.store.begin().await?;
    let stream = tx.streams().update(org, id, version, &change, api.now()).await?;
    if let Some(settings) = recordings {
        tx.recording_settings().set(&settings).await?;
    }
    let detail = json!({ "name": stream.name, "access": stream.access, "maturity": stream.maturity });
    api.accounts.audit(&tx, org, &member.actor(), "stream.updated", ("stream", id), detail).await?;
    tx.commit().await?;
    if gates != (stream.access, stream.password_hash.clone()) {
        api.live.revoke(Fallen::Viewers(id)).await;
    }
    Ok(Tagged::new(stream.version, whole(&api, &origin, Some(&member.identity), stream).await?))
}

/// Whether a change does nothing but hide.
fn hides(given: &UpdateStream) -> bool {
    let hidden = matches!(given.access, Some(AccessLevel::Unlisted | AccessLevel::Private));
    hidden && UpdateStream { access: None, ..given.clone() } == UpdateStream::default()
}

/// What is to be kept of broadcasts after the change, if that changes.
async fn recordings(
    api: &Api,
    org: OrgId,
    id: StreamId,
    given: &UpdateStream,
) -> Result<Option<RecordingSettings>, ApiError> {
    let says_nothing = given.record.is_none()
        && given.recording_visibility.is_none()
        && given.keep_recordings_days.is_none();
    if says_nothing {
        return Ok(None);
    }
    if let Some(Some(days)) = given.keep_recordings_days
        && !(1..=MOST_DAYS).contains(&days)
    {
        let message = format!("It is 1 to {MOST_DAYS}.");
        return Err(ApiError::field("keep_recordings_days", "out_of_range", message));
    }
    let there = api.store.recording_settings().of(org, id).await?;
    Ok(Some(RecordingSettings {
        record: given.record.unwrap_or(there.record),
        visibility: given.recording_visibility.unwrap_or(there.visibility),
        keep_days: given.keep_recordings_days.map_or(there.keep_days, |days| days.map(i64::from)),
        updated_at: api.now(),
        ..there
    }))
}

/// Most days that a recording can be told to stay: a hundred years.
const MOST_DAYS: u32 = 36_500;

/// The whole stream after the change.
async fn checked(
    api: &Api,
    there: sluice_store::Stream,
    given: UpdateStream,
) -> Result<StreamChange, ApiError> {
    let org = there.org_id;
    let mut fields = Fields::default();
    let title = match &given.title {
        Some(title) => fields.line("title", title, 140),
        None => there.title,
    };
    let description = match &given.description {
        Some(description) => fields.paragraph("description", description, 5000),
        None => there.description,
    };
    let tags = match &given.tags {
        Some(given) => tags(&mut fields, given),
        None => api.store.stream_tags().of(org, there.id).await?,
    };
    let category_id = match &given.category {
        Some(slug) => category(api, org, &mut fields, slug.as_deref()).await?,
        None => there.category_id,
    };
    if let Some(language) = &given.language {
        tag(&mut fields, "language", language.as_deref());
    }
    if let Some(start) = given.scheduled_start {
        fields.time("scheduled_start", start);
    }
    if let Some(secret) = &given.password {
        fields.secret("password", secret, 4, 256);
    }
    let access = given.access.unwrap_or(there.access);
    if access == AccessLevel::Password && given.password.is_none() && there.password_hash.is_none() {
        fields.wrong("password", "required", "a stream with this access has a password");
    }
    fields.done()?;
    Ok(StreamChange {
        title,
        description,
        category_id,
        tags,
        access,
        password_hash: password(api, access, given.password.as_deref(), there.password_hash).await?,
        maturity: given.maturity.unwrap_or(there.maturity),
        language: given.language.unwrap_or(there.language),
        scheduled_start: given.scheduled_start.unwrap_or(there.scheduled_start),
    })
}
