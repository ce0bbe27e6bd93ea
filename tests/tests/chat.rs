//! Chats of the real server: what is remembered, the bots of the documentation, many members.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use sluice_e2e::chat::{Member, Person};
use sluice_e2e::server::{STREAM, Server};
use sluice_e2e::tool::{Running, load_tool, publish};

/// Between two messages of an owner, who may send twenty a second.
const PAUSE: Duration = Duration::from_millis(60);

/// A bot of the documentation.
fn bot(command: &mut Command, server: &Server, key: &str) -> anyhow::Result<Running> {
    let command = command
        .env("SLUICE_URL", server.ready.http.trim_end_matches('/'))
        .env("SLUICE_STREAM", STREAM)
        .env("SLUICE_KEY", key);
    Running::start(command)
}

async fn presence(member: &mut Member, accounts: u64) -> anyhow::Result<()> {
    if member.joined["presence"]["accounts"].as_u64() >= Some(accounts) {
        return Ok(());
    }
    member
        .until(|event| event["type"] == "presence" && event["accounts"].as_u64() >= Some(accounts))
        .await
        .map(drop)
        .context("not all came")
}

// Requirements: R186, R187
#[tokio::test]
async fn the_bots_of_the_documentation_answer_ping_with_pong() -> anyhow::Result<()> {
    let server = Server::start("").await?;
    let (rusty, nody) = (Person::new(&server, "rusty").await?, Person::new(&server, "nody").await?);
    let mut vera = Member::join(&server, STREAM, Some(Person::new(&server, "vera").await?.token())).await?;
    let mut rust = Command::new(env!("CARGO_BIN_EXE_sluice-ping-bot"));
    let _rust = bot(&mut rust, &server, &rusty.bot_key().await?)?;
    let mut node = Command::new("node");
    // Node 20 has its WebSocket behind this; later ones ignore it.
    node.args(["--experimental-websocket", "../docs/bots/ping_bot.mjs"]);
    node.current_dir(env!("CARGO_MANIFEST_DIR"));
    let _node = bot(&mut node, &server, &nody.bot_key().await?)?;
    presence(&mut vera, 3).await?;
    vera.say("1", "!ping").await?;
    let mut answered: Vec<String> = Vec::new();
    while answered.len() < 2 {
        let pong = vera.hears("pong").await?;
        ensure!(pong["reply_to"]["text"] == "!ping" && pong["author"]["badges"] == json!(["bot"]), "{pong}");
        answered.push(pong["author"]["handle"].as_str().unwrap_or_default().to_owned());
    }
    answered.sort_unstable();
    ensure!(answered == ["nody", "rusty"], "{answered:?}");
    Ok(())
}

// Requirements: R191
#[tokio::test]
async fn what_was_acknowledged_as_stored_survives_a_kill_of_the_server() -> anyhow::Result<()> {
    let server = Server::start("").await?;
    let mut member = Member::join(&server, STREAM, Some(Person::owner(&server).await?.token())).await?;
    for number in 0..40 {
        member.say(&number.to_string(), &format!("message {number}")).await?;
        // The last ones come at once, so that the server dies while it writes.
        let pause = if number < 30 { PAUSE } else { Duration::ZERO };
        tokio::time::sleep(pause).await;
    }
    let mut stored: Vec<String> = Vec::new();
    while stored.len() < 20 {
        let ack = member.until(|event| event["type"] == "ack" && event["state"] == "stored").await?;
        stored.push(ack["id"].as_str().context("an acknowledgement without id")?.to_owned());
    }
    let folder = server.kill()?;
    // What had come before the kill counts too.
    while let Ok(Some(event)) = member.next().await {
        if event["type"] == "ack" && event["state"] == "stored" {
            stored.push(event["id"].as_str().unwrap_or_default().to_owned());
        }
    }

    let server = Server::start_on(folder, "", "", &[]).await?;
    let owner = Person::owner(&server).await?;
    let path = format!("/streams/{STREAM}/chat/messages?limit=100");
    let kept = owner.call("GET", &path, None).await?;
    let kept: Vec<&str> = items(&kept)?.iter().filter_map(|message| message["id"].as_str()).collect();
    for id in &stored {
        ensure!(kept.iter().filter(|kept| *kept == id).count() == 1, "{id} is not once among {kept:?}");
    }
    // Whoever joins now is told the same.
    let again = Member::join(&server, STREAM, Some(owner.token())).await?;
    let history = again.joined["history"].as_array().context("no history")?;
    let last = history.last().and_then(|message| message["id"].as_str());
    ensure!(last.map(str::to_owned) == kept.iter().max().map(|id| (*id).to_owned()), "{last:?} of {kept:?}");
    Ok(())
}

