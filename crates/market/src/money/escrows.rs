//! An escrow: one amount in one currency, from one payer, for one payee, about one thing. What is done to it, and the money that
//! moves with it. The process is a [table](super::escrow_steps).

use super::{
    amounts::{AMOUNT_MAX, BPS_ALL, Currency, fee},
    book::{Account, Letter, Posting},
    escrow_steps::{Act, Role, Stage, Step, StepRefusal, To, step},
};
use crate::{
    ids::{EscrowId, UserId},
    time::{DAY_MS, HOUR_MS, Timestamp},
};

/// The platform's fee of a job: 10 %, hundredths of a per cent of what is released.
pub const JOB_FEE_BPS: i64 = 1_000;
/// How long a client may look at what was handed in before silence pays, milliseconds: between Upwork's 14 days and Fiverr's 3.
pub const JOB_REVIEW_MS: i64 = 7 * DAY_MS;
/// How long an artisan may answer a client who wants the money back before silence refunds, milliseconds: Upwork's.
pub const JOB_REPLY_MS: i64 = 7 * DAY_MS;

/// A clock of an escrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// It is over at this moment: what follows has happened by then.
    Until(Timestamp),
    /// It stands still, with so many milliseconds left.
    Stopped(i64),
}

/// What it is agreed to be, fixed when it is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Which.
    pub id: EscrowId,
    /// Who pays.
    pub payer: UserId,
    /// Who is paid.
    pub payee: UserId,
    /// Minor units, 1 to 10^15.
    pub price: i64,
    /// Of what.
    pub currency: Currency,
    /// The platform's fee, 0 to 10,000 hundredths of a per cent of what is released.
    pub fee_bps: i64,
    /// How long something that was handed in is looked at before silence pays, milliseconds.
    pub review_ms: i64,
    /// How long the payee may answer a payer who wants the money back before silence refunds, milliseconds.
    pub reply_ms: i64,
}

/// What the provider took back once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The provider's own number for it.
    pub reference: String,
    /// Out of what was held.
    pub from_escrow: i64,
    /// Out of the payer's balance, up to what had been refunded there.
    pub from_payer: i64,
    /// Out of the operator's own.
    pub from_losses: i64,
}

impl Taken {
    /// All of it.
    pub fn all(&self) -> i64 {
        self.from_escrow + self.from_payer + self.from_losses
    }
}

/// An escrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escrow {
    /// What it is agreed to be.
    pub terms: Terms,
    /// Where it stands.
    pub stage: Stage,
    /// The clock of that. In a dispute, the one that goes on where it is withdrawn.
    pub clock: Option<Clock>,
    /// In a dispute: where it stood before, and who began it.
    pub dispute: Option<(Stage, UserId)>,
    /// Whether somebody disputes the charge at the provider: nothing moves until that is decided.
    pub frozen: bool,
    /// Minor units that are held.
    pub held: i64,
    /// That went to the payee, with the fee.
    pub released: i64,
    /// That went to the payer.
    pub refunded: i64,
    /// What the provider took and did not give again, in order.
    pub taken: Vec<Taken>,
    /// The last moment at which anything happened to it: for it, no time is before that.
    pub last_at: Timestamp,
}

/// What somebody wants of an escrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The charge came, to this provider.
    Fund {
        /// With which the money lies.
        provider: String,
    },
    /// The payer pays from what they have.
    FundFromBalance {
        /// Which is this, minor units.
        payer_has: i64,
    },
    /// See [`Act::PayByPasses`].
    PayByPasses,
    /// See [`Act::Cancel`].
    Cancel,
    /// See [`Act::Submit`].
    Submit,
    /// See [`Act::RequestChanges`].
    RequestChanges,
    /// See [`Act::RequestRefund`].
    RequestRefund,
    /// See [`Act::WithdrawRefundRequest`].
    WithdrawRefundRequest,
    /// All that is held goes to the payee, or so much of it. What could not be read as an amount is 0.
    Release(Option<i64>),
    /// To the payer.
    Refund(Option<i64>),
    /// See [`Act::ReviewPasses`].
    ReviewPasses,
    /// See [`Act::ReplyPasses`].
    ReplyPasses,
    /// See [`Act::LiesIdle`].
    LiesIdle,
    /// See [`Act::Dispute`].
    Dispute,
    /// See [`Act::WithdrawDispute`].
    WithdrawDispute,
    /// What is held is divided. What could not be read as an amount is below 0.
    Resolve {
        /// To whom it was for.
        to_payee: i64,
        /// To whom it came from.
        to_payer: i64,
    },
    /// See [`Act::Freeze`].
    Freeze,
    /// See [`Act::Thaw`].
    Thaw,
    /// The provider took money back.
    Chargeback(Take),
    /// The provider refunded the charge at its own place.
    RefundOut(Take),
    /// The provider gave again what it took under this number.
    UndoChargeback {
        /// The provider.
        provider: String,
        /// Its number for what it had taken.
        reference: String,
    },
}

