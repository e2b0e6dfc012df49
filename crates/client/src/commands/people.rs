//! `person_*`

use guildhall_cache::known::people::person_of;
use guildhall_contract::{
    errors::AppError,
    people::{PersonBlock, PersonQuery, PersonRef, PersonView},
};

use crate::{Core, rest::ApiError};

/// People in one answer.
const PEOPLE_MAX: usize = 20;

impl Core {
    /// Finds people by name.
    pub async fn person_search(&self, request: PersonQuery) -> Result<Vec<PersonView>, AppError> {
        let account = self.account()?;
        let q: String = request.q.trim().chars().take(100).collect();
        if account.online() && !q.is_empty() {
            let made = account.standing();
            match account.api.find_users(&q).await {
                Ok(users) => {
                    account.note_presence(made, users.iter().filter_map(|user| Some((user.id, user.online?))));
                    let others = users.iter().filter(|user| user.id != account.who.user);
                    return Ok(others.map(|user| account.with_presence(person_of(user))).take(PEOPLE_MAX).collect());
                }
                Err(ApiError::Unauthorized) => return account.answered(Err(ApiError::Unauthorized)),
                Err(_) => {}
            }
        }
        let people = account.cached(account.cache.find_people(&q).await)?;
        Ok(people.into_iter().map(|person| account.with_presence(person)).collect())
    }

    /// One person.
    pub async fn person_get(&self, request: PersonRef) -> Result<PersonView, AppError> {
        let account = self.account()?;
        if request.id == account.who.user {
            return Ok(account.who.me());
        }
        account.fetch_person_if_unknown(request.id).await;
        let person = account.cached(account.cache.person(request.id).await)?.ok_or(AppError::NotFound)?;
        Ok(account.with_presence(person))
    }

    /// Blocks or unblocks somebody.
    pub async fn person_block(&self, request: PersonBlock) -> Result<PersonView, AppError> {
        let account = self.account()?;
        account.answered(account.api.block(request.id, request.blocked).await)?;
        let made = account.standing();
        let user = account.answered(account.api.user(request.id).await)?;
        account.note_presence(made, user.online.map(|online| (user.id, online)));
        account.took(account.cache.put_people(std::slice::from_ref(&user)).await).await?;
        Ok(account.with_presence(person_of(&user)))
    }
}
