//! Where a scenario plays: the server, the crowd, and how a measurement is taken.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio::time::sleep;

use super::crowd::{Admission, Crowd};
use super::machine::Machine;
use super::point::{JoinTimes, Point};
use super::process::{Sample, busy_ticks, cores, udp_drops};
use super::server::Server;
use super::shared::{Joined, Quantiles};
use crate::cli::bench::Bench;
use crate::progress::{Progress, bits};

/// Viewers that join in a second, unless the command line says otherwise.
const JOIN_RATE: u32 = 100;
/// Until the last viewers have a picture; a server that takes longer is told by join times.
const SETTLE: Duration = Duration::from_secs(15);
/// After joins, until bursts from caches are over and estimates have settled.
const CALM: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(500);

/// A running scenario.
pub(crate) struct Stage<'a> {
    pub(crate) args: &'a Bench,
    pub(crate) machine: &'a Machine,
    pub(crate) server: &'a Server,
    pub(crate) crowd: Crowd,
    pub(crate) points: Vec<Point>,
    progress: Progress,
    began: Instant,
    resident_before: u64,
    joined: Vec<Joined>,
}

impl<'a> Stage<'a> {
    /// Publishers are live; nobody watches yet.
    pub(crate) async fn open(args: &'a Bench, machine: &'a Machine, server: &'a Server) -> Result<Self> {
        let crowd = Crowd::new(args, server)?;
        crowd.publish(args, server).await?;
        let resident_before = match server.pid {
            Some(pid) => Sample::of(pid).context("looking at the server's process")?.resident_bytes,
            None => 0,
        };
        Ok(Self {
            args,
            machine,
            server,
            crowd,
            points: Vec::new(),
            progress: Progress::new(args.quiet, Duration::ZERO),
            began: Instant::now(),
            resident_before,
            joined: Vec::new(),
        })
    }

    /// Says what is going on.
    pub(crate) fn say(&self, text: &str) {
        self.progress.show(self.began.elapsed(), text);
    }

    /// Viewers that have a picture.
    pub(crate) fn viewers(&self) -> u32 {
        self.crowd.watched().watching as u32
    }

    /// Lets viewers join at the usual rate and waits until they have a picture.
    pub(crate) async fn join(&mut self, count: u32) -> Result<Admission> {
        self.join_at(count, self.args.join_rate.unwrap_or(JOIN_RATE)).await
    }

    /// Lets viewers join at a rate and waits until they have a picture.
    pub(crate) async fn join_at(&mut self, count: u32, rate: u32) -> Result<Admission> {
        self.say(&format!("{count} viewers join"));
        let admission = self.crowd.join(count, rate).await?;
        self.crowd.settle(SETTLE).await;
        sleep(CALM).await;
        self.joined.extend(self.crowd.shared.take_joined());
        Ok(admission)
    }

    /// Takes a measurement. It is judged and remembered.
    pub(crate) async fn measure(&mut self, label: &str, length: Duration) -> Result<Point> {
        let sample = |pid: Option<u32>| pid.map(Sample::of).transpose();
        let own = Sample::of(std::process::id())?;
        let server = sample(self.server.pid).context("looking at the server's process")?;
        let drops = self.drops();
        let busy = self.busy();
        let (before, published) = (self.crowd.watched(), self.crowd.published());
        self.crowd.shared.start_measuring();
        let until = Instant::now() + length;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            sleep(left.min(TICK)).await;
            self.show(label);
        }
        let delays = self.crowd.shared.stop_measuring();
        let (after, published_after) = (self.crowd.watched(), self.crowd.published());
        let server_after = sample(self.server.pid).context("looking at the server's process")?;
        let load = Sample::of(std::process::id())?.since(&own);
        let drops_after = self.drops();
        let busy_after = self.busy();

        let mut point = Point {
            label: label.to_owned(),
            load_cpu: load.cpu.total / self.machine.load_cpus.len() as f64,
            forward_ms: Quantiles::of(&delays.frames),
            key_frame_ms: Quantiles::of(&delays.key_frames),
            key_requests: published_after.key_requests - published.key_requests,
            late_frames: published_after.late_frames - published.late_frames,
            server_socket_drops: drops_after.0.saturating_sub(drops.0),
            load_socket_drops: drops_after.1.saturating_sub(drops.1),
            ..Point::default()
        };
        point.count(&before, &after);
        if self.args.layers == 1 {
            point.compare(&self.points);
        }
        if let (Some(before), Some(after)) = (server, server_after) {
            point.charge(after.since(&before), self.resident_before);
        }
        let used = |now: u64, before: u64, own: f64| (cores(now - before, load.seconds) - own).max(0.0);
        let server_used = point.server.as_ref().map_or(0.0, |usage| usage.cpu.total);
        if point.server.is_some() && self.machine.is_separate() {
            point.others_on_server_cpus = used(busy_after.0, busy.0, server_used);
            point.others_on_load_cpus = used(busy_after.1, busy.1, load.cpu.total);
        }
        self.joined.extend(self.crowd.shared.take_joined());
        point.join = JoinTimes::of(&std::mem::take(&mut self.joined));
        point.judge(self.args);
        self.points.push(point.clone());
        Ok(point)
    }

    fn busy(&self) -> (u64, u64) {
        (busy_ticks(&self.machine.server_cpus), busy_ticks(&self.machine.load_cpus))
    }

    fn drops(&self) -> (u64, u64) {
        udp_drops(self.crowd.server_port)
    }

    fn show(&self, label: &str) {
        let sum = self.crowd.watched();
        self.say(&format!(
            "{label}: {} of {} viewers watch, {} packets, {} lost, {}",
            sum.watching,
            sum.viewers,
            sum.packets,
            sum.lost,
            bits(self.points.last().map_or(0.0, |point| point.bits_per_second)),
        ));
    }

    /// Leaves the terminal to the report.
    pub(crate) fn clear(&self) {
        self.progress.clear();
    }
}
