//! What every HTTP router of ours shares, so that `signaling`, `api` and `server` answer alike.
//!
//! ```text
//!  request ──▶ with_request_id ──▶ router of signaling or api ──▶ Origin (absolute URLs)
//!                 ▲                           │
//!                 └── request_id ◀── Problem ─┘
//! ```
//!
//! Status codes are not decided here: `signaling::error` and `api::error` choose them. Which proxy
//! is believed is decided further out, in `server`.

pub mod limit;
pub mod origin;
pub mod problem;
pub mod request_id;
pub mod seat;

pub use limit::network;
pub use origin::{InvalidPublicUrl, PublicUrl, caller, origin};
pub use problem::{FieldError, Problem, ProblemBody};
pub use request_id::with_request_id;
pub use seat::{Seat, SeatRef};
