//! The requests of STUN and TURN that a doctor sends, and what it reads of the answers.

use std::net::SocketAddr;

use sluice_turn_proto::attribute::{
    DATA, LIFETIME, NONCE, REALM, REQUESTED_TRANSPORT, TransactionId, UDP, USERNAME, XOR_MAPPED_ADDRESS,
    XOR_PEER_ADDRESS, XOR_RELAYED_ADDRESS,
};
use sluice_turn_proto::{Class, Key, Message, Method, Writer};

/// RFC 8445 §16.1.
const PRIORITY: u16 = 0x0024;
const ICE_CONTROLLING: u16 = 0x802A;

/// An attribute that nobody knows and that may be left unread, to make a message longer.
const FILLER: u16 = 0xC0DE;

/// The priority of a host candidate's check (RFC 8445 §5.1.2.1, type preference of peer-reflexive ones).
const CHECK_PRIORITY: u32 = (110 << 24) | (65_535 << 8) | 255;

/// Whom ICE checks are for and from.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    /// User name of the node.
    pub(super) theirs: String,
    /// Its password.
    pub(super) pwd: String,
    /// Our own user name, as the offer said it.
    pub(super) ours: String,
}

/// A check (RFC 8445 §7.2.2) of at least `length` bytes.
pub(super) fn check(credentials: &Credentials, transaction: TransactionId, length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length.max(160));
    let username = format!("{}:{}", credentials.theirs, credentials.ours);
    let message = Writer::begin(&mut out, Class::Request, Method::Binding, transaction)
        .attribute(USERNAME, username.as_bytes())
        .number(PRIORITY, CHECK_PRIORITY)
        .attribute(ICE_CONTROLLING, &[0x51; 8]);
    // What follows: this attribute's head, MESSAGE-INTEGRITY and FINGERPRINT.
    let rest = 20 + 4 + username.len().next_multiple_of(4) + 8 + 12 + 4 + 24 + 8;
    let filler = vec![0; length.saturating_sub(rest)];
    let message = if filler.is_empty() { message } else { message.attribute(FILLER, &filler) };
    message.finish(Some((&Key::plain(credentials.pwd.as_bytes()), false)), true);
    out
}

/// Where the answer to a check came from us, as the node saw it. `None` where it is no answer to this check, or
/// not by who knows the password.
pub(super) fn checked(bytes: &[u8], credentials: &Credentials) -> Option<(TransactionId, SocketAddr)> {
    let message = Message::parse(bytes).ok()?;
    let ours = message.class == Class::Success && message.method == Method::Binding;
    let signed = ours && message.is_by(&Key::plain(credentials.pwd.as_bytes()));
    signed.then(|| Some((message.transaction, message.address(XOR_MAPPED_ADDRESS)?)))?
}

/// A plain Binding request, as STUN servers answer it to everybody.
pub(super) fn binding(transaction: TransactionId) -> Vec<u8> {
    let mut out = Vec::new();
    Writer::begin(&mut out, Class::Request, Method::Binding, transaction).finish(None, true);
    out
}

/// What a TURN server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// It was done; the address that a Binding or an allocation tells, if any.
    Done { relayed: Option<SocketAddr>, mapped: Option<SocketAddr> },
    /// It was not.
    Refused { error: u16, realm: Option<String>, nonce: Option<Vec<u8>> },
}

/// The answer to one request.
pub(super) fn said(bytes: &[u8], transaction: TransactionId) -> Option<Said> {
    let message = Message::parse(bytes).ok().filter(|message| message.transaction == transaction)?;
    match message.class {
        Class::Success => Some(Said::Done {
            relayed: message.address(XOR_RELAYED_ADDRESS),
            mapped: message.address(XOR_MAPPED_ADDRESS),
        }),
        Class::Error => Some(Said::Refused {
            error: message.error()?,
            realm: message.value(REALM).and_then(|realm| String::from_utf8(realm.to_vec()).ok()),
            nonce: message.value(NONCE).map(<[u8]>::to_vec),
        }),
        Class::Request | Class::Indication => None,
    }
}

/// Who somebody is to a TURN server, once it has said its realm and nonce.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) username: String,
    pub(super) realm: String,
    pub(super) nonce: Vec<u8>,
    pub(super) key: Key,
}

