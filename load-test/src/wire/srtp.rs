//! SRTP with the keys of a finished DTLS handshake.
//!
//! RTP under AES-GCM is opened and sealed in place, because copying and allocating for every
//! packet would be most of what a viewer costs; the cipher itself is the crypto provider's. RTCP,
//! and RTP under the older AES-CM profiles, go through `rtc`'s SRTP context.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use rtc::crypto::{AeadAlgorithm, AeadCipher, BlockCipherAlgorithm, RTCCrypto, RTCCryptoProvider};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::dtls::state::State;
use rtc::srtp::config::{Config, LABEL_EXTRACTOR_DTLS_SRTP};
use rtc::srtp::context::Context;
use rtc::srtp::protection_profile::ProtectionProfile;

use super::rtp::header_len;

const GCM_TAG: usize = 16;

/// Both directions of one connection.
pub(crate) struct Srtp {
    inbound: Rtp,
    outbound: Rtp,
    rtcp_in: Context,
    rtcp_out: Context,
    profile: &'static str,
}

enum Rtp {
    InPlace(Gcm),
    Copying(Box<Context>),
}

impl Srtp {
    /// Takes the keys out of the handshake (RFC 5764 §4.2).
    pub(crate) fn from_handshake(state: &State, provider: &Arc<dyn RTCCryptoProvider>) -> Result<Self> {
        let (profile, name) = match state.srtp_protection_profile() {
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => {
                (ProtectionProfile::AeadAes128Gcm, "AEAD_AES_128_GCM")
            }
            SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm => {
                (ProtectionProfile::AeadAes256Gcm, "AEAD_AES_256_GCM")
            }
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => {
                (ProtectionProfile::Aes128CmHmacSha1_80, "AES128_CM_SHA1_80")
            }
            other => bail!("the server chose the SRTP profile {other:?}, which was not offered"),
        };
        let mut config = Config { profile, ..Default::default() };
        let material = state
            .export_keying_material(LABEL_EXTRACTOR_DTLS_SRTP, &[], config.keying_material_len())
            .context("exporting the SRTP keys")?;
        config
            .set_session_keys_from_keying_material(material.as_ref(), state.is_client())
            .context("splitting the SRTP keys")?;
        let keys = &config.keys;
        let crypto = provider.crypto();
        let context = |key: &[u8], salt: &[u8]| {
            Context::new(key, salt, profile, None, None, crypto).context("setting up SRTP")
        };
        let rtp = |key: &[u8], salt: &[u8]| -> Result<Rtp> {
            Ok(match Gcm::new(profile, key, salt, crypto)? {
                Some(gcm) => Rtp::InPlace(gcm),
                None => Rtp::Copying(Box::new(context(key, salt)?)),
            })
        };
        Ok(Self {
            inbound: rtp(&keys.remote_master_key, &keys.remote_master_salt)?,
            outbound: rtp(&keys.local_master_key, &keys.local_master_salt)?,
            rtcp_in: context(&keys.remote_master_key, &keys.remote_master_salt)?,
            rtcp_out: context(&keys.local_master_key, &keys.local_master_salt)?,
            profile: name,
        })
    }

    /// The name of the negotiated protection profile.
    pub(crate) fn profile(&self) -> &'static str {
        self.profile
    }

    /// Decrypts an RTP packet where it lies and says how long it now is, or nothing if it is forged.
    pub(crate) fn open_rtp(&mut self, packet: &mut [u8]) -> Option<usize> {
        match &mut self.inbound {
            Rtp::InPlace(gcm) => gcm.open(packet),
            Rtp::Copying(context) => {
                let plain = context.decrypt_rtp(packet).ok()?;
                packet[..plain.len()].copy_from_slice(&plain);
                Some(plain.len())
            }
        }
    }

    /// Encrypts an RTP packet where it lies.
    pub(crate) fn seal_rtp(&mut self, packet: &mut Vec<u8>) -> Result<()> {
        match &mut self.outbound {
            Rtp::InPlace(gcm) => gcm.seal(packet),
            Rtp::Copying(context) => {
                let sealed = context.encrypt_rtp(packet).context("sealing RTP")?;
                packet.clear();
                packet.extend_from_slice(&sealed);
                Ok(())
            }
        }
    }

    /// Decrypts an RTCP compound.
    pub(crate) fn open_rtcp(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        Some(self.rtcp_in.decrypt_rtcp(packet).ok()?.to_vec())
    }

    /// Encrypts an RTCP compound.
    pub(crate) fn seal_rtcp(&mut self, packet: &[u8]) -> Result<Vec<u8>> {
        Ok(self.rtcp_out.encrypt_rtcp(packet).context("sealing RTCP")?.to_vec())
    }
}

/// RTP under AES-GCM (RFC 7714), in one direction.
struct Gcm {
    cipher: Box<dyn AeadCipher>,
    salt: [u8; 12],
    /// The highest packet index of each SSRC (RFC 3711 §3.3.1); a connection has a handful.
    highest: Vec<(u32, u64)>,
}

impl Gcm {
    fn new(
        profile: ProtectionProfile,
        key: &[u8],
        salt: &[u8],
        crypto: &dyn RTCCrypto,
    ) -> Result<Option<Self>> {
        let (aead, block) = match profile {
            ProtectionProfile::AeadAes128Gcm => (AeadAlgorithm::Aes128Gcm, BlockCipherAlgorithm::Aes128),
            ProtectionProfile::AeadAes256Gcm => (AeadAlgorithm::Aes256Gcm, BlockCipherAlgorithm::Aes256),
            _ => return Ok(None),
        };
        let mut session_key = vec![0; key.len()];
        derive(crypto, block, key, salt, 0, &mut session_key)?;
        let mut session_salt = [0; 12];
        derive(crypto, block, key, salt, 2, &mut session_salt)?;
        let cipher = crypto.new_aead(aead, &session_key).context("setting up AES-GCM")?;
        Ok(Some(Self { cipher, salt: session_salt, highest: Vec::with_capacity(4) }))
    }

