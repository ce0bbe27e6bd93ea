//! Keys and session ids stay out of the logs, whatever the level.

use std::io;
use std::sync::{Arc, Mutex};

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
    drop(listening);

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    // What the HTTP libraries of the test's own client say is not the server's.
    let ours: Vec<&str> = log.lines().filter(|line| line.contains("sluice")).collect();
    assert!(ours.iter().any(|line| line.contains("publishing")), "{ours:#?}");
    let id = session.rsplit('/').next().unwrap();
    for line in ours {
        for secret in [KEY, "wrong-key-of-a-person", id] {
            assert!(!line.contains(secret), "{line}");
        }
    }
}
