//! How answers look.

use crate::attribute::{self as code, Family, TransactionId};
use crate::credentials::Key;
use crate::message::{Class, Message, Method};
use crate::nonce::Nonce;
use crate::server::{Opened, Refusal, Ticket};
use crate::write::Writer;

/// Our name, without a version: that is of use to attackers only.
const SOFTWARE: &[u8] = b"Sluice";

/// Which ways of making keys we know (RFC 8489 §18.5.1): SHA-256, then MD5, none with parameters.
pub(super) const PASSWORD_ALGORITHMS: &[u8] = &[0, 2, 0, 0, 0, 1, 0, 0];

/// How an answer is protected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seal<'a> {
    /// Under the key of the request, by SHA-256 if that was.
    pub(super) key: Option<(&'a Key, bool)>,
    /// As the request.
    pub(super) fingerprint: bool,
}

impl<'a> Seal<'a> {
    /// For who has not proven who they are.
    pub(super) const fn open(message: &Message<'_>) -> Self {
        Self { key: None, fingerprint: message.has_fingerprint }
    }

    /// For who has.
    pub(super) const fn under(key: &'a Key, sha256: bool, message: &Message<'_>) -> Self {
        Self { key: Some((key, sha256)), fingerprint: message.has_fingerprint }
    }
}

/// The words that RFC 8656 §19 and RFC 8489 §14.8 have for a number.
const fn reason(number: u16) -> &'static str {
    match number {
        401 => "Unauthorized",
        403 => "Forbidden",
        420 => "Unknown Attribute",
        437 => "Allocation Mismatch",
        438 => "Stale Nonce",
        440 => "Address Family not Supported",
        441 => "Wrong Credentials",
        442 => "Unsupported Transport Protocol",
        443 => "Peer Address Family Mismatch",
        486 => "Allocation Quota Reached",
        508 => "Insufficient Capacity",
        _ => "Bad Request",
    }
}

/// An error.
pub(super) fn error(message: &Message<'_>, number: u16, seal: Seal<'_>, out: &mut Vec<u8>) {
    let mut writer =
        Writer::begin(out, Class::Error, message.method, message.transaction).error(number, reason(number));
    if number == 420 {
        let unknown: Vec<u8> = message.unknown().iter().flat_map(|code| code.to_be_bytes()).collect();
        writer = writer.attribute(code::UNKNOWN_ATTRIBUTES, &unknown);
    }
    writer.finish(seal.key, seal.fingerprint);
}

/// 401 or 438: what the client needs to try again.
pub(super) fn challenge(message: &Message<'_>, number: u16, realm: &str, nonce: &Nonce, out: &mut Vec<u8>) {
    Writer::begin(out, Class::Error, message.method, message.transaction)
        .error(number, reason(number))
        .attribute(code::REALM, realm.as_bytes())
        .attribute(code::NONCE, nonce)
        .attribute(code::PASSWORD_ALGORITHMS, PASSWORD_ALGORITHMS)
        .finish(None, message.has_fingerprint);
}

/// An Allocate request got its relays.
pub(super) fn allocated(ticket: &Ticket, opened: &Opened, out: &mut Vec<u8>) {
    let mut writer = begin(ticket, Class::Success, out);
    for relay in [opened.v4, opened.v6].into_iter().flatten() {
        writer = writer.address(code::XOR_RELAYED_ADDRESS, relay.1);
    }
    for (relay, family) in [(opened.v4, Family::V4), (opened.v6, Family::V6)] {
        if ticket.open.either && relay.is_none() {
            // Class and number as in ERROR-CODE: 508.
            writer = writer.attribute(code::ADDRESS_ERROR_CODE, &[family.code(), 0, 5, 8]);
        }
    }
    if let Some(token) = opened.token {
        writer = writer.attribute(code::RESERVATION_TOKEN, &token);
    }
    writer
        .number(code::LIFETIME, seconds(ticket.lifetime))
        .address(code::XOR_MAPPED_ADDRESS, ticket.flow.client)
        .attribute(code::SOFTWARE, SOFTWARE)
        .finish(Some((&ticket.key, ticket.sha256)), ticket.fingerprint);
}

/// An Allocate request got none.
pub(super) fn refused(ticket: &Ticket, refusal: Refusal, out: &mut Vec<u8>) {
    let number = match refusal {
        Refusal::Quota => 486,
        Refusal::Capacity => 508,
    };
    begin(ticket, Class::Error, out)
        .error(number, reason(number))
        .finish(Some((&ticket.key, ticket.sha256)), ticket.fingerprint);
}

fn begin<'a>(ticket: &Ticket, class: Class, out: &'a mut Vec<u8>) -> Writer<'a> {
    let transaction: TransactionId = ticket.transaction;
    Writer::begin(out, class, Method::Allocate, transaction)
}

/// As LIFETIME has it.
pub(super) fn seconds(lifetime: std::time::Duration) -> u32 {
    u32::try_from(lifetime.as_secs()).unwrap_or(u32::MAX)
}
