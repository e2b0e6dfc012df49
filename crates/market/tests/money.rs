//! The money of a market by random histories: whatever people, providers and the clock do, the books hold (L1 to L10).

#[path = "support/histories.rs"]
#[allow(dead_code)]
mod histories;

use guildhall_market::{
    ids::{EscrowId, PayoutId},
    money::{
        amounts::fee,
        book::Account,
        escrow_steps::Stage,
        escrows::{Command, Take, Terms},
        house::{Charge, House},
        payouts::{Act, Asked, Role, State},
    },
    time::{DAY_MS, HOUR_MS, Timestamp},
};
use proptest::prelude::*;

use histories::{ADMIN, Call, Happens, Known, PAYEE, PAYER, dollars, happens, naira, on_the_house, provider, take};

#[derive(Default)]
struct World {
    house: House,
    known: Known,
}

impl World {
    /// Does it. A refusal posts nothing.
    fn happens(&mut self, what: Happens) {
        let before = self.house.book().clone();
        let Some(call) = self.known.call(what, &self.house) else { return };
        if on_the_house(&mut self.house, &call).is_err() {
            assert_eq!(*self.house.book(), before, "a refusal posts nothing");
            return;
        }
        self.known.done(&call);
        if let Call::Provider(_, Command::UndoChargeback { .. }) = call {
            assert!(on_the_house(&mut self.house, &call).is_err(), "it is given again once");
        }
    }

    /// What must hold after every step.
    fn check(&self) {
        self.house.check().unwrap_or_else(|words| panic!("{words}"));
        let now = Timestamp(self.known.now);
        for escrow in self.house.escrows() {
            assert!(escrow.due().is_none_or(|(at, _)| at > now), "L6: what is due has happened: {escrow:?}");
            let over = matches!(escrow.stage, Stage::Closed | Stage::Cancelled);
            assert!(!over || escrow.clock.is_none() && escrow.held == 0 && !escrow.frozen, "{escrow:?}");
            assert_eq!(escrow.dispute.is_some(), escrow.stage == Stage::Disputed, "{escrow:?}");
        }
        // L4: fees are those of what was released in all, whatever the cuts were.
        let of_all: i64 = self.house.escrows().map(|escrow| fee(escrow.released, escrow.terms.fee_bps)).sum();
        assert_eq!(self.house.book().balance(naira(), &Account::Fees), of_all);
        // L10: what is owed is covered but for what costs ate beyond what is one's own.
        let of = |account| i128::from(self.house.book().balance(naira(), &account));
        let own = of(Account::ProviderFees) + of(Account::Losses) + of(Account::Fees) + of(Account::Equity);
        assert_eq!(self.house.book().uncovered(naira()), (-own).max(0));
    }
}

/// Histories that are tried; by night there are more.
fn histories() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: histories(), max_shrink_iters: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn l1_to_l10_hold_whatever_happens(history in prop::collection::vec(happens(), 1..60)) {
        let mut world = World::default();
        for what in history {
            world.happens(what);
            world.check();
        }
    }
}

/// A market with one escrow of 1,000 that is funded, with clocks of 100 milliseconds.
fn funded() -> (House, EscrowId) {
    funded_for(100, 100)
}

fn funded_for(review_ms: i64, reply_ms: i64) -> (House, EscrowId) {
    let (mut house, id, currency) = (House::default(), EscrowId(1), naira());
    let (payer, payee, price) = (PAYER, PAYEE, 1_000);
    let terms = Terms { id, payer, payee, price, currency, fee_bps: 0, review_ms, reply_ms };
    house.open(terms, None).expect("opened");
    let charge = Charge { escrow: Some(id), amount: price, currency, provider: provider(false), provider_fee: 0 };
    assert_eq!(house.charge(&charge), Ok(None));
    (house, id)
}

fn balances(house: &House) -> Vec<(String, i64)> {
    house
        .book()
        .balances()
        .get(&naira())
        .into_iter()
        .flatten()
        .map(|(account, at)| (account.to_string(), *at))
        .collect()
}

fn named<const N: usize>(expected: [(&str, i64); N]) -> Vec<(String, i64)> {
    expected.map(|(account, at)| (account.to_owned(), at)).to_vec()
}

