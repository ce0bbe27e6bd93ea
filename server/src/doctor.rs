//! `sluice doctor`: measures the way to a node, or looks at the machine that a node runs on, and lets the rules of
//! the crate `sluice-doctor` say what is wrong.
//!
//! ```text
//!  sluice doctor URL ─▶ remote ─┬─ web (HTTP, TLS, WebSocket, rates, clock)
//!                               ├─ ice (checks over UDP and TCP) ─┐
//!                               └─ relay (allocations)           ─┴─ stun
//!  sluice doctor     ─▶ host (ports, addresses, limits, disks, ffmpeg)
//! ```

pub(crate) mod host;
mod ice;
mod probe;
mod rates;
mod relay;
mod remote;
mod stream;
mod stun;
mod tls;
mod web;
mod websocket;

pub(crate) use remote::{Wishes, examine};
