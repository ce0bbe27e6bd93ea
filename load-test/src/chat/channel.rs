//! A member on a data channel, with a connection that carries nothing else.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::Result;
use serde_json::to_string;
use sluice_domain::chat::{CHAT_LABEL, ChatRequest};

use super::member::{Member, Progress, State};
use crate::driver::{Moment, Outbox, Peer};
use crate::wire::channel::{Channel, ChannelEvent};
use crate::wire::sdp::Answer;
use crate::wire::transport::{Transport, TransportEvent};

/// A member and its connection.
pub(crate) struct ChannelMember {
    pub(crate) member: Member,
    transport: Transport,
    channel: Channel,
}

impl ChannelMember {
    /// A member whose offer was answered.
    pub(crate) fn new(
        now: Instant,
        member: Member,
        mut transport: Transport,
        answer: &Answer,
    ) -> Result<Self> {
        transport.start(now, &answer.transport)?;
        Ok(Self { member, transport, channel: Channel::new(CHAT_LABEL) })
    }

    fn settle(&mut self, now: Moment, outbox: &mut Outbox<'_>) {
        while let Some(event) = self.transport.poll_event() {
            match event {
                TransportEvent::Connected => {
                    if let Err(error) = self.channel.start(now.instant, self.transport.is_client()) {
                        self.member.end(&format!("{error:#}"));
                    }
                }
                TransportEvent::ClosedByPeer => self.member.end("the server ended the connection"),
                TransportEvent::Failed(reason) => self.member.end(&reason),
            }
        }
        while let Some(event) = self.channel.poll_event() {
            match event {
                ChannelEvent::Opened => {
                    let join = self.member.join();
                    self.say(now, &join);
                }
                ChannelEvent::Text(text) => match std::str::from_utf8(&text) {
                    Ok(text) => self.member.hear(text, now.wall),
                    Err(_) => self.member.end("an event is not UTF-8"),
                },
                ChannelEvent::Closed => self.member.end("the channel was closed"),
            }
        }
        while let Some(packets) = self.channel.poll_transmit(now.instant) {
            for packet in packets {
                self.transport.send_data(now.instant, &packet);
            }
        }
        while let Some((to, datagram)) = self.transport.poll_transmit() {
            outbox.send(to, &datagram);
        }
    }

    fn say(&mut self, now: Moment, request: &ChatRequest) {
        let said = to_string(request).map_err(anyhow::Error::from);
        if let Err(error) = said.and_then(|text| self.channel.say(now.instant, text)) {
            self.member.end(&format!("{error:#}"));
        }
    }
}

impl Peer for ChannelMember {
    const PATIENT: bool = true;
    type Progress = Progress;

    fn handle_datagram(
        &mut self,
        now: Moment,
        from: SocketAddr,
        datagram: &mut [u8],
        outbox: &mut Outbox<'_>,
    ) {
        // There is no media, so nothing else than what the transport handles itself can come.
        let _handled = self.transport.handle_datagram(now.instant, from, datagram);
        while let Some(packet) = self.transport.poll_data() {
            self.channel.handle_packet(now.instant, packet);
        }
        self.settle(now, outbox);
    }

    fn handle_timeout(&mut self, now: Moment, outbox: &mut Outbox<'_>) {
        self.transport.handle_timeout(now.instant);
        self.channel.handle_timeout(now.instant);
        while let Some(message) = self.member.say(now) {
            self.say(now, &message);
        }
        self.settle(now, outbox);
    }

    fn next_timeout(&mut self) -> Option<Instant> {
        if self.member.state == State::Ended {
            return None;
        }
        [self.transport.next_timeout(), self.channel.next_timeout(), self.member.due()]
            .into_iter()
            .flatten()
            .min()
    }

    fn close(&mut self, now: Moment, outbox: &mut Outbox<'_>) {
        self.transport.close(now.instant);
        while let Some((to, datagram)) = self.transport.poll_transmit() {
            outbox.send(to, &datagram);
        }
    }

    fn add_progress(&self, progress: &mut Progress) {
        progress.add(&self.member);
    }
}
