//! Every sentence that a person reads stands in a catalogue (`en/*.ftl`, [Project Fluent]), one file for each feature, and
//! is said by its name. The interface reads the same files; notices, tray and dialogs speak from here, while no webview
//! runs. A new feature adds a file and no line elsewhere.
//!
//! **Inserted names keep to themselves.** A name may run from right to left, or hold marks that turn what follows it
//! around: where one could, it is isolated (U+2068, U+2069), so that the sentence around it stays as it is.
//!
//! [Project Fluent]: https://projectfluent.org

use std::{
    borrow::Cow,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

mod numbers;
pub mod pseudo;

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// The language that is whole.
pub const DEFAULT: &str = "en-GB";
/// A made-up language for tests: longer, accented, from right to left. Whatever is readable without accents in it stands
/// in code and not in a catalogue.
pub const PSEUDO: &str = "en-XA";

/// The sentences in one language.
pub struct Words {
    bundle: FluentBundle<FluentResource>,
    mirrored: bool,
}

/// What is inserted into a sentence.
enum Argument<'a> {
    Text(&'a str),
    Number(i64),
}

impl<'a> From<&'a str> for Argument<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Argument<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// The regions whose numbers one can choose, by their BCP 47 names. The first one is `DEFAULT`.
pub const REGIONS: [&str; 5] = [DEFAULT, "en-NG", "en-US", "en-IN", "en-ZA"];

/// Which of `REGIONS` numbers are written as where nobody's own choice is at hand.
static CURRENT: AtomicUsize = AtomicUsize::new(0);

fn place_of(region: &str) -> usize {
    REGIONS.iter().position(|known| *known == region).unwrap_or_default()
}

/// The sentences, with numbers as somebody's region writes them. A region that is not known is `DEFAULT`.
#[must_use]
pub fn written_in(region: &str) -> &'static Words {
    static ALL: LazyLock<[Words; REGIONS.len()]> = LazyLock::new(|| REGIONS.map(Words::new));
    &ALL[place_of(region)]
}

/// From now on `current` writes numbers as this region does.
pub fn write_in(region: &str) {
    CURRENT.store(place_of(region), Ordering::Relaxed);
}

/// The sentences in the language of this app, with numbers as the region writes them that was chosen last.
#[must_use]
pub fn current() -> &'static Words {
    written_in(REGIONS[CURRENT.load(Ordering::Relaxed)])
}

impl Default for Words {
    fn default() -> Self {
        Self::new(DEFAULT)
    }
}

impl Words {
    /// The sentences for a language by its BCP 47 name. One that is not known is answered in English.
    #[must_use]
    pub fn new(language: &str) -> Self {
        let id =
            language.parse().or_else(|_| DEFAULT.parse::<LanguageIdentifier>()).expect("the default is a language");
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Done here, and only where it is needed.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(numbers::written));
        let mirrored = language == PSEUDO;
        if mirrored {
            bundle.set_transform(Some(pseudo_text));
        }
        for text in ENGLISH {
            let resource = FluentResource::try_new((*text).to_owned()).expect("the build has read it");
            bundle.add_resource(resource).expect("a name stands in one catalogue");
        }
        Self { bundle, mirrored }
    }

    fn say(&self, name: &str, arguments: &[(&str, Argument<'_>)]) -> String {
        let pattern = self.bundle.get_message(name).and_then(|message| message.value());
        let pattern = pattern.expect("the functions are made of the same catalogue");
        let mut args = FluentArgs::with_capacity(arguments.len());
        for (name, argument) in arguments {
            args.set(
                *name,
                match argument {
                    Argument::Number(number) => FluentValue::from(*number),
                    Argument::Text(text) => FluentValue::String(isolated(text, self.mirrored)),
                },
            );
        }
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "{name}: {errors:?}");
        said
    }
}

fn pseudo_text(text: &str) -> Cow<'_, str> {
    Cow::Owned(pseudo::text(text))
}

/// Whether text may turn around what follows it: it runs from right to left, or holds marks for that.
fn turns(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(u32::from(c), 0x0590..=0x08FF | 0x200F | 0x202A..=0x202E | 0x2066..=0x2069 | 0xFB1D..=0xFDFF
            | 0xFE70..=0xFEFF | 0x1_0800..=0x1_0FFF | 0x1_E800..=0x1_EFFF)
    })
}

fn isolated(text: &str, mirrored: bool) -> Cow<'_, str> {
    if mirrored || turns(text) { Cow::Owned(format!("\u{2068}{text}\u{2069}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plural_forms_are_those_of_the_language() {
        let words = Words::default();
        assert_eq!(words.notices_new_messages(1), "1 new message");
        assert_eq!(words.notices_new_messages(2), "2 new messages");
    }

    #[test]
    fn numbers_are_written_as_the_region_does() {
        let tooltip = |region| written_in(region).tray_unread(1_234_567);
        assert_eq!(tooltip("en-GB"), "Guildhall, 1,234,567 unread messages");
        assert_eq!(tooltip("en-IN"), "Guildhall, 12,34,567 unread messages");
        assert_eq!(tooltip("en-ZA"), "Guildhall, 1\u{a0}234\u{a0}567 unread messages");
        assert_eq!(tooltip("en-XX"), tooltip(DEFAULT));
        assert_eq!(written_in("en-US").notices_new_messages(999), "999 new messages");
        assert_eq!(written_in("en-US").notices_new_messages(-1_000), "-1,000 new messages");
        assert_eq!(Words::new("not a language").tray_unread(1_000), "Guildhall, 1,000 unread messages");
    }

    #[test]
    fn a_name_cannot_turn_the_sentence_around() {
        let words = Words::default();
        assert_eq!(words.app_window_of("Ada"), "Guildhall · Ada");
        assert_eq!(words.app_window_of("عائشة"), "Guildhall · \u{2068}عائشة\u{2069}");
        assert_eq!(words.app_window_of("a\u{202E}b"), "Guildhall · \u{2068}a\u{202E}b\u{2069}");
    }

    #[test]
    fn the_made_up_language_is_longer_and_leaves_names_alone() {
        let words = Words::new(PSEUDO);
        let said = words.app_window_of("Ada");
        assert!(said.contains("\u{2068}Ada\u{2069}"), "{said}");
        assert!(!said.contains("Guildhall"), "{said}");
    }

    #[test]
    fn what_is_no_language_is_answered_in_english() {
        assert_eq!(Words::new("not a language").notices_new_message(), "New message");
    }
}
