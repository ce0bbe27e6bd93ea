//! Organisations, accounts, memberships and settings.

use serde_json::json;
use sluice_domain::role::Role;
use sluice_domain::{AccountId, OrgId, Tier, TokenId};
use sluice_store::testing::databases;
use sluice_store::{
    AccountFilter, AccountSort, AccountState, Organisation, Page, ProfileChange, StoreError, Taken,
};

use super::filled::{NOW, account, id, org, person, session, stream, titled};

fn profile(handle: &str) -> ProfileChange {
    ProfileChange {
        handle: handle.parse().unwrap(),
        display_name: "Ann Müller".to_owned(),
        given_name: Some("Ann".to_owned()),
        family_name: None,
        locale: Some("de".to_owned()),
        region: None,
        bio: "<b>Robert'); DROP TABLE accounts;--\0</b>".to_owned(),
        links_json: json!(["https://example.org"]),
        preferences_json: json!({"theme": "dark"}),
        privacy_json: json!({}),
        notifications_json: json!({"live": true}),
    }
}

#[tokio::test]
async fn an_organisation_is_edited_by_one_at_a_time() {
    for database in databases().await {
        let store = database.store().await;
        let org_id = org(&store, "main").await;
        let changed = store.organisations().update(org_id, 1, "Garden TV", &json!({"a": 1})).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.version), ("Garden TV", 2));
        let late = store.organisations().update(org_id, 1, "Other", &json!({})).await;
        assert!(matches!(late, Err(StoreError::Stale)));
        let nowhere = store.organisations().update(OrgId(id()), 1, "Other", &json!({})).await;
        assert!(matches!(nowhere, Err(StoreError::NotFound)));
        assert_eq!(store.organisations().by_slug("main").await.unwrap(), Some(changed.clone()));
        assert_eq!(store.organisations().first().await.unwrap(), Some(changed.clone()));
        assert_eq!(store.organisations().list().await.unwrap(), [changed]);
    }
}

#[tokio::test]
async fn a_short_name_of_an_organisation_is_unique() {
    for database in databases().await {
        let store = database.store().await;
        org(&store, "main").await;
        let again = Organisation {
            id: OrgId(id()),
            name: "x".to_owned(),
            slug: "main".to_owned(),
            settings_json: json!({}),
            created_at: NOW,
            version: 1,
        };
        let again = store.organisations().create(&again).await;
        assert!(matches!(again, Err(StoreError::Conflict(Taken::Slug))), "{again:?}");
    }
}

#[tokio::test]
async fn a_new_account_is_found_by_id_email_and_handle() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let mut new = person("Ann", Role::Admin);
        new.email = "Ann@Example.org".parse().unwrap();
        let ann = store.accounts().create_with_membership(org, &new, NOW).await.unwrap();
        assert!(!ann.must_change_password);
        assert_eq!(store.accounts().by_id(org, ann.id).await.unwrap(), ann);
        let by_email = store.accounts().by_email(&"aNN@example.ORG".parse().unwrap()).await.unwrap();
        assert_eq!(by_email, Some(ann.clone()));
        let by_handle = store.accounts().by_handle(org, &"aNN".parse().unwrap()).await.unwrap();
        assert_eq!(by_handle, Some(ann.clone()));
        let member = store.accounts().member(org, ann.id).await.unwrap();
        assert_eq!((member.account, member.role), (ann.clone(), Role::Admin));
        assert_eq!(store.memberships().of(org, ann.id).await.unwrap().role, Role::Admin);
        assert!(store.memberships().any(org, Role::Admin).await.unwrap());
        assert!(!store.memberships().any(org, Role::Viewer).await.unwrap());
        assert_eq!(store.accounts().by_ids(org, &[ann.id, AccountId(id())]).await.unwrap(), [ann]);
        assert!(store.accounts().by_ids(org, &[]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn no_hash_of_a_password_is_shown_by_what_holds_it() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let mut new = person("ann", Role::Creator);
        new.password_hash = Some("$argon2id$tell-nobody".to_owned());
        let ann = store.accounts().create_with_membership(org, &new, NOW).await.unwrap();
        let stream = stream(&store, &ann, "garden").await;
        let mut change = titled("Behind a password");
        change.password_hash = new.password_hash.clone();
        let stream = store.streams().update(org, stream.id, stream.version, &change, NOW).await.unwrap();
        let member = store.accounts().member(org, ann.id).await.unwrap();
        for shown in [
            format!("{new:?}"),
            format!("{ann:?}"),
            format!("{member:?}"),
            format!("{stream:?}"),
            format!("{change:?}"),
        ] {
            assert!(!shown.contains("argon2id"), "{shown}");
        }
        assert!(format!("{ann:?}").contains("password_hash: [redacted]"));
    }
}

