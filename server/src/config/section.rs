//! A section of the configuration: the macro that makes the struct, its defaults and the
//! description of its keys from one text, so that they cannot disagree.

use serde::Serialize;

/// Whether a changed key takes effect on SIGHUP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apply {
    /// At once.
    Reload,
    /// Only after a restart; a reload reports it and keeps the old value.
    Restart,
}

/// A key whose value differs between two configurations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its path, as in `media.gap`.
    pub key: String,
    /// Whether a reload applies it.
    pub apply: Apply,
}

/// A key as the sample file shows it.
#[derive(Debug, Clone)]
pub struct KeyDoc {
    /// Its name within the section.
    pub name: &'static str,
    /// Its explanation, a line each.
    pub doc: &'static [&'static str],
    /// Whether a reload applies it.
    pub apply: Apply,
    /// What the sample shows, commented out, where the key is absent by default.
    pub example: Option<&'static str>,
}

/// What the macro implements for each section.
pub(crate) trait Section: Sized + Default + Clone + Serialize {
    /// What the section is about, a line each.
    const DOC: &'static [&'static str];
    /// Its keys in the order of the file.
    const KEYS: &'static [KeyDoc];
    /// The keys that differ, with `prefix` before their names.
    fn changes(&self, prefix: &str, next: &Self) -> Vec<Change>;
    /// This section with the reloadable keys of `next`.
    fn reloaded(&self, next: &Self) -> Self;
}

macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident { $(
            $(#[doc = $doc:literal])+
            [$apply:ident] $field:ident : $ty:ty = $default:expr $(, example $example:literal)?;
        )+ }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, serde::Deserialize, serde::Serialize)]
        #[serde(default)]
        pub struct $name { $(
            $(#[doc = $doc])+
            pub $field: $ty,
        )+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $crate::config::section::Section for $name {
            const DOC: &'static [&'static str] = &[$($about),+];
            const KEYS: &'static [$crate::config::section::KeyDoc] = &[$(
                $crate::config::section::KeyDoc {
                    name: stringify!($field),
                    doc: &[$($doc),+],
                    apply: section!(@apply $apply),
                    example: section!(@example $($example)?),
                },
            )+];

            fn changes(&self, prefix: &str, next: &Self) -> Vec<$crate::config::section::Change> {
                let mut changes = Vec::new();
                $(if self.$field != next.$field {
                    changes.push($crate::config::section::Change {
                        key: format!("{prefix}{}", stringify!($field)),
                        apply: section!(@apply $apply),
                    });
                })+
                changes
            }

            fn reloaded(&self, next: &Self) -> Self {
                let mut merged = self.clone();
                $(if section!(@apply $apply) == $crate::config::section::Apply::Reload {
                    merged.$field = next.$field.clone();
                })+
                merged
            }
        }
    };
    (@apply reload) => { $crate::config::section::Apply::Reload };
    (@apply restart) => { $crate::config::section::Apply::Restart };
    (@example) => { None };
    (@example $example:literal) => { Some($example) };
}
