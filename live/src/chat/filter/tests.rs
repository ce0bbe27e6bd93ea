//! What the filter decides at each level.

use proptest::prelude::*;
use sluice_domain::chat::{MAX_CHAT_TEXT, TermKind, TermOutcome};

use super::*;

fn settings(filter: FilterLevel, links: LinkPolicy) -> ChatSettings {
    ChatSettings { filter, links, ..ChatSettings::default() }
}

fn stranger(number: u64) -> Author {
    Author {
        writer: Writer::Guest(number),
        account_age: Some(Duration::from_secs(600)),
        follows: false,
        bot: false,
        messages: 0,
    }
}

fn regular() -> Author {
    Author {
        writer: Writer::Guest(0),
        account_age: Some(Duration::from_secs(400 * 86_400)),
        follows: true,
        bot: false,
        messages: 400,
    }
}

fn judge(filter: &Filter, text: &str, author: Author) -> Verdict {
    filter.judge(&Candidate { text, author }, &mut Memory::new(), Instant::now())
}

fn holds(filter: &Filter, text: &str, author: Author) -> Vec<Reason> {
    match judge(filter, text, author) {
        Verdict::Pass => Vec::new(),
        Verdict::Hold { reasons } => reasons,
        Verdict::Refuse { reason } => panic!("{text} is refused: {reason:?}"),
    }
}

fn level(level: FilterLevel) -> Filter {
    Filter::new(&settings(level, LinkPolicy::Allow), &[])
}

fn term(pattern: &str, outcome: TermOutcome) -> Term {
    Term { pattern: pattern.into(), kind: TermKind::Word, outcome }
}

// Requirements: R188, R201
#[test]
fn what_people_usually_say_passes_at_every_level() {
    for text in [
        "hello everybody",
        "gg wp",
        "LUL",
        "hahaha nice one!",
        "Was für ein Spiel",
        "привет",
        "今日もいいね",
        "👏👏👏",
    ] {
        for wanted in FilterLevel::ALL {
            assert_eq!(judge(&level(*wanted), text, regular()), Verdict::Pass, "{text} at {wanted}");
        }
    }
}

#[test]
fn ordinary_sentences_of_somebody_new_pass_at_medium() {
    for text in [
        "the blue team was here today",
        "is this your first stream of the week?",
        "we only have ten minutes before the train leaves now",
        "schau mal, hier ist heute richtig was los",
        "can you check the last door again",
        "I write code in the evening too",
        "what time is it where you are",
        "this is so relaxing, thank you",
        "wie lange machst du das schon?",
        "the sound is a bit low for me",
        "love the colours on that wall",
        "who is the second voice?",
        "ich hab das gleiche bild zu hause",
        "is that a real sword",
        "lol the cat again",
    ] {
        assert_eq!(judge(&level(FilterLevel::Medium), text, stranger(1)), Verdict::Pass, "{text}");
    }
}

// Requirements: R202
#[test]
fn terms_of_the_stream_hold_and_refuse_at_every_level() {
    let terms = [term("spoiler", TermOutcome::Hold), term("vrunkel", TermOutcome::Block)];
    for wanted in FilterLevel::ALL {
        let filter = Filter::new(&settings(*wanted, LinkPolicy::Allow), &terms);
        assert_eq!(holds(&filter, "a sp0iler!", regular()), [Reason::Term]);
        assert_eq!(judge(&filter, "v.r.u.n.k.e.l", regular()), Verdict::Refuse { reason: Reason::Term });
        assert_eq!(
            judge(&filter, "spoiler and vrunkel", regular()),
            Verdict::Refuse { reason: Reason::Term }
        );
    }
}

// Requirements: R203
#[test]
fn links_follow_the_policy_of_the_stream() {
    let of = |policy| {
        judge(&Filter::new(&settings(FilterLevel::Off, policy), &[]), "see example (dot) com", regular())
    };
    assert_eq!(of(LinkPolicy::Allow), Verdict::Pass);
    assert_eq!(of(LinkPolicy::Hold), Verdict::Hold { reasons: vec![Reason::Link] });
    assert_eq!(of(LinkPolicy::Block), Verdict::Refuse { reason: Reason::Link });
}

#[test]
fn what_a_stream_allows_is_no_reason() {
    let terms = [term("clips.example.com", TermOutcome::Allow)];
    let filter = Filter::new(&settings(FilterLevel::High, LinkPolicy::Block), &terms);
    assert_eq!(judge(&filter, "look: https://clips.example.com/abc", regular()), Verdict::Pass);
    let refused = Verdict::Refuse { reason: Reason::Link };
    assert_eq!(judge(&filter, "look: https://other.example.com/abc", regular()), refused);
}