#[tokio::test]
async fn an_address_or_handle_that_is_taken_leaves_nothing_behind() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        account(&store, org, "ann").await;
        let mut email = person("bea", Role::Viewer);
        email.email = "ANN@example.org".parse().unwrap();
        let refused = store.accounts().create_with_membership(org, &email, NOW).await;
        assert!(matches!(refused, Err(StoreError::Conflict(Taken::Email))), "{refused:?}");
        let mut handle = person("cai", Role::Viewer);
        handle.handle = "ANN".parse().unwrap();
        let refused = store.accounts().create_with_membership(org, &handle, NOW).await;
        assert!(matches!(refused, Err(StoreError::Conflict(Taken::Handle))), "{refused:?}");
        assert_eq!(store.accounts().count(org).await.unwrap().all, 1);
        let nowhere = person("dee", Role::Viewer);
        let refused = store.accounts().create_with_membership(OrgId(id()), &nowhere, NOW).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
}

#[tokio::test]
async fn of_many_who_set_a_server_up_at_once_one_wins() {
    for database in databases().await {
        let store = database.store().await;
        assert!(!store.accounts().any().await.unwrap());
        let tries: Vec<_> = (0..8)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move {
                    let organisation = Organisation {
                        id: OrgId(id()),
                        name: "Main".to_owned(),
                        slug: "main".to_owned(),
                        settings_json: json!({}),
                        created_at: NOW,
                        version: 1,
                    };
                    let admin = person(&format!("admin{number}"), Role::Admin);
                    store.accounts().set_up(&organisation, &admin, NOW).await
                })
            })
            .collect();
        let mut won = 0;
        for attempt in tries {
            match attempt.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert!(matches!(error, StoreError::Conflict(Taken::SetUp)), "{error:?}"),
            }
        }
        assert_eq!(won, 1);
        assert!(store.accounts().any().await.unwrap());
        assert_eq!(store.organisations().list().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn of_two_edits_of_a_profile_the_second_is_told() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let changed =
            store.accounts().update_profile(org, ann.id, 1, &profile("annie"), NOW + 5).await.unwrap();
        assert_eq!(
            (changed.version, changed.updated_at, changed.handle_norm.as_str()),
            (2, NOW + 5, "annie")
        );
        assert_eq!(changed.bio, "<b>Robert'); DROP TABLE accounts;--\u{fffd}</b>");
        assert_eq!(changed.links_json, json!(["https://example.org"]));
        let late = store.accounts().update_profile(org, ann.id, 1, &profile("anna"), NOW).await;
        assert!(matches!(late, Err(StoreError::Stale)));
        account(&store, org, "bea").await;
        let taken = store.accounts().update_profile(org, ann.id, 2, &profile("bea"), NOW).await;
        assert!(matches!(taken, Err(StoreError::Conflict(Taken::Handle))), "{taken:?}");
        assert_eq!(store.accounts().by_id(org, ann.id).await.unwrap(), changed);
    }
}

