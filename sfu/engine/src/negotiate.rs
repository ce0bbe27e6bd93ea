//! From an offer to an answer and a peer that a shard can take over.
//!
//! Parsing, certificates and the first steps of str0m cost a good part of a millisecond, so they
//! happen on the thread that serves the HTTP request; the finished peer is sent to its shard.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_domain::{BroadcastId, Codec, MediaKind, PeerId, StreamId};
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::config::DtlsCert;
use str0m::crypto::CryptoProvider;
use str0m::crypto::dtls::DtlsVersion;
use str0m::format::Codec as StrCodec;
use str0m::ice::IceCreds;
use str0m::media::{Frequency, Mid, Pt};
use str0m::{Rtc, RtcConfig};

use crate::candidate::Candidates;
use crate::chat::MAX_BUFFERED_BYTES;
use crate::command::WatchOptions;
use crate::config::{EngineConfig, IceMode};
use crate::dtls;
use crate::error::SfuError;
use crate::extension;
use crate::peer::Sending;
use crate::relay::WorkerId;
use crate::sdp::{self, Flow, Offer, PayloadType};

/// Bytes that wait in the control channel at most, and for the last words of a chat.
const CONTROL_BYTES: usize = 32 * 1024;

/// What a peer is for.
#[derive(Debug, Clone)]
pub enum Role {
    /// Sends media into a broadcast.
    Publisher(BroadcastId),
    /// Gets a broadcast's media.
    Viewer(BroadcastId, WatchOptions),
    /// Has no media, only a chat.
    Member,
    /// Has neither media nor a chat: it measures its connection by the channel `sluice-echo`.
    Probe,
}

impl Role {
    /// The broadcast that the peer belongs to.
    pub const fn broadcast(&self) -> Option<BroadcastId> {
        match self {
            Self::Publisher(broadcast) | Self::Viewer(broadcast, _) => Some(*broadcast),
            Self::Member | Self::Probe => None,
        }
    }
}

/// ICE credentials of our side, made from entropy by the caller.
#[derive(Debug, Clone)]
pub struct IceIdentity {
    /// `a=ice-ufrag`: at least 24 bits of entropy.
    pub ufrag: String,
    /// `a=ice-pwd`: at least 128 bits of entropy.
    pub pwd: String,
}

/// A negotiated peer on its way to its shard.
pub struct Prepared {
    /// Its id.
    pub peer: PeerId,
    /// What it is for.
    pub role: Role,
    /// The chat that it may take part in.
    pub chat: Option<StreamId>,
    /// Worker of the broadcast's publisher, where a viewer goes to another.
    pub home: Option<WorkerId>,
    /// Our credentials; the demultiplexer finds the peer by the user name.
    pub ice: IceIdentity,
    /// The offer, kept for ICE restarts.
    pub offer: Offer,
    /// m-section of the audio track.
    pub audio: Option<Track>,
    /// m-section of the video track.
    pub video: Option<Track>,
    pub(crate) rtc: Rtc,
    pub(crate) crypto: Arc<CryptoProvider>,
    /// What the send path of a viewer is made of.
    pub(crate) sending: Option<Sending>,
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("peer", &self.peer).field("role", &self.role).finish_non_exhaustive()
    }
}

/// A negotiated m-section.
#[derive(Debug, Clone)]
pub struct Track {
    /// Its `a=mid`.
    pub mid: Mid,
    /// What it may carry, in the client's order of preference.
    pub payload_types: Vec<PayloadType>,
}

/// The HTTP side of a negotiation.
#[derive(Debug, Clone)]
pub struct Answer {
    /// SDP answer, CRLF line ends.
    pub sdp: String,
    /// Tag of this ICE session.
    pub ice_tag: String,
    /// Index of the video m-line.
    pub video_index: Option<usize>,
}

/// Makes answers; one a node.
pub struct Negotiator {
    config: EngineConfig,
    cert: DtlsCert,
    candidates: Candidates,
    crypto: Arc<CryptoProvider>,
}

impl std::fmt::Debug for Negotiator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Negotiator").field("candidates", &self.candidates).finish_non_exhaustive()
    }
}

impl Negotiator {
    /// `candidates` are what answers announce. One certificate serves every peer of the node;
    /// `None` if the TLS library makes none.
    pub fn new(config: EngineConfig, candidates: impl Into<Candidates>) -> Option<Self> {
        let crypto = crate::dtls::provider();
        let cert = crypto.dtls_provider.generate_certificate()?;
        Some(Self { config, cert, candidates: candidates.into(), crypto: Arc::new(crypto) })
    }

