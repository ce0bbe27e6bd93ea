//! `sluice-load hls`: many viewers of one playlist, with low latency or without.
//!
//! Each viewer has a connection for its video and one for its audio, as players of demuxed renditions have.
//! Playlists that can be waited for are (`_HLS_msn`, `_HLS_part`), and parts are fetched as they come; media
//! is read and thrown away, while a model of a buffer says whether a player would have stood still.

mod buffer;
mod http;
mod playlist;
mod report;
mod tally;
mod track;
mod viewer;

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use reqwest::Url;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, sleep_until};

use crate::bench::process::{Sample, Usage};
use crate::cli::hls::Hls;
use crate::progress::{Progress, bits};
pub(crate) use report::Report;
use viewer::Setup;

const TICK: Duration = Duration::from_millis(500);

/// Runs the viewers and reports.
pub(crate) async fn run(args: &Hls) -> Result<Report> {
    let setup =
        Arc::new(Setup { args: args.clone(), address: resolve(&args.url)?, tally: tally::Shared::default() });
    let own = Sample::of(std::process::id())?;
    let servers = args.pid.iter().map(|pid| Sample::of(*pid)).collect::<Result<Vec<_>>>();
    let servers = servers.context("looking at the server's processes")?;
    let started = Instant::now();
    let deadline = started + args.stagger.saturating_mul(args.viewers - 1) + args.duration;
    let progress = Progress::new(args.quiet, deadline - started);
    let mut viewers = JoinSet::new();
    for index in 0..args.viewers {
        let setup = Arc::clone(&setup);
        let delay = args.stagger.saturating_mul(index);
        viewers.spawn(async move {
            sleep(delay).await;
            viewer::watch(setup, index).await;
        });
    }
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = ticks.tick() => progress.show(started.elapsed(), &line(&setup)),
            () = sleep_until(deadline.into()) => break,
            _ = tokio::signal::ctrl_c() => break,
        }
    }
    let elapsed = started.elapsed();
    let load = Sample::of(std::process::id())?.since(&own);
    let server = servers.iter().zip(&args.pid).map(|(before, pid)| Ok(Sample::of(*pid)?.since(before)));
    let server: Vec<Usage> = server.collect::<Result<_>>().context("looking at the server's processes")?;
    viewers.shutdown().await;
    progress.clear();
    let setup = Arc::into_inner(setup).context("a viewer outlived its run")?;
    Ok(Report::new(args, elapsed, setup.tally.into_inner(), load.cpu.total, &server))
}

fn resolve(url: &Url) -> Result<SocketAddr> {
    let host = url.host_str().context("the URL has no host")?.trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(80);
    let mut addresses = (host, port).to_socket_addrs().with_context(|| format!("looking up {host}"))?;
    addresses.next().with_context(|| format!("{host} has no address"))
}

fn line(setup: &Setup) -> String {
    let tally = setup.tally.lock();
    format!(
        "{} viewers: {} play; {} requests, {} errors, {} MB",
        setup.args.viewers,
        tally.playing,
        tally.requests(),
        tally.failed(),
        tally.bytes / 1_000_000
    )
}

/// Bits a second of so many bytes, for people.
fn rate(bytes: u64, elapsed: Duration) -> String {
    bits(bytes as f64 * 8.0 / elapsed.as_secs_f64().max(0.001))
}

#[cfg(test)]
mod tests;
