//! The server's `/metrics`, read as a test wants it: sums over labels.

/// One scrape in the text format of Prometheus.
#[derive(Debug, Clone)]
pub struct Metrics(String);

impl Metrics {
    /// A scrape's body.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Sum of the samples of `name` whose labels hold each of `labels` (as `key="value"`).
    pub fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        self.0
            .lines()
            .filter_map(|line| {
                let (series, value) = line.rsplit_once(' ')?;
                let (found, inside) = series.split_once('{').unwrap_or((series, ""));
                let fits = found == name && labels.iter().all(|label| inside.contains(label));
                if fits { value.parse::<f64>().ok() } else { None }
            })
            .sum()
    }

    /// The whole scrape, for a failing test.
    pub fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_summed_over_the_labels_that_were_not_asked_for() {
        let text =
            "# HELP a_total x\na_total{kind=\"x\",way=\"in\"} 2\na_total{kind=\"x\",way=\"out\"} 3\nb 7\n";
        let metrics = Metrics::new(text.to_owned());
        assert_eq!(metrics.sum("a_total", &["kind=\"x\""]), 5.0);
        assert_eq!(metrics.sum("a_total", &["way=\"in\""]), 2.0);
        assert_eq!(metrics.sum("b", &[]), 7.0);
        assert_eq!(metrics.sum("c", &[]), 0.0);
    }
}
