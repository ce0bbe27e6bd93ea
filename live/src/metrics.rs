//! The metrics of `live`, by name.

use std::collections::BTreeMap;

use sluice_domain::control::BroadcastState;
use sluice_domain::{Action, Codec, MediaKind};

use crate::broadcast::BroadcastStatus;
use crate::state::State;

/// Registers the metrics with their help texts.
pub(crate) fn describe() {
    metrics::describe_gauge!(
        "active_streams_total",
        "Streams that are live now, by quality of the best layer"
    );
    metrics::describe_gauge!("sluice_live_sessions", "WHIP and WHEP sessions, by action");
    metrics::describe_gauge!("sluice_live_viewers", "Connected viewers of all broadcasts");
    metrics::describe_counter!("sluice_live_opened_total", "Answered offers, by action and result");
    metrics::describe_counter!("sluice_live_takeovers_total", "Publishers that returned to their broadcast");
    metrics::describe_counter!("sluice_live_ended_total", "Ended sessions, by action and reason");
    metrics::describe_counter!("sluice_live_gaps_total", "Times that a broadcast lost its publisher");
    metrics::describe_counter!(
        "sluice_live_slow_listeners_total",
        "Listeners of news that were cut off because they did not read"
    );
    metrics::describe_counter!(
        "sluice_live_unwritten_total",
        "Ended broadcasts that could not be written down before newer ones took their place"
    );
    metrics::describe_counter!(
        "sluice_live_playing_total",
        "Requests over HLS, DASH and for recordings, by whether their Grant was believed or asked for"
    );
    metrics::describe_gauge!("sluice_chat_in_use", "Chats that have members, or had a minute ago");
    metrics::describe_gauge!("sluice_chat_members", "Connections that have joined a chat");
    metrics::describe_counter!("sluice_chat_messages_total", "Messages of chats, by what became of them");
    metrics::describe_counter!("sluice_chat_late_total", "Texts that were held because the filter was late");
    metrics::describe_counter!("sluice_chat_slow_members_total", "Members on sockets that did not read");
    metrics::describe_counter!(
        "sluice_chat_dropped_total",
        "Requests and answers of members that found no room"
    );
    metrics::describe_counter!(
        "sluice_chat_unwritten_total",
        "Records of chats that are not written down because the database was away for too long"
    );
    metrics::describe_histogram!("sluice_live_broadcast_seconds", "Length of ended broadcasts");
}

pub(crate) fn opened(action: Action, result: &'static str) {
    metrics::counter!("sluice_live_opened_total", "action" => label(action), "result" => result).increment(1);
}

pub(crate) fn took_over() {
    metrics::counter!("sluice_live_takeovers_total").increment(1);
}

pub(crate) fn ended(action: Action, reason: &'static str) {
    metrics::counter!("sluice_live_ended_total", "action" => label(action), "reason" => reason).increment(1);
}

pub(crate) fn playing(answer: &'static str) {
    metrics::counter!("sluice_live_playing_total", "answer" => answer).increment(1);
}

pub(crate) fn gap() {
    metrics::counter!("sluice_live_gaps_total").increment(1);
}

pub(crate) fn unwritten() {
    metrics::counter!("sluice_live_unwritten_total").increment(1);
}

pub(crate) fn slow_listener() {
    metrics::counter!("sluice_live_slow_listeners_total").increment(1);
}

pub(crate) fn broadcast_ended(micros: i64) {
    metrics::histogram!("sluice_live_broadcast_seconds").record(micros as f64 / 1e6);
}

/// Sets the gauges from the tables.
pub(crate) fn observe(state: &State) {
    let mut qualities: BTreeMap<&'static str, u32> = QUALITIES.iter().map(|name| (*name, 0)).collect();
    let mut viewers = 0;
    for broadcast in state.broadcasts.values() {
        let status = broadcast.status.borrow();
        viewers += status.viewers;
        if status.state == BroadcastState::Live {
            *qualities.entry(quality(&status)).or_default() += 1;
        }
    }
    for (quality, count) in qualities {
        metrics::gauge!("active_streams_total", "quality" => quality).set(count);
    }
    metrics::gauge!("sluice_live_viewers").set(viewers);
    let publishers = state.sessions.values().filter(|session| !session.is_viewer()).count();
    let watching = state.sessions.len() - publishers;
    metrics::gauge!("sluice_live_sessions", "action" => "publish").set(publishers as f64);
    metrics::gauge!("sluice_live_sessions", "action" => "watch").set(watching as f64);
}

const fn label(action: Action) -> &'static str {
    match action {
        Action::Publish => "publish",
        Action::Watch => "watch",
        Action::Chat => "chat",
    }
}

const QUALITIES: [&str; 7] = ["2160p", "1440p", "1080p", "720p", "480p", "low", "audio"];

/// The quality by which people name a stream: the height of its best layer, rounded down.
fn quality(status: &BroadcastStatus) -> &'static str {
    if status.codec.is_none_or(|codec: Codec| codec.kind() == MediaKind::Audio) && status.layers.is_empty() {
        return "audio";
    }
    let sides = |layer: &sluice_domain::LayerInfo| Some(layer.width?.min(layer.height?));
    match status.layers.iter().filter_map(sides).max().unwrap_or(0) {
        2160.. => "2160p",
        1440.. => "1440p",
        1080.. => "1080p",
        720.. => "720p",
        480.. => "480p",
        _ => "low",
    }
}
