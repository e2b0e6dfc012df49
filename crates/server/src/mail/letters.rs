//! What letters say: made from the catalogue, once as text and once as HTML.

use std::fmt::Write;

use guildhall_contract::wire_time::WireTime;
use guildhall_market::{
    codes::{Carrier, Purpose},
    mail_preferences::Kind,
    time::Timestamp,
};
use guildhall_words::Words;
use serde::{Deserialize, Serialize};

/// The word for the letter that says that an account was deleted.
pub const ACCOUNT_DELETED: &str = "account_deleted";

/// What a letter is about. Kept in the database until it is sent: nothing of it is a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// A code, which is made when the letter is sent.
    Code {
        /// What it is for, as [`Purpose::code`] has it.
        purpose: String,
    },
    /// The code of whoever makes an account with this address, which is made when the letter is sent.
    Registration {
        /// Its number.
        registration: i64,
    },
    /// Somebody wants to make an account with the address of one that there is.
    AlreadyHere {
        /// When.
        at_ms: i64,
    },
    /// The password was changed.
    PasswordChanged {
        /// Whose, by name.
        name: String,
        /// When.
        at_ms: i64,
        /// From where: a network address.
        place: String,
    },
    /// The account has another mail address. To the one of before, with the code by which it is taken back.
    EmailChanged {
        /// Whose, by name.
        name: String,
        /// The new address.
        new: String,
        /// The number of the change, of which its code is made.
        change: i64,
        /// When.
        at_ms: i64,
        /// From where: a network address.
        place: String,
    },
    /// The account was deleted. It goes to nobody who has one.
    AccountDeleted {
        /// Whose it was, by name.
        name: String,
        /// When.
        at_ms: i64,
        /// From where: a network address.
        place: String,
    },

    /// The account has a new bank account, to all addresses that could be its owner's, with the address by which it is stopped.
    PayoutAccountAdded {
        /// Whose, by name.
        name: String,
        /// The number of the account, of which that address is made.
        account: i64,
        /// The bank.
        bank: String,
        /// What of its number is shown.
        number: String,
        /// For what money.
        currency: String,
        /// When.
        at_ms: i64,
        /// From where: a network address.
        place: String,
    },
    /// Two-step sign-in stands differently, or somebody asks for that.
    TwoStep {
        /// Whose, by name.
        name: String,
        /// `on`, `off`, `renewed`, `asked`, `removed`, `taken_back` or `codes_taken_back`.
        what: String,
        /// From where: a network address. Where an administrator did it: why.
        detail: String,
        /// When.
        at_ms: i64,
        /// The change by whose code it can be taken back.
        #[serde(default)]
        change: Option<i64>,
    },
    /// People wrote while somebody was away. Who, and nothing of what.
    UnreadMessages {
        /// Whose account, by name.
        name: String,
        /// Who wrote, by name, those who wrote last first.
        people: Vec<String>,
        /// How many more people.
        others: i64,
        /// How many messages in all.
        messages: i64,
    },
    /// Somebody signed in from where nobody of the account did before.
    NewSignIn {
        /// Whose account, by name.
        name: String,
        /// The device's name.
        device: String,
        /// When.
        at_ms: i64,
        /// From where: a network address.
        place: String,
    },
}

