//! Verifications (the process: `market::verification`).

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use guildhall_contract::{
    events::VERIFICATION_CHANGED,
    rest::{Data, Refusal},
    verifications::{Verification, VerificationAsk, VerificationAsked, VerificationChanged, VerificationConfirm},
};
use guildhall_db::{
    Committed, Connection, codes as stored_codes, deadlines, feed, mails, notifications::NewNotification, people,
    verifications,
};
use guildhall_market::{
    codes::{Carrier, Purpose},
    ids::UserId,
    phones::{Mobile, NUMBERS_PER_DAY_MAX, NotMobile, shown as as_people_read_it},
    time::{DAY_MS, Timestamp},
    verification::{Action, Kind, Role, State as Stands, StepRefusal, Then, deadline, step},
};
use guildhall_words::{DEFAULT, written_in};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    codes::{self, For},
    deadlines::{Done, Handler, carry_out_due},
    error::{ApiError, written},
    feature::{Feature, Life},
    notifications::notify,
    request::{Caller, Command},
};

/// What happens by itself to a verification, by its number.
const LAPSES: Handler =
    Handler { kind: "verification", carry_out: |c, _, deadline, now| lapse(c, deadline.subject, now) };

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    deadlines: &[LAPSES],
    life: Some(&LIFE),
    demo: Some(|_, c, now| Box::pin(demo(c, now))),
    ..Feature::named("verifications")
};

const LIFE: Life = Life {
    must_end: None,
    suspended: None,
    taken_back: Some(|c, user, since, now| {
        Box::pin(async move {
            let ended = end_since(c, (user, Kind::Phone), since, now).await?;
            Ok(feed::append(c, ended.map(|ended| ended.told).into_iter().collect(), now).await?)
        })
    }),
    erase: None,
    export: &[],
};

/// One that was ended.
pub struct Ended {
    /// As it stood.
    pub before: verifications::Verification,
    /// What the person's devices are told.
    pub told: feed::Entry,
}

/// Ends what was asked for or proved since a moment, in the name of somebody who took the account back: it is a thief's.
///
/// # Errors
/// The database's.
pub async fn end_since(
    c: &mut Connection,
    (user, kind): (UserId, Kind),
    since: Timestamp,
    now: Timestamp,
) -> Result<Option<Ended>, ApiError> {
    let stored = verifications::get(c, user, kind, "").await?.filter(|stored| stored.since_ms >= since.0);
    let begun = stored.filter(|stored| matches!(stored.state, Stands::Pending | Stands::Verified));
    let Some(before) = begun else { return Ok(None) };
    let state = step(kind, before.state, Action::Revoke, Role::System)?;
    let reason = written_in(DEFAULT).verification_taken_back();
    let put = verifications::Put { user, kind, slot: "", value: "", state, reason: Some(&reason) };
    let (_, told) = becomes(c, &put, now).await?;
    Ok(Some(Ended { before, told }))
}

/// The people of the demo have been here for a while: their addresses are proved.
async fn demo(c: &mut Connection, now: Timestamp) -> Result<(), ApiError> {
    for (_, _, email) in crate::demo::CAST {
        let Some((id, _)) = people::credentials(c, email).await? else { continue };
        let (user, kind, state) = (UserId(id), Kind::Email, Stands::Verified);
        let put = verifications::Put { user, kind, slot: "", value: email, state, reason: None };
        verifications::put(c, &put, now.plus_ms(-390 * DAY_MS)).await?;
    }
    Ok(())
}

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(ask)).routes(routes!(confirm))
}

impl From<StepRefusal> for ApiError {
    fn from(refusal: StepRefusal) -> Self {
        match refusal {
            StepRefusal::Forbidden => Self::forbidden("This is for somebody else to do."),
            StepRefusal::WrongState(state) => Self::new(
                StatusCode::CONFLICT,
                "wrong_state",
                format!("This cannot be done while the verification is {}.", state.code()),
            ),
        }
    }
}

/// Kinds of which there is one for each person, in the order in which they are listed.
const ONE_EACH: [Kind; 3] = [Kind::Email, Kind::Phone, Kind::Identity];

