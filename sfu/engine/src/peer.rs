//! One WebRTC connection. The only file that drains str0m, whose rule is: after each change,
//! poll until it names its next timeout.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_domain::chat::CHAT_LABEL;
use sluice_domain::control::CONTROL_LABEL;
use sluice_domain::echo::ECHO_LABEL;
use sluice_domain::{BroadcastId, Codec, MediaKind, PeerId, StreamId};
use smallvec::SmallVec;
use str0m::channel::{ChannelId, Reliability};
use str0m::crypto::CryptoProvider;
use str0m::format::FormatParams;
use str0m::ice::IceCreds;
use str0m::media::{KeyframeRequestKind, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, Ssrc};
use str0m::{Event, Input, Output, Rtc};

use crate::chat::MAX_BUFFERED_BYTES;
use crate::command::{IceFragment, RestartAnswer};
use crate::config::EngineConfig;
use crate::dtls::KeySlot;
use crate::echo;
use crate::egress::{Egress, Ids, OutStream, Transmits};
use crate::error::SfuError;
use crate::negotiate::{IceIdentity, Prepared, Role, Track, answer, ice_tag};
use crate::path::{Path, Proto};
use crate::prefetch::prefetch;
use crate::sdp::{self, Offer};
use crate::shard::packets::{self, Kind};
use crate::stun;

/// Most rounds of "a timeout is already due" in one go. Each sends at most one queued packet, so
/// this bounds a burst; what is left goes a millisecond later.
const DUE_ROUNDS: usize = 256;

/// How old str0m's time may be when something is written: its retransmission timers start from there. Less
/// tells it the time more often, more risks that it sends again what is just on its way.
const STALE: Duration = Duration::from_millis(20);

/// Most relayed addresses of one peer; the newest are known. A browser has one for each TURN server and way
/// to it, and uses one.
const MOST_RELAYED: usize = 8;

/// What happened on a connection.
#[derive(Debug)]
pub enum PeerEvent {
    /// ICE and DTLS are up.
    Connected,
    /// A new RTP packet of a publisher.
    Rtp(Box<RtpPacket>),
    /// A sender report: NTP time in microseconds since 1970, RTP timestamp, arrival.
    SenderReport {
        /// SSRC that it is about.
        ssrc: Ssrc,
        /// NTP time in microseconds since 1970.
        ntp: i64,
        /// RTP timestamp.
        rtp: u32,
        /// When it arrived.
        arrived: Instant,
    },
    /// Loss and round trip of a publisher's stream.
    Uplink {
        /// Share of packets lost before repair, 0 to 1.
        loss: Option<f32>,
        /// Round trip.
        rtt: Option<Duration>,
    },
    /// The control channel is open.
    ControlOpen,
    /// A message on the control channel.
    Control(Vec<u8>),
    /// The chat channel is open, another one than before where it was open already.
    ChatOpen,
    /// A message on the chat channel.
    Chat {
        /// It is not text.
        binary: bool,
        /// What it says.
        bytes: Vec<u8>,
    },
    /// The remote end closed the chat channel.
    ChatClosed,
    /// A message on the echo channel.
    Echo {
        /// It is not text.
        binary: bool,
        /// What it says.
        bytes: Vec<u8>,
    },
    /// A channel was opened that is none of ours; it is being closed.
    StrangeChannel,
    /// The remote end closed, or the connection cannot go on.
    Closed {
        /// True when DTLS or SRTP failed.
        failed: bool,
    },
}

/// What became of a text for the chat channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is on its way.
    Taken,
    /// Too much waits in the channel; later.
    Full,
    /// The channel is closed, or the other end takes no text of this size.
    Never,
}

/// One connection.
pub struct Peer {
    /// Its id.
    pub id: PeerId,
    /// The broadcast that it belongs to, unless it is there for the chat alone.
    pub broadcast: Option<BroadcastId>,
    /// The chat that it may take part in.
    pub chat: Option<StreamId>,
    /// When it was made.
    pub created: Instant,
    /// When something last arrived from it.
    pub last_seen: Instant,
    /// ICE and DTLS are up.
    pub connected: bool,
    /// The send path of a viewer, once its keys are known.
    pub egress: Option<Box<Egress>>,
    /// When str0m wants to be called again.
    rtc_next: Instant,
    /// What time str0m has been told.
    rtc_now: Instant,
    /// What happened and was not handled yet.
    pub events: VecDeque<PeerEvent>,
    rtc: Rtc,
    crypto: Arc<CryptoProvider>,
    /// Our ICE password in force.
    pwd: String,
    offer: Offer,
    control: Option<ChannelId>,
    chat_channel: Option<ChannelId>,
    /// It is there for the echo channel alone.
    is_probe: bool,
    echo_channel: Option<ChannelId>,
    /// What the send path of a viewer will be made of.
    sending: Option<Sending>,
    /// What everything but STUN goes over.
    path: Option<Path>,
    /// What str0m last sent such over: the pair that ICE selected, as far as it knows.
    selected: Option<Path>,
    /// Addresses of this peer that the TURN server of this process relays.
    relayed: SmallVec<[SocketAddr; 1]>,
}