/// A letter with its words.
#[derive(Clone, Debug)]
pub struct Written {
    /// The subject.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// A part of a letter.
enum Part {
    Words(String),
    Code(String),
    Link(String),
}

impl Letter {
    /// One word for it, as rows have it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Code { .. } => "code",
            Self::Registration { .. } => "registration",
            Self::AlreadyHere { .. } => "already_here",
            Self::PasswordChanged { .. } => "password_changed",
            Self::EmailChanged { .. } => "email_changed",
            Self::AccountDeleted { .. } => ACCOUNT_DELETED,
            Self::PayoutAccountAdded { .. } => "payout_account_added",
            Self::NewSignIn { .. } => "new_sign_in",
            Self::TwoStep { .. } => "two_step",
            Self::UnreadMessages { .. } => Kind::UnreadMessages.code(),
        }
    }

    /// Whether one that still waits says nothing that this one does not say.
    pub fn takes_the_place_of_one_that_waits(&self) -> bool {
        matches!(self, Self::Code { .. })
    }

    /// Whether it goes to nobody who has an account: to whoever makes one, who has none until it was read, and to whoever had one.
    pub fn to_nobody_here(&self) -> bool {
        matches!(self, Self::Registration { .. } | Self::AccountDeleted { .. })
    }

    /// What its code is for, where it has one that is somebody's.
    pub fn purpose(&self) -> Option<Purpose> {
        match self {
            Self::Code { purpose, .. } => Purpose::from_code(purpose),
            Self::Registration { .. }
            | Self::AlreadyHere { .. }
            | Self::PasswordChanged { .. }
            | Self::EmailChanged { .. }
            | Self::AccountDeleted { .. }
            | Self::PayoutAccountAdded { .. }
            | Self::NewSignIn { .. }
            | Self::TwoStep { .. }
            | Self::UnreadMessages { .. } => None,
        }
    }

    /// The kind of letters by which one may do without it. `None` for those about safety and money.
    pub fn optional(&self) -> Option<Kind> {
        matches!(self, Self::UnreadMessages { .. }).then_some(Kind::UnreadMessages)
    }

    /// How it travels.
    pub fn carrier(&self) -> Carrier {
        self.purpose().map_or(Carrier::Mail, Purpose::carrier)
    }

    /// Its words where it goes to a phone, in one piece of 160 characters where the hall's name is not long.
    pub fn as_text(&self, words: &Words, hall: &str, code: Option<&str>) -> String {
        words.mails_code_phone(code.unwrap_or_default(), hall)
    }

    /// Its words. `code` is what stands in it where it has one: for one that somebody may do without, the link that ends such letters.
    pub fn written(&self, words: &Words, hall: &str, code: Option<&str>) -> Written {
        let (subject, name, parts) = match self {
            Self::Code { .. } => {
                let code = Part::Code(code.unwrap_or_default().to_owned());
                let (subject, lead, not_you) = match self.purpose() {
                    Some(Purpose::Password) => (
                        words.mails_code_password_subject(hall),
                        words.mails_code_password_lead(hall),
                        words.mails_code_password_not_you(),
                    ),
                    Some(Purpose::PayoutAccount) => (
                        words.payouts_code_subject(hall),
                        words.payouts_code_lead(hall),
                        words.mails_not_you_password(hall),
                    ),
                    _ => (
                        words.mails_code_email_subject(hall),
                        words.mails_code_email_lead(hall),
                        words.mails_code_email_not_you(),
                    ),
                };
                let after = [words.mails_code_life(), words.mails_never_tell(hall), not_you].map(Part::Words);
                (subject, None, [Part::Words(lead), code].into_iter().chain(after).collect::<Vec<_>>())
            }
            Self::Registration { .. } => {
                let code = Part::Code(code.unwrap_or_default().to_owned());
                let after =
                    [words.mails_code_life(), words.mails_never_tell(hall), words.mails_registration_not_you(hall)];
                let parts = [Part::Words(words.mails_registration_lead(hall)), code].into_iter();
                (words.mails_registration_subject(hall), None, parts.chain(after.map(Part::Words)).collect())
            }
            Self::AlreadyHere { at_ms } => {
                let lead = words.mails_already_here_lead(hall, &moment(Timestamp(*at_ms)));
                let after = [words.mails_already_here_you(hall), words.mails_already_here_not_you()];
                let parts = std::iter::once(lead).chain(after).map(Part::Words).collect();
                (words.mails_already_here_subject(hall), None, parts)
            }
            Self::PasswordChanged { name, at_ms, place } => {
                let lead = words.mails_password_changed_lead(place, &moment(Timestamp(*at_ms)));
                let after = [words.mails_password_changed_others(), words.mails_not_you_password(hall)];
                let parts = std::iter::once(lead).chain(after).map(Part::Words).collect();
                (words.mails_password_changed_subject(hall), Some(name), parts)
            }
            Self::EmailChanged { name, new, at_ms, place, .. } => {
                let lead = words.mails_email_changed_lead(new, place, &moment(Timestamp(*at_ms)));
                let code = Part::Code(code.unwrap_or_default().to_owned());
                let parts = [Part::Words(lead), Part::Words(words.mails_email_changed_undo(hall)), code]
                    .into_iter()
                    .chain([Part::Words(words.mails_email_changed_life()), Part::Words(words.mails_never_tell(hall))]);
                (words.mails_email_changed_subject(hall), Some(name), parts.collect())
            }
            Self::AccountDeleted { name, at_ms, place } => {
                let lead = words.departures_letter_lead(hall, place, &moment(Timestamp(*at_ms)));
                let parts = [lead, words.departures_letter_not_you(hall)].map(Part::Words).into();
                (words.departures_letter_subject(hall), Some(name), parts)
            }
            Self::PayoutAccountAdded { name, bank, number, currency, at_ms, place, .. } => {
                let lead = words.payouts_added_lead(bank, currency, number, place, &moment(Timestamp(*at_ms)));
                let stop = match code {
                    Some(link) => vec![Part::Words(words.payouts_added_stop()), Part::Link(link.to_owned())],
                    None => vec![Part::Words(words.payouts_added_stop_in_app(hall))],
                };
                let first = [lead, words.payouts_added_usable()].map(Part::Words);
                let parts = first.into_iter().chain(stop).chain([Part::Words(words.mails_not_you_password(hall))]);
                (words.payouts_added_subject(hall), Some(name), parts.collect())
            }
            Self::NewSignIn { name, device, at_ms, place } => {
                let lead = words.mails_new_sign_in_lead(device, place, &moment(Timestamp(*at_ms)));
                let after = [words.mails_new_sign_in_was_you(), words.mails_new_sign_in_not_you(hall)];
                let parts = std::iter::once(lead).chain(after).map(Part::Words).collect();
                (words.mails_new_sign_in_subject(hall), Some(name), parts)
            }
            Self::UnreadMessages { name, people, others, messages } => {
                let more = (*others > 0).then(|| words.mail_preferences_unread_others(*others));
                let parts = [words.mail_preferences_unread_lead(), people.join(", ")].into_iter().chain(more);
                let parts = parts.chain([words.mail_preferences_unread_open(hall)]).map(Part::Words).collect();
                (words.mail_preferences_unread_subject(*messages, hall), Some(name), parts)
            }
            Self::TwoStep { name, what, detail, at_ms, change } => {
                let when = moment(Timestamp(*at_ms));
                match code.filter(|_| change.is_some()) {
                    Some(code) => {
                        let first = [words.two_step_letter_on_lead(detail, &when), words.two_step_letter_on_undo(hall)];
                        let last = [words.two_step_letter_on_life(), words.mails_never_tell(hall)].map(Part::Words);
                        let parts = first.map(Part::Words).into_iter().chain([Part::Code(code.to_owned())]).chain(last);
                        (words.two_step_letter_on_subject(hall), Some(name), parts.collect())
                    }
                    None => {
                        let (subject, parts) = two_step(words, hall, what, detail, &when);
                        (subject, Some(name), parts.into_iter().map(Part::Words).collect())
                    }
                }
            }
        };
        // Nobody's own words go to an address that nobody proved: anybody could have typed it, and a name to go with it.
        let greeting = name.map_or_else(|| words.mails_greeting_nobody(), |name| words.mails_greeting(name));
        let link = self.optional().and(code);
        let footer =
            link.map_or_else(|| words.mails_footer(hall), |link| words.mail_preferences_unread_footer(hall, link));
        Written { subject, text: text(&greeting, &parts, &footer), html: html(&greeting, &parts, &footer, link) }
    }
}

