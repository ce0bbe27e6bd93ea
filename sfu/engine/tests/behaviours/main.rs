//! What the engine does, seen from outside: real str0m peers around one shard, on simulated time.
//! One file a group of behaviours.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod chat;
mod control;
mod echo;
mod extensions;
mod hostile;
mod ice;
mod join;
mod layers;
mod lifecycle;
mod loss;
mod mirrors;
mod offers;
mod overload;
mod paths;
mod protocol;
mod rounds;
mod sending;
mod sim;
mod switches;
mod taps;
mod tracks;
