//! Who may publish and watch what, by which credential, and what ends it.

use sluice_domain::{AccessLevel, Redacted, Scope, Tier};
use sluice_live::Credential;

use crate::people::{HERE, MODERATOR, OWNER, STRANGER};
use crate::server::{HIDDEN_KEY, KEY, Opened, Server, WHEP_OFFERS, assert_problem, offer, text};
use crate::session::eventually;

const WHIP_OFFER: &str = "whip-chromium156-medooze";

async fn publish(server: &Server, path: &str, bearer: &str) -> reqwest::Response {
    server.offer(path, &offer(WHIP_OFFER)).bearer_auth(bearer).send().await.unwrap()
}

async fn watch(server: &Server, stream: &str, bearer: Option<&str>) -> reqwest::Response {
    let mut post = server.offer(&format!("/whep/{stream}"), &offer(WHEP_OFFERS[0]));
    if let Some(bearer) = bearer {
        post = post.bearer_auth(bearer);
    }
    post.send().await.unwrap()
}

async fn is_gone(server: &Server, session: &Opened) {
    eventually(async || server.send("GET", &session.location).await.status() == 404).await;
}

// Requirements: R81
#[tokio::test]
async fn an_owner_publishes_with_the_accounts_own_token_and_a_stranger_does_not() {
    let server = Server::start().await;
    let (owner, stranger) = (server.people.token(OWNER).await, server.people.token(STRANGER).await);
    let moderator = server.people.token(MODERATOR).await;
    assert_problem(publish(&server, "/whip/demo", &stranger).await, 403, "forbidden").await;
    assert_problem(publish(&server, "/whip/demo", &moderator).await, 403, "forbidden").await;
    assert_problem(publish(&server, "/whip/hidden", &stranger).await, 404, "unknown_stream").await;
    assert_problem(publish(&server, "/whip/nothing", &owner).await, 404, "unknown_stream").await;
    assert_eq!(publish(&server, "/whip/demo", &owner).await.status(), 201);
    assert_problem(publish(&server, "/whip/demo", KEY).await, 409, "already_live").await;
}

// Requirements: R81
#[tokio::test]
async fn an_api_key_publishes_only_with_the_scope_for_it() {
    let server = Server::start().await;
    let without = server.people.api_key(OWNER, &[Scope::ReadStreams, Scope::WriteStreams]).await;
    assert_problem(publish(&server, "/whip/demo", &without).await, 403, "forbidden").await;
    let of_stranger = server.people.api_key(STRANGER, &[Scope::Publish]).await;
    assert_problem(publish(&server, "/whip/demo", &of_stranger).await, 403, "forbidden").await;
    let with = server.people.api_key(OWNER, &[Scope::Publish]).await;
    assert_eq!(publish(&server, "/whip/demo", &with).await.status(), 201);
}

#[tokio::test]
async fn forged_and_foreign_tokens_are_refused() {
    let server = Server::start().await;
    let token = server.people.token(OWNER).await;
    let (head, _) = token.rsplit_once('.').unwrap();
    let other = Server::start().await;
    let foreign = other.people.token(OWNER).await;
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.";
    for bad in [format!("{head}.AAAA"), foreign, unsigned.to_owned()] {
        assert_problem(publish(&server, "/whip/demo", &bad).await, 403, "forbidden").await;
    }
}

// Requirements: R80
#[tokio::test]
async fn a_revoked_key_ends_its_publisher_and_its_viewers_at_once() {
    let server = Server::start().await;
    let publisher = server.published().await;
    let viewer = Opened::of(watch(&server, "demo", None).await).await;
    let stream = server.people.record("demo").await;
    let keys = server.people.store.stream_keys().of(stream.org_id, stream.id).await.unwrap();
    let key = keys.iter().find(|key| key.name == KEY).unwrap().id;
    let before = std::time::Instant::now();
    let actor = sluice_accounts::Actor::CLI;
    assert!(server.people.accounts.revoke_stream_key(&actor, &stream, key).await.unwrap());
    is_gone(&server, &publisher).await;
    is_gone(&server, &viewer).await;
    assert!(before.elapsed() < std::time::Duration::from_secs(1), "{:?}", before.elapsed());
    assert_problem(publish(&server, "/whip/demo", KEY).await, 403, "forbidden").await;
    assert!(server.live.stream(stream.id).is_none());
}

// Requirements: R80
#[tokio::test]
async fn a_rotated_key_works_until_its_overlap_is_over() {
    let server = Server::start().await;
    let stream = server.people.record("demo").await;
    let keys = server.people.store.stream_keys().of(stream.org_id, stream.id).await.unwrap();
    let key = keys.iter().find(|key| key.name == KEY).unwrap().id;
    let actor = sluice_accounts::Actor::CLI;
    let rotated = server.people.accounts.rotate_stream_key(&actor, &stream, key, 1500).await.unwrap();
    let publisher = server.published().await;
    is_gone(&server, &publisher).await;
    assert_problem(publish(&server, "/whip/demo", KEY).await, 401, "token_expired").await;
    eventually(async || publish(&server, "/whip/demo", rotated.1.expose()).await.status() == 201).await;
}

