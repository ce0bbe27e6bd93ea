//! SRTP and SRTCP of one viewer (RFC 3711, RFC 7714), with the keys that its DTLS handshake gave.
//!
//! str0m does the handshake and hands the keying material to us as well (see [`crate::dtls`]). From
//! then on it neither sends nor gets RTP or RTCP of this peer: an index that both of us counted would
//! use a nonce twice.

use std::fmt;

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use smallvec::SmallVec;
use str0m::config::KeyingMaterial;
use str0m::crypto::dtls::SrtpProfile;
use str0m::crypto::{Aes128CmSha1_80Cipher, CryptoProvider, Sha1HmacProvider, SrtpProvider};

use crate::prefetch::prefetch_behind;

/// Labels of RFC 3711 §4.3.1 and §4.3.2.
const RTP_KEY: u8 = 0;
const RTP_AUTH: u8 = 1;
const RTP_SALT: u8 = 2;
const RTCP_KEY: u8 = 3;
const RTCP_AUTH: u8 = 4;
const RTCP_SALT: u8 = 5;

/// Bytes of the authentication tag under AEAD AES-GCM (RFC 7714 §13).
const GCM_TAG: usize = 16;

/// Bytes that aws-lc keeps of an AES-GCM key (`EVP_AEAD_CTX`): the expanded key and a table of its hash.
const GCM_STATE: usize = 584;

/// Bytes of the authentication tag of `AES_CM_128_HMAC_SHA1_80`.
const SHA1_TAG: usize = 10;

/// The E flag of SRTCP: the packet is encrypted.
const ENCRYPTED: u32 = 0x8000_0000;

/// SSRCs whose indices are remembered. An authenticated peer may use more; the oldest is forgotten.
const MOST_SOURCES: usize = 16;

/// SSRC and fixed header of RTCP, which stay readable.
const RTCP_CLEAR: usize = 8;

/// What a DTLS handshake agreed on.
pub struct Keys {
    /// Keying material (RFC 5764 §4.2): client key, server key, client salt, server salt.
    pub material: KeyingMaterial,
    /// Negotiated profile.
    pub profile: SrtpProfile,
    /// Whether we were the DTLS client.
    pub active: bool,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("profile", &self.profile).finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum Cipher {
    /// Without a box around it: one address less to wait for with every packet of a viewer.
    Gcm(LessSafeKey),
    Cm(Box<dyn Aes128CmSha1_80Cipher>, [u8; 20]),
}

impl Cipher {
    /// `None` where the key does not have the length that the algorithm wants.
    fn gcm(algorithm: &'static Algorithm, key: &[u8]) -> Option<Self> {
        UnboundKey::new(algorithm, key).ok().map(LessSafeKey::new).map(Self::Gcm)
    }
}

/// One direction of RTP or RTCP.
#[derive(Debug)]
pub(super) struct Direction {
    cipher: Cipher,
    salt: [u8; 14],
}

/// Seals what goes to a viewer and opens the RTCP that comes from it.
#[derive(Debug)]
pub(super) struct Srtp {
    rtp_out: Direction,
    rtcp_out: Direction,
    rtcp_in: Direction,
    hmac: &'static dyn Sha1HmacProvider,
    rtcp_index: u32,
    /// What was seen from each SSRC: browsers report with one for each track, and count for each.
    replay: SmallVec<[Seen; 4]>,
    scratch: Vec<u8>,
}

impl Srtp {
    /// `None` for a profile that we do not know.
    pub(super) fn new(keys: &Keys, crypto: &CryptoProvider) -> Option<Self> {
        let (key_len, salt_len) = match keys.profile {
            SrtpProfile::AES128_CM_SHA1_80 => (16, 14),
            SrtpProfile::AEAD_AES_128_GCM => (16, 12),
            SrtpProfile::AEAD_AES_256_GCM => (32, 12),
            _ => return None,
        };
        let material: &[u8] = &keys.material;
        let part = |at: usize, length: usize| material.get(at..at + length);
        let client = (part(0, key_len)?, part(2 * key_len, salt_len)?);
        let server = (part(key_len, key_len)?, part(2 * key_len + salt_len, salt_len)?);
        let (ours, theirs) = if keys.active { (client, server) } else { (server, client) };
        let direction = |master: (&[u8], &[u8]), rtcp: bool, seal: bool| {
            Direction::new(master, keys.profile, crypto.srtp_provider, rtcp, seal)
        };
        Some(Self {
            rtp_out: direction(ours, false, true)?,
            rtcp_out: direction(ours, true, true)?,
            rtcp_in: direction(theirs, true, false)?,
            hmac: crypto.sha1_hmac_provider,
            rtcp_index: 0,
            replay: SmallVec::new(),
            scratch: Vec::new(),
        })
    }

