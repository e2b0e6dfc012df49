//! What people say about themselves on their page, and how they are found by it.

use crate::{
    accounts::{self, AccountRefusal},
    search,
    text::{self, TextRefusal},
    time::{DAY_MS, Timestamp},
};

/// Longest trade, in code points: `Upholsterer`, `Master bricklayer and plasterer`.
pub const TRADE_CODE_POINTS_MAX: usize = 60;
/// Longest place, in code points.
pub const PLACE_CODE_POINTS_MAX: usize = 80;
/// Longest name of a language, in code points.
pub const LANGUAGE_CODE_POINTS_MAX: usize = 40;
/// Languages that one may name.
pub const LANGUAGES_MAX: usize = 8;
/// Pictures of work on one page.
pub const WORKS_MAX: i64 = 24;
/// Longest line under a picture of work, in code points.
pub const TITLE_CODE_POINTS_MAX: usize = 80;
/// Longest key of a picture of work, in bytes.
pub const WORK_KEY_BYTES_MAX: usize = 64;
/// The side of one's own picture as it is kept, in pixels: twice the largest that is shown.
pub const AVATAR_PIXELS: u32 = 256;
/// How often in a day one may change what stands in other people's lists: each change goes to everybody one writes with.
pub const SHOWN_CHANGES_A_DAY_MAX: i64 = 20;

/// Why something is not taken onto a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileRefusal {
    /// The name.
    #[error(transparent)]
    Account(#[from] AccountRefusal),
    /// The trade.
    #[error("The trade must be one line of at most {TRADE_CODE_POINTS_MAX} characters, such as Joiner.")]
    Trade,
    /// The place.
    #[error("The place must be one line of at most {PLACE_CODE_POINTS_MAX} characters, such as Surulere, Lagos.")]
    Place,
    /// The own words, and why.
    #[error("{0}")]
    Words(TextRefusal),
    /// The languages.
    #[error(
        "The languages must be at most {LANGUAGES_MAX} names of at most {LANGUAGE_CODE_POINTS_MAX} characters, such as English."
    )]
    Languages,
    /// What stands under a picture of work.
    #[error("What stands under a picture must be one line of at most {TITLE_CODE_POINTS_MAX} characters.")]
    Title,
    /// The key of a picture of work.
    #[error("The key must be 1 to {WORK_KEY_BYTES_MAX} of a to z, 0 to 9 and -.")]
    WorkKey,
    /// As many pictures as there may be.
    #[error("You have {WORKS_MAX} pictures of work, the most there may be. Remove one first.")]
    TooManyWorks,
    /// A file that is no still picture.
    #[error("The picture must be a JPEG, PNG or WebP file.")]
    NoPicture,
    /// Name, trade or picture were changed too often today.
    #[error("You changed your name, trade or picture {SHOWN_CHANGES_A_DAY_MAX} times today. Try again tomorrow.")]
    TooOften,
}

impl ProfileRefusal {
    /// The field that was wrong.
    pub fn field(self) -> &'static str {
        match self {
            Self::Account(refusal) => refusal.field(),
            Self::Trade => "trade",
            Self::Place => "place",
            Self::Words(_) => "words",
            Self::Languages => "languages",
            Self::Title => "title",
            Self::WorkKey => "key",
            Self::TooManyWorks | Self::NoPicture | Self::TooOften => "file",
        }
    }
}

/// A line as it is kept: without markup and characters that nobody sees. `None` when nothing is left.
fn line(raw: &str, longest: usize, refusal: ProfileRefusal) -> Result<Option<String>, ProfileRefusal> {
    if raw.len() > accounts::RAW_NAME_BYTES_MAX {
        return Err(refusal);
    }
    let stripped = match text::clean(raw) {
        Ok(stripped) => stripped,
        Err(TextRefusal::Empty) => return Ok(None),
        Err(_) => return Err(refusal),
    };
    let line = stripped.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > longest { Err(refusal) } else { Ok(Some(line)) }
}

/// The trade as it is kept; `None` for somebody who has none.
///
/// # Errors
/// [`ProfileRefusal::Trade`]
pub fn clean_trade(raw: &str) -> Result<Option<String>, ProfileRefusal> {
    line(raw, TRADE_CODE_POINTS_MAX, ProfileRefusal::Trade)
}

/// The place as it is kept.
///
/// # Errors
/// [`ProfileRefusal::Place`]
pub fn clean_place(raw: &str) -> Result<Option<String>, ProfileRefusal> {
    line(raw, PLACE_CODE_POINTS_MAX, ProfileRefusal::Place)
}

/// What stands under a picture of work, as it is kept.
///
/// # Errors
/// [`ProfileRefusal::Title`]
pub fn clean_title(raw: &str) -> Result<Option<String>, ProfileRefusal> {
    line(raw, TITLE_CODE_POINTS_MAX, ProfileRefusal::Title)
}

