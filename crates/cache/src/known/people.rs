//! People, as far as the server told about them.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use guildhall_contract::{
    feed::FeedRow,
    messages::MessageBody,
    people::{Party, PersonView, User},
    profiles::picture_id,
};
use guildhall_market::{
    accounts::DELETED_NAME,
    ids::{AttachmentId, MessageId, UserId},
    profiles::{PeopleQuery, place_in_list},
    search::fold,
    time::Timestamp,
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    kind::{Changes, Kind},
    store::Cache,
};
use crate::StoreError;

/// People in one answer.
const SEARCH_MAX: i64 = 20;

/// People about whom something changed.
#[derive(Clone, Debug, Default)]
pub struct PeopleChanges(pub BTreeSet<UserId>);

/// People. No event of the feed is theirs: what is known of them comes with lists and messages.
pub(super) struct People;

#[async_trait]
impl Kind for People {
    fn events(&self) -> &'static [&'static str] {
        &[]
    }

    fn probe(&self) -> &'static str {
        "select count(*) from (select id from people limit 1)"
    }

    async fn apply(
        &self,
        _: &mut SqliteConnection,
        _: UserId,
        _: &[&FeedRow],
        _: &mut Changes,
    ) -> Result<(), StoreError> {
        Ok(())
    }

    async fn begin_anew(&self, connection: &mut SqliteConnection, foreign: bool) -> Result<(), StoreError> {
        if foreign {
            sqlx::query("delete from people").execute(connection).await?;
        }
        Ok(())
    }
}

/// A person of the wire as a view.
pub fn person_of(user: &User) -> PersonView {
    PersonView {
        id: user.id,
        name: user.name.clone(),
        craft: user.craft.clone(),
        place: user.place.clone(),
        picture: picture(user.avatar.as_deref()),
        verified: user.verified,
        admin: user.role == "admin",
        online: user.online,
        last_seen_at: user.last_seen_at.map(|at| at.0),
        blocked: user.blocked,
    }
}

/// The picture at an address, where that is one of the server's own.
pub(super) fn picture(address: Option<&str>) -> Option<AttachmentId> {
    address.and_then(picture_id)
}

/// A person about whom nothing is known but the number.
pub fn stranger(id: UserId) -> PersonView {
    let name = DELETED_NAME.to_owned();
    PersonView {
        id,
        name,
        craft: None,
        place: None,
        picture: None,
        verified: false,
        admin: false,
        online: None,
        last_seen_at: None,
        blocked: false,
    }
}

pub(super) fn person_view(row: &SqliteRow) -> Result<PersonView, StoreError> {
    Ok(PersonView {
        id: UserId(row.try_get("id")?),
        name: row.try_get("name")?,
        craft: row.try_get("craft")?,
        place: row.try_get("place")?,
        picture: picture(row.try_get("avatar")?),
        verified: row.try_get("verified")?,
        admin: row.try_get("admin")?,
        online: None,
        last_seen_at: row.try_get::<Option<i64>, _>("last_seen_at_ms")?.map(Timestamp),
        blocked: row.try_get("blocked")?,
    })
}

/// The people of messages: only names and trades are known from there.
pub(super) async fn put_parties(
    connection: &mut SqliteConnection,
    me: UserId,
    bodies: &[&MessageBody],
) -> Result<Vec<UserId>, StoreError> {
    let mut parties: BTreeMap<UserId, &Party> = BTreeMap::new();
    for body in bodies {
        for party in [&body.sender, &body.recipient] {
            // A name that could not be read says nothing about the one that is known.
            if party.id != me && !party.name.is_empty() {
                parties.insert(party.id, party);
            }
        }
    }
    let rows: Vec<_> = parties.values().map(|p| serde_json::json!([p.id.0, p.name, p.craft, p.avatar])).collect();
    let changed = sqlx::query(
        "insert into people (id, name, craft, avatar)
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3 from json_each(?1) where true
         on conflict (id) do update
         set name = excluded.name, craft = coalesce(excluded.craft, craft), avatar = coalesce(excluded.avatar, avatar)
         where name <> excluded.name or craft is not coalesce(excluded.craft, craft)
           or avatar is not coalesce(excluded.avatar, avatar)
         returning id",
    )
    .bind(serde_json::Value::from(rows).to_string())
    .fetch_all(connection)
    .await?;
    changed.iter().map(|row| Ok(UserId(row.try_get("id")?))).collect()
}

