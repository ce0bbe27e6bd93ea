//! Recordings over HTTP: who watches them, and how files leave the server.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Response;
use sluice_domain::{
    AccessLevel, BroadcastId, Codec, MediaTime, RecordingId, RecordingState, RecordingVisibility, Tier,
};
use sluice_live::{Fallen, RecordingConfig};
use sluice_media::tapped::{Tapped, TappedPacket};
use sluice_recorder::{Begin, Recorder, RecorderConfig, RecorderEvent, StoreConfig, Summary, Taps};
use sluice_store::{Recording, RecordingNumbers};
use sluice_transcode::{Transcode, TranscodeConfig};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::people::{MODERATOR, OWNER, STRANGER};
use crate::server::{Server, assert_problem, text};

/// A server with a recording of six seconds of sound of the stream `demo`.
struct Library {
    server: Server,
    recording: RecordingId,
    folder: tempfile::TempDir,
}

impl Library {
    async fn open() -> Self {
        Self::of(RecordingState::Ready).await
    }

    /// A library that this process finds in this state when it begins to record.
    async fn of(state: RecordingState) -> Self {
        let server = Server::start().await;
        let folder = tempfile::tempdir().unwrap();
        let (recording, broadcast) = (RecordingId(Uuid::now_v7()), BroadcastId(Uuid::now_v7()));
        let summary = written(&config(folder.path().into()), recording, broadcast).await;
        let library = Self { server, recording, folder };
        library.note(broadcast, &summary, state).await;
        let (recorder, events) = Recorder::start(config(library.folder.path().into())).unwrap();
        let nowhere = TranscodeConfig { ffmpeg: "/nowhere/ffmpeg".into(), ..TranscodeConfig::default() };
        let settings = RecordingConfig {
            thumbnails: Duration::ZERO,
            undo: Duration::from_secs(60),
            scratch: library.folder.path().join("scratch"),
        };
        library.server.live.record(recorder, events, Transcode::start(nowhere).await, settings);
        library
    }

    /// The row of the recording.
    async fn note(&self, broadcast: BroadcastId, summary: &Summary, state: RecordingState) {
        let (people, recordings) = (&self.server.people, self.server.people.store.recordings());
        let stream = (people.org, people.id("demo"));
        let row = Recording::begun(self.recording, stream, broadcast, "Owls \"at\" night", (1, 1));
        recordings.create(&row).await.unwrap();
        let numbers = RecordingNumbers {
            duration_ms: i64::try_from(summary.duration_ms).unwrap(),
            ..RecordingNumbers::default()
        };
        recordings.set_ended(people.org, self.recording, &numbers).await.unwrap();
        recordings.set_state(people.org, self.recording, state, None, 1).await.unwrap();
    }

    fn path(&self, rest: &str) -> String {
        format!("/vod/{}/{rest}", self.recording)
    }

    async fn get(&self, rest: &str) -> Response {
        self.server.send("GET", &self.path(rest)).await
    }

    async fn get_as(&self, rest: &str, token: &str) -> Response {
        self.server.request("GET", &self.path(rest)).bearer_auth(token).send().await.unwrap()
    }

    async fn show_to(&self, visibility: RecordingVisibility) {
        let (people, recordings) = (&self.server.people, self.server.people.store.recordings());
        let there = recordings.by_id(people.org, self.recording).await.unwrap();
        let change = sluice_store::RecordingChange {
            title: there.title,
            description: there.description,
            visibility,
            trim_start_ms: None,
            trim_end_ms: None,
            delete_after: None,
        };
        recordings.update(people.org, self.recording, there.version, &change, 2).await.unwrap();
        self.server.live.recording_changed(self.recording);
    }
}

fn config(folder: PathBuf) -> RecorderConfig {
    RecorderConfig {
        segment: Duration::from_secs(1),
        part: Duration::from_millis(200),
        linger: Duration::ZERO,
        free_space: 0,
        ..RecorderConfig::new(folder.join("spool"), StoreConfig::Local(folder.join("store")))
    }
}

