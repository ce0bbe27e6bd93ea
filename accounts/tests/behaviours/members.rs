//! What administrators do, and what people do to their account as a whole.

use sluice_accounts::{AccountsError, AccountsEvent, Actor, MemberChange};
use sluice_domain::{AccountId, Role, Tier};
use uuid::Uuid;

use crate::world::{ADMIN, PASSWORD, World, account_of, client};

fn role(role: Role) -> MemberChange {
    MemberChange { role: Some(role), ..MemberChange::default() }
}

#[tokio::test]
async fn of_two_who_change_an_account_at_once_one_is_told() {
    for world in World::all().await {
        let ann = world.person("ann").await;
        let (id, version) = (account_of(&ann), ann.member.account.version);
        let (one, other) = (role(Role::Creator), role(Role::Moderator));
        let (one, other) = tokio::join!(
            world.accounts.change_member(&Actor::CLI, world.org, id, version, &one),
            world.accounts.change_member(&Actor::CLI, world.org, id, version, &other),
        );
        let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
        assert!(matches!(refused.as_slice(), [AccountsError::VersionConflict]), "{refused:?}");
    }
}

#[tokio::test]
async fn there_is_always_an_administrator_who_can_sign_in() {
    for world in World::all().await {
        let id = account_of(&world.admin);
        let version = world.store.accounts().by_id(world.org, id).await.unwrap().version;
        let disable = MemberChange { disabled: Some(true), ..MemberChange::default() };
        for change in [role(Role::Viewer), disable] {
            let result = world.accounts.change_member(&Actor::CLI, world.org, id, version, &change).await;
            assert!(matches!(result, Err(AccountsError::LastAdmin)), "{result:?}");
        }
        let result = world.accounts.delete_account(&Actor::CLI, world.org, id).await;
        assert!(matches!(result, Err(AccountsError::LastAdmin)), "{result:?}");
        // Nothing of it happened.
        assert!(world.accounts.authenticate(world.admin.access_token.expose()).await.is_ok());
        let ann = world.person("ann").await;
        let change = role(Role::Admin);
        let ann_version = ann.member.account.version;
        world
            .accounts
            .change_member(&Actor::CLI, world.org, account_of(&ann), ann_version, &change)
            .await
            .unwrap();
        world.accounts.change_member(&Actor::CLI, world.org, id, version, &role(Role::Viewer)).await.unwrap();
    }
}

// Requirements: R19, R39
#[tokio::test]
async fn a_tier_department_and_access_level_are_kept_and_told() {
    for world in World::all().await {
        let ann = world.person("ann").await;
        let end = world.clock.now_ms() + 1000;
        let change = MemberChange {
            tier: Some((Tier::Vip, Some(end))),
            department: Some(Some("News".to_owned())),
            access_level: Some(Some("advanced".to_owned())),
            ..MemberChange::default()
        };
        let mut events = world.accounts.events();
        let version = ann.member.account.version;
        let member = world
            .accounts
            .change_member(&Actor::CLI, world.org, account_of(&ann), version, &change)
            .await
            .unwrap();
        assert_eq!(
            (member.department.as_deref(), member.access_level.as_deref()),
            (Some("News"), Some("advanced"))
        );
        assert_eq!(
            events.try_recv(),
            Ok(AccountsEvent::AccountChanged { org: world.org, account: account_of(&ann) })
        );
        assert_eq!(world.identity(&ann).await.tier, Tier::Vip);
        world.clock.advance(6000);
        assert_eq!(world.identity(&ann).await.tier, Tier::Free, "the tier has ended");
    }
}

// Requirements: R46
#[tokio::test]
async fn an_account_of_another_organisation_is_not_there() {
    for world in World::all().await {
        let home = world.accounts.create_organisation("Home", "home", &Actor::CLI).await;
        assert!(matches!(home, Err(AccountsError::AlreadyExists(_))), "{home:?}");
        let other = world.accounts.create_organisation("Other", "other", &Actor::CLI).await.unwrap();
        let ann = world.person("ann").await;
        let result = world
            .accounts
            .change_member(&Actor::CLI, other.id, account_of(&ann), 1, &role(Role::Admin))
            .await;
        assert!(matches!(result, Err(AccountsError::NotFound)), "{result:?}");
        let result = world.accounts.reset_link(&Actor::CLI, other.id, account_of(&ann)).await;
        assert!(matches!(result, Err(AccountsError::NotFound)), "{result:?}");
        let nobody = AccountId(Uuid::from_u128(7));
        assert!(matches!(world.accounts.export(world.org, nobody).await, Err(AccountsError::NotFound)));
    }
}

// Requirements: R30, R31
#[tokio::test]
async fn people_export_and_delete_their_account() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let ann = world.identity(&tokens).await;
        let export = world.accounts.export(ann.org, ann.account).await.unwrap();
        assert_eq!(export["account"]["email"], "ann@example.org");
        assert_eq!(export["sessions"].as_array().unwrap().len(), 1);
        let text = export.to_string();
        assert!(!text.contains("argon2") && !text.contains("hash"), "{text}");
        let wrong = world.accounts.delete_own_account(&ann, "wrong", &client(1)).await;
        assert!(matches!(wrong, Err(AccountsError::InvalidCredentials)), "{wrong:?}");
        world.accounts.delete_own_account(&ann, PASSWORD, &client(1)).await.unwrap();
        assert!(world.accounts.authenticate(tokens.access_token.expose()).await.is_err());
        let result = world.sign_in("ann@example.org", PASSWORD, 2).await;
        assert!(matches!(result, Err(AccountsError::InvalidCredentials)), "{result:?}");
        // Address and handle are free again.
        world.person("ann").await;
    }
}

// Requirements: R388
#[tokio::test]
async fn what_was_done_is_written_down_in_a_chain_and_no_secret_is() {
    for world in World::all().await {
        world.person("ann").await;
        let _ = world.sign_in(ADMIN, "Wrong-Password-1", 2).await;
        world.accounts.forgot_password("ann@example.org", &client(2)).await.unwrap();
        let token = world.mailed_token("ann@example.org").await;
        world.accounts.reset_password(&token, "Orange7Garden", &client(2)).await.unwrap();
        let verified = world.store.audit_log().verify(world.org).await.unwrap();
        assert_eq!(verified.broken_at, None);
        assert!(verified.entries >= 6);
        let page = sluice_store::Page::first(100);
        let log = world.store.audit_log().list(world.org, &Default::default(), &page).await.unwrap();
        let text = format!("{log:?}");
        for secret in ["Orange7Garden", PASSWORD, &token, "argon2", "Wrong-Password-1"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}
