//! The command line of `sluice-load hls`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use reqwest::Url;
use sluice_domain::Redacted;

use super::{duration, secret};

/// `sluice-load hls`
#[derive(Clone, Debug, Args)]
pub(crate) struct Hls {
    /// Address of a master or media playlist (`http` only)
    #[arg(long, value_name = "URL", value_parser = plain_url)]
    pub(crate) url: Url,
    /// How many viewers
    #[arg(short = 'n', long = "viewers", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) viewers: u32,
    /// Time between one viewer's start and the next one's
    #[arg(long, default_value = "5ms", value_parser = duration)]
    pub(crate) stagger: Duration,
    /// End after this time, counted from the start of the last viewer
    #[arg(long, default_value = "30s", value_parser = duration)]
    pub(crate) duration: Duration,
    /// Read whole segments and ask for playlists again and again, as players without low latency do
    #[arg(long)]
    pub(crate) plain: bool,
    /// Which rendition of video, by falling bit rate (default: the viewers take turns)
    #[arg(long, value_name = "INDEX")]
    pub(crate) rendition: Option<usize>,
    /// Leave audio renditions out
    #[arg(long)]
    pub(crate) no_audio: bool,
    /// Bearer token of the viewers
    #[arg(long, env = "SLUICE_LOAD_TOKEN", hide_env_values = true, value_parser = secret)]
    pub(crate) token: Option<Redacted<String>>,
    /// Process ids of the server (nginx has several), to read its processor time
    #[arg(long, value_name = "PID", value_delimiter = ',')]
    pub(crate) pid: Vec<u32>,
    /// Write the results as one JSON object to this file (`-` for standard output)
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

fn plain_url(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("{error}"))?;
    if url.scheme() == "http" && url.has_host() {
        Ok(url)
    } else {
        Err("an http address is needed: TLS would measure the proxy".to_owned())
    }
}
