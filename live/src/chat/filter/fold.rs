//! One letter for all letters that look or are meant alike: what filters compare.

use unicode_normalization::UnicodeNormalization;

/// A character without case, width, style and accents, handed on letter by letter. Letters keep their script.
pub(super) fn plain(c: char, mut out: impl FnMut(char)) {
    if c.is_ascii() {
        return out(c.to_ascii_lowercase());
    }
    // Hangul syllables would fall into their parts.
    if matches!(c, '\u{ac00}'..='\u{d7a3}') {
        return out(c);
    }
    if let Some(letter) = boxed(c) {
        return out(letter);
    }
    for part in std::iter::once(c).nfkd().take(MAX_PARTS) {
        if is_accent(part) {
            continue;
        }
        for lower in part.to_lowercase() {
            match lower {
                'ß' => "ss".chars().for_each(&mut out),
                'æ' => "ae".chars().for_each(&mut out),
                'œ' => "oe".chars().for_each(&mut out),
                lower if is_accent(lower) => {}
                lower => out(latin_variant(lower)),
            }
        }
    }
}

/// The Latin letter that a (plain) letter of another script is mistaken for.
pub(super) fn lookalike(c: char) -> char {
    match c {
        'а' | 'α' | 'ɑ' | 'ɐ' => 'a',
        'в' | 'ь' | 'ъ' | 'β' => 'b',
        'с' | 'ϲ' | 'ɔ' | 'ς' => 'c',
        'ԁ' | 'ɗ' => 'd',
        'е' | 'є' | 'ε' | 'ҽ' | 'э' | 'ә' | 'ξ' => 'e',
        'ϝ' | 'ғ' => 'f',
        'ɡ' | 'ց' => 'g',
        'һ' | 'н' | 'ћ' | 'ђ' | 'հ' | 'ɥ' => 'h',
        'і' | 'ι' | 'ı' | 'ɩ' => 'i',
        'ј' | 'ϳ' => 'j',
        'к' | 'κ' | 'қ' => 'k',
        'ӏ' | 'ǀ' | 'ן' => 'l',
        'м' | 'ʍ' | 'ɯ' => 'm',
        'п' | 'η' | 'ո' | 'и' | 'ռ' => 'n',
        'о' | 'ο' | 'օ' | 'σ' | 'ө' | 'ס' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' | 'զ' => 'q',
        'г' | 'я' | 'ɹ' => 'r',
        'ѕ' | 'ʂ' => 's',
        'т' | 'τ' | 'ʇ' => 't',
        'υ' | 'ս' | 'μ' | 'ц' => 'u',
        'ν' | 'ѵ' | 'ʌ' => 'v',
        'ω' | 'ԝ' | 'ш' | 'щ' | 'ա' => 'w',
        'х' | 'χ' | 'ҳ' => 'x',
        'у' | 'γ' | 'ү' | 'ʎ' => 'y',
        'ʐ' => 'z',
        other => other,
    }
}

/// The letter that a digit or sign stands for between letters; [`ONE`] for those that stand for two.
pub(super) fn leet(c: char) -> Option<char> {
    Some(match c {
        '0' => 'o',
        '1' | '!' | '|' | '¡' => ONE,
        '2' => 'z',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' | '§' => 's',
        '6' | '9' => 'g',
        '7' | '+' => 't',
        '8' => 'b',
        '(' | '¢' => 'c',
        '*' => ANY,
        _ => return None,
    })
}

/// Most letters that one character falls into. Ligatures have two or three; the few that are whole sentences
/// would make a short text a long one.
const MAX_PARTS: usize = 3;

/// What may be an i or an l. No letter or digit, so that a word with it is told from the word as written.
pub(super) const ONE: char = '|';

/// What may be any letter.
pub(super) const ANY: char = '*';

/// Accents and points, which many leave out; not the vowel signs of scripts that cannot do without them.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// Letters on dark squares and discs, and those of flags.
fn boxed(c: char) -> Option<char> {
    let first = match c {
        '\u{1f150}'..='\u{1f169}' => 0x1f150,
        '\u{1f170}'..='\u{1f189}' => 0x1f170,
        '\u{1f1e6}'..='\u{1f1ff}' => 0x1f1e6,
        _ => return None,
    };
    char::from_u32(u32::from('a') + u32::from(c) - first)
}

/// Latin letters with strokes and hooks, small capitals: what decomposition leaves alone.
fn latin_variant(c: char) -> char {
    match c {
        'ᴀ' => 'a',
        'ʙ' | 'ƀ' | 'ɓ' => 'b',
        'ᴄ' | 'ƈ' => 'c',
        'ᴅ' | 'đ' | 'ð' => 'd',
        'ᴇ' | 'ə' | 'ɛ' | 'ǝ' => 'e',
        'ꜰ' | 'ƒ' => 'f',
        'ɢ' | 'ǥ' => 'g',
        'ʜ' | 'ħ' => 'h',
        'ɪ' | 'ɨ' => 'i',
        'ᴊ' | 'ɉ' => 'j',
        'ᴋ' | 'ƙ' => 'k',
        'ʟ' | 'ł' | 'ƚ' => 'l',
        'ᴍ' => 'm',
        'ɴ' | 'ŋ' | 'ɲ' => 'n',
        'ᴏ' | 'ø' | 'ɵ' => 'o',
        'ᴘ' | 'þ' | 'ƥ' => 'p',
        'ʀ' | 'ɍ' => 'r',
        'ꜱ' | 'ſ' => 's',
        'ᴛ' | 'ŧ' => 't',
        'ᴜ' | 'ʉ' => 'u',
        'ᴠ' => 'v',
        'ᴡ' => 'w',
        'ʏ' | 'ɏ' => 'y',
        'ᴢ' | 'ƶ' => 'z',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        text.chars().for_each(|c| plain(c, |c| out.push(c)));
        out
    }

    // Requirements: R203
    #[test]
    fn styles_widths_and_accents_fold_to_the_plain_letter() {
        for text in ["ＦＲＥＥ", "𝐟𝐫𝐞𝐞", "𝔣𝔯𝔢𝔢", "ⓕⓡⓔⓔ", "🅵🆁🅴🅴", "🇫🇷🇪🇪", "ꜰʀᴇᴇ", "frée"]
        {
            assert_eq!(folded(text), "free", "{text}");
        }
        assert_eq!(folded("Straße"), "strasse");
        assert_eq!(folded("Größe"), "grosse");
    }

    #[test]
    fn letters_of_other_scripts_stay_what_they_are_until_they_are_compared() {
        assert_eq!(folded("Привет"), "привет");
        assert_eq!(folded("한국"), "한국");
        assert_eq!(folded("नमस्ते"), "नमस्ते");
        assert_eq!("раура1".chars().map(lookalike).collect::<String>(), "paypa1");
    }
}
