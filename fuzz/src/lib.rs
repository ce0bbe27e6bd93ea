//! What the fuzz targets share: an input that is a sequence of packets, a shard with two peers, and the send path
//! of a viewer.

pub mod client;
pub mod egress;
pub mod world;

/// Cuts an input into packets, each behind a 16-bit size; a cut size takes the rest.
pub fn packets(mut data: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (size, rest) = data.split_first_chunk::<2>()?;
        let size = usize::from(u16::from_be_bytes(*size)).min(rest.len());
        let (packet, rest) = rest.split_at(size);
        data = rest;
        Some(packet)
    })
}
