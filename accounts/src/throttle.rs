//! Slowing down who guesses, without locking out who is guessed at.
//!
//! Failures are counted for an address, and for an account as seen from one place: the device, if it shows
//! that it has signed in to the account before, or else the address. A stranger who fails at
//! somebody's account therefore slows himself down and nobody else: the owner comes from another place, and a
//! known device does not even suffer from its own address. There is no count for the account alone, since
//! whoever could fill it would have a switch to lock its owner out; what guessing from very many addresses
//! can find is left to the password rules, which refuse the common ones.
//!
//! All memory is bounded. What falls out when it is full is a count of failures, never a refusal of others.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use sluice_domain::AccountId;

use crate::clock::{DAY, HOUR, MINUTE, SECOND};

/// What an address counts as: a /24 of IPv4, a /48 of IPv6. That is what one customer of a provider can
/// change at will; wider would make neighbours of strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & !0xff)),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 80 << 80)),
        })
    }
}

/// Where a sign-in comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Nobody has shown to be known.
    Network(Network),
    /// A device that has signed in to the account before.
    Device(String),
}

/// Something that is limited by how often it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limited {
    /// Failed sign-ins from a network, at whatever accounts.
    SignInFrom,
    /// New accounts from a network.
    SignUp,
    /// Mails asked for from a network.
    MailFrom,
    /// Mails asked for to one recipient.
    MailTo,
    /// Codes tried for one sign-in.
    SecondFactor,
    /// Attempts with one-time and refresh tokens from a network.
    Token,
    /// Attempts with passwords and codes by one who is signed in.
    Confirm,
    /// Attempts at the password of a stream from a network.
    StreamPassword,
}

impl Limited {
    /// How many at once, and how long until one more is free.
    const fn allowance(self) -> (i64, i64) {
        match self {
            // A school has one address and mistypes all day. A guesser has 2,880 tries a day at all accounts
            // together, and far fewer at each of them.
            Self::SignInFrom => (30, 30 * SECOND),
            // An evening class signs up together; a bot wants thousands.
            Self::SignUp => (20, 3 * MINUTE),
            Self::MailFrom => (20, 3 * MINUTE),
            // Nobody should find more in his mailbox because a stranger typed his address.
            Self::MailTo => (4, 20 * MINUTE),
            // 10^6 codes, three valid at a time: five tries a challenge, whose password was right before.
            Self::SecondFactor => (5, 10 * MINUTE),
            // Tokens of 256 bits cannot be guessed; this only keeps the database from being asked. A thousand
            // people behind one address refresh twice a second.
            Self::Token => (600, 50),
            Self::Confirm => (10, MINUTE),
            Self::StreamPassword => (30, 5 * SECOND),
        }
    }
}

/// Counts failures and events. All methods take the time.
pub struct Throttle {
    pairs: Mutex<Bounded<(AccountKey, Origin), Failures>>,
    events: Mutex<Bounded<(Limited, String), i64>>,
}

/// An account, or what was typed where there is none, so that both are slowed down alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AccountKey {
    /// An account.
    Known(AccountId),
    /// The hash of an email address without an account.
    Unknown(String),
}

#[derive(Debug, Clone, Copy, Default)]
struct Failures {
    count: u32,
    last_ms: i64,
}

/// Failures at one account from one place before the first delay: people mistype, and try older passwords.
const FREE_AT_ACCOUNT: u32 = 5;
/// Longest delay. It bounds a guesser to a hundred tries a day; more would punish who shares his network.
const MAX_DELAY: i64 = 15 * MINUTE;
/// Failures are forgotten after so long without another one.
const FORGOTTEN_AFTER: i64 = DAY;

impl Default for Throttle {
    fn default() -> Self {
        Self::new(MAX_ENTRIES)
    }
}

/// Entries of each kind and generation; about 100 bytes each.
const MAX_ENTRIES: usize = 50_000;

