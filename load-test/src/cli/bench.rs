//! The command line of `sluice-load bench`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;
use sluice_domain::Redacted;

use super::{Pacing, bitrate, duration, frame_rate, percentage, secret};
use crate::media::VideoCodec;

/// What is to be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scenario {
    /// How many viewers one core of the server carries
    Density,
    /// Many viewers at the same moment
    JoinStorm,
    /// 50 to 200 % of what the server can carry
    Overload,
    /// Many publishers with few viewers each
    ManyStreams,
    /// Viewers that lose packets
    Lossy,
}

/// Between the server and the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Network {
    /// The loopback interface: the server's core pays for the receivers' half of the kernel too
    Loopback,
    /// A pair of virtual Ethernet devices, the load in a network namespace of its own (needs root)
    Veth,
}

/// `sluice-load bench`
#[derive(Clone, Debug, Args)]
pub(crate) struct Bench {
    /// What is to be found out
    #[arg(value_enum)]
    pub(crate) scenario: Scenario,

    /// WHIP address of a running server, `{n}` for the number of the stream. Without it a server is
    /// started
    #[arg(long, value_name = "URL", requires = "whep")]
    pub(crate) whip: Option<String>,
    /// WHEP address of a running server, `{n}` for the number of the stream
    #[arg(long, value_name = "URL", requires = "whip")]
    pub(crate) whep: Option<String>,
    /// Process id of a running server, to read its processor time and memory
    #[arg(long, requires = "whip")]
    pub(crate) pid: Option<u32>,
    /// Bearer token of publishers, `{n}` for the number of the stream
    #[arg(long, env = "SLUICE_LOAD_TOKEN", hide_env_values = true, value_parser = secret)]
    pub(crate) token: Option<Redacted<String>>,
    /// Bearer token of viewers, if they need one
    #[arg(long, hide_env_values = true, value_parser = secret)]
    pub(crate) viewer_token: Option<Redacted<String>>,

    /// The server's binary (default: `sluice` beside this one)
    #[arg(long, env = "SLUICE_BIN", value_name = "PATH")]
    pub(crate) server: Option<PathBuf>,
    /// Media threads of the server that is started
    #[arg(long, default_value_t = 1)]
    pub(crate) workers: u16,
    /// Lines to add to its configuration file
    #[arg(long, value_name = "TOML")]
    pub(crate) server_config: Option<String>,
    /// Processors of the server (default: the first)
    #[arg(long, value_name = "LIST", value_parser = cpus)]
    pub(crate) server_cpus: Option<Cpus>,
    /// Processors of the load (default: all others)
    #[arg(long, value_name = "LIST", value_parser = cpus)]
    pub(crate) load_cpus: Option<Cpus>,
    /// What is between server and load
    #[arg(long, value_enum, default_value_t = Network::Loopback)]
    pub(crate) network: Network,
    /// Receive every datagram by itself, as receivers without GRO do
    #[arg(long)]
    pub(crate) no_gro: bool,

