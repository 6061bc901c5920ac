//! The numbers that `/metrics` tells, as a page shows them: it reads what Prometheus reads, so both say the
//! same.

use std::collections::BTreeMap;

/// A line of the exposition.
struct Sample<'a> {
    name: &'a str,
    labels: Vec<(&'a str, &'a str)>,
    value: f64,
}

impl<'a> Sample<'a> {
    /// The names and labels are our own, so none of them has a quotation mark or a comma in it.
    fn parse(line: &'a str) -> Option<Self> {
        let (series, value) = line.rsplit_once(' ')?;
        let value = value.parse().ok()?;
        let (name, labels) = match series.split_once('{') {
            Some((name, labels)) => (name, labels.strip_suffix('}')?),
            None => (series, ""),
        };
        let labels = labels
            .split(',')
            .filter_map(|label| label.split_once('='))
            .map(|(name, value)| (name, value.trim_matches('"')))
            .collect();
        Some(Self { name, labels, value })
    }

    fn label(&self, name: &str) -> &'a str {
        self.labels
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| value)
    }
}

/// A histogram of durations.
#[derive(Clone, Debug, Default)]
pub struct Distribution {
    /// Up to each bound, in order. The last one has no bound.
    buckets: Vec<(f64, f64)>,
}

impl Distribution {
    fn add(&mut self, bound: f64, count: f64) {
        match self.buckets.iter_mut().find(|(known, _)| *known == bound) {
            Some((_, known)) => *known += count,
            None => {
                self.buckets.push((bound, count));
                self.buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
            }
        }
    }

    /// Takes another one's measurements in.
    pub fn merge(&mut self, other: &Self) {
        for &(bound, count) in &other.buckets {
            self.add(bound, count);
        }
    }

    /// Returns the number of all measurements.
    pub fn count(&self) -> f64 {
        self.buckets.last().map_or(0.0, |(_, count)| *count)
    }

    /// The seconds that this part of them stayed below, by the arithmetic of Prometheus: evenly spread within a
    /// bucket, and no more than the highest bound.
    pub fn quantile(&self, part: f64) -> Option<f64> {
        let rank = part * self.count();
        let (mut below, mut passed) = (0.0, 0.0);
        for &(bound, count) in &self.buckets {
            if count >= rank && count > passed {
                if bound.is_infinite() {
                    return Some(below);
                }
                return Some(below + (bound - below) * (rank - passed) / (count - passed));
            }
            if bound.is_finite() {
                below = bound;
            }
            passed = count;
        }
        None
    }
}

/// The numbers of one operation.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    pub attempts: f64,
    pub done: f64,
    pub refused: f64,
    pub failed: f64,
    pub retries: f64,
    pub give_ups: f64,
    /// Waits for a lock of any kind.
    pub lock_wait: Distribution,
    pub lock_hold: Distribution,
    pub duration: Distribution,
}

/// The numbers of this server since it began.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    pub operations: BTreeMap<String, Operation>,
    /// Conflicts that were prevented, by kind.
    pub conflicts: BTreeMap<String, f64>,
    /// Attempts that the database ended, by kind.
    pub failures: BTreeMap<String, f64>,
    /// Writes that a constraint refused, by its name.
    pub constraints: BTreeMap<String, f64>,
    pub rollbacks: f64,
}

impl Numbers {
    /// Reads the exposition.
    pub fn parse(text: &str) -> Self {
        let mut numbers = Self::default();
        for sample in text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(Sample::parse)
        {
            numbers.add(&sample);
        }
        numbers
    }

    fn add(&mut self, sample: &Sample<'_>) {
        let value = sample.value;
        let kind = || sample.label("kind").to_owned();
        match sample.name {
            "janji_conflicts_total" => *self.conflicts.entry(kind()).or_default() += value,
            "janji_attempt_failures_total" => *self.failures.entry(kind()).or_default() += value,
            "janji_constraint_hits_total" => {
                let constraint = sample.label("constraint").to_owned();
                *self.constraints.entry(constraint).or_default() += value;
            }
            "janji_rollbacks_total" => self.rollbacks += value,
            _ => {}
        }
        let name = sample.label("operation");
        if name.is_empty() {
            return;
        }
        let operation = self.operations.entry(name.to_owned()).or_default();
        let bound = || sample.label("le").parse().unwrap_or(f64::INFINITY);
        match (sample.name, sample.label("outcome")) {
            ("janji_attempts_total", _) => operation.attempts += value,
            ("janji_transactions_total", "done") => operation.done += value,
            ("janji_transactions_total", "refused") => operation.refused += value,
            ("janji_transactions_total", "failed") => operation.failed += value,
            ("janji_retries_total", _) => operation.retries += value,
            ("janji_give_ups_total", _) => operation.give_ups += value,
            ("janji_lock_wait_seconds_bucket", _) => operation.lock_wait.add(bound(), value),
            ("janji_lock_hold_seconds_bucket", _) => operation.lock_hold.add(bound(), value),
            ("janji_transaction_duration_seconds_bucket", _) => operation.duration.add(bound(), value),
            _ => {}
        }
    }

    /// The sum over all operations.
    pub fn sum(&self, of: impl Fn(&Operation) -> f64) -> f64 {
        self.operations.values().map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_reads_the_text_that_prometheus_reads() {
        let numbers = Numbers::parse(
            "# TYPE janji_attempts_total counter\n\
             janji_attempts_total{operation=\"a.b\"} 12\n\
             janji_transactions_total{operation=\"a.b\",outcome=\"refused\"} 2\n\
             janji_conflicts_total{operation=\"a.b\",kind=\"slot_taken\"} 1\n\
             janji_conflicts_total{operation=\"a.c\",kind=\"slot_taken\"} 2\n\
             janji_lock_wait_seconds_bucket{operation=\"a.b\",lock=\"x\",le=\"0.1\"} 50\n\
             janji_lock_wait_seconds_bucket{operation=\"a.b\",lock=\"x\",le=\"1\"} 90\n\
             janji_lock_wait_seconds_bucket{operation=\"a.b\",lock=\"x\",le=\"+Inf\"} 90\n\
             janji_lock_wait_seconds_bucket{operation=\"a.b\",lock=\"y\",le=\"0.1\"} 0\n\
             janji_lock_wait_seconds_bucket{operation=\"a.b\",lock=\"y\",le=\"1\"} 0\n\
             janji_lock_wait_seconds_bucket{operation=\"a.b\",lock=\"y\",le=\"+Inf\"} 10\n\
             nonsense",
        );
        assert_eq!(numbers.conflicts["slot_taken"], 3.0);
        let operation = &numbers.operations["a.b"];
        assert_eq!((operation.attempts, operation.refused), (12.0, 2.0));
        assert_eq!(operation.lock_wait.count(), 100.0);
        assert_eq!(operation.lock_wait.quantile(0.5), Some(0.1));
        assert_eq!(operation.lock_wait.quantile(0.25), Some(0.05));
        assert_eq!(operation.lock_wait.quantile(0.7), Some(0.1 + 0.9 * 0.5));
        // Beyond the highest bound nothing more is known.
        assert_eq!(operation.lock_wait.quantile(0.99), Some(1.0));
        assert_eq!(operation.duration.quantile(0.5), None);
    }
}
