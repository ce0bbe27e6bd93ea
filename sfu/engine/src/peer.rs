//! One WebRTC connection. The only file that drains str0m, whose rule is: after each change,
//! poll until it names its next timeout.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_domain::control::CONTROL_LABEL;
use sluice_domain::{BroadcastId, Codec, MediaKind, PeerId};
use str0m::bwe::{Bitrate, BweKind};
use str0m::channel::ChannelId;
use str0m::crypto::CryptoProvider;
use str0m::format::FormatParams;
use str0m::ice::IceCreds;
use str0m::media::{KeyframeRequestKind, MediaTime as RtpTime, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{RtpPacket, RtpWrite, Ssrc, Vp8Descriptor};
use str0m::{Event, Input, Output, Rtc};

use crate::command::{IceFragment, RestartAnswer};
use crate::config::EngineConfig;
use crate::error::SfuError;
use crate::extension::Descriptor;
use crate::negotiate::{IceIdentity, Prepared, Track, answer, ice_tag};
use crate::packet::MediaPacket;
use crate::rewrite::Rewritten;
use crate::sdp::{self, Offer};
use crate::shard::Transmit;
use crate::stun;

/// Most rounds of "a timeout is already due" in one go. Each sends at most one queued packet, so
/// this bounds a burst; what is left goes a millisecond later.
const DUE_ROUNDS: usize = 256;

/// Packets kept for retransmission: a second and a half at 15 Mbit/s.
const RTX_PACKETS: usize = 2048;

/// How long they are kept. Players give up on a packet after about a second.
const RTX_AGE: Duration = Duration::from_secs(3);

/// Retransmissions may take this share of what is sent. More repairs the burst of losses that made a
/// viewer switch down, less keeps a congested link from drowning in repairs.
const RTX_SHARE: Option<f32> = Some(0.5);

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
    /// A viewer needs a key frame (PLI or FIR).
    KeyFrameWanted,
    /// A new estimate of what the viewer's network carries, in bits per second.
    Estimate(u64),
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
    /// The remote end closed, or the connection cannot go on.
    Closed {
        /// True when DTLS or SRTP failed.
        failed: bool,
    },
}

/// What the server says about a packet besides its payload.
#[derive(Debug, Clone, Copy)]
pub struct PlayoutDelay {
    /// Least delay asked of the receiver.
    pub min: Duration,
    /// Most delay asked of the receiver.
    pub max: Duration,
}

/// One connection.
pub struct Peer {
    /// Its id.
    pub id: PeerId,
    /// The broadcast that it belongs to.
    pub broadcast: BroadcastId,
    /// When it was made.
    pub created: Instant,
    /// When something last arrived from it.
    pub last_seen: Instant,
    /// ICE and DTLS are up.
    pub connected: bool,
    /// When str0m wants to be called again.
    pub next: Instant,
    /// What happened and was not handled yet.
    pub events: VecDeque<PeerEvent>,
    rtc: Rtc,
    crypto: Arc<CryptoProvider>,
    /// Our ICE password in force.
    pwd: String,
    offer: Offer,
    control: Option<ChannelId>,
    smooth_estimate: Option<u64>,
    newest_estimate: Option<u64>,
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
    /// Takes over a negotiated peer.
    pub fn new(prepared: Prepared, now: Instant) -> (Self, Option<Track>, Option<Track>) {
        let Prepared { peer, broadcast, offer, audio, video, rtc, ice, crypto, .. } = prepared;
        let peer = Self {
            id: peer,
            broadcast,
            created: now,
            last_seen: now,
            connected: false,
            next: now,
            events: VecDeque::new(),
            rtc,
            crypto,
            pwd: ice.pwd,
            offer,
            control: None,
            smooth_estimate: None,
            newest_estimate: None,
        };
        (peer, audio, video)
    }

    /// A STUN request as str0m needs it, where an encoder left something out.
    pub fn complete_stun(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let hmac = |key: &[u8], parts: &[&[u8]]| self.crypto.sha1_hmac_provider.sha1_hmac(key, parts);
        stun::with_priority(bytes, self.pwd.as_bytes(), hmac)
    }

