//! People who deleted their account: what they said stays, their name goes.

use std::collections::BTreeSet;

use async_trait::async_trait;
use guildhall_contract::{departures::PersonDeleted, events::PERSON_DELETED, feed::FeedRow};
use guildhall_market::{accounts::DELETED_NAME, ids::UserId};
use sqlx::SqliteConnection;

use super::{
    kind::{Changes, Kind, body},
    people::PeopleChanges,
};
use crate::StoreError;

/// The kind. Its rows are those of people.
pub(super) struct Departures;

#[async_trait]
impl Kind for Departures {
    fn events(&self) -> &'static [&'static str] {
        &[PERSON_DELETED]
    }

    fn probe(&self) -> &'static str {
        "select 0"
    }

    async fn apply(
        &self,
        connection: &mut SqliteConnection,
        _: UserId,
        rows: &[&FeedRow],
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        let gone: BTreeSet<UserId> =
            rows.iter().filter_map(|row| body::<PersonDeleted>(row)).map(|body| body.user_id).collect();
        let ids: Vec<i64> = gone.iter().map(|id| id.0).collect();
        // Their pictures, before nobody knows any more which those are.
        sqlx::query(
            "delete from pictures where id in (
               select json_extract(work.value, '$.attachment_id')
               from profiles, json_each(profiles.body, '$.works') work
               where profiles.user_id in (select value from json_each(?1))
               union all
               select cast(replace(avatar, '/api/attachments/', '') as integer) from people
               where avatar is not null and id in (select value from json_each(?1))
             )",
        )
        .bind(serde_json::Value::from(ids.clone()).to_string())
        .execute(&mut *connection)
        .await?;
        sqlx::query(
            "update people set name = ?2, craft = null, place = null, avatar = null, verified = 0, admin = 0, blocked = 0
             where id in (select value from json_each(?1))",
        )
        .bind(serde_json::Value::from(ids.clone()).to_string())
        .bind(DELETED_NAME)
        .execute(&mut *connection)
        .await?;
        sqlx::query("delete from profiles where user_id in (select value from json_each(?1))")
            .bind(serde_json::Value::from(ids).to_string())
            .execute(connection)
            .await?;
        changes.of_mut::<PeopleChanges>().0.extend(gone);
        Ok(())
    }

    async fn begin_anew(&self, _: &mut SqliteConnection, _: bool) -> Result<(), StoreError> {
        Ok(())
    }
}
