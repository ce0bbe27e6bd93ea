//! How files and playlists of HLS and DASH leave the server: cache headers, entity tags, ranges, gzip.

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

/// For how long whoever stands between us and a player may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// For good: what the address names never changes.
    Forever,
    /// For so many seconds.
    Seconds(u32),
}

/// Who may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeper {
    /// Anybody: the stream is open to everybody.
    Anybody,
    /// Nobody but the player who asked.
    Player,
}

/// What all answers about one stream have in common.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Serving<'a> {
    pub(crate) headers: &'a HeaderMap,
    pub(crate) keeper: Keeper,
}

/// Part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) from: u64,
    /// The byte behind the last one.
    pub(crate) to: u64,
}

/// An answer about a file, before any of it is read.
pub(crate) struct Headed {
    status: StatusCode,
    /// What has to be read.
    pub(crate) part: Option<Part>,
    tag: String,
}

/// What a request wants of a file that has so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    Part(Part),
    /// None of it exists.
    Nothing,
}

impl Serving<'_> {
    /// A text that changes, with the same text compressed.
    pub(crate) fn text(
        &self,
        plain: &Bytes,
        gzip: impl FnOnce() -> Bytes,
        content_type: &'static str,
        kept: Kept,
    ) -> Response {
        // Weak: the same text comes compressed and not.
        let tag = format!("W/\"{:016x}\"", fingerprint(plain));
        let compressed = self.takes_gzip();
        let mut response = if self.knows(&tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = if compressed { gzip() } else { plain.clone() }.into_response();
            if compressed {
                response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            response
        };
        response.headers_mut().insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        self.finish(&mut response, content_type, kept, &tag);
        response
    }

    /// A text that changes and is not compressed.
    pub(crate) fn plain(&self, text: &Bytes, content_type: &'static str, kept: Kept) -> Response {
        let tag = format!("{:016x}", fingerprint(text));
        self.bytes(text.clone(), content_type, kept, &tag)
    }

    /// A file that is in memory, or the part of it that is wanted.
    pub(crate) fn bytes(&self, bytes: Bytes, content_type: &'static str, kept: Kept, tag: &str) -> Response {
        let length = bytes.len() as u64;
        let headed = self.head(length, tag);
        let body = headed.part.map(|part| {
            let at = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX).min(bytes.len());
            Body::from(bytes.slice(at(part.from)..at(part.to)))
        });
        self.whole(headed, body, content_type, kept, length)
    }

    /// A picture that may be another one later under the same address.
    pub(crate) fn picture(&self, picture: Bytes, kept: Kept) -> Response {
        let tag = format!("{:016x}", fingerprint(&picture));
        self.bytes(picture, "image/jpeg", kept, &tag)
    }

    /// What the answer to a request for a file is, before any of it is read.
    pub(crate) fn head(&self, length: u64, tag: &str) -> Headed {
        let tag = format!("\"{tag}\"");
        if self.knows(&tag) {
            return Headed { status: StatusCode::NOT_MODIFIED, part: None, tag };
        }
        let (status, part) = match self.wanted(length, &tag) {
            Wanted::All => (StatusCode::OK, Some(Part { from: 0, to: length })),
            Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, Some(part)),
            Wanted::Nothing => (StatusCode::RANGE_NOT_SATISFIABLE, None),
        };
        Headed { status, part, tag }
    }

    /// The answer, with the part that [`Serving::head`] asked for.
    pub(crate) fn whole(
        &self,
        Headed { status, part, tag }: Headed,
        body: Option<Body>,
        content_type: &'static str,
        kept: Kept,
        length: u64,
    ) -> Response {
        let mut response = (status, body.unwrap_or_else(Body::empty)).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::RANGE_NOT_SATISFIABLE {
            insert(headers, CONTENT_RANGE, &format!("bytes */{length}"));
            return response;
        }
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if let Some(part) = part {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(part.to - part.from));
            if status == StatusCode::PARTIAL_CONTENT {
                insert(headers, CONTENT_RANGE, &format!("bytes {}-{}/{length}", part.from, part.to - 1));
            }
        }
        self.finish(&mut response, content_type, kept, &tag);
        response
    }

    fn finish(&self, response: &mut Response, content_type: &'static str, kept: Kept, tag: &str) {
        let who = match self.keeper {
            Keeper::Anybody => "public",
            Keeper::Player => "private",
        };
        let how_long = match kept {
            Kept::Forever => "max-age=31536000, immutable".to_owned(),
            Kept::Seconds(seconds) => format!("max-age={seconds}"),
        };
        let headers = response.headers_mut();
        insert(headers, CACHE_CONTROL, &format!("{who}, {how_long}"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        insert(headers, ETAG, tag);
    }

    /// What of a file is wanted. Several ranges at once are answered with the whole file, as RFC 9110 §14.2
    /// allows.
    pub(crate) fn wanted(&self, length: u64, tag: &str) -> Wanted {
        let of_another = self.headers.get(IF_RANGE).is_some_and(|known| known.as_bytes() != tag.as_bytes());
        match self.headers.get(RANGE).and_then(|range| range.to_str().ok()) {
            Some(range) if !of_another => range_of(range, length),
            _ => Wanted::All,
        }
    }

    /// Whether the caller has this already.
    fn knows(&self, tag: &str) -> bool {
        let plain = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let known = self.headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
        known.is_some_and(|tags| {
            tags.split(',').any(|known| known.trim() == "*" || plain(known) == plain(tag))
        })
    }

    fn takes_gzip(&self) -> bool {
        let accepted = self.headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        accepted.is_some_and(|accepted| {
            accepted.split(',').any(|coding| {
                let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
                let refused = quality.trim().strip_prefix("q=").is_some_and(|quality| {
                    quality.bytes().all(|byte| matches!(byte, b'0' | b'.')) && !quality.is_empty()
                });
                name.trim().eq_ignore_ascii_case("gzip") && !refused
            })
        })
    }
}

/// The part that a Range header names (RFC 9110 §14.1.2).
fn range_of(range: &str, length: u64) -> Wanted {
    let Some((from, to)) = range.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-')) else {
        return Wanted::All;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let part = match (from.trim().is_empty(), to.trim().is_empty()) {
        // The last so many bytes.
        (true, false) => number(to).map(|last| (length.saturating_sub(last), length)),
        (false, true) => number(from).map(|from| (from, length)),
        (false, false) => match (number(from), number(to)) {
            (Some(from), Some(to)) if from <= to => Some((from, to.saturating_add(1).min(length))),
            _ => None,
        },
        (true, true) => None,
    };
    match part {
        None => Wanted::All,
        Some((from, to)) if from < to && from < length => Wanted::Part(Part { from, to }),
        Some(_) => Wanted::Nothing,
    }
}

fn insert(headers: &mut HeaderMap, name: axum::http::HeaderName, value: &str) {
    headers.insert(name, HeaderValue::from_str(value).expect("tags and numbers are visible ASCII"));
}

/// FNV-1a over words of eight bytes: tells two texts apart that follow one another; nobody's secret hangs on it.
fn fingerprint(bytes: &[u8]) -> u64 {
    const SEED: u64 = 0xcbf2_9ce4_8422_2325;
    let mix = |hash: u64, word: u64| {
        let hash = (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3);
        // A multiplication carries upwards only, and the tag of a text has all bits.
        hash ^ (hash >> 32)
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let hash = words.iter().fold(SEED, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    rest.iter().fold(mix(hash, bytes.len() as u64), |hash, byte| mix(hash, u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| (name.parse().unwrap(), value.parse().unwrap());
        pairs.iter().map(pair).collect()
    }

    fn part(from: u64, to: u64) -> Wanted {
        Wanted::Part(Part { from, to })
    }

    #[test]
    fn a_range_names_bytes_from_the_beginning_or_from_the_end() {
        for (range, wanted) in [
            ("bytes=0-0", part(0, 1)),
            ("bytes=2-4", part(2, 5)),
            ("bytes=7-", part(7, 10)),
            ("bytes=2-99999999999999999999", Wanted::All),
            ("bytes=2-99", part(2, 10)),
            ("bytes=-3", part(7, 10)),
            ("bytes=-30", part(0, 10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=5-4", Wanted::All),
            ("bytes=0-1,4-5", Wanted::All),
            ("bytes=", Wanted::All),
            ("items=0-1", Wanted::All),
        ] {
            assert_eq!(range_of(range, 10), wanted, "{range}");
        }
        assert_eq!(range_of("bytes=0-", 0), Wanted::Nothing);
    }

    #[tokio::test]
    async fn part_of_a_file_says_which_part_it_is() {
        let headers = headers(&[("range", "bytes=1-2")]);
        let serving = Serving { headers: &headers, keeper: Keeper::Anybody };
        let response = serving.bytes(Bytes::from_static(b"abcd"), "video/mp4", Kept::Forever, "seg-1");
        assert_eq!(response.status(), 206);
        assert_eq!(response.headers()["content-range"], "bytes 1-2/4");
        assert_eq!(response.headers()["content-length"], "2");
        assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
        let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
        assert_eq!(body.as_ref(), b"bc");
    }

    #[test]
    fn a_range_of_a_file_that_was_replaced_is_answered_with_all_of_the_new_one() {
        let answer = |tag: &str| {
            let headers = headers(&[("range", "bytes=1-2"), ("if-range", tag)]);
            let serving = Serving { headers: &headers, keeper: Keeper::Anybody };
            serving.bytes(Bytes::from_static(b"abcd"), "video/mp4", Kept::Forever, "new").status()
        };
        assert_eq!((answer("\"old\""), answer("\"new\"")), (StatusCode::OK, StatusCode::PARTIAL_CONTENT));
    }

    #[test]
    fn what_a_player_has_is_not_sent_again_whatever_its_compression() {
        let (text, gzip) = (Bytes::from_static(b"#EXTM3U"), || Bytes::from_static(b"gz"));
        let first = headers(&[("accept-encoding", "br, gzip")]);
        let serving = Serving { headers: &first, keeper: Keeper::Player };
        let response = serving.text(&text, gzip, "text/plain", Kept::Seconds(1));
        assert_eq!(response.headers()["content-encoding"], "gzip");
        assert_eq!(response.headers()["cache-control"], "private, max-age=1");
        assert_eq!(response.headers()["vary"], "Accept-Encoding");
        let tag = response.headers()["etag"].to_str().unwrap().to_owned();
        let again = headers(&[("if-none-match", &tag)]);
        let again = Serving { headers: &again, keeper: Keeper::Player };
        assert_eq!(again.text(&text, gzip, "text/plain", Kept::Seconds(1)).status(), 304);
        let other = again.text(&Bytes::from_static(b"#EXTM3U\n"), gzip, "text/plain", Kept::Seconds(1));
        assert_eq!(other.status(), 200);
        assert!(other.headers().get("content-encoding").is_none());
    }

    #[test]
    fn texts_that_differ_anywhere_have_different_tags() {
        let text = b"#EXTM3U\n#EXT-X-VERSION:9\n".to_vec();
        let mut tags = std::collections::BTreeSet::from([fingerprint(&text)]);
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut other = text.clone();
                other[at] ^= 1 << bit;
                assert!(tags.insert(fingerprint(&other)), "byte {at}, bit {bit}");
            }
            assert!(tags.insert(fingerprint(&text[..at])), "{at} bytes");
        }
    }

    #[test]
    fn who_refuses_gzip_gets_none() {
        for (accepted, gzip) in
            [("gzip", true), ("GZIP;q=0.5", true), ("gzip;q=0", false), ("gzip;q=0.0", false), ("br", false)]
        {
            let headers = headers(&[("accept-encoding", accepted)]);
            let serving = Serving { headers: &headers, keeper: Keeper::Anybody };
            assert_eq!(serving.takes_gzip(), gzip, "{accepted}");
        }
    }
}
