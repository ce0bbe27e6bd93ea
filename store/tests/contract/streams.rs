//! Streams, their tags, keys, categories, pictures and broadcasts.

use serde_json::json;
use sluice_domain::{AccessLevel, AssetId, BroadcastId, CategoryId, Maturity, OrgId, StreamId, StreamKeyId};
use sluice_store::testing::databases;
use sluice_store::{
    Asset, Audience, Broadcast, BroadcastNumbers, Category, NewStream, Page, Store, StoreError, Stream,
    StreamFilter, StreamKey, StreamSort, Taken,
};

use super::filled::{NOW, account, id, org, stream, titled};

fn category(org: OrgId, slug: &str, position: i64) -> Category {
    Category {
        id: CategoryId(id()),
        org_id: org,
        slug: slug.to_owned(),
        name: slug.to_uppercase(),
        position,
        created_at: NOW,
    }
}

fn key(stream: &Stream, hash: &str) -> StreamKey {
    StreamKey {
        id: StreamKeyId(id()),
        org_id: stream.org_id,
        stream_id: stream.id,
        name: "Default".to_owned(),
        hash: hash.to_owned(),
        sealed: "v1.x".to_owned(),
        last4: "abcd".to_owned(),
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

fn broadcast(stream: &Stream) -> Broadcast {
    Broadcast {
        id: BroadcastId(id()),
        org_id: stream.org_id,
        stream_id: stream.id,
        started_at: NOW,
        live_at: None,
        ended_at: None,
        end_reason: None,
        title: stream.title.clone(),
        category_id: None,
        publisher: "key".to_owned(),
        codec: None,
        peak_viewers: 0,
        joins: 0,
        watch_seconds: 0,
        metrics_json: json!({}),
        errors_json: json!([]),
    }
}

// Requirements: R66
#[tokio::test]
async fn a_stream_is_found_by_id_name_and_owner_until_it_is_deleted() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let streams = store.streams();
        assert_eq!(streams.by_id(org, garden.id).await.unwrap(), garden);
        assert_eq!(streams.by_name(&garden.name).await.unwrap(), Some(garden.clone()));
        assert_eq!(streams.of_owner(org, ann.id).await.unwrap(), std::slice::from_ref(&garden));
        assert_eq!(
            streams.by_ids(org, &[garden.id, StreamId(id())]).await.unwrap(),
            std::slice::from_ref(&garden)
        );
        assert_eq!(streams.counts(org).await.unwrap(), (1, 0));
        let twin = NewStream {
            id: StreamId(id()),
            owner_id: ann.id,
            name: garden.name.clone(),
            change: titled("Twin"),
        };
        let twin = streams.create(org, &twin, NOW).await;
        assert!(matches!(twin, Err(StoreError::Conflict(Taken::StreamName))), "{twin:?}");
        store.stream_keys().create(&key(&garden, "h")).await.unwrap();
        assert!(matches!(streams.delete(org, garden.id, Some(9), NOW).await, Err(StoreError::Stale)));
        streams.delete(org, garden.id, Some(1), NOW + 1).await.unwrap();
        assert!(matches!(streams.by_id(org, garden.id).await, Err(StoreError::NotFound)));
        assert!(matches!(streams.delete(org, garden.id, None, NOW).await, Err(StoreError::NotFound)));
        assert!(!store.stream_keys().by_hash("h").await.unwrap().unwrap().is_active(NOW + 1));
        assert_eq!(streams.counts(org).await.unwrap(), (0, 0));
        stream(&store, &ann, "garden").await;
    }
}