#[tokio::test]
async fn a_disabled_account_neither_publishes_nor_goes_on() {
    let server = Server::start().await;
    let publisher = server.published().await;
    server.people.disable(OWNER).await;
    is_gone(&server, &publisher).await;
    assert_problem(publish(&server, "/whip/demo", KEY).await, 403, "account_disabled").await;
}

#[tokio::test]
async fn a_deleted_stream_ends_and_is_unknown() {
    let server = Server::start().await;
    let publisher = server.published().await;
    let stream = server.people.record("demo").await;
    server.people.store.streams().delete(stream.org_id, stream.id, None, 3).await.unwrap();
    server.live.stream_changed(stream.org_id, stream.id).await.unwrap();
    is_gone(&server, &publisher).await;
    assert_problem(publish(&server, "/whip/demo", KEY).await, 404, "unknown_stream").await;
    assert_problem(publish(&server, "/whip", KEY).await, 403, "forbidden").await;
    assert_eq!(server.send("HEAD", "/whep/demo").await.status(), 404);
}

#[tokio::test]
async fn what_another_process_revokes_ends_within_seconds() {
    let server = Server::start().await;
    let publisher = server.published().await;
    let stream = server.people.record("demo").await;
    let keys = server.people.store.stream_keys().of(stream.org_id, stream.id).await.unwrap();
    let key = keys.iter().find(|key| key.name == KEY).unwrap().id;
    // Straight into the database, as the command line does it: nobody tells the node.
    server.people.store.stream_keys().revoke(stream.org_id, key, 5).await.unwrap();
    is_gone(&server, &publisher).await;
}

#[tokio::test]
async fn a_private_stream_does_not_exist_for_strangers() {
    let server = Server::start().await;
    publish(&server, "/whip/hidden", HIDDEN_KEY).await;
    let (owner, stranger) = (server.people.token(OWNER).await, server.people.token(STRANGER).await);
    for bearer in [None, Some(stranger.as_str()), Some("wrong-key-wrong-key"), Some(HIDDEN_KEY)] {
        assert_problem(watch(&server, "hidden", bearer).await, 404, "unknown_stream").await;
    }
    assert_problem(publish(&server, "/whip/hidden", KEY).await, 404, "unknown_stream").await;
    for method in ["GET", "HEAD"] {
        assert_eq!(server.send(method, "/whep/hidden").await.status(), 404, "{method}");
    }
    assert_eq!(watch(&server, "hidden", Some(&owner)).await.status(), 201);
    let moderator = server.people.token(MODERATOR).await;
    assert_eq!(watch(&server, "hidden", Some(&moderator)).await.status(), 201);
    let scoped = server.people.api_key(OWNER, &[Scope::Publish]).await;
    assert_problem(watch(&server, "hidden", Some(&scoped)).await, 404, "unknown_stream").await;
    let scoped = server.people.api_key(OWNER, &[Scope::Watch]).await;
    assert_eq!(watch(&server, "hidden", Some(&scoped)).await.status(), 201);
}

#[tokio::test]
async fn each_access_level_asks_for_what_it_says() {
    let server = Server::start().await;
    let people = &server.people;
    server.published().await;
    let stranger = people.token(STRANGER).await;
    for (access, nobody, somebody) in [
        (AccessLevel::Followers, (401, "unauthorized"), (403, "follow_required")),
        (AccessLevel::Premium, (401, "unauthorized"), (403, "tier_required")),
        (AccessLevel::Vip, (401, "unauthorized"), (403, "tier_required")),
        (AccessLevel::Password, (401, "unauthorized"), (401, "password_required")),
    ] {
        people.set_access("demo", access).await;
        assert_problem(watch(&server, "demo", None).await, nobody.0, nobody.1).await;
        assert_problem(watch(&server, "demo", Some(&stranger)).await, somebody.0, somebody.1).await;
    }
    people.follow(STRANGER, OWNER).await;
    people.set_access("demo", AccessLevel::Followers).await;
    assert_eq!(watch(&server, "demo", Some(&stranger)).await.status(), 201);
    people.set_tier(STRANGER, Tier::Premium).await;
    // The tier is part of what the token says, so a new one is needed.
    let stranger = people.token(STRANGER).await;
    people.set_access("demo", AccessLevel::Premium).await;
    assert_eq!(watch(&server, "demo", Some(&stranger)).await.status(), 201);
    people.set_access("demo", AccessLevel::Vip).await;
    assert_problem(watch(&server, "demo", Some(&stranger)).await, 403, "tier_required").await;
}

#[tokio::test]
async fn a_stream_that_becomes_stricter_keeps_only_those_who_still_may() {
    let server = Server::start().await;
    let people = &server.people;
    let publisher = server.published().await;
    people.follow(STRANGER, OWNER).await;
    people.set_access("demo", AccessLevel::Followers).await;
    let (stranger, owner) = (people.token(STRANGER).await, people.token(OWNER).await);
    let follower = Opened::of(watch(&server, "demo", Some(&stranger)).await).await;
    let own = Opened::of(watch(&server, "demo", Some(&owner)).await).await;
    people.set_access("demo", AccessLevel::Private).await;
    server.live.stream_changed(people.org, people.id("demo")).await.unwrap();
    is_gone(&server, &follower).await;
    for stays in [&publisher, &own] {
        assert_eq!(server.send("GET", &stays.location).await.status(), 204);
    }
}

