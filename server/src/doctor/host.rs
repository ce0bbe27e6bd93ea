//! The machine that a node runs on, looked at from inside: ports, addresses, limits, buffers, ffmpeg, disks, clock.

use std::fs;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Resource, getrlimit};
use sluice_doctor::{
    Buffers, Clock, Disk, Facts, Ffmpeg, HostFacts, OpenFiles, Port, PortKind, PortState, Reached, Vantage,
};
use tokio::process::Command;
use tokio::time::timeout;

use crate::config::{Config, RecordingStore};
use crate::{ask, recording, selftest, wiring};

/// Files besides connections: sockets of media workers, the database, segments that are written and read.
const OTHER_FILES: u64 = 512;

/// How long something of this machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The least encoder that downloads of VP8 recordings need.
const H264: &str = "libx264 or libopenh264";

/// What is known of this machine. `announced` is what a running node announces; without one it is what a node
/// with this configuration would.
pub(crate) async fn facts(config: &Config, announced: Option<Vec<IpAddr>>) -> Facts {
    // A node that asks has its own ports.
    let is_node = announced.is_some();
    let mut host = HostFacts {
        addresses: addresses(),
        announced: announced.unwrap_or_else(|| would_announce(config)),
        announces_by_hand: !config.media.public_addresses.is_empty(),
        public_url: config.server.public_url.clone(),
        reached: reached(config).await,
        container: is_contained(),
        open_files: open_files(config),
        buffers: buffers(config),
        ffmpeg: Some(ffmpeg(config).await),
        disks: disks(config),
        clock: clock().await,
        has_relay: has_relay(config),
        ports: Vec::new(),
    };
    if !is_node {
        let config = config.clone();
        let looked = tokio::task::spawn_blocking(move || ports(&config));
        host.ports = looked.await.unwrap_or_default();
    }
    Facts { vantage: Vantage::Host, host: Some(host), ..Facts::default() }
}

fn addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    interfaces.iter().filter(|interface| !interface.is_loopback()).map(if_addrs::Interface::ip).collect()
}

fn would_announce(config: &Config) -> Vec<IpAddr> {
    let sfu = wiring::sfu(config).ok();
    let candidates = sfu.and_then(|sfu| sluice_sfu::candidates(&sfu, sfu.udp_port).ok());
    candidates.unwrap_or_default().iter().map(SocketAddr::ip).collect()
}

/// Where the public URL leads to, if there is one.
async fn reached(config: &Config) -> Option<Reached> {
    let url: reqwest::Url = config.server.public_url.as_deref()?.parse().ok()?;
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let found = timeout(PATIENCE, tokio::net::lookup_host((host, port))).await.ok()?.ok()?;
    found.map(|address| Reached { address: address.ip() }).next()
}

/// The ports that the configuration asks for.
fn ports(config: &Config) -> Vec<Port> {
    let ours = answers(config.server.listen);
    let media: Vec<IpAddr> = match config.media.listen.as_slice() {
        [] => vec![IpAddr::V4(Ipv4Addr::UNSPECIFIED)],
        listen => listen.to_vec(),
    };
    let mut wanted: Vec<(PortKind, SocketAddr)> =
        vec![(PortKind::Http, config.server.listen), (PortKind::Internal, config.server.internal_listen)];
    let mut everywhere = |kind, number| {
        wanted.extend(media.iter().map(|ip| (kind, SocketAddr::new(*ip, number))));
    };
    everywhere(PortKind::MediaUdp, config.media.udp_port);
    if config.media.tcp {
        everywhere(PortKind::MediaTcp, config.media.udp_port);
    }
    if config.turn.enabled {
        everywhere(PortKind::RelayUdp, config.turn.port);
        if config.turn.tcp {
            everywhere(PortKind::RelayTcp, config.turn.port);
        }
    }
    if config.tls.is_on() {
        wanted.push((PortKind::Https, config.tls.listen));
    }
    wanted
        .into_iter()
        // Port 0 is whatever is free.
        .filter(|(_, address)| address.port() != 0)
        .map(|(kind, address)| Port { kind, number: address.port(), state: state(kind, address, ours) })
        .collect()
}

