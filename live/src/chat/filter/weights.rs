//! The weights of the spam score and the scores from which each level holds a message. Written by
//! `cargo run --example spam -- train`; a test compares.

use super::features::FEATURES;

pub(super) const BIAS: f32 = -2.103;

pub(super) const WEIGHTS: [(&str, f32); FEATURES] = [
    ("link", 0.96),
    ("disguised_link", 1.456),
    ("mixed_scripts", 0.662),
    ("length", 0.676),
    ("few_different_words", 0.628),
    ("pitch", 3.847),
    ("new_account", 0.359),
    ("young_account", 0.366),
    ("follows", -0.426),
    ("regular", -1.097),
    ("first_message", 1.791),
    ("heard_from_others", 1.563),
    ("heard_from_writer", 2.553),
    ("burst", 0.947),
    ("growth", 2.03),
    ("money", 0.453),
    ("crypto", 0.698),
    ("action", 1.37),
    ("urgency", 1.151),
    ("trust", 1.384),
    ("contact", 0.196),
    ("adult", 1.821),
    ("insult", 2.601),
    ("you", 0.562),
];

/// From which score on the level `low` holds a message.
pub(super) const LOW: f32 = 0.851;

/// From which score on the level `medium` holds a message.
pub(super) const MEDIUM: f32 = 0.729;

/// From which score on the level `high` holds a message.
pub(super) const HIGH: f32 = 0.601;
