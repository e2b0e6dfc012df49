//! Pages of people: what they say about themselves, their pictures, and finding people by it.

use axum::{
    Json,
    extract::{DefaultBodyLimit, Request, State},
    http::StatusCode,
    response::Response,
};
use guildhall_contract::{
    events::{PERSON_UPDATED, PROFILE_UPDATED},
    people::User,
    profiles::{FoundPeople, PersonUpdated, Profile, ProfilePatch, Review, Work, WorkPut, picture_address},
    rest::{Data, Refusal},
};
use guildhall_db::{
    Committed, Connection, Outgoing, attachments, conversations, feed, identity_papers, people, profiles, verifications,
};
use guildhall_market::{
    accounts,
    ids::{AttachmentId, UserId},
    names::same_words,
    profiles::{
        PeopleQuery, ProfileRefusal, ShownChanges, WorkKey, clean_languages, clean_place, clean_title, clean_trade,
        clean_words, may_add_work,
    },
    time::{DAY_MS, Timestamp},
    verification::{Action, Kind, Role, step},
};
use guildhall_words::{DEFAULT, written_in};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    attachments::{UPLOAD_BYTES_MAX, UploadForm, Use, remove_unused, take_in},
    demo,
    error::{ApiError, written},
    feature::{Exported, Feature, Life},
    payout_accounts,
    people::seen_by,
    render,
    request::{Caller, Command, Nothing, PathId, Query},
};

/// People in one answer.
const FOUND_MAX: i64 = 20;
/// What is looked at of what was typed, in characters.
const TYPED_MAX: usize = 100;

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    life: Some(&LIFE),
    routes: Some(routes),
    demo: Some(|app, c, now| Box::pin(demo::profiles::fill(app, c, now))),
    ..Feature::named("profiles")
};

const LIFE: Life = Life {
    must_end: None,
    suspended: None,
    taken_back: None,
    erase: Some(|c, user, _| {
        Box::pin(async move {
            profiles::forget(c, user).await?;
            // The files go with all that were never sent.
            Ok(Vec::new())
        })
    }),
    export: &[Exported {
        name: "profile",
        title: "What you say about yourself",
        page: |c, user, _| {
            Box::pin(async move {
                let page = serde_json::to_value(own_page(c, user).await?).map_err(|_| ApiError::broken())?;
                Ok((vec![page], None))
            })
        },
    }],
};

/// Takes away what somebody shows, as an administrator decided: the picture, or the words, the place and the pictures of work.
/// Their devices and others are told.
///
/// # Errors
/// The database's.
pub async fn hide(c: &mut Connection, user: UserId, picture: bool, now: Timestamp) -> Result<Vec<Outgoing>, ApiError> {
    if picture {
        profiles::set_avatar(c, user, None, None).await?;
    } else {
        let stored = people::get(c, user).await?.ok_or_else(ApiError::not_found)?;
        let profile = profiles::Profile { words: None, place: None, ..profiles::get(c, user).await? };
        profiles::set(c, user, (&stored.name, stored.craft.as_deref()), &profile, now).await?;
        for work in profiles::works(c, user).await? {
            if let Ok(key) = work.key.parse() {
                profiles::delete_work(c, user, &key).await?;
            }
        }
    }
    let page = own_page(c, user).await?;
    told(c, &page, picture, now).await
}

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(put_avatar))
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX))
        .routes(routes!(delete_avatar))
        .routes(routes!(find))
        .routes(routes!(get_one))
        .routes(routes!(patch))
        .routes(routes!(list_works))
        .routes(routes!(list_reviews))
        .routes(routes!(put_work, delete_work))
}

