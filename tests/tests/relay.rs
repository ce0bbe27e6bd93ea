//! The relay (TURN) under the client of another implementation: coturn's `turnutils_uclient`.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use sluice_e2e::server::{Server, binary};
use tempfile::TempDir;

/// The relay alone is reached at these; loopback, where everything here is, is no place for relays otherwise.
const OPEN: &str = "[turn]\npublic_peers = true\nallowed_peers = [\"127.0.0.0/8\", \"::1\"]\nmax_allocations_per_user = 200\n";

/// Runs coturn's client against the relay of a server: two of its clients talk to each other through it. Wants
/// every message back.
fn uclient(server: &Server, host: &str, options: &[&str]) -> anyhow::Result<()> {
    let credential = server.command(&["turn", "--credential", "tester"], "")?;
    let port = server.ready.turn.context("the server does not relay")?;
    exchange(&credential, host, port, options)
}

fn exchange(credential: &str, host: &str, port: u16, options: &[&str]) -> anyhow::Result<()> {
    let (user, password) = credential.trim().split_once(' ').context("no credential")?;
    let port = port.to_string();
    let output = Command::new("turnutils_uclient")
        .args(["-u", user, "-w", password, "-p", &port, "-y", "-n", "40", "-m", "4", "-l", "900"])
        .args(options)
        .arg(host)
        .output()
        .context("cannot run turnutils_uclient: scripts/setup test installs coturn")?;
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let last = |what: &str| text.lines().rev().find(|line| line.contains(what)).map(str::to_owned);
    let lost = last("Total lost packets").with_context(|| format!("no result: {text}"))?;
    ensure!(lost.contains("Total lost packets 0 ("), "{options:?}: {lost}");
    let sent = last("tot_send_msgs").with_context(|| format!("no messages: {text}"))?;
    let number = |name: &str| -> Option<u64> {
        sent.split(&format!("{name}=")).nth(1)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    let (out, back) = (number("tot_send_msgs"), number("tot_recv_msgs"));
    ensure!(out.is_some_and(|out| out >= 160) && out == back, "{options:?}: {sent}");
    Ok(())
}

// Requirements: R383
#[tokio::test]
async fn coturns_client_loses_nothing_by_udp_and_by_tcp() -> anyhow::Result<()> {
    let server = Server::start_on(tempfile::tempdir()?, "", OPEN, &[]).await?;
    for options in [
        // Channels, and Send indications.
        &["-c"][..],
        &["-c", "-s"],
        // Pairs of ports: EVEN-PORT and RESERVATION-TOKEN.
        &[],
        &["-c", "-t"],
        &["-c", "-t", "-s"],
    ] {
        uclient(&server, "127.0.0.1", options)?;
    }
    Ok(())
}

/// `sluice turn` with a certificate of its own.
struct Alone {
    process: Child,
    folder: TempDir,
    plain: u16,
    tls: u16,
}

impl Alone {
    fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let config = format!(
            "data_dir = {:?}\ninternal_listen = \"127.0.0.1:0\"\n[media]\nlisten = [\"127.0.0.1\"]\n\
             [tls]\nlisten = \"127.0.0.1:0\"\nself_signed = true\n{OPEN}port = 0\n",
            folder.path()
        );
        std::fs::write(folder.path().join("sluice.toml"), config)?;
        let log = File::create(folder.path().join("log"))?;
        let process = Command::new(binary()?)
            .arg("turn")
            .current_dir(folder.path())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let mut alone = Self { process, folder, plain: 0, tls: 0 };
        let deadline = Instant::now() + Duration::from_secs(30);
        let ready = loop {
            let log = alone.log();
            if let Some(line) = log.lines().find(|line| line.contains("\"message\":\"ready\"")) {
                break serde_json::from_str::<serde_json::Value>(line)?;
            }
            ensure!(Instant::now() < deadline, "it does not start: {log}");
            std::thread::sleep(Duration::from_millis(20));
        };
        let number = |text: &serde_json::Value| text.as_u64().and_then(|port| u16::try_from(port).ok());
        alone.plain = number(&ready["port"]).with_context(|| alone.log())?;
        let tls: SocketAddr = ready["tls"].as_str().with_context(|| alone.log())?.parse()?;
        alone.tls = tls.port();
        Ok(alone)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Asks for its own address as somebody who announces no protocol, as browsers do. coturn's client takes
    /// protocol versions of the nineties by chance, which are refused.
    fn answers_over_tls(&self) -> anyhow::Result<()> {
        let mut openssl = Command::new("openssl")
            .args(["s_client", "-quiet", "-connect", &format!("127.0.0.1:{}", self.tls)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot run openssl")?;
        // RFC 8489 §5: a Binding request without attributes.
        let transaction = [7; 12];
        let request = [&[0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42][..], &transaction].concat();
        let mut to = openssl.stdin.take().context("no way to openssl")?;
        to.write_all(&request)?;
        to.flush()?;
        let mut answer = [0; 20];
        let read = openssl.stdout.take().context("no way from openssl")?.read_exact(&mut answer);
        openssl.kill()?;
        openssl.wait()?;
        read.with_context(|| self.log())?;
        ensure!(answer[..2] == [1, 1] && answer[8..] == transaction, "{answer:?}");
        Ok(())
    }

    fn credential(&self) -> anyhow::Result<String> {
        let output = Command::new(binary()?)
            .args(["turn", "--credential", "tester"])
            .current_dir(self.folder.path())
            .output()?;
        Ok(String::from_utf8(output.stdout)?)
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

// Requirements: R383
#[test]
fn a_relay_alone_serves_udp_tcp_and_tls_and_ends_when_it_is_told() -> anyhow::Result<()> {
    let mut alone = Alone::start()?;
    let credential = alone.credential()?;
    exchange(&credential, "127.0.0.1", alone.plain, &["-c"])?;
    exchange(&credential, "127.0.0.1", alone.plain, &["-c", "-t"])?;
    alone.answers_over_tls()?;
    let pid = rustix::process::Pid::from_raw(i32::try_from(alone.process.id())?).context("no process")?;
    rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
    let deadline = Instant::now() + Duration::from_secs(30);
    let ended = loop {
        if let Some(status) = alone.process.try_wait()? {
            break status;
        }
        ensure!(Instant::now() < deadline, "it does not end: {}", alone.log());
        std::thread::sleep(Duration::from_millis(20));
    };
    ensure!(ended.success(), "{ended}: {}", alone.log());
    Ok(())
}
