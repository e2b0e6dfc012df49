//! `profile_*`, `work_*`, `picture_get`, `people_find`

use std::sync::Arc;

use guildhall_cache::known::people::person_of;
use guildhall_contract::{
    attachments::AttachmentContent,
    bytes::Bytes,
    errors::AppError,
    people::{PersonRef, PersonView},
    profiles::{
        PeopleFind, PeoplePage, PictureRef, PictureSet, ProfilePatch, ProfileSet, ProfileView, WorkOrder, WorkRef,
        WorkSet, WorkView,
    },
};
use guildhall_market::{
    accounts,
    attachments::{self, Kind as FileKind},
    profiles::{
        PeopleQuery, ProfileRefusal, WorkKey, clean_languages, clean_place, clean_title, clean_trade, clean_words,
        may_add_work,
    },
};
use serde::Serialize;
use uuid::Uuid;

use crate::{
    Core,
    account::Account,
    chosen::{new_file, with_oneself},
    kinds::profiles::{AVATAR, NAME, PAGE, WORK, WorkEdit, change, changed, file_of, view, work_edit},
    rest::ApiError,
};

/// The largest picture that is taken, bytes: larger ones are made smaller before they come here.
const PICTURE_BYTES_MAX: usize = 4 * 1024 * 1024;
fn refused(refusal: ProfileRefusal) -> AppError {
    let words = guildhall_words::current();
    let message = match refusal {
        ProfileRefusal::Account(_) => words.profiles_bad_name(),
        ProfileRefusal::Trade => words.profiles_bad_trade(),
        ProfileRefusal::Place => words.profiles_bad_place(),
        ProfileRefusal::Words(_) => words.profiles_bad_words(),
        ProfileRefusal::Languages => words.profiles_bad_languages(),
        ProfileRefusal::Title => words.profiles_bad_title(),
        ProfileRefusal::TooManyWorks => words.profiles_too_many_works(),
        ProfileRefusal::NoPicture | ProfileRefusal::WorkKey => words.profiles_no_picture(),
        ProfileRefusal::TooOften => words.profiles_too_often(),
    };
    AppError::Invalid { field: refusal.field().into(), reason: "invalid".into(), message }
}

/// Keeps a picture on this device, until the server has it. Answers with its name here.
async fn keep(account: &Arc<Account>, bytes: Vec<u8>) -> Result<String, AppError> {
    if bytes.len() > PICTURE_BYTES_MAX {
        return Err(refused(ProfileRefusal::NoPicture));
    }
    let new = new_file(with_oneself(account), "picture", bytes).map_err(|_| refused(ProfileRefusal::NoPicture))?;
    if [FileKind::Gif, FileKind::Pdf].iter().any(|kind| kind.mime() == new.mime) {
        return Err(refused(ProfileRefusal::NoPicture));
    }
    Ok(account.owned(account.own.add_file(&new).await)?.local_id)
}

fn written<T: Serialize>(value: &T) -> Result<String, AppError> {
    serde_json::to_string(value).map_err(|error| crate::error::internal(&error))
}

impl Core {
    /// Somebody's page.
    pub async fn profile_get(&self, request: PersonRef) -> Result<ProfileView, AppError> {
        let account = self.account()?;
        if request.id != account.who.user && account.online() {
            let made = account.standing();
            match account.api.profile(request.id).await {
                Ok(profile) if profile.user.id == request.id => {
                    account.note_presence(made, profile.user.online.map(|online| (request.id, online)));
                    account.took(account.cache.put_profile(&profile, account.now()).await).await?;
                }
                Err(ApiError::Unauthorized) => return account.answered(Err(ApiError::Unauthorized)),
                Err(ApiError::Refused { status: 404, .. }) => return Err(AppError::NotFound),
                Ok(_) | Err(_) => {}
            }
        }
        let known = account.cached(view(&account, request.id).await)?;
        known.ok_or(AppError::Unavailable)
    }

    /// Changes what one says about oneself.
    pub async fn profile_set(&self, request: ProfileSet) -> Result<ProfileView, AppError> {
        let account = self.account()?;
        let name = request.name.map(|name| accounts::clean_name(&name)).transpose();
        let name = name.map_err(|refusal| refused(refusal.into()))?;
        let trade = request.trade.map(|text| clean_trade(&text)).transpose().map_err(refused)?;
        let place = request.place.map(|text| clean_place(&text)).transpose().map_err(refused)?;
        let words = request.words.map(|text| clean_words(&text)).transpose().map_err(refused)?;
        let languages = request.languages.map(|all| clean_languages(&all)).transpose().map_err(refused)?;
        let waiting = account.owned(account.own.edits(Some(NAME)).await)?;
        let before = waiting.into_iter().find(|edit| edit.subject == PAGE).and_then(|edit| edit.body);
        // What was said before and does not wait any more is said already.
        let before = before.and_then(|body| serde_json::from_str::<ProfilePatch>(&body).ok());
        let mut patch = before.unwrap_or_default();
        patch.name = name.or(patch.name);
        patch.trade = trade.map(Option::unwrap_or_default).or(patch.trade);
        patch.place = place.map(Option::unwrap_or_default).or(patch.place);
        patch.words = words.map(Option::unwrap_or_default).or(patch.words);
        patch.languages = languages.or(patch.languages);
        change(&account, PAGE, Some(&written(&patch)?)).await?;
        changed(&account).await
    }

    /// Changes one's own picture.
    pub async fn profile_picture(&self, request: PictureSet) -> Result<ProfileView, AppError> {
        let account = self.account()?;
        let file = match request.bytes {
            Some(Bytes(bytes)) => Some(keep(&account, bytes).await?),
            None => None,
        };
        change(&account, AVATAR, file.as_deref()).await?;
        changed(&account).await
    }

