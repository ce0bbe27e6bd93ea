//! A publisher's encoder: layers of pictures with real descriptors, and Opus.

use std::time::{Duration, Instant};

use sluice_domain::Codec;
use sluice_sfu_engine::extension::Descriptor;
use str0m::Rtc;
use str0m::media::{Mid, Pt, Rid};
use str0m::rtp::rtcp::Nack;
use str0m::rtp::{AbsCaptureTime, ExtensionValues, RtpWrite, VideoOrientation};

use super::pictures::{Numbers, Picture, Stamp};
use super::random::Random;

/// When the encoder makes key frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// At the start and when asked, as browsers do.
    OnRequest,
    /// At this interval whatever is asked, as OBS does.
    Every(Duration),
}

/// One layer of the video track.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LayerSpec {
    pub(crate) rid: Option<&'static str>,
    pub(crate) size: (u16, u16),
    pub(crate) bitrate: u64,
}

/// What a publisher sends.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) codec: Option<Codec>,
    pub(crate) layers: Vec<LayerSpec>,
    pub(crate) audio: bool,
    pub(crate) control: bool,
    pub(crate) chat: bool,
    pub(crate) fps: u32,
    pub(crate) keys: Keys,
    /// H.264: parameter sets in front of every key frame, not only the first.
    pub(crate) repeat_parameters: bool,
    pub(crate) b_frames: bool,
    /// Stamps RIDs that the offer does not name, has no RTX and answers NACKs on the same SSRC.
    pub(crate) obs: bool,
    /// The publisher's clock minus the clock of the simulation.
    pub(crate) skew: Duration,
    /// From capture to the wire.
    pub(crate) encoding: Duration,
    /// First picture id, so that the layers differ.
    pub(crate) first_seq: u16,
}

pub(crate) const LAYERS: [LayerSpec; 3] = [
    LayerSpec { rid: Some("h"), size: (1280, 720), bitrate: 1_000_000 },
    LayerSpec { rid: Some("m"), size: (640, 352), bitrate: 450_000 },
    LayerSpec { rid: Some("l"), size: (320, 176), bitrate: 150_000 },
];

impl Default for Source {
    fn default() -> Self {
        Self {
            codec: Some(Codec::Vp8),
            layers: LAYERS.to_vec(),
            audio: true,
            control: false,
            chat: false,
            fps: 30,
            keys: Keys::OnRequest,
            repeat_parameters: true,
            b_frames: false,
            obs: false,
            skew: Duration::ZERO,
            encoding: Duration::from_millis(4),
            first_seq: 1000,
        }
    }
}

impl Source {
    /// As OBS: key frames every two seconds, whatever is asked.
    pub(crate) fn ignoring_requests() -> Self {
        Self { keys: Keys::Every(Duration::from_secs(2)), ..Self::default() }
    }

    /// One layer without a RID.
    pub(crate) fn single(codec: Codec) -> Self {
        let layers = vec![LayerSpec { rid: None, size: (640, 352), bitrate: 500_000 }];
        Self { codec: Some(codec), layers, ..Self::default() }
    }

    pub(crate) fn audio_only() -> Self {
        Self { codec: None, layers: Vec::new(), ..Self::default() }
    }
}

#[derive(Debug)]
struct LayerState {
    spec: LayerSpec,
    sending: bool,
    key_wanted: bool,
    last_key: Option<Duration>,
    frame: u32,
    seq: u64,
    timestamp_base: u32,
    numbers: Numbers,
    sent_parameters: bool,
}

/// The running encoder of a publisher.
pub(crate) struct Sender {
    pub(crate) source: Source,
    /// When and for which RID key frames were asked for.
    pub(crate) requests: Vec<(Duration, Option<String>)>,
    /// When, on which layer and at which frame number key frames were made.
    pub(crate) keys: Vec<(Duration, usize, u32)>,
    /// Extensions that every packet carries besides.
    pub(crate) orientation: Option<VideoOrientation>,
    pub(crate) audio_level: Option<i8>,
    pub(crate) capture_time: bool,
    pub(crate) muted: bool,
    pub(crate) pts: (Option<Pt>, Option<Pt>),
    layers: Vec<LayerState>,
    next_picture: Option<Instant>,
    next_audio: Option<Instant>,
    /// Frames that wait for their encoding to end.
    audio_seq: u64,
    audio_count: u32,
    nacks: Vec<(u32, u16)>,
    random: Random,
}

const AUDIO_EVERY: Duration = Duration::from_millis(20);

