//! A stream's own terms, and what is not taken as one.

use super::*;

fn term(pattern: &str, kind: TermKind, outcome: TermOutcome) -> Term {
    Term { pattern: pattern.into(), kind, outcome }
}

fn regex(pattern: &str) -> Term {
    term(pattern, TermKind::Regex, TermOutcome::Hold)
}

fn word(pattern: &str) -> Term {
    term(pattern, TermKind::Word, TermOutcome::Hold)
}

// Requirements: R202, R203
#[test]
fn words_and_expressions_hold_block_and_allow() {
    let terms = Terms::new(&[
        term("spoiler*", TermKind::Word, TermOutcome::Hold),
        term(r"\bboss \d+\b", TermKind::Regex, TermOutcome::Block),
        term("clips.example.com", TermKind::Word, TermOutcome::Allow),
    ]);
    let find = |text: &str| terms.find(&Reading::new(text));
    assert!(find("Sp0ilers ahead").hold);
    assert!(find("the BOSS 12 is dead").block);
    assert!(find("see clips.example.com/x").allows(&(4..10)));
    assert!(!find("see clips.example.com/x").allows(&(0..3)));
    let none = find("nothing of it");
    assert!(!none.hold && !none.block && none.allowed.is_empty());
}

#[test]
fn terms_that_cannot_be_looked_for_are_refused_with_a_reason() {
    assert_eq!(check_term(&word(" !? ")), Err(BadTerm::Empty));
    assert_eq!(check_term(&word(&"x".repeat(201))), Err(BadTerm::TooLong));
    assert_eq!(check_term(&regex(&"x".repeat(201))), Err(BadTerm::TooLong));
    assert_eq!(check_term(&regex("x*")), Err(BadTerm::MatchesEverything));
    assert_eq!(check_term(&regex(r"(\w{50}){50}")), Err(BadTerm::TooLarge));
    assert_eq!(check_term(&regex("(a{100}){100}{100}")), Err(BadTerm::TooLarge));
    let Err(BadTerm::NotAnExpression(why)) = check_term(&regex("(unclosed")) else { panic!("it is taken") };
    assert_eq!(why, "unclosed group");
    assert!(matches!(check_term(&regex(r"(a)\1")), Err(BadTerm::NotAnExpression(_))));
    assert!(matches!(
        check_term(&regex(&format!("{}x{}", "(".repeat(90), ")".repeat(90)))),
        Err(BadTerm::NotAnExpression(_))
    ));
}

#[test]
fn usual_expressions_are_taken() {
    for pattern in [
        r"\bfree\s+\w+",
        r"(?i)buy\W*now",
        r"[\p{Cyrillic}]{3,}",
        r"^!\w+",
        r"\d{3}[- ]?\d{4}",
        "straße|strasse",
    ] {
        assert_eq!(check_term(&regex(pattern)), Ok(()), "{pattern}");
    }
}

#[test]
fn bad_terms_and_too_many_expressions_are_left_out() {
    let mut terms = vec![regex("(")];
    terms.extend((0..MAX_EXPRESSIONS + 5).map(|n| regex(&format!("number{n}$"))));
    let terms = Terms::new(&terms);
    assert_eq!(terms.expressions.len(), MAX_EXPRESSIONS);
    assert!(terms.find(&Reading::new("number0")).hold);
}
