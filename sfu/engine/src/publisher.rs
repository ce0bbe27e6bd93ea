//! What a publisher sends: its layers, their rates and key frames, and what is wrong with them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_domain::control::MediaIssue;
use sluice_domain::{Codec, LayerInfo, MediaKind, MediaTime};
use sluice_media::{Resolution, frame, h264, h265};
use str0m::format::FormatParams;
use str0m::rtp::{RtpPacket, Ssrc};

use crate::cache::LayerCache;
use crate::clock::{NodeClock, SenderClock, StreamClock};
use crate::config::EngineConfig;
use crate::history::History;
use crate::keyframe::KeyFrames;
use crate::layer::LayerView;
use crate::packet::{Carried, MediaPacket, SourceId};
use crate::relay::KeyFrameId;

/// A layer counts as dropped when it has been silent for this long while others were not; at least
/// three of its pictures must be missing. Shorter mistakes slow encoders for dropped layers,
/// longer lets its viewers stand still (the bound is 500 ms with the key frame that follows).
const SILENCE: Duration = Duration::from_millis(250);

/// Pictures with B slices after which the publisher is told; one could be an accident of a filter.
const B_PICTURES: u32 = 3;

/// Key frames further apart than this are rare where requests are ignored.
const RARE_KEY_FRAMES: Duration = Duration::from_secs(4);

/// Loss before repair above which the publisher is told.
const HIGH_LOSS: f32 = 0.05;

/// A negotiated layer may be missing this long after the publisher began.
const MISSING_AFTER: Duration = Duration::from_secs(5);

/// Rates over about the last second.
#[derive(Debug, Clone)]
struct Meter {
    since: Instant,
    bytes: u64,
    pictures: u32,
    /// Bytes of key frames that are still to be counted.
    owed: u64,
    bitrate: u64,
    fps: f32,
    settled: bool,
}

/// Over how many pictures a key frame is counted. A key frame is as large as many pictures; counted
/// at once, each request of one viewer would push others off the layer. More is steadier, fewer
/// follows an encoder sooner whose key frames are frequent.
const KEY_FRAME_SPREAD: u64 = 60;

impl Meter {
    /// Longer is steadier, shorter sees a change of the encoder's rate sooner.
    const WINDOW: Duration = Duration::from_millis(500);

    const fn new(now: Instant) -> Self {
        Self { since: now, bytes: 0, pictures: 0, owed: 0, bitrate: 0, fps: 0.0, settled: false }
    }

    fn add(&mut self, now: Instant, bytes: usize, picture: bool, key: bool) {
        if key {
            self.owed += bytes as u64;
        } else {
            self.bytes += bytes as u64;
        }
        if picture {
            self.pictures += 1;
            let share = self.owed.div_ceil(KEY_FRAME_SPREAD);
            self.bytes += share;
            self.owed -= share;
        }
        let span = now.saturating_duration_since(self.since);
        if span >= Self::WINDOW || !self.settled && span >= Duration::from_millis(100) {
            self.close(now, span);
        }
    }

    fn close(&mut self, now: Instant, span: Duration) {
        let seconds = span.as_secs_f64().max(0.001);
        let bitrate = self.bytes as f64 * 8.0 / seconds;
        let fps = f64::from(self.pictures) / seconds;
        let mix = |old: f64, new: f64| if self.settled { (old + new) / 2.0 } else { new };
        self.fps = mix(f64::from(self.fps), fps) as f32;
        self.bitrate = mix(self.bitrate as f64, bitrate) as u64;
        self.settled |= span >= Self::WINDOW;
        (self.since, self.bytes, self.pictures) = (now, 0, 0);
    }
}

/// Parameter sets of the codecs that need them before a key frame.
#[derive(Debug, Clone, Default)]
enum ParameterSets {
    #[default]
    None,
    H264(h264::ParameterSets),
    H265(h265::ParameterSets),
}

