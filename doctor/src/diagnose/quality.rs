//! Loss, delay, jitter, rates and clocks.

use super::finding;
use crate::facts::{Direction, Facts, Quality};
use crate::finding::{Finding, FindingCode as Code};

/// Fewer packets than this say nothing about loss: one of twenty is 5 %.
const ENOUGH: u32 = 20;

/// Loss that is worth a word. Repairs hide less than this at the cost of a round trip; more of it shows.
const HIGH_LOSS: f64 = 0.02;

/// Round trip that is worth a word, in milliseconds. A lost packet is sent again after one of them; players wait
/// for about 200 ms.
const HIGH_ROUND_TRIP_MS: f64 = 250.0;

/// Jitter that is worth a word, in milliseconds. Players wait for packets of that many times three.
const HIGH_JITTER_MS: f64 = 40.0;

/// Room that a way needs besides the media itself: repairs, headers, bursts of key frames.
const ROOM: f64 = 1.2;

/// What is needed where no stream is named, in bits a second: a picture of 720 lines.
const USUAL_BPS: f64 = 2_500_000.0;

/// Difference of clocks that is worth a word, in milliseconds. Chat and schedules show times of day; less than
/// this nobody sees.
const CLOCK_MS: f64 = 2_000.0;

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(quality) = &facts.quality {
        findings.extend(loss(quality));
        findings.extend(delay(quality));
    }
    findings.extend(rates(facts));
    findings.extend(clock(facts));
    findings
}

fn loss(quality: &Quality) -> Option<Finding> {
    if quality.sent < ENOUGH {
        return None;
    }
    let lost = quality.sent.saturating_sub(quality.received);
    let share = f64::from(lost) / f64::from(quality.sent);
    (share > HIGH_LOSS).then(|| {
        finding(
            Code::HighLoss,
            format!(
                "{lost} of {} packets were lost ({:.1} %). The picture freezes or falls back to a lower quality.",
                quality.sent,
                share * 100.0
            ),
            "Go nearer to the Wi-Fi router or use a cable, and stop other downloads. If it is so with a cable too, \
             the line or the provider drops packets: `mtr` to the server shows where.",
        )
    })
}

fn delay(quality: &Quality) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(round_trip) = quality.round_trip_ms.filter(|ms| *ms > HIGH_ROUND_TRIP_MS) {
        findings.push(finding(
            Code::HighRoundTrip,
            format!(
                "A packet and its answer take {round_trip:.0} ms. What is lost comes again too late, so that the \
                 player has to wait longer, or the picture freezes."
            ),
            "If other sites are as slow, the line is busy or far away (satellite, mobile): stop other uploads and \
             downloads. If only this server is, it stands far away: a node nearer to the viewers helps.",
        ));
    }
    if let Some(jitter) = quality.jitter_ms.filter(|ms| *ms > HIGH_JITTER_MS) {
        findings.push(finding(
            Code::HighJitter,
            format!("From one packet to the next the delay changes by {jitter:.0} ms. The player must wait for the latest."),
            "Use a cable instead of Wi-Fi, stop other uploads and downloads, and turn on fair queueing (SQM, \
             \"bufferbloat\") in the router.",
        ));
    }
    findings
}

fn rates(facts: &Facts) -> Option<Finding> {
    let rates = facts.rates?;
    let stream = facts.stream.as_ref();
    let direction = stream.map_or(Direction::Watch, |stream| stream.direction);
    let bitrate = stream.and_then(|stream| stream.bitrate_bps);
    let needed = bitrate.unwrap_or(USUAL_BPS) * ROOM;
    let of = match bitrate {
        Some(bitrate) => format!("the stream has {}", mbits(bitrate)),
        None => format!("a picture of 720 lines has about {}", mbits(USUAL_BPS)),
    };
    match direction {
        Direction::Watch => {
            let rate = rates.down_bps.filter(|rate| *rate < needed)?;
            let lowest = stream.and_then(|stream| stream.lowest_bps).filter(|lowest| lowest * ROOM <= rate);
            let follows = match lowest {
                Some(lowest) => format!("A lower quality ({}) is shown instead.", mbits(lowest)),
                None => "The picture freezes.".to_owned(),
            };
            Some(finding(
                Code::DownlinkTooSlow,
                format!("{} come down, and {of}. {follows}", mbits(rate)),
                "Stop other downloads, use a cable instead of Wi-Fi, or choose a lower quality in the player. If every \
                 viewer has this, the uplink of the server is too slow: publish with simulcast, or with a lower bitrate.",
            ))
        }
        Direction::Publish => {
            let rate = rates.up_bps.filter(|rate| *rate < needed)?;
            Some(finding(
                Code::UplinkTooSlow,
                format!("{} go up, and {of}. Every viewer sees the picture freeze.", mbits(rate)),
                format!(
                    "Set the bitrate of the encoder to at most {} (in OBS: Settings, Output, Bitrate; in the studio: \
                     Quality), stop other uploads, and use a cable instead of Wi-Fi.",
                    kbits(rate / ROOM)
                ),
            ))
        }
    }
}

fn clock(facts: &Facts) -> Option<Finding> {
    let offset = facts.clock_offset_ms.filter(|offset| offset.abs() > CLOCK_MS)?;
    let seconds = offset.abs() / 1000.0;
    let who = if offset > 0.0 { "ahead of" } else { "behind" };
    Some(finding(
        Code::ClockWrong,
        format!(
            "The clock of the server is {seconds:.1} s {who} that of this device. Times of messages are wrong, and \
             tokens and certificates seem to have run out, or not to be valid yet."
        ),
        "Let both set their clocks by themselves. On this device: date and time, set automatically. On the server: \
         `timedatectl set-ntp true`.",
    ))
}

fn mbits(bps: f64) -> String {
    format!("{:.1} Mbit/s", bps / 1e6)
}

/// A bitrate as encoders ask for it, rounded down to the next hundred.
fn kbits(bps: f64) -> String {
    format!("{:.0} kbit/s", (bps / 1e5).floor() * 100.0)
}
