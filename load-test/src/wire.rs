//! What travels on the wire: SDP, ICE and DTLS, SRTP, RTP, RTCP and SCTP.
//!
//! ICE, DTLS, SRTP and SCTP are those of the sans-IO `rtc` crate, driven directly instead of through its
//! peer connection: one viewer of hundreds must cost about a microsecond a packet, and a test tool
//! must see the packets as they came, duplicates and retransmissions included. Everything here is
//! free of sockets; [`crate::driver`] moves the datagrams.

pub(crate) mod channel;
pub(crate) mod holes;
pub(crate) mod loss;
pub(crate) mod rtcp;
pub(crate) mod rtp;
pub(crate) mod sdp;
pub(crate) mod srtp;
pub(crate) mod transport;
pub(crate) mod twcc;
