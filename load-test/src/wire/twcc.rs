//! Transport-wide feedback of a receiver (draft-holmer-rmcat-transport-wide-cc-extensions-01): what
//! came and when, so that the server can estimate the bandwidth.

use std::time::{Duration, Instant};

/// How often feedback goes out. Browsers send every 50 to 250 ms; oftener costs a sealed packet
/// more for each viewer, seldomer makes the server's estimate slow.
pub(crate) const INTERVAL: Duration = Duration::from_millis(100);
/// Packets one feedback describes at most; the rest waits for the next.
const MAX_PACKETS: usize = 1000;
const RESOLUTION_US: i64 = 250;
const REFERENCE_US: i64 = 64_000;

/// Remembers arrivals until they are reported.
pub(crate) struct Recorder {
    started: Instant,
    highest: Option<i64>,
    /// The first sequence number that no feedback has described.
    next: i64,
    /// (unwrapped sequence number, microseconds since `started`), as they came.
    arrivals: Vec<(i64, i64)>,
    count: u8,
}

impl Recorder {
    pub(crate) fn new(now: Instant) -> Self {
        Self { started: now, highest: None, next: 0, arrivals: Vec::with_capacity(64), count: 0 }
    }

    /// Notes that the packet with this transport-wide number came now.
    pub(crate) fn record(&mut self, now: Instant, sequence: u16) {
        let unwrapped = match self.highest {
            None => {
                self.next = i64::from(sequence);
                i64::from(sequence)
            }
            Some(highest) => highest + i64::from(sequence.wrapping_sub(highest as u16) as i16),
        };
        self.highest = Some(self.highest.map_or(unwrapped, |high| high.max(unwrapped)));
        let micros = now.duration_since(self.started).as_micros() as i64;
        self.arrivals.push((unwrapped, micros));
    }

