//! While the database is away, what runs goes on, and what cannot be decided is told to come back.

use sluice_domain::AccessLevel;

use crate::people::OWNER;
use crate::server::{KEY, OTHER_KEY, Opened, Server, WHEP_OFFERS, assert_problem, offer, text};

#[tokio::test]
async fn while_the_database_is_away_broadcasts_go_on_and_public_ones_are_watched() {
    let server = Server::start().await;
    let owner = server.people.token(OWNER).await;
    let publisher = server.published().await;
    let viewer = Opened::of(server.watch(&offer(WHEP_OFFERS[0])).await).await;
    server.people.store.close().await;
    // The one that is under way may have asked before; the one after it has asked a database that is away.
    let mut rounds = server.live.rounds();
    let looked = *rounds.borrow() + 2;
    rounds.wait_for(|rounds| *rounds >= looked).await.unwrap();
    for session in [&publisher, &viewer] {
        assert_eq!(server.send("GET", &session.location).await.status(), 204);
    }
    let joined = Opened::of(server.watch(&offer(WHEP_OFFERS[0])).await).await;
    assert_eq!(server.send("DELETE", &joined.location).await.status(), 200);
    assert_eq!(server.send("HEAD", "/whep/demo").await.status(), 200);
    for (path, bearer) in [("/whip/other", OTHER_KEY), ("/whip/demo", KEY), ("/whip/demo", owner.as_str())] {
        let post = server.offer(path, &offer("whip-ffmpeg-9.0.2")).bearer_auth(bearer);
        let headers = assert_problem(post.send().await.unwrap(), 503, "unavailable").await;
        assert!(text(&headers, "retry-after").parse::<u32>().unwrap() > 0);
    }
    let other = server.offer("/whep/other", &offer(WHEP_OFFERS[0])).send().await.unwrap();
    assert_problem(other, 503, "unavailable").await;
}

#[tokio::test]
async fn a_stream_that_is_not_for_everybody_is_not_watched_without_the_database() {
    let server = Server::start().await;
    server.published().await;
    server.people.set_access("demo", AccessLevel::Private).await;
    server.live.stream_changed(server.people.org, server.people.id("demo")).await.unwrap();
    server.people.store.close().await;
    assert_problem(server.watch(&offer(WHEP_OFFERS[0])).await, 503, "unavailable").await;
}
