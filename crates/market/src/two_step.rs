//! Two-step sign-in: beside the password a code of six digits that an app makes anew every half minute (RFC 6238), or in its
//! place one of ten recovery codes, each of use once. The process is a table, which tests walk.
//!
//! What was wrong is counted as other codes are ([`codes`](crate::codes)): ten an hour for an account, and a budget of its own for
//! places that were never seen with it.

use totp_rs::{Builder, Totp};

use crate::{
    codes::Code,
    email_changes::{ALPHABET, typed_as},
    ids::UserId,
    process::{Missing, coded, row},
    time::{DAY_MS, HOUR_MS, Timestamp},
    verification::Role,
};

/// Bytes of a secret: as many as its hash has (RFC 4226, 4, R6).
pub const SECRET_BYTES: usize = 20;
/// How long one code is the current one, seconds. Every app knows this one.
const STEP_S: u64 = 30;
/// Steps before and after the current one whose codes are taken: for clocks that differ and people who type.
const SKEW: u16 = 1;
/// Recovery codes that somebody has at first.
pub const RECOVERY_CODES: usize = 10;
/// Characters of one: 50 bits.
pub const RECOVERY_CHARS: usize = 10;
/// How long it may be set up before it has to be begun anew.
pub const SETUP_LIFE_MS: i64 = HOUR_MS;
/// How long a second administrator may confirm that it is turned off for somebody.
pub const REMOVAL_LIFE_MS: i64 = DAY_MS;
/// Steps behind the current one of which it is known whether their codes were used. More than are taken, for a clock that steps
/// back.
pub const USED_STEPS_KEPT: i64 = 2_880;

/// How it stands for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The password is enough.
    #[default]
    None,
    /// The secret was shown, and no code of it was given yet. The password is still enough.
    SettingUp,
    /// Signing in asks for a code.
    On,
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Have a secret made, or another in its place.
    Begin,
    /// Give the first code.
    Confirm,
    /// Turn it off, or give up setting it up.
    TurnOff,
    /// Have other recovery codes made in the place of those that are there.
    Renew,
    /// Its time to be set up is over.
    Lapse,
    /// Turn it off for somebody who has neither the app nor a recovery code.
    Remove,
}

/// What has to be shown for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shown {
    /// Nothing: time does it.
    Nothing,
    /// The password.
    Password,
    /// A code of the new secret. The password was shown for that.
    FirstCode,
    /// The password, and a code or a recovery code.
    PasswordAndCode,
    /// A reason that the person reads, by as many administrators as [`removal`] asks for.
    Reason,
}

coded!(State { None "none", SettingUp "setting_up", On "on" });

impl Action {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Begin, Self::Confirm, Self::TurnOff, Self::Renew, Self::Lapse, Self::Remove];
}

/// One step of the process.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What is done
    pub action: Action,
    /// where it stands so
    pub from: State,
    /// by this one
    pub by: Role,
    /// who shows this
    pub shows: Shown,
    /// and how it stands then.
    pub to: State,
}

/// Every step there is. What stands in no row cannot be done.
pub const STEPS: &[Step] = {
    use Action::*;
    use Role::{Admin, Owner, System};
    use State::{None, On, SettingUp};
    &[
        Step { action: Begin, from: None, by: Owner, shows: Shown::Password, to: SettingUp },
        Step { action: Begin, from: SettingUp, by: Owner, shows: Shown::Password, to: SettingUp },
        Step { action: Confirm, from: SettingUp, by: Owner, shows: Shown::FirstCode, to: On },
        Step { action: Lapse, from: SettingUp, by: System, shows: Shown::Nothing, to: None },
        Step { action: TurnOff, from: SettingUp, by: Owner, shows: Shown::Password, to: None },
        Step { action: TurnOff, from: On, by: Owner, shows: Shown::PasswordAndCode, to: None },
        Step { action: Renew, from: On, by: Owner, shows: Shown::PasswordAndCode, to: On },
        Step { action: Remove, from: On, by: Admin, shows: Shown::Reason, to: None },
    ]
};

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepRefusal {
    /// This one never does that.
    #[error("this is for somebody else to do")]
    Forbidden,
    /// It is done in other states only.
    #[error("it cannot be done while two-step sign-in is {}", .0.code())]
    WrongState(State),
}

