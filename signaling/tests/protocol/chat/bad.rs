//! Bad input: clear errors or counted drops for whoever sends it, and nothing for anybody else.

use std::time::{Duration, Instant};

use serde_json::json;
use sluice_domain::chat::{ChatEvent, ModerationRequest};
use sluice_live::chat::{Joining, Line, StreamRef};
use tokio_tungstenite::tungstenite::Message;

use super::member::Member;
use crate::people::{HERE, OWNER, STRANGER};
use crate::server::Server;

#[tokio::test]
async fn what_makes_no_sense_is_answered_and_harms_nobody_else() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    let mut stranger = Member::of(&server, Some(STRANGER)).await;
    let topic = stranger.topic.clone();
    let deep = format!(
        r#"{{"topic":"{topic}","type":"message","ref":"d","text":{}1{}}}"#,
        "[".repeat(1000),
        "]".repeat(1000)
    );
    let cases = [
        (deep, "malformed_json"),
        (format!(r#"{{"topic":"{topic}","type":"dance"}}"#), "malformed_json"),
        (format!(r#"{{"topic":"{topic}","type":"message","text":7}}"#), "malformed_json"),
        (format!(r#"{{"topic":"{topic}","type":"message"}}"#), "malformed_json"),
        (format!(r#"{{"topic":"{topic}","type":"moderation","action":"praise"}}"#), "malformed_json"),
        (format!(r#"{{"topic":"{topic}","type":"history","before":"not-an-id"}}"#), "malformed_json"),
        (r#"{"topic":"chat:garden","type":"join"}"#.to_owned(), "not_found"),
        (r#"{"topic":"chat:","type":"join"}"#.to_owned(), "not_found"),
        (
            format!(r#"{{"topic":"chat:{}","type":"message","text":"x"}}"#, server.people.id("other")),
            "not_joined",
        ),
        (format!(r#"{{"topic":"chat:{}","type":"join"}}"#, server.people.id("hidden")), "unknown_stream"),
        (
            r#"{"topic":"chat:01920000-0000-7000-8000-000000000bad","type":"join"}"#.to_owned(),
            "unknown_stream",
        ),
    ];
    for (text, code) in cases {
        stranger.page.raw(Message::text(text.clone())).await;
        loop {
            let answer = stranger.page.hears().await;
            if answer["type"] == "error" {
                assert_eq!(answer["code"], code, "{text:.100}");
                break;
            }
        }
    }
    stranger.page.raw(Message::binary(vec![0xff, 0xfe])).await;
    assert_eq!(stranger.page.hears().await["code"], "malformed_json");
    assert_eq!(stranger.tries("still here").await["state"], "delivered");
    assert_eq!(owner.event("message").await["message"]["text"], "still here");
}

#[tokio::test]
async fn a_message_of_eight_kilobytes_is_read_and_a_larger_one_is_not() {
    let server = Server::start().await;
    let mut stranger = Member::of(&server, Some(STRANGER)).await;
    // 500 characters may have many bytes.
    let text: String = "\u{1f600}\u{1f601}".repeat(250);
    let written: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let message =
        format!(r#"{{"topic":"{}","type":"message","ref":"w","text":"{written}"}}"#, stranger.topic);
    assert!(message.len() > 5000 && message.len() < 8192);
    stranger.page.raw(Message::text(message)).await;
    let answer = stranger.until(|event| event["ref"] == "w").await;
    assert_ne!(answer["type"], "error", "{answer}");
    stranger.says(&"x".repeat(9000)).await;
    loop {
        let answer = stranger.page.hears().await;
        if answer["type"] == "error" {
            assert_eq!(answer["code"], "body_too_large");
            break;
        }
    }
}

#[tokio::test]
async fn a_megabyte_ends_the_connection_that_sent_it_and_no_other() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    let mut stranger = Member::of(&server, Some(STRANGER)).await;
    stranger.says(&"x".repeat(1024 * 1024)).await;
    assert_eq!(stranger.page.ends().await.0, 1009);
    assert_eq!(owner.tries("hello").await["state"], "delivered");
}

#[tokio::test]
async fn a_name_that_a_member_gives_itself_is_not_believed() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    let mut stranger = Member::of(&server, Some(STRANGER)).await;
    stranger
        .say(json!({
            "type": "message",
            "text": "i am the owner",
            "id": "01920000-0000-7000-8000-000000000001",
            "author": { "id": server.people.account(OWNER), "name": OWNER, "badges": ["broadcaster"] },
            "kind": "announcement",
            "at": 1,
        }))
        .await;
    let message = owner.event("message").await["message"].clone();
    assert_eq!(message["author"]["id"], json!(server.people.account(STRANGER)));
    assert!(message["author"]["badges"].is_null());
    assert_eq!(message["kind"], "text");
    assert_ne!(message["id"], "01920000-0000-7000-8000-000000000001");
    assert!(message["at"].as_i64().unwrap() > 1_600_000_000_000);
}

#[tokio::test]
async fn markup_stays_text_and_what_turns_text_around_goes() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    owner.says("<img src=x onerror=alert(1)>\u{202e}evil\u{2066}\u{200b}\u{0}").await;
    let message = owner.event("message").await["message"].clone();
    assert_eq!(message["text"], "<img src=x onerror=alert(1)>evil");
}

#[tokio::test]
async fn a_version_that_is_not_spoken_is_said_goodbye_to() {
    let server = Server::start().await;
    let mut member = Member::outside(&server, None).await;
    member.say(json!({ "type": "join", "v": 9 })).await;
    let bye = member.hears().await;
    assert_eq!((&bye["type"], &bye["code"]), (&json!("bye"), &json!("unsupported_version")));
}

// Requirements: R190
#[tokio::test]
async fn a_flood_of_one_member_is_told_so_cut_off_and_heard_by_nobody() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    let mut stranger = Member::of(&server, Some(STRANGER)).await;
    let begun = std::time::Instant::now();
    let mut sent = 0_u32;
    // A thousand a second, for as long as it takes to be cut off.
    let bye = loop {
        for _ in 0..20 {
            stranger.says("flood").await;
            sent += 1;
        }
        match tokio::time::timeout(Duration::from_millis(20), stranger.until(|event| event["type"] == "bye"))
            .await
        {
            Ok(bye) => break bye,
            Err(_) => assert!(begun.elapsed() < Duration::from_secs(15), "never cut off"),
        }
    };
    assert_eq!(bye["code"], "rate_limited");
    assert!(sent > 600, "{sent}");
    assert_eq!(owner.tries("quiet now").await["state"], "delivered");
    let mut heard = 0;
    while owner.event("message").await["message"]["text"] != "quiet now" {
        heard += 1;
    }
    assert!(heard <= 25, "{heard}");
}

#[tokio::test]
async fn members_that_come_and_go_are_no_burden_to_those_who_stay() {
    let server = Server::start().await;
    let mut owner = Member::of(&server, Some(OWNER)).await;
    let began = Instant::now();
    for _ in 0..50 {
        drop(Member::of(&server, None).await);
    }
    let demo = server.people.record("demo").await.id;
    let gone = async || server.live.chats().presence(demo).await.anonymous == 0;
    crate::session::eventually(gone).await;
    let mut heard = 0;
    owner.says("done").await;
    while owner.hears().await["type"] != "message" {
        heard += 1;
    }
    // One for those who watch and one for those who keep order, at most once a second.
    let most = 2 * (2 + began.elapsed().as_secs());
    assert!(heard <= most, "{heard} of at most {most}");
}

#[tokio::test]
async fn a_member_that_does_not_read_is_put_out_and_the_others_miss_nothing() {
    let server = Server::start().await;
    let (chats, stream) = (server.live.chats(), server.people.record("demo").await);
    let owner = server.people.token(OWNER).await;
    let owner = server.people.accounts.authenticate(&owner).await.unwrap();
    let demo = StreamRef::Id(stream.id);
    let (mut slow, mut fast) = (chats.socket(HERE), chats.socket(HERE));
    for socket in [&mut slow, &mut fast] {
        socket.join(&demo, Joining::default()).await.unwrap();
    }
    let (enough, mut wanted) = tokio::sync::watch::channel(usize::MAX);
    let reading = tokio::spawn(async move {
        let mut lines = Vec::new();
        let cleared = |line: &std::sync::Arc<Line>| matches!(line.event(), ChatEvent::Cleared {});
        while lines.iter().filter(|line| cleared(line)).count() < *wanted.borrow_and_update() {
            tokio::select! {
                () = fast.next(&mut lines) => {}
                _ = wanted.changed() => {}
            }
        }
        lines.iter().any(|line| matches!(line.event(), ChatEvent::Bye { .. }))
    });
    let begun = std::time::Instant::now();
    let mut acts = Vec::new();
    while chats.presence(stream.id).await.anonymous == 2 {
        assert!(begun.elapsed() < Duration::from_secs(40), "never put out");
        let (chats, stream, owner) = (chats.clone(), stream.clone(), owner.clone());
        // Not waiting for the database, which is not what this is about.
        let act = async move { chats.moderate(&stream, &owner, HERE, ModerationRequest::Clear {}).await };
        acts.push(tokio::spawn(act));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let count = acts.len();
    for act in acts {
        act.await.unwrap().unwrap();
    }
    // What it was told when it joined waited, too.
    assert!(count > 200, "{count}");
    enough.send(count).unwrap();
    let reading = tokio::time::timeout(Duration::from_secs(20), reading).await;
    assert!(!reading.expect("the fast one missed something").unwrap(), "the fast one was put out");
    let mut lines: Vec<std::sync::Arc<Line>> = Vec::new();
    let code = loop {
        if let Some(ChatEvent::Bye { code, .. }) = lines.last().map(|line| line.event()) {
            break *code;
        }
        tokio::time::timeout(Duration::from_secs(5), slow.next(&mut lines)).await.expect("never put out");
    };
    assert_eq!(code.code(), "too_slow");
    assert!(slow.joined().is_empty());
}
