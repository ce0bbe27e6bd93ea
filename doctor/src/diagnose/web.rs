//! The page: name, HTTP, TLS, WebSocket.

use super::{finding, list};
use crate::address::is_outside;
use crate::facts::{CertificateProblem, Facts, Failure, HttpFacts, Outcome, TlsFacts, WebSocketFacts};
use crate::finding::{Finding, FindingCode as Code};

/// How long before its end a certificate is worth a word, in milliseconds. ACME renews a month before; two weeks
/// leave time to find out why it did not.
const ENDS_SOON_MS: i64 = 14 * 24 * 3600 * 1000;

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(http) = &facts.http {
        let problem = facts.tls.as_ref().and_then(|tls| tls.problem);
        // A certificate that is not taken has a finding of its own.
        if http.outcome == Outcome::Fails && problem.is_none() {
            findings.push(unreachable(http));
        }
        findings.extend(plain(http));
    }
    if let Some(tls) = &facts.tls {
        let now = facts.node.as_ref().and_then(|node| i64::try_from(node.time_ms).ok());
        findings.extend(certificate(tls, now));
    }
    let answers = facts.http.as_ref().is_none_or(|http| http.outcome == Outcome::Works);
    findings.extend(facts.websocket.as_ref().filter(|_| answers).and_then(websocket));
    findings
}

fn unreachable(http: &HttpFacts) -> Finding {
    let origin = &http.origin;
    let host = host(origin);
    match http.failure {
        Some(Failure::UnknownName) => finding(
            Code::NameUnknown,
            format!("No address was found for {host}."),
            format!(
                "Check the spelling. If it is right, add an A or AAAA record for {host} at whoever runs its DNS, \
                 and wait until it is known: `dig {host}`."
            ),
        ),
        Some(Failure::Strange) => {
            let status = http.status.map(|status| format!(" (status {status})")).unwrap_or_default();
            finding(
                Code::NotSluice,
                format!(
                    "The address {origin}/doctor/node answered{status}, but not as Sluice does: another program has the address, a \
                     proxy does not pass it on, or the network asks for a sign-in first."
                ),
                "Open the address in a browser. If a sign-in page of the network appears, sign in. If another \
                 program answers, let the proxy pass every path on to Sluice (docs/operate/reverse-proxy.md).",
            )
        }
        Some(Failure::Tls) => finding(
            Code::CertificateInvalid,
            format!(
                "The address {origin} can be reached, but TLS with it fails before a certificate could be judged."
            ),
            "If that port speaks plain HTTP, use http:// in the URL, or give it a certificate (`tls.acme_domains`). Otherwise see whether a proxy \
             in between ends TLS with settings of its own.",
        ),
        Some(Failure::Refused) => finding(
            Code::ServerUnreachable,
            format!(
                "The address {origin} refuses connections: nothing listens there, or a firewall says so."
            ),
            "On the server: `systemctl status sluice` shows whether it runs, `ss -ltn` on which address and port. Set \
             `listen` to an address that is reachable from outside, and open its port in the firewall.",
        ),
        Some(Failure::Full) => finding(
            Code::ServerUnreachable,
            format!(
                "The address {origin} answers that it has no room (status {}).",
                http.status.unwrap_or(503)
            ),
            "Try again in a minute. If it lasts, look at /metrics of the server and at `http.max_connections`.",
        ),
        Some(
            Failure::NoAnswer | Failure::NoRoute | Failure::Unauthorized | Failure::Closed | Failure::Other,
        )
        | None => finding(
            Code::ServerUnreachable,
            format!(
                "The address {origin} does not answer: its packets or those of this network are dropped on the way."
            ),
            "See whether other sites answer. If they do, open the port of `listen` in the server's firewall \
             and in the rules of its cloud provider, and see that the name's address is that of the server.",
        ),
    }
}

/// Over plain HTTP from another machine browsers give a page neither camera nor screen.
fn plain(http: &HttpFacts) -> Option<Finding> {
    let plain = http.outcome == Outcome::Works && http.origin.starts_with("http://");
    (plain && !is_this_machine(host(&http.origin))).then(|| {
        finding(
            Code::PlainHttp,
            format!(
                "The page comes from {}, over plain HTTP. Browsers then give the page neither camera nor microphone nor screen, and \
                 whoever is in between reads passwords along.",
                http.origin
            ),
            "Set `tls.acme_domains = [\"live.example.org\"]` (a public name) or `tls.self_signed = true` (a local \
             network), or let a proxy end TLS: docs/operate/reverse-proxy.md.",
        )
    })
}

