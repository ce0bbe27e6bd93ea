//! The place of a connection among those that may be open at once.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Weak};

/// Holds the place until it is dropped.
#[derive(Clone)]
pub struct Seat(Arc<dyn Any + Send + Sync>);

/// Travels with each request of the connection, in its extensions. Whoever takes the connection over
/// (a WebSocket) keeps the place by [`SeatRef::take`]; it would be free as soon as HTTP is done.
#[derive(Clone)]
pub struct SeatRef(Weak<dyn Any + Send + Sync>);

impl Seat {
    /// A place that gives back what `held` holds when it is dropped.
    pub fn new(held: impl Any + Send + Sync) -> Self {
        Self(Arc::new(held))
    }

    /// For the extensions of requests.
    pub fn downgrade(&self) -> SeatRef {
        SeatRef(Arc::downgrade(&self.0))
    }
}

impl SeatRef {
    /// Keeps the place; `None` once the connection has ended.
    pub fn take(&self) -> Option<Seat> {
        self.0.upgrade().map(Seat)
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seat")
    }
}

impl fmt::Debug for SeatRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeatRef")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_is_free_once_nobody_keeps_it() {
        let held = Arc::new(());
        let seat = Seat::new(Arc::clone(&held));
        let reference = seat.downgrade();
        let taken = reference.take().unwrap();
        drop(seat);
        assert_eq!(Arc::strong_count(&held), 2);
        drop(taken);
        assert_eq!(Arc::strong_count(&held), 1);
        assert!(reference.take().is_none());
    }
}
