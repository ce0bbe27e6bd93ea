//! What the system, or whoever sits at the terminal, asks of a program that runs until it is told to end.

use anyhow::{Context as _, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that end a program.
pub(crate) struct Ends {
    terminate: Signal,
    interrupt: Signal,
}

impl Ends {
    /// From now on they end nothing by themselves. To be called before anybody is told that the program is ready.
    pub(crate) fn receive() -> Result<Self> {
        Ok(Self {
            terminate: receive(SignalKind::terminate())?,
            interrupt: receive(SignalKind::interrupt())?,
        })
    }

    /// Waits for SIGTERM or SIGINT.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Receives one kind.
pub(crate) fn receive(kind: SignalKind) -> Result<Signal> {
    signal(kind).context("signals cannot be received")
}
