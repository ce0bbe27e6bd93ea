//! The Prometheus recorder, the names of the server's own metrics, and what the process uses.

mod process;

use std::time::Duration;

use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

/// Every metric that this crate writes. Other crates describe their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metric {
    /// Requests answered, by method, endpoint and status.
    HttpRequests,
    /// From the head of a request to the head of its answer, by endpoint.
    HttpRequestDuration,
    /// Open HTTP connections.
    HttpConnections,
    /// HTTP connections closed unanswered, by reason.
    HttpConnectionsRefused,
    /// TLS handshakes, by result.
    TlsHandshakes,
    /// When the certificate in use ends.
    TlsCertificateExpiry,
    /// 1, with the version as a label.
    BuildInfo,
    /// Processor time used since the start.
    ProcessCpu,
    /// Resident memory.
    ProcessMemory,
    /// Open file descriptors.
    ProcessOpenFds,
    /// File descriptors that may be open.
    ProcessMaxFds,
    /// When the process started.
    ProcessStart,
    /// Bytes received by all network interfaces.
    NetworkReceived,
    /// Bytes sent by all network interfaces.
    NetworkSent,
    /// UDP datagrams that found no room where they were to be received.
    UdpNoRoom,
}

impl Metric {
    /// Its name in `/metrics`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::HttpRequests => "http_requests_total",
            Self::HttpRequestDuration => "http_request_duration_seconds",
            Self::HttpConnections => "http_connections",
            Self::HttpConnectionsRefused => "http_connections_refused_total",
            Self::TlsHandshakes => "http_tls_handshakes_total",
            Self::TlsCertificateExpiry => "http_tls_certificate_expiry_seconds",
            Self::BuildInfo => "sluice_build_info",
            Self::ProcessCpu => "process_cpu_seconds_total",
            Self::ProcessMemory => "process_resident_memory_bytes",
            Self::ProcessOpenFds => "process_open_fds",
            Self::ProcessMaxFds => "process_max_fds",
            Self::ProcessStart => "process_start_time_seconds",
            Self::NetworkReceived => "node_network_receive_bytes_total",
            Self::NetworkSent => "node_network_transmit_bytes_total",
            Self::UdpNoRoom => "sluice_udp_receive_dropped_total",
        }
    }
}

/// A page takes milliseconds; the tail shows a stalled disk or a starved runtime.
const HTTP_SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// A packet is forwarded in tens of microseconds; 2 ms at p99 is the promise.
const SFU_SECONDS: &[f64] =
    &[0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0];

/// From a phone in a cellar to a machine on the same network.
const ESTIMATE_BITS: &[f64] =
    &[1e5, 2.5e5, 5e5, 1e6, 1.5e6, 2e6, 3e6, 4e6, 6e6, 8e6, 12e6, 25e6, 50e6, 1e8, 5e8];

/// Broadcasts last from a quick try to a long day.
const BROADCAST_SECONDS: &[f64] = &[10.0, 60.0, 300.0, 900.0, 3_600.0, 7_200.0, 14_400.0, 43_200.0, 86_400.0];

/// From a thumbnail to a long recording in another codec.
const TRANSCODE_SECONDS: &[f64] = &[0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1_800.0, 7_200.0];

/// Installs the recorder of the process.
pub(crate) fn install() -> Result<PrometheusHandle, InstallError> {
    let recorder = recorder()?;
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| InstallError::Twice)?;
    describe();
    gauge!(Metric::BuildInfo.name(), "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Prefix("sluice_sfu_".to_owned()), SFU_SECONDS)?
        .set_buckets_for_metric(Matcher::Full("sluice_sfu_estimate_bits".to_owned()), ESTIMATE_BITS)?
        .set_buckets_for_metric(Matcher::Full("sluice_live_broadcast_seconds".to_owned()), BROADCAST_SECONDS)?
        .set_buckets_for_metric(Matcher::Full("sluice_transcode_seconds".to_owned()), TRANSCODE_SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), HTTP_SECONDS)?;
    Ok(builder.build_recorder())
}

/// Why there is no recorder.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    /// The buckets are wrong.
    #[error("the metrics could not be set up")]
    Build(#[from] BuildError),
    /// The process has one already.
    #[error("the metrics were set up twice")]
    Twice,
}

fn describe() {
    describe_counter!(Metric::HttpRequests.name(), "Requests answered, by method, endpoint and status.");
    describe_histogram!(
        Metric::HttpRequestDuration.name(),
        "From the head of a request to the head of its answer, by endpoint."
    );
    describe_gauge!(Metric::HttpConnections.name(), "Open HTTP connections.");
    describe_counter!(
        Metric::HttpConnectionsRefused.name(),
        "HTTP connections closed unanswered, by reason."
    );
    describe_counter!(Metric::TlsHandshakes.name(), "TLS handshakes, by result.");
    describe_gauge!(
        Metric::TlsCertificateExpiry.name(),
        "When the certificate of HTTPS ends, in seconds since 1970."
    );
    describe_gauge!(Metric::BuildInfo.name(), "1, with the version as a label.");
    describe_gauge!(Metric::ProcessCpu.name(), "Processor time used since the start.");
    describe_gauge!(Metric::ProcessMemory.name(), "Resident memory.");
    describe_gauge!(Metric::ProcessOpenFds.name(), "Open file descriptors.");
    describe_gauge!(Metric::ProcessMaxFds.name(), "File descriptors that may be open.");
    describe_gauge!(Metric::ProcessStart.name(), "When the process started, in seconds since 1970.");
    describe_counter!(
        Metric::NetworkReceived.name(),
        "Bytes received by all network interfaces but loopback."
    );
    describe_counter!(Metric::NetworkSent.name(), "Bytes sent by all network interfaces but loopback.");
    describe_counter!(
        Metric::UdpNoRoom.name(),
        "UDP datagrams that found a full receive buffer, of all programs of this machine."
    );
}

/// Keeps histograms small between scrapes; more often costs more, rarer holds more memory.
pub(crate) const UPKEEP: Duration = Duration::from_secs(5);

/// Brings the gauges of the process up to date and writes everything in Prometheus' text format.
pub(crate) fn render(handle: &PrometheusHandle) -> String {
    process::record();
    handle.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_tells_its_time_memory_and_descriptors() {
        let recorder = recorder().unwrap();
        let handle = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            metrics::histogram!("sluice_sfu_forward_seconds").record(0.0015);
            let text = render(&handle);
            for metric in
                [Metric::ProcessCpu, Metric::ProcessMemory, Metric::ProcessOpenFds, Metric::ProcessStart]
            {
                assert!(text.contains(metric.name()), "{} in {text}", metric.name());
            }
            assert!(text.contains(Metric::UdpNoRoom.name()), "{text}");
            assert!(text.contains("sluice_sfu_forward_seconds_bucket{le=\"0.002\"} 1"), "{text}");
        });
    }
}
