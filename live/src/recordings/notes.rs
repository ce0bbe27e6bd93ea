//! What is to be written down of recordings, in its order. Pure.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sluice_domain::RecordingId;
use sluice_store::RecordingNumbers;
use tokio::sync::Notify;

/// Most notes that wait for a database that is away. Each is one recording that ended; what is lost beyond is
/// found again at the next start, since the files are there.
const MOST: usize = 4096;

/// Something that happened to a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// It is whole.
    Ended(RecordingId, RecordingNumbers),
    /// There is nothing of it that could be watched.
    Failed(RecordingId, String),
}

impl Note {
    pub(crate) const fn recording(&self) -> RecordingId {
        match self {
            Self::Ended(id, _) | Self::Failed(id, _) => *id,
        }
    }
}

/// Notes that wait.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    waiting: Mutex<VecDeque<Note>>,
    moved: Notify,
}

impl Notes {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<Note>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, note: Note) {
        let mut waiting = self.waiting();
        if waiting.len() == MOST {
            waiting.pop_front();
        }
        waiting.push_back(note);
        drop(waiting);
        self.moved.notify_one();
    }

    /// The one that has waited longest.
    pub(crate) fn first(&self) -> Option<Note> {
        self.waiting().front().cloned()
    }

    /// It is written, or never will be.
    pub(crate) fn done(&self, note: &Note) {
        let mut waiting = self.waiting();
        // While it was written, the queue may have lost it to newer ones.
        if let Some(at) = waiting.iter().position(|other| other == note) {
            waiting.remove(at);
        }
    }

    /// Waits for another one.
    pub(crate) async fn added(&self) {
        self.moved.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn failed(number: u128) -> Note {
        Note::Failed(RecordingId(Uuid::from_u128(number)), "gone".to_owned())
    }

    #[test]
    fn notes_are_written_in_their_order_and_the_oldest_is_lost_first() {
        let notes = Notes::default();
        for number in 0..=MOST as u128 {
            notes.add(failed(number));
        }
        assert_eq!(notes.first(), Some(failed(1)));
        notes.done(&failed(0));
        assert_eq!(notes.first(), Some(failed(1)));
        notes.done(&failed(1));
        assert_eq!(notes.first(), Some(failed(2)));
    }
}
