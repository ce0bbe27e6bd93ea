//! Viewers against a small origin: a recording, a live stream with parts, and one that fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use clap::Parser as _;
use tokio::net::TcpListener;
use tokio::time::sleep;

use super::*;
use crate::cli::{Cli, Command};

/// Length of a part of the live stream; a segment has three. Long beside a pause of a busy machine.
const PART: u64 = 300;

/// Days from 1970 until 2026.
const DAYS: u64 = 20_454;

#[derive(Debug)]
struct Origin {
    began: Instant,
    utc: u64,
    /// Parts from this one on are missing.
    ends: u64,
    /// Parts that a player has before it begins.
    hold: u64,
    /// Answers to playlists that waited.
    waited: AtomicU64,
}

impl Origin {
    fn parts(&self) -> u64 {
        (self.began.elapsed().as_millis() as u64 / PART + 3).min(self.ends)
    }

    /// Two whole segments and the one that is being made.
    fn playlist(&self) -> String {
        let parts = self.parts();
        let newest = parts / 3;
        let first = newest.saturating_sub(2);
        let seconds = |parts: u64| (parts * PART) as f64 / 1000.0;
        let (part, segment, hold) = (seconds(1), seconds(3), seconds(self.hold));
        let mut text = format!(
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-PART-INF:PART-TARGET={part}\n\
             #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={hold}\n\
             #EXT-X-MEDIA-SEQUENCE:{first}\n#EXT-X-MAP:URI=\"init.mp4\"\n"
        );
        for number in first..=newest {
            let date = self.utc + number * 3 * PART;
            let (seconds, millis) = (date / 1000 % 60, date % 1000);
            let (minutes, hours) = (date / 60_000 % 60, date / 3_600_000 % 24);
            let day = date_of(date / 86_400_000 - DAYS);
            text += &format!(
                "#EXT-X-PROGRAM-DATE-TIME:{day}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}Z\n"
            );
            for index in 0..3.min(parts - number * 3) {
                text += &format!("#EXT-X-PART:DURATION={part},URI=\"part-{number}-{index}\"\n");
            }
            if number < newest {
                text += &format!("#EXTINF:{segment},\nseg-{number}\n");
            }
        }
        text
    }
}

/// A day of 2026 or later, counted from its first.
fn date_of(mut day: u64) -> String {
    let mut year = 2026;
    loop {
        let leap = year % 4 == 0;
        let months = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, days) in months.into_iter().enumerate() {
            if day < days {
                return format!("{year}-{:02}-{:02}", month + 1, day + 1);
            }
            day -= days;
        }
        year += 1;
    }
}

#[derive(Debug, serde::Deserialize)]
struct Reload {
    #[serde(rename = "_HLS_msn")]
    msn: Option<u64>,
    #[serde(rename = "_HLS_part")]
    part: Option<u64>,
}

async fn live(State(origin): State<Arc<Origin>>, Query(reload): Query<Reload>) -> Response {
    if let Some(msn) = reload.msn {
        let wanted = msn * 3 + reload.part.unwrap_or(0);
        let asked = Instant::now();
        while origin.parts() <= wanted {
            if asked.elapsed() > Duration::from_secs(3) {
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
            sleep(Duration::from_millis(5)).await;
        }
        origin.waited.fetch_add(1, Ordering::Relaxed);
    }
    origin.playlist().into_response()
}

async fn file(State(origin): State<Arc<Origin>>, Path(name): Path<String>) -> Response {
    let mut numbers = name.split('-').skip(1).filter_map(|number| number.parse::<u64>().ok());
    if name.starts_with("part-") {
        let part = numbers.next().unwrap_or(0) * 3 + numbers.next().unwrap_or(0);
        if part >= origin.parts() {
            return StatusCode::NOT_FOUND.into_response();
        }
    }
    vec![7_u8; 3000].into_response()
}

async fn start(ends: u64, hold: u64) -> (String, Arc<Origin>) {
    let utc = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    // So that the third part ends now.
    let utc = utc - 3 * PART;
    let origin = Arc::new(Origin { began: Instant::now(), utc, ends, hold, waited: AtomicU64::new(0) });
    let master = "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",URI=\"a/live.m3u8\"\n\
                  #EXT-X-STREAM-INF:BANDWIDTH=100000,AUDIO=\"a\"\nv/live.m3u8\n";
    let recording = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MAP:URI=\"init.mp4\"\n\
                     #EXTINF:0.5,\nseg-0\n#EXTINF:0.5,\nseg-1\n#EXT-X-GAP\n#EXTINF:0.5,\nseg-x\n#EXT-X-ENDLIST\n";
    let router = Router::new()
        .route("/master.m3u8", get(move || async move { master }))
        .route("/recording.m3u8", get(move || async move { recording }))
        .route("/broken.m3u8", get(|| async { "<html>not today</html>" }))
        .route("/{track}/live.m3u8", get(live))
        .route(
            "/{track}/{name}",
            get(|state, Path((_, name)): Path<(String, String)>| file(state, Path(name))),
        )
        .route("/{name}", get(file))
        .with_state(Arc::clone(&origin));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), origin)
}

