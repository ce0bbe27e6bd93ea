//! What `sluice doctor` says of a network.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde_json::Value;

/// What it found.
pub(crate) struct Found {
    way: String,
    codes: BTreeSet<String>,
    text: String,
}

/// Runs it to its end.
pub(crate) async fn run(command: Command) -> anyhow::Result<Found> {
    let mut command = tokio::process::Command::from(command);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.context("the doctor")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said: Value = serde_json::from_str(&text)
        .with_context(|| format!("{text}{}", String::from_utf8_lossy(&output.stderr)))?;
    let diagnosis = &said["diagnosis"];
    let findings = diagnosis["findings"].as_array().context("a diagnosis has findings")?;
    let code = |finding: &Value| finding["code"].as_str().map(str::to_owned);
    let codes: Option<BTreeSet<String>> = findings.iter().map(code).collect();
    Ok(Found {
        way: diagnosis["way"].as_str().context("a diagnosis has a way")?.to_owned(),
        codes: codes.context("a finding has a code")?,
        text,
    })
}

impl Found {
    /// Media gets through in this way, and this is wrong and nothing else.
    pub(crate) fn is(&self, way: &str, codes: &[&str]) -> anyhow::Result<()> {
        let wanted: BTreeSet<String> = codes.iter().map(|&code| code.to_owned()).collect();
        ensure!(
            self.way == way && self.codes == wanted,
            "not {way} {wanted:?} but {} {:?}:\n{}",
            self.way,
            self.codes,
            self.text
        );
        Ok(())
    }
}
