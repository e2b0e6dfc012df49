//! Taking markup out of a text, in passes, until a pass changes nothing.
//!
//! A pass reads from left to right. What it removes or spaces out is not looked at again in the same pass, but may join
//! what stood around it into new markup for the next one: `<<b>script>`. Only a `<` directly before something that was
//! removed can mean something else in the next pass, so only those are looked at then, and a deep nest costs no more than
//! a flat one.
//!
//! **Invariant:** the work is linear. Searches that succeed remove what they read. Those that fail draw on a budget in
//! proportion to the text; once it is spent (only a text built for that gets there), every `<` that still begins like
//! markup gets its space without a further look.

/// Characters that searches may look at in vain, for each character of the text. A person's text takes one or two.
const WORK_PER_CHARACTER: usize = 32;

/// Behind the last character.
const END: usize = usize::MAX;

struct Text {
    characters: Vec<char>,
    /// The place after each one that is still there.
    next: Vec<usize>,
    /// The place before each one that is still there, [`END`] before the first.
    previous: Vec<usize>,
    /// Each `<` that got a space behind it.
    spaced: Vec<bool>,
    first: usize,
    /// The last `>` that is still there, [`END`] without one.
    last_gt: usize,
    budget: usize,
}

/// What a search in the present pass has found to be missing from its place on. It is missing from every later place too.
#[derive(Default)]
struct Missing {
    comment_end: bool,
    script_end: bool,
    style_end: bool,
}

/// The text without markup.
pub(super) fn remove(characters: Vec<char>) -> String {
    remove_with(characters, WORK_PER_CHARACTER).0
}

/// The text without markup, and how many characters were looked at in vain.
fn remove_with(characters: Vec<char>, work_per_character: usize) -> (String, usize) {
    let length = characters.len();
    let budget = work_per_character * length;
    let mut candidates: Vec<usize> = (0..length).filter(|&at| characters[at] == '<').collect();
    let mut text = Text {
        next: (1..=length).map(|at| if at == length { END } else { at }).collect(),
        previous: (0..length).map(|at| at.checked_sub(1).unwrap_or(END)).collect(),
        spaced: vec![false; length],
        first: if length == 0 { END } else { 0 },
        last_gt: characters.iter().rposition(|c| *c == '>').unwrap_or(END),
        budget,
        characters,
    };
    while !candidates.is_empty() {
        candidates = text.pass(&candidates);
    }
    let spent = budget - text.budget;
    (text.into_string(), spent)
}

pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\u{C}' | '\r')
}

impl Text {
    fn into_string(self) -> String {
        let mut out = String::with_capacity(self.characters.len());
        let mut at = self.first;
        while at != END {
            out.push(self.characters[at]);
            if self.spaced[at] {
                out.push(' ');
            }
            at = self.next[at];
        }
        out
    }

    fn get(&self, at: usize) -> Option<char> {
        (at != END).then(|| self.characters[at])
    }

    fn after(&self, at: usize) -> usize {
        if at == END { END } else { self.next[at] }
    }