/// What is said of two-step sign-in: the subject, and what follows.
fn two_step(words: &Words, hall: &str, what: &str, detail: &str, when: &str) -> (String, Vec<String>) {
    let by_oneself = |subject, lead| (subject, vec![lead, words.two_step_letter_not_you(hall)]);
    match what {
        "on" => by_oneself(words.two_step_letter_on_subject(hall), words.two_step_letter_on_lead(detail, when)),
        "renewed" => {
            by_oneself(words.two_step_letter_renewed_subject(hall), words.two_step_letter_renewed_lead(detail, when))
        }
        "asked" => (
            words.two_step_letter_asked_subject(hall),
            vec![words.two_step_letter_asked_lead(when), detail.to_owned(), words.two_step_letter_asked_not_you(hall)],
        ),
        "removed" => (
            words.two_step_letter_removed_subject(hall),
            vec![words.two_step_letter_removed_lead(when), detail.to_owned(), words.two_step_letter_removed_then(hall)],
        ),
        "taken_back" => {
            (words.two_step_letter_taken_back_subject(hall), vec![words.two_step_letter_taken_back_lead(when)])
        }
        "codes_taken_back" => (
            words.two_step_letter_codes_taken_back_subject(hall),
            vec![words.two_step_letter_codes_taken_back_lead(when)],
        ),
        _ => by_oneself(words.two_step_letter_off_subject(hall), words.two_step_letter_off_lead(detail, when)),
    }
}

