//! What each worker carries, shared with the threads that place and admit.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Length of a window of measurement.
const WINDOW: Duration = Duration::from_millis(100);

/// Windows that are averaged: a second. More is steadier, fewer sees a change sooner.
const WINDOWS: usize = 10;

/// Windows without a moment in which nothing waited, after which that counts as a queue that stands. A
/// key frame for many viewers takes some windows of its own; fewer would mistake it for overload.
const STANDING: usize = 5;

/// What a viewer is taken to cost at least, in parts of a core, until its cost shows. More admits fewer
/// at once, less admits more than there may be room for.
const LEAST_COST: f64 = 1.0 / 2000.0;

/// Viewers by which a measured load is divided at least: the load of few viewers is mostly that of
/// their publishers.
const FEW: f64 = 50.0;

/// The load of one worker.
#[derive(Debug, Default)]
pub(crate) struct Load {
    /// Viewers that the shard has, connected or not.
    held: AtomicUsize,
    /// Viewers on their way to the shard.
    joining: AtomicUsize,
    /// Peers without media that the shard has.
    members: AtomicUsize,
    /// Time not asleep in the last second, in thousandths.
    busy: AtomicU32,
    /// Connected viewers at that time.
    seen: AtomicUsize,
    /// The least delay in the queue to viewers lately, in microseconds.
    lag: AtomicU32,
    /// Something is left out for viewers.
    sheds: AtomicBool,
}

impl Load {
    /// Viewers, those on their way counted.
    pub(crate) fn viewers(&self) -> usize {
        self.held.load(Ordering::Acquire) + self.joining.load(Ordering::Acquire)
    }

    /// Peers with and without media but publishers, those on their way counted.
    pub(crate) fn peers(&self) -> usize {
        self.viewers() + self.members.load(Ordering::Acquire)
    }

    /// The shard has that many viewers, and peers without media.
    pub(crate) fn hold(&self, viewers: u64, members: u64) {
        self.held.store(usize::try_from(viewers).unwrap_or(usize::MAX), Ordering::Release);
        self.members.store(usize::try_from(members).unwrap_or(usize::MAX), Ordering::Release);
    }

    /// Whether something is left out for viewers. Who is left out costs nothing, so the time that is free then
    /// is theirs.
    pub(crate) fn set_sheds(&self, sheds: bool) {
        self.sheds.store(sheds, Ordering::Relaxed);
    }

    /// A viewer is on its way until the guard is dropped.
    pub(crate) fn join(&self) -> Joining<'_> {
        self.joining.fetch_add(1, Ordering::AcqRel);
        Joining(self)
    }

    /// How long what is sent to viewers has been waiting, at the best moment lately.
    pub(crate) fn lag(&self) -> Duration {
        Duration::from_micros(u64::from(self.lag.load(Ordering::Relaxed)))
    }

    /// Parts of a core in use, with what those will use whose cost does not show yet.
    pub(crate) fn expected(&self) -> f64 {
        let busy = f64::from(self.busy.load(Ordering::Relaxed)) / 1000.0;
        let seen = self.seen.load(Ordering::Relaxed);
        let cost = (busy / (seen as f64).max(FEW)).max(LEAST_COST);
        busy + cost * self.viewers().saturating_sub(seen) as f64
    }

    /// Time not asleep in the last second, in parts of it.
    pub(crate) fn busy(&self) -> f64 {
        f64::from(self.busy.load(Ordering::Relaxed)) / 1000.0
    }
}

/// A viewer on its way to a worker.
#[derive(Debug)]
pub(crate) struct Joining<'a>(&'a Load);

