//! Where a request came from and under which address it reached us.
//!
//! `server` resolves proxies before a request gets here: connect info is the true caller, and
//! `X-Forwarded-*` headers are there only if a trusted proxy wrote them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::ConnectInfo;
use axum::http::uri::Authority;
use axum::http::{Extensions, HeaderMap, Uri, header};
use thiserror::Error;

/// The address under which callers reach this server, such as `https://live.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

/// A text that cannot be a public URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a public URL begins with http:// or https://, has a host, and has neither query nor fragment")]
pub struct InvalidPublicUrl;

impl PublicUrl {
    /// The URL without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|_| InvalidPublicUrl)?;
        let web = matches!(uri.scheme_str(), Some("http" | "https"));
        let plain = uri.query().is_none() && !text.contains('#');
        let host = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        if web && plain && host {
            Ok(Self(text.trim_end_matches('/').to_owned()))
        } else {
            Err(InvalidPublicUrl)
        }
    }
}

/// Scheme and authority for absolute URLs, without a slash at the end: the public URL, or what the
/// caller used. `None` where the request has no usable `Host`.
pub fn origin(public_url: Option<&PublicUrl>, headers: &HeaderMap, uri: &Uri) -> Option<String> {
    if let Some(url) = public_url {
        return Some(url.as_str().to_owned());
    }
    let scheme = match first(headers, "x-forwarded-proto") {
        Some(proto) if proto.eq_ignore_ascii_case("https") => "https",
        _ => "http",
    };
    let host = first(headers, "x-forwarded-host")
        .or_else(|| headers.get(header::HOST).and_then(|value| value.to_str().ok()))
        .or_else(|| uri.authority().map(Authority::as_str))?;
    let authority: Authority = host.parse().ok()?;
    (!authority.host().is_empty() && !host.contains('@')).then(|| format!("{scheme}://{authority}"))
}

/// The caller's address; unspecified where the router is served without connect info.
pub fn caller(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |connect| connect.0.ip().to_canonical())
}

/// The first element of a comma list: what the proxy nearest to the caller saw.
fn first<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name)?.to_str().ok()?;
    value.split(',').next().map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin_of(public_url: Option<&str>, headers: &[(&'static str, &str)]) -> Option<String> {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let public_url = public_url.map(|url| url.parse().unwrap());
        origin(public_url.as_ref(), &headers.collect(), &Uri::from_static("/"))
    }

    #[test]
    fn a_proxy_tells_scheme_and_host() {
        let told =
            [("host", "inner:80"), ("x-forwarded-host", "live.example"), ("x-forwarded-proto", "https")];
        assert_eq!(origin_of(None, &told).as_deref(), Some("https://live.example"));
        assert_eq!(origin_of(None, &[("host", "a:8080")]).as_deref(), Some("http://a:8080"));
    }

    #[test]
    fn the_public_url_wins_and_keeps_its_path() {
        let url = origin_of(Some("https://x.example/live/"), &[("host", "a.example")]);
        assert_eq!(url.as_deref(), Some("https://x.example/live"));
    }

    #[test]
    fn a_host_that_could_splice_a_url_is_refused() {
        for host in ["a b", "a/b", "user@a", ""] {
            assert_eq!(origin_of(None, &[("host", host)]), None, "{host}");
        }
    }

    #[test]
    fn public_urls_are_checked() {
        for bad in ["live.example", "ftp://x", "https://x/?a=b", "https://x/#a", "https://u@x", "https://"] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
        assert_eq!("http://x:8080/".parse::<PublicUrl>().unwrap().as_str(), "http://x:8080");
    }
}
