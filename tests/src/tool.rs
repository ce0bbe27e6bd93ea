//! The load tool.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};

use crate::server::{self, KEY, STREAM, Server};

/// The load tool beside the server, built where it is missing.
pub fn load_tool() -> anyhow::Result<PathBuf> {
    let tool = server::binary()?.with_file_name("sluice-load");
    if std::env::var_os("SLUICE_BIN").is_none() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "sluice-load", "--bin", "sluice-load"]);
        let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status().context("cannot run cargo")?;
        ensure!(status.success(), "the load tool does not build");
    }
    Ok(tool)
}

/// A process beside the server, ended with its test.
#[derive(Debug)]
pub struct Running(Child);

impl Running {
    /// Starts it. What it writes to standard output goes nowhere.
    pub fn start(command: &mut Command) -> anyhow::Result<Self> {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null());
        command.spawn().map(Self).with_context(|| format!("cannot start {command:?}"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _already_ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Publishes the test pattern to the usual stream, with these options of `sluice-load publish` besides; whoever
/// holds the answer is live.
pub fn publish(server: &Server, options: &[&str]) -> anyhow::Result<Running> {
    let mut command = Command::new(load_tool()?);
    command.args(["publish", "--quiet", "--bitrate", "1200k"]).args(options);
    command.args(["--token", KEY, "--whip"]).arg(server.url(&format!("/whip/{STREAM}")));
    Running::start(&mut command)
}
