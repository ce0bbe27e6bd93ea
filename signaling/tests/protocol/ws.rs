//! `/ws`: who hears what, and what ends a connection.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use sluice_domain::AccessLevel;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::people::{MODERATOR, OWNER, STRANGER};
use crate::server::Server;

pub(crate) struct Page(pub(crate) WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Page {
    pub(crate) async fn open(server: &Server) -> Self {
        let url = format!("ws://{}/ws", server.http);
        Self(tokio_tungstenite::connect_async(url).await.unwrap().0)
    }

    /// A page that has said who it is.
    pub(crate) async fn of(server: &Server, token: Option<&str>) -> Self {
        let mut page = Self::open(server).await;
        page.say(json!({ "type": "hello", "token": token })).await;
        let answer = page.hears().await;
        assert_eq!(answer["type"], "hello", "{answer}");
        assert_eq!(answer["account"].is_null(), token.is_none());
        page
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.raw(Message::text(message.to_string())).await;
    }

    pub(crate) async fn raw(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    pub(crate) async fn subscribe(&mut self, topic: &str) -> Value {
        self.say(json!({ "type": "subscribe", "topic": topic })).await;
        self.hears().await
    }

    /// The next message that is not a ping.
    pub(crate) async fn next(&mut self) -> Message {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(15), self.0.next());
            match next.await.expect("nothing came").expect("the connection is gone").unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                other => return other,
            }
        }
    }

    pub(crate) async fn hears(&mut self) -> Value {
        match self.next().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The next event of this name, whatever comes before.
    pub(crate) async fn event(&mut self, name: &str) -> Value {
        loop {
            let message = self.hears().await;
            if message["event"] == name {
                return message;
            }
        }
    }

    pub(crate) async fn ends(&mut self) -> (u16, String) {
        loop {
            match self.next().await {
                Message::Close(Some(frame)) => return (frame.code.into(), frame.reason.to_string()),
                Message::Close(None) => panic!("no reason"),
                _ => {}
            }
        }
    }

    /// Nothing is told for a while.
    pub(crate) async fn hears_nothing(&mut self) {
        let next = tokio::time::timeout(Duration::from_millis(700), self.0.next()).await;
        assert!(next.is_err(), "{next:?}");
    }
}

#[tokio::test]
async fn a_page_hears_of_its_topics_and_of_no_others() {
    let server = Server::start().await;
    let (demo, other) = (server.people.id("demo"), server.people.id("other"));
    let mut page = Page::of(&server, None).await;
    let topic = format!("stream:{demo}");
    assert_eq!(page.subscribe(&topic).await, json!({ "type": "subscribed", "topic": topic }));
    changed(&server, other).await;
    changed(&server, demo).await;
    let told = page.event("stream.updated").await;
    assert_eq!((&told["topic"], &told["data"]), (&json!(topic), &json!({ "id": demo, "name": "demo" })));
    assert!(told["at"].as_i64().unwrap() > 1_600_000_000_000);
    page.say(json!({ "type": "unsubscribe", "topic": topic })).await;
    assert_eq!(page.hears().await["type"], "unsubscribed");
    changed(&server, demo).await;
    page.hears_nothing().await;
}

#[tokio::test]
async fn lists_hear_of_listed_streams_only() {
    let server = Server::start().await;
    let mut page = Page::of(&server, None).await;
    assert_eq!(page.subscribe("streams").await["type"], "subscribed");
    changed(&server, server.people.id("hidden")).await;
    changed(&server, server.people.id("demo")).await;
    assert_eq!(page.event("stream.updated").await["data"]["name"], "demo");
}

#[tokio::test]
async fn an_owner_hears_what_the_studio_hears_and_who_moderates_too() {
    let server = Server::start().await;
    for token in [server.people.token(OWNER).await, server.people.token(MODERATOR).await] {
        let mut page = Page::of(&server, Some(&token)).await;
        for stream in ["demo", "hidden"] {
            let topic = format!("studio:{}", server.people.id(stream));
            assert_eq!(page.subscribe(&topic).await["type"], "subscribed");
        }
        changed(&server, server.people.id("hidden")).await;
        assert_eq!(page.event("stream.updated").await["data"]["name"], "hidden");
    }
}

#[tokio::test]
async fn a_page_that_is_not_allowed_to_hear_something_is_told_so() {
    let server = Server::start().await;
    let stranger = server.people.token(STRANGER).await;
    let (demo, hidden) = (server.people.id("demo"), server.people.id("hidden"));
    let refused = [
        (None, "me".to_owned(), "unauthorized"),
        (None, format!("studio:{demo}"), "unknown_stream"),
        (None, format!("stream:{hidden}"), "unknown_stream"),
        (Some(&stranger), format!("studio:{demo}"), "unknown_stream"),
        (Some(&stranger), format!("stream:{hidden}"), "unknown_stream"),
        (Some(&stranger), format!("stream:{}", uuid_of_nothing()), "unknown_stream"),
        (Some(&stranger), "studio:demo".to_owned(), "not_found"),
        (Some(&stranger), "secrets".to_owned(), "not_found"),
    ];
    for (token, topic, code) in refused {
        let mut page = Page::of(&server, token.map(String::as_str)).await;
        let answer = page.subscribe(&topic).await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!(code)), "{topic}: {answer}");
        assert_eq!(answer["topic"], topic);
    }
    let mut page = Page::of(&server, Some(&stranger)).await;
    for topic in ["streams".to_owned(), format!("stream:{demo}"), "me".to_owned()] {
        assert_eq!(page.subscribe(&topic).await["type"], "subscribed");
    }
}

