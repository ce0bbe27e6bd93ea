//! Vectors of the RFCs, another implementation as second opinion, and what must be refused.

use std::collections::HashSet;

use rtc::srtp::context::Context;
use rtc::srtp::protection_profile::ProtectionProfile;

use super::*;

const PROFILES: [SrtpProfile; 3] =
    [SrtpProfile::AEAD_AES_128_GCM, SrtpProfile::AEAD_AES_256_GCM, SrtpProfile::AES128_CM_SHA1_80];

/// A first RTCP packet of 32 bytes.
const REPORT: [u8; 32] = *b"\x81\xc9\x00\x07\x00\x00\x00\x01\x00\x00\x00\x02abcdefghijklmnopqrst";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.bytes().filter_map(|digit| Some(char::from(digit).to_digit(16)? as u8)).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn lengths(profile: SrtpProfile) -> (usize, usize) {
    match profile {
        SrtpProfile::AES128_CM_SHA1_80 => (16, 14),
        SrtpProfile::AEAD_AES_128_GCM => (16, 12),
        _ => (32, 12),
    }
}

fn material(profile: SrtpProfile) -> Vec<u8> {
    let (key, salt) = lengths(profile);
    (0..2 * (key + salt)).map(|at| (at * 7 + 1) as u8).collect()
}

fn srtp(profile: SrtpProfile, active: bool) -> Srtp {
    let keys = Keys { material: KeyingMaterial::new(&material(profile)), profile, active };
    Srtp::new(&keys, &crate::dtls::provider()).unwrap()
}

/// The client's side of [`srtp`] in another implementation: what it gets, and what it sends.
fn other(profile: SrtpProfile) -> (Context, Context) {
    let ((key, salt), material) = (lengths(profile), material(profile));
    let named = match profile {
        SrtpProfile::AES128_CM_SHA1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
        SrtpProfile::AEAD_AES_128_GCM => ProtectionProfile::AeadAes128Gcm,
        _ => ProtectionProfile::AeadAes256Gcm,
    };
    let crypto = rtc::crypto::default_provider().unwrap();
    let context = |key_at: usize, salt_at: usize| {
        let (master, master_salt) = (&material[key_at..key_at + key], &material[salt_at..salt_at + salt]);
        Context::new(master, master_salt, named, None, None, crypto.crypto()).unwrap()
    };
    (context(key, 2 * key + salt), context(0, 2 * key))
}

/// An RTP packet with a header of 12 bytes.
fn seal(srtp: &mut Srtp, ssrc: u32, index: u64, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0; 12 + payload.len() + srtp.overhead()];
    packet[..2].copy_from_slice(&[0x80, 96]);
    packet[2..4].copy_from_slice(&(index as u16).to_be_bytes());
    packet[8..12].copy_from_slice(&ssrc.to_be_bytes());
    assert!(srtp.seal_rtp(&mut packet, 12, payload, ssrc, index));
    packet
}

fn seal_rtcp(srtp: &mut Srtp, plain: &[u8]) -> Vec<u8> {
    let mut packet = plain.to_vec();
    assert!(srtp.seal_rtcp(&mut packet, 0));
    packet
}

#[test]
fn keys_are_derived_as_in_rfc_3711_appendix_b3() {
    let key = hex("E1F97A0D3E018BE0D64FA32C06DE4139");
    let salt = hex("0EC675AD498AFEEBB6960B3AABE6");
    let provider = crate::dtls::provider();
    let derived = |label: u8, length: usize| {
        let mut out = vec![0; length];
        derive(provider.srtp_provider, &key, &salt, label, &mut out);
        out
    };
    assert_eq!(derived(RTP_KEY, 16), hex("C61E7A93744F39EE10734AFE3FF7A087"));
    assert_eq!(derived(RTP_SALT, 14), hex("30CBBC08863D8C85D49DB34A9AE1"));
    let auth =
        "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF7227098
        6371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2";
    assert_eq!(derived(RTP_AUTH, 94), hex(auth));
}

