//! The web app, embedded at build time: its files, its client-side routes, its security headers.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};
use sluice_domain::ProblemCode;
use sluice_http::Problem;

/// `web/dist`, or a page that says how to make it (see `build.rs`).
#[derive(RustEmbed)]
#[folder = "$SLUICE_WEB_DIR"]
struct Files;

/// Paths whose answers are never the web app, so that a wrong URL is not answered with a page.
const RESERVED: [&str; 8] = ["api", "whip", "whep", "session", "health", "metrics", "assets", ".well-known"];

/// A hashed name never changes its content.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Everything else is asked for again each time, and answered with 304 while it is the same.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// Camera, microphone and screen are for our own pages; an embedding page cannot take them.
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()",
);

/// A page of another site that opened one of ours, or was opened by it, has no hold on its window.
const ALONE: HeaderValue = HeaderValue::from_static("same-origin");

/// Answers what no route has taken.
pub(super) async fn serve(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return nothing_here().await;
    }
    if let Some(file) = Files::get(path) {
        let caching = if path.starts_with("assets/") { IMMUTABLE } else { REVALIDATE };
        return answer(path, &file, caching, request.headers());
    }
    let first = path.split('/').next().unwrap_or_default();
    if RESERVED.contains(&first) {
        return nothing_here().await;
    }
    match Files::get("index.html") {
        Some(page) => {
            let mut response = answer("index.html", &page, REVALIDATE, request.headers());
            let policy = if first == "embed" { &POLICIES.embeddable } else { &POLICIES.own };
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy.clone());
            response.headers_mut().insert("cross-origin-opener-policy", ALONE);
            response
        }
        None => nothing_here().await,
    }
}

/// Answers what has no route, file or page.
pub(super) async fn nothing_here() -> Response {
    let detail = "No page, file or endpoint has this address.";
    Problem::new(StatusCode::NOT_FOUND, ProblemCode::NotFound, detail).into_response()
}

fn answer(path: &str, file: &EmbeddedFile, caching: HeaderValue, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let same = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|tags| {
        // Compression on the way makes the tag weak.
        tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag)
    });
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(file.data.clone()).into_response()
    };
    let headers = response.headers_mut();
    if !same {
        let kind = HeaderValue::from_str(file.metadata.mimetype());
        let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
        headers.insert(header::CONTENT_TYPE, with_charset(path, kind));
    }
    // `W/`: the same content is sent in several encodings.
    let weak = HeaderValue::from_str(&format!("W/{tag}")).expect("a tag has only hexadecimal digits");
    headers.insert(header::ETAG, weak);
    headers.insert(header::CACHE_CONTROL, caching);
    headers.insert("permissions-policy", PERMISSIONS);
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICIES.own.clone());
    response
}

fn with_charset(path: &str, kind: HeaderValue) -> HeaderValue {
    match path.rsplit('.').next() {
        Some("html") => HeaderValue::from_static("text/html; charset=utf-8"),
        Some("js") => HeaderValue::from_static("text/javascript; charset=utf-8"),
        Some("css") => HeaderValue::from_static("text/css; charset=utf-8"),
        _ => kind,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Content security policies, made once: they name the inline scripts of the page by hash.
struct Policies {
    own: HeaderValue,
    embeddable: HeaderValue,
}

static POLICIES: LazyLock<Policies> = LazyLock::new(|| {
    let page = Files::get("index.html");
    let html = page.as_ref().map_or(String::new(), |page| String::from_utf8_lossy(&page.data).into_owned());
    let inline = inline_script_hashes(&html);
    let policy = |ancestors: &str| {
        let text = format!(
            "default-src 'self'; script-src 'self'{inline}; style-src 'self'; img-src 'self' blob:; \
             media-src 'self' blob: mediastream:; font-src 'self'; connect-src 'self'; \
             worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; \
             frame-ancestors {ancestors}"
        );
        HeaderValue::from_str(&text).expect("a policy has only visible ASCII")
    };
    Policies { own: policy("'self'"), embeddable: policy("*") }
});

/// ` 'sha256-…'` for each inline script, so that no other inline script runs.
fn inline_script_hashes(html: &str) -> String {
    let mut hashes = String::new();
    let mut rest = html;
    while let Some(start) = rest.find("<script") {
        rest = &rest[start..];
        let (Some(open), Some(close)) = (rest.find('>'), rest.find("</script>")) else { break };
        if open < close && !rest[..open].contains("src=") {
            let digest = Sha256::digest(&rest.as_bytes()[open + 1..close]);
            hashes.push_str(&format!(" 'sha256-{}'", BASE64.encode(digest)));
        }
        rest = &rest[close..];
        rest = rest.get(1..).unwrap_or_default();
    }
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inline_scripts_are_named_in_the_policy() {
        assert_eq!(inline_script_hashes("<script src=\"/a.js\"></script><p>"), "");
        // The hash of `1` as browsers compute it.
        assert_eq!(
            inline_script_hashes("<script type=module src=x></script><script>1</script>"),
            " 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"
        );
        assert_eq!(inline_script_hashes("<script>never closed"), "");
    }
}
