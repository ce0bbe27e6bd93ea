//! Downloads and uploads that measure a line: how many at once, how much in a minute.

use std::convert::Infallible;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use futures_util::Stream;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::SignalingError;

/// Most bytes of one download or upload: at 100 Mbit/s two seconds, which is what a measurement needs.
pub(crate) const MOST_BYTES: u32 = 25_000_000;

/// Bytes of one address in a minute, both ways: 13 Mbit/s in the long run, as much as two viewers have.
pub(crate) const MOST_BYTES_A_MINUTE: u32 = 100_000_000;

/// Bytes are counted in these. Each one by itself would be finer than the clock of the limiter.
const UNIT: u32 = 1000;

/// At once from one address, and from all: each may fill a good part of the uplink while it lasts.
const MOST_OF_ONE: usize = 2;

/// See [`MOST_OF_ONE`].
const MOST: usize = 8;

/// A download that is not read keeps its place no longer than this.
const LONGEST: Duration = Duration::from_secs(60);

/// When it is worth to try again where there is no place: most measurements take some seconds.
const RETRY: Duration = Duration::from_secs(5);

/// Entries of the limiter after which addresses that are gone are forgotten.
const SWEEP_AT: usize = 4096;

/// One piece of a download. Larger needs fewer turns, smaller measures slow lines better.
const PIECE: usize = 64 * 1024;

/// Noise, the same for all: it is sent from the middle of nowhere, and nobody may compress it.
static NOISE: LazyLock<Bytes> = LazyLock::new(|| {
    let bytes: Vec<u8> = (0..PIECE).map(|_| rand::random()).collect();
    Bytes::from(bytes)
});

/// Who downloads and uploads, and how much they did.
#[derive(Debug)]
pub(crate) struct Traffic {
    buckets: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
    places: Arc<Mutex<Places>>,
}

#[derive(Debug, Default)]
struct Places {
    next: u64,
    taken: Vec<Taken>,
}

#[derive(Debug)]
struct Taken {
    id: u64,
    caller: IpAddr,
    until: Instant,
}

/// A place; free when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    id: u64,
    places: Arc<Mutex<Places>>,
}

impl Default for Traffic {
    fn default() -> Self {
        let most = NonZeroU32::new(MOST_BYTES_A_MINUTE / UNIT).expect("it is not zero");
        let quota = Quota::per_minute(most);
        Self { buckets: RateLimiter::keyed(quota), clock: DefaultClock::default(), places: Arc::default() }
    }
}

impl Traffic {
    /// Takes a place for a caller.
    pub(super) fn enter(&self, caller: IpAddr, now: Instant) -> Result<Place, SignalingError> {
        let mut places = lock(&self.places);
        places.taken.retain(|taken| taken.until > now);
        let busy = places.taken.len() >= MOST;
        if busy || places.taken.iter().filter(|taken| taken.caller == caller).count() >= MOST_OF_ONE {
            return Err(if busy {
                SignalingError::Busy { wait: RETRY }
            } else {
                SignalingError::RateLimited { wait: RETRY }
            });
        }
        let id = places.next;
        places.next += 1;
        places.taken.push(Taken { id, caller, until: now + LONGEST });
        Ok(Place { id, places: Arc::clone(&self.places) })
    }

    /// Counts bytes of a caller; an error says how long to wait.
    pub(super) fn charge(&self, caller: IpAddr, bytes: u32) -> Result<(), SignalingError> {
        if self.buckets.len() >= SWEEP_AT {
            self.buckets.retain_recent();
        }
        let Some(units) = NonZeroU32::new(bytes.div_ceil(UNIT)) else { return Ok(()) };
        match self.buckets.check_key_n(&caller, units) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => {
                Err(SignalingError::RateLimited { wait: until.wait_time_from(self.clock.now()) })
            }
            Err(_more_than_ever) => Err(SignalingError::TooLarge { limit: MOST_BYTES as usize }),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.places).taken.retain(|taken| taken.id != self.id);
    }
}

fn lock(places: &Mutex<Places>) -> MutexGuard<'_, Places> {
    places.lock().unwrap_or_else(PoisonError::into_inner)
}

/// So many bytes that do not compress. The place is free when they are sent, or nobody wants them any more.
pub(super) fn noise(bytes: u32, place: Place) -> impl Stream<Item = Result<Bytes, Infallible>> {
    futures_util::stream::unfold((bytes as usize, place), |(left, place)| async move {
        let length = left.min(PIECE);
        let piece = NOISE.slice(..length);
        (length > 0).then(|| (Ok(piece), (left - length, place)))
    })
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;

    use super::*;

    fn caller(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn an_address_has_two_places_and_the_node_eight() {
        let (traffic, now) = (Traffic::default(), Instant::now());
        let one = traffic.enter(caller(1), now).unwrap();
        let _two = traffic.enter(caller(1), now).unwrap();
        assert_eq!(traffic.enter(caller(1), now).err(), Some(SignalingError::RateLimited { wait: RETRY }));
        drop(one);
        let mut places = vec![traffic.enter(caller(1), now).unwrap()];
        places.extend((2..8).map(|last| traffic.enter(caller(last), now).unwrap()));
        assert_eq!(traffic.enter(caller(9), now).err(), Some(SignalingError::Busy { wait: RETRY }));
        // Those who do not read what they asked for keep nobody out for longer than a minute.
        traffic.enter(caller(9), now + LONGEST).unwrap();
    }

    #[test]
    fn an_address_has_a_hundred_megabytes_a_minute() {
        let traffic = Traffic::default();
        for _ in 0..4 {
            traffic.charge(caller(1), MOST_BYTES).unwrap();
        }
        let refused = traffic.charge(caller(1), MOST_BYTES);
        assert!(
            matches!(refused, Err(SignalingError::RateLimited { wait }) if wait > Duration::from_secs(10))
        );
        traffic.charge(caller(2), 1).unwrap();
        traffic.charge(caller(1), 0).unwrap();
    }

    #[tokio::test]
    async fn noise_has_the_length_that_was_asked_for_and_gives_its_place_back() {
        let traffic = Traffic::default();
        for bytes in [1, 65_536, 65_537, 1_000_000] {
            let place = traffic.enter(caller(1), Instant::now()).unwrap();
            let pieces: Vec<Bytes> = noise(bytes, place).map(|piece| piece.unwrap()).collect().await;
            assert_eq!(pieces.iter().map(Bytes::len).sum::<usize>(), bytes as usize);
        }
        assert!(lock(&traffic.places).taken.is_empty());
    }
}
