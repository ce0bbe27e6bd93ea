//! What is played on the stage.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::point::{JoinTimes, OTHERS_LIMIT, Point};
use super::stage::Stage;
use crate::cli::bench::Scenario;

/// Viewers of the first look at what one costs.
const FIRST_LOOK: u32 = 40;
/// Length of a look that only decides how many viewers come next.
const LOOK: Duration = Duration::from_secs(3);
/// Viewers who join one by one at moderate load, and how many of them in a second.
const SINGLES: u32 = 40;
const SINGLES_RATE: u32 = 10;
/// Load of the server from which a cost may be called that of density.
const DENSE: f64 = 0.7;
/// How much more each step beyond the measurement offers.
const STEP: f64 = 1.1;
/// Steps beyond it at most.
const STEPS: usize = 6;
/// Viewers of a join storm, of each stream of many, and of a lossy run.
const STORM: u32 = 1000;
const FEW: u32 = 4;
const LOSSY: u32 = 100;
/// How long a storm may last.
const STORM_PATIENCE: Duration = Duration::from_secs(30);
/// Offered load in `overload`.
const OVERLOAD: [f64; 6] = [0.5, 0.75, 1.0, 1.25, 1.5, 2.0];

/// What a scenario comes to.
#[derive(Default)]
pub(crate) struct Outcome {
    /// The measurement that stands for the run.
    pub(crate) headline: Point,
    /// Joins that stand for the run, if they are not those of the headline.
    pub(crate) join: Option<JoinTimes>,
    pub(crate) notes: Vec<String>,
    pub(crate) reason: Option<String>,
    pub(crate) capacity: Option<u32>,
}

/// Plays the scenario of the command line.
pub(crate) async fn play(stage: &mut Stage<'_>) -> Result<Outcome> {
    match stage.args.scenario {
        Scenario::Density => density(stage).await,
        Scenario::JoinStorm => join_storm(stage).await,
        Scenario::Overload => overload(stage).await,
        Scenario::ManyStreams => fixed(stage, FEW * stage.args.stream_count()).await,
        Scenario::Lossy => fixed(stage, LOSSY).await,
    }
}

/// Cost of a viewer at a high load of the server, then more viewers until the service level breaks.
async fn density(stage: &mut Stage<'_>) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let target = f64::from(stage.args.target_load) / 100.0;
    let first = stage.args.viewers.map_or(FIRST_LOOK, |viewers| viewers.min(FIRST_LOOK));
    let refused = stage.join(first).await?.refused;
    ensure!(refused == 0, "the server refused the first {refused} of {first} viewers");
    let look = stage.measure("first look", LOOK).await?;

    // Half of the way, to see single joins at moderate load.
    let goal = stage.args.viewers.unwrap_or_else(|| wanted(stage, &look, target));
    let half = (goal / 2).saturating_sub(stage.viewers());
    if half > SINGLES {
        stage.join(half - SINGLES).await?;
        stage.measure("before single joins", Duration::from_millis(500)).await?;
    }
    let singles = SINGLES.min(goal.saturating_sub(stage.viewers()));
    stage.join_at(singles, SINGLES_RATE).await?;
    let moderate = stage.measure("moderate load", LOOK).await?;
    outcome.join = moderate.join;
    outcome.notes.push(format!(
        "join times are those of {singles} viewers who joined one by one, {SINGLES_RATE} in a second"
    ));

    // The cost of a viewer falls when more of them are served in one go, so look again on the way.
    let mut latest = moderate;
    for _ in 0..4 {
        let bearable = latest.bearable(stage.machine.load_cpus.len());
        let goal = stage.args.viewers.unwrap_or_else(|| wanted(stage, &latest, target).min(bearable));
        let Some(more) = goal.checked_sub(stage.viewers()).filter(|more| *more > goal / 50) else {
            break;
        };
        let admission = stage.join(more).await?;
        if stage.args.viewers.is_some() || admission.refused > 0 {
            break;
        }
        latest = stage.measure("on the way", LOOK).await?;
        if latest.broken.is_some() || latest.load_trouble().is_some() {
            break;
        }
    }
    let headline = stage.measure("density", stage.args.seconds).await?;
    outcome.reason = doubt(&headline, stage.server.pid.is_some() && stage.args.viewers.is_none());
    outcome.headline = headline;
    if stage.args.viewers.is_none() && outcome.reason.is_none() {
        let (most, why) = raise(stage).await?;
        outcome.capacity = most;
        outcome.notes.push(why);
    }
    Ok(outcome)
}

/// Viewers that bring the server to this load, by what they cost in this measurement.
fn wanted(stage: &Stage<'_>, point: &Point, target: f64) -> u32 {
    let most = stage.args.max_viewers;
    point
        .viewers_per_core
        .map_or(most, |per_core| (per_core * target * stage.machine.server_cpus.len() as f64) as u32)
        .clamp(1, most)
}

/// Why this measurement proves nothing, or that the service level was not kept.
fn doubt(point: &Point, needs_load: bool) -> Option<String> {
    if let Some(trouble) = point.load_trouble() {
        return Some(format!("{trouble}, so this says nothing about the server"));
    }
    if let Some(broken) = &point.broken {
        if point.others_on_server_cpus > OTHERS_LIMIT {
            return Some(format!(
                "others used {:.0} % of the server's processors, and the service level was not kept: {broken}",
                point.others_on_server_cpus * 100.0
            ));
        }
        return Some(format!("the service level was not kept: {broken}"));
    }
    let load = point.server.as_ref().map_or(1.0, |usage| usage.cpu.total);
    (needs_load && load < DENSE).then(|| {
        format!(
            "the server was only at {:.0} % of a core; density needs {:.0} % (the load's processors: {:.0} % load, {:.0} % others)",
            load * 100.0,
            DENSE * 100.0,
            point.load_cpu * 100.0,
            point.others_on_load_cpus * 100.0
        )
    })
}

