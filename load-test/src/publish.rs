//! `sluice-load publish`: one publisher to a WHIP endpoint.

pub(crate) mod layer;
mod outgoing;
mod pacer;
pub(crate) mod publisher;
pub(crate) mod report;

use std::net::UdpSocket;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::Url;
use tokio::time::{MissedTickBehavior, interval, sleep, sleep_until};

use crate::cli::{Pacing, Publish};
use crate::driver::{Driver, Receive};
use crate::media::VideoCodec;
use crate::media::clip::{self, Clip};
use crate::progress::{Progress, bits};
use crate::report::{Cost, cpu_time};
use crate::signal::{Endpoint, Posted};
use crate::wire::loss::Loss;
use crate::wire::sdp::{self, Answer, Kind, OPUS, OfferedSection, OfferedTransport, Sends, write_offer};
use crate::wire::transport::{Identity, Transport};
use layer::Layer;
use outgoing::Outgoing;
use pacer::Pacer;
use publisher::{Audio, PublishProgress, Publisher};
use report::{Entry, Report};

const TICK: Duration = Duration::from_millis(500);
/// Without `--duration`: as good as for ever.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// RIDs as browsers' pages name them: quarter, half and full size.
const RIDS: [&str; 3] = ["q", "h", "f"];

/// Publishes and reports; a reason in the report says why frames did not flow.
pub(crate) async fn run(args: &Publish) -> Result<Report> {
    let cpu_before = cpu_time();
    let started = Instant::now();
    let source = Source::load(args)?;
    let deadline = started + args.duration.unwrap_or(FOR_EVER);
    let endpoint = Endpoint::new(&args.whip, args.common.token.clone())?;
    let driver = Driver::start(Receive::Joined)?;
    let mut entry = Entry {
        source: source.name.clone(),
        codec: source.codec.name(),
        fps: source.fps,
        ..Entry::default()
    };
    let progress = Progress::new(args.common.quiet, args.duration.unwrap_or_default());
    let extras = Extras::default();
    let session = tokio::select! {
        entered = enter(args, &extras, &endpoint, source, &driver, deadline, &mut entry) => {
            entered.unwrap_or_else(|error| {
                entry.failure = Some(format!("{error:#}"));
                None
            })
        }
        _ = tokio::signal::ctrl_c() => None,
    };
    if entry.answered.is_some() && entry.failure.is_none() {
        wait(&driver, &progress, started, deadline).await;
    }
    let elapsed = started.elapsed();
    progress.clear();
    let finished = driver.stop()?;
    if let Some(location) = session
        && let Err(error) = endpoint.delete(location).await
    {
        // A server that went away has ended the session by that.
        tracing::debug!("{error:#}");
    }
    let publisher = finished.peers.first();
    let packets = publisher.map_or(0, |publisher| {
        let video: u64 = publisher.layers.iter().map(|layer| layer.out.packets).sum();
        video + publisher.audio.as_ref().map_or(0, |audio| audio.out.packets)
    });
    let cost =
        Cost::since(cpu_before, elapsed, packets, finished.refused, (finished.reads, finished.datagrams));
    Ok(Report::new(args, elapsed, entry, publisher, cost))
}

/// What the command line of `publish` does not say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extras {
    /// Frames need not be decodable.
    pub(crate) opaque: bool,
    /// Send times travel inside the payload, so that packets have the sizes of any other publisher's.
    pub(crate) stamps_inside: bool,
    /// See [`Publisher::phase`].
    pub(crate) phase: Option<(Instant, Duration)>,
}

/// What is published.
#[derive(Clone)]
pub(crate) struct Source {
    name: String,
    codec: VideoCodec,
    fps: f64,
    clips: Vec<Arc<Clip>>,
}

impl Source {
    /// Reads what these arguments publish.
    pub(crate) fn load(args: &Publish) -> Result<Self> {
        let layers = usize::from(args.layers);
        let (name, clips) = match &args.file {
            None => ("pattern".to_owned(), pattern(args, layers)?),
            Some(path) => {
                if layers > 1 {
                    bail!("a file has one layer; --layers goes with the pattern");
                }
                (path.display().to_string(), vec![Clip::from_file(path)?])
            }
        };
        let clips: Vec<_> = clips.into_iter().map(Arc::new).collect();
        let codec = clips[0].codec;
        let fps = args.fps.or(clips[0].fps).unwrap_or(30.0);
        ensure!((1.0..=240.0).contains(&fps), "the file says {fps} frames per second; set --fps");
        Ok(Self { name, codec, fps, clips })
    }
}

