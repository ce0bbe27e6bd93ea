//! Text as it may stand in a chat: no control characters, no tricks with direction, invisible characters or
//! piles of marks.
//!
//! What is taken out is taken out silently: a text that is pasted from elsewhere may hold such characters
//! without its author knowing. Letters, marks and emoji of every script stay as they were written; ZERO WIDTH
//! JOINER and NON-JOINER stay where emoji and scripts need them. The result is in NFC, and cleaning it again
//! changes nothing.

use sluice_domain::ProblemCode;
use sluice_domain::chat::MAX_CHAT_TEXT;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Most marks of the blocks for any script that may stand on one letter, after composition. Vietnamese and
/// transcriptions need two; from three on the lines above and below are covered.
const MAX_COMMON_MARKS: usize = 2;

/// Most marks of any kind on one letter. Pointed Hebrew and Tibetan need four.
const MAX_MARKS: usize = 4;

/// Most tags behind a black flag, the one that ends them among these: `gbeng` has six.
const MAX_TAGS: usize = 7;

/// The text as members see it.
///
/// # Errors
///
/// `message_empty` if nothing visible is left, `message_too_long` above [`MAX_CHAT_TEXT`] characters.
pub fn clean(text: &str) -> Result<String, ProblemCode> {
    // Joiners come after marks: whether one stays depends on the characters around it that stay.
    let composed: Vec<char> = limit_marks(plain(text).into_iter().nfc()).collect();
    let mut kept: String = joined(&composed).into_iter().nfc().collect();
    // A mark that stood on a space leaves two.
    while kept.contains("  ") {
        kept = kept.replace("  ", " ");
    }
    let trimmed = kept.trim_matches(|c: char| c == ' ' || is_mark_of_direction(c));
    if !trimmed.chars().any(is_visible) {
        return Err(ProblemCode::MessageEmpty);
    }
    if trimmed.chars().count() > MAX_CHAT_TEXT {
        return Err(ProblemCode::MessageTooLong);
    }
    Ok(trimmed.to_owned())
}

/// Without what never has a place here; every run of white space is one space.
fn plain(text: &str) -> Vec<char> {
    let mut kept: Vec<char> = Vec::with_capacity(text.len());
    let mut tags = 0;
    for c in text.chars() {
        // England, Scotland and Wales: a black flag with tags behind it. Tags elsewhere hide text.
        tags = match c {
            '\u{1f3f4}' => MAX_TAGS,
            c if is_tag(c) => tags - usize::from(tags > 0),
            _ => 0,
        };
        if is_space(c) {
            if kept.last().is_some_and(|last| *last != ' ') {
                kept.push(' ');
            }
        } else if !is_hidden(c) || tags > 0 {
            kept.push(c);
        }
    }
    kept
}

/// Without joiners, marks of direction and variation selectors that join, direct and vary nothing.
fn joined(text: &[char]) -> Vec<char> {
    let right_to_left = text.iter().any(|c| is_right_to_left(*c));
    let mut kept: Vec<char> = Vec::with_capacity(text.len());
    for (at, c) in text.iter().copied().enumerate() {
        let before = kept.last().copied();
        let behind = text.get(at + 1).copied();
        // Marks between a letter and its joiner may change their order and do not matter.
        let letter = kept.iter().rev().copied().find(|c| !is_combining_mark(*c));
        let next = || text.iter().skip(at + 1).copied().find(|c| !is_combining_mark(*c));
        let stays = match c {
            '\u{200d}' => {
                let emoji = before.is_some_and(ends_emoji) && behind.is_some_and(is_emoji);
                emoji || letter.is_some_and(is_joining) && next().is_none_or(|c| is_joining(c) || c == ' ')
            }
            '\u{200c}' => letter.is_some_and(is_joining) && next().is_some_and(is_joining),
            '\u{fe00}'..='\u{fe0f}' => before.is_some_and(is_visible),
            c if is_mark_of_direction(c) => right_to_left && !before.is_none_or(is_mark_of_direction),
            _ => true,
        };
        if stays {
            kept.push(c);
        }
    }
    kept
}

/// Without marks that have no letter, and those that are too many for theirs.
fn limit_marks(text: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    let (mut common, mut all) = (MAX_COMMON_MARKS, MAX_MARKS);
    text.filter(move |c| {
        // Joiners, selectors and marks of direction neither count nor begin a new letter.
        if is_mark_of_direction(*c) || matches!(*c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}') {
            return true;
        }
        if !is_combining_mark(*c) {
            // A space carries no marks: they would stand on the letter before it.
            (common, all) = if *c == ' ' { (MAX_COMMON_MARKS, MAX_MARKS) } else { (0, 0) };
            return true;
        }
        all += 1;
        common += usize::from(is_common_mark(*c));
        all <= MAX_MARKS && (!is_common_mark(*c) || common <= MAX_COMMON_MARKS)
    })
}

fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// Controls, fillers and what has no glyph: never kept.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || is_tag(c)
        || matches!(c,
            // Soft hyphen, grapheme joiner, Khmer inherent vowels, Mongolian separator.
            '\u{ad}' | '\u{34f}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            // Fillers that look like nothing: Hangul, half-width Hangul, Braille.
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{2800}'
            // Zero-width space, embeddings and overrides, invisible operators, isolates, old format controls.
            | '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            // Annotations, objects, the sign for what could not be read.
            | '\u{fff0}'..='\u{ffff}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            // Private use and ideographic variants: no two systems show the same.
            | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{10ffff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007f}')
}

fn is_mark_of_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}')
}

fn is_right_to_left(c: char) -> bool {
    !is_combining_mark(c)
        && matches!(c, '\u{590}'..='\u{61b}' | '\u{61d}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Letters and marks of scripts in which joiners change what is read: Arabic (Persian needs the non-joiner),
/// the scripts of India and its neighbours, Khmer, Mongolian.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{18af}' | '\u{fb50}'..='\u{fdcf}' | '\u{fe70}'..='\u{fefc}')
}

/// What a joined emoji may go on with.
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}'
        | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// What the first part of a joined emoji may end with: itself, a skin tone, or the selector for colour.
fn ends_emoji(c: char) -> bool {
    is_emoji(c) || c == '\u{fe0f}'
}

/// Marks of the blocks that belong to no script, of which piles are made.
fn is_common_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_visible(c: char) -> bool {
    c != ' '
        && !is_combining_mark(c)
        && !is_mark_of_direction(c)
        && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests;
