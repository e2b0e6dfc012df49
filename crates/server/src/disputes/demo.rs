//! The money of the demo market: paid in, handed in, released, given back, disputed and paid out, in the order in which it would have
//! happened. All of it goes through the till, so that the books hold. No real money is in it.

use guildhall_db::{
    Connection, deadlines, disputes, escrows,
    jobs::{self, Job, milestones},
    messages, payout_accounts, payouts, people, verifications,
};
use guildhall_market::{
    ids::{EscrowId, UserId},
    money::{
        amounts::Currency,
        disputes::{ANSWER_WITHIN_MS, Split},
        escrow_steps::Act,
        escrows::Command,
        house::Charge,
        payouts as payout_rules,
    },
    payout_accounts::tail,
    time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp},
    verification::{Kind, State},
};

use super::{said::says, silence::SILENCE};
use crate::{
    app::App,
    error::ApiError,
    jobs::{
        bodies::stored_currency,
        demo::{CHAIRS, DIMMERS, KITCHEN, PANTRY, WARDROBE},
        held::{Said, note},
    },
    money::till::{self, By, Charged},
    payments::open,
    payout_seals::{holder_for, number_for},
    secrets::new_secret,
};

/// Who pays and is paid through: the provider that moves none.
const SANDBOX: &str = "sandbox";
/// Its bank.
const BANK: (&str, &str) = ("000", "Sandbox Bank");
/// Jobs of a demo market, at most.
const JOBS_MAX: i64 = 50;
const DAY: i64 = DAY_MS / MINUTE_MS;
const HOUR: i64 = HOUR_MS / MINUTE_MS;