/// How much larger a key frame is.
const KEY_FRAME: usize = 5;

impl Sender {
    pub(crate) fn new(source: Source, mut random: Random) -> Self {
        let layers = source.layers.iter().enumerate().map(|(index, spec)| LayerState {
            spec: *spec,
            sending: true,
            key_wanted: true,
            last_key: None,
            frame: 0,
            seq: u64::from(source.first_seq) + index as u64 * 7000,
            timestamp_base: u32::try_from(random.bits() >> 32).expect("32 bits"),
            numbers: Numbers {
                picture_id: u16::try_from(random.below(0x8000)).expect("15 bits"),
                tl0: u8::try_from(random.below(256)).expect("8 bits"),
                key_idx: u8::try_from(random.below(32)).expect("5 bits"),
            },
            sent_parameters: false,
        });
        Self {
            layers: layers.collect(),
            requests: Vec::new(),
            keys: Vec::new(),
            orientation: None,
            audio_level: None,
            capture_time: false,
            muted: false,
            pts: (None, None),
            next_picture: None,
            next_audio: None,
            audio_seq: 40,
            audio_count: 0,
            nacks: Vec::new(),
            random,
            source,
        }
    }

    /// Stops or resumes one layer.
    pub(crate) fn set_sending(&mut self, layer: usize, sending: bool) {
        let layer = &mut self.layers[layer];
        layer.key_wanted |= sending && !layer.sending;
        layer.sending = sending;
    }

