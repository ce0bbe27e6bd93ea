//! `sluice health`: what a container's health check and a script ask.

use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{Source, say};
use crate::ask;

/// A server that needs longer to say how it is is not well. Below the patience of container engines.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks the internal listener of the configuration.
pub(super) fn run(source: &Source) -> Result<()> {
    let address = ask::near(source.load()?.config.server.internal_listen);
    let answer = ask::get(address, "/health/ready", PATIENCE)
        .with_context(|| format!("no server answers at {address}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer cannot be read")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        bail!("the server takes no new sessions: {}", body.trim());
    }
    say(&format!("{}\n", body.trim()))
}
