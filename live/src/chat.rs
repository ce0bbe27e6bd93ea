//! The chats of streams.

pub mod filter;
