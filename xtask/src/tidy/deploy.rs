//! The files with which Sluice is deployed name keys of the configuration: each must exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The sample configuration, which is made from the structs and thereby has every key.
const SAMPLE: &str = "deploy/sluice.toml";

/// How a variable that stands for a key begins.
const PREFIX: &str = "SLUICE__";

/// Where variables are written for people to copy.
const FOLDERS: [&str; 4] = ["deploy/", "docs/operate/", "scripts/", "README.md"];

/// Variables of keys that the server does not know.
pub(super) fn problems(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let Ok(sample) = fs::read_to_string(root.join(SAMPLE)) else {
        return vec![format!("{SAMPLE} cannot be read")];
    };
    let known = variables_of(&sample);
    let named = files.iter().filter(|path| FOLDERS.iter().any(|folder| path.starts_with(folder)));
    named
        .filter(|path| *path != Path::new(SAMPLE))
        // What is no text names no keys.
        .filter_map(|path| Some((path, fs::read_to_string(root.join(path)).ok()?)))
        .flat_map(|(path, text)| unknown(&path.to_string_lossy(), &text, &known))
        .collect()
}

/// The variable of every key of the sample, those that it comments out included.
fn variables_of(sample: &str) -> BTreeSet<String> {
    let mut section = String::new();
    let mut known = BTreeSet::new();
    for line in sample.lines() {
        let line = line.strip_prefix("# ").unwrap_or(line);
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let name = name.trim_matches(['[', ']']);
            known.insert(format!("{PREFIX}{}", name.to_ascii_uppercase()));
            section = format!("{}__", name.to_ascii_uppercase());
        } else if let Some((key, _)) = line.split_once(" = ")
            && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        {
            known.insert(format!("{PREFIX}{section}{}", key.to_ascii_uppercase()));
        }
    }
    known
}

fn unknown(name: &str, text: &str, known: &BTreeSet<String>) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for (at, _) in line.match_indices(PREFIX) {
            let length = line[at..]
                .bytes()
                .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
                .count();
            let variable = &line[at..at + length];
            // The pattern itself, as explanations write it.
            if !known.contains(variable) && !matches!(variable, "SLUICE__" | "SLUICE__SECTION__KEY") {
                problems.push(format!("{name}:{}: {variable} is no key of the configuration", number + 1));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE_TEXT: &str = "# Words.\nlisten = \"a\"\n# public_url = \"b\"\n[tls]\n# key = \"c\"\ntls12 = false\n# [[ice_servers]]\n# url = \"d\"\n";

    #[test]
    fn a_key_that_does_not_exist_is_reported_with_its_place() {
        let known = variables_of(SAMPLE_TEXT);
        let text = "A: 1\nSLUICE__LISTEN=x SLUICE__TLS__KEY=y SLUICE__TLS__TLS12=true\nSLUICE__TLS__KEYS=z\n";
        assert_eq!(
            unknown("a.yaml", text, &known),
            ["a.yaml:3: SLUICE__TLS__KEYS is no key of the configuration"]
        );
        assert!(
            unknown("a", "SLUICE__SECTION__KEY SLUICE__PUBLIC_URL SLUICE__ICE_SERVERS", &known).is_empty()
        );
    }
}
