//! Runs the browser suites: one Node process a file, one file at a time.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::server;

/// Runs `browser/suites/{name}.test.ts` and passes its output on. `proxy` is the built proxy binary.
pub fn run(name: &str, proxy: &str) -> anyhow::Result<()> {
    let file = format!("suites/{name}.test.ts");
    // Node 20 has its WebSocket behind an option.
    let options = ["--experimental-websocket", "--import", "tsx", "--test", "--test-force-exit"];
    node(&[&options[..], &["--test-reporter", "spec", &file]].concat(), proxy)
        .with_context(|| format!("the browser suite {name} failed"))
}

/// Runs the measurement of latency and join times with these arguments.
pub fn measure(arguments: &[String], proxy: &str) -> anyhow::Result<()> {
    let mut all = vec!["--import", "tsx", "measure/glass-to-glass.ts"];
    all.extend(arguments.iter().map(String::as_str));
    node(&all, proxy).context("the measurement failed")
}

fn node(arguments: &[&str], proxy: &str) -> anyhow::Result<()> {
    // Two browsers' worth of video on few cores is slow enough: suites take turns, across processes.
    let lock = File::create(std::env::temp_dir().join("sluice-e2e.lock")).context("cannot make the lock")?;
    lock.lock().context("cannot take the lock")?;
    let folder = folder()?;
    let status = Command::new("node")
        .args(arguments)
        .current_dir(&folder)
        .env("SLUICE_BIN", server::binary()?)
        .env("SLUICE_UDP_PROXY", proxy)
        .status()
        .context("cannot run node")?;
    ensure!(status.success(), "node ended with {status}");
    Ok(())
}

/// The folder of the browser tests, with its packages installed.
pub fn folder() -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
    install(&folder)?;
    Ok(folder)
}

/// Installs the packages of the lock file where that has not been done for this very lock file.
fn install(folder: &Path) -> anyhow::Result<()> {
    let modified = |path: &str| folder.join(path).metadata().and_then(|data| data.modified()).ok();
    let installed = modified("node_modules/.package-lock.json");
    if installed.is_some() && installed >= modified("package-lock.json") {
        return Ok(());
    }
    let status = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-fund", "--no-audit"])
        .current_dir(folder)
        .status()
        .context("cannot run npm")?;
    ensure!(status.success(), "npm ci failed ({status})");
    Ok(())
}