    /// Adds a picture of one's work, or changes what stands under it.
    pub async fn work_set(&self, request: WorkSet) -> Result<ProfileView, AppError> {
        let account = self.account()?;
        let title = clean_title(&request.title).map_err(refused)?;
        let here = account.owned(view(&account, account.who.user).await)?.ok_or(AppError::NotFound)?;
        let key = match request.key {
            Some(key) => key.parse::<WorkKey>().map_err(refused)?.as_str().to_owned(),
            None => Uuid::new_v4().to_string(),
        };
        let at = here.works.iter().position(|work| work.key == key);
        if at.is_none() {
            may_add_work(i64::try_from(here.works.len()).unwrap_or(i64::MAX)).map_err(refused)?;
        }
        let position = i64::try_from(at.unwrap_or(here.works.len())).unwrap_or(i64::MAX);
        let mut edit = work_edit(&account, &key).await?.unwrap_or(WorkEdit { position, ..WorkEdit::default() });
        edit.title = title;
        match request.bytes {
            Some(Bytes(bytes)) => edit.file = Some(keep(&account, bytes).await?),
            None if at.is_none() => return Err(refused(ProfileRefusal::NoPicture)),
            None => {}
        }
        change(&account, &format!("{WORK}{key}"), Some(&written(&edit)?)).await?;
        changed(&account).await
    }

    /// Puts the pictures of one's work in this order.
    pub async fn work_order(&self, request: WorkOrder) -> Result<ProfileView, AppError> {
        let account = self.account()?;
        let here = account.owned(view(&account, account.who.user).await)?.ok_or(AppError::NotFound)?;
        // Those that are not named stay behind the others, as they are.
        let place = |key: &str| request.keys.iter().position(|named| named == key).unwrap_or(usize::MAX);
        let mut works: Vec<&WorkView> = here.works.iter().collect();
        works.sort_by_key(|work| place(&work.key));
        for (position, work) in works.into_iter().enumerate() {
            let position = i64::try_from(position).unwrap_or(i64::MAX);
            let edit = work_edit(&account, &work.key).await?;
            let mut edit = edit.unwrap_or(WorkEdit { title: work.title.clone(), position: -1, file: None });
            if edit.position != position {
                edit.position = position;
                change(&account, &format!("{WORK}{}", work.key), Some(&written(&edit)?)).await?;
            }
        }
        changed(&account).await
    }

    /// Takes a picture of one's work off one's page.
    pub async fn work_delete(&self, request: WorkRef) -> Result<ProfileView, AppError> {
        let account = self.account()?;
        let here = account.owned(view(&account, account.who.user).await)?.ok_or(AppError::NotFound)?;
        if !here.works.iter().any(|work| work.key == request.key) {
            return Err(AppError::NotFound);
        }
        change(&account, &format!("{WORK}{}", request.key), None).await?;
        changed(&account).await
    }

    /// A picture of a page, from this device or from the server.
    pub async fn picture_get(&self, request: PictureRef) -> Result<AttachmentContent, AppError> {
        let account = self.account()?;
        let bytes = if let Some(id) = request.id {
            match account.cached(account.cache.picture(id).await)? {
                Some(bytes) => bytes,
                None => {
                    let bytes = account.answered(account.api.download(id).await)?;
                    // Shown all the same where it cannot be kept.
                    let _ = account.cached(account.cache.put_picture(id, &bytes).await);
                    bytes
                }
            }
        } else {
            let key = request.key.ok_or(AppError::NotFound)?;
            let subject = if key == AVATAR { key } else { format!("{WORK}{key}") };
            let waiting = account.owned(account.own.edits(Some(NAME)).await)?;
            let file = waiting.iter().find(|edit| edit.subject == subject).and_then(file_of);
            let file = file.ok_or(AppError::NotFound)?;
            account.owned(account.own.file_bytes(&file).await)?.ok_or(AppError::NotFound)?
        };
        // Whatever the server says it is: only a still picture is shown.
        let mime = infer::get(&bytes).map(|kind| kind.mime_type());
        let kind = attachments::check(bytes.len(), mime).map_err(|_| AppError::NotFound)?;
        if kind == FileKind::Pdf {
            return Err(AppError::NotFound);
        }
        Ok(AttachmentContent { mime: kind.mime().into(), bytes: Bytes(bytes) })
    }

    /// Finds people by words of their name, trade and place.
    pub async fn people_find(&self, request: PeopleFind) -> Result<PeoplePage, AppError> {
        let account = self.account()?;
        if account.online() {
            let made = account.standing();
            match account.api.find_people(&request).await {
                Ok((users, next)) => {
                    account.note_presence(made, users.iter().filter_map(|user| Some((user.id, user.online?))));
                    let others = users.iter().filter(|user| user.id != account.who.user);
                    let rows = others.map(|user| account.with_presence(person_of(user))).collect();
                    return Ok(PeoplePage { rows, next, everybody: true });
                }
                Err(ApiError::Unauthorized) => return account.answered(Err(ApiError::Unauthorized)),
                Err(_) => {}
            }
        }
        let PeopleFind { q, trade, place, artisans, .. } = request;
        let wanted = PeopleQuery { q, trade, place, artisans };
        let found = account.cached(account.cache.people_like(&wanted).await)?;
        let rows: Vec<PersonView> = found.into_iter().map(|person| account.with_presence(person)).collect();
        Ok(PeoplePage { rows, next: None, everybody: false })
    }
}
