//! Findings as text for a terminal.

use crate::finding::{Diagnosis, Way};

/// Widest line, so that nothing wraps in a terminal of 80 columns.
const WIDTH: usize = 78;

/// A diagnosis as text: one block a finding, lines of at most 78 columns unless a single word is longer.
pub fn report(diagnosis: &Diagnosis) -> String {
    let mut text = String::new();
    if let Some(way) = words(diagnosis.way) {
        wrap(&mut text, "", "", way);
    }
    if diagnosis.findings.is_empty() {
        wrap(&mut text, "", "", "Nothing is wrong.");
    }
    for finding in &diagnosis.findings {
        if !text.is_empty() {
            text.push('\n');
        }
        let head = format!("{}: {} ({})", finding.severity.as_str(), finding.title, finding.code);
        wrap(&mut text, "", "  ", &head);
        wrap(&mut text, "  why  ", "       ", &finding.cause);
        wrap(&mut text, "  fix  ", "       ", &finding.fix);
    }
    text
}

const fn words(way: Way) -> Option<&'static str> {
    Some(match way {
        Way::Udp => "Live pictures go straight over UDP, the way with the least delay.",
        Way::Tcp => "Live pictures go straight over TCP.",
        Way::Relay => "Live pictures go by a relay.",
        Way::Http => "No live picture gets through; HLS over HTTP is left, some seconds late.",
        Way::Nothing => "The server cannot be reached.",
        Way::Unknown => return None,
    })
}

/// Appends a paragraph. Words are never split: commands are to be copied.
fn wrap(out: &mut String, first: &str, next: &str, text: &str) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(line.trim_end());
            out.push('\n');
            next.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Facts, Outcome, PathFacts, Transport};
    use crate::finding::FindingCode;

    #[test]
    fn no_line_of_a_report_is_longer_than_eighty_columns() {
        let finding = |code: &FindingCode| crate::finding::Finding {
            code: *code,
            severity: code.severity(),
            title: code.title().to_owned(),
            cause: "some words that go on for long ".repeat(9),
            fix: "`sysctl -w net.core.rmem_max=4194304` and ".repeat(5),
        };
        let findings = FindingCode::ALL.iter().map(finding).collect();
        let text = report(&Diagnosis { way: Way::Http, findings });
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(80), "{longest:?} in\n{text}");
        assert!(text.contains("(udp_blocked)"), "{text}");
    }

    #[test]
    fn a_report_about_a_good_connection_says_so() {
        let udp = PathFacts {
            transport: Transport::Udp,
            target: None,
            outcome: Outcome::Works,
            failure: None,
            round_trip_ms: None,
            mapped: None,
        };
        let facts = Facts { paths: vec![udp], ..Facts::default() };
        let text = report(&crate::examine(&facts));
        assert_eq!(
            text,
            "Live pictures go straight over UDP, the way with the least delay.\nNothing is wrong.\n"
        );
    }
}
