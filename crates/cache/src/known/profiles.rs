//! Pages of people, as the server said last: one's own, and those that were looked at. And the pictures on them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use guildhall_contract::{
    events::{PERSON_UPDATED, PROFILE_UPDATED},
    feed::FeedRow,
    profiles::{PersonUpdated, Profile},
};
use guildhall_market::{
    ids::{AttachmentId, UserId},
    time::Timestamp,
};
use sqlx::{Row, SqliteConnection};

use super::{
    kind::{Changes, Kind, Load, Loaded, body, row_of},
    people::{self, PeopleChanges},
    store::Cache,
};
use crate::StoreError;

/// Pages that are kept, beside one's own.
const PAGES_MAX: i64 = 500;
/// What the pictures that are kept may take, bytes.
const PICTURES_BYTES_MAX: i64 = 64 * 1024 * 1024;

/// Whose pages changed.
#[derive(Clone, Debug, Default)]
pub struct ProfileChanges(pub BTreeSet<UserId>);

/// Pages of people.
pub(super) struct Profiles;

#[async_trait]
impl Kind for Profiles {
    fn events(&self) -> &'static [&'static str] {
        &[PROFILE_UPDATED, PERSON_UPDATED]
    }

    fn probe(&self) -> &'static str {
        "select (select count(*) from (select user_id from profiles limit 1)) + (select count(*) from (select id from pictures limit 1))"
    }

    async fn apply(
        &self,
        connection: &mut SqliteConnection,
        me: UserId,
        rows: &[&FeedRow],
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        for row in rows {
            if row.event == PROFILE_UPDATED {
                // One's own, and nobody else's.
                let Some(profile) = row_of::<Profile>(row).filter(|profile| profile.user.id == me) else { continue };
                put(connection, &profile, Timestamp(i64::MAX)).await?;
                changes.of_mut::<ProfileChanges>().0.insert(me);
            } else if let Some(person) = body::<PersonUpdated>(row) {
                change(connection, &person).await?;
                changes.of_mut::<ProfileChanges>().0.insert(person.id);
                changes.of_mut::<PeopleChanges>().0.insert(person.id);
            }
        }
        Ok(())
    }

    async fn begin_anew(&self, connection: &mut SqliteConnection, foreign: bool) -> Result<(), StoreError> {
        if foreign {
            sqlx::query("delete from profiles").execute(&mut *connection).await?;
            sqlx::query("delete from pictures").execute(connection).await?;
        }
        Ok(())
    }
}

/// What stands in lists about somebody is another now; what else is known of them stays.
async fn change(connection: &mut SqliteConnection, person: &PersonUpdated) -> Result<(), StoreError> {
    sqlx::query("update people set name = ?2, craft = ?3, avatar = ?4, verified = ?5 where id = ?1")
        .bind(person.id.0)
        .bind(&person.name)
        .bind(&person.craft)
        .bind(&person.avatar)
        .bind(person.verified)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "update profiles
         set body = json_set(body, '$.name', ?2, '$.craft', ?3, '$.avatar', ?4, '$.verified', json(iif(?5, 'true', 'false')))
         where user_id = ?1",
    )
    .bind(person.id.0)
    .bind(&person.name)
    .bind(&person.craft)
    .bind(&person.avatar)
    .bind(person.verified)
    .execute(connection)
    .await?;
    Ok(())
}

async fn put(connection: &mut SqliteConnection, profile: &Profile, seen_at: Timestamp) -> Result<(), StoreError> {
    sqlx::query(
        "insert into profiles (user_id, body, seen_at_ms) values (?1, ?2, ?3)
         on conflict (user_id) do update set body = excluded.body, seen_at_ms = excluded.seen_at_ms",
    )
    .bind(profile.user.id.0)
    .bind(serde_json::to_string(profile).map_err(|error| StoreError::Io(error.into()))?)
    .bind(seen_at.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// One's own page of an answer, to begin anew with.
pub fn loaded_profile(profile: Profile) -> Loaded {
    Loaded(Box::new(Own(profile)))
}

struct Own(Profile);

#[async_trait]
impl Load for Own {
    async fn store(
        &self,
        connection: &mut SqliteConnection,
        me: UserId,
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        if self.0.user.id == me {
            put(connection, &self.0, Timestamp(i64::MAX)).await?;
            changes.of_mut::<ProfileChanges>().0.insert(me);
        }
        Ok(())
    }
}

impl Cache {
    /// Somebody's page.
    ///
    /// # Errors
    /// As the database says.
    pub async fn profile(&self, user: UserId) -> Result<Option<Profile>, StoreError> {
        let row = sqlx::query("select body from profiles where user_id = ?1")
            .bind(user.0)
            .fetch_optional(&self.read())
            .await?;
        let Some(row) = row else { return Ok(None) };
        // One of a newer version of this app is fetched again.
        Ok(serde_json::from_str(row.try_get("body")?).ok())
    }

    /// Keeps the page of somebody else that was looked at now, and what it says of them. The one that nobody looked at for
    /// longest goes when there are more than 500.
    ///
    /// # Errors
    /// As the database says.
    pub async fn put_profile(&self, profile: &Profile, now: Timestamp) -> Result<Changes, StoreError> {
        let mut tx = self.begin().await?;
        put(&mut tx, profile, now).await?;
        people::put_users(&mut tx, &[&profile.user]).await?;
        sqlx::query(
            "delete from profiles where user_id in (
               select user_id from profiles where seen_at_ms < ?2 order by seen_at_ms desc limit -1 offset ?1
             )",
        )
        .bind(PAGES_MAX)
        .bind(i64::MAX)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        let mut changes = Changes::default();
        changes.of_mut::<ProfileChanges>().0.insert(profile.user.id);
        changes.of_mut::<PeopleChanges>().0.insert(profile.user.id);
        Ok(changes)
    }

    /// A picture of a page, if it is here.
    ///
    /// # Errors
    /// As the database says.
    pub async fn picture(&self, id: AttachmentId) -> Result<Option<Vec<u8>>, StoreError> {
        let row =
            sqlx::query("select bytes from pictures where id = ?1").bind(id.0).fetch_optional(&self.read()).await?;
        let Some(row) = row else { return Ok(None) };
        let mut tx = self.begin().await?;
        sqlx::query("update pictures set used = (select max(used) + 1 from pictures) where id = ?1 and used < (select max(used) from pictures)")
            .bind(id.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Some(row.try_get("bytes")?))
    }

    /// Keeps a picture of a page. Those that nobody looked at for longest go where all take more than 64 MiB.
    ///
    /// # Errors
    /// As the database says.
    pub async fn put_picture(&self, id: AttachmentId, bytes: &[u8]) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into pictures (id, bytes, used) values (?1, ?2, coalesce((select max(used) from pictures), 0) + 1)
             on conflict (id) do update set bytes = excluded.bytes, used = excluded.used",
        )
        .bind(id.0)
        .bind(bytes)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "delete from pictures where id in (
               select id from (
                 select id, sum(length(bytes)) over (order by used desc rows unbounded preceding) as all_bytes from pictures
               )
               where all_bytes > ?1
             )",
        )
        .bind(PICTURES_BYTES_MAX)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }
}