fn certificate(tls: &TlsFacts, now: Option<i64>) -> Option<Finding> {
    let names = tls.certificate.as_ref().map(|certificate| list(&certificate.names)).unwrap_or_default();
    let renew = "Get a new one: with `tls.acme_domains` Sluice does it by itself, and its log says why it could not \
                 (`journalctl -u sluice | grep acme`); with files replace those of `tls.certificate` and `tls.key`, \
                 which are read again at once.";
    let found = match tls.problem {
        Some(CertificateProblem::Expired) => finding(
            Code::CertificateExpired,
            "The certificate's time is over; browsers show a warning instead of the page.",
            renew,
        ),
        Some(CertificateProblem::NotYetValid) => finding(
            Code::CertificateNotYetValid,
            "The certificate's time has not come, by the clock of this machine.",
            "See that the clocks of the server and of this machine are right (`timedatectl`). If they are, use the \
             certificate from its first day on.",
        ),
        Some(CertificateProblem::SelfSigned) => finding(
            Code::CertificateSelfSigned,
            "The certificate is signed with its own key; browsers show a warning, and OBS and phones refuse it.",
            "For a public name use `tls.acme_domains`, which gets one that everybody knows. In a local network it can stay: \
             let each device trust it once.",
        ),
        Some(CertificateProblem::UnknownIssuer) => finding(
            Code::CertificateUnknownIssuer,
            "Nobody whom this machine trusts signed the certificate; often the intermediate certificates are missing.",
            "Give `tls.certificate` the whole chain: the certificate first, then the intermediates (`fullchain.pem` \
             of certbot). With an issuer of your own, install its root certificate on this machine.",
        ),
        Some(CertificateProblem::WrongName) => finding(
            Code::CertificateWrongName,
            format!("The certificate is for {}, and not for the name in the URL.", or(&names, "other names")),
            "Use one of those names in the URL, or get a certificate for this name too: add it to `tls.acme_domains`, \
             or to the request at your issuer.",
        ),
        Some(CertificateProblem::Invalid) => finding(
            Code::CertificateInvalid,
            "TLS with the server fails; the certificate, its key or the version of TLS do not fit.",
            "See that `tls.certificate` and `tls.key` belong together, and what the server's log says at its start.",
        ),
        None => {
            let ends = tls.certificate.as_ref()?.not_after_ms;
            let left = ends - now?;
            if left >= ENDS_SOON_MS {
                return None;
            }
            let days = left / (24 * 3600 * 1000);
            finding(
                Code::CertificateEndsSoon,
                format!("The certificate expires in {days} days, and was not renewed until now."),
                renew,
            )
        }
    };
    Some(found)
}

fn websocket(facts: &WebSocketFacts) -> Option<Finding> {
    if facts.outcome != Outcome::Fails {
        return None;
    }
    let seen = match (facts.status, facts.failure) {
        (Some(status), _) => format!("the upgrade was answered with status {status}"),
        (None, Some(Failure::NoAnswer)) => "the upgrade was never answered".to_owned(),
        (None, Some(Failure::Closed)) => "the connection was closed in the middle of the upgrade".to_owned(),
        (None, _) => "it did not open".to_owned(),
    };
    Some(finding(
        Code::WebSocketBlocked,
        format!(
            "HTTP works and the WebSocket at /ws does not: {seen}. A proxy in between does not pass upgrades on. \
             Chat and numbers of viewers come late or not at all."
        ),
        "In nginx: `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \
         \"upgrade\";` for the location of /ws (docs/operate/reverse-proxy.md). If the proxy is that of your network, \
         use another network, or ask for WebSockets to be allowed.",
    ))
}

/// The host of an origin, without scheme and port.
fn host(origin: &str) -> &str {
    let rest = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or(rest);
    match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => rest.rsplit_once(':').map_or(rest, |(host, _)| host),
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| !is_outside(address) && address.is_loopback())
}

fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_origin_is_found() {
        for (origin, expected) in [
            ("https://live.example.org", "live.example.org"),
            ("http://a:8080", "a"),
            ("http://[::1]:8080", "::1"),
            ("http://127.0.0.1:1/x", "127.0.0.1"),
        ] {
            assert_eq!(host(origin), expected);
        }
        assert!(is_this_machine("localhost") && is_this_machine("::1") && is_this_machine("127.0.0.9"));
        assert!(!is_this_machine("192.168.1.2") && !is_this_machine("live.example.org"));
    }
}