/// The own words as they are kept. As long as a message may be.
///
/// # Errors
/// [`ProfileRefusal::Words`]
pub fn clean_words(raw: &str) -> Result<Option<String>, ProfileRefusal> {
    match text::clean(raw) {
        Ok(words) => Ok(Some(words)),
        Err(TextRefusal::Empty) => Ok(None),
        Err(refusal) => Err(ProfileRefusal::Words(refusal)),
    }
}

/// The languages as they are kept: in the order in which they were named, each once.
///
/// # Errors
/// [`ProfileRefusal::Languages`]
pub fn clean_languages<S: AsRef<str>>(raw: &[S]) -> Result<Vec<String>, ProfileRefusal> {
    if raw.len() > 4 * LANGUAGES_MAX {
        return Err(ProfileRefusal::Languages);
    }
    let mut languages: Vec<String> = Vec::new();
    for one in raw {
        let Some(one) = line(one.as_ref(), LANGUAGE_CODE_POINTS_MAX, ProfileRefusal::Languages)? else { continue };
        if !languages.iter().any(|other| search::fold(other) == search::fold(&one)) {
            languages.push(one);
        }
    }
    if languages.len() > LANGUAGES_MAX { Err(ProfileRefusal::Languages) } else { Ok(languages) }
}

/// The key of a picture of work, which whoever adds it makes up: so it can be said twice and is there once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkKey(String);

impl WorkKey {
    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for WorkKey {
    type Err = ProfileRefusal;

    fn from_str(key: &str) -> Result<Self, ProfileRefusal> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if (1..=WORK_KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(fits) {
            Ok(Self(key.to_owned()))
        } else {
            Err(ProfileRefusal::WorkKey)
        }
    }
}

/// Whether one more picture of work may be added beside `others`.
///
/// # Errors
/// [`ProfileRefusal::TooManyWorks`]
pub fn may_add_work(others: i64) -> Result<(), ProfileRefusal> {
    if others >= WORKS_MAX { Err(ProfileRefusal::TooManyWorks) } else { Ok(()) }
}

/// How often somebody changed what stands in other people's lists, and since when that is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShownChanges {
    /// How often.
    pub count: i64,
    /// Since when.
    pub since: Timestamp,
}

impl ShownChanges {
    /// With one more. A day is 24 hours from the first that counts; a clock that was set back begins anew.
    ///
    /// # Errors
    /// [`ProfileRefusal::TooOften`]
    pub fn one_more(self, now: Timestamp) -> Result<Self, ProfileRefusal> {
        if !(0..DAY_MS).contains(&now.since_ms(self.since)) {
            return Ok(Self { count: 1, since: now });
        }
        if self.count >= SHOWN_CHANGES_A_DAY_MAX {
            return Err(ProfileRefusal::TooOften);
        }
        Ok(Self { count: self.count + 1, ..self })
    }
}

/// In what a word is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// In name, trade and place.
    Anything,
    /// In the trade.
    Trade,
    /// In the place.
    Place,
}

/// Everybody has this word in the index.
const EVERYBODY: &str = "e:";
/// Everybody who has a trade.
const ARTISANS: &str = "w:";

impl Part {
    fn tag(self) -> &'static str {
        match self {
            Self::Anything => "a:",
            Self::Trade => "t:",
            Self::Place => "p:",
        }
    }
}

/// The shortest end of a name under which somebody is found, in characters: Ọláyínká is called Yínká, and Babátúndé Túndé.
const NAME_END_MIN: usize = 3;

/// The longest beginning of a word that stands in the index by itself, in characters. So many words begin with one or two letters
/// that going through them all would take long; those who have a beginning stand in order.
const BEGINNING_MAX: usize = 2;
/// Marks a beginning in the index. No word holds it.
const BEGINNING: char = '<';

/// The beginnings of a word that stand in the index.
fn beginnings(word: &str) -> impl Iterator<Item = &str> {
    (1..=BEGINNING_MAX).map_while(|length| match word.char_indices().nth(length) {
        Some((at, _)) => Some(&word[..at]),
        None => (word.chars().count() == length).then_some(word),
    })
}

/// The ends of a word of a name, itself first.
fn ends(word: &str) -> impl Iterator<Item = &str> {
    let length = word.chars().count();
    let short = word.char_indices().enumerate().take_while(move |(n, _)| *n == 0 || n + NAME_END_MIN <= length);
    short.map(|(_, (at, _))| &word[at..])
}

