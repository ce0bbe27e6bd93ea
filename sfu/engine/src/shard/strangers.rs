//! Datagrams from where nobody has proved to be: of new peers, of peers whose address changed, and of nobody.

use std::collections::HashMap;
use std::time::Instant;

use sluice_domain::{Bucket, Rate};
use smallvec::SmallVec;

use super::{Entry, LARGEST, Part, Shard};
use crate::budget::Budgets;
use crate::path::{End, Path, Proto};
use crate::shard::packets::{self, Kind};

/// STUN checks of a network that name a peer of ours, from addresses that are not known to be its. Each costs a
/// signature, some microseconds. A browser sends a few until one is answered; more lets more viewers of one
/// network join at once, less makes it cheaper to be flooded by who knows a user name.
const CHECKS: Rate = Rate::per_second(500, 2000);

/// Searches for the viewer that an RTCP packet is of. Each looks at every viewer of the shard; more finds more
/// of those that move at once, the others wait for their next check.
const SEARCHES: Rate = Rate::per_second(100, 100);

/// Most viewers whose keys are tried on a packet. RTCP of browsers that only watch has the same SSRC, so that
/// only the index of the packet tells viewers apart who began together.
const TRIED: usize = 8;

/// Most addresses that are remembered of viewers on the move.
const MOVED: usize = 1024;

/// What a shard knows of strangers.
#[derive(Debug)]
pub(super) struct Strangers {
    checks: Budgets,
    searches: Bucket,
    /// Where viewers are that were followed and not confirmed yet.
    moved: HashMap<End, usize>,
}

impl Strangers {
    pub(super) fn new(now: Instant) -> Self {
        Self { checks: Budgets::new(CHECKS, now), searches: Bucket::full(now), moved: HashMap::new() }
    }

    /// Whether one more check from this address may be looked at. Relayed ones come from who has credentials
    /// for that, all from the same address.
    pub(super) fn may_check(&mut self, end: End, now: Instant) -> bool {
        end.0 == Proto::Turn || self.checks.spend(end.1.ip(), now)
    }

    /// A check came from there: who was followed to it is confirmed.
    pub(super) fn proved(&mut self, end: End) {
        self.moved.remove(&end);
    }

    /// A peer is gone.
    pub(super) fn forget(&mut self, key: usize) {
        self.moved.retain(|_, of| *of != key);
    }
}

impl Shard {
    /// Anything but STUN from where no STUN check came from: RTCP may be of a viewer whose address changed. False,
    /// and counted, where it is of nobody here, as far as that can be known at little cost.
    pub(super) fn heed_stranger(&mut self, path: Path, bytes: &[u8], now: Instant) -> bool {
        let kind = packets::kind(bytes).filter(|_| bytes.len() <= LARGEST);
        if kind == Some(Kind::Rtp) && self.follow_moved(path, bytes, now) {
            return true;
        }
        self.stats.dropped_unknown_address += u64::from(matches!(kind, Some(Kind::Rtp | Kind::Dtls)));
        false
    }

    fn follow_moved(&mut self, path: Path, bytes: &[u8], now: Instant) -> bool {
        // Connections are their peer's from the first datagram on, and relayed addresses do not change.
        if path.proto != Proto::Udp || !packets::is_rtcp(bytes) {
            return false;
        }
        if let Some(key) = self.strangers.moved.get(&path.end()).copied() {
            return self.heed(key, path, bytes, now, false);
        }
        if self.strangers.searches.take(SEARCHES, now).is_err() {
            return false;
        }
        for key in self.candidates_for(path, bytes) {
            if self.heed(key, path, bytes, now, false) {
                if self.strangers.moved.len() >= MOVED {
                    self.strangers.moved.clear();
                }
                self.strangers.moved.insert(path.end(), key);
                self.stats.moves += 1;
                return true;
            }
        }
        false
    }

    /// The viewers that may have sent an RTCP packet, the likeliest first: a NAT mostly keeps the address and
    /// changes the port, and the next packet has the next index.
    fn candidates_for(&self, path: Path, bytes: &[u8]) -> SmallVec<[usize; TRIED]> {
        let mut likely: SmallVec<[(bool, u32, usize); TRIED]> = SmallVec::new();
        for (key, entry) in &self.entries {
            let Entry { part: Part::Viewer(_), peer, .. } = entry else { continue };
            let Some((egress, ahead)) =
                peer.egress.as_ref().and_then(|egress| Some((egress, egress.expects(bytes)?)))
            else {
                continue;
            };
            let rank = (egress.path().theirs.ip() != path.theirs.ip(), ahead, key);
            let at = likely.partition_point(|before| *before < rank);
            if at < TRIED {
                likely.truncate(TRIED - 1);
                likely.insert(at, rank);
            }
        }
        likely.into_iter().map(|(_, _, key)| key).collect()
    }
}
