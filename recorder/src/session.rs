//! A broadcast on its way into files, without any IO: what a tap brings goes in, entries and wishes for key
//! frames come out.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use sluice_domain::{MediaKind, MediaTime};
use sluice_media::tapped::{Tapped, TappedPacket};

use crate::entry::{Entry, Output};
use crate::lane::{Came, Lane};
use crate::name::Rendition;
use crate::segmenter::Segmenter;

/// All lanes of a broadcast.
#[derive(Debug)]
pub(crate) struct Session {
    segmenter: Segmenter,
    origin: Option<MediaTime>,
    lanes: BTreeMap<Rendition, Source>,
    came: Vec<Came>,
}

#[derive(Debug)]
struct Source {
    lane: Lane,
    /// Frames are of no use before the next key frame.
    waits: bool,
    last_packet: MediaTime,
    asked: Option<MediaTime>,
}

impl Session {
    pub(crate) fn new(segment: Duration, part: Duration) -> Self {
        Self {
            segmenter: Segmenter::new(segment, part),
            origin: None,
            lanes: BTreeMap::new(),
            came: Vec::new(),
        }
    }

    /// Takes a message of the tap.
    pub(crate) fn handle_tapped(&mut self, tapped: Tapped, now: MediaTime, out: &mut Vec<Output>) {
        match tapped {
            Tapped::Layers(_) => {}
            Tapped::Packets(packets) => {
                self.begin(&packets, now, out);
                for packet in packets {
                    self.packet(packet, now, out);
                }
            }
            Tapped::Lost { packets } => {
                self.lose(now, out);
                out.push(Output::Entry(Entry::Lost { rendition: None, packets }, Bytes::new()));
            }
            Tapped::Interrupted => self.pause(now, out),
        }
        self.handle_timeout(now, out);
    }

    /// Asks for the key frames that are due.
    pub(crate) fn handle_timeout(&mut self, now: MediaTime, out: &mut Vec<Output>) {
        for (rendition, source) in &mut self.lanes {
            let Some(layer) = rendition.layer() else { continue };
            let silent = now.micros_since(source.last_packet) > SILENT;
            let wants = !silent && (source.waits || self.segmenter.wants_key(*rendition));
            let again = source.asked.is_none_or(|asked| now.micros_since(asked) >= ASK_AGAIN);
            if wants && again {
                source.asked = Some(now);
                self.segmenter.asked(*rendition);
                out.push(Output::Want(layer));
            }
        }
    }

    /// The broadcast is over.
    pub(crate) fn handle_end(&mut self, now: MediaTime, out: &mut Vec<Output>) {
        self.pause(now, out);
        self.segmenter.end(out);
        out.push(Output::Entry(Entry::Ended { at: now }, Bytes::new()));
    }

    /// Samples that are held, for bounds in tests.
    #[cfg(test)]
    pub(crate) fn samples_held(&self) -> usize {
        self.segmenter.samples_held()
    }

    /// The oldest of the first packets is where ticks begin: join caches bring packets of a while ago.
    fn begin(&mut self, packets: &[TappedPacket], now: MediaTime, out: &mut Vec<Output>) {
        if self.origin.is_some() {
            return;
        }
        let oldest = packets.iter().map(|packet| packet.captured).min();
        if let Some(oldest) = oldest {
            let at = oldest.clamp(now.plus_micros(-OLDEST_ORIGIN), now);
            self.origin = Some(at);
            out.push(Output::Entry(Entry::Origin { at }, Bytes::new()));
        }
    }

    fn packet(&mut self, packet: TappedPacket, now: MediaTime, out: &mut Vec<Output>) {
        let Some(origin) = self.origin else { return };
        let rendition = match packet.codec.kind() {
            MediaKind::Audio => Rendition::Audio,
            MediaKind::Video => match Rendition::of_layer(packet.layer) {
                Some(rendition) => rendition,
                None => return,
            },
        };
        let source = self.lanes.entry(rendition).or_insert_with(|| Source {
            lane: Lane::new(packet.codec, origin),
            waits: true,
            last_packet: now,
            asked: None,
        });
        source.last_packet = now;
        source.lane.push(packet, now, &mut self.came);
        self.take(rendition, out);
    }

    fn pause(&mut self, now: MediaTime, out: &mut Vec<Output>) {
        let renditions: Vec<Rendition> = self.lanes.keys().copied().collect();
        for rendition in renditions {
            if let Some(source) = self.lanes.get_mut(&rendition) {
                source.lane.flush(now, &mut self.came);
            }
            self.take(rendition, out);
        }
        self.segmenter.pause(out);
    }

    /// Packets of all lanes may be missing: each goes on with its next key frame.
    fn lose(&mut self, now: MediaTime, out: &mut Vec<Output>) {
        let renditions: Vec<Rendition> = self.lanes.keys().copied().collect();
        for rendition in renditions {
            if let Some(source) = self.lanes.get_mut(&rendition) {
                source.lane.lost(now, &mut self.came);
                // The hole is counted once, not for each lane.
                self.came.retain(|came| matches!(came, Came::Sample(_)));
            }
            self.take(rendition, out);
            if let Some(source) = self.lanes.get_mut(&rendition) {
                source.waits = true;
                source.asked = None;
            }
        }
    }

    fn take(&mut self, rendition: Rendition, out: &mut Vec<Output>) {
        let Some(source) = self.lanes.get_mut(&rendition) else { return };
        for came in self.came.drain(..) {
            match came {
                Came::Sample(sample) => {
                    source.waits = false;
                    self.segmenter.push(rendition, sample, out);
                }
                Came::Gap { packets } => {
                    source.waits = true;
                    source.asked = None;
                    out.push(Output::Entry(
                        Entry::Lost { rendition: Some(rendition), packets },
                        Bytes::new(),
                    ));
                }
            }
        }
    }
}

/// A layer that sent nothing for this long, in microseconds, is not asked for key frames.
const SILENT: i64 = 3_000_000;

/// A key frame that did not come is asked for again after this long, in microseconds. Less asks again while the
/// first one is on its way.
const ASK_AGAIN: i64 = 1_000_000;

/// No recording begins longer than this before its first packets came, in microseconds.
const OLDEST_ORIGIN: i64 = 60_000_000;

#[cfg(test)]
mod tests;
