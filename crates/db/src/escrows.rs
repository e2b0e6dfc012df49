//! Escrows as they stand: read to be decided about, and written as they were decided. Whoever decides holds the row first.

use guildhall_market::{
    ids::{EscrowId, UserId},
    money::{
        amounts::Currency,
        escrow_steps::Stage,
        escrows::{Clock, Escrow, Taken, Terms},
    },
    time::Timestamp,
};

use crate::{
    Connection, DbError,
    sql::{Field, Of, Row, query, query_built, rows},
};

impl Field for Stage {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "a stage of an escrow"))
    }
}

impl Field for Option<Stage> {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: Option<String> = row.named(name)?;
        word.map(|_| Stage::read(row, name, of)).transpose()
    }
}

rows! {
    struct Stored of escrows by id {
        id: EscrowId,
        payer_id: UserId,
        payee_id: UserId,
        price: i64,
        currency: Currency,
        fee_bps: i64,
        review_ms: i64,
        reply_ms: i64,
        subject_kind: String,
        subject_id: i64,
        stage: Stage,
        clock_until_ms: Option<i64>,
        clock_left_ms: Option<i64>,
        dispute_from: Option<Stage>,
        dispute_by_id: Option<UserId>,
        frozen: i64,
        held: i64,
        released: i64,
        refunded: i64,
        opened_at_ms: i64,
        last_at_ms: i64,
        version: i64,
    }
}

macro_rules! columns {
    () => {
        "id, payer_id, payee_id, price, currency, fee_bps, review_ms, reply_ms, subject_kind, subject_id, stage,
         clock_until_ms, clock_left_ms, dispute_from, dispute_by_id, frozen, held, released, refunded, opened_at_ms,
         last_at_ms, version"
    };
}

/// Escrows that are read at once, at most.
pub const PAGE_MAX: i64 = 101;

/// What an escrow is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct For {
    /// The word of a kind of thing: `milestone`.
    pub kind: String,
    /// Which.
    pub id: i64,
}

/// An escrow as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As it stands.
    pub escrow: Escrow,
    /// What it is for.
    pub subject: For,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// How often it was changed.
    pub version: i64,
}

/// Opens one, as it was decided; its number in the terms is not looked at. Answers with the number that it has.
///
/// # Errors
/// The database's.
pub async fn open(c: &mut Connection, escrow: &Escrow, subject: &For, now: Timestamp) -> Result<EscrowId, DbError> {
    let (until, left) = parts(escrow.clock);
    let terms = &escrow.terms;
    let id: i64 = query(
        "insert into escrows (payer_id, payee_id, price, currency, fee_bps, review_ms, reply_ms, subject_kind, subject_id, stage,
           clock_until_ms, clock_left_ms, frozen, held, released, refunded, opened_at_ms, last_at_ms, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 0, 0, $13, $13, 1) returning id",
    )
    .bind(terms.payer.0)
    .bind(terms.payee.0)
    .bind(terms.price)
    .bind(terms.currency.code())
    .bind(terms.fee_bps)
    .bind(terms.review_ms)
    .bind(terms.reply_ms)
    .bind(&subject.kind)
    .bind(subject.id)
    .bind(escrow.stage.code())
    .bind(until)
    .bind(left)
    .bind(now.0)
    .fetch_one(c)
    .await?;
    Ok(EscrowId(id))
}

fn parts(clock: Option<Clock>) -> (Option<i64>, Option<i64>) {
    match clock {
        Some(Clock::Until(at)) => (Some(at.0), None),
        Some(Clock::Stopped(left)) => (None, Some(left)),
        None => (None, None),
    }
}

/// An escrow by its number, as it stands now.
///
/// # Errors
/// The database's.
pub async fn get(c: &mut Connection, id: EscrowId) -> Result<Option<Kept>, DbError> {
    let stored = query(concat!("select ", columns!(), " from escrows where id = $1")).bind(id.0);
    let stored = stored.fetch_optional(c).await?;
    whole(c, stored).await
}