#[tokio::test]
async fn what_ends_access_tokens_counts_the_epoch_up() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let accounts = store.accounts();
        accounts.set_password(org, ann.id, "new", true, TokenId(id()), NOW + 1).await.unwrap();
        let now = accounts.by_id(org, ann.id).await.unwrap();
        assert_eq!((now.token_epoch, now.password_changed_at), (1, Some(NOW + 1)));
        assert!(now.must_change_password);
        let disabled = Some((NOW + 2, Some("spam")));
        let premium = (Tier::Premium, Some(NOW + 9));
        let now =
            accounts.update_standing(org, ann.id, now.version, disabled, premium, NOW + 2).await.unwrap();
        assert_eq!((now.token_epoch, now.disabled_at, now.tier), (2, Some(NOW + 2), Tier::Premium));
        let now =
            accounts.update_standing(org, ann.id, now.version, disabled, premium, NOW + 3).await.unwrap();
        assert_eq!(now.token_epoch, 2);
        let now =
            accounts.update_standing(org, ann.id, now.version, None, (Tier::Free, None), NOW).await.unwrap();
        assert_eq!((now.token_epoch, now.disabled_at, now.disabled_reason.as_deref()), (2, None, None));
        let now = accounts.touch(org, ann.id, now.version, NOW).await.unwrap();
        assert_eq!(now.token_epoch, 3);
        accounts.set_email(org, ann.id, &"a2@example.org".parse().unwrap(), NOW + 4).await.unwrap();
        accounts.end_tokens(org, ann.id).await.unwrap();
        let now = accounts.by_id(org, ann.id).await.unwrap();
        assert_eq!(
            (now.token_epoch, now.email_verified_at, now.email.as_str()),
            (5, Some(NOW + 4), "a2@example.org")
        );
        assert!(accounts.rehash_password(org, ann.id, "new", "newer").await.unwrap());
        assert!(!accounts.rehash_password(org, ann.id, "new", "newest").await.unwrap());
        accounts.set_last_login(org, ann.id, NOW + 6).await.unwrap();
        let then = accounts.by_id(org, ann.id).await.unwrap();
        assert_eq!((then.token_epoch, then.version, then.last_login_at), (5, now.version, Some(NOW + 6)));
    }
}

#[tokio::test]
async fn a_verified_address_keeps_the_time_of_its_first_verification() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        store.accounts().set_email_verified(org, ann.id, NOW + 1).await.unwrap();
        store.accounts().set_email_verified(org, ann.id, NOW + 2).await.unwrap();
        assert_eq!(store.accounts().by_id(org, ann.id).await.unwrap().email_verified_at, Some(NOW + 1));
    }
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_gives_its_names_free() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let garden = stream(&store, &ann, "garden").await;
        let signed_in = session(&store, &ann).await;
        store.accounts().delete(org, ann.id, NOW + 1).await.unwrap();
        assert!(store.accounts().by_email(&"ann@example.org".parse().unwrap()).await.unwrap().is_none());
        assert!(store.accounts().by_handle(org, &"ann".parse().unwrap()).await.unwrap().is_none());
        assert!(matches!(store.accounts().member(org, ann.id).await, Err(StoreError::NotFound)));
        assert_eq!(store.accounts().by_id(org, ann.id).await.unwrap().deleted_at, Some(NOW + 1));
        assert!(matches!(store.streams().by_id(org, garden.id).await, Err(StoreError::NotFound)));
        assert!(!store.sessions().by_id(org, signed_in.id).await.unwrap().is_active(NOW + 1));
        let found = AccountFilter { text: Some("ann".to_owned()), ..AccountFilter::default() };
        assert!(store.accounts().list(org, &found, &Page::first(9)).await.unwrap().items.is_empty());
        let again = account(&store, org, "ann").await;
        stream(&store, &again, "garden").await;
        assert!(matches!(store.accounts().delete(org, ann.id, NOW).await, Err(StoreError::NotFound)));
    }
}

#[tokio::test]
async fn accounts_are_listed_in_pages_without_gaps_or_repeats() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        for number in 0..23 {
            let ann = account(&store, org, &format!("u{:02}", (number * 7) % 23)).await;
            store.accounts().set_last_login(org, ann.id, NOW + (number % 3)).await.unwrap();
        }
        for sort in [AccountSort::Created, AccountSort::Email, AccountSort::Handle, AccountSort::LastLogin] {
            let filter = AccountFilter { sort, ..AccountFilter::default() };
            let all = store.accounts().list(org, &filter, &Page::first(100)).await.unwrap();
            assert_eq!((all.items.len(), all.next), (23, None));
            let mut paged = Vec::new();
            let mut page = Page::first(5);
            loop {
                let listed = store.accounts().list(org, &filter, &page).await.unwrap();
                paged.extend(listed.items);
                let Some(next) = listed.next else { break };
                page.after = Some(next.to_string().parse().unwrap());
            }
            assert_eq!(paged, all.items, "{sort:?}");
        }
    }
}

