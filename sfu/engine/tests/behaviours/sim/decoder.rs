//! What a player makes of the packets: pictures in order, without gaps, each begun by a key frame
//! or following the one before.

use std::collections::BTreeMap;
use std::time::Duration;

use super::pictures::Stamp;
use super::player::Got;

/// One picture that could be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) at: Duration,
    pub(crate) timestamp: u32,
    pub(crate) stamp: Stamp,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    timestamp: u32,
    marker: bool,
    stamp: Option<Stamp>,
}

/// A jitter buffer and a decoder that asks for a key frame when it is stuck.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    pub(crate) shown: Vec<Shown>,
    waiting: BTreeMap<u64, Part>,
    /// Where the next picture begins.
    next: Option<u64>,
    decoded: Option<Stamp>,
    /// When something was last shown or asked for.
    hopeful_since: Option<Duration>,
}

/// A player that has shown nothing new for this long asks for a key frame.
const PATIENCE: Duration = Duration::from_millis(500);

enum Next {
    Whole(u64, Part),
    /// It ends without a marker: what follows belongs to another layer.
    Abandoned(u64),
    Missing,
}

impl Decoder {
    /// Takes a packet; true when the player now asks for a key frame.
    pub(crate) fn add(&mut self, got: &Got) -> bool {
        let part = Part { timestamp: got.timestamp, marker: got.marker, stamp: Stamp::read(&got.payload) };
        if self.next.is_none_or(|next| got.seq >= next) {
            self.waiting.insert(got.seq, part);
        }
        self.advance(got.at);
        let since = *self.hopeful_since.get_or_insert(got.at);
        let stuck = got.at - since > PATIENCE;
        if stuck {
            self.hopeful_since = Some(got.at);
        }
        stuck
    }

    fn advance(&mut self, at: Duration) {
        loop {
            let Some(next) = self.next else {
                if !self.jump() {
                    return;
                }
                continue;
            };
            match self.picture(next) {
                Next::Whole(end, part) => {
                    let stamp = part.stamp.expect("the last packet of a picture has a stamp");
                    let follows = self
                        .decoded
                        .is_some_and(|before| (before.layer, before.frame + 1) == (stamp.layer, stamp.frame));
                    self.decoded = (stamp.key || follows).then_some(stamp);
                    if self.decoded.is_some() {
                        self.shown.push(Shown { at, timestamp: part.timestamp, stamp });
                        self.hopeful_since = Some(at);
                    }
                    self.move_to(end + 1);
                }
                Next::Abandoned(end) => {
                    self.decoded = None;
                    self.move_to(end);
                }
                Next::Missing => {
                    if !self.jump() {
                        return;
                    }
                }
            }
        }
    }

    fn move_to(&mut self, next: u64) {
        self.waiting = self.waiting.split_off(&next);
        self.next = Some(next);
    }

    /// The picture that begins at a sequence number.
    fn picture(&self, first: u64) -> Next {
        let mut timestamp = None;
        for (expected, (seq, part)) in (first..).zip(self.waiting.range(first..)) {
            if *seq != expected {
                return Next::Missing;
            }
            if *timestamp.get_or_insert(part.timestamp) != part.timestamp {
                return Next::Abandoned(*seq);
            }
            if part.marker {
                return Next::Whole(*seq, *part);
            }
        }
        Next::Missing
    }

    /// Goes to the next whole key frame, leaving a gap behind.
    fn jump(&mut self) -> bool {
        let mut begin = None;
        let mut before: Option<(u64, u32)> = None;
        for (seq, part) in &self.waiting {
            let follows = before == Some((seq.wrapping_sub(1), part.timestamp));
            if !follows {
                begin = Some(*seq);
            }
            before = Some((*seq, part.timestamp));
            if let (true, Some(stamp), Some(first)) = (part.marker, part.stamp, begin)
                && stamp.key
                && Some(first) != self.next
                && *seq - first + 1 >= u64::from(stamp.packets)
            {
                self.decoded = None;
                self.move_to(first);
                return true;
            }
        }
        false
    }
}
