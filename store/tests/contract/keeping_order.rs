//! Bans, moderators, terms, what was done to keep order, and reports.

use sluice_domain::chat::{BanKind, ModerationAction};
use sluice_domain::{AccountId, OrgId, ReportId, ReportStatus, ReportTarget};
use sluice_store::testing::databases;
use sluice_store::{
    ChatBan, ChatModerator, Kind, ModerationEntry, ModerationFilter, Page, Report, ReportChange, StoreError,
};
use sqlx::{AnyConnection, Connection, Executor};

use super::chat::{entry, report, term, timeout};
use super::filled::{NOW, account, id, org, stream};

#[tokio::test]
async fn a_ban_replaces_a_timeout_and_holds_until_it_is_lifted() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let (ann, bea) = (account(&store, org, "ann").await, account(&store, org, "bea").await);
        let cem = account(&store, org, "cem").await;
        let (garden, other) = (stream(&store, &ann, "garden").await, stream(&store, &ann, "other").await);
        let bans = store.chat_bans();
        let short = timeout(&garden, &bea, NOW + 1000);
        bans.set(&short).await.unwrap();
        bans.set(&timeout(&garden, &cem, NOW + 5000)).await.unwrap();
        assert_eq!(bans.of(org, garden.id, bea.id, NOW).await.unwrap(), Some(short));
        assert_eq!(bans.of(org, garden.id, bea.id, NOW + 1000).await.unwrap(), None);
        assert_eq!(bans.of(org, other.id, bea.id, NOW).await.unwrap(), None);
        let ban = ChatBan { kind: BanKind::Ban, until_at: None, reason: None, ..timeout(&garden, &bea, 0) };
        bans.set(&ban).await.unwrap();
        assert_eq!(bans.of(org, garden.id, bea.id, NOW + 1_000_000).await.unwrap(), Some(ban.clone()));
        assert_eq!(bans.active(org, garden.id, NOW + 5000).await.unwrap(), std::slice::from_ref(&ban));
        let first = bans.list(org, garden.id, &Page::first(1), NOW).await.unwrap();
        let second = Page { limit: 1, after: first.next.clone() };
        let second = bans.list(org, garden.id, &second, NOW).await.unwrap();
        assert_eq!((first.items[0].account_id, second.items[0].account_id), (bea.id, cem.id));
        assert_eq!(second.next, None);
        assert_eq!(bans.prune(NOW + 5001).await.unwrap(), 1);
        assert_eq!(bans.lift(org, garden.id, bea.id).await.unwrap(), Some(ban));
        assert_eq!(bans.lift(org, garden.id, bea.id).await.unwrap(), None);
        let nobody = ChatBan { account_id: AccountId(id()), ..timeout(&garden, &bea, 0) };
        assert!(matches!(bans.set(&nobody).await, Err(StoreError::NotFound)));
    }
}

#[tokio::test]
async fn moderators_are_made_once_and_are_none_when_their_account_is_deleted() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let (ann, bea) = (account(&store, org, "ann").await, account(&store, org, "bea").await);
        let garden = stream(&store, &ann, "garden").await;
        let moderators = store.chat_moderators();
        let moderator = ChatModerator {
            org_id: org,
            stream_id: garden.id,
            account_id: bea.id,
            created_by: Some(ann.id),
            created_at: NOW,
        };
        assert!(moderators.add(&moderator).await.unwrap());
        assert!(!moderators.add(&moderator).await.unwrap());
        assert!(moderators.contains(org, garden.id, bea.id).await.unwrap());
        assert!(!moderators.contains(OrgId(id()), garden.id, bea.id).await.unwrap());
        assert!(moderators.remove(org, garden.id, bea.id).await.unwrap());
        assert!(!moderators.remove(org, garden.id, bea.id).await.unwrap());
        moderators.add(&moderator).await.unwrap();
        store.accounts().delete(org, bea.id, NOW).await.unwrap();
        assert!(moderators.list(org, garden.id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_term_is_there_once() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let (garden, other) = (stream(&store, &ann, "garden").await, stream(&store, &ann, "other").await);
        let casino = term(&garden, "casino");
        store.chat_terms().create(&casino).await.unwrap();
        let twice = store.chat_terms().create(&term(&garden, "casino")).await;
        assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
        store.chat_terms().create(&term(&other, "casino")).await.unwrap();
        assert_eq!(store.chat_terms().list(org, garden.id).await.unwrap(), std::slice::from_ref(&casino));
        let elsewhere = store.chat_terms().delete(org, other.id, casino.id).await;
        assert!(matches!(elsewhere, Err(StoreError::NotFound)));
        assert_eq!(store.chat_terms().delete(org, garden.id, casino.id).await.unwrap(), casino);
        assert!(store.chat_terms().list(org, garden.id).await.unwrap().is_empty());
    }
}

