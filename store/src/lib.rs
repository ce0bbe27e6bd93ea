//! What Sluice remembers.
