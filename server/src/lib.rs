//! The server as a library: configuration, wiring, health and shutdown of one Sluice node.

pub mod config;
mod http;
mod listen;
mod logs;
mod metrics;
mod problem;
