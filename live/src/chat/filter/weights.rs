//! The weights of the spam score and the scores from which each level holds a message.

use super::features::FEATURES;

pub(super) const BIAS: f32 = -4.0;

pub(super) const WEIGHTS: [f32; FEATURES] = [
    1.5,  // link
    0.5,  // more_links
    2.0,  // disguised_link
    1.5,  // link_of_stranger
    1.0,  // mixed_scripts
    1.0,  // disguised_words
    0.5,  // capitals
    0.5,  // repetition
    0.3,  // signs
    0.0,  // digits
    0.5,  // sums
    0.5,  // length
    0.3,  // few_different_words
    0.5,  // mentions
    2.0,  // growth
    1.5,  // money
    1.5,  // crypto
    1.0,  // action
    0.5,  // urgency
    1.0,  // trust
    1.5,  // contact
    1.5,  // adult
    1.5,  // insult
    0.5,  // you
    2.0,  // pitch
    0.3,  // guest
    1.0,  // new_account
    0.5,  // young_account
    -1.0, // follows
    -2.0, // regular
    0.5,  // first_message
    3.0,  // heard_from_others
    1.5,  // heard_from_writer
    0.5,  // burst
];

/// From which score on a message is held at the level `low`: what is plainly spam.
pub(super) const LOW: f32 = 0.95;

/// At the level `medium`: what is probably spam.
pub(super) const MEDIUM: f32 = 0.8;

/// At the level `high`: what may be.
pub(super) const HIGH: f32 = 0.5;
