//! One publisher, its viewers, and what they are told.

use std::time::{Duration, Instant};

use sluice_domain::control::{BroadcastState, MediaIssue};
use sluice_domain::{BroadcastId, LayerInfo};

use crate::fan::Gathering;
use crate::packet::SourceId;
use crate::publisher::Publisher;
use crate::relay::{Mirror, WorkerId};
use crate::tap::Tap;

/// One live run of a stream on this shard.
#[derive(Debug)]
pub struct Broadcast {
    /// Its id.
    pub id: BroadcastId,
    /// Worker of the publisher, where that is another: then `publisher` is a mirror of it.
    pub home: Option<WorkerId>,
    /// Whether the home has answered.
    pub subscribed: bool,
    /// Connected viewers that the home was told of.
    pub told_home: Option<u32>,
    /// Connected viewers on all shards, as the home told.
    pub elsewhere: u32,
    /// Shards that follow the publisher of this one.
    pub mirrors: Vec<Mirror>,
    /// Who gets all of its packets.
    pub taps: Vec<Tap>,
    /// Who publishes, once connected.
    pub publisher: Option<Publisher>,
    /// Keys of its viewers in the shard, connected or not.
    pub viewers: Vec<usize>,
    /// Packets that wait to go to them.
    pub gathering: Gathering,
    /// Where it stands.
    pub state: BroadcastState,
    sources: u32,
    told_layers: Told<Vec<LayerInfo>>,
    told_audience: Told<u32>,
    told_issues: Vec<MediaIssue>,
}

/// Something that was told, and when; told again only after a while and when it changed.
#[derive(Debug, Default)]
struct Told<T> {
    at: Option<Instant>,
    value: T,
}

impl<T: PartialEq + Clone> Told<T> {
    fn tell(&mut self, now: Instant, least: Duration, value: &T) -> bool {
        let rested = self.at.is_none_or(|at| now.saturating_duration_since(at) >= least);
        if !rested || self.value == *value {
            return false;
        }
        (self.at, self.value) = (Some(now), value.clone());
        true
    }
}

impl Broadcast {
    /// A broadcast that waits for its publisher.
    pub fn new(id: BroadcastId) -> Self {
        Self {
            id,
            home: None,
            subscribed: false,
            told_home: None,
            elsewhere: 0,
            mirrors: Vec::new(),
            taps: Vec::new(),
            publisher: None,
            viewers: Vec::new(),
            gathering: Gathering::default(),
            state: BroadcastState::Starting,
            sources: 0,
            told_layers: Told::default(),
            told_audience: Told::default(),
            told_issues: Vec::new(),
        }
    }

    /// The same on a shard that may not be its home.
    pub fn at(home: Option<WorkerId>, id: BroadcastId) -> Self {
        Self { home, ..Self::new(id) }
    }

    /// An id for a new RTP stream of this broadcast.
    pub const fn next_source(&mut self) -> SourceId {
        self.sources += 1;
        SourceId(self.sources)
    }

    /// Goes to another state; true when it was another.
    pub fn enter(&mut self, state: BroadcastState) -> bool {
        std::mem::replace(&mut self.state, state) != state
    }

    /// The layers, where they should be told now: on change, at most twice a second. Rates count
    /// as changed when they differ by a fifth.
    pub fn layers_to_tell(&mut self, now: Instant) -> Option<Vec<LayerInfo>> {
        let layers = self.publisher.as_ref().map(Publisher::infos).unwrap_or_default();
        if alike(&self.told_layers.value, &layers) {
            return None;
        }
        self.told_layers.tell(now, Duration::from_millis(500), &layers).then_some(layers)
    }

    /// The number of viewers, where it should be told now: on change, at most once a second.
    pub fn audience_to_tell(&mut self, now: Instant, viewers: u32) -> bool {
        self.told_audience.tell(now, Duration::from_secs(1), &viewers)
    }

    /// What is wrong with the media, where that changed.
    pub fn issues_to_tell(&mut self, now: Instant) -> Option<Vec<MediaIssue>> {
        let issues = self.publisher.as_ref().map(|publisher| publisher.issues(now)).unwrap_or_default();
        (issues != self.told_issues).then(|| {
            self.told_issues.clone_from(&issues);
            issues
        })
    }
}

fn alike(told: &[LayerInfo], layers: &[LayerInfo]) -> bool {
    let same = |a: &LayerInfo, b: &LayerInfo| {
        let rates = a.bitrate.abs_diff(b.bitrate) <= a.bitrate / 5 && (a.fps - b.fps).abs() <= a.fps / 5.0;
        rates && (&a.rid, a.width, a.height, a.active) == (&b.rid, b.width, b.height, b.active)
    };
    told.len() == layers.len() && told.iter().zip(layers).all(|(a, b)| same(a, b))
}