/// One layer of the video track.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Its RID, if it has one.
    pub rid: Option<String>,
    /// The newest key frame and what followed.
    pub cache: LayerCache,
    /// What can be sent again.
    history: History,
    source: SourceId,
    /// Requests for key frames.
    pub key_frames: KeyFrames,
    ssrc: Ssrc,
    codec: Codec,
    resolution: Option<Resolution>,
    meter: Meter,
    last_packet: Instant,
    last_timestamp: Option<u32>,
    active: bool,
    last_key: Option<Instant>,
    newest_key: Option<KeyFrameId>,
    longest_key_gap: Duration,
    b_pictures: u32,
    parameters: ParameterSets,
}

/// One RTP stream of the publisher.
#[derive(Debug)]
struct Stream {
    source: SourceId,
    kind: MediaKind,
    layer: usize,
    clock: StreamClock,
    newest: Option<(u32, MediaTime)>,
}

/// What arrived.
#[derive(Debug)]
pub struct Arrival {
    /// The packet, to be shared.
    pub packet: Arc<MediaPacket>,
    /// Whether it began a new key frame.
    pub key_frame: bool,
    /// Whether the set of layers or the size of one changed with it.
    pub layers_changed: bool,
}

/// The publisher of a broadcast, or a mirror of one on another shard.
#[derive(Debug)]
pub struct Publisher {
    /// The peer's key in the shard; `None` in a mirror.
    pub key: Option<usize>,
    layers: Vec<Layer>,
    views: Vec<LayerView>,
    streams: HashMap<Ssrc, Stream>,
    clock: SenderClock,
    started: Instant,
    offered: Vec<String>,
    /// Loss of the worst stream in the last second.
    loss: f32,
    /// The same of the second that is under way.
    worst: f32,
    bytes: u64,
    bytes_since: (Instant, u64),
    requested: u32,
}

impl Publisher {
    /// The peer `key` begins to publish.
    pub fn new(key: usize, offered: Vec<String>, now: Instant) -> Self {
        Self {
            key: Some(key),
            layers: Vec::new(),
            views: Vec::new(),
            streams: HashMap::new(),
            clock: SenderClock::default(),
            started: now,
            offered,
            loss: 0.0,
            worst: 0.0,
            bytes: 0,
            bytes_since: (now, 0),
            requested: 0,
        }
    }

    /// What another shard needs to serve viewers of its own: the layers with all that they keep. Packets
    /// are shared. Streams and clocks stay with the peer.
    pub fn mirror(&self) -> Self {
        Self {
            key: None,
            layers: self.layers.clone(),
            views: self.views.clone(),
            streams: HashMap::new(),
            clock: SenderClock::default(),
            offered: Vec::new(),
            ..*self
        }
    }

    /// A layer of a mirror is new, or its encoder started anew.
    pub fn set_layer(&mut self, index: usize, layer: Layer) {
        match self.layers.get_mut(index) {
            Some(known) => *known = layer,
            None => self.layers.push(layer),
        }
    }

    /// The video layers, by the index that packets carry.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// RIDs of the layers that it offered to send, in the order of its offer.
    pub fn offered(&self) -> &[String] {
        &self.offered
    }

    /// A layer by index.
    pub fn layer_mut(&mut self, index: usize) -> Option<&mut Layer> {
        self.layers.get_mut(index)
    }

    /// A packet of video that a viewer wants once more, by the low 32 bits of its sequence number.
    pub fn find(&self, source: SourceId, seq: u32) -> Option<&Arc<MediaPacket>> {
        let layer = self.layers.iter().find(|layer| layer.source == source)?;
        // Who joined a while after the key frame got packets that are older than the history.
        layer.history.get(seq).or_else(|| layer.cache.find(seq))
    }

    /// Whether the SSRC is known already.
    pub fn knows(&self, ssrc: Ssrc) -> bool {
        self.streams.contains_key(&ssrc)
    }

