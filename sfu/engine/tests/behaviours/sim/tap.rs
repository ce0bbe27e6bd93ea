//! A tap in the simulation: a queue with little room that is read, or is not.

use std::time::Duration;

use sluice_domain::{BroadcastId, LayerInfo};
use sluice_media::tapped::{Tapped, TappedPacket};
use sluice_sfu_engine::{Command, Reply, TapId, TapNews};

use super::World;

/// Who taps a broadcast.
#[derive(Debug)]
pub(crate) struct Tapping {
    pub(crate) id: TapId,
    /// Packets that may wait while it does not read.
    pub(crate) room: usize,
    /// What it has read, and when.
    pub(crate) got: Vec<(Duration, Tapped)>,
    pub(crate) ended: Option<Duration>,
    reads: bool,
    full: bool,
    waiting: Vec<TapNews>,
}

impl Tapping {
    fn send(&mut self, at: Duration, news: TapNews) -> Result<(), TapNews> {
        let waiting: usize = self.waiting.iter().map(TapNews::packets).sum();
        if news.packets() > 0 && waiting >= self.room {
            self.full = true;
            return Err(news);
        }
        self.waiting.push(news);
        self.read(at);
        Ok(())
    }

    fn read(&mut self, at: Duration) {
        if self.reads {
            self.got.extend(self.waiting.drain(..).map(|news| (at, Tapped::from(news))));
        }
    }

    /// The packets, in order.
    pub(crate) fn packets(&self) -> Vec<&TappedPacket> {
        let packets = self.got.iter().filter_map(|(_, tapped)| match tapped {
            Tapped::Packets(packets) => Some(packets),
            Tapped::Layers(_) | Tapped::Lost { .. } | Tapped::Interrupted => None,
        });
        packets.flatten().collect()
    }

    /// The newest layers.
    pub(crate) fn layers(&self) -> &[LayerInfo] {
        let newest = self.got.iter().rev().find_map(|(_, tapped)| match tapped {
            Tapped::Layers(layers) => Some(layers.as_slice()),
            Tapped::Packets(_) | Tapped::Lost { .. } | Tapped::Interrupted => None,
        });
        newest.unwrap_or_default()
    }

    /// What it lost, each time.
    pub(crate) fn lost(&self) -> Vec<u64> {
        let lost = self.got.iter().filter_map(|(_, tapped)| match tapped {
            Tapped::Lost { packets } => Some(*packets),
            Tapped::Packets(_) | Tapped::Layers(_) | Tapped::Interrupted => None,
        });
        lost.collect()
    }

    /// What came, a word each; messages of packets one behind the other are one.
    pub(crate) fn kinds(&self) -> Vec<&'static str> {
        let kind = |tapped: &Tapped| match tapped {
            Tapped::Layers(_) => "layers",
            Tapped::Packets(_) => "packets",
            Tapped::Lost { .. } => "lost",
            Tapped::Interrupted => "interrupted",
        };
        let mut kinds: Vec<_> = self.got.iter().map(|(_, tapped)| kind(tapped)).collect();
        kinds.dedup();
        kinds
    }
}

impl World {
    /// Taps a broadcast at its home: index of the tap in `taps`.
    pub(crate) fn tap(&mut self, broadcast: BroadcastId) -> usize {
        self.made += 1;
        let id = TapId(self.made);
        let (waiting, got) = (Vec::new(), Vec::new());
        let tapping = Tapping { id, room: 100_000, got, ended: None, reads: true, full: false, waiting };
        self.taps.push(tapping);
        assert_eq!(self.command(Command::Tap { broadcast, tap: id }), Reply::Done);
        self.taps.len() - 1
    }

    /// Lets a tap read, or not.
    pub(crate) fn let_read(&mut self, tap: usize, reads: bool) {
        let (at, now) = (self.at(), self.now);
        let tap = &mut self.taps[tap];
        tap.reads = reads;
        tap.read(at);
        if reads && std::mem::take(&mut tap.full) {
            let id = tap.id;
            self.shard.resume_tap(now, id);
        }
        self.settle();
    }

    /// The engine has something for a tap.
    pub(crate) fn hand_over(&mut self, worker: usize, id: TapId, news: Option<TapNews>) {
        assert_eq!(worker, 0, "taps are at home");
        let at = self.at();
        let tap = self.taps.iter_mut().find(|tap| tap.id == id).expect("nothing is told to nobody");
        assert_eq!(tap.ended, None, "nothing comes after the end");
        match news {
            None => tap.ended = Some(at),
            Some(news) => {
                if let Err(refused) = tap.send(at, news) {
                    self.note(format!("{id:?} has no room for {} packets", refused.packets()));
                    self.shard.tap_refused(id, &refused);
                }
            }
        }
    }
}
