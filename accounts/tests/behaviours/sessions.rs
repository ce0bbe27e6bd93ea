//! Sessions: they go on, they end, and a stolen token ends them.

use sluice_accounts::clock::{DAY, HOUR, SECOND};
use sluice_accounts::{AccountsError, AccountsEvent, Actor, MemberChange, Tokens};
use sluice_domain::Role;
use sluice_store::{AuditFilter, Page, StoreError};

use crate::world::{ADMIN, ADMIN_PASSWORD, World, account_of, client};

async fn refresh(world: &World, tokens: &Tokens) -> Result<Tokens, AccountsError> {
    let token = tokens.refresh_token.clone().expect("a refresh token was given");
    world.accounts.refresh(token.expose(), &client(1)).await
}

// Requirements: R4
#[tokio::test]
async fn a_session_goes_on_with_a_new_token_each_time() {
    for world in World::all().await {
        let mut tokens = world.person("ann").await;
        for _ in 0..5 {
            world.clock.advance(HOUR);
            let next = refresh(&world, &tokens).await.unwrap();
            assert_eq!(next.session, tokens.session);
            assert_ne!(next.refresh_token.as_ref().unwrap().expose(), tokens.refresh_token.unwrap().expose());
            assert!(world.accounts.authenticate(next.access_token.expose()).await.is_ok());
            tokens = next;
        }
    }
}

// Requirements: R4
#[tokio::test]
async fn a_stolen_refresh_token_ends_the_session_of_thief_and_owner() {
    for world in World::all().await {
        let stolen = world.person("ann").await;
        let owners = refresh(&world, &stolen).await.unwrap();
        world.clock.advance(11 * SECOND);
        let mut events = world.accounts.events();
        let thief = refresh(&world, &stolen).await;
        assert!(matches!(thief, Err(AccountsError::SessionEnded)), "{thief:?}");
        let owner = refresh(&world, &owners).await;
        assert!(matches!(owner, Err(AccountsError::SessionEnded)), "{owner:?}");
        let result = world.accounts.authenticate(owners.access_token.expose()).await;
        assert!(matches!(result, Err(AccountsError::SessionEnded)), "{result:?}");
        let expected = AccountsEvent::SessionRevoked {
            org: world.org,
            account: account_of(&stolen),
            session: stolen.session,
        };
        assert_eq!(events.try_recv().unwrap(), expected);
        assert_eq!(world.audited().await[0], "refresh_token.reused");
    }
}

#[tokio::test]
async fn it_does_not_matter_whether_thief_or_owner_comes_first() {
    for world in World::all().await {
        let stolen = world.person("ann").await;
        let thiefs = refresh(&world, &stolen).await.unwrap();
        world.clock.advance(HOUR);
        assert!(matches!(refresh(&world, &stolen).await, Err(AccountsError::SessionEnded)));
        assert!(matches!(refresh(&world, &thiefs).await, Err(AccountsError::SessionEnded)));
    }
}

#[tokio::test]
async fn two_tabs_that_wake_up_together_stay_signed_in() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let (one, other) = tokio::join!(refresh(&world, &tokens), refresh(&world, &tokens));
        let (one, other) = (one.unwrap(), other.unwrap());
        let next: Vec<_> = [one, other].into_iter().filter(|tokens| tokens.refresh_token.is_some()).collect();
        assert_eq!(next.len(), 1, "the token was rotated twice");
        world.clock.advance(HOUR);
        assert!(refresh(&world, &next[0]).await.is_ok());
    }
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_in_any_case_some_day() {
    for world in World::all().await {
        let idle = world.person("ann").await;
        world.clock.advance(30 * DAY);
        assert!(matches!(refresh(&world, &idle).await, Err(AccountsError::SessionEnded)));

        let mut used = world.person("bob").await;
        for _ in 0..8 {
            world.clock.advance(11 * DAY);
            used = refresh(&world, &used).await.unwrap();
        }
        world.clock.advance(2 * DAY);
        assert!(matches!(refresh(&world, &used).await, Err(AccountsError::SessionEnded)), "after 90 days");
    }
}

