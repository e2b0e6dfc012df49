//! Writes the bridge out as TypeScript: the command table, the event stream, the errors and every type they reach.

use guildhall_market::{
    accounts::PASSWORD_CODE_POINTS_MIN,
    jobs::posts::{DESCRIPTION_CHARS, PROPOSAL_CHARS, TITLE_CHARS},
};
use std::collections::BTreeMap;

use ts_rs::{Config, TS, TypeVisitor};

use crate::{
    codes::{FILE_CODES, LINK_REASONS, REFUSAL_CODES},
    commands::Commands,
    errors::AppError,
    ui_events::UiEvent,
};

/// The text of `ui/src/contract.gen.ts`. The same input gives the same text.
pub fn contract() -> String {
    let config = Config::new().with_large_int("number");
    let mut walk = Walk { config: &config, declarations: BTreeMap::new() };
    walk.add::<Commands>();
    walk.add::<UiEvent>();
    walk.add::<AppError>();
    let mut text = String::from(
        "// Written by `UPDATE=1 cargo test -p guildhall-contract`. Do not edit: change crates/contract instead.\n",
    );
    for declaration in walk.declarations.values() {
        text.push('\n');
        text.push_str(declaration);
        text.push('\n');
    }
    // A rule of the market: said before it is sent, so that all that is wrong with a form is said at once.
    for (name, value) in [
        ("PASSWORD_CODE_POINTS_MIN", PASSWORD_CODE_POINTS_MIN),
        ("JOB_TITLE_CODE_POINTS_MIN", TITLE_CHARS.0),
        ("JOB_DESCRIPTION_CODE_POINTS_MIN", DESCRIPTION_CHARS.0),
        ("JOB_PROPOSAL_CODE_POINTS_MIN", PROPOSAL_CHARS.0),
    ] {
        text.push_str(&format!("\nexport const {name} = {value}\n"));
    }
    for (name, one, codes) in [
        ("REFUSAL_CODES", "RefusalCode", REFUSAL_CODES),
        ("FILE_CODES", "FileCode", FILE_CODES),
        ("LINK_REASONS", "LinkReason", LINK_REASONS),
    ] {
        let list = codes.iter().map(|code| format!("  {code:?},\n")).collect::<String>();
        text.push_str(&format!(
            "\nexport const {name} = [\n{list}] as const\nexport type {one} = (typeof {name})[number]\n"
        ));
    }
    text
}

struct Walk<'a> {
    config: &'a Config,
    declarations: BTreeMap<String, String>,
}

impl Walk<'_> {
    fn add<T: TS + 'static + ?Sized>(&mut self) {
        let name = T::ident(self.config);
        // Only types that are declared by name have a place of their own; lists, options and numbers are spelled in line.
        if T::output_path().is_none() || self.declarations.contains_key(&name) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        self.declarations.insert(name, format!("{docs}export {}", T::decl(self.config)));
        T::visit_dependencies(self);
    }
}

impl TypeVisitor for Walk<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        self.add::<T>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generated_contract_is_current() {
        let path = std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where") + "/../../ui/src/contract.gen.ts";
        let expected = contract();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &expected).expect("the interface's folder can be written");
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "ui/src/contract.gen.ts is not current: run `UPDATE=1 cargo test -p guildhall-contract`"
        );
    }
}
