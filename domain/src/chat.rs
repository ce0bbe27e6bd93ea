//! Messages of the chat of a Stream: on the data channel `sluice-chat` and, with a `topic`, on `/ws`.
//!
//! JSON text, one object a message, tagged by `type`. The whole protocol with examples is in
//! `docs/spec/chat.md`. Members ignore events whose `type` they do not know, so that the server may be newer;
//! the server answers requests that it does not know with [`ChatEvent::Error`].

mod event;
mod message;
mod moderation;
mod request;
mod settings;
mod term;

pub use event::{AckState, ChatEvent, Permissions, Presence, PresenceChange, Settled, You};
pub use message::{Badge, ChatAuthor, ChatMessage, EmoteSpan, MessageKind, Quote};
pub use moderation::{BanKind, MessageState, ModerationAction, ModerationKind};
pub use request::{ChatRequest, ModerationRequest};
pub use settings::{ChatMode, ChatSettings, FilterLevel, LinkPolicy};
pub use term::{MAX_TERM, MAX_TERMS, Term, TermKind, TermOutcome};

/// Label of the data channel.
pub const CHAT_LABEL: &str = "sluice-chat";

/// Version of the protocol, said in `join` and `joined`.
pub const CHAT_VERSION: u16 = 1;

/// Longest message of a member that is read, in bytes: a text of 500 characters in four bytes each, escaped,
/// with its envelope. Longer ones are answered with an error and not read.
pub const MAX_CHAT_BYTES: usize = 8192;

/// Most characters (Unicode scalar values) of a text.
pub const MAX_CHAT_TEXT: usize = 500;

/// Most characters of a member's `ref`, by which it knows its own message again.
pub const MAX_CHAT_REF: usize = 64;

/// Reactions that every chat has, besides its stream's emotes.
pub const REACTIONS: [&str; 6] = ["clap", "fire", "heart", "laugh", "sad", "wow"];

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json, to_value};
    use uuid::Uuid;

    use super::*;
    use crate::id::{AccountId, ChatMessageId};

    #[test]
    fn requests_are_read_as_members_write_them() {
        let id = Uuid::from_u128(7);
        let read = |value: Value| from_value::<ChatRequest>(value).unwrap();
        assert_eq!(read(json!({"type": "join"})), ChatRequest::Join { v: None, token: None, after: None });
        assert_eq!(
            read(json!({"type": "message", "ref": "1", "text": "hi", "from": "newer pages"})),
            ChatRequest::Message {
                r#ref: Some("1".into()),
                text: "hi".into(),
                reply_to: None,
                media_time: None
            }
        );
        assert_eq!(
            read(
                json!({"type": "moderation", "ref": "2", "action": "timeout", "account": id, "seconds": 60})
            ),
            ChatRequest::Moderation {
                r#ref: Some("2".into()),
                act: ModerationRequest::Timeout { account: AccountId(id), seconds: 60, reason: None },
            }
        );
        assert_eq!(
            read(json!({"type": "moderation", "action": "delete", "message": id})),
            ChatRequest::Moderation {
                r#ref: None,
                act: ModerationRequest::Delete { message: ChatMessageId(id) }
            }
        );
        assert!(from_value::<ChatRequest>(json!({"type": "moderation", "action": "praise"})).is_err());
        assert!(from_value::<ChatRequest>(json!({"type": "message"})).is_err());
    }

    #[test]
    fn events_read_back_and_leave_out_what_is_not_there() {
        let presence = ChatEvent::Presence { presence: Presence { accounts: 2, anonymous: 1 }, change: None };
        let text = to_value(&presence).unwrap();
        assert_eq!(text, json!({"type": "presence", "accounts": 2, "anonymous": 1}));
        assert_eq!(from_value::<ChatEvent>(text).unwrap(), presence);
        let ack = ChatEvent::Ack { r#ref: None, id: None, state: AckState::Done, text: None };
        assert_eq!(to_value(&ack).unwrap(), json!({"type": "ack", "state": "done"}));
    }
}