#[test]
fn keys_of_256_bits_are_derived_as_in_rfc_6188_section_7_4() {
    let key = hex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6");
    let salt = hex("3b04803de51ee7c96423ab5b78d2");
    let provider = crate::dtls::provider();
    let mut out = [0; 32];
    derive(provider.srtp_provider, &key, &salt, RTP_KEY, &mut out);
    assert_eq!(out[..], hex("5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4"));
    derive(provider.srtp_provider, &key, &salt, RTP_SALT, &mut out[..14]);
    assert_eq!(out[..14], hex("fa31791685ca444a9e07c6c64e93"));
}

/// A sealer with the session key and salt of RFC 7714 §16 and §17.
fn session(profile: SrtpProfile) -> Srtp {
    let mut salt = [0; 14];
    salt[..12].copy_from_slice(b"Quid pro quo");
    let key: [u8; 32] = std::array::from_fn(|at| at as u8);
    let direction = || {
        let cipher = match profile {
            SrtpProfile::AEAD_AES_256_GCM => Cipher::gcm(&AES_256_GCM, &key),
            _ => Cipher::gcm(&AES_128_GCM, &key[..16]),
        };
        Direction { cipher: cipher.unwrap(), salt }
    };
    let other = srtp(profile, false);
    Srtp { rtp_out: direction(), rtcp_out: direction(), rtcp_in: direction(), ..other }
}

#[test]
fn rtp_is_sealed_as_in_rfc_7714_section_16() {
    for (profile, sealed) in [
        (
            SrtpProfile::AEAD_AES_128_GCM,
            "f24de3a3fb34de6cacba861c9d7e4bca be633bd50d294e6f42a5f47a51c7d19b
             36de3adf8833899d7f27beb16a9152cf 765ee4390cce",
        ),
        (
            SrtpProfile::AEAD_AES_256_GCM,
            "32b1de78a822fe12ef9f78fa332e33aa b18012389a58e2f3b50b2a0276ffae0f
             1ba63799b87b7aa3db36dfffd6b0f9bb 7878d7a76c13",
        ),
    ] {
        let mut srtp = session(profile);
        let header = hex("8040f17b8041f8d35501a0b2");
        let payload = b"Gallia est omnis divisa in partes tres";
        let mut packet = vec![0; 12 + payload.len() + srtp.overhead()];
        packet[..12].copy_from_slice(&header);
        assert!(srtp.seal_rtp(&mut packet, 12, payload, 0x5501_a0b2, 0xf17b));
        assert_eq!(packet[12..], hex(sealed), "{profile:?}");
    }
}

