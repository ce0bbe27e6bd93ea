//! Backups: what comes back is what was there, from and to either database.

use std::path::Path;

use serde_json::json;
use sluice_domain::{OrgId, StreamId, TokenId};
use sluice_store::testing::{TestDatabase, databases};
use sluice_store::{Kind, NewAuditEntry, Page, Retention, Store, StoreError, StreamFilter};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use super::filled::{NOW, id};
use super::upgrade::fill_every_table;

/// Every row of every table as text, in an order that does not depend on the database.
async fn contents(database: &TestDatabase) -> Vec<String> {
    let url = database.url().replacen("sqlite:", "sqlite://", 1);
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    let mut rows = Vec::new();
    for table in super::upgrade::TABLES {
        let all = AssertSqlSafe(format!("SELECT * FROM {table}"));
        let columns_left_out = ["docid", "lexemes"];
        // A column that only one database has cannot be selected by the other.
        let all = if table.ends_with("_words") {
            let id = table.replace("_words", "_id");
            AssertSqlSafe(format!("SELECT org_id, {id}, words FROM {table}"))
        } else {
            all
        };
        for row in sqlx::query(all).fetch_all(&mut connection).await.unwrap() {
            let mut text = format!("{table}:");
            for column in row.columns() {
                use sqlx::Column;
                assert!(!columns_left_out.contains(&column.name()));
                let value = row
                    .try_get::<Option<String>, _>(column.ordinal())
                    .map(|value| format!("{value:?}"))
                    .or_else(|_| {
                        row.try_get::<Option<i64>, _>(column.ordinal()).map(|value| format!("{value:?}"))
                    })
                    .or_else(|_| {
                        row.try_get::<Option<f64>, _>(column.ordinal()).map(|value| format!("{value:?}"))
                    })
                    .or_else(|_| {
                        row.try_get::<Option<Vec<u8>>, _>(column.ordinal()).map(|value| format!("{value:?}"))
                    })
                    .unwrap();
                text.push_str(&format!(" {}={value}", column.name()));
            }
            rows.push(text);
        }
    }
    rows.sort();
    rows
}

async fn fresh(kind: Kind) -> TestDatabase {
    match kind {
        Kind::Sqlite => TestDatabase::sqlite(),
        Kind::Postgres => TestDatabase::postgres().await.unwrap(),
    }
}

#[tokio::test]
async fn a_backup_of_either_database_comes_back_whole_into_either() {
    let folder = tempfile::tempdir().unwrap();
    let kinds: Vec<Kind> = databases().await.iter().map(TestDatabase::kind).collect();
    for from in &kinds {
        let database = fresh(*from).await;
        let store = database.store().await;
        let org = fill_every_table(&store).await;
        let file = folder.path().join(format!("{from:?}.backup"));
        store.backup(&file).await.unwrap();
        let before = contents(&database).await;
        assert!(before.len() > 30);
        store
            .accounts()
            .create_with_membership(
                org,
                &super::filled::person("late", sluice_domain::role::Role::Viewer),
                NOW,
            )
            .await
            .unwrap();
        let bytes = std::fs::read(&file).unwrap();
        for into in &kinds {
            let target = fresh(*into).await;
            let restored = Store::restore(&file, target.url()).await.unwrap();
            assert_eq!(contents(&target).await, before, "{from:?} into {into:?}");
            assert_eq!(restored.audit_log().verify(org).await.unwrap().broken_at, None);
            let found = StreamFilter { text: Some("gard".to_owned()), ..Default::default() };
            assert_eq!(restored.streams().list(org, &found, &Page::first(9)).await.unwrap().items.len(), 1);
            // It goes on being written to as before.
            restored.audit_log().append(org, &entry()).await.unwrap();
            restored.streams().delete(org, stream_of(&restored, org).await, None, NOW).await.unwrap();
            assert!(restored.streams().list(org, &found, &Page::first(9)).await.unwrap().items.is_empty());
            // Nothing is brought back over what is there.
            let again = Store::restore(&file, target.url()).await;
            assert!(matches!(again, Err(StoreError::Refused(_))));
        }
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "restoring changed the backup");
        assert_eq!(left_beside(folder.path()), Vec::<String>::new());
    }
}

fn left_beside(folder: &Path) -> Vec<String> {
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.ends_with(".backup")).collect()
}

