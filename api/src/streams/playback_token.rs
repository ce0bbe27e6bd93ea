//! `POST /streams/{id}/playback-token`: opens a stream to a player.

use axum::Json;
use axum::extract::State;
use sluice_domain::Redacted;

use super::find::visible;
use super::{PlaybackRequest, PlaybackToken};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Caller, Id, OptionalBody};
use crate::input::Fields;

/// A token that opens one stream to whoever shows it at the WHEP endpoint.
#[utoipa::path(post, path = "/streams/{id}/playback-token", tag = "streams", params(("id" = String, Path)),
    request_body = Option<PlaybackRequest>, responses((status = 200, body = PlaybackToken)))]
pub(crate) async fn playback_token(
    State(api): State<Shared>,
    caller: Caller,
    Id(id): Id<String>,
    OptionalBody(given): OptionalBody<PlaybackRequest>,
) -> Result<Json<PlaybackToken>, ApiError> {
    let mut fields = Fields::default();
    fields.at_most("password", given.password.as_deref(), 256);
    fields.done()?;
    let stream = visible(&api, &caller, &id).await?;
    let password = given.password.map(Redacted::new);
    let (identity, address) = (caller.identity.as_ref(), caller.client.address);
    let (token, expires_in) =
        api.live.playback_token(&stream, identity, password.as_ref(), address, false).await?;
    let expires_in = u32::try_from(expires_in).unwrap_or_default();
    Ok(Json(PlaybackToken { token: token.expose().clone(), expires_in }))
}
