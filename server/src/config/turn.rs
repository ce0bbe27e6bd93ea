//! `[turn]`: the relay for viewers and publishers whose network lets no media through.

use std::net::IpAddr;
use std::time::Duration;

use super::{Net, Period, Secret, Size};

section! {
    /// The relay (TURN) for viewers and publishers whose network lets no media through. Their browsers are told
    /// of it, with credentials that run out, in every answer.
    Turn {
        /// Whether this node relays. Where its port is taken, it says so and goes on without.
        [restart] enabled: bool = true;
        /// The port of UDP and TCP. Open it in the firewall, and UDP from `min_port` to `max_port` where relays
        /// reach others than this node. Port 0 picks a free one.
        [restart] port: u16 = 3478;
        /// Whether TCP is listened to as well, for networks that let no UDP out.
        [restart] tcp: bool = true;
        /// Names or addresses of this node that clients are told of. Absent: the one by which they reached
        /// its HTTP. Set it where a proxy on another machine stands in front of HTTP.
        [reload] hosts: Vec<String> = vec![], example "[\"turn.example.org\"]";
        /// More relays on other machines that have the same `secret` (`sluice turn` there), as URLs such as
        /// turn:HOST:3478?transport=udp or turns:HOST:443?transport=tcp.
        [reload] servers: Vec<String> = vec![], example "[\"turns:relay.example.org:443?transport=tcp\"]";
        /// What credentials are made of; the same on all machines that shall take them. Absent: made at the
        /// first start and kept in `turn.key` of `data_dir`.
        [restart] secret: Option<Secret> = None, example "\"0123456789abcdef0123456789abcdef\"";
        /// How long credentials let somebody begin. Who has begun may stay.
        [reload] credential_lifetime: Period = Period(Duration::from_secs(3600));
        /// Named in challenges. At most 52 bytes.
        [restart] realm: String = "sluice".to_owned();
        /// Whether others than this node's media port are reached. Absent: no beside the server, where nobody
        /// needs it, and yes with `sluice turn`. Loopback, private and other special addresses never are.
        [restart] public_peers: Option<bool> = None, example "true";
        /// Addresses and networks that are reached although they are not public.
        [restart] allowed_peers: Vec<Net> = vec![], example "[\"10.1.0.0/16\"]";
        /// Addresses and networks that are never reached.
        [restart] denied_peers: Vec<Net> = vec![], example "[\"198.51.100.0/24\"]";
        /// Addresses of this machine from which it relays. Absent: those of media.
        [restart] public_addresses: Vec<IpAddr> = vec![], example "[\"203.0.113.7\"]";
        /// First port of relays.
        [restart] min_port: u16 = 49152;
        /// Last port of relays.
        [restart] max_port: u16 = 65535;
        /// Allocations at once, of all. Each holds a port.
        [restart] max_allocations: u32 = 4096;
        /// Allocations at once of one user, which is one session of a viewer or publisher.
        [restart] max_allocations_per_user: u32 = 16;
        /// Bytes a second of one allocation, both ways together; 0 is no limit.
        [restart] bandwidth: Size = Size(0);
        /// TCP and TLS connections at once.
        [restart] max_connections: u32 = 4096;
        /// TCP and TLS connections at once from one address.
        [restart] max_connections_per_address: u32 = 256;
        /// Answers a second to a network (/24 of IPv4, /64 of IPv6) before anybody there has proven who they
        /// are; ten times as many at once.
        [restart] unauthenticated_per_second: u32 = 200;
        /// Threads. 0: one a core.
        [restart] workers: u16 = 0;
        /// Buffer that the kernel is asked for, each way.
        [restart] socket_buffer: Size = Size(1024 * 1024);
    }
}
