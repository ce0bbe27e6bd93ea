//! What a viewer was sent lately, so that it can be sent again. Payloads are not kept here: the
//! publisher's history has them once for all viewers.

use std::collections::VecDeque;

use crate::packet::SourceId;
use crate::viewer::Rewritten;

/// Players give up on a packet after about a second.
const LONGEST_MILLIS: u32 = 2_000;

/// Most packets remembered: two seconds at 15 Mbit/s or so.
const MOST: usize = 2_048;

/// A jump of the sequence larger than this begins anew.
const LARGEST_JUMP: u64 = 512;

/// A repair is not repeated sooner than this.
const REST_MILLIS: u32 = 20;

/// Where a packet came from and what it became, in 32 bytes.
#[derive(Debug, Clone, Copy)]
struct Sent {
    source: SourceId,
    /// Low bits of the publisher's sequence number.
    seq: u32,
    timestamp: u32,
    at: u32,
    resent: u32,
    picture_id: u16,
    frame_number: u16,
    tl0: u8,
    key_idx: u8,
    pt: u8,
    flags: u8,
}

const PICTURE: u8 = 1;
const FRAME: u8 = 2;
const TL0: u8 = 4;
const KEY: u8 = 8;
const CHANGED: u8 = 16;
const EMPTY: u8 = 128;

const NOTHING: Sent = Sent {
    source: SourceId(0),
    seq: 0,
    timestamp: 0,
    at: 0,
    resent: 0,
    picture_id: 0,
    frame_number: 0,
    tl0: 0,
    key_idx: 0,
    pt: 0,
    flags: EMPTY,
};

/// A packet to send again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// The publisher's stream.
    pub source: SourceId,
    /// Low 32 bits of the publisher's sequence number.
    pub source_seq: u32,
    /// What it was sent as.
    pub to: Rewritten,
    /// Its payload type.
    pub pt: u8,
}

/// The packets of one track that can be asked for.
#[derive(Debug, Default)]
pub struct Resend {
    sent: VecDeque<Sent>,
    /// Sequence number of the first in `sent`.
    first: u64,
}

impl Resend {
    /// A packet was sent. `now` is in milliseconds.
    pub fn push(&mut self, source: SourceId, source_seq: u64, to: &Rewritten, pt: u8, now: u32) {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let sent = Sent {
            source,
            seq: source_seq as u32,
            timestamp: to.timestamp,
            at: now,
            resent: now.wrapping_sub(REST_MILLIS),
            picture_id: to.picture_id.unwrap_or(0),
            frame_number: to.frame_number.unwrap_or(0),
            tl0: to.tl0.unwrap_or(0),
            key_idx: to.key_idx.unwrap_or(0),
            pt,
            flags: flag(to.picture_id.is_some(), PICTURE)
                | flag(to.frame_number.is_some(), FRAME)
                | flag(to.tl0.is_some(), TL0)
                | flag(to.key_idx.is_some(), KEY)
                | flag(to.changed, CHANGED),
        };
        let next = self.next();
        if self.sent.is_empty() || to.seq >= next + LARGEST_JUMP {
            self.sent.clear();
            self.first = to.seq;
            self.sent.push_back(sent);
            return;
        }
        if to.seq < next {
            // A late packet found its place.
            if let Some(place) = to.seq.checked_sub(self.first)
                && let Some(entry) = self.sent.get_mut(place as usize)
            {
                *entry = sent;
            }
            return;
        }
        for _ in next..to.seq {
            self.sent.push_back(NOTHING);
        }
        self.sent.push_back(sent);
        let old = |sent: &Sent| sent.flags & EMPTY != 0 || now.wrapping_sub(sent.at) > LONGEST_MILLIS;
        for _ in 0..2 {
            if self.sent.len() > 1 && self.sent.front().is_some_and(old) || self.sent.len() > MOST {
                self.sent.pop_front();
                self.first += 1;
            }
        }
    }

    /// Sequence number behind the newest.
    pub fn next(&self) -> u64 {
        self.first + self.sent.len() as u64
    }

    /// Reads where [`Self::push`] will write.
    pub fn touch(&self) -> Option<u32> {
        self.sent.back().map(|sent| sent.at)
    }

    /// The packet with these low 16 bits, if it may be sent again now. Notes that it was.
    pub fn take(&mut self, seq: u16, now: u32) -> Option<Again> {
        let last = (self.first + self.sent.len() as u64).checked_sub(1)?;
        let behind = u64::from((last as u16).wrapping_sub(seq));
        let full = last.checked_sub(behind)?;
        let entry = self.sent.get_mut(full.checked_sub(self.first)? as usize)?;
        if entry.flags & EMPTY != 0
            || now.wrapping_sub(entry.at) > LONGEST_MILLIS
            || now.wrapping_sub(entry.resent) < REST_MILLIS
        {
            return None;
        }
        entry.resent = now;
        Some(again(entry, full))
    }

    /// The newest packet: to fill a line with something that may be of use.
    pub fn newest(&self) -> Option<Again> {
        let (place, entry) =
            self.sent.iter().enumerate().rev().take(8).find(|(_, entry)| entry.flags & EMPTY == 0)?;
        Some(again(entry, self.first + place as u64))
    }

    /// Nothing that was sent so far is to be sent again.
    pub fn forget(&mut self) {
        self.first += self.sent.len() as u64;
        self.sent.clear();
    }
}

fn again(entry: &Sent, seq: u64) -> Again {
    let has = |flag: u8| entry.flags & flag != 0;
    Again {
        source: entry.source,
        source_seq: entry.seq,
        to: Rewritten {
            seq,
            timestamp: entry.timestamp,
            picture_id: has(PICTURE).then_some(entry.picture_id),
            tl0: has(TL0).then_some(entry.tl0),
            key_idx: has(KEY).then_some(entry.key_idx),
            frame_number: has(FRAME).then_some(entry.frame_number),
            changed: has(CHANGED),
        },
        pt: entry.pt,
    }
}

#[cfg(test)]
mod tests;
