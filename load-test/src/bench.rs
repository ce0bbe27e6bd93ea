//! `sluice-load bench`: how much a server can carry, and what that costs it.
//!
//! A bench speaks only the wire, so it measures any WHIP and WHEP server; of the server's process it
//! reads what /proc says. Server and load run on processors of their own, and what the machine can do
//! at best is measured in the same run.

mod ceiling;
mod crowd;
mod html;
mod limit;
pub(crate) mod machine;
pub(crate) mod point;
pub(crate) mod process;
mod report;
mod scenario;
pub(crate) mod server;
pub(crate) mod shared;
pub(crate) mod stage;
mod track;
mod viewer;
mod window;

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::cli::bench::Bench;
use limit::Limit;
use machine::Machine;
use report::Remains;
pub(crate) use report::Report;
use server::Server;
use stage::Stage;

/// Runs the bench and reports.
pub(crate) fn run(args: &Bench) -> Result<Report> {
    // First, while this process may still use all processors.
    let limit = Limit::find(args)?;
    let machine = Arc::new(Machine::set_up(args)?);
    machine.enter_load_side()?;
    let ceiling = ceiling::measure(args, &machine)?;
    let server = start_server(args, &machine)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("starting the runtime")?;
    let mut report = runtime.block_on(async {
        tokio::select! {
            report = perform(args, &machine, &server, ceiling) => report,
            _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        }
    })?;
    if let Some(limit) = limit {
        report.notes.push(match (report.ok, report.viewers_per_core, report.capacity) {
            (true, Some(per_core), Some(capacity)) => limit.write(per_core, capacity)?,
            _ => "max_viewers was not written: this says nothing about what the server carries".to_owned(),
        });
    }
    Ok(report)
}

/// Finds the server, or starts one on its own processors.
pub(crate) fn start_server(args: &Bench, machine: &Machine) -> Result<Server> {
    // A process inherits processors and network from the thread that starts it.
    std::thread::scope(|scope| {
        scope
            .spawn(|| Server::find(args, machine))
            .join()
            .map_err(|_| anyhow!("the thread that starts the server panicked"))?
    })
}

async fn perform(
    args: &Bench,
    machine: &Machine,
    server: &Server,
    ceiling: ceiling::Ceiling,
) -> Result<Report> {
    let mut stage = Stage::open(args, machine, server).await?;
    let outcome = scenario::play(&mut stage).await;
    stage.clear();
    let mut outcome = outcome?;
    let (ended, refusal) = (stage.crowd.shared.reasons(), stage.crowd.failure.take());
    let points = std::mem::take(&mut stage.points);
    let (_, publishers) = stage.crowd.stop()?;
    if let Some(failed) = publishers.peers.iter().find_map(|publisher| publisher.failure.as_ref()) {
        outcome.reason = Some(format!("a publisher ended early: {failed}"));
    }
    let remains = Remains { outcome, points, ceiling, publishers: &publishers.peers, ended, refusal };
    Ok(Report::new(args, machine, server, remains))
}

/// Writes the page with plots.
pub(crate) fn write_html(path: &std::path::Path, report: &Report) -> Result<()> {
    std::fs::write(path, html::page(report)?).with_context(|| format!("writing {}", path.display()))
}
