//! Which addresses the server announces as ICE candidates.

use std::net::{IpAddr, SocketAddr};

use crate::config::{SfuConfig, StartError};

/// Interfaces of container and VM bridges: announcing them sends peers into nowhere (T3).
const BRIDGES: [&str; 5] = ["docker", "br-", "veth", "virbr", "cni"];

/// Candidate addresses, best first: IPv4 before IPv6 because ffmpeg takes only the first line (T3).
///
/// # Errors
/// When the interfaces cannot be read, or none has an address that others reach.
pub fn candidates(config: &SfuConfig, port: u16) -> Result<Vec<SocketAddr>, StartError> {
    let mut addresses = if !config.public_addresses.is_empty() {
        config.public_addresses.clone()
    } else if !config.listen.is_empty() && config.listen.iter().all(|ip| !ip.is_unspecified()) {
        config.listen.clone()
    } else {
        local_addresses(&config.listen)?
    };
    addresses.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6()));
    addresses.dedup();
    if addresses.is_empty() {
        return Err(StartError::NoAddress);
    }
    Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
}

/// The announced address for the local one that a datagram hit: behind 1:1 NAT the engine must see
/// the address that its candidates name.
pub(crate) fn announced(candidates: &[SocketAddr], hit: SocketAddr) -> SocketAddr {
    let same_family = || candidates.iter().find(|candidate| candidate.is_ipv4() == hit.is_ipv4());
    if candidates.contains(&hit) { hit } else { same_family().copied().unwrap_or(hit) }
}

/// Addresses of this machine that others can reach; loopback only where there is nothing else.
fn local_addresses(listen: &[IpAddr]) -> Result<Vec<IpAddr>, StartError> {
    let v4_only = !listen.is_empty() && listen.iter().all(IpAddr::is_ipv4);
    let interfaces = if_addrs::get_if_addrs().map_err(StartError::Interfaces)?;
    let (mut found, mut loopback) = (Vec::new(), Vec::new());
    for interface in interfaces {
        let ip = interface.ip();
        let link_local = match ip {
            IpAddr::V4(ip) => ip.is_link_local(),
            IpAddr::V6(ip) => ip.is_unicast_link_local() || v4_only,
        };
        if link_local || BRIDGES.iter().any(|bridge| interface.name.starts_with(bridge)) {
            continue;
        }
        if ip.is_loopback() { loopback.push(ip) } else { found.push(ip) }
    }
    Ok(if found.is_empty() { loopback } else { found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_announced_instead_of_the_local_ones() {
        let config = SfuConfig {
            public_addresses: vec!["2001:db8::1".parse().unwrap(), "203.0.113.9".parse().unwrap()],
            ..SfuConfig::default()
        };
        let found = candidates(&config, 8189).unwrap();
        assert_eq!(found, ["203.0.113.9:8189".parse().unwrap(), "[2001:db8::1]:8189".parse().unwrap()]);
    }

    #[test]
    fn listening_on_loopback_announces_loopback_only() {
        let config = SfuConfig { listen: vec!["127.0.0.1".parse().unwrap()], ..SfuConfig::default() };
        assert_eq!(candidates(&config, 5).unwrap(), ["127.0.0.1:5".parse().unwrap()]);
    }

    #[test]
    fn a_datagram_to_a_private_address_is_seen_as_sent_to_the_public_one() {
        let candidates = ["203.0.113.9:8189".parse().unwrap(), "[2001:db8::1]:8189".parse().unwrap()];
        let seen = announced(&candidates, "10.0.0.5:8189".parse().unwrap());
        assert_eq!(seen, candidates[0]);
        assert_eq!(announced(&candidates, candidates[1]), candidates[1]);
    }
}
