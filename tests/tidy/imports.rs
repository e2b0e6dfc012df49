//! What the files of a room import of each other, read as the compiler reads it: `use` trees, paths in code and in macros,
//! names that the room's root passes on. Files that import each other in a circle change together, and are known together or
//! not at all.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use super::{read, tracked};

/// Rooms without a circle between their files.
const ROOMS: &[&str] = &["market", "pusher", "contract", "os", "testkit", "db", "server", "cache", "client"];

/// Files by the path of their module, and those that each imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The module of a file, from the room's root: `realtime::hub`. Empty for the root itself.
fn module_of(file: &str) -> String {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if matches!(path, "lib" | "main") { String::new() } else { path.replace('/', "::") }
}

/// Finds the paths in one file that begin within its room, as segments from the root.
struct Paths {
    /// Where we are: the file's module, and modules within the file.
    place: Vec<String>,
    found: Vec<Vec<String>>,
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return false };
        list.path.is_ident("cfg") && list.tokens.to_string() == "test"
    })
}

impl Paths {
    /// Notes a path, with its segments from the root of the room.
    fn note(&mut self, path: &[String]) {
        let mut place = self.place.clone();
        let mut rest = path;
        match rest.first().map(String::as_str) {
            Some("crate") => place.clear(),
            Some("self") => {}
            Some("super") => {
                while rest.first().is_some_and(|first| first == "super") {
                    place.pop();
                    rest = &rest[1..];
                }
                place.extend(rest.iter().cloned());
                self.found.push(place);
                return;
            }
            // A module below this one; anything else is found nowhere, or here.
            Some(_) => {
                place.extend(rest.iter().cloned());
                self.found.push(place);
                return;
            }
            None => return,
        }
        place.extend(rest[1..].iter().cloned());
        self.found.push(place);
    }

    fn tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| -> Vec<String> { before.iter().cloned().chain([name.to_string()]).collect() };
        match tree {
            syn::UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.note(&with(&name.ident)),
            syn::UseTree::Rename(rename) => self.note(&with(&rename.ident)),
            syn::UseTree::Glob(_) => self.note(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(before, tree)),
        }
    }

    /// Paths in what a macro is given.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(first) if first == "crate" || first == "super" => {
                    let mut path = vec![first.to_string()];
                    let mut rest = &tokens[at + 1..];
                    while let [TokenTree::Punct(a), TokenTree::Punct(b), TokenTree::Ident(next), after @ ..] = rest
                        && (a.as_char(), b.as_char()) == (':', ':')
                    {
                        path.push(next.to_string());
                        rest = after;
                    }
                    self.note(&path);
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test(&item.attrs) {
            self.tree(&[], &item.tree);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) && item.content.is_some() {
            self.place.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.place.pop();
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.note(&path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.tokens(called.tokens.clone());
        visit::visit_macro(self, called);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // `pub(crate)` imports nothing.
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

fn paths_in(module: &str, text: &str, file: &str) -> Vec<Vec<String>> {
    let place = module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let mut paths = Paths { place, found: Vec::new() };
    paths.visit_file(&syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}")));
    paths.found
}

/// What each of these files, given by their path in the room and their text, imports of the others.
fn imports(files: &BTreeMap<String, String>) -> Imports {
    let modules: BTreeMap<String, &String> =
        files.iter().map(|(file, text)| (module_of(file), text)).filter(|(module, _)| !module.is_empty()).collect();
    // What the root passes on under a name of its own: whoever takes it from there imports where it comes from.
    let mut passed_on = BTreeMap::new();
    for (file, text) in files.iter().filter(|(file, _)| module_of(file).is_empty() && !file.ends_with("main.rs")) {
        let root = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        for item in root.items {
            let syn::Item::Use(item) = item else { continue };
            let mut paths = Paths { place: Vec::new(), found: Vec::new() };
            paths.tree(&["crate".to_owned()], &item.tree);
            // Written without `crate` before it.
            for path in paths.found {
                let path: Vec<String> = path.into_iter().filter(|part| part != "crate" && part != "self").collect();
                if let Some(name) = path.last().filter(|_| path.len() > 1) {
                    passed_on.insert(name.clone(), path.clone());
                }
            }
        }
    }
    let find = |path: &[String]| {
        let longest = |path: &[String]| {
            (1..=path.len()).rev().map(|count| path[..count].join("::")).find(|module| modules.contains_key(module))
        };
        longest(path).or_else(|| longest(passed_on.get(path.first()?)?))
    };
    let of = |module: &String, text: &String| -> BTreeSet<String> {
        let found = paths_in(module, text, module).into_iter().filter_map(|path| find(&path));
        found.filter(|other| other != module).collect()
    };
    modules.iter().map(|(module, text)| (module.clone(), of(module, text))).collect()
}

/// Groups of files each of which leads to all others of its group.
fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let reached = |from: &String| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = next.pop() {
            for other in imports.get(&module).into_iter().flatten() {
                if seen.insert(other.clone()) {
                    next.push(other.clone());
                }
            }
        }
        seen
    };
    let all: BTreeMap<&String, BTreeSet<String>> = imports.keys().map(|module| (module, reached(module))).collect();
    let mut groups = BTreeSet::new();
    for (module, reached) in all.iter().filter(|(module, reached)| reached.contains(**module)) {
        let group = reached.iter().filter(|other| all.get(other).is_some_and(|back| back.contains(*module)));
        groups.insert(group.cloned().collect::<Vec<_>>());
    }
    groups.into_iter().collect()
}

