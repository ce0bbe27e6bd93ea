//! Which addresses somebody on the internet can reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one of the internet: not of a machine itself, of a local network, or of the network
/// between a provider and its customers.
pub fn is_outside(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

fn v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    // RFC 6598: 100.64.0.0/10, between a provider and its customers.
    let shared = first == 100 && (64..128).contains(&second);
    let local = address.is_private() || address.is_loopback() || address.is_link_local();
    // RFC 1122 §3.2.1.3: 0.0.0.0/8 is this network.
    !(shared || local || first == 0 || address.is_broadcast() || address.is_multicast())
}

fn v6(address: Ipv6Addr) -> bool {
    let first = address.segments()[0];
    // RFC 4193: fc00::/7; RFC 4291 §2.5.6: fe80::/10.
    let local = first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80;
    !(local || address.is_loopback() || address.is_unspecified() || address.is_multicast())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_shared_and_own_addresses_are_not_outside() {
        let inside = "127.0.0.1 10.1.2.3 172.17.0.2 192.168.1.1 169.254.0.1 100.64.0.1 0.0.0.0 ::1 fe80::1 fd00::1 \
                      ::ffff:10.0.0.1 224.0.0.1 ff02::1 :: 255.255.255.255";
        for address in inside.split_whitespace() {
            assert!(!is_outside(address.parse().unwrap()), "{address}");
        }
        for address in ["203.0.113.7", "100.128.0.1", "172.32.0.1", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert!(is_outside(address.parse().unwrap()), "{address}");
        }
    }
}