#[tokio::test]
async fn a_viewer_who_signs_out_leaves_a_stream_that_is_not_for_everybody() {
    let server = Server::start().await;
    let people = &server.people;
    publish(&server, "/whip/hidden", HIDDEN_KEY).await;
    let token = people.token(MODERATOR).await;
    let viewer = Opened::of(watch(&server, "hidden", Some(&token)).await).await;
    people.end_sessions(MODERATOR).await;
    is_gone(&server, &viewer).await;
    assert_problem(watch(&server, "hidden", Some(&token)).await, 404, "unknown_stream").await;
}

// Requirements: R383
#[tokio::test]
async fn an_account_has_a_limited_number_of_sessions() {
    let server = Server::with(|settings| settings.live.max_sessions_per_account = 1).await;
    publish(&server, "/whip/hidden", HIDDEN_KEY).await;
    let token = server.people.token(MODERATOR).await;
    let viewer = Opened::of(watch(&server, "hidden", Some(&token)).await).await;
    let headers =
        assert_problem(watch(&server, "hidden", Some(&token)).await, 429, "too_many_sessions").await;
    assert!(text(&headers, "retry-after").parse::<u32>().unwrap() > 0);
    let owner = server.people.token(OWNER).await;
    assert_eq!(watch(&server, "hidden", Some(&owner)).await.status(), 201, "others have places of their own");
    assert_eq!(server.send("DELETE", &viewer.location).await.status(), 200);
    assert_eq!(watch(&server, "hidden", Some(&token)).await.status(), 201);
}

#[tokio::test]
async fn a_playback_token_opens_its_stream_and_no_other() {
    let server = Server::start().await;
    let people = &server.people;
    server.published().await;
    people.set_password("demo", "open sesame").await;
    let demo = people.record("demo").await;
    let ask = async |password: &str, bound| {
        let password = Redacted::new(password.to_owned());
        server.live.playback_token(&demo, None, Some(&password), HERE, bound).await
    };
    assert_eq!(ask("wrong", false).await.unwrap_err(), sluice_live::LiveError::PasswordWrong);
    let (token, seconds) = ask("open sesame", false).await.unwrap();
    assert!(seconds > 0);
    let viewer = Opened::of(watch(&server, "demo", Some(token.expose())).await).await;
    let by_query = format!("/whep/demo?token={}", token.expose());
    assert_eq!(server.offer(&by_query, &offer(WHEP_OFFERS[0])).send().await.unwrap().status(), 201);
    assert_problem(watch(&server, "hidden", Some(token.expose())).await, 404, "unknown_stream").await;
    // Bound to an address that is not the caller's.
    let there = "192.0.2.7".parse().unwrap();
    let password = Redacted::new("open sesame".to_owned());
    let (bound, _) = server.live.playback_token(&demo, None, Some(&password), there, true).await.unwrap();
    assert_eq!(watch(&server, "demo", Some(bound.expose())).await.status(), 403);
    let (bound, _) = ask("open sesame", true).await.unwrap();
    assert_eq!(watch(&server, "demo", Some(bound.expose())).await.status(), 201);
    // Another password: who had the old one is out, with the token and with the session.
    people.set_password("demo", "another one").await;
    server.live.stream_changed(people.org, demo.id).await.unwrap();
    is_gone(&server, &viewer).await;
    assert_problem(watch(&server, "demo", Some(token.expose())).await, 401, "password_required").await;
}

#[tokio::test]
async fn an_expired_playback_token_is_told_apart_from_a_wrong_one() {
    let server = Server::start().await;
    let people = &server.people;
    server.published().await;
    people.set_access("demo", AccessLevel::Followers).await;
    people.follow(STRANGER, OWNER).await;
    let identity = people.accounts.authenticate(&people.token(STRANGER).await).await.unwrap();
    let demo = people.record("demo").await;
    let (token, _) = server.live.playback_token(&demo, Some(&identity), None, HERE, false).await.unwrap();
    assert_eq!(watch(&server, "demo", Some(token.expose())).await.status(), 201);
    let expired = people.expired_playback_token("demo").await;
    assert_problem(watch(&server, "demo", Some(&expired)).await, 401, "token_expired").await;
    people.end_sessions(STRANGER).await;
    let response = watch(&server, "demo", Some(token.expose())).await;
    assert_problem(response, 401, "token_expired").await;
}

#[tokio::test]
async fn a_token_is_as_good_as_none_where_everybody_may_watch() {
    let server = Server::start().await;
    server.published().await;
    for bearer in ["wrong-key-wrong-key", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", KEY] {
        assert_eq!(watch(&server, "demo", Some(bearer)).await.status(), 201, "{bearer}");
    }
    let nobody: Option<&Credential> = None;
    let name = "demo".parse().unwrap();
    assert!(server.live.may_watch(&name, nobody, HERE).await.is_ok());
}
