//! One end of a connection: str0m as a browser would be, with its own clock and network.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sluice_domain::chat::CHAT_LABEL;
use sluice_domain::control::{CONTROL_LABEL, ControlEvent};
use sluice_domain::echo::ECHO_LABEL;
use sluice_domain::{Codec, PeerId};
use sluice_sfu_engine::Proto;
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::channel::ChannelId;
use str0m::format::PayloadParams;
use str0m::media::{KeyframeRequestKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RawPacket, RtpPacket, rtcp::Rtcp};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use super::link::Link;
use super::player::Recording;
use super::source::Sender;

/// What the test does with what arrives.
pub(crate) enum Part {
    Publisher(Box<Sender>),
    Viewer(Box<Recording>),
    /// Has no media.
    Member,
}

/// A connection of the test to the engine.
pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) peer: PeerId,
    pub(crate) address: SocketAddr,
    /// That address as the engine sees it, which a NAT may change.
    pub(crate) outside: SocketAddr,
    /// How it reaches the engine.
    pub(crate) proto: Proto,
    /// To the engine.
    pub(crate) up: Link,
    /// From the engine.
    pub(crate) down: Link,
    pub(crate) rtc: Rtc,
    pub(crate) next: Instant,
    /// Its clock minus the clock of the simulation.
    pub(crate) skew: Duration,
    pub(crate) audio: Option<Mid>,
    pub(crate) video: Option<Mid>,
    pub(crate) offer: String,
    pub(crate) answer: String,
    pub(crate) connected: Option<Duration>,
    pub(crate) closed: Option<Duration>,
    pub(crate) channel: Option<ChannelId>,
    pub(crate) channel_open: bool,
    pub(crate) control: Vec<(Duration, ControlEvent)>,
    pub(crate) chat: Chatting,
    /// What came on echo channels, and whether it was binary.
    pub(crate) echoes: Vec<(Duration, bool, Vec<u8>)>,
    /// Neither sends nor receives any more, without a word.
    pub(crate) vanished: bool,
    /// Datagrams sent, kept where the test asks for them.
    pub(crate) sent: Option<Vec<Vec<u8>>>,
    /// Worker whose peer it is.
    pub(crate) worker: usize,
    pub(crate) part: Part,
}

/// The chat channel of a client, as it sees it.
#[derive(Debug, Default)]
pub(crate) struct Chatting {
    /// The channel that is open.
    pub(crate) open: Option<ChannelId>,
    /// What came on it, and on those before.
    pub(crate) got: Vec<(Duration, String)>,
    /// When channels were closed, by their labels.
    pub(crate) closed: Vec<(Duration, String)>,
    /// Labels of channels that are open or were.
    pub(crate) labels: Vec<(ChannelId, String)>,
}

impl Chatting {
    /// The label of a channel that is open or was.
    fn label(&self, id: ChannelId) -> &str {
        self.labels.iter().find(|(known, _)| *known == id).map_or("", |(_, label)| label)
    }
}

/// What a client wants to be offered.
#[derive(Debug, Clone)]
pub(crate) struct Wants {
    pub(crate) codecs: Vec<Codec>,
    pub(crate) raw: bool,
}

/// str0m with these codecs and the engine's header extensions.
pub(crate) fn config(wants: &Wants) -> RtcConfig {
    let mut config = RtcConfig::new()
        .set_rtp_mode(true)
        .clear_codecs()
        .set_extension_map(sluice_sfu_engine::extension::negotiable())
        .enable_raw_packets(wants.raw);
    for codec in &wants.codecs {
        config = match codec {
            Codec::Opus => config.enable_opus(true, false),
            Codec::Vp8 => config.enable_vp8(true),
            Codec::Vp9 => config.enable_vp9(true),
            Codec::H264 => config.enable_h264(true),
            Codec::H265 => config.enable_h265(true),
            Codec::Av1 => config.enable_av1(true),
        };
    }
    if wants.raw {
        for params in std::mem::take(&mut *config.codec_config()).params() {
            let spec = params.spec();
            config.codec_config().add_config(
                params.pt(),
                None,
                spec.codec,
                spec.clock_rate,
                spec.channels,
                spec.format,
            );
        }
    }
    config
}

/// str0m's word for what carries datagrams.
const fn protocol(proto: Proto) -> Protocol {
    match proto {
        Proto::Udp | Proto::Turn => Protocol::Udp,
        Proto::Tcp => Protocol::Tcp,
    }
}

/// str0m's word for a codec.
pub(crate) const fn str0m_codec(codec: Codec) -> str0m::format::Codec {
    match codec {
        Codec::Opus => str0m::format::Codec::Opus,
        Codec::Vp8 => str0m::format::Codec::Vp8,
        Codec::Vp9 => str0m::format::Codec::Vp9,
        Codec::H264 => str0m::format::Codec::H264,
        Codec::H265 => str0m::format::Codec::H265,
        Codec::Av1 => str0m::format::Codec::Av1,
    }
}

impl Client {
    /// Takes the answer to its offer.
    pub(crate) fn accept(&mut self, pending: SdpPendingOffer, answer: &str) {
        answer.clone_into(&mut self.answer);
        let answer = SdpAnswer::from_sdp_string(answer).expect("the answer is SDP");
        self.rtc.sdp_api().accept_answer(pending, answer).expect("the answer fits the offer");
    }

    pub(crate) fn payload_type(&self, codec: Codec, accept: fn(&PayloadParams) -> bool) -> Pt {
        let params = self.rtc.codec_config().params().iter();
        let mut fitting = params.filter(|params| params.spec().codec == str0m_codec(codec) && accept(params));
        fitting.next().expect("the codec is configured").pt()
    }

