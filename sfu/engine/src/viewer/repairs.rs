//! What a viewer is sent beside new packets: those that it misses once more, and padding.

use super::{Out, Viewer};
use crate::publisher::Publisher;

impl Viewer {
    /// Sends packets again that the viewer misses.
    pub fn repair(&mut self, missing: &[u16], publisher: &Publisher, out: &mut Out<'_>) {
        for seq in missing {
            let repaired = match out.egress.take_again(*seq, out.wire.now) {
                Some(again) => publisher
                    .find(again.source, again.source_seq)
                    .is_some_and(|packet| out.egress.repair(packet, &again, &mut out.wire)),
                None => out.egress.repair_own(*seq, &mut out.wire),
            };
            out.stats.repairs += u64::from(repaired);
            out.stats.repairs_refused += u64::from(!repaired);
        }
    }

    /// Sends the padding that is due: what was sent last once more, which may be of use, or nothing but
    /// padding.
    pub fn pad(&mut self, publisher: Option<&Publisher>, out: &mut Out<'_>) {
        while let Some((bytes, probe)) = out.egress.padding_due(out.wire.now) {
            let again = out.egress.newest();
            let packet = again.and_then(|again| publisher?.find(again.source, again.source_seq));
            let mut left = bytes;
            while left > 0 {
                let filled =
                    packet.zip(again.as_ref()).filter(|(packet, _)| packet.payload.len() <= left.max(400));
                let sent =
                    out.egress.pad(filled.map(|(packet, again)| (&**packet, again)), probe, &mut out.wire);
                if sent == 0 {
                    return;
                }
                out.stats.padding_bytes += sent as u64;
                left = left.saturating_sub(sent);
            }
            out.egress.sent(bytes, out.wire.now);
        }
    }
}
