//! Full-text search: which words are found by which pattern.
//!
//! Texts are cut into words here and not by the databases, whose parsers see addresses, numbers and hyphens
//! in ways of their own. What reaches them is lower-case words of letters and digits, so that nothing
//! anybody types can be a syntax error, and both find the same.

use crate::store::Kind;

/// Words of a pattern beyond this many are left out. Each is a look-up; nobody types as many.
const MOST_WORDS: usize = 8;
/// Letters of a word beyond this many are left out, when it is stored and when it is searched. PostgreSQL
/// takes words of up to 2 KB, an index likes shorter ones.
const LONGEST_WORD: usize = 64;

/// The words of a text, folded, with a blank between them.
pub(crate) fn words(text: &str) -> String {
    let folded: String = text.chars().flat_map(char::to_lowercase).map(fold).collect();
    let mut words: Vec<String> = folded
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(LONGEST_WORD).collect())
        .collect();
    words.sort_unstable();
    words.dedup();
    words.join(" ")
}

/// What finds texts that have, for each word of `text`, a word that begins with it. None if there is no word
/// in it.
pub(crate) fn pattern(kind: Kind, text: &str) -> Option<String> {
    let words = words(text);
    let words = words.split(' ').filter(|word| !word.is_empty()).take(MOST_WORDS);
    let (each, between): (fn(&str) -> String, _) = match kind {
        Kind::Sqlite => (|word| format!("\"{word}\"*"), " AND "),
        Kind::Postgres => (|word| format!("'{word}':*"), " & "),
    };
    let parts: Vec<String> = words.map(each).collect();
    (!parts.is_empty()).then(|| parts.join(between))
}

/// `SELECT` of the ids of streams that the pattern at a placeholder finds. `$1` is the organisation.
pub(crate) fn streams(kind: Kind, place: usize) -> String {
    match kind {
        Kind::Sqlite => format!(
            "SELECT w.stream_id FROM stream_index x JOIN stream_words w ON w.docid = x.rowid \
             WHERE x.words MATCH ${place} AND w.org_id = $1"
        ),
        Kind::Postgres => format!(
            "SELECT w.stream_id FROM stream_words w \
             WHERE w.lexemes @@ CAST(CAST(${place} AS TEXT) AS tsquery) AND w.org_id = $1"
        ),
    }
}

/// `SELECT` of the ids of accounts that the pattern at a placeholder finds. `$1` is the organisation.
pub(crate) fn accounts(kind: Kind, place: usize) -> String {
    match kind {
        Kind::Sqlite => format!(
            "SELECT w.account_id FROM account_index x JOIN account_words w ON w.docid = x.rowid \
             WHERE x.words MATCH ${place} AND w.org_id = $1"
        ),
        Kind::Postgres => format!(
            "SELECT w.account_id FROM account_words w \
             WHERE w.lexemes @@ CAST(CAST(${place} AS TEXT) AS tsquery) AND w.org_id = $1"
        ),
    }
}

/// A Latin letter without its marks, so that `muller` finds `Müller`. Others stay as they are.
fn fold(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' | 'ð' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' | 'ħ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ŧ' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_folded_words_once_each() {
        assert_eq!(words("Crème-Brûlée, crème! C++ 東京"), "brulee c creme 東京");
        assert_eq!(words("ann.lee+tv@example.org"), "ann example lee org tv");
        assert_eq!(words(" \"'*(): & | ! <-> \0 "), "");
    }

    #[test]
    fn a_pattern_holds_nothing_but_words() {
        assert_eq!(
            pattern(Kind::Sqlite, "Late NEAR(night").unwrap(),
            "\"late\"* AND \"near\"* AND \"night\"*"
        );
        assert_eq!(pattern(Kind::Postgres, "a'b\\:*c").unwrap(), "'a':* & 'b':* & 'c':*");
        assert_eq!(pattern(Kind::Sqlite, "\"*"), None);
        assert_eq!(pattern(Kind::Postgres, "a b c d e f g h i j").unwrap().matches('&').count(), 7);
    }
}
