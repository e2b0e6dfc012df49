//! Numbers as a region writes them: 1,234 or 1 234, and 12,34,567 in India. The interface has the same from its engine, and a
//! test compares them.

use fluent_bundle::FluentValue;
use icu_decimal::{DecimalFormatter, input::Decimal, options::DecimalFormatterOptions};
use icu_locale_core::Locale;
use intl_memoizer::{Memoizable, concurrent::IntlLangMemoizer};
use unic_langid::LanguageIdentifier;

/// The language a bundle is in. Only it is kept: what formats is cheap to make, and stays with one thread.
struct Language(Locale);

impl Memoizable for Language {
    type Args = ();
    type Error = ();

    fn construct(language: LanguageIdentifier, (): ()) -> Result<Self, ()> {
        Locale::try_from_str(&language.to_string()).map(Self).map_err(drop)
    }
}

/// How a sentence writes what is inserted into it; `None` for what is no number.
pub(crate) fn written(value: &FluentValue<'_>, memoizer: &IntlLangMemoizer) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    // Sentences take whole numbers, which a double holds exactly as far as anybody counts.
    #[expect(clippy::cast_possible_truncation, reason = "whole, and cut off at the ends of what an i64 holds")]
    let whole = number.value as i64;
    let Ok(Ok(formatter)) = memoizer.with_try_get::<Language, _, _>((), |Language(locale)| {
        DecimalFormatter::try_new(locale.into(), DecimalFormatterOptions::default())
    }) else {
        return None;
    };
    Some(formatter.format(&Decimal::from(whole)).to_string())
}