/// What is shown of a stored one.
pub fn shown(stored: &verifications::Verification) -> Verification {
    let until = deadline(stored.kind, stored.state).filter(|deadline| deadline.then != Then::Top);
    Verification {
        kind: stored.kind.code().into(),
        slot: stored.slot.clone(),
        value: Some(stored.value.clone()),
        state: stored.state.code().into(),
        reason: stored.reason.clone(),
        since: Some(Timestamp(stored.since_ms).into()),
        until: until.map(|deadline| Timestamp(stored.since_ms).plus_ms(deadline.after_ms).into()),
    }
}

/// One as it stands at `now`: a deadline that is over had its consequence, whether the runner came to it yet or not.
fn as_of(mut stored: verifications::Verification, now: Timestamp) -> verifications::Verification {
    if let Some(due) = deadline(stored.kind, stored.state)
        && let Then::Step(action) = due.then
        && now.since_ms(Timestamp(stored.since_ms)) >= due.after_ms
        && let Ok(state) = step(stored.kind, stored.state, action, Role::System)
    {
        stored.state = state;
        stored.since_ms += due.after_ms;
    }
    stored
}

/// What of oneself is verified, and what could be.
#[utoipa::path(get, path = "/api/verifications", tag = "verification",
    responses((status = 200, body = Data<Vec<Verification>>)))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Data<Vec<Verification>>>, ApiError> {
    let mut c = app.db.read().await?;
    let email = people::get(&mut c, caller.user).await?.ok_or_else(ApiError::not_found)?.email;
    let now = app.now();
    let stored: Vec<_> =
        verifications::list(&mut c, caller.user).await?.into_iter().map(|stored| as_of(stored, now)).collect();
    let single = ONE_EACH.iter().map(|kind| {
        stored.iter().find(|stored| stored.kind == *kind).map(shown).unwrap_or_else(|| Verification {
            kind: kind.code().into(),
            slot: String::new(),
            value: (*kind == Kind::Email).then(|| email.clone()),
            state: Stands::None.code().into(),
            reason: None,
            since: None,
            until: None,
        })
    });
    let several = stored.iter().filter(|stored| !ONE_EACH.contains(&stored.kind)).map(shown);
    Ok(Json(Data { data: single.chain(several).collect() }))
}

/// Keeps how a verification stands from now on, with its deadline, and tells its owner.
///
/// # Errors
/// The database's.
pub async fn becomes(
    c: &mut Connection,
    put: &verifications::Put<'_>,
    now: Timestamp,
) -> Result<(verifications::Verification, feed::Entry), ApiError> {
    let id = verifications::put(c, put, now).await?;
    match deadline(put.kind, put.state) {
        Some(due) => deadlines::set(c, LAPSES.kind, id, now.plus_ms(due.after_ms)).await?,
        None => drop(deadlines::clear(c, LAPSES.kind, id).await?),
    }
    let body = VerificationChanged { kind: put.kind.code().into(), state: put.state.code().into(), since: now.into() };
    let entry = feed::Entry::new(put.user, VERIFICATION_CHANGED, written(&body)?);
    let stored = verifications::by_id(c, id).await?.ok_or_else(ApiError::broken)?;
    Ok((stored, entry))
}

fn lapse(c: &mut Connection, id: i64, now: Timestamp) -> Done<'_> {
    Box::pin(async move {
        let Some(stored) = verifications::by_id(c, id).await? else { return Ok(Vec::new()) };
        let Some(Then::Step(action)) = deadline(stored.kind, stored.state).map(|due| due.then) else {
            return Ok(Vec::new());
        };
        let Ok(state) = step(stored.kind, stored.state, action, Role::System) else { return Ok(Vec::new()) };
        let verifications::Verification { user_id, kind, slot, value, .. } = stored;
        let put = verifications::Put { user: user_id, kind, slot: &slot, value: &value, state, reason: None };
        let (_, entry) = becomes(c, &put, now).await?;
        Ok(feed::append(c, vec![entry], now).await?)
    })
}

/// What a kind's codes are for. Kinds without codes are proved in other ways.
fn purpose_of(kind: Kind) -> Result<Purpose, ApiError> {
    match kind {
        Kind::Email => Ok(Purpose::Email),
        Kind::Phone => Ok(Purpose::Phone),
        Kind::Identity | Kind::PayoutAccount | Kind::Domain => Err(ApiError::not_found()),
    }
}

fn kind_of(word: &str) -> Result<Kind, ApiError> {
    Kind::from_code(word).ok_or_else(ApiError::not_found)
}

