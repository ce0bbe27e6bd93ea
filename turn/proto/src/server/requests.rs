//! What each request does.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::allocation::{Allocation, Denied};
use crate::attribute::{self as code, Family};
use crate::channel;
use crate::message::{Class, Message, Method};
use crate::peers::Reach;
use crate::server::answers::{self, Seal};
use crate::server::authority::{Caller, Rejected};
use crate::server::{Action, AllocationId, Closed, Even, Flow, Open, Server, Ticket};
use crate::write::Writer;

/// What a request came to: an answer that is written, or the number of an error.
type Outcome = Result<(), u16>;

impl Server {
    /// Takes a message that is not payload.
    pub(super) fn handle_message<'a>(
        &mut self,
        now: Instant,
        flow: &Flow,
        bytes: &[u8],
        out: &mut Vec<u8>,
    ) -> Action<'a> {
        let message = match Message::parse(bytes) {
            Ok(message) if message.class == Class::Request => message,
            // Indications without payload keep a NAT open; answers are answers to nothing that we asked.
            Ok(_) => return Action::None,
            Err(_) => {
                self.stats.malformed += 1;
                return Action::None;
            }
        };
        if message.method == Method::Binding {
            return self.unproven(now, flow, |_| match message.unknown() {
                [] => Writer::begin(out, Class::Success, Method::Binding, message.transaction)
                    .address(code::XOR_MAPPED_ADDRESS, flow.client)
                    .finish(None, message.has_fingerprint),
                _ => answers::error(&message, 420, Seal::open(&message), out),
            });
        }
        let caller = match self.authenticate(now, flow, &message) {
            Ok(caller) => caller,
            Err(Rejected::Stranger) => {
                self.stats.strangers += 1;
                return Action::None;
            }
            Err(Rejected::Malformed) => {
                return self
                    .unproven(now, flow, |_| answers::error(&message, 400, Seal::open(&message), out));
            }
            Err(Rejected::Challenge(number)) => {
                return self.unproven(now, flow, |server| {
                    let nonce = server.nonces.issue(flow.client.ip(), server.unix(now));
                    answers::challenge(&message, number, &server.config.realm, &nonce, out);
                });
            }
        };
        let seal = Seal::under(&caller.key, caller.sha256, &message);
        let outcome = match message.method {
            _ if !message.unknown().is_empty() => Err(420),
            Method::Allocate => match self.allocate(now, flow, &message, &caller, out) {
                Ok(Some(ticket)) => return Action::Open(Box::new(ticket)),
                Ok(None) => Ok(()),
                Err(number) => Err(number),
            },
            Method::Refresh => self.refresh(now, flow, &message, &caller, seal, out),
            Method::CreatePermission => self.create_permission(now, flow, &message, &caller, seal, out),
            Method::ChannelBind => self.channel_bind(now, flow, &message, &caller, seal, out),
            Method::Binding | Method::Send | Method::Data => Err(400),
        };
        if let Err(number) = outcome {
            self.stats.errors += 1;
            answers::error(&message, number, seal, out);
        }
        Action::Answer
    }

    /// Answers somebody who has not proven who they are, if their prefix has not had enough answers.
    fn unproven<'a>(&mut self, now: Instant, flow: &Flow, answer: impl FnOnce(&Self)) -> Action<'a> {
        if !self.limiter.take(now, flow.client.ip()) {
            self.stats.silenced += 1;
            return Action::None;
        }
        self.stats.challenges += 1;
        answer(self);
        Action::Answer
    }

    /// RFC 8656 §7.2
    fn allocate(
        &mut self,
        now: Instant,
        flow: &Flow,
        message: &Message<'_>,
        caller: &Caller,
        out: &mut Vec<u8>,
    ) -> Result<Option<Ticket>, u16> {
        if let Some((_, allocation)) = self.allocation(now, flow) {
            if allocation.transaction != message.transaction {
                return Err(437);
            }
            out.extend_from_slice(&allocation.answer);
            return Ok(None);
        }
        match message.transport.ok_or(400_u16)?.first() {
            Some(&code::UDP) => {}
            Some(_) => return Err(442),
            None => return Err(400),
        }
        let open = self.wanted(message)?;
        Ok(Some(Ticket {
            open,
            user: caller.user.clone(),
            flow: *flow,
            username: caller.username.clone(),
            transaction: message.transaction,
            lifetime: self.lifetime(message)?.max(self.config.default_lifetime),
            key: caller.key.clone(),
            sha256: caller.sha256,
            fingerprint: message.has_fingerprint,
        }))
    }

    /// Which relays an Allocate request wants.
    fn wanted(&self, message: &Message<'_>) -> Result<Open, u16> {
        let requested = message.family.map(family_of).transpose()?;
        let additional = message.additional_family.map(family_of).transpose()?;
        let even = match message.even_port.map(<[u8]>::first) {
            None => None,
            Some(Some(flags)) => Some(Even { keep_next: flags & 0x80 != 0 }),
            Some(None) => return Err(400),
        };
        let token = message.reservation.map(<[u8; 8]>::try_from).transpose().map_err(|_| 400_u16)?;
        let keeps = even.is_some_and(|even| even.keep_next);
        let contradicts = token.is_some() && (even.is_some() || requested.is_some() || additional.is_some())
            || additional.is_some() && (requested.is_some() || keeps)
            || additional == Some(Family::V4);
        if contradicts {
            return Err(400);
        }
        let has = |family| self.config.families.contains(&family);
        // RFC 8656 §7.2 means IPv4 where none is named. Browsers never name one: where there is no IPv4 they would
        // have no relay at all.
        let usual = if has(Family::V4) || additional.is_some() { Family::V4 } else { Family::V6 };
        let family = requested.unwrap_or(usual);
        if token.is_none() && !has(family) && !(additional.is_some() && has(Family::V6)) {
            return Err(440);
        }
        Ok(Open {
            v4: family == Family::V4,
            v6: family == Family::V6 || additional.is_some(),
            either: additional.is_some(),
            even,
            token,
        })
    }

    /// What LIFETIME asks for, at most what is allowed; nothing where it is missing.
    fn lifetime(&self, message: &Message<'_>) -> Result<Duration, u16> {
        let Some(value) = message.lifetime else { return Ok(self.config.default_lifetime) };
        let seconds = u32::from_be_bytes(value.try_into().map_err(|_| 400_u16)?);
        Ok(Duration::from_secs(u64::from(seconds)).min(self.config.max_lifetime))
    }

    /// RFC 8656 §8.2
    fn refresh(
        &mut self,
        now: Instant,
        flow: &Flow,
        message: &Message<'_>,
        caller: &Caller,
        seal: Seal<'_>,
        out: &mut Vec<u8>,
    ) -> Outcome {
        let wanted = self.lifetime(message)?;
        let id = self.own(now, flow, caller)?;
        let family = message.family.map(family_of).transpose()?;
        let Some(allocation) = self.allocations.get_mut(&id) else { return Err(437) };
        if family.is_some_and(|family| allocation.relay(family).is_none()) {
            return Err(443);
        }
        let lifetime = match (wanted, family) {
            (Duration::ZERO, Some(family)) if allocation.relays.iter().all(Option::is_some) => {
                let mut relays = [None; 2];
                relays[family.index()] = allocation.relays[family.index()].take().map(|relay| relay.id);
                self.closed.push_back(Closed { allocation: id, flow: *flow, relays, user: None });
                Duration::ZERO
            }
            (Duration::ZERO, _) => {
                self.close(id);
                Duration::ZERO
            }
            (wanted, _) => {
                let lifetime = wanted.max(self.config.default_lifetime);
                self.extend(id, now + lifetime);
                lifetime
            }
        };
        success(message, seal, out, |writer| writer.number(code::LIFETIME, answers::seconds(lifetime)));
        Ok(())
    }

    /// RFC 8656 §10.2
    fn create_permission(
        &mut self,
        now: Instant,
        flow: &Flow,
        message: &Message<'_>,
        caller: &Caller,
        seal: Seal<'_>,
        out: &mut Vec<u8>,
    ) -> Outcome {
        let id = self.own(now, flow, caller)?;
        let peers: Vec<SocketAddr> = message.peers().collect::<Option<_>>().ok_or(400_u16)?;
        if peers.is_empty() {
            return Err(400);
        }
        let mut reaches = Vec::with_capacity(peers.len());
        for peer in &peers {
            self.check_family(id, *peer)?;
            reaches.push(match self.reaches(*peer) {
                Reach::Nothing => return Err(403),
                reach => reach == Reach::Ports,
            });
        }
        let allocation = self.with_room(now, id, &peers)?;
        for (peer, ports) in peers.iter().zip(reaches) {
            allocation.permit(now, peer.ip(), ports);
        }
        success(message, seal, out, |writer| writer);
        Ok(())
    }

    /// RFC 8656 §12.2
    fn channel_bind(
        &mut self,
        now: Instant,
        flow: &Flow,
        message: &Message<'_>,
        caller: &Caller,
        seal: Seal<'_>,
        out: &mut Vec<u8>,
    ) -> Outcome {
        let id = self.own(now, flow, caller)?;
        let number =
            message.channel.and_then(|value| value.first_chunk()).map(|value| u16::from_be_bytes(*value));
        let number = number.filter(|number| channel::NUMBERS.contains(number)).ok_or(400_u16)?;
        let peer = message.peers().next().flatten().ok_or(400_u16)?;
        self.check_family(id, peer)?;
        if !self.config.peers.permits(peer) {
            return Err(403);
        }
        let ports = self.reaches(peer) == Reach::Ports;
        let most = self.config.max_peers;
        let allocation = self.with_room(now, id, &[peer])?;
        allocation.bind(now, number, peer, most).map_err(|denied| match denied {
            Denied::Full => 508_u16,
            Denied::Conflict => 400,
        })?;
        allocation.permit(now, peer.ip(), ports);
        success(message, seal, out, |writer| writer);
        Ok(())
    }

    /// The allocation of a flow, if it is the caller's.
    fn own(&mut self, now: Instant, flow: &Flow, caller: &Caller) -> Result<AllocationId, u16> {
        let (id, allocation) = self.allocation(now, flow).ok_or(437_u16)?;
        match allocation.username == caller.username {
            true => Ok(id),
            false => Err(441),
        }
    }

    /// An allocation that may have these peers too.
    fn with_room(
        &mut self,
        now: Instant,
        id: AllocationId,
        peers: &[SocketAddr],
    ) -> Result<&mut Allocation, u16> {
        let most = self.config.max_peers;
        let allocation = self.allocations.get_mut(&id).ok_or(437_u16)?;
        match allocation.has_room(now, peers, most) {
            true => Ok(allocation),
            false => Err(508),
        }
    }

    fn check_family(&self, id: AllocationId, peer: SocketAddr) -> Outcome {
        let relay = self.allocations.get(&id).and_then(|found| found.relay(Family::of(&peer.ip())));
        relay.map(|_| ()).ok_or(443)
    }
}

fn family_of(value: &[u8]) -> Result<Family, u16> {
    Family::from_code(*value.first().ok_or(400_u16)?).ok_or(440)
}

fn success(
    message: &Message<'_>,
    seal: Seal<'_>,
    out: &mut Vec<u8>,
    fill: impl for<'w> FnOnce(Writer<'w>) -> Writer<'w>,
) {
    let writer = Writer::begin(out, Class::Success, message.method, message.transaction);
    fill(writer).finish(seal.key, seal.fingerprint);
}
