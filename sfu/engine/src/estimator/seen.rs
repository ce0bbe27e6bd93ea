//! Which packets were reported already: feedback overlaps, comes twice and in another order.

/// Sequence numbers behind the newest one that are remembered: half a second at 12 Mbit/s. What is
/// older is not believed any more.
const REMEMBERED: u64 = 512;

const WORDS: usize = 8;

/// What a result adds to what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// The first word about a packet after all before; `gap` packets between were not mentioned.
    Fresh {
        /// Packets that feedback has passed over, because a message was lost.
        gap: u64,
    },
    /// A packet that was passed over, or reported as lost, has arrived after all.
    Late {
        /// It was reported as lost.
        was_lost: bool,
    },
    /// Nothing.
    Nothing,
}

/// The newest sequence numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    newest: Option<u64>,
    arrived: [u64; WORDS],
    lost: [u64; WORDS],
}

impl Seen {
    pub(super) fn note(&mut self, seq: u64, arrived: bool) -> News {
        let news = match self.newest {
            None => {
                self.newest = Some(seq);
                News::Fresh { gap: 0 }
            }
            Some(newest) if seq > newest => {
                self.advance(newest, seq);
                News::Fresh { gap: seq - newest - 1 }
            }
            Some(newest) if newest - seq >= REMEMBERED => return News::Nothing,
            Some(_) if arrived && !has(&self.arrived, seq) => News::Late { was_lost: has(&self.lost, seq) },
            Some(_) => return News::Nothing,
        };
        let (word, bit) = place(seq);
        if arrived {
            self.arrived[word] |= bit;
        } else {
            self.lost[word] |= bit;
        }
        news
    }

    fn advance(&mut self, newest: u64, seq: u64) {
        if seq - newest >= REMEMBERED {
            (self.arrived, self.lost) = ([0; WORDS], [0; WORDS]);
        } else {
            for passed in newest + 1..=seq {
                let (word, bit) = place(passed);
                self.arrived[word] &= !bit;
                self.lost[word] &= !bit;
            }
        }
        self.newest = Some(seq);
    }
}

fn has(bits: &[u64; WORDS], seq: u64) -> bool {
    let (word, bit) = place(seq);
    bits[word] & bit != 0
}

const fn place(seq: u64) -> (usize, u64) {
    ((seq / 64) as usize % WORDS, 1 << (seq % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_counts_once() {
        let mut seen = Seen::default();
        assert_eq!(seen.note(1_000, true), News::Fresh { gap: 0 });
        assert_eq!(seen.note(1_001, false), News::Fresh { gap: 0 });
        assert_eq!(seen.note(1_004, true), News::Fresh { gap: 2 });
        assert_eq!(seen.note(1_004, true), News::Nothing);
        assert_eq!(seen.note(1_001, false), News::Nothing);
        assert_eq!(seen.note(1_001, true), News::Late { was_lost: true });
        assert_eq!(seen.note(1_001, true), News::Nothing);
        assert_eq!(seen.note(1_002, true), News::Late { was_lost: false });
    }

    #[test]
    fn what_is_too_old_is_not_believed() {
        let mut seen = Seen::default();
        seen.note(5_000, true);
        assert_eq!(seen.note(4_488, true), News::Nothing);
        assert_eq!(seen.note(9_000, true), News::Fresh { gap: 3_999 });
        assert_eq!(seen.note(8_999, true), News::Late { was_lost: false });
    }
}
