//! Databases that were made when a migration had another text.
//!
//! A migration that reached anybody is never changed: the library remembers a hash of each that it ran, and refuses a
//! database whose hash differs. One was changed nevertheless. Its other text is known here, with the migration that makes
//! up for the difference, so that a database of then opens like any other. `tests/landed.rs` sees that none joins it.

use sqlx::{AnyConnection, Connection, migrate::Migrator};

/// A migration's number and the SHA-384 of its earlier texts, in hex: SQLite's and PostgreSQL's.
/// 15 did not make `codes_user`, which 28 makes where it is missing.
const EARLIER: [(i64, [&str; 2]); 1] = [(
    15,
    [
        "61d9624506367b1e5d34592dd9096a56c5446a328f8b3f44f511456a55fc533e86f48a74d8a79e0f881f56c711c29e2f",
        "06cc9e712004aeb541076676011d7f1627c3b38fed296baf93f066e9c1d2bc11cb21e650cf88fa29aacae1d7de31a5f0",
    ],
)];

/// Notes today's text for each migration that ran with an earlier one. The table of migrations is there.
pub(crate) async fn follow(connection: &mut AnyConnection, migrator: &Migrator) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    for (version, earlier) in EARLIER {
        let Some(today) = migrator.iter().find(|m| m.version == version) else { continue };
        for earlier in earlier {
            sqlx::query("update _sqlx_migrations set checksum = $1 where version = $2 and checksum = $3")
                .bind(today.checksum.to_vec())
                .bind(version)
                .bind(hex::decode(earlier).unwrap_or_default())
                .execute(&mut *transaction)
                .await?;
        }
    }
    transaction.commit().await
}
