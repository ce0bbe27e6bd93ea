//! Recordings of the real server: what a kill leaves of them, and what S3 keeps while it is away.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rand::RngExt;
use serde_json::Value;
use sluice_e2e::chat::Person;
use sluice_e2e::s3::{Network, S3};
use sluice_e2e::server::{KEY, STREAM, Server};
use sluice_e2e::tool::publish;

/// Longest wait for what is a matter of a moment on a machine that is not busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Kills of the server, each at another moment.
const KILLS: usize = 10;

/// How long S3 is away, unless `SLUICE_OUTAGE_SECONDS` says otherwise: long enough for several segments to wait.
const OUTAGE: u64 = 20;

/// Longest part. A part that was under way may be lost.
const PART: f64 = 0.34;

async fn text(url: &str) -> anyhow::Result<String> {
    let answer = reqwest::get(url).await.with_context(|| format!("{url} was not answered"))?;
    let status = answer.status();
    let text = answer.text().await.context("the answer broke off")?;
    ensure!(status.is_success(), "{url}: {status} {text}");
    Ok(text)
}

/// The URLs of the renditions that a master playlist names.
async fn renditions(master: &str) -> anyhow::Result<Vec<String>> {
    let playlist = text(master).await?;
    let base = reqwest::Url::parse(master).context("no URL")?;
    let audio = playlist.lines().filter(|line| line.starts_with("#EXT-X-MEDIA:"));
    let audio = audio.filter_map(|line| line.split("URI=\"").nth(1)?.split('"').next());
    let video = playlist.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    video.chain(audio).map(|uri| base.join(uri).map(String::from).context("a URI that is none")).collect()
}

/// Seconds of whole segments and of parts behind them that a media playlist offers.
fn offered(playlist: &str) -> f64 {
    let mut seconds = 0.0;
    let mut open = 0.0;
    let number =
        |text: &str| text.split(',').next().and_then(|text| text.parse::<f64>().ok()).unwrap_or_default();
    for line in playlist.lines() {
        if let Some(length) = line.strip_prefix("#EXTINF:") {
            seconds += number(length);
            open = 0.0;
        } else if let Some(part) = line.strip_prefix("#EXT-X-PART:")
            && let Some(length) = part.split("DURATION=").nth(1)
        {
            open += number(length);
        }
    }
    seconds + open
}

