//! Compound RTCP: nothing is invented that the bytes do not have, and what it says of arrivals is taken
//! by the estimator.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_sfu_engine::estimator::{Estimator, PacketResult};
use sluice_sfu_engine::rtcp::{ArrivalClock, RtcpPacket, TICK_MICROS, TransportFeedback, packets};

fuzz_target!(|data: &[u8]| {
    let mut clock = ArrivalClock::default();
    let mut estimator = Estimator::new(1_500_000, 0);
    let mut now = 0;
    for packet in packets(data) {
        match packet {
            RtcpPacket::Reports(reports) => {
                assert!(reports.blocks().count() <= 31);
                assert!(reports.blocks().filter_map(|block| block.round_trip(7)).all(|micros| micros >= 0));
            }
            RtcpPacket::Bye(bye) => assert!(bye.sources().count() <= 31),
            RtcpPacket::Nack(nack) => assert!(nack.lost().count() <= data.len() / 4 * 17),
            RtcpPacket::Fir(fir) => assert!(fir.requests().count() <= data.len() / 8),
            RtcpPacket::Remb(remb) => assert!(remb.sources().count() <= data.len() / 4),
            RtcpPacket::Pli { .. } => {}
            RtcpPacket::Transport(feedback) => {
                now += 50_000;
                let results = results(&feedback, clock.reference(&feedback));
                assert!(results.len() <= usize::from(feedback.count));
                estimator.feedback(now, &results);
                estimator.set_wanted(2_000_000, 3_000_000);
                while let Some(padding) = estimator.poll_padding(now) {
                    assert!(padding.bytes > 0);
                    estimator.sent(now, padding.bytes);
                }
                assert!((50_000..=500_000_000).contains(&estimator.estimate()));
            }
        }
    }
});

/// As if a packet had been sent each millisecond.
fn results(feedback: &TransportFeedback<'_>, reference: i64) -> Vec<PacketResult> {
    let result = |(seq, ticks): (u16, Option<i64>)| PacketResult {
        seq: u64::from(seq),
        sent: i64::from(seq) * 1_000,
        received: ticks.map(|ticks| reference + ticks * TICK_MICROS),
        bytes: 1_000,
        probe: u8::from(seq % 50 < 10),
    };
    feedback.arrivals().map(result).collect()
}