/// What a provider took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Take {
    /// The provider, with which the money lay.
    pub provider: String,
    /// Its number for this.
    pub reference: String,
    /// Minor units.
    pub amount: i64,
    /// Of what.
    pub currency: Currency,
    /// What the payer has at this moment.
    pub payer_has: i64,
}

impl Command {
    /// What is done by it.
    pub fn act(&self) -> Act {
        match self {
            Self::Fund { .. } => Act::Fund,
            Self::FundFromBalance { .. } => Act::FundFromBalance,
            Self::PayByPasses => Act::PayByPasses,
            Self::Cancel => Act::Cancel,
            Self::Submit => Act::Submit,
            Self::RequestChanges => Act::RequestChanges,
            Self::RequestRefund => Act::RequestRefund,
            Self::WithdrawRefundRequest => Act::WithdrawRefundRequest,
            Self::Release(_) => Act::Release,
            Self::Refund(_) => Act::Refund,
            Self::ReviewPasses => Act::ReviewPasses,
            Self::ReplyPasses => Act::ReplyPasses,
            Self::LiesIdle => Act::LiesIdle,
            Self::Dispute => Act::Dispute,
            Self::WithdrawDispute => Act::WithdrawDispute,
            Self::Resolve { .. } => Act::Resolve,
            Self::Freeze => Act::Freeze,
            Self::Thaw => Act::Thaw,
            Self::Chargeback(_) => Act::Chargeback,
            Self::RefundOut(_) => Act::RefundOut,
            Self::UndoChargeback { .. } => Act::UndoChargeback,
        }
    }
}

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is for somebody else.
    #[error("this is for somebody else")]
    Forbidden,
    /// Not from where it stands.
    #[error("not while it is {}", .0.code())]
    WrongState(Stage),
    /// Somebody disputes the charge at the provider.
    #[error("the payment provider has to decide first")]
    ProviderDispute,
    /// It is no amount.
    #[error("an amount is 1 to 10^15 minor units")]
    BadAmount,
    /// More than there is.
    #[error("there are {most} minor units")]
    TooMuch {
        /// Minor units that there are.
        most: i64,
    },
    /// It does not divide exactly what is held.
    #[error("both parts together are exactly {held} minor units")]
    BadSplit {
        /// Minor units that are held.
        held: i64,
    },
    /// It is of another currency.
    #[error("it is in {0}")]
    WrongCurrency(Currency),
    /// The payer has less.
    #[error("there are {most} minor units on the balance")]
    InsufficientFunds {
        /// Minor units that there are.
        most: i64,
    },
    /// The two are one.
    #[error("nobody pays themselves")]
    SameParty,
    /// Nothing was taken under this number.
    #[error("nothing was taken under this number")]
    Unknown,
}

impl Refusal {
    /// The reason as it is said on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::WrongState(_) => "wrong_state",
            Self::ProviderDispute => "provider_dispute",
            Self::BadAmount => "bad_amount",
            Self::TooMuch { .. } => "too_much",
            Self::BadSplit { .. } => "bad_split",
            Self::WrongCurrency(_) => "wrong_currency",
            Self::InsufficientFunds { .. } => "insufficient_funds",
            Self::SameParty => "same_party",
            Self::Unknown => "unknown_chargeback",
        }
    }
}

