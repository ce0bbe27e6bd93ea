//! What each level holds of the test families, in all and family by family.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use sluice_domain::chat::{ChatSettings, FilterLevel, LinkPolicy};
use sluice_live::filter::{Candidate, Features, Filter, Logistic, Memory, NAMES, SpamScore, Verdict};

use crate::sample::Line;

/// How much of a quiet chat is spam, for the precision that its moderators see: one message in fifty.
const QUIET: f64 = 0.02;

/// What was held, and rightly or not.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counts {
    pub(crate) spam_held: usize,
    pub(crate) spam_passed: usize,
    pub(crate) ham_held: usize,
    pub(crate) ham_passed: usize,
}

impl Counts {
    pub(crate) fn add(&mut self, spam: bool, held: bool) {
        match (spam, held) {
            (true, true) => self.spam_held += 1,
            (true, false) => self.spam_passed += 1,
            (false, true) => self.ham_held += 1,
            (false, false) => self.ham_passed += 1,
        }
    }

    pub(crate) fn precision(&self) -> f64 {
        share(self.spam_held, self.spam_held + self.ham_held)
    }

    pub(crate) fn recall(&self) -> f64 {
        share(self.spam_held, self.spam_held + self.spam_passed)
    }

    /// Harmless messages that are held, of all harmless ones.
    pub(crate) fn false_alarms(&self) -> f64 {
        share(self.ham_held, self.ham_held + self.ham_passed)
    }

    fn f1(&self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
    }

    /// The precision where only [`QUIET`] of all messages is spam.
    fn precision_in_quiet(&self) -> f64 {
        let (rightly, wrongly) = (self.recall() * QUIET, self.false_alarms() * (1.0 - QUIET));
        if rightly + wrongly == 0.0 { 0.0 } else { rightly / (rightly + wrongly) }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A filter of a level that decides about links by nothing but its score.
pub(crate) fn filter(level: FilterLevel, score: Arc<dyn SpamScore>) -> Filter {
    let settings = ChatSettings { filter: level, links: LinkPolicy::Allow, ..ChatSettings::default() };
    Filter::with_score(&settings, &[], score)
}

/// What a filter holds: in all, by family, by reason.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) all: Counts,
    pub(crate) families: BTreeMap<(bool, &'static str), Counts>,
    /// By reason: spam and harmless messages that are held for it, among other reasons.
    pub(crate) reasons: BTreeMap<&'static str, (usize, usize)>,
}

pub(crate) fn measure(filter: &Filter, chats: &[Vec<Line>]) -> Outcome {
    let start = Instant::now();
    let mut outcome = Outcome::default();
    for chat in chats {
        let mut memory = Memory::new();
        for line in chat {
            let candidate = Candidate { text: &line.text, author: line.author };
            let verdict = filter.judge(&candidate, &mut memory, start + line.at);
            let held = verdict != Verdict::Pass;
            outcome.all.add(line.spam, held);
            outcome.families.entry((line.spam, line.family)).or_default().add(line.spam, held);
            if let Verdict::Hold { reasons } = verdict {
                for reason in reasons {
                    let (spam, ham) = outcome.reasons.entry(reason.as_str()).or_default();
                    *(if line.spam { spam } else { ham }) += 1;
                }
            }
        }
    }
    outcome
}

/// A few rules with round numbers, to see what learning is worth.
#[derive(Debug)]
pub(crate) struct Points;

impl SpamScore for Points {
    fn score(&self, features: &Features) -> f32 {
        let number =
            |name: &str| NAMES.iter().position(|known| *known == name).map_or(0.0, |at| features.0[at]);
        let points = 0.4 * number("link")
            + 0.3 * number("disguised_link")
            + 0.5 * number("pitch")
            + 0.3 * number("insult")
            + 0.3 * number("adult")
            + 0.2 * number("first_message")
            + 0.5 * number("heard_from_others")
            - 0.4 * number("regular");
        points.clamp(0.0, 1.0)
    }
}

pub(crate) fn levels(chats: &[Vec<Line>]) -> String {
    let mut text = String::from(
        "level   score     held spam  passed spam  held ham  passed ham  precision  recall     F1  false alarms  precision at 2 % spam\n",
    );
    let scores: [(&str, Arc<dyn SpamScore>); 2] =
        [("learnt", Arc::new(Logistic::built_in())), ("points", Arc::new(Points))];
    for (name, score) in scores {
        for level in FilterLevel::ALL {
            let Counts { spam_held, spam_passed, ham_held, ham_passed } =
                measure(&filter(*level, Arc::clone(&score)), chats).all;
            let counts = Counts { spam_held, spam_passed, ham_held, ham_passed };
            let _ = writeln!(
                text,
                "{:<7} {name:<8} {spam_held:>10} {spam_passed:>12} {ham_held:>9} {ham_passed:>11} {:>10.3} {:>7.3} {:>6.3} {:>13.4} {:>22.3}",
                level.as_str(),
                counts.precision(),
                counts.recall(),
                counts.f1(),
                counts.false_alarms(),
                counts.precision_in_quiet(),
            );
        }
    }
    text
}

/// What each level holds of each family.
pub(crate) fn families(chats: &[Vec<Line>]) -> String {
    let outcomes: Vec<Outcome> = FilterLevel::ALL
        .iter()
        .map(|level| measure(&filter(*level, Arc::new(Logistic::built_in())), chats))
        .collect();
    let mut text =
        String::from("         family                              messages   held: low  medium    high\n");
    let first: Vec<(bool, &str)> =
        outcomes.first().map(|outcome| outcome.families.keys().copied().collect()).unwrap_or_default();
    for key in first {
        let cells: Vec<Counts> =
            outcomes.iter().filter_map(|outcome| outcome.families.get(&key).copied()).collect();
        let total =
            |counts: &Counts| counts.spam_held + counts.spam_passed + counts.ham_held + counts.ham_passed;
        let held = |counts: &Counts| counts.spam_held + counts.ham_held;
        let _ = write!(
            text,
            "{:<8} {:<36} {:>7} ",
            if key.0 { "spam" } else { "harmless" },
            key.1,
            cells.first().map_or(0, total)
        );
        for counts in cells.iter().skip(1) {
            let _ = write!(text, "{:>10.1} %", 100.0 * share(held(counts), total(counts)));
        }
        text.push('\n');
    }
    text.push_str("\nreason (medium)     spam  harmless\n");
    if let Some(medium) = outcomes.get(2) {
        for (reason, (spam, ham)) in &medium.reasons {
            let _ = writeln!(text, "{reason:<16} {spam:>7} {ham:>9}");
        }
    }
    text
}

/// Harmless messages that `medium` holds, and spam that even `high` lets through: what to look at when the
/// filter is worked on.
pub(crate) fn examples(chats: &[Vec<Line>]) -> String {
    let start = Instant::now();
    let mut text = String::new();
    for (title, level, spam) in [
        ("harmless, held at medium", FilterLevel::Medium, false),
        ("spam, passes at high", FilterLevel::High, true),
    ] {
        let _ = writeln!(text, "{title}:");
        let filter = filter(level, Arc::new(Logistic::built_in()));
        for chat in chats {
            let mut memory = Memory::new();
            for line in chat {
                let candidate = Candidate { text: &line.text, author: line.author };
                let verdict = filter.judge(&candidate, &mut memory, start + line.at);
                if line.spam == spam && (verdict == Verdict::Pass) == spam {
                    let _ = writeln!(text, "  {}: {} {verdict:?}", line.family, line.text);
                }
            }
        }
    }
    text
}
