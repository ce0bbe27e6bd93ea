//! Versions of dependencies stand in the root and nowhere else.

use std::fs;
use std::path::Path;

use cargo_metadata::Package;

const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Dependencies of a crate that bring a version of their own.
pub(super) fn problems(root: &Path, package: &Package) -> Vec<String> {
    let path = package.manifest_path.as_std_path();
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => own_versions(&name, &text),
        Err(error) => vec![format!("{name} cannot be read: {error}")],
    }
}

fn own_versions(name: &str, text: &str) -> Vec<String> {
    let Ok(manifest) = text.parse::<toml::Table>() else { return vec![format!("{name} is not TOML")] };
    let tables = SECTIONS.iter().filter_map(|section| manifest.get(*section)?.as_table());
    tables
        .flatten()
        .filter(|(_, value)| value.get("workspace").and_then(toml::Value::as_bool) != Some(true))
        .map(|(dependency, _)| {
            format!("{name}: `{dependency}` has a version of its own; write `workspace = true`, the version in the root")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_its_own_is_reported_and_a_shared_one_is_not() {
        let text = "[dependencies]\na.workspace = true\nb = { workspace = true, optional = true }\nc = \"1\"\n\
                    [dev-dependencies]\nd = { version = \"1\" }\n";
        let problems = own_versions("x/Cargo.toml", text).join("\n");
        assert!(problems.contains("`c`") && problems.contains("`d`"), "{problems}");
        assert!(!problems.contains("`a`") && !problems.contains("`b`"), "{problems}");
    }
}
