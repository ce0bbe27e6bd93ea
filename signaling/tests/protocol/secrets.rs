//! Keys, session ids and what is said in chats stay out of the logs, whatever the level.

use std::io;
use std::sync::{Arc, Mutex};

use crate::chat::member::Member;
use crate::people::{OWNER, STRANGER};
use crate::server::{KEY, Opened, Server, offer};

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn t23_keys_and_session_ids_are_never_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // Where a process has one subscriber, `tracing` asks only the thread that meets a call site first
    // whether it is of interest; other tests run on other threads, and have none.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    // The test, the server and its client share one thread, so this hears all of them.
    let listening = tracing::subscriber::set_default(subscriber);
    let server = Server::start().await;
    let ffmpeg = offer("whip-ffmpeg-9.0.2");
    let post = server.offer(&format!("/whip/demo?token={KEY}"), &ffmpeg).bearer_auth(KEY);
    let session = Opened::of(post.send().await.unwrap()).await.location;
    server.offer("/whip/demo", &ffmpeg).bearer_auth("wrong-key-of-a-person").send().await.unwrap();
    server.fragment(&session, "hello").header("If-Match", "*").send().await.unwrap();
    server.send("DELETE", &session).await;
    let said = chat(&server).await;
    drop(listening);

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    // What the HTTP libraries of the test's own client say is not the server's.
    let ours: Vec<&str> = log.lines().filter(|line| line.contains("sluice")).collect();
    assert!(ours.iter().any(|line| line.contains("publishing")), "{ours:#?}");
    let id = session.rsplit('/').next().unwrap();
    for line in ours {
        for secret in [KEY, "wrong-key-of-a-person", id].into_iter().chain(said) {
            assert!(!line.contains(secret), "{line}");
        }
    }
}

/// Says something that is delivered, held, refused and taken away; the words that must not be logged.
async fn chat(server: &Server) -> [&'static str; 3] {
    let mut owner = Member::of(server, Some(OWNER)).await;
    let mut stranger = Member::of(server, Some(STRANGER)).await;
    let words = ["umbrella-delivered", "umbrella-held", "umbrella-refused"];
    assert_eq!(stranger.tries(words[0]).await["state"], "delivered");
    stranger.until(|event| event["state"] == "stored").await;
    let held = stranger.tries(&format!("https://example.org/{}", words[1])).await;
    assert_eq!(held["state"], "held");
    let long = stranger.tries(&words[2].repeat(40)).await;
    assert_eq!(long["code"], "message_too_long");
    stranger.page.raw(tokio_tungstenite::tungstenite::Message::text(format!("{{{}", words[2]))).await;
    assert_eq!(owner.tries("/clear").await["state"], "done");
    words
}
