//! `sluice-udp-proxy`: the impairment proxy as a process, for tests that are not written in Rust.
//!
//! Prints `{"port":N}` when it listens, then answers each command line on standard input with one
//! line of counts. Ends with its standard input.

use std::io::Write;
use std::net::SocketAddr;

use anyhow::Context;
use clap::Parser;
use sluice_e2e::proxy::{Command, UdpProxy};
use tokio::io::{AsyncBufReadExt, BufReader};

/// Impairs UDP between peers and a server.
#[derive(Parser)]
struct Arguments {
    /// Address of the server's UDP port.
    #[arg(long)]
    server: SocketAddr,
    /// Address that the peers send to.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Seed of all randomness.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let Arguments { server, listen, seed } = Arguments::parse();
    let proxy = UdpProxy::start_on(listen, server, seed).await.context("cannot open a UDP port")?;
    answer(&serde_json::json!({ "port": proxy.address().port() }).to_string())?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.context("cannot read the standard input")? {
        let command: Command =
            serde_json::from_str(&line).with_context(|| format!("not a command: {line}"))?;
        answer(&serde_json::to_string(&proxy.command(command).await)?)?;
    }
    Ok(())
}

fn answer(line: &str) -> anyhow::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}").and_then(|()| output.flush()).context("cannot write to the standard output")
}