// Requirements: R201, R213
#[test]
fn each_level_holds_all_that_the_level_below_holds() {
    let texts = [
        "FREE followers, viewers and subs!!! visit www.example.com now, 90% bonus, telegram @example",
        "WHY IS NOBODY TALKING ABOUT THIS PLAY I CANNOT BELIEVE WHAT I JUST SAW",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "check my profile for free crypto",
        "hello",
    ];
    for text in texts {
        let held: Vec<bool> = FilterLevel::ALL
            .iter()
            .map(|wanted| !holds(&level(*wanted), text, stranger(1)).is_empty())
            .collect();
        assert!(held.is_sorted(), "{text}: {held:?}");
        assert!(!held[0], "{text} is held although nothing is to be guessed");
    }
    assert_eq!(holds(&level(FilterLevel::High), texts[1], regular()), [Reason::Capitals]);
    assert!(holds(&level(FilterLevel::High), texts[2], regular()).contains(&Reason::Repetition));
    assert!(holds(&level(FilterLevel::Medium), texts[0], stranger(1)).contains(&Reason::Spam));
}

// Requirements: R203, R204
#[test]
fn a_text_of_many_accounts_is_held_and_that_of_a_bot_is_not() {
    let filter = level(FilterLevel::Medium);
    let (mut memory, start) = (Memory::new(), Instant::now());
    let mut say = |author: Author| {
        let candidate = Candidate { text: "raid raid the blue team was here today", author };
        filter.judge(&candidate, &mut memory, start)
    };
    let verdicts: Vec<Verdict> = (0..8).map(|number| say(stranger(number))).collect();
    assert_eq!(verdicts[0], Verdict::Pass);
    let Verdict::Hold { reasons } = &verdicts[7] else { panic!("the raid passes: {verdicts:?}") };
    assert!(reasons.contains(&Reason::Echo));
    let bot = Author { bot: true, messages: 400, ..regular() };
    if let Verdict::Hold { reasons } = say(bot) {
        assert!(!reasons.contains(&Reason::Echo));
    }
}

#[test]
fn reasons_have_different_words() {
    let mut words = Reason::ALL.map(Reason::as_str);
    words.sort_unstable();
    assert!(words.windows(2).all(|pair| pair[0] != pair[1]));
}

#[derive(Debug)]
struct Certain;

impl SpamScore for Certain {
    fn score(&self, _: &Features) -> f32 {
        1.0
    }
}

#[test]
fn another_score_can_take_the_place_of_the_built_in_one() {
    let filter = Filter::with_score(&settings(FilterLevel::Low, LinkPolicy::Allow), &[], Arc::new(Certain));
    assert_eq!(holds(&filter, "hello", regular()), [Reason::Spam]);
}

proptest! {
    #[test]
    fn any_text_gets_a_verdict(text in any::<String>(), messages in any::<u32>(), age in any::<Option<u32>>()) {
        let author = Author { messages, account_age: age.map(|age| Duration::from_secs(age.into())), ..stranger(1) };
        let filter = Filter::new(&settings(FilterLevel::High, LinkPolicy::Hold), &[term("vrunkel", TermOutcome::Hold)]);
        let (mut memory, now) = (Memory::new(), Instant::now());
        let candidate = Candidate { text: &text, author };
        filter.judge(&candidate, &mut memory, now);
        let features = filter.features(&candidate, &mut memory, now);
        prop_assert!(features.0.iter().all(|value| (0.0..=1.0).contains(value)));
        if let Ok(cleaned) = clean(&text) {
            prop_assert!(cleaned.chars().count() <= MAX_CHAT_TEXT);
            filter.judge(&Candidate { text: &cleaned, author }, &mut memory, now);
        }
    }

    #[test]
    fn a_term_is_found_wherever_it_stands(before in "[a-z ]{0,30}", after in "[a-z ]{0,30}") {
        let filter = Filter::new(&settings(FilterLevel::Off, LinkPolicy::Allow), &[term("vrunkel", TermOutcome::Block)]);
        let text = format!("{before} Vrunk3l {after}");
        prop_assert_eq!(judge(&filter, &text, regular()), Verdict::Refuse { reason: Reason::Term });
    }
}
