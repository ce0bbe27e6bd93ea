//! The ways for media: UDP, TCP, relays, and what stands in them.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use super::{finding, list, way};
use crate::address::is_outside;
use crate::facts::{Facts, Failure, Nat, Outcome, PathFacts, Transport};
use crate::finding::{Finding, FindingCode as Code, Way};

/// Largest datagram that media needs, in bytes of UDP payload: browsers and OBS make RTP packets of at most this.
const MEDIA_BYTES: u32 = 1200;

const RELAYS: [Transport; 3] = [Transport::RelayUdp, Transport::RelayTcp, Transport::RelayTls];

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let way = way(facts);
    let mut findings = Vec::new();
    match way {
        Way::Http | Way::Relay => findings.push(unreached(facts, way)),
        Way::Tcp => findings.push(udp_blocked(facts)),
        Way::Udp => findings.extend(tcp_blocked(facts)),
        Way::Nothing | Way::Unknown => {}
    }
    findings.extend(RELAYS.into_iter().filter_map(|transport| relay(facts, transport)));
    if facts.nat == Some(Nat::Symmetric) {
        findings.push(finding(
            Code::SymmetricNat,
            "The router gives out another port for every destination. Two such people could not reach each other, \
             but a server with an address of its own is reached all the same.",
            "Nothing has to be done.",
        ));
    }
    findings.extend(mtu(facts));
    findings
}

/// Neither UDP nor TCP reaches the media port.
fn unreached(facts: &Facts, way: Way) -> Finding {
    let media = facts.node.as_ref().map_or(&[][..], |node| &node.media);
    if !media.is_empty() && outsider(facts) && media.iter().all(|address| !is_outside(address.ip())) {
        return private_address(facts, media);
    }
    if let Some(lacks) = lacking_family(facts, media) {
        return lacks;
    }
    if way == Way::Relay {
        let relay = facts.paths.iter().find(|path| path.outcome == Outcome::Works);
        let by = relay.and_then(|path| path.target.as_deref()).unwrap_or("the relay");
        return finding(
            Code::OnlyRelay,
            format!(
                "{}. Media goes by {by}, which costs the server twice the traffic and adds a little delay.",
                failed_directly(facts)
            ),
            format!("Nothing has to be done to watch. To go straight, {}.", open_ports(facts)),
        );
    }
    let relays = if is_tried(facts, &RELAYS) {
        let failed = facts.paths.iter().filter(|path| RELAYS.contains(&path.transport));
        let tried: BTreeSet<&str> = failed.filter_map(|path| path.target.as_deref()).collect();
        let tried = if tried.is_empty() { String::new() } else { format!(" ({})", list(tried)) };
        format!("The relay does not get through either{tried}.")
    } else {
        "The server offers no relay.".to_owned()
    };
    finding(
        Code::MediaBlocked,
        format!(
            "{}. {relays} HTTP works, so that the stream can be watched some seconds late over HLS.",
            failed_directly(facts)
        ),
        format!(
            "Try another network. If everybody has this, {}. For networks that let only HTTPS out, give the server a \
             relay on port 443: `turn.enabled = true` and `tls.listen = \"[::]:443\"`.",
            open_ports(facts)
        ),
    )
}

fn failed_directly(facts: &Facts) -> &'static str {
    let silent = |transport| {
        let tried = facts.paths.iter().filter(|path| path.transport == transport);
        tried.clone().count() > 0 && tried.into_iter().all(|path| path.outcome == Outcome::Fails)
    };
    match (silent(Transport::Udp), silent(Transport::Tcp)) {
        (true, true) => "The media port answers neither over UDP nor over TCP",
        (true, false) => "The media port does not answer over UDP, and the server offers no media over TCP",
        (false, true) => "The media port does not answer over TCP",
        (false, false) => "The media port was not reached",
    }
}

