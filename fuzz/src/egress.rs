//! The send path of one viewer with keys that are known, so that chosen bytes get behind SRTP.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use sluice_domain::{Codec, MediaKind, MediaTime};
use sluice_media::PacketInfo;
use sluice_sfu_engine::Path;
use sluice_sfu_engine::egress::{Egress, Ids, Keys, OutStream};
use sluice_sfu_engine::packet::{Carried, MediaPacket, SourceId};
use sluice_sfu_engine::viewer::Rewritten;
use str0m::config::KeyingMaterial;
use str0m::crypto::dtls::SrtpProfile;
use str0m::crypto::{AeadAes128GcmCipher, CryptoProvider};
use str0m::format::FormatParams;

/// SSRC of the video.
pub const VIDEO: u32 = 0x71de_0000;
/// The time of day of every run.
pub const UTC: MediaTime = MediaTime(1_800_000_000_000_000);

/// Our address and the viewer's.
pub const PATH: Path = Path::udp(
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 1),
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 2),
);

fn material() -> Vec<u8> {
    (0..56).collect()
}

/// A viewer with audio, video and retransmissions.
pub fn egress(crypto: &CryptoProvider, ids: Ids, now: Instant) -> Egress {
    let keys = Keys {
        material: KeyingMaterial::new(&material()),
        profile: SrtpProfile::AEAD_AES_128_GCM,
        active: false,
    };
    let stream = |ssrc, rtx: Option<u32>, rate, mid: &str| {
        let pts = rtx.iter().map(|_| (96, 97)).collect();
        OutStream::new((ssrc, rtx), ids, rate, pts, mid.into(), 7)
    };
    let tracks = (Some(stream(1, None, 48_000, "a")), Some(stream(VIDEO, Some(2), 90_000, "v")));
    let egress = Egress::new(&keys, crypto, PATH, tracks, "name".to_owned(), 1_000_000, now);
    egress.expect("the keys fit the profile")
}

/// A packet of video.
pub fn packet(seq: u64, payload: usize, carried: Carried, now: Instant) -> MediaPacket {
    MediaPacket {
        source: SourceId(1),
        kind: MediaKind::Video,
        layer: 0,
        codec: Codec::H264,
        format: FormatParams::default(),
        seq,
        timestamp: 0,
        marker: false,
        payload: vec![1; payload].into(),
        arrived: now,
        captured: UTC,
        estimated: false,
        info: PacketInfo::default(),
        carried,
    }
}

/// What it becomes.
pub fn rewritten(seq: u64, frame_number: Option<u16>) -> Rewritten {
    Rewritten { seq, timestamp: 9, picture_id: None, tl0: None, key_idx: None, frame_number, changed: false }
}

/// Seals RTCP as the viewer does (RFC 7714 §9).
pub struct Player {
    cipher: Box<dyn AeadAes128GcmCipher>,
    salt: [u8; 12],
    index: u32,
}

impl Player {
    /// The other end of [`egress`].
    pub fn new(crypto: &CryptoProvider) -> Self {
        let material = material();
        let derive = |label: u8| {
            // RFC 3711 §4.3: labels 3 and 5 are the key and the salt of SRTCP.
            let mut block = [0; 16];
            block[..12].copy_from_slice(&material[32..44]);
            block[7] ^= label;
            let mut out = [0; 32];
            crypto.srtp_provider.srtp_aes_128_ecb_round(&material[..16], &block, &mut out);
            out
        };
        let key = *derive(3).first_chunk().expect("32 bytes");
        let salt = *derive(5).first_chunk().expect("32 bytes");
        Self { cipher: crypto.srtp_provider.aead_aes_128_gcm().create_cipher(key, true), salt, index: 0 }
    }

    /// Seals a compound of at least 8 bytes.
    pub fn seal(&mut self, plain: &[u8]) -> Vec<u8> {
        self.index += 1;
        let trailer = (self.index | 0x8000_0000).to_be_bytes();
        let (clear, body) = plain.split_at(8);
        let mut iv = [0; 12];
        iv[2..6].copy_from_slice(&clear[4..8]);
        iv[8..].copy_from_slice(&self.index.to_be_bytes());
        iv.iter_mut().zip(self.salt).for_each(|(byte, salt)| *byte ^= salt);
        let mut out = vec![0; body.len() + 16];
        let aad = [clear, &trailer[..]].concat();
        self.cipher.encrypt(&iv, &aad, body, &mut out).expect("there is room for the tag");
        [clear, &out, &trailer[..]].concat()
    }
}
