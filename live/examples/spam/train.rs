//! Learns the weights, and sets the limits of the levels.

use sluice_live::filter::{FEATURES, Features, Logistic, NAMES, SpamScore};

/// Rounds of learning; at the end the weights move in the fourth digit.
const ROUNDS: usize = 1500;

/// How far a round goes. Twice as much swings, half as much needs more rounds.
const RATE: f64 = 2.0;

/// How much large weights cost. More makes the score timid, less makes it trust single words of the sample.
const DECAY: f64 = 0.002;

/// Numbers that may speak for a message. All others may only speak against it: nobody is to get through by
/// adding capitals or disguises.
const SPEAKS_FOR: [&str; 2] = ["follows", "regular"];

/// How many messages of the tuning families that are no spam a level may hold by the score, in a thousand.
const HELD: [(&str, usize); 3] = [("LOW", 1), ("MEDIUM", 10), ("HIGH", 40)];

/// Weights that tell the labels apart.
pub(crate) fn train(rows: &[(Features, bool)]) -> Logistic {
    let mut bias = 0.0_f64;
    let mut weights = [0.0_f64; FEATURES];
    // Both kinds count the same, however many there are of each.
    let spam = rows.iter().filter(|(_, spam)| *spam).count().max(1) as f64;
    let ham = (rows.len() as f64 - spam).max(1.0);
    for _ in 0..ROUNDS {
        let mut bias_step = 0.0;
        let mut steps = [0.0; FEATURES];
        for (features, is_spam) in rows {
            let sum = weights
                .iter()
                .zip(features.0)
                .fold(bias, |sum, (weight, value)| sum + weight * f64::from(value));
            let wanted = if *is_spam { 1.0 } else { 0.0 };
            let share = if *is_spam { 0.5 / spam } else { 0.5 / ham };
            let error = (1.0 / (1.0 + (-sum).exp()) - wanted) * share;
            bias_step += error;
            for (step, value) in steps.iter_mut().zip(features.0) {
                *step += error * f64::from(value);
            }
        }
        bias -= RATE * bias_step;
        for (weight, step) in weights.iter_mut().zip(steps) {
            *weight -= RATE * (step + DECAY * *weight);
        }
        for (weight, name) in weights.iter_mut().zip(NAMES) {
            *weight = if SPEAKS_FOR.contains(&name) { weight.min(0.0) } else { weight.max(0.0) };
        }
    }
    Logistic { bias: rounded(bias), weights: weights.map(rounded) }
}

/// The scores from which each level holds: the lowest at which few enough of the harmless messages are held.
pub(crate) fn limits(score: &Logistic, rows: &[(Features, bool)]) -> [(&'static str, f32); 3] {
    let mut harmless: Vec<f32> =
        rows.iter().filter(|(_, spam)| !spam).map(|(features, _)| score.score(features)).collect();
    harmless.sort_by(|a, b| b.total_cmp(a));
    HELD.map(|(name, per_mille)| {
        let held = harmless.len() * per_mille / 1000;
        let limit = harmless.get(held).copied().unwrap_or(1.0);
        // Behind the first harmless message that is to pass.
        (name, ((f64::from(limit) * 1000.0).floor() as f32 + 1.0) / 1000.0)
    })
}

/// The file `live/src/chat/filter/weights.rs`.
pub(crate) fn source(score: &Logistic, limits: &[(&'static str, f32)]) -> String {
    let mut text = String::from(
        "//! The weights of the spam score and the scores from which each level holds a message. Written by\n\
         //! `cargo run --example spam -- train`; a test compares.\n\n\
         use super::features::FEATURES;\n\n",
    );
    text.push_str(&format!("pub(super) const BIAS: f32 = {:?};\n\n", score.bias));
    text.push_str("pub(super) const WEIGHTS: [(&str, f32); FEATURES] = [\n");
    for (name, weight) in NAMES.iter().zip(score.weights) {
        text.push_str(&format!("    ({name:?}, {weight:?}),\n"));
    }
    text.push_str("];\n");
    for (name, limit) in limits {
        let level = name.to_lowercase();
        text.push_str(&format!("\n/// From which score on the level `{level}` holds a message.\npub(super) const {name}: f32 = {limit:?};\n"));
    }
    text
}

/// Four digits are enough, and the same on every machine.
fn rounded(value: f64) -> f32 {
    ((value * 1000.0).round() / 1000.0) as f32
}
