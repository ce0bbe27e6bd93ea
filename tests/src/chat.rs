//! People and programs in a chat, by the API and the WebSocket.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::server::{OWNER, PASSWORD, Server};

/// How long an answer may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(15);

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    base: String,
    token: String,
}

impl Person {
    /// The owner of the streams, who is an administrator.
    pub async fn owner(server: &Server) -> anyhow::Result<Self> {
        Self::sign_in(server, OWNER).await
    }

    /// A new account with this handle.
    pub async fn new(server: &Server, handle: &str) -> anyhow::Result<Self> {
        let email = format!("{handle}@example.org");
        let create = ["account", "create", "--email", &email, "--handle", handle, "--role", "viewer"];
        server.command(&[&create[..], &["--password-file", "-"]].concat(), PASSWORD)?;
        Self::sign_in(server, &email).await
    }

    async fn sign_in(server: &Server, email: &str) -> anyhow::Result<Self> {
        let nobody = Self { base: server.url("/api/v1"), token: String::new() };
        let known = json!({ "email": email, "password": PASSWORD });
        let tokens = nobody.call("POST", "/auth/sign-in", Some(known)).await?;
        let token = tokens["access_token"].as_str().context("no token")?.to_owned();
        Ok(Self { token, ..nobody })
    }

    /// The access token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Asks the API; the text of an answer that must be good.
    pub async fn text(&self, method: &str, path: &str, body: Option<Value>) -> anyhow::Result<String> {
        let method = method.parse().context("no such method")?;
        let mut request = reqwest::Client::new().request(method, format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.with_context(|| format!("{path} was not answered"))?;
        let status = answer.status();
        let text = answer.text().await.context("the answer broke off")?;
        ensure!(status.is_success(), "{path}: {status} {text}");
        Ok(text)
    }

    /// Asks the API; the JSON of an answer that must be good.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let text = self.text(method, path, body).await?;
        serde_json::from_str(&text).with_context(|| format!("{path} answered {text}"))
    }

    /// A key with the scopes of a bot.
    pub async fn bot_key(&self) -> anyhow::Result<String> {
        let wanted = json!({ "name": "bot", "scopes": ["read:chat", "write:chat"] });
        let made = self.call("POST", "/me/api-keys", Some(wanted)).await?;
        made["key"].as_str().map(str::to_owned).context("there is no key")
    }
}

/// A member on the WebSocket.
pub struct Member {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    topic: String,
    /// What it was told when it joined.
    pub joined: Value,
}

impl Member {
    /// Joins the chat of a stream with an access token or API key, or as nobody.
    pub async fn join(server: &Server, stream: &str, token: Option<&str>) -> anyhow::Result<Self> {
        let shown: Value =
            reqwest::get(server.url(&format!("/api/v1/streams/{stream}"))).await?.json().await?;
        let topic = format!("chat:{}", shown["id"].as_str().with_context(|| shown.to_string())?);
        let url = server.url("/ws").replacen("http", "ws", 1);
        let (socket, _) = connect_async(url).await.context("cannot connect to the WebSocket")?;
        let mut member = Self { socket, topic, joined: Value::Null };
        let mut hello = json!({ "type": "hello" });
        if let Some(token) = token {
            hello["token"] = json!(token);
        }
        member.send(&hello).await?;
        member.until(|event| event["type"] == "hello").await.context("hello was not answered")?;
        member.request(json!({ "type": "join", "v": 1 })).await?;
        member.joined =
            member.until(|event| event["type"] == "joined").await.context("join was not answered")?;
        Ok(member)
    }

    async fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        self.socket.send(Message::text(message.to_string())).await.context("cannot write to the WebSocket")
    }

    /// Sends a request of the chat.
    pub async fn request(&mut self, mut request: Value) -> anyhow::Result<()> {
        request["topic"] = json!(self.topic);
        self.send(&request).await
    }

    /// Says something; `ack` and `error` bring the reference back.
    pub async fn say(&mut self, reference: &str, text: &str) -> anyhow::Result<()> {
        self.request(json!({ "type": "message", "ref": reference, "text": text })).await
    }

    /// The next event, or nothing where the connection ended.
    pub async fn next(&mut self) -> anyhow::Result<Option<Value>> {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.context("nothing came")? {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(&text).map(Some).with_context(|| text.to_string());
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(None),
                Some(Ok(_)) => {}
            }
        }
    }

    /// The first event that fits.
    pub async fn until(&mut self, mut fits: impl FnMut(&Value) -> bool) -> anyhow::Result<Value> {
        let search = async {
            let mut latest = Value::Null;
            while let Some(event) = self.next().await? {
                if fits(&event) {
                    return Ok(event);
                }
                latest = event;
            }
            bail!("the connection ended; the latest event was {latest}")
        };
        timeout(PATIENCE, search).await.context("no such event came")?
    }

    /// Waits for a message with this text.
    pub async fn hears(&mut self, text: &str) -> anyhow::Result<Value> {
        let event = self.until(|event| event["type"] == "message" && event["message"]["text"] == text).await;
        Ok(event.with_context(|| format!("`{text}` was not heard"))?["message"].take())
    }
}