/// Records six seconds of sound.
async fn written(config: &RecorderConfig, recording: RecordingId, broadcast: BroadcastId) -> Summary {
    let (recorder, mut events) = Recorder::start(config.clone()).unwrap();
    let (packets, tapped) = mpsc::channel(64);
    let (wishes, _wished) = mpsc::channel(4);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let began = i64::try_from(now.as_micros()).unwrap() - 6_000_000;
    let begin = Begin { recording, broadcast, keep: true, started: MediaTime(began) };
    recorder.begin(begin, Taps { packets: tapped, key_frames: wishes });
    for number in 0..300_u32 {
        let packet = TappedPacket {
            source: 1,
            layer: 0,
            codec: Codec::Opus,
            seq: u64::from(number),
            timestamp: number * 960,
            marker: false,
            // A frame of 20 ms from a CELT encoder, two channels.
            payload: Arc::from([0xfc, 1, 2, 3, 4, 5, 6, 7]),
            captured: MediaTime(began + i64::from(number) * 20_000),
            estimated: false,
            orientation: None,
        };
        packets.send(Tapped::Packets(vec![packet])).await.unwrap();
    }
    drop(packets);
    let ended = async {
        loop {
            match events.recv().await.unwrap() {
                RecorderEvent::Ended { summary, .. } => return summary,
                RecorderEvent::Failed { reason, .. } => panic!("{reason:?}"),
                _ => {}
            }
        }
    };
    let summary = tokio::time::timeout(Duration::from_secs(20), ended).await.unwrap();
    recorder.shutdown(Duration::from_secs(5)).await;
    summary
}

/// The addresses that a playlist has.
fn addresses(playlist: &str) -> Vec<String> {
    playlist.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
}

