//! Mails: nobody sends one twice.

use std::collections::BTreeSet;

use sluice_domain::{MailId, OrgId};
use sluice_store::testing::databases;
use sluice_store::{Mail, Page, StoreError};

use super::filled::{NOW, id, org};

fn mail(org: OrgId, due: i64) -> Mail {
    Mail {
        id: MailId(id()),
        org_id: org,
        recipient: "ann@example.org".to_owned(),
        kind: "reset_password".to_owned(),
        subject: "A new password".to_owned(),
        text: "https://example.org/reset?token=secret".to_owned(),
        html: "<a>".to_owned(),
        created_at: NOW,
        next_attempt_at: due,
        attempts: 0,
        sent_at: None,
        last_error: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_nodes_that_claim_at_once_each_mail_goes_to_one() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        for _ in 0..40 {
            store.mail_outbox().create(&mail(org, NOW)).await.unwrap();
        }
        let nodes: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut claimed = Vec::new();
                    loop {
                        let batch = store.mail_outbox().claim(NOW, NOW + 60, 5, 3).await.unwrap();
                        if batch.is_empty() {
                            return claimed;
                        }
                        claimed.extend(batch.into_iter().map(|mail| mail.id));
                    }
                })
            })
            .collect();
        let mut claimed = Vec::new();
        for node in nodes {
            claimed.extend(node.await.unwrap());
        }
        // A node that ran into the others may have gone with nothing while something was left.
        let rest = store.mail_outbox().claim(NOW, NOW + 60, 5, 40).await.unwrap();
        claimed.extend(rest.into_iter().map(|mail| mail.id));
        let once: BTreeSet<_> = claimed.iter().copied().collect();
        assert_eq!((claimed.len(), once.len()), (40, 40));
        let tried = store.mail_outbox().list(org, &Page::first(100)).await.unwrap().items;
        assert!(tried.iter().all(|mail| mail.attempts == 1 && mail.next_attempt_at == NOW + 60));
    }
}

#[tokio::test]
async fn a_mail_is_due_again_when_its_lease_ends_until_it_was_sent_or_given_up() {
    for database in databases().await {
        let store = database.store().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        let (now, later) = (mail(ours, NOW), mail(ours, NOW + 500));
        let outbox = store.mail_outbox();
        outbox.create(&now).await.unwrap();
        outbox.create(&later).await.unwrap();
        let claimed = outbox.claim(NOW, NOW + 60, 3, 10).await.unwrap();
        assert_eq!((claimed.len(), claimed[0].id, claimed[0].attempts), (1, now.id, 1));
        assert!(outbox.claim(NOW + 59, NOW + 90, 3, 10).await.unwrap().is_empty());
        assert_eq!(outbox.claim(NOW + 60, NOW + 90, 3, 10).await.unwrap()[0].attempts, 2);
        outbox.set_failed(ours, now.id, "no route", NOW + 100).await.unwrap();
        assert_eq!(
            outbox.claim(NOW + 100, NOW + 200, 3, 10).await.unwrap()[0].last_error.as_deref(),
            Some("no route")
        );
        assert!(outbox.claim(NOW + 300, NOW + 400, 3, 10).await.unwrap().is_empty());
        assert_eq!(outbox.count_waiting(ours).await.unwrap(), 2);
        assert_eq!(outbox.count_waiting(theirs).await.unwrap(), 0);
        for foreign in [
            outbox.set_sent(theirs, now.id, NOW).await,
            outbox.set_failed(theirs, now.id, "", NOW).await,
            outbox.by_id(theirs, now.id).await.map(drop),
        ] {
            assert!(matches!(foreign, Err(StoreError::NotFound)));
        }
        assert!(outbox.list(theirs, &Page::first(9)).await.unwrap().items.is_empty());
        outbox.set_sent(ours, now.id, NOW + 7).await.unwrap();
        let sent = outbox.by_id(ours, now.id).await.unwrap();
        assert_eq!((sent.sent_at, sent.text.as_str(), sent.html.as_str()), (Some(NOW + 7), "", ""));
        assert!(matches!(outbox.set_failed(ours, now.id, "", NOW).await, Err(StoreError::NotFound)));
        let page = outbox.list(ours, &Page::first(1)).await.unwrap();
        assert_eq!(page.items[0].id, later.id);
        let rest = outbox.list(ours, &Page { limit: 1, after: page.next }).await.unwrap();
        assert_eq!((rest.items[0].id, rest.next), (now.id, None));
        assert_eq!(outbox.prune(NOW + 1).await.unwrap(), 2);
    }
}
