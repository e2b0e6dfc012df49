//! Letters that somebody may do without: which they want, the letter that says that others wrote while they were away, and the link
//! in it by which anybody who reads it ends such letters, in one click and without signing in (RFC 8058).
//!
//! The link can do this one thing, for this one person and kind. Opening it only asks: programs that look through letters open
//! links, and must end nothing.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use guildhall_contract::{
    events::MAIL_PREFERENCE_CHANGED,
    mail_preferences::{MailPreference, MailPreferences},
    rest::{Data, Refusal},
};
use guildhall_db::{Committed, Connection, deadlines, feed, mail_preferences, mails, people, verifications};
use guildhall_market::{
    codes::Carrier,
    ids::UserId,
    mail_preferences::{AWAY_MS, Away, Kind, NAMES_MAX, OF_USE_MS, Then, about_unread},
    time::Timestamp,
};
use guildhall_words::{DEFAULT, Words, written_in};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    deadlines::{Done, Handler},
    error::{ApiError, written},
    feature::{Exported, Feature, Life},
    mail::{self, To, letters::Letter, unsubscribe},
    request::{Caller, Command, Query},
};

/// Somebody wrote to somebody who may be away, by the one who may be away.
const UNREAD: Handler =
    Handler { kind: "unread_letter", carry_out: |c, app, deadline, now| look(c, app, UserId(deadline.subject), now) };

/// What it brings to the server.
pub const FEATURE: Feature =
    Feature { routes: Some(routes), deadlines: &[UNREAD], life: Some(&LIFE), ..Feature::named("mail preferences") };

const LIFE: Life = Life {
    must_end: None,
    suspended: None,
    taken_back: None,
    erase: Some(|c, user, _| {
        Box::pin(async move {
            mail_preferences::clear(c, user).await?;
            deadlines::clear(c, UNREAD.kind, user.0).await?;
            Ok(Vec::new())
        })
    }),
    export: &[Exported {
        name: "mail_preferences",
        title: "Letters that you want",
        page: |c, user, _| {
            Box::pin(async move {
                let kinds = kinds(c, user).await?.into_iter();
                let rows = kinds.map(|one| serde_json::json!({ "kind": one.kind, "wanted": one.wanted }));
                Ok((rows.collect(), None))
            })
        },
    }],
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get, patch)).routes(routes!(ask, unsubscribe_at_once))
}

/// Whether such letters are written here: one that nobody could end is not.
fn sends(app: &App) -> bool {
    app.sends(Carrier::Mail) && app.config.public_host.is_some()
}

/// Somebody wrote to somebody: who may be away, and is looked at when they would have been for long enough. In the transaction of
/// the message.
///
/// # Errors
/// The database's.
pub async fn wrote(c: &mut Connection, app: &App, to: UserId, now: Timestamp) -> Result<(), ApiError> {
    if sends(app) {
        deadlines::set_first(c, UNREAD.kind, to.0, now.plus_ms(AWAY_MS)).await?;
    }
    Ok(())
}

fn look<'c>(c: &'c mut Connection, app: &'c App, user: UserId, now: Timestamp) -> Done<'c> {
    Box::pin(async move {
        let person = people::get(c, user).await?;
        let person = person.filter(|person| person.deleted_at_ms.is_none() && person.suspended_at_ms.is_none());
        let Some(person) = person.filter(|_| sends(app)) else { return Ok(Vec::new()) };
        // To an address that nobody proved one could be made to write however often one likes.
        if !mail_preferences::wants(c, user, Kind::UnreadMessages).await?
            || !verifications::standing(c, user).await?.email
        {
            return Ok(Vec::new());
        }
        let last = mail_preferences::last_letter(c, user).await?;
        let unread = mail_preferences::unread(c, user, last.map_or(0, |(_, up_to)| up_to)).await?;
        let away = Away {
            oldest_unread: unread.iter().map(|one| Timestamp(one.oldest_at_ms)).min(),
            online: app.hub.is_online(user),
            last_here: person.last_seen_at_ms.map(Timestamp),
            last_letter: last.map(|(at, _)| at),
        };
        match about_unread(&away, now) {
            Then::Nothing => {}
            Then::LookAgain(at) => deadlines::set(c, UNREAD.kind, user.0, at).await?,
            Then::Write => {
                let up_to = unread.iter().map(|one| one.newest).max().unwrap_or_default();
                mail_preferences::note_letter(c, user, up_to, now).await?;
                let letter = Letter::UnreadMessages {
                    name: person.name.clone(),
                    people: unread.iter().take(NAMES_MAX).map(|one| one.name.clone()).collect(),
                    others: i64::try_from(unread.len().saturating_sub(NAMES_MAX)).unwrap_or(0),
                    messages: unread.iter().map(|one| one.count).sum(),
                };
                let to = To { user: Some(user), address: &person.email };
                mail::queue(c, to, &letter, Some(now.plus_ms(OF_USE_MS)), now).await?;
            }
        }
        Ok(Vec::new())
    })
}

async fn kinds(c: &mut Connection, user: UserId) -> Result<Vec<MailPreference>, ApiError> {
    let mut found = Vec::with_capacity(Kind::ALL.len());
    for kind in Kind::ALL {
        let wanted = mail_preferences::wants(c, user, *kind).await?;
        found.push(MailPreference { kind: kind.code().into(), wanted });
    }
    Ok(found)
}

