//! RTCP of a viewer behind SRTCP: any compound is authentic, none costs more than it may.
//!
//! An input is a sequence of compounds. Between them a packet is sent, and what was asked for is repaired.
#![no_main]

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use sluice_fuzz::{egress, packets};
use sluice_sfu_engine::egress::{Ids, Reading, Transmits, Wire};
use sluice_sfu_engine::packet::Carried;
use str0m::crypto::CryptoProvider;

fuzz_target!(|data: &[u8]| {
    static CRYPTO: OnceLock<CryptoProvider> = OnceLock::new();
    let crypto = CRYPTO.get_or_init(str0m::crypto::from_feature_flags);
    let mut now = Instant::now();
    let ids = Ids { transport: 3, mid: 4, playout: 5, ..Ids::default() };
    let mut egress = egress::egress(crypto, ids, now);
    let mut player = egress::Player::new(crypto);
    let (mut transmits, mut scratch, mut reading) = (Transmits::default(), Vec::new(), Reading::default());
    for (count, plain) in packets(data).take(64).enumerate() {
        now += Duration::from_millis(7);
        let seq = 100 + count as u64;
        let packet = egress::packet(seq, 600, Carried::default(), now);
        let mut wire = Wire { transmits: &mut transmits, scratch: &mut scratch, now, playout: [0, 0, 20] };
        let sent = egress.send(&packet, &egress::rewritten(seq, None), 96, 0, &mut wire);
        assert!(sent.is_some());
        // Packet types below 192 are no RTCP (RFC 5761 §4).
        if plain.len() < 8 || !(192..=223).contains(&plain[1]) {
            continue;
        }
        let sealed = player.seal(plain);
        let asked =
            egress.receive(&sealed, egress::PATH, now, egress::UTC, &mut reading).expect("it is authentic");
        assert!(egress.receive(&sealed, egress::PATH, now, egress::UTC, &mut reading).is_none(), "replayed");
        assert!(asked.again.len() <= plain.len() / 4 * 17);
        for seq in asked.again {
            if let Some(again) = egress.take_again(seq, now) {
                assert!((100..=100 + count as u64).contains(&again.to.seq), "it was sent");
                let packet = egress::packet(u64::from(again.source_seq), 600, Carried::default(), now);
                egress.repair(&packet, &again, &mut wire);
            }
        }
        assert!(egress.estimate().is_some());
        while transmits.pop().is_some() {}
    }
});
