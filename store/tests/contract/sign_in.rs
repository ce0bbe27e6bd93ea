//! Sign-ins, refresh tokens, one-time tokens, second factors, passwords of the past, signing keys.

use serde_json::json;
use sluice_domain::{AccountId, OrgId, SignInId, TokenId};
use sluice_store::testing::databases;
use sluice_store::{ApiKey, OneTimeToken, Refreshed, SigningKey, StoreError, Taken};

use super::filled::{NOW, account, id, org, refresh_token, session};

#[tokio::test]
async fn a_sign_in_ends_by_idling_by_age_or_by_being_revoked() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let first = session(&store, &ann).await;
        let second = session(&store, &ann).await;
        let sessions = store.sessions();
        assert_eq!(sessions.by_id(org, first.id).await.unwrap(), first);
        sessions.touch(org, second.id, "192.0.2.9", "Curl", NOW + 500_000).await.unwrap();
        sessions.set_mfa(org, second.id, NOW).await.unwrap();
        let active = async |now| {
            sessions.active_of(org, ann.id, now).await.unwrap().into_iter().map(|s| s.id).collect::<Vec<_>>()
        };
        assert_eq!(active(NOW + 599_999).await, [second.id, first.id]);
        assert_eq!(active(NOW + 600_000).await, [second.id]);
        assert_eq!(sessions.count_active(org, NOW + 600_000).await.unwrap(), 1);
        assert!(active(NOW + 1_000_000).await.is_empty());
        for at in [NOW + 599_999, NOW + 600_000, NOW + 1_000_000] {
            assert_eq!(first.is_active(at), active(at).await.contains(&first.id));
        }
        assert!(sessions.revoke(org, second.id, "signed_out", NOW + 1).await.unwrap());
        assert!(!sessions.revoke(org, second.id, "signed_out", NOW + 2).await.unwrap());
        assert_eq!(active(NOW + 2).await, [first.id]);
        assert!(matches!(sessions.touch(org, second.id, "", "", NOW).await, Err(StoreError::NotFound)));
        assert_eq!(sessions.revoke_all(org, ann.id, Some(first.id), "x", NOW).await.unwrap(), []);
        assert_eq!(sessions.revoke_all(org, ann.id, None, "x", NOW).await.unwrap(), [first.id]);
        assert_eq!(sessions.prune(NOW + 1).await.unwrap(), 1);
        assert!(matches!(sessions.by_id(org, first.id).await, Err(StoreError::NotFound)));
        assert_eq!(
            sessions.by_id(org, second.id).await.unwrap().revoked_reason.as_deref(),
            Some("signed_out")
        );
    }
}

#[tokio::test]
async fn of_many_who_use_a_refresh_token_at_once_one_gets_the_next() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let signed_in = session(&store, &ann).await;
        let first = refresh_token(&signed_in, "h0");
        store.refresh_tokens().create(&first).await.unwrap();
        let tries: Vec<_> = (1..=8)
            .map(|number| {
                let (store, first) = (store.clone(), first.clone());
                let next = refresh_token(&signed_in, &format!("h{number}"));
                tokio::spawn(
                    async move { store.refresh_tokens().rotate(org, first.id, &next, NOW + 5).await },
                )
            })
            .collect();
        let mut rotated = 0;
        for attempt in tries {
            match attempt.await.unwrap().unwrap() {
                Refreshed::Rotated => rotated += 1,
                Refreshed::UsedAt(at) => assert_eq!(at, NOW + 5),
            }
        }
        assert_eq!(rotated, 1);
        let (token, its_session) = store.refresh_tokens().by_hash("h0").await.unwrap().unwrap();
        assert_eq!((token.used_at, its_session.last_seen_at), (Some(NOW + 5), NOW + 5));
        assert!(store.refresh_tokens().by_hash("nothing").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_refresh_token_of_a_sign_in_that_ended_stays_unused() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let signed_in = session(&store, &ann).await;
        let first = refresh_token(&signed_in, "h0");
        store.refresh_tokens().create(&first).await.unwrap();
        store.sessions().revoke(org, signed_in.id, "x", NOW).await.unwrap();
        let next = refresh_token(&signed_in, "h1");
        let refused = store.refresh_tokens().rotate(org, first.id, &next, NOW).await;
        assert!(matches!(refused, Err(StoreError::NotFound)));
        assert!(store.refresh_tokens().by_hash("h1").await.unwrap().is_none());
        assert_eq!(store.refresh_tokens().by_hash("h0").await.unwrap().unwrap().0.used_at, None);
        assert_eq!(store.refresh_tokens().prune(first.expires_at).await.unwrap(), 0);
        assert_eq!(store.refresh_tokens().prune(first.expires_at + 1).await.unwrap(), 1);
    }
}

