//! Recordings of the store as people see them.

use std::collections::{HashMap, HashSet};

use sluice_accounts::Identity;
use sluice_domain::{AccountId, OrgId, RecordingState, StreamId};
use sluice_store::Stream;

use super::{Chapter, RecordedStream, Recording, RecordingCard};
use crate::Api;
use crate::error::ApiError;
use crate::me::follows::people;
use crate::streams::view::{is_locked, may_edit};

/// Recordings as lists show them, in the order given. Those whose stream or owner is gone are left out.
pub(crate) async fn cards(
    api: &Api,
    org: OrgId,
    identity: Option<&Identity>,
    recordings: Vec<sluice_store::Recording>,
) -> Result<Vec<RecordingCard>, ApiError> {
    let ids: HashSet<StreamId> = recordings.iter().map(|recording| recording.stream_id).collect();
    let ids: Vec<StreamId> = ids.into_iter().collect();
    let mut streams: HashMap<StreamId, (Stream, bool)> = HashMap::new();
    for stream in api.store.streams().by_ids(org, &ids).await? {
        let locked = is_locked(api, &stream, identity).await?;
        streams.insert(stream.id, (stream, locked));
    }
    let owners: HashSet<AccountId> = streams.values().map(|(stream, _)| stream.owner_id).collect();
    let owners: Vec<AccountId> = owners.into_iter().collect();
    let people = people(api, org, &owners).await?;
    let cards = recordings.into_iter().filter_map(|recording| {
        let (stream, locked) = streams.get(&recording.stream_id)?;
        let editable = identity.is_some_and(|identity| may_edit(identity, stream));
        Some(RecordingCard {
            id: recording.id.0,
            stream: RecordedStream {
                id: stream.id.0,
                name: stream.name.clone(),
                title: stream.title.clone(),
                access: stream.access,
                maturity: stream.maturity,
            },
            owner: people.get(&stream.owner_id)?.clone(),
            broadcast_id: recording.broadcast_id.0,
            visibility: recording.visibility,
            state: recording.state,
            started_at: recording.started_at,
            ended_at: recording.ended_at,
            duration_ms: shown_duration(&recording),
            size_bytes: recording.size_bytes,
            width: recording.width.and_then(|width| u32::try_from(width).ok()),
            height: recording.height.and_then(|height| u32::try_from(height).ok()),
            poster_url: recording.has_poster.then(|| format!("/vod/{}/poster.jpg", recording.id)),
            failure: recording.failure.filter(|_| editable),
            title: recording.title,
            codec: recording.codec,
            delete_after: recording.delete_after,
            deleted_at: recording.deleted_at,
            locked: *locked,
        })
    });
    Ok(cards.collect())
}

/// One recording with everything about it that the caller may see.
pub(crate) async fn whole(
    api: &Api,
    origin: &str,
    identity: Option<&Identity>,
    recording: sluice_store::Recording,
    stream: &Stream,
) -> Result<Recording, ApiError> {
    let (org, id) = (recording.org_id, recording.id);
    let editable = identity.is_some_and(|identity| may_edit(identity, stream));
    let chapters = api.store.recording_chapters().of(org, id).await?;
    let position_ms = match identity {
        Some(identity) => api.store.recording_positions().of(org, identity.account, id).await?,
        None => None,
    };
    let there = recording.deleted_at.is_none();
    let watchable = there && matches!(recording.state, RecordingState::Ready | RecordingState::Processing);
    let downloads = watchable && sluice_live::may_download(stream, identity);
    let card = cards(api, org, identity, vec![recording.clone()]).await?.pop();
    Ok(Recording {
        card: card.ok_or(ApiError::RecordingUnknown)?,
        description: recording.description,
        full_duration_ms: recording.duration_ms,
        trim_start_ms: recording.trim_start_ms,
        trim_end_ms: recording.trim_end_ms,
        gaps: u32::try_from(recording.gaps).unwrap_or_default(),
        hls_url: watchable.then(|| format!("{origin}/vod/{id}/master.m3u8")),
        dash_url: watchable.then(|| format!("{origin}/vod/{id}/manifest.mpd")),
        storyboard_url: recording.has_storyboard.then(|| format!("{origin}/vod/{id}/storyboard.vtt")),
        download_url: downloads.then(|| format!("{origin}/vod/{id}/download.mp4")),
        download_ready: recording.has_download,
        chapters: chapters
            .into_iter()
            .map(|chapter| Chapter { at_ms: chapter.at_ms, title: chapter.title })
            .collect(),
        position_ms,
        editable,
    })
}

/// How long a recording is for viewers.
fn shown_duration(recording: &sluice_store::Recording) -> i64 {
    let end = recording.trim_end_ms.unwrap_or(recording.duration_ms).min(recording.duration_ms);
    (end - recording.trim_start_ms.unwrap_or(0)).max(0)
}
