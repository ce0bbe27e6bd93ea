//! The newest packets of a layer by sequence number, once for all viewers that ask for one again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::packet::MediaPacket;

/// Players give up on a packet after about a second.
const LONGEST: Duration = Duration::from_secs(2);

/// Most packets kept: two seconds at 20 Mbit/s.
const MOST: usize = 4_096;

/// A jump of the sequence larger than this begins anew.
const LARGEST_JUMP: u64 = 1_024;

/// The packets of one RTP stream that can be sent again.
#[derive(Debug, Clone, Default)]
pub struct History {
    packets: VecDeque<Option<Arc<MediaPacket>>>,
    /// Sequence number of the first in `packets`.
    first: u64,
}

impl History {
    /// A packet arrived, in any order.
    pub fn push(&mut self, packet: &Arc<MediaPacket>) {
        let next = self.first + self.packets.len() as u64;
        if self.packets.is_empty() || packet.seq >= next + LARGEST_JUMP {
            self.packets.clear();
            self.first = packet.seq;
            self.packets.push_back(Some(Arc::clone(packet)));
            return;
        }
        if packet.seq < next {
            if let Some(place) = packet.seq.checked_sub(self.first).and_then(|at| usize::try_from(at).ok())
                && let Some(entry) = self.packets.get_mut(place)
            {
                *entry = Some(Arc::clone(packet));
            }
            return;
        }
        for _ in next..packet.seq {
            self.packets.push_back(None);
        }
        self.packets.push_back(Some(Arc::clone(packet)));
        let old = |kept: &Option<Arc<MediaPacket>>| {
            kept.as_ref().is_none_or(|kept| packet.arrived.saturating_duration_since(kept.arrived) > LONGEST)
        };
        for _ in 0..2 {
            if self.packets.front().is_some_and(old) || self.packets.len() > MOST {
                self.packets.pop_front();
                self.first += 1;
            }
        }
    }

    /// The packet whose sequence number ends in these 32 bits.
    pub fn get(&self, seq: u32) -> Option<&Arc<MediaPacket>> {
        let place = seq.wrapping_sub(self.first as u32);
        self.packets.get(usize::try_from(place).ok()?)?.as_ref()
    }
}

#[cfg(test)]
mod tests;
