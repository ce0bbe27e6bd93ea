//! `POST /viewing/start`: somebody begins to watch.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sluice_domain::{Redacted, ViewingId};
use sluice_store::Viewing;

use super::{StartViewing, ViewingStarted};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Member};
use crate::input::Fields;
use crate::me::Privacy;
use crate::me::view::remembered;
use crate::streams::find::by_id;

/// Begins to watch: a playback token, and an entry in the history unless the account keeps none.
#[utoipa::path(post, path = "/viewing/start", tag = "viewing", request_body = StartViewing,
    responses((status = 201, body = ViewingStarted)))]
pub(crate) async fn start(
    State(api): State<Shared>,
    member: Member,
    Body(given): Body<StartViewing>,
) -> Result<(StatusCode, Json<ViewingStarted>), ApiError> {
    let mut fields = Fields::default();
    let device_type = fields.optional_line("device_type", given.device_type.as_deref(), 40);
    let quality_level = fields.optional_line("quality_level", given.quality_level.as_deref(), 40);
    fields.at_most("password", given.password.as_deref(), 256);
    fields.done()?;
    let stream = by_id(&api, &member, given.stream_id).await?;
    let (identity, address) = (&member.identity, member.client.address);
    let password = given.password.map(Redacted::new);
    let opened = api.live.playback_token(&stream, Some(identity), password.as_ref(), address, false).await?;
    let viewing = Viewing {
        id: ViewingId(api.accounts.clock().uuid()),
        org_id: identity.org,
        account_id: identity.account,
        stream_id: stream.id,
        broadcast_id: stream.live_broadcast_id,
        started_at: api.now(),
        ended_at: None,
        duration_watched: 0,
        quality_level,
        device_type,
        exit_reason: None,
        engagement_score: 0.0,
    };
    let account = api.store.accounts().by_id(identity.org, identity.account).await?;
    if remembered::<Privacy>(account.privacy_json).save_history {
        api.store.viewing_history().create(&viewing).await?;
    }
    Ok((
        StatusCode::CREATED,
        Json(ViewingStarted {
            session_id: viewing.id.0,
            playback_token: opened.0.expose().clone(),
            expires_in: u32::try_from(opened.1).unwrap_or_default(),
        }),
    ))
}