impl Throttle {
    /// Remembers at most this many entries of each kind and generation.
    pub fn new(max_entries: usize) -> Self {
        Self { pairs: Mutex::new(Bounded::new(max_entries)), events: Mutex::new(Bounded::new(max_entries)) }
    }

    /// Whether a sign-in may be tried now, or in how many milliseconds. It counts as a failure until
    /// [`Throttle::succeeded`] says otherwise, so that parallel tries do not share one free attempt.
    pub fn try_sign_in(
        &self,
        account: &AccountKey,
        origin: &Origin,
        network: Network,
        now_ms: i64,
    ) -> Result<(), i64> {
        let known_device = matches!(origin, Origin::Device(_));
        let mut pairs = self.pairs.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = pairs.entry((account.clone(), origin.clone()), now_ms);
        wait(pair, now_ms)?;
        if !known_device {
            self.allow(Limited::SignInFrom, &format!("{network:?}"), now_ms)?;
        }
        pair.add(now_ms);
        Ok(())
    }

    /// Takes the attempt back. The network keeps its other failures: who owns one account must not wash
    /// away what he tries at others.
    pub fn succeeded(&self, account: &AccountKey, origin: &Origin, network: Network, now_ms: i64) {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner).remove(&(account.clone(), origin.clone()));
        if matches!(origin, Origin::Network(_)) {
            let (_, interval) = Limited::SignInFrom.allowance();
            let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            *events.entry((Limited::SignInFrom, format!("{network:?}")), now_ms) -= interval;
        }
    }

    /// Counts one event, or says in how many milliseconds it would be allowed.
    pub fn allow(&self, what: Limited, who: &str, now_ms: i64) -> Result<(), i64> {
        let (burst, interval) = what.allowance();
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        // The time at which all allowance would be back (GCRA): one number a limit.
        let full_at = events.entry((what, who.to_owned()), now_ms);
        let next = (*full_at).max(now_ms) + interval;
        let wait = next - now_ms - burst * interval;
        if wait > 0 {
            return Err(wait);
        }
        *full_at = next;
        Ok(())
    }
}

impl Failures {
    fn add(&mut self, now_ms: i64) {
        if now_ms - self.last_ms > FORGOTTEN_AFTER {
            self.count = 0;
        }
        self.count = self.count.saturating_add(1);
        self.last_ms = now_ms;
    }
}

/// The delay doubles from one second on.
fn wait(failures: &Failures, now_ms: i64) -> Result<(), i64> {
    if failures.count < FREE_AT_ACCOUNT || now_ms - failures.last_ms > FORGOTTEN_AFTER {
        return Ok(());
    }
    let doublings = (failures.count - FREE_AT_ACCOUNT).min(20);
    let delay = (SECOND << doublings).min(MAX_DELAY);
    let left = failures.last_ms + delay - now_ms;
    // A clock that was set back must not make a delay longer than the longest.
    if left > 0 { Err(left.min(MAX_DELAY)) } else { Ok(()) }
}

/// A map of two generations. When the young one is full or old, it becomes the old one, and what was in the
/// old one and never looked at since is forgotten.
struct Bounded<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    max: usize,
    turned_ms: i64,
}

/// A generation lives at least so long, unless it is full.
const GENERATION: i64 = 24 * HOUR;

