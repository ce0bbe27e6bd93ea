//! Ogg files with Opus: pages with a table of segment lengths (RFC 3533, RFC 7845).

use anyhow::{Result, ensure};

/// The Opus packets of a file, without its two header packets.
pub(crate) fn read_opus(file: &[u8]) -> Result<Vec<Vec<u8>>> {
    let mut packets: Vec<Vec<u8>> = Vec::new();
    let mut partial = Vec::new();
    let mut rest = file;
    while rest.len() >= 27 && rest.starts_with(b"OggS") {
        let segments = usize::from(rest[26]);
        let Some(table) = rest.get(27..27 + segments) else {
            break;
        };
        let mut body = &rest[27 + segments..];
        for &len in table {
            let Some(segment) = body.get(..usize::from(len)) else {
                break;
            };
            partial.extend_from_slice(segment);
            body = &body[usize::from(len)..];
            if len < 255 {
                packets.push(std::mem::take(&mut partial));
            }
        }
        rest = body;
    }
    ensure!(packets.len() > 2 && packets[0].starts_with(b"OpusHead"), "this is not an Ogg file with Opus");
    Ok(packets.split_off(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_longer_than_a_segment_are_joined() {
        let page = |table: &[u8], body: &[u8]| {
            let mut page = b"OggS".to_vec();
            page.extend_from_slice(&[0; 22]);
            page.push(table.len() as u8);
            page.extend_from_slice(table);
            page.extend_from_slice(body);
            page
        };
        let mut file = page(&[9], b"OpusHead!");
        file.extend(page(&[8], b"OpusTags"));
        file.extend(page(&[255, 1, 2], &[7; 258]));
        let packets = read_opus(&file).unwrap();
        assert_eq!(packets.iter().map(Vec::len).collect::<Vec<_>>(), [256, 2]);
        assert!(read_opus(b"OggS").is_err());
    }
}
