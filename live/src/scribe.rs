//! Writes down what happens to broadcasts, beside everything else: nothing waits for it.
//!
//! It looks at the tables when something happened and once a second, and writes what is due. Running
//! broadcasts wait in the tables themselves and ended ones in a bounded queue there, so a database
//! that is away costs no memory that grows, and nothing of what can still be written is lost.

use std::time::Duration;

use serde_json::{Value, json};
use sluice_domain::MediaTime;
use sluice_domain::control::MediaIssue;
use sluice_store::{Broadcast, BroadcastNumbers, StoreError};
use tokio_util::sync::CancellationToken;

use crate::ledger::{Entry, Ledger};
use crate::live::{Live, clock};

/// How often what is due is looked for where nothing happens.
const TICK: Duration = Duration::from_secs(1);

/// How long to wait after the database refused: first, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

/// How long shutdown waits for the last broadcasts to be written down.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The reason of a broadcast whose node ended without ending it.
const LOST: &str = "node_lost";

pub(crate) async fn run(live: Live, stop: CancellationToken) {
    let started = clock();
    let mut ledger = Ledger::default();
    let mut closed_old = false;
    let mut backoff = BACKOFF.0;
    loop {
        let turn = async {
            if !closed_old {
                close_what_was_left(&live, started).await?;
                closed_old = true;
            }
            write_due(&live, &mut ledger).await
        };
        let wait = match turn.await {
            Ok(()) => {
                backoff = BACKOFF.0;
                TICK
            }
            Err(error) => {
                tracing::warn!(%error, "broadcasts cannot be written down now; trying again");
                backoff = (backoff * 2).min(BACKOFF.1);
                backoff
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
            () = live.unwritten(), if wait == TICK => {}
        }
    }
    if !matches!(tokio::time::timeout(LAST_WORDS, write_due(&live, &mut ledger)).await, Ok(Ok(()))) {
        tracing::warn!("the last broadcasts could not be written down; the next start closes them");
    }
}

/// Ends what an earlier run of this node left open, at the time at which it was last known to run.
async fn close_what_was_left(live: &Live, started: MediaTime) -> Result<(), StoreError> {
    let store = live.access().store();
    let before = millis(started);
    for left in store.broadcasts().open(before).await? {
        let last_known = left.metrics_json.get("at").and_then(Value::as_i64);
        let begun = left.live_at.unwrap_or(left.started_at);
        let ended = last_known.unwrap_or(begun).clamp(begun, before.max(begun));
        let numbers = BroadcastNumbers {
            peak_viewers: left.peak_viewers,
            joins: left.joins,
            watch_seconds: left.watch_seconds,
            metrics_json: left.metrics_json,
            errors_json: left.errors_json,
        };
        store.broadcasts().end(left.org_id, left.id, LOST, &numbers, ended).await?;
        store.streams().set_offline(left.org_id, left.stream_id, left.id).await?;
        tracing::warn!(broadcast = %left.id, "closed a broadcast that an earlier run left open");
    }
    Ok(())
}

async fn write_due(live: &Live, ledger: &mut Ledger) -> Result<(), StoreError> {
    loop {
        let Some(entry) = live.state().oldest_ended() else { break };
        match end(live, ledger, &entry).await {
            Ok(()) => {}
            // Later it may succeed, and what ended first is written first.
            Err(error @ (StoreError::Unavailable(_) | StoreError::Full(_))) => return Err(error),
            // The stream is gone for good, or the row makes no sense: nothing would ever write it.
            Err(error) => tracing::error!(%error, broadcast = %entry.id, "a broadcast is not written down"),
        }
        ledger.close(entry.id);
        live.state().forget_ended(entry.id);
    }
    let running = live.state().entries(clock());
    for entry in running {
        if ledger.due(&entry) {
            match run_on(live, ledger, &entry).await {
                Ok(()) | Err(StoreError::NotFound) => ledger.wrote(&entry),
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// Writes a running broadcast, and that its stream is live.
async fn run_on(live: &Live, ledger: &Ledger, entry: &Entry) -> Result<(), StoreError> {
    let store = live.access().store();
    if !ledger.knows(entry.id) {
        create(live, entry).await?;
        live.note_key_use(entry).await;
    }
    if let Some(live_at) = entry.live_at {
        if !ledger.knows_live(entry) {
            store.streams().set_live(entry.org, entry.stream, entry.id, millis(live_at)).await?;
            set_live(live, entry, live_at).await?;
        }
        store.streams().set_viewers(entry.org, entry.stream, entry.id, i64::from(entry.viewers)).await?;
    }
    store.broadcasts().set_numbers(entry.org, entry.id, &numbers(entry)).await
}

/// Writes that a broadcast is over, and that its stream is offline.
async fn end(live: &Live, ledger: &Ledger, entry: &Entry) -> Result<(), StoreError> {
    let Some((at, reason)) = entry.ended else { return Ok(()) };
    let store = live.access().store();
    if !ledger.knows(entry.id) {
        create(live, entry).await?;
    }
    if let Some(live_at) = entry.live_at.filter(|_| !ledger.knows_live(entry)) {
        set_live(live, entry, live_at).await?;
    }
    store.broadcasts().end(entry.org, entry.id, reason.as_str(), &numbers(entry), millis(at)).await?;
    store.streams().set_offline(entry.org, entry.stream, entry.id).await
}

/// The row of a broadcast, with what its stream is called now.
async fn create(live: &Live, entry: &Entry) -> Result<(), StoreError> {
    let store = live.access().store();
    let (title, category_id) = match store.streams().by_id(entry.org, entry.stream).await {
        Ok(stream) => (stream.title, stream.category_id),
        // Deleted meanwhile; its history may stay.
        Err(StoreError::NotFound) => (String::new(), None),
        Err(error) => return Err(error),
    };
    let BroadcastNumbers { peak_viewers, joins, watch_seconds, metrics_json, errors_json } = numbers(entry);
    let row = Broadcast {
        id: entry.id,
        org_id: entry.org,
        stream_id: entry.stream,
        started_at: millis(entry.started),
        live_at: None,
        ended_at: None,
        end_reason: None,
        title,
        category_id,
        publisher: entry.publisher.clone(),
        codec: None,
        peak_viewers,
        joins,
        watch_seconds,
        metrics_json,
        errors_json,
    };
    match store.broadcasts().create(&row).await {
        // An attempt that seemed to fail had succeeded.
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn set_live(live: &Live, entry: &Entry, live_at: MediaTime) -> Result<(), StoreError> {
    let codec = entry.codec.map(|codec| json!(codec));
    let codec = codec.as_ref().and_then(Value::as_str);
    live.access().store().broadcasts().set_live(entry.org, entry.id, codec, millis(live_at)).await
}

fn numbers(entry: &Entry) -> BroadcastNumbers {
    let issue = |(at, issue): &(MediaTime, MediaIssue)| json!({ "at": millis(*at), "issue": issue });
    BroadcastNumbers {
        peak_viewers: i64::from(entry.peak_viewers),
        joins: i64::from(entry.joins),
        watch_seconds: entry.watch_seconds,
        metrics_json: json!({ "at": millis(entry.at), "viewers": entry.viewers, "layers": entry.layers }),
        errors_json: Value::Array(entry.issues.iter().map(issue).collect()),
    }
}

impl Live {
    /// Notes when a stream key published last. A note for people: nothing depends on it.
    async fn note_key_use(&self, entry: &Entry) {
        let Some(key) = entry.key else { return };
        let keys = self.access().store().stream_keys();
        if let Err(error) = keys.set_last_used(entry.org, key, millis(entry.started)).await {
            tracing::debug!(%error, "the use of a stream key was not noted");
        }
    }
}

fn millis(time: MediaTime) -> i64 {
    time.0.div_euclid(1000)
}
