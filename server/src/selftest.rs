//! What cannot work on this machine, said in plain words before the server starts.

mod port;

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Socket, Type};

use crate::config::{Config, Media, PlainHttp};

/// Connections that the kernel keeps for us while we are busy.
const BACKLOG: i32 = 1024;

/// Below this many file descriptors a busy evening ends in refused connections.
const ENOUGH_FILES: u64 = 8192;

/// Something that an operator should know. The server starts all the same.
pub(crate) type Finding = String;

/// Opens a TCP listener, or says who has the port and what to do.
pub(crate) fn listen(address: SocketAddr, key: &str) -> Result<TcpListener> {
    open(address).map_err(|error| port::explain("TCP", address, key, &error))
}

fn open(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A restart must not wait for connections of the last run to time out.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() && address.ip().is_unspecified() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Whether the media port is free. The media workers share it among themselves, so without this
/// check a second server would quietly take half of the first one's packets.
pub(crate) fn media_port(media: &Media) -> Result<()> {
    if media.udp_port == 0 {
        return Ok(());
    }
    let all = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    let addresses = if media.listen.is_empty() { &all[..] } else { &media.listen[..] };
    for address in addresses {
        let address = SocketAddr::new(*address, media.udp_port);
        match UdpSocket::bind(address) {
            Ok(_) => {}
            // A machine without IPv6.
            Err(error) if address.is_ipv6() && media.listen.is_empty() && !in_use(&error) => {}
            Err(error) => return Err(port::explain("UDP", address, "media.udp_port", &error)),
        }
    }
    Ok(())
}

/// The name of the program that has a port open, as far as this user may see it.
pub(crate) fn owner_of(udp: bool, port: u16) -> Option<String> {
    port::owner_name(if udp { "UDP" } else { "TCP" }, port)
}

fn in_use(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::AddrInUse
}

/// Whether the data directory can be written.
pub(crate) fn data_dir(config: &Config) -> Result<()> {
    let directory = &config.server.data_dir;
    fs::create_dir_all(directory)
        .and_then(|()| {
            let probe = directory.join(".write-test");
            fs::write(&probe, b"")?;
            fs::remove_file(probe)
        })
        .with_context(|| {
            format!("{} cannot be written; set `data_dir` to a directory of ours", directory.display())
        })
}

/// Looks at everything that does not stop the server.
pub(crate) fn findings(config: &Config) -> Vec<Finding> {
    [addresses(&config.media), route(&config.media), files(), buffers(&config.media), ffmpeg(), plain(config)]
        .into_iter()
        .flatten()
        .collect()
}

/// Whether keys and passwords cross the network for everybody to read.
fn plain(config: &Config) -> Option<Finding> {
    let server = &config.server;
    let behind_proxy = !server.trusted_proxies.is_empty()
        || server.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    let served = match config.http.plain {
        PlainHttp::Serve => true,
        PlainHttp::Auto => !config.tls.is_on(),
        PlainHttp::Loopback => false,
    };
    (served && !behind_proxy && !server.listen.ip().is_loopback()).then(|| {
        format!(
            "{} serves others without TLS: passwords and stream keys can be read on the way, and browsers give \
             camera and microphone only to https:// and to localhost. Set `tls.acme_domains` for a host name, or \
             `tls.self_signed = true` for a local network; behind a proxy that ends TLS set `trusted_proxies`; for \
             this machine alone `listen = \"127.0.0.1:{}\"`.",
            server.listen,
            server.listen.port()
        )
    })
}

fn addresses(media: &Media) -> Option<Finding> {
    if !media.public_addresses.is_empty() || !media.listen.is_empty() {
        return None;
    }
    let reachable =
        if_addrs::get_if_addrs().unwrap_or_default().iter().any(|interface| !interface.is_loopback());
    (!reachable).then(|| {
        "This machine has no network address but loopback: only browsers on this machine can publish and watch. \
         If it is reachable from elsewhere, name that address in `media.public_addresses`."
            .to_owned()
    })
}

/// A default route in /proc/net/route has destination and mask zero.
fn route(media: &Media) -> Option<Finding> {
    if !media.public_addresses.is_empty() {
        return None;
    }
    let v4 = fs::read_to_string("/proc/net/route").ok()?;
    let v6 = fs::read_to_string("/proc/net/ipv6_route").unwrap_or_default();
    let default_v4 = v4.lines().skip(1).any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.get(1) == Some(&"00000000") && fields.get(7) == Some(&"00000000")
    });
    let default_v6 = v6.lines().any(|line| {
        let zero = "0".repeat(32);
        line.starts_with(&format!("{zero} 00 ")) && !line.trim_end().ends_with(" lo")
    });
    (!default_v4 && !default_v6).then(|| {
        "There is no default route: only machines on the same network can publish and watch.".to_owned()
    })
}

