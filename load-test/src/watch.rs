//! `sluice-load watch`: many viewers of one WHEP endpoint.

mod bridge;
pub(crate) mod frames;
pub(crate) mod report;
pub(crate) mod stream;
pub(crate) mod track;
pub(crate) mod viewer;

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use reqwest::Url;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, sleep_until};

use crate::cli::Watch;
use crate::driver::{Driver, Finished, Receive};
use crate::progress::{Progress, bits};
use crate::report::{Cost, cpu_time};
use crate::signal::{Endpoint, PARALLEL, Posted};
use crate::wire::loss::Loss;
use crate::wire::sdp::{
    Answer, Kind, OPUS, OfferedSection, OfferedTransport, RemoteCandidate, RemoteTransport, WATCHABLE,
    write_offer,
};
use crate::wire::transport::{Identity, Transport};
use report::{Join, Report};
use viewer::{Times, Viewer, WatchProgress};

const TICK: Duration = Duration::from_millis(500);

/// Runs the viewers and reports; the error is why frames did not flow.
pub(crate) async fn run(args: &Watch) -> Result<Report> {
    let cpu_before = cpu_time();
    let started = Instant::now();
    let joining = args.stagger.saturating_mul(args.viewers.saturating_sub(1));
    let setup = Arc::new(Setup {
        endpoint: Endpoint::new(&args.whep, args.common.token.clone())?,
        identity: Arc::new(Identity::generate()?),
        local: Endpoint::new(&args.whep, None)?.local_address()?,
        deadline: started + joining + args.duration,
        permits: Semaphore::new(PARALLEL),
        loss: Loss::percent(args.common.loss),
        drivers: (0..args.threads).map(|_| Driver::start(Receive::Joined)).collect::<Result<_>>()?,
        tcp: args.tcp,
        bridges: Mutex::default(),
    });
    let progress = Progress::new(args.common.quiet, setup.deadline - started);
    let mut joins = spawn_joins(&setup, args);
    let mut joined = Vec::new();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut before = (started, 0);
    loop {
        tokio::select! {
            Some(join) = joins.join_next(), if !joins.is_empty() => {
                joined.push(join.context("a viewer's task panicked")?);
                if joins.is_empty() && joined.iter().all(|join| join.session.is_none()) {
                    break;
                }
            }
            _ = ticks.tick() => {
                let sum = setup.progress();
                let rate = rate(&mut before, &sum);
                progress.show(started.elapsed(), &line(args, &sum, rate));
                if joins.is_empty() && sum.viewers > 0 && sum.ended == sum.viewers {
                    break;
                }
            }
            () = sleep_until(setup.deadline.into()) => break,
            _ = tokio::signal::ctrl_c() => break,
        }
    }
    let elapsed = started.elapsed();
    joins.abort_all();
    while let Some(join) = joins.join_next().await {
        joined.extend(join.ok());
    }
    progress.clear();
    let setup = Arc::into_inner(setup).context("a viewer's task outlived its run")?;
    let finished = finish(setup.drivers)?;
    let packets = finished.datagrams;
    let cost =
        Cost::since(cpu_before, elapsed, packets, finished.refused, (finished.reads, finished.datagrams));
    let sessions: Vec<Url> = joined.iter().filter_map(|join| join.session.clone()).collect();
    setup.endpoint.delete_all(&sessions).await;
    Ok(Report::new(args, elapsed, &finished.peers, &joined, cost))
}

struct Setup {
    endpoint: Endpoint,
    identity: Arc<Identity>,
    local: IpAddr,
    deadline: Instant,
    permits: Semaphore,
    loss: Loss,
    drivers: Vec<Driver<Viewer>>,
    tcp: bool,
    /// What carries the viewers' datagrams over connections.
    bridges: Mutex<JoinSet<()>>,
}

impl Setup {
    /// Connects for a viewer; what it sends to the candidate that this returns goes over the connection.
    async fn connect(&self, viewer: SocketAddr, server: &RemoteTransport) -> Result<RemoteCandidate> {
        let reachable = |candidate: &&RemoteCandidate| candidate.address.is_ipv4() == self.local.is_ipv4();
        let candidate = server.connections.iter().find(reachable);
        let candidate = candidate.context("the answer names no TCP candidate that can be reached")?;
        let mut bridges = self.bridges.lock().await;
        let address = bridge::open(self.local, viewer, candidate.address, &mut bridges).await?;
        Ok(RemoteCandidate { address, priority: candidate.priority })
    }

