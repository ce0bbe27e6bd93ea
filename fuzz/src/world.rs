//! A shard with a publisher and a viewer that have been answered and not yet connected.

use std::net::SocketAddr;
use std::time::Instant;

use sluice_domain::{BroadcastId, MediaTime, PeerId, StreamId};
use sluice_sfu_engine::negotiate::IceIdentity;
use sluice_sfu_engine::{Candidates, Command, EngineConfig, Negotiator, Role, Shard, WatchOptions};

/// The publisher's id.
pub const PUBLISHER: PeerId = PeerId(1);
/// The viewer's id.
pub const VIEWER: PeerId = PeerId(2);
/// The only broadcast.
pub const BROADCAST: BroadcastId = BroadcastId(uuid::Uuid::nil());

/// The only chat.
pub const CHAT: StreamId = StreamId(uuid::Uuid::nil());

/// The address that the server announces.
pub fn server_address() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 8189))
}

/// What the server announces.
pub fn candidates() -> Candidates {
    Candidates { udp: vec![server_address()], tcp: vec![server_address()] }
}

/// Makes answers; costly enough to be made once.
pub fn negotiator() -> Negotiator {
    Negotiator::new(EngineConfig::default(), candidates()).expect("the TLS library makes certificates")
}

/// Our ICE credentials for a peer. The seeds contain STUN requests that are signed with them.
pub fn identity(peer: PeerId) -> IceIdentity {
    IceIdentity { ufrag: format!("ufrag{}", peer.0), pwd: format!("password-of-24-letters-{}", peer.0) }
}

/// The shard, as it is after both offers were answered.
pub fn shard(negotiator: &Negotiator, now: Instant) -> Shard {
    let mut shard = Shard::new(EngineConfig::default(), now, MediaTime(1_700_000_000_000_000));
    shard.set_candidates(candidates());
    let offers = [
        (PUBLISHER, Role::Publisher(BROADCAST), PUBLISH_OFFER),
        (VIEWER, Role::Viewer(BROADCAST, WatchOptions::default()), WATCH_OFFER),
    ];
    for (peer, role, offer) in offers {
        let answered = negotiator.accept(peer, role, Some(CHAT), offer, identity(peer), now);
        let (prepared, _) = answered.expect("a browser's offer is accepted");
        shard.handle_command(now, Command::Add(Box::new(prepared)));
    }
    shard
}

const PUBLISH_OFFER: &str = include_str!("../seeds/sdp_offer/whip-chromium156-simulcast-datachannel");
const WATCH_OFFER: &str = include_str!("../seeds/sdp_offer/whep-chromium156-medooze");
