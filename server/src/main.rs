//! Placeholder until its first feature.
use std::io::Write;
fn main() { std::io::stdout().write_all(sluice_server::config::sample().as_bytes()).expect("x"); }