#[test]
fn rtcp_is_sealed_and_opened_as_in_rfc_7714_section_17() {
    let plain = hex("81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61
        deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
    let sealed = hex("81c8000d4d617273 63e94885dcdab67ca727d7662f6b7e99 7ff5c0f76c06f32dc676a5f1730d6fda
        4ce09b4686303ded0bb9275bc84aa458 96cf4d2fc5abf87245d9eade 800005d4");
    let mut srtp = session(SrtpProfile::AEAD_AES_128_GCM);
    srtp.rtcp_index = 0x5d3;
    assert_eq!(seal_rtcp(&mut srtp, &plain), sealed);
    let mut opened = Vec::new();
    assert!(srtp.open_rtcp(&sealed, &mut opened).is_some());
    assert_eq!(opened, plain);
}

#[test]
fn another_implementation_opens_rtp_over_the_rollover_of_its_number() {
    for profile in PROFILES {
        let (mut srtp, (mut player, _)) = (srtp(profile, false), other(profile));
        for index in (65_400_u64..65_700).chain((65_700..131_000).step_by(9_001)).chain(131_000..131_200) {
            let payload: Vec<u8> = (0..index % 1300).map(|byte| byte as u8).collect();
            let packet = seal(&mut srtp, 77, index, &payload);
            let opened = player.decrypt_rtp(&packet).unwrap_or_else(|error| panic!("{profile:?}: {error}"));
            assert_eq!(opened[12..], payload, "{profile:?} at {index}");
        }
    }
}

#[test]
fn another_implementation_opens_rtcp_and_is_opened() {
    for profile in PROFILES {
        let (mut srtp, (mut from_us, mut to_us)) = (srtp(profile, false), other(profile));
        let mut opened = Vec::new();
        for count in 0..100 {
            // Compounds end with a word.
            let plain = [&REPORT[..], &vec![count; usize::from(count) * 4]].concat();
            let sealed = seal_rtcp(&mut srtp, &plain);
            assert_eq!(from_us.decrypt_rtcp(&sealed).unwrap()[..], plain, "{profile:?}");
            let sealed = to_us.encrypt_rtcp(&plain).unwrap();
            assert!(srtp.open_rtcp(&sealed, &mut opened).is_some(), "{profile:?}");
            assert_eq!(opened, plain, "{profile:?}");
        }
    }
}

#[test]
fn the_dtls_client_uses_the_other_half_of_the_keys() {
    for profile in PROFILES {
        let (mut ours, mut theirs) = (srtp(profile, true), srtp(profile, false));
        let sealed = seal_rtcp(&mut ours, &REPORT);
        assert!(theirs.open_rtcp(&sealed, &mut Vec::new()).is_some());
        assert!(
            ours.open_rtcp(&sealed, &mut Vec::new()).is_none(),
            "its own half opens nothing that it sealed"
        );
    }
}

#[test]
fn a_replayed_packet_is_refused_and_a_late_one_is_not() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = (srtp(profile, true), srtp(profile, false));
        let sealed: Vec<Vec<u8>> = (0..200).map(|_| seal_rtcp(&mut sender, &REPORT)).collect();
        let mut open = |at: usize| receiver.open_rtcp(&sealed[at], &mut Vec::new()).is_some();
        assert!(open(0) && !open(0));
        assert!(open(2) && open(1) && !open(2) && !open(1));
        assert!(open(66), "a jump");
        assert!(open(3) && !open(3), "63 behind the newest is inside the window");
        assert!(open(67) && !open(4 - 1), "what was seen is remembered while the window moves");
        assert!(open(4) && !open(2));
        assert!(open(199) && !open(135), "64 behind the newest is outside");
        assert!(open(136) && !open(136));
        assert!(!open(0) && !open(66));
    }
}

#[test]
fn each_sender_of_a_viewer_counts_its_reports_by_itself() {
    // libsrtp, and with it every browser, keeps an index for each SSRC.
    for profile in PROFILES {
        let (mut receiver, mut opened) = (srtp(profile, false), Vec::new());
        let report = |ssrc: u32| {
            let mut report = REPORT;
            report[4..8].copy_from_slice(&ssrc.to_be_bytes());
            report
        };
        let sealed: Vec<Vec<u8>> = (0..3)
            .flat_map(|ssrc| {
                let mut sender = srtp(profile, true);
                (0..5).map(|_| seal_rtcp(&mut sender, &report(ssrc))).collect::<Vec<_>>()
            })
            .collect();
        assert!(sealed.iter().all(|sealed| receiver.open_rtcp(sealed, &mut opened).is_some()), "{profile:?}");
        assert!(
            !sealed.iter().any(|sealed| receiver.open_rtcp(sealed, &mut opened).is_some()),
            "{profile:?}"
        );
        for ssrc in 10..1000 {
            let mut sender = srtp(profile, true);
            assert!(receiver.open_rtcp(&seal_rtcp(&mut sender, &report(ssrc)), &mut opened).is_some());
        }
        assert_eq!(receiver.replay.len(), MOST_SOURCES, "a viewer does not fill the memory");
    }
}

#[test]
fn a_forgery_is_refused_and_does_not_move_the_window() {
    for profile in PROFILES {
        let (mut sender, mut receiver) = (srtp(profile, true), srtp(profile, false));
        let sealed = seal_rtcp(&mut sender, &REPORT);
        let mut opened = Vec::new();
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut forged = sealed.clone();
                forged[at] ^= 1 << bit;
                assert!(
                    receiver.open_rtcp(&forged, &mut opened).is_none(),
                    "{profile:?}: byte {at}, bit {bit}"
                );
            }
        }
        for length in 0..sealed.len() {
            assert!(
                receiver.open_rtcp(&sealed[..length], &mut opened).is_none(),
                "{profile:?}: cut to {length}"
            );
        }
        assert!(receiver.open_rtcp(&sealed, &mut opened).is_some(), "forgeries of far indices did no harm");
        assert_eq!(opened, REPORT);
    }
}

