//! How often one address, one account and one API key may ask, and what they are told about it
//! (`RateLimit` and `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers).

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::Quota;
use sluice_accounts::{Identity, Via};
use sluice_http::limit::{Counter, network};
use uuid::Uuid;

use crate::error::ApiError;

/// Requests in a minute; that many may also come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Of one address, or one /64 of IPv6.
    pub address: NonZeroU32,
    /// Of one address, to sign up and in.
    pub sign_in: NonZeroU32,
    /// Of one account, or one API key.
    pub account: NonZeroU32,
}

impl Default for RateLimits {
    /// A page asks about ten things, and a class of thirty shares one address. Passwords are limited
    /// further, by account, in `accounts`.
    fn default() -> Self {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self { address: number(1200), sign_in: number(120), account: number(600) }
    }
}

/// Counts requests.
#[derive(Debug)]
pub(crate) struct Limits {
    address: Bucket<IpAddr>,
    sign_in: Bucket<IpAddr>,
    account: Bucket<Uuid>,
}

impl Limits {
    pub(crate) fn new(limits: RateLimits) -> Self {
        Self {
            address: Bucket::new("address", limits.address),
            sign_in: Bucket::new("sign-in", limits.sign_in),
            account: Bucket::new("account", limits.account),
        }
    }

    pub(crate) fn of_address(&self, address: IpAddr, signs_in: bool) -> Result<Standing, ApiError> {
        let standing = self.address.count(&network(address))?;
        if signs_in { self.sign_in.count(&network(address)) } else { Ok(standing) }
    }

    pub(crate) fn of_identity(&self, identity: &Identity) -> Result<Standing, ApiError> {
        self.account.count(match &identity.via {
            Via::Session(_) => &identity.account.0,
            Via::ApiKey { id, .. } => &id.0,
        })
    }
}

/// How a caller stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    policy: &'static str,
    quota: u32,
    left: u32,
}

impl Standing {
    /// Tells the caller.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        let Self { policy, quota, left } = self;
        let full_in = u64::from(quota.saturating_sub(left)) * 60 / u64::from(quota.max(1));
        let mut insert = |name: &'static str, text: String| {
            let value = HeaderValue::from_str(&text).expect("names and numbers are visible ASCII");
            headers.insert(HeaderName::from_static(name), value);
        };
        insert("ratelimit-policy", format!("\"{policy}\";q={quota};w=60"));
        insert("ratelimit", format!("\"{policy}\";r={left};t={full_in}"));
    }
}

#[derive(Debug)]
struct Bucket<K: Hash + Eq + Clone> {
    policy: &'static str,
    quota: NonZeroU32,
    counter: Counter<K>,
}

impl<K: Hash + Eq + Clone> Bucket<K> {
    fn new(policy: &'static str, quota: NonZeroU32) -> Self {
        Self { policy, quota, counter: Counter::new(Quota::per_minute(quota)) }
    }

    fn count(&self, who: &K) -> Result<Standing, ApiError> {
        match self.counter.count(who) {
            Ok(left) => Ok(Standing { policy: self.policy, quota: self.quota.get(), left }),
            Err(wait) => Err(ApiError::RateLimited(wait.max(Duration::from_secs(1)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Requirements: R385
    #[test]
    fn who_asks_too_often_waits_and_others_do_not() {
        let few = NonZeroU32::new(2).unwrap();
        let limits = Limits::new(RateLimits { address: few, sign_in: NonZeroU32::MIN, account: few });
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        assert_eq!(limits.of_address(one, false).unwrap().left, 1);
        assert!(limits.of_address(one, true).is_ok());
        assert!(matches!(limits.of_address(one, false), Err(ApiError::RateLimited(_))));
        assert!(limits.of_address(other, true).is_ok());
        assert!(matches!(limits.of_address(other, true), Err(ApiError::RateLimited(_))));
    }

    #[test]
    fn the_headers_tell_policy_and_what_is_left() {
        let mut headers = HeaderMap::new();
        Standing { policy: "account", quota: 600, left: 590 }.tell(&mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"account\";q=600;w=60");
        assert_eq!(headers["ratelimit"], "\"account\";r=590;t=1");
    }
}
