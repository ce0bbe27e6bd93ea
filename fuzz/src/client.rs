//! One end of a connection to the shard: str0m as a browser would be.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sluice_domain::PeerId;
use sluice_domain::chat::CHAT_LABEL;
use sluice_domain::control::CONTROL_LABEL;
use sluice_sfu_engine::extension::{self, Descriptor};
use sluice_sfu_engine::{Command, Negotiator, Output as ShardOutput, Path, Role, Shard};
use str0m::change::SdpAnswer;
use str0m::channel::{ChannelConfig, ChannelId};
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite};
use str0m::{Candidate, Input, Output, Rtc, RtcConfig};

use crate::world;

/// A connection with one audio and one video track, the control and the chat channel.
pub struct Client {
    rtc: Rtc,
    address: SocketAddr,
    audio: Mid,
    video: Mid,
    channel: ChannelId,
    chat: ChannelId,
    /// Sequence number and timestamp of the next packet, audio and video.
    next: [(u64, u32); 2],
}

impl Client {
    /// Offers, is answered and is handed to the shard.
    pub fn join(
        peer: PeerId,
        role: Role,
        port: u16,
        negotiator: &Negotiator,
        shard: &mut Shard,
        now: Instant,
    ) -> Self {
        let direction = match role {
            Role::Publisher(_) => Direction::SendOnly,
            Role::Viewer(..) | Role::Member | Role::Probe => Direction::RecvOnly,
        };
        let config = RtcConfig::new().set_rtp_mode(true).set_extension_map(extension::negotiable());
        let mut rtc = config.enable_h265(true).build(now);
        let address = SocketAddr::from(([198, 51, 100, 1], port));
        rtc.add_local_candidate(Candidate::host(address, "udp").expect("a usable address"));
        let mut api = rtc.sdp_api();
        let audio = api.add_media(MediaKind::Audio, direction, None, None, None);
        let video = api.add_media(MediaKind::Video, direction, None, None, None);
        let channel = api.add_channel(CONTROL_LABEL.to_owned());
        let chat = api.add_channel(CHAT_LABEL.to_owned());
        let (offer, pending) = api.apply().expect("the offer has changes");
        let (prepared, answer) = negotiator
            .accept(peer, role, Some(world::CHAT), &offer.to_sdp_string(), world::identity(peer), now)
            .expect("str0m's offer is accepted");
        let answer = SdpAnswer::from_sdp_string(&answer.sdp).expect("the answer is SDP");
        rtc.sdp_api().accept_answer(pending, answer).expect("the answer fits the offer");
        shard.handle_command(now, Command::Add(Box::new(prepared)));
        Self { rtc, address, audio, video, channel, chat, next: [(1, 0); 2] }
    }

    /// Whether ICE and DTLS are up.
    pub fn is_connected(&self) -> bool {
        self.rtc.is_connected()
    }

    /// Sends one video packet with any payload under any of the payload types.
    pub fn send_video(&mut self, now: Instant, step: &Step, payload: &[u8], descriptor: Option<&[u8]>) {
        let count =
            self.rtc.codec_config().params().iter().filter(|params| params.spec().codec.is_video()).count();
        let mut video =
            self.rtc.codec_config().params().iter().filter(|params| params.spec().codec.is_video());
        let Some(pt) = video.nth(step.codec % count.max(1)).map(str0m::format::PayloadParams::pt) else {
            return;
        };
        self.send(now, 1, self.video, pt, step, payload, descriptor);
    }

    /// Sends one audio packet with any payload.
    pub fn send_audio(&mut self, now: Instant, step: &Step, payload: &[u8]) {
        let mut params = self.rtc.codec_config().params().iter();
        let Some(pt) = params.find(|params| params.spec().codec.is_audio()).map(|params| params.pt()) else {
            return;
        };
        self.send(now, 0, self.audio, pt, step, payload, None);
    }

