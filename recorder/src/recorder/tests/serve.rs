//! What players get, while it is live and afterwards.

use super::*;

const LIST: Reload = Reload { segment: None, part: None, skip: false };

// Requirements: R119, R136, R138, R140
#[tokio::test]
async fn a_broadcast_is_watched_live_and_afterwards_with_the_same_bytes() {
    let mut rig = Rig::start();
    let mut feed = rig.begin(1, true, Publisher::simulcast(), 50);
    assert_eq!(feed.live.master("", "").unwrap_err(), HlsRefusal::NotLive);
    feed.seconds(30).await;

    let master = text(&feed.live.master("x/", "token=t").unwrap().plain);
    assert_eq!(uris(&master).len(), 3, "{master}");
    assert!(master.contains("x/v0/media.m3u8?token=t") && master.contains("URI=\"x/a0/media.m3u8?token=t\""));
    assert!(
        master.contains("CODECS=\"avc1.42c01f,opus\"") && master.contains("RESOLUTION=1280x720"),
        "{master}"
    );
    let best = master.find("x/v0/").unwrap();
    assert!(best < master.find("x/v1/").unwrap() && best < master.find("x/v2/").unwrap());

    let list = text(&feed.live.playlist("v1", LIST, "").await.unwrap().plain);
    assert!(
        list.contains("#EXT-X-PRELOAD-HINT:TYPE=PART") && list.contains("#EXT-X-RENDITION-REPORT"),
        "{list}"
    );
    assert!(list.contains("#EXT-X-PROGRAM-DATE-TIME:"));
    let mut live = Vec::new();
    for uri in uris(&list) {
        let bytes = feed.live.file("v1", &uri).await.unwrap();
        assert_eq!(cmaf::complete_prefix(&bytes), bytes.len());
        live.push((uri, bytes));
    }
    assert!(live.len() >= 6, "{list}");
    let parts: Vec<&str> = list.split('"').filter(|part| part.starts_with("part-")).collect();
    assert!(parts.len() > 10);
    let hint = parts.last().unwrap();
    for part in &parts[..parts.len() - 1] {
        feed.live.file("v1", part).await.unwrap();
    }
    assert!(feed.live.dash("", "", rig.recorder.shared.now()).unwrap().plain.starts_with(b"<?xml"));
    assert!(feed.live.key_frame().is_some_and(|still| still.rendition == Rendition::Video(1)));
    let status = feed.live.status();
    assert!(
        status.kept && status.bytes > 500_000 && (29_000..31_000).contains(&status.duration_ms),
        "{status:?}"
    );

    let waiting = tokio::spawn({
        let (live, hint) = (feed.live.clone(), (*hint).to_owned());
        async move { live.file("v1", &hint).await }
    });
    feed.seconds(2).await;
    assert!(waiting.await.unwrap().is_ok(), "the part that comes next is waited for");

    drop(feed.packets);
    let RecorderEvent::Ended { summary, .. } = rig.event().await else { panic!("it ends") };
    assert!((31_800..32_200).contains(&summary.duration_ms), "{summary:?}");
    assert_eq!(summary.renditions.len(), 4);
    assert_eq!((summary.renditions[0].size, summary.gaps), (Some((1280, 720)), 0));
    let vod = rig.recorder.vod(recording(1), Trim::default()).await.unwrap();
    let list = text(&vod.playlist("v1", "").unwrap().plain);
    assert!(
        list.contains("#EXT-X-PLAYLIST-TYPE:VOD") && list.trim_end().ends_with("#EXT-X-ENDLIST"),
        "{list}"
    );
    for (uri, bytes) in live {
        assert!(uris(&list).contains(&uri));
        assert_eq!(vod.file("v1", &uri).await.unwrap(), bytes, "{uri}");
    }
    assert_eq!(uris(&text(&vod.master("", "").unwrap().plain)).len(), 3);
    assert!(vod.dash("", "").unwrap().plain.starts_with(b"<?xml"));
}

