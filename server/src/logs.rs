//! Logging: JSON lines for machines, text for people, and a level that a reload can change.

mod json;

use std::io::IsTerminal;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, reload};

use crate::config::{Log, LogFormat};

pub(crate) use json::JsonLines;

/// Changes the level of a running process.
#[derive(Clone)]
pub(crate) struct LevelHandle(reload::Handle<Targets, Registry>);

impl LevelHandle {
    /// Applies a level that the configuration has checked.
    pub(crate) fn set(&self, level: &str) {
        if let Err(error) = self.0.reload(targets(level)) {
            tracing::error!(%error, "the log level could not be changed");
        }
    }
}

/// Installs the process's logger. Called once, before anything logs.
pub(crate) fn install(log: &Log) -> LevelHandle {
    let (filter, handle) = reload::Layer::new(targets(&log.level));
    let terminal = std::io::stderr().is_terminal();
    let json = match log.format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !terminal,
    };
    let lines = if json {
        JsonLines::new(std::io::stderr).boxed()
    } else {
        tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(terminal)
            .with_target(false)
            .boxed()
    };
    tracing_subscriber::registry().with(filter).with(lines).init();
    log_panics();
    LevelHandle(handle)
}

/// A level checked by the configuration; anything else falls back to `info`.
fn targets(level: &str) -> Targets {
    level.parse().unwrap_or_else(|_| Targets::new().with_default(tracing::Level::INFO))
}

/// A panic is logged like everything else instead of being written across the JSON lines.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked: {}", panic.payload_as_str().unwrap_or("no message"));
    }));
}
