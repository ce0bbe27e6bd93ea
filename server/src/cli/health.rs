//! `sluice health`: what a container's health check and a script ask.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{Source, say};

/// A server that needs longer to say how it is is not well. Below the patience of container engines.
const PATIENCE: Duration = Duration::from_secs(3);

/// An answer is a line of JSON.
const MAX_ANSWER: u64 = 16 * 1024;

/// Asks the internal listener of the configuration.
pub(super) fn run(source: &Source) -> Result<()> {
    let address = near(source.load()?.config.server.internal_listen);
    let answer = ask(address).with_context(|| format!("no server answers at {address}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer cannot be read")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        bail!("the server takes no new sessions: {}", body.trim());
    }
    say(&format!("{}\n", body.trim()))
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /health/ready HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER).read_to_string(&mut answer)?;
    Ok(answer)
}

/// Where a listener of this address is reached on this machine.
fn near(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_of_every_address_is_asked_on_loopback() {
        assert_eq!(near("0.0.0.0:9090".parse().unwrap()).to_string(), "127.0.0.1:9090");
        assert_eq!(near("[::]:9090".parse().unwrap()).to_string(), "[::1]:9090");
        assert_eq!(near("192.0.2.1:1".parse().unwrap()).to_string(), "192.0.2.1:1");
    }
}