/// The step that is taken. Rights are looked at before states: who may not do a thing learns nothing of how it stands.
///
/// # Errors
/// [`StepRefusal`].
pub fn step(state: State, action: Action, role: Role) -> Result<&'static Step, StepRefusal> {
    let theirs = STEPS.iter().filter(|step| step.action == action && step.by == role);
    row(theirs, |step| step.from == state).map_err(|missing| match missing {
        Missing::Forbidden => StepRefusal::Forbidden,
        Missing::WrongState => StepRefusal::WrongState(state),
    })
}

/// What somebody typed in the place of a code.
#[derive(Clone, Debug)]
pub enum Typed {
    /// Six digits of any script.
    Code(Code),
    /// A recovery code: its characters alone, in capitals.
    Recovery(String),
}

/// What somebody typed: spaces, hyphens and what nobody sees fall away. `None` for what is neither.
pub fn typed(text: &str) -> Option<Typed> {
    Code::typed(text).map(Typed::Code).or_else(|| typed_as(text, RECOVERY_CHARS).map(Typed::Recovery))
}

/// A recovery code of random bytes, one character for each: `7EN2W-3AHRZ`.
pub fn recovery_code(bytes: &[u8; RECOVERY_CHARS]) -> String {
    let chars: Vec<char> = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    chars.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

fn maker(secret: &[u8; SECRET_BYTES]) -> Builder {
    Builder::new().with_skew(SKEW).with_step_duration(STEP_S).with_digits(6).with_secret(secret.to_vec())
}

fn totp(secret: &[u8; SECRET_BYTES]) -> Totp {
    maker(secret).build().expect("six digits of a secret of 160 bits are what the standard has")
}

/// A moment in seconds. Before 1970 there are no codes.
fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.0.div_euclid(1_000)).unwrap_or(0)
}

/// The step to which a code belongs that is right now. Each is of use once: whoever takes it notes the step.
pub fn step_of(secret: &[u8; SECRET_BYTES], code: &Code, now: Timestamp) -> Option<i64> {
    totp(secret).check(&code.to_string(), seconds(now)).and_then(|step| i64::try_from(step).ok())
}

/// Steps before this one need not be remembered any more.
pub fn used_before(now: Timestamp) -> i64 {
    i64::try_from(seconds(now) / STEP_S).unwrap_or(0) - USED_STEPS_KEPT
}

/// The secret as people type it, where they cannot scan it: letters and digits in fours.
pub fn secret_text(secret: &[u8; SECRET_BYTES]) -> String {
    let text: Vec<char> = totp(secret).secret().to_base32().chars().collect();
    text.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// The address by which an app learns the secret, with the names that it is to show. What stands between the two in it may stand
/// in neither.
pub fn address(secret: &[u8; SECRET_BYTES], hall: &str, email: &str) -> String {
    let name = |text: &str| text.replace(':', " ");
    let made = maker(secret).with_issuer(Some(name(hall))).with_account_name(name(email)).build();
    made.and_then(|totp| totp.to_url()).expect("the names hold no colon, and the account has one")
}

/// That an administrator asked to turn it off for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// What becomes of an administrator's wish to turn it off for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Another administrator has to confirm it.
    Waits,
    /// It is done.
    Done,
}

/// Why an administrator cannot turn it off for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemovalRefusal {
    /// It is their own.
    #[error("You turn off your own two-step sign-in in your settings, with a code.")]
    Own,
    /// They asked, and nobody confirmed yet.
    #[error("You asked for it already. Another administrator has to confirm it.")]
    AskedAlready,
    /// It is an administrator's, and nobody else could agree.
    #[error("No other administrator can agree. Whoever runs the server takes the role away first.")]
    NobodyElse,
}

