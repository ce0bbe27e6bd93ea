//! What people keep of each other and of streams; legal texts.

use sluice_domain::{DocumentId, StreamId, ViewingId};
use sluice_store::testing::databases;
use sluice_store::{LegalAcceptance, LegalDocument, Page, StoreError, Taken, Viewing, ViewingProgress};

use super::filled::{NOW, account, id, org, stream};

#[tokio::test]
async fn a_follow_is_counted_once_and_ends_with_a_block() {
    for database in databases().await {
        let store = database.store().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        let (ann, bea) = (account(&store, ours, "ann").await, account(&store, ours, "bea").await);
        let cai = account(&store, theirs, "cai").await;
        let follows = store.follows();
        assert!(follows.add(ours, ann.id, bea.id, NOW).await.unwrap());
        assert!(!follows.add(ours, ann.id, bea.id, NOW).await.unwrap());
        assert!(matches!(follows.add(ours, ann.id, cai.id, NOW).await, Err(StoreError::NotFound)));
        assert_eq!(follows.counts(ours, bea.id).await.unwrap(), (1, 0));
        assert_eq!(follows.counts(ours, ann.id).await.unwrap(), (0, 1));
        assert_eq!(follows.counts(theirs, bea.id).await.unwrap(), (0, 0));
        assert!(follows.contains(ours, ann.id, bea.id).await.unwrap());
        assert!(!follows.contains(theirs, ann.id, bea.id).await.unwrap());
        assert!(!follows.remove(theirs, ann.id, bea.id).await.unwrap());
        assert_eq!(follows.followers(ours, bea.id).await.unwrap(), [ann.id]);
        assert!(follows.followers(theirs, bea.id).await.unwrap().is_empty());
        let others = [account(&store, ours, "dee").await, account(&store, ours, "eve").await];
        for other in &others {
            follows.add(ours, ann.id, other.id, NOW).await.unwrap();
        }
        let page = follows.list(ours, ann.id, &Page::first(2)).await.unwrap();
        let rest = follows.list(ours, ann.id, &Page { limit: 2, after: page.next }).await.unwrap();
        let listed: Vec<_> = page.items.iter().chain(&rest.items).map(|follow| follow.owner_id).collect();
        assert_eq!(listed, [bea.id, others[0].id, others[1].id]);
        assert!(follows.list(theirs, ann.id, &Page::first(2)).await.unwrap().items.is_empty());
        let blocks = store.blocks();
        assert!(blocks.add(ours, bea.id, ann.id, NOW).await.unwrap());
        assert!(!blocks.add(ours, bea.id, ann.id, NOW).await.unwrap());
        assert!(!follows.contains(ours, ann.id, bea.id).await.unwrap());
        assert!(blocks.contains(ours, bea.id, ann.id).await.unwrap());
        assert!(!blocks.contains(ours, ann.id, bea.id).await.unwrap());
        assert!(!blocks.contains(theirs, bea.id, ann.id).await.unwrap());
        assert_eq!(blocks.of(ours, bea.id).await.unwrap()[0].blocked_id, ann.id);
        assert!(blocks.of(theirs, bea.id).await.unwrap().is_empty());
        assert!(matches!(blocks.add(ours, bea.id, cai.id, NOW).await, Err(StoreError::NotFound)));
        assert!(!blocks.remove(theirs, bea.id, ann.id).await.unwrap());
        assert!(blocks.remove(ours, bea.id, ann.id).await.unwrap());
        assert!(follows.remove(ours, ann.id, others[0].id).await.unwrap());
    }
}

// Requirements: R57
#[tokio::test]
async fn a_library_keeps_a_stream_in_each_way_once() {
    for database in databases().await {
        let store = database.store().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        let ann = account(&store, ours, "ann").await;
        let kept = [
            stream(&store, &ann, "a").await,
            stream(&store, &ann, "b").await,
            stream(&store, &ann, "c").await,
        ];
        let library = store.library();
        for one in &kept {
            assert!(library.add(ours, ann.id, "saved", one.id, NOW).await.unwrap());
        }
        assert!(!library.add(ours, ann.id, "saved", kept[0].id, NOW).await.unwrap());
        assert!(library.add(ours, ann.id, "favorite", kept[0].id, NOW).await.unwrap());
        assert_eq!(library.kinds(ours, ann.id, kept[0].id).await.unwrap(), ["favorite", "saved"]);
        let page = library.list(ours, ann.id, "saved", &Page::first(2)).await.unwrap();
        let rest = library.list(ours, ann.id, "saved", &Page { limit: 2, after: page.next }).await.unwrap();
        let listed: Vec<_> = page.items.iter().chain(&rest.items).map(|entry| entry.stream_id).collect();
        assert_eq!(listed, kept.each_ref().map(|stream| stream.id));
        let nowhere = library.add(ours, ann.id, "saved", StreamId(id()), NOW).await;
        assert!(matches!(nowhere, Err(StoreError::NotFound)));
        assert!(library.add(theirs, ann.id, "saved", kept[0].id, NOW).await.is_err());
        assert!(library.kinds(theirs, ann.id, kept[0].id).await.unwrap().is_empty());
        assert!(library.list(theirs, ann.id, "saved", &Page::first(9)).await.unwrap().items.is_empty());
        assert!(!library.remove(theirs, ann.id, "saved", kept[0].id).await.unwrap());
        assert!(library.remove(ours, ann.id, "saved", kept[0].id).await.unwrap());
        assert_eq!(library.kinds(ours, ann.id, kept[0].id).await.unwrap(), ["favorite"]);
    }
}