/// What the send path of a viewer is made of, when its handshake is done.
pub(crate) struct Sending {
    pub(crate) keys: KeySlot,
    pub(crate) audio: Option<Track>,
    pub(crate) video: Option<Track>,
    pub(crate) cname: String,
    pub(crate) initial_estimate: u64,
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peer")
            .field("id", &self.id)
            .field("connected", &self.connected)
            .finish_non_exhaustive()
    }
}

impl Peer {
    /// Asks the processor for what a turn of a viewer reads here.
    pub fn prefetch(&self) {
        prefetch(&self.broadcast);
        prefetch(&self.egress);
        prefetch(&self.created);
    }

    /// Takes over a negotiated peer.
    pub fn new(prepared: Prepared, now: Instant) -> (Self, Option<Track>, Option<Track>) {
        let Prepared { peer, role, chat, offer, audio, video, rtc, ice, crypto, sending, .. } = prepared;
        let peer = Self {
            id: peer,
            broadcast: role.broadcast(),
            is_probe: matches!(role, Role::Probe),
            echo_channel: None,
            chat,
            created: now,
            last_seen: now,
            connected: false,
            events: VecDeque::new(),
            egress: None,
            rtc_next: now,
            rtc_now: now,
            rtc,
            crypto,
            pwd: ice.pwd,
            offer,
            control: None,
            chat_channel: None,
            sending,
            path: None,
            selected: None,
            relayed: SmallVec::new(),
        };
        (peer, audio, video)
    }

    /// When [`Self::handle_timeout`] is to be called next.
    pub fn next(&self) -> Instant {
        match &self.egress {
            Some(egress) => self.rtc_next.min(egress.next()),
            None => self.rtc_next,
        }
    }

    /// A STUN request as str0m needs it, where an encoder left something out.
    pub fn complete_stun(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let hmac = |key: &[u8], parts: &[&[u8]]| self.crypto.sha1_hmac_provider.sha1_hmac(key, parts);
        stun::with_priority(bytes, self.pwd.as_bytes(), hmac)
    }

    /// Whether a datagram belongs to this peer; STUN is checked against its credentials.
    pub fn accepts(&self, now: Instant, path: Path, bytes: &[u8]) -> bool {
        read(path, bytes).is_some_and(|receive| self.rtc.accepts(&Input::Receive(now, receive)))
    }

    /// Feeds a datagram.
    pub fn receive(&mut self, now: Instant, path: Path, bytes: &[u8]) -> bool {
        let Some(receive) = read(path, bytes) else { return false };
        if path.proto == Proto::Turn && !self.relayed.contains(&path.theirs) {
            self.relayed.truncate(MOST_RELAYED - 1);
            self.relayed.insert(0, path.theirs);
        }
        if packets::kind(bytes) != Some(Kind::Stun) {
            self.follow(path);
        }
        self.rtc_now = now;
        if let Err(error) = self.rtc.handle_input(Input::Receive(now, receive)) {
            self.fail(&error);
        }
        true
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.rtc_next > now {
            return;
        }
        self.wake(now);
    }

