//! The binary `sluice`.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use sluice_server::Cli;

fn main() -> ExitCode {
    match sluice_server::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; the exit status still tells.
            let _ = writeln!(std::io::stderr(), "sluice: {error:#}");
            ExitCode::FAILURE
        }
    }
}