    /// A datagram from the engine.
    pub(crate) fn receive(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        let Ok(receive) = Receive::new(protocol(self.proto), from, self.address, bytes) else { return };
        let input = Input::Receive(now + self.skew, receive);
        if self.rtc.accepts(&input) && self.rtc.handle_input(input).is_err() {
            self.rtc.disconnect();
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.rtc.handle_input(Input::Timeout(now + self.skew)).is_err() {
            self.rtc.disconnect();
        }
    }

    /// Drains str0m: datagrams are answered, everything else is remembered.
    pub(crate) fn drain(
        &mut self,
        now: Instant,
        at: Duration,
        timeline: &mut Vec<String>,
    ) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut datagrams = Vec::new();
        let local = now + self.skew;
        loop {
            let output = match self.rtc.poll_output() {
                // A handshake that is lost too often is given up.
                Err(error) if self.connected.is_none() => {
                    timeline.push(format!("{:>9.3} {}: {error}", at.as_secs_f64(), self.name));
                    self.rtc.disconnect();
                    continue;
                }
                other => other.expect("a client that is connected does not fail"),
            };
            match output {
                Output::Timeout(due) if due <= local && self.rtc.is_alive() => {
                    self.rtc.handle_input(Input::Timeout(local)).expect("time may pass");
                }
                Output::Timeout(due) => {
                    self.next = due - self.skew;
                    break;
                }
                // A pair that it has not got a network for.
                Output::Transmit(transmit) if transmit.proto != protocol(self.proto) => {}
                Output::Transmit(transmit) => {
                    let bytes: Vec<u8> = transmit.contents.into();
                    if let Some(sent) = &mut self.sent {
                        sent.push(bytes.clone());
                    }
                    datagrams.push((transmit.destination, bytes));
                }
                Output::Event(event) => self.handle_event(event, at, timeline),
            }
        }
        if let Part::Publisher(sender) = &mut self.part {
            for bytes in sender.take_resends(self.sent.as_deref().unwrap_or_default()) {
                datagrams.push((super::SERVER, bytes));
            }
        }
        datagrams
    }

    fn handle_event(&mut self, event: Event, at: Duration, timeline: &mut Vec<String>) {
        let mut note =
            |text: String| timeline.push(format!("{:>9.3} {}: {text}", at.as_secs_f64(), self.name));
        match event {
            Event::Connected => {
                note("connected".to_owned());
                self.connected.get_or_insert(at);
            }
            Event::Closed => {
                note("told that the connection is closed".to_owned());
                self.closed.get_or_insert(at);
            }
            Event::ChannelOpen(id, label) => {
                note(format!("{label} open"));
                if label == CONTROL_LABEL {
                    self.channel = Some(id);
                    self.channel_open = true;
                } else if label == CHAT_LABEL || label == ECHO_LABEL {
                    self.chat.open = Some(id);
                }
                self.chat.labels.push((id, label));
            }
            Event::ChannelClose(id) => {
                let label = self.chat.label(id).to_owned();
                note(format!("{label} closed"));
                self.chat.closed.push((at, label));
                self.chat.open = self.chat.open.filter(|open| *open != id);
            }
            Event::ChannelData(data) if self.chat.label(data.id) == CHAT_LABEL => {
                let text = String::from_utf8(data.data).expect("the chat is text");
                note(format!("chat: {text:.80}"));
                self.chat.got.push((at, text));
            }
            Event::ChannelData(data) if self.chat.label(data.id) == ECHO_LABEL => {
                self.echoes.push((at, data.binary, data.data));
            }
            Event::ChannelData(data) => {
                let event: ControlEvent = serde_json::from_slice(&data.data).expect("a control event");
                note(format!("{event:?}"));
                self.control.push((at, event));
            }
            Event::KeyframeRequest(request) => {
                note(format!("asked for a key frame of {:?}", request.rid));
                if let Part::Publisher(sender) = &mut self.part {
                    sender.key_frame_asked(at, request.rid.map(|rid| rid.to_string()));
                }
            }
            Event::RtpPacket(packet) => self.record(packet, at),
            Event::SenderFeedback(report) => {
                if let Part::Viewer(recording) = &mut self.part {
                    recording.reports.push((at, report.sender_info));
                }
            }
            Event::RawPacket(packet) => {
                if let (RawPacket::RtcpRx(Rtcp::Nack(nack)), Part::Publisher(sender)) =
                    (*packet, &mut self.part)
                {
                    sender.nacked(&nack);
                }
            }
            _ => {}
        }
    }

    fn record(&mut self, packet: RtpPacket, at: Duration) {
        let video = self.video;
        let mid = {
            let mut api = self.rtc.direct_api();
            api.stream_rx(&packet.header.ssrc).map(|stream| stream.mid())
        };
        let ssrc = packet.header.ssrc;
        if let Part::Viewer(recording) = &mut self.part
            && recording.add(at, packet, mid.is_some() && mid == video)
            && let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc)
        {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    /// The offer text and what is needed to take the answer.
    pub(crate) fn make_offer(
        rtc: &mut Rtc,
        build: impl FnOnce(&mut str0m::change::SdpApi<'_>),
    ) -> (SdpOffer, SdpPendingOffer) {
        let mut api = rtc.sdp_api();
        build(&mut api);
        api.apply().expect("the offer has changes")
    }

    pub(crate) fn host_candidate(address: SocketAddr) -> Candidate {
        Self::candidate(address, Proto::Udp)
    }

    pub(crate) fn candidate(address: SocketAddr, proto: Proto) -> Candidate {
        Candidate::host(address, protocol(proto)).expect("a usable address")
    }
}
