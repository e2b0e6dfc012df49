//! How people and what is theirs are verified: one process for all kinds, as data. The tables are what runs; tests walk every
//! state, action and role of them.
//!
//! What a verification opens is asked here as well ([`Standing`]), by whoever lets somebody publish, apply, bid or be paid.

use crate::{
    codes::Purpose,
    process::{Missing, coded, row},
    time::{DAY_MS, HOUR_MS, Timestamp},
};

/// What is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// That somebody reads the mail address of their account.
    Email,
    /// That somebody holds a phone.
    Phone,
    /// Who somebody is, by their papers.
    Identity,
    /// That a bank account is theirs. One for each currency.
    PayoutAccount,
    /// That a domain is theirs. One for each name.
    Domain,
}

/// Where a verification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nothing was asked, or it was not finished in time.
    None,
    /// Asked, and waiting for a code, a look or a proof.
    Pending,
    /// Proved.
    Verified,
    /// Refused with a reason; may be asked again.
    Rejected,
    /// Was proved, and is not any more by itself.
    Expired,
    /// Was proved, and was taken away with a reason.
    Revoked,
}

/// What can be done to a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Ask for it, again, or for another thing in its place.
    Ask,
    /// Give the right code.
    Confirm,
    /// Say yes after looking at it.
    Approve,
    /// A proof was found: the bank's name, the record in the zone.
    Prove,
    /// Say no, with a reason.
    Reject,
    /// Its time to be finished is over.
    Lapse,
    /// What was proved is not so any more.
    Expire,
    /// Take it away, with a reason.
    Revoke,
}

/// Who does something, in relation to the person whose verification it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Nobody who is signed in.
    Guest,
    /// Somebody else.
    Member,
    /// The person themselves.
    Owner,
    /// An administrator, about somebody else.
    Admin,
    /// The server, at a deadline or after a look.
    System,
}

coded!(Kind { Email "email", Phone "phone", Identity "identity", PayoutAccount "payout_account", Domain "domain" });
coded!(State {
    None "none", Pending "pending", Verified "verified", Rejected "rejected", Expired "expired", Revoked "revoked",
});
coded!(Action {
    Ask "ask", Confirm "confirm", Approve "approve", Prove "prove", Reject "reject", Lapse "lapse", Expire "expire",
    Revoke "revoke",
});
coded!(Role { Guest "guest", Member "member", Owner "owner", Admin "admin", System "system" });

/// One step of the process.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// To verifications of these kinds,
    pub kinds: &'static [Kind],
    /// in these states,
    pub from: &'static [State],
    /// by one of these,
    pub by: &'static [Role],
    /// becomes this.
    pub to: State,
}

/// Every step there is. What stands in no row cannot be done.
pub const STEPS: &[Step] = {
    use Action::*;
    use Kind::*;
    use State::*;
    &[
        // A thing that is verified loses that when another one is asked for in its place: until then nothing is proved of it.
        // A mail address changes in a way of its own, and is proved before it becomes the account's. Who somebody is changes with
        // their name alone: a thief's papers do not take the mark away.
        Step { action: Ask, kinds: &[Phone, PayoutAccount, Domain], from: State::ALL, by: &[Role::Owner], to: Pending },
        Step {
            action: Ask,
            kinds: &[Email, Identity],
            from: &[State::None, Pending, Rejected, Expired, Revoked],
            by: &[Role::Owner],
            to: Pending,
        },
        Step { action: Confirm, kinds: &[Email, Phone], from: &[Pending], by: &[Role::Owner], to: Verified },
        Step { action: Approve, kinds: &[Identity, PayoutAccount], from: &[Pending], by: &[Role::Admin], to: Verified },
        Step { action: Prove, kinds: &[PayoutAccount, Domain], from: &[Pending], by: &[Role::System], to: Verified },
        Step { action: Reject, kinds: &[Identity, PayoutAccount], from: &[Pending], by: &[Role::Admin], to: Rejected },
        Step { action: Reject, kinds: &[PayoutAccount], from: &[Pending], by: &[Role::System], to: Rejected },
        Step { action: Lapse, kinds: &[Email, Phone, Domain], from: &[Pending], by: &[Role::System], to: State::None },
        // A phone that somebody else proved since: numbers come to new holders, and one says nothing of two people. Papers and a
        // bank account of somebody who has another name now.
        Step {
            action: Expire,
            kinds: &[Phone, Identity, PayoutAccount, Domain],
            from: &[Verified],
            by: &[Role::System],
            to: Expired,
        },
        Step { action: Revoke, kinds: Kind::ALL, from: &[Verified], by: &[Role::Admin], to: Revoked },
        // The stop that everybody who is told of a new payout account can pull.
        Step { action: Revoke, kinds: &[PayoutAccount], from: &[Pending, Verified], by: &[Role::Owner], to: Revoked },
        // What a thief asked for in somebody's name goes when the owner takes the account back.
        Step {
            action: Revoke,
            kinds: &[Phone, Identity],
            from: &[Pending, Verified],
            by: &[Role::System],
            to: Revoked,
        },
    ]
};

