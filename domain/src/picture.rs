//! What a picture is: by its bytes, and not by what its sender says.

/// A format of pictures that browsers show. SVG is none of them: it can carry scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    /// PNG, moving or not.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP, moving or not.
    Webp,
    /// GIF, moving or not.
    Gif,
    /// AVIF, moving or not.
    Avif,
}

impl PictureKind {
    /// The format by its signature.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            _ if brands(bytes).any(|brand| brand == b"avif" || brand == b"avis") => Some(Self::Avif),
            _ => None,
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
        }
    }
}

/// What the head of a picture says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureFacts {
    /// The format.
    pub kind: PictureKind,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Whether it moves.
    pub animated: bool,
}

impl PictureFacts {
    /// What can be read of a picture; `None` where its head is broken. Nobody asks about JPEG, so that of it
    /// nothing is read.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let kind = PictureKind::of(bytes)?;
        let (width, height, animated) = match kind {
            PictureKind::Png => png(bytes)?,
            PictureKind::Jpeg => return None,
            PictureKind::Webp => webp(bytes)?,
            PictureKind::Gif => gif(bytes)?,
            PictureKind::Avif => avif(bytes)?,
        };
        Some(Self { kind, width, height, animated })
    }
}

/// PNG (third edition) §11.2.1 IHDR; an acTL chunk in front of the first IDAT makes it move.
fn png(bytes: &[u8]) -> Option<(u32, u32, bool)> {
    if bytes.get(12..16)? != b"IHDR" {
        return None;
    }
    let (width, height) = (be32(bytes, 16)?, be32(bytes, 20)?);
    let mut at = 8;
    loop {
        match bytes.get(at + 4..at + 8) {
            Some(b"acTL") => return Some((width, height, true)),
            None | Some(b"IDAT" | b"IEND") => return Some((width, height, false)),
            // Length, type, content, checksum.
            Some(_) => at = at.checked_add(12)?.checked_add(usize::try_from(be32(bytes, at)?).ok()?)?,
        }
    }
}

/// GIF89a: the logical screen, and blocks until there is a second picture.
fn gif(bytes: &[u8]) -> Option<(u32, u32, bool)> {
    let (width, height) = (le16(bytes, 6)?, le16(bytes, 8)?);
    let mut at = 13 + colours(*bytes.get(10)?);
    let mut pictures = 0;
    while pictures < 2 {
        match bytes.get(at) {
            Some(0x21) => at = skip_blocks(bytes, at + 2),
            Some(0x2c) => {
                pictures += 1;
                // Place and size, flags, colours, the size of the first codes, and the codes.
                at = skip_blocks(bytes, at + 11 + colours(bytes.get(at + 9).copied().unwrap_or_default()));
            }
            // The end, or where it broke off.
            _ => break,
        }
    }
    Some((width, height, pictures > 1))
}

/// Bytes of a table of colours, as flags say it.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Where the blocks end that begin here: each has its length in front, the last one is empty.
fn skip_blocks(bytes: &[u8], mut at: usize) -> usize {
    while let Some(length) = bytes.get(at) {
        at += 1 + usize::from(*length);
        if *length == 0 {
            break;
        }
    }
    at
}

/// RFC 9649: an extended head, or that of the one picture.
fn webp(bytes: &[u8]) -> Option<(u32, u32, bool)> {
    match bytes.get(12..16)? {
        b"VP8X" => {
            let animated = bytes.get(20)? & 0x02 != 0;
            Some((le24(bytes, 24)? + 1, le24(bytes, 27)? + 1, animated))
        }
        b"VP8 " if bytes.get(23..26)? == [0x9d, 0x01, 0x2a] => {
            Some((le16(bytes, 26)? & 0x3fff, le16(bytes, 28)? & 0x3fff, false))
        }
        b"VP8L" if *bytes.get(20)? == 0x2f => {
            let bits = le16(bytes, 21)? | le16(bytes, 23)? << 16;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1, false))
        }
        _ => None,
    }
}

/// ISO/IEC 23000-22 and 23008-12: the largest picture that the properties of the file name.
fn avif(bytes: &[u8]) -> Option<(u32, u32, bool)> {
    let meta = child(bytes, b"meta")?;
    // A full box: version and flags stand in front of what is in it.
    let properties = child(child(meta.get(4..)?, b"iprp")?, b"ipco")?;
    let sizes = boxes(properties).filter(|(kind, _)| *kind == b"ispe");
    let sizes = sizes.filter_map(|(_, body)| Some((be32(body, 4)?, be32(body, 8)?)));
    let (width, height) = sizes.max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))?;
    Some((width, height, brands(bytes).any(|brand| brand == b"avis")))
}

/// The brands that the first box of a file names.
fn brands(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let body = boxes(bytes).next().filter(|(kind, _)| *kind == b"ftyp").map_or(&[][..], |(_, body)| body);
    // Behind the first brand stands a version.
    body.chunks_exact(4).enumerate().filter(|(place, _)| *place != 1).map(|(_, brand)| brand)
}

fn child<'a>(bytes: &'a [u8], wanted: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes).find(|(kind, _)| kind == wanted).map(|(_, body)| body)
}

