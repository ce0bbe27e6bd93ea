//! Who a request is from: the long-term credential mechanism (RFC 8489 §9.2.4), cheapest checks first.

use std::time::Instant;

use crate::credentials::{Key, UserName};
use crate::message::Message;
use crate::nonce::Freshness;
use crate::server::answers::PASSWORD_ALGORITHMS;
use crate::server::{Flow, Server};

/// Somebody who has proven who they are.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) username: Box<str>,
    pub(super) user: Box<str>,
    pub(super) key: Key,
    pub(super) sha256: bool,
}

/// Somebody who has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rejected {
    /// Nobody gave that user name out: an answer would be of use to attackers only.
    Stranger,
    /// 401 or 438, with what is needed to try again.
    Challenge(u16),
    /// 400.
    Malformed,
}

impl Server {
    pub(super) fn authenticate(
        &mut self,
        now: Instant,
        flow: &Flow,
        message: &Message<'_>,
    ) -> Result<Caller, Rejected> {
        if !message.is_signed() {
            return Err(Rejected::Challenge(401));
        }
        let (Some(name), Some(realm), Some(nonce)) = (message.username, message.realm, message.nonce) else {
            return Err(Rejected::Malformed);
        };
        let name = UserName::read(name).ok_or(Rejected::Stranger)?;
        let unix = self.unix(now);
        if self.nonces.check(nonce, flow.client.ip(), unix) == Freshness::Stale {
            return Err(Rejected::Challenge(438));
        }
        // Without both, a client of RFC 5389 speaks, or one that fell back to it.
        let by_sha256 = match (message.password_algorithms, message.password_algorithm) {
            (None, None) => false,
            (Some(PASSWORD_ALGORITHMS), Some([0, 1, 0, 0])) => false,
            (Some(PASSWORD_ALGORITHMS), Some([0, 2, 0, 0])) => true,
            // Somebody on the way struck the better one from our list.
            _ => return Err(Rejected::Malformed),
        };
        if realm != self.config.realm.as_bytes() {
            return Err(Rejected::Challenge(401));
        }
        let password = self.config.secret.password(name.text);
        let make = if by_sha256 { Key::sha256 } else { Key::md5 };
        let key = make(name.text, &self.config.realm, &password);
        if !message.is_by(&key) {
            return Err(Rejected::Challenge(401));
        }
        // Who is here already may stay: credentials are for coming in.
        let known = self.allocation(now, flow).is_some_and(|(_, known)| *known.username == *name.text);
        if name.expiry < unix && !known {
            return Err(Rejected::Challenge(401));
        }
        Ok(Caller { username: name.text.into(), user: name.user.into(), key, sha256: message.has_sha256() })
    }
}