async fn stream_of(store: &Store, org: OrgId) -> StreamId {
    store.streams().list(org, &StreamFilter::default(), &Page::first(1)).await.unwrap().items[0].id
}

fn entry() -> NewAuditEntry {
    NewAuditEntry {
        id: id(),
        at: NOW,
        actor_id: None,
        actor_kind: "cli".to_owned(),
        action: "backup.restored".to_owned(),
        target_kind: "database".to_owned(),
        target_id: String::new(),
        address: None,
        detail: json!({}),
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_backup_is_readable_by_its_owner_alone_and_replaces_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    for database in databases().await {
        let store = database.store().await;
        let file = folder.path().join(format!("{:?}.backup", database.kind()));
        store.backup(&file).await.unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(store.backup(&file).await, Err(StoreError::Refused(_))));
        assert!(store.backup(&folder.path().join("no/such/folder")).await.is_err());
    }
    assert_eq!(left_beside(folder.path()), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_no_backup_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("restored.db");
    let url = format!("sqlite:{}", target.display());
    let restore = async |file: &Path| Store::restore(file, &url).await.map(drop);
    assert!(matches!(restore(&folder.path().join("missing")).await, Err(StoreError::NotFound)));
    let text = folder.path().join("text");
    std::fs::write(&text, "this is no database, but it is long enough to be one").unwrap();
    assert!(matches!(restore(&text).await, Err(StoreError::Corrupt(_))));
    let database = TestDatabase::sqlite();
    let store = database.store().await;
    fill_every_table(&store).await;
    let file = folder.path().join("good");
    store.backup(&file).await.unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xff);
    let damaged = folder.path().join("damaged");
    std::fs::write(&damaged, &bytes).unwrap();
    assert!(restore(&damaged).await.is_err());
    std::fs::write(&damaged, &bytes[..middle]).unwrap();
    assert!(restore(&damaged).await.is_err());
    assert!(!target.exists());
}

#[tokio::test]
async fn a_status_says_version_size_and_what_is_pending() {
    for database in databases().await {
        let store = database.open().await;
        let before = store.status().await.unwrap();
        assert_eq!((before.version, before.pending.len() as i64), (None, Store::newest_version()));
        store.migrate().await.unwrap();
        fill_every_table(&store).await;
        let after = store.status().await.unwrap();
        assert_eq!((after.version, after.pending.len()), (Some(Store::newest_version()), 0));
        assert!(after.bytes > before.bytes);
        assert!(after.rows.contains(&("streams".to_owned(), 1)));
        store.maintain().await.unwrap();
        store.health().await.unwrap();
    }
}

#[tokio::test]
async fn pruning_forgets_what_ended_long_ago_and_nothing_else() {
    for database in databases().await {
        let store = database.store().await;
        let org = fill_every_table(&store).await;
        let retention = Retention { viewing_history: Some(0), broadcasts: Some(0), ..Default::default() };
        let day = 24 * 60 * 60 * 1000;
        let pruned = store.prune(&Retention::default(), NOW).await.unwrap();
        assert!(pruned.iter().all(|(_, rows)| *rows == 0), "{pruned:?}");
        let pruned = store.prune(&retention, NOW + 365 * day).await.unwrap();
        let rows = |table: &str| pruned.iter().find(|(name, _)| *name == table).unwrap().1;
        assert_eq!(rows("sessions"), 1);
        assert_eq!(rows("one_time_tokens"), 1);
        assert_eq!(rows("mail_outbox"), 1);
        assert_eq!(rows("viewing_history"), 1);
        assert_eq!(rows("chat_messages"), 2);
        assert_eq!(rows("chat_bans"), 1);
        assert_eq!(store.accounts().count(org).await.unwrap().all, 2);
        assert!(store.refresh_tokens().by_hash("r").await.unwrap().is_none());
        assert_eq!(
            store.password_history().newest(org, account_of(&store, org).await, 9).await.unwrap().len(),
            1
        );
    }
}

async fn account_of(store: &Store, org: OrgId) -> sluice_domain::AccountId {
    let ann = store.accounts().by_handle(org, &"ann".parse().unwrap()).await.unwrap().unwrap();
    store.accounts().set_password(org, ann.id, "x", false, TokenId(id()), NOW).await.unwrap();
    store.password_history().keep(org, ann.id, 1).await.unwrap();
    ann.id
}
