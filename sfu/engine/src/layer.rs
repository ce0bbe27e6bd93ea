//! Which layer a viewer gets: by its network, by what it can show, or by its own choice.
//! Runs on a timer, never on the packet path.

use std::time::{Duration, Instant};

/// A layer as the choice sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayerView {
    /// Index among the publisher's layers.
    pub index: usize,
    /// Measured bits per second.
    pub bitrate: u64,
    /// Picture size, once known.
    pub size: Option<(u16, u16)>,
    /// Whether the publisher sends it now.
    pub active: bool,
}

/// What limits the choice besides the network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// This layer and no other while it is sent.
    pub pinned: Option<usize>,
    /// No layer larger than this (WHEP layer extension).
    pub at_most: Option<(u16, u16)>,
    /// The player's element: no layer larger than the smallest one that fills it.
    pub viewport: Option<(u16, u16)>,
    /// The player cannot be seen: the lowest layer keeps it ready.
    pub hidden: bool,
}

/// A layer is left when the estimate has been below this share of its bitrate for [`DOWN_HOLD`].
/// Less stays longer on a layer that stutters, more leaves on every dip of the estimate.
const DOWN_SHARE: f64 = 0.9;

/// See [`DOWN_SHARE`]. Key frames make the measured bitrate jump for about this long.
const DOWN_HOLD: Duration = Duration::from_millis(200);

/// Below this share the layer is left at once.
const COLLAPSE_SHARE: f64 = 0.7;

/// The estimate goes on falling for a while after a collapse: the layer that is taken instead must
/// fit this many times. Less often stops half-way down and falls again, more gives picture away.
const COLLAPSE_MARGIN: f64 = 1.5;

/// A better layer is taken when the estimate has been above this multiple of its bitrate.
const UP_SHARE: f64 = 1.15;

/// How long, at first and after each switch down that followed a switch up too soon.
const UP_HOLD: Duration = Duration::from_millis(400);

/// The hold doubles up to this when climbing proves wrong. Must let a viewer return within 10 s.
const UP_HOLD_MOST: Duration = Duration::from_secs(6);

/// A switch down this soon after a switch up says that the climb was wrong.
const REGRET: Duration = Duration::from_secs(5);

/// The memory of one viewer's choices.
#[derive(Debug, Clone)]
pub struct Chooser {
    chosen: Option<usize>,
    low_since: Option<Instant>,
    high_since: Option<Instant>,
    climbed_at: Option<Instant>,
    up_hold: Duration,
    congested: bool,
}

impl Default for Chooser {
    fn default() -> Self {
        Self {
            chosen: None,
            low_since: None,
            high_since: None,
            climbed_at: None,
            up_hold: UP_HOLD,
            congested: false,
        }
    }
}

impl Chooser {
    /// The layer to forward; `None` while the publisher sends none. `layers` are best first,
    /// `estimate` is what the viewer's network carries in bits per second, audio taken off.
    pub fn choose(
        &mut self,
        now: Instant,
        layers: &[LayerView],
        limits: &Limits,
        estimate: Option<u64>,
    ) -> Option<usize> {
        let allowed = allowed(layers, limits);
        let current = self.chosen.and_then(|chosen| allowed.iter().position(|layer| layer.index == chosen));
        let lowest = allowed.len().checked_sub(1)?;
        let wanted = match estimate {
            None => current.unwrap_or(lowest),
            Some(estimate) => {
                let fits = |layer: &LayerView| layer.bitrate <= estimate;
                allowed.iter().position(fits).unwrap_or(lowest)
            }
        };
        let next = match (current, estimate) {
            (Some(current), Some(estimate)) => self.move_from(now, &allowed, current, wanted, estimate),
            _ => wanted,
        };
        self.chosen = Some(allowed[next].index);
        self.chosen
    }

    /// The layer chosen last.
    pub const fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    /// Whether the last move was down because the network carries less: what is still sent of the
    /// better layer only keeps the queues on the way full.
    pub const fn congested(&self) -> bool {
        self.congested
    }

    /// Forgets everything: another publisher has come.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    fn move_from(
        &mut self,
        now: Instant,
        allowed: &[LayerView],
        current: usize,
        wanted: usize,
        estimate: u64,
    ) -> usize {
        let share = |layer: &LayerView| estimate as f64 / layer.bitrate.max(1) as f64;
        let now_share = share(&allowed[current]);
        if wanted > current && now_share < DOWN_SHARE {
            let since = *self.low_since.get_or_insert(now);
            if now_share < COLLAPSE_SHARE || now.saturating_duration_since(since) >= DOWN_HOLD {
                if self.climbed_at.is_some_and(|climbed| now.saturating_duration_since(climbed) < REGRET) {
                    self.up_hold = (self.up_hold * 2).min(UP_HOLD_MOST);
                }
                (self.low_since, self.high_since, self.congested) = (None, None, true);
                if now_share >= COLLAPSE_SHARE {
                    return wanted;
                }
                let roomy = |layer: &LayerView| share(layer) >= COLLAPSE_MARGIN;
                return allowed.iter().position(roomy).unwrap_or(allowed.len() - 1).max(wanted);
            }
            return current;
        }
        self.low_since = None;
        let better = allowed[..current].iter().position(|layer| share(layer) >= UP_SHARE);
        let Some(better) = better else {
            self.high_since = None;
            return current;
        };
        let since = *self.high_since.get_or_insert(now);
        if now.saturating_duration_since(since) < self.up_hold {
            return current;
        }
        if self.climbed_at.is_none_or(|climbed| now.saturating_duration_since(climbed) > 2 * REGRET) {
            self.up_hold = UP_HOLD;
        }
        (self.climbed_at, self.high_since, self.congested) = (Some(now), None, false);
        better
    }
}

/// The layers that the limits leave, best first; at least one while any is sent.
fn allowed(layers: &[LayerView], limits: &Limits) -> Vec<LayerView> {
    let active: Vec<LayerView> = layers.iter().copied().filter(|layer| layer.active).collect();
    if let Some(pinned) = active.iter().find(|layer| Some(layer.index) == limits.pinned) {
        return vec![*pinned];
    }
    let Some(lowest) = active.last().copied() else { return active };
    if limits.hidden {
        return vec![lowest];
    }
    let fits = |layer: &LayerView, (width, height): (u16, u16)| {
        layer.size.is_none_or(|(w, h)| w <= width && h <= height)
    };
    let mut left = active;
    if let Some(most) = limits.at_most {
        left.retain(|layer| fits(layer, most));
    }
    if let Some(viewport) = limits.viewport {
        // Keep the smallest layer that fills the element and everything below it.
        let fills = |layer: &LayerView| layer.size.is_some_and(|(w, h)| w >= viewport.0 || h >= viewport.1);
        if let Some(smallest) = left.iter().rposition(fills) {
            left.drain(..smallest);
        }
    }
    if left.is_empty() { vec![lowest] } else { left }
}

#[cfg(test)]
mod tests;