/// The test pattern. Alone, it has as many lines as fit into the bit rate.
fn pattern(args: &Publish, layers: usize) -> Result<Vec<Clip>> {
    let mut clips = clip::pattern(args.codec, if layers == 1 { 3 } else { layers })?;
    if layers == 1 {
        let fps = args.fps.unwrap_or(30.0);
        let fits = |clip: &Clip| {
            args.bitrate.is_none_or(|bitrate| clip.mean_len() * 8.0 * fps <= f64::from(bitrate))
        };
        let tallest = clips.iter().rposition(fits).unwrap_or(0);
        clips = vec![clips.swap_remove(tallest)];
    }
    Ok(clips)
}

/// Posts until there is a session, the server says no, or the time is over.
pub(crate) async fn enter(
    args: &Publish,
    extras: &Extras,
    endpoint: &Endpoint,
    source: Source,
    driver: &Driver<Publisher>,
    deadline: Instant,
    entry: &mut Entry,
) -> Result<Option<Url>> {
    let identity = Arc::new(Identity::generate()?);
    let local = endpoint.local_address()?;
    loop {
        let socket = UdpSocket::bind((local, 0)).context("opening a UDP socket")?;
        socket.set_nonblocking(true).context("preparing a UDP socket")?;
        let address = socket.local_addr().context("preparing a UDP socket")?;
        let posted = Instant::now();
        let transport = Transport::new(posted, address, &identity)?;
        let names = Names::choose(source.clips.len());
        let offer = offer(args, extras, &transport, &identity, address, source.codec, &names);
        entry.attempts += 1;
        entry.posted = Some(posted);
        match endpoint.post(offer).await? {
            Posted::Created(session) => {
                let now = Instant::now();
                entry.answered = Some(now);
                entry.server = session.server;
                let peer = publisher(args, extras, now, transport, source, &names, &session.answer);
                // The session exists, so it is deleted even if its answer is of no use.
                match peer {
                    Ok(peer) => driver.add(peer, socket)?,
                    Err(error) => entry.failure = Some(format!("{error:#}")),
                }
                return Ok(session.location);
            }
            Posted::Later { wait, reason, .. } if Instant::now() + wait < deadline => {
                tracing::warn!("{reason}; trying again in {} s", wait.as_secs());
                sleep(wait).await;
            }
            Posted::Later { reason, .. } | Posted::Refused(reason) => {
                entry.failure = Some(reason);
                return Ok(None);
            }
        }
    }
}

/// SSRCs and RIDs of one attempt.
struct Names {
    rids: &'static [&'static str],
    video: Vec<(u32, u32)>,
    audio: u32,
}

impl Names {
    fn choose(layers: usize) -> Self {
        Self {
            rids: if layers > 1 { &RIDS[RIDS.len() - layers..] } else { &[] },
            video: (0..layers).map(|_| rand::random()).collect(),
            audio: rand::random(),
        }
    }
}

fn offer(
    args: &Publish,
    extras: &Extras,
    transport: &Transport,
    identity: &Identity,
    local: std::net::SocketAddr,
    codec: VideoCodec,
    names: &Names,
) -> String {
    let (ufrag, pwd) = transport.credentials();
    let video_codec = match codec {
        VideoCodec::Vp8 => sdp::VP8,
        VideoCodec::H264 => sdp::H264,
    };
    let (media, rtx) = names.video[0];
    let video = OfferedSection {
        kind: Kind::Video,
        codecs: &[video_codec],
        sends: Some(if names.rids.is_empty() {
            Sends::Ssrc { media, rtx: Some(rtx) }
        } else {
            Sends::Rids(names.rids)
        }),
        capture_time: !extras.stamps_inside,
    };
    let audio = OfferedSection {
        kind: Kind::Audio,
        codecs: &[OPUS],
        sends: Some(Sends::Ssrc { media: names.audio, rtx: None }),
        capture_time: !extras.stamps_inside,
    };
    let sections = if args.no_audio { vec![video] } else { vec![audio, video] };
    let transport = OfferedTransport { ufrag, pwd, fingerprint: identity.fingerprint(), local };
    write_offer(&transport, &sections)
}

