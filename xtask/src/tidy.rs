//! House rules that a compiler does not know.
//!
//! 1. The dependency table of ARCHITECTURE.md is what `cargo metadata` says, both ways.
//! 2. Every path that ARCHITECTURE.md names exists.
//! 3. Every source file says at its top what it is for.
//! 4. No file grows beyond its limit; exceptions are written down with their reason.
//! 5. A note to do something later names an issue.
//! 6. Modules are `foo.rs` + `foo/`, never `mod.rs`.
//! 7. A pure crate bans clocks, sockets and global randomness in a clippy.toml of its own.
//! 8. A dependency has one version: it stands in the Cargo.toml of the root and nowhere else.
//! 9. A variable in a file of deployment stands for a key that the configuration has.

mod architecture;
mod deploy;
pub(crate) mod files;
mod manifests;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;

use crate::{refuse_any, say};

pub(crate) fn run(root: &Path) -> Result<()> {
    let architecture =
        fs::read_to_string(root.join("ARCHITECTURE.md")).context("ARCHITECTURE.md cannot be read")?;
    let metadata =
        MetadataCommand::new().current_dir(root).no_deps().exec().context("cargo metadata failed")?;
    let mut problems = architecture::table_problems(&architecture, &architecture::edges(&metadata));
    problems.extend(architecture::path_problems(&architecture, root));
    let files = files::tracked(root)?;
    problems.extend(files.iter().flat_map(|path| files::problems(root, path)));
    problems.extend(files::stale_exceptions(&files));
    problems.extend(files::pure_problems(root));
    problems.extend(deploy::problems(root, &files));
    problems.extend(metadata.packages.iter().flat_map(|package| manifests::problems(root, package)));
    refuse_any(&problems, "the house rules are broken:")?;
    say(&format!(
        "tidy: {} files and {} crates follow the house rules",
        files.len(),
        metadata.packages.len()
    ));
    Ok(())
}