/// Raises the number of viewers until the service level breaks.
async fn raise(stage: &mut Stage<'_>) -> Result<(Option<u32>, String)> {
    let mut best = stage.viewers();
    for _ in 0..STEPS {
        let goal = ((f64::from(stage.viewers()) * STEP) as u32).min(stage.args.max_viewers);
        let more = goal.saturating_sub(stage.viewers());
        if more == 0 {
            return Ok((Some(best), "the most viewers allowed were served".to_owned()));
        }
        let admission = stage.join(more).await?;
        let point = stage.measure(&format!("{goal} viewers"), LOOK).await?;
        if let Some(trouble) = point.load_trouble() {
            return Ok((Some(best), format!("beyond {best} viewers the load was the limit: {trouble}")));
        }
        if let Some(broken) = point.broken {
            return Ok((Some(best), format!("beyond {best} viewers the service level broke: {broken}")));
        }
        best = stage.viewers();
        if admission.refused > 0 {
            return Ok((Some(best), format!("beyond {best} viewers the server refused more")));
        }
    }
    Ok((Some(best), format!("{best} viewers were served; more were not tried")))
}

/// Everybody at once.
async fn join_storm(stage: &mut Stage<'_>) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let count = stage.args.viewers.unwrap_or(STORM);
    stage.say(&format!("{count} viewers are prepared"));
    let began = Instant::now();
    let (prepared, admission) = stage.crowd.prepare(count).await?;
    outcome.notes.push(format!(
        "prepared beforehand, in {:.1} s: sockets, ICE credentials, offers and their answers; connectivity checks, DTLS handshakes and media come in the storm, and times count from when a viewer was let go",
        began.elapsed().as_secs_f64()
    ));
    let rate = stage.args.join_rate.unwrap_or(0);
    outcome.notes.push(match rate {
        0 => "all were let go at once".to_owned(),
        rate => format!("{rate} were let go in a second"),
    });
    let admitted = prepared.len() as u64;
    let storm = Instant::now();
    let requests_before = stage.crowd.published().key_requests;
    for (n, viewer) in prepared.into_iter().enumerate() {
        if rate > 0 {
            let due = storm + Duration::from_secs_f64(n as f64 / f64::from(rate));
            tokio::time::sleep_until(due.into()).await;
        }
        let began = if rate > 0 { Instant::now() } else { storm };
        stage.crowd.start(viewer, began)?;
    }
    while storm.elapsed() < STORM_PATIENCE {
        let sum = stage.crowd.watched();
        stage.say(&format!("{} of {admitted} viewers have a key frame", sum.watching));
        if sum.watching + sum.ended >= admitted {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    let lasted = storm.elapsed().as_secs_f64();
    let requests = stage.crowd.published().key_requests - requests_before;
    outcome.notes.push(format!("the storm lasted {lasted:.1} s; {requests} key frames were asked for"));
    let mut headline = stage.measure("after the storm", stage.args.seconds).await?;
    headline.admission = Some(admission);
    headline.key_requests += requests;
    let missing = admitted.saturating_sub(headline.viewers);
    outcome.reason = if missing > 0 {
        Some(format!("{missing} of {admitted} viewers had no key frame within {lasted:.0} s"))
    } else {
        doubt(&headline, false).filter(|_| headline.load_trouble().is_some())
    };
    outcome.headline = headline;
    Ok(outcome)
}

/// More and more viewers, from half of what the server carries to twice that.
async fn overload(stage: &mut Stage<'_>) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let capacity = match stage.args.capacity {
        Some(capacity) => capacity,
        None => {
            stage.join(FIRST_LOOK).await?;
            let look = stage.measure("first look", LOOK).await?;
            // Half of the first guess, because a viewer costs less among many.
            let half = wanted(stage, &look, 0.5).saturating_sub(stage.viewers());
            stage.join(half).await?;
            let look = stage.measure("capacity", LOOK).await?;
            let capacity = wanted(stage, &look, 1.0);
            outcome.notes.push(format!("100 % are {capacity} viewers, by their cost at half of that"));
            capacity
        }
    };
    outcome.capacity = Some(capacity);
    for share in OVERLOAD {
        let offered = (f64::from(capacity) * share) as u32;
        let more = offered.saturating_sub(stage.viewers());
        let admission = stage.join(more).await?;
        let label = format!("{:.0} % offered", share * 100.0);
        let mut point = stage.measure(&label, stage.args.seconds).await?;
        point.offered_percent = Some(share * 100.0);
        point.admission = Some(admission);
        if let Some(last) = stage.points.last_mut() {
            *last = point.clone();
        }
        if point.load_trouble().is_some() {
            outcome.reason = doubt(&point, false);
        }
        outcome.headline = point;
    }
    outcome.reason = outcome.reason.or_else(|| doubt(&outcome.headline, false));
    Ok(outcome)
}

/// One measurement with a fixed number of viewers.
async fn fixed(stage: &mut Stage<'_>, viewers: u32) -> Result<Outcome> {
    let admission = stage.join(stage.args.viewers.unwrap_or(viewers)).await?;
    let mut headline = stage.measure("run", stage.args.seconds).await?;
    headline.admission = Some(admission);
    let reason = doubt(&headline, false);
    Ok(Outcome { headline, reason, ..Outcome::default() })
}
