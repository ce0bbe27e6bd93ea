//! One reliable, ordered data channel (RFC 8831) over the DTLS of a [`super::transport::Transport`],
//! without sockets. SCTP is `rtc`'s, driven directly like the rest: a thousand members in one process
//! must cost a few microseconds a packet.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use bytes::{Bytes, BytesMut};
use rtc::datachannel::message::Message;
use rtc::datachannel::message::message_channel_open::{ChannelType, DataChannelOpen};
use rtc::sctp::{
    Association, AssociationHandle, ClientConfig, DatagramEvent, Endpoint, EndpointConfig, Event, Payload,
    PayloadProtocolIdentifier, ServerConfig, StreamEvent, StreamId,
};
use rtc::shared::marshal::{Marshal as _, Unmarshal as _};
use rtc::shared::{TransportContext, TransportProtocol};

/// Longest message that is taken.
const MAX_MESSAGE: usize = 256 * 1024;

/// What happened to the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ChannelEvent {
    /// The other side knows it: messages may be sent.
    Opened,
    /// A text.
    Text(BytesMut),
    /// The other side closed it, or the association is lost.
    Closed,
}

/// A data channel and the SCTP association beneath it.
pub(crate) struct Channel {
    label: &'static str,
    endpoint: Endpoint,
    association: Option<(AssociationHandle, Association)>,
    /// Even for the side that began the DTLS handshake (RFC 8832 §6).
    stream: StreamId,
    closed: bool,
    events: VecDeque<ChannelEvent>,
}

impl Channel {
    /// A channel with this label, which opens once the transport is connected.
    pub(crate) fn new(label: &'static str) -> Self {
        let endpoint = Endpoint::new(
            TransportContext::default().local_addr,
            TransportProtocol::UDP,
            Arc::new(EndpointConfig::default()),
            Some(Arc::new(ServerConfig::default())),
        );
        Self { label, endpoint, association: None, stream: 0, closed: false, events: VecDeque::new() }
    }

    /// The transport is connected: begins the association, or waits for the other side to.
    pub(crate) fn start(&mut self, now: Instant, is_client: bool) -> Result<()> {
        self.stream = u16::from(!is_client);
        if is_client {
            let remote = TransportContext::default().peer_addr;
            let began =
                self.endpoint.connect(now, ClientConfig::default(), remote).context("starting SCTP")?;
            self.association = Some(began);
        }
        Ok(())
    }

    /// Takes an SCTP packet.
    pub(crate) fn handle_packet(&mut self, now: Instant, packet: BytesMut) {
        let remote = TransportContext::default().peer_addr;
        match self.endpoint.handle(now, remote, None, packet.freeze()) {
            Some((handle, DatagramEvent::NewAssociation(association))) if self.association.is_none() => {
                self.association = Some((handle, association));
            }
            Some((_, DatagramEvent::AssociationEvent(event))) => {
                if let Some((_, association)) = &mut self.association {
                    association.handle_event(event);
                }
            }
            _ => {}
        }
        self.settle(now);
    }