impl From<StepRefusal> for Refusal {
    fn from(refusal: StepRefusal) -> Self {
        match refusal {
            StepRefusal::Forbidden => Self::Forbidden,
            StepRefusal::WrongState(stage) => Self::WrongState(stage),
        }
    }
}

/// What an escrow became, and what is posted with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// As it stands then.
    pub escrow: Escrow,
    /// What moves.
    pub posting: Posting,
}

/// Opens one that waits for its money, perhaps for so long.
///
/// # Errors
/// [`Refusal::BadAmount`], [`Refusal::SameParty`].
pub fn open(terms: Terms, pay_by_ms: Option<i64>, now: Timestamp) -> Result<Escrow, Refusal> {
    let plain = (1..=AMOUNT_MAX).contains(&terms.price) && (0..=BPS_ALL).contains(&terms.fee_bps);
    if !plain {
        return Err(Refusal::BadAmount);
    }
    if terms.payer == terms.payee {
        return Err(Refusal::SameParty);
    }
    Ok(Escrow {
        terms,
        stage: Stage::AwaitingFunds,
        clock: pay_by_ms.map(|ms| Clock::Until(now.plus_ms(ms))),
        dispute: None,
        frozen: false,
        held: 0,
        released: 0,
        refunded: 0,
        taken: Vec::new(),
        last_at: now,
    })
}

impl Escrow {
    /// What somebody is to it. Whoever is one of the two is no administrator here.
    pub fn role_of(&self, who: UserId, admin: bool) -> Role {
        match who {
            who if who == self.terms.payer => Role::Payer,
            who if who == self.terms.payee => Role::Payee,
            _ if admin => Role::Admin,
            _ => Role::Stranger,
        }
    }