    /// One pass over the places of `<` that may begin markup, in ascending order. Answers with those of the next pass.
    fn pass(&mut self, candidates: &[usize]) -> Vec<usize> {
        let mut missing = Missing::default();
        let mut again: Vec<usize> = Vec::new();
        // Everything before this place was read in this pass.
        let mut from = 0;
        for &at in candidates {
            if at < from {
                continue;
            }
            let second = self.after(at);
            let begins = self.get(second).filter(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
            let Some(begins) = begins else { continue };
            let end = if self.budget == 0 || self.last_gt == END || at > self.last_gt {
                None
            } else {
                match begins {
                    '!' if self.is_word(self.after(second), "--") => self.comment_end(second, &mut missing),
                    '!' | '?' => self.next_gt(second),
                    _ => self.tag_end(at, &mut missing),
                }
            };
            let Some(end) = end else {
                self.spaced[at] = true;
                continue;
            };
            let before = self.previous[at];
            self.unlink(at, end);
            from = end;
            if before != END && self.characters[before] == '<' && !self.spaced[before] && again.last() != Some(&before)
            {
                again.push(before);
            }
            if end == END {
                break;
            }
        }
        again
    }

    /// Removes what stands from `at` up to, not including, `end`.
    fn unlink(&mut self, at: usize, end: usize) {
        let before = self.previous[at];
        match before {
            END => self.first = end,
            before => self.next[before] = end,
        }
        if end != END {
            self.previous[end] = before;
        }
        if (at..end).contains(&self.last_gt) {
            let mut place = before;
            while place != END && self.characters[place] != '>' {
                place = self.previous[place];
            }
            self.last_gt = place;
        }
    }

    fn is_word(&self, mut at: usize, word: &str) -> bool {
        for c in word.chars() {
            if !self.get(at).is_some_and(|found| found.eq_ignore_ascii_case(&c)) {
                return false;
            }
            at = self.after(at);
        }
        true
    }

    /// The place after the next `>` behind `at`. There is one.
    fn next_gt(&self, at: usize) -> Option<usize> {
        let mut place = self.after(at);
        while place != END {
            if self.characters[place] == '>' {
                return Some(self.next[place]);
            }
            place = self.next[place];
        }
        None
    }

    /// The place after the next `-->`; `bang` is the `!` of `<!--`.
    fn comment_end(&mut self, bang: usize, missing: &mut Missing) -> Option<usize> {
        if missing.comment_end {
            return None;
        }
        let mut place = self.after(self.after(self.after(bang)));
        let mut read = 0;
        while place != END {
            if self.characters[place] == '-' && self.is_word(place, "-->") {
                return Some(self.after(self.after(self.next[place])));
            }
            read += 1;
            place = self.next[place];
        }
        missing.comment_end = true;
        self.spend(read);
        None
    }

    fn spend(&mut self, read: usize) {
        self.budget = self.budget.saturating_sub(read);
    }

    /// Where a tag that begins at `at` ends (the place after its `>`), or `None` when it is not a tag or never ends.
    fn tag_end(&mut self, at: usize, missing: &mut Missing) -> Option<usize> {
        let closing = self.get(self.next[at]) == Some('/');
        let name = if closing { self.after(self.next[at]) } else { self.next[at] };
        let name_end = self.name_end(name)?;
        let end = self.after_attributes(name_end)?;
        if closing {
            return Some(end);
        }
        let known = if self.is_whole_word(name, "script") {
            ("script", &mut missing.script_end)
        } else if self.is_whole_word(name, "style") {
            ("style", &mut missing.style_end)
        } else {
            return Some(end);
        };
        Some(self.raw_text_end(end, known.0, known.1).unwrap_or(end))
    }

    /// The place of what ends a tag's name that begins at `from`: letters, digits and hyphens beginning with a letter,
    /// perhaps once more after a colon, up to a space, `/` or `>`. `None` when it is no name.
    fn name_end(&self, from: usize) -> Option<usize> {
        let (mut at, mut begins, mut colon) = (from, true, false);
        loop {
            match self.get(at)? {
                c if c.is_ascii_alphabetic() => begins = false,
                c if !begins && (c.is_ascii_digit() || c == '-') => {}
                ':' if !begins && !colon => (begins, colon) = (true, true),
                c if !begins && (is_space(c) || matches!(c, '/' | '>')) => return Some(at),
                _ => return None,
            }
            at = self.next[at];
        }
    }

    fn is_whole_word(&self, from: usize, word: &str) -> bool {
        let mut at = from;
        for _ in 0..word.len() {
            at = self.after(at);
        }
        self.is_word(from, word) && self.get(at).is_some_and(|c| is_space(c) || matches!(c, '/' | '>'))
    }

    /// The place after the next `>` that is not inside quotes. Quotes count only directly after `=` and such space.
    fn after_attributes(&mut self, from: usize) -> Option<usize> {
        let (mut at, mut after_equals, mut quote) = (from, false, None);
        let mut read = 0;
        while at != END {
            match (self.characters[at], quote) {
                (c, Some(open)) => {
                    if c == open {
                        (quote, after_equals) = (None, false);
                    }
                }
                ('>', None) => return Some(self.next[at]),
                ('=', None) => after_equals = true,
                (c @ ('"' | '\''), None) if after_equals => quote = Some(c),
                (c, None) => after_equals &= is_space(c),
            }
            read += 1;
            at = self.next[at];
        }
        self.spend(read);
        None
    }

    /// The place after the closing tag of a script or style whose opening tag ended at `from`.
    fn raw_text_end(&mut self, from: usize, word: &str, missing: &mut bool) -> Option<usize> {
        if *missing {
            return None;
        }
        let (mut at, mut read) = (from, 0);
        while at != END && self.budget > 0 {
            let slash = self.next[at];
            if self.characters[at] == '<' && !self.spaced[at] && self.get(slash) == Some('/') {
                let name = self.after(slash);
                if self.is_whole_word(name, word) {
                    let mut behind = name;
                    for _ in 0..word.len() {
                        behind = self.after(behind);
                    }
                    if let Some(end) = self.after_attributes(behind) {
                        return Some(end);
                    }
                }
            }
            read += 1;
            at = self.next[at];
        }
        *missing = true;
        self.spend(read);
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rule as it is written: whole passes over the whole text, however long that takes.
    mod model {
        use super::is_space;

        pub fn remove(text: &str) -> String {
            let mut text: Vec<char> = text.chars().collect();
            while let Some(next) = pass(&text) {
                text = next;
            }
            text.into_iter().collect()
        }

        fn pass(text: &[char]) -> Option<Vec<char>> {
            let (mut out, mut changed, mut at) = (Vec::new(), false, 0);
            while at < text.len() {
                let end = match (text[at], text.get(at + 1)) {
                    ('<', Some(c)) if c.is_ascii_alphabetic() || *c == '/' => tag_end(text, at),
                    ('<', Some('!')) if text[at + 2..].starts_with(&['-', '-']) => {
                        find(text, at + 4, "-->").map(|i| i + 3)
                    }
                    ('<', Some('!' | '?')) => find(text, at + 2, ">").map(|i| i + 1),
                    (c, _) => {
                        out.push(c);
                        at += 1;
                        continue;
                    }
                };
                changed = true;
                match end {
                    Some(end) => at = end,
                    None => {
                        out.extend(['<', ' ']);
                        at += 1;
                    }
                }
            }
            changed.then_some(out)
        }

        fn find(text: &[char], from: usize, needle: &str) -> Option<usize> {
            let needle: Vec<char> = needle.chars().collect();
            (from..text.len()).find(|&i| text[i..].starts_with(&needle))
        }

        fn tag_end(text: &[char], at: usize) -> Option<usize> {
            let closing = text.get(at + 1) == Some(&'/');
            let from = at + 1 + usize::from(closing);
            let to = (from..text.len()).find(|&i| is_space(text[i]) || matches!(text[i], '/' | '>'))?;
            let name: String = text[from..to].iter().collect();
            let word = |part: &str| {
                part.starts_with(|c: char| c.is_ascii_alphabetic())
                    && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            };
            let is_name = match name.split_once(':') {
                Some((a, b)) => word(a) && word(b),
                None => word(&name),
            };
            if !is_name {
                return None;
            }
            let end = after_attributes(text, to)?;
            let raw = !closing && ["script", "style"].contains(&name.to_ascii_lowercase().as_str());
            if !raw {
                return Some(end);
            }
            let closes = |i: usize| {
                let behind = i + 2 + name.len();
                let found: String = text.get(i..behind)?.iter().collect();
                let ends = text.get(behind).is_some_and(|c| is_space(*c) || matches!(c, '/' | '>'));
                (found.eq_ignore_ascii_case(&format!("</{name}")) && ends).then(|| after_attributes(text, behind))?
            };
            Some((end..text.len()).find_map(closes).unwrap_or(end))
        }

        fn after_attributes(text: &[char], from: usize) -> Option<usize> {
            let (mut at, mut after_equals) = (from, false);
            while at < text.len() {
                match text[at] {
                    '>' => return Some(at + 1),
                    '=' => after_equals = true,
                    quote @ ('"' | '\'') if after_equals => {
                        at = (at + 1..text.len()).find(|&i| text[i] == quote)?;
                        after_equals = false;
                    }
                    c if is_space(c) => {}
                    _ => after_equals = false,
                }
                at += 1;
            }
            None
        }
    }

    fn check(text: &str) {
        assert_eq!(remove(text.chars().collect()), model::remove(text), "{text:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::default())]

        #[test]
        fn it_does_what_whole_passes_would_do(parts in proptest::collection::vec(prop_oneof![
            Just("<"), Just("<"), Just(">"), Just("/"), Just("<script>"), Just("</script>"), Just("<b>"), Just("script"),
            Just("<!--"), Just("-->"), Just("--"), Just("b"), Just(" "), Just("="), Just("\""), Just("'"), Just("?"),
            Just("!"), Just("<style"), Just("</style "), Just(":"), Just("3"), Just("<a href=\""), Just("-"),
        ], 0..40)) {
            check(&parts.concat());
        }
    }

    #[test]
    fn deep_nests_come_out_as_whole_passes_would_have_them() {
        for depth in [1, 2, 3, 40, 300] {
            check(&format!("{}{}", "<".repeat(depth), "b>".repeat(depth)));
            check(&format!("{}x{}", "<a <b>".repeat(depth), "</b> >".repeat(depth)));
            check(&format!("{}alert(1){}", "<".repeat(depth) + &"script>".repeat(depth), "</script>".repeat(depth)));
        }
    }

    /// Bodies made to be slow, of about `length` characters.
    fn hostile(length: usize) -> Vec<String> {
        let parts = [
            "<?",
            "<!",
            "<a@",
            "<!--",
            "<b",
            "<",
            "</",
            "<a href=\"",
            "<script>",
            "<a =\"",
            "<style",
            "</script ",
            "<b>",
            "<a:",
        ];
        let mut all: Vec<String> = parts.iter().map(|part| part.repeat(length / part.len())).collect();
        all.push("<".repeat(length / 3) + &"b>".repeat(length / 3));
        // A `>` that is there, and out of reach for every one of them.
        all.extend(
            ["<a =\"", "<a ='", "<script =\"", "<!-- <a =\""].map(|part| part.repeat(length / part.len()) + ">\""),
        );
        all.push(format!("<script>{}", "</script =\"".repeat(length / 12) + ">"));
        // Each pass removes something and leaves another search to fail.
        all.push("<".repeat(length / 9) + &"<b><!-- x".repeat(length / 9));
        all.push("<".repeat(length / 4) + &"b>!--".repeat(length / 6));
        all
    }

    #[test]
    fn what_is_looked_at_in_vain_is_bounded_by_the_length() {
        for text in hostile(16 * 1024) {
            let length = text.chars().count();
            let (cleaned, spent) = remove_with(text.chars().collect(), WORK_PER_CHARACTER);
            assert!(spent <= WORK_PER_CHARACTER * length, "{}", &text[..40]);
            assert_eq!(remove(cleaned.chars().collect()), cleaned, "cleaning again changes nothing: {}", &text[..40]);
        }
    }

    #[test]
    fn without_a_budget_every_beginning_of_markup_gets_its_space() {
        let (cleaned, _) = remove_with("<b>x</b> <3 <!-- <?".chars().collect(), 0);
        assert_eq!(cleaned, "< b>x< /b> <3 < !-- < ?");
    }

    #[test]
    fn only_hostile_texts_come_near_the_budget() {
        for text in ["<b>Hello</b> <i>world</i>", "see <https://x.y/z>", "a<b and c>d", "<a href=\"x>y\">link</a> & <3"]
        {
            let (_, spent) = remove_with(text.chars().collect(), WORK_PER_CHARACTER);
            assert!(spent <= 2 * text.len(), "{text}: {spent}");
        }
    }

    #[test]
    fn nothing_is_looked_for_behind_the_last_that_could_end_it() {
        let tail = "<a ".repeat(50);
        for text in [tail.clone(), format!("<b>{tail}"), format!("a > b {tail}"), format!("<<b>i {}", "x".repeat(100))]
        {
            let (_, spent) = remove_with(text.chars().collect(), WORK_PER_CHARACTER);
            assert_eq!(spent, 0, "{text}");
        }
    }

    #[test]
    fn what_is_looked_at_in_vain_is_counted() {
        for (text, read) in [("<!--xyz>", 4), ("<a x=\"y>", 6), ("<script>abc", 3)] {
            let (_, spent) = remove_with(text.chars().collect(), WORK_PER_CHARACTER);
            assert_eq!(spent, read, "{text}");
        }
    }

    #[test]
    fn names_and_the_ends_of_scripts_are_read_exactly() {
        let check = |typed: &str, left: &str| assert_eq!(remove(typed.chars().collect()), left, "{typed}");
        check("<a:b>x", "x");
        check("<a:b:c>x", "< a:b:c>x");
        check("<a:>x", "< a:>x");
        check("</:a>x", "< /:a>x");
        check("<script>1 x/script> 2</script>Hi", "Hi");
        check("<script>1<xscript>2</script>Hi", "Hi");
    }
}