impl From<ProfileRefusal> for ApiError {
    fn from(refusal: ProfileRefusal) -> Self {
        match refusal {
            ProfileRefusal::Account(refusal) => refusal.into(),
            ProfileRefusal::Words(text) => Self::from(text).on_field("words"),
            ProfileRefusal::TooManyWorks => Self::new(StatusCode::CONFLICT, "too_many", refusal.to_string()),
            ProfileRefusal::TooOften => Self::too_many("too_often", refusal.to_string(), DAY_MS),
            _ => Self::invalid(refusal.field(), refusal.to_string()),
        }
    }
}

/// The page of somebody, as `user` says who they are.
async fn page_of(c: &mut Connection, user: User) -> Result<Profile, ApiError> {
    let stored = profiles::get(c, user.id).await?;
    let works = profiles::works(c, user.id).await?;
    let proved = verifications::standing(c, user.id).await?;
    let marks = [(user.verified, "identity"), (proved.email, "email"), (proved.phone, "phone")];
    let marks = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark.to_owned()).collect();
    let works =
        works.into_iter().map(|work| Work { key: work.key, title: work.title, attachment_id: work.attachment_id });
    let languages = stored.languages();
    let user = User { place: stored.place, ..user };
    Ok(Profile { user, words: stored.words, languages, marks, works: works.collect() })
}

/// One's own page.
async fn own_page(c: &mut Connection, user: UserId) -> Result<Profile, ApiError> {
    let stored = people::get(c, user).await?.ok_or_else(ApiError::unauthenticated)?;
    page_of(c, render::user(&stored)).await
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    trade: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    artisans: Option<String>,
    #[serde(default)]
    after: Option<String>,
}

/// Where a page begins, as it is handed out: the person and their place in the list.
fn after(text: &str) -> Option<profiles::After> {
    let (user, position) = text.split_once(':')?;
    let user = guildhall_market::ids::parse_plain_decimal(user).map(UserId)?;
    Some(profiles::After { position: position.to_owned(), user })
}

/// Finds people by words of their name, trade and place; the last word may be unfinished. Those whom the server vouches for come
/// first, then by name. At most 20; more come with `after` set to `next`.
#[utoipa::path(get, path = "/api/users", tag = "people",
    params(("q" = Option<String>, Query), ("trade" = Option<String>, Query), ("place" = Option<String>, Query),
        ("artisans" = Option<String>, Query, description = "`1`: only people with a trade"),
        ("after" = Option<String>, Query)),
    responses((status = 200, body = FoundPeople), (status = 422, body = Refusal)))]
async fn find(
    State(app): State<App>,
    caller: Caller,
    Query(search): Query<Search>,
) -> Result<Json<FoundPeople>, ApiError> {
    let typed = |text: &str| text.trim_start().chars().take(TYPED_MAX).collect::<String>();
    let artisans = search.artisans.as_deref() == Some("1");
    let wanted =
        PeopleQuery { q: typed(&search.q), trade: typed(&search.trade), place: typed(&search.place), artisans };
    let begin = search.after.as_deref().filter(|text| !text.is_empty()).map(|text| {
        after(text).ok_or_else(|| ApiError::invalid("after", "The field `after` must be `next` of an answer before."))
    });
    let begin = begin.transpose()?;
    let mut c = app.db.read().await?;
    let mut found = profiles::find(&mut c, &wanted, caller.user, begin.as_ref(), FOUND_MAX + 1).await?;
    let more = found.len() as i64 > FOUND_MAX;
    found.truncate(FOUND_MAX as usize);
    let next = found.last().filter(|_| more).map(|last| format!("{}:{}", last.after.user, last.after.position));
    let data = found.into_iter().map(|one| User { place: one.place, ..render::user(&one.user) });
    Ok(Json(FoundPeople { data: data.collect(), next }))
}

/// Somebody's page.
#[utoipa::path(get, path = "/api/users/{id}", tag = "people", params(("id" = i64, Path)),
    responses((status = 200, body = Data<Profile>), (status = 404, body = Refusal)))]
