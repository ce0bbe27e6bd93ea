//! What the world tells the engine.

use sluice_domain::{BroadcastId, LayerSelection, PeerId};

use crate::error::SfuError;
use crate::negotiate::{IceIdentity, Prepared};
use crate::tap::TapId;

/// How a viewer wants to start.
#[derive(Debug, Clone, Default)]
pub struct WatchOptions {
    /// Never more than this layer width in pixels.
    pub max_width: Option<u16>,
}

/// A parsed trickle-ICE fragment (RFC 8840), reduced to what matters: one bundled transport.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IceFragment {
    /// `a=ice-ufrag`, at session or media level.
    pub ufrag: Option<String>,
    /// `a=ice-pwd`, at session or media level.
    pub pwd: Option<String>,
    /// Values of `a=candidate:` lines without the leading `candidate:`; those that cannot be used
    /// (component 2, `.local`, TCP, unparsable) are dropped silently by the engine (W21).
    pub candidates: Vec<String>,
}

/// Answer to an ICE restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestartAnswer {
    /// New local ufrag.
    pub ufrag: String,
    /// New local password.
    pub pwd: String,
    /// Whether the answer said `a=ice-lite`; the fragment repeats it (W25).
    pub ice_lite: bool,
    /// Values of `a=candidate:` lines without the leading `candidate:`.
    pub candidates: Vec<String>,
    /// The new tag of the ICE session.
    pub ice_tag: String,
}

/// An order to a shard. Each is answered by a [`Reply`] of the same shape.
#[derive(Debug)]
pub enum Command {
    /// Takes over a negotiated peer. A publisher replaces the one that the broadcast has.
    Add(Box<Prepared>),
    /// Adds remote candidates.
    Trickle {
        /// Which peer.
        peer: PeerId,
        /// The candidates.
        fragment: IceFragment,
    },
    /// Restarts ICE with the credentials of the fragment (RFC 9725 §4.3.3).
    RestartIce {
        /// Which peer.
        peer: PeerId,
        /// The client's new credentials and candidates.
        fragment: IceFragment,
        /// Our new credentials.
        ice: IceIdentity,
    },
    /// Sets what a viewer wants to get.
    SelectLayer {
        /// Which viewer.
        peer: PeerId,
        /// What it wants.
        selection: LayerSelection,
    },
    /// Ends a peer properly (RTCP BYE, DTLS close_notify).
    ClosePeer {
        /// Which.
        peer: PeerId,
    },
    /// Ends a broadcast and all its peers.
    CloseBroadcast {
        /// Which.
        broadcast: BroadcastId,
    },
    /// Taps a broadcast at its home: what the join caches have, then every packet.
    Tap {
        /// Which.
        broadcast: BroadcastId,
        /// The new tap.
        tap: TapId,
    },
    /// Ends a tap. Ending one that has ended is not an error.
    Untap {
        /// Which.
        tap: TapId,
    },
    /// A tap needs a key frame.
    WantKeyFrame {
        /// Which.
        tap: TapId,
        /// Index of the layer in the tap.
        layer: usize,
    },
    /// Tells our own clients to reconnect, members to join again, and ends every peer.
    Drain {
        /// Where to, if somewhere else.
        url: Option<String>,
    },
}

/// What became of a [`Command`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Done,
    /// ICE was restarted.
    Restarted(RestartAnswer),
    /// Refused.
    Refused(SfuError),
}
