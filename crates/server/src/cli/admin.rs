//! `guildhall-server admin`

use std::path::PathBuf;

use guildhall_db::{Committed, Db, DbError, people};

/// Works on the database itself, whether or not a server runs on it; a running server heeds it at the next request.
#[derive(clap::Args)]
pub struct Admin {
    /// The person's e-mail address.
    email: String,
    /// Take the role away instead.
    #[arg(long)]
    revoke: bool,
    /// The folder of the database.
    #[arg(long, default_value = "guildhall-data")]
    data: PathBuf,
    /// A PostgreSQL database, postgres://USER@HOST/NAME. Without it, SQLite in the data folder.
    #[arg(long, env = "GUILDHALL_DATABASE")]
    database: Option<String>,
}

impl Admin {
    pub async fn run(self) -> Result<(), String> {
        let file = self.data.join("hall.sqlite");
        if self.database.is_none() && !file.exists() {
            return Err(format!("there is no database at {}: name the server's folder with --data", file.display()));
        }
        let url = self.database.unwrap_or_else(|| format!("sqlite:{}", file.display()));
        let db = Db::open(&url, std::sync::Arc::new(|_| ())).await.map_err(|e| e.to_string())?;
        let role = if self.revoke { "member" } else { "admin" };
        let email = self.email.trim().to_lowercase();
        let asked = email.clone();
        let changed = db
            .write::<bool, DbError, _>(move |c| {
                Box::pin(
                    async move { people::set_role(c, &asked, role).await.map(|id| Committed::quiet(id.is_some())) },
                )
            })
            .await
            .map_err(|e| e.to_string())?;
        db.close().await;
        if !changed {
            return Err(format!("nobody has the address {email}"));
        }
        println!("{email} is now: {role}");
        Ok(())
    }
}
