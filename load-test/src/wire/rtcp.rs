//! RTCP: the few packets a publisher or a viewer sends, and a reader for those it receives.

/// One packet of a received compound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rtcp<'a> {
    /// Sender report: who, its NTP time (RFC 3550 §6.4.1) and the RTP time of the same instant.
    SenderReport { ssrc: u32, ntp: u64, rtp: u32 },
    /// One report block, of a sender or a receiver report.
    Report(ReportBlock),
    /// Lost packets to send again, as (packet id, bitmask) pairs.
    Nack { ssrc: u32, pairs: &'a [u8] },
    /// A picture was lost.
    Pli { ssrc: u32 },
    /// A full picture is wanted, from each of these (eight bytes an entry, RFC 5104 §4.3.1).
    Fir { entries: &'a [u8] },
    /// Transport-wide feedback on what this side sent.
    TransportFeedback,
    /// The sender of these is gone.
    Bye { ssrc: u32 },
}

/// What a receiver says about one of our streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReportBlock {
    pub(crate) ssrc: u32,
    pub(crate) fraction_lost: u8,
    pub(crate) cumulative_lost: u32,
    pub(crate) highest: u32,
    pub(crate) jitter: u32,
    pub(crate) last_sr: u32,
    pub(crate) delay: u32,
}

const SR: u8 = 200;
const RR: u8 = 201;
const SDES: u8 = 202;
const BYE: u8 = 203;
const RTPFB: u8 = 205;
const PSFB: u8 = 206;

