//! `sluice turn`: the relay alone, for a machine that serves nothing else.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use arc_swap::ArcSwap;
use axum::Router;
use clap::Args;
use sluice_turn::{Media, Turn};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::cli::{Source, say};
use crate::config::Config;
use crate::http::Proxies;
use crate::listen::{self, Limits, Room, Secure, Serving};
use crate::signals::Ends;
use crate::tls::Tls;
use crate::{health, http, logs, metrics, selftest, turn, wiring};

/// How long threads that do not end may keep the process.
const GRACE: Duration = Duration::from_secs(1);

/// Arguments of `sluice turn`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TurnArgs {
    /// Where the configuration comes from.
    #[command(flatten)]
    source: Source,
    /// Overrides `turn.port`; 0 picks a free one.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Prints user name and password for NAME, good for `turn.credential_lifetime`, and ends.
    #[arg(long, value_name = "NAME")]
    credential: Option<String>,
}

/// Runs the relay until SIGTERM or SIGINT.
pub(crate) fn run(args: &TurnArgs) -> Result<()> {
    let mut config = args.source.load()?.config;
    if let Some(port) = args.port {
        config.turn.port = port;
    }
    if let Some(name) = &args.credential {
        let credentials = turn::credentials(&config)?;
        let (username, password) = credentials.issue(name, config.turn.credential_lifetime.0);
        return say(&format!("{username} {}\n", password.expose()));
    }
    let _level = logs::install(&config.log);
    let runtime = tokio::runtime::Runtime::new().context("the runtime cannot be started")?;
    let ended = runtime.block_on(relay(&config));
    runtime.shutdown_timeout(GRACE);
    ended
}

async fn relay(config: &Config) -> Result<()> {
    let mut ends = Ends::receive()?;
    let stop = CancellationToken::new();
    let internal = serve_metrics(config, stop.clone())?;
    let addresses: Vec<IpAddr> = sluice_sfu::candidates(&wiring::sfu(config)?, 0)
        .context("the addresses of this machine cannot be read; set `turn.public_addresses`")?
        .iter()
        .map(std::net::SocketAddr::ip)
        .collect();
    let settings = turn::settings(config, addresses, true)?;
    let relayed = settings.relayed_addresses.clone();
    let turn = Turn::start(settings, Media::default()).context("the relay cannot be started")?;
    let secure = serve_tls(config, &turn, stop.clone())?;
    let tls = secure.map(tracing::field::display);
    info!(port = turn.port(), tcp = turn.has_tcp(), tls, ?relayed, "ready");
    ends.next().await;
    turn.stop().await;
    stop.cancel();
    internal.await.context("the internal listener ended in a panic")?;
    info!("ended");
    Ok(())
}

/// Relays over TLS too, where there is a certificate; whoever speaks HTTP there finds nothing.
fn serve_tls(config: &Config, turn: &Turn, stop: CancellationToken) -> Result<Option<SocketAddr>> {
    let Some(tls) = Tls::open(config, true)? else { return Ok(None) };
    let listener = selftest::listen(config.tls.listen, "tls.listen")?;
    let listener = TcpListener::from_std(listener).context("the TLS listener cannot be used")?;
    let address = listener.local_addr().context("the TLS listener has no address")?;
    let nothing = http::internal(Router::new(), wiring::request_timeout(config));
    let serving = Serving {
        room: Room::new(config.turn.max_connections),
        limits: Arc::new(Limits::new(&config.http)),
        proxies: Proxies::default(),
        secure: Some(Secure { config: tls.server(), relay: Some(turn::by_stream(turn)) }),
    };
    let service = Arc::new(ArcSwap::from_pointee(nothing));
    tokio::spawn(listen::serve(listener, service, serving, stop.clone(), stop.clone()));
    tokio::spawn(async move { tls.run(stop).await });
    Ok(Some(address))
}

/// Serves `/metrics` where a server would.
fn serve_metrics(config: &Config, stop: CancellationToken) -> Result<tokio::task::JoinHandle<()>> {
    let handle = metrics::install()?;
    let listener = selftest::listen(config.server.internal_listen, "internal_listen")?;
    let listener = TcpListener::from_std(listener).context("the internal listener cannot be used")?;
    let routes = http::internal(health::metrics_route(handle), wiring::request_timeout(config));
    Ok(tokio::spawn(async move {
        let served = axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = served.await {
            error!(%error, "metrics are not served any more");
        }
    }))
}