fn one_time(org: OrgId, account: Option<AccountId>, kind: &str, hash: &str) -> OneTimeToken {
    OneTimeToken {
        id: TokenId(id()),
        org_id: org,
        account_id: account,
        kind: kind.to_owned(),
        hash: hash.to_owned(),
        payload_json: json!({"role": "creator"}),
        created_at: NOW,
        expires_at: NOW + 1000,
        used_at: None,
    }
}

#[tokio::test]
async fn a_one_time_token_is_used_once_and_in_time() {
    for database in databases().await {
        let store = database.store().await;
        let org_id = org(&store, "main").await;
        let ann = account(&store, org_id, "ann").await;
        let tokens = store.one_time_tokens();
        let reset = one_time(org_id, Some(ann.id), "reset_password", "a");
        let invite = one_time(org_id, None, "invite", "b");
        tokens.create(&reset).await.unwrap();
        tokens.create(&invite).await.unwrap();
        assert!(matches!(tokens.create(&reset).await, Err(StoreError::Conflict(Taken::Other))));
        assert_eq!(tokens.by_hash("reset_password", "a").await.unwrap(), Some(reset.clone()));
        assert_eq!(tokens.by_hash("verify_email", "a").await.unwrap(), None);
        assert_eq!(tokens.open(org_id, "invite", NOW).await.unwrap(), std::slice::from_ref(&invite));
        tokens.set_payload(org_id, invite.id, &json!(1)).await.unwrap();
        assert!(!tokens.consume(org_id, invite.id, NOW + 1000).await.unwrap());
        assert!(tokens.consume(org_id, invite.id, NOW + 999).await.unwrap());
        assert!(!tokens.consume(org_id, invite.id, NOW + 999).await.unwrap());
        assert!(matches!(tokens.set_payload(org_id, invite.id, &json!(2)).await, Err(StoreError::NotFound)));
        assert_eq!(tokens.consume_all(org_id, ann.id, "reset_password", NOW).await.unwrap(), 1);
        assert!(!tokens.consume(org_id, reset.id, NOW).await.unwrap());
        assert_eq!(tokens.prune(NOW + 1001).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn a_second_factor_counts_once_confirmed_and_takes_no_step_twice() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let totp = store.totp();
        assert_eq!(totp.of(org, ann.id).await.unwrap(), None);
        totp.begin(org, ann.id, "first").await.unwrap();
        totp.begin(org, ann.id, "second").await.unwrap();
        assert!(totp.use_step(org, ann.id, 7).await.unwrap());
        assert!(!totp.use_step(org, ann.id, 7).await.unwrap());
        assert!(!totp.use_step(org, ann.id, 6).await.unwrap());
        totp.confirm(org, ann.id, NOW).await.unwrap();
        assert!(matches!(totp.confirm(org, ann.id, NOW).await, Err(StoreError::NotFound)));
        assert!(matches!(totp.begin(org, ann.id, "third").await, Err(StoreError::Conflict(_))));
        let secret = totp.of(org, ann.id).await.unwrap().unwrap();
        assert_eq!(
            (secret.sealed_secret.as_str(), secret.last_step, secret.confirmed_at),
            ("second", 7, Some(NOW))
        );
        assert!(totp.reseal(org, ann.id, "second", "v2").await.unwrap());
        assert!(!totp.reseal(org, ann.id, "second", "v3").await.unwrap());
        assert_eq!(totp.all().await.unwrap()[0].sealed_secret, "v2");
        assert!(totp.remove(org, ann.id).await.unwrap());
        assert!(!totp.remove(org, ann.id).await.unwrap());
    }
}

#[tokio::test]
async fn new_backup_codes_replace_the_old_ones_and_each_works_once() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let codes = store.backup_codes();
        codes.replace(org, ann.id, &[(TokenId(id()), "old".to_owned())]).await.unwrap();
        let new = [(TokenId(id()), "a".to_owned()), (TokenId(id()), "b".to_owned())];
        codes.replace(org, ann.id, &new).await.unwrap();
        assert_eq!(codes.unused(org, ann.id).await.unwrap().len(), 2);
        assert!(codes.consume(org, new[0].0, NOW).await.unwrap());
        assert!(!codes.consume(org, new[0].0, NOW).await.unwrap());
        assert_eq!(codes.unused(org, ann.id).await.unwrap()[0].hash, "b");
        assert_eq!(codes.remove(org, ann.id).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn the_newest_passwords_of_the_past_are_kept() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        for hash in ["a", "b", "c", "d"] {
            store.accounts().set_password(org, ann.id, hash, false, TokenId(id()), NOW).await.unwrap();
        }
        assert_eq!(store.password_history().newest(org, ann.id, 3).await.unwrap(), ["d", "c", "b"]);
        assert_eq!(store.password_history().keep(org, ann.id, 2).await.unwrap(), 2);
        assert_eq!(store.password_history().newest(org, ann.id, 9).await.unwrap(), ["d", "c"]);
    }
}

