//! Payments as somebody may see them.

use guildhall_contract::{
    amounts::Major,
    payments::{Payment, PaymentAttempt, PaymentPosting, PaymentStep},
};
use guildhall_db::{
    Connection, charges, escrow_steps,
    escrows::{self, Kept},
    jobs::{self, milestones},
    ledger, people,
};
use guildhall_market::{
    ids::UserId,
    money::{
        amounts::{fee, major},
        book::{Account, Entry, Letter},
        escrow_steps::{Act, Role, step},
        escrows::Escrow,
    },
    time::Timestamp,
};

use serde_json::{Value, json};

use super::words::WORDS;
use crate::{
    app::App,
    error::ApiError,
    jobs::{held::clock, shown::party},
    render,
};

/// Payments of one page of what somebody takes along.
const EXPORTED: i64 = 100;

/// An account as the two of a payment and administrators read it: what is whose is said, and no number of anybody's.
fn account(account: &Account, escrow: &Escrow) -> String {
    match account {
        Account::User(user) if *user == escrow.terms.payer => "payer".to_owned(),
        Account::User(user) if *user == escrow.terms.payee => "payee".to_owned(),
        Account::Escrow(_) => "escrow".to_owned(),
        other => other.to_string(),
    }
}

/// A movement that is not posted.
pub fn posting(entry: &Entry, escrow: &Escrow) -> PaymentPosting {
    PaymentPosting {
        seq: None,
        letter: entry.letter.code().to_owned(),
        debit: account(&entry.debit, escrow),
        credit: account(&entry.credit, escrow),
        amount_minor: entry.amount,
        hash: None,
        at: None,
    }
}

fn posted(kept: &ledger::Kept, escrow: &Escrow) -> PaymentPosting {
    let ledger::Kept { standing, hash } = kept;
    PaymentPosting {
        seq: Some(standing.seq),
        hash: Some(hash.to_string()),
        at: Some(standing.at.into()),
        ..posting(&standing.entry, escrow)
    }
}

/// What somebody may do now, by the words of the commands.
fn may(escrow: &Escrow, who: UserId, role: Role) -> Vec<String> {
    let waits = |act: Act| escrow.frozen && matches!(act, Act::Release | Act::Refund);
    let can = |act: Act| step(act, role, escrow.stage).is_ok() && !waits(act);
    let mut may: Vec<String> = Vec::new();
    if who == escrow.terms.payer && can(Act::FundFromBalance) {
        may.push("pay".into());
    }
    if can(Act::Dispute) {
        may.push("dispute".into());
    }
    may.extend(WORDS.iter().filter(|(_, act)| can(*act)).map(|(word, _)| (*word).to_owned()));
    may
}

/// Several payments of milestones as somebody sees them, without their histories.
///
/// # Errors
/// The database's.
pub async fn many(c: &mut Connection, (who, admin): (UserId, bool), all: &[Kept]) -> Result<Vec<Payment>, ApiError> {
    let parts = milestones::get_many(c, &all.iter().map(|kept| kept.subject.id).collect::<Vec<i64>>()).await?;
    let mut people: Vec<UserId> =
        all.iter().flat_map(|kept| [kept.escrow.terms.payer, kept.escrow.terms.payee]).collect();
    people.sort_unstable();
    people.dedup();
    let users = people::get_many(c, &people).await?;
    let jobs = jobs::get_many(c, &parts.iter().map(|part| part.job_id).collect::<Vec<i64>>()).await?;
    let paid = charges::of_escrows(c, &all.iter().map(|kept| kept.escrow.terms.id).collect::<Vec<_>>()).await?;
    let one = |kept: &Kept| {
        let Kept { escrow, subject, opened_at, version } = kept;
        let terms = &escrow.terms;
        let part = parts.iter().find(|part| part.id == subject.id)?;
        let job = jobs.iter().find(|job| job.id == part.job_id)?;
        let attempts = paid.iter().filter(|charge| charge.escrow_id == terms.id && who == terms.payer);
        Some(Payment {
            id: terms.id.0,
            job_id: job.id,
            job_title: job.title.clone(),
            milestone_id: part.id,
            title: part.title.clone(),
            state: escrow.stage.state().to_owned(),
            label: escrow.label().to_owned(),
            stage: escrow.stage.code().to_owned(),
            clock: clock(escrow),
            payer: party(&users, terms.payer),
            payee: party(&users, terms.payee),
            amount: Major(major(terms.price, terms.currency)),
            amount_minor: terms.price,
            currency: terms.currency.code().to_owned(),
            held_minor: escrow.held,
            released_minor: escrow.released,
            fee_minor: fee(escrow.released, terms.fee_bps),
            fee_bps: terms.fee_bps,
            refunded_minor: escrow.refunded,
            charged_back_minor: escrow.charged_back(),
            frozen: escrow.frozen,
            attempts: attempts
                .map(|charge| PaymentAttempt {
                    reference: charge.reference.clone(),
                    provider: charge.provider.clone(),
                    state: charge.state.clone(),
                    checkout: Some(charge.checkout.clone()).filter(|_| charge.state == "pending"),
                    reason: charge.reason.clone(),
                    at: render::time(charge.made_at_ms),
                })
                .collect(),
            steps: Vec::new(),
            postings: Vec::new(),
            may: may(escrow, who, escrow.role_of(who, admin)),
            version: *version,
            opened_at: (*opened_at).into(),
            updated_at: render::time(escrow.last_at.0),
        })
    };
    Ok(all.iter().filter_map(one).collect())
}

