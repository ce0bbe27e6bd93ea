//! Mails, against a real SMTP server that the test starts.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use sluice_accounts::clock::MINUTE;
use sluice_accounts::{SmtpConfig, SmtpTls};
use tokio_util::sync::CancellationToken;

use crate::world::{World, client, sign_up, token_of};

/// A mail server that prints every mail as one line of JSON.
struct Sink {
    child: Child,
    port: u16,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

const PROGRAM: &str = r#"
import asyncio, email, email.policy, json, sys
from aiosmtpd.controller import UnthreadedController

class Printer:
    async def handle_DATA(self, server, session, envelope):
        if "refused" in envelope.rcpt_tos[0]:
            return "550 no such mailbox"
        if "later" in envelope.rcpt_tos[0]:
            return "451 try again later"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
        print(json.dumps({"from": mail["From"], "to": envelope.rcpt_tos, "subject": mail["Subject"],
            "auto": mail["Auto-Submitted"], "text": parts["text/plain"], "html": parts["text/html"]}), flush=True)
        return "250 OK"

loop = asyncio.new_event_loop()
controller = UnthreadedController(Printer(), hostname="127.0.0.1", port=0, loop=loop)
controller.begin()
print(controller.server.sockets[0].getsockname()[1], flush=True)
loop.run_forever()
"#;

/// The Python of the tests, which `scripts/setup test` makes.
fn python() -> PathBuf {
    let tools = std::env::var_os("SLUICE_TOOLS_DIR").map(PathBuf::from);
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    tools.unwrap_or_else(|| root.join("target/tools")).join("venv/bin/python")
}

impl Sink {
    fn start() -> Self {
        let python = python();
        let mut child =
            Command::new(&python).args(["-c", PROGRAM]).stdout(Stdio::piped()).spawn().unwrap_or_else(
                |error| panic!("{} cannot be run ({error}); run: scripts/setup test", python.display()),
            );
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().expect("the mail server starts; run: scripts/setup test").unwrap();
        Self { child, port: port.parse().unwrap(), lines }
    }

    fn config(&self) -> SmtpConfig {
        SmtpConfig {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            user: None,
            password: None,
            tls: SmtpTls::None,
            from: "Garden TV <tv@example.org>".to_owned(),
        }
    }

    fn next(&mut self) -> serde_json::Value {
        serde_json::from_str(&self.lines.next().expect("a mail arrives").unwrap()).unwrap()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// Requirements: R12
#[tokio::test]
async fn a_verification_mail_arrives_in_the_language_of_its_reader_and_its_link_works() {
    let mut sink = Sink::start();
    let smtp = sink.config();
    for world in
        World::all_with(|config| sluice_accounts::AccountsConfig { smtp: Some(smtp.clone()), ..config }).await
    {
        let mut ann = sign_up("ann");
        ann.locale = Some("de-DE".to_owned());
        world.accounts.sign_up(&ann, &client(1)).await.unwrap();
        assert_eq!(world.accounts.send_mail_once().await.unwrap(), 1);
        let mail = sink.next();
        assert_eq!(mail["to"], serde_json::json!(["ann@example.org"]));
        assert_eq!(mail["from"], "Garden TV <tv@example.org>");
        assert_eq!(mail["subject"], "Bestätige deine Adresse für Garden TV");
        assert_eq!(mail["auto"], "auto-generated");
        assert!(mail["html"].as_str().unwrap().contains("https://tv.example.org/verify-email#token="));
        let token = token_of(mail["text"].as_str().unwrap());
        world.accounts.verify_email(&token, &client(1)).await.unwrap();
        // Sent once, and its link is not kept.
        assert_eq!(world.accounts.send_mail_once().await.unwrap(), 0);
        let kept = world.mails("ann@example.org").await;
        assert!(kept[0].sent_at.is_some() && kept[0].text.is_empty() && kept[0].html.is_empty());
    }
}

#[tokio::test]
async fn a_mail_that_is_not_taken_is_tried_again_and_one_that_is_refused_is_not() {
    let mut sink = Sink::start();
    let smtp = sink.config();
    for world in
        World::all_with(|config| sluice_accounts::AccountsConfig { smtp: Some(smtp.clone()), ..config }).await
    {
        for name in ["later", "refused"] {
            world.accounts.sign_up(&sign_up(name), &client(1)).await.unwrap();
        }
        assert_eq!(world.accounts.send_mail_once().await.unwrap(), 2);
        assert_eq!(world.accounts.send_mail_once().await.unwrap(), 0, "tried again at once");
        let later = &world.mails("later@example.org").await[0];
        assert!(later.last_error.as_deref().unwrap().contains("try again later"), "{:?}", later.last_error);
        world.clock.advance(MINUTE);
        assert_eq!(world.accounts.send_mail_once().await.unwrap(), 1, "the one that may be taken later");
        let refused = &world.mails("refused@example.org").await[0];
        assert_eq!((refused.attempts, refused.sent_at), (1, None));
        // The rest of the outbox does not wait for them.
        world.accounts.sign_up(&sign_up("ann"), &client(1)).await.unwrap();
        assert_eq!(world.accounts.send_mail_once().await.unwrap(), 1);
        assert_eq!(sink.next()["to"], serde_json::json!(["ann@example.org"]));
    }
}

#[tokio::test]
async fn the_worker_sends_what_is_put_into_the_outbox_and_stops_when_told() {
    let mut sink = Sink::start();
    let smtp = sink.config();
    for world in
        World::all_with(|config| sluice_accounts::AccountsConfig { smtp: Some(smtp.clone()), ..config }).await
    {
        let stop = CancellationToken::new();
        let worker = tokio::spawn({
            let (accounts, stop) = (world.accounts.clone(), stop.clone());
            async move { accounts.run_mail(stop).await }
        });
        world.accounts.sign_up(&sign_up("ann"), &client(1)).await.unwrap();
        let mail;
        (sink, mail) = tokio::task::spawn_blocking(move || {
            let mail = sink.next();
            (sink, mail)
        })
        .await
        .unwrap();
        assert_eq!(mail["subject"], "Confirm your address for Garden TV");
        stop.cancel();
        worker.await.unwrap().unwrap();
    }
}

// Requirements: R8
#[tokio::test]
async fn without_a_mail_server_an_operator_finds_the_link_in_the_outbox() {
    for world in World::all().await {
        world.person("ann").await;
        world.accounts.forgot_password("ann@example.org", &client(1)).await.unwrap();
        assert_eq!(world.accounts.send_mail_once().await.unwrap(), 0);
        let token = world.mailed_token("ann@example.org").await;
        world.accounts.reset_password(&token, "Orange7Garden", &client(1)).await.unwrap();
    }
}
