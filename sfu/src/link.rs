//! What else than the media port leads to a peer: the TURN server of this process. It hands over the datagrams
//! that its clients send to our media port, and gets what is sent to their relayed addresses, without a socket
//! between.
//!
//! ```text
//! turn ──Sfu::relayed──▶ mailbox of the owner ──▶ shard (Proto::Turn)
//!      ◀─────Outlet──────────────── worker ◀───────┘
//! ```

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use sluice_sfu_engine::shard::packets::{self, Kind};
use sluice_sfu_engine::{End, Path, Proto, stun};

use crate::address::announced;
use crate::handle::Sfu;
use crate::mailbox::Mail;

/// Most relayed addresses whose peers are known. Who relays gives them up by [`Sfu::relay_ended`]; the bound
/// is for what it forgets.
const MOST: usize = 100_000;

/// Datagrams for a relayed address: each of `segment` bytes, the last may be shorter.
#[derive(Debug, Clone, Copy)]
pub struct Relayed<'a> {
    /// Our address, which the client of the relay knows as its peer.
    pub from: SocketAddr,
    /// The relayed address.
    pub to: SocketAddr,
    /// The datagrams, one behind the other.
    pub bytes: &'a [u8],
    /// Bytes of each.
    pub segment: usize,
}

/// Takes what is sent to relayed addresses, on the threads of the workers: it must not wait. False where it
/// took nothing; that is counted, and lost as on any network.
pub type Outlet = Arc<dyn Fn(Relayed<'_>) -> bool + Send + Sync>;

/// What the workers and the handle share about relays.
#[derive(Default)]
pub(crate) struct Links {
    outlet: OnceLock<Outlet>,
    /// Workers of the peers behind relayed addresses. Touched by who relays, never by a worker.
    owners: RwLock<HashMap<SocketAddr, usize>>,
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Links").field("outlet", &self.outlet.get().is_some()).finish_non_exhaustive()
    }
}

impl Links {
    /// Sends to a relayed address. False where nobody took it.
    pub(crate) fn send(&self, datagrams: Relayed<'_>) -> bool {
        self.outlet.get().is_some_and(|outlet| outlet(datagrams))
    }
}

impl Sfu {
    /// Says where to send what is for relayed addresses. Once: false where there is an outlet already.
    pub fn set_relay(&self, outlet: Outlet) -> bool {
        self.links().outlet.set(outlet).is_ok()
    }

    /// Whether `to` is an address of our media port, so that a relay can hand datagrams for it to
    /// [`Self::relayed`].
    pub fn serves(&self, to: SocketAddr) -> bool {
        self.media_addresses().contains(&to)
    }

    /// A datagram from the relayed address `from` to our media port. It goes to the worker of its peer, which a
    /// STUN check names. False where it belongs to nobody, or that worker is overloaded.
    pub fn relayed(&self, from: SocketAddr, to: SocketAddr, bytes: &[u8]) -> bool {
        let owners = &self.links().owners;
        let known = || owners.read().unwrap_or_else(PoisonError::into_inner).get(&from).copied();
        let worker = if packets::kind(bytes) == Some(Kind::Stun)
            && let Some(ufrag) = stun::local_ufrag(bytes)
        {
            let Some(worker) = self.names().worker(ufrag) else { return false };
            if known() != Some(worker) {
                let mut owners = owners.write().unwrap_or_else(PoisonError::into_inner);
                if owners.len() >= MOST {
                    owners.clear();
                }
                owners.insert(from, worker);
            }
            worker
        } else {
            let Some(worker) = known() else { return false };
            worker
        };
        let path = Path { proto: Proto::Turn, ours: announced(self.media_addresses(), to), theirs: from };
        let mail = Mail::Stray { path, bytes: bytes.to_vec() };
        self.mailbox(worker).is_some_and(|mailbox| mailbox.send(mail).is_ok())
    }

    /// A relayed address is given up.
    pub fn relay_ended(&self, from: SocketAddr) {
        let mut owners = self.links().owners.write().unwrap_or_else(PoisonError::into_inner);
        let end: End = (Proto::Turn, from);
        if let Some(mailbox) = owners.remove(&from).and_then(|worker| self.mailbox(worker)) {
            // A worker that takes no mail drops it: what is sent there is dropped by the relay.
            let _full = mailbox.send(Mail::Lost(end));
        }
    }
}