async fn get_one(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Result<Json<Data<Profile>>, ApiError> {
    let mut c = app.db.read().await?;
    let user = seen_by(&app, &mut c, caller.user, id).await?;
    Ok(Json(Data { data: page_of(&mut c, user).await? }))
}

/// Pictures of somebody's work, in their order.
#[utoipa::path(get, path = "/api/users/{id}/works", tag = "people", params(("id" = i64, Path)),
    responses((status = 200, body = Data<Vec<Work>>), (status = 404, body = Refusal)))]
async fn list_works(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Result<Json<Data<Vec<Work>>>, ApiError> {
    let mut c = app.db.read().await?;
    let user = seen_by(&app, &mut c, caller.user, id).await?;
    Ok(Json(Data { data: page_of(&mut c, user).await?.works }))
}

/// What others say about somebody's work. Empty until a job has ended.
#[utoipa::path(get, path = "/api/users/{id}/reviews", tag = "people", params(("id" = i64, Path)),
    responses((status = 200, body = Data<Vec<Review>>), (status = 404, body = Refusal)))]
async fn list_reviews(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Result<Json<Data<Vec<Review>>>, ApiError> {
    let mut c = app.db.read().await?;
    seen_by(&app, &mut c, caller.user, id).await?;
    Ok(Json(Data { data: crate::jobs::reviews_of(&mut c, id).await? }))
}

/// Tells one's own devices of the page as it is now, and everybody one writes with where what stands in their lists changed.
async fn told(c: &mut Connection, page: &Profile, to_others: bool, now: Timestamp) -> Result<Vec<Outgoing>, ApiError> {
    let user = &page.user;
    let mut entries = vec![feed::Entry::new(user.id, PROFILE_UPDATED, written(page)?)];
    if to_others {
        let body = PersonUpdated {
            id: user.id,
            name: user.name.clone(),
            avatar: user.avatar.clone(),
            craft: user.craft.clone(),
            verified: user.verified,
        };
        let body = written(&body)?;
        let others = conversations::partners(c, user.id).await?;
        entries.extend(others.into_iter().map(|other| feed::Entry::new(other, PERSON_UPDATED, body.clone())));
    }
    Ok(feed::append(c, entries, now).await?)
}

/// Tells everybody who shows it that the mark of who is verified changed.
///
/// # Errors
/// The database's.
pub async fn mark_changed(c: &mut Connection, user: UserId, now: Timestamp) -> Result<Vec<Outgoing>, ApiError> {
    let page = own_page(c, user).await?;
    told(c, &page, true, now).await
}

/// Changes what one says about oneself. Name and trade stand in other people's lists, and change at most 20 times a day.
#[utoipa::path(patch, path = "/api/user", tag = "accounts", request_body = ProfilePatch,
    responses((status = 200, body = Data<Profile>), (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn patch(State(app): State<App>, caller: Caller, command: Command<ProfilePatch>) -> Result<Response, ApiError> {
    let body = command.body;
    let name = body.name.as_deref().map(accounts::clean_name).transpose().map_err(ProfileRefusal::from)?;
    let trade = body.trade.as_deref().map(clean_trade).transpose()?;
    let place = body.place.as_deref().map(clean_place).transpose()?;
    let words = body.words.as_deref().map(clean_words).transpose()?;
    let languages = body.languages.as_deref().map(clean_languages).transpose()?;
    let (user, shared) = (caller.user, app.clone());
    app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            people::hold(c, user).await?;
            let before = people::get(c, user).await?.ok_or_else(ApiError::unauthenticated)?;
            let mut profile = profiles::get(c, user).await?;
            let name = name.unwrap_or_else(|| before.name.clone());
            let trade = trade.unwrap_or_else(|| before.craft.clone());
            let seen = (name != before.name) || (trade != before.craft);
            if seen {
                profile = counted(profile, now)?;
            }
            profile.words = words.unwrap_or(profile.words);
            profile.place = place.unwrap_or(profile.place);
            if let Some(languages) = &languages {
                profile = profile.speaking(languages);
            }
            profiles::set(c, user, (&name, trade.as_deref()), &profile, now).await?;
            let mut lost = Vec::new();
            if !same_words(&name, &before.name) {
                lost.extend(identity_lost(c, user, now).await?);
            }
            let mark_lost = !lost.is_empty();
            if name != before.name {
                lost.extend(payout_accounts::renamed(&shared, c, (user, &name), now).await?);
            }
            let data = own_page(c, user).await?;
            let mut events = told(c, &data, seen || mark_lost, now).await?;
            events.extend(feed::append(c, lost, now).await?);
            Ok(Committed { value: Data { data }, events })
        })
    })
    .await
}