    fn progress(&self) -> WatchProgress {
        let mut sum = WatchProgress::default();
        for driver in &self.drivers {
            let part = driver.progress();
            sum.viewers += part.viewers;
            sum.connected += part.connected;
            sum.watching += part.watching;
            sum.ended += part.ended;
            sum.packets += part.packets;
            sum.bytes += part.bytes;
            sum.frames += part.frames;
            sum.lost += part.lost;
        }
        sum
    }
}

fn spawn_joins(setup: &Arc<Setup>, args: &Watch) -> JoinSet<Join> {
    let mut joins = JoinSet::new();
    for index in 0..args.viewers {
        let setup = Arc::clone(setup);
        let delay = args.stagger.saturating_mul(index);
        joins.spawn(async move {
            sleep(delay).await;
            let mut join = Join::new(index);
            if let Err(error) = enter(&setup, &mut join).await {
                join.failure = Some(format!("{error:#}"));
            }
            join
        });
    }
    joins
}

/// Posts until there is a session, the server says no, or the time is over.
async fn enter(setup: &Setup, join: &mut Join) -> Result<()> {
    loop {
        let permit = setup.permits.acquire().await.context("the run has ended")?;
        let socket = UdpSocket::bind((setup.local, 0)).context("opening a UDP socket")?;
        socket.set_nonblocking(true).context("preparing a UDP socket")?;
        let local = socket.local_addr().context("preparing a UDP socket")?;
        let posted = Instant::now();
        let transport = Transport::new(posted, local, &setup.identity)?;
        let (ufrag, pwd) = transport.credentials();
        let offer = write_offer(
            &OfferedTransport { ufrag, pwd, fingerprint: setup.identity.fingerprint(), local },
            &[
                OfferedSection { kind: Kind::Audio, codecs: &[OPUS], sends: None, capture_time: true },
                OfferedSection { kind: Kind::Video, codecs: &WATCHABLE, sends: None, capture_time: true },
            ],
        );
        join.attempts += 1;
        match setup.endpoint.post(offer).await? {
            Posted::Created(session) => {
                let times = Times { posted, answered: Instant::now(), connected: None, ended: None };
                join.server = session.server;
                join.session = session.location;
                join.accepted = true;
                let mut answer = Answer::parse(&session.answer)?;
                if setup.tcp {
                    answer.transport.candidates = vec![setup.connect(local, &answer.transport).await?];
                }
                let viewer = Viewer::new(join.index, times, transport, &answer, setup.loss)?;
                let driver = &setup.drivers[join.index as usize % setup.drivers.len()];
                return driver.add(viewer, socket);
            }
            Posted::Later { wait, reason, .. } if Instant::now() + wait < setup.deadline => {
                drop(permit);
                join.waited = Some(reason);
                sleep(wait).await;
            }
            Posted::Later { reason, .. } | Posted::Refused(reason) => {
                join.failure = Some(reason);
                return Ok(());
            }
        }
    }
}

fn finish(drivers: Vec<Driver<Viewer>>) -> Result<Finished<Viewer>> {
    let mut all = Finished { peers: Vec::new(), refused: 0, reads: 0, datagrams: 0 };
    for driver in drivers {
        let part = driver.stop()?;
        all.peers.extend(part.peers);
        all.refused += part.refused;
        all.reads += part.reads;
        all.datagrams += part.datagrams;
    }
    all.peers.sort_unstable_by_key(|viewer| viewer.index);
    Ok(all)
}

fn rate(before: &mut (Instant, u64), sum: &WatchProgress) -> f64 {
    let now = Instant::now();
    let seconds = now.duration_since(before.0).as_secs_f64().max(0.001);
    let rate = sum.bytes.saturating_sub(before.1) as f64 * 8.0 / seconds;
    *before = (now, sum.bytes);
    rate
}

fn line(args: &Watch, sum: &WatchProgress, rate: f64) -> String {
    let ended = if sum.ended > 0 { format!(", {} ended", sum.ended) } else { String::new() };
    format!(
        "{} viewers: {} connected, {} watching{ended}; {} frames, {} packets, {} lost, {}",
        args.viewers,
        sum.connected,
        sum.watching,
        sum.frames,
        sum.packets,
        sum.lost,
        bits(rate)
    )
}
