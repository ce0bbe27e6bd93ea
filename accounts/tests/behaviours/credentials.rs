//! Passwords and addresses: changed, forgotten, and not brought back.

use sluice_accounts::clock::MINUTE;
use sluice_accounts::{AccountsError, Actor};

use crate::world::{ADMIN, ADMIN_PASSWORD, PASSWORD, World, account_of, client, token_of};

// Requirements: R8
#[tokio::test]
async fn a_forgotten_password_is_replaced_once_and_ends_all_sessions() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        world.accounts.forgot_password("Ann@example.org", &client(2)).await.unwrap();
        let token = world.mailed_token("ann@example.org").await;
        world.accounts.reset_password(&token, "Orange7Garden", &client(2)).await.unwrap();
        let result = world.accounts.authenticate(tokens.access_token.expose()).await;
        assert!(result.is_err(), "an access token outlived the password");
        let refresh_token = tokens.refresh_token.unwrap();
        assert!(world.accounts.refresh(refresh_token.expose(), &client(1)).await.is_err());
        let again = world.accounts.reset_password(&token, "Yellow7Garden", &client(2)).await;
        assert!(matches!(again, Err(AccountsError::TokenUsed)), "{again:?}");
        assert!(world.sign_in("ann@example.org", PASSWORD, 2).await.is_err());
        world.signed_in("ann@example.org", "Orange7Garden", 2).await;
    }
}

// Requirements: R8
#[tokio::test]
async fn the_link_of_a_forgotten_password_works_for_half_an_hour() {
    for world in World::all().await {
        world.person("ann").await;
        world.accounts.forgot_password("ann@example.org", &client(2)).await.unwrap();
        let token = world.mailed_token("ann@example.org").await;
        world.clock.advance(30 * MINUTE);
        let result = world.accounts.reset_password(&token, "Orange7Garden", &client(2)).await;
        assert!(matches!(result, Err(AccountsError::TokenExpired)), "{result:?}");
        for forged in ["", "x", &token.to_lowercase()] {
            let result = world.accounts.reset_password(forged, "Orange7Garden", &client(2)).await;
            assert!(matches!(result, Err(AccountsError::TokenInvalid)), "{result:?}");
        }
    }
}

#[tokio::test]
async fn nobody_learns_who_has_an_account_by_forgetting_a_password() {
    for world in World::all().await {
        for email in ["nobody@example.org", "garbage", ADMIN] {
            world.accounts.forgot_password(email, &client(2)).await.unwrap();
        }
        assert_eq!(world.mails(ADMIN).await.len(), 1);
        assert!(world.mails("nobody@example.org").await.is_empty());
    }
}

#[tokio::test]
async fn a_token_for_one_thing_is_not_taken_for_another() {
    for world in World::all().await {
        world.person("ann").await;
        world.accounts.forgot_password("ann@example.org", &client(2)).await.unwrap();
        let reset = world.mailed_token("ann@example.org").await;
        let result = world.accounts.verify_email(&reset, &client(2)).await;
        assert!(matches!(result, Err(AccountsError::TokenInvalid)), "{result:?}");
        let result = world.accounts.second_factor(&reset, "000000", &client(2)).await;
        assert!(matches!(result, Err(AccountsError::TokenInvalid)), "{result:?}");
    }
}

#[tokio::test]
async fn a_changed_password_signs_other_devices_out_and_not_this_one() {
    for world in World::all().await {
        let laptop = world.person("ann").await;
        let phone = world.signed_in("ann@example.org", PASSWORD, 2).await;
        let ann = world.identity(&laptop).await;
        let wrong = world.accounts.change_password(&ann, "wrong", "Orange7Garden", &client(1)).await;
        assert!(matches!(wrong, Err(AccountsError::InvalidCredentials)), "{wrong:?}");
        world.accounts.change_password(&ann, PASSWORD, "Orange7Garden", &client(1)).await.unwrap();
        let refresh = |tokens: sluice_accounts::Tokens| {
            let accounts = world.accounts.clone();
            async move { accounts.refresh(tokens.refresh_token.unwrap().expose(), &client(1)).await }
        };
        assert!(refresh(laptop).await.is_ok());
        assert!(refresh(phone).await.is_err());
    }
}

