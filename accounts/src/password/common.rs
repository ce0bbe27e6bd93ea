//! The passwords that are tried first.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A list of passwords that are refused. Cheap to clone.
#[derive(Debug, Clone)]
pub struct CommonPasswords {
    words: Arc<HashSet<String>>,
}

/// Words that make up most of every published list of stolen passwords.
const EMBEDDED: &str = include_str!("common.txt");

impl CommonPasswords {
    /// The words that come with the program.
    pub fn embedded() -> Self {
        Self::of(EMBEDDED)
    }

    /// Those, and those of a file with one password a line.
    pub fn with_file(path: &Path) -> io::Result<Self> {
        let file = fs::read(path)?;
        Ok(Self::of(&format!("{EMBEDDED}\n{}", String::from_utf8_lossy(&file))))
    }

    fn of(text: &str) -> Self {
        let words = text.lines().map(|line| line.trim().to_lowercase()).filter(|line| !line.is_empty());
        Self { words: Arc::new(words.collect()) }
    }

    /// Whether a password is on the list, or is a word of it in disguise: other case, digits and signs
    /// around it, digits for letters.
    pub fn contains(&self, password: &str) -> bool {
        let lower = password.to_lowercase();
        let plain = undisguised(&lower);
        [lower.as_str(), &plain].into_iter().any(|text| self.words.contains(text) || self.has_core(text))
    }

    /// A word with at most four digits or signs before and after it.
    fn has_core(&self, text: &str) -> bool {
        let core = text.trim_matches(|c: char| !c.is_alphabetic());
        core.len() >= 4 && text.len() - core.len() <= MAX_TRIMMINGS && self.words.contains(core)
    }
}

/// "2024!" is what people add when they must change a password; more is a password of its own.
const MAX_TRIMMINGS: usize = 5;

fn undisguised(text: &str) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    // Digits at the end are more often a number than letters in disguise.
    let end = text.trim_end_matches(|c: char| !c.is_alphabetic()).len();
    let (word, number) = text.split_at(end);
    word.chars().map(letter).chain(number.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguises_are_seen_through() {
        let common = CommonPasswords::embedded();
        for bad in ["123456789", "PASSWORD", "p4ssw0rd!", "$unshine99", "1q2w3e4r5t", "!!Dragon77"] {
            assert!(common.contains(bad), "{bad}");
        }
        for good in ["Blue-Kettle-42", "password-of-the-seven-hills", "xK9dragonfruit-tree"] {
            assert!(!common.contains(good), "{good}");
        }
    }

    #[test]
    fn a_file_adds_to_the_list() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), b"Zanzibar\n\n\xff\n").unwrap();
        let common = CommonPasswords::with_file(file.path()).unwrap();
        assert!(common.contains("zanzibar7") && common.contains("password"));
        assert!(!common.contains(""));
        assert!(CommonPasswords::with_file(Path::new("/nowhere")).is_err());
    }

    #[test]
    fn the_list_has_some_hundred_words_each_once() {
        let words: Vec<_> = EMBEDDED.lines().collect();
        assert!(words.len() > 300 && words.iter().all(|word| *word == word.to_lowercase().trim()));
        assert_eq!(CommonPasswords::embedded().words.len(), words.len());
    }
}
