//! `If-Match` of RFC 9110 §13.1.1, as WHIP and WHEP clients write it. Pure.

/// What a PATCH is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`, or `"*"` as the figures of RFC 9725 have it (T22).
    Any,
    /// One of these entity tags. Weak tags are not in it, because they never match strongly.
    Tags(Vec<String>),
}

impl IfMatch {
    /// Reads the values of the header; `None` where there is none.
    pub fn parse<'a>(values: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut values = values.into_iter().peekable();
        values.peek()?;
        let mut tags = Vec::new();
        for element in values.flat_map(elements) {
            match element {
                "*" | "\"*\"" => return Some(Self::Any),
                _ => tags.extend(opaque(element).map(str::to_owned)),
            }
        }
        Some(Self::Tags(tags))
    }

    /// Whether it holds for the entity with this (unquoted) tag.
    pub fn holds_for(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|candidate| candidate == tag),
        }
    }
}

/// Elements of a comma list; commas inside quotes belong to a tag.
fn elements(value: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    value
        .split(move |character| {
            quoted ^= character == '"';
            character == ',' && !quoted
        })
        .map(str::trim)
        .filter(|element| !element.is_empty())
}

/// The inside of a strong entity tag.
fn opaque(element: &str) -> Option<&str> {
    element.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t22_every_way_to_write_it_is_read() {
        for any in ["*", "\"*\"", " * "] {
            assert_eq!(IfMatch::parse([any]), Some(IfMatch::Any), "{any}");
        }
        assert!(IfMatch::parse(["\"a\", \"b,c\""]).unwrap().holds_for("b,c"));
        assert!(IfMatch::parse(["\"a\"", "\"b\""]).unwrap().holds_for("b"));
        assert_eq!(IfMatch::parse([]), None);
    }

    #[test]
    fn t22_weak_and_unquoted_tags_never_match() {
        for other in ["W/\"a\"", "a", "\"b\"", "", "\"", "\"a"] {
            assert!(!IfMatch::parse([other]).unwrap().holds_for("a"), "{other}");
        }
    }
}
