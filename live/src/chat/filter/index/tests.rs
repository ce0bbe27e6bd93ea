//! What is found as a word, and what is not.

use super::*;

fn found(pattern: &str, text: &str) -> bool {
    !Index::new([pattern]).find(&Reading::new(text)).is_empty()
}

// Requirements: R203
#[test]
fn a_word_is_found_in_every_disguise() {
    for text in [
        "vrunkel",
        "VRUNKEL!",
        "Vrünkel",
        "vrunkeeeel",
        "v.r.u.n.k.e.l",
        "v r u n k e l",
        "vr_unkel",
        "vrunk3l",
        "vrun ok vrunke1",
        "ｖｒｕｎｋｅｌ",
        "𝓿𝓻𝓾𝓷𝓴𝓮𝓵",
        "vrцnкеl",
        "vr*nkel",
        "🆅🆁🆄🅽🅺🅴🅻",
        "so ein vrunkel, echt",
    ] {
        assert!(found("vrunkel", text), "{text}");
    }
}

#[test]
fn a_word_is_not_found_inside_another_or_in_one_that_resembles_it() {
    assert!(!found("ass", "classic assassin as pass"));
    assert!(!found("bok", "book"));
    assert!(!found("book", "bok"));
    assert!(!found("fail", "fall mall ball"));
    assert!(!found("vrunkel", "vrunkels runkel"));
    assert!(!found("no", "n* **"));
}

#[test]
fn an_open_end_takes_the_rest_of_the_word() {
    assert!(found("vrunk*", "vrunkelig"));
    assert!(found("vrunk*", "vrunk"));
    assert!(!found("vrunk*", "envrunk"));
    assert!(found("*vrunk", "obervrunk"));
    assert!(found("*vrunk*", "obervrunkelig"));
    assert!(!found("*vrunk", "vrunkel"));
}

#[test]
fn phrases_are_found_over_what_divides_them_and_run_together() {
    assert!(found("buy followers", "BUY... followers!"));
    assert!(found("buy followers", "buyfollowers"));
    assert!(found("buy follow*", "buy following"));
    assert!(!found("buy followers", "buy more followers"));
}

#[test]
fn scripts_without_spaces_are_searched_anywhere() {
    assert!(found("代购", "这里有代购服务"));
    assert!(found("ขาย", "มีขายที่นี่"));
    assert!(!found("代购", "购代"));
}

#[test]
fn a_hit_says_where_it_is() {
    let text = "well, VRUNKEL indeed";
    let hits = Index::new(["other", "vrunkel"]).find(&Reading::new(text));
    assert_eq!(hits, [Hit { pattern: 1, span: 6..13 }]);
}
