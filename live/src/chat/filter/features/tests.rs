//! That each number is what its name says.

use std::time::Instant;

use sluice_domain::chat::ChatSettings;

use super::super::{Author, Candidate, Filter, Memory, Writer};
use super::*;

const STRANGER: Author = Author {
    writer: Writer::Guest(1),
    account_age: Some(Duration::from_secs(60)),
    follows: false,
    bot: false,
    messages: 0,
};

fn of(text: &str, author: Author) -> Features {
    let filter = Filter::new(&ChatSettings::default(), &[]);
    filter.features(&Candidate { text, author }, &mut Memory::new(), Instant::now())
}

fn number(features: Features, name: &str) -> f32 {
    features.0[NAMES.iter().position(|known| *known == name).unwrap()]
}

// Requirements: R204
#[test]
fn spam_shows_in_its_numbers_and_a_greeting_in_none() {
    let spam = of("FREE f0llowers!!! visit example(dot)com r1ght now, 50% bonus", STRANGER);
    for name in ["link", "disguised_link", "growth", "money", "action", "urgency", "pitch", "first_message"] {
        assert!(number(spam, name) > 0.0, "{name}");
    }
    let regular = Author {
        follows: true,
        messages: 300,
        account_age: Some(Duration::from_secs(90_000_000)),
        ..STRANGER
    };
    let calm = of("hello how was the holiday", regular);
    let zero =
        NAMES.iter().zip(calm.0).filter(|(name, _)| !matches!(**name, "length" | "follows" | "regular"));
    for (name, value) in zero {
        assert_eq!(value, 0.0, "{name}");
    }
    assert!(number(calm, "regular") > 0.8 && number(calm, "follows") == 1.0);
}

#[test]
fn every_number_stays_between_nothing_and_one() {
    for text in [
        "a",
        "AAAAAAAAAAAAAAAAAAAA 99999 $$$ €€ 5% 6% 7%",
        "free free free free free",
        "👍👍👍👍👍👍👍👍👍👍",
        "x y z",
    ] {
        for (name, value) in NAMES.iter().zip(of(text, STRANGER).0) {
            assert!((0.0..=1.0).contains(&value), "{name} of {text}: {value}");
        }
    }
}

#[test]
fn age_tells_new_accounts_from_old_ones_and_says_nothing_of_guests() {
    let aged =
        |age: Option<u64>| of("hello", Author { account_age: age.map(Duration::from_secs), ..STRANGER });
    let flags = |features| ["new_account", "young_account"].map(|name| number(features, name));
    assert_eq!(flags(aged(None)), [0.0, 0.0]);
    assert_eq!(flags(aged(Some(3600))), [1.0, 1.0]);
    assert_eq!(flags(aged(Some(3 * 86_400))), [0.0, 1.0]);
    assert_eq!(flags(aged(Some(30 * 86_400))), [0.0, 0.0]);
}

#[test]
fn the_lexicon_has_each_group_and_no_group_that_is_unknown() {
    let lines = include_str!("../lexicon.txt").lines().filter_map(|line| line.strip_prefix('['));
    let named: Vec<&str> = lines.map(|line| line.trim_end_matches(']')).collect();
    assert_eq!(named, GROUPS);
    assert_eq!(NAMES[OWN..], GROUPS);
}
