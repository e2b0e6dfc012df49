//! The words by which people are found, written anew whenever one of them changes.

use guildhall_market::{
    ids::UserId,
    profiles::{indexed, place_in_list},
};

use crate::{
    Connection, DbError,
    sql::{query, query_built, rows},
};

rows! {
    struct Indexed {
        name: String,
        craft: Option<String>,
        place: Option<String>,
        verified: i64,
    }
}

/// Writes the words anew by which somebody is found: whenever name, trade, place or the mark of the verified changed, and when
/// they come to be or cease to be among those who can be found.
///
/// # Errors
/// The database's.
pub async fn index(connection: &mut Connection, user: UserId) -> Result<(), DbError> {
    query("delete from person_words where user_id = $1").bind(user.0).execute(&mut *connection).await?;
    let found: Option<Indexed> = query(
        "select u.name, u.craft, p.place, case when u.verified_at_ms is null then 0 else 1 end as verified
         from users u left join profiles p on p.user_id = u.id
         where u.id = $1 and u.deleted_at_ms is null and u.suspended_at_ms is null",
    )
    .bind(user.0)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(found) = found else { return Ok(()) };
    let position = place_in_list(&found.name, found.verified > 0);
    let words = indexed(&found.name, found.craft.as_deref(), found.place.as_deref());
    for some in words.chunks(100) {
        let rows: Vec<String> = (0..some.len()).map(|n| format!("(${}, $1, $2)", n + 3)).collect();
        let insert =
            query_built(format!("insert into person_words (word, position, user_id) values {}", rows.join(", ")));
        let insert = insert.bind(&position).bind(user.0);
        some.iter().fold(insert, |insert, word| insert.bind(word)).execute(&mut *connection).await?;
    }
    Ok(())
}
