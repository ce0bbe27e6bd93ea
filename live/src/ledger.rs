//! What is written down of each broadcast. Pure: what is due; `scribe` writes it.

use std::collections::HashMap;

use sluice_domain::control::MediaIssue;
use sluice_domain::{Basis, BroadcastId, Codec, LayerInfo, MediaTime, OrgId, StreamId, StreamKeyId};

use crate::broadcast::{Broadcast, EndReason};
use crate::state::State;

/// How often the row of a running broadcast is written anew. After a crash it ends when it was
/// written last, so a longer time loses more of its end.
const PROGRESS_MICROS: i64 = 10 * 1_000_000;

/// How often a changed number of viewers is written, by which lists are sorted.
const VIEWERS_MICROS: i64 = 3 * 1_000_000;

/// A broadcast as it is written down.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) id: BroadcastId,
    pub(crate) org: OrgId,
    pub(crate) stream: StreamId,
    /// When this was true.
    pub(crate) at: MediaTime,
    pub(crate) started: MediaTime,
    pub(crate) live_at: Option<MediaTime>,
    pub(crate) ended: Option<(MediaTime, EndReason)>,
    /// What the publisher showed: a key, a sign-in, an API key.
    pub(crate) publisher: String,
    /// The stream key that was shown.
    pub(crate) key: Option<StreamKeyId>,
    pub(crate) codec: Option<Codec>,
    pub(crate) viewers: u32,
    pub(crate) peak_viewers: u32,
    pub(crate) joins: u32,
    pub(crate) watch_seconds: i64,
    pub(crate) layers: Vec<LayerInfo>,
    pub(crate) issues: Vec<(MediaTime, MediaIssue)>,
}

impl Entry {
    pub(crate) fn of(broadcast: &Broadcast, at: MediaTime, ended: Option<(MediaTime, EndReason)>) -> Self {
        let (status, tally) = (broadcast.status.borrow(), &broadcast.tally);
        Self {
            id: broadcast.id,
            org: broadcast.holder.org,
            stream: broadcast.holder.stream,
            at,
            started: tally.started,
            live_at: status.live_since,
            ended,
            publisher: publisher(&broadcast.holder.basis),
            key: crate::telling::key(&broadcast.holder),
            codec: tally.codec,
            viewers: if ended.is_some() { 0 } else { status.viewers },
            peak_viewers: tally.peak_viewers,
            joins: tally.joins,
            watch_seconds: tally.watch_seconds(at),
            layers: tally.layers.clone(),
            issues: tally.issues.clone(),
        }
    }
}

/// What the publisher showed, without the secret.
fn publisher(basis: &Basis) -> String {
    match basis {
        Basis::Key(key) => format!("stream_key:{key}"),
        Basis::SignIn { account, .. } => format!("account:{account}"),
        Basis::ApiKey { key, .. } => format!("api_key:{key}"),
        Basis::Open | Basis::Playback { .. } => String::new(),
    }
}

impl State {
    /// The running broadcasts as they would be written down now.
    pub(crate) fn entries(&self, at: MediaTime) -> Vec<Entry> {
        let accepted = self.broadcasts.values().filter(|broadcast| broadcast.accepted);
        accepted.map(|broadcast| Entry::of(broadcast, at, None)).collect()
    }

    /// The oldest ended broadcast that is not written down.
    pub(crate) fn oldest_ended(&self) -> Option<Entry> {
        self.ended.front().cloned()
    }

    /// An ended broadcast is written down, or cannot be.
    pub(crate) fn forget_ended(&mut self, id: BroadcastId) {
        // While it was written, the queue may have lost it to newer ones.
        self.ended.retain(|entry| entry.id != id);
    }
}

/// What the database already knows.
#[derive(Debug, Default)]
pub(crate) struct Ledger(HashMap<BroadcastId, Written>);

#[derive(Debug, Clone, Copy)]
struct Written {
    live: bool,
    codec: bool,
    viewers: u32,
    at: MediaTime,
}

impl Ledger {
    /// Whether a running broadcast is to be written: it is new, it became live, or its numbers are old.
    pub(crate) fn due(&self, entry: &Entry) -> bool {
        let Some(written) = self.0.get(&entry.id) else { return true };
        let age = entry.at.micros_since(written.at);
        let went_live = entry.live_at.is_some() && !written.live;
        let viewers = entry.viewers != written.viewers && age >= VIEWERS_MICROS;
        // A clock that was set back would otherwise silence it.
        went_live || viewers || !(0..PROGRESS_MICROS).contains(&age)
    }

    /// Whether the broadcast has a row.
    pub(crate) fn knows(&self, id: BroadcastId) -> bool {
        self.0.contains_key(&id)
    }

    /// Whether the rows say since when the stream is live, and in which codec.
    pub(crate) fn knows_live(&self, entry: &Entry) -> bool {
        self.0.get(&entry.id).is_some_and(|written| written.live && (written.codec || entry.codec.is_none()))
    }

    /// The row says what the entry says.
    pub(crate) fn wrote(&mut self, entry: &Entry) {
        let written = Written {
            live: entry.live_at.is_some(),
            codec: entry.codec.is_some(),
            viewers: entry.viewers,
            at: entry.at,
        };
        self.0.insert(entry.id, written);
    }

    /// Nothing more will be written of it.
    pub(crate) fn close(&mut self, id: BroadcastId) {
        self.0.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SECOND: i64 = 1_000_000;

    fn entry(at: i64) -> Entry {
        Entry {
            id: BroadcastId(Uuid::from_u128(1)),
            org: OrgId(Uuid::from_u128(2)),
            stream: StreamId(Uuid::from_u128(3)),
            at: MediaTime(at),
            started: MediaTime(0),
            live_at: None,
            ended: None,
            publisher: String::new(),
            key: None,
            codec: None,
            viewers: 0,
            peak_viewers: 0,
            joins: 0,
            watch_seconds: 0,
            layers: Vec::new(),
            issues: Vec::new(),
        }
    }

    #[test]
    fn a_broadcast_is_written_when_it_starts_when_it_is_live_and_every_ten_seconds() {
        let mut ledger = Ledger::default();
        assert!(ledger.due(&entry(0)));
        ledger.wrote(&entry(0));
        assert!(!ledger.due(&entry(SECOND)));
        let live = Entry { live_at: Some(MediaTime(SECOND)), ..entry(SECOND) };
        assert!(ledger.due(&live));
        ledger.wrote(&live);
        assert!(!ledger.due(&Entry { at: MediaTime(10 * SECOND), ..live.clone() }));
        assert!(ledger.due(&Entry { at: MediaTime(11 * SECOND), ..live }));
    }

    #[test]
    fn a_changed_audience_is_written_but_not_every_second() {
        let mut ledger = Ledger::default();
        ledger.wrote(&entry(0));
        assert!(!ledger.due(&Entry { viewers: 5, ..entry(2 * SECOND) }));
        assert!(ledger.due(&Entry { viewers: 5, ..entry(3 * SECOND) }));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_stop_the_writing() {
        let mut ledger = Ledger::default();
        ledger.wrote(&entry(100 * SECOND));
        assert!(ledger.due(&entry(50 * SECOND)));
    }
}
