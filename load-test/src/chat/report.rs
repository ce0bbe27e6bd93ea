//! What a run of a chat comes to: the few numbers that count on top, everything else below them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::hall::Hall;
use super::ledger::{self, Sum};
use super::member::{Member, State};
use crate::bench::point::{LOAD_LIMIT, Point};
use crate::bench::process::Usage;
use crate::cli::chat::{Carrier, Chat};
use crate::report::Versions;

/// The whole report.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    command: &'static str,
    /// Every member heard every message in order, and the tool had time to spare.
    pub(crate) ok: bool,
    pub(crate) reason: Option<String>,
    /// Messages that reached members: each member's copy counts.
    pub(crate) delivered: u64,
    pub(crate) lost: u64,
    pub(crate) reordered: u64,
    pub(crate) duplicates: u64,
    /// From when a message was sent to its arrival at a member.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p999_ms: f64,
    pub(crate) max_ms: f64,
    /// Who joined.
    pub(crate) members: u64,
    pub(crate) senders: u32,
    /// Messages a second, as asked for and as sent.
    pub(crate) rate: f64,
    pub(crate) sent_rate: f64,
    pub(crate) seconds: f64,
    pub(crate) transport: Carrier,
    pub(crate) sent: u32,
    /// Acknowledged as delivered, and as being in the database.
    pub(crate) accepted: u64,
    pub(crate) stored: u64,
    pub(crate) held: u64,
    pub(crate) refused: BTreeMap<&'static str, u64>,
    /// Members that were put out or lost their connection.
    pub(crate) ended: u64,
    /// Members that lack a message or heard one out of order.
    pub(crate) affected: u64,
    /// Cores that the server used while messages were sent; of that its media threads.
    pub(crate) server_cpu: Option<f64>,
    pub(crate) server_media_cpu: Option<f64>,
    /// Of the tool's processors.
    pub(crate) load_cpu: f64,
    pub(crate) media: Option<Media>,
    pub(crate) errors: Vec<String>,
    pub(crate) server: Option<Usage>,
    pub(crate) versions: Versions,
}

/// The delay of media while nobody talked, while the members did, and when they had stopped.
#[derive(Debug, Serialize)]
pub(crate) struct Media {
    pub(crate) viewers: u64,
    pub(crate) p50_without_ms: f64,
    pub(crate) p99_without_ms: f64,
    pub(crate) p50_with_ms: f64,
    pub(crate) p99_with_ms: f64,
    pub(crate) p50_after_ms: f64,
    pub(crate) p99_after_ms: f64,
    /// With less without.
    pub(crate) p99_change_ms: f64,
    pub(crate) server_cpu_without: Option<f64>,
    pub(crate) server_cpu_with: Option<f64>,
    pub(crate) loss_with: f64,
    pub(crate) points: Vec<Point>,
}

impl Media {
    /// Of three measurements.
    pub(crate) fn of(without: Point, with: Point, after: Point) -> Self {
        let cpu = |point: &Point| point.server.as_ref().map(|usage| usage.cpu.total);
        Self {
            viewers: with.viewers,
            p50_without_ms: without.forward_ms.p50,
            p99_without_ms: without.forward_ms.p99,
            p50_with_ms: with.forward_ms.p50,
            p99_with_ms: with.forward_ms.p99,
            p50_after_ms: after.forward_ms.p50,
            p99_after_ms: after.forward_ms.p99,
            p99_change_ms: with.forward_ms.p99 - without.forward_ms.p99,
            server_cpu_without: cpu(&without),
            server_cpu_with: cpu(&with),
            loss_with: with.loss,
            points: vec![without, with, after],
        }
    }
}

/// What is left when all have gone.
pub(crate) struct Remains<'a> {
    pub(crate) hall: &'a Hall,
    pub(crate) members: &'a [Member],
    /// Cores that the tool used, of how many.
    pub(crate) load: (f64, usize),
    pub(crate) server: Option<Usage>,
    pub(crate) server_version: Option<String>,
    pub(crate) media: Option<Media>,
}

impl Report {
    /// Adds everything up.
    pub(crate) fn new(args: &Chat, remains: Remains<'_>) -> Self {
        let Remains { hall, members, load, server, server_version, media } = remains;
        let answers = hall.answers();
        let sum = ledger::sum(&answers.accepted, joined(members).map(|member| &member.ear));
        let delays = hall.delays();
        let count = joined(members).count() as u64;
        let mut report = Self {
            command: "chat",
            ok: true,
            reason: None,
            delivered: sum.delivered,
            lost: sum.lost,
            reordered: sum.reordered,
            duplicates: sum.duplicates,
            p50_ms: at(&delays, 0.5),
            p99_ms: at(&delays, 0.99),
            p999_ms: at(&delays, 0.999),
            max_ms: at(&delays, 1.0),
            members: count,
            senders: hall.plan.senders,
            rate: args.rate,
            sent_rate: f64::from(hall.sent()) / args.seconds.as_secs_f64(),
            seconds: args.seconds.as_secs_f64(),
            transport: args.transport,
            sent: hall.sent(),
            accepted: answers.accepted.count(),
            stored: answers.stored,
            held: answers.held,
            refused: answers.refused,
            ended: joined(members).filter(|member| member.state == State::Ended).count() as u64,
            affected: sum.affected,
            server_cpu: server.as_ref().map(|usage| usage.cpu.total),
            server_media_cpu: server.as_ref().and_then(|usage| usage.media_threads).map(|share| share.total),
            load_cpu: load.0 / load.1.max(1) as f64,
            media,
            errors: hall.errors(),
            server,
            versions: Versions::new(server_version),
        };
        report.reason = report.trouble(&sum, u64::from(args.members));
        report.ok = report.reason.is_none();
        report
    }

