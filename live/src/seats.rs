//! Who has how many sessions: one address or one account shall not take the places of everybody else.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use sluice_domain::AccountId;

use crate::error::LiveError;

/// Counts sessions of viewers and chats by whom they belong to. Publishers are not counted: how many
/// streams an account has live is limited already.
#[derive(Debug, Clone)]
pub(crate) struct Seats {
    /// Most of one address, and of one account; 0 is no limit.
    per_address: u32,
    per_account: u32,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    addresses: HashMap<IpAddr, u32>,
    accounts: HashMap<AccountId, u32>,
}

/// The place of one session, free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    address: Option<IpAddr>,
    account: Option<AccountId>,
    taken: Arc<Mutex<Taken>>,
}

impl Seats {
    /// With these limits; 0 is no limit.
    pub(crate) fn new(per_address: u32, per_account: u32) -> Self {
        Self { per_address, per_account, taken: Arc::default() }
    }

    /// A place for a session of a caller, and of an account where one is signed in. `caller` is the address,
    /// or the network, by which callers are told apart. Programs on this machine are not counted by it: a
    /// proxy there speaks for everybody.
    ///
    /// # Errors
    /// [`LiveError::TooManySessions`] when the address or the account has as many as may be.
    pub(crate) fn take(&self, caller: IpAddr, account: Option<AccountId>) -> Result<Seat, LiveError> {
        let outside = !caller.is_loopback() && !caller.is_unspecified();
        let address = Some(caller).filter(|_| outside && self.per_address > 0);
        let account = account.filter(|_| self.per_account > 0);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if address.is_some_and(|address| taken.addresses.get(&address) >= Some(&self.per_address)) {
            return Err(LiveError::TooManySessions { whose: "address", most: self.per_address });
        }
        if account.is_some_and(|account| taken.accounts.get(&account) >= Some(&self.per_account)) {
            return Err(LiveError::TooManySessions { whose: "account", most: self.per_account });
        }
        if let Some(address) = address {
            *taken.addresses.entry(address).or_default() += 1;
        }
        if let Some(account) = account {
            *taken.accounts.entry(account).or_default() += 1;
        }
        drop(taken);
        Ok(Seat { address, account, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        give_back(&mut taken.addresses, self.address);
        give_back(&mut taken.accounts, self.account);
    }
}

fn give_back<K: Eq + Hash>(counts: &mut HashMap<K, u32>, key: Option<K>) {
    let Some(key) = key else { return };
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn whose(refused: Result<Seat, LiveError>) -> &'static str {
        match refused.map(drop) {
            Err(LiveError::TooManySessions { whose, .. }) => whose,
            other => panic!("{other:?}"),
        }
    }

    // Requirements: R383
    #[test]
    fn an_address_has_its_places_and_takes_none_of_others() {
        let seats = Seats::new(2, 0);
        let first = seats.take(address("192.0.2.1"), None).unwrap();
        let _second = seats.take(address("192.0.2.1"), None).unwrap();
        assert_eq!(whose(seats.take(address("192.0.2.1"), None)), "address");
        let _other = seats.take(address("192.0.2.2"), None).unwrap();
        drop(first);
        let _again = seats.take(address("192.0.2.1"), None).unwrap();
    }

    // Requirements: R383
    #[test]
    fn an_account_has_its_places_wherever_it_comes_from() {
        let seats = Seats::new(1, 2);
        let who = Some(AccountId(Uuid::from_u128(1)));
        let seat = |last: u8| seats.take(IpAddr::from([192, 0, 2, last]), who);
        let (_one, _two) = (seat(1).unwrap(), seat(2).unwrap());
        assert_eq!(whose(seat(3)), "account");
        // Who was refused took no place of the address.
        let _guest = seats.take(address("192.0.2.3"), None).unwrap();
    }

    #[test]
    fn programs_of_this_machine_and_servers_without_limits_count_nobody() {
        let limited = Seats::new(1, 1);
        let _proxied: Vec<Seat> = (0..9).map(|_| limited.take(address("127.0.0.1"), None).unwrap()).collect();
        let open = Seats::new(0, 0);
        let who = Some(AccountId(Uuid::from_u128(1)));
        let _all: Vec<Seat> = (0..9).map(|_| open.take(address("192.0.2.1"), who).unwrap()).collect();
        drop((_proxied, _all));
        for seats in [limited, open] {
            let taken = seats.taken.lock().unwrap();
            assert!(taken.addresses.is_empty() && taken.accounts.is_empty(), "{taken:?}");
        }
    }
}
