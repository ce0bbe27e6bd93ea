//! One page on `/ws`: reads what it asks for, tells it what happens, and ends when it must.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use sluice_domain::chat::MAX_CHAT_BYTES;
use sluice_domain::{ProblemCode, Redacted, StreamId};
use sluice_live::chat::Line;
use sluice_live::{
    ChatSocket, Fallen, Identity, Interest, Listener, Live, LiveError, Lost, Notice, NoticeEvent, Topic,
    watched,
};
use tokio::time::Instant;

use super::chat::Address;
use super::message::{self, MAX_MESSAGE, Request};
use crate::error;

/// How long a page may take to say who it is.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a page may take to take in one message. Meanwhile its news wait in a bounded queue.
pub(super) const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a page is pinged. Proxies close connections that are silent for a minute.
const PING_INTERVAL: Duration = Duration::from_secs(25);

/// A page that has not even answered a ping for this long is gone.
const SILENCE: Duration = Duration::from_secs(70);

/// How often the database is asked whether whoever listens still may. What this node revokes ends a
/// connection at once; this finds what another process revoked.
const RECHECK: Duration = Duration::from_secs(30);

/// Most topics of one page. A page of cards listens to `streams` and not to each of them.
const MAX_TOPICS: usize = 64;

/// How many messages that make no sense are answered before the connection is closed.
const MAX_MISTAKES: u32 = 20;

/// Serves one page to its end.
pub(super) async fn run(live: &Live, socket: WebSocket, address: IpAddr) {
    metrics::gauge!("sluice_signaling_ws_connections").increment(1.0);
    let mut connection = Connection {
        live,
        socket,
        listener: live.listen(),
        identity: None,
        greeted: false,
        topics: HashMap::new(),
        chats: live.chats().socket(address),
        rooms: HashMap::new(),
        mistakes: 0,
    };
    let ended = connection.serve().await;
    metrics::gauge!("sluice_signaling_ws_connections").decrement(1.0);
    metrics::counter!("sluice_signaling_ws_ended_total", "reason" => ended.label()).increment(1);
    tracing::debug!(?ended, "a page left the WebSocket");
    if let Some(frame) = ended.frame() {
        // The page may be gone; then nobody misses the reason.
        let closing = connection.socket.send(Message::Close(Some(frame)));
        let _gone = tokio::time::timeout(SEND_TIMEOUT, closing).await;
    }
}

pub(super) struct Connection<'a> {
    live: &'a Live,
    pub(super) socket: WebSocket,
    listener: Listener,
    pub(super) identity: Option<Identity>,
    pub(super) greeted: bool,
    topics: HashMap<Topic, Interest>,
    pub(super) chats: ChatSocket,
    /// Chats that were joined with the plain envelope, by the name that was used.
    pub(super) rooms: HashMap<StreamId, String>,
    mistakes: u32,
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Gone,
    NoHello,
    Mistakes,
    TooLarge,
    TooSlow,
    Revoked,
    Shutdown,
}

impl Ended {
    const fn label(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::NoHello => "no_hello",
            Self::Mistakes => "mistakes",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::Revoked => "revoked",
            Self::Shutdown => "shutdown",
        }
    }

    /// What the page is told (RFC 6455 §7.4); nothing where it is gone.
    fn frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Gone => return None,
            Self::NoHello => (close_code::POLICY, "the first message must be a hello"),
            Self::Mistakes => (close_code::POLICY, "too many messages that make no sense"),
            Self::TooLarge => (close_code::SIZE, "the message is too large"),
            Self::TooSlow => (close_code::AGAIN, "too slow: events were lost, connect again"),
            Self::Revoked => (close_code::POLICY, "session revoked"),
            Self::Shutdown => (close_code::RESTART, "the server shuts down, connect again"),
        };
        Some(CloseFrame { code, reason: reason.into() })
    }
}

