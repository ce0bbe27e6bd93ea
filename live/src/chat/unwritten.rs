//! What waits to be written down: a bounded queue between the chats and the scribe.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::record::Record;

/// Most records that wait for a database that is away. At a kilobyte each this is ten megabytes, and at a
/// hundred messages a second more than a minute and a half.
const MOST: usize = 10_000;

/// Records in the order in which they are written.
#[derive(Debug)]
pub(crate) struct Unwritten {
    queue: Mutex<Queue>,
    filled: Notify,
    /// How many were written, or are lost for good.
    settled: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Queue {
    records: VecDeque<Record>,
    /// How many were ever added.
    added: u64,
}

impl Default for Unwritten {
    fn default() -> Self {
        Self { queue: Mutex::default(), filled: Notify::new(), settled: watch::Sender::new(0) }
    }
}

impl Unwritten {
    /// Adds a record; where there is no room it is lost, counted and said.
    pub(crate) fn add(&self, record: Record) {
        let lost = {
            let mut queue = self.queue();
            let full = queue.records.len() >= MOST;
            if !full {
                queue.added += 1;
                queue.records.push_back(record);
            }
            full
        };
        if lost {
            metrics::counter!("sluice_chat_unwritten_total").increment(1);
            tracing::error!("the database is away for too long: something of a chat is not written down");
        } else {
            self.filled.notify_one();
        }
    }

    /// Waits until there is something.
    pub(crate) async fn filled(&self) {
        loop {
            let filled = self.filled.notified();
            if !self.queue().records.is_empty() {
                return;
            }
            filled.await;
        }
    }

    /// The oldest records. They stay in the queue until they are settled.
    pub(crate) fn oldest(&self, most: usize) -> Vec<Record> {
        self.queue().records.iter().take(most).cloned().collect()
    }

    /// So many of the oldest are written, or will never be.
    pub(crate) fn settle(&self, count: usize) {
        {
            let mut queue = self.queue();
            let count = count.min(queue.records.len());
            queue.records.drain(..count);
        }
        self.settled.send_modify(|settled| *settled += count as u64);
    }

    pub(crate) fn len(&self) -> usize {
        self.queue().records.len()
    }

    /// Waits until everything is written that was added before, but not for long: a database that is away is
    /// written to later.
    pub(crate) async fn written(&self, patience: Duration) {
        let added = self.queue().added;
        let mut settled = self.settled.subscribe();
        let all = settled.wait_for(|settled| *settled >= added);
        let _away = tokio::time::timeout(patience, all).await;
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use sluice_domain::{OrgId, StreamId};
    use uuid::Uuid;

    use super::*;
    use crate::chat::record::Entry;

    fn record(at: i64) -> Record {
        let nil = Uuid::nil();
        Record { org: OrgId(nil), stream: StreamId(nil), at, entry: Entry::Pinned(None) }
    }

    #[test]
    fn what_does_not_fit_is_lost_and_what_waits_keeps_its_place() {
        let unwritten = Unwritten::default();
        (0..20_000).for_each(|at| unwritten.add(record(at)));
        assert_eq!(unwritten.len(), MOST);
        assert_eq!(unwritten.oldest(2), [record(0), record(1)]);
        unwritten.settle(2);
        assert_eq!(unwritten.oldest(1), [record(2)]);
    }

    #[tokio::test]
    async fn whoever_waits_is_told_when_it_is_written_and_waits_no_longer_than_it_likes() {
        let unwritten = Unwritten::default();
        unwritten.add(record(1));
        let started = std::time::Instant::now();
        unwritten.written(Duration::from_millis(50)).await;
        assert!(started.elapsed() >= Duration::from_millis(50));
        unwritten.settle(1);
        unwritten.written(Duration::from_secs(3600)).await;
        assert!(started.elapsed() < Duration::from_secs(3600));
    }
}
