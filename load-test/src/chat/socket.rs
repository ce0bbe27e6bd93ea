//! A member on the WebSocket `/ws`: the same messages, each with the topic of its chat.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use sluice_domain::chat::ChatRequest;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::member::Member;
use crate::driver::Moment;

/// How long a server may take to accept a connection and to answer to `hello`.
const PATIENCE: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A member that its task and the terminal look at.
pub(crate) type Shared = Arc<Mutex<Member>>;

/// Serves a member until `stop` says so or its connection ends.
pub(crate) async fn run(member: Shared, url: String, topic: String, mut stop: watch::Receiver<bool>) {
    let served = tokio::select! {
        served = serve(&member, &url, &topic) => served,
        _ = stop.wait_for(|stop| *stop) => return,
    };
    let reason = served.err().map_or("the connection was closed".to_owned(), |error| format!("{error:#}"));
    with(&member, |member| member.end(&reason));
}

fn with<T>(member: &Shared, act: impl FnOnce(&mut Member) -> T) -> T {
    act(&mut member.lock().unwrap_or_else(PoisonError::into_inner))
}

async fn serve(member: &Shared, url: &str, topic: &str) -> Result<()> {
    let mut socket = timeout(PATIENCE, enter(member, url)).await.context("the server did not answer")??;
    send(&mut socket, topic, &with(member, |member| member.join())).await?;
    loop {
        let due = with(member, |member| member.due());
        let turn = async {
            match due {
                Some(due) => sleep_until(due.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            received = socket.next() => match received {
                Some(Ok(Message::Text(text))) => {
                    let wall = Moment::now().wall;
                    with(member, |member| member.hear(&text, wall));
                }
                Some(Ok(Message::Close(frame))) => {
                    bail!("closed: {}", frame.map_or(String::new(), |frame| frame.to_string()))
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error).context("reading from the socket"),
                None => return Ok(()),
            },
            () = turn => {
                while let Some(message) = with(member, |member| member.say(Moment::now())) {
                    send(&mut socket, topic, &message).await?;
                }
            }
        }
    }
}

/// Connects and says who it is.
async fn enter(member: &Shared, url: &str) -> Result<Socket> {
    let (mut socket, _) = connect_async(url).await.context("connecting to the WebSocket")?;
    let token = with(member, |member| member.token().map(|token| token.expose().clone()));
    let hello = match token {
        Some(token) => json!({ "type": "hello", "token": token }),
        None => json!({ "type": "hello" }),
    };
    socket.send(Message::text(hello.to_string())).await.context("saying hello")?;
    loop {
        let Some(received) = socket.next().await else { bail!("the connection was closed") };
        let Message::Text(text) = received.context("reading from the socket")? else { continue };
        let answer: Value = serde_json::from_str(&text).context("reading the answer to hello")?;
        match answer["type"].as_str() {
            Some("hello") => return Ok(socket),
            Some("error") => bail!("hello was refused: {}", answer["detail"].as_str().unwrap_or_default()),
            _ => {}
        }
    }
}

async fn send(socket: &mut Socket, topic: &str, request: &ChatRequest) -> Result<()> {
    socket.send(Message::text(with_topic(topic, request)?)).await.context("writing to the socket")
}

fn with_topic(topic: &str, request: &ChatRequest) -> Result<String> {
    let mut value = serde_json::to_value(request).context("writing a request")?;
    value["topic"] = json!(topic);
    Ok(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_which_chat_it_is_for() {
        let text = with_topic("chat:1", &ChatRequest::Ping {}).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value, json!({ "type": "ping", "topic": "chat:1" }));
    }
}
