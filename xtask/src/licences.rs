//! Who wrote what is inside the binary, and under which licence: the text that every package brings along.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use serde::Deserialize;

/// The crate of the binary.
const BINARY: &str = "sluice-server";

/// Only what is built for this platform is inside.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// Something that somebody else wrote.
struct Part {
    name: String,
    licence: String,
    texts: BTreeSet<String>,
}

/// Writes the text.
pub(crate) fn run(root: &Path, file: &Path) -> Result<()> {
    let metadata = MetadataCommand::new()
        .current_dir(root)
        .other_options(vec!["--locked".to_owned(), format!("--filter-platform={PLATFORM}")])
        .exec()
        .context("cargo metadata failed")?;
    let mut parts = crates(&metadata)?;
    parts.extend(node_packages(&root.join("web"))?);
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    let silent: Vec<&str> =
        parts.iter().filter(|part| part.licence.is_empty()).map(|part| part.name.as_str()).collect();
    anyhow::ensure!(silent.is_empty(), "these do not say their licence: {}", silent.join(", "));
    fs::write(file, text(&parts)).with_context(|| format!("{} cannot be written", file.display()))?;
    crate::say(&format!("{}: {} parts", file.display(), parts.len()));
    Ok(())
}

/// The crates that the binary is linked from, ours left out.
fn crates(metadata: &Metadata) -> Result<Vec<Part>> {
    let resolve = metadata.resolve.as_ref().context("cargo metadata did not resolve")?;
    let nodes: HashMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let packages: HashMap<&PackageId, &Package> =
        metadata.packages.iter().map(|package| (&package.id, package)).collect();
    let binary = metadata.packages.iter().find(|package| package.name.as_str() == BINARY);
    let mut waiting = vec![&binary.context("the binary's crate is gone")?.id];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if seen.insert(id) {
            let linked = nodes[id].deps.iter().filter(|dependency| {
                dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
            });
            waiting.extend(linked.map(|dependency| &dependency.pkg));
        }
    }
    let foreign = seen.into_iter().map(|id| packages[id]).filter(|package| package.source.is_some());
    Ok(foreign
        .map(|package| {
            let folder = package.manifest_path.parent().map(|folder| folder.as_std_path());
            Part {
                name: format!("{} {}", package.name, package.version),
                licence: package.license.clone().unwrap_or_default(),
                texts: folder.map(texts).unwrap_or_default(),
            }
        })
        .collect())
}

#[derive(Deserialize)]
struct Lock {
    packages: BTreeMap<String, Locked>,
}

#[derive(Deserialize)]
struct Locked {
    #[serde(default)]
    version: String,
    #[serde(default)]
    license: String,
    #[serde(default)]
    dev: bool,
    #[serde(default)]
    optional: bool,
}

/// The packages of the web app that are no mere tools.
fn node_packages(web: &Path) -> Result<Vec<Part>> {
    let lock = fs::read_to_string(web.join("package-lock.json")).context("web/package-lock.json")?;
    let lock: Lock = serde_json::from_str(&lock).context("web/package-lock.json cannot be read")?;
    let inside =
        lock.packages.into_iter().filter(|(path, one)| !path.is_empty() && !one.dev && !one.optional);
    Ok(inside
        .map(|(path, package)| Part {
            name: format!("{} {}", path.rsplit("node_modules/").next().unwrap_or(&path), package.version),
            licence: package.license,
            texts: texts(&web.join(path)),
        })
        .collect())
}

/// The licence texts in a folder.
fn texts(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter(|entry| {
        let name = entry.file_name().to_string_lossy().to_ascii_uppercase();
        ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"].iter().any(|word| name.starts_with(word))
    });
    named
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .map(|text| text.replace('\r', "").trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect()
}

/// A list of all, then each text once, with those it is for.
fn text(parts: &[Part]) -> String {
    let mut whole =
        String::from("Sluice is made with the work of others. Each part, its licence, and the texts.\n\n");
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for part in parts {
        whole.push_str(&format!("{}: {}\n", part.name, part.licence));
        for text in &part.texts {
            users.entry(text).or_default().push(&part.name);
        }
    }
    for (text, names) in users {
        whole.push_str(&format!("\n{}\n{}\n\n{text}\n", "=".repeat(100), names.join(", ")));
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_two_parts_share_is_there_once_with_both_names() {
        let part = |name: &str, text: &str| Part {
            name: name.to_owned(),
            licence: "MIT".to_owned(),
            texts: [text.to_owned()].into(),
        };
        let whole = text(&[part("a 1", "Same."), part("b 2", "Same."), part("c 3", "Other.")]);
        assert!(whole.contains("a 1: MIT\nb 2: MIT\nc 3: MIT\n"), "{whole}");
        assert!(whole.contains("\na 1, b 2\n\nSame.\n") && whole.matches("Same.").count() == 1, "{whole}");
    }
}
