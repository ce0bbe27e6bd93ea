//! A disk that is full.

use super::*;

// Requirements: R136
#[tokio::test]
async fn too_little_space_ends_the_recording_cleanly_and_not_the_live_window() {
    let mut rig = Rig::start();
    let mut feed = rig.begin(1, true, Publisher::simulcast(), 55);
    feed.seconds(20).await;
    // More than any disk has.
    rig.recorder.set_free_space(u64::MAX);
    assert!(rig.recorder.usage().low);
    assert!(matches!(rig.event().await, RecorderEvent::StorageLow { .. }));
    let RecorderEvent::Ended { summary, .. } = rig.event().await else { panic!("it ends") };
    assert!((19_000..20_200).contains(&summary.duration_ms), "{summary:?}");
    assert!(rig.recorder.vod(recording(1), Trim::default()).await.is_ok());

    feed.seconds(20).await;
    let list = text(&feed.live.playlist("v0", Reload::default(), "").await.unwrap().plain);
    let uris = uris(&list);
    assert!((5..=8).contains(&uris.len()), "what memory holds: {list}");
    for uri in uris {
        feed.live.file("v0", &uri).await.unwrap();
    }
    assert!(!feed.live.status().ended);

    let other = rig.begin(2, true, Publisher::simulcast(), 5);
    let failed = RecorderEvent::Failed { recording: recording(2), reason: FailReason::Spool };
    assert_eq!(rig.event().await, failed, "a new one does not begin");
    drop(other);
    rig.recorder.set_free_space(0);
    assert!(matches!(rig.event().await, RecorderEvent::StorageOk { .. }));
    let mut third = rig.begin(3, true, Publisher::simulcast(), 10);
    third.seconds(5).await;
    drop(third.packets);
    assert!(matches!(rig.event().await, RecorderEvent::Ended { recording: id, .. } if id == recording(3)));
}

#[tokio::test]
async fn a_spool_that_cannot_be_used_is_said_at_the_start_and_absurd_lengths_are() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "no folder").unwrap();
    let mut bad = config(folder.path());
    bad.spool = file.join("spool");
    assert!(matches!(Recorder::start(bad), Err(StartError::Spool { .. })));
    for (segment, part) in [(0, 333), (4_000, 0), (3_600_000, 333), (4_000, 60_000)] {
        let mut bad = config(folder.path());
        (bad.segment, bad.part) = (Duration::from_millis(segment), Duration::from_millis(part));
        assert!(matches!(Recorder::start(bad), Err(StartError::Duration { .. })), "{segment} {part}");
    }
}

#[tokio::test]
async fn a_broadcast_that_sends_nothing_is_no_recording() {
    let mut rig = Rig::start();
    let feed = rig.begin(1, true, Publisher::simulcast(), 5);
    drop(feed.packets);
    assert_eq!(
        rig.event().await,
        RecorderEvent::Failed { recording: recording(1), reason: FailReason::Empty }
    );
}
