//! Who talks: accounts of a server of our own, each with a key for programs, as operators and people
//! make them.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Client, Response, Url};
use serde_json::{Value, json};
use sluice_domain::Redacted;

use crate::bench::server::Server;

/// Of accounts that only this machine reaches, for as long as the run takes.
const PASSWORD: &str = "Talkative-0nce-and-g0ne";

/// Makes so many accounts and a key with the scopes of a bot for each.
pub(crate) async fn api_keys(server: &Server, base: &Url, count: u32) -> Result<Vec<Redacted<String>>> {
    let client = Client::new();
    let mut keys = Vec::new();
    for number in 0..count {
        let (email, handle) = (format!("talker-{number}@example.org"), format!("talker{number}"));
        let create = ["account", "create", "--email", &email, "--handle", &handle, "--role", "viewer"];
        server.command(&[&create[..], &["--password-file", "-"]].concat(), PASSWORD)?;
        let known = json!({ "email": email, "password": PASSWORD });
        let tokens = client.post(base.join("/api/v1/auth/sign-in")?).json(&known).send().await;
        let tokens = body(tokens.context("signing in")?).await.context("signing in")?;
        let access = tokens["access_token"].as_str().context("signing in gave no token")?;
        let wanted = json!({ "name": "sluice-load", "scopes": ["read:chat", "write:chat"] });
        let made = client.post(base.join("/api/v1/me/api-keys")?).bearer_auth(access).json(&wanted);
        let made =
            body(made.send().await.context("making an API key")?).await.context("making an API key")?;
        keys.push(Redacted::new(made["key"].as_str().context("there is no API key")?.to_owned()));
    }
    Ok(keys)
}

/// The id of a stream, by which its chat is named on the WebSocket.
pub(crate) async fn stream_id(base: &Url, name: &str) -> Result<String> {
    let answer = Client::new().get(base.join(&format!("/api/v1/streams/{name}"))?).send().await;
    let stream = body(answer.context("asking for the stream")?).await.context("asking for the stream")?;
    stream["id"].as_str().map(str::to_owned).context("the stream has no id")
}

async fn body(answer: Response) -> Result<Value> {
    let status = answer.status();
    let text = answer.text().await.context("reading the answer")?;
    ensure!(status.is_success(), "the server answered {status}: {text}");
    serde_json::from_str(&text).context("reading the answer")
}
