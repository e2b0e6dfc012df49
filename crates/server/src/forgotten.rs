//! What retention forgot, counted.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// What was forgotten since the start.
#[derive(Debug, Default)]
pub struct Forgotten(Mutex<BTreeMap<&'static str, (u64, u64)>>);

impl Forgotten {
    /// One command forgot so many rows.
    pub fn add(&self, what: &'static str, rows: u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (commands, all) = counts.entry(what).or_default();
        *commands += 1;
        *all += rows;
    }

    /// By kind: commands, and rows that they forgot.
    pub fn all(&self) -> BTreeMap<&'static str, (u64, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// In the text format of Prometheus.
    pub fn render(&self) -> String {
        let counts = self.all();
        let mut text = String::new();
        for (name, of) in [
            ("guildhall_retention_commands_total", (|(commands, _)| commands) as fn((u64, u64)) -> u64),
            ("guildhall_retention_rows_total", |(_, rows)| rows),
        ] {
            text.push_str(&format!("# TYPE {name} counter\n"));
            for (what, count) in &counts {
                text.push_str(&format!("{name}{{what=\"{what}\"}} {}\n", of(*count)));
            }
        }
        text
    }
}
