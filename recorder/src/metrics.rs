//! The metrics of the recorder, by name.

/// Registers the metrics with their help texts.
pub(crate) fn describe() {
    metrics::describe_gauge!("sluice_recorder_live", "Broadcasts that are written into files now");
    metrics::describe_gauge!("sluice_recorder_pending", "Files that wait to be put into the object store");
    metrics::describe_gauge!(
        "sluice_recorder_free_bytes",
        "Free bytes on the disk of the spool, or of a local store if that has less"
    );
    metrics::describe_counter!("sluice_recorder_bytes_total", "Bytes of segments, of all renditions");
    metrics::describe_counter!("sluice_recorder_gaps_total", "Holes in what was recorded");
    metrics::describe_counter!(
        "sluice_recorder_ended_total",
        "Recordings that ended, by reason: ended, storage_full, too_slow, shutdown"
    );
    metrics::describe_counter!("sluice_recorder_recovered_total", "Recordings of a killed process, finished");
    metrics::describe_counter!("sluice_recorder_uploads_total", "Files put into the object store, by result");
    metrics::describe_histogram!(
        "sluice_recorder_upload_seconds",
        "How long putting a file into the store took"
    );
    metrics::describe_counter!(
        "sluice_recorder_playlists_total",
        "Playlists written, each for all who asked"
    );
}

pub(crate) fn live(change: f64) {
    metrics::gauge!("sluice_recorder_live").increment(change);
}

pub(crate) fn pending(change: f64) {
    metrics::gauge!("sluice_recorder_pending").increment(change);
}

pub(crate) fn free(bytes: u64) {
    metrics::gauge!("sluice_recorder_free_bytes").set(bytes as f64);
}

pub(crate) fn written(bytes: u64) {
    metrics::counter!("sluice_recorder_bytes_total").increment(bytes);
}

pub(crate) fn gap() {
    metrics::counter!("sluice_recorder_gaps_total").increment(1);
}

pub(crate) fn ended(reason: &'static str) {
    metrics::counter!("sluice_recorder_ended_total", "reason" => reason).increment(1);
}

pub(crate) fn recovered() {
    metrics::counter!("sluice_recorder_recovered_total").increment(1);
}

pub(crate) fn uploaded(result: &'static str, seconds: f64) {
    metrics::counter!("sluice_recorder_uploads_total", "result" => result).increment(1);
    metrics::histogram!("sluice_recorder_upload_seconds").record(seconds);
}

pub(crate) fn rendered() {
    metrics::counter!("sluice_recorder_playlists_total").increment(1);
}
