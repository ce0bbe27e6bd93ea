//! What a member writes, as a request or as what is wrong with it. Pure.

use serde::Deserialize;
use sluice_domain::ProblemCode;
use sluice_domain::chat::{ChatRequest, MAX_CHAT_BYTES, MAX_CHAT_REF};

use super::refusal::ChatRefusal;

/// What can be read of a message that cannot be read as a whole.
#[derive(Deserialize)]
struct Loose {
    #[serde(default)]
    r#ref: Option<String>,
}

/// Reads a message of a member.
///
/// # Errors
/// What is wrong with it, and the member's own name for it where there is one.
pub fn read(text: &str) -> Result<ChatRequest, (Option<String>, ChatRefusal)> {
    if text.len() > MAX_CHAT_BYTES {
        let detail = format!("A message has {MAX_CHAT_BYTES} bytes at most.");
        return Err((None, ChatRefusal::new(ProblemCode::BodyTooLarge, detail)));
    }
    serde_json::from_str(text).map_err(|_| {
        let loose = serde_json::from_str::<Loose>(text).ok().and_then(|loose| loose.r#ref);
        let reference = loose.filter(|text| text.chars().count() <= MAX_CHAT_REF);
        let detail = "There is no such message in the chat's protocol.";
        (reference, ChatRefusal::new(ProblemCode::MalformedJson, detail))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_answered_by_its_own_name_where_it_has_one() {
        let code = |text: &str| read(text).map_err(|(reference, refusal)| (reference, refusal.code));
        assert!(code(r#"{"type":"ping","unknown":[{}]}"#).is_ok());
        let unknown = Err((Some("7".to_owned()), ProblemCode::MalformedJson));
        assert_eq!(code(r#"{"type":"dance","ref":"7"}"#), unknown);
        let deep = format!(r#"{{"type":"message","text":{}{}}}"#, "[".repeat(3000), "]".repeat(3000));
        for bad in ["", "[]", "{}", "null", r#"{"type":7}"#, r#"{"type":"message"}"#, deep.as_str()] {
            assert_eq!(code(bad), Err((None, ProblemCode::MalformedJson)), "{bad:.40}");
        }
        let long = format!(r#"{{"type":"message","text":"{}"}}"#, "x".repeat(MAX_CHAT_BYTES));
        assert_eq!(code(&long), Err((None, ProblemCode::BodyTooLarge)));
    }
}
