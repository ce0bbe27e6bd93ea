//! The server as a library: configuration, wiring, health and shutdown of one Sluice node.
//!
//! ```text
//!  cli ─▶ config ─▶ data ─▶ Store, Accounts ◀── commands: db, account, stream, org
//!              └──▶ serve ─▶ selftest, wiring ─▶ Sfu, Live, routers of signaling and api
//!                     │          └─ http (layers, web app) ◀── listen (connections) ◀── tls
//!                     └─ signals: reload, drain
//! ```
//!
//! It decides nothing about media or access. It puts the rooms together, and is the only one that
//! knows all of them.

mod ask;
mod cli;
pub mod config;
mod data;
mod demo;
mod doctor;
mod health;
mod http;
mod listen;
mod logs;
mod metrics;
mod ready;
mod recording;
mod selftest;
mod serve;
mod signals;
mod tls;
mod turn;
mod wiring;

pub use cli::{Cli, run};
