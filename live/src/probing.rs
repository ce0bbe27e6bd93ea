//! Peers that measure a connection: no stream, no Grant, and few of them.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use sluice_domain::echo::ECHO_LIFETIME;
use sluice_domain::{PeerId, SessionId};

use crate::error::LiveError;
use crate::live::Live;
use crate::session::Opened;

/// Such peers at once from one address. A doctor tries up to five ways at the same time.
const MOST_OF_ONE: usize = 6;

/// Such peers at once on the node. Each costs a handshake and up to a hundred small packets a second.
const MOST: usize = 64;

/// How soon it is worth to try again where there is no room: their places are free after half a minute.
const RETRY: Duration = Duration::from_secs(10);

/// The peers that measure now.
#[derive(Debug, Default)]
pub(crate) struct Probes {
    places: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    session: SessionId,
    /// Absent until the media plane has answered.
    peer: Option<PeerId>,
    caller: IpAddr,
    until: Instant,
}

impl Probes {
    /// Takes a place for a caller.
    fn enter(&mut self, caller: IpAddr, session: SessionId, now: Instant) -> Result<(), LiveError> {
        self.places.retain(|place| place.until > now);
        if self.places.iter().filter(|place| place.caller == caller).count() >= MOST_OF_ONE {
            return Err(LiveError::RateLimited { wait: RETRY });
        }
        if self.places.len() >= MOST {
            return Err(LiveError::Full);
        }
        self.places.push(Place { session, peer: None, caller, until: now + ECHO_LIFETIME });
        Ok(())
    }

    fn seat(&mut self, session: SessionId, peer: PeerId) {
        if let Some(place) = self.places.iter_mut().find(|place| place.session == session) {
            place.peer = Some(peer);
        }
    }

    fn leave(&mut self, session: SessionId) -> Option<PeerId> {
        let at = self.places.iter().position(|place| place.session == session)?;
        self.places.swap_remove(at).peer
    }

    /// A peer has ended by itself.
    pub(crate) fn peer_closed(&mut self, peer: PeerId) {
        self.places.retain(|place| place.peer != Some(peer));
    }
}

impl Live {
    /// Accepts an offer with nothing but a data channel, of somebody who measures the connection. `caller` is
    /// the address, or the network, by which callers are told apart.
    ///
    /// # Errors
    /// When the caller or the node has as many of these as may be, or the offer cannot be accepted.
    pub async fn probe(&self, caller: IpAddr, offer: String) -> Result<Opened, LiveError> {
        let live = self.clone();
        self.finish(async move { live.do_probe(caller, &offer).await }).await
    }

    async fn do_probe(&self, caller: IpAddr, offer: &str) -> Result<Opened, LiveError> {
        let session = SessionId(rand::random());
        self.probes().enter(caller, session, Instant::now())?;
        match self.sfu().probe(offer).await {
            Ok(accepted) => {
                self.probes().seat(session, accepted.peer);
                Ok(Opened { session, answer: accepted.answer, ice_tag: accepted.ice_tag })
            }
            Err(error) => {
                self.probes().leave(session);
                Err(error.into())
            }
        }
    }

    /// Ends a session of somebody who measures; one that has ended is none.
    pub async fn end_probe(&self, session: SessionId) {
        let peer = self.probes().leave(session);
        if let Some(peer) = peer {
            self.sfu().close_peer(peer).await;
        }
    }

    /// Whether it takes media over TCP at these addresses too.
    pub fn takes_media_over_tcp(&self) -> bool {
        self.sfu().accepts_tcp()
    }

    /// Where this node takes media: each address that is announced, best first.
    pub fn media_addresses(&self) -> Vec<SocketAddr> {
        self.sfu().candidates()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(number: u128) -> SessionId {
        SessionId(number.to_be_bytes())
    }

    fn caller(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn an_address_has_six_places_until_their_time_is_over() {
        let (mut probes, now) = (Probes::default(), Instant::now());
        for number in 0..6 {
            probes.enter(caller(1), session(number), now).unwrap();
        }
        let refused = probes.enter(caller(1), session(6), now);
        assert_eq!(refused, Err(LiveError::RateLimited { wait: RETRY }));
        probes.enter(caller(2), session(7), now).unwrap();
        probes.enter(caller(1), session(8), now + ECHO_LIFETIME).unwrap();
    }

    #[test]
    fn a_place_is_free_when_its_peer_or_its_session_ends() {
        let (mut probes, now) = (Probes::default(), Instant::now());
        for number in 0..6 {
            probes.enter(caller(1), session(number), now).unwrap();
        }
        probes.seat(session(0), PeerId(7));
        probes.peer_closed(PeerId(7));
        probes.enter(caller(1), session(6), now).unwrap();
        assert_eq!(probes.leave(session(1)), None);
        probes.enter(caller(1), session(7), now).unwrap();
        assert!(probes.enter(caller(1), session(8), now).is_err());
    }

    #[test]
    fn a_node_has_places_for_sixty_four() {
        let (mut probes, now) = (Probes::default(), Instant::now());
        for number in 0..64 {
            probes.enter(caller(number), session(u128::from(number)), now).unwrap();
        }
        assert_eq!(probes.enter(caller(200), session(200), now), Err(LiveError::Full));
    }
}
