//! What is said and done in a dispute: answers, proposals, the agreement of the two, the end by whoever began it, and an
//! administrator's decision.

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    disputes::{Dispute, DisputeCommand},
    rest::{Data, Refusal},
};
use guildhall_db::{Connection, Outgoing, deadlines, disputes as stored};
use guildhall_market::{
    jobs::posts::clean_reason,
    money::{
        disputes::{self as rules, Split, State as Stands},
        escrow_steps::{Act, Role},
        escrows::Command as Step,
    },
    time::{Timestamp, within_its_history},
};

use super::{
    said::{proposes, reason, says, split},
    shown::{found, told, whole},
    silence::SILENCE,
};
use crate::{
    app::App,
    deadlines::carry_out_due,
    error::ApiError,
    jobs::{bodies::refused, held::Said, paid::follow},
    money::till::{self, By},
    payments::{Taken, on_escrow},
    request::{Caller, Command},
};

/// Statements of one side in one dispute.
const SAID_MAX: i64 = 100;
/// What is done, by the words of addresses.
const WORDS: [&str; 6] = ["answer", "propose", "accept", "withdraw", "take", "resolve"];

/// Which dispute, and what in it.
pub struct Named(i64, String);

impl axum::extract::FromRequestParts<App> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, app: &App) -> Result<Self, ApiError> {
        type Texts = axum::extract::Path<(String, String)>;
        let texts = <Texts as axum::extract::FromRequestParts<App>>::from_request_parts(parts, app).await;
        let axum::extract::Path((id, word)) = texts.map_err(|_| ApiError::not_found())?;
        let id = guildhall_market::ids::parse_plain_decimal(&id).ok_or_else(ApiError::not_found)?;
        if WORDS.contains(&word.as_str()) { Ok(Self(id, word)) } else { Err(ApiError::not_found()) }
    }
}

/// A dispute under way, with what a command on it has in hand.
struct Hand {
    dispute: stored::Dispute,
    taken: Taken,
    caller: Caller,
    now: Timestamp,
    arrived: Timestamp,
}

impl Hand {
    /// Divides what is held, and ends the dispute.
    async fn divide(
        mut self,
        c: &mut Connection,
        split: Split,
        (by, decision): (By, Option<String>),
    ) -> Result<Vec<Outgoing>, ApiError> {
        let Taken { kept, job, role } = self.taken;
        let step = Step::Resolve { to_payee: split.to_payee, to_payer: split.to_payer };
        let done = till::act(c, kept.escrow.terms.id, &step, (by, None), self.arrived).await?;
        self.dispute.state = Stands::Resolved;
        (self.dispute.ended_to_payee, self.dispute.ended_to_payer) = (Some(split.to_payee), Some(split.to_payer));
        let words = decision.clone().unwrap_or_default();
        self.dispute.decision = decision;
        if role == Role::Admin {
            self.dispute.named_id = Some(self.caller.user);
        }
        deadlines::clear(c, SILENCE.kind, self.dispute.id).await?;
        stored::save(c, &self.dispute, self.now).await?;
        let said = Said { words, socket: self.caller.socket.clone(), admin: role == Role::Admin, ..Said::default() };
        let mut events = follow(c, job, (Act::Resolve, &done), Some(self.caller.user), said, self.arrived).await?;
        events.extend(told(c, &self.dispute, self.now).await?);
        Ok(events)
    }

    /// Ends it, as whoever began it asks.
    async fn withdraw(mut self, c: &mut Connection) -> Result<Vec<Outgoing>, ApiError> {
        let Taken { kept, job, .. } = self.taken;
        let (user, id) = (self.caller.user, kept.escrow.terms.id);
        let done = till::act(c, id, &Step::WithdrawDispute, (By::Person(user, false), None), self.arrived).await?;
        self.dispute.state = Stands::Withdrawn;
        deadlines::clear(c, SILENCE.kind, self.dispute.id).await?;
        stored::save(c, &self.dispute, self.now).await?;
        let said = Said { socket: self.caller.socket.clone(), ..Said::default() };
        let mut events = follow(c, job, (Act::WithdrawDispute, &done), Some(user), said, self.arrived).await?;
        events.extend(told(c, &self.dispute, self.now).await?);
        Ok(events)
    }

    async fn keep(self, c: &mut Connection) -> Result<Vec<Outgoing>, ApiError> {
        stored::save(c, &self.dispute, self.now).await?;
        told(c, &self.dispute, self.now).await
    }

