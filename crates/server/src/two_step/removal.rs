//! Turning it off for somebody who lost both the app and the recovery codes: where there are several administrators, by two of them.

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    desk::DeskPerson,
    rest::{Data, Refusal},
    suspensions::ReasonBody,
};
use guildhall_db::{
    Committed, Connection, audit::Act, deadlines, feed, notifications::NewNotification, people, suspensions, two_steps,
};
use guildhall_market::{
    ids::UserId,
    time::Timestamp,
    two_step::{Action, Asked, REMOVAL_LIFE_MS, Removal, RemovalRefusal, removal, step},
    verification::Role,
};
use guildhall_words::{DEFAULT, written_in};

use super::{
    standing::{ASKED_IN_VAIN, DEADLINES, changed, off},
    told::{Told, tell},
};
use crate::{
    app::App,
    audit::{self, Administrator},
    deadlines::carry_out_due,
    desk,
    error::{ApiError, written},
    notifications::notify,
    request::{Command, PathId},
};

/// The type of the notice to administrators that one of them asks for it to be turned off.
const ASKED: &str = "account.two_step_asked";

impl From<RemovalRefusal> for ApiError {
    fn from(refusal: RemovalRefusal) -> Self {
        match refusal {
            RemovalRefusal::Own => Self::forbidden(refusal.to_string()),
            RemovalRefusal::AskedAlready | RemovalRefusal::NobodyElse => {
                Self::new(StatusCode::CONFLICT, "wrong_state", refusal.to_string())
            }
        }
    }
}

/// Tells the other administrators that one of them asks.
async fn tell_others(
    c: &mut Connection,
    administrator: &Administrator,
    others: &[UserId],
    person: &people::User,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    let by = people::get(c, administrator.user).await?.ok_or_else(ApiError::unauthenticated)?;
    let words = written_in(DEFAULT);
    let (title, body) =
        (words.two_step_notice_confirm(person.shown_name()), words.two_step_notice_confirm_line(by.shown_name()));
    let mut told = Vec::new();
    for user in others {
        let data = written(&serde_json::json!({ "user_id": person.id }))?;
        let new = NewNotification {
            user: *user,
            kind: ASKED,
            subject: &format!("two_step:{}:{}", person.id, now.0),
            version: 1,
            title: &title,
            body: &body,
            data: &data,
        };
        told.extend(notify(c, &new, now).await?);
    }
    Ok(told)
}

/// Turns it off for somebody who has neither the app nor a recovery code. Where there is another administrator, one asks and
/// another confirms by asking as well, within a day; the person is told both times. For administrators.
#[utoipa::path(post, path = "/api/admin/users/{id}/two-step/off", tag = "admin", params(("id" = i64, Path)), request_body = ReasonBody,
    responses((status = 200, body = Data<DeskPerson>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn remove(
    State(app): State<App>,
    administrator: Administrator,
    PathId(id): PathId<UserId>,
    command: Command<ReasonBody>,
) -> Result<Response, ApiError> {
    let reason = audit::reason(&command.body.reason)?;
    carry_out_due(&app, DEADLINES, id.0, command.once.arrived()).await?;
    let answer = app
        .command(administrator.session, command.once, StatusCode::OK, move |c, now| {
            Box::pin(async move {
                let administrators = suspensions::hold_administrators(c).await?;
                // Whoever shows a code at this moment ends what was asked.
                people::hold(c, id).await?;
                let person = people::get(c, id).await?.filter(|person| person.deleted_at_ms.is_none());
                let person = person.ok_or_else(ApiError::not_found)?;
                let stored = two_steps::get(c, id).await?;
                let state = stored.as_ref().map(|stored| stored.state).unwrap_or_default();
                let becomes = step(state, Action::Remove, Role::Admin)?.to;
                // Who asked and is none any more has no part in it.
                let asked = stored.and_then(|stored| stored.asked()).filter(|asked| administrators.contains(&asked.by));
                let others: Vec<UserId> =
                    administrators.into_iter().filter(|other| ![id, administrator.user].contains(other)).collect();
                let lately = suspensions::administrators_suspended_since(c, now.plus_ms(-REMOVAL_LIFE_MS)).await?;
                let kept_out = lately.into_iter().filter(|other| *other != id).count();
                let of = (id, person.role == guildhall_market::accounts::Role::Admin);
                let act = |action, detail| Act {
                    action,
                    subject: ("user", id.0),
                    about: std::slice::from_ref(&id),
                    look: false,
                    reason: &reason,
                    detail,
                };
                let told = match removal(of, administrator.user, others.len() + kept_out, asked, now)? {
                    Removal::Waits => {
                        two_steps::ask_removal(c, id, Some(Asked { by: administrator.user, at: now })).await?;
                        deadlines::set(c, ASKED_IN_VAIN.kind, id.0, now.plus_ms(REMOVAL_LIFE_MS)).await?;
                        administrator.writes(c, &act("user.two_step_ask", "{}"), now).await?;
                        let mut told = tell(c, &person, Told::Asked, &reason, now).await?;
                        told.extend(tell_others(c, &administrator, &others, &person, now).await?);
                        told
                    }
                    Removal::Done => {
                        let detail = written(&serde_json::json!({
                            "before": state.code(), "after": becomes.code(), "asked_by": asked.map(|asked| asked.by),
                        }))?;
                        administrator.writes(c, &act("user.two_step_off", &detail), now).await?;
                        off(c, id).await?;
                        let mut told = tell(c, &person, Told::Removed, &reason, now).await?;
                        told.push(changed(id, becomes, now)?);
                        told
                    }
                };
                let events = feed::append(c, told, now).await?;
                Ok(Committed { value: Data { data: desk::person(c, id).await? }, events })
            })
        })
        .await?;
    app.mailroom.wake();
    Ok(answer)
}