/// One payment with its history and what moved.
///
/// # Errors
/// 404 where it is of no milestone; the database's.
pub async fn payment(
    c: &mut Connection,
    app: &App,
    (who, admin): (UserId, bool),
    kept: &Kept,
    now: Timestamp,
) -> Result<Payment, ApiError> {
    let mut shown = many(c, (who, admin), std::slice::from_ref(kept)).await?.pop().ok_or_else(ApiError::not_found)?;
    let (escrow, id) = (&kept.escrow, kept.escrow.terms.id);
    let steps = escrow_steps::of_escrows(c, &[id]).await?;
    let files = escrow_steps::files_of(c, id).await?;
    let mut people: Vec<UserId> = steps.iter().filter_map(|step| step.actor_id).collect();
    people.sort_unstable();
    people.dedup();
    let users = people::get_many(c, &people).await?;
    shown.steps = steps
        .iter()
        .map(|step| PaymentStep {
            act: step.act.clone(),
            by: step.actor_id.map(|actor| party(&users, actor)),
            amount_minor: step.amount,
            words: step.words.clone(),
            attachments: files
                .iter()
                .filter(|given| given.given_with == step.id)
                .map(|given| render::attachment(&given.clone().into(), &app.link_secret, who, now))
                .collect(),
            at: render::time(step.at_ms),
        })
        .collect();
    let entries = ledger::about(c, &format!("escrow:{id}")).await?;
    // What did not fit is between whoever sent it and whoever sends it back.
    let misfits: Vec<i64> = entries
        .iter()
        .filter(|kept| kept.standing.entry.letter == Letter::Suspense)
        .map(|kept| kept.standing.group)
        .collect();
    let sees = |kept: &&ledger::Kept| who != escrow.terms.payee || !misfits.contains(&kept.standing.group);
    shown.postings = entries.iter().filter(sees).map(|kept| posted(kept, escrow)).collect();
    Ok(shown)
}

/// Somebody's payments to take along, newest first. A place is the number of the last one; 0 is the beginning.
///
/// # Errors
/// The database's.
pub async fn exported(c: &mut Connection, user: UserId, after: i64) -> Result<(Vec<Value>, Option<i64>), ApiError> {
    let before = if after == 0 { i64::MAX } else { after };
    let page = escrows::of_party(c, user, before, EXPORTED).await?;
    let last = page.last().map(|kept| kept.escrow.terms.id.0);
    let mut rows = Vec::new();
    for payment in many(c, (user, false), &page).await? {
        let mut row = json!(payment);
        if let Some(fields) = row.as_object_mut() {
            // What could be done then, and pages that are closed by the time it is read.
            for field in ["may", "steps", "postings"] {
                fields.remove(field);
            }
        }
        rows.push(row);
    }
    Ok((rows, last))
}