// Requirements: R58
#[tokio::test]
async fn a_viewing_grows_until_it_ends_and_is_forgotten_on_demand() {
    for database in databases().await {
        let store = database.store().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        let (ann, bea) = (account(&store, ours, "ann").await, account(&store, ours, "bea").await);
        let garden = stream(&store, &ann, "garden").await;
        let history = store.viewing_history();
        let viewings: Vec<Viewing> = (0..3)
            .map(|number| Viewing {
                id: ViewingId(id()),
                org_id: ours,
                account_id: ann.id,
                stream_id: garden.id,
                broadcast_id: None,
                started_at: NOW + number,
                ended_at: None,
                duration_watched: 0,
                quality_level: None,
                device_type: Some("desktop".to_owned()),
                exit_reason: None,
                engagement_score: 0.0,
            })
            .collect();
        for viewing in &viewings {
            history.create(viewing).await.unwrap();
        }
        let first = viewings[0].id;
        let progress = ViewingProgress {
            duration_watched: 61,
            quality_level: Some("720p".to_owned()),
            engagement_score: 0.75,
        };
        history.set_progress(ours, ann.id, first, &progress).await.unwrap();
        for (org, account) in [(theirs, ann.id), (ours, bea.id)] {
            let refused = history.set_progress(org, account, first, &progress).await;
            assert!(matches!(refused, Err(StoreError::NotFound)));
            assert!(matches!(history.end(org, account, first, None, NOW).await, Err(StoreError::NotFound)));
            assert!(history.list(org, account, &Page::first(9)).await.unwrap().items.is_empty());
            assert_eq!(history.clear(org, account).await.unwrap(), 0);
        }
        history.end(ours, ann.id, first, Some("closed"), NOW + 9).await.unwrap();
        assert!(matches!(history.end(ours, ann.id, first, None, NOW).await, Err(StoreError::NotFound)));
        assert!(history.set_progress(ours, ann.id, first, &progress).await.is_err());
        let page = history.list(ours, ann.id, &Page::first(2)).await.unwrap();
        let rest = history.list(ours, ann.id, &Page { limit: 2, after: page.next }).await.unwrap();
        assert_eq!((page.items.len(), rest.items.len()), (2, 1));
        let ended = &rest.items[0];
        assert_eq!(
            (ended.duration_watched, ended.engagement_score, ended.ended_at),
            (61, 0.75, Some(NOW + 9))
        );
        assert_eq!(
            (ended.quality_level.as_deref(), ended.exit_reason.as_deref()),
            (Some("720p"), Some("closed"))
        );
        assert_eq!(history.prune(NOW + 1).await.unwrap(), 1);
        assert_eq!(history.clear(ours, ann.id).await.unwrap(), 2);
    }
}

// Requirements: R28
#[tokio::test]
async fn the_newest_published_terms_hold_and_are_accepted_once() {
    for database in databases().await {
        let store = database.store().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        let ann = account(&store, ours, "ann").await;
        let terms = |version: &str, published_at| LegalDocument {
            id: DocumentId(id()),
            org_id: ours,
            kind: "terms".to_owned(),
            version: version.to_owned(),
            title: "Terms".to_owned(),
            body: "Be kind.".to_owned(),
            published_at,
        };
        let (first, second) = (terms("1", NOW), terms("2", NOW + 100));
        let legal = store.legal();
        legal.publish(&first).await.unwrap();
        legal.publish(&second).await.unwrap();
        let twin = legal.publish(&terms("2", NOW)).await;
        assert!(matches!(twin, Err(StoreError::Conflict(Taken::DocumentVersion))), "{twin:?}");
        assert_eq!(legal.current(ours, "terms", NOW - 1).await.unwrap(), None);
        assert_eq!(legal.current(ours, "terms", NOW + 99).await.unwrap(), Some(first.clone()));
        assert_eq!(legal.current(ours, "terms", NOW + 100).await.unwrap(), Some(second.clone()));
        assert_eq!(legal.current(theirs, "terms", NOW + 100).await.unwrap(), None);
        assert_eq!(legal.by_id(ours, first.id).await.unwrap(), first);
        assert!(matches!(legal.by_id(theirs, first.id).await, Err(StoreError::NotFound)));
        let mut acceptance = LegalAcceptance {
            org_id: ours,
            account_id: ann.id,
            document_id: first.id,
            accepted_at: NOW + 1,
            address: Some("192.0.2.1".to_owned()),
        };
        legal.accept(&acceptance).await.unwrap();
        acceptance.accepted_at = NOW + 2;
        legal.accept(&acceptance).await.unwrap();
        let accepted = legal.accepted(ours, ann.id).await.unwrap();
        assert_eq!((accepted.len(), accepted[0].accepted_at), (1, NOW + 1));
        assert!(legal.has_accepted(ours, ann.id, first.id).await.unwrap());
        assert!(!legal.has_accepted(ours, ann.id, second.id).await.unwrap());
        assert!(!legal.has_accepted(theirs, ann.id, first.id).await.unwrap());
        assert!(legal.accepted(theirs, ann.id).await.unwrap().is_empty());
        acceptance.org_id = theirs;
        assert!(matches!(legal.accept(&acceptance).await, Err(StoreError::NotFound)));
    }
}
