//! What becomes of typed text.

use serde::Deserialize;

#[derive(Deserialize)]
struct TextFile {
    cases: Vec<TextCase>,
}

#[derive(Deserialize)]
struct TextCase {
    id: String,
    /// What was typed. A JSON string may hold unpaired surrogates, so it is read from the raw text.
    #[serde(rename = "in")]
    typed: Box<serde_json::value::RawValue>,
    #[serde(default = "once")]
    times: usize,
    out: Option<String>,
    reason: Option<String>,
}

fn once() -> usize {
    1
}

/// The UTF-16 code units of a JSON string, unpaired surrogates included.
fn code_units(raw: &str) -> Vec<u16> {
    let inner = raw.trim().trim_start_matches('"').trim_end_matches('"');
    let mut units = Vec::new();
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            units.extend(c.encode_utf16(&mut [0; 2]).iter());
            continue;
        }
        match rest.next() {
            Some('u') => {
                let digits: String = rest.by_ref().take(4).collect();
                units.push(u16::from_str_radix(&digits, 16).unwrap_or(0xFFFD));
            }
            Some('n') => units.push(10),
            Some('r') => units.push(13),
            Some('t') => units.push(9),
            Some('b') => units.push(8),
            Some('f') => units.push(12),
            Some(c) => units.extend(c.encode_utf16(&mut [0; 2]).iter()),
            None => {}
        }
    }
    units
}

/// Runs a file of them. Answers with how many passed and failed.
///
/// # Errors
/// What is wrong with the file.
pub fn run(file: &str) -> Result<(usize, usize), String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{file}: {e}"))?;
    let file: TextFile = serde_json::from_str(&text).map_err(|e| format!("{file}: {e}"))?;
    let (mut passed, mut failed) = (0, 0);
    for case in file.cases {
        let units = code_units(case.typed.get()).repeat(case.times);
        let found = guildhall_market::text::clean_utf16(&units);
        let expected = match (&case.out, &case.reason) {
            (Some(out), None) => Ok(out.as_str()),
            (None, Some(reason)) => Err(reason.as_str()),
            _ => return Err(format!("{}: a case has either `out` or `reason`", case.id)),
        };
        if found.as_deref().map_err(|refusal| refusal.code()) == expected {
            passed += 1;
        } else {
            failed += 1;
            println!("{}: expected {expected:?}, found {found:?}", case.id);
        }
    }
    Ok((passed, failed))
}
