//! Full-text search: which words are found by which pattern.
//!
//! Texts are cut into words here and not by the databases, whose parsers see addresses, numbers and hyphens
//! in ways of their own. What reaches them is lower-case words of letters and digits, so that nothing
//! anybody types can be a syntax error, and both find the same.

use sluice_domain::OrgId;

use crate::db::Db;
use crate::error::StoreError;
use crate::statement::composed;
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

/// How the rows that a text finds are come by.
///
/// What finds few rows is asked of the index, and what it finds is sorted. What finds many is asked of the
/// rows in the order in which they are wanted, until a page is full: that takes few rows, since many fit.
/// Neither way alone is quick for both, and no planner of a database knows which it is.
#[derive(Debug)]
pub(crate) enum Found {
    /// A pattern for the index.
    Few(String),
    /// What the words of a row must hold, for each word.
    Many(Vec<String>),
}

/// What is searched.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Searched {
    Streams,
    Accounts,
}

/// Rows up to which the index is asked. Sorting as many takes a few milliseconds; if there are more, one in a
/// hundred of a large server's rows fits, and a page is full after some thousand.
pub(crate) const FEW: i64 = 1000;

impl Searched {
    /// The table of words, its column with the id, and the index of SQLite.
    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Streams => ("stream_words", "stream_id", "stream_index"),
            Self::Accounts => ("account_words", "account_id", "account_index"),
        }
    }

    /// How to come by what has, for each word of `text`, a word that begins with it. None if there is no word
    /// in it, so that nothing is found.
    pub(crate) async fn find(self, db: Db<'_>, org: OrgId, text: &str) -> Result<Option<Found>, StoreError> {
        let words = words(text);
        let words = searched(&words);
        if words.is_empty() {
            return Ok(None);
        }
        let pattern = pattern(db.kind(), &words);
        let rows = self.rows(db.kind(), 2);
        let count = composed(format!("SELECT COUNT(*) FROM ({rows} LIMIT {}) few", FEW + 1));
        let count = db.first::<(i64,)>(count.bind(org).bind(&pattern)).await?;
        Ok(Some(if count.is_some_and(|(count,)| count <= FEW) {
            Found::Few(pattern)
        } else {
            Found::Many(begin_with(&words))
        }))
    }

    /// `SELECT` of the ids of rows that the pattern at a placeholder finds. `$1` is the organisation.
    fn rows(self, kind: Kind, place: usize) -> String {
        let (table, id, index) = self.names();
        match kind {
            Kind::Sqlite => format!(
                "SELECT w.{id} AS found_id FROM {index} x JOIN {table} w ON w.docid = x.rowid \
                 WHERE x.words MATCH ${place} AND w.org_id = $1"
            ),
            Kind::Postgres => format!(
                "SELECT w.{id} AS found_id FROM {table} w \
                 WHERE w.lexemes @@ CAST(CAST(${place} AS TEXT) AS tsquery) AND w.org_id = $1"
            ),
        }
    }

    /// What stands before the searched table in `FROM`, if few rows are found and the database is SQLite;
    /// `found.found_id` is their id. (A cross join is one that SQLite does not turn around.)
    pub(crate) fn before(self, found: Option<&Found>, kind: Kind, place: usize) -> String {
        match (found, kind) {
            (Some(Found::Few(_)), Kind::Sqlite) => {
                format!("({} LIMIT {FEW}) found CROSS JOIN ", self.rows(kind, place))
            }
            _ => String::new(),
        }
    }

    /// The condition on a row whose id is the column `id`; its values are bound from a placeholder on.
    pub(crate) fn condition(self, found: Option<&Found>, kind: Kind, id: &str, place: usize) -> String {
        let (table, of, _) = self.names();
        match (found, kind) {
            (None, _) => String::new(),
            (Some(Found::Few(_)), Kind::Sqlite) => format!(" AND {id} = found.found_id"),
            // PostgreSQL expects a handful where there are hundreds, and would walk through them anew for each
            // row of the searched table. An array is found once and looked up.
            (Some(Found::Few(_)), Kind::Postgres) => {
                format!(" AND {id} = ANY (ARRAY ({} LIMIT {FEW}))", self.rows(kind, place))
            }
            (Some(Found::Many(words)), _) => (place..place + words.len())
                .map(|place| {
                    holds(kind, &format!("SELECT ' ' || w.words FROM {table} w WHERE w.{of} = {id}"), place)
                })
                .collect(),
        }
    }
}

impl Found {
    /// What is bound, in order.
    pub(crate) fn values(&self) -> &[String] {
        match self {
            Self::Few(pattern) => std::slice::from_ref(pattern),
            Self::Many(patterns) => patterns,
        }
    }
}

/// The condition that words, with a blank before each, hold what is bound at a placeholder. By a function that
/// no planner has an opinion of: of `LIKE` PostgreSQL believes that a longer word fits fewer rows, and sorts all
/// of them instead of reading in order until a page is full.
pub(crate) fn holds(kind: Kind, words: &str, place: usize) -> String {
    let position = match kind {
        Kind::Sqlite => "instr",
        Kind::Postgres => "strpos",
    };
    format!(" AND {position}(({words}), ${place}) > 0")
}

/// What [`holds`] looks for, one for each searched word of a text.
pub(crate) fn beginnings(text: &str) -> Vec<String> {
    begin_with(&searched(&words(text)))
}

/// Those of folded words that are searched.
fn searched(words: &str) -> Vec<&str> {
    words.split(' ').filter(|word| !word.is_empty()).take(MOST_WORDS).collect()
}

fn begin_with(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| format!(" {word}")).collect()
}

/// What each database calls "a word that begins with this, and one that begins with that".
fn pattern(kind: Kind, words: &[&str]) -> String {
    let (each, between): (fn(&&str) -> String, _) = match kind {
        Kind::Sqlite => (|word| format!("\"{word}\"*"), " AND "),
        Kind::Postgres => (|word| format!("'{word}':*"), " & "),
    };
    words.iter().map(each).collect::<Vec<_>>().join(between)
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
        let of = |kind, text: &str| pattern(kind, &words(text).split(' ').collect::<Vec<_>>());
        assert_eq!(of(Kind::Sqlite, "Late NEAR(night"), "\"late\"* AND \"near\"* AND \"night\"*");
        assert_eq!(of(Kind::Postgres, "a'b\\:*c%_"), "'a':* & 'b':* & 'c':*");
    }
}