impl<K: Eq + Hash + Clone, V: Default> Bounded<K, V> {
    fn new(max: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), max, turned_ms: 0 }
    }

    fn entry(&mut self, key: K, now_ms: i64) -> &mut V {
        let full = self.young.len() >= self.max && !self.young.contains_key(&key);
        if full || now_ms - self.turned_ms > GENERATION {
            self.old = std::mem::take(&mut self.young);
            self.turned_ms = now_ms;
        }
        let old = self.old.remove(&key);
        self.young.entry(key).or_insert_with(|| old.unwrap_or_default())
    }

    fn remove(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    fn account(number: u128) -> AccountKey {
        AccountKey::Known(AccountId(uuid::Uuid::from_u128(number)))
    }

    fn network(text: &str) -> Network {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn guesses_from_one_place_get_slower_and_slower() {
        let throttle = Throttle::default();
        let (home, net) = (Origin::Network(network("192.0.2.1")), network("192.0.2.1"));
        let mut now = NOW;
        for _ in 0..5 {
            assert_eq!(throttle.try_sign_in(&account(1), &home, net, now), Ok(()));
        }
        let mut delays = Vec::new();
        for _ in 0..13 {
            let wait = throttle.try_sign_in(&account(1), &home, net, now).unwrap_err();
            delays.push(wait / SECOND);
            now += wait;
            assert_eq!(throttle.try_sign_in(&account(1), &home, net, now), Ok(()));
        }
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
        assert_eq!(throttle.try_sign_in(&account(1), &home, net, now + 2 * DAY), Ok(()), "never forgotten");
    }

    #[test]
    fn a_stranger_does_not_slow_the_owner_down() {
        let throttle = Throttle::default();
        let stranger = network("198.51.100.7");
        while throttle.try_sign_in(&account(1), &Origin::Network(stranger), stranger, NOW).is_ok() {}
        let home = network("192.0.2.1");
        assert_eq!(throttle.try_sign_in(&account(1), &Origin::Network(home), home, NOW), Ok(()));
    }

    #[test]
    fn a_known_device_is_not_slowed_by_a_stranger_in_its_own_network() {
        let throttle = Throttle::default();
        let cafe = network("192.0.2.1");
        for other in 0..100 {
            let _ = throttle.try_sign_in(&account(other), &Origin::Network(cafe), cafe, NOW);
        }
        assert!(throttle.try_sign_in(&account(1), &Origin::Network(cafe), cafe, NOW).is_err());
        let phone = Origin::Device("phone".to_owned());
        assert_eq!(throttle.try_sign_in(&account(1), &phone, cafe, NOW), Ok(()));
    }

    #[test]
    fn who_tries_many_accounts_is_slowed_even_if_one_of_them_is_his() {
        let throttle = Throttle::default();
        let net = network("192.0.2.1");
        let place = Origin::Network(net);
        for other in 0..30 {
            assert_eq!(throttle.try_sign_in(&account(other), &place, net, NOW), Ok(()), "{other}");
        }
        assert!(throttle.try_sign_in(&account(99), &place, net, NOW).is_err());
        throttle.succeeded(&account(29), &place, net, NOW);
        assert!(throttle.try_sign_in(&account(98), &place, net, NOW).is_ok(), "a right password counted");
        assert!(throttle.try_sign_in(&account(97), &place, net, NOW).is_err(), "failures were washed away");
    }

    #[test]
    fn addresses_of_one_customer_count_as_one() {
        assert_eq!(network("192.0.2.1"), network("192.0.2.200"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.9"));
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:ffff::1"));
        assert_ne!(network("2001:db8:1::"), network("2001:db8:2::"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
    }

    #[test]
    fn an_allowance_comes_back_with_time() {
        let throttle = Throttle::default();
        for _ in 0..4 {
            assert_eq!(throttle.allow(Limited::MailTo, "ann", NOW), Ok(()));
        }
        let wait = throttle.allow(Limited::MailTo, "ann", NOW).unwrap_err();
        assert_eq!(wait, 20 * MINUTE);
        assert_eq!(throttle.allow(Limited::MailTo, "bob", NOW), Ok(()), "one is limited by another");
        assert_eq!(throttle.allow(Limited::MailTo, "ann", NOW + wait), Ok(()));
        assert!(throttle.allow(Limited::MailTo, "ann", NOW + wait).is_err());
    }

    #[test]
    fn memory_has_an_end() {
        let throttle = Throttle::new(100);
        let net = network("192.0.2.1");
        for number in 0..10_000 {
            let device = Origin::Device(number.to_string());
            assert_eq!(throttle.try_sign_in(&account(number), &device, net, NOW), Ok(()));
        }
        let pairs = throttle.pairs.lock().unwrap();
        assert!(pairs.young.len() <= 100 && pairs.old.len() <= 100);
    }
}