// Requirements: R14
#[tokio::test]
async fn the_last_twelve_passwords_of_staff_do_not_come_back() {
    for world in World::all().await {
        let (org, id) = (world.org, account_of(&world.admin));
        let password = |n: usize| format!("Blue-Kettle-{}", 100 + n);
        let set = |password: String| {
            let accounts = world.accounts.clone();
            async move { accounts.set_password(&Actor::CLI, org, id, &password, false).await }
        };
        for n in 0..11 {
            world.clock.advance(1);
            set(password(n)).await.unwrap();
        }
        // Eleven since the first one: it is still among the twelve.
        let result = set(ADMIN_PASSWORD.to_owned()).await;
        assert!(
            matches!(&result, Err(AccountsError::WeakPassword(problems)) if problems[0].code() == "used_before"),
            "{result:?}"
        );
        world.clock.advance(1);
        set(password(11)).await.unwrap();
        assert!(set(password(0)).await.is_err());
        world.clock.advance(1);
        set(ADMIN_PASSWORD.to_owned()).await.unwrap();
    }
}

#[tokio::test]
async fn a_password_set_by_an_operator_may_have_to_be_changed() {
    for world in World::all().await {
        let (org, id) = (world.org, account_of(&world.admin));
        world.accounts.set_password(&Actor::CLI, org, id, "Green-Kettle-43", true).await.unwrap();
        let result = world.sign_in(ADMIN, "Green-Kettle-43", 2).await;
        let Err(AccountsError::PasswordExpired { reset_token }) = result else { panic!("{result:?}") };
        world.accounts.reset_password(reset_token.expose(), "Violet-Kettle-44", &client(2)).await.unwrap();
        world.signed_in(ADMIN, "Violet-Kettle-44", 2).await;
    }
}

// Requirements: R8
#[tokio::test]
async fn a_link_made_by_an_operator_sets_a_new_password() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let link = world.accounts.reset_link(&Actor::CLI, world.org, account_of(&tokens)).await.unwrap();
        assert!(link.expose().starts_with("https://tv.example.org/reset-password#token="));
        let token = token_of(link.expose());
        world.accounts.reset_password(&token, "Orange7Garden", &client(1)).await.unwrap();
        world.signed_in("ann@example.org", "Orange7Garden", 2).await;
        assert!(world.audited().await.contains(&"password.reset_link_made".to_owned()));
    }
}

// Requirements: R29
#[tokio::test]
async fn an_address_changes_when_the_new_one_answers_and_the_old_one_is_told() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let ann = world.identity(&tokens).await;
        let new = "ann@new.example.org".parse().unwrap();
        let wrong = world.accounts.change_email(&ann, &new, "wrong", &client(1)).await;
        assert!(matches!(wrong, Err(AccountsError::InvalidCredentials)), "{wrong:?}");
        world.accounts.change_email(&ann, &new, PASSWORD, &client(1)).await.unwrap();
        world.signed_in("ann@example.org", PASSWORD, 2).await;
        let token = world.mailed_token("ann@new.example.org").await;
        world.accounts.verify_email(&token, &client(1)).await.unwrap();
        world.signed_in("ann@new.example.org", PASSWORD, 2).await;
        assert!(world.sign_in("ann@example.org", PASSWORD, 3).await.is_err());
        assert_eq!(world.mails("ann@example.org").await[0].kind, "email_changed");
    }
}

#[tokio::test]
async fn a_taken_address_is_not_told_to_who_wants_it() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let ann = world.identity(&tokens).await;
        world.accounts.change_email(&ann, &ADMIN.parse().unwrap(), PASSWORD, &client(1)).await.unwrap();
        assert_eq!(world.mails(ADMIN).await[0].kind, "already_registered");
    }
}
