//! The command line.

pub(crate) mod bench;
pub(crate) mod chat;
pub(crate) mod flood;
pub(crate) mod hls;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use reqwest::Url;
use sluice_domain::Redacted;

use crate::media::VideoCodec;

/// Headless publishers and viewers for any WHIP, WHEP and HLS server.
#[derive(Debug, Parser)]
#[command(name = "sluice-load", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to be.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Publish a test pattern or a file by WHIP
    Publish(Publish),
    /// Watch by WHEP with any number of viewers and measure what comes
    Watch(Watch),
    /// Find out what a server can carry, and what that costs it
    Bench(Box<bench::Bench>),
    /// Talk in a chat with any number of members and see whether all of them hear all of it in order
    Chat(Box<chat::Chat>),
    /// Watch by HLS with any number of viewers, with low latency or without
    Hls(Box<hls::Hls>),
    /// Send what strangers may send to a server of your own, at a rate
    Flood(Box<flood::Flood>),
}

/// How the packets of a frame leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Pacing {
    /// All at once
    Burst,
    /// In bursts of five milliseconds, as browsers do
    Paced,
}

/// What both commands take.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Bearer token: the stream key of a publisher, or what the server asks of viewers
    #[arg(long, env = "SLUICE_LOAD_TOKEN", hide_env_values = true, value_parser = secret)]
    pub(crate) token: Option<Redacted<String>>,
    /// Write the results as one JSON object to this file (`-` for standard output)
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Lose this share of the RTP packets, in percent, as a bad network would: a publisher does not
    /// send them, a viewer does not look at them
    #[arg(long, value_name = "PERCENT", default_value_t = 0.0, value_parser = percentage)]
    pub(crate) loss: f32,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// `sluice-load publish`
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The WHIP address
    #[arg(long, value_name = "URL", value_parser = http_url)]
    pub(crate) whip: Url,
    /// Simulcast layers; the pattern has 180, 360 and 720 lines
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3))]
    pub(crate) layers: u8,
    /// Publish this file: VP8 in IVF, or an H.264 byte stream
    #[arg(long, value_name = "FILE", conflicts_with = "pattern")]
    pub(crate) file: Option<PathBuf>,
    /// Publish the built-in test pattern (the default)
    #[arg(long)]
    pub(crate) pattern: bool,
    /// Codec of the pattern
    #[arg(long, value_enum, default_value_t = VideoCodec::Vp8)]
    pub(crate) codec: VideoCodec,
    /// Bits per second of the highest layer, reached with filling bytes (`2500k`, `2.5M`); each
    /// lower layer gets a quarter of the one above
    #[arg(long, value_parser = bitrate)]
    pub(crate) bitrate: Option<u32>,
    /// Frames per second (default: what the file says, or 30)
    #[arg(long, value_parser = frame_rate)]
    pub(crate) fps: Option<f64>,
    /// Time between key frames that nobody asked for (default: what the clip has)
    #[arg(long, value_parser = duration)]
    pub(crate) key_interval: Option<Duration>,
    /// How the packets of a frame leave
    #[arg(long, value_enum, default_value_t = Pacing::Burst)]
    pub(crate) pacing: Pacing,
    /// Send no audio
    #[arg(long)]
    pub(crate) no_audio: bool,
    /// Do not answer requests for key frames, as OBS does not
    #[arg(long)]
    pub(crate) ignore_key_requests: bool,
    /// End after this time (`30s`, `2m`); without it, publish until interrupted
    #[arg(long, value_parser = duration)]
    pub(crate) duration: Option<Duration>,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// `sluice-load watch`
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// The WHEP address
    #[arg(long, value_name = "URL", value_parser = http_url)]
    pub(crate) whep: Url,
    /// How many viewers
    #[arg(short = 'n', long = "viewers", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) viewers: u32,
    /// Time between one viewer's start and the next one's
    #[arg(long, default_value = "20ms", value_parser = duration)]
    pub(crate) stagger: Duration,
    /// End after this time, counted from the start of the last viewer
    #[arg(long, default_value = "10s", value_parser = duration)]
    pub(crate) duration: Duration,
    /// Threads that drive the viewers
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) threads: u16,
    /// Reach the server over TCP only (ICE-TCP)
    #[arg(long)]
    pub(crate) tcp: bool,
    #[command(flatten)]
    pub(crate) common: Common,
}

