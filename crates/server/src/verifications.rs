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
use guildhall_db::{Committed, Connection, deadlines, feed, people, verifications};
use guildhall_market::{
    codes::Purpose,
    ids::UserId,
    time::Timestamp,
    verification::{Action, Kind, Role, State as Stands, StepRefusal, Then, deadline, step},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    codes::{self, For},
    deadlines::{Done, Handler, carry_out_due},
    error::{ApiError, written},
    feature::Feature,
    request::{Caller, Command},
};

/// What happens by itself to a verification, by its number.
const LAPSES: Handler =
    Handler { kind: "verification", carry_out: |c, _, deadline, now| lapse(c, deadline.subject, now) };

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), deadlines: &[LAPSES], ..Feature::named("verifications") };

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
        Kind::Phone | Kind::Identity | Kind::PayoutAccount | Kind::Domain => Err(ApiError::not_found()),
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
    let shared = app.clone();
    let answer = app
        .command(user, command.once, StatusCode::OK, move |c, now| {
            Box::pin(async move {
                let person = people::get(c, user).await?.ok_or_else(ApiError::not_found)?;
                let stored = verifications::get(c, user, kind, "").await?;
                let state = step(kind, state_of(stored.as_ref()), Action::Ask, Role::Owner)?;
                let to = For { purpose, address: person.email.clone(), user: Some(user) };
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
    let kind = kind_of(&kind)?;
    let purpose = purpose_of(kind)?;
    let (user, arrived) = (caller.user, command.once.arrived());
    if let Some(answer) = command.once.answered(&app.db, user, app.kept_at(arrived)).await? {
        return Ok(answer);
    }
    let stored = settled(&app, user, kind, arrived).await?;
    step(kind, state_of(stored.as_ref()), Action::Confirm, Role::Owner)?;
    let value = stored.ok_or_else(ApiError::not_found)?.value;
    let to = For { purpose, address: value, user: Some(user) };
    // Whoever shows the account's own token is no stranger to it.
    let proof = codes::attempt(&app, &to, &command.body.code, false, arrived).await?;
    app.command(user, command.once, StatusCode::OK, move |c, now| {
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
            let events = feed::append(c, vec![entry.except(caller.socket.as_deref())], now).await?;
            Ok(Committed { value: Data { data: shown(&stored) }, events })
        })
    })
    .await
}