impl Drop for Joining<'_> {
    fn drop(&mut self) {
        self.0.joining.fetch_sub(1, Ordering::AcqRel);
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Window {
    span: Duration,
    slept: Duration,
    viewers: u64,
    lag: Duration,
}

/// Measures the load of the thread that it belongs to.
#[derive(Debug)]
pub(crate) struct Gauge {
    since: Instant,
    slept: Duration,
    least_lag: Option<Duration>,
    windows: [Window; WINDOWS],
    next: usize,
}

impl Gauge {
    pub(crate) fn new(now: Instant) -> Self {
        Self { since: now, slept: Duration::ZERO, least_lag: None, windows: Default::default(), next: 0 }
    }

    /// The thread slept.
    pub(crate) fn slept(&mut self, span: Duration) {
        self.slept += span;
    }

    /// At the end of a turn: `viewers` are connected, what is sent to them waits for `lag`.
    pub(crate) fn turn(&mut self, now: Instant, viewers: u64, lag: Duration, load: &Load) {
        self.least_lag = Some(self.least_lag.map_or(lag, |least| least.min(lag)));
        let span = now.saturating_duration_since(self.since);
        if span < WINDOW {
            return;
        }
        let lag = self.least_lag.take().unwrap_or_default();
        let slept = std::mem::take(&mut self.slept).min(span);
        self.windows[self.next % WINDOWS] = Window { span, slept, viewers, lag };
        (self.since, self.next) = (now, self.next + 1);
        let full: Duration = self.windows.iter().map(|window| window.span).sum();
        let slept: Duration = self.windows.iter().map(|window| window.slept).sum();
        let busy = 1.0 - slept.as_secs_f64() / full.as_secs_f64().max(0.001);
        load.busy.store((busy * 1000.0) as u32, Ordering::Relaxed);
        let measured = self.next.min(WINDOWS) as u64;
        let viewers: u64 = self.windows.iter().map(|window| window.viewers).sum();
        load.seen.store(usize::try_from(viewers / measured).unwrap_or(0), Ordering::Relaxed);
        let latest = (1..=STANDING).map(|back| self.windows[(self.next + WINDOWS - back) % WINDOWS].lag);
        let standing = latest.min().unwrap_or_default();
        load.lag.store(u32::try_from(standing.as_micros()).unwrap_or(u32::MAX), Ordering::Relaxed);
    }
}

/// Up to where workers take more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Parts of a core; 0 is no limit, whatever the queues.
    pub(crate) load: f64,
    /// Viewers on all workers; 0 is no limit.
    pub(crate) viewers: usize,
}

/// A queue that stands for longer than this means that a worker does not keep up. Less refuses sooner,
/// more lets delays grow before.
const LONGEST_LAG: Duration = Duration::from_millis(20);

impl Limits {
    fn open(&self, load: &Load) -> bool {
        let keeps_up = !load.sheds.load(Ordering::Relaxed) && load.lag() <= LONGEST_LAG;
        self.load <= 0.0 || keeps_up && load.expected() < self.load
    }

    /// The worker for a new viewer of a broadcast that is at home on `home`; none where all are full.
    /// The home is preferred while it is not behind: nothing needs to be relayed then.
    pub(crate) fn place<'a>(
        &self,
        loads: impl Iterator<Item = &'a Load> + Clone,
        home: usize,
    ) -> Option<usize> {
        let all: usize = loads.clone().map(Load::viewers).sum();
        if self.viewers > 0 && all >= self.viewers {
            return None;
        }
        let open = loads.enumerate().filter(|(_, load)| self.open(load));
        let open = open.map(|(worker, load)| (worker, load.viewers()));
        let (worker, least) = open.clone().min_by_key(|(_, viewers)| *viewers)?;
        let near = |(worker, viewers): (usize, usize)| worker == home && viewers <= least + least / SLACK;
        Some(if open.clone().any(near) { home } else { worker })
    }

    /// Whether a worker may become the home of one more publisher, or take a peer without media.
    pub(crate) fn has_room(&self, load: &Load) -> bool {
        self.open(load)
    }
}

