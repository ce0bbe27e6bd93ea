//! The relay (TURN) under the client of another implementation: coturn's `turnutils_uclient`.

use std::process::Command;

use anyhow::{Context, ensure};
use sluice_e2e::server::Server;

/// The relay alone is reached at these; loopback, where everything here is, is no place for relays otherwise.
const OPEN: &str = "[turn]\npublic_peers = true\nallowed_peers = [\"127.0.0.0/8\", \"::1\"]\nmax_allocations_per_user = 200\n";

/// Runs coturn's client against the relay of a server: two of its clients talk to each other through it. Wants
/// every message back.
fn uclient(server: &Server, host: &str, options: &[&str]) -> anyhow::Result<()> {
    let credential = server.command(&["turn", "--credential", "tester"], "")?;
    let (user, password) = credential.trim().split_once(' ').context("no credential")?;
    let port = server.ready.turn.context("the server does not relay")?.to_string();
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
