//! `sluice doctor`: what is wrong with the way to a node, or with this machine.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::Serialize;
use sluice_doctor::{Diagnosis, Direction, Facts, Severity, StreamFacts, report};

use super::{Source, say};
use crate::doctor::{self, Wishes};

/// Something was found that is to be mended.
const FOUND: u8 = 1;

/// The doctor itself could not work.
const BROKEN: u8 = 2;

/// Arguments of `sluice doctor`. Exit status: 0 nothing is wrong, 1 something was found that is an error or a
/// warning, 2 the doctor could not work.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The node to measure from here, such as https://live.example.org. Without it this machine is looked at.
    url: Option<String>,
    /// Configuration of the node on this machine.
    #[command(flatten)]
    source: Source,
    /// Prints facts and findings as JSON.
    #[arg(long)]
    json: bool,
    /// Bitrate of the stream that is to get through, in kbit/s.
    #[arg(long, value_name = "KBITS", requires = "url")]
    bitrate: Option<u32>,
    /// The stream is to be published from here, and not to be watched.
    #[arg(long, requires = "url")]
    publish: bool,
    /// Leaves out rates, loss and jitter, which take some seconds and megabytes.
    #[arg(long, requires = "url")]
    quick: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Examined<'a> {
    facts: &'a Facts,
    diagnosis: &'a Diagnosis,
}

/// Measures, and says what is wrong.
pub(super) async fn run(args: DoctorArgs) -> Result<ExitCode> {
    let facts = match examine(&args).await {
        Ok(facts) => facts,
        Err(error) => {
            tell(&format!("sluice doctor: {error:#}\n"));
            return Ok(ExitCode::from(BROKEN));
        }
    };
    let diagnosis = sluice_doctor::examine(&facts);
    let text = if args.json {
        let examined = Examined { facts: &facts, diagnosis: &diagnosis };
        let mut text = serde_json::to_string_pretty(&examined).context("facts are plain data")?;
        text.push('\n');
        text
    } else {
        report(&diagnosis)
    };
    say(&text)?;
    let worst = diagnosis.findings.iter().map(|finding| finding.severity).min();
    Ok(match worst {
        Some(Severity::Error | Severity::Warning) => ExitCode::from(FOUND),
        Some(Severity::Info) | None => ExitCode::SUCCESS,
    })
}

async fn examine(args: &DoctorArgs) -> Result<Facts> {
    let Some(url) = &args.url else {
        let config = args.source.load()?.config;
        return Ok(doctor::host::facts(&config, None).await);
    };
    let direction = if args.publish { Direction::Publish } else { Direction::Watch };
    let stream = (args.publish || args.bitrate.is_some()).then(|| StreamFacts {
        direction,
        bitrate_bps: args.bitrate.map(|kbits| f64::from(kbits) * 1000.0),
        lowest_bps: None,
        codec: None,
    });
    let wishes = Wishes { stream, quick: args.quick };
    doctor::examine(url, &wishes).await.map_err(anyhow::Error::msg)
}

/// Standard error may be closed; the exit status still tells.
fn tell(text: &str) {
    use std::io::Write as _;
    let _ = std::io::stderr().write_all(text.as_bytes());
}