/// What to open, as the end of a sentence.
fn open_ports(facts: &Facts) -> String {
    let ports = ports(facts);
    if ports.is_empty() {
        return "open the media port (`media.udp_port`) for UDP and TCP in the firewalls in between"
            .to_owned();
    }
    format!(
        "open port {ports} for UDP and TCP in the firewall of the server (`ufw allow {ports}`), in the rules of its \
         cloud provider, and in the firewall of this network"
    )
}

fn ports(facts: &Facts) -> String {
    let media = facts.node.iter().flat_map(|node| &node.media);
    list(media.map(SocketAddr::port).collect::<BTreeSet<u16>>())
}

/// Whether who measures is on the internet, seen from the node.
fn outsider(facts: &Facts) -> bool {
    let caller = facts.node.as_ref().and_then(|node| node.caller);
    let peer = facts.http.as_ref().and_then(|http| http.peer);
    caller.is_some_and(is_outside) || peer.is_some_and(is_outside)
}

fn private_address(facts: &Facts, media: &[SocketAddr]) -> Finding {
    let address = facts.http.as_ref().and_then(|http| http.peer).filter(|address| is_outside(*address));
    let example = address.map_or_else(|| "203.0.113.7".to_owned(), |address| address.to_string());
    let ports = ports(facts);
    finding(
        Code::PrivateAddress,
        format!(
            "The server tells everybody to send media to {}, which only its own network reaches. It stands behind a \
             router or in a cloud that gives it another address outside, and does not know that.",
            list(media.iter().map(SocketAddr::ip).collect::<BTreeSet<IpAddr>>())
        ),
        format!(
            "Set `media.public_addresses = [\"{example}\"]` (the address that the world sees) and start Sluice again; \
             let the router forward port {ports} for UDP and TCP to the server."
        ),
    )
}

/// Server and viewer have no kind of address in common.
fn lacking_family(facts: &Facts, media: &[SocketAddr]) -> Option<Finding> {
    let only = |is: fn(&SocketAddr) -> bool| !media.is_empty() && media.iter().all(is);
    let (here, there) = if facts.has_ipv4 == Some(false) && only(SocketAddr::is_ipv4) {
        ("IPv6", "IPv4")
    } else if facts.has_ipv6 == Some(false) && only(SocketAddr::is_ipv6) {
        ("IPv4", "IPv6")
    } else {
        return None;
    };
    Some(finding(
        Code::AddressFamily,
        format!("This network has only {here}, and the server tells viewers only addresses of {there}."),
        format!(
            "Give the server an address of {here} too: on its interface, or in `media.public_addresses` where it has \
             one outside. See that `media.listen`, if it is set, has one of {here}."
        ),
    ))
}

fn udp_blocked(facts: &Facts) -> Finding {
    let ports = ports(facts);
    finding(
        Code::UdpBlocked,
        format!(
            "UDP to port {ports} gets no answer, TCP does. Media goes over TCP, where one lost packet holds up all \
             that follow: expect more delay on bad networks."
        ),
        format!(
            "If everybody has this: `ufw allow {ports}/udp` on the server, the same in the rules of its cloud \
             provider, and with Docker publish the port with its protocol, `-p {ports}:{ports}/udp`. If only this \
             network has it, its firewall blocks UDP: allow UDP to port {ports}, or use another network."
        ),
    )
}

/// UDP works and TCP does not: nobody here notices, those whose UDP is blocked do.
fn tcp_blocked(facts: &Facts) -> Option<Finding> {
    let tried: Vec<&PathFacts> = facts.paths.iter().filter(|path| path.transport == Transport::Tcp).collect();
    if tried.is_empty() || tried.iter().any(|path| path.outcome != Outcome::Fails) {
        return None;
    }
    let ports = ports(facts);
    Some(finding(
        Code::TcpBlocked,
        format!(
            "TCP to port {ports} gets no answer. UDP works, so that nothing is missing here; whoever sits in a \
             network without UDP has no way left but a relay."
        ),
        format!(
            "On the server: `ufw allow {ports}/tcp`, the same in the rules of its cloud provider, and with Docker \
             `-p {ports}:{ports}/tcp`."
        ),
    ))
}

