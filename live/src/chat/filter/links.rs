//! Links in a text, those too that are written so that no program should find them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::fold;

/// Endings of names that are no words and no file names: a name with one of them is a link as it stands.
const PLAIN_ENDINGS: &[&str] = &[
    "com", "org", "net", "gg", "io", "tv", "xyz", "ru", "de", "ch", "uk", "eu", "fr", "nl", "pl", "cz", "br",
    "cn", "jp", "kr", "info", "biz", "app", "dev", "shop", "store", "online", "site", "website", "club",
    "top", "icu", "link", "click", "ly", "co", "cc", "vip", "fun", "live", "stream", "network", "finance",
    "exchange", "crypto", "gift", "gifts", "free", "money", "cash", "bet", "casino", "win", "world", "space",
    "tech", "cloud", "page", "zone", "pro", "edu", "gov", "ai", "gl", "gd", "tk", "ml", "ga", "cf", "ws",
    "su", "ua", "tr", "es", "se", "fi", "dk", "cx", "id", "ph", "sbs", "cfd", "bond", "monster", "quest",
    "rest", "lol", "buzz", "wtf", "ink", "wiki", "media", "video", "games", "game", "social", "chat", "blog",
    "news", "today", "art", "agency", "support",
];

/// Endings that stand for themselves even where a space or a word stands for the point: none is a word of
/// English or German that may follow the end of a sentence.
const CERTAIN_ENDINGS: &[&str] = &["com", "org", "gg", "io", "xyz", "ru", "biz"];

/// Endings that may follow the word "dot".
const SPOKEN_ENDINGS: &[&str] = &[
    "com", "org", "net", "gg", "io", "tv", "xyz", "ru", "info", "biz", "app", "shop", "site", "top", "click",
    "de",
];

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// Where, in bytes.
    pub(super) span: Range<usize>,
    /// Written so that no program should find it.
    pub(super) disguised: bool,
}

/// Links in the order of their places; none is within another.
pub(super) fn find(text: &str) -> Vec<Link> {
    let (latin, origins) = latin(text);
    let mut links: Vec<Link> = Vec::new();
    let mut add = |range: Range<usize>, disguised: bool| {
        let start = origins.get(range.start).copied().unwrap_or_default();
        let end = origins.get(range.end).copied().unwrap_or(text.len());
        links.push(Link { span: start..end, disguised });
    };
    for hit in SCHEME.captures_iter(&latin) {
        let (Some(whole), Some(scheme)) = (hit.get(0), hit.get(1)) else { continue };
        add(whole.range(), scheme.as_str().contains('x') || scheme.as_str().contains(' '));
    }
    for hit in WWW.find_iter(&latin) {
        add(hit.range(), hit.as_str().contains(' '));
    }
    for hit in DOMAIN.captures_iter(&latin) {
        let (Some(whole), Some(ending)) = (hit.get(0), hit.get(1)) else { continue };
        let address = latin.get(..whole.start()).is_some_and(|before| before.ends_with('@'));
        let plain = PLAIN_ENDINGS.contains(&ending.as_str());
        if !address && (plain || hit.get(2).is_some()) {
            add(
                whole.range(),
                latin.get(whole.range())
                    != text.get(span(&origins, &whole.range(), text)).map(str::to_lowercase).as_deref(),
            );
        }
    }
    for hit in NUMBER.find_iter(&latin) {
        add(hit.range(), false);
    }
    for (expression, endings) in [(&*SPOKEN, SPOKEN_ENDINGS), (&*SPACED, CERTAIN_ENDINGS)] {
        for hit in expression.captures_iter(&latin) {
            let (Some(whole), Some(ending)) = (hit.get(0), hit.get(1)) else { continue };
            if endings.contains(&ending.as_str()) {
                add(whole.range(), true);
            }
        }
    }
    merged(links)
}

fn span(origins: &[usize], range: &Range<usize>, text: &str) -> Range<usize> {
    origins.get(range.start).copied().unwrap_or_default()
        ..origins.get(range.end).copied().unwrap_or(text.len())
}

/// Overlapping finds are one link.
fn merged(mut links: Vec<Link>) -> Vec<Link> {
    links.sort_by_key(|link| (link.span.start, link.span.end));
    let mut result: Vec<Link> = Vec::with_capacity(links.len());
    for link in links {
        match result.last_mut() {
            Some(last) if link.span.start < last.span.end => {
                last.span.end = last.span.end.max(link.span.end);
                last.disguised |= link.disguised;
            }
            _ => result.push(link),
        }
    }
    result
}

/// The text with every letter as the Latin one that it looks like, and where each byte of it comes from.
fn latin(text: &str) -> (String, Vec<usize>) {
    let mut latin = String::with_capacity(text.len());
    let mut origins = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        fold::plain(c, |c| latin.push(fold::lookalike(c)));
        origins.resize(latin.len(), at);
    }
    (latin, origins)
}

/// `scheme://`, `hxxps://`, `h t t p : / /`.
static SCHEME: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?-u:\b)(h ?[tx] ?[tx] ?p ?s?|[a-z][a-z0-9+.-]{1,9}) ?\[?:\]? ?/ ?/ ?[^ ]+")
});

/// `www.` and something.
static WWW: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?-u:\b)www[0-9]? ?[.(\[]+ ?(?:dot)?[)\]]* ?[a-z0-9-]+[^ ]*"));

/// Names with points, an ending, and what may follow it.
static DOMAIN: LazyLock<Regex> = LazyLock::new(|| {
    expression(r"(?:(?:[a-z0-9_-]|[^\x00-\x7f])+\.)+([a-z]{2,24})(?-u:\b)(?:(?::[0-9]{2,5})?([/?#][^ ]+))?")
});

/// An address of four numbers with a port or a path.
static NUMBER: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?-u:\b)[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]+|/)[^ ]*"));

/// `name (dot) com`, `name[.]com`, `name dot com`, `name punkt de`.
static SPOKEN: LazyLock<Regex> = LazyLock::new(|| {
    expression(
        r"[a-z0-9-]{2,63} ?(?:[(\[{<*_-]+ ?(?:\.|,|dot|d0t|punkt|punto|tochka) ?[)\]}>*_-]+| (?:dot|d0t|punkt) |[•·․‧∙⋅。] ?) ?([a-z]{2,10})(?-u:\b)[^ ]*",
    )
});

/// `name . com`, `name .com`, `name. com`.
static SPACED: LazyLock<Regex> =
    LazyLock::new(|| expression(r"[a-z0-9-]{2,63}(?: \. ?|\. )([a-z]{2,10})(?-u:\b)[^ ]*"));

fn expression(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the expressions of this file are tested")
}

#[cfg(test)]
mod tests;
