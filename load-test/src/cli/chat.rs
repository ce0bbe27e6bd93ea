//! The command line of `sluice-load chat`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Parser as _, ValueEnum};
use reqwest::Url;
use serde::Serialize;
use sluice_domain::{Redacted, StreamName};

use super::bench::{Bench, Cpus, cpus};
use super::{Cli, Command, bitrate, duration, http_url, secret};

/// What carries the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Carrier {
    /// Data channels, each on a WebRTC connection of its own
    Channel,
    /// WebSockets
    Socket,
    /// Every other member one, every other the other
    Mixed,
}

impl Carrier {
    /// Whether this member is on a data channel.
    pub(crate) fn is_channel(self, member: u32) -> bool {
        match self {
            Self::Channel => true,
            Self::Socket => false,
            Self::Mixed => member.is_multiple_of(2),
        }
    }
}

/// `sluice-load chat`
#[derive(Clone, Debug, Args)]
pub(crate) struct Chat {
    /// Address of a running server (`http://127.0.0.1:8080`). Without it a server is started
    #[arg(long, value_name = "URL", value_parser = http_url, requires = "stream")]
    pub(crate) url: Option<Url>,
    /// The stream in whose chat the members are, on a running server
    #[arg(long, value_name = "NAME", requires = "url")]
    pub(crate) stream: Option<StreamName>,
    /// API key or access token of members who send; as often as there are keys. Without one they are
    /// not signed in
    #[arg(long, value_parser = secret, requires = "url")]
    pub(crate) token: Vec<Redacted<String>>,
    /// Stream key, to publish for `--with-media` on a running server
    #[arg(long, env = "SLUICE_LOAD_TOKEN", hide_env_values = true, value_parser = secret)]
    pub(crate) key: Option<Redacted<String>>,
    /// Process id of a running server, to read its processor time
    #[arg(long, requires = "url")]
    pub(crate) pid: Option<u32>,

    /// How many members
    #[arg(short = 'n', long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) members: u32,
    /// Messages a second in all
    #[arg(long, default_value_t = 10.0, value_parser = rate)]
    pub(crate) rate: f64,
    /// For how long they are sent
    #[arg(long, default_value = "10", value_parser = duration)]
    pub(crate) seconds: Duration,
    /// Members who take turns at sending (default: so many that each sends at most 10 a second)
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) senders: Option<u32>,
    /// What carries the messages
    #[arg(long, value_enum, default_value_t = Carrier::Channel)]
    pub(crate) transport: Carrier,
    /// Words of a message
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(0..=40))]
    pub(crate) words: u8,
    /// Members that join in a second
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) join_rate: u32,
    /// Threads that drive members on data channels
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) threads: u16,
    /// Publish to the stream and let so many watch, and compare the delay of the media while nobody
    /// talks with that while the members do
    #[arg(long, value_name = "VIEWERS", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) with_media: Option<u32>,
    /// Bits per second of that video
    #[arg(long, default_value = "2500k", value_parser = bitrate)]
    pub(crate) bitrate: u32,

    /// The server's binary (default: `sluice` beside this one)
    #[arg(long, env = "SLUICE_BIN", value_name = "PATH")]
    pub(crate) server: Option<PathBuf>,
    /// Media threads of the server that is started
    #[arg(long, default_value_t = 1)]
    pub(crate) workers: u16,
    /// Lines to add to its configuration file
    #[arg(long, value_name = "TOML")]
    pub(crate) server_config: Option<String>,
    /// Processors of the server that is started (default: the first)
    #[arg(long, value_name = "LIST", value_parser = cpus)]
    pub(crate) server_cpus: Option<Cpus>,
    /// Processors of the load, where a server is started (default: all others)
    #[arg(long, value_name = "LIST", value_parser = cpus)]
    pub(crate) load_cpus: Option<Cpus>,

    /// Write the results as one JSON object to this file (`-` for standard output)
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.1..=10_000.0).contains(&rate) => Ok(rate),
        _ => Err("between 0.1 and 10000 messages a second, please".to_owned()),
    }
}

/// Messages a second of one sender, unless the command line says otherwise: half of what the server
/// allows a program.
const RATE_OF_ONE: f64 = 10.0;

impl Chat {
    /// Messages in all.
    pub(crate) fn messages(&self) -> u32 {
        ((self.rate * self.seconds.as_secs_f64()).round() as u32).max(1)
    }

    /// Members who send.
    pub(crate) fn sender_count(&self) -> u32 {
        let enough = (self.rate / RATE_OF_ONE).ceil() as u32;
        self.senders.unwrap_or(enough.max(1)).min(self.members)
    }

    /// The settings of a bench with the same server and, if there is one, the same media.
    pub(crate) fn bench(&self) -> Result<Bench> {
        let mut line: Vec<OsString> =
            ["sluice-load", "bench", "many-streams", "--streams", "1"].map(OsString::from).to_vec();
        line.extend(["--bitrate".into(), self.bitrate.to_string().into()]);
        line.extend(["--workers".into(), self.workers.to_string().into()]);
        if self.quiet {
            line.push("--quiet".into());
        }
        let Command::Bench(bench) = Cli::try_parse_from(line).context("choosing a server")?.command else {
            bail!("a bench is no bench");
        };
        let mut bench = *bench;
        bench.server.clone_from(&self.server);
        bench.server_config.clone_from(&self.server_config);
        bench.server_cpus.clone_from(&self.server_cpus);
        bench.load_cpus.clone_from(&self.load_cpus);
        bench.token.clone_from(&self.key);
        bench.pid = self.pid;
        if let (Some(url), Some(stream)) = (&self.url, &self.stream) {
            let at = |path: &str| url.join(&format!("{path}/{stream}")).map(String::from);
            bench.whip = Some(at("/whip").context("naming the address of the stream")?);
            bench.whep = Some(at("/whep").context("naming the address of the stream")?);
        }
        Ok(bench)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Chat, String> {
        match Cli::try_parse_from(line.split_whitespace()).map_err(|error| error.to_string())?.command {
            Command::Chat(chat) => Ok(*chat),
            _ => panic!("chat"),
        }
    }

    #[test]
    fn the_command_line_of_the_manual_is_understood() {
        let chat = parse("sluice-load chat --members 1000 --rate 100 --seconds 60 --json c.json").unwrap();
        assert_eq!((chat.members, chat.messages(), chat.sender_count()), (1000, 6000, 10));
        assert_eq!(chat.transport, Carrier::Channel);
        let chat = parse(
            "sluice-load chat --url http://h:1 --stream demo --token s3cret --token t --transport mixed -n 4",
        )
        .unwrap();
        assert!(!format!("{chat:?}").contains("s3cret"));
        assert_eq!((chat.token.len(), chat.sender_count()), (2, 1));
        assert_eq!([0, 1, 2].map(|member| chat.transport.is_channel(member)), [true, false, true]);
        let bench = chat.bench().unwrap();
        assert_eq!(bench.whep.as_deref(), Some("http://h:1/whep/demo"));
        assert_eq!(parse("sluice-load chat -n 3 --rate 100").unwrap().sender_count(), 3);
    }

    #[test]
    fn wrong_arguments_are_refused_with_a_reason() {
        for (line, expected) in [
            ("sluice-load chat --url http://h", "--stream"),
            ("sluice-load chat --stream demo", "--url"),
            ("sluice-load chat --members 0", "1..=100000"),
            ("sluice-load chat --rate 0", "messages a second"),
            ("sluice-load chat --transport pigeon", "possible values"),
            ("sluice-load chat --url http://h --stream No!", "a stream name has"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(expected), "{line}: {error}");
        }
    }
}
