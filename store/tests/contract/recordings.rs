//! Recordings, their chapters, what is kept of a stream, and how far people have watched.

use sluice_domain::{BroadcastId, OrgId, RecordingId, RecordingState, RecordingVisibility, StreamId};
use sluice_store::testing::databases;
use sluice_store::{
    Page, Recording, RecordingChange, RecordingFilter, RecordingNumbers, RecordingSettings, Store,
    StoreError, Stream, StreamFilter,
};

use super::filled::{NOW, account, id, org, stream, titled};

/// A recording that has just begun.
fn begun(stream: &Stream) -> Recording {
    let of = (stream.org_id, stream.id);
    Recording::begun(RecordingId(id()), of, BroadcastId(id()), "Night '\"\\ 東京", (NOW, NOW))
}

fn numbers() -> RecordingNumbers {
    RecordingNumbers {
        started_at: NOW + 5,
        ended_at: NOW + 60_005,
        duration_ms: 60_000,
        size_bytes: 1_000_000,
        width: Some(1280),
        height: Some(720),
        codec: Some("h264".to_owned()),
        gaps: 1,
    }
}

/// One that is ready to be watched.
async fn ready(store: &Store, stream: &Stream) -> Recording {
    let recording = begun(stream);
    let recordings = store.recordings();
    recordings.create(&recording).await.unwrap();
    recordings.set_ended(stream.org_id, recording.id, &numbers()).await.unwrap();
    let state = RecordingState::Ready;
    recordings.set_state(stream.org_id, recording.id, state, None, NOW + 60_005).await.unwrap();
    recordings.by_id(stream.org_id, recording.id).await.unwrap()
}

fn change(title: &str) -> RecordingChange {
    RecordingChange {
        title: title.to_owned(),
        description: "About it".to_owned(),
        visibility: RecordingVisibility::Unlisted,
        trim_start_ms: Some(1000),
        trim_end_ms: None,
        delete_after: None,
    }
}

/// At least one row in every table of recordings, in an organisation that has `bea` and a stream.
pub(super) async fn fill(store: &Store, org: OrgId) {
    let bea = store.accounts().by_handle(org, &"bea".parse().unwrap()).await.unwrap().unwrap();
    let garden = store.streams().list(org, &StreamFilter::default(), &Page::first(1)).await.unwrap();
    let garden = &garden.items[0];
    let recording = ready(store, garden).await;
    let chapters = [(0, "Dusk".to_owned()), (30_000, "Owls".to_owned())];
    store.recording_chapters().replace(org, recording.id, &chapters).await.unwrap();
    store.recording_positions().set(org, bea.id, recording.id, 7000, NOW).await.unwrap();
    let settings = RecordingSettings { keep_days: Some(30), ..RecordingSettings::default_of(org, garden.id) };
    store.recording_settings().set(&settings).await.unwrap();
}

fn ids(found: &[Recording]) -> Vec<RecordingId> {
    found.iter().map(|recording| recording.id).collect()
}

// Requirements: R143, R152
#[tokio::test]
async fn a_recording_is_written_from_its_beginning_until_it_is_ready() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let recordings = store.recordings();
        let recording = begun(&garden);
        recordings.create(&recording).await.unwrap();
        assert_eq!(recordings.by_id(org, recording.id).await.unwrap(), recording);
        assert_eq!(recordings.find(recording.id).await.unwrap(), Some(recording.clone()));
        let of = recordings.of_broadcast(org, recording.broadcast_id).await.unwrap();
        assert_eq!(of, Some(recording.clone()));
        let twice = Recording { id: RecordingId(id()), ..recording.clone() };
        assert!(matches!(recordings.create(&twice).await, Err(StoreError::Conflict(_))));
        recordings.set_progress(org, recording.id, 500, 1000).await.unwrap();
        let there = recordings.by_id(org, recording.id).await.unwrap();
        assert_eq!((there.size_bytes, there.duration_ms, there.version), (500, 1000, 1));
        assert_eq!(ids(&recordings.unfinished().await.unwrap()), [recording.id]);
        recordings.set_ended(org, recording.id, &numbers()).await.unwrap();
        recordings.set_progress(org, recording.id, 7, 7).await.unwrap();
        assert_eq!(ids(&recordings.unfinished().await.unwrap()), [recording.id]);
        recordings.set_pictures(org, recording.id, true, false).await.unwrap();
        let failure = Some("no storyboard");
        recordings.set_state(org, recording.id, RecordingState::Ready, failure, NOW).await.unwrap();
        let there = recordings.by_id(org, recording.id).await.unwrap();
        let expected = Recording {
            state: RecordingState::Ready,
            failure: failure.map(str::to_owned),
            started_at: NOW + 5,
            ended_at: Some(NOW + 60_005),
            duration_ms: 60_000,
            size_bytes: 1_000_000,
            width: Some(1280),
            height: Some(720),
            codec: Some("h264".to_owned()),
            gaps: 1,
            has_poster: true,
            ..recording
        };
        assert_eq!(there, expected);
        assert!(recordings.unfinished().await.unwrap().is_empty());
        // What is ready is not ended again.
        let again = recordings.set_ended(org, there.id, &numbers()).await;
        assert!(matches!(again, Err(StoreError::NotFound)));
        assert_eq!(recordings.usage(org).await.unwrap(), (1, 1_000_000));
    }
}