    /// What [`Self::open_rtcp`] reads.
    pub(super) const fn rtcp_in(&self) -> &Direction {
        &self.rtcp_in
    }

    /// What [`Self::seal_rtp`] reads.
    pub(super) const fn rtp_out(&self) -> &Direction {
        &self.rtp_out
    }

    /// Bytes that sealing adds to an RTP packet.
    pub(super) const fn overhead(&self) -> usize {
        match self.rtp_out.cipher {
            Cipher::Gcm(_) => GCM_TAG,
            Cipher::Cm(..) => SHA1_TAG,
        }
    }

    /// Seals an RTP packet. `packet` holds the header, room for the payload and
    /// [`Self::overhead`] bytes more; `index` is the extended sequence number. False where the crypto
    /// library refuses.
    pub(super) fn seal_rtp(
        &mut self,
        packet: &mut [u8],
        header: usize,
        payload: &[u8],
        ssrc: u32,
        index: u64,
    ) -> bool {
        let (head, body) = packet.split_at_mut(header);
        let Direction { cipher, salt } = &mut self.rtp_out;
        match cipher {
            Cipher::Gcm(key) => {
                let Some((text, tag)) = body.split_at_mut_checked(payload.len()) else { return false };
                text.copy_from_slice(payload);
                gcm_seal(key, gcm_rtp_iv(salt, ssrc, index), head, text, tag)
            }
            Cipher::Cm(cipher, auth) => {
                // The library wants room for a whole block behind its output.
                self.scratch.resize(payload.len() + 15, 0);
                if cipher.encrypt(&cm_iv(salt, ssrc, index), payload, &mut self.scratch).is_err() {
                    return false;
                }
                body[..payload.len()].copy_from_slice(&self.scratch[..payload.len()]);
                let roc = ((index >> 16) as u32).to_be_bytes();
                let tag = self.hmac.sha1_hmac(auth, &[head, &body[..payload.len()], &roc]);
                body[payload.len()..payload.len() + SHA1_TAG].copy_from_slice(&tag[..SHA1_TAG]);
                true
            }
        }
    }

    /// Seals a compound RTCP packet, which begins at `start` of `buffer`, where it lies.
    pub(super) fn seal_rtcp(&mut self, buffer: &mut Vec<u8>, start: usize) -> bool {
        let Some(clear) = buffer.get(start..).filter(|packet| packet.len() > RTCP_CLEAR) else {
            return false;
        };
        let ssrc = word(clear, 4);
        self.rtcp_index = (self.rtcp_index + 1) & !ENCRYPTED;
        let index = self.rtcp_index;
        let length = clear.len() - RTCP_CLEAR;
        let body = start + RTCP_CLEAR;
        let trailer = (index | ENCRYPTED).to_be_bytes();
        let Direction { cipher, salt } = &mut self.rtcp_out;
        match cipher {
            Cipher::Gcm(key) => {
                let aad = rtcp_aad(&buffer[start..], trailer);
                buffer.resize(body + length + GCM_TAG, 0);
                let (text, tag) = buffer[body..].split_at_mut(length);
                let sealed = gcm_seal(key, gcm_rtcp_iv(salt, ssrc, index), &aad, text, tag);
                buffer.extend_from_slice(&trailer);
                sealed
            }
            Cipher::Cm(cipher, auth) => {
                self.scratch.clear();
                self.scratch.extend_from_slice(&buffer[body..]);
                buffer.resize(body + length + 15, 0);
                let sealed =
                    cipher.encrypt(&cm_iv(salt, ssrc, u64::from(index)), &self.scratch, &mut buffer[body..]);
                buffer.truncate(body + length);
                buffer.extend_from_slice(&trailer);
                let tag = self.hmac.sha1_hmac(auth, &[&buffer[start..]]);
                buffer.extend_from_slice(&tag[..SHA1_TAG]);
                sealed.is_ok()
            }
        }
    }