    /// A new SSRC: the first of a track or layer, or a layer whose encoder started anew. The index of the
    /// layer, where it is one of video.
    pub fn add_stream(
        &mut self,
        ssrc: Ssrc,
        source: SourceId,
        (kind, rid): (MediaKind, Option<String>),
        codec: Codec,
        config: &EngineConfig,
        now: Instant,
    ) -> Option<usize> {
        let layer = match kind {
            MediaKind::Audio => 0,
            MediaKind::Video => self.layer_for((ssrc, source), rid, codec, config, now),
        };
        let clock = StreamClock::new(codec.clock_rate());
        self.streams.insert(ssrc, Stream { source, kind, layer, clock, newest: None });
        (kind == MediaKind::Video).then_some(layer)
    }

    fn layer_for(
        &mut self,
        (ssrc, source): (Ssrc, SourceId),
        rid: Option<String>,
        codec: Codec,
        config: &EngineConfig,
        now: Instant,
    ) -> usize {
        let parameters = match codec {
            Codec::H264 => ParameterSets::H264(h264::ParameterSets::default()),
            Codec::H265 => ParameterSets::H265(h265::ParameterSets::default()),
            Codec::Vp8 | Codec::Vp9 | Codec::Av1 | Codec::Opus => ParameterSets::None,
        };
        let known = self.layers.iter().position(|known| known.rid == rid);
        let mut cache = LayerCache::new(config.cache_bytes, config.cache_span, config.cache_fresh);
        if let Some(known) = known.and_then(|known| self.layers.get(known)) {
            cache.follow(&known.cache);
        }
        let layer = Layer {
            rid,
            cache,
            history: History::default(),
            source,
            key_frames: KeyFrames::new(config.key_frame_interval),
            ssrc,
            codec,
            resolution: None,
            meter: Meter::new(now),
            last_packet: now,
            last_timestamp: None,
            active: true,
            last_key: None,
            newest_key: None,
            longest_key_gap: Duration::ZERO,
            b_pictures: 0,
            parameters,
        };
        match known {
            Some(index) => {
                self.layers[index] = layer;
                index
            }
            None => {
                self.layers.push(layer);
                self.layers.len() - 1
            }
        }
    }

    /// A packet of a known SSRC.
    pub fn accept(
        &mut self,
        packet: RtpPacket,
        (codec, format): (Codec, FormatParams),
        node: &NodeClock,
    ) -> Option<Arrival> {
        let stream = self.streams.get_mut(&packet.header.ssrc)?;
        let now = packet.timestamp;
        let arrived = node.utc(now);
        let timestamp = packet.header.timestamp;
        stream.newest = Some((timestamp, arrived));
        let measured = stream.clock.captured(timestamp, &self.clock);
        let captured = measured.unwrap_or(arrived);
        self.bytes += packet.payload.len() as u64;
        let info = frame::inspect(codec, &packet.payload);
        let carried = Carried::of(&packet.header.ext_vals, &self.clock);
        let packet = Arc::new(MediaPacket {
            source: stream.source,
            kind: stream.kind,
            layer: stream.layer,
            codec,
            format,
            seq: *packet.seq_no,
            timestamp,
            marker: packet.header.marker,
            payload: packet.payload,
            arrived: now,
            captured,
            estimated: measured.is_none(),
            info,
            carried,
        });
        Some(self.observe(packet))
    }

    /// Keeps a packet of this publisher, or of the one that this is a mirror of.
    pub fn observe(&mut self, packet: Arc<MediaPacket>) -> Arrival {
        let (mut key_frame, mut layers_changed) = (false, false);
        if packet.kind == MediaKind::Video
            && let Some(layer) = self.layers.get_mut(packet.layer)
        {
            key_frame = layer.cache.push(&packet);
            layer.history.push(&packet);
            layers_changed = layer.observe(&packet, key_frame, packet.arrived);
        }
        if layers_changed {
            self.refresh_views();
        }
        Arrival { packet, key_frame, layers_changed }
    }

    /// A sender report of one of the streams.
    pub fn sender_report(&mut self, ssrc: Ssrc, ntp: i64, rtp: u32, arrived: MediaTime) {
        let Some(stream) = self.streams.get_mut(&ssrc) else { return };
        // Old encoders send a first report before any media, with a timestamp of all ones (T18).
        if stream.newest.is_none() || rtp == u32::MAX || ntp <= 0 {
            return;
        }
        self.clock.report(ntp, arrived);
        stream.clock.report(ntp, rtp, stream.newest, &self.clock);
    }

