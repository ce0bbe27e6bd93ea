//! How texts fall into words.

use super::*;

fn plain(text: &str) -> Vec<String> {
    Reading::new(text).words.into_iter().map(|word| word.plain).collect()
}

fn meant(text: &str) -> Vec<String> {
    Reading::new(text).words.into_iter().filter_map(|word| word.disguised).collect()
}

fn joined(text: &str) -> Vec<String> {
    Reading::new(text).joined.into_iter().map(|word| word.disguised.unwrap_or(word.plain)).collect()
}

// Requirements: R203
#[test]
fn digits_and_signs_between_letters_are_read_as_letters() {
    assert_eq!(meant("fr33 m0ney $tream @lice cl1ck"), ["free", "money", "stream", "alice", "cl|ck"]);
    assert_eq!(meant("раypаl"), ["paypal"]);
    assert!(Reading::new("раypаl").words[0].mixed);
}

#[test]
fn numbers_and_punctuation_are_no_disguise() {
    assert_eq!(meant("wow! 1337 2024 (really) 50€ hi!!! @ 10:30"), Vec::<String>::new());
    assert_eq!(plain("wow! (really) don't"), ["wow", "really", "don", "t"]);
    assert!(plain("!!! ??? $$$ ***").is_empty());
}

#[test]
fn letters_that_stand_alone_and_parts_between_signs_are_joined() {
    assert_eq!(joined("so f r e e now"), ["free", "ree", "fre"]);
    assert_eq!(joined("f.r.e.e"), ["free", "ree", "fre"]);
    assert_eq!(joined("f-r-3-e stuff"), ["free", "ree", "fre"]);
    assert!(joined("such a f r e e thing").contains(&"free".to_owned()));
    assert_eq!(joined("fr.ee sub_scribe"), ["free", "subscribe"]);
    assert_eq!(joined("I am a big fan"), Vec::<String>::new());
}

#[test]
fn words_of_other_scripts_keep_their_vowels() {
    assert_eq!(plain("नमस्ते दुनिया"), ["नमस्ते", "दुनिया"]);
    assert_eq!(plain("Привет, мир!"), ["привет", "мир"]);
    assert!(!Reading::new("Привет мир").words[0].mixed);
}

#[test]
fn words_know_where_they_stand() {
    let text = "¿Qué? ＦＲＥＥ!";
    let spans: Vec<&str> = Reading::new(text).words.into_iter().map(|word| &text[word.span]).collect();
    assert_eq!(spans, ["Qué", "ＦＲＥＥ"]);
}
