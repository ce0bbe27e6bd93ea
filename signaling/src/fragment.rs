//! Trickle-ICE fragments (RFC 8840) to and from text. Pure.
//!
//! Clients write them in many ways (T20), and all media share one transport here, so the reader
//! takes what it can use from wherever it stands: no m-line kind, mid or group has to match.

use sluice_live::{IceFragment, Restarted};
use thiserror::Error;

/// Most candidates that are taken from one fragment. A machine with every kind of interface has
/// about twenty; the rest of a longer list is dropped.
const MAX_CANDIDATES: usize = 64;

/// Longest ICE credential (RFC 8839 §5.4).
const MAX_CREDENTIAL: usize = 256;

/// A text that is not a fragment.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FragmentError {
    /// A line that is not `x=value`.
    #[error("line {0} of the ICE fragment is not of the form x=value")]
    Line(usize),
    /// No attribute and no m-line.
    #[error("the ICE fragment is empty")]
    Empty,
    /// A ufrag or password with other characters than RFC 8839 §5.4 has.
    #[error("ice-ufrag or ice-pwd of the ICE fragment cannot be right")]
    Credential,
}

/// Reads a fragment.
///
/// # Errors
/// When the text is no SDP fragment, or names impossible credentials. Candidates that cannot be
/// used are not an error (W21).
pub fn parse(text: &str) -> Result<IceFragment, FragmentError> {
    let mut fragment = IceFragment::default();
    let mut anything = false;
    for (index, line) in text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty()) {
        let (kind, value) = line.split_once('=').ok_or(FragmentError::Line(index + 1))?;
        if kind.len() != 1 || !kind.as_bytes()[0].is_ascii_lowercase() {
            return Err(FragmentError::Line(index + 1));
        }
        anything |= matches!(kind, "a" | "m");
        if kind != "a" {
            continue;
        }
        match value.split_once(':') {
            Some(("ice-ufrag", ufrag)) if fragment.ufrag.is_none() => {
                fragment.ufrag = Some(credential(ufrag)?)
            }
            Some(("ice-pwd", pwd)) if fragment.pwd.is_none() => fragment.pwd = Some(credential(pwd)?),
            Some(("candidate", rest)) if fragment.candidates.len() < MAX_CANDIDATES => {
                if let Some(candidate) = candidate(rest)
                    && !fragment.candidates.contains(&candidate)
                {
                    fragment.candidates.push(candidate);
                }
            }
            _ => {}
        }
    }
    if anything { Ok(fragment) } else { Err(FragmentError::Empty) }
}

fn credential(text: &str) -> Result<String, FragmentError> {
    let text = text.trim();
    let ice_char =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
    let good = (1..=MAX_CREDENTIAL).contains(&text.len()) && text.bytes().all(ice_char);
    if good { Ok(text.to_owned()) } else { Err(FragmentError::Credential) }
}

/// A candidate in the form that RFC 8839 has: component 1 where a library wrote 0, the transport
/// in lower case, IPv6 without brackets. `None` where it lacks the parts that every one has.
fn candidate(text: &str) -> Option<String> {
    let mut words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [_foundation, component, transport, _priority, address, ..] = words.as_mut_slice() else {
        return None;
    };
    if *component == "0" {
        *component = "1";
    }
    let lower = transport.to_ascii_lowercase();
    *transport = &lower;
    *address = address.trim_start_matches('[').trim_end_matches(']');
    (words.len() >= 8 && !words[4].is_empty()).then(|| words.join(" "))
}

