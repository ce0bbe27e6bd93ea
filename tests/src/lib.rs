//! End-to-end tests: the real server, real browsers, real peers.
