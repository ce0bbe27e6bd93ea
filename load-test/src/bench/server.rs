//! The server that is measured: one of our own, or one that runs already.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use reqwest::Url;
use serde::Deserialize;
use sluice_domain::Redacted;

use super::machine::Machine;
use crate::cli::bench::Bench;

/// How the keys of a server of our own begin, which only this machine reaches.
const KEY: &str = "sluice-load-bench";
/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the server says once it listens.
#[derive(Deserialize)]
struct Ready {
    http: String,
}

/// A server.
pub(crate) struct Server {
    whip: String,
    whep: String,
    token: Option<Redacted<String>>,
    pub(crate) pid: Option<u32>,
    pub(crate) version: Option<String>,
    own: Option<Own>,
}

struct Own {
    child: Child,
    binary: PathBuf,
    folder: PathBuf,
}

impl Server {
    /// The server of the command line, or one of our own on its processors.
    pub(crate) fn find(args: &Bench, machine: &Machine) -> Result<Self> {
        if let (Some(whip), Some(whep)) = (&args.whip, &args.whep) {
            return Ok(Self {
                whip: whip.clone(),
                whep: whep.clone(),
                token: args.token.clone(),
                pid: args.pid,
                version: None,
                own: None,
            });
        }
        machine.enter_server_side()?;
        Self::start(args, machine)
    }