    /// Answers an offer. The peer may take part in the chat `chat`, if one is given, by opening the data channel
    /// `sluice-chat`.
    ///
    /// # Errors
    /// Those of [`Offer::parse`], and [`SfuError::MalformedSdp`] where str0m refuses.
    pub fn accept(
        &self,
        peer: PeerId,
        role: Role,
        chat: Option<StreamId>,
        offer: &str,
        ice: IceIdentity,
        now: Instant,
    ) -> Result<(Prepared, Answer), SfuError> {
        let flow = match role {
            Role::Publisher(_) => Flow::Publish,
            Role::Viewer(..) => Flow::Watch,
            Role::Member | Role::Probe => Flow::Chat,
        };
        let offer = Offer::parse(offer, flow)?;
        let (mut rtc, keys) = dtls::collect(|| self.rtc_config(&role, &offer, &ice).build(now));
        for candidate in self.candidates.local().map_err(SfuError::MalformedSdp)? {
            rtc.add_local_candidate(candidate);
        }
        let answer = answer(&mut rtc, &offer.text).map_err(SfuError::MalformedSdp)?;
        let sdp = sdp::finish_answer(&answer.to_sdp_string(), &self.candidates.lines());
        let answer = Answer { sdp, ice_tag: ice_tag(&ice.ufrag), video_index: offer.video_index() };
        let track = |kind| {
            let section = offer.sections.iter().find(|s| s.active && s.kind == Some(kind))?;
            let negotiated = !section.payload_types.is_empty();
            negotiated.then(|| Track {
                mid: Mid::from(section.mid.as_str()),
                payload_types: section.payload_types.clone(),
            })
        };
        let (audio, video) = (track(MediaKind::Audio), track(MediaKind::Video));
        let crypto = Arc::clone(&self.crypto);
        let sending = match (&role, keys) {
            (Role::Viewer(..), Some(keys)) => Some(Sending {
                keys,
                audio: audio.clone(),
                video: video.clone(),
                cname: cname(&answer.sdp),
                initial_estimate: self.config.initial_estimate,
            }),
            _ => None,
        };
        Ok((
            Prepared { peer, role, chat, home: None, ice, offer, audio, video, rtc, crypto, sending },
            answer,
        ))
    }

    fn rtc_config(&self, role: &Role, offer: &Offer, ice: &IceIdentity) -> RtcConfig {
        let mut config = RtcConfig::new()
            .set_crypto_provider(Arc::clone(&self.crypto))
            .set_dtls_cert(self.cert.clone())
            // dimpl's 1.3 server follows the client's profile order, which ends in AES-CM with
            // Chromium; its 1.2 server prefers AEAD AES-GCM.
            .set_dtls_version(DtlsVersion::Dtls12)
            .set_local_ice_credentials(IceCreds { ufrag: ice.ufrag.clone(), pass: ice.pwd.clone() })
            .set_ice_lite(self.config.ice == IceMode::Lite)
            .set_rtp_mode(true)
            .set_sctp_max_buffered_amount(MAX_BUFFERED_BYTES + CONTROL_BYTES)
            .clear_codecs()
            .set_extension_map(extension::negotiable());
        // RTP and RTCP of viewers go past str0m.
        if matches!(role, Role::Publisher(_)) {
            config = config.set_stats_interval(Some(Duration::from_secs(1)));
        }
        // The peer's own payload types in the peer's own order: every profile matches exactly (T7),
        // and the answer keeps the client's preference (RFC 3264 §6.1).
        for payload_type in offer.sections.iter().flat_map(|section| &section.payload_types) {
            add_payload_type(&mut config, payload_type, role);
        }
        config
    }
}

fn add_payload_type(config: &mut RtcConfig, payload_type: &PayloadType, role: &Role) {
    let (codec, clock_rate, channels) = match payload_type.codec {
        Codec::H264 => (StrCodec::H264, Frequency::NINETY_KHZ, None),
        Codec::H265 => (StrCodec::H265, Frequency::NINETY_KHZ, None),
        Codec::Vp8 => (StrCodec::Vp8, Frequency::NINETY_KHZ, None),
        Codec::Vp9 => (StrCodec::Vp9, Frequency::NINETY_KHZ, None),
        Codec::Av1 => (StrCodec::Av1, Frequency::NINETY_KHZ, None),
        Codec::Opus => (StrCodec::Opus, Frequency::FORTY_EIGHT_KHZ, Some(2)),
    };
    let mut format = payload_type.format;
    if matches!((payload_type.codec, role), (Codec::Opus, Role::Publisher(_))) {
        // Tells browsers that stereo is welcome; they send mono otherwise (RFC 7587 §6.1).
        format.stereo = Some(true);
        format.use_inband_fec = Some(true);
    }
    let resend = payload_type.rtx.map(Pt::from);
    config.codec_config().add_config(Pt::from(payload_type.pt), resend, codec, clock_rate, channels, format);
}

/// Lets str0m answer an offer. It panics on some of them (payload types that it cannot tell apart,
/// none left to assign), and an offer is a stranger's: a panic counts as a refusal. What it leaves
/// of `rtc` must not be used any more.
pub(crate) fn answer(rtc: &mut Rtc, offer: &str) -> Result<SdpAnswer, String> {
    let accept = || {
        let offer = SdpOffer::from_sdp_string(offer).map_err(|error| error.to_string())?;
        rtc.sdp_api().accept_offer(offer).map_err(|error| error.to_string())
    };
    catch_unwind(AssertUnwindSafe(accept)).unwrap_or_else(|_| {
        rtc.disconnect();
        Err("its payload types contradict each other".to_owned())
    })
}

/// The canonical name that an answer gives to our streams.
fn cname(answer: &str) -> String {
    let named = answer.lines().find_map(|line| line.strip_prefix("a=ssrc:")?.split_once(" cname:"));
    named.map_or("sluice", |(_, name)| name).trim().to_owned()
}

/// A tag that changes with every ICE session and does not give the user name away in full.
pub(crate) fn ice_tag(ufrag: &str) -> String {
    // FNV-1a: the tag needs to be different, not secret.
    let hash = ufrag.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}