/// Waits until each rendition of the broadcast offers something; their URLs.
async fn live_renditions(server: &Server) -> anyhow::Result<Vec<String>> {
    let master = server.url(&format!("/hls/{STREAM}/master.m3u8"));
    let started = Instant::now();
    loop {
        let found = renditions(&master).await.unwrap_or_default();
        let mut ready = found.len() == 3;
        for rendition in &found {
            ready &= text(rendition).await.is_ok_and(|playlist| offered(&playlist) > 0.0);
        }
        if ready {
            return Ok(found);
        }
        ensure!(started.elapsed() < PATIENCE, "HLS does not start: {found:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The newest recording of the stream, once it is ready.
async fn ready(server: &Server, owner: &Person, count: usize) -> anyhow::Result<Value> {
    let started = Instant::now();
    loop {
        let list = owner.call("GET", &format!("/streams/{STREAM}/recordings"), None).await?;
        let items = list["items"].as_array().context("no list")?;
        if items.len() == count && items[0]["state"] == "ready" {
            let id = items[0]["id"].as_str().context("a recording without id")?;
            return owner.call("GET", &format!("/recordings/{id}"), None).await;
        }
        ensure!(started.elapsed() < PATIENCE, "no recording is ready: {list}\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Fetches all of a rendition; its bytes, and how long its playlist says it is.
async fn whole(playlist_url: &str) -> anyhow::Result<(Vec<u8>, f64)> {
    let playlist = text(playlist_url).await?;
    ensure!(playlist.contains("#EXT-X-ENDLIST"), "not a finished playlist:\n{playlist}");
    ensure!(!playlist.contains("#EXT-X-GAP"), "something is missing:\n{playlist}");
    let base = reqwest::Url::parse(playlist_url).context("no URL")?;
    let maps = playlist.lines().filter_map(|line| line.strip_prefix("#EXT-X-MAP:URI=\"")?.split('"').next());
    let segments = playlist.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut bytes = Vec::new();
    for uri in maps.chain(segments) {
        let url = base.join(uri).context("a URI that is none")?;
        let answer = reqwest::get(url.clone()).await?;
        ensure!(answer.status().is_success(), "{url}: {}", answer.status());
        bytes.extend_from_slice(&answer.bytes().await?);
    }
    Ok((bytes, offered(&playlist)))
}

/// Seconds of a file as ffprobe finds them in its packets, all of which ffmpeg must decode.
fn probed(bytes: &[u8], folder: &Path) -> anyhow::Result<f64> {
    let path = folder.join("probed.mp4");
    std::fs::write(&path, bytes)?;
    let mut probe = Command::new("ffprobe");
    probe.args(["-v", "error", "-of", "json", "-show_entries", "packet=pts_time,dts_time,duration_time"]);
    let probe = probe.arg(&path).output().context("cannot run ffprobe")?;
    ensure!(probe.stderr.is_empty(), "ffprobe: {}", String::from_utf8_lossy(&probe.stderr));
    let report: Value = serde_json::from_slice(&probe.stdout).context("ffprobe wrote no JSON")?;
    let packets = report["packets"].as_array().context("no packets")?;
    let time = |packet: &Value, key: &str| packet[key].as_str().and_then(|text| text.parse::<f64>().ok());
    let (mut last, mut step, mut end) = (f64::MIN, 0.0, 0.0_f64);
    for packet in packets {
        let decoded = time(packet, "dts_time").context("a packet without time")?;
        ensure!(decoded > last, "decode times go from {last} to {decoded}");
        // The last packet of a file may have no duration of its own.
        step = time(packet, "duration_time").unwrap_or(step);
        end = end.max(time(packet, "pts_time").context("a packet that is never shown")? + step);
        last = decoded;
    }
    let first = packets.first().and_then(|packet| time(packet, "pts_time")).context("no first packet")?;
    let mut decode = Command::new("ffmpeg");
    let decode =
        decode.args(["-v", "error", "-xerror", "-i"]).arg(&path).args(["-f", "null", "-"]).output()?;
    ensure!(decode.stderr.is_empty(), "ffmpeg: {}", String::from_utf8_lossy(&decode.stderr));
    Ok(end - first)
}

/// Seconds that each of these playlists offers now.
async fn offers(urls: &[String]) -> anyhow::Result<Vec<f64>> {
    let mut seconds = Vec::new();
    for url in urls {
        seconds.push(offered(&text(url).await?));
    }
    Ok(seconds)
}

/// Sees that a recording has each rendition of what was live, to within a part of what it had offered, and that it
/// plays as long as it says.
async fn keeps(recording: &Value, seen: &[f64], folder: &Path) -> anyhow::Result<()> {
    let kept = renditions(recording["hls_url"].as_str().context("a recording without playlist")?).await?;
    ensure!(kept.len() == seen.len(), "{} of {} renditions are kept", kept.len(), seen.len());
    for (url, seen) in kept.iter().zip(seen) {
        let (bytes, said) = whole(url).await?;
        let played = probed(&bytes, folder)?;
        ensure!(said >= seen - PART, "{url} had {seen} s and keeps {said}");
        ensure!((played - said).abs() < 0.1, "{url} says {said} s and has {played}");
    }
    Ok(())
}

// Requirements: R152
#[tokio::test]
async fn recordings_survive_a_kill_of_the_server_at_any_moment() -> anyhow::Result<()> {
    let files = tempfile::tempdir()?;
    let mut server = Server::start("").await?;
    for kill in 1..=KILLS {
        let publisher = publish(&server, &["--codec", "h264", "--layers", "2", "--duration", "120s"])?;
        let urls = live_renditions(&server).await?;
        tokio::time::sleep(Duration::from_millis(rand::rng().random_range(0..6_000))).await;
        let seen = offers(&urls).await?;
        let folder = server.kill()?;
        drop(publisher);
        server = Server::start_on(folder, "", "", &[]).await?;
        let recording = ready(&server, &Person::owner(&server).await?, kill).await?;
        keeps(&recording, &seen, files.path()).await.with_context(|| format!("kill {kill}"))?;
    }
    Ok(())
}

// Requirements: R152, R154
#[tokio::test]
async fn while_s3_is_away_or_slow_viewers_go_on_and_nothing_is_lost() -> anyhow::Result<()> {
    let files = tempfile::tempdir()?;
    let outage = std::env::var("SLUICE_OUTAGE_SECONDS").ok().and_then(|text| text.parse().ok());
    let outage = Duration::from_secs(outage.unwrap_or(OUTAGE));
    let s3 = S3::start().await?;
    let streams: [(&str, &[&str]); 1] = [(STREAM, &[KEY])];
    let server = Server::start_on(tempfile::tempdir()?, "", &s3.configuration(), &streams).await?;
    let publisher = publish(&server, &["--codec", "h264", "--layers", "2", "--duration", "1h"])?;
    let urls = live_renditions(&server).await?;
    s3.set(Network::Cut);
    let before = offers(&urls[..1]).await?[0];
    tokio::time::sleep(outage).await;
    let meanwhile = offers(&urls[..1]).await?[0] - before;
    ensure!(meanwhile > outage.as_secs_f64() - 2.0, "viewers got {meanwhile} s in an outage of {outage:?}");
    s3.set(Network::Slow(Duration::from_millis(300)));
    tokio::time::sleep(Duration::from_secs(6)).await;
    let seen = offers(&urls).await?;
    drop(publisher);
    s3.set(Network::Open);
    let recording = ready(&server, &Person::owner(&server).await?, 1).await?;
    keeps(&recording, &seen, files.path()).await
}
