//! The addresses that every answer of a node announces.

use std::net::SocketAddr;

use str0m::Candidate;
use str0m::net::TcpType;

/// Type preference of UDP (RFC 8445 §5.1.2.2).
const UDP: u32 = 126;

/// Type preference of TCP: below everything over UDP but relays, as browsers have it.
const TCP: u32 = 90;

/// Direction preference of a host candidate that waits for connections (RFC 6544 §4.2).
const PASSIVE: u32 = 4 << 13;

/// Addresses to announce, best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Where datagrams are received.
    pub udp: Vec<SocketAddr>,
    /// Where connections are accepted. They are listed behind all others: some encoders take the first line
    /// whatever it says (T3), and who can have UDP should.
    pub tcp: Vec<SocketAddr>,
}

impl From<Vec<SocketAddr>> for Candidates {
    fn from(udp: Vec<SocketAddr>) -> Self {
        Self { udp, tcp: Vec::new() }
    }
}

impl Candidates {
    /// Values of `a=candidate:` lines, the first with the highest priority.
    pub(crate) fn lines(&self) -> Vec<String> {
        // RFC 8445 §5.1.2.1 with component 1.
        let priority = |kind: u32, local: u32| (kind << 24) | (local << 8) | 255;
        let udp = self.udp.iter().zip(0_u32..).map(|(address, index)| {
            let priority = priority(UDP, 65_535 - index.min(65_535));
            format!("{} 1 udp {priority} {} {} typ host", index + 1, address.ip(), address.port())
        });
        let tcp = self.tcp.iter().zip(0_u32..).map(|(address, index)| {
            let priority = priority(TCP, PASSIVE | (8191 - index.min(8191)));
            let foundation = self.udp.len() + index as usize + 1;
            let (ip, port) = (address.ip(), address.port());
            format!("{foundation} 1 tcp {priority} {ip} {port} typ host tcptype passive")
        });
        udp.chain(tcp).collect()
    }

    /// What str0m is to know.
    ///
    /// # Errors
    /// Where an address can be none of a candidate.
    pub(crate) fn local(&self) -> Result<Vec<Candidate>, String> {
        let udp = self.udp.iter().map(|address| Candidate::builder().udp().host(*address).build());
        let tcp = self
            .tcp
            .iter()
            .map(|address| Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive).build());
        udp.chain(tcp).collect::<Result<_, _>>().map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_announced_behind_everything_else_and_with_less_priority() {
        let addresses: Vec<SocketAddr> =
            vec!["203.0.113.9:8189".parse().unwrap(), "[2001:db8::1]:8189".parse().unwrap()];
        let candidates = Candidates { udp: addresses.clone(), tcp: addresses };
        let lines = candidates.lines();
        assert_eq!(lines[0], "1 1 udp 2130706431 203.0.113.9 8189 typ host");
        assert_eq!(lines[2], "3 1 tcp 1520435199 203.0.113.9 8189 typ host tcptype passive");
        assert_eq!(lines[3], "4 1 tcp 1520434943 2001:db8::1 8189 typ host tcptype passive");
        let priority = |line: &String| line.split(' ').nth(3).unwrap().parse::<u32>().unwrap();
        assert!(lines.iter().map(priority).is_sorted_by(|a, b| a > b), "{lines:?}");
        assert_eq!(candidates.local().unwrap().len(), 4);
    }
}
