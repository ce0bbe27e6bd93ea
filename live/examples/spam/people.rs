//! Who writes in the sample. What is known of somebody says something about what they write, and less than one
//! would like: spammers use old accounts too, and most people are new once.

use std::time::Duration;

use sluice_live::filter::{Author, Writer};

use crate::chance::Chance;

const DAY: u64 = 86_400;

fn author(chance: &mut Chance, age_days: Option<usize>, follows: bool, messages: usize) -> Author {
    Author {
        writer: Writer::Guest(chance.next()),
        account_age: age_days.map(|days| Duration::from_secs(days as u64 * DAY + 3600)),
        follows,
        bot: false,
        messages: messages as u32,
    }
}

/// Comes often.
pub(crate) fn regular(chance: &mut Chance) -> Author {
    let (age, messages) = (chance.between(30, 1500), chance.between(20, 2000));
    let follows = chance.percent(85);
    author(chance, Some(age), follows, messages)
}

/// Is here for the first time, some with an account of today, some as guests.
pub(crate) fn newcomer(chance: &mut Chance) -> Author {
    let age = match chance.below(10) {
        0 | 1 => None,
        2 | 3 => Some(0),
        4 => Some(chance.between(1, 6)),
        _ => Some(chance.between(7, 900)),
    };
    let (follows, messages) = (age.is_some() && chance.percent(25), chance.below(3));
    author(chance, age, follows, messages)
}

/// Anybody who means no harm.
pub(crate) fn anybody(chance: &mut Chance) -> Author {
    match chance.below(10) {
        0..6 => regular(chance),
        6..8 => {
            let (age, messages) = (chance.between(7, 800), chance.between(1, 20));
            let follows = chance.percent(50);
            author(chance, Some(age), follows, messages)
        }
        _ => newcomer(chance),
    }
}

/// Means harm: mostly accounts of today and guests, some bought ones, some that were regulars' before they were
/// stolen.
pub(crate) fn spammer(chance: &mut Chance) -> Author {
    match chance.below(20) {
        0 => regular(chance),
        1..5 => {
            let (age, messages) = (chance.between(30, 1500), chance.below(3));
            let follows = chance.percent(20);
            author(chance, Some(age), follows, messages)
        }
        5..8 => author(chance, None, false, 0),
        8..11 => {
            let age = chance.between(1, 6);
            let follows = chance.percent(20);
            author(chance, Some(age), follows, 0)
        }
        _ => {
            let follows = chance.percent(25);
            author(chance, Some(0), follows, 0)
        }
    }
}