fn state(kind: PortKind, address: SocketAddr, ours: bool) -> PortState {
    let udp = matches!(kind, PortKind::MediaUdp | PortKind::RelayUdp);
    let tried = if udp { UdpSocket::bind(address).map(drop) } else { TcpListener::bind(address).map(drop) };
    match tried.map_err(|error| error.kind()) {
        Ok(()) => PortState::Free,
        Err(ErrorKind::AddrInUse) => {
            let owner = selftest::owner_of(udp, address.port());
            match owner.as_deref() {
                Some("sluice") => PortState::Ours,
                Some(_) => PortState::Taken,
                // The owner is another user's: it is ours if a node answers at its own port.
                None if ours => PortState::Ours,
                None => PortState::Taken,
            }
        }
        Err(ErrorKind::PermissionDenied) => PortState::Denied,
        Err(ErrorKind::AddrNotAvailable) => PortState::NoAddress,
        Err(_) => PortState::Taken,
    }
}

/// Whether a node of ours answers there.
fn answers(listen: SocketAddr) -> bool {
    ask::get(ask::near(listen), "/doctor/node", PATIENCE).is_ok_and(|answer| answer.contains("\"media_tcp\""))
}

/// Whether this is a container whose network is not its host's: its interface is one end of a pair.
fn is_contained() -> bool {
    let marked = ["/.dockerenv", "/run/.containerenv"].iter().any(|path| Path::new(path).exists())
        || fs::read_to_string("/proc/1/cgroup").is_ok_and(|text| {
            ["docker", "kubepods", "containerd", "lxc"].iter().any(|word| text.contains(word))
        });
    let number = |path: &Path| fs::read_to_string(path).ok()?.trim().parse::<u32>().ok();
    let interfaces = fs::read_dir("/sys/class/net").into_iter().flatten().flatten();
    let paired = interfaces.filter(|entry| entry.file_name() != "lo").any(|entry| {
        let (own, other) = (number(&entry.path().join("ifindex")), number(&entry.path().join("iflink")));
        own.is_some() && other.is_some() && own != other
    });
    marked && paired
}

fn open_files(config: &Config) -> Option<OpenFiles> {
    // The server raises its limit to this by itself.
    let limit = getrlimit(Resource::Nofile).maximum?;
    let needed = u64::from(config.http.max_connections) + OTHER_FILES;
    Some(OpenFiles { limit, needed })
}

fn buffers(config: &Config) -> Option<Buffers> {
    let limit = |name: &str| {
        fs::read_to_string(format!("/proc/sys/net/core/{name}")).ok()?.trim().parse::<u64>().ok()
    };
    let (receive, send) = (limit("rmem_max")?, limit("wmem_max")?);
    Some(Buffers { wanted: config.media.socket_buffer.0, receive, send })
}

async fn ffmpeg(config: &Config) -> Ffmpeg {
    let found = sluice_transcode::probe(&recording::transcode(config)).await;
    let lacks = found.as_ref().filter(|found| found.h264.is_none()).map(|_| H264.to_owned());
    Ffmpeg {
        program: config.transcode.ffmpeg.display().to_string(),
        version: found.map(|found| found.version),
        lacks: lacks.into_iter().collect(),
    }
}

/// The disks that recordings are written to.
fn disks(config: &Config) -> Vec<Disk> {
    if !config.recorder.enabled {
        return Vec::new();
    }
    let data = &config.server.data_dir;
    let spool = config.recorder.spool.clone().unwrap_or_else(|| data.join("spool"));
    let mut folders = vec![("recorder.spool", spool)];
    if config.recorder.store == RecordingStore::Local {
        let directory = config.recorder.directory.clone().unwrap_or_else(|| data.join("recordings"));
        folders.push(("recorder.directory", directory));
    }
    let disk = |(key, folder): (&str, std::path::PathBuf)| {
        // Before the first start the folders are not there yet.
        let existing = std::path::absolute(folder).ok()?;
        let existing = existing.ancestors().find(|folder| folder.exists())?.to_owned();
        let found = rustix::fs::statvfs(&existing).ok()?;
        let free = found.f_bavail.saturating_mul(found.f_frsize);
        Some(Disk { key: key.to_owned(), free, needed: config.recorder.free_space.0 })
    };
    folders.into_iter().filter_map(disk).collect()
}

