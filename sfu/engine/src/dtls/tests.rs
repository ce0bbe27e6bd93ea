//! Handshakes with another implementation, which may list any SRTP profiles in any order.

use std::time::Duration;

use rtc::dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType};
use rtc::dtls::crypto::Certificate;
use rtc::dtls::endpoint::{Endpoint, EndpointEvent};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile as Listed;
use rtc::shared::{TransportContext, TransportProtocol};
use rtc::srtp::config::LABEL_EXTRACTOR_DTLS_SRTP;
use str0m::crypto::dtls::SrtpProfile;

use super::*;

const CM: Listed = Listed::Srtp_Aes128_Cm_Hmac_Sha1_80;
const GCM_128: Listed = Listed::Srtp_Aead_Aes_128_Gcm;
const GCM_256: Listed = Listed::Srtp_Aead_Aes_256_Gcm;

/// The profile that a client with this list ends in. Both sides must have the same keys then.
#[expect(clippy::disallowed_methods, reason = "a handshake needs some instant to begin with")]
fn negotiated(list: Vec<Listed>) -> Option<SrtpProfile> {
    let mut now = Instant::now();
    let crypto = rtc::crypto::default_provider().unwrap();
    let certificate = Certificate::generate_self_signed(vec!["player".to_owned()], crypto.crypto()).unwrap();
    let config = ConfigBuilder::default()
        .with_crypto_provider(crypto)
        .with_certificates(vec![certificate])
        .with_srtp_protection_profiles(list)
        .with_client_auth(ClientAuthType::RequireAnyClientCert)
        .with_extended_master_secret(ExtendedMasterSecretType::Require)
        .with_insecure_skip_verify(true)
        .build(true, None)
        .unwrap();
    let peer = TransportContext::default().peer_addr;
    let mut client = Endpoint::new(TransportContext::default().local_addr, TransportProtocol::UDP, None);
    let provider = provider();
    let cert = provider.dtls_provider.generate_certificate().unwrap();
    let make = || provider.dtls_provider.new_dtls(&cert, now, DtlsVersion::Dtls12, None).unwrap();
    let (mut server, keys) = collect(make);
    let keys = keys.unwrap();
    server.set_active(false);
    server.handle_timeout(now).unwrap();
    client.connect(now, peer, Arc::new(config), None).unwrap();
    let mut done = false;
    for _ in 0..50 {
        while let Some(message) = client.poll_transmit() {
            server.handle_packet(&message.message).unwrap();
        }
        server.handle_timeout(now).unwrap();
        let mut buffer = vec![0; 4_000];
        loop {
            match server.poll_output(&mut buffer) {
                DtlsOutput::Packet(packet) => {
                    for event in client.read(now, peer, None, packet.into()).unwrap() {
                        done |= matches!(event, EndpointEvent::HandshakeComplete);
                    }
                }
                DtlsOutput::Timeout(_) => break,
                _ => {}
            }
        }
        if done && keys.get().is_some() {
            break;
        }
        now += Duration::from_millis(20);
        let _late = client.handle_timeout(peer, now);
    }
    assert!(done, "the handshake ends");
    let keys = keys.get()?;
    assert!(!keys.active);
    let state = client.get_connection_state(peer).unwrap();
    let length = keys.material.len();
    let theirs = state.export_keying_material(LABEL_EXTRACTOR_DTLS_SRTP, &[], length).unwrap();
    assert_eq!(theirs.as_ref(), &keys.material[..], "both have the same keys");
    Some(keys.profile)
}

#[test]
fn a_client_that_lists_aes_cm_first_ends_in_aead() {
    assert_eq!(negotiated(vec![CM, GCM_128]), Some(SrtpProfile::AEAD_AES_128_GCM));
    assert_eq!(negotiated(vec![CM, GCM_256]), Some(SrtpProfile::AEAD_AES_256_GCM));
}

#[test]
fn a_client_that_knows_only_one_profile_gets_that_one() {
    assert_eq!(negotiated(vec![CM]), Some(SrtpProfile::AES128_CM_SHA1_80));
    assert_eq!(negotiated(vec![GCM_128]), Some(SrtpProfile::AEAD_AES_128_GCM));
    assert_eq!(negotiated(vec![GCM_256]), Some(SrtpProfile::AEAD_AES_256_GCM));
}

#[test]
fn a_client_that_knows_both_aead_profiles_gets_the_longer_key() {
    // The order of dimpl 0.9, which no setting changes. 128 before 256 would cost less: this test will
    // tell when it can be had.
    for list in [vec![CM, GCM_128, GCM_256], vec![GCM_128, GCM_256, CM]] {
        assert_eq!(negotiated(list), Some(SrtpProfile::AEAD_AES_256_GCM));
    }
}