    fn index(&self, ssrc: u32, sequence: u16) -> u64 {
        let Some((_, highest)) = self.highest.iter().find(|(known, _)| *known == ssrc) else {
            return u64::from(sequence);
        };
        let distance = sequence.wrapping_sub(*highest as u16) as i16;
        highest.checked_add_signed(i64::from(distance)).unwrap_or(u64::from(sequence))
    }

    fn advance(&mut self, ssrc: u32, index: u64) {
        match self.highest.iter_mut().find(|(known, _)| *known == ssrc) {
            Some((_, highest)) => *highest = index.max(*highest),
            None => self.highest.push((ssrc, index)),
        }
    }

    fn nonce(&self, ssrc: u32, index: u64) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[6..12].copy_from_slice(&index.to_be_bytes()[2..]);
        for (byte, salt) in nonce.iter_mut().zip(self.salt) {
            *byte ^= salt;
        }
        nonce
    }

    fn open(&mut self, packet: &mut [u8]) -> Option<usize> {
        let header = header_len(packet)?;
        let end = packet.len().checked_sub(GCM_TAG)?;
        if end < header {
            return None;
        }
        let (ssrc, sequence) = names(packet);
        let index = self.index(ssrc, sequence);
        let nonce = self.nonce(ssrc, index);
        let (aad, rest) = packet.split_at_mut(header);
        let (cipher_text, tag) = rest.split_at_mut(end - header);
        self.cipher.open_in_place(&nonce, aad, cipher_text, tag).ok()?;
        self.advance(ssrc, index);
        Some(end)
    }

    fn seal(&mut self, packet: &mut Vec<u8>) -> Result<()> {
        let header = header_len(packet).context("sealing something that is not RTP")?;
        let (ssrc, sequence) = names(packet);
        let index = self.index(ssrc, sequence);
        let nonce = self.nonce(ssrc, index);
        let mut tag = [0; GCM_TAG];
        let (aad, plain) = packet.split_at_mut(header);
        self.cipher.seal_in_place(&nonce, aad, plain, &mut tag).context("sealing RTP")?;
        packet.extend_from_slice(&tag);
        self.advance(ssrc, index);
        Ok(())
    }
}

/// SSRC and sequence number of a packet whose header has been checked.
fn names(packet: &[u8]) -> (u32, u16) {
    (
        u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]),
        u16::from_be_bytes([packet[2], packet[3]]),
    )
}

/// The key derivation of RFC 3711 §4.3.3 with a rate of zero.
fn derive(
    crypto: &dyn RTCCrypto,
    block: BlockCipherAlgorithm,
    key: &[u8],
    salt: &[u8],
    label: u8,
    out: &mut [u8],
) -> Result<()> {
    let mut input = [0; 16];
    input[..salt.len()].copy_from_slice(salt);
    input[7] ^= label;
    for (counter, chunk) in out.chunks_mut(16).enumerate() {
        let mut stream = input;
        stream[14..].copy_from_slice(&(counter as u16).to_be_bytes());
        crypto.block_encrypt(block, key, &mut stream).context("deriving an SRTP key")?;
        chunk.copy_from_slice(&stream[..chunk.len()]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::rtp::{RtpFields, RtpPacket, write_header};

    fn pair(profile: ProtectionProfile) -> (Gcm, Context) {
        let provider = rtc::crypto::default_provider().unwrap();
        let key: Vec<u8> = (0..profile.key_len() as u8).collect();
        let salt = [7; 12];
        let gcm = Gcm::new(profile, &key, &salt, provider.crypto()).unwrap().unwrap();
        let reference = Context::new(&key, &salt, profile, None, None, provider.crypto()).unwrap();
        (gcm, reference)
    }

    fn packet(sequence: u16) -> Vec<u8> {
        let mut packet = Vec::new();
        let fields = RtpFields { marker: false, payload_type: 96, sequence, timestamp: 1, ssrc: 42 };
        write_header(&mut packet, &fields, &[(1, b"0")]);
        packet.extend_from_slice(b"the payload");
        packet
    }

    #[test]
    fn the_in_place_path_agrees_with_the_reference_across_the_rollover() {
        for profile in [ProtectionProfile::AeadAes128Gcm, ProtectionProfile::AeadAes256Gcm] {
            let (mut gcm, mut reference) = pair(profile);
            for sequence in [65_533, 65_534, 65_535, 0, 1] {
                let mut ours = packet(sequence);
                gcm.seal(&mut ours).unwrap();
                let opened = reference.decrypt_rtp(&ours).unwrap();
                assert_eq!(&opened[..], packet(sequence), "{profile:?} {sequence}");
            }
            let (mut gcm, mut reference) = pair(profile);
            for sequence in [65_533, 65_534, 0, 65_535, 1] {
                let mut theirs = reference.encrypt_rtp(&packet(sequence)).unwrap().to_vec();
                let len = gcm.open(&mut theirs).unwrap();
                let read = RtpPacket::parse(&theirs[..len]).unwrap();
                assert_eq!(read.payload, b"the payload");
            }
        }
    }

    #[test]
    fn a_forged_packet_is_refused() {
        let (mut gcm, mut reference) = pair(ProtectionProfile::AeadAes128Gcm);
        let mut forged = reference.encrypt_rtp(&packet(5)).unwrap().to_vec();
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(gcm.open(&mut forged), None);
        assert_eq!(gcm.open(&mut [0x80; 20]), None);
    }
}