/// The boxes of a file, or of a box: kind and content (ISO/IEC 14496-12 §4.2).
fn boxes(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let kind = rest.get(4..8)?;
        let (head, length) = match be32(rest, 0)? {
            0 => (8, rest.len()),
            1 => (16, usize::try_from(u64::from(be32(rest, 8)?) << 32 | u64::from(be32(rest, 12)?)).ok()?),
            length => (8, usize::try_from(length).ok()?),
        };
        let body = rest.get(head..length)?;
        rest = rest.get(length..)?;
        Some((kind, body))
    })
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(*bytes.get(at)?) | u32::from(*bytes.get(at + 1)?) << 8)
}

fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    Some(le16(bytes, at)? | u32::from(*bytes.get(at + 2)?) << 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(bytes: &[u8]) -> Option<(PictureKind, u32, u32, bool)> {
        PictureFacts::of(bytes).map(|facts| (facts.kind, facts.width, facts.height, facts.animated))
    }

    fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&length[..], kind, body, &[0; 4]].concat()
    }

    fn part(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 8).unwrap().to_be_bytes();
        [&length[..], kind, body].concat()
    }

    #[test]
    fn a_picture_is_known_by_its_signature() {
        assert_eq!(PictureKind::of(b"\x89PNG\r\n\x1a\n...."), Some(PictureKind::Png));
        assert_eq!(PictureKind::of(b"RIFF\0\0\0\0WEBPVP8 "), Some(PictureKind::Webp));
        assert_eq!(PictureKind::of(b"\xff\xd8\xff\xe0"), Some(PictureKind::Jpeg));
        assert_eq!(PictureKind::of(b"GIF89a"), Some(PictureKind::Gif));
        assert_eq!(PictureKind::of(&part(b"ftyp", b"mif1\0\0\0\0avif")), Some(PictureKind::Avif));
        for other in [&b"<svg onload=alert(1)>"[..], b"", b"GIF88a", &part(b"ftyp", b"isom\0\0\0\0mp42")] {
            assert_eq!(PictureKind::of(other), None);
        }
    }

    #[test]
    fn a_png_moves_if_it_says_so_in_front_of_its_first_picture() {
        let head =
            [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &[0, 0, 1, 0, 0, 0, 0, 32, 8, 6, 0, 0, 0])].concat();
        let still = [head.clone(), chunk(b"IDAT", b"xx"), chunk(b"acTL", &[0; 8])].concat();
        let moving = [head.clone(), chunk(b"tEXt", b"acTL"), chunk(b"acTL", &[0; 8])].concat();
        assert_eq!(facts(&still), Some((PictureKind::Png, 256, 32, false)));
        assert_eq!(facts(&moving), Some((PictureKind::Png, 256, 32, true)));
        assert_eq!(facts(&head[..20]), None);
    }

    #[test]
    fn a_gif_moves_if_it_has_a_second_picture() {
        let head = b"GIF89a\x20\x00\x10\x00\x80\x00\x00\x01\x02\x03\x04\x05\x06";
        let comment = b"\x21\xfe\x02,,\x00";
        let picture = b"\x2c\0\0\0\0\x20\0\x10\0\0\x02\x03abc\x01d\x00";
        let still = [&head[..], comment, picture, b"\x3b"].concat();
        let moving = [&head[..], picture, comment, picture, b"\x3b"].concat();
        assert_eq!(facts(&still), Some((PictureKind::Gif, 32, 16, false)));
        assert_eq!(facts(&moving), Some((PictureKind::Gif, 32, 16, true)));
    }

    #[test]
    fn the_three_heads_of_webp_are_read() {
        let riff = |chunk: &[u8]| [b"RIFF\0\0\0\0WEBP", chunk].concat();
        let extended = riff(b"VP8X\x0a\0\0\0\x02\0\0\0\x1f\0\0\x0f\x01\0");
        assert_eq!(facts(&extended), Some((PictureKind::Webp, 32, 272, true)));
        let lossy = riff(b"VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x20\x40\x10\x00");
        assert_eq!(facts(&lossy), Some((PictureKind::Webp, 32, 16, false)));
        // 31 and 15 in fourteen bits each.
        let lossless = riff(b"VP8L\x05\0\0\0\x2f\x1f\xc0\x03\x00");
        assert_eq!(facts(&lossless), Some((PictureKind::Webp, 32, 16, false)));
        assert_eq!(facts(&riff(b"VP8 \x0a\0\0\0\0\0\0\0\0\0\0\0\0\0")), None);
    }

    #[test]
    fn the_largest_picture_of_an_avif_file_counts() {
        let size = |width: u8, height: u8| part(b"ispe", &[0, 0, 0, 0, 0, 0, 0, width, 0, 0, 0, height]);
        let properties = part(b"ipco", &[size(8, 8), part(b"pixi", &[0; 4]), size(64, 48)].concat());
        let meta = part(b"meta", &[vec![0; 4], part(b"iprp", &properties)].concat());
        let still = [part(b"ftyp", b"avif\0\0\0\0mif1"), meta.clone()].concat();
        assert_eq!(facts(&still), Some((PictureKind::Avif, 64, 48, false)));
        let moving = [part(b"ftyp", b"avis\0\0\0\0avif"), meta].concat();
        assert_eq!(facts(&moving), Some((PictureKind::Avif, 64, 48, true)));
        assert_eq!(facts(&part(b"ftyp", b"avif\0\0\0\0")), None);
    }
}
