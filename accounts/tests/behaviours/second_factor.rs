//! The second factor, from the set-up to its loss.

use sluice_accounts::clock::{HOUR, MINUTE};
use sluice_accounts::totp::TotpSecret;
use sluice_accounts::{AccountsError, Actor, SignedIn, Tokens};
use sluice_domain::Scope;

use crate::world::{ADMIN, ADMIN_PASSWORD, PASSWORD, World, client};

/// Gives somebody a second factor. What their app and their drawer hold.
async fn protect(world: &World, tokens: &Tokens) -> (TotpSecret, Vec<String>) {
    let identity = world.identity(tokens).await;
    let set_up = world.accounts.begin_totp(&identity).await.unwrap();
    let secret = totp_of(set_up.secret.expose());
    let wrong = world.accounts.confirm_totp(&identity, "000000", &client(1)).await;
    assert!(matches!(wrong, Err(AccountsError::MfaWrong)), "{wrong:?}");
    let code = secret.code_at(world.clock.now_ms());
    let codes = world.accounts.confirm_totp(&identity, &code, &client(1)).await.unwrap();
    world.clock.advance(MINUTE);
    (secret, codes.iter().map(|code| code.expose().clone()).collect())
}

/// What an app reads from base32.
fn totp_of(text: &str) -> TotpSecret {
    let mut bits = 0u64;
    let mut count = 0;
    let mut bytes = Vec::new();
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            other => panic!("{other}"),
        };
        bits = bits << 5 | u64::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    TotpSecret::from_bytes(&bytes).unwrap()
}

async fn challenge(world: &World, n: u8) -> String {
    match world.sign_in("ann@example.org", PASSWORD, n).await.unwrap() {
        SignedIn::MfaRequired { mfa_token } => mfa_token.expose().clone(),
        other => panic!("{other:?}"),
    }
}

// Requirements: R16, R17
#[tokio::test]
async fn after_the_password_a_code_is_asked_for_and_taken_once() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let (secret, codes) = protect(&world, &tokens).await;
        assert_eq!(codes.len(), 10);
        let token = challenge(&world, 2).await;
        let code = secret.code_at(world.clock.now_ms());
        let signed_in = world.accounts.second_factor(&token, &code, &client(2)).await.unwrap();
        let session = world.store.sessions().by_id(world.org, signed_in.session).await.unwrap();
        assert_eq!(session.mfa_at, Some(world.clock.now_ms()));
        // Somebody who looked over a shoulder has password and code, and is too late by one use.
        let token = challenge(&world, 3).await;
        let replayed = world.accounts.second_factor(&token, &code, &client(3)).await;
        assert!(matches!(replayed, Err(AccountsError::MfaWrong)), "{replayed:?}");
    }
}

#[tokio::test]
async fn of_two_who_use_one_code_at_once_one_gets_in() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let (secret, _) = protect(&world, &tokens).await;
        let (one, other) = (challenge(&world, 2).await, challenge(&world, 3).await);
        let code = secret.code_at(world.clock.now_ms());
        let (client_one, client_other) = (client(2), client(3));
        let (one, other) = tokio::join!(
            world.accounts.second_factor(&one, &code, &client_one),
            world.accounts.second_factor(&other, &code, &client_other),
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    }
}

#[tokio::test]
async fn a_challenge_is_used_once_and_ends() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let (secret, _) = protect(&world, &tokens).await;
        let token = challenge(&world, 2).await;
        let code = secret.code_at(world.clock.now_ms());
        world.accounts.second_factor(&token, &code, &client(2)).await.unwrap();
        world.clock.advance(MINUTE);
        let code = secret.code_at(world.clock.now_ms());
        let again = world.accounts.second_factor(&token, &code, &client(2)).await;
        assert!(matches!(again, Err(AccountsError::TokenUsed)), "{again:?}");
        let token = challenge(&world, 3).await;
        world.clock.advance(10 * MINUTE);
        let code = secret.code_at(world.clock.now_ms());
        let late = world.accounts.second_factor(&token, &code, &client(3)).await;
        assert!(matches!(late, Err(AccountsError::TokenExpired)), "{late:?}");
    }
}

#[tokio::test]
async fn codes_cannot_be_guessed_not_even_with_many_challenges() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        protect(&world, &tokens).await;
        let mut tried = 0;
        for _ in 0..4 {
            let token = challenge(&world, 66).await;
            for _ in 0..10 {
                match world.accounts.second_factor(&token, "123456", &client(66)).await {
                    Err(AccountsError::MfaWrong) => tried += 1,
                    Err(AccountsError::RateLimited { .. }) => {}
                    other => panic!("{other:?}"),
                }
            }
        }
        assert_eq!(tried, 5);
    }
}

// Requirements: R16
#[tokio::test]
async fn a_backup_code_works_once() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let (_, codes) = protect(&world, &tokens).await;
        let token = challenge(&world, 2).await;
        world.accounts.second_factor(&token, &codes[3].to_uppercase(), &client(2)).await.unwrap();
        let token = challenge(&world, 3).await;
        let again = world.accounts.second_factor(&token, &codes[3], &client(3)).await;
        assert!(matches!(again, Err(AccountsError::MfaWrong)), "{again:?}");
        let identity = world.identity(&tokens).await;
        let state = world.accounts.mfa_state(identity.org, identity.account).await.unwrap();
        assert!(state.totp);
        assert_eq!(state.backup_codes_left, 9);
    }
}

