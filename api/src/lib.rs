//! The REST API: one file per verb.