/// A moment as nobody can misread it: `2026-11-23 09:30 UTC`.
pub fn moment(at: Timestamp) -> String {
    let text = WireTime(at).to_string();
    let minutes = text.rsplit_once(':').map_or(&*text, |(minutes, _)| minutes);
    format!("{} UTC", minutes.replace('T', " "))
}

fn text(greeting: &str, parts: &[Part], footer: &str) -> String {
    let mut text = format!("{greeting}\r\n");
    for part in parts {
        let _ = match part {
            Part::Words(words) => write!(text, "\r\n{words}\r\n"),
            Part::Code(code) => write!(text, "\r\n    {}\r\n", spaced(code)),
            Part::Link(link) => write!(text, "\r\n{link}\r\n"),
        };
    }
    let _ = write!(text, "\r\n-- \r\n{footer}\r\n");
    text
}

/// `012 345`: easier to keep in mind on the way from one screen to another.
fn spaced(code: &str) -> String {
    match code.split_at_checked(3) {
        Some((first, second)) if code.len() == 6 => format!("{first} {second}"),
        _ => code.to_owned(),
    }
}

/// A text as it stands in HTML.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Nothing in it is fetched from anywhere, and it reads well where styles are left out.
fn html(greeting: &str, parts: &[Part], footer: &str, link: Option<&str>) -> String {
    let mut html = format!(
        "<!doctype html>\r\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\"></head>\r\n\
         <body style=\"margin:0;padding:24px\"><div style=\"max-width:34em;margin:0 auto;font:16px/1.5 system-ui,sans-serif\">\r\n\
         <p dir=\"auto\">{}</p>\r\n",
        escaped(greeting)
    );
    for part in parts {
        let _ = match part {
            Part::Words(words) => write!(html, "<p dir=\"auto\">{}</p>\r\n", escaped(words)),
            Part::Link(link) => write!(html, "<p><a href=\"{0}\">{0}</a></p>\r\n", escaped(link)),
            Part::Code(code) => write!(
                html,
                "<p style=\"font:600 28px/1.4 ui-monospace,monospace;letter-spacing:.06em\">{}</p>\r\n",
                escaped(&spaced(code))
            ),
        };
    }
    let mut footer = escaped(footer);
    if let Some(link) = link.map(escaped) {
        footer = footer.replace(&link, &format!("<a href=\"{link}\">{link}</a>"));
    }
    let _ = write!(html, "<p style=\"font-size:13px;opacity:.75\">{footer}</p>\r\n</div></body></html>\r\n");
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> &'static Words {
        guildhall_words::written_in(guildhall_words::DEFAULT)
    }

    #[test]
    fn a_letter_says_the_same_as_text_and_as_html() {
        let letter = Letter::Code { purpose: "email".into() };
        let said = letter.written(words(), "Guildhall", Some("012345"));
        assert_eq!(said.subject, "Confirm your address at Guildhall");
        for part in ["Hello", "012 345", "60 minutes", "Nobody from Guildhall"] {
            assert!(said.text.contains(part) && said.html.contains(part), "{part}: {said:?}");
        }
        assert!(!said.html.contains("http"), "nothing is fetched: {said:?}");
        let (name, place) = ("Ọlá & <Sons>".to_owned(), "192.0.2.1".to_owned());
        let said = Letter::PasswordChanged { name, at_ms: 0, place }.written(words(), "Guildhall", None);
        assert!(said.text.contains("Ọlá & <Sons>") && said.html.contains("Ọlá &amp; &lt;Sons&gt;"), "{said:?}");
        assert!(!said.html.contains("<Sons>"), "{said:?}");
    }

    #[test]
    fn every_kind_has_a_word_words_and_no_secret() {
        let all = [
            Letter::Code { purpose: "password".into() },
            Letter::Registration { registration: 7 },
            Letter::AlreadyHere { at_ms: 1_763_856_000_000 },
            Letter::PasswordChanged { name: "Ana".into(), at_ms: 1_763_856_000_000, place: "192.0.2.1".into() },
            Letter::EmailChanged {
                name: "Ana".into(),
                new: "new@example.com".into(),
                change: 7,
                at_ms: 1_763_856_000_000,
                place: "192.0.2.1".into(),
            },
            Letter::AccountDeleted { name: "Ana".into(), at_ms: 1_763_856_000_000, place: "192.0.2.1".into() },
            Letter::PayoutAccountAdded {
                name: "Ana".into(),
                account: 7,
                bank: "Bank".into(),
                number: "6789".into(),
                currency: "NGN".into(),
                at_ms: 1_763_856_000_000,
                place: "192.0.2.1".into(),
            },
            Letter::NewSignIn {
                name: "Ana".into(),
                device: "Laptop".into(),
                at_ms: 1_763_856_000_000,
                place: "192.0.2.1".into(),
            },
        ];
        let two_step = ["on", "off", "renewed", "asked", "removed"].map(|what| Letter::TwoStep {
            name: "Ana".into(),
            what: what.into(),
            detail: "192.0.2.1".into(),
            at_ms: 1_763_856_000_000,
            change: (what == "on").then_some(7),
        });
        let subjects: std::collections::BTreeSet<String> =
            two_step.iter().map(|letter| letter.written(words(), "Guildhall", None).subject).collect();
        assert_eq!(subjects.len(), 5, "each says something else: {subjects:?}");
        let unread = Letter::UnreadMessages {
            name: "Ana".into(),
            people: vec!["Bruno & <Sons>".into(), "Lena".into()],
            others: 3,
            messages: 9,
        };
        assert_eq!(unread.optional(), Some(Kind::UnreadMessages));
        let link = "https://hall.test/mail/unsubscribe?u=1&k=unread_messages&s=00";
        let said = unread.written(words(), "Guildhall", Some(link));
        assert!(said.text.contains(link) && said.text.contains("Bruno & <Sons>, Lena"), "{}", said.text);
        let anchor = "<a href=\"https://hall.test/mail/unsubscribe?u=1&amp;k=unread_messages&amp;s=00\">";
        assert!(said.html.contains(anchor) && said.html.contains("Bruno &amp; &lt;Sons&gt;, Lena"), "{}", said.html);
        for letter in all.into_iter().chain(two_step).chain([unread]) {
            let kept = serde_json::to_value(&letter).expect("JSON");
            assert_eq!(kept["kind"], letter.kind());
            assert_eq!(serde_json::from_value::<Letter>(kept).expect("read again"), letter);
            let said = letter.written(words(), "Guildhall", Some("123456"));
            assert!(!said.subject.contains("123"), "what lies on a locked screen says no code: {}", said.subject);
            assert!(said.text.is_ascii() || said.text.contains('’') || said.text.contains('“'), "{}", said.text);
        }
    }

    #[test]
    fn a_moment_is_written_so_that_nobody_misreads_it() {
        assert_eq!(moment(Timestamp(1_763_856_059_999)), "2025-11-23 00:00 UTC");
    }
}