// Requirements: R26
#[tokio::test]
async fn an_administrator_is_signed_out_after_four_idle_hours_and_after_twelve() {
    for world in World::all().await {
        let idle = world.signed_in(ADMIN, ADMIN_PASSWORD, 2).await;
        world.clock.advance(4 * HOUR);
        assert!(matches!(refresh(&world, &idle).await, Err(AccountsError::SessionEnded)));
        let mut used = world.signed_in(ADMIN, ADMIN_PASSWORD, 2).await;
        for _ in 0..3 {
            world.clock.advance(3 * HOUR);
            used = refresh(&world, &used).await.unwrap();
        }
        world.clock.advance(3 * HOUR);
        assert!(matches!(refresh(&world, &used).await, Err(AccountsError::SessionEnded)));
    }
}

// Requirements: R26
#[tokio::test]
async fn a_sixth_session_of_an_administrator_ends_the_one_that_was_unused_longest() {
    for world in World::all().await {
        // Set-up was the first.
        for _ in 0..4 {
            world.clock.advance(SECOND);
            world.signed_in(ADMIN, ADMIN_PASSWORD, 2).await;
        }
        let id = account_of(&world.admin);
        assert_eq!(world.accounts.sessions(world.org, id).await.unwrap().len(), 5);
        assert!(world.accounts.authenticate(world.admin.access_token.expose()).await.is_ok());
        world.clock.advance(SECOND);
        let sixth = world.signed_in(ADMIN, ADMIN_PASSWORD, 2).await;
        let sessions = world.accounts.sessions(world.org, id).await.unwrap();
        assert_eq!(sessions.len(), 5);
        assert_eq!(sessions[0].id, sixth.session);
        let result = world.accounts.authenticate(world.admin.access_token.expose()).await;
        assert!(matches!(result, Err(AccountsError::SessionEnded)), "{result:?}");
    }
}

// Requirements: R25
#[tokio::test]
async fn a_third_session_of_a_moderator_ends_the_first_and_each_ends_after_two_idle_hours() {
    for world in World::all().await {
        let first = world.person("ann").await;
        let change = MemberChange { role: Some(Role::Moderator), ..MemberChange::default() };
        let version = first.member.account.version;
        let id = account_of(&first);
        world.accounts.change_member(&Actor::CLI, world.org, id, version, &change).await.unwrap();
        world.clock.advance(SECOND);
        let second = world.signed_in("ann@example.org", crate::world::PASSWORD, 2).await;
        world.clock.advance(SECOND);
        let third = world.signed_in("ann@example.org", crate::world::PASSWORD, 3).await;
        let holding: Vec<_> = world.accounts.sessions(world.org, id).await.unwrap();
        let holding: Vec<_> = holding.into_iter().map(|session| session.id).collect();
        assert_eq!(holding, [third.session, second.session]);
        world.clock.advance(2 * HOUR);
        assert!(matches!(refresh(&world, &third).await, Err(AccountsError::SessionEnded)));
    }
}

// Requirements: R25
#[tokio::test]
async fn a_session_that_began_as_a_viewers_has_the_limits_of_a_moderator_from_then_on() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let change = MemberChange { role: Some(Role::Moderator), ..MemberChange::default() };
        let (id, version) = (account_of(&tokens), tokens.member.account.version);
        world.accounts.change_member(&Actor::CLI, world.org, id, version, &change).await.unwrap();
        let next = refresh(&world, &tokens).await.unwrap();
        world.clock.advance(2 * HOUR);
        assert!(matches!(refresh(&world, &next).await, Err(AccountsError::SessionEnded)));
    }
}

// Requirements: R4
#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let refresh_token = tokens.refresh_token.clone().unwrap();
        world.accounts.sign_out(refresh_token.expose(), &client(1)).await.unwrap();
        let result = world.accounts.authenticate(tokens.access_token.expose()).await;
        assert!(matches!(result, Err(AccountsError::SessionEnded)), "{result:?}");
        assert!(matches!(refresh(&world, &tokens).await, Err(AccountsError::SessionEnded)));
        world.accounts.sign_out("unknown", &client(1)).await.unwrap();
    }
}

