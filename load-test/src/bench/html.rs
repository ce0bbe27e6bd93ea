//! The report as one page that needs nothing else: numbers, plots as inline SVG, and the JSON.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use super::point::Point;
use super::report::Report;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 260.0;
const MARGIN: f64 = 52.0;

/// One line of a plot.
struct Line {
    name: &'static str,
    colour: &'static str,
    values: Vec<Option<f64>>,
}

/// The page.
pub(crate) fn page(report: &Report) -> Result<String> {
    let json = serde_json::to_string_pretty(report).context("writing the report")?;
    let mut out = String::from(
        "<!doctype html><html lang=en><meta charset=utf-8><title>sluice-load bench</title><style>\
         body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:74rem;padding:0 1rem}\
         pre{background:#f4f4f5;padding:1rem;overflow:auto}figure{display:inline-block;margin:0 1rem 1rem 0}\
         figcaption{font-weight:600}svg text{font:11px system-ui,sans-serif}</style>",
    );
    let _ = write!(out, "<h1>{}</h1>", escape(&format!("{:?}", report.scenario)));
    if let Some(reason) = &report.reason {
        let _ = write!(out, "<p><strong>Not to be quoted:</strong> {}</p>", escape(reason));
    }
    let _ = write!(out, "<pre>{}</pre>", escape(&report.text()));
    let line = |name, colour, pick: fn(&Point) -> Option<f64>| Line {
        name,
        colour,
        values: report.points.iter().map(pick).collect(),
    };
    let plots = [
        (
            "Forwarding delay, ms",
            vec![
                line("p50", "#2563eb", |point| Some(point.forward_ms.p50)),
                line("p99", "#dc2626", |point| Some(point.forward_ms.p99)),
            ],
        ),
        (
            "Processor, cores",
            vec![
                line("server", "#2563eb", |point| Some(point.server.as_ref()?.cpu.total)),
                line("of it user", "#93c5fd", |point| Some(point.server.as_ref()?.cpu.user)),
                line("load", "#a1a1aa", |point| Some(point.load_cpu)),
            ],
        ),
        ("Server a packet, ns", vec![line("total", "#2563eb", |point| point.server_ns_per_packet)]),
        ("Loss, %", vec![line("loss", "#dc2626", |point| Some(point.loss * 100.0))]),
        (
            "Offers",
            vec![
                line("admitted", "#16a34a", |point| Some(f64::from(point.admission?.admitted))),
                line("refused", "#dc2626", |point| Some(f64::from(point.admission?.refused))),
            ],
        ),
    ];
    for (title, lines) in &plots {
        if lines.iter().any(|line| line.values.iter().any(Option::is_some)) {
            let _ = write!(
                out,
                "<figure><figcaption>{}</figcaption>{}</figure>",
                escape(title),
                plot(&report.points, lines)
            );
        }
    }
    let _ = write!(out, "<details><summary>JSON</summary><pre>{}</pre></details></html>", escape(&json));
    Ok(out)
}

/// Values over viewers.
fn plot(points: &[Point], lines: &[Line]) -> String {
    let widest = points.iter().map(|point| point.viewers).max().unwrap_or(0).max(1) as f64;
    let values = lines.iter().flat_map(|line| line.values.iter().flatten());
    let highest = nice(values.copied().fold(0.0, f64::max));
    let x = |viewers: u64| MARGIN + viewers as f64 / widest * (WIDTH - 1.5 * MARGIN);
    let y = |value: f64| HEIGHT - MARGIN + value / highest * (1.5 * MARGIN - HEIGHT);
    let mut out = format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" width={WIDTH} height={HEIGHT} role=img>");
    for step in 0..=4 {
        let value = highest * f64::from(step) / 4.0;
        let at = y(value);
        let _ = write!(
            out,
            "<line x1={MARGIN} x2={} y1={at:.1} y2={at:.1} stroke=#e4e4e7 /><text x={} y={:.1} text-anchor=end>{value}</text>",
            WIDTH - MARGIN / 2.0,
            MARGIN - 6.0,
            at + 4.0
        );
        let viewers = (widest * f64::from(step) / 4.0) as u64;
        let _ = write!(
            out,
            "<text x={:.1} y={} text-anchor=middle>{viewers}</text>",
            x(viewers),
            HEIGHT - MARGIN + 18.0
        );
    }
    let _ = write!(out, "<text x={} y={} text-anchor=middle>viewers</text>", WIDTH / 2.0, HEIGHT - 12.0);
    for (at, line) in lines.iter().enumerate() {
        let places: Vec<String> = points
            .iter()
            .zip(&line.values)
            .filter_map(|(point, value)| Some(format!("{:.1},{:.1}", x(point.viewers), y((*value)?))))
            .collect();
        let _ = write!(
            out,
            "<polyline points=\"{}\" fill=none stroke={} stroke-width=2 />",
            places.join(" "),
            line.colour
        );
        for place in &places {
            if let Some((x, y)) = place.split_once(',') {
                let _ = write!(out, "<circle cx={x} cy={y} r=3 fill={} />", line.colour);
            }
        }
        let _ = write!(
            out,
            "<text x={:.1} y=14 fill={}>{}</text>",
            MARGIN + at as f64 * 110.0,
            line.colour,
            escape(line.name)
        );
    }
    out.push_str("</svg>");
    out
}

/// The next number above that reads well on an axis.
fn nice(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(value.log10().floor());
    [1.0, 2.0, 4.0, 5.0, 8.0, 10.0].iter().map(|step| step * power).find(|top| *top >= value).unwrap_or(value)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_at_numbers_that_read_well() {
        assert_eq!(nice(0.0), 1.0);
        assert_eq!(nice(0.73), 0.8);
        assert_eq!(nice(31.0), 40.0);
        assert_eq!(nice(1000.0), 1000.0);
    }

    #[test]
    fn a_plot_draws_what_was_measured_and_skips_what_was_not() {
        let points = [10, 20].map(|viewers| Point { viewers, ..Point::default() });
        let line = Line { name: "<x>", colour: "red", values: vec![Some(1.0), None] };
        let svg = plot(&points, &[line]);
        assert_eq!(svg.matches("<circle").count(), 1);
        assert!(svg.contains("&lt;x&gt;") && svg.ends_with("</svg>"));
    }
}
