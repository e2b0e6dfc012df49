//! Pages of people: what the server said last, and over one's own what was changed here and the server does not know yet.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use guildhall_cache::{
    StoreError,
    known::{
        Changes, Loaded,
        people::person_of,
        profiles::{ProfileChanges, loaded_profile},
    },
    own::{ChosenFile, Edit},
};
use guildhall_contract::{
    errors::AppError,
    mend::{Mended, Rows},
    people::User,
    profiles::{PeopleFind, Profile, ProfilePatch, ProfileView, WorkPut, WorkView},
    rest::Data,
    ui_events::UiEvent,
};
use guildhall_market::ids::UserId;
use reqwest::{Method, multipart};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    account::{Account, Kind},
    behind::Behind,
    edits, outbox,
    rest::{self, ApiError, UPLOAD_TIMEOUT},
};

/// Under which its changes wait.
pub(crate) const NAME: &str = "profile";
/// The change of what one says about oneself.
pub(crate) const PAGE: &str = "page";
/// The change of one's own picture.
pub(crate) const AVATAR: &str = "avatar";
/// Before the key of a picture of work.
pub(crate) const WORK: &str = "work:";
/// How often and how long the feed is waited for after an answer: a second. It comes at about the same time.
const HEARD_TRIES: u32 = 50;
const HEARD_PAUSE: Duration = Duration::from_millis(20);

/// A change of a picture of work, as it waits.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct WorkEdit {
    pub(crate) title: Option<String>,
    pub(crate) position: i64,
    /// The new picture on this device. Absent: it stays.
    pub(crate) file: Option<String>,
}

/// The kind.
pub(crate) struct Profiles;