#[tokio::test]
async fn a_token_that_is_not_ours_is_refused_and_the_page_may_try_again() {
    let server = Server::start().await;
    let mut page = Page::open(&server).await;
    for token in ["nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "sl_0000000000000000000000000000"] {
        page.say(json!({ "type": "hello", "token": token })).await;
        assert_eq!(page.hears().await["type"], "error", "{token}");
    }
    page.say(json!({ "type": "hello" })).await;
    assert_eq!(page.hears().await["type"], "hello");
}

#[tokio::test]
async fn garbage_is_answered_and_much_of_it_ends_the_connection() {
    let server = Server::start().await;
    let mut page = Page::of(&server, None).await;
    let garbage = [
        Message::text("{"),
        Message::text("[]"),
        Message::text("{\"type\":\"publish\"}"),
        Message::text("{\"type\":\"ping\",\"more\":1}"),
        Message::binary(vec![0, 159, 146, 150]),
        Message::text(format!("{{\"type\":\"subscribe\",\"topic\":\"{}\"}}", "x".repeat(5000))),
    ];
    for message in garbage {
        page.raw(message).await;
        assert_eq!(page.hears().await["type"], "error");
    }
    page.say(json!({ "type": "ping" })).await;
    assert_eq!(page.hears().await, json!({ "type": "pong" }));
    for _ in 0..30 {
        if page.0.send(Message::text("{")).await.is_err() {
            break;
        }
    }
    assert_eq!(page.ends().await.0, 1008);
}

#[tokio::test]
async fn a_huge_message_ends_the_connection_and_nobody_else_notices() {
    let server = Server::start().await;
    let mut other = Page::of(&server, None).await;
    let mut page = Page::of(&server, None).await;
    // The server may cut the connection before it has taken in all of it.
    let _cut = page.0.send(Message::text("x".repeat(4 * 1024 * 1024))).await;
    let end = tokio::time::timeout(Duration::from_secs(10), page.0.next()).await.expect("it went on");
    assert!(!matches!(end, Some(Ok(Message::Text(_)))), "{end:?}");
    other.say(json!({ "type": "ping" })).await;
    assert_eq!(other.hears().await["type"], "pong");
}

#[tokio::test]
async fn a_page_has_only_so_many_topics() {
    let server = Server::start().await;
    let mut page = Page::of(&server, None).await;
    for number in 0..64 {
        let stream = server.people.stream(&format!("more-{number}"), AccessLevel::Public, &[]).await;
        assert_eq!(page.subscribe(&format!("stream:{stream}")).await["type"], "subscribed");
    }
    let refused = page.subscribe("streams").await;
    assert_eq!((&refused["type"], &refused["code"]), (&json!("error"), &json!("rate_limited")));
}

#[tokio::test]
async fn who_says_nothing_or_no_hello_first_is_sent_away() {
    let server = Server::start().await;
    let mut eager = Page::open(&server).await;
    eager.say(json!({ "type": "subscribe", "topic": "streams" })).await;
    assert_eq!(eager.ends().await.0, 1008);
    let mut silent = Page::open(&server).await;
    assert_eq!(silent.ends().await, (1008, "the first message must be a hello".to_owned()));
}

#[tokio::test]
async fn a_revoked_sign_in_ends_its_pages_and_no_others() {
    let server = Server::start().await;
    let (owner, stranger) = (server.people.token(OWNER).await, server.people.token(STRANGER).await);
    let mut leaves = Page::of(&server, Some(&owner)).await;
    let mut stays = Page::of(&server, Some(&stranger)).await;
    assert_eq!(stays.subscribe("streams").await["type"], "subscribed");
    server.people.end_sessions(OWNER).await;
    let told = leaves.hears().await;
    assert_eq!((&told["topic"], &told["event"]), (&json!("me"), &json!("session.revoked")));
    assert_eq!(leaves.ends().await, (1008, "session revoked".to_owned()));
    stays.hears_nothing().await;
}

#[tokio::test]
async fn a_page_stops_hearing_of_a_stream_that_became_private() {
    let server = Server::start().await;
    let demo = server.people.id("demo");
    let mut page = Page::of(&server, None).await;
    let topic = format!("stream:{demo}");
    assert_eq!(page.subscribe(&topic).await["type"], "subscribed");
    server.people.set_access("demo", AccessLevel::Private).await;
    changed(&server, demo).await;
    let told = loop {
        let message = page.hears().await;
        if message["type"] == "unsubscribed" {
            break message;
        }
    };
    assert_eq!((&told["topic"], &told["code"]), (&json!(topic), &json!("unknown_stream")));
}

#[tokio::test]
async fn a_node_that_shuts_down_tells_its_pages_to_come_back() {
    let server = Server::start().await;
    let mut page = Page::of(&server, None).await;
    server.live.drain(None).await;
    assert_eq!(page.ends().await.0, 1012);
}

#[tokio::test]
async fn a_plain_request_to_the_websocket_is_refused() {
    let server = Server::start().await;
    assert_eq!(server.send("GET", "/ws").await.status(), 400);
}

fn uuid_of_nothing() -> sluice_domain::StreamId {
    sluice_domain::StreamId(uuid::Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0bad))
}

async fn changed(server: &Server, stream: sluice_domain::StreamId) {
    server.live.stream_changed(server.people.org, stream).await.unwrap();
}
