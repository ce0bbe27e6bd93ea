//! Ids of messages: UUIDv7, ascending in the order of the chat. Pure.

use sluice_domain::ChatMessageId;
use uuid::Uuid;

/// Bits of an id's place within its millisecond.
const COUNTER_BITS: u32 = 12;

/// Gives ids in one order, whatever the clock does.
#[derive(Debug)]
pub(crate) struct Order {
    /// Milliseconds and place of the newest id.
    last: u64,
    seed: u64,
}

impl Order {
    /// Goes on behind the newest id that the chat has.
    pub(crate) fn new(seed: u64, newest: Option<ChatMessageId>) -> Self {
        Self { last: newest.map_or(0, place), seed }
    }

    /// The next id. In a busy millisecond, and while the clock is set back, time is that of the last id.
    pub(crate) fn next(&mut self, now_ms: i64) -> ChatMessageId {
        let now = now_ms.max(0).unsigned_abs() << COUNTER_BITS;
        self.last = now.max(self.last + 1);
        let (ms, counter) = (self.last >> COUNTER_BITS, self.last & ((1 << COUNTER_BITS) - 1));
        let random = self.random() >> 2;
        let bits =
            u128::from(ms) << 80 | 0x7 << 76 | u128::from(counter) << 64 | 0b10 << 62 | u128::from(random);
        ChatMessageId(Uuid::from_u128(bits))
    }

    /// Whether this id may have been given out here.
    pub(crate) fn reached(&self, id: ChatMessageId) -> bool {
        place(id) <= self.last
    }

    /// SplitMix64: enough to tell ids of two chats apart; nobody's secret hangs on it.
    fn random(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.seed ^ (self.seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

fn place(id: ChatMessageId) -> u64 {
    let bits = id.0.as_u128();
    // 48 bits of time and 12 of counter fit into 64.
    let ms = u64::try_from(bits >> 80).unwrap_or(0);
    let counter = u64::try_from((bits >> 64) & 0xfff).unwrap_or(0);
    ms << COUNTER_BITS | counter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_in_a_busy_millisecond_and_while_the_clock_is_set_back() {
        let mut order = Order::new(1, None);
        let mut ids: Vec<_> = (0..10_000).map(|_| order.next(1_700_000_000_000)).collect();
        ids.push(order.next(1_600_000_000_000));
        ids.push(order.next(1_700_000_000_100));
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(ids.iter().all(|id| id.0.get_version_num() == 7));
        assert_eq!(ids[10_001].0.get_timestamp().unwrap().to_unix(), (1_700_000_000, 100_000_000));
    }

    #[test]
    fn ids_go_on_behind_what_an_earlier_run_gave() {
        let mut before = Order::new(1, None);
        let newest = before.next(1_700_000_000_000);
        let mut after = Order::new(2, Some(newest));
        assert!(after.reached(newest));
        let next = after.next(1_600_000_000_000);
        assert!(next > newest && after.reached(next) && !before.reached(next));
    }
}
