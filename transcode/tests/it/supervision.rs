//! ffmpeg as a child: missing, stuck, given up, or on a full disk.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use sluice_transcode::{Transcode, TranscodeError, Trim};
use tokio::time::sleep;

use crate::fixture::{left, recording, transcode};

/// A program that says it is ffmpeg and then does this.
fn pretender(folder: &Path, does: &str) -> PathBuf {
    let path = folder.join("ffmpeg-of-the-test");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*-version*) echo 'ffmpeg version 9.9 Copyright'; exit ;;\n*-encoders*) exit ;;\nesac\n{does}\n"
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// A program that never ends, with a child that never ends; their numbers are in two files.
async fn stuck(folder: &Path, limit: Duration) -> Transcode {
    let here = folder.display();
    let does = format!("sleep 1000 &\necho $! > {here}/child\necho $$ > {here}/parent\nwait");
    let ffmpeg = pretender(folder, &does);
    transcode(folder, |config| {
        config.ffmpeg = ffmpeg;
        config.limit = limit;
    })
    .await
}

async fn pids(folder: &Path) -> [u32; 2] {
    let read = |name: &str| fs::read_to_string(folder.join(name)).ok()?.trim().parse().ok();
    for _ in 0..500 {
        if let (Some(parent), Some(child)) = (read("parent"), read("child")) {
            return [parent, child];
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not start");
}

/// Whether a process runs; one that waits to be buried does not.
fn runs(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

async fn end(pids: [u32; 2]) {
    for _ in 0..500 {
        if pids.iter().all(|pid| !runs(*pid)) {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("{pids:?} still run");
}

#[tokio::test]
async fn without_ffmpeg_every_job_says_so_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let not_executable = folder.path().join("text");
    fs::write(&not_executable, b"hello").unwrap();
    let other = folder.path().join("true");
    fs::write(&other, b"#!/bin/sh\necho something else\n").unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
    for ffmpeg in [PathBuf::from("/nowhere/ffmpeg"), not_executable, other] {
        let transcode = transcode(folder.path(), |config| config.ffmpeg = ffmpeg).await;
        assert!(!transcode.available() && transcode.version().is_none() && !transcode.encodes_h264());
        let error = transcode.still(Bytes::from_static(b"x"), 320).await.unwrap_err();
        assert!(matches!(error, TranscodeError::Unavailable), "{error:?}");
        assert!(error.to_string().contains("transcode.ffmpeg"));
        let target = folder.path().join("out");
        let error = transcode.h264(&[], Duration::from_secs(4), &target).await.unwrap_err();
        assert!(matches!(error, TranscodeError::Unavailable), "{error:?}");
    }
}

#[tokio::test]
async fn a_real_ffmpeg_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let transcode = transcode(folder.path(), |_| {}).await;
    assert!(transcode.available());
    let version = transcode.version().unwrap();
    assert!(version.starts_with(|first: char| first.is_ascii_alphanumeric()), "{version}");
    assert!(transcode.encodes_h264());
}

#[tokio::test]
async fn an_ffmpeg_that_takes_too_long_is_ended_with_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    // Time enough for one that stands back behind all else to write its files.
    let limit = Duration::from_secs(5);
    let transcode = stuck(folder.path(), limit).await;
    let began = Instant::now();
    let error = transcode.still(Bytes::from_static(b"x"), 320).await.unwrap_err();
    assert!(matches!(error, TranscodeError::TimedOut { .. }), "{error:?}");
    assert!(began.elapsed() < limit + Duration::from_secs(4));
    end(pids(folder.path()).await).await;
    assert_eq!(left(&folder.path().join("temporary")).len(), 0);
}

#[tokio::test]
async fn a_job_that_nobody_waits_for_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let transcode = stuck(folder.path(), Duration::from_secs(100)).await;
    let job = tokio::spawn({
        let transcode = transcode.clone();
        async move { transcode.still(Bytes::from_static(b"x"), 320).await.map(drop) }
    });
    let pids = pids(folder.path()).await;
    assert!(pids.iter().all(|pid| runs(*pid)));
    job.abort();
    assert!(job.await.unwrap_err().is_cancelled());
    end(pids).await;
    assert_eq!(left(&folder.path().join("temporary")).len(), 0);
}

#[tokio::test]
async fn it_stands_back_behind_live_media_and_knows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().display();
    // Priority is the 19th field; the name of sh has no space.
    let does = format!("sleep 0.3\ncut -d' ' -f19 /proc/$$/stat > {here}/nice\nenv > {here}/env\nexit 3");
    let ffmpeg = pretender(folder.path(), &does);
    let transcode = transcode(folder.path(), |config| config.ffmpeg = ffmpeg).await;
    let error = transcode.still(Bytes::from_static(b"x"), 320).await.unwrap_err();
    assert!(error.to_string().contains("exit status: 3"), "{error}");
    assert_eq!(fs::read_to_string(folder.path().join("nice")).unwrap().trim(), "10");
    let env = fs::read_to_string(folder.path().join("env")).unwrap();
    assert!(env.contains("PATH=") && !env.contains("CARGO"), "{env}");
}

