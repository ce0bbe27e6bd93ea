//! `sluice serve` as a child process with a configuration and a folder of its own.

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tempfile::TempDir;

use crate::metrics::Metrics;

/// The stream that every server of the tests has.
pub const STREAM: &str = "e2e";
/// Its key.
pub const KEY: &str = "e2e.0123456789abcdef";
/// A second stream, for keys that do not fit.
pub const OTHER_STREAM: &str = "other";
/// The key of the second stream.
pub const OTHER_KEY: &str = "other.fedcba9876543210";
/// Whose streams they are.
pub const OWNER: &str = "owner@example.org";
/// The owner's password.
pub const PASSWORD: &str = "Correct-Horse-7-Battery";

/// Longest start-up on a busy machine.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// What the server writes to its ready file once everything listens.
#[derive(Debug, Clone, Deserialize)]
pub struct Ready {
    /// Base URL of everything HTTP.
    pub http: String,
    /// Media address.
    pub udp: serde_json::Value,
    /// Port of the relay.
    pub turn: Option<u16>,
    /// Base URL of metrics and probes.
    pub internal: String,
}

/// Where a server runs and what it announces.
#[derive(Debug, Clone)]
pub struct Place {
    /// A command that runs the server's, such as `ip netns exec NAME`.
    pub within: Vec<String>,
    /// `--listen`
    pub http: String,
    /// `--udp-port`
    pub media: u16,
    /// `media.public_addresses`
    pub public: Vec<String>,
    /// `media.connect_timeout` and `media.idle_timeout`
    pub patience: [&'static str; 2],
}

impl Place {
    /// A usual one that waits longer for those who have a session and do not connect.
    pub fn patient() -> Self {
        Self { patience: ["15s", "8s"], ..Self::default() }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self {
            within: Vec::new(),
            http: "127.0.0.1:0".to_owned(),
            media: 0,
            public: vec!["127.0.0.1".to_owned()],
            // Tests wait for what comes after.
            patience: ["3s", "3s"],
        }
    }
}

/// A running server; killed when dropped, its log shown when the test panics.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// What it said when it was ready.
    pub ready: Ready,
    /// There until the server is killed.
    folder: Option<TempDir>,
}

impl Server {
    /// Starts a server on free ports. `media` is appended to that section of the configuration.
    pub async fn start(media: &str) -> anyhow::Result<Self> {
        Self::start_with_streams(media, &[(STREAM, &[KEY]), (OTHER_STREAM, &[OTHER_KEY])]).await
    }

    /// Starts a server with these streams and keys instead of the usual ones.
    pub async fn start_with_streams(media: &str, streams: &[(&str, &[&str])]) -> anyhow::Result<Self> {
        Self::start_on(
            tempfile::tempdir().context("cannot make a folder for the server")?,
            media,
            "",
            streams,
        )
        .await
    }

    /// Starts a server in a folder that may hold what an earlier one left; `more` is appended to the
    /// configuration.
    pub async fn start_on(
        folder: TempDir,
        media: &str,
        more: &str,
        streams: &[(&str, &[&str])],
    ) -> anyhow::Result<Self> {
        Self::start_at(&Place::default(), folder, media, more, streams).await
    }

    /// Starts a server somewhere else than on loopback.
    pub async fn start_at(
        place: &Place,
        folder: TempDir,
        media: &str,
        more: &str,
        streams: &[(&str, &[&str])],
    ) -> anyhow::Result<Self> {
        let config = folder.path().join("sluice.toml");
        std::fs::write(&config, configuration(place, folder.path(), media, more))
            .context("cannot write the configuration")?;
        provision(&config, streams)?;
        let _absent = std::fs::remove_file(folder.path().join("ready.json"));
        let log = File::options()
            .create(true)
            .append(true)
            .open(folder.path().join("server.log"))
            .context("cannot make the log")?;
        let ready_file = folder.path().join("ready.json");
        let mut words: Vec<PathBuf> = place.within.iter().map(PathBuf::from).collect();
        words.push(binary()?);
        let mut child = Command::new(&words[0])
            .args(&words[1..])
            .args(["serve", "--listen", &place.http, "--udp-port", &place.media.to_string()])
            .arg("--ready-json")
            .arg(&ready_file)
            .arg("--config")
            .arg(&config)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("cannot share the log")?)
            .stderr(log)
            .spawn()
            .context("cannot start the server")?;
        let started = Instant::now();
        let ready = loop {
            if let Ok(text) = std::fs::read_to_string(&ready_file)
                && let Ok(ready) = serde_json::from_str(&text)
            {
                break ready;
            }
            if let Some(status) = child.try_wait().context("cannot ask for the server's state")? {
                bail!("the server ended with {status}:\n{}", log_text(folder.path()));
            }
            if started.elapsed() > START_TIMEOUT {
                let _ended = child.kill();
                bail!("the server was not ready in {START_TIMEOUT:?}:\n{}", log_text(folder.path()));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        Ok(Self { child, ready, folder: Some(folder) })
    }

    /// Kills the server as a power cut would, and gives back its folder for another one.
    pub fn kill(mut self) -> anyhow::Result<TempDir> {
        self.child.kill().context("cannot kill the server")?;
        let _status = self.child.wait();
        self.folder.take().context("the folder is gone")
    }

    fn folder(&self) -> &Path {
        self.folder.as_ref().map_or(Path::new("."), TempDir::path)
    }

    /// Runs `sluice` with these arguments on the data of this server, `input` as its standard input.
    pub fn command(&self, arguments: &[&str], input: &str) -> anyhow::Result<String> {
        command(&self.folder().join("sluice.toml"), arguments, input)
    }

    /// URL of a path on the public listener.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.ready.http.trim_end_matches('/'))
    }

