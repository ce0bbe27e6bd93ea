//! What a database can do to its store: be locked, be away, come back, be full.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails where it is")]

use std::time::{Duration, Instant};

use serde_json::json;
use sluice_domain::OrgId;
use sluice_store::testing::{Server, TestDatabase};
use sluice_store::{Organisation, Store, StoreError};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use uuid::Uuid;

const NOW: i64 = 1_790_000_000_000;

fn organisation(slug: &str) -> Organisation {
    Organisation {
        id: OrgId(Uuid::now_v7()),
        name: "Main".to_owned(),
        slug: slug.to_owned(),
        settings_json: json!({}),
        created_at: NOW,
        version: 1,
    }
}

/// Another program that has the file open.
async fn other_program(database: &TestDatabase) -> AnyConnection {
    AnyConnection::connect(&database.url().replacen("sqlite:", "sqlite://", 1)).await.unwrap()
}

#[tokio::test]
async fn a_locked_file_is_waited_for_then_reported_and_nothing_is_half_written() {
    let database = TestDatabase::sqlite();
    let store = database.store().await;
    let first = organisation("first");
    store.organisations().create(&first).await.unwrap();
    let mut other = other_program(&database).await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let begun = Instant::now();
    let refused = store.settings().set(first.id, &[("a", json!(1)), ("b", json!(2))], NOW).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert!(begun.elapsed() >= Duration::from_secs(4), "it was not waited for");
    // Who only reads goes on.
    assert_eq!(store.organisations().list().await.unwrap().len(), 1);
    other.execute("ROLLBACK").await.unwrap();
    assert!(store.settings().list(first.id).await.unwrap().is_empty());
    store.settings().set(first.id, &[("a", json!(1))], NOW).await.unwrap();
    assert_eq!(store.settings().list(first.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_lock_that_ends_in_time_is_not_noticed() {
    let database = TestDatabase::sqlite();
    let store = database.store().await;
    let mut other = other_program(&database).await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let writer = {
        let store = store.clone();
        tokio::spawn(async move { store.organisations().create(&organisation("first")).await })
    };
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(!writer.is_finished());
    other.execute("ROLLBACK").await.unwrap();
    writer.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_full_disk_is_reported_and_nothing_is_half_written() {
    let database = TestDatabase::sqlite();
    let store = database.store().await;
    let first = organisation("first");
    store.organisations().create(&first).await.unwrap();
    // The limit holds for the connection that sets it: that of a transaction.
    let pages = {
        let mut other = other_program(&database).await;
        let row =
            sqlx::query("SELECT page_count FROM pragma_page_count()").fetch_one(&mut other).await.unwrap();
        sqlx::Row::get::<i64, _>(&row, 0)
    };
    store.limit_pages(pages + 8).await.unwrap();
    let large = json!("x".repeat(20_000));
    let values: Vec<(String, _)> = (0..40).map(|number| (format!("k{number}"), large.clone())).collect();
    let values: Vec<(&str, _)> = values.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    let refused = store.settings().set(first.id, &values, NOW).await;
    assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
    assert!(store.settings().list(first.id).await.unwrap().is_empty());
    store.limit_pages(pages + 1000).await.unwrap();
    store.settings().set(first.id, &values, NOW).await.unwrap();
    assert_eq!(store.settings().list(first.id).await.unwrap().len(), 40);
}

#[tokio::test]
async fn a_server_that_is_gone_is_reported_and_one_that_is_back_is_used_again() {
    let Some(mut server) = Server::start_own() else { return };
    let store = Store::open(&server.database("main").await).await.unwrap();
    store.migrate().await.unwrap();
    let first = organisation("first");
    store.organisations().create(&first).await.unwrap();
    let tx = store.begin().await.unwrap();
    tx.organisations().create(&organisation("lost")).await.unwrap();
    server.stop();
    let refused = tx.organisations().create(&organisation("lost too")).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    drop(tx);
    for _ in 0..3 {
        let refused = store.health().await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    }
    server.start();
    let begun = Instant::now();
    while store.health().await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the pool does not come back");
    }
    assert_eq!(store.organisations().list().await.unwrap(), [first]);
    store.organisations().create(&organisation("second")).await.unwrap();
}

#[tokio::test]
async fn connections_that_the_server_ends_are_replaced_unnoticed() {
    let Some(server) = Server::start_own() else { return };
    let url = server.database("main").await;
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    let mut other = AnyConnection::connect(&url).await.unwrap();
    let end = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE pid <> pg_backend_pid() AND datname = 'main'";
    other.execute(AssertSqlSafe(end.to_owned())).await.unwrap();
    // They were told to end, which takes each a while.
    let left = "SELECT COUNT(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'main'";
    let begun = Instant::now();
    loop {
        let row = sqlx::query(left).fetch_one(&mut other).await.unwrap();
        if sqlx::Row::get::<i64, _>(&row, 0) == 0 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the connections do not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    store.organisations().create(&organisation("first")).await.unwrap();
    assert_eq!(store.organisations().list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_no_database_cannot_be_opened() {
    for url in ["mysql://localhost/x", "", "file.db", "sqlite:/no/such/folder/x.db"] {
        assert!(Store::open(url).await.is_err(), "{url}");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text.db");
    std::fs::write(&path, "this is a text and no database at all".repeat(100)).unwrap();
    let opened = Store::open(&format!("sqlite:{}", path.display())).await;
    assert!(matches!(opened.err(), Some(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn a_path_may_have_any_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a b.db", "c?mode=ro.db", "d#e.db", "f%41.db", "ü.db"] {
        let path = folder.path().join(name);
        let store = Store::open(&format!("sqlite:{}", path.display())).await.unwrap();
        store.migrate().await.unwrap();
        store.organisations().create(&organisation("first")).await.unwrap();
        assert!(path.is_file(), "{name}");
    }
}