    /// Loss and round trip as str0m measures them.
    pub const fn uplink(&mut self, loss: Option<f32>, rtt: Option<Duration>) {
        if let Some(loss) = loss {
            self.worst = self.worst.max(loss);
        }
        if let Some(rtt) = rtt {
            self.clock.set_rtt(rtt);
        }
    }

    /// Layers that should be asked for a key frame now.
    pub fn key_frames_to_ask(&mut self, now: Instant) -> Vec<usize> {
        let layers = self.layers.iter_mut().enumerate();
        let due = layers.filter_map(|(index, layer)| layer.key_frames.ask(now).then_some(index));
        let due: Vec<usize> = due.collect();
        self.requested += u32::try_from(due.len()).unwrap_or(u32::MAX);
        due
    }

    /// Whether requests for key frames are in vain. An encoder ignores them for every layer or none.
    pub fn ignores_requests(&self) -> bool {
        self.layers.iter().any(|layer| layer.key_frames.ignored())
    }

    /// Finds out which layers are sent. True when that changed.
    pub fn update_activity(&mut self, now: Instant) -> bool {
        let newest = self.layers.iter().map(|layer| layer.last_packet).max();
        let mut changed = false;
        for layer in &mut self.layers {
            let silent = newest.is_some_and(|newest| {
                let picture = if layer.meter.fps > 0.5 { 1.0 / f64::from(layer.meter.fps) } else { 0.0 };
                let patience = SILENCE.max(Duration::from_secs_f64(3.0 * picture));
                newest.saturating_duration_since(layer.last_packet) > patience
            });
            if layer.active == silent {
                layer.active = !silent;
                changed = true;
                if silent {
                    layer.meter = Meter::new(now);
                }
            }
        }
        self.refresh_views();
        changed
    }

    /// Layers for the choice, best first: by size, then by rate, since the order of RIDs is the
    /// publisher's whim (B-BR11). As of the last call of [`Self::update_activity`].
    pub fn views(&self) -> &[LayerView] {
        &self.views
    }

    fn refresh_views(&mut self) {
        self.views.clear();
        self.views.extend(self.layers.iter().enumerate().map(|(index, layer)| layer.view(index)));
        self.views.sort_by_key(|view| {
            let pixels = view.size.map_or(0, |(width, height)| u32::from(width) * u32::from(height));
            std::cmp::Reverse((pixels, view.bitrate))
        });
    }

    /// Layers as people see them, best first.
    pub fn infos(&self) -> Vec<LayerInfo> {
        self.views().iter().filter_map(|view| self.layers.get(view.index)).map(Layer::info).collect()
    }

    /// Codec of the video track.
    pub fn codec(&self) -> Option<Codec> {
        self.layers.first().map(|layer| layer.codec)
    }

    /// Index of the layer with this RID.
    pub fn layer_by_rid(&self, rid: &str) -> Option<usize> {
        self.layers.iter().position(|layer| layer.rid.as_deref() == Some(rid))
    }

    /// What the publisher should be told to fix.
    pub fn issues(&self, now: Instant) -> Vec<MediaIssue> {
        let mut issues = Vec::new();
        if self.layers.iter().any(|layer| layer.b_pictures >= B_PICTURES) {
            issues.push(MediaIssue::BFrames);
        }
        if self.layers.iter().any(|layer| layer.key_frames.ignored() && layer.key_gap(now) > RARE_KEY_FRAMES)
        {
            issues.push(MediaIssue::KeyFramesRare);
        }
        let sent = |rid: &String| self.layers.iter().any(|l| l.active && l.rid.as_ref() == Some(rid));
        let old_enough = now.saturating_duration_since(self.started) > MISSING_AFTER;
        if old_enough && !self.layers.is_empty() && !self.offered.iter().all(sent) {
            issues.push(MediaIssue::LayerMissing);
        }
        if self.loss > HIGH_LOSS {
            issues.push(MediaIssue::LossHigh);
        }
        issues
    }

