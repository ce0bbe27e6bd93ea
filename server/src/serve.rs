//! `sluice serve`: start, run until a signal, reload, drain.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use arc_swap::ArcSwap;
use metrics_exporter_prometheus::PrometheusHandle;
use sluice_live::Live;
use sluice_sfu::Sfu;
use sluice_turn::Turn;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

use crate::cli::{ServeArgs, say};
use crate::config::{Apply, Config};
use crate::health::{self, Readiness};
use crate::http::{self, Proxies, Service};
use crate::listen::{self, Limits, Room, Secure, Serving};
use crate::logs::{self, LevelHandle};
use crate::ready::Ready;
use crate::signals::{self, Ends};
use crate::tls::Tls;
use crate::wiring::{HttpsListener, Rooms};
use crate::{data, demo, metrics, recording, selftest, turn, wiring};

/// The internal listener serves probes and scrapers, not people.
const INTERNAL_CONNECTIONS: u32 = 64;

/// How long answers that are on their way may take once every session has ended.
const GRACE: Duration = Duration::from_secs(1);

/// Runs the server to its end.
pub(crate) fn run(args: ServeArgs) -> Result<()> {
    let config = effective(&args)?;
    let level = logs::install(&config.log);
    let runtime = tokio::runtime::Runtime::new().context("the runtime cannot be started")?;
    let ended = runtime.block_on(async {
        // Before anybody is told that the server is ready, and stops it.
        let mut ends = Ends::receive()?;
        let hangup = signals::receive(SignalKind::hangup())?;
        let node = tokio::select! {
            node = Node::start(args, config, level) => node?,
            () = ends.next() => return Ok(()),
        };
        node.run_until(ends, hangup).await;
        Ok(())
    });
    // A thread that hangs must not keep the process.
    runtime.shutdown_timeout(GRACE);
    ended
}

/// File, environment and command line together.
fn effective(args: &ServeArgs) -> Result<Config> {
    let mut config = args.source.load()?.config;
    if let Some(listen) = args.listen {
        config.server.listen = listen;
        if listen.port() == 0 && config.server.internal_listen == Config::default().server.internal_listen {
            config.server.internal_listen.set_port(0);
        }
        if listen.port() == 0 && config.tls.listen == Config::default().tls.listen {
            config.tls.listen.set_port(0);
        }
    }
    // Who lets the system choose ports does not want one of a fixed number taken.
    if config.server.listen.port() == 0 && config.turn.port == Config::default().turn.port {
        config.turn.port = 0;
    }
    if let Some(udp_port) = args.udp_port {
        config.media.udp_port = udp_port;
    }
    Ok(config)
}

/// A running node.
struct Node {
    args: ServeArgs,
    config: Config,
    level: LevelHandle,
    rooms: Rooms,
    service: Service,
    proxies: Proxies,
    limits: Arc<Limits>,
    /// No new connections from its cancellation on.
    stop: CancellationToken,
    /// Connections that are still open are closed at its cancellation.
    deadline: CancellationToken,
    /// The public listeners and their connections.
    public: TaskTracker,
    tasks: TaskTracker,
}

/// Where the node can be reached.
struct Addresses {
    http: SocketAddr,
    https: Option<SocketAddr>,
    internal: SocketAddr,
    udp_port: u16,
}

impl Addresses {
    /// URL of the public listener for callers on this machine.
    fn base_url(&self, local_name: &str) -> String {
        format!("http://{}", reachable(self.http, local_name))
    }
}

/// An address that a caller on this machine can use: an unspecified one becomes `local_name`.
fn reachable(address: SocketAddr, local_name: &str) -> String {
    match address.ip() {
        ip if ip.is_unspecified() => format!("{local_name}:{}", address.port()),
        _ => address.to_string(),
    }
}