fn secret(text: &str) -> Result<Redacted<String>, String> {
    Ok(Redacted::new(text.to_owned()))
}

fn http_url(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("{error}"))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err("an http or https address is needed".to_owned())
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        unit => return Err(format!("`{unit}` is no unit of time; use ms, s, m or h")),
    };
    let seconds: f64 = digits.parse().map_err(|_| "a number is needed, such as 30s".to_owned())?;
    Duration::try_from_secs_f64(seconds * factor).map_err(|error| error.to_string())
}

fn bitrate(text: &str) -> Result<u32, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "" => 1.0,
        "k" | "K" => 1e3,
        "m" | "M" => 1e6,
        unit => return Err(format!("`{unit}` is no unit of bit rate; use k or M")),
    };
    let number: f64 = digits.parse().map_err(|_| "a number is needed, such as 2500k".to_owned())?;
    let bits = number * factor;
    if (10_000.0..=100e6).contains(&bits) {
        Ok(bits as u32)
    } else {
        Err("between 10k and 100M bits per second, please".to_owned())
    }
}

fn frame_rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(fps) if (1.0..=240.0).contains(&fps) => Ok(fps),
        _ => Err("between 1 and 240 frames per second, please".to_owned()),
    }
}

fn percentage(text: &str) -> Result<f32, String> {
    match text.trim_end_matches('%').parse() {
        Ok(percent) if (0.0..=90.0).contains(&percent) => Ok(percent),
        _ => Err("between 0 and 90 percent, please".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, String> {
        Cli::try_parse_from(line.split_whitespace()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_command_line_of_the_manual_is_understood() {
        let cli = parse(
            "sluice-load publish --whip http://h/whip/a --token s3cret --layers 3 --pattern --codec h264 --bitrate 2.5M --fps 25 --duration 2m --json out.json",
        )
        .unwrap();
        let Command::Publish(publish) = cli.command else {
            panic!("publish");
        };
        assert!(!format!("{publish:?}").contains("s3cret"));
        assert_eq!((publish.layers, publish.bitrate), (3, Some(2_500_000)));
        assert_eq!(publish.duration, Some(Duration::from_secs(120)));
        assert_eq!(publish.codec, VideoCodec::H264);

        let cli =
            parse("sluice-load watch --whep https://h/whep/a -n 50 --stagger 5ms --duration 1.5").unwrap();
        let Command::Watch(watch) = cli.command else {
            panic!("watch");
        };
        assert_eq!(watch.viewers, 50);
        assert_eq!(watch.stagger, Duration::from_millis(5));
        assert_eq!(watch.duration, Duration::from_millis(1500));
    }

    #[test]
    fn wrong_arguments_are_refused_with_a_reason() {
        for (line, expected) in [
            ("sluice-load publish", "--whip"),
            ("sluice-load publish --whip ftp://h/x", "http or https"),
            ("sluice-load publish --whip http://h/x --layers 4", "1..=3"),
            ("sluice-load publish --whip http://h/x --bitrate 5x", "unit of bit rate"),
            ("sluice-load publish --whip http://h/x --bitrate 5", "between 10k"),
            ("sluice-load publish --whip http://h/x --fps 0", "frames per second"),
            ("sluice-load publish --whip http://h/x --codec av1", "possible values"),
            ("sluice-load publish --whip http://h/x --file a --pattern", "cannot be used"),
            ("sluice-load watch --whep http://h/x -n 0", "1..=100000"),
            ("sluice-load watch --whep http://h/x --duration soon", "unit of time"),
            ("sluice-load watch --whep http://h/x --loss 95", "90 percent"),
            ("sluice-load watch", "--whep"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(expected), "{line}: {error}");
        }
    }
}