/// What follows when a verification was in a state for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// This step is carried out by the system.
    Step(Action),
    /// It stands at the top of the administrators' list.
    Top,
    /// It may be used from then on.
    Usable,
}

/// A deadline of the process.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// Of verifications of this kind
    pub kind: Kind,
    /// in this state,
    pub state: State,
    /// so long after they came into it, milliseconds,
    pub after_ms: i64,
    /// this happens.
    pub then: Then,
}

/// Every deadline there is.
pub const DEADLINES: &[Deadline] = &[
    Deadline {
        kind: Kind::Email,
        state: State::Pending,
        after_ms: Purpose::Email.carrier().life_ms(),
        then: Then::Step(Action::Lapse),
    },
    Deadline {
        kind: Kind::Phone,
        state: State::Pending,
        after_ms: Purpose::Phone.carrier().life_ms(),
        then: Then::Step(Action::Lapse),
    },
    Deadline { kind: Kind::Identity, state: State::Pending, after_ms: 5 * DAY_MS, then: Then::Top },
    Deadline { kind: Kind::Domain, state: State::Pending, after_ms: 7 * DAY_MS, then: Then::Step(Action::Lapse) },
    Deadline { kind: Kind::PayoutAccount, state: State::Verified, after_ms: 72 * HOUR_MS, then: Then::Usable },
];

/// The deadline of a kind in a state, if it has one.
pub fn deadline(kind: Kind, state: State) -> Option<Deadline> {
    DEADLINES.iter().copied().find(|deadline| deadline.kind == kind && deadline.state == state)
}

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepRefusal {
    /// This role never does that to this kind.
    #[error("this is for somebody else to do")]
    Forbidden,
    /// It is done in other states only.
    #[error("it cannot be done while the verification is {}", .0.code())]
    WrongState(State),
}

/// What becomes of a verification. Rights are looked at before states: who may not do a thing learns nothing of how it stands.
///
/// # Errors
/// [`StepRefusal`].
pub fn step(kind: Kind, state: State, action: Action, role: Role) -> Result<State, StepRefusal> {
    let theirs =
        STEPS.iter().filter(|step| step.action == action && step.kinds.contains(&kind) && step.by.contains(&role));
    row(theirs, |step| step.from.contains(&state)).map(|step| step.to).map_err(|missing| match missing {
        Missing::Forbidden => StepRefusal::Forbidden,
        Missing::WrongState => StepRefusal::WrongState(state),
    })
}

/// What a person proved of themselves, as far as rights depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// They read the mail of their address.
    pub email: bool,
    /// They hold a phone.
    pub phone: bool,
    /// Their papers were looked at.
    pub identity: bool,
}

/// Something has to be verified first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this needs a verified {}", .0.code())]
pub struct Unverified(pub Kind);

/// How much somebody may bid or offer, minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// So much, at most.
    UpTo(i64),
    /// Whatever they like.
    Unlimited,
}

/// Bids up to here need a phone and no papers, minor units by currency: ₦500,000 and $200. In other currencies there is no
/// such limit, and papers are needed for any bid.
pub const BIDS_BY_PHONE: &[(&str, i64)] = &[("NGN", 50_000_000), ("USD", 20_000)];
/// Sums above these wait for papers, minor units by currency: ₦5,000,000 and $10,000.
const PAID_WITHOUT_PAPERS: &[(&str, i64)] = &[("NGN", 500_000_000), ("USD", 1_000_000)];

fn in_currency(table: &[(&str, i64)], currency: &str) -> i64 {
    table.iter().find(|(code, _)| *code == currency).map_or(0, |(_, minor)| *minor)
}

impl Standing {
    fn needs(self, kind: Kind) -> Result<(), Unverified> {
        let proved = match kind {
            Kind::Email => self.email,
            Kind::Phone => self.phone,
            Kind::Identity => self.identity,
            Kind::PayoutAccount | Kind::Domain => false,
        };
        if proved { Ok(()) } else { Err(Unverified(kind)) }
    }