    /// The encoder of a layer starts anew: other sequence numbers, timestamps and picture ids.
    pub(crate) fn restart_encoder(&mut self, layer: usize) -> Option<&'static str> {
        let layer = &mut self.layers[layer];
        layer.seq = 20;
        layer.timestamp_base = layer.timestamp_base.wrapping_add(0x4567_0000);
        layer.numbers = Numbers { picture_id: 5, tl0: 5, key_idx: 5 };
        layer.key_wanted = true;
        layer.spec.rid
    }

    pub(crate) fn key_frame_asked(&mut self, at: Duration, rid: Option<String>) {
        if self.source.keys == Keys::OnRequest {
            for layer in &mut self.layers {
                layer.key_wanted |= layer.spec.rid == rid.as_deref();
            }
        }
        self.requests.push((at, rid));
    }

    pub(crate) fn nacked(&mut self, nack: &Nack) {
        if !self.source.obs {
            return;
        }
        for entry in nack.reports.iter() {
            for bit in 0..=16_u16 {
                if bit == 0 || entry.blp >> (bit - 1) & 1 != 0 {
                    self.nacks.push((*nack.ssrc, entry.pid.wrapping_add(bit)));
                }
            }
        }
    }

    /// Datagrams that were asked for again, found among those sent.
    pub(crate) fn take_resends(&mut self, sent: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let nacks = std::mem::take(&mut self.nacks);
        let find = |(ssrc, seq): (u32, u16)| {
            let wanted = |bytes: &&Vec<u8>| {
                bytes.len() > 12
                    && (128..192).contains(&bytes[0])
                    && bytes[2..4] == seq.to_be_bytes()
                    && bytes[8..12] == ssrc.to_be_bytes()
            };
            sent.iter().rev().find(wanted).cloned()
        };
        nacks.into_iter().filter_map(find).collect()
    }

    /// When there is something to send next.
    pub(crate) fn next(&self) -> Option<Instant> {
        [self.next_picture, self.next_audio].into_iter().flatten().min()
    }

    /// Begins when the connection is up.
    pub(crate) fn begin(&mut self, now: Instant) {
        if self.next().is_none() {
            self.next_picture = self.source.codec.map(|_| now + self.source.encoding);
            self.next_audio = self.source.audio.then_some(now);
        }
    }

    /// Writes what is due. `local` is the publisher's clock.
    pub(crate) fn send(
        &mut self,
        now: Instant,
        local: Instant,
        at: Duration,
        rtc: &mut Rtc,
        (audio, video): (Option<Mid>, Option<Mid>),
    ) {
        if let (Some(mid), Some(due)) = (audio, self.next_audio.filter(|due| *due <= now)) {
            self.next_audio = Some(due + AUDIO_EVERY);
            if !self.muted {
                self.send_audio(local, at, rtc, mid);
            }
        }
        if let (Some(mid), Some(due)) = (video, self.next_picture.filter(|due| *due <= now)) {
            self.next_picture = Some(due + Duration::from_secs(1) / self.source.fps);
            for layer in 0..self.layers.len() {
                if self.layers[layer].sending && !self.muted {
                    self.send_picture(layer, local, at, rtc, mid);
                }
            }
        }
    }

    fn send_audio(&mut self, local: Instant, at: Duration, rtc: &mut Rtc, mid: Mid) {
        let stamp = Stamp { layer: 0xff, key: true, frame: self.audio_count, captured: at, packets: 1 };
        let mut payload = vec![0xfc, 1, 2, 3];
        stamp.write(&mut payload);
        let pt = self.pts.0.expect("audio was negotiated");
        let timestamp = 7_000_u32.wrapping_add(self.audio_count * 960);
        let values = ExtensionValues {
            audio_level: self.audio_level,
            voice_activity: self.audio_level.map(|_| true),
            abs_capture_time: self.capture_time.then(|| capture(local)),
            ..ExtensionValues::default()
        };
        let write = RtpWrite::new(pt, self.audio_seq.into(), timestamp, local, payload).ext_vals(values);
        let mut api = rtc.direct_api();
        api.stream_tx_by_mid(mid, None).expect("a stream for audio").write_rtp(write);
        self.audio_seq += 1;
        self.audio_count += 1;
    }

    fn send_picture(&mut self, index: usize, local: Instant, at: Duration, rtc: &mut Rtc, mid: Mid) {
        let (source, encoding) = (&self.source, self.source.encoding);
        let captured = at.saturating_sub(encoding);
        let layer = &mut self.layers[index];
        let key = match source.keys {
            Keys::OnRequest => std::mem::take(&mut layer.key_wanted),
            Keys::Every(interval) => layer.last_key.is_none_or(|last| at >= last + interval),
        };
        if key {
            layer.last_key = Some(at);
            layer.numbers.key_idx = layer.numbers.key_idx.wrapping_add(1) & 0x1f;
            self.keys.push((at, index, layer.frame));
        }
        layer.numbers.picture_id = layer.numbers.picture_id.wrapping_add(1) & 0x7fff;
        layer.numbers.tl0 = layer.numbers.tl0.wrapping_add(1);
        let even = usize::try_from(layer.spec.bitrate / 8 / u64::from(source.fps)).expect("small");
        let varied =
            even * 4 / 5 + usize::try_from(self.random.below(even as u64 * 2 / 5 + 1)).expect("small");
        let codec = source.codec.expect("there is video");
        let layer_number = u8::try_from(index).expect("few layers");
        let picture = Picture {
            codec,
            key,
            b: source.b_frames && !layer.frame.is_multiple_of(3),
            size: layer.spec.size,
            bytes: if key { varied * KEY_FRAME } else { varied },
            numbers: layer.numbers,
            parameters: source.repeat_parameters || !layer.sent_parameters,
            stamp: Stamp { layer: layer_number, key, frame: layer.frame, captured, packets: 0 },
        };
        layer.sent_parameters |= key;
        let rid = layer.spec.rid.map(Rid::from);
        let mut api = rtc.direct_api();
        let stream = api.stream_tx_by_mid(mid, rid).expect("a stream for the layer");
        let payloads = picture.payloads();
        let units = u64::try_from(captured.as_micros()).expect("short runs") * 90 / 1000;
        let timestamp = layer.timestamp_base.wrapping_add(u32::try_from(units).expect("short runs"));
        let last = payloads.len() - 1;
        for (number, payload) in payloads.into_iter().enumerate() {
            let mut values = ExtensionValues {
                video_orientation: self.orientation,
                abs_capture_time: self.capture_time.then(|| capture(local - encoding)),
                ..ExtensionValues::default()
            };
            if matches!(codec, Codec::Av1 | Codec::Vp9) {
                let flags = u8::from(number == 0) << 7 | u8::from(number == last) << 6;
                let [high, low] = u16::try_from(layer.frame & 0xffff).expect("masked").to_be_bytes();
                values.user_values.set(Descriptor([flags, high, low].into()));
            }
            let pt = self.pts.1.expect("video was negotiated");
            let write = RtpWrite::new(pt, layer.seq.into(), timestamp, local - encoding, payload)
                .marker(number == last)
                .nackable(true)
                .ext_vals(values);
            stream.write_rtp(write);
            layer.seq += 1;
        }
        layer.frame += 1;
    }
}

fn capture(local: Instant) -> AbsCaptureTime {
    AbsCaptureTime { capture_time: super::system_time(local), clock_offset: None }
}
