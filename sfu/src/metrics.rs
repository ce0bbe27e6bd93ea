//! Turns what the workers count into metrics.

use sluice_sfu_engine::ShardStats;
use sluice_sfu_engine::counts::{BUCKETS, Counts};

use crate::load::Load;
use crate::socket::Sent;
use crate::tcp::TcpCounts;

/// Publishes the counters of one worker. Counters are absolute, so nothing is lost between calls.
#[derive(Debug)]
pub(crate) struct WorkerMetrics {
    worker: String,
    /// What the sockets did.
    pub(crate) sent: Sent,
    forward: Published,
    joins: Published,
    estimates: Published,
    chat: Published,
    /// Strays handed over, and those that found no room.
    strays: (u64, u64),
    /// Datagrams that a relay took, and those that it did not.
    relayed: (u64, u64),
}

/// A histogram that is filled from counts.
#[derive(Debug)]
struct Published {
    histogram: metrics::Histogram,
    /// What one of the numbers counted is in the unit of the histogram.
    unit: f64,
    /// Counts that are published already.
    counts: [u64; BUCKETS],
}

impl Published {
    const fn new(histogram: metrics::Histogram, unit: f64) -> Self {
        Self { histogram, unit, counts: [0; BUCKETS] }
    }

    fn publish(&mut self, counts: &Counts) {
        for (bucket, (count, published)) in counts.counts().iter().zip(&mut self.counts).enumerate() {
            let new = usize::try_from(*count - std::mem::replace(published, *count)).unwrap_or(0);
            if new > 0 {
                self.histogram.record_many(Counts::middle(bucket) * self.unit, new);
            }
        }
    }
}

impl WorkerMetrics {
    pub(crate) fn new(worker: usize) -> Self {
        let worker = worker.to_string();
        let histogram = |name: &'static str| metrics::histogram!(name, "worker" => worker.clone());
        let forward = Published::new(histogram("sluice_sfu_forward_seconds"), 1e-6);
        let joins = Published::new(histogram("sluice_sfu_join_seconds"), 1e-6);
        let estimates = Published::new(histogram("sluice_sfu_estimate_bits"), 1e3);
        let chat = Published::new(histogram("sluice_sfu_chat_delivery_seconds"), 1e-6);
        Self {
            worker,
            sent: Sent::default(),
            forward,
            joins,
            estimates,
            chat,
            strays: (0, 0),
            relayed: (0, 0),
        }
    }

    /// A stray was handed to another worker, or could not be.
    pub(crate) const fn stray(&mut self, handed: bool) {
        if handed { self.strays.0 += 1 } else { self.strays.1 += 1 }
    }

    /// Datagrams for a relayed address were taken, or were not.
    pub(crate) const fn relayed(&mut self, datagrams: u64, taken: bool) {
        if taken { self.relayed.0 += datagrams } else { self.relayed.1 += datagrams }
    }

    /// Events for `live` that found its queue full.
    pub(crate) fn event_lost(&self) {
        metrics::counter!("sluice_sfu_events_lost_total", "worker" => self.worker.clone()).increment(1);
    }

