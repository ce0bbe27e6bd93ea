//! A viewer whose address changes on the way, as behind a NAT that is restarted or forgets.
//!
//! Its browser knows nothing of it and checks its path every 2.5 seconds or so, which would be how long the
//! picture stands. But it sends RTCP several times a second, which nobody else could have sealed. So what it is
//! sent follows such a packet at once, as far as a few seconds of video reach; a STUN check from the new address
//! confirms it.

use std::time::{Duration, Instant};

use sluice_domain::MediaTime;

use super::{Asked, Egress, Reading};
use crate::path::Path;

/// Bytes that go to an address that no STUN check came from. Somebody on the way who holds a packet back and
/// sends it from another address has so much sent there, and none once the viewer is heard again. More bridges
/// the time until the next check at higher rates, this much 2.5 s at 13 Mbit/s.
const UNCONFIRMED: usize = 4 << 20;

/// Time between two such moves of a viewer. Shorter helps where addresses change all the time, longer sends
/// less to where nobody asked for it.
const REST: Duration = Duration::from_secs(10);

/// How far an SRTCP index may be ahead of the newest that was seen, to be worth a look: RTCP of some seconds.
const AHEAD: u32 = 256;

/// What is sent goes to an address that is not confirmed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    /// Where it went before.
    back: Path,
    /// Bytes that may still go there.
    left: usize,
}

impl Egress {
    /// How far an RTCP packet from an unknown address is ahead of the viewer's newest, where it may be the
    /// viewer's at all. Costs next to nothing; only the seal tells.
    pub fn expects(&self, packet: &[u8]) -> Option<u32> {
        let ahead = self.srtp.rtcp_ahead(packet)?;
        (1..=AHEAD).contains(&ahead).then_some(ahead)
    }

    /// Takes an RTCP packet from an address that no STUN check came from. `None` where it is not the viewer's,
    /// or not to be followed.
    pub fn receive_moved(
        &mut self,
        packet: &[u8],
        path: Path,
        now: Instant,
        utc: MediaTime,
        reading: &mut Reading,
    ) -> Option<Asked> {
        if path == self.path {
            return self.receive(packet, path, now, utc, reading);
        }
        if now < self.moves_from {
            return None;
        }
        let back = self.moved.map_or(self.path, |moved| moved.back);
        let asked = self.receive(packet, path, now, utc, reading)?;
        if self.path == path {
            self.moved = Some(Move { back, left: UNCONFIRMED });
            self.moves_from = now + REST;
        }
        Some(asked)
    }

    /// A STUN check of the viewer came over this path.
    pub fn confirm(&mut self, path: Path) {
        if self.path == path {
            self.moved = None;
        }
    }

    /// Whether what is sent goes to an address that is not confirmed.
    pub const fn is_moving(&self) -> bool {
        self.moved.is_some()
    }

    /// So many bytes were sent.
    pub(super) fn charge(&mut self, bytes: usize) {
        let Some(moved) = &mut self.moved else { return };
        match moved.left.checked_sub(bytes) {
            Some(left) => moved.left = left,
            None => {
                self.path = moved.back;
                self.moved = None;
            }
        }
    }
}
