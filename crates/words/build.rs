//! Makes a function of every sentence, and what the interface needs to know of its names.

#[path = "src/reading.rs"]
mod reading;

use std::{env, fmt::Write, fs, path::PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=en");
    println!("cargo::rerun-if-changed=src/reading.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut files = String::from("pub(crate) const ENGLISH: &[&str] = &[\n");
    let mut code = String::from("impl Words {\n");
    for file in reading::files("en".as_ref()) {
        let path = fs::canonicalize(&file.path).expect("it was just read");
        writeln!(files, "include_str!({path:?}),").expect("a string takes everything");
        for sentence in file.sentences {
            let name = sentence.name.replace('-', "_");
            let mut list = String::new();
            let mut args = String::new();
            for argument in &sentence.arguments {
                let rust = argument.name.replace('-', "_");
                let kind = if argument.is_number { "i64" } else { "&str" };
                write!(list, ", {rust}: {kind}").expect("a string takes everything");
                write!(args, "({:?}, Argument::from({rust})),", argument.name).expect("a string takes everything");
            }
            writeln!(code, "/// `{}`", sentence.sample.replace('\n', " ").replace('`', "'"))
                .expect("a string takes everything");
            writeln!(
                code,
                "#[must_use]\npub fn {name}(&self{list}) -> String {{ self.say({:?}, &[{args}]) }}",
                sentence.name
            )
            .expect("a string takes everything");
        }
    }
    files.push_str("];\n");
    code.push_str("}\n");
    fs::write(out.join("catalogue.rs"), files + &code).expect("the build folder can be written");
}
