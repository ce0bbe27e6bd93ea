//! `docs/requirements.md`: which test shows which requirement.
//!
//! A test says which rows it shows in a comment directly above it:
//!
//! ```text
//! // Requirements: R79, R80
//! #[test]
//! fn a_key_that_was_rotated_works_until_its_overlap_is_over() {
//! ```
//!
//! The rows themselves, with a note where no test shows them, are in `docs/requirements.toml`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::tidy::files::tracked;
use crate::{refuse_any, say};

const ROWS: &str = "docs/requirements.toml";
const PAGE: &str = "docs/requirements.md";
const MARKER: &str = "// Requirements:";

/// How far below its marker a test may begin: attributes stand in between.
const REACH: usize = 8;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    /// Sections of the page, in their order.
    section: Vec<Section>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    title: String,
    row: Vec<Row>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: u32,
    text: String,
    /// What is missing, or why no test shows it.
    #[serde(default)]
    note: Option<String>,
}

/// A test that says what it shows.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    rows: Vec<u32>,
    name: String,
}

/// Writes or checks the page.
pub(crate) fn run(root: &Path, check: bool) -> Result<()> {
    let text = fs::read_to_string(root.join(ROWS)).with_context(|| format!("{ROWS} cannot be read"))?;
    let rows: Rows = toml::from_str(&text).with_context(|| format!("{ROWS} cannot be used"))?;
    let mut tests: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut problems = Vec::new();
    for path in tracked(root)? {
        let path = path.to_string_lossy().into_owned();
        if !is_source(&path) {
            continue;
        }
        let text = fs::read_to_string(root.join(&path)).with_context(|| format!("{path} cannot be read"))?;
        match shown(&text) {
            Ok(found) => {
                for shown in found {
                    for row in shown.rows {
                        let shown_by = format!("`{path}`: {}", shown.name);
                        tests.entry(row).or_default().push(shown_by);
                    }
                }
            }
            Err(line) => {
                problems.push(format!("{path}:{line}: no test follows `{MARKER}`, or a row is no R-number"))
            }
        }
    }
    let known = |id: &u32| rows.section.iter().flat_map(|section| &section.row).any(|row| row.id == *id);
    problems
        .extend(tests.keys().filter(|id| !known(id)).map(|id| format!("R{id} is marked, but not in {ROWS}")));
    refuse_any(&problems, "the requirement markers cannot be used:")?;
    let page = render(&rows, &tests);
    let path = root.join(PAGE);
    let up_to_date = fs::read_to_string(&path).is_ok_and(|there| there == page);
    if check {
        ensure!(up_to_date, "{PAGE} is out of date; run `cargo xtask requirements`");
    } else if !up_to_date {
        fs::write(&path, page).with_context(|| format!("{PAGE} cannot be written"))?;
    }
    let (all, covered) = counts(&rows, &tests);
    say(&format!("requirements: {covered} of {all} rows have a test; {PAGE} is up to date"));
    Ok(())
}

fn is_source(path: &str) -> bool {
    [".rs", ".ts", ".tsx"].iter().any(|end| path.ends_with(end)) && !path.starts_with("xtask/")
}

/// The marked tests of a file, or the line of a marker without one.
fn shown(text: &str) -> Result<Vec<Shown>, usize> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(list) = line.trim_start().strip_prefix(MARKER) else { continue };
        let rows: Option<Vec<u32>> =
            list.split(',').map(|row| row.trim().strip_prefix('R').and_then(|id| id.parse().ok())).collect();
        let name = lines[at + 1..].iter().take(REACH).find_map(|line| test_name(line));
        match rows.zip(name) {
            Some((rows, name)) => found.push(Shown { rows, name }),
            None => return Err(at + 1),
        }
    }
    Ok(found)
}

/// The name of the test that begins on this line, as a sentence.
fn test_name(line: &str) -> Option<String> {
    let line = line.trim_start();
    for start in ["fn ", "async fn ", "pub fn ", "pub async fn "] {
        if let Some(rest) = line.strip_prefix(start) {
            return Some(rest.split(['(', '<']).next().unwrap_or_default().replace('_', " "));
        }
    }
    for start in ["test(", "it(", "describe(", "test.each(", "it.each(", "await t.test("] {
        if let Some(rest) = line.strip_prefix(start) {
            let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"' | '`'))?;
            return rest[1..].split(quote).next().map(str::to_owned);
        }
    }
    None
}

fn counts(rows: &Rows, tests: &BTreeMap<u32, Vec<String>>) -> (usize, usize) {
    let all = rows.section.iter().flat_map(|section| &section.row);
    let covered = all.clone().filter(|row| tests.contains_key(&row.id)).count();
    (all.count(), covered)
}

fn render(rows: &Rows, tests: &BTreeMap<u32, Vec<String>>) -> String {
    let (all, covered) = counts(rows, tests);
    let mut page = format!(
        "# Requirements\n\nEach row with the tests that show it: {covered} of {all}. Made by `cargo xtask requirements` \
         from the markers in the tests and\nfrom `{ROWS}`; edit those.\n"
    );
    for section in &rows.section {
        let _ = write!(page, "\n## {}\n\n| Row | What | Shown by |\n|---|---|---|\n", section.title);
        for row in &section.row {
            let mut by = tests.get(&row.id).map(|tests| tests.join("<br>")).unwrap_or_default();
            if let Some(note) = &row.note {
                if !by.is_empty() {
                    by.push_str("<br>");
                }
                let _ = write!(by, "*{note}*");
            }
            if by.is_empty() {
                by.push_str("*no test yet*");
            }
            let _ = writeln!(page, "| R{} | {} | {} |", row.id, cell(&row.text), cell(&by));
        }
    }
    page
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_belongs_to_the_test_below_it() {
        let rust = "// Requirements: R4, R79\n#[tokio::test]\nasync fn a_key_works() {\n}\n";
        let script = "  // Requirements: R5\n  it('says \"hello\"', async () => {\n";
        assert_eq!(shown(rust), Ok(vec![Shown { rows: vec![4, 79], name: "a key works".to_owned() }]));
        assert_eq!(shown(script), Ok(vec![Shown { rows: vec![5], name: "says \"hello\"".to_owned() }]));
    }

    #[test]
    fn a_marker_without_a_test_or_with_no_row_is_refused() {
        assert_eq!(shown("\n// Requirements: R4\nconst A: u8 = 1;\n"), Err(2));
        assert_eq!(shown("// Requirements: 4\nfn a() {}\n"), Err(1));
        assert_eq!(shown("// Requirements:\nfn a() {}\n"), Err(1));
    }

    #[test]
    fn a_row_without_a_test_says_so() {
        let row =
            |id, note: Option<&str>| Row { id, text: "a | b".to_owned(), note: note.map(str::to_owned) };
        let rows = Rows {
            section: vec![Section {
                title: "A".to_owned(),
                row: vec![row(1, None), row(2, None), row(3, Some("later"))],
            }],
        };
        let tests = BTreeMap::from([(1, vec!["`x.rs`: it works".to_owned()])]);
        let page = render(&rows, &tests);
        assert!(page.contains("| R1 | a \\| b | `x.rs`: it works |"), "{page}");
        assert!(page.contains("| R2 | a \\| b | *no test yet* |"), "{page}");
        assert!(page.contains("| R3 | a \\| b | *later* |"), "{page}");
        assert!(page.contains("1 of 3"), "{page}");
    }
}
