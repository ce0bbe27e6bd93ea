//! The object store: a folder, and a real server of S3 that goes away and comes back.

use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use sluice_domain::Redacted;
use tokio::net::TcpSocket;

use super::*;
use crate::config::S3Config;
use crate::error::StoreError;
use crate::store::{ByteRange, Object};

async fn read(object: Object) -> Vec<u8> {
    object
        .body
        .try_fold(Vec::new(), |mut all, bytes| async move {
            all.extend_from_slice(&bytes);
            Ok(all)
        })
        .await
        .unwrap()
}

// Requirements: R72, R162
async fn keeps_what_is_made_of_a_recording(rig: &Rig) {
    let recorder = &rig.recorder;
    let id = recording(1);
    recorder.put_processed_bytes(id, "poster.jpg", Bytes::from_static(b"0123456789")).await.unwrap();
    let ranges = [
        (None, "0123456789"),
        (Some(ByteRange::Bounded(2, 5)), "234"),
        (Some(ByteRange::Bounded(7, 500)), "789"),
        (Some(ByteRange::From(8)), "89"),
        (Some(ByteRange::Last(3)), "789"),
        (Some(ByteRange::Last(300)), "0123456789"),
    ];
    for (range, expected) in ranges {
        let object = recorder.processed(id, "poster.jpg", range).await.unwrap();
        assert_eq!(object.size, 10);
        assert_eq!(object.range.end - object.range.start, expected.len() as u64);
        assert_eq!(read(object).await, expected.as_bytes(), "{range:?}");
    }
    for bad in [ByteRange::Bounded(10, 12), ByteRange::Bounded(5, 5), ByteRange::From(10), ByteRange::Last(0)]
    {
        let refused = recorder.processed(id, "poster.jpg", Some(bad)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Range { size: 10 }), "{bad:?}");
    }
    for bad in ["../raw/index.json", "/etc/passwd", "", "a/../b"] {
        assert!(
            matches!(recorder.processed(id, bad, None).await.unwrap_err(), StoreError::Name { .. }),
            "{bad}"
        );
    }
    let file = rig.folder.path().join("large");
    let large: Vec<u8> = (0..40_u32 << 20).map(|n| (n >> 8) as u8).collect();
    fs::write(&file, &large).unwrap();
    recorder.put_processed(id, "download.mp4", &file).await.unwrap();
    assert_eq!(recorder.processed_size(id, "download.mp4").await.unwrap(), Some(40 << 20));
    let range = ByteRange::Bounded(33 << 20, (33 << 20) + 1_000);
    let object = recorder.processed(id, "download.mp4", Some(range)).await.unwrap();
    assert_eq!(read(object).await, large[33 << 20..(33 << 20) + 1_000]);
    recorder.delete_processed(id, "poster.jpg").await.unwrap();
    recorder.delete_processed(id, "poster.jpg").await.unwrap();
    assert_eq!(recorder.processed_size(id, "poster.jpg").await.unwrap(), None);
}

// Requirements: R156
async fn keeps_the_smallest_then_deletes_all(rig: &Rig) {
    let id = recording(1);
    let before = rig.recorder.vod(id, Trim::default()).await.unwrap().summary();
    let bytes = rig.recorder.keep_smallest(id).await.unwrap();
    assert!(bytes < before.bytes);
    let vod = rig.recorder.vod(id, Trim::default()).await.unwrap();
    let left: Vec<Rendition> = vod.summary().renditions.iter().map(|rendition| rendition.rendition).collect();
    assert_eq!(left, [Rendition::Video(2), Rendition::Audio]);
    assert_eq!(vod.file("v0", "seg-0.m4s").await.unwrap_err(), HlsRefusal::Unknown);
    assert!(vod.file("v2", "seg-0.m4s").await.is_ok());
    assert!(rig.recorder.delete(id).await.unwrap());
    assert_eq!(rig.recorder.vod(id, Trim::default()).await.unwrap_err(), HlsRefusal::Unknown);
    assert_eq!(rig.recorder.processed_size(id, "download.mp4").await.unwrap(), None);
    assert!(rig.recorder.delete(id).await.unwrap(), "once more is no error");
}

