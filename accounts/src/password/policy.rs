//! What a new password must be like (R14, R15).

use serde::{Deserialize, Serialize};
use sluice_domain::{Email, Handle, Realm};
use thiserror::Error;

use super::common::CommonPasswords;

/// Rules for the passwords of one realm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordPolicy {
    /// Fewest characters.
    pub min_length: usize,
    /// An upper-case letter is needed.
    pub upper: bool,
    /// A lower-case letter is needed.
    pub lower: bool,
    /// A digit is needed.
    pub digit: bool,
    /// A character that is neither letter nor digit is needed.
    pub special: bool,
    /// Days after which it must be changed; `None` is never.
    pub expires_after_days: Option<u32>,
    /// How many earlier passwords must not come back.
    pub history: u32,
}

/// Most characters, whatever the realm. Nobody types more, and hashing reads them all.
pub const MAX_LENGTH: usize = 256;

/// One thing that is wrong with a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordProblem {
    /// Too few characters.
    #[error("the password needs at least {min} characters")]
    TooShort {
        /// How many it needs.
        min: usize,
    },
    /// Too many characters.
    #[error("the password has more than {MAX_LENGTH} characters")]
    TooLong,
    /// No upper-case letter.
    #[error("the password needs an upper-case letter")]
    NeedsUpper,
    /// No lower-case letter.
    #[error("the password needs a lower-case letter")]
    NeedsLower,
    /// No digit.
    #[error("the password needs a digit")]
    NeedsDigit,
    /// No special character.
    #[error("the password needs a character that is neither letter nor digit")]
    NeedsSpecial,
    /// One of the passwords that are tried first.
    #[error("this password is one of the most common ones")]
    TooCommon,
    /// The account's own name.
    #[error("the password is made of the account's own name")]
    OwnName,
    /// It was the account's password before.
    #[error("this password was used before")]
    UsedBefore,
}

impl PasswordProblem {
    /// A stable code, for clients that show a text of their own.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort { .. } => "too_short",
            Self::TooLong => "too_long",
            Self::NeedsUpper => "needs_upper",
            Self::NeedsLower => "needs_lower",
            Self::NeedsDigit => "needs_digit",
            Self::NeedsSpecial => "needs_special",
            Self::TooCommon => "too_common",
            Self::OwnName => "own_name",
            Self::UsedBefore => "used_before",
        }
    }
}

impl PasswordPolicy {
    /// What the requirements say for a realm.
    pub const fn of(realm: Realm) -> Self {
        match realm {
            Realm::Staff => Self {
                min_length: 12,
                upper: true,
                lower: true,
                digit: true,
                special: true,
                expires_after_days: Some(90),
                history: 12,
            },
            Realm::Consumer => Self {
                min_length: 8,
                upper: true,
                lower: true,
                digit: true,
                special: false,
                expires_after_days: None,
                history: 0,
            },
        }
    }

    /// All that is wrong with a new password; empty is good. Whether it was used before is not known here.
    pub fn problems(
        &self,
        password: &str,
        email: &Email,
        handle: &Handle,
        common: &CommonPasswords,
    ) -> Vec<PasswordProblem> {
        let count = password.chars().count();
        let has = |is: fn(char) -> bool| password.chars().any(is);
        let special = |c: char| !c.is_alphanumeric() && !c.is_control();
        let own = |name: &str| is_made_of(password, name);
        let local = email.as_str().split('@').next().unwrap_or_default();
        let checks = [
            (count < self.min_length, PasswordProblem::TooShort { min: self.min_length }),
            (count > MAX_LENGTH, PasswordProblem::TooLong),
            (self.upper && !has(char::is_uppercase), PasswordProblem::NeedsUpper),
            (self.lower && !has(char::is_lowercase), PasswordProblem::NeedsLower),
            (self.digit && !has(char::is_numeric), PasswordProblem::NeedsDigit),
            (self.special && !has(special), PasswordProblem::NeedsSpecial),
            (common.contains(password), PasswordProblem::TooCommon),
            (own(email.as_str()) || own(local) || own(handle.as_str()), PasswordProblem::OwnName),
        ];
        checks.into_iter().filter(|(wrong, _)| *wrong).map(|(_, problem)| problem).collect()
    }
}

/// Whether little is left of a password when a name is taken out of it.
fn is_made_of(password: &str, name: &str) -> bool {
    let (password, name) = (password.to_lowercase(), name.to_lowercase());
    // Names of three letters are in good passwords by chance.
    name.len() >= 4 && password.contains(&name) && password.replacen(&name, "", 1).chars().count() <= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(realm: Realm, password: &str) -> Vec<PasswordProblem> {
        let (email, handle) = ("ann.lee@example.org".parse().unwrap(), "nightowl".parse().unwrap());
        PasswordPolicy::of(realm).problems(password, &email, &handle, &CommonPasswords::embedded())
    }

    // Requirements: R14
    #[test]
    fn staff_needs_twelve_characters_of_four_kinds() {
        use PasswordProblem as P;
        assert_eq!(problems(Realm::Staff, "Blue-Kettle-42"), []);
        assert_eq!(problems(Realm::Staff, "Blue-Kett-4"), [P::TooShort { min: 12 }]);
        assert_eq!(problems(Realm::Staff, "blue-kettle-42"), [P::NeedsUpper]);
        assert_eq!(problems(Realm::Staff, "BLUE-KETTLE-42"), [P::NeedsLower]);
        assert_eq!(problems(Realm::Staff, "Blue-Kettle-xx"), [P::NeedsDigit]);
        assert_eq!(problems(Realm::Staff, "BlueKettle4242"), [P::NeedsSpecial]);
    }

    // Requirements: R15
    #[test]
    fn consumers_need_eight_characters_of_three_kinds() {
        use PasswordProblem as P;
        assert_eq!(problems(Realm::Consumer, "BlueKet4"), []);
        assert_eq!(problems(Realm::Consumer, "BlueKe4"), [P::TooShort { min: 8 }]);
        assert_eq!(problems(Realm::Consumer, "Größe4711"), []);
        assert_eq!(
            problems(Realm::Consumer, ""),
            [P::TooShort { min: 8 }, P::NeedsUpper, P::NeedsLower, P::NeedsDigit]
        );
    }

    // Requirements: R15
    #[test]
    fn a_password_that_is_tried_first_is_refused() {
        for bad in ["Password1", "P@ssw0rd1", "Qwerty123", "Iloveyou2", "Welcome2024"] {
            assert!(problems(Realm::Consumer, bad).contains(&PasswordProblem::TooCommon), "{bad}");
        }
    }

    #[test]
    fn a_password_made_of_the_own_name_is_refused() {
        for bad in ["Nightowl1", "Ann.Lee1", "Ann.Lee@example.org1"] {
            assert!(problems(Realm::Consumer, bad).contains(&PasswordProblem::OwnName), "{bad}");
        }
        assert_eq!(problems(Realm::Consumer, "Nightowl-flies-9-times"), []);
    }

    #[test]
    fn a_password_without_end_is_refused() {
        let long = format!("Aa1{}", "x".repeat(254));
        assert_eq!(problems(Realm::Consumer, &long), [PasswordProblem::TooLong]);
    }
}
