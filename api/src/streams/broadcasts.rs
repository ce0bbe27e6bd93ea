//! `GET /streams/{id}/broadcasts`: the runs of a stream.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use serde_json::Value;
use sluice_domain::{BroadcastId, OrgId, Permission};

use super::Broadcast;
use super::find::own_or;
use crate::error::ApiError;
use crate::extract::{Id, Member, Params};
use crate::page::{List, PageQuery, listed};
use crate::recordings::BroadcastRecording;
use crate::{Api, Shared};

/// The runs of a stream, latest first, with what was measured.
#[utoipa::path(get, path = "/streams/{id}/broadcasts", tag = "streams",
    params(("id" = String, Path), PageQuery), responses((status = 200, body = List<Broadcast>)))]
pub(crate) async fn broadcasts(
    State(api): State<Shared>,
    member: Member,
    Id(id): Id<String>,
    Params(query): Params<PageQuery>,
) -> Result<Json<List<Broadcast>>, ApiError> {
    let stream = own_or(&api, &member, &id, Permission::ReadAllStreams).await?;
    let found = listed(api.store.broadcasts().list(stream.org_id, stream.id, &query.page()?).await)?;
    let recordings = recordings(&api, stream.org_id, &found.items).await?;
    let items = found.items.into_iter().map(|broadcast| {
        let recording = recordings.get(&broadcast.id).copied();
        shown(broadcast, recording)
    });
    Ok(Json(List { items: items.collect(), next_cursor: found.next.map(|next| next.to_string()) }))
}

/// What became of the recordings of some runs.
pub(crate) async fn recordings(
    api: &Api,
    org: OrgId,
    broadcasts: &[sluice_store::Broadcast],
) -> Result<HashMap<BroadcastId, BroadcastRecording>, ApiError> {
    let ids: Vec<BroadcastId> = broadcasts.iter().map(|broadcast| broadcast.id).collect();
    let found = api.store.recordings().of_broadcasts(org, &ids).await?;
    let found = found.into_iter().map(|recording| {
        let (id, state, visibility) = (recording.id.0, recording.state, recording.visibility);
        (recording.broadcast_id, BroadcastRecording { id, state, visibility })
    });
    Ok(found.collect())
}

/// A run, as those see it who may.
pub(crate) fn shown(broadcast: sluice_store::Broadcast, recording: Option<BroadcastRecording>) -> Broadcast {
    let count = |count: i64| u32::try_from(count).unwrap_or_default();
    Broadcast {
        id: broadcast.id.0,
        started_at: broadcast.started_at,
        live_at: broadcast.live_at,
        ended_at: broadcast.ended_at,
        end_reason: broadcast.end_reason,
        title: broadcast.title,
        peak_viewers: count(broadcast.peak_viewers),
        joins: count(broadcast.joins),
        watch_seconds: broadcast.watch_seconds,
        codec: broadcast.codec,
        metrics: broadcast.metrics_json,
        errors: match broadcast.errors_json {
            Value::Array(errors) => errors,
            _ => Vec::new(),
        },
        recording,
    }
}