#[tokio::test]
async fn a_folder_keeps_recordings_and_what_is_made_of_them() {
    let mut rig = Rig::start();
    let mut feed = rig.begin(1, true, Publisher::simulcast(), 20);
    feed.seconds(14).await;
    assert!(!rig.recorder.delete(recording(1)).await.unwrap(), "a live one is not deleted");
    drop(feed.packets);
    assert!(matches!(rig.event().await, RecorderEvent::Ended { .. }));
    keeps_what_is_made_of_a_recording(&rig).await;
    for _ in 0..100 {
        if rig.recorder.usage().live == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    keeps_the_smallest_then_deletes_all(&rig).await;
    let raw = rig.folder.path().join("store/recordings").join(recording(1).to_string());
    assert!(!raw.exists(), "no empty folders either");
}

// Requirements: R152
#[tokio::test]
async fn a_trim_shows_nothing_of_what_it_leaves_out() {
    let mut rig = Rig::start();
    let mut feed = rig.begin(1, true, Publisher::simulcast(), 50);
    feed.seconds(40).await;
    drop(feed.packets);
    assert!(matches!(rig.event().await, RecorderEvent::Ended { .. }));
    let trimmed =
        async |start_ms, end_ms| rig.recorder.vod(recording(1), Trim { start_ms, end_ms }).await.unwrap();
    let vod = trimmed(Some(9_000), Some(30_000)).await;
    let (from, length) = vod.shown_ms();
    assert!((9_000..13_000).contains(&from) && from + length <= 30_001, "{from} {length}");
    let list = text(&vod.playlist("v0", "").unwrap().plain);
    assert!(!list.contains("seg-0.m4s") && !list.contains("seg-9.m4s"), "{list}");
    assert_eq!(vod.file("v0", "seg-0.m4s").await.unwrap_err(), HlsRefusal::Unknown);
    for uri in uris(&list) {
        vod.file("v0", &uri).await.unwrap();
    }
    for (start, end) in
        [(Some(u64::MAX), None), (None, Some(0)), (Some(30_000), Some(10_000)), (Some(5_000), Some(5_001))]
    {
        let vod = trimmed(start, end).await;
        assert_eq!(uris(&text(&vod.playlist("a0", "").unwrap().plain)).len(), 1, "{start:?} {end:?}");
    }
}

/// A server of S3 that can be killed and started again. What it had is gone then, as moto keeps it in memory.
struct S3 {
    child: Option<Child>,
    port: u16,
    /// Bound and never listening: nobody else is given the port while the server is away, and whoever connects
    /// is refused. The server may bind it as well, as both reuse the address.
    _kept: TcpSocket,
}

impl S3 {
    async fn start() -> Self {
        let kept = TcpSocket::new_v4().unwrap();
        kept.set_reuseaddr(true).unwrap();
        kept.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = kept.local_addr().unwrap().port();
        let mut server = Self { child: None, port, _kept: kept };
        server.up().await;
        server
    }

    async fn up(&mut self) {
        let child = Command::new(tools().join("venv/bin/moto_server"))
            .args(["-H", "127.0.0.1", "-p", &self.port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("`scripts/setup test` installs moto_server");
        self.child = Some(child);
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server of S3 does not start");
    }

    fn down(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Makes the bucket, as an administrator does: by a request without a body.
    async fn make_bucket(&self) {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let request = "PUT /media HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\
                       Authorization: AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, \
                       SignedHeaders=host, Signature=0\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    fn config(&self) -> StoreConfig {
        StoreConfig::S3(S3Config {
            endpoint: Some(format!("http://127.0.0.1:{}", self.port)),
            region: "us-east-1".into(),
            bucket: "media".into(),
            prefix: "sluice/test".into(),
            access_key: "key".into(),
            secret_key: Redacted::new("secret".into()),
        })
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.down();
    }
}

/// Where `scripts/setup` puts what tests need.
fn tools() -> std::path::PathBuf {
    match std::env::var_os("SLUICE_TOOLS_DIR") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools"),
    }
}

#[tokio::test]
async fn s3_that_goes_away_for_a_while_loses_nothing() {
    let mut s3 = S3::start().await;
    let mut rig = Rig::with(|config| config.store = s3.config());
    // There is no bucket yet: everything is refused, and kept.
    let mut feed = rig.begin(1, true, Publisher::simulcast(), 55);
    feed.seconds(12).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    s3.down();
    feed.seconds(12).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(feed.live.status().duration_ms > 23_000, "viewers notice nothing");
    drop(feed.packets);
    tokio::time::sleep(Duration::from_millis(500)).await;
    s3.up().await;
    s3.make_bucket().await;
    let RecorderEvent::Ended { summary, .. } = rig.event().await else { panic!("it ends") };
    assert!((23_800..24_200).contains(&summary.duration_ms), "{summary:?}");
    let vod = rig.recorder.vod(recording(1), Trim::default()).await.unwrap();
    for rendition in ["v0", "v1", "v2", "a0"] {
        let list = text(&vod.playlist(rendition, "").unwrap().plain);
        let files = vod.segment_files(rendition.parse().unwrap(), rig.folder.path()).await.unwrap();
        let seconds: f64 = files.iter().map(|file| file.duration.as_secs_f64()).sum();
        assert!((23.9..24.1).contains(&seconds), "{rendition} {seconds}");
        // The last picture of one layer may begin a segment that the others have nothing for.
        assert!(list.matches("EXT-X-GAP").count() <= 1 && uris(&list).len() <= files.len() + 1, "{list}");
        for uri in uris(&list).into_iter().take(files.len()) {
            let bytes = vod.file(rendition, &uri).await.unwrap();
            assert_eq!(cmaf::complete_prefix(&bytes), bytes.len(), "{rendition} {uri}");
        }
    }
    let files = vod.segment_files(Rendition::Audio, rig.folder.path()).await.unwrap();
    assert!(files.len() >= 6 && files.iter().all(|file| file.media.exists()));
    keeps_what_is_made_of_a_recording(&rig).await;
    keeps_the_smallest_then_deletes_all(&rig).await;
}
