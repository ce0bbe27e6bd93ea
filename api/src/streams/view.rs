//! Streams of the store with what is known of them now.

use std::collections::{HashMap, HashSet};

use sluice_accounts::Identity;
use sluice_domain::control::BroadcastState;
use sluice_domain::{AccountId, CategoryId, OrgId, Permission, StreamId};
use sluice_live::{LiveError, StreamStatus};
use sluice_store::RecordingSettings;

use super::{CategoryName, Stream, StreamCard, StreamState};
use crate::Api;
use crate::error::ApiError;
use crate::me::follows::people;
use crate::me::view::asset_url;
use crate::recordings::RunningRecording;

/// Streams as lists show them, in the order given. Those whose owner is gone are left out.
pub(crate) async fn cards(
    api: &Api,
    org: OrgId,
    identity: Option<&Identity>,
    streams: Vec<sluice_store::Stream>,
) -> Result<Vec<StreamCard>, ApiError> {
    if streams.is_empty() {
        return Ok(Vec::new());
    }
    let owners: HashSet<AccountId> = streams.iter().map(|stream| stream.owner_id).collect();
    let owners: Vec<AccountId> = owners.into_iter().collect();
    let people = people(api, org, &owners).await?;
    let categories = api.store.categories().list(org).await?;
    let categories: HashMap<CategoryId, CategoryName> = categories
        .into_iter()
        .map(|category| (category.id, CategoryName { slug: category.slug, name: category.name }))
        .collect();
    let ids: Vec<StreamId> = streams.iter().map(|stream| stream.id).collect();
    let mut tags: HashMap<StreamId, Vec<String>> = HashMap::new();
    for (stream, tag) in api.store.stream_tags().of_all(org, &ids).await? {
        tags.entry(stream).or_default().push(tag);
    }
    let mut cards = Vec::with_capacity(streams.len());
    for stream in streams {
        let Some(owner) = people.get(&stream.owner_id) else { continue };
        let status = api.live.stream(stream.id);
        let locked = is_locked(api, &stream, identity).await?;
        cards.push(StreamCard {
            id: stream.id.0,
            owner: owner.clone(),
            category: stream.category_id.and_then(|id| categories.get(&id).cloned()),
            tags: tags.remove(&stream.id).unwrap_or_default(),
            access: stream.access,
            maturity: stream.maturity,
            language: stream.language,
            thumbnail_url: stream.thumbnail_asset_id.map(asset_url),
            preview_url: (!locked && api.live.has_picture(stream.id))
                .then(|| format!("/hls/{}/thumbnail.jpg", stream.name)),
            state: state(status.as_ref()),
            live_since: status.as_ref().and_then(|status| status.live_since).map(|since| since.0 / 1000),
            viewers: status.as_ref().map_or(0, |status| status.viewers),
            scheduled_start: stream.scheduled_start,
            locked,
            name: stream.name,
            title: stream.title,
        });
    }
    Ok(cards)
}

/// One stream with everything about it that the caller may see.
pub(crate) async fn whole(
    api: &Api,
    origin: &str,
    identity: Option<&Identity>,
    stream: sluice_store::Stream,
) -> Result<Stream, ApiError> {
    let (id, org, owner) = (stream.id, stream.org_id, stream.owner_id);
    let (description, created_at) = (stream.description.clone(), stream.created_at);
    let editable = identity.is_some_and(|identity| may_edit(identity, &stream));
    let card = cards(api, org, identity, vec![stream]).await?.pop().ok_or(ApiError::NotFound)?;
    let status = api.live.stream(id);
    let (mut following, mut saved) = (false, false);
    if let Some(identity) = identity {
        following = api.store.follows().contains(org, identity.account, owner).await?;
        saved = !api.store.library().kinds(org, identity.account, id).await?.is_empty();
    }
    let recording = match editable {
        true => api.live.recording(id),
        false => None,
    };
    let settings = match editable {
        true => api.store.recording_settings().of(org, id).await?,
        false => RecordingSettings::default_of(org, id),
    };
    let (codec, layers, issues) =
        status.map_or_else(Default::default, |status| (status.codec, status.layers, status.issues));
    Ok(Stream {
        description,
        codec,
        layers,
        issues: if editable { issues } else { Vec::new() },
        whep_url: format!("{origin}/whep/{}", card.name),
        hls_url: format!("{origin}/hls/{}/master.m3u8", card.name),
        created_at,
        record: settings.record,
        recording_visibility: settings.visibility,
        keep_recordings_days: settings.keep_days.and_then(|days| u32::try_from(days).ok()),
        recording: recording.map(|recording| RunningRecording {
            id: recording.id.0,
            bytes: recording.bytes,
            duration_ms: recording.duration_ms,
        }),
        editable,
        following,
        saved,
        card,
    })
}

/// Whether somebody may change a stream.
pub(crate) fn may_edit(identity: &Identity, stream: &sluice_store::Stream) -> bool {
    let own = stream.owner_id == identity.account && identity.may(Permission::WriteOwnStreams);
    own || identity.may(Permission::WriteAllStreams)
}

/// Whether this caller cannot watch a stream as things are.
pub(crate) async fn is_locked(
    api: &Api,
    stream: &sluice_store::Stream,
    identity: Option<&Identity>,
) -> Result<bool, ApiError> {
    match api.live.admits(stream, identity).await {
        Ok(()) => Ok(false),
        Err(LiveError::Unavailable) => Err(LiveError::Unavailable.into()),
        Err(_) => Ok(true),
    }
}

fn state(status: Option<&StreamStatus>) -> StreamState {
    match status.map(|status| status.state) {
        None | Some(BroadcastState::Ended) => StreamState::Offline,
        Some(BroadcastState::Starting) => StreamState::Starting,
        Some(BroadcastState::Live) => StreamState::Live,
        Some(BroadcastState::Gap) => StreamState::Gap,
    }
}