#[tokio::test]
async fn people_end_their_own_sessions_and_nobody_elses() {
    for world in World::all().await {
        let laptop = world.person("ann").await;
        let phone = world.signed_in("ann@example.org", crate::world::PASSWORD, 2).await;
        let ann = world.identity(&laptop).await;
        let actor = ann.actor(client(1).address);
        let foreign = world.accounts.revoke_session(&ann, world.admin.session, &actor).await;
        assert!(matches!(foreign, Err(AccountsError::NotFound)), "{foreign:?}");
        assert!(world.accounts.authenticate(world.admin.access_token.expose()).await.is_ok());
        world.accounts.revoke_session(&ann, phone.session, &actor).await.unwrap();
        assert!(world.accounts.authenticate(phone.access_token.expose()).await.is_err());
        world.signed_in("ann@example.org", crate::world::PASSWORD, 3).await;
        let ended =
            world.accounts.revoke_sessions(ann.org, ann.account, ann.session(), &actor).await.unwrap();
        assert_eq!(ended, 1);
        assert!(world.accounts.authenticate(laptop.access_token.expose()).await.is_ok());
        assert!(world.accounts.still(&ann).await.is_ok());
    }
}

#[tokio::test]
async fn while_the_database_is_away_known_people_stay_and_new_ones_wait() {
    for world in World::all().await {
        let known = world.person("ann").await;
        world.identity(&known).await;
        world.store.close().await;
        world.clock.advance(20 * SECOND);
        assert!(world.accounts.authenticate(known.access_token.expose()).await.is_ok());
        let result = world.sign_in("ann@example.org", crate::world::PASSWORD, 2).await;
        let Err(AccountsError::Unavailable(StoreError::Unavailable(_))) = result else {
            panic!("{result:?}")
        };
    }
}

// Requirements: R30
#[tokio::test]
async fn a_deleted_account_is_kept_for_thirty_days_and_then_forgotten_with_all_that_was_its() {
    for world in World::all().await {
        let (ann, _) = (world.person("ann").await, world.person("bea").await);
        let ann = world.identity(&ann).await;
        world.accounts.delete_own_account(&ann, crate::world::PASSWORD, &client(1)).await.unwrap();
        world.clock.advance(29 * DAY);
        world.accounts.forget_old().await.unwrap();
        let kept = world.store.accounts().by_id(ann.org, ann.account).await.unwrap();
        assert!(kept.deleted_at.is_some());
        world.clock.advance(2 * DAY);
        assert!(world.accounts.forget_old().await.unwrap() >= 1);
        assert!(world.store.accounts().by_id(ann.org, ann.account).await.is_err());
        assert!(world.store.memberships().of(ann.org, ann.account).await.is_err());
        assert_eq!(world.store.accounts().count(ann.org).await.unwrap().all, 2, "the others stay");
        // What was done stays on record, with the id alone.
        let filter = AuditFilter { target: Some(ann.account.to_string()), ..AuditFilter::default() };
        let told = world.store.audit_log().list(ann.org, &filter, &Page::first(100)).await.unwrap();
        assert!(told.items.iter().any(|entry| entry.action == "account.deleted"));
    }
}

#[tokio::test]
async fn what_ended_long_ago_is_forgotten_and_what_holds_is_not() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        world.accounts.forgot_password("ann@example.org", &client(1)).await.unwrap();
        assert_eq!(world.accounts.forget_old().await.unwrap(), 0);
        world.clock.advance(29 * DAY);
        let next = refresh(&world, &tokens).await.unwrap();
        world.clock.advance(20 * DAY);
        assert!(world.accounts.forget_old().await.unwrap() >= 2, "the mail and the token in it");
        assert!(refresh(&world, &next).await.is_ok());
        world.clock.advance(200 * DAY);
        world.accounts.forget_old().await.unwrap();
        assert!(world.store.sessions().by_id(world.org, tokens.session).await.is_err());
    }
}