fn stage(house: &House, id: EscrowId) -> Option<Stage> {
    house.escrow(id).map(|escrow| escrow.stage)
}

#[test]
fn e50_e51_of_two_at_once_the_first_decides() {
    let (mut house, id) = funded();
    assert_eq!(house.command(id, &Command::Release(None), PAYER, false), Ok(()));
    assert_eq!(house.command(id, &Command::Release(None), PAYER, false), Err("wrong_state"));
    assert_eq!(house.command(id, &Command::Dispute, PAYEE, false), Err("wrong_state"));
    let (mut house, id) = funded();
    assert_eq!(house.command(id, &Command::Dispute, PAYEE, false), Ok(()));
    assert_eq!(house.command(id, &Command::Release(None), PAYER, false), Err("wrong_state"));
}

#[test]
fn e52_at_the_deadline_it_is_released_and_one_millisecond_before_it_can_be_disputed() {
    for (at, expected) in [(99, Ok(())), (100, Err("wrong_state"))] {
        let (mut house, id) = funded();
        assert_eq!(house.command(id, &Command::Submit, PAYEE, false), Ok(()));
        house.pass(Timestamp(at));
        assert_eq!(house.command(id, &Command::Dispute, PAYER, false), expected, "{at}");
    }
}

#[test]
fn c14_whoever_says_nothing_is_reminded_at_half_time_a_day_and_two_hours_before() {
    let reminders = |house: &House, id| {
        let escrow = house.escrow(id).expect("there");
        let first = escrow.reminder_after(escrow.last_at);
        std::iter::successors(first, |at| escrow.reminder_after(*at)).map(|at| at.0).collect::<Vec<_>>()
    };
    let (mut house, id) = funded_for(7 * DAY_MS, 3 * HOUR_MS);
    assert_eq!(reminders(&house, id), Vec::<i64>::new(), "nobody's silence does anything");
    assert_eq!(house.command(id, &Command::RequestRefund, PAYER, false), Ok(()));
    assert_eq!(reminders(&house, id), [3 * HOUR_MS / 2], "of a short time at its half alone");
    assert_eq!(house.command(id, &Command::Submit, PAYEE, false), Ok(()));
    assert_eq!(reminders(&house, id), [7 * DAY_MS / 2, 6 * DAY_MS, 7 * DAY_MS - 2 * HOUR_MS]);
    house.pass(Timestamp(4 * DAY_MS));
    assert_eq!(house.command(id, &Command::Dispute, PAYER, false), Ok(()));
    assert_eq!(reminders(&house, id), Vec::<i64>::new(), "the clock stands still");
    house.pass(Timestamp(9 * DAY_MS));
    assert_eq!(house.command(id, &Command::WithdrawDispute, PAYER, false), Ok(()));
    assert_eq!(reminders(&house, id), [11 * DAY_MS, 12 * DAY_MS - 2 * HOUR_MS], "half of it is over");
}

#[test]
fn h2_a_clock_that_runs_is_put_off_and_one_that_stands_still_is_not() {
    let (mut house, id) = funded();
    assert_eq!(house.command(id, &Command::Submit, PAYEE, false), Ok(()));
    let running = house.escrow(id).expect("there").clone();
    assert_eq!(running.put_off(50).and_then(|escrow| escrow.due()).map(|(at, _)| at), Some(Timestamp(150)));
    assert_eq!(house.command(id, &Command::Dispute, PAYER, false), Ok(()));
    assert_eq!(house.escrow(id).and_then(|escrow| escrow.put_off(50)), None);
}

#[test]
fn e53_e54_the_review_takes_the_place_of_the_reply_and_a_clock_goes_on_after_a_dispute() {
    let (mut house, id) = funded();
    assert_eq!(house.command(id, &Command::RequestRefund, PAYER, false), Ok(()));
    house.pass(Timestamp(60));
    assert_eq!(house.command(id, &Command::Submit, PAYEE, false), Ok(()));
    house.pass(Timestamp(130));
    assert_eq!(house.command(id, &Command::Dispute, PAYER, false), Ok(()));
    house.pass(Timestamp(1_000));
    assert_eq!(house.command(id, &Command::WithdrawDispute, PAYEE, false), Err("forbidden"), "the payer began it");
    assert_eq!(house.command(id, &Command::WithdrawDispute, PAYER, false), Ok(()));
    house.pass(Timestamp(1_029));
    assert_eq!(stage(&house, id), Some(Stage::InReview), "thirty were left");
    house.pass(Timestamp(1_030));
    assert_eq!(house.escrow(id).map(|escrow| escrow.label()), Some("released"));
}

