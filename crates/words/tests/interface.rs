//! What the interface knows of the catalogues is made from them. `UPDATE=1` makes it anew.

#[path = "../src/reading.rs"]
#[allow(dead_code, reason = "the build asks for the rest")]
mod reading;

use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

use guildhall_words::pseudo;

const GENERATED: &str = "../../ui/src/words.gen.ts";

fn sentences() -> Vec<reading::Sentence> {
    reading::files(Path::new("en")).into_iter().flat_map(|file| file.sentences).collect()
}

#[test]
fn the_interface_knows_every_sentence_and_what_is_inserted_into_it() {
    let mut text = String::from(
        "// Made from crates/words/en: UPDATE=1 cargo test -p guildhall-words\n\n/** The sentences by name, and what is inserted into each. */\nexport interface Sentences {\n",
    );
    for sentence in sentences() {
        let list: Vec<String> = sentence
            .arguments
            .iter()
            .map(|argument| format!("{}: {}", argument.name, if argument.is_number { "number" } else { "string" }))
            .collect();
        let inserted = if list.is_empty() { "null".to_owned() } else { format!("{{ {} }}", list.join("; ")) };
        writeln!(text, "  '{}': {inserted}", sentence.name).unwrap();
    }
    text.push_str("}\n");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(GENERATED, &text).unwrap();
    }
    let kept = fs::read_to_string(GENERATED).unwrap_or_default();
    assert!(kept == text, "ui/src/words.gen.ts is older than the catalogues: run with UPDATE=1");
}

/// One name, one sentence, whatever file it stands in.
#[test]
fn no_name_stands_twice() {
    let mut seen = BTreeSet::new();
    for sentence in sentences() {
        assert!(seen.insert(sentence.name.clone()), "{} stands twice", sentence.name);
    }
}

/// Every catalogue holds the sentences of one feature: their names begin with a name that no other file uses.
#[test]
fn a_name_begins_in_one_file_only() {
    let mut owners = std::collections::BTreeMap::new();
    for file in reading::files(Path::new("en")) {
        let path = file.path.display().to_string();
        for sentence in file.sentences {
            let beginning = sentence.name.split('-').next().unwrap_or_default().to_owned();
            let owner = owners.entry(beginning.clone()).or_insert_with(|| path.clone());
            assert_eq!(*owner, path, "{} begins as the sentences of {owner} do", sentence.name);
        }
    }
}

#[test]
fn both_sides_make_the_same_language_up() {
    let ours: (String, String) = pseudo::LETTERS.iter().copied().unzip();
    let theirs = fs::read_to_string("../../ui/src/lib/pseudo.ts").unwrap();
    assert!(theirs.contains(&format!("LETTERS = '{}'", ours.0)), "the letters differ");
    assert!(theirs.contains(&format!("[...'{}']", ours.1)), "the other letters differ");
}

/// `numbers.txt` says it for both sides; the interface has its numbers from the engine that shows it.
#[test]
fn both_sides_write_numbers_alike() {
    let known = fs::read_to_string("tests/numbers.txt").unwrap();
    let lines: Vec<_> = known.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.len() > 40);
    for line in lines {
        let [region, number, written] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        let said = guildhall_words::written_in(region).notices_new_messages(number.parse().unwrap());
        assert_eq!(said, format!("{written} new messages"), "{region} {number}");
    }
}

#[test]
fn numbers_are_written_for_every_region_that_one_can_choose() {
    let settings = fs::read_to_string("../contract/src/settings.rs").unwrap();
    let chosen: Vec<_> = settings.lines().filter_map(|line| line.trim().strip_prefix("#[serde(rename = \"")).collect();
    let chosen: Vec<_> = chosen.iter().filter_map(|rest| rest.strip_suffix("\")]")).collect();
    assert_eq!(chosen, guildhall_words::REGIONS);
}