#[tokio::test]
async fn signing_keys_are_retired_and_forgotten_later() {
    for database in databases().await {
        let store = database.store().await;
        let key = |at| SigningKey {
            id: id(),
            public: "p".to_owned(),
            sealed_private: "s".to_owned(),
            created_at: at,
            retired_at: None,
        };
        let (old, new) = (key(NOW), key(NOW + 1));
        store.signing_keys().create(&old).await.unwrap();
        store.signing_keys().create(&new).await.unwrap();
        store.signing_keys().retire(old.id, NOW + 2).await.unwrap();
        store.signing_keys().retire(old.id, NOW + 3).await.unwrap();
        let keys = store.signing_keys().list().await.unwrap();
        assert_eq!(keys.iter().map(|key| key.retired_at).collect::<Vec<_>>(), [None, Some(NOW + 2)]);
        assert!(store.signing_keys().reseal(new.id, "s", "t").await.unwrap());
        assert!(!store.signing_keys().reseal(new.id, "s", "u").await.unwrap());
        assert_eq!(store.signing_keys().prune(NOW + 3).await.unwrap(), 1);
        assert_eq!(store.signing_keys().list().await.unwrap().len(), 1);
    }
}

pub(super) fn api_key(org: OrgId, account: AccountId, hash: &str) -> ApiKey {
    ApiKey {
        id: sluice_domain::ApiKeyId(id()),
        org_id: org,
        account_id: account,
        name: "backup script".to_owned(),
        hash: hash.to_owned(),
        last4: "wxyz".to_owned(),
        scopes_json: json!(["read:streams"]),
        created_at: NOW,
        last_used_at: None,
        expires_at: Some(NOW + 100),
        revoked_at: None,
    }
}