#[test]
fn rtcp_that_is_authentic_and_not_encrypted_is_refused() {
    // RFC 3711 §3.4 allows it, WebRTC has no use for it (RFC 8827 §6.5).
    let profile = SrtpProfile::AES128_CM_SHA1_80;
    let mut receiver = srtp(profile, false);
    let mut packet = [&REPORT[..], &1_u32.to_be_bytes()].concat();
    let mut auth = [0; 20];
    let crypto = crate::dtls::provider();
    let all = material(profile);
    derive(crypto.srtp_provider, &all[..16], &all[32..46], RTCP_AUTH, &mut auth);
    let tag = crypto.sha1_hmac_provider.sha1_hmac(&auth, &[&packet]);
    packet.extend_from_slice(&tag[..SHA1_TAG]);
    assert!(receiver.open_rtcp(&packet, &mut Vec::new()).is_none());
    // The same with the flag is taken for authentic: the tag above was right.
    packet.truncate(REPORT.len());
    packet.extend_from_slice(&(1 | ENCRYPTED).to_be_bytes());
    let tag = crypto.sha1_hmac_provider.sha1_hmac(&auth, &[&packet]);
    packet.extend_from_slice(&tag[..SHA1_TAG]);
    assert!(receiver.open_rtcp(&packet, &mut Vec::new()).is_some());
}

#[test]
fn no_two_packets_share_an_initialisation_vector() {
    let salt = std::array::from_fn(|at| at as u8 * 9);
    let mut gcm = HashSet::new();
    let mut cm = HashSet::new();
    for ssrc in [1, 2, 0x1_0000, 0xffff_ffff] {
        for index in [0, 1, 0xffff, 0x1_0000, 0x1_0001, 0xffff_ffff, 0x1_0000_0000, 0xffff_ffff_ffff] {
            assert!(gcm.insert(gcm_rtp_iv(&salt, ssrc, index)), "{ssrc} {index}");
            // A counter of 16 bits follows: no other packet may begin within it.
            let iv = cm_iv(&salt, ssrc, index);
            assert_eq!(iv[14..], [0, 0]);
            assert!(cm.insert(iv), "{ssrc} {index}");
        }
    }
}

#[test]
fn every_report_has_an_index_of_its_own() {
    let mut srtp = srtp(SrtpProfile::AEAD_AES_128_GCM, false);
    let index = |sealed: &[u8]| word(sealed, sealed.len() - 4) & !ENCRYPTED;
    let seen: HashSet<u32> = (0..1000).map(|_| index(&seal_rtcp(&mut srtp, &REPORT))).collect();
    assert_eq!(seen.len(), 1000);
}

#[test]
fn rtp_and_rtcp_have_different_keys_in_each_direction() {
    for profile in PROFILES {
        let all = material(profile);
        let ((key, salt), provider) = (lengths(profile), crate::dtls::provider());
        let mut seen = HashSet::new();
        for side in 0..2 {
            let master = &all[side * key..][..key];
            let master_salt = &all[2 * key + side * salt..][..salt];
            for label in [RTP_KEY, RTP_SALT, RTCP_KEY, RTCP_SALT, RTP_AUTH, RTCP_AUTH] {
                let mut out = vec![0; key];
                derive(provider.srtp_provider, master, master_salt, label, &mut out);
                assert!(seen.insert(out), "{profile:?}: label {label} of side {side}");
            }
        }
    }
}

#[test]
fn keys_of_an_unknown_length_make_no_sender() {
    for profile in PROFILES {
        let all = material(profile);
        for length in 0..all.len() {
            let keys = Keys { material: KeyingMaterial::new(&all[..length]), profile, active: false };
            assert!(Srtp::new(&keys, &crate::dtls::provider()).is_none(), "{profile:?}: {length}");
        }
    }
}
