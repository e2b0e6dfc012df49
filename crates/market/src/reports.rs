//! Reports: somebody says that a message, a profile or a picture is not as it should be; an administrator decides; the person
//! concerned is told why, and may answer once. The table says who may do what in which state; the server runs it.

use crate::{
    process::{Missing, row},
    text::{self, TextRefusal},
    time::DAY_MS,
};

/// Reports that one person may make within [`BUDGET_MS`].
pub const BUDGET: i64 = 10;
/// The stretch over which [`BUDGET`] counts, milliseconds.
pub const BUDGET_MS: i64 = DAY_MS;
/// Further messages of the same conversation that may be shown along with a reported one.
pub const EVIDENCE_MAX: usize = 20;
/// How long what was frozen is kept once nothing can be decided any more, milliseconds.
pub const EVIDENCE_KEPT_MS: i64 = 90 * DAY_MS;

/// What can be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A message that was sent to whoever reports it.
    Message,
    /// What somebody says of themselves.
    Profile,
    /// The picture that somebody shows of themselves.
    Picture,
}

impl Thing {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Message, Self::Profile, Self::Picture];

    /// The word stored and sent.
    pub fn code(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Profile => "profile",
            Self::Picture => "picture",
        }
    }

    /// The thing for a word; `None` for a word that this version does not know.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|thing| thing.code() == code)
    }
}

/// How far a report has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody decided yet.
    Open,
    /// Nothing follows from it.
    Dismissed,
    /// Something follows from it; the person concerned knows why and may answer.
    Decided,
    /// The person concerned answered.
    Answered,
    /// After the answer the decision stands.
    Upheld,
    /// After the answer the decision was taken back.
    TakenBack,
}

impl State {
    /// All of them, in the order in which they come.
    pub const ALL: [Self; 6] =
        [Self::Open, Self::Dismissed, Self::Decided, Self::Answered, Self::Upheld, Self::TakenBack];

    /// The word stored and sent.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Dismissed => "dismissed",
            Self::Decided => "decided",
            Self::Answered => "answered",
            Self::Upheld => "upheld",
            Self::TakenBack => "taken_back",
        }
    }

    /// The state for a word; `None` for a word that this version does not know.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether an administrator has something to do.
    pub fn waits(self) -> bool {
        matches!(self, Self::Open | Self::Answered)
    }

    /// Whether nothing comes after it.
    pub fn is_final(self) -> bool {
        !TABLE.iter().any(|step| step.from == self)
    }
}

/// What can be done with a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing follows from it.
    Dismiss,
    /// Hide the thing, warn or suspend the person.
    Decide,
    /// Say something to the decision.
    Answer,
    /// Leave the decision as it is, after the answer.
    Uphold,
    /// Take the decision back, after the answer.
    TakeBack,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Dismiss, Self::Decide, Self::Answer, Self::Uphold, Self::TakeBack];
}

/// Who stands how to a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Who made it, administrator or not.
    Reporter,
    /// Whom it is about, administrator or not.
    Concerned,
    /// An administrator who is neither.
    Administrator,
    /// Anybody else.
    Stranger,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Reporter, Self::Concerned, Self::Administrator, Self::Stranger];
}

/// One line of the table: in this state somebody may do this, and then it is in that state.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Before.
    pub from: State,
    /// What is done.
    pub action: Action,
    /// By whom.
    pub by: Role,
    /// After.
    pub to: State,
}

/// The whole process. What is not in it may not be done.
pub const TABLE: &[Step] = &[
    Step { from: State::Open, action: Action::Dismiss, by: Role::Administrator, to: State::Dismissed },
    Step { from: State::Open, action: Action::Decide, by: Role::Administrator, to: State::Decided },
    Step { from: State::Decided, action: Action::Answer, by: Role::Concerned, to: State::Answered },
    Step { from: State::Answered, action: Action::Uphold, by: Role::Administrator, to: State::Upheld },
    Step { from: State::Answered, action: Action::TakeBack, by: Role::Administrator, to: State::TakenBack },
];

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepRefusal {
    /// One who stands so may never do it.
    #[error("That is for somebody else to do.")]
    NotYours,
    /// It may be done, and not now.
    #[error("The report is {}.", .0.code())]
    WrongState(State),
}

/// The state after somebody does something.
///
/// # Errors
/// See [`StepRefusal`].
pub fn step(from: State, action: Action, by: Role) -> Result<State, StepRefusal> {
    let theirs = TABLE.iter().filter(|step| step.action == action && step.by == by);
    row(theirs, |step| step.from == from).map(|step| step.to).map_err(|missing| match missing {
        Missing::Forbidden => StepRefusal::NotYours,
        Missing::WrongState => StepRefusal::WrongState(from),
    })
}