/// What is asked of a TURN server.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ask {
    /// A relayed address.
    Allocate,
    /// To let this peer send.
    Permit(SocketAddr),
    /// To take the relayed address back.
    Release,
}

/// A request to a TURN server.
pub(super) fn ask(ask: Ask, account: Option<&Account>, transaction: TransactionId) -> Vec<u8> {
    let mut out = Vec::new();
    let method = match ask {
        Ask::Allocate => Method::Allocate,
        Ask::Permit(_) => Method::CreatePermission,
        Ask::Release => Method::Refresh,
    };
    let message = Writer::begin(&mut out, Class::Request, method, transaction);
    let message = match ask {
        Ask::Allocate => message.attribute(REQUESTED_TRANSPORT, &[UDP, 0, 0, 0]),
        Ask::Permit(peer) => message.address(XOR_PEER_ADDRESS, peer),
        Ask::Release => message.number(LIFETIME, 0),
    };
    match account {
        Some(account) => message
            .attribute(USERNAME, account.username.as_bytes())
            .attribute(REALM, account.realm.as_bytes())
            .attribute(NONCE, &account.nonce)
            .finish(Some((&account.key, false)), true),
        None => message.finish(None, true),
    }
    out
}

/// Payload for a peer.
pub(super) fn send(peer: SocketAddr, payload: &[u8], transaction: TransactionId) -> Vec<u8> {
    let mut out = Vec::new();
    Writer::begin(&mut out, Class::Indication, Method::Send, transaction)
        .address(XOR_PEER_ADDRESS, peer)
        .attribute(DATA, payload)
        .finish(None, false);
    out
}

/// Payload of a peer.
pub(super) fn data(bytes: &[u8]) -> Option<&[u8]> {
    let message = Message::parse(bytes).ok()?;
    let is_data = message.class == Class::Indication && message.method == Method::Data;
    is_data.then(|| message.value(DATA))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials {
            theirs: "Babcdefg1".to_owned(),
            pwd: "abcdefghijklmnopqrstuvwx".to_owned(),
            ours: "doct".to_owned(),
        }
    }

    #[test]
    fn a_check_has_the_length_that_was_asked_for() {
        for length in [600, 1000, 1200] {
            assert_eq!(check(&credentials(), [7; 12], length).len(), length);
        }
        assert!(check(&credentials(), [7; 12], 0).len() < 120);
    }

    #[test]
    fn only_an_answer_by_who_knows_the_password_counts() {
        let answer = |pwd: &str| {
            let mut out = Vec::new();
            Writer::begin(&mut out, Class::Success, Method::Binding, [7; 12])
                .address(XOR_MAPPED_ADDRESS, "198.51.100.9:40000".parse().unwrap())
                .finish(Some((&Key::plain(pwd.as_bytes()), false)), true);
            out
        };
        let credentials = credentials();
        let (transaction, mapped) = checked(&answer(&credentials.pwd), &credentials).unwrap();
        assert_eq!((transaction, mapped.to_string().as_str()), ([7; 12], "198.51.100.9:40000"));
        assert_eq!(checked(&answer("somebody else's password"), &credentials), None);
        assert_eq!(checked(&check(&credentials, [7; 12], 0), &credentials), None);
        assert_eq!(checked(b"HTTP/1.1 400 Bad Request", &credentials), None);
    }

    #[test]
    fn what_a_relay_says_is_read() {
        let mut out = Vec::new();
        Writer::begin(&mut out, Class::Error, Method::Allocate, [1; 12])
            .error(401, "Unauthorized")
            .attribute(REALM, b"sluice")
            .attribute(NONCE, b"abc")
            .finish(None, true);
        let expected =
            Said::Refused { error: 401, realm: Some("sluice".to_owned()), nonce: Some(b"abc".to_vec()) };
        assert_eq!(said(&out, [1; 12]), Some(expected));
        assert_eq!(said(&out, [2; 12]), None, "it answers something else");
        let request = send("192.0.2.1:1".parse().unwrap(), b"x", [3; 12]);
        assert_eq!((said(&request, [3; 12]), data(&request)), (None, None));
    }
}