/// Papers prove a name: with another one nobody's identity is verified, until the papers of that one were looked at.
async fn identity_lost(c: &mut Connection, user: UserId, now: Timestamp) -> Result<Vec<feed::Entry>, ApiError> {
    let stored = verifications::get(c, user, Kind::Identity, "").await?;
    let Some(stored) = stored else { return Ok(Vec::new()) };
    let Ok(state) = step(stored.kind, stored.state, Action::Expire, Role::System) else { return Ok(Vec::new()) };
    let reason = written_in(DEFAULT).verification_name_changed();
    let put =
        verifications::Put { user, kind: stored.kind, slot: "", value: &stored.value, state, reason: Some(&reason) };
    let (_, entry) = crate::verifications::becomes(c, &put, now).await?;
    identity_papers::mark(c, user, None).await?;
    Ok(vec![entry])
}

/// With one more change of what others see in their lists.
fn counted(profile: profiles::Profile, now: Timestamp) -> Result<profiles::Profile, ProfileRefusal> {
    let changes: ShownChanges = profile.changes().one_more(now)?;
    Ok(profile.changed(changes))
}

/// Sets or takes away one's own picture, counts that, and tells it.
async fn picture_set(
    c: &mut Connection,
    user: UserId,
    picture: Option<AttachmentId>,
    now: Timestamp,
) -> Result<(Committed<Data<Profile>>, Vec<String>), ApiError> {
    let before = people::get(c, user).await?.ok_or_else(ApiError::unauthenticated)?;
    let profile = counted(profiles::get(c, user).await?, now)?;
    profiles::set(c, user, (&before.name, before.craft.as_deref()), &profile, now).await?;
    if let Some(picture) = picture
        && !attachments::show(c, picture, user, "avatar").await?
    {
        return Err(ApiError::not_found());
    }
    let address = picture.map(picture_address);
    let gone = profiles::set_avatar(c, user, picture, address.as_deref()).await?;
    let data = own_page(c, user).await?;
    let events = told(c, &data, true, now).await?;
    Ok((Committed { value: Data { data }, events }, gone))
}

/// Hashes that a command left behind, which nobody has any more: their bytes go once the command is durable.
type Gone = std::sync::Arc<std::sync::Mutex<Vec<String>>>;

async fn swept(app: &App, gone: &Gone) {
    let hashes = std::mem::take(&mut *gone.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    remove_unused(app, hashes).await;
}

fn note(gone: &Gone, hashes: Vec<String>) {
    // A command that is tried again says it again.
    *gone.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = hashes;
}

/// Sets one's own picture: its middle is kept, square and small, without anything that was hidden in the file.
#[utoipa::path(put, path = "/api/user/avatar", tag = "accounts",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 200, body = Data<Profile>), (status = 413, body = Refusal), (status = 422, body = Refusal),
        (status = 429, body = Refusal)))]
async fn put_avatar(State(app): State<App>, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let user = caller.user;
    let gone = Gone::default();
    let noted = gone.clone();
    let answer = take_in(&app, caller.session(), request, (StatusCode::OK, Use::Portrait), move |c, id, now| {
        let noted = noted.clone();
        Box::pin(async move {
            let (done, hashes) = picture_set(c, user, Some(id), now).await?;
            note(&noted, hashes);
            Ok(done)
        })
    })
    .await?;
    swept(&app, &gone).await;
    Ok(answer)
}