    fn wake(&mut self, now: Instant) {
        self.rtc_now = now;
        if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
            self.fail(&error);
        }
    }

    /// Drains str0m: datagrams into `out`, everything else into `events`.
    pub fn drain(&mut self, now: Instant, out: &mut Transmits) {
        for _ in 0..DUE_ROUNDS {
            let due = self.drain_once(now, out);
            if due > now {
                self.rtc_next = due;
                return;
            }
            // str0m sends what was written only when it is told that time has passed.
            self.wake(now);
        }
        self.rtc_next = now + Duration::from_millis(1);
    }

    fn drain_once(&mut self, now: Instant, out: &mut Transmits) -> Instant {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => return at,
                Ok(Output::Transmit(transmit)) => self.pass(&transmit, out),
                Ok(Output::Event(event)) => self.translate(event, now),
                Err(error) => self.fail(&error),
            }
        }
    }

    fn fail(&mut self, error: &dyn std::fmt::Display) {
        tracing::debug!(peer = %self.id, %error, "connection failed");
        self.rtc.disconnect();
        self.events.push_back(PeerEvent::Closed { failed: true });
    }

    /// Sends what str0m wants sent. RTP and RTCP of viewers are not its business.
    fn pass(&mut self, transmit: &str0m::net::Transmit, out: &mut Transmits) {
        let kind = packets::kind(&transmit.contents);
        if self.sending.is_some() && kind == Some(Kind::Rtp) {
            return;
        }
        let mut path = self.path_of(transmit);
        if kind != Some(Kind::Stun) {
            if self.selected != Some(path) {
                (self.selected, self.path) = (Some(path), Some(path));
            }
            path = self.path.unwrap_or(path);
        }
        out.push(path, &transmit.contents);
    }

    /// The peer sends over this path, so that is what its ICE agent has selected. str0m finds out late where
    /// the address of a peer has changed on the way: it takes the pair before for as good until that dies.
    pub fn follow(&mut self, path: Path) {
        if self.connected {
            self.path = Some(path);
        }
    }

    fn path_of(&self, transmit: &str0m::net::Transmit) -> Path {
        let (ours, theirs) = (transmit.source, transmit.destination);
        let proto = match transmit.proto {
            Protocol::Udp if self.relayed.contains(&theirs) => Proto::Turn,
            Protocol::Udp => Proto::Udp,
            Protocol::Tcp | Protocol::SslTcp | Protocol::Tls => Proto::Tcp,
        };
        Path { proto, ours, theirs }
    }

    fn translate(&mut self, event: Event, now: Instant) {
        if matches!(event, Event::Connected) && !self.open_egress(now) {
            self.fail(&"the handshake gave no usable keys");
            return;
        }
        if let Some(event) = self.meaning(event) {
            self.events.push_back(event);
        }
    }

    /// Begins to send to a viewer. False where it cannot be done.
    fn open_egress(&mut self, now: Instant) -> bool {
        let Some(sending) = &self.sending else { return true };
        if self.egress.is_some() {
            return true;
        }
        let (Some(keys), Some(path)) = (sending.keys.get(), self.path) else { return false };
        let seed = (self.id.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16) as u32;
        let mut stream =
            |track: &Option<Track>, rate: u32| out_stream(&mut self.rtc, track.as_ref()?, rate, seed);
        let tracks = (stream(&sending.audio, 48_000), stream(&sending.video, 90_000));
        let (cname, initial) = (sending.cname.clone(), sending.initial_estimate);
        self.egress = Egress::new(keys, &self.crypto, path, tracks, cname, initial, now).map(Box::new);
        self.egress.is_some()
    }

    fn meaning(&mut self, event: Event) -> Option<PeerEvent> {
        Some(match event {
            Event::Connected => {
                self.connected = true;
                PeerEvent::Connected
            }
            Event::RtpPacket(packet) => PeerEvent::Rtp(Box::new(packet)),
            Event::SenderFeedback(report) => {
                let info = report.sender_info;
                let ntp = info.ntp_time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                PeerEvent::SenderReport {
                    ssrc: info.ssrc,
                    ntp: i64::try_from(ntp.as_micros()).unwrap_or(0),
                    rtp: info.rtp_time.numer() as u32,
                    arrived: report.received_at,
                }
            }
            Event::MediaIngressStats(stats) => PeerEvent::Uplink { loss: stats.loss, rtt: stats.rtt },
            Event::ChannelOpen(id, label) if self.is_probe => return self.echo_opened(id, &label),
            Event::ChannelOpen(id, label) => self.channel_opened(id, &label),
            Event::ChannelData(data) if Some(data.id) == self.echo_channel => {
                PeerEvent::Echo { binary: data.binary, bytes: data.data }
            }
            Event::ChannelClose(id) if Some(id) == self.echo_channel => {
                self.echo_channel = None;
                return None;
            }
            Event::ChannelData(data) if Some(data.id) == self.control => PeerEvent::Control(data.data),
            Event::ChannelData(data) if Some(data.id) == self.chat_channel => {
                PeerEvent::Chat { binary: data.binary, bytes: data.data }
            }
            Event::ChannelClose(id) if Some(id) == self.control => {
                self.control = None;
                return None;
            }
            Event::ChannelClose(id) if Some(id) == self.chat_channel => {
                self.chat_channel = None;
                PeerEvent::ChatClosed
            }
            Event::Closed => PeerEvent::Closed { failed: false },
            _ => return None,
        })
    }

    fn channel_opened(&mut self, id: ChannelId, label: &str) -> PeerEvent {
        if label == CONTROL_LABEL && self.control.is_none() {
            self.control = Some(id);
            return PeerEvent::ControlOpen;
        }
        let reliable = self.rtc.channel(id).is_some_and(|channel| {
            channel
                .config()
                .is_some_and(|config| config.ordered && config.reliability == Reliability::Reliable)
        });
        if label == CHAT_LABEL && self.chat.is_some() && reliable {
            // A page that closes its channel and opens it again may be heard in another order.
            if self.chat_channel.is_some() {
                self.close_chat();
                self.events.push_back(PeerEvent::ChatClosed);
            }
            self.chat_channel = Some(id);
            return PeerEvent::ChatOpen;
        }
        self.rtc.direct_api().close_data_channel(id);
        PeerEvent::StrangeChannel
    }

    /// One channel that echoes is taken, and nothing else.
    fn echo_opened(&mut self, id: ChannelId, label: &str) -> Option<PeerEvent> {
        let channel = self.rtc.channel(id);
        let fits = channel.is_some_and(|channel| channel.config().is_some_and(echo::is_echo));
        if label == ECHO_LABEL && fits && self.echo_channel.is_none() {
            self.echo_channel = Some(id);
            return None;
        }
        self.rtc.direct_api().close_data_channel(id);
        Some(PeerEvent::StrangeChannel)
    }

    /// Sends a message back, unless too much waits already. To be drained afterwards.
    pub fn echo(&mut self, binary: bool, bytes: &[u8], now: Instant) -> bool {
        self.refresh(now);
        let Some(mut channel) = self.echo_channel.and_then(|id| self.rtc.channel(id)) else { return false };
        let waits = channel.buffered_amount() + bytes.len() > echo::MAX_WAITING_BYTES;
        !waits && channel.write(binary, bytes).unwrap_or(false)
    }

    /// Adds remote candidates; those that cannot be used are dropped silently (W21).
    pub fn trickle(&mut self, fragment: &IceFragment) {
        for candidate in fragment.candidates.iter().filter(|candidate| sdp::usable_candidate(candidate)) {
            if let Some(candidate) = sdp::parse_candidate(candidate) {
                self.rtc.add_remote_candidate(candidate);
            }
        }
    }

    /// Restarts ICE: str0m does it from a whole offer, so one is made of the first offer and the fragment.
    ///
    /// # Errors
    /// [`SfuError::RestartRefused`] where credentials are missing, or are those in force.
    pub fn restart_ice(
        &mut self,
        fragment: &IceFragment,
        ice: &IceIdentity,
        config: &EngineConfig,
        candidates: Vec<String>,
    ) -> Result<RestartAnswer, SfuError> {
        let refused = |what: &str| SfuError::RestartRefused(what.to_owned());
        let (Some(ufrag), Some(pwd)) = (&fragment.ufrag, &fragment.pwd) else {
            return Err(refused("a=ice-ufrag and a=ice-pwd are needed"));
        };
        if (ufrag, pwd) == (&self.offer.ufrag, &self.offer.pwd) {
            return Err(refused("these credentials are in force already"));
        }
        if !(4..=256).contains(&ufrag.len()) || !(22..=256).contains(&pwd.len()) {
            return Err(refused("the ICE credentials have an impossible length"));
        }
        let text = self.offer.with_ice(ufrag, pwd, &fragment.candidates);
        answer(&mut self.rtc, &text).map_err(|error| refused(&error))?;
        self.rtc
            .direct_api()
            .set_local_ice_credentials(IceCreds { ufrag: ice.ufrag.clone(), pass: ice.pwd.clone() });
        self.pwd.clone_from(&ice.pwd);
        self.offer.ufrag.clone_from(ufrag);
        self.offer.pwd.clone_from(pwd);
        Ok(RestartAnswer {
            ufrag: ice.ufrag.clone(),
            pwd: ice.pwd.clone(),
            ice_lite: config.ice == crate::config::IceMode::Lite,
            candidates,
            ice_tag: ice_tag(&ice.ufrag),
        })
    }

    /// The track and RID that a publisher's SSRC belongs to. To be asked once an SSRC.
    pub fn identify(&mut self, ssrc: Ssrc) -> Option<(MediaKind, Option<String>)> {
        let (mid, rid) = {
            let mut api = self.rtc.direct_api();
            let stream = api.stream_rx(&ssrc)?;
            // str0m asks for no retransmission where no RTX was negotiated, but encoders such as OBS
            // retransmit on the same SSRC (B-OBS10).
            stream.suppress_nack(false);
            (stream.mid(), stream.rid())
        };
        let kind = match self.rtc.media(mid)?.kind() {
            str0m::media::MediaKind::Audio => MediaKind::Audio,
            str0m::media::MediaKind::Video => MediaKind::Video,
        };
        if kind == MediaKind::Audio
            && let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc)
        {
            stream.suppress_nack(true);
        }
        Some((kind, rid.map(|rid| rid.to_string())))
    }

    /// What a payload type of the publisher carries.
    pub fn payload_type(&self, pt: Pt) -> Option<(Codec, FormatParams)> {
        let types = self.offer.sections.iter().flat_map(|section| &section.payload_types);
        types.into_iter().find(|known| known.pt == *pt).map(|known| (known.codec, known.format))
    }

    /// RIDs that the publisher offered.
    pub fn offered_rids(&self) -> Vec<String> {
        self.offer.sections.iter().flat_map(|section| section.rids.clone()).collect()
    }

    /// Asks the publisher for a key frame of one SSRC.
    pub fn request_key_frame(&mut self, ssrc: Ssrc) {
        if let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    /// Sends a control message. False when the channel is not open or its buffer is full.
    pub fn send_control(&mut self, text: &str) -> bool {
        let Some(mut channel) = self.control.and_then(|id| self.rtc.channel(id)) else { return false };
        channel.write(false, text.as_bytes()).unwrap_or(false)
    }

    /// Whether the control channel is open.
    pub const fn has_control(&self) -> bool {
        self.control.is_some()
    }

    /// Writes to the chat channel. To be drained afterwards, best when all is written: what is written
    /// together leaves together.
    pub fn say(&mut self, text: &str, now: Instant) -> Written {
        self.refresh(now);
        let Some(mut channel) = self.chat_channel.and_then(|id| self.rtc.channel(id)) else {
            return Written::Never;
        };
        if channel.buffered_amount() + text.len() > MAX_BUFFERED_BYTES {
            return Written::Full;
        }
        match channel.write(false, text.as_bytes()) {
            Ok(true) => Written::Taken,
            Ok(false) => Written::Full,
            Err(_) => Written::Never,
        }
    }

    /// The last words on the chat channel, for which there is room kept where it is full.
    pub fn say_last(&mut self, text: &str, now: Instant) {
        self.refresh(now);
        if let Some(mut channel) = self.chat_channel.and_then(|id| self.rtc.channel(id)) {
            // Where it is not taken nothing can be done: the channel is closed next.
            let _lost = channel.write(false, text.as_bytes());
        }
    }

    /// Closes the chat channel behind what was written. Its end may open it again.
    pub fn close_chat(&mut self) {
        if let Some(id) = self.chat_channel.take() {
            self.rtc.direct_api().close_data_channel(id);
        }
    }

    /// Tells str0m the time where its own is old.
    fn refresh(&mut self, now: Instant) {
        if now.saturating_duration_since(self.rtc_now) >= STALE {
            self.wake(now);
        }
    }

    /// Begins a proper end: RTCP BYE, DTLS close_notify. Drain afterwards.
    pub fn close(&mut self, out: &mut Transmits) {
        if let Some(mut egress) = self.egress.take() {
            egress.bye(out);
        }
        if let Err(error) = self.rtc.close() {
            tracing::debug!(peer = %self.id, %error, "close");
            self.rtc.disconnect();
        }
    }
}

/// A datagram as str0m takes it; for it a relayed address is one like any other.
fn read(path: Path, bytes: &[u8]) -> Option<Receive<'_>> {
    let proto = match path.proto {
        Proto::Udp | Proto::Turn => Protocol::Udp,
        Proto::Tcp => Protocol::Tcp,
    };
    Receive::new(proto, path.theirs, path.ours, bytes).ok()
}

/// A negotiated track as it is sent.
fn out_stream(rtc: &mut Rtc, track: &Track, rate: u32, seed: u32) -> Option<OutStream> {
    let ids = Ids::of(rtc.media(track.mid)?.remote_extmap());
    let mut api = rtc.direct_api();
    let stream = api.stream_tx_by_mid(track.mid, None)?;
    let ssrcs = (*stream.ssrc(), stream.rtx().map(|ssrc| *ssrc));
    let repairs = track.payload_types.iter().filter_map(|known| Some((known.pt, known.rtx?))).collect();
    Some(OutStream::new(ssrcs, ids, rate, repairs, track.mid, seed))
}
