//! The OpenAPI document, and the TypeScript that is made from it by `openapi-typescript`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

const DOCUMENT: &str = "docs/spec/openapi.json";

/// Writes or checks the document.
pub(crate) fn document(root: &Path, check: bool) -> Result<()> {
    let made = text()?;
    let path = root.join(DOCUMENT);
    let up_to_date = fs::read_to_string(&path).is_ok_and(|there| there == made);
    if check {
        ensure!(up_to_date, "{DOCUMENT} is out of date; run `cargo xtask types`");
    } else if !up_to_date {
        fs::write(&path, made).with_context(|| format!("{DOCUMENT} cannot be written"))?;
    }
    Ok(())
}

/// Writes `openapi.d.ts` into a folder.
pub(crate) fn export_types(root: &Path, folder: &Path) -> Result<()> {
    let program = root.join("web/node_modules/.bin/openapi-typescript");
    ensure!(program.exists(), "web/node_modules lacks openapi-typescript; run `make web`");
    let document = folder.join("openapi.json");
    fs::write(&document, text()?).context("the document cannot be written")?;
    let output = Command::new(program)
        .arg(&document)
        .arg("--output")
        .arg(folder.join("openapi.d.ts"))
        .output()
        .context("openapi-typescript cannot be run")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "openapi-typescript failed: {said}");
    fs::remove_file(&document).context("the copy of the document cannot be removed")
}

fn text() -> Result<String> {
    let mut text = sluice_api::openapi::document().to_pretty_json().context("the document is no JSON")?;
    text.push('\n');
    Ok(text)
}
