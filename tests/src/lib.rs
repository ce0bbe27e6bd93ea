//! End-to-end tests: the real server, real browsers, real peers.
//!
//! ```text
//!   tests/*.rs ── Server ────────── sluice serve (a child process with a configuration of its own)
//!        │
//!        └─ suite ── node ── browser/suites/*.test.ts ── Chromium, Firefox, ffmpeg, libdatachannel
//!                                  │
//!                                  └─ sluice-udp-proxy (proxy ── link): loss, delay, rate, replay
//! ```
//!
//! `netns` puts viewer and server into network namespaces with a router between them.
//!
//! Everything that a test needs it starts itself, on free ports of loopback, and stops at its end.

pub mod chat;
pub mod datagram;
pub mod http;
pub mod link;
pub mod metrics;
pub mod netns;
pub mod proxy;
pub mod s3;
pub mod server;
pub mod suite;
pub mod tool;
