//! The one WebSocket, `/ws`: what happens, told to pages that asked to hear of it.
//!
//! ```text
//!  page ── hello, subscribe ──▶ connection ──▶ Live (who is this? may it hear that?)
//!  page ◀── events ──────────── connection ◀── Listener (bounded; a slow page is cut off)
//! ```
//!
//! A page says who it is in its first message and never in the URL, which ends up in logs. The
//! messages are in `docs/spec/events.md`.

mod connection;
mod message;

use axum::extract::{Extension, State, WebSocketUpgrade};
use axum::response::Response;
use sluice_http::SeatRef;

use crate::Shared;

/// Largest message that is read at all. Larger ones end the connection; those above
/// [`message::MAX_MESSAGE`] are answered with an error.
const MAX_READ: usize = 64 * 1024;

/// What may wait for a page in this process besides what the kernel holds for it.
const MAX_UNSENT: usize = 256 * 1024;

/// `GET /ws`
pub(crate) async fn get(
    State(signaling): State<Shared>,
    seat: Option<Extension<SeatRef>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade =
        upgrade.max_message_size(MAX_READ).max_frame_size(MAX_READ).max_write_buffer_size(MAX_UNSENT);
    // The connection keeps its place among those of its address for as long as it is a WebSocket.
    let seat = seat.and_then(|Extension(seat)| seat.take());
    upgrade.on_upgrade(move |socket| async move {
        connection::run(&signaling.live, socket).await;
        drop(seat);
    })
}
