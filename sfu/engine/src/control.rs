//! The data channel `sluice-control`: clock probes, wishes, layers, state.

use sluice_domain::MediaTime;
use sluice_domain::control::{ControlEvent, ControlRequest, MAX_CONTROL_BYTES};

use crate::peer::Peer;
use crate::stats::ShardStats;

/// Reads a message. `None` for what is too long, no JSON or of a type that we do not know.
pub fn decode(bytes: &[u8]) -> Option<ControlRequest> {
    if bytes.len() > MAX_CONTROL_BYTES {
        return None;
    }
    serde_json::from_slice(bytes).ok()
}

/// Sends a message to a peer that has the channel; counts where its buffer is full.
pub fn send(peer: &mut Peer, event: &ControlEvent, stats: &mut ShardStats) {
    if !peer.has_control() {
        return;
    }
    let text = serde_json::to_string(event).expect("control events are plain data");
    if !peer.send_control(&text) {
        stats.control_dropped += 1;
    }
}

/// The answer to a clock probe.
pub const fn pong(id: u32, sent: f64, server_time: MediaTime) -> ControlEvent {
    ControlEvent::Pong { id, sent, server_time }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_request_is_not_read() {
        let long = format!(r#"{{"type":"select","rid":"{}"}}"#, "x".repeat(MAX_CONTROL_BYTES));
        for bad in ["", "null", "[]", "{}", r#"{"type":"nonsense"}"#, r#"{"type":"ping"}"#, &long] {
            assert_eq!(decode(bad.as_bytes()), None, "{bad:.40}");
        }
        assert_eq!(decode(&[0xff; 10]), None);
    }

    #[test]
    fn a_request_is_read() {
        let select = decode(br#"{"type":"select"}"#);
        assert_eq!(select, Some(ControlRequest::Select { rid: None }));
        let viewport = decode(br#"{"type":"viewport","width":1,"height":2,"visible":true,"new":1}"#);
        assert_eq!(viewport, Some(ControlRequest::Viewport { width: 1, height: 2, visible: true }));
    }
}