    /// Why this is not what was promised.
    fn trouble(&self, sum: &Sum, asked: u64) -> Option<String> {
        let refused: u64 = self.refused.values().sum();
        Some(if self.members < asked {
            format!("{} of {asked} members joined: {}", self.members, self.errors.join("; "))
        } else if self.delivered == 0 {
            "no message was delivered".to_owned()
        } else if sum.lost + sum.reordered + sum.duplicates > 0 {
            format!(
                "{} messages were lost, {} came out of order and {} twice, for {} members",
                sum.lost, sum.reordered, sum.duplicates, sum.affected
            )
        } else if self.ended > 0 {
            format!("{} members were put out: {}", self.ended, self.errors.join("; "))
        } else if refused + self.held > 0 {
            format!("{refused} messages were refused ({:?}) and {} held", self.refused, self.held)
        } else if self.load_cpu > LOAD_LIMIT {
            format!("the tool itself was at {:.0} % of its processors", self.load_cpu * 100.0)
        } else {
            return None;
        })
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "{} members by {:?}, {:.1} messages a second for {} s: {} delivered, {} lost, {} reordered",
            self.members,
            self.transport,
            self.sent_rate,
            self.seconds,
            self.delivered,
            self.lost,
            self.reordered
        );
        let _ = writeln!(
            out,
            "delay: p50 {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms, at most {:.1} ms",
            self.p50_ms, self.p99_ms, self.p999_ms, self.max_ms
        );
        let cores = |cpu: Option<f64>| cpu.map_or("unknown".to_owned(), |cpu| format!("{cpu:.2} cores"));
        let _ = writeln!(
            out,
            "server: {}, of that media threads {}; this tool: {:.0} % of its processors",
            cores(self.server_cpu),
            cores(self.server_media_cpu),
            self.load_cpu * 100.0
        );
        if let Some(media) = &self.media {
            let _ = writeln!(
                out,
                "media to {} viewers: p99 {:.2} ms without chat, {:.2} ms with, {:.2} ms after; server {} without, {} with",
                media.viewers,
                media.p99_without_ms,
                media.p99_with_ms,
                media.p99_after_ms,
                cores(media.server_cpu_without),
                cores(media.server_cpu_with)
            );
        }
        for error in &self.errors {
            let _ = writeln!(out, "{error}");
        }
        out
    }
}

fn joined(members: &[Member]) -> impl Iterator<Item = &Member> + Clone {
    members.iter().filter(|member| member.was_joined)
}

/// Milliseconds at a quantile of microseconds.
fn at(delays: &Histogram<u64>, quantile: f64) -> f64 {
    delays.value_at_quantile(quantile) as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            command: "chat",
            ok: true,
            reason: None,
            delivered: 10,
            lost: 0,
            reordered: 0,
            duplicates: 0,
            p50_ms: 1.0,
            p99_ms: 2.0,
            p999_ms: 3.0,
            max_ms: 4.0,
            members: 2,
            senders: 1,
            rate: 5.0,
            sent_rate: 5.0,
            seconds: 1.0,
            transport: Carrier::Mixed,
            sent: 5,
            accepted: 5,
            stored: 5,
            held: 0,
            refused: BTreeMap::new(),
            ended: 0,
            affected: 0,
            server_cpu: Some(0.5),
            server_media_cpu: None,
            load_cpu: 0.1,
            media: None,
            errors: Vec::new(),
            server: None,
            versions: Versions::new(None),
        }
    }

    #[test]
    fn only_a_run_in_which_all_heard_all_in_order_is_well() {
        let sum = Sum { delivered: 10, ..Sum::default() };
        assert_eq!(report().trouble(&sum, 2), None);
        let trouble = |report: Report, sum: Sum| report.trouble(&sum, 2).unwrap();
        assert!(report().trouble(&sum, 3).unwrap().contains("2 of 3 members joined"));
        assert!(trouble(report(), Sum { lost: 1, ..sum }).contains("1 messages were lost"));
        assert!(trouble(report(), Sum { reordered: 1, ..sum }).contains("1 came out of order"));
        assert!(trouble(Report { ended: 1, ..report() }, sum).contains("1 members were put out"));
        assert!(trouble(Report { held: 1, ..report() }, sum).contains("1 held"));
        assert!(trouble(Report { load_cpu: 0.95, ..report() }, sum).contains("95 %"));
        assert!(trouble(Report { delivered: 0, ..report() }, sum).contains("no message"));
    }

    #[test]
    fn the_keys_that_others_read_are_at_the_top() {
        let value = serde_json::to_value(report()).unwrap();
        for key in ["delivered", "lost", "reordered", "p50_ms", "p99_ms", "members", "rate", "server_cpu"] {
            assert!(value[key].is_number(), "{key}");
        }
        assert_eq!(value["transport"], "mixed");
        assert!(report().text().contains("p99 2.0 ms"));
    }
}
