//! Texts of chats: what is cleaned stays as it is, and every filter decides about it.
#![no_main]

use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use sluice_domain::chat::{
    ChatSettings, FilterLevel, LinkPolicy, MAX_CHAT_TEXT, Term, TermKind, TermOutcome,
};
use sluice_live::filter::{Author, Candidate, Filter, Memory, Writer, check_term, clean};

fuzz_target!(|input: (&str, &str, bool, u32)| {
    let (text, pattern, expression, messages) = input;
    let Ok(cleaned) = clean(text) else { return };
    assert_eq!(clean(&cleaned), Ok(cleaned.clone()));
    assert!(cleaned.chars().count() <= MAX_CHAT_TEXT && !cleaned.chars().any(char::is_control));
    assert!(!cleaned.contains(['\u{202e}', '\u{2066}', '\u{200b}']));

    let kind = if expression { TermKind::Regex } else { TermKind::Word };
    let term = Term { pattern: pattern.to_owned(), kind, outcome: TermOutcome::Hold };
    let usable = check_term(&term).is_ok();
    let settings =
        ChatSettings { filter: FilterLevel::High, links: LinkPolicy::Hold, ..ChatSettings::default() };
    let filter = Filter::new(&settings, &[term]);
    let mut memory = Memory::new();
    let now = Instant::now();
    for writer in 0..3 {
        let author = Author {
            writer: Writer::Guest(writer),
            account_age: Some(Duration::from_secs(u64::from(messages))),
            follows: usable,
            bot: false,
            messages,
        };
        let candidate = Candidate { text: &cleaned, author };
        filter.judge(&candidate, &mut memory, now);
        let features = filter.features(&candidate, &mut memory, now);
        assert!(features.0.iter().all(|value| (0.0..=1.0).contains(value)));
    }
});
