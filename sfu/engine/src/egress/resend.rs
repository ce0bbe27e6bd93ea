//! What a viewer was sent lately, so that it can be sent again. Payloads are not kept here: the
//! publisher's history has them once for all viewers.

use std::collections::VecDeque;

use super::ring;
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

/// Most packets that one push forgets: no packet pays for many. As pushes more than [`LONGEST_MILLIS`] apart
/// begin anew, no packet is remembered for longer than 22 seconds; [`Sent::at`] tells 32 apart, for which 160
/// would just do. Only packets that keep coming late to the front hold others up: should those seem young
/// again, they are still told as they were sent.
const FORGOTTEN: usize = 256;

/// Where a packet came from and what it became, in 24 bytes.
#[derive(Debug, Clone, Copy)]
struct Sent {
    source: SourceId,
    /// Low bits of the publisher's sequence number.
    seq: u32,
    timestamp: u32,
    /// Low bits of the milliseconds when it was sent.
    at: u16,
    /// Low bits of the milliseconds when it was sent again.
    resent: u16,
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
    /// When the newest was sent, in milliseconds.
    newest: u32,
}

impl Resend {
    /// A packet was sent. `now` is in milliseconds.
    pub fn push(&mut self, source: SourceId, source_seq: u64, to: &Rewritten, pt: u8, now: u32) {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let sent = Sent {
            source,
            seq: source_seq as u32,
            timestamp: to.timestamp,
            at: now as u16,
            resent: now.wrapping_sub(REST_MILLIS) as u16,
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
        if self.is_stale(now) {
            self.forget();
        }
        self.newest = now;
        let old = |sent: &Sent| sent.flags & EMPTY != 0 || since(sent.at, now) > LONGEST_MILLIS;
        for _ in 0..FORGOTTEN {
            if self.sent.len() < 2 || !self.sent.front().is_some_and(old) {
                break;
            }
            self.sent.pop_front();
            self.first += 1;
        }
        let next = self.next();
        if self.sent.is_empty() || to.seq >= next + LARGEST_JUMP {
            self.sent.clear();
            self.first = to.seq;
            ring::append(&mut self.sent, sent, MOST);
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
        let added = to.seq - next + 1;
        let over = (self.sent.len() + added as usize).saturating_sub(MOST);
        self.sent.drain(..over);
        self.first += over as u64;
        for _ in 1..added {
            ring::append(&mut self.sent, NOTHING, MOST);
        }
        ring::append(&mut self.sent, sent, MOST);
    }

    /// Whether all that was sent is old.
    const fn is_stale(&self, now: u32) -> bool {
        // A clock that steps back a little makes nothing old.
        now.wrapping_sub(self.newest) > LONGEST_MILLIS && self.newest.wrapping_sub(now) > LONGEST_MILLIS
    }

    /// Sequence number behind the newest.
    pub fn next(&self) -> u64 {
        self.first + self.sent.len() as u64
    }

    /// Asks the processor for where [`Self::push`] will write.
    pub fn prefetch(&self) {
        ring::prefetch(&self.sent);
    }

    /// The packet with these low 16 bits, if it may be sent again now. Notes that it was.
    pub fn take(&mut self, seq: u16, now: u32) -> Option<Again> {
        if self.is_stale(now) {
            return None;
        }
        let last = (self.first + self.sent.len() as u64).checked_sub(1)?;
        let behind = u64::from((last as u16).wrapping_sub(seq));
        let full = last.checked_sub(behind)?;
        let entry = self.sent.get_mut(full.checked_sub(self.first)? as usize)?;
        if entry.flags & EMPTY != 0
            || since(entry.at, now) > LONGEST_MILLIS
            || since(entry.resent, now) < REST_MILLIS
        {
            return None;
        }
        entry.resent = now as u16;
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

/// Milliseconds from `at`, of which these are the low bits, until `now`: none where `at` is later. The two are
/// less than 32 seconds apart.
fn since(at: u16, now: u32) -> u32 {
    let millis = (now as u16).wrapping_sub(at) as i16;
    u32::from(millis.max(0).unsigned_abs())
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
