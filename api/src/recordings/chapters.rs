//! `PUT /recordings/{id}/chapters`: the parts of a recording.

use std::collections::HashSet;

use axum::extract::State;
use sluice_domain::RecordingId;
use sluice_domain::recording::{MAX_CHAPTER_TITLE, MAX_CHAPTERS};

use super::find::editable_or;
use super::view::whole;
use super::{Recording, SetChapters};
use crate::Shared;
use crate::error::ApiError;
use crate::extract::{Body, Id, Member, Origin, Tagged};
use crate::input::Fields;

/// Sets the chapters of a recording, in the place of those that it had.
#[utoipa::path(put, path = "/recordings/{id}/chapters", tag = "recordings", params(("id" = Uuid, Path)),
    request_body = SetChapters, responses((status = 200, body = Recording, headers(("etag" = String)))))]
pub(crate) async fn chapters(
    State(api): State<Shared>,
    member: Member,
    Origin(origin): Origin,
    Id(id): Id<RecordingId>,
    Body(given): Body<SetChapters>,
) -> Result<Tagged<Recording>, ApiError> {
    let (recording, stream) = editable_or(&api, &member, id, None).await?;
    let mut fields = Fields::default();
    if given.chapters.len() > MAX_CHAPTERS {
        fields.wrong("chapters", "too_many", format!("there are more than {MAX_CHAPTERS}"));
    }
    let mut times = HashSet::new();
    let mut chapters = Vec::with_capacity(given.chapters.len().min(MAX_CHAPTERS));
    for (place, chapter) in given.chapters.iter().take(MAX_CHAPTERS).enumerate() {
        let field = |name: &str| format!("chapters[{place}].{name}");
        let title = fields.line(&field("title"), &chapter.title, MAX_CHAPTER_TITLE);
        if !(0..=recording.duration_ms).contains(&chapter.at_ms) {
            fields.wrong(&field("at_ms"), "out_of_range", "it is not within the recording");
        } else if !times.insert(chapter.at_ms) {
            fields.wrong(&field("at_ms"), "duplicate", "another chapter begins there");
        }
        chapters.push((chapter.at_ms, title));
    }
    fields.done()?;
    api.store.recording_chapters().replace(recording.org_id, id, &chapters).await?;
    let version = recording.version;
    let body = whole(&api, &origin, Some(&member.identity), recording, &stream).await?;
    Ok(Tagged::new(version, body))
}
