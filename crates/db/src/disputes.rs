//! Disputes as they stand, and what the two sides say in them.

use guildhall_market::{
    ids::{AttachmentId, EscrowId, UserId},
    money::disputes::{Proposals, Split, State},
    time::Timestamp,
};

use crate::{
    Connection, DbError,
    attachments::{self, Given},
    sql::{Field, Of, Row, query, rows},
};

/// Disputes that are read at once, at most.
pub const PAGE_MAX: i64 = 101;
/// What a file is marked as that was shown in a dispute.
const SHOWN_AS: &str = "dispute";

impl Field for State {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "a state of a dispute"))
    }
}

rows! {
    /// A dispute as stored.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Dispute of disputes by id {
        /// Which.
        pub id: i64,
        /// About which escrow.
        pub escrow_id: EscrowId,
        /// Who began it.
        pub opener_id: UserId,
        /// Where it stands.
        pub state: State,
        /// Why it was begun.
        pub reason: String,
        /// What the payer proposes for the payee, minor units.
        pub payer_to_payee: Option<i64>,
        /// And for themselves.
        pub payer_to_payer: Option<i64>,
        /// What the payee proposes for themselves, minor units.
        pub payee_to_payee: Option<i64>,
        /// And for the payer.
        pub payee_to_payer: Option<i64>,
        /// How it ended, for the payee, minor units.
        pub ended_to_payee: Option<i64>,
        /// And for the payer.
        pub ended_to_payer: Option<i64>,
        /// Since when the other side has said nothing for too long.
        pub flagged_at_ms: Option<i64>,
        /// Which administrator looks at it.
        pub named_id: Option<UserId>,
        /// Why it was decided so.
        pub decision: Option<String>,
        /// Up to which message of the two it goes.
        pub messages_up_to: i64,
        /// Up to which version of what they agreed.
        pub terms_version: i64,
        /// When it was begun.
        pub opened_at_ms: i64,
        /// When it changed last.
        pub changed_at_ms: i64,
        /// Counts up with each change.
        pub version: i64,
    }
}

rows! {
    /// What somebody said.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Statement of dispute_statements by id {
        /// Ascending.
        pub id: i64,
        /// In which dispute.
        pub dispute_id: i64,
        /// Who.
        pub user_id: UserId,
        /// In their words.
        pub words: String,
        /// When.
        pub at_ms: i64,
    }
}

macro_rules! columns {
    () => {
        "id, escrow_id, opener_id, state, reason, payer_to_payee, payer_to_payer, payee_to_payee, payee_to_payer,
         ended_to_payee, ended_to_payer, flagged_at_ms, named_id, decision, messages_up_to, terms_version, opened_at_ms,
         changed_at_ms, version"
    };
}

impl Dispute {
    /// What each side proposes now.
    pub fn proposals(&self) -> Proposals {
        let split = |to_payee: Option<i64>, to_payer: Option<i64>| {
            to_payee.zip(to_payer).map(|(to_payee, to_payer)| Split { to_payee, to_payer })
        };
        Proposals {
            payer: split(self.payer_to_payee, self.payer_to_payer),
            payee: split(self.payee_to_payee, self.payee_to_payer),
        }
    }

    /// Takes over what each side proposes.
    pub fn proposes(&mut self, proposals: Proposals) {
        let parts = |split: Option<Split>| (split.map(|split| split.to_payee), split.map(|split| split.to_payer));
        (self.payer_to_payee, self.payer_to_payer) = parts(proposals.payer);
        (self.payee_to_payee, self.payee_to_payer) = parts(proposals.payee);
    }
}

/// A dispute that is begun.
#[derive(Clone, Debug)]
pub struct New<'a> {
    /// About which escrow.
    pub escrow: EscrowId,
    /// By whom.
    pub opener: UserId,
    /// Why.
    pub reason: &'a str,
    /// Up to which message of the two it goes.
    pub messages_up_to: i64,
    /// Up to which version of what they agreed.
    pub terms_version: i64,
}

/// Begins one. Whoever does holds the escrow.
///
/// # Errors
/// The database's.
pub async fn open(c: &mut Connection, new: &New<'_>, now: Timestamp) -> Result<i64, DbError> {
    query(
        "insert into disputes (escrow_id, opener_id, state, reason, messages_up_to, terms_version, opened_at_ms, changed_at_ms, version)
         values ($1, $2, 'open', $3, $4, $5, $6, $6, 1) returning id",
    )
    .bind(new.escrow.0)
    .bind(new.opener.0)
    .bind(new.reason)
    .bind(new.messages_up_to)
    .bind(new.terms_version)
    .bind(now.0)
    .fetch_one(c)
    .await
}

/// One, as it stands now.
///
/// # Errors
/// The database's.
pub async fn get(c: &mut Connection, id: i64) -> Result<Option<Dispute>, DbError> {
    query(concat!("select ", columns!(), " from disputes where id = $1")).bind(id).fetch_optional(c).await
}

