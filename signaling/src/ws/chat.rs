//! Chats on `/ws`: the same messages as on the data channel, each with a `topic`, and the plain envelope of those
//! who know a room by its id and nothing else.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::ws::{Message, Utf8Bytes};
use futures_util::SinkExt as _;
use serde::Deserialize;
use serde_json::json;
use sluice_domain::chat::{ChatEvent, ChatRequest};
use sluice_domain::{ProblemCode, Redacted, StreamId};
use sluice_live::chat::{self, ChatRefusal, Heard, Joining, Line, StreamRef};
use sluice_live::{Credential, LiveError};

use super::connection::{Connection, Ended, SEND_TIMEOUT};
use crate::error;

/// In front of the id of a stream in the topic of its chat.
const TOPIC: &str = "chat:";

/// Most chats of one connection. A page shows one; a bot that is in more uses more connections.
const MAX_CHATS: usize = 32;

/// What says whether a message belongs to a chat.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Address<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    topic: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    room_id: Option<Cow<'a, str>>,
}

/// A message of the plain envelope.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Plain {
    Join {
        room_id: String,
        #[serde(default)]
        token: Option<String>,
    },
    Message {
        room_id: String,
        content: String,
    },
    Leave {
        room_id: String,
    },
}

impl Address<'_> {
    /// Reads where a message goes; nothing of what cannot be read.
    pub(super) fn of(text: &str) -> Address<'_> {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The topic of a chat, if it is a message for one.
    pub(super) fn chat(&self) -> Option<&str> {
        let subscribes = matches!(self.kind.as_deref(), Some("subscribe" | "unsubscribe"));
        self.topic.as_deref().filter(|topic| !subscribes && topic.starts_with(TOPIC))
    }

    /// Whether it has the plain envelope.
    pub(super) fn is_plain(&self) -> bool {
        self.topic.is_none() && self.room_id.is_some()
    }
}