// Requirements: R119, R140
#[tokio::test]
async fn a_recording_is_played_from_its_master_playlist_down_to_its_files() {
    let library = Library::open().await;
    let master = library.get("master.m3u8").await;
    assert_eq!(master.status(), 200);
    assert_eq!(text(master.headers(), "content-type"), "application/vnd.apple.mpegurl");
    assert_eq!(text(master.headers(), "cache-control"), "public, max-age=60");
    let master = master.text().await.unwrap();
    assert_eq!(addresses(&master), ["a0/media.m3u8"], "{master}");
    let playlist = library.get("a0/media.m3u8").await.text().await.unwrap();
    assert!(playlist.contains("#EXT-X-ENDLIST") && playlist.contains("#EXT-X-PLAYLIST-TYPE:VOD"));
    let segments = addresses(&playlist);
    assert!((5..=7).contains(&segments.len()), "{playlist}");
    for name in segments.iter().map(String::as_str).chain(["init-0.mp4"]) {
        let file = library.get(&format!("a0/{name}")).await;
        assert_eq!(file.status(), 200, "{name}");
        assert_eq!(text(file.headers(), "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(text(file.headers(), "content-type"), "video/mp4");
        let length = file.content_length().unwrap();
        assert_eq!(file.bytes().await.unwrap().len() as u64, length);
    }
    let manifest = library.get("manifest.mpd").await;
    assert_eq!(text(manifest.headers(), "content-type"), "application/dash+xml");
    let manifest = manifest.text().await.unwrap();
    assert!(manifest.contains("<MPD") && manifest.contains("type=\"static\""), "{manifest}");
}

// Requirements: R133
#[tokio::test]
async fn files_come_in_parts_without_a_body_and_not_twice() {
    let library = Library::open().await;
    let whole = library.get("a0/seg-1.m4s").await;
    let tag = text(whole.headers(), "etag");
    let whole = whole.bytes().await.unwrap();
    let path = library.path("a0/seg-1.m4s");
    let part = library.server.request("GET", &path).header("Range", "bytes=8-15").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(text(part.headers(), "content-range"), format!("bytes 8-15/{}", whole.len()));
    assert_eq!(part.bytes().await.unwrap(), whole.slice(8..16));
    let beyond = library.server.request("GET", &path).header("Range", "bytes=9999999-").send().await.unwrap();
    assert_eq!(beyond.status(), 416);
    assert_eq!(text(beyond.headers(), "content-range"), format!("bytes */{}", whole.len()));
    let head = library.server.send("HEAD", &path).await;
    assert_eq!((head.status().as_u16(), text(head.headers(), "etag")), (200, tag.clone()));
    assert_eq!(text(head.headers(), "content-length"), whole.len().to_string());
    assert!(head.bytes().await.unwrap().is_empty());
    let again = library.server.request("GET", &path).header("If-None-Match", &tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    let playlist = library.server.request("GET", &library.path("a0/media.m3u8"));
    let playlist = playlist.header("Accept-Encoding", "gzip").send().await.unwrap();
    assert_eq!(text(playlist.headers(), "content-encoding"), "gzip");
    assert!(playlist.bytes().await.unwrap().starts_with(&[0x1f, 0x8b]));
}

#[tokio::test]
async fn pages_of_other_sites_read_recordings_and_their_refusals() {
    let library = Library::open().await;
    let nothing = format!("/vod/{}/master.m3u8", Uuid::nil());
    for path in [library.path("master.m3u8"), library.path("a0/seg-0.m4s"), nothing] {
        let answer = library.server.send("GET", &path).await;
        assert_eq!(text(answer.headers(), "access-control-allow-origin"), "*", "{path}");
        let exposed = text(answer.headers(), "access-control-expose-headers");
        assert!(exposed.contains("Content-Range") && exposed.contains("ETag"), "{exposed}");
        let preflight = library
            .server
            .request("OPTIONS", &path)
            .header("Origin", "https://page.example")
            .header("Access-Control-Request-Method", "GET")
            .header("Access-Control-Request-Headers", "authorization,range");
        let preflight = preflight.send().await.unwrap();
        assert!(preflight.status().is_success(), "{path}");
        assert!(text(preflight.headers(), "access-control-allow-headers").contains("Range"));
    }
}

// Requirements: R130
#[tokio::test]
async fn a_token_in_the_address_opens_a_stream_that_is_not_for_everybody_and_goes_along() {
    let library = Library::open().await;
    let people = &library.server.people;
    people.set_access("demo", AccessLevel::Followers).await;
    library.server.live.stream_changed(people.org, people.id("demo")).await.unwrap();
    let refused = library.get("master.m3u8").await;
    assert_problem(refused, 401, "unauthorized").await;
    assert_problem(library.get("a0/seg-0.m4s").await, 401, "unauthorized").await;
    let stranger = people.token(STRANGER).await;
    assert_problem(library.get_as("master.m3u8", &stranger).await, 403, "follow_required").await;
    people.follow(STRANGER, OWNER).await;
    let identity = people.accounts.authenticate(&stranger).await.unwrap();
    let record = people.record("demo").await;
    let token =
        library.server.live.playback_token(&record, Some(&identity), None, crate::people::HERE, false);
    let token = token.await.unwrap().0.expose().clone();
    let master = library.get(&format!("master.m3u8?token={token}")).await;
    assert_eq!(master.status(), 200);
    assert_eq!(text(master.headers(), "cache-control"), "private, max-age=60");
    let master = addresses(&master.text().await.unwrap());
    assert_eq!(master, [format!("a0/media.m3u8?token={token}")]);
    let playlist = addresses(&library.get(&master[0]).await.text().await.unwrap());
    for segment in &playlist {
        assert!(segment.ends_with(&format!("?token={token}")), "{segment}");
        let file = library.get(&format!("a0/{segment}")).await;
        assert_eq!(file.status(), 200, "{segment}");
        assert_eq!(text(file.headers(), "cache-control"), "private, max-age=31536000, immutable");
    }
    let expired = people.expired_playback_token("demo").await;
    let expired = library.get(&format!("a0/seg-0.m4s?token={expired}")).await;
    assert_problem(expired, 401, "token_expired").await;
}

// Requirements: R130
#[tokio::test]
async fn what_is_revoked_ends_with_the_next_segment() {
    let library = Library::open().await;
    let people = &library.server.people;
    people.set_access("demo", AccessLevel::Private).await;
    library.server.live.stream_changed(people.org, people.id("demo")).await.unwrap();
    let owner = people.token(OWNER).await;
    assert_eq!(library.get_as("a0/seg-0.m4s", &owner).await.status(), 200);
    assert_eq!(library.get_as("a0/seg-1.m4s", &owner).await.status(), 200);
    people.end_sessions(OWNER).await;
    let identity = people.account(OWNER);
    library.server.live.revoke(Fallen::Account(identity)).await;
    assert_ne!(library.get_as("a0/seg-2.m4s", &owner).await.status(), 200);
}

// Requirements: R152
#[tokio::test]
async fn a_private_recording_is_its_owners_and_the_staffs_though_its_stream_is_public() {
    let library = Library::open().await;
    assert_eq!(library.get("master.m3u8").await.status(), 200);
    library.show_to(RecordingVisibility::Private).await;
    assert_problem(library.get("master.m3u8").await, 404, "recording_unknown").await;
    let people = &library.server.people;
    let stranger = people.token(STRANGER).await;
    assert_problem(library.get_as("a0/seg-0.m4s", &stranger).await, 404, "recording_unknown").await;
    for who in [OWNER, MODERATOR] {
        let answer = library.get_as("master.m3u8", &people.token(who).await).await;
        assert_eq!(answer.status(), 200, "{who}");
        assert_eq!(text(answer.headers(), "cache-control"), "private, max-age=60");
    }
    library.show_to(RecordingVisibility::Unlisted).await;
    assert_eq!(library.get("master.m3u8").await.status(), 200);
    people.store.recordings().delete(people.org, library.recording, None, 3).await.unwrap();
    library.server.live.recording_changed(library.recording);
    let owner = people.token(OWNER).await;
    assert_problem(library.get_as("master.m3u8", &owner).await, 404, "recording_unknown").await;
}

// Requirements: R158
#[tokio::test]
async fn a_download_is_for_the_owner_the_staff_and_subscribers() {
    let library = Library::open().await;
    let people = &library.server.people;
    assert_problem(library.get("download.mp4").await, 401, "unauthorized").await;
    let stranger = people.token(STRANGER).await;
    assert_problem(library.get_as("download.mp4", &stranger).await, 403, "forbidden").await;
    // There is no ffmpeg here, which is said to those who may.
    let owner = people.token(OWNER).await;
    assert_problem(library.get_as("download.mp4", &owner).await, 409, "recording_not_ready").await;
    people.set_tier(STRANGER, Tier::Premium).await;
    assert_problem(library.get_as("download.mp4", &stranger).await, 409, "recording_not_ready").await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found_however_it_is_asked_for() {
    let library = Library::open().await;
    for path in [
        "a0/seg-99.m4s",
        "a0/seg-0.mp4",
        "a0/seg-00.m4s",
        "a0/part-0-0.m4s",
        "a0/init-7.mp4",
        "a0/index.json",
        "v0/media.m3u8",
        "v9/seg-0.m4s",
        "a0/..%2Findex.json",
        "%2e%2e%2f%2e%2e/etc%2Fpasswd",
        "index.json",
        "poster.jpg",
        "storyboard.vtt",
        "storyboard-0.jpg",
        "storyboard.json",
        "nothing",
    ] {
        let answer = library.get(path).await;
        assert_eq!(answer.status(), 404, "{path}");
    }
    for other in ["x", "00000000-0000-0000-0000-000000000000", "..", "%2e%2e"] {
        let answer = library.server.send("GET", &format!("/vod/{other}/master.m3u8")).await;
        assert_eq!(answer.status(), 404, "{other}");
    }
    assert_problem(
        library.server.send("POST", &library.path("master.m3u8")).await,
        405,
        "method_not_allowed",
    )
    .await;
}

// Requirements: R119
#[tokio::test]
async fn a_stream_that_is_not_live_says_so_over_hls() {
    let library = Library::open().await;
    for file in ["master.m3u8", "manifest.mpd", "thumbnail.jpg"] {
        let answer = library.server.send("GET", &format!("/hls/demo/{file}")).await;
        assert!(answer.headers().contains_key("retry-after"), "{file}");
        assert_problem(answer, 404, "hls_not_live").await;
        let unknown = library.server.send("GET", &format!("/hls/nobody/{file}")).await;
        assert_problem(unknown, 404, "unknown_stream").await;
        let hidden = library.server.send("GET", &format!("/hls/hidden/{file}")).await;
        assert_problem(hidden, 404, "unknown_stream").await;
    }
    let file = format!("/hls/demo/{}/v0/seg-0.m4s", Uuid::nil());
    assert_problem(library.server.send("GET", &file).await, 404, "hls_not_live").await;
}

#[tokio::test]
async fn what_an_earlier_run_left_unfinished_is_finished_and_says_what_it_lacks() {
    let library = Library::of(RecordingState::Processing).await;
    let (people, id) = (&library.server.people, library.recording);
    crate::session::eventually(async || {
        let there = people.store.recordings().by_id(people.org, id).await.unwrap();
        there.state == RecordingState::Ready
    })
    .await;
    // Sound alone has no picture, and so lacks none.
    let there = people.store.recordings().by_id(people.org, id).await.unwrap();
    assert_eq!((there.failure, there.has_poster, there.has_storyboard), (None, false, false));
    assert_eq!(library.get("master.m3u8").await.status(), 200);
}

// Requirements: R138
#[tokio::test]
async fn players_ask_the_database_once_in_a_while_and_not_for_every_segment() {
    let library = Library::open().await;
    assert_eq!(library.get("a0/seg-0.m4s").await.status(), 200);
    // What the database says of it now would refuse everybody: nobody has told this node.
    let people = &library.server.people;
    people.store.recordings().delete(people.org, library.recording, None, 3).await.unwrap();
    for _ in 0..3 {
        assert_eq!(library.get("a0/seg-1.m4s").await.status(), 200);
    }
    library.server.live.recording_changed(library.recording);
    assert_problem(library.get("a0/seg-1.m4s").await, 404, "recording_unknown").await;
}
