//! `POST /whep/{stream}` with nothing but a data channel: the chat alone.

use sluice_domain::{AccessLevel, Scope};

use crate::people::{OWNER, STRANGER};
use crate::sdp::sections;
use crate::server::{Opened, Server, assert_problem, offer};

const ALONE: &str = "whep-chat-alone";

// Requirements: R186
#[tokio::test]
async fn the_chat_of_a_stream_that_is_offline_is_open() {
    let server = Server::start().await;
    let opened = Opened::of(server.watch(&offer(ALONE)).await).await;
    let answer = sections(&opened.answer);
    assert_eq!(answer.len(), 1);
    assert_eq!((answer[0].kind(), answer[0].mid()), ("application", "0"));
    assert!(opened.answer.contains("a=sctp-port:5000"));
    assert!(opened.links().iter().all(|link| !link.contains("urn:ietf:params:whep")), "{:?}", opened.links());
    assert_eq!(server.send("GET", &opened.location).await.status(), 204);
    let layer =
        server.request("POST", &format!("{}/layer", opened.location)).body("{}").send().await.unwrap();
    assert!(layer.status().is_client_error());
    assert_eq!(server.send("DELETE", &opened.location).await.status(), 200);
    assert_eq!(server.send("GET", &opened.location).await.status(), 404);
    // Watching still needs something to watch.
    let watch = server.watch(&offer("whep-chromium156-medooze")).await;
    assert_problem(watch, 409, "not_live").await;
}

#[tokio::test]
async fn the_chat_alone_asks_for_what_watching_asks_for() {
    let server = Server::start().await;
    let post = async |stream: &str, bearer: Option<&str>| {
        let post = server.offer(&format!("/whep/{stream}"), &offer(ALONE));
        let post = match bearer {
            Some(bearer) => post.bearer_auth(bearer),
            None => post,
        };
        post.send().await.unwrap()
    };
    assert_problem(post("hidden", None).await, 404, "unknown_stream").await;
    assert_problem(post("nowhere", None).await, 404, "unknown_stream").await;
    let (owner, stranger) = (server.people.token(OWNER).await, server.people.token(STRANGER).await);
    assert_problem(post("hidden", Some(&stranger)).await, 404, "unknown_stream").await;
    assert_eq!(post("hidden", Some(&owner)).await.status(), 201);
    server.people.set_access("demo", AccessLevel::Followers).await;
    assert_problem(post("demo", Some(&stranger)).await, 403, "follow_required").await;
    server.people.follow(STRANGER, OWNER).await;
    assert_eq!(post("demo", Some(&stranger)).await.status(), 201);
    let key = server.people.api_key(STRANGER, &[Scope::ReadChat]).await;
    assert_eq!(post("demo", Some(&key)).await.status(), 201);
    let key = server.people.api_key(STRANGER, &[Scope::Watch]).await;
    assert_problem(post("demo", Some(&key)).await, 403, "forbidden").await;
    assert_problem(post("other", Some("sl_nobodys-key-at-all")).await, 403, "forbidden").await;
}

#[tokio::test]
async fn a_connection_for_the_chat_alone_ends_with_the_sign_in_on_which_it_rests() {
    let server = Server::start().await;
    let stranger = server.people.token(STRANGER).await;
    let post = server.offer("/whep/demo", &offer(ALONE)).bearer_auth(&stranger);
    let opened = Opened::of(post.send().await.unwrap()).await;
    server.people.end_sessions(STRANGER).await;
    for _ in 0..50 {
        if server.send("GET", &opened.location).await.status() == 404 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the session goes on");
}
