//! `sluice-load`: headless publishers, viewers and members of chats that speak only the wire.
//!
//! It works against any WHIP, WHEP and HLS server, knows nothing of Sluice's crates, and stands on a
//! WebRTC stack (`rtc`) that is not the server's, so that the server does not only meet itself.

mod bench;
mod chat;
mod cli;
mod driver;
mod flood;
mod hls;
mod media;
mod progress;
mod publish;
mod report;
mod signal;
mod watch;
mod wire;

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser as _;
use rustix::process::{Resource, getrlimit, setrlimit};
use serde::Serialize;
use tracing_subscriber::EnvFilter;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("sluice_load=warn")),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    allow_many_sockets();
    match run(cli) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(reason)) => complain(&reason),
        Err(error) => complain(&format!("{error:#}")),
    }
}

/// Frames did not flow; says why.
fn complain(reason: &str) -> ExitCode {
    // Nobody is left to tell if standard error is closed.
    let _ = writeln!(std::io::stderr().lock(), "sluice-load: {reason}");
    ExitCode::FAILURE
}

/// Each viewer has a socket, and the usual soft limit is 1024.
fn allow_many_sockets() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // With the old limit small runs still work, and large ones say what is missing.
    let _ = setrlimit(Resource::Nofile, limit);
}

/// Runs the command; returns why frames did not flow, if they did not.
fn run(cli: Cli) -> Result<Option<String>> {
    if let Command::Bench(args) = &cli.command {
        // It chooses its processors before it starts threads.
        let report = bench::run(args)?;
        if let Some(path) = &args.html {
            bench::write_html(path, &report)?;
        }
        finish(&report, &report.text(), args.json.as_deref())?;
        return Ok(report.reason);
    }
    if let Command::Flood(args) = &cli.command {
        let report = flood::run(args)?;
        finish(&report, &report.text(), args.json.as_deref())?;
        return Ok(None);
    }
    if let Command::Chat(args) = &cli.command {
        let report = chat::run(args)?;
        finish(&report, &report.text(), args.json.as_deref())?;
        return Ok(report.reason);
    }
    // Signalling is light; media has its own threads.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("starting the runtime")?;
    match cli.command {
        Command::Publish(args) => {
            let report = runtime.block_on(publish::run(&args))?;
            finish(&report, &report.text(), args.common.json.as_deref())?;
            Ok(report.reason)
        }
        Command::Watch(args) => {
            let report = runtime.block_on(watch::run(&args))?;
            finish(&report, &report.text(), args.common.json.as_deref())?;
            Ok(report.reason)
        }
        Command::Hls(args) => {
            let report = runtime.block_on(hls::run(&args))?;
            finish(&report, &report.text(), args.json.as_deref())?;
            Ok(report.reason)
        }
        Command::Bench(_) | Command::Chat(_) | Command::Flood(_) => Ok(None),
    }
}

fn finish(report: &impl Serialize, text: &str, json: Option<&Path>) -> Result<()> {
    if let Some(path) = json {
        report::write_json(path, report)?;
    }
    if json != Some(Path::new("-")) {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes()).context("writing the report")?;
    }
    Ok(())
}
