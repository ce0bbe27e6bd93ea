//! Headers of packets to viewers: any ids, any extensions. The length that is told is the length that is
//! written, and nothing panics.
#![no_main]

use std::sync::OnceLock;
use std::time::Instant;

use libfuzzer_sys::fuzz_target;
use sluice_fuzz::{egress, packets};
use sluice_sfu_engine::egress::{Ids, Transmits, Wire};
use sluice_sfu_engine::packet::Carried;
use str0m::crypto::CryptoProvider;

fuzz_target!(|data: &[u8]| {
    static CRYPTO: OnceLock<CryptoProvider> = OnceLock::new();
    let crypto = CRYPTO.get_or_init(str0m::crypto::from_feature_flags);
    let Some((&[transport, mid, playout, capture, level, orientation, descriptor], rest)) =
        data.split_first_chunk::<7>()
    else {
        return;
    };
    let now = Instant::now();
    let ids = Ids { transport, mid, playout, capture, level, orientation, descriptor };
    let mut egress = egress::egress(crypto, ids, now);
    let (mut transmits, mut scratch) = (Transmits::default(), Vec::new());
    for (count, bytes) in packets(rest).take(16).enumerate() {
        let [flags, value, bytes @ ..] = bytes else { continue };
        let has = |bit: u8| flags >> bit & 1 == 1;
        let carried = Carried {
            level: has(0).then_some(*value),
            orientation: has(1).then_some(*value),
            capture: has(2).then(|| vec![*value; if has(3) { 16 } else { 8 }].into()),
            descriptor: has(4).then(|| bytes.into()),
            frame_number: None,
        };
        let seq = 100 + count as u64;
        let packet = egress::packet(seq, 100, carried, now);
        let told = egress.length(&packet);
        let to = egress::rewritten(seq, has(5).then_some(0x1234));
        let mut wire = Wire { transmits: &mut transmits, scratch: &mut scratch, now, playout: [0, 0, 20] };
        egress.send(&packet, &to, 96, 0, &mut wire).expect("it is sealed");
        let sent = transmits.pop().expect("it is on its way");
        assert_eq!(sent.bytes.len(), told);
        assert!(sent.bytes[0] & 0xef == 0x80, "version 2, no padding, no CSRC");
    }
});
