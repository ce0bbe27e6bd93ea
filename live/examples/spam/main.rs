//! Measures the filter of chats on a labelled sample that it makes: precision and recall at each level, family
//! by family, disguises that are seen through, time for a message.
//!
//! ```text
//! cargo run --example spam                 the tables of docs/spec/chat-filter.md
//! cargo run --example spam -- examples     what is held wrongly, and what gets through
//! cargo run --example spam -- train        the weights, as live/src/chat/filter/weights.rs
//! cargo run --example spam -- show 20      some messages of the sample
//! ```
//!
//! The sample is made up, by the people who made the filter. What is measured was not learnt from (families of
//! the test split have templates and words of their own), but it was thought of by the same heads: a real chat
//! is harder.

mod chance;
mod disguises;
mod ham;
mod people;
mod report;
mod sample;
mod spam;
mod timing;
mod train;

use std::io::{self, Write};
use std::sync::Arc;

use sluice_domain::chat::FilterLevel;
use sluice_live::filter::Logistic;

use sample::Split;

/// Any other is as good; the tables say which it was.
const SEED: u64 = 5;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = io::stdout().lock();
    match arguments.first().map(String::as_str) {
        Some("train") => out.write_all(learnt().as_bytes()),
        Some("examples") => out.write_all(report::examples(&sample::chats(SEED, Split::Test)).as_bytes()),
        Some("show") => {
            let count = arguments.get(1).and_then(|count| count.parse().ok()).unwrap_or(20);
            for line in sample::chats(SEED, Split::Test).iter().flatten().take(count) {
                writeln!(
                    out,
                    "{:<8} {}: {}",
                    if line.spam { "spam" } else { "harmless" },
                    line.family,
                    line.text
                )?;
            }
            Ok(())
        }
        Some(unknown) => Err(io::Error::other(format!("{unknown} is none of train, examples and show"))),
        None => {
            let chats = sample::chats(SEED, Split::Test);
            let lines: usize = chats.iter().map(Vec::len).sum();
            let spam = chats.iter().flatten().filter(|line| line.spam).count();
            writeln!(
                out,
                "seed {SEED}: {lines} messages of families that were not learnt from, {spam} of them spam\n"
            )?;
            writeln!(out, "{}\n{}", report::levels(&chats), report::families(&chats))?;
            writeln!(out, "a stream's word is found, by disguise:\n{}", disguises::table(SEED))?;
            writeln!(out, "time:\n{}", timing::table(&chats))
        }
    }
}

/// The weights as a file.
fn learnt() -> String {
    let plain = report::filter(FilterLevel::Off, Arc::new(Logistic::built_in()));
    let rows = |split| sample::features(&plain, &sample::chats(SEED, split));
    let score = train::train(&rows(Split::Train));
    let limits = train::limits(&score, &rows(Split::Tune));
    train::source(&score, &limits)
}

#[cfg(test)]
mod tests;