    /// Whether they may publish a job or a listing.
    ///
    /// # Errors
    /// What has to be verified first.
    pub fn may_publish(self) -> Result<(), Unverified> {
        self.needs(Kind::Email)
    }

    /// Whether they may write to somebody with whom they never wrote. Whoever is written to may answer.
    ///
    /// # Errors
    /// What has to be verified first.
    pub fn may_write_to_strangers(self) -> Result<(), Unverified> {
        self.needs(Kind::Email)
    }

    /// Whether they may apply for a job.
    ///
    /// # Errors
    /// What has to be verified first.
    pub fn may_apply(self) -> Result<(), Unverified> {
        self.needs(Kind::Email)
    }

    /// How much they may bid or offer in a currency, by its ISO 4217 code. A limit that falls later removes no standing bid.
    pub fn bid_limit(self, currency: &str) -> Limit {
        match (self.identity, self.phone) {
            (true, _) => Limit::Unlimited,
            (false, true) => Limit::UpTo(in_currency(BIDS_BY_PHONE, currency)),
            (false, false) => Limit::UpTo(0),
        }
    }

    /// Whether a sum may be paid out to them now, minor units, to an account that was verified then; `None` where none is.
    ///
    /// # Errors
    /// What has to be verified first, the account also while it is younger than three days.
    pub fn may_be_paid(
        self,
        currency: &str,
        minor: i64,
        account_verified_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Unverified> {
        let usable_after_ms = deadline(Kind::PayoutAccount, State::Verified).map_or(0, |deadline| deadline.after_ms);
        if account_verified_at.is_none_or(|at| now.since_ms(at) < usable_after_ms) {
            return Err(Unverified(Kind::PayoutAccount));
        }
        if minor > in_currency(PAID_WITHOUT_PAPERS, currency) { self.needs(Kind::Identity) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written down once more, by hand and the other way around: for each kind what each role may do in which states, and what
    /// becomes of it.
    fn expected(kind: Kind, state: State, action: Action, role: Role) -> Result<State, StepRefusal> {
        use Kind::*;
        use State::*;
        let theirs = match (role, action) {
            (Role::Owner, Action::Ask) => true,
            (Role::Owner, Action::Confirm) => matches!(kind, Email | Phone),
            (Role::Owner, Action::Revoke) => kind == PayoutAccount,
            (Role::Admin, Action::Approve | Action::Reject) => matches!(kind, Identity | PayoutAccount),
            (Role::Admin, Action::Revoke) => true,
            (Role::System, Action::Prove) => matches!(kind, PayoutAccount | Domain),
            (Role::System, Action::Reject) => kind == PayoutAccount,
            (Role::System, Action::Lapse) => matches!(kind, Email | Phone | Domain),
            (Role::System, Action::Expire) => kind != Email,
            (Role::System, Action::Revoke) => matches!(kind, Phone | Identity),
            _ => false,
        };
        if !theirs {
            return Err(StepRefusal::Forbidden);
        }
        let becomes = match (action, state) {
            (Action::Ask, Verified) if matches!(kind, Email | Identity) => Option::None,
            (Action::Ask, _) => Some(Pending),
            (Action::Confirm | Action::Approve | Action::Prove, Pending) => Some(Verified),
            (Action::Reject, Pending) => Some(Rejected),
            (Action::Lapse, Pending) => Some(State::None),
            (Action::Expire, Verified) => Some(Expired),
            (Action::Revoke, Verified) => Some(Revoked),
            (Action::Revoke, Pending) if matches!(role, Role::Owner | Role::System) => Some(Revoked),
            _ => Option::None,
        };
        becomes.ok_or(StepRefusal::WrongState(state))
    }

    #[test]
    fn every_state_action_and_role_of_every_kind() {
        let mut walked = 0;
        for (&kind, &state) in Kind::ALL.iter().flat_map(|kind| State::ALL.iter().map(move |state| (kind, state))) {
            for (&action, &role) in Action::ALL.iter().flat_map(|a| Role::ALL.iter().map(move |role| (a, role))) {
                let place = (kind, state, action, role);
                assert_eq!(step(kind, state, action, role), expected(kind, state, action, role), "{place:?}");
                walked += 1;
            }
        }
        assert_eq!(walked, 5 * 6 * 8 * 5);
    }

    #[test]
    fn guests_and_others_do_nothing_and_nobody_verifies_themselves_without_a_proof() {
        for step in STEPS {
            assert!(!step.by.contains(&Role::Guest) && !step.by.contains(&Role::Member), "{step:?}");
            assert!(step.to != State::Verified || step.action == Action::Confirm || !step.by.contains(&Role::Owner));
        }
    }

    #[test]
    fn a_wait_that_a_person_has_not_in_hand_has_a_deadline() {
        for &kind in Kind::ALL {
            let waits = deadline(kind, State::Pending);
            // A payout account is answered by the provider, or stands before an administrator at once.
            assert_eq!(waits.is_none(), kind == Kind::PayoutAccount, "{kind:?}");
            if let Some(Then::Step(action)) = waits.map(|deadline| deadline.then) {
                assert!(step(kind, State::Pending, action, Role::System).is_ok(), "{kind:?}");
            }
        }
        let hours = |kind, state| deadline(kind, state).map(|d| (d.after_ms as f64 / HOUR_MS as f64, d.then));
        assert_eq!(hours(Kind::Email, State::Pending), Some((1.0, Then::Step(Action::Lapse))));
        assert_eq!(hours(Kind::Phone, State::Pending), Some((1.0 / 6.0, Then::Step(Action::Lapse))));
        assert_eq!(hours(Kind::Identity, State::Pending), Some((120.0, Then::Top)));
        assert_eq!(hours(Kind::Domain, State::Pending), Some((168.0, Then::Step(Action::Lapse))));
        assert_eq!(hours(Kind::PayoutAccount, State::Verified), Some((72.0, Then::Usable)));
        assert_eq!(hours(Kind::Email, State::Verified), None);
    }

    #[test]
    fn words_mean_one_thing_each() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(*kind));
        }
        for state in State::ALL {
            assert_eq!(State::from_code(state.code()), Some(*state));
        }
        assert_eq!((Kind::from_code("Email"), State::from_code("")), (None, None));
    }