/// What one administrator cannot do alone where there is another: it opens an account to whoever has its password. `others` are
/// the administrators beside the one who asks and the one whom it is about, those too who were suspended within the time in which
/// they could have confirmed: or one could suspend all others first.
///
/// # Errors
/// [`RemovalRefusal`].
pub fn removal(
    (of, is_administrator): (UserId, bool),
    by: UserId,
    others: usize,
    asked: Option<Asked>,
    now: Timestamp,
) -> Result<Removal, RemovalRefusal> {
    if of == by {
        return Err(RemovalRefusal::Own);
    }
    match asked.filter(|asked| now.since_ms(asked.at) < REMOVAL_LIFE_MS) {
        _ if others == 0 && is_administrator => Err(RemovalRefusal::NobodyElse),
        _ if others == 0 => Ok(Removal::Done),
        Some(asked) if asked.by != by => Ok(Removal::Done),
        Some(_) => Err(RemovalRefusal::AskedAlready),
        None => Ok(Removal::Waits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; SECRET_BYTES] = *b"12345678901234567890";

    /// Written down once more, by hand and the other way around.
    fn expected(state: State, action: Action, role: Role) -> Result<(Shown, State), StepRefusal> {
        let theirs = match role {
            Role::Owner => matches!(action, Action::Begin | Action::Confirm | Action::TurnOff | Action::Renew),
            Role::Admin => action == Action::Remove,
            Role::System => action == Action::Lapse,
            Role::Guest | Role::Member => false,
        };
        if !theirs {
            return Err(StepRefusal::Forbidden);
        }
        match (state, action) {
            (State::None | State::SettingUp, Action::Begin) => Ok((Shown::Password, State::SettingUp)),
            (State::SettingUp, Action::Confirm) => Ok((Shown::FirstCode, State::On)),
            (State::SettingUp, Action::TurnOff) => Ok((Shown::Password, State::None)),
            (State::SettingUp, Action::Lapse) => Ok((Shown::Nothing, State::None)),
            (State::On, Action::TurnOff) => Ok((Shown::PasswordAndCode, State::None)),
            (State::On, Action::Renew) => Ok((Shown::PasswordAndCode, State::On)),
            (State::On, Action::Remove) => Ok((Shown::Reason, State::None)),
            _ => Err(StepRefusal::WrongState(state)),
        }
    }

    #[test]
    fn every_state_action_and_role() {
        let mut walked = 0;
        for (&state, &action) in State::ALL.iter().flat_map(|state| Action::ALL.iter().map(move |a| (state, a))) {
            for &role in Role::ALL {
                let found = step(state, action, role).map(|step| (step.shows, step.to));
                assert_eq!(found, expected(state, action, role), "{state:?} {action:?} {role:?}");
                walked += 1;
            }
        }
        assert_eq!(walked, 3 * 6 * 5);
    }

    #[test]
    fn nobody_weakens_what_is_on_without_a_code_or_a_reason_and_words_mean_one_thing() {
        for step in STEPS.iter().filter(|step| step.from == State::On) {
            assert!(matches!(step.shows, Shown::PasswordAndCode | Shown::Reason), "{step:?}");
        }
        for state in State::ALL {
            assert_eq!(State::from_code(state.code()), Some(*state));
        }
        assert_eq!(State::from_code("other"), None);
    }

    /// The eight-digit values of RFC 6238, appendix B, for SHA-1, without their first two digits.
    #[test]
    fn codes_are_those_of_the_standard_whatever_script_they_are_typed_in() {
        for (at_s, digits) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let code = Code::typed(digits).expect("six digits");
            assert_eq!(step_of(&SECRET, &code, Timestamp(at_s * 1_000)), Some(at_s / 30), "{at_s}");
        }
        let at = Timestamp(1_234_567_890_000);
        for text in ["005 924", "٠٠٥٩٢٤", "００５-９２４", " 0 0 5 9 2 4 "] {
            let Some(Typed::Code(code)) = typed(text) else { panic!("{text}") };
            assert_eq!(step_of(&SECRET, &code, at), Some(41_152_263), "{text}");
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_and_one_step_late() {
        let (code, at) = (Code::typed("005924").expect("digits"), Timestamp(1_234_567_890_000));
        let taken = |after_s: i64| step_of(&SECRET, &code, at.plus_ms(after_s * 1_000)).is_some();
        assert_eq!([-31, -30, -1, 0, 29, 30, 59, 60].map(taken), [false, true, true, true, true, true, true, false]);
        assert_eq!(step_of(&SECRET, &code, Timestamp(i64::MIN)), None, "a clock before its time");
        assert_eq!(used_before(at), 41_152_263 - USED_STEPS_KEPT);
    }

    #[test]
    fn a_recovery_code_is_typed_however_one_likes_and_is_no_code_of_six_digits() {
        let mut bytes = [0; RECOVERY_CHARS];
        bytes.iter_mut().zip(0..).for_each(|(byte, n)| *byte = n * 7);
        let code = recovery_code(&bytes);
        assert_eq!(code, "07ENW-3AHRZ");
        for text in [code.clone(), code.to_lowercase(), code.replace('-', " "), code.replace('0', "o")] {
            let Some(Typed::Recovery(found)) = typed(&text) else { panic!("{text}") };
            assert_eq!(found, code.replace('-', ""));
        }
        for text in ["", "12345", "1234567", "07ENW-3AHR", "07ENW-3AHRZ0", "07ENW-3AHRU", "no code"] {
            assert!(typed(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_app_learns_the_secret_from_its_address() {
        let text = address(&SECRET, "Hall: North", "ada:l@example.com");
        let read = totp_rs::Totp::from_url(&text).expect("an app reads it");
        assert_eq!(read.secret().as_bytes(), SECRET);
        assert_eq!((read.issuer(), read.account_name()), (Some("Hall  North"), "ada l@example.com"));
        assert_eq!((read.digits(), read.step(), read.algorithm()), (6, 30, totp_rs::Algorithm::SHA1));
        assert_eq!(secret_text(&SECRET), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }

    #[test]
    fn two_administrators_turn_it_off_where_there_are_two() {
        let (of, by, other, now) = (UserId(1), UserId(2), UserId(3), Timestamp(1_763_856_000_000));
        let asked = |by, ago_ms: i64| Some(Asked { by, at: now.plus_ms(-ago_ms) });
        for (by, others, asked, expected) in [
            (of, 5, None, Err(RemovalRefusal::Own)),
            (of, 0, None, Err(RemovalRefusal::Own)),
            (by, 0, None, Ok(Removal::Done)),
            (by, 1, None, Ok(Removal::Waits)),
            (by, 1, asked(by, 5), Err(RemovalRefusal::AskedAlready)),
            (other, 1, asked(by, 5), Ok(Removal::Done)),
            (other, 1, asked(by, REMOVAL_LIFE_MS - 1), Ok(Removal::Done)),
            (other, 1, asked(by, REMOVAL_LIFE_MS), Ok(Removal::Waits)),
            (by, 1, asked(by, REMOVAL_LIFE_MS), Ok(Removal::Waits)),
            // The other one is none any more.
            (by, 0, asked(by, 5), Ok(Removal::Done)),
        ] {
            assert_eq!(removal((of, false), by, others, asked, now), expected, "{by} {others} {asked:?}");
            // An administrator's is never turned off by one alone.
            let of_theirs = if others == 0 && of != by { Err(RemovalRefusal::NobodyElse) } else { expected };
            assert_eq!(removal((of, true), by, others, asked, now), of_theirs, "{by} {others} {asked:?}");
        }
    }
}