/// With what the links begin that this server hands out.
fn base_url(config: &Config, http: SocketAddr, https: Option<SocketAddr>) -> String {
    if let Some(url) = &config.server.public_url {
        return url.clone();
    }
    let Some(https) = https else { return format!("http://{}", reachable(http, "localhost")) };
    match (config.tls.acme_domains.first(), https.port()) {
        (Some(domain), 443) => format!("https://{domain}"),
        (Some(domain), port) => format!("https://{domain}:{port}"),
        (None, _) => format!("https://{}", reachable(https, "localhost")),
    }
}

/// What people need to know about a certificate that nobody vouches for.
fn self_signed(address: SocketAddr, fingerprint: &str) -> String {
    let mut own = if_addrs::get_if_addrs().unwrap_or_default().into_iter().map(|interface| interface.ip());
    let host = match address.ip() {
        ip if ip.is_unspecified() => own.find(|ip| ip.is_ipv4() && !ip.is_loopback()),
        ip => Some(ip),
    };
    let host = host.map_or_else(|| "localhost".to_owned(), |ip| SocketAddr::new(ip, 0).to_string());
    let host = host.trim_end_matches(":0");
    format!(
        "\n  Other devices of this network: https://{host}:{}\n  Their browsers warn once: nobody but this machine \
         vouches for its certificate.\n  Before you go on there, see that the browser shows this fingerprint \
         (SHA-256):\n\n  {fingerprint}\n\n",
        address.port()
    )
}

impl Node {
    /// Opens every port before anything is announced, so that a failure leaves nothing half-started.
    async fn start(args: ServeArgs, config: Config, level: LevelHandle) -> Result<Self> {
        let metrics = metrics::install()?;
        selftest::data_dir(&config)?;
        selftest::media_port(&config.media)?;
        let http = selftest::listen(config.server.listen, "listen")?;
        let internal = selftest::listen(config.server.internal_listen, "internal_listen")?;
        let http = TcpListener::from_std(http).context("the HTTP listener cannot be used")?;
        let tls = Tls::open(&config, config.turn.enabled)?.map(Arc::new);
        let https = tls.as_ref().map(|_| selftest::listen(config.tls.listen, "tls.listen")).transpose()?;
        let https =
            https.map(TcpListener::from_std).transpose().context("the HTTPS listener cannot be used")?;
        let internal = TcpListener::from_std(internal).context("the internal listener cannot be used")?;
        for finding in selftest::findings(&config) {
            warn!("{finding}");
        }

        let store = data::open_current(&config).await?;
        let http_address = http.local_addr().context("the HTTP listener has no address")?;
        let https_address = https
            .as_ref()
            .map(TcpListener::local_addr)
            .transpose()
            .context("the HTTPS listener has no address")?;
        let base_url = base_url(&config, http_address, https_address);
        let accounts = data::accounts(&config, store.clone(), &base_url).await?;
        let demo = match args.demo {
            true => Some(demo::prepare(&config, &store, &accounts).await?),
            false => None,
        };
        let set_up_waits = accounts.needs_set_up().await.context("accounts cannot be read")?;
        let (sfu, events) = Sfu::start(wiring::sfu(&config)?)?;
        let live = Live::start(wiring::live(&config), store.clone(), accounts.clone(), sfu.clone(), events);
        let turn = turn::start(&config, &sfu)?;
        let recording = recording::open(&config)?;
        let readiness = Readiness::new(store.clone(), live.clone());
        let listener = tls.clone().zip(https_address).map(|(tls, address)| HttpsListener { tls, address });
        let rooms = Rooms { store, accounts, live, readiness, demo, https: listener, turn };
        let proxies = Proxies::default();
        proxies.set(config.server.trusted_proxies.clone());
        let limits = Limits::new(&config.http);
        let router = wiring::public(&config, &rooms, &proxies)?;

        let addresses = Addresses {
            http: http_address,
            https: https_address,
            internal: internal.local_addr().context("the internal listener has no address")?,
            udp_port: sfu.udp_port(),
        };
        let service: Service = Arc::new(ArcSwap::from_pointee(router));
        let limits = Arc::new(limits);
        let (stop, deadline) = (CancellationToken::new(), CancellationToken::new());
        let serving = Serving {
            room: Room::new(config.http.max_connections),
            limits: Arc::clone(&limits),
            proxies: proxies.clone(),
            secure: None,
        };
        let public = TaskTracker::new();
        let tasks = TaskTracker::new();
        if let (Some(tls), Some(https)) = (tls, https) {
            let relay = rooms.turn.as_ref().map(turn::by_stream);
            let secure = Some(Secure { config: tls.server(), relay });
            let serving = Serving { secure, ..serving.clone() };
            let service = Arc::clone(&service);
            public.spawn(listen::serve(https, service, serving, stop.clone(), deadline.clone()));
            let deadline = deadline.clone();
            tasks.spawn(async move { tls.run(deadline).await });
        }
        public.spawn(listen::serve(http, Arc::clone(&service), serving, stop.clone(), deadline.clone()));
        public.close();
        let node =
            Self { args, config, level, rooms, service, proxies, limits, stop, deadline, public, tasks };
        node.serve_internal(internal, metrics);
        if let Some(recording) = recording {
            node.tasks.spawn(recording.run(node.rooms.live.clone()));
        }
        node.send_mail();
        node.do_chores();
        node.rooms.readiness.set(true);
        info!(
            version = env!("CARGO_PKG_VERSION"),
            http = %addresses.http,
            https = addresses.https.map(tracing::field::display),
            internal = %addresses.internal,
            udp = addresses.udp_port,
            tcp = sfu.accepts_tcp(),
            announced = ?sfu.candidates(),
            turn = node.rooms.turn.as_ref().map(Turn::port),
            "ready"
        );
        node.announce(&addresses, set_up_waits.then(|| format!("{base_url}/setup")))?;
        Ok(node)
    }

