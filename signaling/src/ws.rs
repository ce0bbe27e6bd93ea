//! The one WebSocket, `/ws`: what happens, told to pages that asked to hear of it.
//!
//! ```text
//!  page ── hello, subscribe ──▶ connection ──▶ Live (who is this? may it hear that?)
//!  page ◀── events ──────────── connection ◀── Listener (bounded; a slow page is cut off)
//!       ◀── what is said ─────             ◀── ChatSocket (bounded; a slow member is put out)
//! ```
//!
//! A page says who it is in its first message and never in the URL, which ends up in logs. The
//! messages are in `docs/spec/events.md`, those of chats in `docs/spec/chat.md`.

mod chat;
mod connection;
mod message;

use axum::extract::{Extension, State, WebSocketUpgrade};
use axum::http::request::Parts;
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
    parts: Parts,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade =
        upgrade.max_message_size(MAX_READ).max_frame_size(MAX_READ).max_write_buffer_size(MAX_UNSENT);
    let address = sluice_http::caller(&parts.extensions);
    // The connection keeps its place among those of its address for as long as it is a WebSocket.
    let seat = seat.and_then(|Extension(seat)| seat.take());
    upgrade.on_upgrade(move |socket| async move {
        connection::run(&signaling.live, socket, address).await;
        drop(seat);
    })
}
