//! How likely a message is spam or abuse.

use std::fmt;

use super::features::{FEATURES, Features};
use super::weights::{BIAS, WEIGHTS};

/// Judges by the numbers of a message alone.
pub trait SpamScore: fmt::Debug + Send + Sync {
    /// From 0 (as harmless as can be) to 1.
    fn score(&self, features: &Features) -> f32;
}

/// A logistic regression: each number has a weight, and their sum is squeezed into 0 to 1. The weights come
/// from the labelled sample of `live/examples/spam`, and everybody can read them in
/// `live/src/chat/filter/weights.rs`.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    /// The sum with nothing in it.
    pub bias: f32,
    /// One for each number, in their order.
    pub weights: [f32; FEATURES],
}

impl Logistic {
    /// With the weights that this server was built with.
    pub const fn built_in() -> Self {
        let mut weights = [0.0; FEATURES];
        let mut at = 0;
        while at < FEATURES {
            weights[at] = WEIGHTS[at].1;
            at += 1;
        }
        Self { bias: BIAS, weights }
    }
}

impl SpamScore for Logistic {
    fn score(&self, features: &Features) -> f32 {
        let sum =
            self.weights.iter().zip(features.0).fold(self.bias, |sum, (weight, value)| sum + weight * value);
        1.0 / (1.0 + (-sum).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::super::features::NAMES;
    use super::*;

    #[test]
    fn the_built_in_weights_are_in_the_order_of_the_numbers() {
        assert_eq!(WEIGHTS.map(|(name, _)| name), NAMES);
    }

    // Requirements: R204
    #[test]
    fn a_score_grows_with_what_speaks_for_spam_and_stays_between_nothing_and_all() {
        let mut weights = [0.0; FEATURES];
        weights[0] = 4.0;
        let logistic = Logistic { bias: -2.0, weights };
        let mut features = Features([0.0; FEATURES]);
        let calm = logistic.score(&features);
        features.0[0] = 1.0;
        let loud = logistic.score(&features);
        assert!(0.0 < calm && calm < 0.5 && 0.5 < loud && loud < 1.0, "{calm} {loud}");
    }
}