/// Carries out what is due for a verification, and answers how it stands.
async fn settled(
    app: &App,
    user: UserId,
    kind: Kind,
    arrived: Timestamp,
) -> Result<Option<verifications::Verification>, ApiError> {
    let stored = verifications::get(&mut app.db.read().await?, user, kind, "").await?;
    let Some(stored) = stored else { return Ok(None) };
    carry_out_due(app, FEATURE.deadlines, stored.id, arrived).await?;
    Ok(verifications::get(&mut app.db.read().await?, user, kind, "").await?)
}

/// What is to be proved: what was typed, else what is being proved already.
fn wanted(
    app: &App,
    kind: Kind,
    typed: Option<&str>,
    email: &str,
    stored: Option<&verifications::Verification>,
) -> Result<String, ApiError> {
    match (kind, typed) {
        (Kind::Phone, Some(typed)) => {
            let number = Mobile::typed(typed, app.config.phone_region).map_err(|refusal| match refusal {
                NotMobile::NoNumber => ApiError::field("not_a_phone", "value", refusal.to_string()),
                NotMobile::NotMobile => ApiError::field("not_mobile", "value", refusal.to_string()),
            })?;
            Ok(number.e164().to_owned())
        }
        (Kind::Phone, None) => match stored.filter(|stored| stored.state == Stands::Pending) {
            Some(stored) => Ok(stored.value.clone()),
            None => Err(ApiError::field("not_a_phone", "value", NotMobile::NoNumber.to_string())),
        },
        _ => Ok(email.to_owned()),
    }
}

/// Whether this person may have a code sent to one more number today.
async fn number_within_budget(c: &mut Connection, user: UserId, number: &str, now: Timestamp) -> Result<(), ApiError> {
    // Of many asked for at once each sees those before it.
    people::hold(c, user).await?;
    let today = mails::addresses_since(c, user, Carrier::Phone, now.plus_ms(-DAY_MS)).await?;
    if today.len() >= NUMBERS_PER_DAY_MAX && !today.iter().any(|other| other == number) {
        let words =
            format!("Codes were sent to {NUMBERS_PER_DAY_MAX} numbers within a day. Wait a day, or use one of those.");
        return Err(ApiError::too_many("too_many_numbers", words, DAY_MS));
    }
    Ok(())
}

/// A phone is one person's: who proved it before, loses that, and is told.
async fn taken_from_others(
    c: &mut Connection,
    user: UserId,
    number: &str,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    // Of two who prove the same number at the same moment the second sees the first.
    stored_codes::hold(c, Purpose::Phone, number, now).await?;
    let words = written_in(DEFAULT);
    let mut entries = Vec::new();
    for other in verifications::of_others(c, user, Kind::Phone, number).await? {
        let Ok(state) = step(other.kind, other.state, Action::Expire, Role::System) else { continue };
        let reason = words.verification_phone_moved();
        let (of, slot, value) = (other.user_id, &*other.slot, &*other.value);
        let put = verifications::Put { user: of, kind: other.kind, slot, value, state, reason: Some(&reason) };
        let (stored, entry) = becomes(c, &put, now).await?;
        entries.push(entry);
        let title = words.verification_phone_moved_notice();
        let body = words.verification_phone_moved_line(&as_people_read_it(number));
        let new = NewNotification {
            user: of,
            kind: "verification.expired",
            subject: &format!("verification:{}", stored.id),
            version: now.0,
            title: &title,
            body: &body,
            data: &written(&serde_json::json!({ "kind": other.kind.code() }))?,
        };
        entries.extend(notify(c, &new, now).await?);
    }
    Ok(entries)
}

fn state_of(stored: Option<&verifications::Verification>) -> Stands {
    stored.map_or(Stands::None, |stored| stored.state)
}