#[tokio::test]
async fn long_jobs_take_turns_and_pictures_do_not_wait_for_them() {
    let recording = recording("libx264", "320x180", 2);
    let folder = recording.folder.path();
    let here = folder.display();
    // Says when it began and ended, a line each. A picture ends once a long job has begun, and a long job once
    // a picture has ended, or after 20 s: a picture that had to wait for it would end after it.
    let does = format!(
        "echo \"+ $*\" >> {here}/log\n\
         case \"$*\" in *'-f mp4'*) other='^- .*-f image2' ;; *) other='^[+] .*-f mp4' ;; esac\n\
         tries=0\n\
         until grep -q \"$other\" {here}/log || [ $tries -ge 400 ]; do\n\
         sleep 0.05; tries=$((tries + 1))\n\
         done\n\
         sleep 0.5\necho \"- $*\" >> {here}/log\nexit 1"
    );
    let ffmpeg = pretender(folder, &does);
    let transcode = transcode(folder, |config| config.ffmpeg = ffmpeg).await;
    let target = folder.join("out.mp4");
    let download = || transcode.download(&recording.source, Trim::default(), &target);
    let still = transcode.still(Bytes::from_static(b"x"), 320);
    let (one, two, still) = tokio::join!(download(), download(), still);
    assert!(one.is_err() && two.is_err() && still.is_err());
    let log = fs::read_to_string(folder.join("log")).unwrap();
    let ended = |kind: &str| log.lines().position(|line| line.starts_with("- ") && line.contains(kind));
    assert!(ended("-f image2").unwrap() < ended("-f mp4").unwrap(), "the picture waited: {log}");
    let long: String = log.lines().filter(|line| line.contains("-f mp4")).map(|line| &line[..1]).collect();
    assert_eq!(long, "+-+-", "{log}");
}

/// A shell that writes no file beyond this many blocks of 512 bytes (1024 in some), and then is ffmpeg.
fn on_a_small_disk(folder: &Path, blocks: u32) -> PathBuf {
    pretender(folder, &format!("trap '' XFSZ\nulimit -f {blocks}\nexec ffmpeg \"$@\""))
}

#[tokio::test]
async fn a_file_that_cannot_be_written_to_its_end_is_an_error_and_no_file() {
    let recording = recording("libx264", "1280x720", 6);
    let folder = recording.folder.path();
    let downloads = folder.join("downloads");
    fs::create_dir(&downloads).unwrap();
    let target = downloads.join("out.mp4");
    // In the middle of the media, and when all but the move of the index is done.
    let whole = transcode(folder, |_| {}).await.download(&recording.source, Trim::default(), &target).await;
    let size = whole.unwrap();
    fs::remove_file(&target).unwrap();
    for part in [size / 3, size - 600] {
        let ffmpeg = on_a_small_disk(folder, u32::try_from(part / 1024).unwrap());
        let transcode = transcode(folder, |config| config.ffmpeg = ffmpeg).await;
        let error = transcode.download(&recording.source, Trim::default(), &target).await.unwrap_err();
        assert!(matches!(error, TranscodeError::Failed { .. } | TranscodeError::NotWhole(_)), "{error:?}");
        assert!(left(&downloads).is_empty(), "no half of a file");
    }
}

#[tokio::test]
async fn a_full_disk_is_said_before_and_after() {
    let recording = recording("libx264", "320x180", 2);
    let folder = recording.folder.path();
    let target = folder.join("out.mp4");
    let transcode = transcode(folder, |config| config.free_space = u64::MAX / 2).await;
    let error = transcode.download(&recording.source, Trim::default(), &target).await.unwrap_err();
    assert!(matches!(error, TranscodeError::DiskFull), "{error:?}");
    // ffmpeg says it, and ends as if all were well.
    let says = "echo 'av_interleaved_write_frame(): No space left on device' >&2\nexit 0";
    let ffmpeg = pretender(folder, says);
    let transcode = crate::fixture::transcode(folder, |config| config.ffmpeg = ffmpeg).await;
    let error = transcode.download(&recording.source, Trim::default(), &target).await.unwrap_err();
    assert!(matches!(error, TranscodeError::DiskFull), "{error:?}");
    assert!(!target.exists());
}