pub(super) async fn put_users(connection: &mut SqliteConnection, users: &[&User]) -> Result<(), StoreError> {
    let row = |u: &&User| {
        serde_json::json!([
            u.id.0,
            u.name,
            u.craft,
            u.verified,
            u.role == "admin",
            u.blocked,
            u.last_seen_at.map(|at| at.0.0),
            u.place,
            u.avatar
        ])
    };
    let rows: Vec<_> = users.iter().map(row).collect();
    sqlx::query(
        "insert into people (id, name, craft, verified, admin, blocked, last_seen_at_ms, place, avatar)
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8
         from json_each(?1) where true
         on conflict (id) do update
         set name = excluded.name, craft = excluded.craft, verified = excluded.verified, admin = excluded.admin,
             blocked = excluded.blocked, place = coalesce(excluded.place, place), avatar = excluded.avatar, last_seen_at_ms = coalesce(excluded.last_seen_at_ms, last_seen_at_ms)",
    )
    .bind(serde_json::Value::from(rows).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

impl Cache {
    /// Stores what the server says about people.
    ///
    /// # Errors
    /// As the database says.
    pub async fn put_people(&self, users: &[User]) -> Result<Changes, StoreError> {
        let mut tx = self.begin().await?;
        put_users(&mut tx, &users.iter().collect::<Vec<_>>()).await?;
        tx.commit().await?;
        let mut changes = Changes::default();
        changes.of_mut::<PeopleChanges>().0.extend(users.iter().map(|user| user.id));
        Ok(changes)
    }

    /// One person. `online` is not kept: whoever has the link knows it.
    ///
    /// # Errors
    /// As the database says.
    pub async fn person(&self, id: UserId) -> Result<Option<PersonView>, StoreError> {
        let row = sqlx::query("select * from people where id = ?1").bind(id.0).fetch_optional(&self.read()).await?;
        row.as_ref().map(person_view).transpose()
    }

    /// People by id. Those about whom nothing is known are strangers.
    ///
    /// # Errors
    /// As the database says.
    pub async fn people_by_id(
        &self,
        ids: impl IntoIterator<Item = UserId>,
    ) -> Result<BTreeMap<UserId, PersonView>, StoreError> {
        let mut people: BTreeMap<UserId, PersonView> = ids.into_iter().map(|id| (id, stranger(id))).collect();
        if people.is_empty() {
            return Ok(people);
        }
        let ids: Vec<i64> = people.keys().map(|id| id.0).collect();
        let rows = sqlx::query("select * from people where id in (select value from json_each(?1))")
            .bind(serde_json::Value::from(ids).to_string())
            .fetch_all(&self.read())
            .await?;
        for row in &rows {
            let person = person_view(row)?;
            people.insert(person.id, person);
        }
        Ok(people)
    }

    /// People one has a conversation with whose name contains `q`, both folded, by name. At most 20.
    ///
    /// # Errors
    /// As the database says.
    pub async fn find_people(&self, q: &str) -> Result<Vec<PersonView>, StoreError> {
        let rows = sqlx::query("select * from people where id in (select user_id from conversations)")
            .fetch_all(&self.read())
            .await?;
        let mut people = rows.iter().map(person_view).collect::<Result<Vec<_>, _>>()?;
        let q = fold(q.trim());
        people.retain(|person| fold(&person.name).contains(&q));
        people.sort_by_cached_key(|person| fold(&person.name));
        people.truncate(SEARCH_MAX as usize);
        Ok(people)
    }

    /// People one has a conversation with who are found as a server would find them, in its order. At most 20.
    ///
    /// # Errors
    /// As the database says.
    pub async fn people_like(&self, wanted: &PeopleQuery) -> Result<Vec<PersonView>, StoreError> {
        let rows = sqlx::query("select * from people where id in (select user_id from conversations)")
            .fetch_all(&self.read())
            .await?;
        let mut people = rows.iter().map(person_view).collect::<Result<Vec<_>, _>>()?;
        people.retain(|person| wanted.finds(&person.name, person.craft.as_deref(), person.place.as_deref()));
        people.sort_by_cached_key(|person| place_in_list(&person.name, person.verified));
        people.truncate(SEARCH_MAX as usize);
        Ok(people)
    }

    /// Notes when somebody was last connected.
    ///
    /// # Errors
    /// As the database says.
    pub async fn last_seen(&self, id: UserId, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("update people set last_seen_at_ms = max(coalesce(last_seen_at_ms, 0), ?2) where id = ?1")
            .bind(id.0)
            .bind(at.0)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// They have all of my messages up to `up_to`.
pub(super) async fn delivered(
    connection: &mut SqliteConnection,
    user: UserId,
    up_to: MessageId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "update people set delivered_to = ?2, delivered_at_ms = ?3
         where id = ?1 and delivered_to < ?2",
    )
    .bind(user.0)
    .bind(up_to.0)
    .bind(at.0)
    .execute(connection)
    .await?;
    Ok(())
}