/// Which letters one wants that are about neither safety nor money.
#[utoipa::path(get, path = "/api/user/mail-preferences", tag = "accounts",
    responses((status = 200, body = Data<MailPreferences>)))]
async fn get(State(app): State<App>, caller: Caller) -> Result<Json<Data<MailPreferences>>, ApiError> {
    let kinds = kinds(&mut app.db.read().await?, caller.user).await?;
    Ok(Json(Data { data: MailPreferences { sends: sends(&app), kinds } }))
}

/// Keeps what somebody said of a kind. What waits to be sent of it goes.
async fn keep(
    c: &mut Connection,
    user: UserId,
    kind: Kind,
    wanted: bool,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    if mail_preferences::wants(c, user, kind).await? == wanted {
        return Ok(Vec::new());
    }
    mail_preferences::set(c, user, kind, wanted).await?;
    if !wanted && let Some(person) = people::get(c, user).await? {
        mails::take_back(c, Some(user), kind.code(), &person.email).await?;
    }
    let body = MailPreference { kind: kind.code().into(), wanted };
    tracing::debug!(at = now.0, %user, wanted, "letters of a kind");
    Ok(vec![feed::Entry::new(user, MAIL_PREFERENCE_CHANGED, written(&body)?)])
}

/// Says whether one wants letters of a kind.
#[utoipa::path(patch, path = "/api/user/mail-preferences", tag = "accounts", request_body = MailPreference,
    responses((status = 200, body = Data<MailPreferences>), (status = 422, body = Refusal)))]
async fn patch(State(app): State<App>, caller: Caller, command: Command<MailPreference>) -> Result<Response, ApiError> {
    let MailPreference { kind, wanted } = command.body;
    let kind = Kind::from_code(&kind)
        .ok_or_else(|| ApiError::invalid("kind", "There are no such letters. The kinds: unread_messages."))?;
    let shared = app.clone();
    app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let told = keep(c, caller.user, kind, wanted, now).await?;
            let told = told.into_iter().map(|entry| entry.except(caller.socket.as_deref())).collect();
            let events = feed::append(c, told, now).await?;
            let data = MailPreferences { sends: sends(&shared), kinds: kinds(c, caller.user).await? };
            Ok(Committed { value: Data { data }, events })
        })
    })
    .await
}

/// What stands in the link of a letter.
#[derive(Clone, Debug, Deserialize)]
struct Link {
    #[serde(default)]
    u: i64,
    #[serde(default)]
    k: String,
    #[serde(default)]
    s: String,
}

impl Link {
    /// Whom and what it is about, if it is one of ours.
    fn proven(&self, app: &App) -> Option<(UserId, Kind)> {
        let (user, kind) = (UserId(self.u), Kind::from_code(&self.k)?);
        unsubscribe::is_right(app, user, kind, &self.s).then_some((user, kind))
    }
}

fn page(status: StatusCode, title: &str, line: &str, button: Option<&str>) -> Response {
    let button = button.map_or_else(String::new, |words| {
        format!("<form method=\"post\"><button>{}</button></form>", mail::letters::escaped(words))
    });
    let (title, line) = (mail::letters::escaped(title), mail::letters::escaped(line));
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title><style>body{{font:16px/1.5 system-ui,sans-serif;\
         max-width:34em;margin:3em auto;padding:0 1em}}button{{font:inherit;padding:.5em 1em}}</style></head>\
         <body><main><h1>{title}</h1><p>{line}</p>{button}</main></body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, html).into_response()
}

fn words() -> &'static Words {
    written_in(DEFAULT)
}

fn not_ours() -> Response {
    page(StatusCode::NOT_FOUND, &words().mail_preferences_page_none(), &words().mail_preferences_page_none_line(), None)
}

/// Asks whether letters of a kind shall end, for whoever opens the link of one. Changes nothing.
#[utoipa::path(get, path = "/mail/unsubscribe", tag = "accounts",
    params(("u" = i64, Query), ("k" = String, Query), ("s" = String, Query)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, content_type = "text/html", body = String)))]
async fn ask(State(app): State<App>, Query(link): Query<Link>) -> Response {
    if link.proven(&app).is_none() {
        return not_ours();
    }
    let words = words();
    page(
        StatusCode::OK,
        &words.mail_preferences_page_title(&app.config.name),
        &words.mail_preferences_page_line(),
        Some(&words.mail_preferences_page_do()),
    )
}

/// Ends letters of a kind, for whoever has the link of one: a person who pressed the button, or their mail program (RFC 8058).
#[utoipa::path(post, path = "/mail/unsubscribe", tag = "accounts",
    params(("u" = i64, Query), ("k" = String, Query), ("s" = String, Query)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, content_type = "text/html", body = String)))]
async fn unsubscribe_at_once(State(app): State<App>, Query(link): Query<Link>) -> Result<Response, ApiError> {
    let Some((user, kind)) = link.proven(&app) else { return Ok(not_ours()) };
    let now = app.now();
    app.db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                // Who left has nothing to end.
                if people::get(c, user).await?.is_none_or(|person| person.deleted_at_ms.is_some()) {
                    return Ok(Committed::quiet(()));
                }
                let told = keep(c, user, kind, false, now).await?;
                Ok(Committed { value: (), events: feed::append(c, told, now).await? })
            })
        })
        .await?;
    let words = words();
    let (title, line) = (words.mail_preferences_page_done(), words.mail_preferences_page_done_line(&app.config.name));
    Ok(page(StatusCode::OK, &title, &line, None))
}