#[tokio::test]
async fn of_two_edits_of_a_stream_the_second_is_told_and_changes_nothing() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let talks = category(org, "talks", 1);
        store.categories().create(&talks).await.unwrap();
        let mut change = titled("Evening <script>alert(1)</script>");
        change.tags = vec!["b".to_owned(), "a".to_owned(), "a".to_owned()];
        change.category_id = Some(talks.id);
        change.access = AccessLevel::Password;
        change.password_hash = Some("hash".to_owned());
        let changed = store.streams().update(org, garden.id, 1, &change, NOW + 1).await.unwrap();
        assert_eq!((changed.version, changed.title.as_str()), (2, change.title.as_str()));
        let mut other = titled("Other");
        other.tags = vec!["c".to_owned()];
        assert!(matches!(
            store.streams().update(org, garden.id, 1, &other, NOW).await,
            Err(StoreError::Stale)
        ));
        assert_eq!(store.stream_tags().of(org, garden.id).await.unwrap(), ["a", "b"]);
        let of_all = store.stream_tags().of_all(org, &[garden.id]).await.unwrap();
        assert_eq!(of_all, [(garden.id, "a".to_owned()), (garden.id, "b".to_owned())]);
        assert_eq!(store.streams().by_id(org, garden.id).await.unwrap(), changed);
        other.category_id = Some(CategoryId(id()));
        let nowhere = store.streams().update(org, garden.id, 2, &other, NOW).await;
        assert!(matches!(nowhere, Err(StoreError::NotFound)), "{nowhere:?}");
        assert_eq!(store.streams().by_id(org, garden.id).await.unwrap(), changed);
    }
}

#[tokio::test]
async fn a_stream_is_live_for_as_long_as_its_newest_broadcast() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let (first, second) = (BroadcastId(id()), BroadcastId(id()));
        let streams = store.streams();
        streams.set_live(org, garden.id, first, NOW + 1).await.unwrap();
        streams.set_viewers(org, garden.id, first, 7).await.unwrap();
        assert_eq!(streams.by_id(org, garden.id).await.unwrap().viewers, 7);
        streams.set_live(org, garden.id, second, NOW + 2).await.unwrap();
        streams.set_offline(org, garden.id, first).await.unwrap();
        streams.set_viewers(org, garden.id, first, 9).await.unwrap();
        let now = streams.by_id(org, garden.id).await.unwrap();
        assert_eq!((now.live_broadcast_id, now.live_since, now.viewers), (Some(second), Some(NOW + 2), 0));
        assert_eq!(now.version, 1);
        assert_eq!(streams.counts(org).await.unwrap(), (1, 1));
        streams.set_offline(org, garden.id, second).await.unwrap();
        assert_eq!(streams.by_id(org, garden.id).await.unwrap().live_since, None);
        streams.set_live(org, garden.id, second, NOW).await.unwrap();
        assert_eq!(streams.set_all_offline().await.unwrap(), 1);
        assert_eq!(streams.by_id(org, garden.id).await.unwrap().live_broadcast_id, None);
    }
}

async fn names(store: &Store, org: OrgId, filter: &StreamFilter) -> Vec<String> {
    let listed = store.streams().list(org, filter, &Page::first(50)).await.unwrap();
    listed.items.into_iter().map(|stream| stream.name.to_string()).collect()
}

#[tokio::test]
async fn streams_are_listed_in_pages_without_gaps_or_repeats() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        for number in 0..17 {
            let one = stream(&store, &ann, &format!("s{:02}", (number * 5) % 17)).await;
            if number % 2 == 0 {
                let broadcast = BroadcastId(id());
                store.streams().set_live(org, one.id, broadcast, NOW).await.unwrap();
                store.streams().set_viewers(org, one.id, broadcast, number % 3).await.unwrap();
            }
        }
        for sort in [StreamSort::Viewers, StreamSort::Recent, StreamSort::Title] {
            let filter = StreamFilter { sort, ..StreamFilter::default() };
            let all = store.streams().list(org, &filter, &Page::first(100)).await.unwrap();
            assert_eq!((all.items.len(), all.next), (17, None));
            let mut paged = Vec::new();
            let mut page = Page::first(4);
            loop {
                let listed = store.streams().list(org, &filter, &page).await.unwrap();
                paged.extend(listed.items);
                let Some(next) = listed.next else { break };
                page.after = Some(next.to_string().parse().unwrap());
            }
            assert_eq!(paged, all.items, "{sort:?}");
        }
        let live = StreamFilter { live: Some(true), ..StreamFilter::default() };
        assert_eq!(names(&store, org, &live).await.len(), 9);
        let offline = StreamFilter { live: Some(false), ..StreamFilter::default() };
        assert_eq!(names(&store, org, &offline).await.len(), 8);
    }
}