#[test]
fn the_files_of_a_room_import_each_other_in_no_circle() {
    for room in ROOMS {
        let folder = format!("crates/{room}/src/");
        let files: BTreeMap<String, String> = tracked()
            .into_iter()
            .filter(|file| file.ends_with(".rs"))
            .filter_map(|file| Some((file.strip_prefix(&folder)?.to_owned(), read(&file))))
            .collect();
        assert!(files.len() > 3, "{room} has files");
        let imports = imports(&files);
        if *room == "server" {
            let count: usize = imports.values().map(BTreeSet::len).sum();
            assert!(count > 150, "only {count} imports were seen");
        }
        let circles = circles(&imports);
        let drawn: Vec<String> = circles
            .iter()
            .flatten()
            .map(|file| {
                format!(
                    "{file} imports {:?}",
                    imports[file].iter().filter(|to| circles.iter().flatten().any(|f| f == *to)).collect::<Vec<_>>()
                )
            })
            .collect();
        assert!(circles.is_empty(), "{room}: {} circles\n{}", circles.len(), drawn.join("\n"));
    }
}

#[test]
fn a_circle_is_seen_however_it_is_written() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let plain = file("b.rs", "use crate::a;");
    for (text, seen) in [
        ("use crate::b;", true),
        ("use crate::{other, b::{Thing as Named, c}};", true),
        ("use super::b::*;", true),
        ("fn f() { crate::b::g(); }", true),
        ("fn f(x: Vec<super::b::T>) {}", true),
        ("fn f() { log!(\"{}\", crate::b::X); }", true),
        ("mod inner { use super::super::b; }", true),
        ("use crate::Passed;", true),
        ("// use crate::b;\nfn f() -> &'static str { \"crate::b\" }", false),
        ("#[cfg(test)] mod tests { use crate::b; }", false),
        ("use other::b;", false),
        ("use crate::{Nothing, a};", false),
    ] {
        let root = file("lib.rs", "mod a; mod b; pub use b::Passed;");
        let files = BTreeMap::from([file("a.rs", text), plain.clone(), root]);
        assert_eq!(!circles(&imports(&files)).is_empty(), seen, "{text}");
    }
    let folder =
        BTreeMap::from([file("m/mod.rs", "use crate::m::x;"), file("m/x.rs", "use super::y;"), file("m/y.rs", "")]);
    assert_eq!(circles(&imports(&folder)), [] as [Vec<String>; 0]);
    let up = BTreeMap::from([file("m/mod.rs", "fn g() { x::f(); }"), file("m/x.rs", "use super::Thing;")]);
    assert_eq!(circles(&imports(&up)), [["m", "m::x"]]);
}
