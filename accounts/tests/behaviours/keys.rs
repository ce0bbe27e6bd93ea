//! API keys, playback tokens, signing keys and the master key.

use std::net::IpAddr;

use sluice_accounts::clock::HOUR;
use sluice_accounts::reseal::add_master_key;
use sluice_accounts::{AccountsError, AccountsEvent, Actor, Via};
use sluice_domain::{Permission, Scope, StreamId};
use uuid::Uuid;

use crate::world::{World, client};

#[tokio::test]
async fn an_api_key_acts_for_its_owner_within_its_scopes_until_it_is_revoked() {
    for world in World::all().await {
        let admin = world.identity(&world.admin).await;
        let actor = admin.actor(client(0).address);
        let scopes = [Scope::ReadAdmin, Scope::ReadStreams];
        let (text, key) =
            world.accounts.create_api_key(&admin, "Robot", &scopes, None, &actor).await.unwrap();
        assert!(text.expose().starts_with("sl_") && text.expose().ends_with(&key.last4));
        let identity = world.accounts.authenticate(text.expose()).await.unwrap();
        assert_eq!(identity.account, admin.account);
        assert!(matches!(identity.via, Via::ApiKey { id, .. } if id == key.id));
        assert!(identity.may(Permission::ReadAudit) && !identity.may(Permission::WriteSettings));
        let listed = world.accounts.api_keys(&admin).await.unwrap();
        assert_eq!(listed[0].last_used_at, Some(world.clock.now_ms()));
        let mut events = world.accounts.events();
        world.accounts.revoke_api_key(&admin, key.id, &actor).await.unwrap();
        let result = world.accounts.authenticate(text.expose()).await;
        assert!(matches!(result, Err(AccountsError::TokenInvalid)), "{result:?}");
        assert!(matches!(events.try_recv(), Ok(AccountsEvent::ApiKeyRevoked { .. })));
        assert!(world.accounts.still(&identity).await.is_err());
        assert!(world.accounts.api_keys(&admin).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_api_key_ends_by_itself_and_with_its_owner() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let ann = world.identity(&tokens).await;
        let actor = ann.actor(client(1).address);
        let end = Some(world.clock.now_ms() + HOUR);
        let scopes = [Scope::ReadProfile];
        let (short, _) = world.accounts.create_api_key(&ann, "Short", &scopes, end, &actor).await.unwrap();
        let (long, _) = world.accounts.create_api_key(&ann, "Long", &scopes, None, &actor).await.unwrap();
        world.clock.advance(HOUR);
        let result = world.accounts.authenticate(short.expose()).await;
        assert!(matches!(result, Err(AccountsError::TokenExpired)), "{result:?}");
        assert!(world.accounts.authenticate(long.expose()).await.is_ok());
        world.accounts.delete_account(&Actor::CLI, ann.org, ann.account).await.unwrap();
        assert!(world.accounts.authenticate(long.expose()).await.is_err());
    }
}

#[tokio::test]
async fn nobody_revokes_the_api_key_of_somebody_else() {
    for world in World::all().await {
        let admin = world.identity(&world.admin).await;
        let actor = admin.actor(client(0).address);
        let (text, key) =
            world.accounts.create_api_key(&admin, "Robot", &[Scope::Watch], None, &actor).await.unwrap();
        let ann = world.identity(&world.person("ann").await).await;
        let result = world.accounts.revoke_api_key(&ann, key.id, &ann.actor(client(1).address)).await;
        assert!(matches!(result, Err(AccountsError::NotFound)), "{result:?}");
        assert!(world.accounts.authenticate(text.expose()).await.is_ok());
    }
}

#[tokio::test]
async fn a_playback_token_opens_one_stream_for_one_address_for_a_while() {
    for world in World::all().await {
        let stream = StreamId(Uuid::from_u128(9));
        let here: IpAddr = "192.0.2.1".parse().unwrap();
        let there: IpAddr = "192.0.2.2".parse().unwrap();
        let (token, seconds) = world.accounts.playback_token("viewer", stream, Some(here));
        let claims = world.accounts.check_playback_token(token.expose(), here).await.unwrap();
        assert_eq!((claims.stream, claims.sub.as_str()), (stream, "viewer"));
        let result = world.accounts.check_playback_token(token.expose(), there).await;
        assert!(matches!(result, Err(AccountsError::TokenInvalid)), "{result:?}");
        assert!(world.accounts.authenticate(token.expose()).await.is_err(), "it is no access token");
        let access = world.admin.access_token.expose();
        assert!(world.accounts.check_playback_token(access, here).await.is_err());
        world.clock.advance(seconds * 1000 + 30_000);
        let result = world.accounts.check_playback_token(token.expose(), here).await;
        assert!(matches!(result, Err(AccountsError::TokenExpired)), "{result:?}");
    }
}

#[tokio::test]
async fn tokens_outlive_a_new_signing_key_and_other_nodes_learn_of_it() {
    for world in World::all().await {
        let other_node = world.another_node().await;
        let before = world.person("ann").await;
        world.clock.advance(1);
        world.accounts.rotate_signing_key(&Actor::CLI).await.unwrap();
        assert_eq!(world.accounts.jwks()["keys"].as_array().unwrap().len(), 2);
        let after = world.person("bob").await;
        assert!(world.accounts.authenticate(before.access_token.expose()).await.is_ok());
        assert!(other_node.authenticate(after.access_token.expose()).await.is_ok());
        // Much later the old key is gone.
        world.clock.advance(72 * HOUR);
        world.accounts.rotate_signing_key(&Actor::CLI).await.unwrap();
        world.clock.advance(72 * HOUR);
        world.accounts.rotate_signing_key(&Actor::CLI).await.unwrap();
        assert!(world.accounts.jwks()["keys"].as_array().unwrap().len() <= 3);
    }
}

#[tokio::test]
async fn everything_sealed_opens_after_a_new_master_key_and_a_reseal() {
    for world in World::all().await {
        let tokens = world.person("ann").await;
        let identity = world.identity(&tokens).await;
        world.accounts.begin_totp(&identity).await.unwrap();
        let version = add_master_key(&world.folder.path().join("master.key")).unwrap();
        let node = world.another_node().await;
        let done = node.reseal().await.unwrap();
        assert_eq!((done.version, version, done.totp, done.signing_keys), (2, 2, 1, 1));
        let again = node.reseal().await.unwrap();
        assert_eq!((again.totp, again.signing_keys), (0, 0));
        let sealed =
            world.store.totp().of(identity.org, identity.account).await.unwrap().unwrap().sealed_secret;
        assert!(sealed.starts_with("v2."));
        let third = world.another_node().await;
        assert!(third.authenticate(tokens.access_token.expose()).await.is_ok());
    }
}
