//! Reports: what somebody thinks should not be here.

use crate::word::words;

words! {
    /// What is wrong with it.
    pub enum ReportType {
        /// It hurts or offends.
        Inappropriate = "inappropriate",
        /// It is advertising or noise.
        Spam = "spam",
        /// It belongs to somebody else.
        Copyright = "copyright",
    }
}

words! {
    /// What was reported.
    pub enum ReportTarget {
        /// A stream.
        Stream = "stream",
        /// A message of a chat.
        Message = "message",
        /// A person.
        Account = "account",
    }
}

words! {
    /// How far a report has come.
    pub enum ReportStatus {
        /// Nobody has looked at it.
        Pending = "pending",
        /// A moderator has looked at it.
        Reviewed = "reviewed",
        /// What was to be done is done.
        Resolved = "resolved",
    }
}

/// Most characters of a report's description, and of a moderator's note.
pub const MAX_REPORT_TEXT: usize = 2000;
