//! `GET /channels/{handle}`: somebody and their streams.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use sluice_domain::{Handle, RecordingState, RecordingVisibility, StreamId};
use sluice_store::{Audience, Page, StreamFilter, StreamSort};

use super::find::shown_channel;
use super::{Channel, RecentBroadcast};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Caller, Id};
use crate::me::view::{links, person};
use crate::recordings::BroadcastRecording;
use crate::streams::broadcasts;
use crate::streams::view::cards;

/// Streams of a channel that are shown; nobody has more in public.
const MAX_STREAMS: u32 = 100;

/// Broadcasts of a channel that are shown.
const RECENT: u32 = 12;

/// Whether everybody finds a recording.
fn is_found(recording: &BroadcastRecording) -> bool {
    recording.visibility == RecordingVisibility::Public && recording.state == RecordingState::Ready
}

/// Somebody and their streams.
#[utoipa::path(get, path = "/channels/{handle}", tag = "streams", params(("handle" = String, Path)),
    responses((status = 200, body = Channel)))]
pub(crate) async fn show(
    State(api): State<Shared>,
    caller: Caller,
    Id(handle): Id<Handle>,
) -> Result<Json<Channel>, ApiError> {
    let org = api.org(&caller).await?;
    let identity = caller.identity.as_ref();
    let (account, own) = shown_channel(&api, org, &caller, &handle).await?;
    let filter = StreamFilter {
        audience: identity.map_or(Audience::Anybody, |identity| Audience::Account(identity.account)),
        owner: Some(account.id),
        sort: StreamSort::Viewers,
        ..StreamFilter::default()
    };
    let streams = api.store.streams().list(org, &filter, &Page::first(MAX_STREAMS)).await?.items;
    let recent = api.store.broadcasts().recent_of_owner(org, account.id, RECENT).await?;
    let ids: Vec<StreamId> = recent.iter().map(|broadcast| broadcast.stream_id).collect();
    let names: HashMap<StreamId, String> = api
        .store
        .streams()
        .by_ids(org, &ids)
        .await?
        .into_iter()
        .map(|stream| (stream.id, stream.name.to_string()))
        .collect();
    let recordings = broadcasts::recordings(&api, org, &recent).await?;
    let recent = recent.into_iter().filter_map(|broadcast| {
        let stream = names.get(&broadcast.stream_id)?.clone();
        let recording = recordings.get(&broadcast.id).copied();
        let mut broadcast = broadcasts::shown(broadcast, recording.filter(|found| own || is_found(found)));
        if !own {
            // What was measured and went wrong is for those who run the stream.
            broadcast.metrics = serde_json::json!({});
            broadcast.errors = Vec::new();
        }
        Some(RecentBroadcast { stream, broadcast })
    });
    let followers = api.store.follows().counts(org, account.id).await?.0;
    let following = match identity {
        Some(identity) => api.store.follows().contains(org, identity.account, account.id).await?,
        None => false,
    };
    Ok(Json(Channel {
        owner: person(&account),
        bio: account.bio,
        links: links(account.links_json),
        followers: u32::try_from(followers).unwrap_or_default(),
        following,
        streams: cards(&api, org, identity, streams).await?,
        recent: recent.collect(),
    }))
}
