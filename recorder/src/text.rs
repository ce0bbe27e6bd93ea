//! Texts of playlists, ready to be sent.

use std::io::Write as _;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::error::HlsRefusal;

/// A playlist or manifest. Clones share their bytes.
#[derive(Debug, Clone)]
pub struct Text {
    /// As it is.
    pub plain: Bytes,
    gzip: Arc<OnceLock<Bytes>>,
}

impl Text {
    pub(crate) fn new(text: String) -> Self {
        Self { plain: text.into(), gzip: Arc::default() }
    }

    /// Compressed by gzip: once, whoever asks first.
    pub fn gzip(&self) -> Bytes {
        self.gzip.get_or_init(|| compress(&self.plain)).clone()
    }
}

/// A text with places for the query, which is another one for each viewer with a token.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    text: Arc<str>,
}

impl Template {
    /// `write` gets the query to write behind every URI.
    pub(crate) fn new(write: impl FnOnce(&str) -> String) -> Self {
        Self { text: write(PLACE).into() }
    }

    pub(crate) fn fill(&self, query: &str) -> Text {
        Text::new(self.text.replace(PLACE, query))
    }
}

/// Refuses a query that could be more than one within a line of a playlist.
pub(crate) fn plain_query(query: &str) -> Result<(), HlsRefusal> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'#');
    if query.len() <= MAX_QUERY && query.bytes().all(plain) { Ok(()) } else { Err(HlsRefusal::Absurd) }
}

fn compress(plain: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::new(LEVEL));
    // A vector takes whatever is written.
    match encoder.write_all(plain).and_then(|()| encoder.finish()) {
        Ok(bytes) => bytes.into(),
        Err(_) => Bytes::new(),
    }
}

/// Stands where the query will be; no playlist has this character, and no query may.
const PLACE: &str = "\u{1}";

/// Playlists repeat themselves so much that more effort saves little.
const LEVEL: u32 = 3;

/// Longer than any token.
const MAX_QUERY: usize = 4_096;

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn a_text_is_compressed_once_and_reads_back() {
        let text = Text::new("#EXTM3U\n".repeat(1_000));
        let gzip = text.gzip();
        assert_eq!(gzip.as_ptr(), text.clone().gzip().as_ptr());
        let mut plain = Vec::new();
        GzDecoder::new(&gzip[..]).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, text.plain);
        assert!(gzip.len() < 200, "{}", gzip.len());
    }

    #[test]
    fn a_query_that_would_break_a_line_is_refused() {
        for bad in ["a\nb", "a\"b", "a b", "a\u{1}", "é", "a<b", &"a".repeat(5_000)] {
            assert_eq!(plain_query(bad), Err(HlsRefusal::Absurd), "{bad}");
        }
        assert_eq!(plain_query("token=eyJhbGciOi.J9_-%3D&x=1"), Ok(()));
        assert_eq!(plain_query(""), Ok(()));
    }

    #[test]
    fn a_template_has_the_query_at_every_place() {
        let template = Template::new(|query| format!("a?{query}\nb?{query}\n"));
        assert_eq!(template.fill("t=1").plain, "a?t=1\nb?t=1\n");
    }
}