fn is_tried(facts: &Facts, transports: &[Transport]) -> bool {
    facts.paths.iter().any(|path| transports.contains(&path.transport) && path.outcome != Outcome::NotOffered)
}

/// A relay that should work from here and does not.
fn relay(facts: &Facts, transport: Transport) -> Option<Finding> {
    let tried = || facts.paths.iter().filter(move |path| path.transport == transport);
    if tried().any(|path| path.outcome == Outcome::Works) {
        return None;
    }
    let failed = tried().find(|path| path.outcome == Outcome::Fails)?;
    let url = failed.target.as_deref().unwrap_or("the relay");
    if failed.failure == Some(Failure::Unauthorized) {
        return Some(finding(
            Code::RelayRefuses,
            format!(
                "The relay {url} answers, but does not take the user name and password that the server gives out."
            ),
            "With the relay of Sluice: see that all nodes have the same `turn.secret` and that their clocks agree. \
             With another one: see that `username` and `credential` of its entry in `[[ice_servers]]` are right.",
        ));
    }
    if failed.failure == Some(Failure::Full) {
        return Some(finding(
            Code::RelayRefuses,
            format!("The relay {url} answers that it has no room for another allocation."),
            "Try again in a minute; if it lasts, raise the quotas in `[turn]`.",
        ));
    }
    let works = |wanted: &[Transport]| {
        facts.paths.iter().any(|path| path.outcome == Outcome::Works && wanted.contains(&path.transport))
    };
    // Where this network blocks that kind of traffic altogether, the relay is not at fault.
    let at_fault = match transport {
        Transport::RelayUdp => works(&[Transport::Udp]),
        Transport::RelayTcp | Transport::RelayTls => works(&[Transport::Udp, Transport::Tcp]),
        Transport::Udp | Transport::Tcp => false,
    };
    let why = match failed.failure {
        Some(Failure::UnknownName) => "its name has no address",
        Some(Failure::Refused) => "nothing listens there",
        Some(Failure::Tls) => "TLS with it fails",
        Some(Failure::NoRoute) => "there is no way to its address",
        _ => "it gets no answer",
    };
    at_fault.then(|| {
        finding(
            Code::RelayUnreachable,
            format!(
                "The relay {url} cannot be used from here: {why}. Media goes straight, so that nothing is missing here; whoever \
                 needs a relay has no picture."
            ),
            "See that the relay runs, that its ports are open (3478 for UDP and TCP, that of `tls.listen` for TLS), \
             and that `turn.hosts` or the URL in `[[ice_servers]]` is right.",
        )
    })
}

fn mtu(facts: &Facts) -> Option<Finding> {
    let sizes = facts.sizes?;
    let lost = sizes.smallest_lost.filter(|lost| *lost <= MEDIA_BYTES)?;
    let passed = sizes.largest_answered.filter(|size| *size < lost)?;
    Some(finding(
        Code::MtuTooSmall,
        format!(
            "Datagrams of {passed} bytes arrive, those of {lost} bytes never do. Pictures need up to {MEDIA_BYTES} bytes: \
             the sound plays, the picture does not. A tunnel (VPN, PPPoE in PPPoE) on the way is too narrow and \
             drops silently what does not fit."
        ),
        format!(
            "Leave the VPN, or set the MTU of its interface lower, so that its packets are split: `ip link set dev \
             wg0 mtu 1280`. On a router: clamp nothing for UDP, but let ICMP \"fragmentation needed\" through. Over \
             TCP it works in any case ({}).",
            if is_tried(facts, &[Transport::Tcp]) { "offered here" } else { "not offered here" }
        ),
    ))
}