/// Writes the answer to an ICE restart (RFC 9725 §4.3.3).
pub(crate) fn render(restarted: &Restarted) -> String {
    let answer = &restarted.answer;
    let mut text = restarted.fragment_head.to_string();
    if answer.ice_lite && !text.contains("a=ice-lite") {
        text.insert_str(0, "a=ice-lite\r\n");
    }
    text.push_str(&format!("a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n", answer.ufrag, answer.pwd));
    for candidate in &answer.candidates {
        text.push_str(&format!("a=candidate:{candidate}\r\n"));
    }
    text.push_str("a=end-of-candidates\r\n");
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOST: &str = "1 1 udp 2130706431 192.0.2.1 5000 typ host";

    #[test]
    fn a_fragment_of_medooze_is_read() {
        let text = format!(
            "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef012345\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n\
             a=mid:0\r\na=candidate:{HOST}\r\na=end-of-candidates\r\n"
        );
        let fragment = parse(&text).unwrap();
        assert_eq!(fragment.ufrag.as_deref(), Some("abcd"));
        assert_eq!(fragment.pwd.as_deref(), Some("0123456789abcdef012345"));
        assert_eq!(fragment.candidates, [HOST]);
    }

    #[test]
    fn t20_odd_fragments_of_real_clients_are_read() {
        let text = "a=\nm=video 9 RTP/AVP 0\na=mid:video0\na=ice-ufrag:abcd\n\
                    a=candidate:1 0 UDP 2130706431 [fd00::2] 5000 typ host ufrag other\n\
                    m=audio 9 RTP/AVP 0\na=mid:audio1\n\
                    a=candidate:2 2 udp 1 192.0.2.1 5001 typ host\n\
                    a=candidate:3 1 TCP 1 192.0.2.1 9 typ host tcptype active\n\
                    a=candidate:nonsense\na=candidate:\na=candidate\nc=IN IP4 0.0.0.0\n\n";
        let fragment = parse(text).unwrap();
        assert_eq!(
            fragment.candidates,
            [
                "1 1 udp 2130706431 fd00::2 5000 typ host ufrag other",
                "2 2 udp 1 192.0.2.1 5001 typ host",
                "3 1 tcp 1 192.0.2.1 9 typ host tcptype active",
            ]
        );
    }

    #[test]
    fn b_br9_an_empty_attribute_alone_is_a_fragment() {
        assert_eq!(parse("a="), Ok(IceFragment::default()));
    }

    #[test]
    fn w12_what_is_no_fragment_is_refused() {
        assert_eq!(parse(""), Err(FragmentError::Empty));
        assert_eq!(parse("v=0\r\n"), Err(FragmentError::Empty));
        assert_eq!(parse("a=mid:0\r\nhello"), Err(FragmentError::Line(2)));
        assert_eq!(parse("{\"candidate\": \"a=b\"}"), Err(FragmentError::Line(1)));
        assert_eq!(parse("a=ice-ufrag:ä\n"), Err(FragmentError::Credential));
        assert_eq!(parse(&format!("a=ice-pwd:{}\n", "x".repeat(257))), Err(FragmentError::Credential));
    }

    #[test]
    fn a_flood_of_candidates_is_cut() {
        let text: String =
            (0..1000).map(|n| format!("a=candidate:{n} 1 udp 1 192.0.2.1 {n} typ host\n")).collect();
        assert_eq!(parse(&text).unwrap().candidates.len(), MAX_CANDIDATES);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,400}") {
            let _either = parse(&text);
        }

        #[test]
        fn lines_of_attributes_are_always_a_fragment(values in prop::collection::vec("[ -~]{0,60}", 1..20)) {
            let text: String = values.iter().map(|value| format!("a=x-{value}\r\n")).collect();
            prop_assert_eq!(parse(&text), Ok(IceFragment::default()));
        }

        #[test]
        fn candidates_come_back_as_they_were_written(port in 1u16.., priority: u32, foundation in "[a-z0-9]{1,8}") {
            let value = format!("{foundation} 1 udp {priority} 192.0.2.1 {port} typ host generation 0");
            let fragment = parse(&format!("a=candidate:{value}\r\n")).unwrap();
            prop_assert_eq!(fragment.candidates, [value]);
        }
    }
}
