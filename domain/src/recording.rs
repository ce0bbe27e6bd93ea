//! Recordings: what is kept of a broadcast when it is over.

use crate::word::words;

words! {
    /// How far a recording has come.
    pub enum RecordingState {
        /// Its broadcast runs and is written down.
        Recording = "recording",
        /// Its broadcast is over; pictures and what else is made of it are on their way.
        Processing = "processing",
        /// It can be watched for good.
        Ready = "ready",
        /// Nothing of it can be watched; why is written beside it.
        Failed = "failed",
    }
}

words! {
    /// Who finds and watches a recording, beyond what the access level of its stream asks for.
    pub enum RecordingVisibility {
        /// Lists show it to everybody who may watch its stream.
        Public = "public",
        /// Whoever has its address and may watch its stream.
        Unlisted = "unlisted",
        /// The owner of its stream and those who may read every stream.
        Private = "private",
    }
}

words! {
    /// Where the files of a recording are.
    pub enum RecordingTier {
        /// Where they were written.
        Hot = "hot",
        /// In the second store, which is slower and costs less.
        Cold = "cold",
    }
}

/// Most characters of a recording's description.
pub const MAX_RECORDING_DESCRIPTION: usize = 5000;

/// Most chapters of a recording. A seek bar with more has no room to point at one.
pub const MAX_CHAPTERS: usize = 100;

/// Most characters of a chapter's title.
pub const MAX_CHAPTER_TITLE: usize = 140;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_recording_reads_back() {
        for state in RecordingState::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
        for visibility in RecordingVisibility::ALL {
            assert_eq!(visibility.as_str().parse(), Ok(*visibility));
        }
        for tier in RecordingTier::ALL {
            assert_eq!(tier.as_str().parse(), Ok(*tier));
        }
        assert!("live".parse::<RecordingState>().is_err());
    }
}