/// The same, held until the commit: commands on one escrow are taken one after another.
///
/// # Errors
/// The database's.
pub async fn hold(c: &mut Connection, id: EscrowId) -> Result<Option<Kept>, DbError> {
    if !c.shares_rows() {
        return get(c, id).await;
    }
    let stored = query(concat!("select ", columns!(), " from escrows where id = $1 for no key update")).bind(id.0);
    let stored = stored.fetch_optional(c).await?;
    whole(c, stored).await
}

/// Several by their numbers, in order, as they stand now.
///
/// # Errors
/// The database's.
pub async fn get_many(c: &mut Connection, ids: &[EscrowId]) -> Result<Vec<Kept>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = crate::list(ids.iter().map(|id| id.0));
    let stored: Vec<Stored> =
        query_built(format!("select {} from escrows where id in ({list}) order by id", columns!()))
            .fetch_all(&mut *c)
            .await?;
    all_of(c, stored).await
}

/// Escrows of which somebody is the payer or the payee, below a number, newest first.
///
/// # Errors
/// The database's.
pub async fn of_party(c: &mut Connection, user: UserId, before: i64, limit: i64) -> Result<Vec<Kept>, DbError> {
    // Two indexes, each read from its end.
    let stored: Vec<Stored> = query(concat!(
        "select ",
        columns!(),
        " from escrows where id in (
           select id from (select id from escrows where payer_id = $1 and id < $2 order by id desc limit $3) as paid
           union select id from (select id from escrows where payee_id = $1 and id < $2 order by id desc limit $3) as got
         ) order by id desc limit $3"
    ))
    .bind(user.0)
    .bind(before)
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(&mut *c)
    .await?;
    all_of(c, stored).await
}

/// The newest escrow for a thing.
///
/// # Errors
/// The database's.
pub async fn newest_for(c: &mut Connection, subject: &For) -> Result<Option<Kept>, DbError> {
    let stored = query(concat!(
        "select ",
        columns!(),
        " from escrows where subject_kind = $1 and subject_id = $2 order by id desc limit 1"
    ));
    let stored = stored.bind(&subject.kind).bind(subject.id).fetch_optional(c).await?;
    whole(c, stored).await
}

async fn whole(c: &mut Connection, stored: Option<Stored>) -> Result<Option<Kept>, DbError> {
    Ok(all_of(c, stored.into_iter().collect()).await?.pop())
}

rows! {
    struct Took of escrow_takings by id {
        escrow_id: EscrowId,
        reference: String,
        from_escrow: i64,
        from_payer: i64,
        from_losses: i64,
    }
}

async fn all_of(c: &mut Connection, stored: Vec<Stored>) -> Result<Vec<Kept>, DbError> {
    if stored.is_empty() {
        return Ok(Vec::new());
    }
    let mut taken: Vec<Took> = query_built(format!(
        "select id, escrow_id, reference, from_escrow, from_payer, from_losses from escrow_takings
         where escrow_id in ({}) and given_again_at_ms is null order by id",
        crate::list(stored.iter().map(|one| one.id.0))
    ))
    .fetch_all(c)
    .await?;
    Ok(stored
        .into_iter()
        .map(|one| {
            let its = taken.extract_if(.., |took| took.escrow_id == one.id).map(
                |Took { reference, from_escrow, from_payer, from_losses, .. }| Taken {
                    reference,
                    from_escrow,
                    from_payer,
                    from_losses,
                },
            );
            let its = its.collect();
            kept(one, its)
        })
        .collect())
}

