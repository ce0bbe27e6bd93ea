//! Upgrades: every step of the schema runs on a database that has rows in each table.

use std::ops::RangeInclusive;

use serde_json::json;
use sluice_domain::{
    AccountId, AssetId, BroadcastId, CategoryId, DocumentId, MailId, OrgId, ReportStatus, StreamKeyId,
    TokenId, ViewingId,
};
use sluice_store::testing::databases;
use sluice_store::{
    Asset, Broadcast, Category, LegalAcceptance, LegalDocument, Mail, NewAuditEntry, OneTimeToken,
    SigningKey, Store, StreamKey, Viewing,
};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use super::filled::{NOW, account, id, org, refresh_token, session, stream, titled};
use super::sign_in::api_key;

/// All tables.
pub(super) const TABLES: &[&str] = &[
    "account_words",
    "accounts",
    "api_keys",
    "assets",
    "audit_heads",
    "audit_log",
    "backup_codes",
    "blocks",
    "broadcasts",
    "categories",
    "chat_bans",
    "chat_messages",
    "chat_minutes",
    "chat_moderators",
    "chat_settings",
    "chat_terms",
    "emotes",
    "follows",
    "legal_acceptances",
    "legal_documents",
    "library",
    "mail_outbox",
    "memberships",
    "moderation_actions",
    "one_time_tokens",
    "organisations",
    "password_history",
    "recording_chapters",
    "recording_positions",
    "recording_settings",
    "recordings",
    "refresh_tokens",
    "reports",
    "sessions",
    "settings",
    "signing_keys",
    "stream_keys",
    "stream_tags",
    "stream_words",
    "streams",
    "totp",
    "viewing_history",
];

/// At least one row in every table.
pub(super) async fn fill_every_table(store: &Store) -> OrgId {
    fill_version(store, Store::newest_version()).await
}

/// At least one row in every table that a version of the schema has.
async fn fill_version(store: &Store, version: i64) -> OrgId {
    let org = fill_version_1(store).await;
    fill_later(store, org, 2..=version).await;
    org
}

/// At least one row in every table that came with some versions of the schema.
async fn fill_later(store: &Store, org: OrgId, versions: RangeInclusive<i64>) {
    if versions.contains(&2) {
        super::chat::fill(store, org).await;
    }
    if versions.contains(&3) {
        super::recordings::fill(store, org).await;
    }
}

/// At least one row in every table that the first version of the schema has.
async fn fill_version_1(store: &Store) -> OrgId {
    let org = org(store, "main").await;
    let (ann, bea) = (account(store, org, "ann").await, account(store, org, "bea").await);
    fill_for(store, org, ann.id, bea.id).await;
    let category = Category {
        id: CategoryId(id()),
        org_id: org,
        slug: "talks".to_owned(),
        name: "Talks".to_owned(),
        position: 1,
        created_at: NOW,
    };
    store.categories().create(&category).await.unwrap();
    let garden = stream(store, &ann, "garden").await;
    let mut change = titled("The garden, at night: 東京");
    change.tags = vec!["birds".to_owned(), "night".to_owned()];
    change.category_id = Some(category.id);
    store.streams().update(org, garden.id, 1, &change, NOW).await.unwrap();
    let key = StreamKey {
        id: StreamKeyId(id()),
        org_id: org,
        stream_id: garden.id,
        name: "Default".to_owned(),
        hash: "sk".to_owned(),
        sealed: "v1.x".to_owned(),
        last4: "abcd".to_owned(),
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    };
    store.stream_keys().create(&key).await.unwrap();
    let picture = Asset {
        id: AssetId(id()),
        org_id: org,
        kind: "thumbnail".to_owned(),
        content_type: "image/png".to_owned(),
        bytes: (0..=255).collect(),
        created_at: NOW,
    };
    store.assets().create(&picture).await.unwrap();
    store.streams().set_thumbnail(org, garden.id, Some(picture.id), NOW).await.unwrap();
    let run = Broadcast {
        id: BroadcastId(id()),
        org_id: org,
        stream_id: garden.id,
        started_at: NOW,
        live_at: Some(NOW + 1),
        ended_at: None,
        end_reason: None,
        title: "x".to_owned(),
        category_id: Some(category.id),
        publisher: "key".to_owned(),
        codec: Some("h264".to_owned()),
        peak_viewers: 1,
        joins: 2,
        watch_seconds: 3,
        metrics_json: json!({}),
        errors_json: json!([]),
    };
    store.broadcasts().create(&run).await.unwrap();
    store.streams().set_live(org, garden.id, run.id, NOW + 1).await.unwrap();
    store.library().add(org, bea.id, "saved", garden.id, NOW).await.unwrap();
    let viewing = Viewing {
        id: ViewingId(id()),
        org_id: org,
        account_id: bea.id,
        stream_id: garden.id,
        broadcast_id: Some(run.id),
        started_at: NOW,
        ended_at: None,
        duration_watched: 5,
        quality_level: None,
        device_type: None,
        exit_reason: None,
        engagement_score: 0.5,
    };
    store.viewing_history().create(&viewing).await.unwrap();
    org
}