#[async_trait]
impl Kind for Profiles {
    async fn load(&self, account: &Arc<Account>) -> Result<Option<Loaded>, ApiError> {
        let page = account.api.profile(account.who.user);
        match account.over_link(page).await {
            Ok(profile) => Ok(Some(loaded_profile(profile))),
            // Another system's server has no pages.
            Err(ApiError::Refused { status: 404 | 405, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn tell(&self, account: &Arc<Account>, changes: &Changes) -> Result<(), StoreError> {
        let Some(ProfileChanges(whose)) = changes.peek() else { return Ok(()) };
        for user in whose.iter().copied() {
            if let Some(view) = view(account, user).await? {
                tell(account, view);
            }
        }
        Ok(())
    }

    fn edits(&self) -> Option<&'static str> {
        Some(NAME)
    }

    fn called(&self, edit: &Edit) -> String {
        let words = guildhall_words::current();
        match edit.subject.as_str() {
            PAGE => words.profiles_called_page(),
            AVATAR => words.profiles_called_picture(),
            _ => words.profiles_called_work(),
        }
    }

    async fn say(&self, account: &Arc<Account>, edit: &Edit) -> Result<(), Behind> {
        let Some(said) = say(account, edit).await? else { return Ok(()) };
        // What the server made of it comes by the feed, and only by it. Until the feed tells, what was changed here stays in
        // sight.
        for _ in 0..HEARD_TRIES {
            let known = account.cached(account.cache.profile(account.who.user).await).map_err(|_| Behind::Store)?;
            if known.is_some_and(|known| is_of(&known, &said)) {
                break;
            }
            tokio::time::sleep(HEARD_PAUSE).await;
        }
        Ok(())
    }

    async fn said(&self, account: &Arc<Account>, edit: &Edit) {
        if let Some(file) = file_of(edit) {
            let waits = account.owned(account.own.edits(Some(NAME)).await).unwrap_or_default();
            // Something newer may still want it.
            if !waits.iter().filter_map(file_of).any(|other| other == file) {
                let _ = account.owned(account.own.remove_file(&file).await);
            }
        }
        if let Ok(Some(view)) = view(account, account.who.user).await {
            tell(account, view);
        }
    }
}

/// Whether a page says what another one says, whatever is only true for whoever looks.
fn is_of(known: &Profile, said: &Profile) -> bool {
    let told = |page: &Profile| {
        let User { name, craft, place, avatar, .. } = page.user.clone();
        (name, craft, place, avatar, page.words.clone(), page.languages.clone(), page.works.clone())
    };
    told(known) == told(said)
}

/// The file on this device that a change brings along.
pub(crate) fn file_of(edit: &Edit) -> Option<String> {
    let body = edit.body.as_deref()?;
    match edit.subject.strip_prefix(WORK) {
        Some(_) => serde_json::from_str::<WorkEdit>(body).ok()?.file,
        None => (edit.subject == AVATAR).then(|| body.to_owned()),
    }
}

/// Says a change to the server. Answers with one's page as it is then; `None` where nothing is to be said.
async fn say(account: &Arc<Account>, edit: &Edit) -> Result<Option<Profile>, Behind> {
    let request = |method, path: &str| account.api.request(method, path).header("Idempotency-Key", &edit.key);
    let mut uploaded_before = None;
    let answer = match (edit.subject.as_str(), &edit.body) {
        (PAGE, Some(body)) => {
            let Ok(patch) = serde_json::from_str::<ProfilePatch>(body) else { return Ok(None) };
            rest::json::<Data<Mended<Profile>>>(request(Method::PATCH, "/api/user").json(&patch))
        }
        (AVATAR, None) => rest::json(request(Method::DELETE, "/api/user/avatar")),
        (AVATAR, Some(file)) => {
            let Some((file, bytes)) = kept(account, file).await? else { return Ok(None) };
            let part = multipart::Part::bytes(bytes).file_name(file.name).mime_str(&file.mime);
            let form = multipart::Form::new().part("file", part.map_err(|_| ApiError::Garbled)?);
            rest::json(request(Method::PUT, "/api/user/avatar").timeout(UPLOAD_TIMEOUT).multipart(form))
        }
        (subject, body) => {
            let Some(key) = subject.strip_prefix(WORK) else { return Ok(None) };
            let path = format!("/api/user/works/{key}");
            match body {
                None => {
                    match account.over_link(rest::json::<Data<Mended<Profile>>>(request(Method::DELETE, &path))).await {
                        Ok(answer) => return Ok(Some(answer.data.0)),
                        // Another device was faster, or it never came to be.
                        Err(ApiError::Refused { status: 404, .. }) => return Ok(None),
                        Err(error) => return Err(error.into()),
                    }
                }
                Some(body) => {
                    let Ok(work) = serde_json::from_str::<WorkEdit>(body) else { return Ok(None) };
                    let mut picture = None;
                    if let Some(file) = &work.file {
                        let file = account.owned(account.own.file(file).await).map_err(|_| Behind::Store)?;
                        let Some(file) = file else { return Ok(None) };
                        let before = file.server_id.is_some();
                        picture = Some(account.over_link(outbox::upload(account, &file)).await?);
                        uploaded_before = before.then_some(file.local_id);
                    }
                    let put = WorkPut { attachment_id: picture, title: work.title, position: work.position };
                    rest::json(request(Method::PUT, &path).json(&put))
                }
            }
        }
    };
    match account.over_link(answer).await {
        // A day is long: the server forgot what was uploaded and never used. It gets it once more.
        Err(ApiError::Refused { status: 422, .. }) if uploaded_before.is_some() => {
            let file = uploaded_before.unwrap_or_default();
            let _ = account.owned(account.own.upload_anew(&file, &Uuid::new_v4().to_string()).await);
            Err(Behind::Store)
        }
        answer => Ok(Some(answer?.data.0)),
    }
}

/// A file of this device with its bytes.
async fn kept(account: &Arc<Account>, local_id: &str) -> Result<Option<(ChosenFile, Vec<u8>)>, Behind> {
    let file = account.owned(account.own.file(local_id).await).map_err(|_| Behind::Store)?;
    let bytes = account.owned(account.own.file_bytes(local_id).await).map_err(|_| Behind::Store)?;
    Ok(file.zip(bytes))
}

/// One's own page as the server has it, or as far as it is known before it said anything.
async fn own_page(account: &Account) -> Result<Profile, StoreError> {
    if let Some(profile) = account.cache.profile(account.who.user).await? {
        return Ok(profile);
    }
    let me = account.who.me();
    let user = User {
        id: me.id,
        name: me.name,
        avatar: None,
        role: if me.admin { "admin" } else { "member" }.to_owned(),
        craft: me.craft,
        place: me.place,
        verified: me.verified,
        joined_at: None,
        online: None,
        last_seen_at: None,
        blocked: false,
    };
    Ok(Profile { user, words: None, languages: Vec::new(), marks: Vec::new(), works: Vec::new() })
}

fn shown(profile: &Profile) -> ProfileView {
    let work = |work: &guildhall_contract::profiles::Work| WorkView {
        key: work.key.clone(),
        title: work.title.clone(),
        picture: Some(work.attachment_id),
        waiting: false,
    };
    ProfileView {
        person: person_of(&profile.user),
        words: profile.words.clone(),
        languages: profile.languages.clone(),
        marks: profile.marks.clone(),
        works: profile.works.iter().map(work).collect(),
        joined_at: profile.user.joined_at.map(|at| at.0),
        mine: false,
        waiting: false,
        picture_waiting: None,
    }
}

/// A page as it is shown; `None` where nothing is known of it.
pub(crate) async fn view(account: &Account, user: UserId) -> Result<Option<ProfileView>, StoreError> {
    if user != account.who.user {
        let Some(profile) = account.cache.profile(user).await? else { return Ok(None) };
        let mut view = shown(&profile);
        view.person = account.person(user).await?;
        view.person.place = profile.user.place;
        return Ok(Some(view));
    }
    let mut view = ProfileView { mine: true, ..shown(&own_page(account).await?) };
    let filled = |text: String| (!text.is_empty()).then_some(text);
    let mut places: Vec<(i64, WorkView)> =
        view.works.drain(..).enumerate().map(|(n, work)| (i64::try_from(n).unwrap_or(i64::MAX), work)).collect();
    for edit in account.own.edits(Some(NAME)).await? {
        view.waiting = true;
        match (edit.subject.as_str(), edit.body) {
            (PAGE, Some(body)) => {
                let Ok(patch) = serde_json::from_str::<ProfilePatch>(&body) else { continue };
                view.person.name = patch.name.unwrap_or(view.person.name);
                view.person.craft = patch.trade.map_or(view.person.craft, filled);
                view.person.place = patch.place.map_or(view.person.place, filled);
                view.words = patch.words.map_or(view.words, filled);
                view.languages = patch.languages.unwrap_or(view.languages);
            }
            (AVATAR, body) => {
                view.picture_waiting = Some(body.is_some());
                view.person.picture = None;
            }
            (subject, body) => {
                let Some(key) = subject.strip_prefix(WORK).map(str::to_owned) else { continue };
                let before = places.iter().position(|(_, work)| work.key == key).map(|at| places.remove(at));
                let Some(work) = body.and_then(|body| serde_json::from_str::<WorkEdit>(&body).ok()) else { continue };
                let picture = before.and_then(|(_, before)| before.picture).filter(|_| work.file.is_none());
                places.push((work.position, WorkView { key, title: work.title, picture, waiting: true }));
            }
        }
    }
    places.sort_by_key(|(position, _)| *position);
    view.works = places.into_iter().map(|(_, work)| work).collect();
    Ok(Some(view))
}

fn tell(account: &Account, view: ProfileView) {
    if view.mine {
        account.who.is_now(&view.person);
        account.ui.send(UiEvent::People { rows: vec![view.person.clone()], removed: Vec::new() });
    }
    account.ui.send(UiEvent::Profiles { rows: vec![view], removed: Vec::new() });
}

/// Keeps a change until the server has it. Whatever file the one before brought along goes, unless this one wants it too.
pub(crate) async fn change(account: &Arc<Account>, subject: &str, body: Option<&str>) -> Result<(), AppError> {
    let waiting = account.owned(account.own.edits(Some(NAME)).await)?;
    let before = waiting.iter().find(|edit| edit.subject == subject).and_then(file_of);
    let once = Uuid::new_v4().to_string();
    account.owned(account.own.edit(NAME, subject, body, &once).await)?;
    let after = account.owned(account.own.edits(Some(NAME)).await)?;
    if let Some(before) = before.filter(|file| !after.iter().filter_map(file_of).any(|other| other == *file)) {
        account.owned(account.own.remove_file(&before).await)?;
    }
    edits::wake(account);
    Ok(())
}

/// One's own page after a change.
pub(crate) async fn changed(account: &Arc<Account>) -> Result<ProfileView, AppError> {
    let view = account.owned(view(account, account.who.user).await)?.ok_or(AppError::NotFound)?;
    tell(account, view.clone());
    Ok(view)
}

/// The change of a picture of work that waits, if one does.
pub(crate) async fn work_edit(account: &Account, key: &str) -> Result<Option<WorkEdit>, AppError> {
    let waiting = account.owned(account.own.edits(Some(NAME)).await)?;
    let edit = waiting.into_iter().find(|edit| edit.subject.strip_prefix(WORK) == Some(key));
    Ok(edit.and_then(|edit| serde_json::from_str(&edit.body?).ok()))
}

impl rest::Api {
    /// Somebody's page.
    pub(crate) async fn profile(&self, id: UserId) -> Result<Profile, ApiError> {
        let answer: Data<Mended<Profile>> = rest::json(self.request(Method::GET, &format!("/api/users/{id}"))).await?;
        Ok(answer.data.0)
    }

    /// People who are found, and where the next page begins.
    pub(crate) async fn find_people(&self, wanted: &PeopleFind) -> Result<(Vec<User>, Option<String>), ApiError> {
        #[derive(Deserialize)]
        struct Found {
            data: Rows<User>,
            #[serde(default)]
            next: Option<String>,
        }
        let mut query =
            vec![("q", wanted.q.as_str()), ("trade", wanted.trade.as_str()), ("place", wanted.place.as_str())];
        if wanted.artisans {
            query.push(("artisans", "1"));
        }
        if let Some(after) = &wanted.after {
            query.push(("after", after));
        }
        let found: Found = rest::json(self.request(Method::GET, "/api/users").query(&query)).await?;
        Ok((found.data.rows, found.next))
    }
}