    /// How far the index of an SRTCP packet is ahead of the newest of its SSRC, if that is known. Nothing of
    /// this is authentic.
    pub(super) fn rtcp_ahead(&self, packet: &[u8]) -> Option<u32> {
        let tag = match &self.rtcp_in.cipher {
            Cipher::Gcm(_) => 0,
            Cipher::Cm(..) => SHA1_TAG,
        };
        let index_at = packet.len().checked_sub(tag + 4).filter(|at| *at >= RTCP_CLEAR)?;
        let ssrc = word(packet, 4);
        let seen = self.replay.iter().find(|seen| seen.ssrc == ssrc)?;
        (word(packet, index_at) & !ENCRYPTED).checked_sub(seen.newest)
    }

    /// Opens an SRTCP packet into `into`, which is cleared first, and tells whether it is the newest of its
    /// SSRC. `None` for one that is forged, replayed or not encrypted.
    pub(super) fn open_rtcp(&mut self, packet: &[u8], into: &mut Vec<u8>) -> Option<bool> {
        into.clear();
        let Direction { cipher, salt } = &mut self.rtcp_in;
        let (tag_last, tag) = match cipher {
            Cipher::Gcm(_) => (false, GCM_TAG),
            Cipher::Cm(..) => (true, SHA1_TAG),
        };
        let length = packet.len().checked_sub(RTCP_CLEAR + 4 + tag)?;
        let index_at = if tag_last { packet.len() - tag - 4 } else { packet.len() - 4 };
        let trailer = word(packet, index_at);
        let (index, ssrc) = (trailer & !ENCRYPTED, word(packet, 4));
        let known = self.replay.iter().position(|seen| seen.ssrc == ssrc);
        if trailer & ENCRYPTED == 0 || known.is_some_and(|at| self.replay[at].has(index)) {
            return None;
        }
        into.extend_from_slice(&packet[..RTCP_CLEAR]);
        let opened = match cipher {
            Cipher::Gcm(key) => {
                into.resize(RTCP_CLEAR + length, 0);
                let nonce = Nonce::assume_unique_for_key(gcm_rtcp_iv(salt, ssrc, index));
                let aad = Aad::from(rtcp_aad(packet, trailer.to_be_bytes()));
                let (text, tag) = packet[RTCP_CLEAR..index_at].split_at(length);
                key.open_separate_gather(nonce, aad, text, tag, &mut into[RTCP_CLEAR..]).is_ok()
            }
            Cipher::Cm(cipher, auth) => {
                let expected = self.hmac.sha1_hmac(auth, &[&packet[..index_at + 4]]);
                into.resize(RTCP_CLEAR + length + 15, 0);
                let iv = cm_iv(salt, ssrc, u64::from(index));
                let decrypted = cipher.decrypt(&iv, &packet[RTCP_CLEAR..index_at], &mut into[RTCP_CLEAR..]);
                into.truncate(RTCP_CLEAR + length);
                same(&expected[..SHA1_TAG], &packet[index_at + 4..]) && decrypted.is_ok()
            }
        };
        if !opened {
            return None;
        }
        let newest = known.is_none_or(|at| index > self.replay[at].newest);
        match known {
            Some(at) => self.replay[at].add(index),
            None => {
                if self.replay.len() == MOST_SOURCES {
                    self.replay.remove(0);
                }
                self.replay.push(Seen { ssrc, newest: index, mask: 1 });
            }
        }
        Some(newest)
    }
}

impl Direction {
    /// Asks the processor for the expanded key, which should be done a turn after it was asked for the rest.
    pub(super) fn prefetch_key(&self) {
        if let Cipher::Gcm(key) = &self.cipher {
            prefetch_behind(key, GCM_STATE);
        }
    }