    /// Publishers (default: 1, for many-streams 50)
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) streams: Option<u32>,
    /// Viewers, instead of raising their number until the service level breaks
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) viewers: Option<u32>,
    /// Viewers at most when their number is raised
    #[arg(long, default_value_t = 10_000)]
    pub(crate) max_viewers: u32,
    /// Bits per second of the video (`2500k`, `2.5M`)
    #[arg(long, default_value = "2500k", value_parser = bitrate)]
    pub(crate) bitrate: u32,
    /// Frames per second
    #[arg(long, default_value = "30", value_parser = frame_rate)]
    pub(crate) fps: f64,
    /// Codec of the video
    #[arg(long, value_enum, default_value_t = VideoCodec::H264)]
    pub(crate) codec: VideoCodec,
    /// Simulcast layers
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3))]
    pub(crate) layers: u8,
    /// Time between key frames
    #[arg(long, default_value = "2s", value_parser = duration)]
    pub(crate) key_interval: Duration,
    /// Interval in which a server may ask a publisher for one key frame of a layer (Sluice: 300 ms)
    #[arg(long, default_value = "300ms", value_parser = duration)]
    pub(crate) request_interval: Duration,
    /// How the packets of a frame leave the publisher
    #[arg(long, value_enum, default_value_t = Pacing::Burst)]
    pub(crate) pacing: Pacing,
    /// Publish no audio
    #[arg(long)]
    pub(crate) no_audio: bool,

    /// Length of a measurement
    #[arg(long, default_value = "20", value_parser = duration)]
    pub(crate) seconds: Duration,
    /// Length of each loop that finds what the machine can send at best
    #[arg(long, default_value = "2s", value_parser = duration)]
    pub(crate) ceiling: Duration,
    /// Viewers that join in a second; 0 for all at once (default: 100, for join-storm 0)
    #[arg(long)]
    pub(crate) join_rate: Option<u32>,
    /// Time between two transport-wide feedbacks of a viewer
    #[arg(long, default_value = "100ms", value_parser = duration)]
    pub(crate) feedback: Duration,
    /// Decrypt and check one of so many packets of each viewer, besides all last packets of frames
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) sample: u32,
    /// Share of the video packets that viewers lose on purpose, in percent (default: 0, for lossy 5)
    #[arg(long, value_parser = percentage)]
    pub(crate) loss: Option<f32>,
    /// Viewers that are 100 % in `overload` (default: measured first)
    #[arg(long)]
    pub(crate) capacity: Option<u32>,

    /// Part of the server's core, in percent, at which density is measured
    #[arg(long, default_value_t = 75.0, value_parser = percentage)]
    pub(crate) target_load: f32,
    /// Service level: packets lost at most, in percent
    #[arg(long, default_value_t = 0.1, value_parser = percentage)]
    pub(crate) max_loss: f32,
    /// Service level: forwarding delay at most, p99
    #[arg(long, default_value = "100ms", value_parser = duration)]
    pub(crate) max_delay: Duration,
    /// Service level: time to the first packet of a key frame at most, p95
    #[arg(long, default_value = "2s", value_parser = duration)]
    pub(crate) max_join: Duration,

    /// Write the results as one JSON object to this file (`-` for standard output)
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write a page with plots to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the viewers that this machine carries into this configuration of a server, as `max_viewers`
    /// (`density` only)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["whip", "viewers"])]
    pub(crate) write_max_viewers: Option<PathBuf>,
    /// Address of the server's side of the veth pair; the load gets the next one
    #[arg(long, default_value = "10.199.77.1", hide = true)]
    pub(crate) veth_address: IpAddr,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// Processors by number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Cpus(pub(crate) Vec<usize>);

/// `0,2-3` means 0, 2 and 3.
pub(crate) fn cpus(text: &str) -> Result<Cpus, String> {
    let number = |text: &str| text.trim().parse::<usize>().map_err(|_| "a list such as 0,2-3 is needed");
    let mut cpus = Vec::new();
    for part in text.split(',') {
        match part.split_once('-') {
            Some((first, last)) => cpus.extend(number(first)?..=number(last)?),
            None => cpus.push(number(part)?),
        }
    }
    if cpus.is_empty() || cpus.iter().any(|cpu| *cpu >= 1024) {
        return Err("a list such as 0,2-3 is needed".to_owned());
    }
    Ok(Cpus(cpus))
}

impl Bench {
    /// Streams to publish.
    pub(crate) fn stream_count(&self) -> u32 {
        self.streams.unwrap_or(if self.scenario == Scenario::ManyStreams { 50 } else { 1 })
    }

    /// Percent of the packets that viewers lose.
    pub(crate) fn loss_percent(&self) -> f32 {
        self.loss.unwrap_or(if self.scenario == Scenario::Lossy { 5.0 } else { 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    fn parse(line: &str) -> Result<Bench, String> {
        match Cli::try_parse_from(line.split_whitespace()).map_err(|error| error.to_string())?.command {
            Command::Bench(bench) => Ok(*bench),
            _ => panic!("bench"),
        }
    }

    #[test]
    fn the_command_line_of_the_manual_is_understood() {
        let bench = parse("sluice-load bench density --bitrate 600k --seconds 20 --json out.json").unwrap();
        assert_eq!((bench.scenario, bench.bitrate, bench.stream_count()), (Scenario::Density, 600_000, 1));
        assert_eq!(bench.seconds, Duration::from_secs(20));
        let bench =
            parse("sluice-load bench many-streams --server-cpus 0,2-3 --load-cpus 1 --network veth --no-gro")
                .unwrap();
        assert_eq!(bench.server_cpus, Some(Cpus(vec![0, 2, 3])));
        assert_eq!((bench.network, bench.stream_count()), (Network::Veth, 50));
        assert!(parse("sluice-load bench lossy").unwrap().loss_percent() > 0.0);
    }

    #[test]
    fn wrong_arguments_are_refused_with_a_reason() {
        for (line, expected) in [
            ("sluice-load bench", "<SCENARIO>"),
            ("sluice-load bench speed", "density"),
            ("sluice-load bench density --whip http://h/whip/a", "--whep"),
            ("sluice-load bench density --pid 1", "--whip"),
            ("sluice-load bench density --server-cpus a", "a list such as"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(expected), "{line}: {error}");
        }
    }
}
