//! The slope of the delay over the newest groups (draft-ietf-rmcat-gcc-02 §5.3; least squares in place of
//! its Kalman filter, as libwebrtc has it).

/// Groups that the line goes through. More is calmer and later.
const POINTS: usize = 20;

/// Share of the old value in the smoothed delay.
const SMOOTHING: f64 = 0.9;

/// The slope is weighted by the number of groups, up to this many.
const MOST_WEIGHT: u32 = 60;

/// What brings the weighted slope into the range of the threshold, which is in milliseconds.
const GAIN: f64 = 4.0;

/// The newest delays.
#[derive(Debug, Clone, Default)]
pub(super) struct Trendline {
    /// Arrival relative to the first one and smoothed delay, in milliseconds.
    points: [(f64, f64); POINTS],
    count: u32,
    first: i64,
    smoothed: f64,
}

impl Trendline {
    /// Adds a group by its arrival and delay in microseconds. Returns the weighted slope, comparable
    /// with the threshold, once there are enough groups.
    pub(super) fn add(&mut self, received: i64, delay: f64) -> Option<f64> {
        let delay = delay / 1e3;
        if self.count == 0 {
            (self.first, self.smoothed) = (received, delay);
        }
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * delay;
        let at = self.count as usize % POINTS;
        self.points[at] = (received.saturating_sub(self.first) as f64 / 1e3, self.smoothed);
        self.count += 1;
        (self.count as usize >= POINTS).then(|| self.slope() * f64::from(self.count.min(MOST_WEIGHT)) * GAIN)
    }

    /// The smoothed delay in microseconds.
    pub(super) const fn delay(&self) -> f64 {
        self.smoothed * 1e3
    }

    /// Forgets all groups.
    pub(super) const fn clear(&mut self) {
        self.count = 0;
    }

    fn slope(&self) -> f64 {
        let mean = |value: fn(&(f64, f64)) -> f64| self.points.iter().map(value).sum::<f64>() / POINTS as f64;
        let (x_mean, y_mean) = (mean(|point| point.0), mean(|point| point.1));
        let (above, below) = self.points.iter().fold((0.0, 0.0), |(above, below), (x, y)| {
            let distance = x - x_mean;
            (above + distance * (y - y_mean), below + distance * distance)
        });
        if below > 0.0 { above / below } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growing_delay_has_a_slope() {
        let mut trendline = Trendline::default();
        let slopes: Vec<_> =
            (0..100_i64).filter_map(|group| trendline.add(group * 10_000, (group * 1_000) as f64)).collect();
        assert_eq!(slopes.len(), 81);
        // 1 ms in 10 ms, by 60 groups and the gain.
        assert!((slopes[80] - 24.0).abs() < 0.5, "{}", slopes[80]);
    }

    #[test]
    fn a_steady_delay_has_none() {
        let mut trendline = Trendline::default();
        let slopes = (0..100).filter_map(|group| trendline.add(group * 10_000, 70_000.0));
        assert!({ slopes }.all(|slope| slope.abs() < 1e-6));
        assert_eq!((0..100).filter_map(|_| Trendline::default().add(5, 1.0)).count(), 0);
    }
}
