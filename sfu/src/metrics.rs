//! Turns what the workers count into metrics.

use std::time::Duration;

use sluice_sfu_engine::ShardStats;

use crate::socket::Sent;

/// Publishes the counters of one worker. Counters are absolute, so nothing is lost between calls.
#[derive(Debug)]
pub(crate) struct WorkerMetrics {
    worker: String,
    sent: Sent,
    forward: metrics::Histogram,
}

impl WorkerMetrics {
    pub(crate) fn new(worker: usize) -> Self {
        let worker = worker.to_string();
        let forward = metrics::histogram!("sluice_sfu_forward_seconds", "worker" => worker.clone());
        Self { worker, sent: Sent::default(), forward }
    }

    /// One wake-up took this long from reading its datagrams to having sent what they caused.
    pub(crate) fn forwarded(&self, delay: Duration) {
        self.forward.record(delay);
    }

    /// Adds what a send did.
    pub(crate) const fn sent(&mut self, sent: Sent) {
        self.sent.calls += sent.calls;
        self.sent.datagrams += sent.datagrams;
        self.sent.refused += sent.refused;
    }

    /// A stray was handed to another worker, or could not be.
    pub(crate) fn stray(&self, handed: bool) {
        let outcome = if handed { "handed" } else { "dropped" };
        metrics::counter!("sluice_sfu_strays_total", "worker" => self.worker.clone(), "outcome" => outcome)
            .increment(1);
    }

    /// Events for `live` that found its queue full.
    pub(crate) fn event_lost(&self) {
        metrics::counter!("sluice_sfu_events_lost_total", "worker" => self.worker.clone()).increment(1);
    }

    /// Publishes the counters of the shard and of the socket.
    pub(crate) fn publish(&self, stats: &ShardStats) {
        let absolute = |name: &'static str, value: u64| {
            metrics::counter!(name, "worker" => self.worker.clone()).absolute(value);
        };
        absolute("sluice_sfu_datagrams_in_total", stats.datagrams_in);
        absolute("sluice_sfu_datagrams_out_total", self.sent.datagrams);
        absolute("sluice_sfu_send_calls_total", self.sent.calls);
        absolute("sluice_sfu_send_refused_total", self.sent.refused);
        absolute("sluice_sfu_bytes_in_total", stats.bytes_in);
        absolute("sluice_sfu_bytes_out_total", stats.bytes_out);
        absolute("sluice_sfu_packets_in_total", stats.packets_in);
        absolute("sluice_sfu_packets_out_total", stats.packets_out);
        absolute("sluice_sfu_key_frames_asked_total", stats.key_frames_asked);
        absolute("sluice_sfu_key_frames_requested_total", stats.key_frames_requested);
        absolute("sluice_sfu_key_frames_in_total", stats.key_frames_in);
        absolute("sluice_sfu_cache_joins_total", stats.cache_joins);
        absolute("sluice_sfu_layer_switches_total", stats.layer_switches);
        absolute("sluice_sfu_control_invalid_total", stats.control_invalid);
        absolute("sluice_sfu_control_dropped_total", stats.control_dropped);
        for (reason, value) in [
            ("garbage", stats.dropped_garbage),
            ("unknown_user", stats.dropped_unknown_user),
            ("bad_integrity", stats.dropped_bad_integrity),
            ("unknown_address", stats.dropped_unknown_address),
            ("unknown_codec", stats.dropped_unknown_codec),
            ("too_large", stats.dropped_too_large),
        ] {
            metrics::counter!("sluice_sfu_dropped_total", "worker" => self.worker.clone(), "reason" => reason)
                .absolute(value);
        }
        for (name, value) in [
            ("sluice_sfu_peers", stats.peers),
            ("sluice_sfu_publishers", stats.publishers),
            ("sluice_sfu_viewers", stats.viewers),
        ] {
            metrics::gauge!(name, "worker" => self.worker.clone()).set(value as f64);
        }
    }
}