#[tokio::test]
async fn a_playlist_that_has_no_whole_segment_yet_is_waited_for() {
    let rig = Rig::start();
    let mut feed = rig.begin(1, true, Publisher::simulcast(), 41);
    feed.seconds(3).await;
    let waiting = tokio::spawn({
        let live = feed.live.clone();
        async move { live.playlist("v0", LIST, "").await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished(), "players refuse a playlist of parts alone");
    feed.seconds(6).await;
    let list = text(&waiting.await.unwrap().unwrap().plain);
    assert!(list.contains("\nseg-0.m4s"), "{list}");
}

#[tokio::test]
async fn a_reload_waits_for_its_part_and_one_that_is_absurd_is_refused() {
    let rig = Rig::start();
    let mut feed = rig.begin(1, true, Publisher::simulcast(), 40);
    feed.seconds(9).await;
    let next = Reload { segment: Some(3), part: Some(0), skip: false };
    let waiting = tokio::spawn({
        let live = feed.live.clone();
        async move { live.playlist("v0", next, "").await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    feed.seconds(6).await;
    let list = text(&waiting.await.unwrap().unwrap().plain);
    assert!(list.contains("seg-2.m4s") && list.contains("part-3-0.m4s"), "{list}");
    for (segment, part) in [(u64::MAX, None), (100, Some(0)), (7, Some(u32::MAX))] {
        let absurd = Reload { segment: Some(segment), part, skip: true };
        assert_eq!(feed.live.playlist("v0", absurd, "").await.unwrap_err(), HlsRefusal::Absurd, "{segment}");
    }
    let part_only = Reload { segment: None, part: Some(1), skip: false };
    assert_eq!(feed.live.playlist("v0", part_only, "").await.unwrap_err(), HlsRefusal::Absurd);
    assert_eq!(feed.live.playlist("v0", LIST, "a\nb").await.unwrap_err(), HlsRefusal::Absurd);
    for (rendition, name) in [
        ("v0", "../../../etc/passwd"),
        ("..", "seg-0.m4s"),
        ("v7", "seg-0.m4s"),
        ("v0", "seg-99.m4s"),
        ("v0", "part-0-99.m4s"),
        ("v0", "init-7.mp4"),
        ("v0", "index.jsonl"),
        ("", ""),
        ("v0", "seg--1.m4s"),
    ] {
        assert_eq!(
            feed.live.file(rendition, name).await.unwrap_err(),
            HlsRefusal::Unknown,
            "{rendition}/{name}"
        );
    }
}

#[tokio::test]
async fn a_reload_of_a_publisher_that_stands_still_is_refused_after_a_while() {
    let rig = Rig::with(|config| config.segment = Duration::from_millis(600));
    let mut feed = rig.begin(1, true, Publisher::simulcast(), 40);
    feed.seconds(3).await;
    let begun = tokio::time::Instant::now();
    let list = text(&feed.live.playlist("v0", LIST, "").await.unwrap().plain);
    let newest = uris(&list).last().unwrap().clone();
    let newest: u64 = newest.trim_start_matches("seg-").trim_end_matches(".m4s").parse().unwrap();
    let next = Reload { segment: Some(newest + 2), part: None, skip: false };
    assert_eq!(feed.live.playlist("v0", next, "").await.unwrap_err(), HlsRefusal::TooLate);
    let waited = begun.elapsed().as_secs_f64();
    // Never sooner; how much later it is noticed is up to the machine, but less than as long again.
    assert!((5.9..12.0).contains(&waited), "{waited}: three target durations of two seconds");
}

// Requirements: R133
#[tokio::test]
async fn viewers_that_ask_for_the_same_playlist_get_the_same_bytes() {
    let rig = Rig::start();
    let mut feed = rig.begin(1, true, Publisher::simulcast(), 40);
    feed.seconds(10).await;
    let one = feed.live.playlist("v0", LIST, "").await.unwrap();
    let other = feed.live.playlist("v0", LIST, "").await.unwrap();
    assert_eq!(one.plain.as_ptr(), other.plain.as_ptr());
    assert_eq!(one.gzip().as_ptr(), other.gzip().as_ptr());
    let mine = text(&feed.live.playlist("v0", LIST, "token=mine").await.unwrap().plain);
    let yours = text(&feed.live.playlist("v0", LIST, "token=yours").await.unwrap().plain);
    assert_eq!(mine.replace("mine", "yours"), yours);
    assert!(!yours.contains("mine"));
    let skip = Reload { skip: true, ..LIST };
    feed.seconds(25).await;
    let short = text(&feed.live.playlist("v0", skip, "").await.unwrap().plain);
    let long = text(&feed.live.playlist("v0", LIST, "").await.unwrap().plain);
    assert!(short.contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=") && short.len() < long.len(), "{short}");
}

#[tokio::test]
async fn rewinding_reads_the_disk_and_what_is_not_kept_leaves_it() {
    let rig = Rig::with(|config| config.rewind = Duration::from_secs(40));
    let mut feed = rig.begin(1, false, Publisher::new(&[(640, 368)], true), 58);
    feed.seconds(56).await;
    let list = text(&feed.live.playlist("v0", LIST, "").await.unwrap().plain);
    let uris = uris(&list);
    assert!((9..=12).contains(&uris.len()), "{list}");
    let folder = rig.folder.path().join("spool").join(recording(1).to_string());
    // The disk is behind the window, and what has left the window is deleted behind that.
    let files = || fs::read_dir(folder.join("v0")).map_or(0, Iterator::count);
    for _ in 0..500 {
        if uris.last().is_some_and(|newest| folder.join("v0").join(newest).exists()) && files() <= 14 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for uri in &uris {
        let bytes = feed.live.file("v0", uri).await.unwrap();
        assert_eq!(cmaf::complete_prefix(&bytes), bytes.len());
    }
    assert_eq!(feed.live.file("v0", "seg-0.m4s").await.unwrap_err(), HlsRefusal::Unknown);
    let on_disk = files();
    assert!((10..=14).contains(&on_disk), "{on_disk} files: segments of the window and the init");
    drop(feed.packets);
    for _ in 0..200 {
        if !folder.exists() && rig.recorder.live(BroadcastId(Uuid::from_u128(1))).is_none() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(!folder.exists(), "nothing is left");
    assert_eq!(rig.recorder.vod(recording(1), Trim::default()).await.unwrap_err(), HlsRefusal::Unknown);
}

#[tokio::test]
async fn vp8_is_recorded_and_not_offered_to_players() {
    let mut rig = Rig::start();
    let mut publisher = Publisher::new(&[(640, 368)], true);
    publisher.streams[0].codec = sluice_domain::Codec::Vp8;
    let mut feed = rig.begin(1, true, publisher, 20);
    feed.seconds(10).await;
    let sound = feed.live.master("", "").unwrap();
    assert!(!text(&sound.plain).contains("v0"), "sound can be listened to");
    assert_eq!(feed.live.playlist("v0", LIST, "").await.unwrap_err(), HlsRefusal::CodecUnsupported);
    drop(feed.packets);
    let RecorderEvent::Ended { summary, .. } = rig.event().await else { panic!("it ends") };
    assert!(!summary.renditions[0].playable);
    let vod = rig.recorder.vod(recording(1), Trim::default()).await.unwrap();
    let files = vod.segment_files(Rendition::Video(0), rig.folder.path()).await.unwrap();
    assert!(files.len() >= 2 && files.iter().all(|file| file.media.exists() && file.init.exists()));
}