    /// Appends a feedback packet, if anything came since the last one.
    pub(crate) fn write_feedback(&mut self, out: &mut Vec<u8>, sender: u32, media: u32) -> bool {
        self.arrivals.sort_unstable();
        self.arrivals.dedup_by_key(|(sequence, _)| *sequence);
        // A packet older than what was described is reported again from itself on.
        let Some(&(first, first_time)) = self.arrivals.first() else {
            return false;
        };
        let base = first.min(self.next).max(first - 500);
        let last = self.arrivals.last().map_or(base, |(sequence, _)| *sequence);
        let last = last.min(base + MAX_PACKETS as i64 - 1);

        let start = out.len();
        out.extend_from_slice(&[0x8f, 205, 0, 0]);
        out.extend_from_slice(&sender.to_be_bytes());
        out.extend_from_slice(&media.to_be_bytes());
        out.extend_from_slice(&(base as u16).to_be_bytes());
        out.extend_from_slice(&((last - base + 1) as u16).to_be_bytes());
        let reference = first_time.div_euclid(REFERENCE_US);
        out.extend_from_slice(&(reference as u32).to_be_bytes()[1..]);
        out.push(self.count);
        self.count = self.count.wrapping_add(1);

        let deltas = self.write_statuses(out, base, last, reference * REFERENCE_US);
        out.extend_from_slice(&deltas);
        while !(out.len() - start).is_multiple_of(4) {
            out.push(0);
        }
        let words = ((out.len() - start) / 4 - 1) as u16;
        out[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
        self.next = last + 1;
        self.arrivals.retain(|(sequence, _)| *sequence > last);
        true
    }

    /// Two-bit status vectors of seven packets each, and run lengths where nothing came.
    fn write_statuses(&self, out: &mut Vec<u8>, base: i64, last: i64, reference: i64) -> Vec<u8> {
        let mut deltas = Vec::with_capacity(self.arrivals.len() + 4);
        let mut before = reference;
        let mut arrivals = self.arrivals.iter().copied().peekable();
        let mut at = base;
        while at <= last {
            let next_arrival = arrivals.peek().map_or(last + 1, |(sequence, _)| *sequence);
            let missing = next_arrival - at;
            if missing >= 7 {
                let run = missing.min(0x1fff);
                out.extend_from_slice(&(run as u16).to_be_bytes());
                at += run;
                continue;
            }
            let mut chunk = 0xc000u16;
            for slot in 0..7 {
                let sequence = at + slot;
                if sequence > last || arrivals.peek().is_none_or(|(next, _)| *next != sequence) {
                    continue;
                }
                let time = arrivals.next().map_or(before, |(_, time)| time);
                let delta = (time - before).div_euclid(RESOLUTION_US);
                let delta = delta.clamp(i64::from(i16::MIN), i64::from(i16::MAX));
                before += delta * RESOLUTION_US;
                let small = (0..=255).contains(&delta);
                chunk |= if small { 1 } else { 2 } << (12 - 2 * slot);
                if small {
                    deltas.push(delta as u8);
                } else {
                    deltas.extend_from_slice(&(delta as i16).to_be_bytes());
                }
            }
            out.extend_from_slice(&chunk.to_be_bytes());
            at += 7;
        }
        deltas
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtc::rtcp::transport_feedbacks::transport_layer_cc::{PacketStatusChunk, TransportLayerCc};
    use rtc::shared::marshal::Unmarshal as _;

    /// The statuses and deltas in milliseconds, read by another implementation.
    fn read(packet: &[u8]) -> (TransportLayerCc, Vec<bool>, Vec<f64>) {
        let mut bytes = packet;
        let feedback = TransportLayerCc::unmarshal(&mut bytes).unwrap();
        let mut came = Vec::new();
        for chunk in &feedback.packet_chunks {
            match chunk {
                PacketStatusChunk::RunLengthChunk(run) => {
                    came.extend((0..run.run_length).map(|_| false));
                }
                PacketStatusChunk::StatusVectorChunk(vector) => {
                    came.extend(vector.symbol_list.iter().map(|symbol| *symbol as u16 != 0));
                }
            }
        }
        came.truncate(usize::from(feedback.packet_status_count));
        let deltas = feedback.recv_deltas.iter().map(|delta| delta.delta as f64 / 1000.0).collect();
        (feedback, came, deltas)
    }

    #[test]
    fn arrivals_and_holes_are_read_back_by_another_implementation() {
        let start = Instant::now();
        let mut recorder = Recorder::new(start);
        for (sequence, millis) in [(65_534u16, 100), (65_535, 101), (1, 103), (0, 104), (20, 300)] {
            recorder.record(start + Duration::from_millis(millis), sequence);
        }
        let mut out = Vec::new();
        assert!(recorder.write_feedback(&mut out, 1, 2));
        let (feedback, came, deltas) = read(&out);
        assert_eq!(feedback.base_sequence_number, 65_534);
        assert_eq!(came.len(), 23);
        assert_eq!(&came[..5], [true, true, true, true, false]);
        assert!(came[22] && came.iter().filter(|came| **came).count() == 5);
        assert_eq!(deltas, [36.0, 1.0, 3.0, -1.0, 197.0]);
    }

    #[test]
    fn what_was_lost_between_two_feedbacks_is_in_the_second() {
        let start = Instant::now();
        let mut recorder = Recorder::new(start);
        recorder.record(start, 10);
        let mut out = Vec::new();
        assert!(recorder.write_feedback(&mut out, 1, 2));
        out.clear();
        assert!(!recorder.write_feedback(&mut out, 1, 2));
        recorder.record(start + INTERVAL, 13);
        assert!(recorder.write_feedback(&mut out, 1, 2));
        let (feedback, came, _) = read(&out);
        assert_eq!(feedback.base_sequence_number, 11);
        assert_eq!(came, [false, false, true]);
        assert_eq!(feedback.fb_pkt_count, 1);
    }
}