    fn new(
        (key, master_salt): (&[u8], &[u8]),
        profile: SrtpProfile,
        provider: &dyn SrtpProvider,
        rtcp: bool,
        seal: bool,
    ) -> Option<Self> {
        let derive = |label: u8, out: &mut [u8]| derive(provider, key, master_salt, label, out);
        let mut salt = [0; 14];
        derive(if rtcp { RTCP_SALT } else { RTP_SALT }, &mut salt[..master_salt.len()]);
        let label = if rtcp { RTCP_KEY } else { RTP_KEY };
        let cipher = match profile {
            SrtpProfile::AEAD_AES_256_GCM => {
                let mut key = [0; 32];
                derive(label, &mut key);
                Cipher::gcm(&AES_256_GCM, &key)?
            }
            SrtpProfile::AEAD_AES_128_GCM => {
                let mut key = [0; 16];
                derive(label, &mut key);
                Cipher::gcm(&AES_128_GCM, &key)?
            }
            _ => {
                let (mut key, mut auth) = ([0; 16], [0; 20]);
                derive(label, &mut key);
                derive(if rtcp { RTCP_AUTH } else { RTP_AUTH }, &mut auth);
                Cipher::Cm(provider.aes_128_cm_sha1_80().create_cipher(key, seal), auth)
            }
        };
        Some(Self { cipher, salt })
    }
}

/// Seals `text` where it lies and writes the tag behind it. False where there is no room for that, or the
/// library refuses.
fn gcm_seal(key: &LessSafeKey, iv: [u8; 12], aad: &[u8], text: &mut [u8], tag: &mut [u8]) -> bool {
    let Ok(tag) = <&mut [u8; GCM_TAG]>::try_from(tag) else { return false };
    // No index is given to two packets of an SSRC, and all repairs have one of their own.
    let nonce = Nonce::assume_unique_for_key(iv);
    match key.seal_in_place_separate_tag(nonce, Aad::from(aad), text) {
        Ok(sealed) => tag.copy_from_slice(sealed.as_ref()),
        Err(_) => return false,
    }
    true
}

/// The key derivation of RFC 3711 §4.3 with a key derivation rate of 0.
fn derive(provider: &dyn SrtpProvider, key: &[u8], salt: &[u8], label: u8, out: &mut [u8]) {
    let mut block = [0_u8; 16];
    block[..salt.len()].copy_from_slice(salt);
    block[7] ^= label;
    for (count, chunk) in out.chunks_mut(16).enumerate() {
        block[14..].copy_from_slice(&(count as u16).to_be_bytes());
        // The library writes one block of padding behind the first.
        let mut stream = [0_u8; 32];
        if key.len() == 32 {
            provider.srtp_aes_256_ecb_round(key, &block, &mut stream);
        } else {
            provider.srtp_aes_128_ecb_round(key, &block, &mut stream);
        }
        chunk.copy_from_slice(&stream[..chunk.len()]);
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// RFC 7714 §8.1: two zero bytes, SSRC, rollover counter, sequence number, mixed with the salt.
fn gcm_rtp_iv(salt: &[u8; 14], ssrc: u32, index: u64) -> [u8; 12] {
    let mut iv = [0; 12];
    iv[2..6].copy_from_slice(&ssrc.to_be_bytes());
    iv[6..].copy_from_slice(&index.to_be_bytes()[2..]);
    iv.iter_mut().zip(salt).for_each(|(byte, salt)| *byte ^= salt);
    iv
}

/// RFC 7714 §9.1.
fn gcm_rtcp_iv(salt: &[u8; 14], ssrc: u32, index: u32) -> [u8; 12] {
    gcm_rtp_iv(salt, ssrc, u64::from(index))
}

/// RFC 3711 §4.1.1: salt · 2^16 XOR SSRC · 2^64 XOR index · 2^16.
fn cm_iv(salt: &[u8; 14], ssrc: u32, index: u64) -> [u8; 16] {
    let mut iv = [0; 16];
    iv[..14].copy_from_slice(salt);
    iv[4..8].iter_mut().zip(ssrc.to_be_bytes()).for_each(|(byte, ssrc)| *byte ^= ssrc);
    iv[6..14].iter_mut().zip(index.to_be_bytes()).for_each(|(byte, index)| *byte ^= index);
    iv
}

/// RFC 7714 §9.2: the readable header and the index are authenticated.
fn rtcp_aad(packet: &[u8], trailer: [u8; 4]) -> [u8; 12] {
    let mut aad = [0; 12];
    aad[..RTCP_CLEAR].copy_from_slice(&packet[..RTCP_CLEAR]);
    aad[RTCP_CLEAR..].copy_from_slice(&trailer);
    aad
}

/// Newest SRTCP index of one SSRC, and which of the 64 before it were seen (RFC 3711 §3.3.2).
#[derive(Debug, Clone, Copy)]
struct Seen {
    ssrc: u32,
    newest: u32,
    mask: u64,
}

impl Seen {
    const fn has(&self, index: u32) -> bool {
        match self.newest.checked_sub(index) {
            None => false,
            Some(behind) => behind >= 64 || self.mask & (1 << behind) != 0,
        }
    }

    const fn add(&mut self, index: u32) {
        if index > self.newest {
            let ahead = index - self.newest;
            self.mask = if ahead >= 64 { 1 } else { self.mask << ahead | 1 };
            self.newest = index;
        } else {
            self.mask |= 1 << (self.newest - index);
        }
    }
}

/// Compares without telling by its time where two tags differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

#[cfg(test)]
mod tests;
