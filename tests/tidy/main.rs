//! The house stays as it is planned: which room imports which, files of a size one can know, generated files current.

mod imports;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

/// Which of our rooms each room may import. Lower floors only.
const FLOORS: &[(&str, &[&str])] = &[
    ("market", &[]),
    ("words", &[]),
    ("pusher", &[]),
    ("realtime", &["pusher"]),
    ("contract", &["market"]),
    ("db", &["market"]),
    ("cache", &["market", "contract"]),
    ("server", &["market", "words", "pusher", "realtime", "contract", "db"]),
    ("client", &["market", "pusher", "contract", "cache", "words"]),
    ("os", &["client"]),
    ("testkit", &["market", "pusher", "realtime", "contract", "db", "cache", "server", "client"]),
];

/// Files that may be longer than [`LINES_MAX`], each with its reason. None is, today.
const LONG: &[(&str, &str)] = &[];

/// Lines of a file that one can still know.
const LINES_MAX: usize = 600;

fn root() -> PathBuf {
    Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where"))
        .join("..")
        .canonicalize()
        .expect("the repository")
}

fn tracked() -> Vec<String> {
    let out = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git");
    String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).filter(|f| root().join(f).is_file()).collect()
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_default()
}

#[test]
fn rooms_import_lower_floors_only() {
    let folders: BTreeSet<String> = std::fs::read_dir(root().join("crates"))
        .expect("crates")
        .flatten()
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    let planned: BTreeSet<String> = FLOORS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(folders, planned, "every room stands in the plan");
    for (room, allowed) in FLOORS {
        let manifest: toml::Table = read(&format!("crates/{room}/Cargo.toml")).parse().expect("a manifest");
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let Some(found) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
            for name in found.keys().filter_map(|name| name.strip_prefix("guildhall-")) {
                assert!(allowed.contains(&name), "{room} may not import {name} ({section})");
            }
            assert!(
                !found.keys().any(|name| name.starts_with("tauri")),
                "only the desktop package knows Tauri, not {room}"
            );
        }
    }
}

#[test]
fn the_ground_floor_does_no_input_or_output() {
    for room in ["market", "pusher", "contract"] {
        let manifest: toml::Table = read(&format!("crates/{room}/Cargo.toml")).parse().expect("a manifest");
        let found = manifest["dependencies"].as_table().expect("dependencies");
        for name in ["tokio", "reqwest", "sqlx", "axum", "tracing", "rand", "chrono"] {
            assert!(!found.contains_key(name), "{room} may not use {name}");
        }
        for file in
            tracked().iter().filter(|f| f.starts_with(&format!("crates/{room}/src")) && !f.ends_with("typescript.rs"))
        {
            let text = read(file);
            let rules = text.split("#[cfg(test)]").next().unwrap_or_default();
            for word in ["std::fs", "std::net", "SystemTime", "Instant::now", "println!", "async fn"] {
                assert!(!rules.contains(word), "{file} uses {word}");
            }
        }
    }
}

#[test]
fn sql_is_written_in_the_database_rooms_only() {
    let sql = ["select ", "insert into ", "delete from "];
    for file in tracked().iter().filter(|f| f.ends_with(".rs")) {
        let elsewhere = ["src-tauri/", "crates/server/src", "crates/client/src", "crates/os/src", "crates/testkit/src"];
        if elsewhere.iter().any(|folder| file.starts_with(folder)) {
            for line in read(file).lines().filter(|line| !line.trim_start().starts_with("//")) {
                assert!(
                    !sql.iter().any(|word| line.contains(&format!("\"{word}"))),
                    "{file}: SQL outside of db and cache: {line}"
                );
            }
        }
    }
}

/// Sentences that are for whoever reads a log, a panic or a command line, and not for people who use the app.
const FOR_US: [&str; 12] = [
    "tracing::",
    "expect(",
    "panic!",
    "assert",
    "#[error",
    "about =",
    "help =",
    "unreachable!",
    "reason =",
    "eprintln!",
    "context(",
    "Error::other(",
];

