//! The table of rows tells the truth: every row is there, and every test that it names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn table() -> String {
    std::fs::read_to_string(root().join("docs/spec/whip-whep.md")).unwrap()
}

/// The text of every test file and source file that may hold one of the tests.
fn sources() -> String {
    let mut text = String::new();
    let mut folders: Vec<PathBuf> = ["signaling", "live/src", "sfu/engine", "tests/browser/suites"]
        .map(|folder| root().join(folder))
        .into();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if matches!(kind, "rs" | "ts") {
                text.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

#[test]
fn every_row_is_in_the_table_once() {
    let table = table();
    for (letter, last) in [("W", 42), ("E", 17), ("X", 10), ("T", 26)] {
        for number in 1..=last {
            let row = format!("\n| {letter}{number} |");
            assert_eq!(table.matches(&row).count(), 1, "{letter}{number}");
        }
    }
}

#[test]
fn every_test_that_the_table_names_exists() {
    let (table, sources) = (table(), sources());
    let rows = table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| `"));
    let quoted: BTreeSet<&str> = rows.flat_map(|row| row.split('`').skip(1).step_by(2)).collect();
    let names = quoted.iter().filter(|name| {
        name.contains('_') || name.contains(" a Chromium ") || name.contains("ICE restart keeps")
    });
    let settings = ["public_url", "media.public_addresses"];
    let mut checked = 0;
    for name in names.filter(|name| !settings.contains(name)) {
        let as_function = format!("fn {name}(");
        let as_title = ["'", "`"].map(|quote| format!("test({quote}{name}{quote}"));
        let exists = sources.contains(&as_function) || as_title.iter().any(|title| sources.contains(title));
        assert!(exists, "there is no test {name}");
        checked += 1;
    }
    assert!(checked > 90, "only {checked} names were found");
}