/// The words under which somebody stands in the index of people, each once, in order.
pub fn indexed(name: &str, trade: Option<&str>, place: Option<&str>) -> Vec<String> {
    let pieces = |text: Option<&str>| search::words(text.unwrap_or_default()).flatten().collect::<Vec<_>>();
    let mut words: Vec<String> = vec![EVERYBODY.into()];
    words.extend(trade.map(|_| ARTISANS.into()));
    for (part, text) in [(None, Some(name)), (Some(Part::Trade), trade), (Some(Part::Place), place)] {
        for piece in pieces(text) {
            let parts = [Some(Part::Anything), part];
            for tag in parts.into_iter().flatten().map(Part::tag) {
                words.push(format!("{tag}{piece}"));
                words.extend(beginnings(&piece).map(|beginning| format!("{tag}{BEGINNING}{beginning}")));
            }
            if part.is_none() {
                words.extend(ends(&piece).map(|end| format!("{}{end}", Part::Anything.tag())));
            }
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// What of the index is looked at for one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The word as it is indexed.
    pub word: String,
    /// Whether words that only begin so count: the last one typed may be unfinished.
    pub unfinished: bool,
}

/// Whom somebody looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleQuery {
    /// Words of name, trade and place.
    pub q: String,
    /// Words of the trade.
    pub trade: String,
    /// Words of the place.
    pub place: String,
    /// Only people with a trade.
    pub artisans: bool,
}

/// Words of one field that are looked at, at most.
const TERMS_MAX: usize = 6;

impl PeopleQuery {
    /// All that must be true of somebody who is found; `None` when something was typed in which there is no letter or digit:
    /// that finds nobody.
    pub fn terms(&self) -> Option<Vec<Term>> {
        let mut terms = Vec::new();
        for (part, typed) in [(Part::Anything, &self.q), (Part::Trade, &self.trade), (Part::Place, &self.place)] {
            let mut pieces: Vec<String> = search::words(typed).flatten().take(TERMS_MAX).collect();
            if pieces.is_empty() && !typed.trim().is_empty() {
                return None;
            }
            // What is followed by a space is finished.
            let unfinished = !typed.ends_with(char::is_whitespace);
            let last = pieces.pop();
            let finished = pieces.into_iter().map(|piece| (piece, false));
            for (piece, unfinished) in finished.chain(last.map(|piece| (piece, unfinished))) {
                let short = unfinished && piece.chars().count() <= BEGINNING_MAX;
                let term = if short {
                    Term { word: format!("{}{BEGINNING}{piece}", part.tag()), unfinished: false }
                } else {
                    Term { word: format!("{}{piece}", part.tag()), unfinished }
                };
                if !terms.contains(&term) {
                    terms.push(term);
                }
            }
        }
        if self.artisans {
            terms.push(Term { word: ARTISANS.into(), unfinished: false });
        }
        if terms.is_empty() {
            terms.push(Term { word: EVERYBODY.into(), unfinished: false });
        }
        Some(terms)
    }
}

impl PeopleQuery {
    /// Whether somebody is found by it.
    pub fn finds(&self, name: &str, trade: Option<&str>, place: Option<&str>) -> bool {
        let words = indexed(name, trade, place);
        let has = |term: &Term| {
            words.iter().any(|word| if term.unfinished { word.starts_with(&term.word) } else { *word == term.word })
        };
        self.terms().is_some_and(|terms| terms.iter().all(has))
    }
}

/// Where somebody stands among people who were found: those the server vouches for first, then by name as it is folded.
pub fn place_in_list(name: &str, verified: bool) -> String {
    format!("{}{}", if verified { '0' } else { '1' }, search::fold(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_the_ones_that_are_promised() {
        let limits = [TRADE_CODE_POINTS_MAX, PLACE_CODE_POINTS_MAX, LANGUAGE_CODE_POINTS_MAX, LANGUAGES_MAX];
        assert_eq!(limits, [60, 80, 40, 8]);
        assert_eq!((WORKS_MAX, TITLE_CODE_POINTS_MAX, WORK_KEY_BYTES_MAX, AVATAR_PIXELS), (24, 80, 64, 256));
    }

    #[test]
    fn lines_are_plain_text_and_nothing_is_none() {
        let check = |raw: &str, expected: Result<Option<&str>, ProfileRefusal>| {
            let found = clean_trade(raw);
            assert_eq!(found.as_ref().map(Option::as_deref), expected.as_ref().copied(), "{raw:?}");
        };
        check("  Master\n joiner ", Ok(Some("Master joiner")));
        check("<i>Joiner</i>", Ok(Some("Joiner")));
        check(" \u{200B} ", Ok(None));
        check("", Ok(None));
        check(&"x".repeat(60), Ok(Some(&"x".repeat(60))));
        check(&"x".repeat(61), Err(ProfileRefusal::Trade));
        assert_eq!(clean_place(&"x".repeat(80)).map(|p| p.map(|p| p.len())), Ok(Some(80)));
        assert_eq!(clean_place(&"x".repeat(81)), Err(ProfileRefusal::Place));
        assert_eq!(clean_title(&"x".repeat(81)), Err(ProfileRefusal::Title));
        assert_eq!(clean_place(&format!("Lagos{}", " ".repeat(3_000))), Err(ProfileRefusal::Place));
        assert_eq!(clean_words("I measure\ntwice. "), Ok(Some("I measure\ntwice.".into())));
        assert_eq!(clean_words(" "), Ok(None));
        assert_eq!(clean_words(&"x".repeat(1_001)), Err(ProfileRefusal::Words(TextRefusal::TooLong)));
    }

    #[test]
    fn languages_are_named_once_each() {
        assert_eq!(clean_languages(&["Yorùbá", " English", "yoruba", ""]), Ok(vec!["Yorùbá".into(), "English".into()]));
        let nine: Vec<String> = (0..9).map(|n| format!("Language {n}")).collect();
        assert_eq!(clean_languages(&nine), Err(ProfileRefusal::Languages));
        assert_eq!(clean_languages(&nine[..8]).map(|all| all.len()), Ok(8));
        assert_eq!(clean_languages(&["x".repeat(41)]), Err(ProfileRefusal::Languages));
        assert_eq!(clean_languages(&vec!["English"; 33]), Err(ProfileRefusal::Languages));
    }

    #[test]
    fn keys_of_works_are_plain() {
        for key in ["a", "0b9e-1", &"a".repeat(64)] {
            assert!(key.parse::<WorkKey>().is_ok(), "{key}");
        }
        for key in ["", "A", "a b", "../a", "ä", &"a".repeat(65)] {
            assert_eq!(key.parse::<WorkKey>(), Err(ProfileRefusal::WorkKey), "{key}");
        }
        assert_eq!((may_add_work(23), may_add_work(24)), (Ok(()), Err(ProfileRefusal::TooManyWorks)));
    }

    #[test]
    fn what_others_see_in_their_lists_changes_twenty_times_a_day() {
        let mut changes = ShownChanges::default();
        let start = Timestamp(DAY_MS * 20_000);
        for n in 0..20 {
            changes = changes.one_more(start.plus_ms(n)).expect("not too often");
        }
        assert_eq!(changes.one_more(start.plus_ms(DAY_MS - 1)), Err(ProfileRefusal::TooOften));
        assert_eq!(changes.one_more(start.plus_ms(DAY_MS)).map(|c| c.count), Ok(1));
        assert_eq!(changes.one_more(start.plus_ms(-1)).map(|c| c.count), Ok(1), "the clock was set back");
    }

    #[test]
    fn people_are_found_by_words_of_name_trade_and_place() {
        let check = |q: &str, trade: &str, place: &str, artisans: bool, expected: (bool, bool)| {
            let query = PeopleQuery { q: q.into(), trade: trade.into(), place: place.into(), artisans };
            let tunde = query.finds("Tunde Bákàrè", Some("Joiner"), Some("Surulere, Lagos"));
            let lena = query.finds("Lena Lagos", None, Some("Kumasi"));
            assert_eq!((tunde, lena), expected, "{query:?}");
        };
        check("", "", "", false, (true, true));
        check("", "", "", true, (true, false));
        check("t", "", "", false, (true, false));
        check("l", "", "", false, (true, true));
        check("su", "", "", false, (true, false));
        check("un", "", "", false, (false, false));
        check("", "j", "", false, (true, false));
        check("", "", "ku", false, (false, true));
        check("tun", "", "", false, (true, false));
        check("bakare tun", "", "", false, (true, false));
        check("tun bakare", "", "", false, (false, false));
        check("tunde ", "", "", false, (true, false));
        check("tund ", "", "", false, (false, false));
        check("lagos", "", "", false, (true, true));
        check("lagos join", "", "", false, (true, false));
        check("", "joi", "", false, (true, false));
        check("", "lagos", "", false, (false, false));
        check("", "", "LAG", false, (true, false));
        check("", "", "lagos suru", false, (true, false));
        check("unde", "", "", false, (true, false));
        check("de ", "", "", false, (false, false));
        check("oine", "", "", false, (false, false));
        check("%", "", "", false, (false, false));
        check("", "  ", "", false, (true, true));
    }

    #[test]
    fn those_one_vouches_for_come_first_and_then_names_in_order() {
        let mut people = [("Zola", true), ("Ṣadé", false), ("Ada", false), ("sade", true)];
        people.sort_by_cached_key(|(name, verified)| place_in_list(name, *verified));
        assert_eq!(people.map(|(name, _)| name), ["sade", "Zola", "Ada", "Ṣadé"]);
    }
}