// Requirements: R42
#[tokio::test]
async fn a_list_shows_what_its_reader_may_find() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let (ann, bea) = (account(&store, org, "ann").await, account(&store, org, "bea").await);
        for level in AccessLevel::ALL {
            let one = stream(&store, &ann, level.as_str()).await;
            let mut change = titled(level.as_str());
            change.access = *level;
            if *level == AccessLevel::Vip {
                change.maturity = Maturity::Mature;
            }
            store.streams().update(org, one.id, 1, &change, NOW).await.unwrap();
        }
        let seen = async |audience| {
            let filter = StreamFilter { audience, sort: StreamSort::Title, ..StreamFilter::default() };
            names(&store, org, &filter).await
        };
        let listed = ["followers", "password", "premium", "public", "vip"];
        assert_eq!(seen(Audience::Anybody).await, listed);
        assert_eq!(seen(Audience::Account(bea.id)).await, listed);
        assert_eq!(seen(Audience::Account(ann.id)).await.len(), 7);
        assert_eq!(seen(Audience::Moderators).await.len(), 7);
        let teen = StreamFilter { maturity_limit: Some(Maturity::Teen), ..StreamFilter::default() };
        assert_eq!(names(&store, org, &teen).await.len(), 4);
    }
}

// Requirements: R238, R239, R245
#[tokio::test]
async fn streams_are_found_by_the_beginnings_of_words_and_by_what_they_have() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let (ann, bea) = (account(&store, org, "ann").await, account(&store, org, "bea").await);
        let talks = category(org, "talks", 1);
        store.categories().create(&talks).await.unwrap();
        let garden = stream(&store, &ann, "garden").await;
        let mut change = titled("Crème brûlée: how to");
        change.description = "Live from 東京, every night at 8".to_owned();
        change.tags = vec!["cooking".to_owned()];
        change.category_id = Some(talks.id);
        store.streams().update(org, garden.id, 1, &change, NOW).await.unwrap();
        stream(&store, &bea, "other").await;
        let text = async |text: &str| {
            let filter = StreamFilter { text: Some(text.to_owned()), ..StreamFilter::default() };
            names(&store, org, &filter).await
        };
        for found in ["creme", "BRÛ", "brulee how", "cook", "東", "an", "night 8", "to cre"] {
            assert_eq!(text(found).await, ["garden"], "{found}");
        }
        for not in ["reme", "other creme", "xyz", "", "***"] {
            assert!(text(not).await.is_empty(), "{not}");
        }
        for hostile in [
            "\"",
            "a\" OR \"b",
            "'; DROP TABLE streams;--",
            "(",
            "a:*",
            "<->",
            "!",
            "NOT",
            "a\\",
            "\0",
            "{words}:x",
            "^a",
            "-a",
        ] {
            text(hostile).await;
        }
        assert!(text(&"a ".repeat(10_000)).await.len() <= 1);
        let with = |filter: StreamFilter| async { names(&store, org, &{ filter }).await };
        assert_eq!(
            with(StreamFilter { tag: Some("cooking".to_owned()), ..Default::default() }).await,
            ["garden"]
        );
        assert_eq!(with(StreamFilter { category: Some(talks.id), ..Default::default() }).await, ["garden"]);
        assert_eq!(with(StreamFilter { owner: Some(bea.id), ..Default::default() }).await, ["other"]);
        let all = StreamFilter {
            tag: Some("cooking".to_owned()),
            category: Some(talks.id),
            owner: Some(ann.id),
            text: Some("creme".to_owned()),
            live: Some(false),
            audience: Audience::Account(ann.id),
            ..Default::default()
        };
        assert_eq!(with(all).await, ["garden"]);
        store.streams().update(org, garden.id, 2, &titled("Plain"), NOW).await.unwrap();
        assert!(text("creme").await.is_empty());
        assert_eq!(text("plain").await, ["garden"]);
        store.streams().delete(org, garden.id, None, NOW).await.unwrap();
        assert!(text("plain").await.is_empty());
    }
}