    /// Metrics and probes. They answer until the very end: a drain is worth watching.
    fn serve_internal(&self, listener: TcpListener, metrics: PrometheusHandle) {
        let routes =
            health::routes(self.rooms.readiness.clone()).merge(health::metrics_route(metrics.clone()));
        let service = http::internal(routes, wiring::request_timeout(&self.config));
        let serving = Serving {
            room: Room::new(INTERNAL_CONNECTIONS),
            limits: Arc::clone(&self.limits),
            proxies: Proxies::default(),
            secure: None,
        };
        let service = Arc::new(ArcSwap::from_pointee(service));
        let (stop, deadline) = (self.deadline.clone(), self.deadline.clone());
        self.tasks.spawn(listen::serve(listener, service, serving, stop, deadline));

        let deadline = self.deadline.clone();
        self.tasks.spawn(async move {
            let mut ticks = tokio::time::interval(metrics::UPKEEP);
            loop {
                tokio::select! {
                    _ = ticks.tick() => metrics.run_upkeep(),
                    () = deadline.cancelled() => return,
                }
            }
        });
    }

    /// Sends what waits in the outbox, until the end.
    fn send_mail(&self) {
        let (accounts, stop) = (self.rooms.accounts.clone(), self.deadline.clone());
        self.tasks.spawn(async move {
            if let Err(error) = accounts.run_mail(stop).await {
                error!("no mail is sent: {error:#}");
            }
        });
    }

    /// Forgets what ended long ago, until the end.
    fn do_chores(&self) {
        let (accounts, stop) = (self.rooms.accounts.clone(), self.deadline.clone());
        self.tasks.spawn(async move { accounts.run_chores(stop).await });
    }