// Requirements: R206
#[tokio::test]
async fn what_was_done_to_keep_order_is_found_and_cannot_be_changed() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let (ann, bea) = (account(&store, org, "ann").await, account(&store, org, "bea").await);
        let garden = stream(&store, &ann, "garden").await;
        let mut entries: Vec<ModerationEntry> = (0..150).map(|_| entry(&garden, &bea)).collect();
        entries[0].account_id = None;
        entries[0].target_name = "guest-1f2e".to_owned();
        entries[0].action = ModerationAction::MessageBlocked;
        let actions = store.moderation_actions();
        actions.add(&entries).await.unwrap();
        actions.add(&entries).await.unwrap();
        let guest = ModerationFilter { action: Some(ModerationAction::MessageBlocked), ..Default::default() };
        let guest = actions.list(org, &guest, &Page::first(9)).await.unwrap().items;
        assert_eq!(
            (guest.len(), guest[0].target_name.as_str(), guest[0].actor_name.as_str()),
            (1, "guest-1f2e", "ann")
        );
        let of_bea = ModerationFilter { account: Some(bea.id), stream: Some(garden.id), action: None };
        let first = actions.list(org, &of_bea, &Page::first(100)).await.unwrap();
        let rest = actions.list(org, &of_bea, &Page { limit: 100, after: first.next }).await.unwrap();
        assert_eq!((first.items.len(), rest.items.len(), rest.next), (100, 49, None));
        assert_eq!(first.items[0].id, entries[149].id);
        assert!(actions.list(OrgId(id()), &of_bea, &Page::first(9)).await.unwrap().items.is_empty());
        let url = database.url().replacen("sqlite:", "sqlite://", 1);
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        for change in ["UPDATE moderation_actions SET reason = 'x'", "DELETE FROM moderation_actions"] {
            let refused = connection.execute(change).await.unwrap_err().to_string();
            assert!(refused.contains("only appended to"), "{refused}");
        }
        if database.kind() == Kind::Postgres {
            connection.execute("TRUNCATE moderation_actions").await.unwrap_err();
        }
    }
}

// Requirements: R207, R209
#[tokio::test]
async fn reports_wait_in_order_and_two_who_decide_at_once_notice() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let (ann, bea) = (account(&store, org, "ann").await, account(&store, org, "bea").await);
        let garden = stream(&store, &ann, "garden").await;
        let reports = store.reports();
        let first = report(&garden, &bea);
        reports.create(&first).await.unwrap();
        let second = Report {
            id: ReportId(id()),
            target_kind: ReportTarget::Account,
            stream_id: None,
            ..report(&garden, &bea)
        };
        assert!(reports.waits_already(&report(&garden, &bea)).await.unwrap());
        assert!(!reports.waits_already(&second).await.unwrap());
        assert!(!reports.waits_already(&report(&garden, &ann)).await.unwrap());
        reports.create(&second).await.unwrap();
        let ids = async |status| {
            let mut page = Page::first(1);
            let mut ids = Vec::new();
            loop {
                let found = reports.list(org, status, &page).await.unwrap();
                ids.extend(found.items.into_iter().map(|report| report.id));
                let Some(next) = found.next else { return ids };
                page.after = Some(next);
            }
        };
        assert_eq!(ids(Some(ReportStatus::Pending)).await, [first.id, second.id]);
        assert_eq!(ids(None).await, [second.id, first.id]);
        let change = |status| ReportChange { status, note: "Looked at it.".to_owned(), moderator_id: ann.id };
        let reviewed = change(ReportStatus::Reviewed);
        let done = reports.update(org, first.id, 1, &reviewed, NOW + 5).await.unwrap();
        assert_eq!((done.version, done.resolved_at, done.moderator_id), (2, None, Some(ann.id)));
        let late = reports.update(org, first.id, 1, &reviewed, NOW).await;
        assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
        let done = reports.update(org, first.id, 2, &change(ReportStatus::Resolved), NOW + 9).await.unwrap();
        assert_eq!((done.status, done.resolved_at), (ReportStatus::Resolved, Some(NOW + 9)));
        let nothing = reports.update(OrgId(id()), first.id, 3, &reviewed, NOW).await;
        assert!(matches!(nothing, Err(StoreError::NotFound)), "{nothing:?}");
        assert_eq!(ids(Some(ReportStatus::Pending)).await, [second.id]);
        let mut counts = reports.counts(org).await.unwrap();
        counts.sort_unstable();
        assert_eq!(counts, [(ReportStatus::Pending, 1), (ReportStatus::Resolved, 1)]);
        let own = reports.of_reporter(org, bea.id, &Page::first(1)).await.unwrap();
        assert_eq!(own.items[0].id, second.id);
        let next = reports.of_reporter(org, bea.id, &Page { limit: 1, after: own.next }).await.unwrap();
        assert_eq!((next.items[0].id, next.next), (first.id, None));
        assert!(!reports.waits_already(&report(&garden, &bea)).await.unwrap());
    }
}
