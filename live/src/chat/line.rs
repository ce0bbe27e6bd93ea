//! What members are told, written once for all who are told it.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use sluice_domain::StreamId;
use sluice_domain::chat::ChatEvent;

/// An event of a chat with its JSON, which is made when the first member needs it.
#[derive(Debug)]
pub struct Line {
    stream: StreamId,
    event: ChatEvent,
    plain: OnceLock<Arc<str>>,
    with_topic: OnceLock<Bytes>,
}

impl Line {
    /// What is said in the chat of a stream.
    pub fn new(stream: StreamId, event: ChatEvent) -> Arc<Self> {
        Arc::new(Self { stream, event, plain: OnceLock::new(), with_topic: OnceLock::new() })
    }

    /// The stream in whose chat it is said.
    pub fn stream(&self) -> StreamId {
        self.stream
    }

    /// What is said.
    pub fn event(&self) -> &ChatEvent {
        &self.event
    }

    /// As on the data channel.
    pub(crate) fn plain(&self) -> &Arc<str> {
        self.plain.get_or_init(|| {
            // Numbers, texts and lists of them: nothing that JSON has no form for.
            serde_json::to_string(&self.event).expect("events have a form in JSON").into()
        })
    }

    /// As on `/ws`: the same with a topic in front. UTF-8.
    pub fn with_topic(&self) -> &Bytes {
        self.with_topic.get_or_init(|| {
            let members = self.plain().strip_prefix('{').unwrap_or_default();
            format!("{{\"topic\":\"chat:{}\",{members}", self.stream).into()
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use sluice_domain::ProblemCode;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn on_the_websocket_an_event_has_one_member_more() {
        let stream = StreamId(Uuid::from_u128(7));
        let code = ProblemCode::ChatClosed;
        let line = Line::new(stream, ChatEvent::Bye { code, detail: "\"{</script>".to_owned() });
        let plain: Value = serde_json::from_str(line.plain()).unwrap();
        let mut with_topic: Value = serde_json::from_slice(line.with_topic()).unwrap();
        assert_eq!(with_topic["topic"], json!(format!("chat:{stream}")));
        with_topic.as_object_mut().unwrap().remove("topic");
        assert_eq!(with_topic, plain);
    }
}
