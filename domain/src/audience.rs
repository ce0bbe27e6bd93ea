//! Who a stream is for, and what kind of account somebody has.

use crate::word::words;

words! {
    /// Who may watch a Stream.
    pub enum AccessLevel {
        /// Everybody; it is listed.
        Public = "public",
        /// Everybody who knows the address; it is not listed.
        Unlisted = "unlisted",
        /// Its owner and those who moderate.
        Private = "private",
        /// Who knows its password.
        Password = "password",
        /// Who follows its owner.
        Followers = "followers",
        /// Accounts of the tier premium or above.
        Premium = "premium",
        /// Accounts of the tier vip.
        Vip = "vip",
    }

    /// From what age on a Stream is meant to be watched; ordered.
    pub enum Maturity {
        /// No limit.
        Everyone = "everyone",
        /// From about 13.
        Teen = "teen",
        /// Adults.
        Mature = "mature",
    }

    /// What an account has paid for; ordered.
    pub enum Tier {
        /// Nothing.
        Free = "free",
        /// The first.
        Premium = "premium",
        /// The highest.
        Vip = "vip",
    }

    /// Which rules for passwords and sessions hold for an account.
    pub enum Realm {
        /// Who works for the organisation.
        Staff = "staff",
        /// Who watches or streams.
        Consumer = "consumer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for level in AccessLevel::ALL {
            assert_eq!(level.as_str().parse(), Ok(*level));
        }
        for maturity in Maturity::ALL {
            assert_eq!(maturity.as_str().parse(), Ok(*maturity));
        }
        assert!("".parse::<Tier>().is_err());
        assert!("Staff".parse::<Realm>().is_err());
    }

    #[test]
    fn tiers_and_ratings_are_ordered() {
        assert!(Tier::Free < Tier::Premium && Tier::Premium < Tier::Vip);
        assert!(Maturity::Everyone < Maturity::Teen && Maturity::Teen < Maturity::Mature);
    }
}