/// Begins with a capital and goes on with a second word.
fn is_sentence(text: &str) -> bool {
    let Some((first, rest)) = text.split_once(' ') else { return false };
    let mut letters = first.chars();
    letters.next().is_some_and(|c| c.is_ascii_uppercase())
        && letters.all(|c| c.is_ascii_lowercase() || c == ',')
        && rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '{')
}

/// What people read stands in the catalogues. The interface is held to it by ESLint, the app's other rooms by this; the
/// server's own words are for programs, which have codes beside them.
#[test]
fn no_sentence_that_people_read_stands_in_code() {
    for file in tracked().iter().filter(|f| f.ends_with(".rs")) {
        if !["crates/client/src", "crates/os/src", "src-tauri/src"].iter().any(|room| file.starts_with(room)) {
            continue;
        }
        let text = read(file);
        let rules: Vec<&str> = text.split("#[cfg(test)]").next().unwrap_or_default().lines().collect();
        for (at, line) in rules.iter().enumerate() {
            if line.trim_start().starts_with("//") || !line.split('"').skip(1).step_by(2).any(is_sentence) {
                continue;
            }
            let around = rules[at.saturating_sub(3)..=at].join(" ");
            assert!(FOR_US.iter().any(|mark| around.contains(mark)), "{file}:{}: say it by its name: {line}", at + 1);
        }
    }
}

/// Files that work for every feature and so may name none of them.
const GENERAL: &[&str] = &[
    "crates/server/src/router.rs",
    "crates/server/src/feature.rs",
    "crates/server/src/deadlines.rs",
    "crates/server/src/retention.rs",
    "crates/cache/src/known/kind.rs",
    "crates/cache/src/own/edits.rs",
    "crates/client/src/edits.rs",
    "crates/client/src/sync.rs",
    "src-tauri/src/bridge.rs",
    "crates/testkit/src/webhost.rs",
    "ui/src/features.ts",
    "ui/src/lib/feature.ts",
    "ui/src/lib/router.svelte.ts",
    "ui/src/lib/rows.ts",
    "ui/src/kit/Place.svelte",
    "ui/src/kit/List.svelte",
    "ui/src/pages/Rail.svelte",
    "ui/src/pages/TitleStrip.svelte",
];

#[test]
fn what_works_for_every_feature_names_none() {
    // The features of the contract, but for those that are the app itself: signing in, settings, the connection.
    let table = read("crates/contract/src/features.rs");
    let names: Vec<&str> = table
        .lines()
        .filter_map(|line| line.trim().strip_suffix("_rows"))
        .filter(|name| !["sessions", "settings", "connection", "devices", "people"].contains(name))
        .collect();
    assert!(names.len() >= 5, "the table of features is read: {names:?}");
    for file in GENERAL {
        let text = read(file);
        assert!(!text.is_empty(), "{file} is there");
        for (at, line) in text.split("#[cfg(test)]").next().unwrap_or_default().lines().enumerate() {
            let line = line.trim();
            if line.starts_with("//") || line.starts_with("/*") || line.starts_with('*') {
                continue;
            }
            for name in &names {
                assert!(!line.to_lowercase().contains(name), "{file}:{} names {name}: {line}", at + 1);
            }
        }
    }
}

/// Where the server may look at the machine's own clock: the port itself; patience with bytes on a wire; the process and its
/// parts; files that changed; tools that are no server. Everything else asks `clock`.
const OWN_CLOCK: [&str; 6] = ["clock.rs", "connections.rs", "bodies.rs", "vitals.rs", "tls.rs", "cli/"];

/// What is written as JSON, or read from it, and becomes nothing where that fails: it would be kept as if it had been said.
/// Files that may, each with its reason.
const MAY_BE_NOTHING: [(&str, &str); 2] = [
    ("crates/cache/src/own/drafts.rs", "settings of a newer version count as not set yet"),
    ("crates/client/src/device.rs", "a profile that cannot be read counts as new"),
];

