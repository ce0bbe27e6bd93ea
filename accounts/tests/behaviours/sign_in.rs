//! Set-up and sign-in: who gets in, who does not, and who cannot keep others out.

use sluice_accounts::clock::{DAY, HOUR};
use sluice_accounts::{Accounts, AccountsError, Actor, Clock, MemberChange, SetUp, SignedIn};
use sluice_domain::{Permission, Role};
use sluice_store::testing::databases;

use crate::world::{
    ADMIN, ADMIN_PASSWORD, PASSWORD, World, account_of, client, config, first_admin, sign_in,
};

// Requirements: R1
#[tokio::test]
async fn of_several_who_set_the_server_up_at_once_one_wins() {
    for database in databases().await {
        let store = database.store().await;
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(1_700_000_000_000);
        let accounts = Accounts::open(store.clone(), config(&folder), clock).await.unwrap();
        assert!(accounts.needs_set_up().await.unwrap());
        let tasks: Vec<_> = (0..8)
            .map(|n| {
                let accounts = accounts.clone();
                let set_up = SetUp {
                    email: format!("admin{n}@example.org").parse().unwrap(),
                    handle: format!("gardener{n}").parse().unwrap(),
                    ..first_admin()
                };
                tokio::spawn(async move { accounts.set_up(&set_up, &client(n)).await })
            })
            .collect();
        let mut winners = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(tokens) => winners.push(tokens),
                Err(error) => assert!(matches!(error, AccountsError::SetUpDone), "{error:?}"),
            }
        }
        assert_eq!(winners.len(), 1);
        assert_eq!(winners[0].member.role, Role::Admin);
        assert!(!accounts.needs_set_up().await.unwrap());
        assert_eq!(store.organisations().list().await.unwrap().len(), 1);
    }
}

// Requirements: R1, R4, R5, R24
#[tokio::test]
async fn who_signs_in_is_known_by_their_token() {
    for world in World::all().await {
        let tokens = world.signed_in("Admin@Example.org", ADMIN_PASSWORD, 2).await;
        let identity = world.identity(&tokens).await;
        assert_eq!((identity.org, identity.account), (world.org, account_of(&world.admin)));
        assert!(identity.may(Permission::WriteSettings));
        assert_eq!(identity.session(), Some(tokens.session));
        assert!(world.audited().await.contains(&"sign_in.succeeded".to_owned()));
    }
}

// Requirements: R4
#[tokio::test]
async fn a_wrong_password_an_unknown_address_and_garbage_get_the_same_answer() {
    for world in World::all().await {
        for (n, email) in [ADMIN, "nobody@example.org", "garbage", "", "' OR 1=1 --"].into_iter().enumerate()
        {
            let result = world.sign_in(email, "Wrong-Password-1", n as u8 + 10).await;
            assert!(matches!(result, Err(AccountsError::InvalidCredentials)), "{email}: {result:?}");
        }
        let failed = world.audited().await.iter().filter(|action| *action == "sign_in.failed").count();
        assert_eq!(failed, 5, "an address without an account was not noted like one with");
    }
}

// Requirements: R4
#[tokio::test]
async fn strangers_cannot_lock_an_account_out() {
    for world in World::all().await {
        // The owner has a device that is known, in a network that a stranger shares.
        let device = world.signed_in(ADMIN, ADMIN_PASSWORD, 66).await.device_token;
        let mut slowed = 0;
        for _ in 0..40 {
            match world.sign_in(ADMIN, "Wrong-Password-1", 66).await {
                Err(AccountsError::RateLimited { retry_after_ms }) => {
                    assert!(retry_after_ms > 0);
                    slowed += 1;
                }
                Err(AccountsError::InvalidCredentials) => {}
                other => panic!("{other:?}"),
            }
        }
        assert!(slowed > 30, "a stranger had {} free tries", 40 - slowed);
        // From anywhere else the owner gets in, ...
        world.signed_in(ADMIN, ADMIN_PASSWORD, 67).await;
        // ... and with the known device even from there.
        let mut attempt = sign_in(ADMIN, ADMIN_PASSWORD);
        attempt.device_token = device;
        let result = world.accounts.sign_in(&attempt, &client(66)).await;
        assert!(matches!(result, Ok(SignedIn::Done(_))), "{result:?}");
        // A right password does not help the stranger while he waits.
        let result = world.sign_in(ADMIN, ADMIN_PASSWORD, 66).await;
        assert!(matches!(result, Err(AccountsError::RateLimited { .. })), "{result:?}");
    }
}