async fn play(line: &str) -> Report {
    let line = format!("sluice-load hls --quiet --stagger 1ms {line}");
    let Ok(Cli { command: Command::Hls(args) }) = Cli::try_parse_from(line.split_whitespace()) else {
        panic!("{line}");
    };
    run(&args).await.unwrap()
}

#[tokio::test]
async fn viewers_of_a_live_stream_wait_for_playlists_and_get_each_part() {
    // A second and a half in which nothing comes is no stall yet.
    let (url, origin) = start(u64::MAX, 6).await;
    let report = play(&format!("--url {url}/master.m3u8 -n 3 --duration 6s")).await;
    assert_eq!((report.playing, report.errors, report.stalls, report.skips), (3, 0, 0, 0), "{report:?}");
    assert!(report.ok || report.load_cpu > 0.9, "{report:?}");
    let parts = report.part_ms.unwrap().count;
    assert!((3 * 2 * 17..=3 * 2 * 25).contains(&parts), "{parts} parts of six tracks in six seconds");
    let waits = report.blocking_playlist_ms.unwrap();
    let part = PART as f64;
    assert!(waits.p50 > 0.4 * part && waits.p50 < 1.3 * part, "{waits:?}");
    let unread = origin.waited.load(Ordering::Relaxed).abs_diff(waits.count);
    assert!(unread <= 6, "one a track may be under way: {unread}");
    let behind = report.behind_ms.unwrap();
    assert!(behind.p50 < 1.2 * part, "as fresh as a part: {behind:?}");
    assert_eq!(report.connections, 6, "each track keeps its connection");
    assert_eq!(report.init_ms.unwrap().count, 6);
    assert!(report.bytes > parts * 3000);
}

#[tokio::test]
async fn plain_viewers_get_whole_segments() {
    let (url, origin) = start(u64::MAX, 3).await;
    sleep(Duration::from_millis(7 * PART)).await;
    let report = play(&format!("--url {url}/v/live.m3u8 -n 2 --plain --duration 2s")).await;
    assert!(report.part_ms.is_none() && report.blocking_playlist_ms.is_none());
    assert!(report.segment_ms.unwrap().count >= 4, "{report:?}");
    assert_eq!((origin.waited.load(Ordering::Relaxed), report.errors), (0, 0));
}

#[tokio::test]
async fn a_recording_is_read_at_its_own_pace_and_again() {
    let (url, _) = start(0, 3).await;
    let report = play(&format!("--url {url}/recording.m3u8 -n 4 --duration 3s")).await;
    assert_eq!((report.playing, report.errors, report.stalls), (4, 0, 0), "{report:?}");
    let segments = report.segment_ms.unwrap().count;
    // Three seconds, and two that are fetched ahead, of half a second each.
    assert!((4 * 7..=4 * 12).contains(&segments), "{segments}");
    assert!(report.gaps > 0, "what is said to be missing is not asked for");
}

#[tokio::test]
async fn a_stream_that_stands_still_is_a_stall_and_errors_are_told_apart() {
    let (url, _) = start(6, 3).await;
    let report = play(&format!("--url {url}/v/live.m3u8 -n 2 --duration 5s")).await;
    assert_eq!((report.playing, report.stalled_viewers), (2, 2), "{report:?}");
    assert!(report.stalled_seconds > 4.0);
    assert!(report.errors_by_kind.contains_key("503 for a playlist"), "{report:?}");
    assert!(!report.ok && report.text().contains("2 stalls of 2 viewers"), "{}", report.text());
    for (path, expected) in [("broken.m3u8", "not a playlist"), ("nowhere/at/all", "404 for a playlist")] {
        let report = play(&format!("--url {url}/{path} -n 1 --duration 1s")).await;
        assert_eq!(report.playing, 0);
        assert!(report.reason.unwrap().contains(expected));
    }
}

#[test]
fn tls_and_nonsense_are_refused() {
    for (line, expected) in
        [("--url https://h/x", "http address"), ("", "--url"), ("--url http://h -n 0", "100000")]
    {
        let line = format!("sluice-load hls {line}");
        let error = Cli::try_parse_from(line.split_whitespace()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
