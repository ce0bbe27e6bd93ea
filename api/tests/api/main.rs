//! The REST API through HTTP, on SQLite and on PostgreSQL, with the real media plane behind it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it is")]

mod answers;
mod chat;
mod chat_records;
mod documents;
mod edits;
mod input;
mod pages;
mod people;
mod recordings;
mod reports;
mod roles;
mod streams;
mod viewers;
mod world;