    #[test]
    fn publishing_applying_and_writing_to_strangers_need_a_mail_address() {
        let nobody = Standing::default();
        assert_eq!(nobody.may_publish(), Err(Unverified(Kind::Email)));
        assert_eq!(nobody.may_apply(), Err(Unverified(Kind::Email)));
        assert_eq!(nobody.may_write_to_strangers(), Err(Unverified(Kind::Email)));
        let reads = Standing { email: true, ..nobody };
        assert_eq!((reads.may_publish(), reads.may_apply()), (Ok(()), Ok(())));
        assert_eq!(reads.may_write_to_strangers(), Ok(()));
        let papers_alone = Standing { identity: true, phone: true, email: false };
        assert_eq!(papers_alone.may_publish(), Err(Unverified(Kind::Email)));
    }

    #[test]
    fn bids_have_no_limit_with_papers_a_small_one_with_a_phone_and_are_none_without() {
        let limit = |phone, identity, currency| Standing { email: true, phone, identity }.bid_limit(currency);
        for currency in ["NGN", "USD", "EUR"] {
            assert_eq!(limit(false, false, currency), Limit::UpTo(0));
            assert_eq!(limit(false, true, currency), Limit::Unlimited);
        }
        assert_eq!(limit(true, false, "NGN"), Limit::UpTo(50_000_000), "₦500,000 in kobo");
        assert_eq!(limit(true, false, "USD"), Limit::UpTo(20_000), "$200 in cents");
        assert_eq!(limit(true, false, "EUR"), Limit::UpTo(0));
    }

    #[test]
    fn c19_a_payout_account_is_used_after_three_days_and_large_sums_wait_for_papers() {
        let at = Timestamp(1_763_856_000_000);
        let later = |hours: i64| at.plus_ms(hours * HOUR_MS);
        let (plain, papers) = (Standing::default(), Standing { identity: true, ..Standing::default() });
        let account = Err(Unverified(Kind::PayoutAccount));
        assert_eq!(plain.may_be_paid("NGN", 1, None, later(100)), account);
        assert_eq!(papers.may_be_paid("NGN", 1, Some(at), later(72).plus_ms(-1)), account);
        assert_eq!(plain.may_be_paid("NGN", 500_000_000, Some(at), later(72)), Ok(()));
        assert_eq!(plain.may_be_paid("NGN", 500_000_001, Some(at), later(72)), Err(Unverified(Kind::Identity)));
        assert_eq!(papers.may_be_paid("NGN", 500_000_001, Some(at), later(72)), Ok(()));
        assert_eq!(plain.may_be_paid("USD", 1_000_000, Some(at), later(72)), Ok(()));
        assert_eq!(plain.may_be_paid("USD", 1_000_001, Some(at), later(72)), Err(Unverified(Kind::Identity)));
        assert_eq!(plain.may_be_paid("EUR", 1, Some(at), later(72)), Err(Unverified(Kind::Identity)));
    }
}