    /// Lets time pass.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if let Some((_, association)) = &mut self.association {
            association.handle_timeout(now);
        }
        self.settle(now);
    }

    /// When time should pass next.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.association.as_ref().and_then(|(_, association)| association.poll_timeout())
    }

    fn settle(&mut self, now: Instant) {
        while let Some(event) = self.association.as_mut().and_then(|(_, association)| association.poll()) {
            match event {
                Event::Connected if self.open(now).is_ok() => {}
                Event::Connected => self.close(),
                Event::Stream(StreamEvent::Readable { id }) if id == self.stream => self.read(),
                Event::Stream(StreamEvent::Stopped { id, .. } | StreamEvent::Finished { id })
                    if id == self.stream =>
                {
                    self.close();
                }
                Event::HandshakeFailed { .. } | Event::AssociationLost { .. } => self.close(),
                _ => {}
            }
        }
        while let Some((handle, association)) = &mut self.association
            && let Some(event) = association.poll_endpoint_event()
        {
            self.endpoint.handle_event(*handle, event);
        }
    }

    /// Says which channel it is (RFC 8832 §5.1).
    fn open(&mut self, now: Instant) -> Result<()> {
        let (_, association) = self.association.as_mut().context("there is no association")?;
        let open = Message::DataChannelOpen(DataChannelOpen {
            channel_type: ChannelType::Reliable,
            priority: 0,
            reliability_parameter: 0,
            label: self.label.as_bytes().to_vec(),
            protocol: Vec::new(),
        });
        let open = open.marshal().context("writing the opening of the channel")?.freeze();
        association
            .open_stream(self.stream, PayloadProtocolIdentifier::String)
            .context("opening an SCTP stream")?
            .write_sctp(now, &open, PayloadProtocolIdentifier::Dcep)
            .context("opening the channel")?;
        Ok(())
    }

    fn read(&mut self) {
        loop {
            let Some((_, association)) = &mut self.association else { return };
            let read = association.stream(self.stream).and_then(|mut stream| stream.read_sctp());
            let chunks = match read {
                Ok(Some(chunks)) => chunks,
                Ok(None) => return,
                Err(_) => return self.close(),
            };
            let Ok(payload) = chunks.to_payload(MAX_MESSAGE) else { continue };
            match chunks.ppi {
                PayloadProtocolIdentifier::String => self.events.push_back(ChannelEvent::Text(payload)),
                PayloadProtocolIdentifier::Dcep
                    if matches!(Message::unmarshal(&mut &payload[..]), Ok(Message::DataChannelAck(_))) =>
                {
                    self.events.push_back(ChannelEvent::Opened);
                }
                _ => {}
            }
        }
    }

    fn close(&mut self) {
        if !self.closed {
            self.closed = true;
            self.events.push_back(ChannelEvent::Closed);
        }
    }

    /// Sends a text.
    pub(crate) fn say(&mut self, now: Instant, text: String) -> Result<()> {
        let Some((_, association)) = &mut self.association else { bail!("the channel is not open") };
        association
            .stream(self.stream)
            .and_then(|mut stream| {
                stream.write_sctp(now, &Bytes::from(text), PayloadProtocolIdentifier::String)
            })
            .context("writing to the channel")?;
        Ok(())
    }

    /// The next SCTP packets to send.
    pub(crate) fn poll_transmit(&mut self, now: Instant) -> Option<Vec<Bytes>> {
        match self.association.as_mut()?.1.poll_transmit(now)?.message {
            Payload::RawEncode(packets) => Some(packets),
            _ => None,
        }
    }

    /// The next thing that happened.
    pub(crate) fn poll_event(&mut self) -> Option<ChannelEvent> {
        self.events.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Carries packets both ways until neither side has any.
    fn exchange(now: Instant, one: &mut Channel, other: &mut Channel) {
        loop {
            let mut quiet = true;
            while let Some(packets) = one.poll_transmit(now) {
                packets.iter().for_each(|packet| other.handle_packet(now, BytesMut::from(&packet[..])));
                quiet = false;
            }
            while let Some(packets) = other.poll_transmit(now) {
                packets.iter().for_each(|packet| one.handle_packet(now, BytesMut::from(&packet[..])));
                quiet = false;
            }
            if quiet {
                return;
            }
        }
    }

    #[test]
    fn a_channel_opens_and_carries_texts_in_order() {
        let mut now = Instant::now();
        let mut member = Channel::new("sluice-chat");
        let mut server = Channel::new("unused");
        member.start(now, true).unwrap();
        // The answering side opens nothing itself; it reads the stream of the one that does.
        server.stream = 0;
        exchange(now, &mut member, &mut server);
        let acked = |server: &mut Channel, now| {
            let (_, association) = server.association.as_mut().unwrap();
            let mut stream = association.stream(0).unwrap();
            stream.write_sctp(now, &Bytes::from_static(&[2]), PayloadProtocolIdentifier::Dcep).unwrap();
        };
        acked(&mut server, now);
        exchange(now, &mut member, &mut server);
        assert_eq!(member.poll_event(), Some(ChannelEvent::Opened));
        for number in 0..3 {
            member.say(now, format!("text {number}")).unwrap();
        }
        // What is bundled may wait for a delayed acknowledgement.
        for _ in 0..10 {
            exchange(now, &mut member, &mut server);
            now += Duration::from_millis(250);
            member.handle_timeout(now);
            server.handle_timeout(now);
        }
        let heard: Vec<ChannelEvent> = std::iter::from_fn(|| server.poll_event())
            .filter(|event| matches!(event, ChannelEvent::Text(_)))
            .collect();
        let text = |number| ChannelEvent::Text(BytesMut::from(format!("text {number}").as_bytes()));
        assert_eq!(heard, [text(0), text(1), text(2)]);
    }

    #[test]
    fn a_channel_that_is_not_open_takes_no_text() {
        assert!(Channel::new("sluice-chat").say(Instant::now(), "x".to_owned()).is_err());
    }
}
