//! What the people of the demo market say about themselves, and what they show of their work.

use guildhall_db::{Connection, attachments, people, profiles};
use guildhall_market::{
    attachments::{Kind, safe_name},
    ids::UserId,
    profiles::{clean_languages, clean_place, clean_title, clean_words},
    time::Timestamp,
};

use crate::{app::App, attachments::store, error::ApiError};

/// Address, words, place, languages.
const DEMO: &[(&str, &str, &str, &[&str])] = &[
    (
        "amara@okonkwo.example",
        "I run a small hotel in Ikoyi and have something to build or mend every month. I pay through escrow, and I answer the same day.",
        "Ikoyi, Lagos",
        &["English", "Igbo"],
    ),
    (
        "tunde@bakare.example",
        "I make kitchens, wardrobes and stairs from West African hardwood, mostly iroko and mahogany. Every board is dried two years in my own stack, and I measure twice before I quote. One job in the workshop at a time.",
        "Surulere, Lagos",
        &["Yorùbá", "English"],
    ),
    (
        "sade@olayinka.example",
        "Chairs, headboards and window seats, stripped to the frame and built up again. I keep cloth from three weavers in Abẹ́òkúta and will send you samples before you decide.",
        "Yaba, Lagos",
        &["Yorùbá", "English", "Français"],
    ),
    (
        "bola@adeyemi.example",
        "Rewiring, boards and solar for houses and workshops. You get a drawing of every circuit and a test sheet, signed.",
        "Ibadan",
        &["Yorùbá", "English"],
    ),
    (
        "ifeoma@nwosu.example",
        "Stoneware for tables and kitchens, thrown and fired in Enugu. Sets of twelve take five weeks; a single bowl is often on the shelf.",
        "Enugu",
        &["Igbo", "English"],
    ),
    (
        "kwame@mensah.example",
        "Gates, railings and hinges, forged and not welded where it shows. I deliver and hang within Accra.",
        "Accra",
        &["Twi", "English"],
    ),
    (
        "chidi@eze.example",
        "Generators, inverters and the wiring between them. Ask me before you buy the batteries.",
        "Port Harcourt",
        &["Igbo", "English", "Pidgin"],
    ),
    (
        "yusuf@danjuma.example",
        "Saddlery, satchels and belts from Kano leather, stitched by hand with waxed thread.",
        "Kano",
        &["Hausa", "English"],
    ),
];

/// Whose work, what stands under it, and the picture.
const WORKS: &[(&str, &str, &[u8])] = &[
    ("tunde@bakare.example", "Iroko doors, book-matched", include_bytes!("pictures/doors.jpg")),
    ("tunde@bakare.example", "Stair treads, Ikeja GRA", include_bytes!("pictures/stairs.jpg")),
    ("tunde@bakare.example", "Kitchen island, Yaba", include_bytes!("pictures/island.jpg")),
    ("sade@olayinka.example", "Window seat, Lekki", include_bytes!("pictures/seat.jpg")),
];

/// Fills it in.
///
/// # Errors
/// The database's.
pub async fn fill(app: &App, c: &mut Connection, now: Timestamp) -> Result<(), ApiError> {
    for (email, words, place, languages) in DEMO {
        let Some((id, _)) = people::credentials(c, email).await? else { continue };
        let Some(stored) = people::get(c, UserId(id)).await? else { continue };
        let profile = profiles::Profile {
            words: clean_words(words)?,
            place: clean_place(place)?,
            ..profiles::Profile::default()
        };
        let profile = profile.speaking(&clean_languages(languages)?);
        profiles::set(c, stored.id, (&stored.name, stored.craft.as_deref()), &profile, now).await?;
    }
    for (position, (email, title, picture)) in (0..).zip(WORKS) {
        let Some((id, _)) = people::credentials(c, email).await? else { continue };
        let (owner, sha256) = (UserId(id), store(app, picture.to_vec().into()).await?);
        let new = attachments::NewAttachment {
            owner,
            name: safe_name(title, Kind::Jpeg),
            mime: Kind::Jpeg.mime(),
            size_bytes: i64::try_from(picture.len()).unwrap_or(i64::MAX),
            sha256,
        };
        let id = attachments::insert(c, &new, now).await?;
        attachments::show(c, id, owner, "work").await?;
        let key = format!("demo-{position}").parse()?;
        profiles::put_work(c, owner, &key, (id, clean_title(title)?.as_deref(), position)).await?;
    }
    Ok(())
}
