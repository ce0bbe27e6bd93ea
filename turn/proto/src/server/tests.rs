//! The server on simulated time, with clients that speak to it in bytes.

mod abuse;
mod allocating;
mod bench;
mod relaying;
