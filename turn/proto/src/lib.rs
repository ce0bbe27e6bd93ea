//! What a TURN server decides (RFC 8656, with the messages and credentials of RFC 8489).
//!
//! ```text
//!                 Flow, bytes                       RelayId, peer, bytes
//!  client ──▶ Server::handle_client ──▶ Action      Server::handle_peer ◀── peer
//!                 │                                        │
//!                 ├ Answer: bytes for the client           └ bytes for the client of the allocation
//!                 ├ Relay:  payload for a peer
//!                 └ Open:   a ticket; Server::opened takes what became of it
//! ```
//!
//! Sans-IO: datagrams, the passing of time and the sockets of relays come in as arguments; what is to be
//! sent comes out. Payload that is relayed is looked at by two small readers ([`channel`], and the one for
//! Send indications); everything else, which is rare, goes through [`Message`].

mod allocation;
pub mod attribute;
pub mod channel;
mod credentials;
mod limiter;
mod message;
mod nonce;
mod peers;
mod quota;
mod server;
mod stats;
mod write;

pub use attribute::{Family, TransactionId};
pub use credentials::{Key, Secret};
pub use limiter::Limiter;
pub use message::{Class, Malformed, Message, Method};
pub use peers::{PeerRules, Reach};
pub use quota::{Full, Quota};
pub use server::{
    Action, AllocationId, Closed, Even, Flow, Open, Opened, Refusal, RelayId, Server, ServerConfig, Ticket,
    Via,
};
pub use stats::{Flowed, Stats};
pub use write::Writer;