    async fn carry_out(
        mut self,
        c: &mut Connection,
        word: &str,
        body: &DisputeCommand,
    ) -> Result<Vec<Outgoing>, ApiError> {
        let (role, held, user) = (self.taken.role, self.taken.kept.escrow.held, self.caller.user);
        let side = matches!(role, Role::Payer | Role::Payee);
        let for_sides = || ApiError::forbidden("This is for the two sides of the dispute.");
        match word {
            "answer" | "propose" | "accept" if !side => Err(for_sides()),
            "answer" => {
                let words = clean_reason(body.reason.as_deref().unwrap_or_default());
                let words = words.map_err(|wrong| refused("reason", &wrong))?;
                if stored::count_said(c, self.dispute.id, user).await? >= SAID_MAX {
                    let words = format!("One says something {SAID_MAX} times at most in a dispute.");
                    return Err(ApiError::field("too_many", "reason", words));
                }
                says(c, self.dispute.id, (user, &words), &body.attachments, self.now).await?;
                // Whoever is waited for has answered.
                if user != self.dispute.opener_id {
                    deadlines::clear(c, SILENCE.kind, self.dispute.id).await?;
                }
                self.keep(c).await
            }
            "propose" => {
                let split = split(body)?.ok_or_else(|| {
                    ApiError::field(
                        "bad_split",
                        "to_payee_minor",
                        "Say how it is divided: `to_payee_minor` and `to_payer_minor`.",
                    )
                })?;
                match proposes(&mut self.dispute, role, split, held)? {
                    Some(agreed) => self.divide(c, agreed, (By::Both(user), None)).await,
                    None => {
                        if user != self.dispute.opener_id {
                            deadlines::clear(c, SILENCE.kind, self.dispute.id).await?;
                        }
                        self.keep(c).await
                    }
                }
            }
            "accept" => {
                let seen = split(body)?.ok_or_else(|| {
                    ApiError::field(
                        "bad_split",
                        "to_payee_minor",
                        "Say which proposal you accept: `to_payee_minor` and `to_payer_minor`.",
                    )
                })?;
                let agreed = rules::accept(self.dispute.proposals(), role, seen, held)?;
                self.divide(c, agreed, (By::Both(user), None)).await
            }
            "withdraw" => self.withdraw(c).await,
            _ if role != Role::Admin => Err(ApiError::forbidden("This is for administrators who are no side of it.")),
            "take" => {
                self.dispute.named_id = Some(user);
                self.keep(c).await
            }
            _ => {
                let words = reason(body.reason.as_deref())?;
                let split = split(body)?.ok_or_else(|| {
                    ApiError::field(
                        "bad_split",
                        "to_payee_minor",
                        "Say how it is divided: `to_payee_minor` and `to_payer_minor`.",
                    )
                })?;
                self.divide(c, split, (By::Person(user, true), Some(words))).await
            }
        }
    }
}

/// Does something in a dispute: `answer` (words and files), `propose` a split in the place of one's own earlier one (the same as the
/// other's is an agreement), `accept` the other's as it was seen, `withdraw` it where one began it; for administrators `take` (it is
/// looked at) and `resolve` (with a reason that both read).
#[utoipa::path(post, path = "/api/disputes/{id}/{act}", tag = "disputes", params(("id" = i64, Path), ("act" = String, Path)),
    request_body = DisputeCommand,
    responses((status = 200, body = Data<Dispute>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn act(
    State(app): State<App>,
    caller: Caller,
    Named(id, word): Named,
    command: Command<DisputeCommand>,
) -> Result<Response, ApiError> {
    let (seen, _) = found(&mut app.db.read().await?, &caller, id).await?;
    carry_out_due(&app, &[SILENCE], id, command.once.arrived()).await?;
    let (body, shared, who) = (command.body, app.clone(), caller.clone());
    let asked = (seen.escrow_id.0, None, StatusCode::OK);
    on_escrow(&app, &caller, command.once, asked, move |c, taken, arrived| {
        Box::pin(async move {
            let dispute = stored::get(c, id).await?.ok_or_else(ApiError::not_found)?;
            let as_it_stands = |mut refusal: ApiError| {
                refusal.stands(dispute.state.code());
                refusal.stands_at(dispute.version);
                refusal
            };
            if dispute.state != Stands::Open {
                let words = format!("The dispute is {} already.", dispute.state.code());
                return Err(as_it_stands(ApiError::new(StatusCode::CONFLICT, "wrong_state", words)));
            }
            if body.version.is_some_and(|seen| seen != dispute.version) {
                let words = "It changed since you looked at it. Look at it as it is now, and decide then.";
                return Err(as_it_stands(ApiError::new(StatusCode::CONFLICT, "changed", words)));
            }
            let user = (who.user, who.admin);
            let now = within_its_history(Some(Timestamp(dispute.changed_at_ms)), arrived);
            let hand = Hand { dispute, taken, caller: who, now, arrived };
            let events = hand.carry_out(c, &word, &body).await?;
            Ok((whole(c, &shared, user, id, arrived).await?, events))
        })
    })
    .await
}
