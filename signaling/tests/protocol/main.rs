//! WHIP and WHEP through HTTP, against the real media plane and with offers of real clients.
//!
//! Tests are named after the rows of `docs/spec/whip-whep.md`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it is")]

mod answer;
mod chat;
mod cors;
mod database;
mod doctor;
mod errors;
mod events;
mod grants;
mod layer;
mod patch;
mod people;
mod sdp;
mod secrets;
mod server;
mod session;
mod spec;
mod vod;
mod whep;
mod whip;
mod ws;