    /// What it is called before people: once everything went out, by where it went.
    pub fn label(&self) -> &'static str {
        match self.stage {
            Stage::Closed if self.charged_back() > 0 => "charged_back",
            Stage::Closed if self.refunded == 0 => "released",
            Stage::Closed if self.released == 0 => "refunded",
            Stage::Closed => "split",
            stage if stage.holds() && stage != Stage::Disputed && self.released > 0 => "partially_released",
            stage => stage.state(),
        }
    }

    /// What the provider took out of it.
    pub fn charged_back(&self) -> i64 {
        self.taken.iter().map(|taken| taken.from_escrow).sum()
    }

    /// The same with a clock that runs for longer, milliseconds; `None` where none runs.
    pub fn put_off(&self, by_ms: i64) -> Option<Self> {
        let Some(Clock::Until(at)) = self.clock else { return None };
        Some(Self { clock: Some(Clock::Until(at.plus_ms(by_ms))), ..self.clone() })
    }

    /// When whoever's silence will move money is next reminded, after `now`: at half of the time they have, a day before its end, and two
    /// hours before. `None` where none of it is to come.
    pub fn reminder_after(&self, now: Timestamp) -> Option<Timestamp> {
        let (until, act) = self.due()?;
        let half = match act {
            Act::ReviewPasses => self.terms.review_ms / 2,
            Act::ReplyPasses => self.terms.reply_ms / 2,
            _ => return None,
        };
        // Of a short time nobody is reminded before its half.
        let times = [half, DAY_MS, 2 * HOUR_MS].into_iter().filter(|before| *before <= half);
        times.map(|before| until.plus_ms(-before)).filter(|at| *at > now).min()
    }

    /// What happens next by itself, and when.
    pub fn due(&self) -> Option<(Timestamp, Act)> {
        match (self.clock, self.stage.when_over()) {
            (Some(Clock::Until(at)), Some(act)) => Some((at, act)),
            _ => None,
        }
    }

    fn account(&self) -> Account {
        Account::Escrow(self.terms.id)
    }

    /// One that begins now: it does not run while the provider decides.
    fn begins(&self, ms: i64, now: Timestamp) -> Clock {
        if self.frozen { Clock::Stopped(ms) } else { Clock::Until(now.plus_ms(ms)) }
    }

    fn stop(&mut self, now: Timestamp) {
        if let Some(Clock::Until(at)) = self.clock {
            self.clock = Some(Clock::Stopped(at.since_ms(now).max(0)));
        }
    }

    fn go_on(&mut self, now: Timestamp) {
        if let (Some(Clock::Stopped(left)), false) = (self.clock, self.frozen) {
            self.clock = Some(Clock::Until(now.plus_ms(left)));
        }
    }

    fn ends(&mut self, stage: Stage) {
        (self.stage, self.clock, self.dispute, self.frozen) = (stage, None, None, false);
    }

    fn release(&mut self, posting: &mut Posting, amount: i64) {
        let bps = self.terms.fee_bps;
        let kept = fee(self.released + amount, bps) - fee(self.released, bps);
        posting.moves(Letter::Release, self.account(), Account::User(self.terms.payee), amount - kept);
        posting.moves(Letter::Release, self.account(), Account::Fees, kept);
        self.held -= amount;
        self.released += amount;
    }

    fn refund(&mut self, posting: &mut Posting, amount: i64) {
        posting.moves(Letter::Refund, self.account(), Account::User(self.terms.payer), amount);
        self.held -= amount;
        self.refunded += amount;
    }

    /// So much of what is held, or all.
    fn part(&self, amount: Option<i64>) -> Result<i64, Refusal> {
        match amount {
            None => Ok(self.held),
            Some(amount) if !(1..=AMOUNT_MAX).contains(&amount) => Err(Refusal::BadAmount),
            Some(amount) if amount > self.held => Err(Refusal::TooMuch { most: self.held }),
            Some(amount) => Ok(amount),
        }
    }

    fn take(&mut self, posting: &mut Posting, letter: Letter, take: &Take) -> Result<(), Refusal> {
        let Take { provider, reference, amount, currency, payer_has } = take;
        let (amount, currency, payer_has) = (*amount, *currency, *payer_has);
        if currency != self.terms.currency {
            return Err(Refusal::WrongCurrency(self.terms.currency));
        }
        if !(1..=AMOUNT_MAX).contains(&amount) {
            return Err(Refusal::BadAmount);
        }
        let most = self.terms.price - self.taken.iter().map(Taken::all).sum::<i64>();
        if amount > most {
            return Err(Refusal::TooMuch { most });
        }
        let refunded_and_there = self.refunded - self.taken.iter().map(|taken| taken.from_payer).sum::<i64>();
        let from_escrow = amount.min(self.held);
        let from_payer = (amount - from_escrow).min(refunded_and_there).min(payer_has).max(0);
        let from_losses = amount - from_escrow - from_payer;
        let cash = || Account::Cash(provider.clone());
        posting.moves(letter, self.account(), cash(), from_escrow);
        posting.moves(letter, Account::User(self.terms.payer), cash(), from_payer);
        posting.moves(letter, Account::Losses, cash(), from_losses);
        self.held -= from_escrow;
        self.taken.push(Taken { reference: reference.clone(), from_escrow, from_payer, from_losses });
        // It was decided: what is left goes on.
        self.frozen = false;
        if self.stage != Stage::Disputed {
            self.go_on(self.last_at);
        }
        Ok(())
    }

    fn undo_take(&mut self, posting: &mut Posting, provider: &str, reference: &str) -> Result<(), Refusal> {
        let at = self.taken.iter().position(|taken| taken.reference == reference).ok_or(Refusal::Unknown)?;
        let Taken { from_escrow, from_payer, from_losses, .. } = self.taken.remove(at);
        let cash = || Account::Cash(provider.to_owned());
        posting.moves(Letter::ChargebackUndone, cash(), Account::Losses, from_losses);
        posting.moves(Letter::ChargebackUndone, cash(), Account::User(self.terms.payer), from_payer);
        posting.moves(Letter::ChargebackUndone, cash(), self.account(), from_escrow);
        if from_escrow == 0 {
            return Ok(());
        }
        self.held += from_escrow;
        if self.stage != Stage::Disputed {
            self.stop(self.last_at);
            let before = if self.stage == Stage::Closed { Stage::Held } else { self.stage };
            // The payer said at the provider that something is wrong: they say here what.
            (self.stage, self.dispute) = (Stage::Disputed, Some((before, self.terms.payer)));
        }
        Ok(())
    }
}

