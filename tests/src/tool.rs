//! The load tool.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::server;

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