/// A home may have a tenth more viewers than the emptiest worker. Smaller balances better, larger relays
/// less.
const SLACK: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { load: 0.85, viewers: 0 };

    fn loads(held: &[u64]) -> Vec<Load> {
        held.iter()
            .map(|held| {
                let load = Load::default();
                load.hold(*held, 0);
                load.seen.store(usize::try_from(*held).unwrap(), Ordering::Relaxed);
                load
            })
            .collect()
    }

    #[test]
    fn viewers_are_balanced_within_fifteen_percent_whoever_is_at_home() {
        let loads = loads(&[0, 0, 0, 0]);
        for viewer in 0..1000_usize {
            let home = if viewer.is_multiple_of(3) { 1 } else { 0 };
            let worker = LIMITS.place(loads.iter(), home).unwrap();
            loads[worker].hold(loads[worker].viewers() as u64 + 1, 0);
            loads[worker].seen.store(loads[worker].viewers(), Ordering::Relaxed);
        }
        let counts: Vec<usize> = loads.iter().map(Load::viewers).collect();
        let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        assert!(*most as f64 <= *least as f64 * 1.15, "{counts:?}");
    }

    #[test]
    fn without_a_limit_everybody_is_let_in() {
        let loads = loads(&[100_000]);
        let limits = Limits { load: 0.0, viewers: 0 };
        assert_eq!(limits.place(loads.iter(), 0), Some(0));
        assert!(limits.has_room(&loads[0]));
    }

    #[test]
    fn a_burst_of_joins_does_not_pass_because_its_cost_does_not_show_yet() {
        let loads = loads(&[800]);
        loads[0].busy.store(500, Ordering::Relaxed);
        let mut guards = Vec::new();
        while LIMITS.place(loads.iter(), 0).is_some() {
            guards.push(loads[0].join());
            assert!(guards.len() < 1000);
        }
        assert!((500..=600).contains(&guards.len()), "{}", guards.len());
        drop(guards);
        assert!(LIMITS.place(loads.iter(), 0).is_some(), "those who gave up count no more");
    }

    #[test]
    fn an_idle_worker_takes_a_thousand_at_once() {
        let loads = loads(&[0]);
        let guards: Vec<Joining<'_>> = (0..1000)
            .map(|_| {
                assert!(LIMITS.place(loads.iter(), 0).is_some());
                loads[0].join()
            })
            .collect();
        assert_eq!(guards.len(), loads[0].viewers());
    }

    #[test]
    fn a_full_worker_is_passed_over_and_full_workers_refuse() {
        let loads = loads(&[10, 400]);
        loads[0].busy.store(900, Ordering::Relaxed);
        assert_eq!(LIMITS.place(loads.iter(), 0), Some(1));
        loads[1].lag.store(30_000, Ordering::Relaxed);
        assert_eq!(LIMITS.place(loads.iter(), 0), None);
    }

    #[test]
    fn a_worker_that_leaves_something_out_takes_nobody_however_idle_it_is() {
        let loads = loads(&[400]);
        loads[0].busy.store(300, Ordering::Relaxed);
        loads[0].set_sheds(true);
        assert!(LIMITS.place(loads.iter(), 0).is_none() && !LIMITS.has_room(&loads[0]));
        assert_eq!(Limits { load: 0.0, viewers: 0 }.place(loads.iter(), 0), Some(0), "there is no limit");
        loads[0].set_sheds(false);
        assert_eq!(LIMITS.place(loads.iter(), 0), Some(0));
    }

    #[test]
    fn the_greatest_number_of_viewers_counts_all_workers() {
        let loads = loads(&[3, 4]);
        assert!(Limits { viewers: 8, ..LIMITS }.place(loads.iter(), 0).is_some());
        let _joining = loads[0].join();
        assert!(Limits { viewers: 8, ..LIMITS }.place(loads.iter(), 0).is_none());
    }

    #[test]
    fn a_key_frame_for_many_is_no_standing_queue() {
        let start = Instant::now();
        let (mut gauge, load) = (Gauge::new(start), Load::default());
        for milli in 1..3000 {
            // Each second, 300 ms in which something waits.
            let lag = if milli % 1000 < 300 { Duration::from_millis(80) } else { Duration::ZERO };
            gauge.slept(Duration::from_micros(400));
            gauge.turn(start + Duration::from_millis(milli), 100, lag, &load);
            assert!(load.lag() <= LONGEST_LAG);
        }
        assert!((0.55..0.65).contains(&load.busy()), "{}", load.busy());
        for milli in 3000..3700 {
            gauge.turn(start + Duration::from_millis(milli), 100, Duration::from_millis(30), &load);
        }
        assert!(load.lag() > LONGEST_LAG);
    }
}
