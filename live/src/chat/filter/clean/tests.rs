//! What `clean` takes out, what it leaves, and that it never does either twice.

use proptest::prelude::*;

use super::*;

fn cleaned(text: &str) -> String {
    clean(text).unwrap()
}

// Requirements: R188
#[test]
fn overrides_of_direction_and_invisible_characters_are_taken_out() {
    assert_eq!(cleaned("\u{202e}gnp.exe\u{202c} ok"), "gnp.exe ok");
    assert_eq!(cleaned("a\u{2066}b\u{2069}\u{200b}c\u{feff}d\u{ad}e\u{2060}f"), "abcdef");
    assert_eq!(cleaned("vi\u{200d}si\u{200c}ble"), "visible");
    assert_eq!(cleaned("x\u{e0041}\u{e0042}y"), "xy");
    assert_eq!(cleaned("a\u{200e}b\u{200f}"), "ab");
    assert_eq!(cleaned("bell\u{7}\u{0}\u{1b}[31m"), "bell[31m");
    assert_eq!(cleaned("private\u{e000} noncharacter\u{fffe}"), "private noncharacter");
}

#[test]
fn markup_stays_text_as_it_was_written() {
    for text in
        ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a && b < c > d", "&lt;b&gt; &#x3c;"]
    {
        assert_eq!(cleaned(text), text);
    }
}

#[test]
fn lines_and_wide_spaces_become_one_space_each() {
    assert_eq!(cleaned("  one\r\n\ttwo\u{a0}\u{3000}three\u{2028}four  "), "one two three four");
}

#[test]
fn piles_of_marks_are_cut_and_letters_stay() {
    let pile = format!("Z{}a{}lgo", "\u{300}".repeat(40), "\u{489}".repeat(40));
    let cut = cleaned(&pile);
    assert_eq!(cut.chars().filter(|c| c.is_ascii_alphabetic()).collect::<String>(), "Zalgo");
    assert!(cut.chars().count() <= "Zalgo".len() + 4, "{cut:?}");
    // Also where invisible characters divide the pile, and on nothing.
    let divided = cleaned(&format!("a{}", "\u{301}\u{200d}\u{fe0f}\u{34f}".repeat(50)));
    // The letter with one mark, a selector, two more marks.
    assert!(divided.chars().count() <= 4, "{divided:?}");
    assert_eq!(cleaned(&format!("{}x", "\u{301}".repeat(9))), "x");
    assert!(
        cleaned(&format!("ب{}", "\u{64f}\u{200d}".repeat(90)))
            .chars()
            .filter(|c| is_combining_mark(*c))
            .count()
            <= 4
    );
}

// Requirements: R188
#[test]
fn scripts_and_emoji_stay_as_they_are_written() {
    for text in [
        "Zażółć gęślą jaźń",
        "Tiếng Việt rất đẹp",
        "می\u{200c}خواهم",
        "क्\u{200d}ष नमस्ते",
        "שָׁלוֹם עֲלֵיכֶם",
        "สวัสดีครับ ที่นี่",
        "བཀྲ་ཤིས་བདེ་ལེགས།",
        "日本語のチャット、楽しい！",
        "한국어 채팅",
        "👨\u{200d}👩\u{200d}👧\u{200d}👦 👍🏽 ❤\u{fe0f} 🏳\u{fe0f}\u{200d}🌈",
        "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} 1\u{fe0f}\u{20e3} 🇩🇪",
        "שלום\u{200f}!",
        "e = mc², ½ · ∑",
    ] {
        assert_eq!(cleaned(text), text, "{text:?}");
    }
}

#[test]
fn decomposed_letters_are_composed() {
    assert_eq!(cleaned("u\u{308}ber"), "über");
    assert_eq!(cleaned("e\u{200b}\u{301}"), "é");
}

#[test]
fn a_text_with_nothing_to_see_is_empty() {
    for text in [
        "",
        "   ",
        "\u{200b}\u{200d}\u{2800}\u{3164}",
        "\u{301}\u{300}",
        "\u{200e} \u{200f}",
        "\u{fe0f}",
        "\u{115f}",
    ] {
        assert_eq!(clean(text), Err(ProblemCode::MessageEmpty), "{text:?}");
    }
}

#[test]
fn characters_are_counted_after_cleaning_and_not_bytes() {
    assert_eq!(cleaned(&"ü".repeat(500)).chars().count(), 500);
    assert_eq!(clean(&"ü".repeat(501)), Err(ProblemCode::MessageTooLong));
    assert_eq!(cleaned(&format!("{}{}", "x".repeat(500), "\u{200b}".repeat(500))).len(), 500);
    assert_eq!(cleaned(&format!("{}{}", "x".repeat(500), " ".repeat(500))).len(), 500);
}

/// Texts of the characters that rules are about, in any order.
fn tricky() -> impl Strategy<Value = String> {
    let characters = prop::sample::select(vec![
        'a',
        'e',
        'Z',
        ' ',
        '\u{a0}',
        '\n',
        '\u{300}',
        '\u{301}',
        '\u{315}',
        '\u{327}',
        '\u{489}',
        '\u{20e3}',
        '\u{34f}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{61c}',
        '\u{202e}',
        '\u{2066}',
        '\u{feff}',
        '\u{fe0f}',
        '\u{fe0e}',
        '\u{e0067}',
        '\u{e007f}',
        '\u{1f3f4}',
        '👍',
        '\u{1f3fd}',
        '❤',
        '\u{2329}',
        'ب',
        '\u{64f}',
        '\u{653}',
        'ا',
        'א',
        '\u{5b8}',
        'क',
        '\u{94d}',
        '\u{93c}',
        '\u{344}',
        '\u{f71}',
        '\u{f72}',
        '가',
        '\u{11a8}',
        '\u{1100}',
        '\u{1161}',
        '\u{958}',
        '\u{fb1d}',
        '\u{3164}',
        '\u{e000}',
        '\u{10ffff}',
        '\u{fffd}',
        '1',
        '\u{1d165}',
        '\u{1d15e}',
    ]);
    prop::collection::vec(characters, 0..40).prop_map(|characters| characters.into_iter().collect())
}

fn holds_what_it_promises(text: &str) -> Result<(), TestCaseError> {
    let Ok(once) = clean(text) else { return Ok(()) };
    prop_assert_eq!(clean(&once), Ok(once.clone()));
    prop_assert!(once.chars().count() <= MAX_CHAT_TEXT);
    prop_assert!(!once.starts_with(' ') && !once.ends_with(' ') && !once.contains("  "));
    let direction = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    prop_assert!(!once.chars().any(|c| c.is_control() || direction(c)));
    let mut marks = 0;
    let counts = |c: &char| {
        !is_mark_of_direction(*c) && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
    };
    for c in once.chars().filter(counts) {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        prop_assert!(marks <= MAX_MARKS, "{:?}", once);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn cleaning_twice_is_cleaning_once_for_tricky_texts(text in tricky()) {
        holds_what_it_promises(&text)?;
    }

    #[test]
    fn cleaning_twice_is_cleaning_once_for_any_text(text in any::<String>()) {
        holds_what_it_promises(&text)?;
    }
}
