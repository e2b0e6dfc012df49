//! Random histories of the money of a market: what people, providers and the clock do, as calls that anything can carry out that
//! keeps money.

use guildhall_market::{
    ids::{EscrowId, PayoutId, UserId},
    money::{
        amounts::Currency,
        escrows::{Command, Take, Terms},
        house::{Charge, House},
        payouts::{Act, Asked, Role},
    },
    time::Timestamp,
};
use proptest::prelude::*;

pub const PAYER: UserId = UserId(1);
pub const PAYEE: UserId = UserId(2);
pub const ADMIN: UserId = UserId(9);
const PROVIDERS: [&str; 2] = ["paystack", "flutterwave"];

/// One thing that happens. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
pub enum Happens {
    Open { payer: u8, payee: u8, price: i64, bps: i64, pay_by: Option<i64> },
    Charge { escrow: u8, off: i64, other_currency: bool, provider: bool, fee: i64 },
    Does { escrow: u8, who: u8, command: Command },
    Provider { escrow: u8, command: Command },
    Chargeback { escrow: u8, amount: i64 },
    Undo { which: u8 },
    Returns { provider: bool, amount: i64 },
    TopUp { amount: i64 },
    AsksPayout { user: u8, amount: i64, provider: bool },
    Payout { payout: u8, act: u8, fee: i64 },
    Time { ms: i64 },
}

fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![1..=2_000_i64, Just(0), Just(-1), Just(1), Just(1_000)]
}

fn commands() -> impl Strategy<Value = Command> {
    prop_oneof![
        3 => Just(Command::Submit),
        1 => Just(Command::RequestChanges),
        2 => Just(Command::RequestRefund),
        1 => Just(Command::WithdrawRefundRequest),
        3 => prop::option::of(amounts()).prop_map(Command::Release),
        2 => prop::option::of(amounts()).prop_map(Command::Refund),
        2 => Just(Command::Dispute),
        1 => Just(Command::WithdrawDispute),
        1 => (amounts(), amounts()).prop_map(|(to_payee, to_payer)| Command::Resolve { to_payee, to_payer }),
        1 => Just(Command::Cancel),
    ]
}

pub fn happens() -> impl Strategy<Value = Happens> {
    let n = any::<u8>;
    let off = prop_oneof![4 => Just(0_i64), 1 => -2..=2_i64];
    let money = prop_oneof![
        3 => (n(), n(), 1..=1_000_i64, 0..=10_000_i64, prop::option::of(1..50_i64))
            .prop_map(|(payer, payee, price, bps, pay_by)| Happens::Open { payer, payee, price, bps, pay_by }),
        4 => (n(), off, prop::bool::weighted(0.05), any::<bool>(), 0..20_i64).prop_map(
            |(escrow, off, other_currency, provider, fee)| Happens::Charge { escrow, off, other_currency, provider, fee }
        ),
        2 => (n(), amounts()).prop_map(|(escrow, amount)| Happens::Chargeback { escrow, amount }),
        1 => n().prop_map(|which| Happens::Undo { which }),
        1 => (any::<bool>(), amounts()).prop_map(|(provider, amount)| Happens::Returns { provider, amount }),
        1 => amounts().prop_map(|amount| Happens::TopUp { amount }),
        2 => (n(), amounts(), any::<bool>())
            .prop_map(|(user, amount, provider)| Happens::AsksPayout { user, amount, provider }),
        3 => (n(), n(), 0..5_i64).prop_map(|(payout, act, fee)| Happens::Payout { payout, act, fee }),
    ];
    let provider = prop_oneof![Just(Command::Freeze), Just(Command::Thaw)];
    prop_oneof![
        16 => money,
        8 => (n(), n(), commands()).prop_map(|(escrow, who, command)| Happens::Does { escrow, who, command }),
        1 => (n(), provider).prop_map(|(escrow, command)| Happens::Provider { escrow, command }),
        4 => prop_oneof![0..30_i64, 90..120_i64].prop_map(|ms| Happens::Time { ms }),
    ]
}

pub fn naira() -> Currency {
    "NGN".parse().expect("a currency")
}

pub fn dollars() -> Currency {
    "USD".parse().expect("a currency")
}

pub fn provider(second: bool) -> String {
    PROVIDERS[usize::from(second)].to_owned()
}

pub fn take(amount: i64, reference: &str) -> Take {
    Take { provider: provider(false), reference: reference.into(), amount, currency: naira(), payer_has: 0 }
}