    /// Address of the media port on loopback.
    pub fn udp(&self) -> anyhow::Result<SocketAddr> {
        let port = match &self.ready.udp {
            serde_json::Value::Number(port) => port.as_u64(),
            serde_json::Value::String(text) => text.rsplit(':').next().and_then(|port| port.parse().ok()),
            _ => None,
        };
        let port =
            port.and_then(|port| u16::try_from(port).ok()).context("the ready file names no UDP port")?;
        Ok(SocketAddr::from(([127, 0, 0, 1], port)))
    }

    /// Scrapes `/metrics`.
    pub async fn metrics(&self) -> anyhow::Result<Metrics> {
        let internal = self.ready.internal.trim_end_matches('/').trim_end_matches("/metrics");
        let response =
            reqwest::get(format!("{internal}/metrics")).await.context("cannot scrape the metrics")?;
        ensure!(response.status().is_success(), "metrics: {}", response.status());
        Ok(Metrics::new(response.text().await.context("cannot read the metrics")?))
    }

    /// Scrapes until `wanted` holds or the time is up; the last scrape either way.
    pub async fn metrics_until(
        &self,
        timeout: Duration,
        wanted: impl Fn(&Metrics) -> bool,
    ) -> anyhow::Result<Metrics> {
        let started = Instant::now();
        loop {
            let metrics = self.metrics().await?;
            if wanted(&metrics) || started.elapsed() > timeout {
                return Ok(metrics);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Replaces what was appended to the media section, for SIGHUP.
    pub fn rewrite_configuration(&self, media: &str) -> anyhow::Result<()> {
        let text = configuration(&Place::default(), self.folder(), media, "");
        std::fs::write(self.folder().join("sluice.toml"), text).context("cannot write the configuration")
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        kill_process(Pid::from_child(&self.child), signal).context("cannot signal the server")
    }

    /// Waits for the process to end.
    pub async fn ended(&mut self, timeout: Duration) -> anyhow::Result<ExitStatus> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().context("cannot ask for the server's state")? {
                return Ok(status);
            }
            ensure!(started.elapsed() < timeout, "the server still runs after {timeout:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What it wrote so far.
    pub fn log(&self) -> String {
        log_text(self.folder())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _already_ended = self.child.kill();
        let _status = self.child.wait();
        if std::thread::panicking() {
            let _closed = writeln!(std::io::stderr(), "--- server log ---\n{}---", self.log());
        }
    }
}

/// Runs `sluice` with these arguments to its end: status and everything it wrote.
pub fn run(arguments: &[&str]) -> anyhow::Result<(ExitStatus, String)> {
    let output = Command::new(binary()?)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .context("cannot run the server's binary")?;
    let text = [output.stdout, output.stderr].concat();
    Ok((output.status, String::from_utf8_lossy(&text).into_owned()))
}

/// The server's binary: `SLUICE_BIN`, or built now so that it is never an old one.
pub fn binary() -> anyhow::Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BUILT.get_or_init(|| build().map_err(|error| format!("{error:#}"))).clone().map_err(anyhow::Error::msg)
}

fn build() -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("SLUICE_BIN") {
        return Ok(PathBuf::from(path));
    }
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "sluice-server", "--bin", "sluice"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .context("cannot run cargo")?;
    ensure!(status.success(), "the server does not build");
    let own = std::env::current_exe().context("cannot find this test's own path")?;
    let profile = own.ancestors().nth(2).context("the test does not lie in a target folder")?;
    Ok(profile.join("sluice"))
}

/// Makes the owner and the streams with their keys, unless an earlier server of this folder had them.
fn provision(config: &Path, streams: &[(&str, &[&str])]) -> anyhow::Result<()> {
    let known = command(config, &["stream", "list"], "")?;
    if !known.trim().is_empty() {
        return Ok(());
    }
    let account = ["account", "create", "--email", OWNER, "--handle", "owner", "--role", "admin"];
    command(config, &[&account[..], &["--password-file", "-"]].concat(), PASSWORD)?;
    for (stream, keys) in streams {
        for (number, key) in keys.iter().enumerate() {
            let verb: &[&str] = match number {
                0 => &["stream", "create", stream, "--owner", "owner"],
                _ => &["stream", "add-key", stream],
            };
            command(config, &[verb, &["--key-file", "-"]].concat(), key)?;
        }
    }
    Ok(())
}

/// Runs `sluice` with these arguments and this configuration; what it wrote to standard output.
fn command(config: &Path, arguments: &[&str], input: &str) -> anyhow::Result<String> {
    let mut child = Command::new(binary()?)
        .args(arguments)
        .arg("--config")
        .arg(config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run the server's binary")?;
    child.stdin.take().context("no standard input")?.write_all(input.as_bytes())?;
    let output = child.wait_with_output().context("the command did not end")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "sluice {arguments:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(text)
}

fn configuration(place: &Place, folder: &Path, media: &str, more: &str) -> String {
    let Place { public, patience: [connect, idle], .. } = place;
    format!(
        r#"internal_listen = "127.0.0.1:0"
data_dir = {folder:?}

[http]
requests_per_second = 0
api_requests_per_minute = 0
header_timeout = "2s"

[media]
public_addresses = {public:?}
connect_timeout = {connect:?}
idle_timeout = {idle:?}
gap = "10s"
{media}

{more}"#
    )
}

fn log_text(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("server.log")).unwrap_or_default()
}
