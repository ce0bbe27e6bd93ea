//! What is remembered survives what happens to the process.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use sluice_e2e::server::{KEY, OWNER, PASSWORD, Place, STREAM, Server};

const WHIP_OFFER: &str = include_str!("../fixtures/whip-chromium.sdp");

/// A server for publishers that never connect: they are to be there until the test ends them.
async fn patient() -> anyhow::Result<Server> {
    Server::start_at(&Place::patient(), tempfile::tempdir()?, "", "", &[(STREAM, &[KEY])]).await
}

async fn publish(server: &Server) -> anyhow::Result<()> {
    let offer: String =
        WHIP_OFFER.lines().map(|line| format!("{}\r\n", line.trim_end_matches('\r'))).collect();
    let response = reqwest::Client::new()
        .post(server.url(&format!("/whip/{STREAM}")))
        .bearer_auth(KEY)
        .header("content-type", "application/sdp")
        .body(offer)
        .send()
        .await
        .context("the offer was not answered")?;
    ensure!(response.status() == 201, "{}", response.status());
    Ok(())
}

async fn sign_in(server: &Server) -> anyhow::Result<String> {
    let answer = reqwest::Client::new()
        .post(server.url("/api/v1/auth/sign-in"))
        .json(&json!({ "email": OWNER, "password": PASSWORD }))
        .send()
        .await?;
    let status = answer.status();
    let body: Value = answer.json().await?;
    ensure!(status == 200, "{status}: {body}");
    body["access_token"].as_str().map(str::to_owned).context("no token")
}

async fn broadcasts(server: &Server, token: &str) -> anyhow::Result<Vec<Value>> {
    let url = server.url(&format!("/api/v1/streams/{STREAM}/broadcasts"));
    let answer = reqwest::Client::new().get(url).bearer_auth(token).send().await?;
    let body: Value = answer.json().await?;
    body["items"].as_array().cloned().with_context(|| body.to_string())
}

async fn until_there_is_one(server: &Server, token: &str) -> anyhow::Result<Value> {
    let started = Instant::now();
    loop {
        if let Some(found) = broadcasts(server, token).await?.first() {
            return Ok(found.clone());
        }
        ensure!(started.elapsed() < Duration::from_secs(10), "no broadcast was written down");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_broadcast_that_a_killed_server_left_open_is_closed_by_the_next_start() -> anyhow::Result<()> {
    let server = patient().await?;
    let token = sign_in(&server).await?;
    publish(&server).await?;
    let running = until_there_is_one(&server, &token).await?;
    ensure!(running["ended_at"].is_null(), "{running}");
    let folder = server.kill()?;

    let server = Server::start_on(folder, "", "", &[]).await?;
    let token = sign_in(&server).await?;
    let started = Instant::now();
    let closed = loop {
        let found = until_there_is_one(&server, &token).await?;
        if !found["ended_at"].is_null() {
            break found;
        }
        ensure!(started.elapsed() < Duration::from_secs(10), "{found}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    ensure!(closed["id"] == running["id"] && closed["end_reason"] == "node_lost", "{closed}");
    let (began, ended) = (closed["started_at"].as_i64(), closed["ended_at"].as_i64());
    ensure!(began <= ended, "{closed}");
    let stream = server.url(&format!("/api/v1/streams/{STREAM}"));
    let stream: Value = reqwest::get(stream).await?.json().await?;
    ensure!(stream["state"] == "offline", "{stream}");
    Ok(())
}

#[tokio::test]
async fn a_key_that_the_command_line_rotates_ends_its_publisher() -> anyhow::Result<()> {
    let server = patient().await?;
    let token = sign_in(&server).await?;
    publish(&server).await?;
    until_there_is_one(&server, &token).await?;
    server.command(&["stream", "rotate-key", STREAM], "")?;
    let started = Instant::now();
    loop {
        let found = until_there_is_one(&server, &token).await?;
        if found["end_reason"] == "revoked" {
            return Ok(());
        }
        ensure!(started.elapsed() < Duration::from_secs(10), "{found}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
