//! The command table: every command of the bridge between the interface and the core, once.
//!
//! Its rows stand in the files of the features. [`for_each_command!`](crate::for_each_command) passes all of them to a macro
//! of the caller's choice, so that the TypeScript contract, the desktop bridge, the browser host and the permissions of the
//! windows are expansions of the same list and nothing is listed twice. A row is
//! `name(Request) -> Response as role;`, its types by their paths; the roles are windows that may call it. Names are noun then
//! verb, so that they sort by feature.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// No data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// Calls the macro `$with` with every row of the table.
#[macro_export]
macro_rules! for_each_command {
    ($with:ident) => {
        $crate::for_each_row! { commands, $with }
    };
}

/// A kind of window. What its page may call is what the rows of the table grant to it, and its own frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "spelled as in the table")]
pub enum Role {
    /// The window of a person: the main one, and those beside it in local mode.
    person,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::person];

    /// How it is spelled in the table, and the name of its capability.
    pub fn name(self) -> &'static str {
        match self {
            Self::person => "person",
        }
    }

    /// The labels of its windows, as patterns.
    pub fn windows(self) -> &'static [&'static str] {
        match self {
            Self::person => &["main", "person-*"],
        }
    }

    /// What of its own frame the page may move.
    pub fn frame(self) -> &'static [&'static str] {
        match self {
            Self::person => {
                &["close", "minimize", "set-title", "start-dragging", "toggle-maximize", "internal-toggle-maximize"]
            }
        }
    }

    /// The commands that it may call.
    pub fn commands(self) -> impl Iterator<Item = &'static str> {
        COMMANDS.iter().filter(move |command| command.roles.contains(&self)).map(|command| command.name)
    }

    /// The capability of its windows as the desktop's build reads it. Besides the table there is one command written by hand:
    /// the stream of events.
    pub fn capability(self) -> serde_json::Value {
        let commands = ["subscribe"].into_iter().chain(self.commands());
        let permissions: Vec<String> = commands
            .map(|name| format!("allow-{}", name.replace('_', "-")))
            .chain(self.frame().iter().map(|name| format!("core:window:allow-{name}")))
            .collect();
        serde_json::json!({
            "identifier": self.name(),
            "description": "What this window may call: its rows of the command table, and its own frame. Nothing of the file \
                            system, the shell or the network.",
            "windows": self.windows(),
            "permissions": permissions,
        })
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Its name.
    pub name: &'static str,
    /// Which windows may call it.
    pub roles: &'static [Role],
    /// Its types, as they were written.
    signature: &'static str,
}

impl Command {
    /// The row as it is reviewed, its types without their paths.
    pub fn reviewed(&self) -> String {
        let dense: String = self.signature.chars().filter(|c| !c.is_whitespace()).collect();
        let is_end = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':' | '$'));
        let short: String =
            dense.split_inclusive(is_end).map(|part| part.rsplit("::").next().unwrap_or(part)).collect();
        let short = short.replace("->", " -> ");
        let roles: Vec<&str> = self.roles.iter().map(|role| role.name()).collect();
        format!("{}{short} as {}", self.name, roles.join(" | "))
    }
}

macro_rules! declare {
    ($($(#[$doc:meta])* $name:ident($request:ty) -> $response:ty as $($role:ident)|+;)*) => {
        /// All commands, in the order of the table.
        pub const COMMANDS: &[Command] = &[$(Command {
            name: stringify!($name),
            roles: &[$(Role::$role),+],
            signature: concat!("(", stringify!($request), ") -> ", stringify!($response)),
        }),*];

        /// The names of all commands, in the order of the table.
        pub const COMMAND_NAMES: &[&str] = &[$(stringify!($name)),*];

        /// The commands as a type, for the TypeScript contract: name to request and response.
        #[derive(TS)]
        #[allow(dead_code)]
        pub struct Commands {
            $($(#[$doc])* pub $name: ($request, $response),)*
        }
    };
}
for_each_command!(declare);

#[cfg(test)]
mod tests {
    use super::*;

    /// What a window may ask of the core, as it was reviewed: a change of the table is a change of these files, seen by
    /// whoever reads the change.
    fn is_reviewed(file: &str, text: &str) {
        let path = format!("{}/{file}", std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where"));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, text).expect("the folder can be written");
        }
        let reviewed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            text == reviewed,
            "crates/contract/{file} is not the table: review the change, then run `UPDATE=1 cargo test -p guildhall-contract`"
        );
    }

    #[test]
    fn the_table_is_the_one_that_was_reviewed() {
        let table: String = COMMANDS.iter().map(|command| command.reviewed() + "\n").collect();
        is_reviewed("commands.txt", &table);
    }

    #[test]
    fn what_each_window_may_call_is_what_was_reviewed() {
        for role in Role::ALL {
            is_reviewed(&format!("capability.{}.json", role.name()), &format!("{:#}\n", role.capability()));
            assert!(role.windows().iter().all(|label| *label != "*"), "no grant to every window");
        }
    }

    #[test]
    fn names_are_unique_and_noun_then_verb() {
        let mut names = COMMAND_NAMES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), COMMAND_NAMES.len());
        assert!(COMMAND_NAMES.iter().all(|name| name.contains('_')));
    }

    #[test]
    fn every_command_has_a_window_that_may_call_it() {
        for command in COMMANDS {
            assert!(!command.roles.is_empty(), "{}", command.name);
        }
    }
}
