//! `guildhall-server admin`

use std::path::PathBuf;

use guildhall_db::{
    Committed, Db, DbError,
    audit::{self, Act, Actor},
    people,
};

use crate::clock::{Clock, SystemClock};

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
        let now = SystemClock.now();
        let changed = db
            .write::<bool, DbError, _>(move |c| {
                Box::pin(async move {
                    let id = people::set_role(c, &asked, role).await?;
                    if let Some(id) = id {
                        // Whoever runs the server needs no account, and is written down all the same.
                        let by = Actor { user: None, token: None, address: None };
                        let detail = format!(r#"{{"after":"{role}"}}"#);
                        let (subject, about) = (("user", id.0), [id]);
                        let reason = "Said at the server's own machine";
                        let act =
                            Act { action: "user.role", subject, about: &about, look: false, reason, detail: &detail };
                        audit::add(c, &by, &act, now).await?;
                    }
                    Ok(Committed::quiet(id.is_some()))
                })
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