/// What follows for the person concerned: at least one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// The thing is not shown any more.
    pub hide: bool,
    /// The person is told that it must not happen again.
    pub warn: bool,
    /// The account is suspended.
    pub suspend: bool,
}

/// Measures that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The measures are one or more of hide, warn and suspend, each once, not {0:?}.")]
pub struct NoMeasures(pub Vec<String>);

impl Measures {
    /// From their words.
    ///
    /// # Errors
    /// None, one that is unknown, or one twice.
    pub fn from_codes(codes: &[String]) -> Result<Self, NoMeasures> {
        let mut measures = Self::default();
        for code in codes {
            let one = match code.as_str() {
                "hide" => &mut measures.hide,
                "warn" => &mut measures.warn,
                "suspend" => &mut measures.suspend,
                _ => return Err(NoMeasures(codes.to_vec())),
            };
            if std::mem::replace(one, true) {
                return Err(NoMeasures(codes.to_vec()));
            }
        }
        if measures == Self::default() { Err(NoMeasures(Vec::new())) } else { Ok(measures) }
    }

    /// Their words.
    pub fn codes(self) -> Vec<&'static str> {
        [(self.hide, "hide"), (self.warn, "warn"), (self.suspend, "suspend")]
            .into_iter()
            .filter_map(|(taken, code)| taken.then_some(code))
            .collect()
    }
}

/// Whether one more report may be made after so many within [`BUDGET_MS`].
pub fn may_report(made: i64) -> bool {
    made < BUDGET
}

/// What is said in a report, an answer, or as a reason, as it is kept.
///
/// # Errors
/// As for the text of a message: none, too long, no Unicode.
pub fn clean(raw: &str) -> Result<String, TextRefusal> {
    text::clean(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_action_and_role_is_in_the_table_or_refused() {
        let mut taken = 0;
        for from in State::ALL {
            for action in Action::ALL {
                for by in Role::ALL {
                    let line = TABLE.iter().find(|step| (step.from, step.action, step.by) == (from, action, by));
                    let ever = TABLE.iter().any(|step| (step.action, step.by) == (action, by));
                    let expected = match line {
                        Some(line) => Ok(line.to),
                        None if ever => Err(StepRefusal::WrongState(from)),
                        None => Err(StepRefusal::NotYours),
                    };
                    assert_eq!(step(from, action, by), expected, "{from:?} {action:?} {by:?}");
                    taken += usize::from(expected.is_ok());
                }
            }
        }
        assert_eq!(taken, TABLE.len(), "no line stands twice");
    }

    #[test]
    fn who_reported_or_is_reported_decides_nothing_and_one_answers_once() {
        for from in State::ALL {
            for action in [Action::Dismiss, Action::Decide, Action::Uphold, Action::TakeBack] {
                for by in [Role::Reporter, Role::Concerned, Role::Stranger] {
                    assert_eq!(step(from, action, by), Err(StepRefusal::NotYours));
                }
            }
        }
        assert_eq!(step(State::Decided, Action::Answer, Role::Concerned), Ok(State::Answered));
        for again in [State::Answered, State::Upheld, State::TakenBack] {
            assert_eq!(step(again, Action::Answer, Role::Concerned), Err(StepRefusal::WrongState(again)));
        }
        let ends: Vec<State> = State::ALL.into_iter().filter(|state| state.is_final()).collect();
        assert_eq!(ends, [State::Dismissed, State::Upheld, State::TakenBack]);
    }

    #[test]
    fn words_read_back_and_unknown_ones_are_nothing() {
        for state in State::ALL {
            assert_eq!(State::from_code(state.code()), Some(state));
        }
        for thing in Thing::ALL {
            assert_eq!(Thing::from_code(thing.code()), Some(thing));
        }
        assert_eq!((State::from_code("lost"), Thing::from_code("job")), (None, None));
    }

    #[test]
    fn measures_are_one_or_more_each_once() {
        let of = |codes: &[&str]| Measures::from_codes(&codes.iter().map(|&code| code.to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["suspend", "hide"]).map(Measures::codes), Ok(vec!["hide", "suspend"]));
        for wrong in [&[][..], &["hide", "hide"], &["delete"]] {
            assert!(of(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn ten_a_day() {
        assert!(may_report(BUDGET - 1));
        assert!(!may_report(BUDGET));
    }
}
