//! The audit log: in order under any load, and nothing is changed unnoticed.

use serde_json::json;
use sluice_domain::OrgId;
use sluice_store::testing::databases;
use sluice_store::{AuditFilter, Kind, NewAuditEntry, Page, Store, Verified};
use sqlx::{AnyConnection, Connection, Executor};

use super::filled::{NOW, id, org};

fn entry(action: &str, actor: &str, at: i64) -> NewAuditEntry {
    NewAuditEntry {
        id: id(),
        at,
        actor_id: Some(actor.to_owned()),
        actor_kind: "account".to_owned(),
        action: action.to_owned(),
        target_kind: "stream".to_owned(),
        target_id: "s1".to_owned(),
        address: None,
        detail: json!({"note": "<b>\0'\"ä"}),
    }
}

async fn is_whole(store: &Store, org: OrgId, entries: i64) {
    let verified = store.audit_log().verify(org).await.unwrap();
    assert_eq!(verified, Verified { entries, broken_at: None });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_append_at_once_make_one_chain() {
    for database in databases().await {
        let store = database.store().await;
        let second_node = database.open().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        is_whole(&store, ours, 0).await;
        let writers: Vec<_> = (0..12)
            .map(|number| {
                let store = if number % 2 == 0 { store.clone() } else { second_node.clone() };
                tokio::spawn(async move {
                    for _ in 0..10 {
                        let org = if number % 3 == 0 { theirs } else { ours };
                        store.audit_log().append(org, &entry("stream.edited", "a1", NOW)).await.unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        is_whole(&store, ours, 80).await;
        is_whole(&store, theirs, 40).await;
    }
}

#[tokio::test]
async fn entries_are_listed_by_action_actor_target_and_time() {
    for database in databases().await {
        let store = database.store().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        let log = store.audit_log();
        for (number, action) in
            ["auth.signed_in", "auth.failed", "key.shown", "authority.x"].iter().enumerate()
        {
            let actor = if number % 2 == 0 { "ann" } else { "bea" };
            log.append(ours, &entry(action, actor, NOW + number as i64)).await.unwrap();
        }
        let find = async |filter: AuditFilter| -> Vec<i64> {
            let listed = log.list(ours, &filter, &Page::first(9)).await.unwrap();
            listed.items.into_iter().map(|entry| entry.seq).collect()
        };
        let action = |action: &str| AuditFilter { action: Some(action.to_owned()), ..Default::default() };
        assert_eq!(find(AuditFilter::default()).await, [4, 3, 2, 1]);
        assert_eq!(find(action("auth.")).await, [2, 1]);
        assert_eq!(find(action("auth.failed")).await, [2]);
        assert!(find(action("%.")).await.is_empty());
        assert_eq!(find(AuditFilter { actor: Some("ann".to_owned()), ..Default::default() }).await, [3, 1]);
        assert_eq!(find(AuditFilter { target: Some("s1".to_owned()), ..Default::default() }).await.len(), 4);
        let between = AuditFilter { from: Some(NOW + 1), to: Some(NOW + 3), ..Default::default() };
        assert_eq!(find(between).await, [3, 2]);
        let page = log.list(ours, &AuditFilter::default(), &Page::first(3)).await.unwrap();
        assert_eq!(page.items[0].detail(), json!({"note": "<b>\0'\"ä"}));
        let rest = Page { limit: 3, after: page.next };
        assert_eq!(log.list(ours, &AuditFilter::default(), &rest).await.unwrap().items[0].seq, 1);
        assert!(log.list(theirs, &AuditFilter::default(), &Page::first(9)).await.unwrap().items.is_empty());
        is_whole(&store, theirs, 0).await;
    }
}

// Requirements: R381
#[tokio::test]
async fn an_entry_is_neither_changed_nor_removed_and_who_goes_around_that_is_noticed() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        for number in 0..5 {
            store.audit_log().append(org, &entry("key.shown", "ann", NOW + number)).await.unwrap();
        }
        let url = match database.kind() {
            Kind::Sqlite => database.url().replacen("sqlite:", "sqlite://", 1),
            Kind::Postgres => database.url().to_owned(),
        };
        let mut direct = AnyConnection::connect(&url).await.unwrap();
        for refused in
            ["UPDATE audit_log SET action = 'x' WHERE seq = 2", "DELETE FROM audit_log WHERE seq = 5"]
        {
            assert!(direct.execute(refused).await.is_err(), "{refused}");
        }
        is_whole(&store, org, 5).await;
        let around: &[&str] = match database.kind() {
            Kind::Sqlite => &["DROP TRIGGER audit_log_is_not_changed", "DROP TRIGGER audit_log_is_not_cut"],
            Kind::Postgres => &["ALTER TABLE audit_log DISABLE TRIGGER ALL"],
        };
        for statement in around {
            direct.execute(*statement).await.unwrap();
        }
        let broken_at = async || store.audit_log().verify(org).await.unwrap().broken_at;
        direct.execute("UPDATE audit_log SET address = '192.0.2.1' WHERE seq = 3").await.unwrap();
        assert_eq!(broken_at().await, Some(3));
        direct.execute("UPDATE audit_log SET address = NULL WHERE seq = 3").await.unwrap();
        assert_eq!(broken_at().await, None);
        direct.execute("DELETE FROM audit_log WHERE seq = 5").await.unwrap();
        assert_eq!(broken_at().await, Some(5));
        direct.execute("DELETE FROM audit_log WHERE seq = 2").await.unwrap();
        assert_eq!(broken_at().await, Some(2));
    }
}