/// Asks for a verification, or for its code once more: the same code comes again, and lives as long as a new one.
#[utoipa::path(post, path = "/api/verifications/{kind}", tag = "verification", params(("kind" = String, Path)),
    request_body = VerificationAsk,
    responses((status = 200, body = Data<VerificationAsked>), (status = 404, body = Refusal), (status = 409, body = Refusal),
        (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn ask(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    Path(kind): Path<String>,
    command: Command<VerificationAsk>,
) -> Result<Response, ApiError> {
    let kind = kind_of(&kind)?;
    let purpose = purpose_of(kind)?;
    let user = caller.user;
    settled(&app, user, kind, command.once.arrived()).await?;
    let (shared, typed) = (app.clone(), command.body.value);
    let answer = app
        .command(caller.session(), command.once, StatusCode::OK, move |c, now| {
            Box::pin(async move {
                let person = people::get(c, user).await?.ok_or_else(ApiError::not_found)?;
                let stored = verifications::get(c, user, kind, "").await?;
                let state = step(kind, state_of(stored.as_ref()), Action::Ask, Role::Owner)?;
                let value = wanted(&shared, kind, typed.as_deref(), &person.email, stored.as_ref())?;
                // What is proved already stays so: nothing is gained by asking.
                if stored.is_some_and(|stored| stored.state == Stands::Verified && stored.value == value) {
                    return Err(StepRefusal::WrongState(Stands::Verified).into());
                }
                if kind == Kind::Phone {
                    number_within_budget(c, user, &value, now).await?;
                }
                let to = For { purpose, address: value, user: Some(user) };
                let sent = codes::send(&shared, c, &to, address.source(), now).await?;
                let put = verifications::Put { user, kind, slot: "", value: &to.address, state, reason: None };
                let (stored, entry) = becomes(c, &put, now).await?;
                let events = feed::append(c, vec![entry.except(caller.socket.as_deref())], now).await?;
                let by = shared.told_by(purpose.carrier());
                let data = VerificationAsked {
                    verification: shown(&stored),
                    by: by.into(),
                    expires_at: sent.expires_at.into(),
                    again_at: sent.again_at.into(),
                    code: (by == "app").then(|| sent.code.to_string()),
                };
                Ok(Committed { value: Data { data }, events })
            })
        })
        .await?;
    app.mailroom.wake();
    Ok(answer)
}

/// Gives the code.
#[utoipa::path(post, path = "/api/verifications/{kind}/confirm", tag = "verification", params(("kind" = String, Path)),
    request_body = VerificationConfirm,
    responses((status = 200, body = Data<Verification>), (status = 404, body = Refusal), (status = 409, body = Refusal),
        (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn confirm(
    State(app): State<App>,
    caller: Caller,
    Path(kind): Path<String>,
    command: Command<VerificationConfirm>,
) -> Result<Response, ApiError> {
    let (whole, actor, once) = (app.clone(), caller.user, command.once.clone());
    let work = async move {
        let kind = kind_of(&kind)?;
        let purpose = purpose_of(kind)?;

        let (user, arrived) = (caller.user, command.once.arrived());
        let stored = settled(&app, user, kind, arrived).await?;
        step(kind, state_of(stored.as_ref()), Action::Confirm, Role::Owner)?;
        let value = stored.ok_or_else(ApiError::not_found)?.value;
        let to = For { purpose, address: value, user: Some(user) };
        // Whoever shows the account's own token is no stranger to it.
        let proof = codes::attempt(&app, &to, &command.body.code, false, arrived).await?;
        app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
            Box::pin(async move {
                codes::use_up(c, &proof).await?;
                let stored = verifications::get(c, user, kind, "").await?;
                let state = step(kind, state_of(stored.as_ref()), Action::Confirm, Role::Owner)?;
                // Another one may have been asked for in its place meanwhile.
                if stored.is_none_or(|stored| stored.value != to.address) {
                    return Err(StepRefusal::WrongState(Stands::Pending).into());
                }
                let put = verifications::Put { user, kind, slot: "", value: &to.address, state, reason: None };
                let (stored, entry) = becomes(c, &put, now).await?;
                let mut entries = vec![entry.except(caller.socket.as_deref())];
                if kind == Kind::Phone {
                    entries.extend(taken_from_others(c, user, &to.address, now).await?);
                }
                let events = feed::append(c, entries, now).await?;
                Ok(Committed { value: Data { data: shown(&stored) }, events })
            })
        })
        .await
    };
    whole.once(actor, &once, work).await
}

#[cfg(test)]
mod tests {
    use guildhall_market::{
        money::amounts::{Currency, spoken},
        verification::BIDS_BY_PHONE,
    };
    use guildhall_words::{DEFAULT, written_in};

    #[test]
    fn what_a_phone_opens_is_said_as_the_rules_have_it() {
        let said = written_in(DEFAULT).verification_opens_phone();
        for (code, minor) in BIDS_BY_PHONE {
            let currency: Currency = code.parse().expect("a currency");
            assert!(said.contains(&spoken(*minor, currency)), "{said}");
        }
    }
}