fn kept(stored: Stored, taken: Vec<Taken>) -> Kept {
    let terms = Terms {
        id: stored.id,
        payer: stored.payer_id,
        payee: stored.payee_id,
        price: stored.price,
        currency: stored.currency,
        fee_bps: stored.fee_bps,
        review_ms: stored.review_ms,
        reply_ms: stored.reply_ms,
    };
    let clock = match (stored.clock_until_ms, stored.clock_left_ms) {
        (Some(until), _) => Some(Clock::Until(Timestamp(until))),
        (None, left) => left.map(Clock::Stopped),
    };
    let escrow = Escrow {
        terms,
        stage: stored.stage,
        clock,
        dispute: stored.dispute_from.zip(stored.dispute_by_id),
        frozen: stored.frozen != 0,
        held: stored.held,
        released: stored.released,
        refunded: stored.refunded,
        taken,
        last_at: Timestamp(stored.last_at_ms),
    };
    let subject = For { kind: stored.subject_kind, id: stored.subject_id };
    Kept { escrow, subject, opened_at: Timestamp(stored.opened_at_ms), version: stored.version }
}

/// Writes one that was held, as it was decided. Answers with its new version.
///
/// # Errors
/// [`DbError::Conflict`] where somebody else changed it meanwhile; the database's.
pub async fn save(c: &mut Connection, before: &Kept, after: &Escrow, now: Timestamp) -> Result<i64, DbError> {
    let (until, left) = parts(after.clock);
    let version: Option<i64> = query(
        "update escrows set stage = $3, clock_until_ms = $4, clock_left_ms = $5, dispute_from = $6, dispute_by_id = $7,
           frozen = $8, held = $9, released = $10, refunded = $11, last_at_ms = $12, version = version + 1
         where id = $1 and version = $2 returning version",
    )
    .bind(after.terms.id.0)
    .bind(before.version)
    .bind(after.stage.code())
    .bind(until)
    .bind(left)
    .bind(after.dispute.map(|(stage, _)| stage.code()))
    .bind(after.dispute.map(|(_, by)| by.0))
    .bind(i64::from(after.frozen))
    .bind(after.held)
    .bind(after.released)
    .bind(after.refunded)
    .bind(after.last_at.0)
    .fetch_optional(c)
    .await?;
    let version = version.ok_or(DbError::Conflict)?;
    let had = &before.escrow.taken;
    for gone in had.iter().filter(|taken| !after.taken.contains(taken)) {
        query(
            "update escrow_takings set given_again_at_ms = $3
             where escrow_id = $1 and reference = $2 and given_again_at_ms is null",
        )
        .bind(after.terms.id.0)
        .bind(&gone.reference)
        .bind(now.0)
        .execute(c)
        .await?;
    }
    for new in after.taken.iter().filter(|taken| !had.contains(taken)) {
        query(
            "insert into escrow_takings (escrow_id, reference, from_escrow, from_payer, from_losses)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(after.terms.id.0)
        .bind(&new.reference)
        .bind(new.from_escrow)
        .bind(new.from_payer)
        .bind(new.from_losses)
        .execute(c)
        .await?;
    }
    Ok(version)
}

rows! {
    struct Sum of escrows by held {
        currency: Currency,
        held: i64,
    }
}

/// What is held for somebody by escrows of which they are the payee, by currency, minor units.
///
/// # Errors
/// The database's.
pub async fn held_for(c: &mut Connection, payee: UserId) -> Result<Vec<(Currency, i64)>, DbError> {
    let rows: Vec<Sum> = query(
        "select currency, cast(sum(held) as bigint) as held from escrows where payee_id = $1 and held > 0
         group by currency order by currency",
    )
    .bind(payee.0)
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|sum| (sum.currency, sum.held)).collect())
}

/// What somebody paid into escrows that hold it still, by currency, minor units.
///
/// # Errors
/// The database's.
pub async fn held_of(c: &mut Connection, payer: UserId) -> Result<Vec<(Currency, i64)>, DbError> {
    let rows: Vec<Sum> = query(
        "select currency, cast(sum(held) as bigint) as held from escrows where payer_id = $1 and held > 0
         group by currency order by currency",
    )
    .bind(payer.0)
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|sum| (sum.currency, sum.held)).collect())
}