    /// Tells people and scripts that everything listens. `setup`: where a first person begins, if nobody has.
    fn announce(&self, addresses: &Addresses, setup: Option<String>) -> Result<()> {
        let http = self.config.server.public_url.clone().unwrap_or_else(|| addresses.base_url("127.0.0.1"));
        let http = http.trim_end_matches('/');
        let demo = self.rooms.demo.as_ref();
        let name = demo.map(|demo| demo.stream.to_string());
        let key = demo.map(|demo| demo.key.expose().clone());
        if let Some(demo) = demo {
            let local = addresses.base_url("localhost");
            let base = self.config.server.public_url.as_deref().unwrap_or(&local);
            say(&demo::instructions(base.trim_end_matches('/'), demo))?;
        }
        let own =
            self.rooms.https.as_ref().and_then(|https| Some((https.address, https.tls.own_fingerprint()?)));
        if let Some((address, fingerprint)) = own {
            say(&self_signed(address, &fingerprint))?;
        }
        if let Some(setup) = setup {
            say(&format!(
                "\n  Sluice is running and not set up yet. Open this in your browser:\n\n  {setup}\n\n"
            ))?;
        }
        // Whoever waits for this file may read what was said above at once.
        if let Some(path) = &self.args.ready_json {
            let ready = Ready {
                http: http.to_owned(),
                https: addresses.https.map(|https| format!("https://{}", reachable(https, "127.0.0.1"))),
                udp: addresses.udp_port,
                turn: self.rooms.turn.as_ref().map(Turn::port),
                internal: format!("http://{}", reachable(addresses.internal, "127.0.0.1")),
                whip: name.as_ref().map_or(format!("{http}/whip"), |name| format!("{http}/whip/{name}")),
                whep: name.as_ref().map(|name| format!("{http}/whep/{name}")),
                stream: name.clone(),
                key,
                pid: std::process::id(),
            };
            ready.write(path)?;
        }
        Ok(())
    }

    /// Runs until SIGTERM or SIGINT, reloads on SIGHUP.
    async fn run_until(mut self, mut ends: Ends, mut hangup: Signal) {
        loop {
            tokio::select! {
                _ = hangup.recv() => self.reload(),
                () = ends.next() => break,
            }
        }
        self.drain(ends).await;
    }

    /// Applies what a running server can; whatever is wrong leaves everything as it was.
    fn reload(&mut self) {
        let next = match effective(&self.args) {
            Ok(next) => next,
            Err(error) => return error!("the configuration was not reloaded: {error:#}"),
        };
        let changes = self.config.changes(&next);
        let config = self.config.reloaded(&next);
        let router = match wiring::public(&config, &self.rooms, &self.proxies) {
            Ok(router) => router,
            Err(error) => return error!("the configuration was not reloaded: {error:#}"),
        };
        self.level.set(&config.log.level);
        self.proxies.set(config.server.trusted_proxies.clone());
        self.limits.set(&config.http);
        self.service.store(Arc::new(router));
        self.config = config;
        if let Some(https) = &self.rooms.https {
            https.tls.reload();
        }
        for change in &changes {
            match change.apply {
                Apply::Reload => info!(key = change.key, "reloaded"),
                Apply::Restart => warn!(key = change.key, "changed in the file; it waits for a restart"),
            }
        }
        info!(changes = changes.len(), "the configuration was reloaded");
    }

    /// Ends every session properly, within `drain_timeout`; a second signal ends the wait.
    async fn drain(self, mut ends: Ends) {
        info!("shutting down: new connections are refused, sessions are told to go elsewhere");
        self.rooms.readiness.set(false);
        self.stop.cancel();
        let limit = self.config.server.drain_timeout.0;
        let ended = async {
            self.rooms.live.drain(None).await;
            info!("every session has ended");
        };
        let hurried = async {
            tokio::select! {
                () = tokio::time::sleep(limit) => warn!("sessions were still open after {limit:?}"),
                () = ends.next() => warn!("a second signal ends the wait"),
            }
        };
        tokio::select! {
            () = ended => {}
            () = hurried => {}
        }
        // Answers that are on their way get a moment; event streams have ended with their sessions.
        if tokio::time::timeout(GRACE, self.public.wait()).await.is_err() {
            warn!("requests were still unfinished");
        }
        if let Some(turn) = &self.rooms.turn {
            turn.stop().await;
        }
        self.deadline.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        info!("ended");
    }
}