#[tokio::test]
async fn accounts_are_listed_by_words_role_and_state() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        let bea =
            store.accounts().create_with_membership(org, &person("bea", Role::Viewer), NOW).await.unwrap();
        let ann = store.accounts().update_profile(org, ann.id, 1, &profile("ann"), NOW).await.unwrap();
        store
            .accounts()
            .update_standing(org, bea.id, 1, Some((NOW, None)), (Tier::Free, None), NOW)
            .await
            .unwrap();
        store.accounts().set_email_verified(org, bea.id, NOW).await.unwrap();
        let find = async |filter: AccountFilter| -> Vec<String> {
            let listed = store.accounts().list(org, &filter, &Page::first(9)).await.unwrap();
            listed.items.into_iter().map(|member| member.account.handle).collect()
        };
        let text = |text: &str| AccountFilter { text: Some(text.to_owned()), ..AccountFilter::default() };
        assert_eq!(find(text("MULL")).await, ["ann"]);
        assert_eq!(find(text("example an")).await, ["ann"]);
        assert_eq!(find(text("example")).await, ["bea", "ann"]);
        let name = |words: &str| AccountFilter { names_only: true, ..text(words) };
        assert_eq!(find(name("MULL an")).await, ["ann"]);
        assert!(find(name("example")).await.is_empty() && find(name("mull example")).await.is_empty());
        assert_eq!(find(AccountFilter { role: Some(Role::Viewer), ..name("be") }).await, ["bea"]);
        for hostile in ["\"", "a\" OR \"b", "' | !!", "(:*", "", "*", "NEAR(", "\0", "a AND"] {
            find(text(hostile)).await;
        }
        let role = |role| AccountFilter { role: Some(role), ..AccountFilter::default() };
        assert_eq!(find(role(Role::Viewer)).await, ["bea"]);
        let state = |state| AccountFilter { state: Some(state), ..AccountFilter::default() };
        assert_eq!(find(state(AccountState::Disabled)).await, ["bea"]);
        assert_eq!(find(state(AccountState::Active)).await, ["ann"]);
        assert_eq!(find(state(AccountState::Unverified)).await, ["ann"]);
        assert!(find(state(AccountState::Deleted)).await.is_empty());
        store.accounts().delete(org, ann.id, NOW).await.unwrap();
        assert_eq!(find(state(AccountState::Deleted)).await, ["ann"]);
    }
}

