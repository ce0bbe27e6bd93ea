//! Files that are made from the Rust types: TypeScript for the web app, the sample configuration.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use cargo_metadata::MetadataCommand;
use sluice_doctor::{Diagnosis, DoctorNode, Facts, Uploaded};
use sluice_domain::LayerSelection;
use sluice_domain::chat::{ChatEvent, ChatRequest};
use sluice_domain::control::{ControlEvent, ControlRequest};
use sluice_http::ProblemBody;
use ts_rs::TS;

use crate::{openapi, refuse_any, say};

const TYPES: &str = "web/src/lib/api/generated";
const SAMPLE: &str = "deploy/sluice.toml";

/// Writes or checks the OpenAPI document and the TypeScript types.
pub(crate) fn types(root: &Path, check: bool) -> Result<()> {
    openapi::document(root, check)?;
    let scratch = root.join("target/generated-types").join(std::process::id().to_string());
    let made = export(&scratch)
        .and_then(|()| openapi::export_types(root, &scratch))
        .and_then(|()| read_all(&scratch));
    // Left-overs in target harm nobody.
    let _ = fs::remove_dir_all(&scratch);
    let made = made?;
    let folder = root.join(TYPES);
    let there = if folder.exists() { read_all(&folder)? } else { BTreeMap::new() };
    if check {
        let problems = differences(&made, &there);
        refuse_any(&problems, "the TypeScript types are out of date; run `cargo xtask types`:")?;
        say(&format!("types: {} files are up to date", made.len()));
        return Ok(());
    }
    fs::create_dir_all(&folder).with_context(|| format!("{TYPES} cannot be made"))?;
    for (name, text) in made.iter().filter(|(name, text)| there.get(*name) != Some(text)) {
        fs::write(folder.join(name), text).with_context(|| format!("{TYPES}/{name} cannot be written"))?;
    }
    for name in there.keys().filter(|name| !made.contains_key(*name)) {
        fs::remove_file(folder.join(name)).with_context(|| format!("{TYPES}/{name} cannot be removed"))?;
    }
    say(&format!("types: {} files are in {TYPES}", made.len()));
    Ok(())
}

/// Everything that goes over HTTP or a data channel, with what it is made of. Times and versions are numbers
/// there too: `JSON.parse` makes nothing else of them, and they stay below 2^53.
fn export(folder: &Path) -> Result<()> {
    let config = ts_rs::Config::new().with_out_dir(folder).with_large_int("number");
    ControlRequest::export_all(&config)?;
    ControlEvent::export_all(&config)?;
    ChatRequest::export_all(&config)?;
    ChatEvent::export_all(&config)?;
    LayerSelection::export_all(&config)?;
    ProblemBody::export_all(&config)?;
    DoctorNode::export_all(&config)?;
    Facts::export_all(&config)?;
    Diagnosis::export_all(&config)?;
    Uploaded::export_all(&config)?;
    Ok(())
}

fn read_all(folder: &Path) -> Result<BTreeMap<String, String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    entries
        .map(|entry| {
            let entry = entry?;
            let text = fs::read_to_string(entry.path())?;
            Ok((entry.file_name().to_string_lossy().into_owned(), text))
        })
        .collect()
}

fn differences(made: &BTreeMap<String, String>, there: &BTreeMap<String, String>) -> Vec<String> {
    let changed = made.iter().filter_map(|(name, text)| match there.get(name) {
        None => Some(format!("{name} is missing")),
        Some(old) if old != text => Some(format!("{name} has changed")),
        Some(_) => None,
    });
    let gone =
        there.keys().filter(|name| !made.contains_key(*name)).map(|name| format!("{name} is no longer made"));
    changed.chain(gone).collect()
}

/// Writes or checks the sample configuration. The server's own tests check it too.
pub(crate) fn config(root: &Path, check: bool) -> Result<()> {
    // The features of the whole workspace, so that the build is the one that `make run` uses.
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--workspace", "--bin", "sluice"])
        .current_dir(root)
        .status()
        .context("cargo cannot be run")?;
    ensure!(built.success(), "the server cannot be built");
    let metadata =
        MetadataCommand::new().current_dir(root).no_deps().exec().context("cargo metadata failed")?;
    let output = Command::new(metadata.target_directory.join("debug/sluice"))
        .args(["config", "sample"])
        .output()
        .context("the server cannot be run")?;
    ensure!(
        output.status.success(),
        "sluice config sample failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let path = root.join(SAMPLE);
    let up_to_date = fs::read(&path).is_ok_and(|there| there == output.stdout);
    if check {
        ensure!(up_to_date, "{SAMPLE} is out of date; run `cargo xtask config`");
    } else if !up_to_date {
        fs::write(&path, &output.stdout).with_context(|| format!("{SAMPLE} cannot be written"))?;
    }
    say(&format!("config: {SAMPLE} is up to date"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_a_changed_and_a_stale_file_are_each_reported() {
        let files = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
        };
        let made = files(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let there = files(&[("a", "1"), ("b", "old"), ("d", "4")]);
        assert_eq!(differences(&made, &there), ["b has changed", "c is missing", "d is no longer made"]);
        assert!(differences(&made, &made).is_empty());
    }

    #[test]
    fn the_types_are_made_with_everything_they_are_made_of() {
        let folder = tempfile::tempdir().unwrap();
        export(folder.path()).unwrap();
        let made = read_all(folder.path()).unwrap();
        for name in [
            "ControlEvent.ts",
            "LayerInfo.ts",
            "BroadcastState.ts",
            "ChatEvent.ts",
            "ChatRequest.ts",
            "ProblemCode.ts",
        ] {
            assert!(made.contains_key(name), "{name} of {:?}", made.keys());
        }
    }
}
