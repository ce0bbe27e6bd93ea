//! The metrics of the TURN server: their names, and what the workers count turned into them.

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};
use sluice_turn_proto::Stats;

use crate::socket::Sent;

const ALLOCATIONS: &str = "sluice_turn_allocations";
const ALLOCATED: &str = "sluice_turn_allocations_total";
const STREAMS: &str = "sluice_turn_streams";
const DATAGRAMS: &str = "sluice_turn_datagrams_total";
const BYTES: &str = "sluice_turn_bytes_total";
const DROPPED: &str = "sluice_turn_dropped_total";
const UNPROVEN: &str = "sluice_turn_unauthenticated_total";

/// Explains the metrics to who scrapes them.
pub(crate) fn describe() {
    describe_gauge!(ALLOCATIONS, Unit::Count, "Allocations that there are.");
    describe_counter!(
        ALLOCATED,
        Unit::Count,
        "Allocate requests of known users, by outcome: made, refused (a limit was met), error."
    );
    describe_gauge!(STREAMS, Unit::Count, "TCP and TLS connections of clients.");
    describe_counter!(DATAGRAMS, Unit::Count, "Datagrams relayed, by direction: to_peers, to_clients.");
    describe_counter!(BYTES, Unit::Bytes, "Payload relayed, by direction.");
    describe_counter!(
        DROPPED,
        Unit::Count,
        "What was not relayed, by reason: forbidden, throttled, malformed, refused (by the system or a slow reader)."
    );
    describe_counter!(
        UNPROVEN,
        Unit::Count,
        "Requests of who has not proven who they are, by outcome: answered, silenced, stranger."
    );
}

/// Publishes the counters of one worker. Counters are absolute, so nothing is lost between calls.
#[derive(Debug)]
pub(crate) struct WorkerMetrics {
    worker: String,
}

impl WorkerMetrics {
    pub(crate) fn new(worker: usize) -> Self {
        Self { worker: worker.to_string() }
    }

    pub(crate) fn publish(&self, stats: &Stats, sent: &Sent, streams: usize) {
        let worker = || self.worker.clone();
        gauge!(ALLOCATIONS, "worker" => worker()).set(stats.allocations as f64);
        gauge!(STREAMS, "worker" => worker()).set(streams as f64);
        for (outcome, count) in
            [("made", stats.allocated), ("refused", stats.refused), ("error", stats.errors)]
        {
            counter!(ALLOCATED, "worker" => worker(), "outcome" => outcome).absolute(count);
        }
        for (direction, flowed) in [("to_peers", stats.to_peers), ("to_clients", stats.to_clients)] {
            counter!(DATAGRAMS, "worker" => worker(), "direction" => direction).absolute(flowed.datagrams);
            counter!(BYTES, "worker" => worker(), "direction" => direction).absolute(flowed.bytes);
        }
        for (reason, count) in [
            ("forbidden", stats.forbidden),
            ("throttled", stats.throttled),
            ("malformed", stats.malformed),
            ("refused", sent.refused),
        ] {
            counter!(DROPPED, "worker" => worker(), "reason" => reason).absolute(count);
        }
        for (outcome, count) in
            [("answered", stats.challenges), ("silenced", stats.silenced), ("stranger", stats.strangers)]
        {
            counter!(UNPROVEN, "worker" => worker(), "outcome" => outcome).absolute(count);
        }
    }
}
