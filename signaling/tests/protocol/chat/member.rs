//! A member of the chat of the stream `demo`, on `/ws`.

use serde_json::{Value, json};

use crate::server::Server;
use crate::ws::Page;

pub(crate) struct Member {
    pub(crate) page: Page,
    pub(crate) topic: String,
    /// What it was told when it joined.
    pub(crate) joined: Value,
    /// What was heard while something else was waited for.
    heard: std::collections::VecDeque<Value>,
    /// How often it asked for something by [`Self::tries`].
    asked: u32,
}

impl Member {
    pub(crate) async fn of(server: &Server, handle: Option<&str>) -> Self {
        Self::with(server, handle, json!({})).await
    }

    /// A member whose `join` says more.
    pub(crate) async fn with(server: &Server, handle: Option<&str>, more: Value) -> Self {
        let token = match handle {
            Some(handle) => Some(server.people.token(handle).await),
            None => None,
        };
        Self::by(server, token.as_deref(), more).await
    }

    /// A member that shows this token or key.
    pub(crate) async fn by(server: &Server, token: Option<&str>, more: Value) -> Self {
        let mut member = Self::outside(server, token).await;
        let mut join = json!({ "type": "join" });
        for (key, value) in more.as_object().unwrap() {
            join[key] = value.clone();
        }
        member.say(join).await;
        member.joined = member.hears().await;
        assert_eq!(member.joined["type"], "joined", "{}", member.joined);
        member
    }

    /// Somebody who has said who they are and has not joined.
    pub(crate) async fn outside(server: &Server, token: Option<&str>) -> Self {
        let page = Page::of(server, token).await;
        let topic = format!("chat:{}", server.people.id("demo"));
        Self { page, topic, joined: Value::Null, heard: Default::default(), asked: 0 }
    }

    pub(crate) async fn say(&mut self, mut message: Value) {
        message["topic"] = json!(self.topic);
        self.page.say(message).await;
    }

    pub(crate) async fn says(&mut self, text: &str) {
        self.say(json!({ "type": "message", "text": text })).await;
    }

    /// The next event of the chat.
    pub(crate) async fn hears(&mut self) -> Value {
        if let Some(heard) = self.heard.pop_front() {
            return heard;
        }
        self.hears_anew().await
    }

    async fn hears_anew(&mut self) -> Value {
        let event = self.page.hears().await;
        assert_eq!(event["topic"], json!(self.topic), "{event}");
        event
    }

    /// The next event of a type, whatever comes before.
    pub(crate) async fn event(&mut self, kind: &str) -> Value {
        self.until(|event| event["type"] == kind).await
    }

    /// The next event that is wanted, whatever comes before.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.hears().await;
            if wanted(&event) {
                return event;
            }
        }
    }

    /// Asks for something and waits for the answer; what came before it can be heard later.
    pub(crate) async fn asks(&mut self, request: Value) -> (usize, Value) {
        let reference = request["ref"].clone();
        self.say(request).await;
        let mut before = Vec::new();
        loop {
            let event = self.hears_anew().await;
            if event["ref"] == reference && event["type"] != "message" {
                let count = before.len();
                self.heard.extend(before);
                return (count, event);
            }
            before.push(event);
        }
    }

    /// The answer to a text: an `ack` or an `error`.
    pub(crate) async fn tries(&mut self, text: &str) -> Value {
        self.asked += 1;
        let reference = format!("try {}", self.asked);
        self.asks(json!({ "type": "message", "ref": reference, "text": text })).await.1
    }

    /// The next messages.
    pub(crate) async fn history_of_events(&mut self, count: usize) -> Vec<Value> {
        let mut messages = Vec::new();
        for _ in 0..count {
            messages.push(self.event("message").await["message"].clone());
        }
        messages
    }
}