impl Connection<'_> {
    async fn serve(&mut self) -> Ended {
        let started = Instant::now();
        let mut heard = started;
        let mut pings = tokio::time::interval_at(started + PING_INTERVAL, PING_INTERVAL);
        let mut lines: Vec<Arc<Line>> = Vec::new();
        let mut rechecks = tokio::time::interval_at(started + RECHECK, RECHECK);
        loop {
            let hello_due = started + HELLO_TIMEOUT;
            let step = tokio::select! {
                // None goes first: a page that only talks must hear, and one that only hears must be heard.
                // 1. News.
                told = self.listener.next() => match told {
                    Ok((topic, notice)) => self.tell(topic, &notice).await,
                    Err(Lost::TooSlow) => Err(Ended::TooSlow),
                    Err(Lost::Closed) => Err(Ended::Shutdown),
                },
                // 2. What is said in chats.
                () = self.chats.next(&mut lines) => {
                    let given = self.give(&lines).await;
                    lines.clear();
                    given
                }
                // 3. What the page says.
                received = self.socket.recv() => {
                    heard = Instant::now();
                    self.receive(received).await
                }
                // 4. What is due.
                () = tokio::time::sleep_until(hello_due), if !self.greeted => Err(Ended::NoHello),
                _ = rechecks.tick() => self.recheck().await,
                _ = pings.tick() => if heard.elapsed() > SILENCE {
                    Err(Ended::Gone)
                } else {
                    self.send(Message::Ping(Vec::new().into())).await
                },
            };
            if let Err(ended) = step {
                return ended;
            }
        }
    }

    async fn receive(&mut self, received: Option<Result<Message, axum::Error>>) -> Result<(), Ended> {
        let text = match received {
            None | Some(Ok(Message::Close(_))) => return Err(Ended::Gone),
            // What can be told apart of a broken connection is a message beyond the limit.
            Some(Err(error)) if error.to_string().contains("too long") => return Err(Ended::TooLarge),
            Some(Err(_)) => return Err(Ended::Gone),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => {
                return self.mistake(ProblemCode::MalformedJson, "Messages are JSON text.", None).await;
            }
            Some(Ok(Message::Text(text))) => text,
        };
        let chat = if text.len() > MAX_CHAT_BYTES { Address::default() } else { Address::of(&text) };
        if let Some(topic) = chat.chat() {
            return if self.greeted { self.receive_chat(topic, &text).await } else { Err(Ended::NoHello) };
        }
        if chat.is_plain() {
            return self.receive_plain(&text).await;
        }
        if text.len() > MAX_MESSAGE {
            return self.mistake(ProblemCode::BodyTooLarge, "The message is too large.", None).await;
        }
        let Ok(request) = serde_json::from_str::<Request>(&text) else {
            return self.mistake(ProblemCode::MalformedJson, "There is no such message.", None).await;
        };
        match request {
            Request::Hello { token } => self.hello(token.map(Redacted::new)).await,
            _ if !self.greeted => Err(Ended::NoHello),
            Request::Ping {} => self.say(message::pong()).await,
            Request::Subscribe { topic } => self.subscribe(&topic).await,
            Request::Unsubscribe { topic } => self.unsubscribe(&topic).await,
        }
    }

    /// Says who this is. A page that renews its token says so again and keeps what it may still hear.
    async fn hello(&mut self, token: Option<Redacted<String>>) -> Result<(), Ended> {
        let before = self.identity.clone();
        if let Err(refusal) = self.identify(token).await {
            return self.refuse(&refusal, None).await;
        }
        self.say(message::hello(self.identity.as_ref().map(|identity| identity.account))).await?;
        // A page that renews its token is in its chats already.
        if before != self.identity {
            self.rejoin_chats().await?;
        }
        self.review().await
    }

    /// Becomes who shows this, or nobody in particular.
    pub(super) async fn identify(&mut self, token: Option<Redacted<String>>) -> Result<(), LiveError> {
        let identity = match token {
            None => None,
            Some(token) => Some(self.live.identify(&token).await?),
        };
        for topic in self.identity.iter().flat_map(watched) {
            self.listener.remove(topic);
        }
        self.identity = identity;
        self.greeted = true;
        for topic in self.identity.iter().flat_map(watched) {
            self.listener.add(topic);
        }
        Ok(())
    }

    async fn subscribe(&mut self, name: &str) -> Result<(), Ended> {
        let Some(interest) = message::topic(name) else {
            return self.mistake(ProblemCode::NotFound, "There is no such topic.", Some(name)).await;
        };
        if self.topics.len() >= MAX_TOPICS && !self.topics.values().any(|found| *found == interest) {
            let detail = "This connection listens to as many topics as it may.";
            return self.mistake(ProblemCode::RateLimited, detail, Some(name)).await;
        }
        match self.live.may_listen(self.identity.as_ref(), interest).await {
            Ok(topic) => {
                self.topics.insert(topic, interest);
                self.listener.add(topic);
                self.say(message::subscribed(interest)).await
            }
            Err(refusal) => self.refuse(&refusal, Some(name)).await,
        }
    }

    async fn unsubscribe(&mut self, name: &str) -> Result<(), Ended> {
        let Some(interest) = message::topic(name) else {
            return self.mistake(ProblemCode::NotFound, "There is no such topic.", Some(name)).await;
        };
        let found = self.topics.iter().find(|(_, found)| **found == interest).map(|(topic, _)| *topic);
        if let Some(topic) = found {
            self.forget(topic);
        }
        self.say(message::unsubscribed(interest, None)).await
    }

    async fn tell(&mut self, topic: Topic, notice: &Notice) -> Result<(), Ended> {
        match &notice.event {
            NoticeEvent::Revoked(fallen) => return self.revoked(*fallen, notice).await,
            NoticeEvent::Review(_) => return self.review().await,
            _ => {}
        }
        let Some(interest) = self.topics.get(&topic).copied() else { return Ok(()) };
        if let Some(text) = message::event(interest, notice) {
            self.say(text).await?;
        }
        Ok(())
    }

    async fn revoked(&mut self, fallen: Fallen, notice: &Notice) -> Result<(), Ended> {
        match fallen {
            Fallen::SignIn(_) | Fallen::ApiKey(_) | Fallen::Account(_) => {
                if let Some(text) = message::event(Interest::Me, notice) {
                    self.say(text).await?;
                }
                Err(Ended::Revoked)
            }
            Fallen::Stream(_) => self.review().await,
            Fallen::Viewers(_) | Fallen::Key(_) => Ok(()),
        }
    }

    /// Asks the database whether the sign-in still holds, and the topics with it.
    async fn recheck(&mut self) -> Result<(), Ended> {
        if let Some(identity) = &self.identity {
            match self.live.still_holds(identity).await {
                Ok(true) => {}
                Ok(false) => return Err(Ended::Revoked),
                // A database that is away ends nobody.
                Err(_) => return Ok(()),
            }
        }
        self.review().await
    }

    /// Drops the topics that this page may not hear any more.
    async fn review(&mut self) -> Result<(), Ended> {
        let topics: Vec<(Topic, Interest)> = self.topics.iter().map(|pair| (*pair.0, *pair.1)).collect();
        for (topic, interest) in topics {
            match self.live.may_listen(self.identity.as_ref(), interest).await {
                Ok(allowed) if allowed == topic => {}
                Err(LiveError::Unavailable) => {}
                // Another account's `me`, after a second hello, is another topic.
                Ok(_) => {
                    self.forget(topic);
                    self.say(message::unsubscribed(interest, Some(ProblemCode::Forbidden))).await?;
                }
                Err(refusal) => {
                    self.forget(topic);
                    let code = error::live(&refusal).1;
                    self.say(message::unsubscribed(interest, Some(code))).await?;
                }
            }
        }
        Ok(())
    }

    fn forget(&mut self, topic: Topic) {
        self.topics.remove(&topic);
        self.listener.remove(topic);
    }

    async fn refuse(&mut self, refusal: &LiveError, topic: Option<&str>) -> Result<(), Ended> {
        let code = error::live(refusal).1;
        self.mistake(code, &error::sentence(refusal), topic).await
    }

    /// Answers what cannot be done. A page that goes on making mistakes is closed.
    pub(super) async fn mistake(
        &mut self,
        code: ProblemCode,
        detail: &str,
        topic: Option<&str>,
    ) -> Result<(), Ended> {
        self.count_mistake()?;
        // What a page wrote is not repeated at any length.
        let topic = topic.filter(|topic| topic.len() <= 64);
        self.say(message::error(code, detail, topic)).await
    }

    /// Counts a message that makes no sense.
    pub(super) fn count_mistake(&mut self) -> Result<(), Ended> {
        self.mistakes += 1;
        if self.mistakes > MAX_MISTAKES { Err(Ended::Mistakes) } else { Ok(()) }
    }

    pub(super) async fn say(&mut self, text: String) -> Result<(), Ended> {
        self.send(Message::Text(text.into())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Ended> {
        match tokio::time::timeout(SEND_TIMEOUT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ended::Gone),
            Err(_) => Err(Ended::TooSlow),
        }
    }
}
