//! `sluice-load chat`: members of a chat on data channels and WebSockets. Some take turns at sending;
//! every one checks that it hears every message, once, in the order of the chat.

mod channel;
mod company;
mod hall;
mod ledger;
mod member;
mod people;
mod report;
mod socket;
mod stamp;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use reqwest::Url;
use sluice_domain::Redacted;
use tokio::time::sleep;

use crate::bench;
use crate::bench::machine::Machine;
use crate::bench::process::{Sample, Usage};
use crate::bench::server::Server;
use crate::bench::stage::Stage;
use crate::cli::bench::Bench;
use crate::cli::chat::Chat;
use crate::progress::Progress;
use company::{Company, Place};
use hall::{Hall, Plan};
pub(crate) use report::Report;
use report::{Media, Remains};

/// The stream of a server of our own.
const STREAM: &str = "s0";
/// From the order to begin until the first message.
const RUN_UP: Duration = Duration::from_millis(200);
/// How long the last messages may take to arrive; longer ones count as lost.
const GRACE: Duration = Duration::from_secs(10);
/// After joins, until handshakes and presence are over.
const CALM: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(250);

/// Runs the members and reports.
pub(crate) fn run(args: &Chat) -> Result<Report> {
    let bench = args.bench()?;
    let machine = Machine::set_up(&bench)?;
    if args.url.is_none() {
        machine.enter_load_side()?;
    }
    let server = bench::start_server(&bench, &machine)?;
    // Sockets are tasks of this runtime; members on data channels have threads of their own.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("starting the runtime")?;
    runtime.block_on(async {
        tokio::select! {
            report = perform(args, &bench, &machine, &server) => report,
            _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        }
    })
}

async fn perform(args: &Chat, bench: &Bench, machine: &Machine, server: &Server) -> Result<Report> {
    let plan = Plan {
        messages: args.messages(),
        senders: args.sender_count(),
        interval: Duration::from_secs_f64(1.0 / args.rate),
        words: usize::from(args.words),
    };
    let (place, tokens) = find_place(args, server, plan.senders).await?;
    let show = Progress::new(args.quiet, Duration::ZERO);
    let began = Instant::now();
    let mut stage = match args.with_media {
        Some(viewers) => {
            show.show(began.elapsed(), "the media alone is measured");
            let mut stage = Stage::open(bench, machine, server).await?;
            stage.join(viewers).await?;
            stage.measure("without chat", args.seconds).await?;
            Some(stage)
        }
        None => None,
    };
    let hall = Arc::new(Hall::new(plan));
    let company = Company::gather(args, &hall, &place, &tokens, |progress| {
        show.show(began.elapsed(), &format!("{} of {} members joined", progress.joined, args.members));
    })
    .await?;
    sleep(CALM).await;
    let say = |label: &str| {
        let progress = company.progress();
        show.show(began.elapsed(), &format!("{label}: {} sent, {} heard", hall.sent(), progress.heard));
    };
    let (measured, usage) = tokio::join!(
        async {
            match &mut stage {
                Some(stage) => stage.measure("with chat", args.seconds).await.map(Some),
                None => Ok(None),
            }
        },
        talk(&hall, &company, server.pid, args.seconds, say)
    );
    let (with, (load, server_usage)) = (measured?, usage?);
    let media = match (stage, with) {
        (Some(mut stage), Some(with)) => {
            let after = stage.measure("after chat", args.seconds.min(Duration::from_secs(20))).await?;
            let without = stage.points.swap_remove(0);
            stage.clear();
            stage.crowd.stop()?;
            Some(Media::of(without, with, after))
        }
        _ => None,
    };
    let members = company.part().await?;
    show.clear();
    let cpus = if args.url.is_some() { machine.cpus() } else { machine.load_cpus.len() };
    let remains = Remains {
        hall: &hall,
        members: &members,
        load: (load.cpu.total, cpus),
        server: server_usage,
        server_version: server.version.clone(),
        media,
    };
    Ok(Report::new(args, remains))
}

/// Where the chat is, and with what those who send say who they are.
async fn find_place(args: &Chat, server: &Server, senders: u32) -> Result<(Place, Vec<Redacted<String>>)> {
    let whep = server.whep(0)?;
    let base = whep.join("/").context("naming the address of the server")?;
    let name = args.stream.as_ref().map_or(STREAM, |stream| stream.as_str());
    let tokens =
        if server.is_own() { people::api_keys(server, &base, senders).await? } else { args.token.clone() };
    let topic = format!("chat:{}", people::stream_id(&base, name).await?);
    Ok((Place { socket: socket_url(&base)?, whep, topic }, tokens))
}

fn socket_url(base: &Url) -> Result<Url> {
    let text = base.as_str().replacen("http", "ws", 1);
    text.parse::<Url>().and_then(|url| url.join("/ws")).with_context(|| format!("{text} has no WebSocket"))
}

/// Lets the senders send, and waits until all has arrived or cannot be waited for any longer. What the
/// tool and the server used is of the time in which messages were sent.
async fn talk(
    hall: &Hall,
    company: &Company,
    pid: Option<u32>,
    length: Duration,
    say: impl Fn(&str),
) -> Result<(Usage, Option<Usage>)> {
    let own = Sample::of(std::process::id())?;
    let server = pid.map(Sample::of).transpose().context("looking at the server's process")?;
    let begin = Instant::now() + RUN_UP;
    hall.begin(begin);
    while begin.elapsed() < length {
        sleep(LOOK).await;
        say("they talk");
    }
    let load = Sample::of(std::process::id())?.since(&own);
    let used = match (pid, server) {
        (Some(pid), Some(before)) => Some(Sample::of(pid)?.since(&before)),
        _ => None,
    };
    let ended = Instant::now();
    while ended.elapsed() < GRACE {
        let progress = company.progress();
        let answers = hall.answers();
        let present = u64::from(progress.joined - progress.ended.min(progress.joined));
        let answered = answers.accepted.count() + answers.held + answers.refused.values().sum::<u64>();
        if answered >= u64::from(hall.sent())
            && answers.stored >= answers.accepted.count()
            && progress.heard >= answers.accepted.count() * present
        {
            break;
        }
        sleep(LOOK).await;
        say("the last arrive");
    }
    Ok((load, used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_web_socket_is_beside_the_pages() {
        let url = |base: &str| socket_url(&base.parse().unwrap()).unwrap().to_string();
        assert_eq!(url("http://127.0.0.1:8080/"), "ws://127.0.0.1:8080/ws");
        assert_eq!(url("https://example.org/"), "wss://example.org/ws");
    }
}
