//! Rules for single files: a purpose at the top, a size, no undated notes, no `mod.rs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Longest source file, in lines. Aim for 500; what needs more must be here with its reason.
const MAX_LINES: usize = 700;

/// Files that may be longer, how long, and why.
const LONGER: &[(&str, usize, &str)] = &[];

/// Directories whose files are not written by hand.
const GENERATED: &[&str] = &["web/src/lib/api/generated/"];

/// Pure crates: no IO, no clock, no threads, no global randomness.
const PURE: &[&str] = &["domain", "doctor", "media", "sfu/engine"];

/// Files of the repository as git knows them, those not yet committed included.
pub(crate) fn tracked(root: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(root)
        .output()
        .context("git cannot be run")?;
    ensure!(output.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    // A file deleted but not yet committed is still listed.
    Ok(text
        .split('\0')
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
        .filter(|path| root.join(path).is_file())
        .collect())
}

/// What is wrong with one file.
pub(super) fn problems(root: &Path, path: &Path) -> Vec<String> {
    let name = path.to_string_lossy();
    let source = matches!(extension(path), "rs" | "ts" | "tsx" | "mjs");
    if !source || GENERATED.iter().any(|folder| name.starts_with(folder)) {
        return Vec::new();
    }
    match fs::read_to_string(root.join(path)) {
        Ok(text) => source_problems(&name, &text),
        Err(error) => vec![format!("{name} cannot be read: {error}")],
    }
}

fn source_problems(name: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let lines = text.lines().count();
    let limit = LONGER.iter().find(|(file, ..)| *file == name).map_or(MAX_LINES, |(_, limit, _)| *limit);
    if lines > limit {
        problems.push(format!("{name} has {lines} lines; {limit} is the limit: split it by purpose"));
    } else if limit > MAX_LINES && lines <= MAX_LINES {
        problems.push(format!("{name} is short again: take its exception out of xtask/src/tidy/files.rs"));
    }
    if name.ends_with("/mod.rs") {
        problems.push(format!("{name}: write `foo.rs` beside `foo/` instead of `foo/mod.rs`"));
    }
    let first = text.trim_start_matches("#!/usr/bin/env node\n").trim_start();
    let explains = if name.ends_with(".rs") {
        first.starts_with("//!") || first.starts_with("#![") && text.contains("\n//!")
    } else {
        explained_at_top_level(first)
    };
    if !explains && !is_named_after_its_subject(name) {
        let comment = if name.ends_with(".rs") { "//!" } else { "//" };
        problems.push(format!("{name} does not say at its top what it is for ({comment})"));
    }
    for (number, line) in text.lines().enumerate() {
        if let Some(marker) = undated_note(line) {
            problems.push(format!("{name}:{}: {marker} without an issue number", number + 1));
        }
    }
    problems
}

/// A small module may let the comment of what it declares speak for the file.
fn explained_at_top_level(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("//") || line.starts_with("/*"))
}

/// A component's file is named after the component; tests and declarations stand beside the file
/// that they are about.
fn is_named_after_its_subject(name: &str) -> bool {
    [".tsx", ".test.ts", ".d.ts"].iter().any(|end| name.ends_with(end))
}

/// A note in a comment that says something is to be done, without `#123` on its line.
fn undated_note(line: &str) -> Option<&'static str> {
    let (_, comment) = line.split_once("//")?;
    let issue = comment.split('#').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    // Spelt in two halves so that this file does not break its own rule.
    let markers = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX"), concat!("HA", "CK")];
    markers.into_iter().find(|marker| !issue && is_word(comment, marker))
}

fn is_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let before = at.checked_sub(1).and_then(|at| text.as_bytes().get(at));
        !letter(before) && !letter(text.as_bytes().get(at + word.len()))
    })
}

/// Exceptions for files that are gone.
pub(super) fn stale_exceptions(files: &[PathBuf]) -> Vec<String> {
    LONGER
        .iter()
        .filter(|(name, ..)| !files.iter().any(|path| path == Path::new(name)))
        .map(|(name, ..)| {
            format!("xtask: the size exception for {name} is not needed: there is no such file")
        })
        .collect()
}

/// Pure crates whose bans are missing.
pub(super) fn pure_problems(root: &Path) -> Vec<String> {
    let bans = |folder: &&str| {
        let text = fs::read_to_string(root.join(folder).join("clippy.toml")).unwrap_or_default();
        ["std::time::Instant::now", "std::time::SystemTime::now"].iter().all(|path| text.contains(path))
    };
    let missing = PURE.iter().filter(|folder| !bans(folder));
    missing.map(|folder| format!("{folder} is pure: its clippy.toml must ban the clocks")).collect()
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(name: &str, text: &str) -> String {
        source_problems(name, text).join("\n")
    }

    #[test]
    fn a_file_without_a_purpose_is_reported() {
        assert!(wrong("a/b.rs", "use std::fs;\n").contains("(//!)"));
        assert!(wrong("a/b.ts", "import x from 'y';\nexport {\n  // Inside.\n};\n").contains("(//)"));
        assert_eq!(wrong("a/b.ts", "import x from 'y';\n\n/** Purpose. */\nexport const y = x;\n"), "");
        assert_eq!(wrong("a/b.rs", "//! Purpose.\n"), "");
        assert_eq!(wrong("a/b.rs", "#![no_main]\n//! Purpose.\n"), "");
        assert_eq!(wrong("a/b.tsx", "// Purpose.\n"), "");
        assert_eq!(wrong("a/b.test.ts", "import x from 'y';\n"), "");
    }

    #[test]
    fn a_file_beyond_the_limit_is_reported() {
        let long = format!("//! Purpose.\n{}", "x\n".repeat(MAX_LINES));
        assert!(wrong("a.rs", &long).contains("701 lines"));
    }

    #[test]
    fn a_note_needs_an_issue_number() {
        let note = |text: &str| wrong("a.rs", &format!("//! Purpose.\n// {}{text}\n", concat!("TO", "DO")));
        assert!(note(": later").contains("a.rs:2"));
        assert_eq!(note("(#12): later"), "");
        assert_eq!(note("S of a person"), "");
        assert_eq!(wrong("a.rs", &format!("//! Purpose.\nlet x = \"{}\";\n", concat!("TO", "DO"))), "");
    }

    #[test]
    fn a_mod_rs_is_reported() {
        assert!(wrong("a/mod.rs", "//! Purpose.\n").contains("foo.rs"));
    }
}