/// What happens to the money of a part.
enum Do {
    /// The client pays it in.
    Fund,
    /// The artisan hands it in, with these words.
    Submit(&'static str),
    /// The client releases all that is held.
    Release,
    /// The artisan gives so much back, kobo.
    Refund(i64),
    /// The client disputes it, with these words, and would have it divided so: to the artisan, back.
    Dispute(&'static str, i64, i64),
    /// The artisan answers, and would have it divided so.
    Answer(&'static str, i64, i64),
}
use Do::*;

/// Minutes ago, of which job, which part of it from 0, what.
type Row = (i64, &'static str, usize, Do);

const ROWS: &[Row] = &[
    (46 * DAY, CHAIRS, 0, Fund),
    (40 * DAY, KITCHEN, 0, Fund),
    (
        38 * DAY,
        KITCHEN,
        0,
        Submit("The survey is in the folder, with drawings of all four walls. The fridge bay is 4 mm out of true."),
    ),
    (37 * DAY, KITCHEN, 0, Release),
    (
        36 * DAY + HOUR,
        CHAIRS,
        0,
        Submit("All eight stand in the dining room. Two had a cracked rail; they are glued and pinned."),
    ),
    (36 * DAY, KITCHEN, 1, Fund),
    (34 * DAY, CHAIRS, 0, Release),
    (24 * DAY, KITCHEN, 1, Submit("Every board is cut and numbered. The four widest are for the island.")),
    (22 * DAY, KITCHEN, 1, Release),
    (20 * DAY, DIMMERS, 0, Fund),
    (16 * DAY, KITCHEN, 2, Fund),
    (14 * DAY, PANTRY, 0, Fund),
    (11 * DAY, PANTRY, 0, Submit("Conduit is in the walls, the boxes are level and the old feed is out.")),
    (10 * DAY, PANTRY, 0, Release),
    (9 * DAY, PANTRY, 1, Fund),
    (8 * DAY, DIMMERS, 0, Submit("Six dimmers are in and tested with the warm lamps. No hum at any setting.")),
    (8 * DAY - HOUR, DIMMERS, 0, Refund(1_600_000)),
    (7 * DAY, DIMMERS, 0, Release),
    (
        4 * DAY,
        PANTRY,
        1,
        Submit("All twelve points are on, the cold room has its own feed, and the test sheets are signed."),
    ),
    (
        3 * DAY,
        PANTRY,
        1,
        Dispute(
            "Four of the twelve points trip the breaker when the cold room starts. Two sheets name circuits that are not there.",
            12_000_000,
            20_000_000,
        ),
    ),
    (
        2 * DAY,
        PANTRY,
        1,
        Answer(
            "The breaker is the old one that was to stay. I will correct the two sheets; the points themselves test well.",
            26_000_000,
            6_000_000,
        ),
    ),
    (2 * DAY - HOUR, WARDROBE, 0, Fund),
    (2 * DAY - 2 * HOUR, KITCHEN, 3, Fund),
    (
        64,
        KITCHEN,
        2,
        Submit(
            "Seven carcasses glued and square within 1 mm. Eleven doors hung dry, grain matched across the island. Soft-close hinges fitted, spares left on site.",
        ),
    ),
];

/// Whose bank accounts there are, by place in the cast, with their numbers.
const ACCOUNTS: &[(i64, &str)] = &[(2, "0000000012"), (3, "0000000022"), (5, "0000000032"), (8, "0000000042")];

/// Minutes ago, whose, kobo: what went to their banks.
const PAID_OUT: &[(i64, i64, i64)] = &[(30 * DAY, 3, 30_000_000), (21 * DAY, 2, 30_000_000), (12 * DAY, 2, 20_000_000)];

async fn pay_in(c: &mut Connection, job: &Job, part: &milestones::Milestone, at: Timestamp) -> Result<(), ApiError> {
    let (Some(payee), currency) = (job.artisan_id, stored_currency(&job.currency)?) else { return Ok(()) };
    let id = open(c, (part, currency), (job.client_id, payee), at).await?.terms.id;
    let charge =
        Charge { escrow: Some(id), amount: part.amount_minor, currency, provider: SANDBOX.to_owned(), provider_fee: 0 };
    match till::charge(c, &charge, &format!("demo-{}", part.id), at).await? {
        Charged::Held(done) => note(c, Act::Fund, &done, None, &Said::default()).await,
        _ => Err(ApiError::broken()),
    }
}

async fn dispute(
    c: &mut Connection,
    (id, by): (EscrowId, UserId),
    (words, to_payee, to_payer): (&str, i64, i64),
    at: Timestamp,
) -> Result<(), ApiError> {
    let stored = disputes::newest_of(c, id).await?;
    let stored = match stored {
        Some(dispute) => dispute,
        None => {
            let escrow = escrows::get(c, id).await?.ok_or_else(ApiError::broken)?.escrow;
            let messages_up_to = messages::last_between(c, escrow.terms.payer, escrow.terms.payee).await?;
            let new = disputes::New { escrow: id, opener: by, reason: words, messages_up_to, terms_version: 1 };
            let begun = disputes::open(c, &new, at).await?;
            deadlines::set(c, SILENCE.kind, begun, at.plus_ms(ANSWER_WITHIN_MS)).await?;
            disputes::get(c, begun).await?.ok_or_else(ApiError::broken)?
        }
    };
    says(c, stored.id, (by, words), &[], at).await?;
    let mut proposals = stored.proposals();
    let split = Some(Split { to_payee, to_payer });
    if by == stored.opener_id {
        proposals.payer = split
    } else {
        proposals.payee = split
    }
    let mut stored = stored;
    stored.proposes(proposals);
    Ok(disputes::save(c, &stored, at).await?)
}

async fn happens(
    c: &mut Connection,
    (job, part): (&Job, &milestones::Milestone),
    what: &Do,
    at: Timestamp,
) -> Result<(), ApiError> {
    let (client, Some(artisan)) = (job.client_id, job.artisan_id) else { return Ok(()) };
    let (command, by, words) = match what {
        Fund => return pay_in(c, job, part, at).await,
        Submit(words) => (Command::Submit, artisan, *words),
        Release => (Command::Release(None), client, ""),
        Refund(minor) => (Command::Refund(Some(*minor)), artisan, ""),
        Dispute(words, ..) => (Command::Dispute, client, *words),
        Answer(words, to_payee, to_payer) => {
            let id = part.escrow_id.map(EscrowId).ok_or_else(ApiError::broken)?;
            return dispute(c, (id, artisan), (words, *to_payee, *to_payer), at).await;
        }
    };
    let id = part.escrow_id.map(EscrowId).ok_or_else(ApiError::broken)?;
    let done = till::act(c, id, &command, (By::Person(by, false), None), at).await?;
    let said = Said { words: words.to_owned(), ..Said::default() };
    note(c, command.act(), &done, Some(by), &said).await?;
    match what {
        Dispute(words, to_payee, to_payer) => dispute(c, (id, by), (words, *to_payee, *to_payer), at).await,
        _ => Ok(()),
    }
}

async fn bank_account(
    c: &mut Connection,
    app: &App,
    user: UserId,
    number: &str,
    at: Timestamp,
) -> Result<(), ApiError> {
    let person = people::get(c, user).await?.ok_or_else(ApiError::broken)?;
    let key = new_secret(&*app.config.chance);
    let seal = |used_for: String, text: &str| app.vault.seal(&used_for, user.0, text.as_bytes(), &*app.config.chance);
    let new = payout_accounts::NewPayoutAccount {
        user,
        currency: "NGN".to_owned(),
        provider: SANDBOX,
        bank_code: BANK.0.to_owned(),
        bank_name: BANK.1.to_owned(),
        sealed_number: seal(number_for(&key), number),
        sealed_holder: seal(holder_for(&key), &person.name),
        key,
        tail: tail(number),
    };
    payout_accounts::put(c, &new, at).await?;
    let value = format!("{} {}", new.bank_name, new.tail);
    let (kind, state) = (Kind::PayoutAccount, State::Verified);
    let put = verifications::Put { user, kind, slot: "NGN", value: &value, state, reason: None };
    verifications::put(c, &put, at).await?;
    Ok(())
}

async fn pay_out(
    c: &mut Connection,
    user: UserId,
    amount: i64,
    currency: Currency,
    at: Timestamp,
) -> Result<(), ApiError> {
    let account = payout_accounts::current(c, user).await?.into_iter().find(|one| one.currency == currency.code());
    let reference = format!("demo-{}-{}", user.0, at.0);
    let new = payouts::New {
        user,
        amount,
        currency,
        provider: SANDBOX,
        account: account.map(|account| account.id),
        reference: &reference,
    };
    let id = till::ask_payout(c, &new, at).await?;
    for (act, by) in [
        (payout_rules::Act::Send, payout_rules::Role::System),
        (payout_rules::Act::Succeed, payout_rules::Role::Provider),
    ] {
        till::payout_act(c, id, (act, by, None), (0, None), at.plus_ms(MINUTE_MS)).await?;
    }
    Ok(())
}

/// Fills it in, in the order of time over all jobs and people: the books are written in that order.
///
/// # Errors
/// The database's.
pub async fn fill(c: &mut Connection, app: &App, now: Timestamp) -> Result<(), ApiError> {
    let at = |minutes: i64| now.plus_ms(-minutes * MINUTE_MS);
    let mut all = Vec::new();
    for id in 1..=JOBS_MAX {
        let Some(job) = jobs::get(c, id).await? else { break };
        all.push(job);
    }
    for (user, number) in ACCOUNTS {
        bank_account(c, app, UserId(*user), number, at(60 * DAY)).await?;
    }
    let mut paid_out = PAID_OUT.iter().peekable();
    let naira: Currency = "NGN".parse().map_err(|_| ApiError::broken())?;
    for (minutes, title, part, what) in ROWS {
        while let Some((ago, user, amount)) = paid_out.next_if(|(ago, ..)| ago > minutes) {
            pay_out(c, UserId(*user), *amount, naira, at(*ago)).await?;
        }
        let job = all.iter().find(|job| job.title == *title).ok_or_else(ApiError::broken)?;
        let parts = milestones::of_jobs(c, &[job.id]).await?;
        let part = parts.get(*part).ok_or_else(ApiError::broken)?;
        happens(c, (job, part), what, at(*minutes)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_stands_in_the_order_of_time() {
        assert!(ROWS.is_sorted_by_key(|(minutes, ..)| -minutes));
        assert!(PAID_OUT.is_sorted_by_key(|(minutes, ..)| -minutes));
    }
}