/// Something that is done, with its numbers.
#[derive(Clone, Debug)]
pub enum Call {
    /// Opens an escrow, with the time to pay.
    Open(Terms, Option<i64>),
    /// A charge, by the provider's number for it.
    Charge(Charge, String),
    /// Somebody does something to an escrow, perhaps as an administrator.
    Does(EscrowId, Command, UserId, bool),
    /// The provider does.
    Provider(EscrowId, Command),
    /// The provider took money back.
    Chargeback(EscrowId, Take),
    /// What fitted nothing is sent back.
    Returns(String, i64),
    /// The operator puts money in.
    TopUp(i64),
    /// Somebody asks to be paid.
    Asks(Asked),
    /// Something is done to a payout, of which the provider keeps so much.
    Payout(PayoutId, Act, Role, i64),
    /// Time passes until this moment.
    Pass(Timestamp),
}

/// What there is already, so that numbers mean something.
#[derive(Default)]
pub struct Known {
    pub now: i64,
    escrows: i64,
    payouts: i64,
    charges: i64,
    chargebacks: Vec<(EscrowId, String)>,
}

impl Known {
    fn id(&self, n: u8) -> EscrowId {
        EscrowId(i64::from(n) % self.escrows.max(1) + 1)
    }

    /// What is called. `None`: there is nothing of which it could be.
    pub fn call(&mut self, what: Happens, house: &House) -> Option<Call> {
        let user = |n: u8| UserId(i64::from(n % 3) + 1);
        Some(match what {
            Happens::Open { payer, payee, price, bps, pay_by } => {
                let id = EscrowId(self.escrows + 1);
                let (payer, payee, currency) = (user(payer), user(payee), naira());
                let terms = Terms { id, payer, payee, price, currency, fee_bps: bps, review_ms: 100, reply_ms: 100 };
                Call::Open(terms, pay_by)
            }
            Happens::Charge { escrow, off, other_currency, provider: second, fee } => {
                let id = self.id(escrow);
                let price = house.escrow(id).map_or(1, |escrow| escrow.terms.price);
                let currency = if other_currency { dollars() } else { naira() };
                let provider = provider(second);
                self.charges += 1;
                let charge = Charge { escrow: Some(id), amount: price + off, currency, provider, provider_fee: fee };
                Call::Charge(charge, format!("tx{}", self.charges))
            }
            Happens::Does { escrow, who, command } => {
                let (who, admin) = if who % 4 == 3 { (ADMIN, true) } else { (user(who), false) };
                Call::Does(self.id(escrow), command, who, admin)
            }
            Happens::Provider { escrow, command } => Call::Provider(self.id(escrow), command),
            Happens::Chargeback { escrow, amount } => {
                let reference = format!("cb{}", self.chargebacks.len());
                Call::Chargeback(self.id(escrow), take(amount, &reference))
            }
            Happens::Undo { which } => {
                let at = usize::from(which).checked_rem(self.chargebacks.len())?;
                let (id, reference) = self.chargebacks[at].clone();
                Call::Provider(id, Command::UndoChargeback { provider: provider(false), reference })
            }
            Happens::Returns { provider: second, amount } => Call::Returns(provider(second), amount),
            Happens::TopUp { amount } => Call::TopUp(amount),
            Happens::AsksPayout { user: n, amount, provider: second } => {
                let id = PayoutId(self.payouts + 1);
                Call::Asks(Asked { id, user: user(n), amount, currency: naira(), provider: provider(second) })
            }
            Happens::Payout { payout, act, fee } => {
                let id = PayoutId(i64::from(payout) % self.payouts.max(1) + 1);
                let act = Act::ALL[usize::from(act) % Act::ALL.len()];
                let by = if matches!(act, Act::Send | Act::TryAgain) { Role::System } else { Role::Provider };
                Call::Payout(id, act, by, fee)
            }
            Happens::Time { ms } => {
                self.now += ms;
                Call::Pass(Timestamp(self.now))
            }
        })
    }

    /// Notes what was done.
    pub fn done(&mut self, call: &Call) {
        match call {
            Call::Open(..) => self.escrows += 1,
            Call::Asks(_) => self.payouts += 1,
            Call::Chargeback(id, take) => self.chargebacks.push((*id, take.reference.clone())),
            _ => {}
        }
    }
}

/// Carries a call out in memory.
///
/// # Errors
/// The reason.
pub fn on_the_house(house: &mut House, call: &Call) -> Result<(), &'static str> {
    match call {
        Call::Open(terms, pay_by) => house.open(terms.clone(), *pay_by),
        Call::Charge(charge, _) => house.charge(charge).map(drop),
        Call::Does(id, command, who, admin) => house.command(*id, command, *who, *admin),
        Call::Provider(id, command) => house.provider(*id, command),
        Call::Chargeback(id, take) => house.chargeback(*id, take.clone()),
        Call::Returns(provider, amount) => house.return_suspense(provider, *amount, naira()),
        Call::TopUp(amount) => house.top_up(&provider(false), *amount, naira()),
        Call::Asks(asked) => house.ask_payout(asked.clone()),
        Call::Payout(id, act, by, fee) => house.payout_act(*id, *act, *by, *fee),
        Call::Pass(to) => {
            house.pass(*to);
            Ok(())
        }
    }
}
