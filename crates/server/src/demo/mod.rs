//! The demo market: people and conversations for local mode. Nothing in it is real, and no money is.

pub mod conversations;
pub mod life;
pub mod profiles;

use std::net::Ipv4Addr;

use guildhall_db::{Committed, DbError, people, settings};

use crate::{app::App, error::ApiError, feature::Feature, secrets::new_secret, sign_in_guard::Source};

/// Somebody of the demo market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: &'static str,
    /// The trade of an artisan.
    pub craft: Option<&'static str>,
    /// The e-mail address.
    pub email: &'static str,
    /// The password, made up when this demo was filled in.
    pub password: String,
}

/// The address of whoever runs the demo market: an administrator.
pub const HOUSE: &str = "foluke@guildhall.example";

/// Everybody, in the order in which they are offered: name, trade, e-mail address.
pub const CAST: &[(&str, Option<&str>, &str)] = &[
    ("Amara Okonkwo", None, "amara@okonkwo.example"),
    ("Tunde Bákàrè", Some("Joiner"), "tunde@bakare.example"),
    ("Ṣadé Ọláyínká", Some("Upholsterer"), "sade@olayinka.example"),
    ("Lena Hartwig", None, "lena@hartwig.example"),
    ("Bọlá Adéyẹmí", Some("Electrician"), "bola@adeyemi.example"),
    ("Ifeoma Nwosu", Some("Potter"), "ifeoma@nwosu.example"),
    ("Kwame Mensah", Some("Blacksmith"), "kwame@mensah.example"),
    ("Chidi Eze", Some("Electrician"), "chidi@eze.example"),
    ("Yusuf Danjuma", Some("Leather worker"), "yusuf@danjuma.example"),
    ("Ngozi Umeh", None, "ngozi@umeh.example"),
    ("Marcus Reid", None, "marcus@reid.example"),
    ("Folúkẹ́ Adéníyì", None, HOUSE),
];

/// Where the password is kept in the settings of a demo's database.
const PASSWORD: &str = "demo_password";

/// The people, when this database holds the demo.
///
/// # Errors
/// The database's.
pub async fn people(app: &App) -> Result<Vec<Person>, DbError> {
    let mut c = app.db.read().await?;
    let Some(password) = settings::get(&mut c, PASSWORD).await? else { return Ok(Vec::new()) };
    Ok(CAST.iter().map(|&(name, craft, email)| Person { name, craft, email, password: password.clone() }).collect())
}

/// Fills an empty database. One that holds people already is left as it is.
///
/// # Errors
/// The database's.
pub async fn fill(app: &App, features: &'static [Feature]) -> Result<(), ApiError> {
    if people::count(&mut app.db.read().await?).await? > 0 {
        return Ok(());
    }
    let password = new_secret(&*app.config.chance);
    let password_hash = app.passwords.hash(Source::of(Ipv4Addr::LOCALHOST.into()), password.clone()).await?;
    let now = app.now();
    let shared = app.clone();
    app.db
        .write::<(), ApiError, _>(move |c| {
            Box::pin(async move {
                settings::get_or_set(c, PASSWORD, &password).await?;
                for &(name, craft, email) in CAST {
                    let new = people::NewUser {
                        email: email.to_owned(),
                        name: name.to_owned(),
                        password_hash: password_hash.clone(),
                        role: "member",
                        craft: craft.map(str::to_owned),
                    };
                    people::create(c, &new, now.plus_ms(-400 * guildhall_market::time::DAY_MS)).await?;
                }
                for demo in features.iter().filter_map(|feature| feature.demo) {
                    demo(&shared, c, now).await?;
                }
                Ok(Committed::quiet(()))
            })
        })
        .await
}
