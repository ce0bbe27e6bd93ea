//! Times and failures that every check shares.

use std::io;
use std::time::{Duration, Instant};

use sluice_doctor::{Failure, Outcome, PathFacts, Transport};

/// How long one way may take to answer. RFC 8445 gives up later; somebody who waits for a page does not.
pub(super) const PATIENCE: Duration = Duration::from_secs(4);

/// Pauses before a request over UDP is sent again. They take nearly as long as the patience and do not grow: where a
/// fifth of all checks gets lost, four would miss one way in six hundred.
pub(super) const RETRIES: [Duration; 9] = [RETRY; 9];

/// One of them.
pub(super) const RETRY: Duration = Duration::from_millis(400);

/// Milliseconds since then.
pub(super) fn millis_since(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// Fresh bytes that tie an answer to a request.
pub(super) fn transaction() -> [u8; 12] {
    rand::random()
}

/// What an error of the system means for a way.
pub(super) fn failure(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Failure::Refused,
        io::ErrorKind::TimedOut => Failure::NoAnswer,
        io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::AddrNotAvailable => Failure::NoRoute,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Failure::Closed,
        _ => Failure::Other,
    }
}

/// A way that does not work.
pub(super) fn fails(transport: Transport, target: String, failure: Failure) -> PathFacts {
    PathFacts {
        transport,
        target: Some(target),
        outcome: Outcome::Fails,
        failure: Some(failure),
        round_trip_ms: None,
        mapped: None,
    }
}

/// A way that the node does not offer.
pub(super) fn not_offered(transport: Transport) -> PathFacts {
    PathFacts {
        transport,
        target: None,
        outcome: Outcome::NotOffered,
        failure: None,
        round_trip_ms: None,
        mapped: None,
    }
}
