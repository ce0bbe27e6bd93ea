//! What the engine does, seen from outside: real str0m peers around one shard, on simulated time.
//! One file a group of behaviours.

mod control;
mod extensions;
mod hostile;
mod ice;
mod join;
mod layers;
mod lifecycle;
mod loss;
mod protocol;
