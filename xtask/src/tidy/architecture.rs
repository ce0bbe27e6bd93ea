//! ARCHITECTURE.md against the code: its dependency table and the paths it names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata};

/// Who depends on whom, by directory.
pub(super) type Edges = BTreeMap<String, BTreeSet<String>>;

/// The fence that opens the dependency table.
const TABLE_START: &str = "```dependencies";

/// Normal dependencies between crates of the workspace. What only tests use is free.
pub(super) fn edges(metadata: &Metadata) -> Edges {
    let directories: BTreeMap<&str, String> = metadata
        .packages
        .iter()
        .filter_map(|package| {
            let folder = package.manifest_path.parent()?.strip_prefix(&metadata.workspace_root).ok()?;
            Some((package.name.as_str(), folder.to_string()))
        })
        .collect();
    let mut edges = Edges::new();
    for package in &metadata.packages {
        let Some(from) = directories.get(package.name.as_str()) else { continue };
        let ours = package.dependencies.iter().filter(|found| found.kind != DependencyKind::Development);
        let targets = ours.filter_map(|found| directories.get(found.name.as_str()).cloned()).collect();
        edges.insert(from.clone(), targets);
    }
    edges
}

/// Where table and code differ.
pub(super) fn table_problems(text: &str, code: &Edges) -> Vec<String> {
    let Some(written) = table(text) else {
        return vec![format!("ARCHITECTURE.md has no dependency table ({TABLE_START})")];
    };
    let mut problems = Vec::new();
    for (from, targets) in code {
        let Some(allowed) = written.get(from) else {
            problems.push(format!("ARCHITECTURE.md: the dependency table lacks `{from}`"));
            continue;
        };
        for target in targets.difference(allowed) {
            problems.push(format!("{from} depends on {target}, which the dependency table does not allow"));
        }
        for target in allowed.difference(targets) {
            problems
                .push(format!("the dependency table says {from} -> {target}, which the code does not do"));
        }
    }
    for from in written.keys().filter(|from| !code.contains_key(*from)) {
        problems.push(format!("the dependency table names `{from}`, which is no crate"));
    }
    problems
}

/// Lines of the form `from -> to to`, or `from -> nothing`.
fn table(text: &str) -> Option<Edges> {
    let (_, rest) = text.split_once(TABLE_START)?;
    let (body, _) = rest.split_once("```")?;
    let line = |line: &str| -> Option<(String, BTreeSet<String>)> {
        let (from, targets) = line.split_once("->")?;
        let targets = targets.split_whitespace().filter(|target| *target != "nothing");
        Some((from.trim().to_owned(), targets.map(str::to_owned).collect()))
    };
    Some(body.lines().filter_map(line).collect())
}

/// Names in backticks that look like paths and do not exist.
pub(super) fn path_problems(text: &str, root: &Path) -> Vec<String> {
    named_paths(text)
        .into_iter()
        .filter(|path| !root.join(path).exists())
        .map(|path| format!("ARCHITECTURE.md names `{path}`, which does not exist"))
        .collect()
}

/// A path has a slash and only the characters of file names, and no blank or placeholder. URLs of
/// ours begin with a slash and are no paths.
fn named_paths(text: &str) -> Vec<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_');
    let quoted = text.lines().filter(|line| !line.starts_with("```")).flat_map(|line| {
        // Every second part of a line is between backticks.
        line.split('`').skip(1).step_by(2)
    });
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    quoted
        .chain(links.map(|link| link.split('#').next().unwrap_or_default()))
        .filter(|name| name.contains('/') && !name.starts_with('/') && name.bytes().all(plain))
        .filter(|name| !name.starts_with("application/"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges_of(pairs: &[(&str, &[&str])]) -> Edges {
        let set = |targets: &[&str]| targets.iter().map(|target| (*target).to_owned()).collect();
        pairs.iter().map(|(from, targets)| ((*from).to_owned(), set(targets))).collect()
    }

    const TEXT: &str =
        "x\n```dependencies\napi    -> live domain\nlive   -> domain\ndomain -> nothing\n```\n";

    #[test]
    fn a_table_that_says_what_the_code_does_is_accepted() {
        let code = edges_of(&[("api", &["live", "domain"]), ("live", &["domain"]), ("domain", &[])]);
        assert_eq!(table_problems(TEXT, &code), Vec::<String>::new());
    }

    #[test]
    fn a_new_edge_a_gone_edge_a_new_crate_and_a_gone_crate_are_each_reported() {
        let code = edges_of(&[("api", &["domain", "sfu"]), ("live", &["domain"]), ("sfu", &[])]);
        let problems = table_problems(TEXT, &code).join("\n");
        for part in ["api depends on sfu", "api -> live", "lacks `sfu`", "`domain`, which is no crate"] {
            assert!(problems.contains(part), "{part} is not in\n{problems}");
        }
        assert_eq!(table_problems("no table", &code).len(), 1);
    }

    #[test]
    fn paths_are_told_from_urls_types_and_placeholders() {
        let text = "See `sfu/src/worker.rs`, `POST /whip/{stream}`, `/metrics`, `Shard::handle`, `a b/c`,\n\
                    [walks](docs/adr/0001-x.md#top) and `application/problem+json`.";
        assert_eq!(named_paths(text), ["sfu/src/worker.rs", "docs/adr/0001-x.md"]);
    }
}
