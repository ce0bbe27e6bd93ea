//! Who sees a recording, and who may take it along. Pure.

use sluice_accounts::Identity;
use sluice_domain::{RecordingVisibility, Tier};
use sluice_store::{Recording, Stream};

use crate::identity::Viewer;

/// The least tier whose accounts may take recordings of others along as files.
const DOWNLOADING: Tier = Tier::Premium;

/// Whether somebody, or nobody in particular, who may see a stream may see a recording of it.
pub fn sees_recording(recording: &Recording, stream: &Stream, identity: Option<&Identity>) -> bool {
    match recording.visibility {
        RecordingVisibility::Public | RecordingVisibility::Unlisted => true,
        RecordingVisibility::Private => identity
            .map(Viewer::from)
            .is_some_and(|viewer| viewer.org == stream.org_id && viewer.runs(stream)),
    }
}

/// Whether somebody who may watch a recording may take it along as a file.
pub fn may_download(stream: &Stream, identity: Option<&Identity>) -> bool {
    identity.map(Viewer::from).is_some_and(|viewer| viewer.may_watch && downloads(stream, &viewer))
}

/// See [`may_download`].
pub(crate) fn downloads(stream: &Stream, viewer: &Viewer) -> bool {
    viewer.org == stream.org_id && (viewer.runs(stream) || viewer.tier >= DOWNLOADING)
}