#[test]
fn what_cannot_be_json_becomes_no_empty_text() {
    let mut wrong = Vec::new();
    for file in tracked().iter().filter(|file| file.starts_with("crates/") && file.ends_with(".rs")) {
        let text = read(file);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        // However it is broken into lines.
        let flat = code.split_whitespace().collect::<Vec<_>>().join(" ").replace(" .", ".");
        for statement in flat.split([';', '{', '}']) {
            let json = ["serde_json::to_", "serde_json::from_", ".to_json()"].iter().any(|way| statement.contains(way));
            let nothing = ["unwrap_or_default()", "unwrap_or(Value::Null)", "unwrap_or(\"\")"];
            if json
                && nothing.iter().any(|way| statement.contains(way))
                && !MAY_BE_NOTHING.iter().any(|(may, _)| may == file)
            {
                wrong.push(format!("{file}: {}", statement.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "say what is wrong instead of an empty text:\n{}", wrong.join("\n"));
}

#[test]
fn the_server_asks_one_clock_and_draws_from_one_source() {
    let room = "crates/server/src/";
    for file in tracked().iter().filter(|file| file.starts_with(room) && file.ends_with(".rs")) {
        let name = &file[room.len()..];
        if OWN_CLOCK.iter().any(|exempt| name.starts_with(exempt)) {
            continue;
        }
        let text = read(file);
        let rules = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in ["SystemTime", "Instant::now", "time::Instant", "time::sleep", "time::interval", "rand::", "OsRng"]
        {
            assert!(!rules.contains(word), "{file} uses {word}: ask the server's clock, or its chance (clock.rs)");
        }
    }
}

#[test]
fn no_time_of_one_thing_holds_up_another() {
    // The largest time that was ever seen, kept for all: one wrong hour would then stop a whole server. A thing's own last time
    // goes through `market::time::within_its_history`, beside the thing. `app.rs` keeps up to when things were forgotten, which
    // no command asks for the time.
    for file in tracked().iter().filter(|file| file.starts_with("crates/server/src/") && file.ends_with(".rs")) {
        let text = read(file);
        let rules = text.split("#[cfg(test)]").next().unwrap_or_default();
        let kept = rules.matches("fetch_max(").count();
        let allowed = if file.ends_with("/app.rs") { 1 } else { 0 };
        assert!(kept <= allowed, "{file}: a largest time for everybody is a floor for everybody");
    }
    let app = read("crates/server/src/app.rs");
    let now = app.split("pub fn now(&self) -> Timestamp {").nth(1).and_then(|rest| rest.split('}').next());
    assert_eq!(
        now.map(str::trim),
        Some("self.config.clock.now()"),
        "the server's time is its clock's, with nothing below it"
    );
}

#[test]
fn only_one_file_of_the_interface_knows_tauri() {
    for file in tracked().iter().filter(|f| f.starts_with("ui/src") && !f.ends_with("host/tauri.ts")) {
        assert!(!read(file).contains("@tauri-apps"), "{file}");
    }
}

#[test]
fn files_are_of_a_size_that_one_can_know() {
    let mut long = BTreeMap::new();
    for file in tracked() {
        let counts = [".rs", ".ts", ".svelte", ".mjs", ".css"].iter().any(|ending| file.ends_with(ending));
        let exempt =
            file.contains(".gen.") || file.contains("/tests/") || file.starts_with("tests/") || file.contains(".test.");
        let lines = read(&file).lines().count();
        if counts && !exempt && lines > LINES_MAX && !LONG.iter().any(|(known, _)| *known == file) {
            long.insert(file, lines);
        }
    }
    assert!(long.is_empty(), "longer than {LINES_MAX} lines, and not in the list with a reason: {long:?}");
    for (file, _) in LONG {
        assert!(read(file).lines().count() > LINES_MAX, "{file} is not that long any more: take it off the list");
    }
}

#[test]
fn no_marker_of_unfinished_work_is_left() {
    // Spelled in two parts, so that this file does not find itself.
    let markers = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("dbg", "!("),
    ];
    for file in tracked().iter().filter(|f| [".rs", ".ts", ".svelte", ".mjs"].iter().any(|e| f.ends_with(e))) {
        // In quotes it is ISO 4217's code for no currency.
        let text = read(file).replace(concat!("'XX", "X'"), "");
        for marker in markers {
            assert!(!text.contains(marker), "{file} holds {marker}");
        }
    }
}

#[test]
fn what_the_desktop_grants_to_a_window_is_made_from_the_table_alone() {
    let kept: Vec<_> = tracked().into_iter().filter(|file| file.contains("capabilities/")).collect();
    assert!(kept.is_empty(), "a capability kept by hand grants beside the table: {kept:?}");
    let build = read("src-tauri/build.rs");
    assert!(build.contains("role.capability()") && build.contains("gen/capabilities/**/*"), "the build writes them");
    let config: serde_json::Value = serde_json::from_str(&read("tauri.conf.json")).expect("JSON");
    assert!(config["app"]["security"]["capabilities"].is_null(), "nor does the configuration grant anything");
}

/// The reason codes that a source text gives, where they stand as words in quotes.
fn codes_in(text: &str) -> BTreeSet<String> {
    let rules = text.split("#[cfg(test)]").next().unwrap_or_default();
    let is_code = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let quoted = |rest: &str| rest.trim_start().strip_prefix('"')?.split('"').next().filter(is_code).map(str::to_owned);
    let mut found = BTreeSet::new();
    for maker in ["::field(", "::too_many(", "reason: "] {
        found.extend(rules.match_indices(maker).filter_map(|(at, _)| quoted(&rules[at + maker.len()..])));
    }
    for maker in ["ApiError::new(", "Self::new("] {
        // After the status.
        found.extend(rules.match_indices(maker).filter_map(|(at, _)| quoted(rules[at..].split_once(',')?.1)));
    }
    for (at, _) in rules.match_indices("fn code(self)").chain(rules.match_indices("fn code(&self) -> &'static str")) {
        let body = rules[at..].split("\n    }\n").next().unwrap_or_default();
        found.extend(body.split('"').skip(1).step_by(2).filter(is_code).map(str::to_owned));
    }
    found
}

#[test]
fn every_reason_to_refuse_stands_in_the_contract_where_the_interface_finds_words_for_it() {
    let known: BTreeSet<&str> = guildhall_contract::codes::REFUSAL_CODES.iter().copied().collect();
    let mut used = BTreeSet::new();
    let makers = ["crates/server/src/", "crates/client/src/commands/", "crates/client/src/account.rs"];
    let rules = [
        "text.rs",
        "attachments.rs",
        "jobs/applications.rs",
        "jobs/milestones.rs",
        "jobs/posts.rs",
        "money/escrows.rs",
        "money/payouts.rs",
    ]
    .map(|file| format!("crates/market/src/{file}"));
    for file in tracked().iter().filter(|f| makers.iter().any(|place| f.starts_with(place)) || rules.contains(f)) {
        // Of the server, what answers over HTTP to people; the tools of an operator speak for themselves.
        if file.contains("/cli/") || file.contains("/demo/") {
            continue;
        }
        for code in codes_in(&read(file)) {
            assert!(known.contains(code.as_str()), "{file} refuses with {code:?}, for which nobody has words");
            used.insert(code);
        }
    }
    // Said by servers of before only.
    used.insert("in_progress".into());
    let unused: Vec<_> = known.iter().filter(|code| !used.contains(**code)).collect();
    assert!(unused.is_empty(), "words for what nobody says: {unused:?}");
}

#[test]
fn the_page_cannot_reach_the_network() {
    let config: serde_json::Value = serde_json::from_str(&read("tauri.conf.json")).expect("JSON");
    let csp = config["app"]["security"]["csp"].as_str().expect("a policy");
    assert!(csp.starts_with("default-src 'none';"), "{csp}");
    for word in ["unsafe-inline", "unsafe-eval", "https:", "*", "blob:"] {
        assert!(!csp.contains(word), "{csp}");
    }
    assert!(csp.contains("connect-src ipc: http://ipc.localhost;"), "{csp}");
}