fn publisher(
    args: &Publish,
    extras: &Extras,
    now: Instant,
    transport: Transport,
    source: Source,
    names: &Names,
    answer: &str,
) -> Result<Publisher> {
    let answer = Answer::parse(answer)?;
    let section = answer.section(Kind::Video).context("the server does not take the video")?;
    let name = source.codec.name();
    let payload_type = section
        .codecs
        .iter()
        .find(|codec| codec.name == name)
        .with_context(|| format!("the server does not take {name}"))?
        .payload_type;
    let count = source.clips.len();
    let fps = source.fps;
    let loss = Loss::percent(args.common.loss);
    let mut layers = Vec::new();
    let mut total = 0.0;
    for (at, clip) in source.clips.into_iter().enumerate() {
        let rid = names.rids.get(at).copied();
        // A server that takes fewer layers names those it takes.
        if rid.is_some_and(|rid| !section.rids.iter().any(|taken| taken == rid)) {
            tracing::warn!("the server does not take layer {}", rid.unwrap_or_default());
            continue;
        }
        let (ssrc, rtx) = names.video[at];
        let out = Outgoing::new(section, payload_type, ssrc, rtx, rid, loss);
        let share = 4f64.powi((count - 1 - at) as i32);
        let bitrate = args.bitrate.map(|bits| f64::from(bits) / share);
        let own = clip.mean_len() * 8.0 * fps;
        if let Some(bitrate) = bitrate.filter(|bitrate| *bitrate < own * 0.95) {
            tracing::warn!("the clip itself has {}, more than the {} asked for", bits(own), bits(bitrate));
        }
        total += bitrate.unwrap_or(own);
        let mut layer = Layer::new(clip, rid, out, bitrate, fps);
        layer.key_every = args.key_interval.map(|interval| (interval.as_secs_f64() * fps).round() as u64);
        layer.opaque = extras.opaque;
        layers.push(layer);
    }
    ensure!(!layers.is_empty(), "the server takes none of the layers");
    let audio = match answer.section(Kind::Audio) {
        Some(section) if !args.no_audio => {
            let opus = section.codecs.iter().find(|codec| codec.name == "OPUS");
            opus.map(|opus| -> Result<Audio> {
                Ok(Audio {
                    packets: clip::tone()?,
                    out: Outgoing::new(section, opus.payload_type, names.audio, 0, None, loss),
                    reports: 0,
                })
            })
            .transpose()?
        }
        _ => None,
    };
    let obeys = !args.ignore_key_requests;
    let mut publisher = Publisher::new(now, transport, &answer.transport, layers, audio, fps, obeys)?;
    publisher.pacer = (args.pacing == Pacing::Paced).then(|| Pacer::new(total));
    publisher.phase = extras.phase;
    Ok(publisher)
}

async fn wait(driver: &Driver<Publisher>, progress: &Progress, started: Instant, deadline: Instant) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut before = (Instant::now(), 0);
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                let sum = driver.progress();
                progress.show(started.elapsed(), &line(&mut before, &sum));
                if sum.ended > 0 {
                    return;
                }
            }
            () = sleep_until(deadline.into()) => return,
            _ = tokio::signal::ctrl_c() => return,
        }
    }
}

fn line(before: &mut (Instant, u64), sum: &PublishProgress) -> String {
    if sum.connected == 0 {
        return "connecting".to_owned();
    }
    let now = Instant::now();
    let seconds = now.duration_since(before.0).as_secs_f64().max(0.001);
    let rate = sum.bytes.saturating_sub(before.1) as f64 * 8.0 / seconds;
    *before = (now, sum.bytes);
    format!(
        "{} frames, {}; {} key frame requests, {} packets resent, loss {:.1} %, round trip {}",
        sum.frames,
        bits(rate),
        sum.key_requests,
        sum.resent,
        f64::from(sum.remote_fraction_lost) / 2.56,
        sum.rtt_us.map_or("-".to_owned(), |micros| format!("{:.1} ms", micros as f64 / 1000.0))
    )
}