#[test]
fn e56_e57_e83_amounts_are_asked_for_after_rights_and_state() {
    let (mut house, id) = funded();
    for (amount, reason) in [(1_001, "too_much"), (0, "bad_amount"), (-1, "bad_amount")] {
        assert_eq!(house.command(id, &Command::Release(Some(amount)), PAYER, false), Err(reason));
        assert_eq!(house.command(id, &Command::Release(Some(amount)), PAYEE, false), Err("forbidden"));
    }
    let resolve = |to_payee, to_payer| Command::Resolve { to_payee, to_payer };
    assert_eq!(house.command(id, &resolve(-1, 0), ADMIN, true), Err("wrong_state"));
    assert_eq!(house.command(id, &Command::Dispute, PAYER, false), Ok(()));
    for (to_payee, to_payer) in [(600, 399), (1_001, -1), (-1, 1_001), (i64::MAX, 1)] {
        assert_eq!(house.command(id, &resolve(to_payee, to_payer), ADMIN, true), Err("bad_split"));
    }
    assert_eq!(house.command(id, &resolve(600, 400), PAYER, true), Err("forbidden"), "one of the two decides nothing");
    assert_eq!(house.command(id, &resolve(600, 400), ADMIN, true), Ok(()));
    assert_eq!(house.escrow(id).map(|escrow| escrow.label()), Some("split"));
}

#[test]
fn e62_e63_a_chargeback_empties_the_escrow_then_what_was_refunded_and_the_rest_is_our_loss() {
    let (mut house, id) = funded();
    assert_eq!(house.command(id, &Command::Release(Some(300)), PAYER, false), Ok(()));
    assert_eq!(house.command(id, &Command::Refund(Some(200)), PAYEE, false), Ok(()));
    assert_eq!(house.chargeback(id, Take { currency: dollars(), ..take(1, "x") }), Err("wrong_currency"));
    assert_eq!(house.chargeback(id, take(0, "x")), Err("bad_amount"));
    assert_eq!(house.chargeback(id, take(1_001, "x")), Err("too_much"));
    assert_eq!(house.chargeback(id, take(1_000, "one")), Ok(()));
    assert_eq!(balances(&house), named([("user:2", 300), ("losses", -300)]), "the payee's balance is not touched");
    assert_eq!(house.escrow(id).map(|escrow| (escrow.label(), escrow.charged_back())), Some(("charged_back", 500)));
    assert_eq!(house.chargeback(id, take(1, "two")), Err("too_much"), "all of it was taken");
    // Decided for us: in reverse, and the two have to say what becomes of what was held.
    let undo = Command::UndoChargeback { provider: provider(false), reference: "one".into() };
    assert_eq!(house.provider(id, &undo), Ok(()));
    assert_eq!(house.escrow(id).map(|escrow| (escrow.stage, escrow.held)), Some((Stage::Disputed, 500)));
    let expected = [("cash:paystack", -1_000), ("escrow:1", 500), ("user:1", 200), ("user:2", 300)];
    assert_eq!(balances(&house), named(expected));
    house.check().expect("the books hold");
}

#[test]
fn a_chargeback_takes_no_more_of_the_payers_balance_than_this_escrow_refunded_and_than_is_there() {
    let (mut house, id) = funded();
    assert_eq!(house.command(id, &Command::Refund(None), PAYEE, false), Ok(()));
    let asked = Asked { id: PayoutId(1), user: PAYER, amount: 900, currency: naira(), provider: provider(false) };
    assert_eq!(house.ask_payout(asked), Ok(()));
    assert_eq!(house.chargeback(id, take(1_000, "one")), Ok(()));
    let expected = [("cash:paystack", 0), ("payout:1", 900), ("losses", -900)];
    assert_eq!(balances(&house), named(expected).into_iter().filter(|(_, at)| *at != 0).collect::<Vec<_>>());
}