#[tokio::test]
async fn a_recording_is_edited_once_a_version_and_by_its_own_organisation() {
    for database in databases().await {
        let store = database.store().await;
        let (home, away) = (org(&store, "main").await, org(&store, "other").await);
        let ann = account(&store, home, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let recordings = store.recordings();
        let recording = ready(&store, &garden).await;
        assert!(recordings.set_download(home, recording.id, 1).await.unwrap());
        let edited = recordings.update(home, recording.id, 1, &change("Owls"), NOW + 1).await.unwrap();
        assert_eq!((edited.title.as_str(), edited.version, edited.updated_at), ("Owls", 2, NOW + 1));
        assert_eq!((edited.trim_start_ms, edited.trim_end_ms), (Some(1000), None));
        // What was cut off is still in the file that was made before.
        assert!(!edited.has_download);
        assert!(!recordings.set_download(home, recording.id, 1).await.unwrap());
        assert!(recordings.set_download(home, recording.id, 2).await.unwrap());
        let renamed = recordings.update(home, recording.id, 2, &change("Bats"), NOW + 2).await.unwrap();
        assert!(renamed.has_download);
        let stale = recordings.update(home, recording.id, 1, &change("x"), NOW).await;
        assert!(matches!(stale, Err(StoreError::Stale)));
        let foreign = recordings.update(away, recording.id, 3, &change("x"), NOW).await;
        assert!(matches!(foreign, Err(StoreError::NotFound)));
        assert!(matches!(recordings.by_id(away, recording.id).await, Err(StoreError::NotFound)));
        assert!(matches!(recordings.delete(away, recording.id, None, NOW).await, Err(StoreError::NotFound)));
        let stale = recordings.delete(home, recording.id, Some(1), NOW).await;
        assert!(matches!(stale, Err(StoreError::Stale)));
    }
}

// Requirements: R156
#[tokio::test]
async fn what_is_deleted_can_be_restored_until_its_files_are_removed() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let recordings = store.recordings();
        let recording = ready(&store, &garden).await;
        recordings.delete(org, recording.id, Some(1), NOW).await.unwrap();
        assert!(matches!(recordings.by_id(org, recording.id).await, Err(StoreError::NotFound)));
        assert_eq!(recordings.find(recording.id).await.unwrap(), None);
        assert_eq!(recordings.of_broadcast(org, recording.broadcast_id).await.unwrap(), None);
        let deleted = RecordingFilter { stream: Some(garden.id), deleted: true };
        let there = recordings.list(org, deleted, &Page::first(5)).await.unwrap();
        assert_eq!(ids(&there.items), [recording.id]);
        assert!(recordings.removable(NOW, 5).await.unwrap().is_empty());
        let restored = recordings.restore(org, recording.id, NOW + 1).await.unwrap();
        assert_eq!((restored.version, restored.deleted_at), (3, None));
        let twice = recordings.restore(org, recording.id, NOW + 1).await;
        assert!(matches!(twice, Err(StoreError::NotFound)));
        assert!(matches!(recordings.remove(org, recording.id).await, Err(StoreError::NotFound)));
        recordings.delete(org, recording.id, None, NOW + 2).await.unwrap();
        assert_eq!(ids(&recordings.removable(NOW + 3, 5).await.unwrap()), [recording.id]);
        recordings.remove(org, recording.id).await.unwrap();
        assert!(matches!(recordings.by_id_or_deleted(org, recording.id).await, Err(StoreError::NotFound)));
    }
}

// Requirements: R156
#[tokio::test]
async fn a_recording_goes_by_itself_when_it_is_due_or_its_stream_is_gone() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let (ann, bea) = (account(&store, org, "ann").await, account(&store, org, "bea").await);
        let (garden, pond) = (stream(&store, &ann, "garden").await, stream(&store, &bea, "pond").await);
        let recordings = store.recordings();
        let (due, kept) = (ready(&store, &garden).await, ready(&store, &garden).await);
        let of_bea = ready(&store, &pond).await;
        let running = Recording { delete_after: Some(NOW), ..begun(&garden) };
        recordings.create(&running).await.unwrap();
        let soon = RecordingChange { delete_after: Some(NOW + 10), ..change("x") };
        recordings.update(org, due.id, 1, &soon, NOW).await.unwrap();
        assert_eq!(recordings.expire(NOW + 9).await.unwrap(), 0);
        assert_eq!(recordings.expire(NOW + 10).await.unwrap(), 1);
        assert!(matches!(recordings.by_id(org, due.id).await, Err(StoreError::NotFound)));
        recordings.by_id(org, kept.id).await.unwrap();
        recordings.by_id(org, running.id).await.unwrap();
        // What was restored stays, whatever was said before.
        assert_eq!(recordings.restore(org, due.id, NOW + 11).await.unwrap().delete_after, None);
        assert_eq!(recordings.expire(NOW + 12).await.unwrap(), 0);
        store.accounts().delete(org, bea.id, NOW).await.unwrap();
        assert_eq!(recordings.expire(NOW + 13).await.unwrap(), 1);
        assert!(matches!(recordings.by_id(org, of_bea.id).await, Err(StoreError::NotFound)));
        store.streams().delete(org, garden.id, None, NOW).await.unwrap();
        assert_eq!(recordings.expire(NOW + 14).await.unwrap(), 2);
        // Files of what is gone with its account are still known.
        store.accounts().prune(NOW + 1).await.unwrap();
        assert_eq!(recordings.removable(NOW + 20, 10).await.unwrap().len(), 3);
    }
}

