//! What every HTTP router of ours shares, so that `signaling`, `api` and `server` answer alike.
//!
//! ```text
//!  request ──▶ context (request id, span, metrics) ──▶ router of signaling, api or server
//!                 ▲                                          │
//!                 └── Problem gets its request_id ◀── error ─┘
//! ```
//!
//! Status codes are not decided here: `signaling::error` and `api::error` choose them.

pub mod context;
pub mod origin;
pub mod problem;

pub use context::{RequestId, with_context};
pub use origin::{InvalidPublicUrl, Origins, PublicUrl, TrustedProxies};
pub use problem::{Problem, ProblemBody};
