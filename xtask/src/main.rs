//! House rules as a program, and code generation. `cargo xtask` lists the commands.

mod generate;
mod licences;
mod openapi;
mod requirements;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "xtask", about)]
enum Xtask {
    /// Checks the house rules: dependency table, paths of ARCHITECTURE.md, file sizes, comments.
    Tidy,
    /// Writes who wrote what is inside the binary, and under which licences.
    Licences {
        /// Where to.
        file: PathBuf,
    },
    #[command(flatten)]
    Generate(Generate),
}

#[derive(Debug, Subcommand)]
enum Generate {
    /// Writes the OpenAPI document, and the TypeScript types of the API and the control channel.
    Types {
        /// Only says whether they are up to date.
        #[arg(long)]
        check: bool,
    },
    /// Writes docs/requirements.md: which test shows which requirement.
    Requirements {
        /// Only says whether it is up to date.
        #[arg(long)]
        check: bool,
    },
    /// Writes the commented sample configuration, deploy/sluice.toml.
    Config {
        /// Only says whether it is up to date.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let done = match Xtask::parse() {
        Xtask::Tidy => tidy::run(&root()),
        Xtask::Licences { file } => licences::run(&root(), &file),
        Xtask::Generate(Generate::Types { check }) => generate::types(&root(), check),
        Xtask::Generate(Generate::Requirements { check }) => requirements::run(&root(), check),
        Xtask::Generate(Generate::Config { check }) => generate::config(&root(), check),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The repository.
fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask is a directory of the repository").to_path_buf()
}

/// Writes a line for a person.
fn say(text: &str) {
    use std::io::Write;
    // Standard error may be closed; the exit status still tells.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Fails with every problem on a line of its own.
fn refuse_any(problems: &[String], what: &str) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    anyhow::bail!("{what}\n  {}", problems.join("\n  "))
}
