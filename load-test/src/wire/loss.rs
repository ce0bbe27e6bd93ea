//! Losses on purpose, for runs that want to see repairs without a bad network.

/// Loses a share of packets at random.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Loss {
    share: f32,
    pub(crate) dropped: u64,
}

impl Loss {
    /// Loses this many packets of a hundred.
    pub(crate) fn percent(percent: f32) -> Self {
        Self { share: percent / 100.0, dropped: 0 }
    }

    /// Whether the next packet is lost.
    pub(crate) fn hits(&mut self) -> bool {
        let hit = self.share > 0.0 && rand::random::<f32>() < self.share;
        self.dropped += u64::from(hit);
        hit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_the_asked_share_is_lost_and_nothing_by_default() {
        let mut none = Loss::default();
        assert!((0..1000).all(|_| !none.hits()));
        let mut some = Loss::percent(20.0);
        let hits = (0..10_000).filter(|_| some.hits()).count();
        assert!((1500..2500).contains(&hits), "{hits}");
        assert_eq!(some.dropped, hits as u64);
    }
}
