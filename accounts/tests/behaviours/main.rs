//! What accounts promise, on SQLite and on PostgreSQL, with a clock that the tests move.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod credentials;
mod keys;
mod mail;
mod members;
mod second_factor;
mod sessions;
mod sign_in;
mod sign_up;
mod world;