    /// Whether a datagram belongs to this peer; STUN is checked against its credentials.
    pub fn accepts(&self, now: Instant, from: SocketAddr, to: SocketAddr, bytes: &[u8]) -> bool {
        Receive::new(Protocol::Udp, from, to, bytes)
            .is_ok_and(|receive| self.rtc.accepts(&Input::Receive(now, receive)))
    }

    /// Feeds a datagram.
    pub fn receive(&mut self, now: Instant, from: SocketAddr, to: SocketAddr, bytes: &[u8]) -> bool {
        let Ok(receive) = Receive::new(Protocol::Udp, from, to, bytes) else { return false };
        if let Err(error) = self.rtc.handle_input(Input::Receive(now, receive)) {
            self.fail(&error);
        }
        true
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, now: Instant) {
        if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
            self.fail(&error);
        }
    }

    /// Drains str0m: datagrams into `out`, everything else into `events`.
    pub fn drain(&mut self, now: Instant, out: &mut VecDeque<Transmit>) {
        for _ in 0..DUE_ROUNDS {
            let due = self.drain_once(out);
            if due > now {
                self.next = due;
                return;
            }
            // str0m sends a written packet only when it is told that time has passed.
            if let Err(error) = self.rtc.handle_input(Input::Timeout(now)) {
                self.fail(&error);
            }
        }
        self.next = now + Duration::from_millis(1);
    }

    fn drain_once(&mut self, out: &mut VecDeque<Transmit>) -> Instant {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => return at,
                Ok(Output::Transmit(transmit)) => out.push_back(Transmit {
                    from: transmit.source,
                    to: transmit.destination,
                    bytes: transmit.contents.into(),
                }),
                Ok(Output::Event(event)) => self.translate(event),
                Err(error) => self.fail(&error),
            }
        }
    }

    fn fail(&mut self, error: &dyn std::fmt::Display) {
        tracing::debug!(peer = %self.id, %error, "connection failed");
        self.rtc.disconnect();
        self.events.push_back(PeerEvent::Closed { failed: true });
    }

    fn translate(&mut self, event: Event) {
        if let Some(event) = self.meaning(event) {
            self.events.push_back(event);
        }
    }

    /// str0m tells an average of three seconds, which learns of a collapse too late, and its newest
    /// estimate, which jumps: the lower of both falls at once and climbs with care.
    fn estimate(&self) -> Option<u64> {
        let newest = self.newest_estimate.into_iter();
        newest.chain(self.smooth_estimate).min()
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
            Event::KeyframeRequest(_) => PeerEvent::KeyFrameWanted,
            Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                self.smooth_estimate = Some(estimate.as_u64());
                PeerEvent::Estimate(self.estimate()?)
            }
            Event::PeerStats(stats) => {
                self.newest_estimate = Some(stats.bwe_tx?.as_u64());
                PeerEvent::Estimate(self.estimate()?)
            }
            Event::MediaIngressStats(stats) => PeerEvent::Uplink { loss: stats.loss, rtt: stats.rtt },
            Event::ChannelOpen(id, label) if label == CONTROL_LABEL && self.control.is_none() => {
                self.control = Some(id);
                PeerEvent::ControlOpen
            }
            Event::ChannelData(data) if Some(data.id) == self.control => PeerEvent::Control(data.data),
            Event::ChannelClose(id) if Some(id) == self.control => {
                self.control = None;
                return None;
            }
            Event::Closed => PeerEvent::Closed { failed: false },
            _ => return None,
        })
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

    /// Tells the estimator how much this viewer would take, in bits per second, so that it probes for it.
    pub fn set_desired(&mut self, least: u64, bitrate: u64) {
        self.rtc.bwe().set_bitrate(Bitrate::bps(least), Bitrate::bps(bitrate));
    }

    /// Writes one packet for a viewer. `captured` is the instant of its capture, which sender
    /// reports tell the viewer.
    pub fn write(
        &mut self,
        mid: Mid,
        pt: u8,
        packet: &MediaPacket,
        to: &Rewritten,
        captured: Instant,
        playout: PlayoutDelay,
    ) {
        let mut write =
            RtpWrite::new(Pt::from(pt), to.seq.into(), to.timestamp, captured, payload(packet, to))
                .marker(packet.marker)
                .nackable(true);
        if packet.codec == Codec::Vp8
            && to.changed
            && let Some(patch) = vp8_patch(packet, to)
        {
            write = write.vp8_patch(patch);
        }
        let mut values = str0m::rtp::ExtensionValues {
            audio_level: packet.carried.audio_level,
            voice_activity: packet.carried.voice_activity,
            video_orientation: packet.carried.orientation,
            abs_capture_time: packet.carried.capture,
            ..Default::default()
        };
        if packet.kind == MediaKind::Video {
            values.play_delay_min = Some(RtpTime::from_micros(micros(playout.min)));
            values.play_delay_max = Some(RtpTime::from_micros(micros(playout.max)));
            if let (Some(bytes), Some(number)) = (&packet.carried.descriptor, to.frame_number) {
                let mut bytes = bytes.to_vec();
                sluice_media::dd::rewrite_frame_number(&mut bytes, number);
                values.user_values.set(Descriptor(bytes.into()));
            }
        }
        self.write_rtp(mid, write.ext_vals(values));
    }

    /// Writes a packet of our own: parameter sets before a key frame that lacks them.
    pub fn write_own(
        &mut self,
        mid: Mid,
        pt: u8,
        seq: u64,
        timestamp: u32,
        payload: Vec<u8>,
        captured: Instant,
    ) {
        self.write_rtp(
            mid,
            RtpWrite::new(Pt::from(pt), seq.into(), timestamp, captured, payload).nackable(true),
        );
    }

    fn write_rtp(&mut self, mid: Mid, write: RtpWrite) {
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, None) else { return };
        // The layer choice keeps the rate under the estimate; pacing on top of it only adds delay.
        stream.set_unpaced(true);
        stream.write_rtp(write);
    }

    /// Answers no more requests for retransmission of what was sent so far.
    pub fn forget_sent(&mut self, mid: Mid) {
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            stream.set_rtx_cache(RTX_PACKETS, RTX_AGE, RTX_SHARE);
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

    /// Begins a proper end: RTCP BYE, DTLS close_notify. Drain afterwards.
    pub fn close(&mut self) {
        if let Err(error) = self.rtc.close() {
            tracing::debug!(peer = %self.id, %error, "close");
            self.rtc.disconnect();
        }
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

fn vp8_patch(packet: &MediaPacket, to: &Rewritten) -> Option<str0m::rtp::Vp8Patch> {
    let descriptor = Vp8Descriptor::parse(&packet.payload).ok()?;
    let build = |mask: u16| {
        let mut patch = descriptor.patch();
        if let Some(id) = to.picture_id {
            patch = patch.picture_id(id & mask);
        }
        if let Some(tl0) = to.tl0 {
            patch = patch.tl0_pic_idx(tl0);
        }
        if let Some(key) = to.key_idx {
            patch = patch.key_idx(key);
        }
        patch.build().ok()
    };
    // A picture id of 7 bits is refused with a larger value.
    build(0x7fff).or_else(|| build(0x7f))
}

/// The payload as it came, or for VP9 with another picture id a copy with it: str0m patches VP8
/// while it writes the packet, but not VP9.
fn payload(packet: &MediaPacket, to: &Rewritten) -> Arc<[u8]> {
    if packet.codec == Codec::Vp9
        && to.changed
        && let Some(id) = to.picture_id
    {
        let mut copy = Vec::with_capacity(packet.payload.len());
        if sluice_media::vp9::rewrite(&packet.payload, &mut copy, id, to.tl0) {
            return copy.into();
        }
    }
    Arc::clone(&packet.payload)
}