#[tokio::test]
async fn new_backup_codes_replace_the_old_ones() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let (_, old) = protect(&world, &tokens).await;
        let identity = world.identity(&tokens).await;
        let new = world.accounts.replace_backup_codes(&identity, PASSWORD, &client(1)).await.unwrap();
        assert_eq!(new.len(), 10);
        let token = challenge(&world, 2).await;
        assert!(world.accounts.second_factor(&token, &old[0], &client(2)).await.is_err());
        assert!(world.accounts.second_factor(&token, new[0].expose(), &client(2)).await.is_ok());
    }
}

#[tokio::test]
async fn a_second_factor_is_taken_away_with_password_and_code_only() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let (secret, _) = protect(&world, &tokens).await;
        let identity = world.identity(&tokens).await;
        let code = secret.code_at(world.clock.now_ms());
        let result = world.accounts.disable_totp(&identity, "wrong", &code, &client(1)).await;
        assert!(matches!(result, Err(AccountsError::InvalidCredentials)), "{result:?}");
        let result = world.accounts.disable_totp(&identity, PASSWORD, "000000", &client(1)).await;
        assert!(matches!(result, Err(AccountsError::MfaWrong)), "{result:?}");
        // One that counts is not replaced by beginning again.
        assert!(world.accounts.begin_totp(&identity).await.is_err());
        world.accounts.disable_totp(&identity, PASSWORD, &code, &client(1)).await.unwrap();
        world.clock.advance(HOUR);
        world.signed_in("ann@example.org", PASSWORD, 2).await;
    }
}

async fn require_of_staff(world: &World, required: bool) {
    let mut settings = world.accounts.settings(world.org).await.unwrap();
    settings.settings.staff_mfa_required = required;
    world.accounts.change_settings(&Actor::CLI, world.org, &settings).await.unwrap();
}

// Requirements: R16, R21
#[tokio::test]
async fn where_staff_needs_a_second_factor_who_has_none_may_set_one_up_and_nothing_else() {
    for world in World::all().await {
        let (ann, admin) = (world.person("ann").await, world.identity(&world.admin).await);
        let scopes = [Scope::WriteStreams];
        let (key, _) =
            world.accounts.create_api_key(&admin, "Robot", &scopes, None, &Actor::CLI).await.unwrap();
        require_of_staff(&world, true).await;
        let token = world.admin.access_token.expose();
        for presented in [token, key.expose()] {
            let refused = world.accounts.authenticate(presented).await;
            assert!(matches!(refused, Err(AccountsError::MfaRequired)), "{refused:?}");
        }
        let refused = world.accounts.still(&admin).await;
        assert!(matches!(refused, Err(AccountsError::MfaRequired)), "{refused:?}");
        // Who is no staff is not asked.
        assert!(world.accounts.authenticate(ann.access_token.expose()).await.is_ok());

        // Signing in works, and leads to the set-up.
        let tokens = world.signed_in(ADMIN, ADMIN_PASSWORD, 4).await;
        let refused = world.accounts.authenticate(tokens.access_token.expose()).await;
        assert!(matches!(refused, Err(AccountsError::MfaRequired)), "{refused:?}");
        let held = world.accounts.authenticate_to_set_up_mfa(tokens.access_token.expose()).await.unwrap();
        assert!(world.accounts.mfa_state(held.org, held.account).await.unwrap().required);
        let set_up = world.accounts.begin_totp(&held).await.unwrap();
        let secret = totp_of(set_up.secret.expose());
        let code = secret.code_at(world.clock.now_ms());
        world.accounts.confirm_totp(&held, &code, &client(4)).await.unwrap();
        for presented in [tokens.access_token.expose(), token, key.expose()] {
            assert!(world.accounts.authenticate(presented).await.is_ok());
        }
        // The sign-in that showed the code has shown it.
        let session = world.store.sessions().by_id(world.org, tokens.session).await.unwrap();
        assert_eq!(session.mfa_at, Some(world.clock.now_ms()));

        // An operator helps who has lost it, and that is on record.
        world.accounts.remove_second_factor(&Actor::CLI, held.org, held.account).await.unwrap();
        let refused = world.accounts.authenticate(token).await;
        assert!(matches!(refused, Err(AccountsError::MfaRequired)), "{refused:?}");
        assert!(world.audited().await.contains(&"mfa.disabled".to_owned()));
        require_of_staff(&world, false).await;
        assert!(world.accounts.authenticate(token).await.is_ok());
    }
}

#[tokio::test]
async fn a_set_up_that_was_not_finished_asks_for_nothing() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let identity = world.identity(&tokens).await;
        world.accounts.begin_totp(&identity).await.unwrap();
        world.signed_in("ann@example.org", PASSWORD, 2).await;
    }
}