/// Takes as many file descriptors as the system gives, and says when that is few.
fn files() -> Option<Finding> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum {
        // What cannot be raised is reported below.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }
    let limit = getrlimit(Resource::Nofile).current?;
    (limit < ENOUGH_FILES).then(|| {
        format!(
            "Only {limit} files and connections may be open at once; a busy stream needs more. \
             Raise it with `ulimit -n 65536`, or LimitNOFILE=65536 in a systemd unit."
        )
    })
}

fn buffers(media: &Media) -> Option<Finding> {
    let wanted = media.socket_buffer.0;
    let limit = |name: &str| {
        fs::read_to_string(format!("/proc/sys/net/core/{name}")).ok()?.trim().parse::<u64>().ok()
    };
    let small: Vec<(&str, u64)> = ["rmem_max", "wmem_max"]
        .into_iter()
        .filter_map(|name| limit(name).filter(|limit| *limit < wanted).map(|limit| (name, limit)))
        .collect();
    let (_, least) = small.iter().min_by_key(|(_, limit)| *limit)?;
    let commands: Vec<String> = small.iter().map(|(name, _)| format!("net.core.{name}={wanted}")).collect();
    Some(format!(
        "The kernel gives a UDP socket at most {} KiB of buffer; bursts beyond that are lost. \
         Raise it with `sysctl -w {}`.",
        least / 1024,
        commands.join(" ")
    ))
}

fn ffmpeg() -> Option<Finding> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder: PathBuf| folder.join("ffmpeg").is_file());
    (!found).then(|| {
        "There is no ffmpeg: publishing and watching work; transcoding and restreaming, once switched on, will not. \
         Install the package ffmpeg."
            .to_owned()
    })
}

/// The error of a port that could not be opened, with its cause.
fn refused(text: String, error: &std::io::Error) -> anyhow::Error {
    anyhow!("{error}").context(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_tcp_port_is_explained_with_its_owner_and_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let text = format!("{:#}", listen(address, "listen").unwrap_err());
        assert!(text.contains(&format!("TCP port {}", address.port())), "{text}");
        assert!(text.contains(&format!("process {}", std::process::id())), "{text}");
        assert!(text.contains("`listen`"), "{text}");
    }

    #[test]
    fn a_taken_media_port_is_noticed_although_workers_share_theirs() {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
        socket.set_reuse_port(true).unwrap();
        socket.bind(&SocketAddr::from(([0, 0, 0, 0], 0)).into()).unwrap();
        let udp_port = socket.local_addr().unwrap().as_socket().unwrap().port();
        let text = format!("{:#}", media_port(&Media { udp_port, ..Media::default() }).unwrap_err());
        assert!(
            text.contains(&format!("UDP port {udp_port}")) && text.contains("`media.udp_port`"),
            "{text}"
        );
        assert!(media_port(&Media { udp_port: 0, ..Media::default() }).is_ok());
    }

    #[test]
    fn an_address_of_another_machine_is_explained() {
        let text = format!("{:#}", listen("192.0.2.77:1".parse().unwrap(), "listen").unwrap_err());
        assert!(text.contains("192.0.2.77 is not an address of this machine"), "{text}");
    }

    #[test]
    fn a_kernel_buffer_below_the_wish_is_reported_with_the_command() {
        let media = Media { socket_buffer: crate::config::Size(1 << 50), ..Media::default() };
        let text = buffers(&media).unwrap();
        assert!(text.contains("sysctl -w net.core.rmem_max="), "{text}");
    }

    // Requirements: R131
    #[test]
    fn plain_http_for_others_is_warned_of_with_what_to_set_instead() {
        let finding = |text: &str| plain(&crate::config::parse(text).unwrap());
        let text = finding("").unwrap();
        assert!(text.contains("`tls.acme_domains`") && text.contains("`tls.self_signed = true`"), "{text}");
        for fine in [
            "listen = \"127.0.0.1:8080\"",
            "trusted_proxies = [\"127.0.0.1\"]",
            "public_url = \"https://tv.example\"",
            "[tls]\nself_signed = true",
            "profile = \"prod\"",
        ] {
            assert_eq!(finding(fine), None, "{fine}");
        }
        assert!(finding("[tls]\nself_signed = true\n[http]\nplain = \"serve\"").is_some());
    }
}
