//! What is said on `/ws`, as JSON.

use serde::Deserialize;
use serde_json::{Value, json};
use sluice_domain::{AccountId, MediaTime, ProblemCode};
use sluice_live::{Fallen, Interest, Notice, NoticeEvent, StreamOf};

/// Largest message of a page. A token has about a thousand characters, everything else far fewer.
pub(super) const MAX_MESSAGE: usize = 4096;

/// From a page.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Request {
    /// Who this is: an access token, an API key, or nobody. Must come first; later ones replace it.
    Hello {
        #[serde(default)]
        token: Option<String>,
    },
    /// Hear of a topic.
    Subscribe { topic: String },
    /// Hear of it no more.
    Unsubscribe { topic: String },
    /// Is anybody there?
    Ping {},
}

/// A topic from how it is written.
pub(super) fn topic(text: &str) -> Option<Interest> {
    match text.split_once(':') {
        None if text == "streams" => Some(Interest::Streams),
        None if text == "me" => Some(Interest::Me),
        Some(("stream", id)) => id.parse().ok().map(Interest::Stream),
        Some(("studio", id)) => id.parse().ok().map(Interest::Studio),
        _ => None,
    }
}

/// How a topic is written.
pub(super) fn name(topic: Interest) -> String {
    match topic {
        Interest::Streams => "streams".to_owned(),
        Interest::Stream(id) => format!("stream:{id}"),
        Interest::Studio(id) => format!("studio:{id}"),
        Interest::Me => "me".to_owned(),
    }
}

pub(super) fn hello(account: Option<AccountId>) -> String {
    json!({ "type": "hello", "account": account }).to_string()
}

pub(super) fn subscribed(topic: Interest) -> String {
    json!({ "type": "subscribed", "topic": name(topic) }).to_string()
}

/// Answers an unsubscribe, and tells of a topic that is not this page's to hear any more.
pub(super) fn unsubscribed(topic: Interest, code: Option<ProblemCode>) -> String {
    let mut message = json!({ "type": "unsubscribed", "topic": name(topic) });
    if let Some(code) = code {
        message["code"] = json!(code);
    }
    message.to_string()
}

pub(super) fn pong() -> String {
    json!({ "type": "pong" }).to_string()
}

pub(super) fn error(code: ProblemCode, detail: &str, topic: Option<&str>) -> String {
    let mut message = json!({ "type": "error", "code": code, "detail": detail });
    if let Some(topic) = topic {
        message["topic"] = json!(topic);
    }
    message.to_string()
}

/// A notice for one topic; `None` where it is no news on that topic.
pub(super) fn event(topic: Interest, notice: &Notice) -> Option<String> {
    let (event, data) = match &notice.event {
        NoticeEvent::Online { stream, broadcast } => {
            ("stream.online", with(stream, &[("broadcast", json!(broadcast))]))
        }
        NoticeEvent::Offline { stream, broadcast, reason } => {
            let more = [("broadcast", json!(broadcast)), ("reason", json!(reason.as_str()))];
            ("stream.offline", with(stream, &more))
        }
        NoticeEvent::Updated { stream } => ("stream.updated", with(stream, &[])),
        NoticeEvent::Stats { stream, state, viewers, bitrate, issues } => {
            let more = [
                ("state", json!(state)),
                ("viewers", json!(viewers)),
                ("bitrate", json!(bitrate)),
                ("issues", json!(issues)),
            ];
            ("stream.stats", with(stream, &more))
        }
        NoticeEvent::Connected { stream, key } => ("key.connected", with(stream, &[("key", json!(key))])),
        NoticeEvent::Disconnected { stream, key } => {
            ("key.disconnected", with(stream, &[("key", json!(key))]))
        }
        NoticeEvent::ChatActivity { stream, minute, messages, chatters, reactions, members } => {
            let more = [
                ("minute", json!(minute)),
                ("messages", json!(messages)),
                ("chatters", json!(chatters)),
                ("reactions", json!(reactions)),
                ("members", json!(members)),
            ];
            ("chat.activity", with(stream, &more))
        }
        NoticeEvent::Revoked(Fallen::SignIn(sign_in)) => ("session.revoked", json!({ "session": sign_in })),
        NoticeEvent::Revoked(_) | NoticeEvent::Review(_) => return None,
    };
    Some(written(topic, event, &data, notice.at))
}

fn with(stream: &StreamOf, more: &[(&str, Value)]) -> Value {
    let mut data = json!({ "id": stream.id, "name": stream.name });
    for (key, value) in more {
        data[*key] = value.clone();
    }
    data
}

/// An event as it is sent. Times in JSON are milliseconds.
pub(super) fn written(topic: Interest, event: &str, data: &Value, at: MediaTime) -> String {
    let at = at.0.div_euclid(1000);
    json!({ "topic": name(topic), "event": event, "data": data, "at": at }).to_string()
}

#[cfg(test)]
mod tests {
    use sluice_domain::StreamId;
    use sluice_live::EndReason;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn topics_read_back_what_they_wrote_and_nothing_else() {
        let id = StreamId(Uuid::from_u128(7));
        for wanted in [Interest::Streams, Interest::Me, Interest::Stream(id), Interest::Studio(id)] {
            assert_eq!(topic(&name(wanted)), Some(wanted));
        }
        for bad in ["", "Streams", "stream", "stream:", "stream:x", "me:1", "streams:1", "studio:garden"] {
            assert_eq!(topic(bad), None, "{bad}");
        }
    }

    #[test]
    fn requests_with_unknown_types_or_fields_are_not_read() {
        assert!(serde_json::from_str::<Request>(r#"{"type":"hello"}"#).is_ok());
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"type":"publish"}"#,
            r#"{"type":"hello","token":7}"#,
            r#"{"type":"hello","tokn":"x"}"#,
            r#"{"type":"subscribe"}"#,
        ] {
            assert!(serde_json::from_str::<Request>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_event_has_topic_event_data_and_milliseconds() {
        let id = StreamId(Uuid::from_u128(7));
        let stream = StreamOf {
            org: sluice_domain::OrgId(Uuid::nil()),
            id,
            name: "show".parse().unwrap(),
            listed: true,
        };
        let broadcast = sluice_domain::BroadcastId(Uuid::from_u128(8));
        let event = NoticeEvent::Offline { stream, broadcast, reason: EndReason::Revoked };
        let notice = Notice { at: MediaTime(1_700_000_000_123_456), event };
        let text = super::event(Interest::Streams, &notice).unwrap();
        let expected = json!({
            "topic": "streams",
            "event": "stream.offline",
            "data": { "id": id, "name": "show", "broadcast": broadcast, "reason": "revoked" },
            "at": 1_700_000_000_123_i64,
        });
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    }
}
