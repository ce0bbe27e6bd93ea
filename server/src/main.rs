//! The binary `sluice`.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use sluice_server::Cli;

/// Requests allocate and free a hundred small things each; glibc's allocator takes a quarter of the time that
/// thousands of players of HLS cost, this one less than half of that. What is written in C uses it too (feature
/// `override`): the keys of thousands of viewers then lie on huge pages.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match sluice_server::run(Cli::parse()) {
        Ok(status) => status,
        Err(error) => {
            // Standard error may be closed; the exit status still tells.
            let _ = writeln!(std::io::stderr(), "sluice: {error:#}");
            ExitCode::FAILURE
        }
    }
}
