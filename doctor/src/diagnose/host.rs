//! The machine that a node runs on.

use super::{finding, list};
use crate::address::is_outside;
use crate::facts::host::{Buffers, Disk, Ffmpeg, HostFacts, OpenFiles, Port, PortKind, PortState};
use crate::finding::{Finding, FindingCode as Code};

/// A disk with less room than this many times what is needed will soon be full.
const LOW: u64 = 5;

pub(super) fn findings(host: &HostFacts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = host.ports.iter().filter_map(port).collect();
    findings.extend(address(host));
    findings.extend(host.open_files.and_then(open_files));
    findings.extend(host.buffers.iter().flat_map(|buffers| buffer(*buffers)));
    findings.extend(host.ffmpeg.as_ref().and_then(ffmpeg));
    findings.extend(host.disks.iter().filter_map(disk));
    if host.clock.is_some_and(|clock| !clock.synchronised) {
        findings.push(finding(
            Code::ClockUnsynchronised,
            "The system says that no time server keeps its clock right. Once it is off by minutes, sign-ins, tokens \
             and certificates fail.",
            "`timedatectl set-ntp true`, or install chrony. In a container: on its host.",
        ));
    }
    if !host.has_relay {
        findings.push(finding(
            Code::NoRelay,
            "Viewers whose network blocks UDP, and TCP to the media port, cannot watch live.",
            "`turn.enabled = true`, with a certificate (`[tls]`) for networks that let only HTTPS out.",
        ));
    }
    findings
}

fn port(port: &Port) -> Option<Finding> {
    let (key, protocol) = match port.kind {
        PortKind::MediaUdp => ("media.udp_port", "udp"),
        PortKind::MediaTcp => ("media.udp_port", "tcp"),
        PortKind::Http => ("listen", "tcp"),
        PortKind::Https => ("tls.listen", "tcp"),
        PortKind::Internal => ("internal_listen", "tcp"),
        PortKind::RelayUdp => ("turn.port", "udp"),
        PortKind::RelayTcp => ("turn.port", "tcp"),
        PortKind::RelayTls => ("tls.listen", "tcp"),
    };
    let (number, upper) = (port.number, protocol.to_uppercase());
    let flags = if protocol == "udp" { "-lunp" } else { "-ltnp" };
    match port.state {
        PortState::Free | PortState::Ours => None,
        PortState::Taken => Some(finding(
            Code::PortTaken,
            format!("Another program has {upper} port {number}, which `{key}` asks for."),
            format!(
                "`ss {flags} 'sport = :{number}'` as root shows which. Stop it, or set `{key}` to another port."
            ),
        )),
        PortState::Denied => Some(finding(
            Code::PortDenied,
            format!("The system does not let this user have {upper} port {number}, which `{key}` asks for."),
            format!(
                "Ports below 1024 need a right: `AmbientCapabilities=CAP_NET_BIND_SERVICE` in the systemd unit, or \
                 `sysctl net.ipv4.ip_unprivileged_port_start={number}`. Or set `{key}` to a port above."
            ),
        )),
        PortState::NoAddress => Some(finding(
            Code::ListenAddress,
            format!("The machine does not have the address that `{key}` (or `media.listen`) names."),
            "`ip addr` lists those that it has. Use one of them, or none to listen on all; an address that the world \
             sees but the machine does not have goes into `media.public_addresses`.",
        )),
    }
}