// Requirements: R80
#[tokio::test]
async fn a_key_that_is_rotated_goes_on_for_the_overlap() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let keys = store.stream_keys();
        let (old, new) = (key(&garden, "old"), key(&garden, "new"));
        keys.create(&old).await.unwrap();
        assert!(matches!(keys.create(&key(&garden, "old")).await, Err(StoreError::Conflict(Taken::Other))));
        keys.rotate(org, old.id, &new, NOW + 60).await.unwrap();
        let was = keys.by_hash("old").await.unwrap().unwrap();
        assert!(was.is_active(NOW + 59) && !was.is_active(NOW + 60));
        assert!(keys.by_hash("new").await.unwrap().unwrap().is_active(NOW + 60));
        assert_eq!(keys.of(org, garden.id).await.unwrap().len(), 2);
        // A later end does not make an earlier one later.
        keys.rotate(org, old.id, &key(&garden, "newer"), NOW + 600).await.unwrap();
        assert_eq!(keys.by_id(org, old.id).await.unwrap().expires_at, Some(NOW + 60));
        keys.set_last_used(org, new.id, NOW + 5).await.unwrap();
        assert!(keys.reseal(org, new.id, "v1.x", "v2.x").await.unwrap());
        assert!(!keys.reseal(org, new.id, "v1.x", "v3.x").await.unwrap());
        let all = keys.all(None, 2).await.unwrap();
        assert_eq!(all.len() + keys.all(Some(all[1].id), 2).await.unwrap().len(), 3);
        assert!(keys.revoke(org, new.id, NOW + 7).await.unwrap());
        assert!(!keys.revoke(org, new.id, NOW + 8).await.unwrap());
        let refused = keys.rotate(org, new.id, &key(&garden, "newest"), NOW).await;
        assert!(matches!(refused, Err(StoreError::NotFound)));
        assert!(keys.by_hash("newest").await.unwrap().is_none());
        assert_eq!(keys.prune(NOW + 100).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn a_category_that_is_removed_leaves_its_streams() {
    for database in databases().await {
        let store = database.store().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        let ann = account(&store, ours, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let (talks, music) = (category(ours, "talks", 2), category(ours, "music", 1));
        let categories = store.categories();
        categories.create(&talks).await.unwrap();
        categories.create(&music).await.unwrap();
        categories.create(&category(theirs, "talks", 1)).await.unwrap();
        let twin = categories.create(&category(ours, "talks", 3)).await;
        assert!(matches!(twin, Err(StoreError::Conflict(Taken::Slug))), "{twin:?}");
        assert_eq!(categories.list(ours).await.unwrap(), [music.clone(), talks.clone()]);
        assert_eq!(categories.by_slug(ours, "talks").await.unwrap(), Some(talks.clone()));
        let mut change = titled("garden");
        change.category_id = Some(talks.id);
        store.streams().update(ours, garden.id, 1, &change, NOW).await.unwrap();
        assert!(categories.live_counts(ours).await.unwrap().is_empty());
        store.streams().set_live(ours, garden.id, BroadcastId(id()), NOW).await.unwrap();
        assert_eq!(categories.live_counts(ours).await.unwrap(), [(talks.id, 1)]);
        categories.update(ours, talks.id, "talk", "Talk", 0).await.unwrap();
        assert_eq!(categories.by_id(ours, talks.id).await.unwrap().name, "Talk");
        for foreign in [
            categories.by_id(theirs, talks.id).await.map(drop),
            categories.update(theirs, talks.id, "x", "X", 0).await,
            categories.delete(theirs, talks.id).await,
        ] {
            assert!(matches!(foreign, Err(StoreError::NotFound)));
        }
        assert!(categories.live_counts(theirs).await.unwrap().is_empty());
        categories.delete(ours, talks.id).await.unwrap();
        assert_eq!(store.streams().by_id(ours, garden.id).await.unwrap().category_id, None);
        assert_eq!(categories.list(ours).await.unwrap(), [music]);
    }
}

#[tokio::test]
async fn featured_streams_keep_the_order_in_which_they_were_chosen() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let (a, b) = (stream(&store, &ann, "a").await, stream(&store, &ann, "b").await);
        let featured = async || {
            let streams = store.streams().featured(org).await.unwrap();
            streams.into_iter().map(|stream| stream.id).collect::<Vec<_>>()
        };
        store.streams().set_featured(org, &[b.id, a.id]).await.unwrap();
        assert_eq!(featured().await, [b.id, a.id]);
        let unknown = store.streams().set_featured(org, &[a.id, StreamId(id())]).await;
        assert!(matches!(unknown, Err(StoreError::NotFound)));
        assert_eq!(featured().await, [b.id, a.id]);
        store.streams().set_featured(org, &[a.id]).await.unwrap();
        assert_eq!(featured().await, [a.id]);
    }
}

