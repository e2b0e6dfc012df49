//! How late deadlines were carried out.

use std::sync::{Mutex, PoisonError};

/// Bounds of the histogram, seconds.
const BOUNDS_S: [i64; 8] = [1, 2, 5, 10, 60, 300, 3_600, 86_400];

#[derive(Debug, Default)]
struct Counted {
    /// How many were within each bound; the last one counts all.
    within: [u64; BOUNDS_S.len() + 1],
    sum_ms: u64,
    failures: u64,
}

/// How late deadlines were carried out since the start, and how often one failed.
#[derive(Debug, Default)]
pub struct Lateness(Mutex<Counted>);

impl Lateness {
    /// One was carried out so many milliseconds after it was due.
    pub fn note(&self, late_ms: i64) {
        let late_ms = late_ms.max(0);
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (count, bound_s) in counted.within.iter_mut().zip(BOUNDS_S.into_iter().map(Some).chain([None])) {
            *count += u64::from(bound_s.is_none_or(|bound_s| late_ms <= bound_s * 1_000));
        }
        counted.sum_ms = counted.sum_ms.saturating_add(late_ms.unsigned_abs());
    }

    /// One failed, and is tried again.
    pub fn note_failure(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).failures += 1;
    }

    /// How many failed since the start; each was tried again.
    pub fn failures(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).failures
    }

    /// In the text format of Prometheus.
    pub fn render(&self) -> String {
        let counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = "guildhall_deadline_lateness_seconds";
        let mut text = format!("# TYPE {name} histogram\n");
        for (count, bound_s) in counted.within.iter().zip(BOUNDS_S) {
            text.push_str(&format!("{name}_bucket{{le=\"{bound_s}\"}} {count}\n"));
        }
        let all = counted.within[BOUNDS_S.len()];
        text.push_str(&format!("{name}_bucket{{le=\"+Inf\"}} {all}\n"));
        text.push_str(&format!("{name}_sum {}\n{name}_count {all}\n", counted.sum_ms as f64 / 1_000.0));
        let failed = "guildhall_deadline_failures_total";
        text.push_str(&format!("# TYPE {failed} counter\n{failed} {}\n", counted.failures));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lateness_is_counted_within_each_bound() {
        let lateness = Lateness::default();
        for late_ms in [-5, 1_000, 1_001, 90_000_000] {
            lateness.note(late_ms);
        }
        let text = lateness.render();
        for line in ["le=\"1\"} 2", "le=\"2\"} 3", "le=\"86400\"} 3", "le=\"+Inf\"} 4", "_sum 90002.001", "_count 4"] {
            assert!(text.contains(line), "{line}: {text}");
        }
    }
}
