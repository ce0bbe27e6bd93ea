//! What the doctor reads of servers and pages that may be none of ours: an SDP answer, facts as JSON. Whatever
//! the facts are, findings have words, and a report fits a terminal unless a word of the facts does not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sluice_doctor::{Answer, Facts, examine, report};

fuzz_target!(|text: &str| {
    if let Some(answer) = Answer::read(text) {
        assert!(answer.udp.len() + answer.tcp.len() <= 16);
        assert!(answer.udp.iter().chain(&answer.tcp).all(|address| address.port() != 0));
    }
    let Ok(facts) = serde_json::from_str::<Facts>(text) else { return };
    let diagnosis = examine(&facts);
    for finding in &diagnosis.findings {
        assert!(!finding.cause.is_empty() && !finding.fix.is_empty());
    }
    let widest = report(&diagnosis).lines().map(|line| line.chars().count()).max();
    let longest = text.split_whitespace().map(|word| word.chars().count()).max();
    assert!(widest <= Some(80) || widest <= longest.map(|longest| longest + 60));
});