#[tokio::test]
async fn a_picture_comes_back_byte_for_byte_and_is_forgotten_once_nothing_shows_it() {
    for database in databases().await {
        let store = database.store().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        let ann = account(&store, ours, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let picture = |kind: &str| Asset {
            id: AssetId(id()),
            org_id: ours,
            kind: kind.to_owned(),
            content_type: "image/png".to_owned(),
            bytes: (0..=255).cycle().take(70_000).collect(),
            created_at: NOW,
        };
        let (avatar, thumbnail, lost) = (picture("avatar"), picture("thumbnail"), picture("avatar"));
        for one in [&avatar, &thumbnail, &lost] {
            store.assets().create(one).await.unwrap();
        }
        assert_eq!(store.assets().by_id(ours, avatar.id).await.unwrap(), avatar);
        assert_eq!(store.assets().shown(avatar.id).await.unwrap(), avatar);
        assert!(matches!(store.assets().by_id(theirs, avatar.id).await, Err(StoreError::NotFound)));
        assert!(!store.assets().delete(theirs, avatar.id).await.unwrap());
        store.accounts().set_avatar(ours, ann.id, Some(avatar.id), NOW).await.unwrap();
        store.streams().set_thumbnail(ours, garden.id, Some(thumbnail.id), NOW).await.unwrap();
        assert_eq!(store.assets().prune(NOW + 1).await.unwrap(), 1);
        assert!(matches!(store.assets().shown(lost.id).await, Err(StoreError::NotFound)));
        store.streams().set_thumbnail(ours, garden.id, None, NOW).await.unwrap();
        assert!(store.assets().delete(ours, thumbnail.id).await.unwrap());
    }
}

// Requirements: R70, R71
#[tokio::test]
async fn a_broadcast_ends_once_and_keeps_its_last_numbers() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let broadcasts = store.broadcasts();
        let runs: Vec<Broadcast> = (0..5).map(|_| broadcast(&garden)).collect();
        for run in &runs {
            broadcasts.create(run).await.unwrap();
        }
        let first = runs[0].id;
        broadcasts.set_live(org, first, Some("h264"), NOW + 1).await.unwrap();
        broadcasts.set_live(org, first, None, NOW + 2).await.unwrap();
        let mut numbers = BroadcastNumbers { peak_viewers: 5, joins: 9, ..Default::default() };
        broadcasts.set_numbers(org, first, &numbers).await.unwrap();
        numbers.watch_seconds = 1234;
        numbers.metrics_json = json!({"fps": 29.97});
        assert!(broadcasts.end(org, first, "publisher_left", &numbers, NOW + 3).await.unwrap());
        assert!(!broadcasts.end(org, first, "again", &BroadcastNumbers::default(), NOW + 4).await.unwrap());
        let ended = broadcasts.by_id(org, first).await.unwrap();
        assert_eq!(
            (ended.live_at, ended.ended_at, ended.watch_seconds),
            (Some(NOW + 1), Some(NOW + 3), 1234)
        );
        assert_eq!(
            (ended.codec.as_deref(), ended.end_reason.as_deref()),
            (Some("h264"), Some("publisher_left"))
        );
        assert_eq!(ended.metrics_json, json!({"fps": 29.97}));
        assert!(matches!(broadcasts.set_live(org, first, None, NOW).await, Err(StoreError::NotFound)));
        let page = broadcasts.list(org, garden.id, &Page::first(3)).await.unwrap();
        let rest = Page { limit: 3, after: page.next };
        let rest = broadcasts.list(org, garden.id, &rest).await.unwrap();
        let listed: Vec<_> = page.items.iter().chain(&rest.items).map(|run| run.id).collect();
        assert_eq!(listed, runs.iter().rev().map(|run| run.id).collect::<Vec<_>>());
        assert_eq!(broadcasts.recent_of_owner(org, ann.id, 9).await.unwrap(), [ended]);
        assert_eq!(broadcasts.end_all("restart", NOW + 9).await.unwrap(), 4);
        assert_eq!(broadcasts.prune(NOW + 9).await.unwrap(), 1);
        assert_eq!(broadcasts.list(org, garden.id, &Page::first(9)).await.unwrap().items.len(), 4);
    }
}

