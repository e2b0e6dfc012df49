//! What a run found out: one line for people, or one JSON object for machines.

use serde_json::{Map, Number, Value};

/// The figures of one run.
pub struct Report {
    title: String,
    line: Vec<String>,
    json: Map<String, Value>,
    /// Whether the server did what the protocol promises: nothing lost, doubled, out of order, or wrong.
    pub right: bool,
}

impl Report {
    /// An empty report of a scenario; `title` says with which figures it was run.
    pub fn new(scenario: &str, title: String) -> Self {
        let mut json = Map::new();
        json.insert("scenario".into(), scenario.into());
        json.insert("title".into(), title.clone().into());
        Self { title, line: Vec::new(), json, right: true }
    }

    /// Adds a figure: `name` with its unit for machines, `words` before and `unit` behind it for people. A figure that is
    /// not known (the server's process was not given) is left out.
    pub fn add(&mut self, name: &str, words: &str, value: impl Into<Option<f64>>, unit: &str) {
        let Some(value) = value.into().filter(|v: &f64| v.is_finite()) else { return };
        let words = if words.is_empty() { String::new() } else { format!("{words} ") };
        self.line.push(format!("{words}{}{unit}", readable(value)));
        self.json.insert(name.into(), Number::from_f64(value).map_or(Value::Null, Value::Number));
    }

    /// Adds a count of what must not happen. More than none makes the run wrong.
    pub fn add_fault(&mut self, name: &str, words: &str, count: u64) {
        self.right &= count == 0;
        self.add(name, words, count as f64, "");
    }

    /// Prints it to standard output.
    pub fn print(&self, as_json: bool) {
        if as_json {
            println!("{}", Value::Object(self.json.clone()));
        } else {
            println!("{:<40} {}", self.title, self.line.join(" · "));
        }
    }
}

/// Three digits at least; thousands apart.
fn readable(value: f64) -> String {
    if value != value.trunc() && value.abs() < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut text = if value < 0.0 { "-".to_owned() } else { String::new() };
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_for_people() {
        let cases = [(0.0, "0"), (1.234, "1.23"), (99.999, "100.00"), (100.4, "100"), (1_234_567.0, "1,234,567")];
        for (value, expected) in cases {
            assert_eq!(readable(value), expected);
        }
        assert_eq!(readable(-1_000.0), "-1,000");
    }

    #[test]
    fn what_is_not_known_is_left_out_and_a_fault_makes_the_run_wrong() {
        let mut report = Report::new("s", "s".into());
        report.add("unknown", "", None, "");
        report.add_fault("lost", "lost", 0);
        assert!(report.right);
        report.add_fault("doubled", "doubled", 1);
        assert!(!report.right);
        assert!(!report.json.contains_key("unknown"));
        assert_eq!(report.json["doubled"], 1.0);
    }
}
