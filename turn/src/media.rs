//! The way to this node's own media port that needs no socket.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

type Deliver = dyn Fn(SocketAddr, SocketAddr, &[u8]) + Send + Sync;
type Ended = dyn Fn(SocketAddr) + Send + Sync;

/// This node's media port.
#[derive(Clone, Default)]
pub struct Media {
    /// Its addresses, as clients know them.
    pub(crate) addresses: Vec<SocketAddr>,
    deliver: Option<Arc<Deliver>>,
    ended: Option<Arc<Ended>>,
}

impl Media {
    /// A media port that is reached through sockets, as any other peer.
    pub fn by_socket(addresses: Vec<SocketAddr>) -> Self {
        Self { addresses, deliver: None, ended: None }
    }

    /// A media port in this process: `deliver(relayed address, media address, datagram)` must neither wait nor
    /// fail; what has no room is dropped, as on any network. `ended(relayed address)` is told when one is given
    /// up. What media sends back goes into [`Turn::media_outlet`](crate::Turn::media_outlet).
    pub fn in_process(
        addresses: Vec<SocketAddr>,
        deliver: impl Fn(SocketAddr, SocketAddr, &[u8]) + Send + Sync + 'static,
        ended: impl Fn(SocketAddr) + Send + Sync + 'static,
    ) -> Self {
        Self { addresses, deliver: Some(Arc::new(deliver)), ended: Some(Arc::new(ended)) }
    }

    /// The way to `peer`, if it is the media port and in this process.
    pub(crate) fn way_to(&self, peer: SocketAddr) -> Option<&Deliver> {
        self.deliver.as_deref().filter(|_| self.addresses.contains(&peer))
    }

    /// A relayed address is given up.
    pub(crate) fn ended(&self, relayed: SocketAddr) {
        if let Some(ended) = &self.ended {
            ended(relayed);
        }
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