#[tokio::test]
async fn an_api_key_is_found_by_its_hash_until_it_is_forgotten() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let key = api_key(org, ann.id, "k1");
        store.api_keys().create(&key).await.unwrap();
        let again = store.api_keys().create(&api_key(org, ann.id, "k1")).await;
        assert!(matches!(again, Err(StoreError::Conflict(Taken::Other))));
        assert_eq!(store.api_keys().by_hash("k1").await.unwrap(), Some(key.clone()));
        assert!(key.is_active(NOW + 99) && !key.is_active(NOW + 100));
        store.api_keys().set_last_used(org, key.id, NOW + 3).await.unwrap();
        assert_eq!(store.api_keys().of(org, ann.id).await.unwrap()[0].last_used_at, Some(NOW + 3));
        assert!(store.api_keys().revoke(org, ann.id, key.id, NOW + 4).await.unwrap());
        assert!(!store.api_keys().revoke(org, ann.id, key.id, NOW + 5).await.unwrap());
        assert!(!store.api_keys().by_hash("k1").await.unwrap().unwrap().is_active(NOW + 5));
        store.api_keys().create(&api_key(org, ann.id, "k2")).await.unwrap();
        assert_eq!(store.api_keys().revoke_all(org, ann.id, NOW + 6).await.unwrap(), 1);
        assert_eq!(store.api_keys().prune(NOW + 5).await.unwrap(), 1);
        assert!(store.api_keys().by_hash("k1").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn sign_ins_of_another_organisation_are_not_there() {
    for database in databases().await {
        let store = database.store().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        let ann = account(&store, ours, "ann").await;
        let signed_in = session(&store, &ann).await;
        let refresh = refresh_token(&signed_in, "h0");
        store.refresh_tokens().create(&refresh).await.unwrap();
        let token = one_time(ours, Some(ann.id), "invite", "t");
        store.one_time_tokens().create(&token).await.unwrap();
        store.totp().begin(ours, ann.id, "sealed").await.unwrap();
        let code = TokenId(id());
        store.backup_codes().replace(ours, ann.id, &[(code, "c".to_owned())]).await.unwrap();
        store.accounts().set_password(ours, ann.id, "p", false, TokenId(id()), NOW).await.unwrap();
        let key = api_key(ours, ann.id, "k");
        store.api_keys().create(&key).await.unwrap();

        let not_there = |result: Result<(), StoreError>| {
            assert!(matches!(result, Err(StoreError::NotFound)), "{result:?}")
        };
        not_there(store.sessions().by_id(theirs, signed_in.id).await.map(drop));
        not_there(store.sessions().touch(theirs, signed_in.id, "", "", NOW).await);
        not_there(store.sessions().set_mfa(theirs, signed_in.id, NOW).await);
        assert!(store.sessions().active_of(theirs, ann.id, NOW).await.unwrap().is_empty());
        assert!(!store.sessions().revoke(theirs, signed_in.id, "x", NOW).await.unwrap());
        assert!(store.sessions().revoke_all(theirs, ann.id, None, "x", NOW).await.unwrap().is_empty());
        assert_eq!(store.sessions().count_active(theirs, NOW).await.unwrap(), 0);
        not_there(
            store
                .refresh_tokens()
                .rotate(theirs, refresh.id, &refresh_token(&signed_in, "n"), NOW)
                .await
                .map(drop),
        );
        assert!(!store.one_time_tokens().consume(theirs, token.id, NOW).await.unwrap());
        not_there(store.one_time_tokens().set_payload(theirs, token.id, &json!(1)).await);
        assert_eq!(store.one_time_tokens().consume_all(theirs, ann.id, "invite", NOW).await.unwrap(), 0);
        assert!(store.one_time_tokens().open(theirs, "invite", NOW).await.unwrap().is_empty());
        assert_eq!(store.totp().of(theirs, ann.id).await.unwrap(), None);
        assert!(store.totp().begin(theirs, ann.id, "theirs").await.is_err());
        assert!(!store.totp().use_step(theirs, ann.id, 9).await.unwrap());
        not_there(store.totp().confirm(theirs, ann.id, NOW).await);
        assert!(!store.totp().reseal(theirs, ann.id, "sealed", "x").await.unwrap());
        assert!(!store.totp().remove(theirs, ann.id).await.unwrap());
        assert!(store.backup_codes().unused(theirs, ann.id).await.unwrap().is_empty());
        assert!(!store.backup_codes().consume(theirs, code, NOW).await.unwrap());
        assert_eq!(store.backup_codes().remove(theirs, ann.id).await.unwrap(), 0);
        not_there(store.backup_codes().replace(theirs, ann.id, &[(TokenId(id()), "x".to_owned())]).await);
        assert!(store.password_history().newest(theirs, ann.id, 9).await.unwrap().is_empty());
        assert_eq!(store.password_history().keep(theirs, ann.id, 0).await.unwrap(), 0);
        assert!(store.api_keys().of(theirs, ann.id).await.unwrap().is_empty());
        assert!(!store.api_keys().revoke(theirs, ann.id, key.id, NOW).await.unwrap());
        assert_eq!(store.api_keys().revoke_all(theirs, ann.id, NOW).await.unwrap(), 0);
        not_there(store.api_keys().set_last_used(theirs, key.id, NOW).await);
        // A row that names an account of ours under another organisation cannot be written at all.
        let mut foreign = signed_in.clone();
        (foreign.id, foreign.org_id) = (SignInId(id()), theirs);
        not_there(store.sessions().create(&foreign).await);
        not_there(store.api_keys().create(&api_key(theirs, ann.id, "k9")).await);
        not_there(store.one_time_tokens().create(&one_time(theirs, Some(ann.id), "invite", "t9")).await);
        assert_eq!(store.sessions().by_id(ours, signed_in.id).await.unwrap(), signed_in);
        assert_eq!(store.totp().of(ours, ann.id).await.unwrap().unwrap().sealed_secret, "sealed");
    }
}