    #[expect(clippy::too_many_arguments, reason = "a packet has many fields")]
    fn send(
        &mut self,
        now: Instant,
        track: usize,
        mid: Mid,
        pt: Pt,
        step: &Step,
        payload: &[u8],
        descriptor: Option<&[u8]>,
    ) {
        // Our own str0m panics where a packet exceeds its buffer of 2,000 bytes.
        if payload.len() + descriptor.map_or(0, <[u8]>::len) > 1_900 {
            return;
        }
        let (seq, timestamp) = &mut self.next[track];
        *seq += if step.gap { 3 } else { 1 };
        *timestamp = timestamp.wrapping_add(if step.new_picture { 3000 } else { 0 });
        let mut values = ExtensionValues::default();
        if let Some(descriptor) = descriptor {
            values.user_values.set(Descriptor(descriptor.into()));
        }
        let write = RtpWrite::new(pt, (*seq).into(), *timestamp, now, payload.to_vec());
        let write = write.marker(step.marker).nackable(true).ext_vals(values);
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, None) {
            stream.write_rtp(write);
        }
    }

    /// Sends a message on the control channel, where it is open.
    pub fn send_control(&mut self, text: &[u8]) {
        if let Some(mut channel) = self.rtc.channel(self.channel) {
            let _ = channel.write(false, text);
        }
    }

    /// Writes to the chat, where its channel is open.
    pub fn write_chat(&mut self, binary: bool, text: &[u8]) {
        if let Some(mut channel) = self.rtc.channel(self.chat) {
            let _ = channel.write(binary, text);
        }
    }

    /// Opens a channel of any label, reliable or not.
    pub fn open(&mut self, label: &[u8], ordered: bool) {
        let label = String::from_utf8_lossy(label).into_owned();
        let id =
            self.rtc.direct_api().create_data_channel(ChannelConfig { label, ordered, ..Default::default() });
        if ordered {
            self.chat = id;
        }
    }

    /// Closes the chat channel.
    pub fn close_chat(&mut self) {
        self.rtc.direct_api().close_data_channel(self.chat);
    }

    /// Time passes; what is to be sent reaches the shard.
    pub fn run(&mut self, now: Instant, shard: &mut Shard) {
        let _ = self.rtc.handle_input(Input::Timeout(now));
        while self.rtc.is_alive() {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(transmit)) => {
                    shard.handle_datagram(
                        now,
                        Path::udp(transmit.destination, self.address),
                        &transmit.contents,
                    );
                }
                Ok(Output::Event(_)) => {}
                Ok(Output::Timeout(due)) if due <= now => {
                    let _ = self.rtc.handle_input(Input::Timeout(now));
                }
                Ok(Output::Timeout(_)) | Err(_) => return,
            }
        }
    }

    fn receive(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        let Ok(receive) = Receive::new(Protocol::Udp, from, self.address, bytes) else { return };
        let _ = self.rtc.handle_input(Input::Receive(now, receive));
    }
}

/// How a packet differs from the one before it.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Which of the video codecs.
    pub codec: usize,
    /// Last packet of its picture.
    pub marker: bool,
    /// First packet of a picture.
    pub new_picture: bool,
    /// Two packets before it were lost.
    pub gap: bool,
}

/// Moves a shard and its clients on by `span`, in steps of 5 ms.
pub fn run(clients: &mut [&mut Client], shard: &mut Shard, now: &mut Instant, span: Duration) {
    let end = *now + span;
    loop {
        for client in clients.iter_mut() {
            client.run(*now, shard);
        }
        shard.handle_timeout(*now);
        while let Some(output) = shard.poll_output(*now) {
            let ShardOutput::Transmit(transmit) = output else { continue };
            for client in clients.iter_mut().filter(|client| client.address == transmit.path.theirs) {
                transmit.datagrams().for_each(|bytes| client.receive(*now, transmit.path.ours, bytes));
                client.run(*now, shard);
            }
        }
        if *now >= end {
            return;
        }
        *now += Duration::from_millis(5);
    }
}