/// Whether this datagram is RTCP and not RTP (RFC 5761 §4).
pub(crate) fn is_rtcp(packet: &[u8]) -> bool {
    packet.len() >= 8 && (192..=223).contains(&packet[1])
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// Calls `each` for every packet of the compound that this tool knows.
pub(crate) fn read(mut compound: &[u8], mut each: impl FnMut(Rtcp<'_>)) {
    while compound.len() >= 4 {
        let len = 4 * (usize::from(u16::from_be_bytes([compound[2], compound[3]])) + 1);
        if compound.len() < len {
            return;
        }
        let (packet, rest) = compound.split_at(len);
        read_one(packet, &mut each);
        compound = rest;
    }
}

fn read_one(packet: &[u8], each: &mut impl FnMut(Rtcp<'_>)) {
    let count = packet[0] & 0x1f;
    match packet[1] {
        SR if packet.len() >= 28 => {
            each(Rtcp::SenderReport {
                ssrc: word(packet, 4),
                ntp: (u64::from(word(packet, 8)) << 32) | u64::from(word(packet, 12)),
                rtp: word(packet, 16),
            });
            read_blocks(&packet[28..], count, each);
        }
        RR if packet.len() >= 8 => read_blocks(&packet[8..], count, each),
        BYE => {
            for at in 0..usize::from(count) {
                if packet.len() >= 8 + 4 * at {
                    each(Rtcp::Bye { ssrc: word(packet, 4 + 4 * at) });
                }
            }
        }
        RTPFB if packet.len() >= 12 && count == 1 => {
            each(Rtcp::Nack { ssrc: word(packet, 8), pairs: &packet[12..] })
        }
        RTPFB if count == 15 => each(Rtcp::TransportFeedback),
        PSFB if packet.len() >= 12 && count == 1 => each(Rtcp::Pli { ssrc: word(packet, 8) }),
        PSFB if packet.len() >= 12 && count == 4 => each(Rtcp::Fir { entries: &packet[12..] }),
        _ => {}
    }
}

fn read_blocks(blocks: &[u8], count: u8, each: &mut impl FnMut(Rtcp<'_>)) {
    for block in blocks.chunks_exact(24).take(usize::from(count)) {
        each(Rtcp::Report(ReportBlock {
            ssrc: word(block, 0),
            fraction_lost: block[4],
            cumulative_lost: word(block, 4) & 0x00ff_ffff,
            highest: word(block, 8),
            jitter: word(block, 12),
            last_sr: word(block, 16),
            delay: word(block, 20),
        }));
    }
}

/// The SSRCs that a FIR asks.
pub(crate) fn fir_targets(entries: &[u8]) -> impl Iterator<Item = u32> + '_ {
    entries.chunks_exact(8).map(|entry| word(entry, 0))
}

/// The sequence numbers that a NACK asks for (RFC 4585 §6.2.1).
pub(crate) fn nacked(pairs: &[u8]) -> impl Iterator<Item = u16> + '_ {
    pairs.chunks_exact(4).flat_map(|pair| {
        let first = u16::from_be_bytes([pair[0], pair[1]]);
        let mask = u16::from_be_bytes([pair[2], pair[3]]);
        std::iter::once(first).chain(
            (0..16u16).filter(move |bit| mask & (1 << bit) != 0).map(move |bit| first.wrapping_add(bit + 1)),
        )
    })
}

fn head(out: &mut Vec<u8>, count: u8, packet_type: u8, words: u16) {
    out.extend_from_slice(&[0x80 | count, packet_type]);
    out.extend_from_slice(&words.to_be_bytes());
}

/// Appends a sender report without report blocks.
pub(crate) fn write_sender_report(
    out: &mut Vec<u8>,
    ssrc: u32,
    ntp: u64,
    rtp: u32,
    packets: u32,
    octets: u32,
) {
    head(out, 0, SR, 6);
    out.extend_from_slice(&ssrc.to_be_bytes());
    out.extend_from_slice(&ntp.to_be_bytes());
    for value in [rtp, packets, octets] {
        out.extend_from_slice(&value.to_be_bytes());
    }
}

/// Appends a receiver report.
pub(crate) fn write_receiver_report(out: &mut Vec<u8>, ssrc: u32, blocks: &[ReportBlock]) {
    head(out, blocks.len() as u8, RR, 1 + 6 * blocks.len() as u16);
    out.extend_from_slice(&ssrc.to_be_bytes());
    for block in blocks {
        let lost = (u32::from(block.fraction_lost) << 24) | (block.cumulative_lost & 0x00ff_ffff);
        for value in [block.ssrc, lost, block.highest, block.jitter, block.last_sr, block.delay] {
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}

/// Appends the canonical name that every compound with reports carries (RFC 3550 §6.1).
pub(crate) fn write_cname(out: &mut Vec<u8>, ssrc: u32, cname: &str) {
    let mut item = vec![1, cname.len() as u8];
    item.extend_from_slice(cname.as_bytes());
    item.push(0);
    while !item.len().is_multiple_of(4) {
        item.push(0);
    }
    head(out, 1, SDES, 1 + (item.len() / 4) as u16);
    out.extend_from_slice(&ssrc.to_be_bytes());
    out.extend_from_slice(&item);
}

/// Appends a picture loss indication.
pub(crate) fn write_pli(out: &mut Vec<u8>, sender: u32, media: u32) {
    head(out, 1, PSFB, 2);
    out.extend_from_slice(&sender.to_be_bytes());
    out.extend_from_slice(&media.to_be_bytes());
}

/// Appends a goodbye.
pub(crate) fn write_bye(out: &mut Vec<u8>, ssrc: u32) {
    head(out, 1, BYE, 1);
    out.extend_from_slice(&ssrc.to_be_bytes());
}

/// Appends a NACK for these sequence numbers, which must be in order.
pub(crate) fn write_nack(out: &mut Vec<u8>, sender: u32, media: u32, lost: &[u16]) {
    let start = out.len();
    head(out, 1, RTPFB, 0);
    out.extend_from_slice(&sender.to_be_bytes());
    out.extend_from_slice(&media.to_be_bytes());
    let mut lost = lost.iter().copied().peekable();
    while let Some(first) = lost.next() {
        let mut mask = 0u16;
        while let Some(next) = lost.peek() {
            let distance = next.wrapping_sub(first);
            if distance == 0 || distance > 16 {
                break;
            }
            mask |= 1 << (distance - 1);
            lost.next();
        }
        out.extend_from_slice(&first.to_be_bytes());
        out.extend_from_slice(&mask.to_be_bytes());
    }
    let words = ((out.len() - start) / 4 - 1) as u16;
    out[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nack_names_each_lost_packet_once_across_the_wrap() {
        let lost = [65_534, 65_535, 3, 14, 40];
        let mut out = Vec::new();
        write_nack(&mut out, 1, 2, &lost);
        let mut seen = Vec::new();
        read(&out, |packet| {
            if let Rtcp::Nack { ssrc: 2, pairs } = packet {
                seen.extend(nacked(pairs));
            }
        });
        assert_eq!(seen, lost);
    }

    #[test]
    fn a_compound_with_reports_is_read_packet_by_packet() {
        let block = ReportBlock {
            ssrc: 9,
            fraction_lost: 12,
            cumulative_lost: 77,
            highest: 70_000,
            jitter: 3,
            last_sr: 5,
            delay: 6,
        };
        let mut out = Vec::new();
        write_sender_report(&mut out, 7, 0x0102_0304_0506_0708, 99, 1, 2);
        write_cname(&mut out, 7, "sluice");
        write_receiver_report(&mut out, 7, &[block]);
        write_pli(&mut out, 7, 8);
        write_bye(&mut out, 7);
        let mut seen = Vec::new();
        read(&out, |packet| {
            seen.push(format!("{packet:?}"));
        });
        assert_eq!(seen.len(), 4);
        assert!(seen[0].contains("ssrc: 7"));
        assert!(seen[1].contains("cumulative_lost: 77"));
        assert_eq!(seen[2], "Pli { ssrc: 8 }");
        assert_eq!(seen[3], "Bye { ssrc: 7 }");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..120)) {
            read(&bytes, |packet| match packet {
                Rtcp::Nack { pairs, .. } => assert!(nacked(pairs).count() < 1000),
                Rtcp::Fir { entries } => assert!(fir_targets(entries).count() < 1000),
                _ => {}
            });
        }
    }
}