    /// Publishes the counters of the shard and of the socket.
    pub(crate) fn publish(
        &mut self,
        stats: &ShardStats,
        load: &Load,
        (connections, tcp): (usize, TcpCounts),
    ) {
        self.forward.publish(&stats.forward);
        self.joins.publish(&stats.joins);
        self.estimates.publish(&stats.estimates);
        self.chat.publish(&stats.chat_delivery);
        // Of the thread that publishes, which is the worker's.
        let used = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        let seconds = used.tv_sec as f64 + used.tv_nsec as f64 / 1e9;
        metrics::gauge!("sluice_sfu_cpu_seconds", "worker" => self.worker.clone()).set(seconds);
        let absolute = |name: &'static str, value: u64| {
            metrics::counter!(name, "worker" => self.worker.clone()).absolute(value);
        };
        absolute("sluice_sfu_datagrams_in_total", stats.datagrams_in);
        absolute("sluice_sfu_datagrams_out_total", self.sent.datagrams);
        absolute("sluice_sfu_send_calls_total", self.sent.calls);
        absolute("sluice_sfu_send_refused_total", self.sent.refused);
        absolute("sluice_sfu_gso_fallbacks_total", self.sent.fallbacks);
        absolute("sluice_sfu_bytes_in_total", stats.bytes_in);
        absolute("sluice_sfu_bytes_out_total", stats.bytes_out);
        absolute("sluice_sfu_moves_total", stats.moves);
        absolute("sluice_sfu_tcp_accepted_total", tcp.accepted);
        absolute("sluice_sfu_tcp_handed_total", tcp.handed);
        absolute("sluice_sfu_tcp_dropped_total", tcp.dropped);
        absolute("sluice_sfu_packets_in_total", stats.packets_in);
        absolute("sluice_sfu_packets_out_total", stats.packets_out);
        absolute("sluice_sfu_relay_out_total", stats.relay_out);
        absolute("sluice_sfu_relay_in_total", stats.relay_in);
        absolute("sluice_sfu_relay_refused_total", stats.relay_refused);
        absolute("sluice_sfu_tap_packets_total", stats.tap_packets);
        absolute("sluice_sfu_tap_dropped_total", stats.tap_dropped);
        absolute("sluice_sfu_tap_key_frames_asked_total", stats.tap_key_frames_asked);
        absolute("sluice_sfu_rounds_total", stats.rounds);
        absolute("sluice_sfu_turns_total", stats.turns);
        absolute("sluice_sfu_repairs_total", stats.repairs);
        absolute("sluice_sfu_repairs_refused_total", stats.repairs_refused);
        absolute("sluice_sfu_padding_bytes_total", stats.padding_bytes);
        absolute("sluice_sfu_key_frames_asked_total", stats.key_frames_asked);
        absolute("sluice_sfu_key_frames_requested_total", stats.key_frames_requested);
        absolute("sluice_sfu_key_frames_in_total", stats.key_frames_in);
        absolute("sluice_sfu_cache_joins_total", stats.cache_joins);
        absolute("sluice_sfu_layer_switches_total", stats.layer_switches);
        absolute("sluice_sfu_control_invalid_total", stats.control_invalid);
        absolute("sluice_sfu_control_dropped_total", stats.control_dropped);
        absolute("sluice_sfu_chat_in_total", stats.chat_in);
        absolute("sluice_sfu_chat_out_total", stats.chat_out);
        absolute("sluice_sfu_chat_turns_total", stats.chat_turns);
        absolute("sluice_sfu_channels_refused_total", stats.channels_refused);
        absolute("sluice_sfu_echoed_total", stats.echoed);
        absolute("sluice_sfu_echo_dropped_total", stats.echo_dropped);
        for (reason, value) in [
            ("rate", stats.chat_refused_rate),
            ("size", stats.chat_refused_size),
            ("malformed", stats.chat_refused_malformed),
            ("silent", stats.chat_refused_silent),
            ("busy", stats.chat_unheard),
            ("too_long", stats.chat_untold),
        ] {
            metrics::counter!("sluice_sfu_chat_refused_total", "worker" => self.worker.clone(), "reason" => reason)
                .absolute(value);
        }
        for (reason, value) in
            [("slow", stats.chat_cut_slow), ("flood", stats.chat_cut_flood), ("flapping", stats.chat_flapped)]
        {
            metrics::counter!("sluice_sfu_chat_cut_total", "worker" => self.worker.clone(), "reason" => reason)
                .absolute(value);
        }
        for (reason, value) in [
            ("garbage", stats.dropped_garbage),
            ("over_budget", stats.dropped_over_budget),
            ("unknown_user", stats.dropped_unknown_user),
            ("bad_integrity", stats.dropped_bad_integrity),
            ("unknown_address", stats.dropped_unknown_address),
            ("unknown_codec", stats.dropped_unknown_codec),
            ("too_large", stats.dropped_too_large),
            ("forged", stats.dropped_forged),
            ("relay", stats.relay_dropped),
            ("late", stats.dropped_late),
        ] {
            metrics::counter!("sluice_sfu_dropped_total", "worker" => self.worker.clone(), "reason" => reason)
                .absolute(value);
        }
        for (reason, value) in
            [("crowded", tcp.crowded), ("strange", tcp.strange), ("silent", tcp.silent), ("stuck", tcp.stuck)]
        {
            metrics::counter!("sluice_sfu_tcp_closed_total", "worker" => self.worker.clone(), "reason" => reason)
                .absolute(value);
        }
        for (name, outcomes, (done, not)) in [
            ("sluice_sfu_strays_total", ["handed", "dropped"], self.strays),
            ("sluice_sfu_relayed_total", ["taken", "dropped"], self.relayed),
        ] {
            for (outcome, value) in outcomes.into_iter().zip([done, not]) {
                metrics::counter!(name, "worker" => self.worker.clone(), "outcome" => outcome)
                    .absolute(value);
            }
        }
        for (what, value) in
            [("layer", stats.shed_layers), ("video", stats.shed_video), ("audio", stats.shed_audio)]
        {
            metrics::counter!("sluice_sfu_shed_total", "worker" => self.worker.clone(), "what" => what)
                .absolute(value);
        }
        metrics::gauge!("sluice_sfu_load_ratio", "worker" => self.worker.clone()).set(load.busy());
        metrics::gauge!("sluice_sfu_lag_seconds", "worker" => self.worker.clone())
            .set(load.lag().as_secs_f64());
        for (name, value) in [
            ("sluice_sfu_peers", stats.peers),
            ("sluice_sfu_publishers", stats.publishers),
            ("sluice_sfu_viewers", stats.viewers),
            ("sluice_sfu_tcp_connections", connections as u64),
            ("sluice_sfu_chat_members", stats.chat_members),
            ("sluice_sfu_taps", stats.taps),
        ] {
            metrics::gauge!(name, "worker" => self.worker.clone()).set(value as f64);
        }
    }
}