/// Decides what becomes of an escrow. Whoever asks carried out before what was due.
///
/// # Errors
/// [`Refusal`], with rights asked for first, then the state, then the amounts.
pub fn decide(
    escrow: &Escrow,
    command: &Command,
    by: (Role, Option<UserId>),
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let (role, who) = by;
    let mut after = escrow.clone();
    // Time does not run backwards within one thing.
    let now = now.max(escrow.last_at);
    after.last_at = now;
    let &Step { act, to, .. } = step(command.act(), role, escrow.stage)?;
    if act == Act::WithdrawDispute && escrow.dispute.map(|(_, opener)| opener) != who {
        return Err(Refusal::Forbidden);
    }
    if escrow.frozen && matches!(act, Act::Release | Act::Refund | Act::Resolve) {
        return Err(Refusal::ProviderDispute);
    }
    let mut posting = Posting::new(escrow.terms.currency);
    match command {
        Command::Fund { provider } => {
            let cash = Account::Cash(provider.clone());
            posting.moves(Letter::Fund, cash, after.account(), after.terms.price);
            (after.held, after.clock) = (after.terms.price, None);
        }
        Command::FundFromBalance { payer_has } => {
            if *payer_has < after.terms.price {
                return Err(Refusal::InsufficientFunds { most: *payer_has });
            }
            let balance = Account::User(after.terms.payer);
            posting.moves(Letter::FundBalance, balance, after.account(), after.terms.price);
            (after.held, after.clock) = (after.terms.price, None);
        }
        Command::Release(amount) => {
            let amount = escrow.part(*amount)?;
            after.release(&mut posting, amount);
        }
        Command::Refund(amount) => {
            let amount = escrow.part(*amount)?;
            after.refund(&mut posting, amount);
        }
        Command::Resolve { to_payee, to_payer } => {
            let adds_up = to_payee.checked_add(*to_payer) == Some(escrow.held);
            if *to_payee < 0 || *to_payer < 0 || !adds_up {
                return Err(Refusal::BadSplit { held: escrow.held });
            }
            after.release(&mut posting, *to_payee);
            after.refund(&mut posting, *to_payer);
        }
        Command::Chargeback(take) => after.take(&mut posting, Letter::Chargeback, take)?,
        Command::RefundOut(take) => after.take(&mut posting, Letter::RefundOut, take)?,
        Command::UndoChargeback { provider, reference } => after.undo_take(&mut posting, provider, reference)?,
        Command::Submit => after.clock = Some(after.begins(after.terms.review_ms, now)),
        Command::RequestRefund | Command::LiesIdle => after.clock = Some(after.begins(after.terms.reply_ms, now)),
        Command::RequestChanges | Command::WithdrawRefundRequest => after.clock = None,
        Command::ReviewPasses => after.release(&mut posting, escrow.held),
        Command::ReplyPasses => after.refund(&mut posting, escrow.held),
        Command::Dispute => {
            after.dispute = who.map(|opener| (escrow.stage, opener));
            after.stop(now);
        }
        Command::Freeze => {
            after.frozen = true;
            after.stop(now);
        }
        Command::Thaw => {
            after.frozen = false;
            if escrow.stage != Stage::Disputed {
                after.go_on(now);
            }
        }
        // All of them is in what it becomes.
        Command::PayByPasses | Command::Cancel | Command::WithdrawDispute => {}
    }
    match to {
        To::Is(stage @ (Stage::Closed | Stage::Cancelled)) => after.ends(stage),
        To::Is(stage) => after.stage = stage,
        To::SameUntilEmpty if after.held == 0 => after.ends(Stage::Closed),
        To::BackFromDispute => {
            after.stage = escrow.dispute.map_or(Stage::Held, |(before, _)| before);
            after.dispute = None;
            after.go_on(now);
        }
        To::SameUntilEmpty | To::Same => {}
    }
    Ok(Decision { escrow: after, posting })
}