// Requirements: R46
#[tokio::test]
async fn accounts_of_another_organisation_are_not_there() {
    for database in databases().await {
        let store = database.store().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        let ann = account(&store, ours, "ann").await;
        let accounts = store.accounts();
        assert!(matches!(accounts.by_id(theirs, ann.id).await, Err(StoreError::NotFound)));
        assert!(matches!(accounts.member(theirs, ann.id).await, Err(StoreError::NotFound)));
        assert!(accounts.by_handle(theirs, &"ann".parse().unwrap()).await.unwrap().is_none());
        assert!(accounts.by_ids(theirs, &[ann.id]).await.unwrap().is_empty());
        assert_eq!(accounts.count(theirs).await.unwrap().all, 0);
        for filter in [
            AccountFilter::default(),
            AccountFilter { text: Some("ann".to_owned()), ..AccountFilter::default() },
        ] {
            assert!(accounts.list(theirs, &filter, &Page::first(9)).await.unwrap().items.is_empty());
        }
        let edits = [
            accounts.update_profile(theirs, ann.id, 1, &profile("xyz"), NOW).await.map(drop),
            accounts
                .update_standing(theirs, ann.id, 1, Some((NOW, None)), (Tier::Vip, None), NOW)
                .await
                .map(drop),
            accounts.touch(theirs, ann.id, 1, NOW).await.map(drop),
            accounts.set_password(theirs, ann.id, "x", false, TokenId(id()), NOW).await,
            accounts.set_email(theirs, ann.id, &"x@example.org".parse().unwrap(), NOW).await,
            accounts.set_email_verified(theirs, ann.id, NOW).await,
            accounts.set_avatar(theirs, ann.id, None, NOW).await,
            accounts.set_last_login(theirs, ann.id, NOW).await,
            accounts.end_tokens(theirs, ann.id).await,
            accounts.delete(theirs, ann.id, NOW).await,
            store.memberships().of(theirs, ann.id).await.map(drop),
            store.memberships().set_role(theirs, ann.id, Role::Admin).await,
            store.memberships().set_place(theirs, ann.id, None, None).await,
        ];
        for edit in edits {
            assert!(matches!(edit, Err(StoreError::NotFound)), "{edit:?}");
        }
        assert!(!accounts.rehash_password(theirs, ann.id, "argon", "x").await.unwrap());
        assert!(!store.memberships().any(theirs, Role::Admin).await.unwrap());
        assert_eq!(accounts.by_id(ours, ann.id).await.unwrap(), ann);
    }
}

#[tokio::test]
async fn a_role_and_a_place_in_the_organisation_can_be_changed() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let ann = account(&store, org, "ann").await;
        store.memberships().set_role(org, ann.id, Role::Moderator).await.unwrap();
        store.memberships().set_place(org, ann.id, Some("inner"), Some("news")).await.unwrap();
        let membership = store.memberships().of(org, ann.id).await.unwrap();
        assert_eq!(membership.role, Role::Moderator);
        assert_eq!(membership.access_level.as_deref(), Some("inner"));
        assert_eq!(membership.department.as_deref(), Some("news"));
        let again = store.memberships().create(&membership).await;
        assert!(matches!(again, Err(StoreError::Conflict(Taken::Other))));
    }
}

#[tokio::test]
async fn settings_are_set_together_and_belong_to_one_organisation() {
    for database in databases().await {
        let store = database.store().await;
        let (ours, theirs) = (org(&store, "ours").await, org(&store, "theirs").await);
        store.settings().set(ours, &[("name", json!("A")), ("open", json!(true))], NOW).await.unwrap();
        store.settings().set(ours, &[("name", json!("B"))], NOW + 1).await.unwrap();
        assert_eq!(store.settings().value(ours, "name").await.unwrap(), Some(json!("B")));
        assert_eq!(store.settings().value(theirs, "name").await.unwrap(), None);
        let all = store.settings().list(ours).await.unwrap();
        assert_eq!(all.iter().map(|setting| setting.updated_at).collect::<Vec<_>>(), [NOW + 1, NOW]);
        assert!(store.settings().list(theirs).await.unwrap().is_empty());
        assert!(!store.settings().remove(theirs, "name").await.unwrap());
        assert!(store.settings().remove(ours, "name").await.unwrap());
        assert_eq!(store.settings().value(ours, "name").await.unwrap(), None);
        let nowhere = store.settings().set(OrgId(id()), &[("name", json!(1))], NOW).await;
        assert!(matches!(nowhere, Err(StoreError::NotFound)));
    }
}

#[tokio::test]
async fn a_transaction_that_is_not_committed_did_not_happen() {
    for database in databases().await {
        let store = database.store().await;
        let org = org(&store, "main").await;
        let tx = store.begin().await.unwrap();
        tx.accounts().create_with_membership(org, &person("ann", Role::Viewer), NOW).await.unwrap();
        tx.settings().set(org, &[("a", json!(1))], NOW).await.unwrap();
        assert_eq!(tx.accounts().count(org).await.unwrap().all, 1);
        drop(tx);
        assert_eq!(store.accounts().count(org).await.unwrap().all, 0);
        let tx = store.begin().await.unwrap();
        tx.accounts().create_with_membership(org, &person("ann", Role::Viewer), NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.accounts().count(org).await.unwrap().all, 1);
    }
}