/// What the system says of its clock; nothing where it says nothing, as in containers.
async fn clock() -> Option<Clock> {
    let mut command = Command::new("timedatectl");
    command.args(["show", "--property=NTPSynchronized", "--value"]);
    command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let said = timeout(PATIENCE, command.output()).await.ok()?.ok()?;
    match std::str::from_utf8(&said.stdout).ok()?.trim() {
        "yes" => Some(Clock { synchronised: true }),
        "no" => Some(Clock { synchronised: false }),
        _ => None,
    }
}

fn has_relay(config: &Config) -> bool {
    let relay = &config.turn;
    relay.enabled
        || !relay.servers.is_empty()
        || config.ice_servers.iter().any(|server| server.url.starts_with("turn"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        let mut config = Config::default();
        config.server.listen = "127.0.0.1:0".parse().unwrap();
        config.server.internal_listen = "127.0.0.1:0".parse().unwrap();
        config.media.udp_port = 0;
        config.turn.port = 0;
        config
    }

    #[test]
    fn a_port_of_another_program_is_told_from_one_that_is_free() {
        let (taken, udp) =
            (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        let mut config = config();
        config.server.listen = taken.local_addr().unwrap();
        config.media.listen = vec!["127.0.0.1".parse().unwrap()];
        config.media.udp_port = udp.local_addr().unwrap().port();
        // Accepts what asks whether a node is there, and says nothing.
        let found = ports(&config);
        let states: Vec<(PortKind, PortState)> = found.iter().map(|port| (port.kind, port.state)).collect();
        assert_eq!(
            states,
            [
                (PortKind::Http, PortState::Taken),
                (PortKind::MediaUdp, PortState::Taken),
                (PortKind::MediaTcp, PortState::Free),
            ],
            "{found:?}"
        );
        drop(udp);
        assert_eq!(ports(&config)[1].state, PortState::Free);
    }

    #[test]
    fn the_ports_of_https_and_of_the_relay_are_looked_at_where_they_are_asked_for() {
        let kinds =
            |config: &Config| -> Vec<PortKind> { ports(config).iter().map(|port| port.kind).collect() };
        let mut config = config();
        assert_eq!(kinds(&config), []);
        config.turn.port = 3478;
        config.tls.self_signed = true;
        assert_eq!(kinds(&config), [PortKind::RelayUdp, PortKind::RelayTcp, PortKind::Https]);
        config.turn.enabled = false;
        config.tls.self_signed = false;
        assert_eq!(kinds(&config), []);
        assert!(!has_relay(&config));
    }

    #[test]
    fn an_address_of_another_machine_is_none_of_ours() {
        let mut config = config();
        config.server.listen = "192.0.2.77:8080".parse().unwrap();
        assert_eq!(ports(&config)[0].state, PortState::NoAddress);
    }

    #[tokio::test]
    async fn a_machine_without_ffmpeg_and_with_a_full_disk_is_seen_as_such() {
        let mut config = config();
        config.transcode.ffmpeg = "/nowhere/ffmpeg".into();
        config.recorder.free_space = crate::config::Size(u64::MAX);
        let facts = facts(&config, None).await;
        let codes: Vec<&str> =
            sluice_doctor::diagnose(&facts).iter().map(|found| found.code.code()).collect();
        assert!(codes.contains(&"ffmpeg_missing") && codes.contains(&"disk_full"), "{codes:?}");
        let host = facts.host.unwrap();
        assert!(host.disks.iter().all(|disk| disk.free > 0), "{host:?}");
    }
}
