//! What an administrator says to everybody who is signed in: one at a time, told at once, and to whoever comes later.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    announcements::{Announcement, AnnouncementPut},
    events::SYSTEM_ANNOUNCED,
    rest::{Data, Refusal},
};
use guildhall_db::{Committed, Connection, Outgoing, announcements, audit::Act, deadlines};
use guildhall_market::{
    announcements::{AnnouncementRefusal, clean, stands},
    ids::UserId,
    permissions::SYSTEM_CHANNEL,
    time::Timestamp,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    audit::Administrator,
    deadlines::Handler,
    error::{ApiError, written},
    feature::Feature,
    request::{Caller, Command, Nothing},
};

/// The end of what was said, and its subject: one stands at a time.
const ENDS: &str = "announcement_ends";
const THE_ONE: i64 = 1;

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    deadlines: &[Handler { kind: ENDS, carry_out: |c, _, _, now| Box::pin(end(c, now)) }],
    ..Feature::named("announcements")
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_announcement)).routes(routes!(put_announcement, delete_announcement))
}

impl From<AnnouncementRefusal> for ApiError {
    fn from(refusal: AnnouncementRefusal) -> Self {
        match refusal {
            AnnouncementRefusal::Text(text) => Self::from(text).on_field("text"),
            AnnouncementRefusal::End => Self::invalid("until", refusal.to_string()),
        }
    }
}

/// Whoever asks, if an administrator.
fn for_administrators(caller: &Caller, address: ClientAddress) -> Result<Administrator, ApiError> {
    let refused = |_| ApiError::forbidden("Announcements are for administrators to make.");
    Administrator::of(caller, address).map_err(refused)
}

/// Notes who said it, or took it back.
async fn note(
    c: &mut Connection,
    administrator: &Administrator,
    said: &Announcement,
    now: Timestamp,
) -> Result<(), ApiError> {
    let (action, reason) = match &said.text {
        Some(text) => ("announcement.put", text.as_str()),
        None => ("announcement.delete", "Taken back"),
    };
    let detail = written(&serde_json::json!({ "until": said.until }))?;
    let subject = ("announcement", said.number);
    let act = Act { action, subject, about: &[], look: false, reason, detail: &detail };
    administrator.writes(c, &act, now).await
}

/// What stands now, if anything was ever said. Without words when nothing does.
#[utoipa::path(get, path = "/api/announcement", tag = "announcements", responses((status = 200, body = Data<Option<Announcement>>)))]
async fn get_announcement(State(app): State<App>, _: Caller) -> Result<Json<Data<Option<Announcement>>>, ApiError> {
    let mut c = app.db.read().await?;
    let last = announcements::last(&mut c).await?;
    let now = app.now();
    let data = last.map(|last| {
        let until = last.until_ms.map(Timestamp);
        Announcement {
            number: last.number,
            text: last.text.filter(|_| stands(until, now)),
            at: Timestamp(last.at_ms).into(),
            until: until.map(Into::into),
        }
    });
    Ok(Json(Data { data }))
}

/// Says something to everybody, in the place of what was said before. For administrators.
#[utoipa::path(put, path = "/api/admin/announcement", tag = "announcements", request_body = AnnouncementPut,
    responses((status = 200, body = Data<Announcement>), (status = 403, body = Refusal), (status = 422, body = Refusal)))]
async fn put_announcement(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    command: Command<AnnouncementPut>,
) -> Result<Response, ApiError> {
    let administrator = for_administrators(&caller, address)?;
    let (user, AnnouncementPut { text, until }) = (caller.user, command.body);
    let until = until.map(|until| until.0);
    app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let text = clean(&text, until, now)?;
            let said = say(c, user, Some(text), until, now).await?;
            note(c, &administrator, &said.value.data, now).await?;
            Ok(said)
        })
    })
    .await
}

/// Takes back what was said. For administrators.
#[utoipa::path(delete, path = "/api/admin/announcement", tag = "announcements",
    responses((status = 200, body = Data<Announcement>), (status = 403, body = Refusal)))]
async fn delete_announcement(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let administrator = for_administrators(&caller, address)?;
    let (user, Nothing {}) = (caller.user, command.body);
    app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let said = say(c, user, None, None, now).await?;
            note(c, &administrator, &said.value.data, now).await?;
            Ok(said)
        })
    })
    .await
}

async fn say(
    c: &mut Connection,
    by: UserId,
    text: Option<String>,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<Committed<Data<Announcement>>, ApiError> {
    match until {
        Some(until) => deadlines::set(c, ENDS, THE_ONE, until).await?,
        None => drop(deadlines::clear(c, ENDS, THE_ONE).await?),
    }
    let number = announcements::add(c, by, text.as_deref(), until, now).await?;
    let data = Announcement { number, text, at: now.into(), until: until.map(Into::into) };
    let event = Outgoing {
        channel: SYSTEM_CHANNEL.to_owned(),
        event: SYSTEM_ANNOUNCED.to_owned(),
        data: written(&data)?.into(),
        seq: None,
        except_socket: None,
    };
    Ok(Committed { value: Data { data }, events: vec![event] })
}

/// What stands is over: whoever sees it is told, whatever their own clock says.
async fn end(c: &mut Connection, now: Timestamp) -> Result<Vec<Outgoing>, ApiError> {
    let last = announcements::last(c).await?;
    match last.filter(|last| last.text.is_some() && !stands(last.until_ms.map(Timestamp), now)) {
        Some(last) => Ok(say(c, last.by_user, None, None, now).await?.events),
        None => Ok(Vec::new()),
    }
}
