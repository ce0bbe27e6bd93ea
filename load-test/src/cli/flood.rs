//! `sluice-load flood`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use reqwest::Url;

/// Options of `sluice-load flood`.
#[derive(Debug, Args)]
pub(crate) struct Flood {
    /// The media port of a server of your own
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) media: Option<SocketAddr>,
    /// Its web server
    #[arg(long, value_name = "URL", value_parser = super::http_url)]
    pub(crate) http: Option<Url>,
    /// STUN checks a second that name nobody
    #[arg(long, default_value_t = 0, requires = "media")]
    pub(crate) stun: u32,
    /// DTLS records a second from addresses of nobody
    #[arg(long, default_value_t = 0, requires = "media")]
    pub(crate) dtls: u32,
    /// RTCP packets a second from addresses of nobody
    #[arg(long, default_value_t = 0, requires = "media")]
    pub(crate) rtcp: u32,
    /// Connections a second to the web server that send no HTTP
    #[arg(long, default_value_t = 0, requires = "http")]
    pub(crate) garbage: u32,
    /// For so long
    #[arg(long, default_value = "10s", value_parser = super::duration)]
    pub(crate) duration: Duration,
    /// UDP ports to send from
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) ports: u16,
    /// Write the results as one JSON object to this file (`-` for standard output)
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}