fn address(host: &HostFacts) -> Option<Finding> {
    let private = host.announced.iter().all(|address| !is_outside(*address));
    if let Some(reached) = host.reached {
        // A node in a local network that is reached in that network is as it should be.
        if host.announced.contains(&reached.address) || (private && !is_outside(reached.address)) {
            return None;
        }
        if !private && !host.announces_by_hand {
            return None;
        }
        if !private {
            return Some(finding(
                Code::OtherAddress,
                format!(
                    "Media is announced at {}, and the public URL leads to {}. That is right behind a proxy or a \
                     content network, and wrong otherwise.",
                    list(&host.announced),
                    reached.address
                ),
                format!(
                    "If the node itself has the address of the public URL, set `media.public_addresses = [\"{}\"]`. \
                     `sluice doctor URL` from outside shows whether media arrives.",
                    reached.address
                ),
            ));
        }
    }
    if !private || host.announces_by_hand {
        return None;
    }
    let example =
        host.reached.map_or_else(|| "203.0.113.7".to_owned(), |reached| reached.address.to_string());
    if host.container {
        return Some(finding(
            Code::ContainerAddress,
            format!(
                "The node runs in a container and announces {}, which nobody outside of its host reaches.",
                list(&host.announced)
            ),
            format!(
                "Let it use the host's network (`--network host`, `network_mode: host`), or set \
                 `SLUICE__MEDIA__PUBLIC_ADDRESSES='[\"{example}\"]'` to the address of the host and publish the media \
                 port for both protocols with the same number outside: `-p 8189:8189/udp -p 8189:8189/tcp`."
            ),
        ));
    }
    Some(finding(
        Code::NoPublicAddress,
        format!(
            "The node announces {}. That is right in a local network; viewers on the internet get no picture.",
            if host.announced.is_empty() { "no address".to_owned() } else { list(&host.announced) }
        ),
        format!(
            "For viewers on the internet set `media.public_addresses = [\"{example}\"]` to the address that the world \
             sees (`curl https://icanhazip.com`), and let the router forward the media port for UDP and TCP."
        ),
    ))
}

fn open_files(files: OpenFiles) -> Option<Finding> {
    (files.limit < files.needed).then(|| {
        finding(
            Code::OpenFilesLow,
            format!(
                "The process may have {} files open; `http.max_connections` and what else is configured need {}.",
                files.limit, files.needed
            ),
            format!("`LimitNOFILE={}` in the systemd unit, or `ulimit -n {0}` before the start.", files.needed),
        )
    })
}

fn buffer(buffers: Buffers) -> Vec<Finding> {
    let wanted = buffers.wanted;
    let small = |code, what: &str, key: &str, given: u64| {
        (given < wanted).then(|| {
            finding(
                code,
                format!(
                    "`media.socket_buffer` asks for {wanted} bytes to {what}, and the system gives {given}. Bursts of \
                     key frames to many viewers are lost."
                ),
                format!(
                    "`sysctl -w {key}={wanted}`, and the same line in /etc/sysctl.d/90-sluice.conf so that it stays. \
                     In a container: on its host."
                ),
            )
        })
    };
    let receive = small(Code::ReceiveBufferSmall, "receive", "net.core.rmem_max", buffers.receive);
    let send = small(Code::SendBufferSmall, "send", "net.core.wmem_max", buffers.send);
    receive.into_iter().chain(send).collect()
}

fn ffmpeg(ffmpeg: &Ffmpeg) -> Option<Finding> {
    let program = &ffmpeg.program;
    if ffmpeg.version.is_none() {
        return Some(finding(
            Code::FfmpegMissing,
            format!(
                "`{program}` cannot be run. Recordings get no pictures and cannot be downloaded as one file."
            ),
            "`apt install ffmpeg` (5.1 or newer), or set `transcode.ffmpeg` to its path. Watching and recording work \
             without it.",
        ));
    }
    (!ffmpeg.lacks.is_empty()).then(|| {
        finding(
            Code::FfmpegLacks,
            format!("`{program}` lacks {}. Some pictures or downloads cannot be made.", list(&ffmpeg.lacks)),
            "Install an ffmpeg that is built with them (Debian's and Ubuntu's are), and set `transcode.ffmpeg` to it.",
        )
    })
}

fn disk(disk: &Disk) -> Option<Finding> {
    let (key, free, needed) = (&disk.key, gigabytes(disk.free), gigabytes(disk.needed));
    let room = format!("Make room there, let `{key}` name a larger disk, or delete old recordings.");
    if disk.free < disk.needed {
        let cause = format!(
            "The disk of `{key}` has {free} left, less than the {needed} that are kept free: nothing is recorded."
        );
        return Some(finding(Code::DiskFull, cause, room));
    }
    (disk.free < disk.needed.saturating_mul(LOW)).then(|| {
        let cause =
            format!("The disk of `{key}` has {free} left; below {needed} nothing is recorded any more.");
        finding(Code::DiskLow, cause, room)
    })
}

fn gigabytes(bytes: u64) -> String {
    // Exact to a tenth, which is enough to choose a disk by.
    let tenths = bytes / 100_000_000;
    format!("{}.{} GB", tenths / 10, tenths % 10)
}
