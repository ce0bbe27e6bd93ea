//! How a viewer begins with a layer: from the key frame in the join cache, in small lots until it has caught up.

use std::time::Duration;

use super::payload_type::match_payload_type;
use super::{Out, Viewer, send};
use crate::publisher::Publisher;

/// Packets that a viewer who catches up from the join cache gets at once; the next lot follows
/// after [`CATCH_UP_PAUSE`]. More shows the picture sooner, fewer spares the buffers on the way.
const CATCH_UP_PACKETS: usize = 48;

/// See [`CATCH_UP_PACKETS`]: together about 240 Mbit/s, which drains a cache of 4 MB in 140 ms.
pub const CATCH_UP_PAUSE: Duration = Duration::from_millis(2);

impl Viewer {
    /// Begins to forward a layer from the key frame in its cache; [`Self::pump`] sends that.
    pub(super) fn start(&mut self, layer: usize, publisher: &Publisher, out: &mut Out<'_>) -> bool {
        let yields = self.yields();
        let (Some(track), Some(source)) = (&mut self.video, publisher.layers().get(layer)) else {
            return false;
        };
        let Some((start, first)) = source.cache.start().and_then(|at| Some((at, source.cache.packet(at)?)))
        else {
            return false;
        };
        let Some(pt) = match_payload_type(&track.track, first) else { return false };
        track.pt = Some((first.source, Some(pt)));
        let parameters = source.missing_parameters(first);
        let free = track.rewriter.switch(first, parameters.is_some());
        if let (Some((seq, timestamp)), Some(payload)) = (free, parameters) {
            out.egress.send_own(pt, seq, timestamp, payload, first.captured, &mut out.wire);
        }
        if self.current.is_some() {
            out.stats.layer_switches += 1;
        }
        if yields {
            // Repairs of pictures that nobody will see would take the room of the key frame.
            out.egress.forget_sent();
        }
        self.current = Some(layer);
        self.target = Some(layer);
        (self.catch_up, self.begins) = (Some(start), true);
        true
    }

    /// Sends the next lot of what is in the cache.
    pub fn pump(&mut self, publisher: &Publisher, out: &mut Out<'_>) {
        let (Some(mut next), Some(layer)) = (self.catch_up, self.current) else { return };
        let (Some(track), Some(source)) = (&mut self.video, publisher.layers().get(layer)) else { return };
        self.begins = false;
        for _ in 0..CATCH_UP_PACKETS {
            let Some(packet) = source.cache.packet(next) else { break };
            next += 1;
            if let Some(pt) = track.pt(packet)
                && let Some((timestamp, captured)) = send(track, pt, packet, 0, out)
            {
                self.sent = Some((timestamp, captured, packet.estimated));
            }
        }
        let lost = source.cache.start().is_none_or(|start| next < start);
        self.catch_up = (next < source.cache.end()).then_some(next);
        if self.catch_up.is_none() {
            (self.from_batch, self.switched, out.cut) = (out.next_batch, true, true);
        }
        if lost {
            // A newer key frame, or the bound of the cache, overtook the reader: begin with that.
            self.catch_up = None;
            self.current = None;
            if !self.start(layer, publisher, out)
                && let Some(track) = &mut self.video
            {
                track.pt = None;
            }
        }
    }
}