/// Takes one's own picture away.
#[utoipa::path(delete, path = "/api/user/avatar", tag = "accounts",
    responses((status = 200, body = Data<Profile>), (status = 429, body = Refusal)))]
async fn delete_avatar(
    State(app): State<App>,
    caller: Caller,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let user = caller.user;
    let gone = Gone::default();
    let noted = gone.clone();
    let answer = app
        .command(caller.session(), command.once, StatusCode::OK, move |c, now| {
            Box::pin(async move {
                let (done, hashes) = picture_set(c, user, None, now).await?;
                note(&noted, hashes);
                Ok(done)
            })
        })
        .await?;
    swept(&app, &gone).await;
    Ok(answer)
}

/// Puts a picture of one's work onto one's page, or changes what stands under it and where it stands.
#[utoipa::path(put, path = "/api/user/works/{key}", tag = "accounts", params(("key" = String, Path)), request_body = WorkPut,
    responses((status = 200, body = Data<Profile>), (status = 404, body = Refusal), (status = 409, body = Refusal),
        (status = 422, body = Refusal)))]
async fn put_work(
    State(app): State<App>,
    caller: Caller,
    axum::extract::Path(key): axum::extract::Path<String>,
    command: Command<WorkPut>,
) -> Result<Response, ApiError> {
    let key: WorkKey = key.parse().map_err(ApiError::from)?;
    let title = clean_title(command.body.title.as_deref().unwrap_or_default())?;
    let (picture, position, user) = (command.body.attachment_id, command.body.position, caller.user);
    let gone = Gone::default();
    let noted = gone.clone();
    let answer = app
        .command(caller.session(), command.once, StatusCode::OK, move |c, now| {
            Box::pin(async move {
                may_add_work(profiles::count_other_works(c, user, &key).await?)?;
                let before = profiles::work(c, user, &key).await?;
                let picture = match (picture, before) {
                    (None, None) => return Err(ProfileRefusal::NoPicture.into()),
                    (None, Some(before)) => before,
                    (Some(picture), before) if Some(picture) == before => picture,
                    (Some(picture), _) => {
                        if !attachments::show(c, picture, user, "work").await? {
                            return Err(ApiError::from(ProfileRefusal::NoPicture).on_field("attachment_id"));
                        }
                        picture
                    }
                };
                let hashes = profiles::put_work(c, user, &key, (picture, title.as_deref(), position)).await?;
                note(&noted, hashes);
                let data = own_page(c, user).await?;
                let events = told(c, &data, false, now).await?;
                Ok(Committed { value: Data { data }, events })
            })
        })
        .await?;
    swept(&app, &gone).await;
    Ok(answer)
}

/// Takes a picture of one's work off one's page.
#[utoipa::path(delete, path = "/api/user/works/{key}", tag = "accounts", params(("key" = String, Path)),
    responses((status = 200, body = Data<Profile>), (status = 404, body = Refusal)))]
async fn delete_work(
    State(app): State<App>,
    caller: Caller,
    axum::extract::Path(key): axum::extract::Path<String>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let key: WorkKey = key.parse().map_err(|_| ApiError::not_found())?;
    let user = caller.user;
    let gone = Gone::default();
    let noted = gone.clone();
    let answer = app
        .command(caller.session(), command.once, StatusCode::OK, move |c, now| {
            Box::pin(async move {
                let hashes = profiles::delete_work(c, user, &key).await?.ok_or_else(ApiError::not_found)?;
                note(&noted, hashes);
                let data = own_page(c, user).await?;
                let events = told(c, &data, false, now).await?;
                Ok(Committed { value: Data { data }, events })
            })
        })
        .await?;
    swept(&app, &gone).await;
    Ok(answer)
}
