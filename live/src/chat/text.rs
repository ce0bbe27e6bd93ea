//! What is in a text: emotes, mentions, and whether there is anything else. Pure.

use std::collections::{BTreeMap, HashMap};

use sluice_domain::AccountId;
use sluice_domain::chat::EmoteSpan;

/// Most accounts that one message mentions. More is a way to wake everybody.
const MAX_MENTIONS: usize = 10;

/// Characters of a quote.
const QUOTE: usize = 100;

/// The emotes of a stream: their pictures by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Emotes {
    pub(crate) version: i64,
    pub(crate) by_name: BTreeMap<String, String>,
}

impl Emotes {
    /// Where emotes stand in a text, written as `:name:`.
    pub(crate) fn find(&self, text: &str) -> Vec<EmoteSpan> {
        let mut spans = Vec::new();
        if self.by_name.is_empty() {
            return spans;
        }
        let characters: Vec<char> = text.chars().collect();
        let mut at = 0;
        while at < characters.len() {
            if characters[at] != ':' {
                at += 1;
                continue;
            }
            let rest = &characters[at + 1..];
            let name: String = rest.iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
            let end = at + 1 + name.len();
            match self.by_name.get(&name).filter(|_| characters.get(end) == Some(&':')) {
                Some(url) => {
                    let place = |place: usize| u16::try_from(place).unwrap_or(u16::MAX);
                    spans.push(EmoteSpan { name, url: url.clone(), start: place(at), end: place(end + 1) });
                    at = end + 1;
                }
                None => at += 1,
            }
        }
        spans
    }
}

/// Whether there is nothing but emotes, emoji and blanks.
pub(crate) fn only_emotes(text: &str, spans: &[EmoteSpan]) -> bool {
    let in_span = |at: usize| spans.iter().any(|span| (span.start as usize..span.end as usize).contains(&at));
    text.chars().enumerate().all(|(at, c)| in_span(at) || c.is_whitespace() || is_emoji(c))
}

/// Pictographs and what joins and colours them.
const fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{200d}' | '\u{fe0f}' | '\u{20e3}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{27bf}'
        | '\u{2934}'..='\u{2935}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}'
        | '\u{1f000}'..='\u{1faff}')
}

/// The accounts that a text mentions, of those whose handles (in lower case) are known.
pub(crate) fn mentions(text: &str, handles: &HashMap<String, AccountId>) -> Vec<AccountId> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('@') {
        let begins = text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        let handle: String = text[at + 1..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let account = handles.get(handle.trim_end_matches(['-', '_'])).filter(|_| begins);
        if let Some(account) = account.filter(|account| !found.contains(*account)) {
            found.push(*account);
        }
    }
    found.truncate(MAX_MENTIONS);
    found
}

/// The beginning of a text.
pub(crate) fn quote(text: &str) -> String {
    text.chars().take(QUOTE).collect()
}

/// A text as it is compared with others: what differs in case and blanks alone is the same.
pub(crate) fn same(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn emotes() -> Emotes {
        let by_name = [("wave", "/w"), ("Kappa_2", "/k")];
        let by_name = by_name.map(|(name, url)| (name.to_owned(), url.to_owned())).into();
        Emotes { version: 1, by_name }
    }

    #[test]
    fn emotes_are_found_by_characters_and_not_by_bytes() {
        let found: Vec<_> = emotes()
            .find("é:wave: ::wave: :nope: :Kappa_2::wave :kappa_2:")
            .into_iter()
            .map(|span| (span.name, span.start, span.end))
            .collect();
        let expected = [("wave", 1, 7), ("wave", 9, 15), ("Kappa_2", 23, 32)];
        assert_eq!(found, expected.map(|(name, start, end)| (name.to_owned(), start, end)));
    }

    #[test]
    fn a_text_of_emotes_and_emoji_is_nothing_else() {
        for (text, only) in [
            (":wave: :wave:", true),
            ("👩\u{200d}💻 ❤\u{fe0f}", true),
            (":wave: hi", false),
            (":nope:", false),
        ] {
            assert_eq!(only_emotes(text, &emotes().find(text)), only, "{text}");
        }
    }

    #[test]
    fn mentions_are_of_those_who_are_there_once_each_and_not_of_mail_addresses() {
        let (ann, bob) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let handles = HashMap::from([("ann".to_owned(), ann), ("bob-lee".to_owned(), bob)]);
        assert_eq!(mentions("@Ann, (@bob-lee) @ann @eve x@ann", &handles), [ann, bob]);
        assert_eq!(mentions("@ann-", &handles), [ann]);
        assert_eq!(mentions("@", &handles), []);
    }
}
