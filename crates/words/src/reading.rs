//! What stands in a catalogue: the names of its sentences and of what is inserted into them. Shared with the build, which
//! makes functions of it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use fluent_syntax::{
    ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey},
    parser,
};

/// A catalogue.
pub struct File {
    #[allow(dead_code, reason = "the build alone asks for it")]
    pub path: PathBuf,
    pub sentences: Vec<Sentence>,
}

/// A sentence by its name.
pub struct Sentence {
    pub name: String,
    /// In the order of the alphabet.
    pub arguments: Vec<Argument>,
    /// The sentence as it stands, names in braces.
    #[allow(dead_code, reason = "the build alone asks for it")]
    pub sample: String,
}

/// What is inserted into a sentence.
pub struct Argument {
    pub name: String,
    /// It is a number: it chooses among plural forms, stands in `NUMBER()`, or is called `count`.
    pub is_number: bool,
}

/// The catalogues of a folder, by name.
///
/// # Panics
/// With the file and what is wrong in it, where one cannot be read: a catalogue with a hole must not be built.
pub fn files(folder: &Path) -> Vec<File> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry of a folder").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "ftl"))
        .collect();
    paths.sort();
    paths.into_iter().map(file).collect()
}

fn file(path: PathBuf) -> File {
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let parsed = parser::parse(text.as_str())
        .unwrap_or_else(|(_, errors)| panic!("{} is no catalogue: {errors:?}", path.display()));
    let mut sentences = Vec::new();
    for entry in parsed.body {
        let Entry::Message(message) = entry else { continue };
        let Some(pattern) = message.value else { continue };
        let mut found = BTreeMap::new();
        let mut sample = String::new();
        look(&pattern, &mut found, &mut sample);
        let arguments = found.into_iter().map(|(name, is_number)| Argument { name, is_number }).collect();
        sentences.push(Sentence { name: message.id.name.to_owned(), arguments, sample });
    }
    File { path, sentences }
}

fn look(pattern: &Pattern<&str>, found: &mut BTreeMap<String, bool>, sample: &mut String) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => sample.push_str(value),
            PatternElement::Placeable { expression } => look_into(expression, found, sample),
        }
    }
}

fn look_into(expression: &Expression<&str>, found: &mut BTreeMap<String, bool>, sample: &mut String) {
    match expression {
        Expression::Inline(inline) => inserted(inline, false, found, sample),
        Expression::Select { selector, variants } => {
            let counts = variants.iter().any(|variant| match &variant.key {
                VariantKey::NumberLiteral { .. } => true,
                VariantKey::Identifier { name } => ["zero", "one", "two", "few", "many"].contains(name),
            });
            inserted(selector, counts, found, &mut String::new());
            for variant in variants {
                let mut form = String::new();
                look(&variant.value, found, &mut form);
                if variant.default {
                    sample.push_str(&form);
                }
            }
        }
    }
}

fn inserted(inline: &InlineExpression<&str>, number: bool, found: &mut BTreeMap<String, bool>, sample: &mut String) {
    match inline {
        InlineExpression::VariableReference { id } => {
            *found.entry(id.name.to_owned()).or_default() |= number || id.name == "count";
            sample.push_str(&format!("{{{}}}", id.name));
        }
        InlineExpression::FunctionReference { id, arguments: CallArguments { positional, .. } } => {
            for argument in positional {
                inserted(argument, number || id.name == "NUMBER", found, sample);
            }
        }
        InlineExpression::Placeable { expression } => look_into(expression, found, sample),
        InlineExpression::StringLiteral { value } => sample.push_str(value),
        _ => {}
    }
}