// Requirements: R46
#[tokio::test]
async fn streams_of_another_organisation_are_not_there() {
    for database in databases().await {
        let store = database.store().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        let ann = account(&store, ours, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let mut change = titled("garden");
        change.tags = vec!["t".to_owned()];
        let garden = store.streams().update(ours, garden.id, 1, &change, NOW).await.unwrap();
        let the_key = key(&garden, "h");
        store.stream_keys().create(&the_key).await.unwrap();
        let run = broadcast(&garden);
        store.broadcasts().create(&run).await.unwrap();
        let (streams, keys, broadcasts) = (store.streams(), store.stream_keys(), store.broadcasts());
        let not_there = |result: Result<(), StoreError>| {
            assert!(matches!(result, Err(StoreError::NotFound)), "{result:?}")
        };
        not_there(streams.by_id(theirs, garden.id).await.map(drop));
        not_there(streams.update(theirs, garden.id, garden.version, &change, NOW).await.map(drop));
        not_there(streams.delete(theirs, garden.id, None, NOW).await);
        not_there(streams.set_thumbnail(theirs, garden.id, None, NOW).await);
        not_there(streams.set_live(theirs, garden.id, run.id, NOW).await);
        not_there(streams.set_featured(theirs, &[garden.id]).await);
        streams.set_viewers(theirs, garden.id, run.id, 5).await.unwrap();
        streams.set_offline(theirs, garden.id, run.id).await.unwrap();
        assert!(streams.of_owner(theirs, ann.id).await.unwrap().is_empty());
        assert!(streams.by_ids(theirs, &[garden.id]).await.unwrap().is_empty());
        assert!(streams.featured(theirs).await.unwrap().is_empty());
        assert_eq!(streams.counts(theirs).await.unwrap(), (0, 0));
        for filter in [
            StreamFilter { audience: Audience::Moderators, ..Default::default() },
            StreamFilter { audience: Audience::Account(ann.id), ..Default::default() },
            StreamFilter { text: Some("garden".to_owned()), ..Default::default() },
            StreamFilter { tag: Some("t".to_owned()), ..Default::default() },
            StreamFilter { owner: Some(ann.id), ..Default::default() },
        ] {
            assert!(names(&store, theirs, &filter).await.is_empty());
        }
        assert!(store.stream_tags().of(theirs, garden.id).await.unwrap().is_empty());
        assert!(store.stream_tags().of_all(theirs, &[garden.id]).await.unwrap().is_empty());
        not_there(keys.by_id(theirs, the_key.id).await.map(drop));
        assert!(keys.of(theirs, garden.id).await.unwrap().is_empty());
        not_there(keys.rotate(theirs, the_key.id, &key(&garden, "n"), NOW).await);
        assert!(!keys.revoke(theirs, the_key.id, NOW).await.unwrap());
        not_there(keys.set_last_used(theirs, the_key.id, NOW).await);
        assert!(!keys.reseal(theirs, the_key.id, "v1.x", "x").await.unwrap());
        not_there(broadcasts.by_id(theirs, run.id).await.map(drop));
        assert!(broadcasts.list(theirs, garden.id, &Page::first(9)).await.unwrap().items.is_empty());
        assert!(broadcasts.recent_of_owner(theirs, ann.id, 9).await.unwrap().is_empty());
        not_there(broadcasts.set_live(theirs, run.id, None, NOW).await);
        not_there(broadcasts.set_numbers(theirs, run.id, &BroadcastNumbers::default()).await);
        assert!(!broadcasts.end(theirs, run.id, "x", &BroadcastNumbers::default(), NOW).await.unwrap());
        let mut foreign = key(&garden, "f");
        foreign.org_id = theirs;
        not_there(keys.create(&foreign).await);
        let mut foreign = broadcast(&garden);
        foreign.org_id = theirs;
        not_there(broadcasts.create(&foreign).await);
        let foreign = NewStream { id: StreamId(id()), owner_id: ann.id, name: "x".parse().unwrap(), change };
        not_there(streams.create(theirs, &foreign, NOW).await.map(drop));
        assert_eq!(streams.by_id(ours, garden.id).await.unwrap(), garden);
        assert_eq!(keys.by_hash("h").await.unwrap(), Some(the_key));
        assert_eq!(broadcasts.by_id(ours, run.id).await.unwrap(), run);
    }
}
