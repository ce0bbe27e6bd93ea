//! The credential of a request, however its client writes it (T23).

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Uri};
use sluice_domain::Redacted;
use sluice_live::Credential;

/// What the caller presents: a Bearer token, a bare key, or a key in the URL for clients that
/// cannot send headers. Absent where JavaScript wrote `undefined` for it.
pub(crate) fn credential(headers: &HeaderMap, uri: &Uri) -> Option<Credential> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(token);
    header.map(str::to_owned).or_else(|| uri.query().and_then(from_query)).map(Redacted::new)
}

fn token(value: &str) -> Option<&str> {
    let mut words = value.split_ascii_whitespace();
    let token = match (words.next()?, words.next()) {
        (scheme, Some(token)) if scheme.eq_ignore_ascii_case("bearer") => token,
        (scheme, None) if !scheme.eq_ignore_ascii_case("bearer") => scheme,
        _ => return None,
    };
    meant(token)
}

fn from_query(query: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut values =
        pairs.filter(|(name, _)| matches!(*name, "token" | "key")).map(|(_, value)| decoded(value));
    values.find(|value| meant(value).is_some())
}

fn meant(token: &str) -> Option<&str> {
    (!matches!(token, "" | "undefined" | "null")).then_some(token)
}

/// Percent-decoding; what is not an escape stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let escape = tail.get(..2).filter(|_| byte == b'%').and_then(|digits| str::from_utf8(digits).ok());
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => {
                bytes.push(value);
                rest = &tail[2..];
            }
            None => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: Option<&str>, uri: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert(AUTHORIZATION, value.parse().unwrap());
        }
        credential(&headers, &uri.parse().unwrap()).map(|credential| credential.expose().clone())
    }

    #[test]
    fn t23_a_key_is_read_however_it_is_written() {
        for header in ["Bearer sk_1", "bearer sk_1", "BEARER   sk_1", "sk_1", " Bearer sk_1 "] {
            assert_eq!(of(Some(header), "/whip"), Some("sk_1".to_owned()), "{header}");
        }
        assert_eq!(of(None, "/whip?token=sk%5F1"), Some("sk_1".to_owned()));
        assert_eq!(of(None, "/whip?a=b&key=sk_1"), Some("sk_1".to_owned()));
        assert_eq!(of(Some("Bearer undefined"), "/whip?key=sk_1"), Some("sk_1".to_owned()));
        assert_eq!(of(None, "/whip?key=a%2"), Some("a%2".to_owned()));
    }

    #[test]
    fn t23_an_unset_key_of_javascript_is_no_key() {
        for header in
            ["Bearer undefined", "Bearer null", "Bearer", "Bearer ", "undefined", "", "Basic dXNlcg=="]
        {
            assert_eq!(of(Some(header), "/whip"), None, "{header}");
        }
        assert_eq!(of(None, "/whip?key=&token=undefined"), None);
    }
}