impl Connection<'_> {
    /// A message for a chat, by topic.
    pub(super) async fn receive_chat(&mut self, topic: &str, text: &str) -> Result<(), Ended> {
        let Some(stream) = topic.strip_prefix(TOPIC).and_then(|id| id.parse::<StreamId>().ok()) else {
            return self.mistake(ProblemCode::NotFound, "There is no such topic.", Some(topic)).await;
        };
        match chat::read(text) {
            Err((reference, refusal)) => {
                self.count_mistake()?;
                self.chat_refused(stream, &refusal, reference).await
            }
            Ok(ChatRequest::Join { v, token, after }) => {
                let token = token.map(Redacted::new);
                match self.join_chat(&StreamRef::Id(stream), token.as_ref(), v, after).await {
                    Ok(_) => Ok(()),
                    Err(refusal) => {
                        self.count_mistake()?;
                        self.chat_refused(stream, &refusal, None).await
                    }
                }
            }
            Ok(request) => {
                let reference = reference(&request);
                self.say_in_chat(stream, request, reference).await
            }
        }
    }

    /// A message with the plain envelope. Its `join` is a `hello` as well.
    pub(super) async fn receive_plain(&mut self, text: &str) -> Result<(), Ended> {
        let Ok(plain) = serde_json::from_str::<Plain>(text) else {
            return self.mistake(ProblemCode::MalformedJson, "There is no such message.", None).await;
        };
        match plain {
            Plain::Join { room_id, token } => {
                if token.is_some() || !self.greeted {
                    match self.identify(token.map(Redacted::new)).await {
                        Ok(()) => {}
                        Err(refusal) => return self.plain_refused(&room_id, &refused(&refusal)).await,
                    }
                }
                let named = match (room_id.parse(), room_id.parse()) {
                    (Ok(id), _) => StreamRef::Id(id),
                    (_, Ok(name)) => StreamRef::Name(name),
                    _ => return self.plain_refused(&room_id, &refused(&LiveError::UnknownStream)).await,
                };
                match self.join_chat(&named, None, None, None).await {
                    Ok(stream) => {
                        self.rooms.insert(stream, room_id);
                        Ok(())
                    }
                    Err(refusal) => self.plain_refused(&room_id, &refusal).await,
                }
            }
            _ if !self.greeted => Err(Ended::NoHello),
            Plain::Message { room_id, content } => {
                let Some(stream) = self.room(&room_id) else {
                    let refusal = ChatRefusal {
                        code: ProblemCode::NotJoined,
                        detail: "Join the room first.".to_owned(),
                        retry_after: None,
                    };
                    return self.plain_refused(&room_id, &refusal).await;
                };
                let request =
                    ChatRequest::Message { r#ref: None, text: content, reply_to: None, media_time: None };
                self.say_in_chat(stream, request, None).await
            }
            Plain::Leave { room_id } => {
                if let Some(stream) = self.room(&room_id) {
                    self.rooms.remove(&stream);
                    self.chats.leave(stream);
                }
                Ok(())
            }
        }
    }

    /// Joins every chat again, because whoever has this connection is somebody else now.
    pub(super) async fn rejoin_chats(&mut self) -> Result<(), Ended> {
        for stream in self.chats.joined() {
            if let Err(refusal) = self.join_chat(&StreamRef::Id(stream), None, None, None).await {
                self.chats.leave(stream);
                let bye = ChatEvent::Bye { code: refusal.code, detail: refusal.detail };
                self.give(&[Line::new(stream, bye)]).await?;
            }
        }
        Ok(())
    }

    /// Sends what was said in chats, with one write.
    pub(super) async fn give(&mut self, lines: &[Arc<Line>]) -> Result<(), Ended> {
        let sending = async {
            for line in lines {
                let text = match self.rooms.get(&line.stream()) {
                    None => Utf8Bytes::try_from(line.with_topic().clone()).ok(),
                    Some(room) => plain(room, line.event()).map(Utf8Bytes::from),
                };
                if let Some(text) = text {
                    self.socket.feed(Message::Text(text)).await?;
                }
            }
            self.socket.flush().await
        };
        let sent = tokio::time::timeout(SEND_TIMEOUT, sending).await;
        for line in lines {
            if matches!(line.event(), ChatEvent::Bye { .. }) {
                self.rooms.remove(&line.stream());
            }
        }
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ended::Gone),
            Err(_) => Err(Ended::TooSlow),
        }
    }

    async fn join_chat(
        &mut self,
        stream: &StreamRef,
        token: Option<&Credential>,
        version: Option<u16>,
        after: Option<sluice_domain::ChatMessageId>,
    ) -> Result<StreamId, ChatRefusal> {
        let joined = self.chats.joined();
        let again = matches!(stream, StreamRef::Id(id) if joined.contains(id));
        if joined.len() >= MAX_CHATS && !again {
            let detail = "This connection is in as many chats as it may be.".to_owned();
            return Err(ChatRefusal { code: ProblemCode::TooMany, detail, retry_after: None });
        }
        let joining = Joining { identity: self.identity.as_ref(), token, version, after };
        self.chats.join(stream, joining).await.map_err(|refusal| refused(&refusal))
    }

    async fn say_in_chat(
        &mut self,
        stream: StreamId,
        request: ChatRequest,
        reference: Option<String>,
    ) -> Result<(), Ended> {
        match self.chats.say(stream, request) {
            Heard::Taken | Heard::Dropped => Ok(()),
            Heard::Refused(refusal) => {
                if refusal.code == ProblemCode::NotJoined {
                    self.count_mistake()?;
                }
                self.chat_refused(stream, &refusal, reference).await
            }
            Heard::Ended(refusal) => {
                let bye = ChatEvent::Bye { code: refusal.code, detail: refusal.detail };
                self.give(&[Line::new(stream, bye)]).await
            }
        }
    }

    async fn chat_refused(
        &mut self,
        stream: StreamId,
        refusal: &ChatRefusal,
        reference: Option<String>,
    ) -> Result<(), Ended> {
        self.give(&[Line::new(stream, refusal.event(reference))]).await
    }

    async fn plain_refused(&mut self, room: &str, refusal: &ChatRefusal) -> Result<(), Ended> {
        self.count_mistake()?;
        // What a page wrote is not repeated at any length.
        let room = if room.len() <= 64 { room } else { "" };
        match plain(room, &refusal.event(None)) {
            Some(text) => self.say(text).await,
            None => Ok(()),
        }
    }

    /// The stream that was joined by this name.
    fn room(&self, room: &str) -> Option<StreamId> {
        self.rooms
            .iter()
            .find(|(stream, name)| *name == room || stream.to_string() == room)
            .map(|room| *room.0)
    }
}

/// An event in the plain envelope; `None` for what it has no form for.
fn plain(room: &str, event: &ChatEvent) -> Option<String> {
    let value = match event {
        ChatEvent::Message { message } => json!({
            "type": "message",
            "user": message.author.name,
            "content": message.text,
            "timestamp": message.at,
            "room_id": room,
        }),
        ChatEvent::Error { code, detail, .. } | ChatEvent::Bye { code, detail } => {
            json!({ "type": "error", "code": code, "detail": detail, "room_id": room })
        }
        _ => return None,
    };
    Some(value.to_string())
}

/// What a request is called by whoever makes it.
fn reference(request: &ChatRequest) -> Option<String> {
    match request {
        ChatRequest::Message { r#ref, .. }
        | ChatRequest::Moderation { r#ref, .. }
        | ChatRequest::History { r#ref, .. }
        | ChatRequest::Members { r#ref } => r#ref.clone(),
        ChatRequest::Join { .. }
        | ChatRequest::Reaction { .. }
        | ChatRequest::Leave {}
        | ChatRequest::Ping {} => None,
    }
}

fn refused(refusal: &LiveError) -> ChatRefusal {
    let (code, detail) = (error::live(refusal).1, error::sentence(refusal));
    ChatRefusal { code, detail, retry_after: refusal.retry_after() }
}