fn items(list: &Value) -> anyhow::Result<&Vec<Value>> {
    list["items"].as_array().with_context(|| list.to_string())
}

// Requirements: R191
#[tokio::test]
async fn the_chat_of_a_broadcast_is_exported_and_what_was_said_outside_of_it_is_not() -> anyhow::Result<()> {
    let server = Server::start("").await?;
    let owner = Person::owner(&server).await?;
    let mut member = Member::join(&server, STREAM, Some(owner.token())).await?;
    let stored =
        |number: &'static str| move |event: &Value| event["ref"] == number && event["state"] == "stored";
    member.say("1", "before").await?;
    member.until(stored("1")).await?;
    let publisher = publish(&server, &["--duration", "60s"])?;
    let broadcast = until_live(&owner).await?;
    for (number, text) in [("2", "first, with a \"quote\", and a comma"), ("3", "second ✨")] {
        member.say(number, text).await?;
    }
    member.until(stored("3")).await?;
    drop(publisher);

    let path = format!("/streams/{STREAM}/broadcasts/{broadcast}/chat");
    let lines = owner.text("GET", &path, None).await?;
    let messages: Vec<Value> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let texts: Vec<&str> = messages.iter().filter_map(|message| message["text"].as_str()).collect();
    ensure!(texts == ["first, with a \"quote\", and a comma", "second ✨"], "{lines}");
    let table = owner.text("GET", &format!("{path}?format=csv"), None).await?;
    ensure!(table.contains("\"first, with a \"\"quote\"\", and a comma\""), "{table}");
    ensure!(table.contains("second ✨") && !table.contains("before"), "{table}");
    Ok(())
}

/// The broadcast, once pictures flow.
async fn until_live(owner: &Person) -> anyhow::Result<String> {
    let started = Instant::now();
    loop {
        let stream = owner.call("GET", &format!("/streams/{STREAM}"), None).await?;
        let found = owner.call("GET", &format!("/streams/{STREAM}/broadcasts"), None).await?;
        let broadcast = items(&found)?.first().and_then(|broadcast| broadcast["id"].as_str());
        if let (true, Some(id)) = (stream["state"] == "live", broadcast) {
            return Ok(id.to_owned());
        }
        ensure!(started.elapsed() < Duration::from_secs(20), "nobody is live: {stream}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

// Requirements: R186, R187, R189
#[tokio::test]
async fn members_on_both_transports_hear_every_message_in_one_order() -> anyhow::Result<()> {
    let mut command = Command::new(load_tool()?);
    command.args(["chat", "--quiet", "--members", "40", "--rate", "20", "--seconds", "4", "--json", "-"]);
    command
        .args(["--transport", "mixed", "--join-rate", "40", "--server"])
        .arg(sluice_e2e::server::binary()?);
    // Server and tool may run everywhere: there may be but one processor.
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let report: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    ensure!(output.status.success(), "{report}");
    ensure!(report["members"] == 40 && report["lost"] == 0 && report["reordered"] == 0, "{report}");
    ensure!(report["delivered"] == 40 * 80 && report["stored"] == 80, "{report}");
    Ok(())
}
