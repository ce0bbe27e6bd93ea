//! Limits how often one address may change something (W41).

use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::Shared;
use crate::config::RateLimit;
use crate::error::SignalingError;

/// After how many checks addresses that have not come back are forgotten. Fewer would sweep the
/// table for nothing, more would let it grow by that many addresses.
const SWEEP_EVERY: u32 = 4096;

/// Counts changing requests by address.
#[derive(Debug)]
pub(crate) struct Limiter {
    buckets: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
    checks: AtomicU32,
}

impl Limiter {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let quota = Quota::per_second(limit.per_second).allow_burst(limit.burst);
        Self { buckets: RateLimiter::keyed(quota), clock: DefaultClock::default(), checks: AtomicU32::new(0) }
    }

    /// Counts a request; an error says how long to wait.
    fn check(&self, address: IpAddr) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.buckets.retain_recent();
        }
        let refused = self.buckets.check_key(&network(address)).err();
        refused.map_or(Ok(()), |until| Err(until.wait_time_from(self.clock.now())))
    }
}

/// An IPv6 caller owns a whole /64 and could take a new address for every request.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

/// Whether OPTIONS asks what is only for who may publish or watch: keys must not be guessed by it either.
pub(crate) fn shows_credential(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(AUTHORIZATION)
}

/// Refuses POST, PATCH, DELETE and OPTIONS with a credential of an address that makes too many.
pub(crate) async fn limit(State(signaling): State<Shared>, request: Request, next: Next) -> Response {
    let method = request.method();
    let changes = matches!(*method, Method::POST | Method::PATCH | Method::DELETE)
        || shows_credential(method, request.headers());
    if let Some(limiter) = signaling.limiter.as_ref().filter(|_| changes) {
        let caller = sluice_http::caller(request.extensions());
        if let Err(wait) = limiter.check(caller) {
            metrics::counter!("sluice_signaling_limited_total").increment(1);
            return SignalingError::RateLimited { wait }.into_response();
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_callers_are_counted_by_their_network() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }
}
