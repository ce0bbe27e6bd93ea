//! What the doctor needs of an SDP answer: who to sign checks for, and where to send them. The answer comes from
//! a server that may be none of ours.

use std::net::{IpAddr, SocketAddr};

/// Candidates beyond these are not tried. A node has one for each address and protocol; somebody else's server
/// must not make us knock at a whole network.
const MOST_CANDIDATES: usize = 16;

/// An SDP answer, as far as checks need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `a=ice-ufrag`
    pub ufrag: String,
    /// `a=ice-pwd`
    pub pwd: String,
    /// Where UDP is taken, in the order of the answer.
    pub udp: Vec<SocketAddr>,
    /// Where TCP is taken.
    pub tcp: Vec<SocketAddr>,
}

impl Answer {
    /// `None` where credentials are missing, or are none (RFC 8839 §5.4).
    pub fn read(text: &str) -> Option<Self> {
        let value = |name: &str| text.lines().find_map(|line| line.trim().strip_prefix(name));
        let credential = |name: &str, least: usize| {
            let value = value(name)?;
            let fits = (least..=256).contains(&value.len());
            let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
            (fits && plain).then(|| value.to_owned())
        };
        let (ufrag, pwd) = (credential("a=ice-ufrag:", 4)?, credential("a=ice-pwd:", 22)?);
        let mut answer = Self { ufrag, pwd, udp: Vec::new(), tcp: Vec::new() };
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix("a=candidate:"));
        for (protocol, address) in lines.filter_map(candidate).take(MOST_CANDIDATES) {
            let known = match protocol {
                Protocol::Udp => &mut answer.udp,
                Protocol::Tcp => &mut answer.tcp,
            };
            if !known.contains(&address) {
                known.push(address);
            }
        }
        Some(answer)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Udp,
    Tcp,
}

/// `foundation component transport priority address port typ host …` (RFC 8839 §5.1), with `tcptype passive`
/// for TCP (RFC 6544 §4.5): an active one connects to us.
fn candidate(line: &str) -> Option<(Protocol, SocketAddr)> {
    let fields: Vec<&str> = line.split_ascii_whitespace().take(24).collect();
    let [_, "1", transport, _, address, port, "typ", "host", rest @ ..] = fields.as_slice() else {
        return None;
    };
    let address = SocketAddr::new(address.parse::<IpAddr>().ok()?, port.parse().ok()?);
    let usable = address.port() != 0 && !address.ip().is_unspecified() && !address.ip().is_multicast();
    let protocol = match transport.to_ascii_lowercase().as_str() {
        "udp" => Protocol::Udp,
        "tcp" if rest.windows(2).any(|pair| pair == ["tcptype", "passive"]) => Protocol::Tcp,
        _ => return None,
    };
    usable.then_some((protocol, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n\
        m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=ice-ufrag:Babcdefg1\r\n\
        a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n\
        a=candidate:1 1 udp 2130706431 203.0.113.7 8189 typ host\r\n\
        a=candidate:2 1 udp 2130706175 2001:db8::7 8189 typ host\r\n\
        a=candidate:3 1 tcp 1518280447 203.0.113.7 8189 typ host tcptype passive\r\n";

    #[test]
    fn credentials_and_candidates_are_found() {
        let answer = Answer::read(ANSWER).unwrap();
        assert_eq!((answer.ufrag.as_str(), answer.pwd.as_str()), ("Babcdefg1", "abcdefghijklmnopqrstuvwx"));
        let addresses =
            |addresses: &[SocketAddr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(addresses(&answer.udp), ["203.0.113.7:8189", "[2001:db8::7]:8189"]);
        assert_eq!(addresses(&answer.tcp), ["203.0.113.7:8189"]);
    }

    #[test]
    fn what_cannot_be_tried_is_left_out() {
        let odd = "a=candidate:1 1 tcp 1 203.0.113.7 8189 typ host tcptype active\r\n\
            a=candidate:1 1 udp 1 name.local 8189 typ host\r\na=candidate:1 1 udp 1 0.0.0.0 8189 typ host\r\n\
            a=candidate:1 1 udp 1 203.0.113.7 0 typ host\r\na=candidate:1 2 udp 1 203.0.113.7 1 typ host\r\n\
            a=candidate:1 1 udp 1 224.0.0.1 8189 typ host\r\na=candidate:1 1 udp 1 203.0.113.7 1 typ relay\r\n";
        let head = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n";
        let answer = Answer::read(&format!("{head}{odd}")).unwrap();
        assert_eq!((answer.udp.len(), answer.tcp.len()), (0, 0));
    }

    #[test]
    fn a_stranger_cannot_make_us_knock_at_a_whole_network() {
        let many: String =
            (1..=200).map(|last| format!("a=candidate:1 1 udp 1 192.0.2.{last} 9 typ host\n")).collect();
        let head = "a=ice-ufrag:abcd\na=ice-pwd:abcdefghijklmnopqrstuvwx\n";
        assert_eq!(Answer::read(&format!("{head}{many}")).unwrap().udp.len(), MOST_CANDIDATES);
    }

    #[test]
    fn an_answer_without_credentials_is_none() {
        for text in ["", "v=0", "a=ice-ufrag:abcd", "a=ice-ufrag:abcd\na=ice-pwd:short", "a=ice-pwd:é"] {
            assert_eq!(Answer::read(text), None, "{text}");
        }
    }
}
