//! Which peers may be reached through this server. What is not a public address is none of a stranger's business:
//! a relay that reaches it is a way around every firewall.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;

use ipnet::IpNet;

/// The rules, in the order in which they hold: media, denied, allowed, own, public.
#[derive(Debug, Clone)]
pub struct PeerRules {
    /// This node's media addresses. They are always reached, also where they are private: that is what a relay
    /// of ours is for.
    pub media: Vec<SocketAddr>,
    /// Networks that are never reached.
    pub denied: Vec<IpNet>,
    /// Networks that are reached whatever follows.
    pub allowed: Vec<IpNet>,
    /// All addresses of this machine. Of them only relays are reached: services that listen on the machine's
    /// own address do not expect the internet.
    pub own: Vec<IpAddr>,
    /// The ports of relays.
    pub relayed_ports: RangeInclusive<u16>,
    /// Whether public addresses are reached at all.
    pub public: bool,
}

/// How much of an address may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// No port of it.
    Nothing,
    /// Some ports; each is to be asked about.
    Ports,
    /// Every port.
    All,
}

impl PeerRules {
    /// How much of this address may be reached.
    pub fn reach(&self, ip: IpAddr) -> Reach {
        if self.is_open(ip) {
            return Reach::All;
        }
        match self.media.iter().any(|media| media.ip() == ip) || self.has_relays(ip) {
            true => Reach::Ports,
            false => Reach::Nothing,
        }
    }

    /// Whether this peer may be reached.
    pub fn permits(&self, peer: SocketAddr) -> bool {
        peer.port() != 0
            && (self.media.contains(&peer)
                || self.is_open(peer.ip())
                || self.has_relays(peer.ip()) && self.relayed_ports.contains(&peer.port()))
    }

    fn is_open(&self, ip: IpAddr) -> bool {
        let within = |networks: &[IpNet]| networks.iter().any(|network| network.contains(&ip));
        if is_disguised(ip) || within(&self.denied) {
            return false;
        }
        within(&self.allowed) || self.public && !self.own.contains(&ip) && is_public(ip)
    }

    fn has_relays(&self, ip: IpAddr) -> bool {
        let denied = self.denied.iter().any(|network| network.contains(&ip));
        self.public && !denied && self.own.contains(&ip) && is_public(ip)
    }
}

/// An IPv6 address that stands for one of IPv4 (mapped, compatible, NAT64, 6to4, Teredo) would be judged by the
/// wrong rules.
fn is_disguised(ip: IpAddr) -> bool {
    let IpAddr::V6(ip) = ip else { return false };
    let [a, b, c, d, e, f, ..] = ip.segments();
    ip.to_ipv4_mapped().is_some()
        || [a, b, c, d, e, f] == [0; 6] && !ip.is_loopback() && !ip.is_unspecified()
        || a == 0x64 && b == 0xff9b
        || a == 0x2002
        || a == 0x2001 && b == 0
}

/// Whether an address belongs to the internet at large (the IANA registries of special addresses).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(a == 0
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || a == 100 && b & 0xc0 == 64 // shared by carriers
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || a == 198 && b & 0xfe == 18 // benchmarks
        || a >= 224) // multicast, reserved, broadcast
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    // Global unicast is 2000::/3; everything else is loopback, local, multicast or nobody's.
    a & 0xe000 == 0x2000 && !(a == 0x2001 && b < 0x200)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> PeerRules {
        PeerRules {
            media: vec!["10.0.0.5:8189".parse().unwrap(), "[fd00::5]:8189".parse().unwrap()],
            denied: vec![],
            allowed: vec![],
            own: vec!["10.0.0.5".parse().unwrap(), "203.0.113.5".parse().unwrap()],
            relayed_ports: 49152..=65535,
            public: true,
        }
    }

    #[test]
    fn what_is_not_the_internet_is_not_reached() {
        for ip in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::a00:1",
            "64:ff9b:1::a00:1",
            "2002:a00:1::",
            "2001:0:1::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
        ] {
            let peer: IpAddr = ip.parse().unwrap();
            assert_eq!(rules().reach(peer), Reach::Nothing, "{ip}");
            assert!(!rules().permits(SocketAddr::new(peer, 50_000)), "{ip}");
        }
        for ip in
            ["8.8.8.8", "100.63.0.1", "100.128.0.1", "172.32.0.1", "192.0.2.1", "2a00::1", "2001:db8::1"]
        {
            assert_eq!(rules().reach(ip.parse().unwrap()), Reach::All, "{ip}");
        }
    }

    #[test]
    fn the_media_port_is_reached_although_its_address_is_private_and_nothing_else_there_is() {
        for (peer, permitted) in [
            ("10.0.0.5:8189", true),
            ("10.0.0.5:22", false),
            ("10.0.0.5:50000", false),
            ("[fd00::5]:8189", true),
            ("[fd00::5]:53", false),
            ("10.0.0.6:8189", false),
        ] {
            assert_eq!(rules().permits(peer.parse().unwrap()), permitted, "{peer}");
        }
        assert_eq!(rules().reach("10.0.0.5".parse().unwrap()), Reach::Ports);
    }

    #[test]
    fn of_this_machine_only_relays_are_reached() {
        assert!(rules().permits("203.0.113.5:50000".parse().unwrap()));
        assert!(!rules().permits("203.0.113.5:3478".parse().unwrap()));
    }

    #[test]
    fn without_public_peers_the_media_port_remains() {
        let rules = PeerRules { public: false, ..rules() };
        assert_eq!(rules.reach("8.8.8.8".parse().unwrap()), Reach::Nothing);
        assert_eq!(rules.reach("203.0.113.5".parse().unwrap()), Reach::Nothing);
        assert!(rules.permits("10.0.0.5:8189".parse().unwrap()));
    }

    #[test]
    fn what_is_denied_stays_denied_within_what_is_allowed() {
        let rules = PeerRules {
            allowed: vec!["10.0.0.0/8".parse().unwrap(), "::/0".parse().unwrap()],
            denied: vec!["10.9.0.0/16".parse().unwrap(), "8.8.8.8/32".parse().unwrap()],
            ..rules()
        };
        assert_eq!(rules.reach("10.1.0.1".parse().unwrap()), Reach::All);
        assert_eq!(rules.reach("10.9.0.1".parse().unwrap()), Reach::Nothing);
        assert_eq!(rules.reach("8.8.8.8".parse().unwrap()), Reach::Nothing);
        assert_eq!(rules.reach("::ffff:10.9.0.1".parse().unwrap()), Reach::Nothing, "in disguise");
    }
}
