//! The second factor: time-based one-time passwords (RFC 6238) and backup codes.

use rand::seq::IndexedRandom;
use sluice_domain::Redacted;
use totp_rs::{Algorithm, Builder, Totp};

use crate::secrets::{lookup_hash, random_bytes};

/// Seconds of a step: what every authenticator app uses.
const STEP: u64 = 30;
/// How many backup codes an account gets.
pub const BACKUP_CODES: usize = 10;

/// The secret that an authenticator app shares with us.
#[derive(Clone)]
pub struct TotpSecret(Redacted<[u8; 20]>);

impl TotpSecret {
    /// A new one: 160 bits (RFC 4226 §4).
    pub fn generate() -> Self {
        Self(Redacted::new(random_bytes()))
    }

    /// The one that was sealed.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Redacted::new(bytes)))
    }

    /// What is sealed.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.expose()
    }

    /// The secret as people type it into an app.
    pub fn to_base32(&self) -> Redacted<String> {
        Redacted::new(totp_rs::Secret::from(self.as_bytes().to_vec()).to_base32())
    }

    /// The URL behind the QR code. A colon ends the issuer (the key URI format), so it has none.
    pub fn otpauth_url(&self, issuer: &str, account: &str) -> Redacted<String> {
        let plain = |text: &str| text.replace(':', " ");
        let totp = self.totp(&plain(issuer), &plain(account));
        Redacted::new(totp.to_url().expect("issuer and account have no colon, and the account has a name"))
    }

    /// The step of a code that is right at a time, one step earlier and later included: clocks of phones
    /// are some seconds off, and people type slowly. A code of `last_step` or before was used already.
    pub fn step_of(&self, code: &str, now_ms: i64, last_step: i64) -> Option<i64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let seconds = u64::try_from(now_ms / 1000).ok()?;
        let step = self.totp("Sluice", "account").check(&digits, seconds)?;
        i64::try_from(step).ok().filter(|step| *step > last_step)
    }

    /// The code of a time, as an app shows it.
    pub fn code_at(&self, now_ms: i64) -> String {
        self.totp("Sluice", "account").generate(u64::try_from(now_ms / 1000).unwrap_or_default()).to_string()
    }

    fn totp(&self, issuer: &str, account: &str) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(STEP)
            .with_secret(self.as_bytes().to_vec())
            .with_account_name(account)
            .with_issuer(Some(issuer))
            .build_noncompliant()
    }
}

/// Characters of backup codes: none that look alike.
const CODE_LETTERS: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// Ten new backup codes, as their owner writes them down: `7k2mh-q9xwp`, 49 bits each.
pub fn backup_codes() -> Vec<Redacted<String>> {
    let letter = || char::from(*CODE_LETTERS.choose(&mut rand::rng()).unwrap_or(&b'2'));
    let half = || (0..5).map(|_| letter()).collect::<String>();
    (0..BACKUP_CODES).map(|_| Redacted::new(format!("{}-{}", half(), half()))).collect()
}

/// What is stored of a backup code, however it was typed.
pub fn backup_code_hash(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    lookup_hash(&plain.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the RFC's test vectors (RFC 6238, appendix B).
    fn known() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(known().code_at(seconds * 1000), code);
            assert_eq!(known().step_of(code, seconds * 1000, 0), Some(seconds / 30));
        }
    }

    #[test]
    fn a_clock_may_be_off_by_a_step_and_no_more() {
        let secret = TotpSecret::generate();
        let now = 1_700_000_010_000;
        for (off, accepted) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let code = secret.code_at(now + off * 1000);
            assert_eq!(secret.step_of(&code, now, 0).is_some(), accepted, "{off} s");
        }
    }

    #[test]
    fn a_code_is_taken_once() {
        let secret = TotpSecret::generate();
        let now = 1_700_000_010_000;
        let code = secret.code_at(now);
        let step = secret.step_of(&code, now, 0).unwrap();
        assert_eq!(secret.step_of(&code, now, step), None);
        assert_eq!(
            secret.step_of(&secret.code_at(now - 30_000), now, step),
            None,
            "an older code came after"
        );
        assert!(secret.step_of(&secret.code_at(now + 30_000), now + 30_000, step).is_some());
    }

    #[test]
    fn a_code_may_be_typed_with_a_blank_and_garbage_is_refused() {
        let now = 59_000;
        assert!(known().step_of(" 287 082", now, 0).is_some());
        for bad in ["", "28708", "2870822", "28708a", "２８７０８２", "-87082"] {
            assert_eq!(known().step_of(bad, now, 0), None, "{bad}");
        }
    }

    #[test]
    fn the_url_names_issuer_account_and_secret() {
        let url = known().otpauth_url("Garden: TV", "ann@example.org");
        let url = url.expose();
        assert!(url.starts_with("otpauth://totp/"), "{url}");
        assert!(url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{url}");
        assert!(url.contains("ann%40example.org") && !url.contains("Garden:"), "{url}");
    }

    #[test]
    fn backup_codes_are_ten_different_ones_and_forgive_how_they_are_typed() {
        let mut codes: Vec<_> = backup_codes().iter().map(|code| code.expose().clone()).collect();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), BACKUP_CODES);
        let code = &codes[0];
        assert_eq!(backup_code_hash(code), backup_code_hash(&code.to_uppercase().replace('-', " ")));
        assert_ne!(backup_code_hash(code), backup_code_hash(&codes[1]));
    }
}