/// The newest of an escrow.
///
/// # Errors
/// The database's.
pub async fn newest_of(c: &mut Connection, escrow: EscrowId) -> Result<Option<Dispute>, DbError> {
    query(concat!("select ", columns!(), " from disputes where escrow_id = $1 order by id desc limit 1"))
        .bind(escrow.0)
        .fetch_optional(c)
        .await
}

/// Those of which somebody is a side, below a number, newest first.
///
/// # Errors
/// The database's.
pub async fn of_party(c: &mut Connection, user: UserId, before: i64, limit: i64) -> Result<Vec<Dispute>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from disputes where id < $2
         and escrow_id in (select id from escrows where payer_id = $1 union select id from escrows where payee_id = $1)
         order by id desc limit $3"
    ))
    .bind(user.0)
    .bind(before)
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(c)
    .await
}

/// Those that are open, for administrators: first those that were waited for too long, then the oldest.
///
/// # Errors
/// The database's.
pub async fn open_ones(c: &mut Connection, limit: i64) -> Result<Vec<Dispute>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from disputes where state = 'open' order by case when flagged_at_ms is null then 1 else 0 end, flagged_at_ms, id limit $1"
    ))
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(c)
    .await
}

/// Writes one as it was decided; whoever does holds the escrow.
///
/// # Errors
/// [`DbError::Conflict`] where somebody else changed it meanwhile; the database's.
pub async fn save(c: &mut Connection, dispute: &Dispute, now: Timestamp) -> Result<(), DbError> {
    let done = query(
        "update disputes set state = $3, payer_to_payee = $4, payer_to_payer = $5, payee_to_payee = $6, payee_to_payer = $7,
           ended_to_payee = $8, ended_to_payer = $9, flagged_at_ms = $10, named_id = $11, decision = $12, changed_at_ms = $13,
           version = version + 1
         where id = $1 and version = $2",
    )
    .bind(dispute.id)
    .bind(dispute.version)
    .bind(dispute.state.code())
    .bind(dispute.payer_to_payee)
    .bind(dispute.payer_to_payer)
    .bind(dispute.payee_to_payee)
    .bind(dispute.payee_to_payer)
    .bind(dispute.ended_to_payee)
    .bind(dispute.ended_to_payer)
    .bind(dispute.flagged_at_ms)
    .bind(dispute.named_id.map(|named| named.0))
    .bind(&dispute.decision)
    .bind(now.0)
    .execute(c)
    .await?;
    if done == 1 { Ok(()) } else { Err(DbError::Conflict) }
}

/// Notes what somebody said. Answers with its number.
///
/// # Errors
/// The database's.
pub async fn say(c: &mut Connection, dispute: i64, user: UserId, words: &str, at: Timestamp) -> Result<i64, DbError> {
    query("insert into dispute_statements (dispute_id, user_id, words, at_ms) values ($1, $2, $3, $4) returning id")
        .bind(dispute)
        .bind(user.0)
        .bind(words)
        .bind(at.0)
        .fetch_one(c)
        .await
}

/// Gives an uploaded file of somebody to what they said. False when it is not theirs, or is used.
///
/// # Errors
/// The database's.
pub async fn show(
    c: &mut Connection,
    (id, owner): (AttachmentId, UserId),
    statement: i64,
    position: usize,
) -> Result<bool, DbError> {
    if !attachments::give(c, (id, owner), SHOWN_AS).await? {
        return Ok(false);
    }
    query("insert into dispute_files (attachment_id, statement_id, position) values ($1, $2, $3)")
        .bind(id.0)
        .bind(statement)
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .execute(c)
        .await?;
    Ok(true)
}

/// Everything that was said in one, in order.
///
/// # Errors
/// The database's.
pub async fn statements(c: &mut Connection, dispute: i64) -> Result<Vec<Statement>, DbError> {
    query("select id, dispute_id, user_id, words, at_ms from dispute_statements where dispute_id = $1 order by id")
        .bind(dispute)
        .fetch_all(c)
        .await
}

/// How often somebody said something in one.
///
/// # Errors
/// The database's.
pub async fn count_said(c: &mut Connection, dispute: i64, user: UserId) -> Result<i64, DbError> {
    query("select count(*) from dispute_statements where dispute_id = $1 and user_id = $2")
        .bind(dispute)
        .bind(user.0)
        .fetch_one(c)
        .await
}

/// The files that were shown in one, in order.
///
/// # Errors
/// The database's.
pub async fn files(c: &mut Connection, dispute: i64) -> Result<Vec<Given>, DbError> {
    query(
        "select a.id, a.owner_id, a.name, a.mime, a.size_bytes, a.sha256, f.statement_id as given_with
         from dispute_statements s join dispute_files f on f.statement_id = s.id join attachments a on a.id = f.attachment_id
         where s.dispute_id = $1 order by f.statement_id, f.position, a.id",
    )
    .bind(dispute)
    .fetch_all(c)
    .await
}
