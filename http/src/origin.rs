//! Where a request came from and under which address it reached us.
//!
//! Both matter and both can be forged: `X-Forwarded-*` counts only when the connection comes from
//! a proxy that the configuration trusts.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::ConnectInfo;
use axum::http::uri::Authority;
use axum::http::{Extensions, HeaderMap, Uri, header};
use ipnet::IpNet;
use thiserror::Error;

/// Networks whose `X-Forwarded-*` headers are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// The given networks, such as `127.0.0.0/8`.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether an address belongs to a trusted proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

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

/// Decides on callers' addresses and on our own, by configuration.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    /// Used for every absolute URL when given.
    pub public_url: Option<PublicUrl>,
    /// Proxies that are believed.
    pub trusted_proxies: TrustedProxies,
}

impl Origins {
    /// The caller's address: the connection's, or the last one of `X-Forwarded-For` that is not
    /// itself a trusted proxy.
    pub fn caller(&self, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
        let connection = connection(extensions);
        if !self.trusted_proxies.contains(connection) {
            return connection;
        }
        let listed = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<IpAddr> = listed.flat_map(|list| list.split(',')).filter_map(forwarded).collect();
        let outside = hops.iter().rev().find(|address| !self.trusted_proxies.contains(**address));
        outside.copied().unwrap_or(connection)
    }

    /// Scheme and authority under which the caller reached us, without a slash at the end; `None`
    /// where the request has no usable `Host`.
    pub fn origin(&self, headers: &HeaderMap, uri: &Uri, extensions: &Extensions) -> Option<String> {
        if let Some(url) = &self.public_url {
            return Some(url.as_str().to_owned());
        }
        let trusted = self.trusted_proxies.contains(connection(extensions));
        let forwarded = |name: &str| trusted.then(|| first(headers, name)).flatten();
        let scheme = match forwarded("x-forwarded-proto") {
            Some(proto) if proto.eq_ignore_ascii_case("https") => "https",
            _ => "http",
        };
        let host = forwarded("x-forwarded-host")
            .or_else(|| headers.get(header::HOST).and_then(|value| value.to_str().ok()))
            .or_else(|| uri.authority().map(Authority::as_str))?;
        let authority: Authority = host.parse().ok()?;
        (!authority.host().is_empty() && !host.contains('@')).then(|| format!("{scheme}://{authority}"))
    }
}

fn connection(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |connect| connect.0.ip().to_canonical())
}

/// The first element of a comma list: what the proxy nearest to the caller saw.
fn first<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name)?.to_str().ok()?;
    value.split(',').next().map(str::trim).filter(|text| !text.is_empty())
}

/// An element of `X-Forwarded-For`, which some proxies write with a port.
fn forwarded(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.or_else(|_| text.trim_matches(['[', ']']).parse()).ok().map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(proxy: &str) -> Origins {
        Origins {
            public_url: None,
            trusted_proxies: TrustedProxies::new(vec![proxy.parse().expect("a network")]),
        }
    }

    fn request(from: &str, headers: &[(&'static str, &str)]) -> (HeaderMap, Extensions) {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo::<SocketAddr>(from.parse().unwrap()));
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        (headers.collect(), extensions)
    }

    #[test]
    fn forwarded_headers_of_strangers_are_ignored() {
        let origins = behind("10.0.0.0/8");
        let forged = [
            ("host", "a.example"),
            ("x-forwarded-for", "9.9.9.9"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "https"),
        ];
        let (headers, extensions) = request("192.0.2.1:5000", &forged);
        assert_eq!(origins.caller(&headers, &extensions).to_string(), "192.0.2.1");
        let origin = origins.origin(&headers, &Uri::from_static("/"), &extensions);
        assert_eq!(origin.as_deref(), Some("http://a.example"));
    }

    #[test]
    fn a_trusted_proxy_tells_address_scheme_and_host() {
        let origins = behind("10.0.0.0/8");
        let told = [
            ("host", "inner:8080"),
            ("x-forwarded-for", "6.6.6.6, 9.9.9.9, 10.0.0.7"),
            ("x-forwarded-host", "live.example"),
            ("x-forwarded-proto", "https"),
        ];
        let (headers, extensions) = request("10.0.0.1:5000", &told);
        assert_eq!(origins.caller(&headers, &extensions).to_string(), "9.9.9.9");
        let origin = origins.origin(&headers, &Uri::from_static("/"), &extensions);
        assert_eq!(origin.as_deref(), Some("https://live.example"));
    }

    #[test]
    fn the_public_url_wins_and_keeps_its_path() {
        let origins =
            Origins { public_url: Some("https://x.example/live/".parse().unwrap()), ..Origins::default() };
        let (headers, extensions) = request("192.0.2.1:5000", &[("host", "a.example")]);
        let origin = origins.origin(&headers, &Uri::from_static("/"), &extensions);
        assert_eq!(origin.as_deref(), Some("https://x.example/live"));
    }

    #[test]
    fn a_host_that_could_splice_a_url_is_refused() {
        for host in ["a b", "a/b", "user@a", ""] {
            let (headers, extensions) = request("192.0.2.1:5000", &[("host", host)]);
            assert_eq!(
                Origins::default().origin(&headers, &Uri::from_static("/"), &extensions),
                None,
                "{host}"
            );
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
