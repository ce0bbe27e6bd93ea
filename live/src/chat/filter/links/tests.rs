//! What is a link, and what only looks like one.

use super::*;

// Requirements: R203
#[test]
fn links_are_found_however_they_are_written() {
    for (text, disguised) in [
        ("see https://example.com/a?b=c", false),
        ("HTTP://EXAMPLE.COM", false),
        ("www.example.com", false),
        ("go to example.com now", false),
        ("clips.twitch.tv/Abc", false),
        ("t.me/joinme", false),
        ("youtu.be/dQw4", false),
        ("1.2.3.4:8080/x", false),
        ("hxxps://example.com", true),
        ("h t t p s : / / example.com", true),
        ("example[.]com", true),
        ("example (dot) com", true),
        ("example dot com", true),
        ("example d0t com", true),
        ("beispiel punkt de", true),
        ("example . com", true),
        ("example .com", true),
        ("example•com", true),
        ("ехample.соm", true),
        ("ｅｘａｍｐｌｅ．ｃｏｍ", true),
        ("exаmple。com", true),
    ] {
        let links = find(text);
        assert_eq!(links.len(), 1, "{text}: {links:?}");
        assert_eq!(links[0].disguised, disguised, "{text}");
    }
}

#[test]
fn what_is_no_link_is_left_alone() {
    for text in [
        "wait... what",
        "that was nice.it works now",
        "e.g. this, z.B. das",
        "main.rs and readme.md",
        "Node.js 3.14 v1.2.3",
        "no.way",
        "gg.wp",
        "score 3:2 and/or 5/7",
        "mail me: someone@example.com",
        "the dot to the left",
        "ok. tv time",
        "привет.мир",
        "ratio 1.5:1",
        "und so . oder so",
    ] {
        assert_eq!(find(text), Vec::new(), "{text}");
    }
}

#[test]
fn a_link_says_where_it_is_and_is_counted_once() {
    let text = "ü https://www.example.com/x und a.org";
    let links: Vec<&str> = find(text).into_iter().map(|link| &text[link.span]).collect();
    assert_eq!(links, ["https://www.example.com/x", "a.org"]);
}