    fn start(args: &Bench, machine: &Machine) -> Result<Self> {
        let binary = binary(args)?;
        let folder = std::env::temp_dir().join(format!("sluice-load-{}", std::process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        let config = folder.join("sluice.toml");
        fs::write(&config, configuration(args, machine, &folder)).context("writing the configuration")?;
        provision(&binary, &config, args.stream_count())?;
        let ready = folder.join("ready.json");
        let log = fs::File::create(folder.join("log")).context("creating the server's log")?;
        let child = Command::new(&binary)
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .args(["--listen", &format!("{}:0", machine.address), "--udp-port", "0", "--ready-json"])
            .arg(&ready)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", binary.display()))?;
        let pid = child.id();
        let mut own = Own { child, binary: binary.clone(), folder };
        let http = own.wait(&ready)?;
        Ok(Self {
            whip: format!("{http}/whip/s{{n}}"),
            whep: format!("{http}/whep/s{{n}}"),
            token: Some(Redacted::new(format!("{KEY}-{{n}}"))),
            pid: Some(pid),
            version: version(&binary),
            own: Some(own),
        })
    }

    /// Whether the server was started here.
    pub(crate) fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Runs `sluice` with these arguments on the data of a server of our own.
    pub(crate) fn command(&self, arguments: &[&str], input: &str) -> Result<()> {
        let own = self.own.as_ref().context("the server is not ours")?;
        sluice(&own.binary, &own.folder.join("sluice.toml"), arguments, input).map(drop)
    }

    /// With what stream `n` is published.
    pub(crate) fn token(&self, n: u32) -> Option<Redacted<String>> {
        self.token.as_ref().map(|token| Redacted::new(token.expose().replace("{n}", &n.to_string())))
    }

    /// Where stream `n` is published.
    pub(crate) fn whip(&self, n: u32) -> Result<Url> {
        numbered(&self.whip, n)
    }

    /// Where stream `n` is watched.
    pub(crate) fn whep(&self, n: u32) -> Result<Url> {
        numbered(&self.whep, n)
    }
}

/// The binary of a server of our own.
pub(crate) fn binary(args: &Bench) -> Result<PathBuf> {
    match &args.server {
        Some(path) => Ok(path.clone()),
        None => Ok(std::env::current_exe().context("finding this binary")?.with_file_name("sluice")),
    }
}

fn numbered(url: &str, n: u32) -> Result<Url> {
    url.replace("{n}", &n.to_string()).parse().with_context(|| format!("{url} is no address"))
}

fn version(binary: &Path) -> Option<String> {
    let output = Command::new(binary).arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Makes the streams with their keys, as an operator does.
fn provision(binary: &Path, config: &Path, streams: u32) -> Result<()> {
    let account = ["account", "create", "--email", "bench@example.org", "--handle", "bench"];
    let role = ["--role", "admin", "--password-file", "-"];
    sluice(binary, config, &[&account[..], &role[..]].concat(), "Measured-0nce-and-g0ne")?;
    for n in 0..streams {
        let name = format!("s{n}");
        let create = ["stream", "create", &name, "--owner", "bench", "--key-file", "-"];
        sluice(binary, config, &create, &format!("{KEY}-{n}"))?;
    }
    Ok(())
}

/// Runs a command of the server to its end, with this standard input; what it prints.
pub(crate) fn sluice(binary: &Path, config: &Path, arguments: &[&str], input: &str) -> Result<String> {
    let mut child = Command::new(binary)
        .args(arguments)
        .arg("--config")
        .arg(config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", binary.display()))?;
    child.stdin.take().context("no standard input")?.write_all(input.as_bytes()).context("writing to it")?;
    let output = child.wait_with_output().context("waiting for a command of the server")?;
    if !output.status.success() {
        bail!("sluice {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).context("what the server printed is no text")
}

fn configuration(args: &Bench, machine: &Machine, folder: &Path) -> String {
    let mut text = format!(
        "internal_listen = \"127.0.0.1:0\"\ndata_dir = \"{}\"\n\
         [http]\nrequests_per_second = 0\napi_requests_per_minute = 0\nmax_connections_per_address = 10000\nconnections_per_second = 0\n\
         [media]\nworkers = {}\nlisten = [\"{}\"]\nmax_sessions = 100000\nmax_sessions_per_address = 0\n[accounts]\nmax_concurrent_streams = 100000\n\
         [log]\nlevel = \"warn\"\nformat = \"text\"\n",
        folder.join("data").display(),
        args.workers,
        machine.address,
    );
    if let Some(more) = &args.server_config {
        text = merge(&text, more);
    }
    text
}

/// Puts `key = value` lines of `[section]`s into those sections of the text.
fn merge(text: &str, more: &str) -> String {
    let mut out = text.to_owned();
    let mut section = String::new();
    for line in more.replace("\\n", "\n").split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with('[') {
            section = line.to_owned();
            continue;
        }
        let key = line.split('=').next().unwrap_or_default().trim();
        let (start, end) = match out.find(&format!("{section}\n")) {
            Some(at) if !section.is_empty() => {
                let start = at + section.len() + 1;
                (start, out[start..].find("\n[").map_or(out.len(), |end| start + end + 1))
            }
            _ if section.is_empty() => (0, out.find("\n[").map_or(out.len(), |end| end + 1)),
            _ => {
                out.push_str(&format!("{section}\n"));
                (out.len(), out.len())
            }
        };
        let kept: String = out[start..end]
            .lines()
            .filter(|old| old.split('=').next().unwrap_or_default().trim() != key)
            .map(|old| format!("{old}\n"))
            .collect();
        out.replace_range(start..end, &format!("{line}\n{kept}"));
    }
    out
}

impl Own {
    fn wait(&mut self, ready: &Path) -> Result<String> {
        let started = Instant::now();
        loop {
            if let Ok(text) = fs::read_to_string(ready)
                && let Ok(ready) = serde_json::from_str::<Ready>(&text)
            {
                return Ok(ready.http);
            }
            if let Some(status) = self.child.try_wait().context("waiting for the server")? {
                bail!("the server ended with {status}: {}", self.log());
            }
            if started.elapsed() > PATIENCE {
                bail!("the server did not say that it is ready: {}", self.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        let text = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("; ")
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // Its sessions end with it; there is nothing to drain.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_command_line_replace_those_of_the_same_section() {
        let text = "a = 1\n[media]\nworkers = 1\nb = 2\n[log]\nlevel = \"warn\"\n";
        let merged = merge(text, "[media]; workers = 2; c = 3; [new]; d = 4");
        assert_eq!(
            merged,
            "a = 1\n[media]\nc = 3\nworkers = 2\nb = 2\n[log]\nlevel = \"warn\"\n[new]\nd = 4\n"
        );
        assert_eq!(merge("a = 1\n[x]\n", "a = 2"), "a = 2\n[x]\n");
    }

    #[test]
    fn the_number_of_a_stream_is_put_into_its_address() {
        assert_eq!(numbered("http://h/whep/s{n}", 7).unwrap().as_str(), "http://h/whep/s7");
        assert!(numbered("nonsense", 0).is_err());
    }
}