async fn fill_for(store: &Store, org: OrgId, ann: AccountId, bea: AccountId) {
    let signed_in = session(store, &store.accounts().by_id(org, ann).await.unwrap()).await;
    store.refresh_tokens().create(&refresh_token(&signed_in, "r")).await.unwrap();
    store.accounts().set_password(org, ann, "argon", false, TokenId(id()), NOW).await.unwrap();
    store.totp().begin(org, ann, "sealed").await.unwrap();
    store.backup_codes().replace(org, ann, &[(TokenId(id()), "code".to_owned())]).await.unwrap();
    store.api_keys().create(&api_key(org, ann, "sl")).await.unwrap();
    store.follows().add(org, bea, ann, NOW).await.unwrap();
    store.blocks().add(org, ann, bea, NOW).await.unwrap();
    store.follows().add(org, ann, bea, NOW).await.unwrap();
    store.settings().set(org, &[("name", json!("Garden TV"))], NOW).await.unwrap();
    let key = SigningKey {
        id: id(),
        public: "p".to_owned(),
        sealed_private: "s".to_owned(),
        created_at: NOW,
        retired_at: None,
    };
    store.signing_keys().create(&key).await.unwrap();
    let terms = LegalDocument {
        id: DocumentId(id()),
        org_id: org,
        kind: "terms".to_owned(),
        version: "1".to_owned(),
        title: "Terms".to_owned(),
        body: "Be kind.\n'\"\\ ä 東".to_owned(),
        published_at: NOW,
    };
    store.legal().publish(&terms).await.unwrap();
    let acceptance = LegalAcceptance {
        org_id: org,
        account_id: ann,
        document_id: terms.id,
        accepted_at: NOW,
        address: None,
    };
    store.legal().accept(&acceptance).await.unwrap();
    let token = OneTimeToken {
        id: TokenId(id()),
        org_id: org,
        account_id: None,
        kind: "invite".to_owned(),
        hash: "t".to_owned(),
        payload_json: json!({}),
        created_at: NOW,
        expires_at: NOW + 1000,
        used_at: None,
    };
    store.one_time_tokens().create(&token).await.unwrap();
    let mail = Mail {
        id: MailId(id()),
        org_id: org,
        recipient: "ann@example.org".to_owned(),
        kind: "invite".to_owned(),
        subject: "x".to_owned(),
        text: "x".to_owned(),
        html: "x".to_owned(),
        created_at: NOW,
        next_attempt_at: NOW,
        attempts: 0,
        sent_at: None,
        last_error: None,
    };
    store.mail_outbox().create(&mail).await.unwrap();
    for action in ["org.set_up", "key.shown"] {
        let entry = NewAuditEntry {
            id: id(),
            at: NOW,
            actor_id: None,
            actor_kind: "system".to_owned(),
            action: action.to_owned(),
            target_kind: "org".to_owned(),
            target_id: org.to_string(),
            address: None,
            detail: json!({"a": 1.5, "b": null}),
        };
        store.audit_log().append(org, &entry).await.unwrap();
    }
}

#[tokio::test]
async fn every_table_of_the_schema_is_filled_by_the_tests_of_upgrades() {
    for database in databases().await {
        let store = database.store().await;
        fill_every_table(&store).await;
        let mut connection =
            AnyConnection::connect(&database.url().replacen("sqlite:", "sqlite://", 1)).await.unwrap();
        let names = match database.kind() {
            sluice_store::Kind::Sqlite => {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%!_index%' ESCAPE '!' \
                 AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name <> '_sqlx_migrations' ORDER BY name"
            }
            sluice_store::Kind::Postgres => {
                "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
                 WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations' ORDER BY 1"
            }
        };
        let names: Vec<String> = sqlx::query(names)
            .fetch_all(&mut connection)
            .await
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect();
        assert_eq!(names, TABLES);
        for table in TABLES {
            let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
            let count: i64 = sqlx::query(count).fetch_one(&mut connection).await.unwrap().get(0);
            assert!(count > 0, "{table} has no row");
        }
    }
}

#[tokio::test]
async fn a_filled_database_of_every_version_is_brought_up_to_date() {
    for version in 1..=Store::newest_version() {
        for database in databases().await {
            let store = database.open().await;
            store.migrate_to(Some(version)).await.unwrap();
            // A step that changes what the store writes gets rows here as that version wrote them.
            let org = fill_version(&store, version).await;
            assert_eq!(store.status().await.unwrap().version, Some(version));
            store.migrate().await.unwrap();
            fill_later(&store, org, version + 1..=Store::newest_version()).await;
            assert_eq!(store.recordings().usage(org).await.unwrap(), (1, 1_000_000));
            assert_eq!(store.reports().counts(org).await.unwrap(), [(ReportStatus::Pending, 1)]);
            assert_eq!(store.status().await.unwrap().version, Some(Store::newest_version()));
            assert_eq!(store.accounts().count(org).await.unwrap().all, 2);
            assert_eq!(store.audit_log().verify(org).await.unwrap().broken_at, None);
        }
    }
}

#[tokio::test]
async fn migrating_again_or_from_several_nodes_at_once_changes_nothing() {
    for database in databases().await {
        let nodes = [database.open().await, database.open().await, database.open().await];
        let (a, b, c) = tokio::join!(nodes[0].migrate(), nodes[1].migrate(), nodes[2].migrate());
        for done in [a, b, c] {
            done.unwrap();
        }
        let org = fill_every_table(&nodes[0]).await;
        nodes[1].migrate().await.unwrap();
        assert_eq!(nodes[2].accounts().count(org).await.unwrap().all, 2);
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    for database in databases().await {
        let store = database.store().await;
        let mut connection =
            AnyConnection::connect(&database.url().replacen("sqlite:", "sqlite://", 1)).await.unwrap();
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9999, 'later', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
        )
        .execute(&mut connection)
        .await
        .unwrap();
        assert!(store.migrate().await.is_err());
    }
}