#[tokio::test]
async fn a_channel_shows_what_everybody_may_find_and_its_owner_sees_everything() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let (garden, attic) = (stream(&store, &ann, "garden").await, stream(&store, &ann, "attic").await);
        let mut hidden = titled("attic");
        hidden.access = sluice_domain::AccessLevel::Unlisted;
        store.streams().update(org, attic.id, 1, &hidden, NOW).await.unwrap();
        let recordings = store.recordings();
        let first = ready(&store, &garden).await;
        let unlisted = ready(&store, &garden).await;
        recordings.update(org, unlisted.id, 1, &change("x"), NOW).await.unwrap();
        let of_hidden = ready(&store, &attic).await;
        let last = ready(&store, &garden).await;
        let running = begun(&garden);
        recordings.create(&running).await.unwrap();
        let page = recordings.of_channel(org, ann.id, &Page::first(1)).await.unwrap();
        assert_eq!(ids(&page.items), [last.id]);
        let next = Page { limit: 5, after: page.next };
        let page = recordings.of_channel(org, ann.id, &next).await.unwrap();
        assert_eq!((ids(&page.items), page.next), (vec![first.id], None));
        let of_garden = RecordingFilter { stream: Some(garden.id), deleted: false };
        let own = recordings.list(org, of_garden, &Page::first(10)).await.unwrap();
        assert_eq!(ids(&own.items), [running.id, last.id, unlisted.id, first.id]);
        let all = recordings.list(org, RecordingFilter::default(), &Page::first(10)).await.unwrap();
        assert!(ids(&all.items).contains(&of_hidden.id) && all.items.len() == 5);
        let wanted = [first.broadcast_id, last.broadcast_id, BroadcastId(id())];
        let mut found = ids(&recordings.of_broadcasts(org, &wanted).await.unwrap());
        found.sort_unstable();
        assert_eq!(found, [first.id, last.id]);
        assert!(recordings.of_broadcasts(org, &[]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn chapters_are_replaced_as_a_whole_and_positions_are_those_of_one_account() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let (ann, bea) = (account(&store, org, "ann").await, account(&store, org, "bea").await);
        let garden = stream(&store, &ann, "garden").await;
        let recording = ready(&store, &garden).await;
        let chapters = store.recording_chapters();
        let given = [(30_000, "Owls".to_owned()), (0, "Dusk 'n' \"night\"".to_owned())];
        chapters.replace(org, recording.id, &given).await.unwrap();
        let there = chapters.of(org, recording.id).await.unwrap();
        let there: Vec<_> = there.into_iter().map(|chapter| (chapter.at_ms, chapter.title)).collect();
        assert_eq!(there, [given[1].clone(), given[0].clone()]);
        chapters.replace(org, recording.id, &given[..1]).await.unwrap();
        assert_eq!(chapters.of(org, recording.id).await.unwrap().len(), 1);
        let nothing = chapters.replace(org, RecordingId(id()), &given).await;
        assert!(matches!(nothing, Err(StoreError::NotFound)));
        let positions = store.recording_positions();
        positions.set(org, bea.id, recording.id, 7000, NOW).await.unwrap();
        positions.set(org, bea.id, recording.id, 9000, NOW + 1).await.unwrap();
        assert_eq!(positions.of(org, bea.id, recording.id).await.unwrap(), Some(9000));
        assert_eq!(positions.of(org, ann.id, recording.id).await.unwrap(), None);
        assert_eq!(positions.clear(org, bea.id).await.unwrap(), 1);
        assert_eq!(positions.of(org, bea.id, recording.id).await.unwrap(), None);
    }
}

// Requirements: R136
#[tokio::test]
async fn a_stream_is_recorded_until_its_owner_says_otherwise() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let settings = store.recording_settings();
        assert!(settings.of(org, garden.id).await.unwrap().record);
        let off = RecordingSettings {
            record: false,
            visibility: RecordingVisibility::Private,
            keep_days: Some(7),
            updated_at: NOW,
            ..RecordingSettings::default_of(org, garden.id)
        };
        settings.set(&off).await.unwrap();
        assert_eq!(settings.of(org, garden.id).await.unwrap(), off);
        let on = RecordingSettings { record: true, ..off };
        settings.set(&on).await.unwrap();
        assert_eq!(settings.of(org, garden.id).await.unwrap(), on);
        let nothing = RecordingSettings { stream_id: StreamId(id()), ..on };
        assert!(matches!(settings.set(&nothing).await, Err(StoreError::NotFound)));
    }
}