    /// Rate in bits per second and key-frame requests since the last call, and the loss.
    pub fn take_uplink(&mut self, now: Instant) -> (u32, f32, u32) {
        self.loss = std::mem::take(&mut self.worst);
        let (since, bytes) = std::mem::replace(&mut self.bytes_since, (now, self.bytes));
        let millis = now.saturating_duration_since(since).as_millis().max(1);
        let bitrate = u128::from(self.bytes - bytes) * 8_000 / millis;
        (u32::try_from(bitrate).unwrap_or(u32::MAX), self.loss, std::mem::take(&mut self.requested))
    }
}

impl Layer {
    /// Keeps the books. True when the size or the first rate became known.
    fn observe(&mut self, packet: &MediaPacket, key_frame: bool, now: Instant) -> bool {
        let picture = self.last_timestamp != Some(packet.timestamp);
        self.last_timestamp = Some(packet.timestamp);
        self.last_packet = now;
        let settled = self.meter.settled;
        let of_key = self.cache.is_key_frame(packet.timestamp);
        self.meter.add(now, packet.payload.len(), picture, of_key);
        let mut changed = settled != self.meter.settled || !self.active;
        self.active = true;
        if let Some(resolution) = packet.info.resolution
            && self.resolution != Some(resolution)
        {
            self.resolution = Some(resolution);
            changed = true;
        }
        self.b_pictures += u32::from(packet.info.b_frame && picture);
        match &mut self.parameters {
            ParameterSets::H264(sets) => drop(sets.observe(&packet.payload)),
            ParameterSets::H265(sets) => drop(sets.observe(&packet.payload)),
            ParameterSets::None => {}
        }
        if key_frame {
            if let Some(last) = self.last_key {
                self.longest_key_gap = self.longest_key_gap.max(now.saturating_duration_since(last));
            }
            self.last_key = Some(now);
            self.newest_key = Some((packet.source, packet.seq));
            self.key_frames.arrived(now);
        }
        changed
    }

    /// The newest key frame that began to arrive.
    pub const fn newest_key(&self) -> Option<KeyFrameId> {
        self.newest_key
    }

    /// How long ago that was.
    pub fn since_key_frame(&self, now: Instant) -> Option<Duration> {
        self.last_key.map(|last| now.saturating_duration_since(last))
    }

    /// Where requests for key frames go.
    pub const fn ssrc(&self) -> Ssrc {
        self.ssrc
    }

    fn key_gap(&self, now: Instant) -> Duration {
        let open = self.last_key.map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        self.longest_key_gap.max(open)
    }

    /// Parameter sets as one payload, where `first`, the first packet of a key frame, has none.
    pub fn missing_parameters(&self, first: &MediaPacket) -> Option<Vec<u8>> {
        match &self.parameters {
            ParameterSets::H264(sets) if !h264::inspect(&first.payload).has_sps => sets.stap_a(),
            ParameterSets::H265(sets) if !h265::inspect(&first.payload).has_sps => sets.aggregation_packet(),
            ParameterSets::H264(_) | ParameterSets::H265(_) | ParameterSets::None => None,
        }
    }

    /// Whether the publisher sends it now.
    pub const fn active(&self) -> bool {
        self.active
    }

    fn view(&self, index: usize) -> LayerView {
        LayerView { index, bitrate: self.meter.bitrate, size: self.resolution, active: self.active }
    }

    /// As people see it.
    pub fn info(&self) -> LayerInfo {
        LayerInfo {
            rid: self.rid.clone(),
            width: self.resolution.map(|(width, _)| width),
            height: self.resolution.map(|(_, height)| height),
            bitrate: if self.active { u32::try_from(self.meter.bitrate).unwrap_or(u32::MAX) } else { 0 },
            fps: if self.active { self.meter.fps } else { 0.0 },
            active: self.active,
        }
    }
}