#[test]
fn while_the_provider_decides_nothing_moves_and_no_clock_runs() {
    let (mut house, id) = funded();
    assert_eq!(house.command(id, &Command::Submit, PAYEE, false), Ok(()));
    house.pass(Timestamp(40));
    assert_eq!(house.provider(id, &Command::Freeze), Ok(()));
    house.pass(Timestamp(500));
    for command in [Command::Release(None), Command::Release(Some(-1))] {
        assert_eq!(house.command(id, &command, PAYER, false), Err("provider_dispute"));
    }
    assert_eq!(house.command(id, &Command::Refund(None), PAYEE, false), Err("provider_dispute"));
    assert_eq!(house.provider(id, &Command::Thaw), Ok(()));
    house.pass(Timestamp(559));
    assert_eq!(stage(&house, id), Some(Stage::InReview));
    house.pass(Timestamp(560));
    assert_eq!(stage(&house, id), Some(Stage::Closed));
}

#[test]
fn e42_to_e45_money_that_fits_nothing_is_kept_for_whoever_sent_it_and_sent_back() {
    let (mut house, id) = funded();
    let mut reason = |escrow: i64, amount, currency| {
        let (escrow, provider) = (Some(EscrowId(escrow)), provider(true));
        let charged = house.charge(&Charge { escrow, amount, currency, provider, provider_fee: 1 });
        charged.map(|misfit| misfit.map(|misfit| misfit.code()))
    };
    assert_eq!(reason(7, 5, naira()), Ok(Some("unknown_escrow")));
    assert_eq!(reason(id.0, 5, dollars()), Ok(Some("not_awaiting")));
    assert_eq!(reason(id.0, 0, naira()), Err("bad_amount"));
    assert_eq!(house.return_suspense("flutterwave", 6, naira()), Err("too_much"));
    assert_eq!(house.return_suspense("flutterwave", 5, naira()), Ok(()));
    assert_eq!(house.book().balance(naira(), &Account::Suspense("flutterwave".into())), 0);
    assert_eq!(house.book().balance(dollars(), &Account::Suspense("flutterwave".into())), 5);
}

#[test]
fn an_escrow_is_of_two_and_is_paid_within_its_time() {
    let mut house = House::default();
    let terms = |id, payee, price| {
        let (id, payer, currency) = (EscrowId(id), PAYER, naira());
        Terms { id, payer, payee, price, currency, fee_bps: 0, review_ms: 100, reply_ms: 100 }
    };
    assert_eq!(house.open(terms(1, PAYER, 0), None), Err("bad_amount"));
    assert_eq!(house.open(terms(1, PAYER, 5), None), Err("same_party"));
    assert_eq!(house.open(terms(1, PAYEE, 5), Some(50)), Ok(()));
    assert_eq!(house.open(terms(1, PAYEE, 5), None), Err("exists"));
    house.pass(Timestamp(49));
    assert_eq!(stage(&house, EscrowId(1)), Some(Stage::AwaitingFunds));
    house.pass(Timestamp(50));
    assert_eq!(stage(&house, EscrowId(1)), Some(Stage::Cancelled));
}

#[test]
fn e60_a_payout_that_comes_back_is_on_the_balance_again() {
    let (mut house, id) = funded();
    assert_eq!(house.command(id, &Command::Release(None), PAYER, false), Ok(()));
    let asked = |n| Asked { id: PayoutId(n), user: PAYEE, amount: 1_000, currency: naira(), provider: provider(false) };
    assert_eq!(house.ask_payout(asked(1)), Ok(()));
    assert_eq!(house.ask_payout(asked(1)), Err("exists"));
    assert_eq!(house.ask_payout(asked(2)), Err("insufficient_funds"), "E58");
    for (act, by) in [(Act::Send, Role::System), (Act::Succeed, Role::Provider), (Act::Return, Role::Provider)] {
        assert_eq!(house.payout_act(PayoutId(1), act, by, 0), Ok(()));
    }
    assert_eq!(house.payout(PayoutId(1)).map(|payout| payout.state), Some(State::Returned));
    assert_eq!(house.book().balance(naira(), &Account::User(PAYEE)), 1_000);
}
