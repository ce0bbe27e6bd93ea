//! The rules, one file for each part of a connection.

mod host;
mod media;
mod paths;
mod quality;
mod web;

use crate::facts::{Facts, Outcome, Transport};
use crate::finding::{Diagnosis, Finding, FindingCode, Way};

/// What is wrong, the worst first.
pub fn diagnose(facts: &Facts) -> Vec<Finding> {
    let mut findings = web::findings(facts);
    findings.extend(paths::findings(facts));
    findings.extend(quality::findings(facts));
    findings.extend(media::findings(facts));
    findings.extend(facts.host.iter().flat_map(host::findings));
    // By code last: two runs with the same facts say the same in the same order.
    findings.sort_by_key(|finding| (finding.severity, finding.code));
    findings
}

/// What is wrong, and how media gets through.
pub fn examine(facts: &Facts) -> Diagnosis {
    Diagnosis { way: way(facts), findings: diagnose(facts) }
}

/// How media gets through, the best of the ways that work.
pub fn way(facts: &Facts) -> Way {
    let works = |wanted: &[Transport]| {
        facts.paths.iter().any(|path| path.outcome == Outcome::Works && wanted.contains(&path.transport))
    };
    let tried = facts.paths.iter().any(|path| path.outcome != Outcome::NotOffered);
    let http = facts.http.as_ref().map(|http| http.outcome);
    if works(&[Transport::Udp]) {
        Way::Udp
    } else if works(&[Transport::Tcp]) {
        Way::Tcp
    } else if works(&[Transport::RelayUdp, Transport::RelayTcp, Transport::RelayTls]) {
        Way::Relay
    } else if http == Some(Outcome::Fails) {
        Way::Nothing
    } else if tried {
        Way::Http
    } else {
        Way::Unknown
    }
}

/// A finding with the severity and title of its code.
fn finding(code: FindingCode, cause: impl Into<String>, fix: impl Into<String>) -> Finding {
    let (severity, title) = (code.severity(), code.title().to_owned());
    Finding { code, severity, title, cause: cause.into(), fix: fix.into() }
}

/// Several things as text.
fn list<T: ToString>(things: impl IntoIterator<Item = T>) -> String {
    things.into_iter().map(|thing| thing.to_string()).collect::<Vec<_>>().join(", ")
}