#[tokio::test]
async fn the_device_of_one_account_is_not_known_to_another() {
    for world in World::all().await {
        let device = world.person("mallory").await.device_token;
        let mut attempt = sign_in(ADMIN, "Wrong-Password-1");
        attempt.device_token = device;
        let mut last = None;
        for _ in 0..6 {
            last = Some(world.accounts.sign_in(&attempt, &client(66)).await);
        }
        assert!(matches!(last, Some(Err(AccountsError::RateLimited { .. }))));
        // It counted against his network, not against a device.
        let result = world.sign_in(ADMIN, ADMIN_PASSWORD, 66).await;
        assert!(matches!(result, Err(AccountsError::RateLimited { .. })), "{result:?}");
    }
}

// Requirements: R5, R36
#[tokio::test]
async fn an_access_token_dies_with_its_account() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let other_node = world.another_node().await;
        assert!(other_node.authenticate(tokens.access_token.expose()).await.is_ok());
        let mut events = world.accounts.events();
        let change = MemberChange { disabled: Some(true), ..MemberChange::default() };
        let id = account_of(&tokens);
        let version = world.store.accounts().by_id(world.org, id).await.unwrap().version;
        world.accounts.change_member(&Actor::CLI, world.org, id, version, &change).await.unwrap();
        let result = world.accounts.authenticate(tokens.access_token.expose()).await;
        assert!(matches!(result, Err(AccountsError::AccountDisabled)), "{result:?}");
        assert!(events.try_recv().is_ok(), "nobody was told");
        // Another node notices within seconds.
        world.clock.advance(5_000);
        let result = other_node.authenticate(tokens.access_token.expose()).await;
        assert!(matches!(result, Err(AccountsError::AccountDisabled)), "{result:?}");
        let result = world.accounts.refresh(tokens.refresh_token.unwrap().expose(), &client(1)).await;
        assert!(result.is_err());
        let result = world.sign_in("ann@example.org", PASSWORD, 2).await;
        assert!(matches!(result, Err(AccountsError::AccountDisabled)), "{result:?}");
        // Whoever does not know the password does not learn it.
        let result = world.sign_in("ann@example.org", "Wrong-Password-1", 3).await;
        assert!(matches!(result, Err(AccountsError::InvalidCredentials)), "{result:?}");
    }
}

// Requirements: R5, R24
#[tokio::test]
async fn an_access_token_ends_by_itself_with_some_patience_for_clocks() {
    for world in World::all().await {
        let token = world.admin.access_token.expose();
        world.clock.advance(629_000);
        assert!(world.accounts.authenticate(token).await.is_ok());
        world.clock.advance(1_000);
        let result = world.accounts.authenticate(token).await;
        assert!(matches!(result, Err(AccountsError::TokenExpired)), "{result:?}");
        world.clock.advance(-HOUR);
        let result = world.accounts.authenticate(token).await;
        assert!(matches!(result, Err(AccountsError::TokenInvalid)), "a clock was set back: {result:?}");
    }
}

// Requirements: R5
#[tokio::test]
async fn forged_and_foreign_tokens_are_nobody() {
    let worlds = World::all().await;
    for world in &worlds {
        let token = world.admin.access_token.expose();
        let mut forged = token.clone();
        forged.replace_range(token.len() - 10.., "AAAAAAAAAA");
        let refresh = world.admin.refresh_token.clone().unwrap();
        let device = world.admin.device_token.clone().unwrap();
        for bad in ["", "x", "sl_x", "sk_x", &forged, refresh.expose(), device.expose()] {
            let result = world.accounts.authenticate(bad).await;
            assert!(matches!(result, Err(AccountsError::TokenInvalid)), "{bad}: {result:?}");
        }
    }
    if let [one, other] = worlds.as_slice() {
        let result = one.accounts.authenticate(other.admin.access_token.expose()).await;
        assert!(matches!(result, Err(AccountsError::TokenInvalid)), "{result:?}");
    }
}

// Requirements: R14
#[tokio::test]
async fn staff_must_change_a_password_of_ninety_days() {
    for world in World::all().await {
        world.clock.advance(90 * DAY - 1);
        world.signed_in(ADMIN, ADMIN_PASSWORD, 2).await;
        world.clock.advance(1);
        let Err(AccountsError::PasswordExpired { reset_token }) =
            world.sign_in(ADMIN, ADMIN_PASSWORD, 3).await
        else {
            panic!("an old password signs in");
        };
        let token = reset_token.expose();
        let same = world.accounts.reset_password(token, ADMIN_PASSWORD, &client(3)).await;
        assert!(matches!(same, Err(AccountsError::WeakPassword(_))), "{same:?}");
        world.accounts.reset_password(token, "Green-Kettle-43", &client(3)).await.unwrap();
        world.signed_in(ADMIN, "Green-Kettle-43", 3).await;
    }
}
