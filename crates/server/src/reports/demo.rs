//! Two reports of the demo market that are worth a look.

use guildhall_contract::reports::{Frozen, FrozenField, FrozenMessage};
use guildhall_db::{Connection, messages, reports};
use guildhall_market::{
    ids::UserId,
    messages::Subject,
    reports::Thing,
    time::{MINUTE_MS, Timestamp},
};

use crate::{demo::CAST, error::ApiError, error::written};

/// Places in the cast: who reports, who is reported.
const NGOZI: i64 = 10;
const MARCUS: i64 = 11;
const LENA: i64 = 4;
const YUSUF: i64 = 9;

/// What the one wrote to the other, minutes ago, and whether it is what is reported.
const LINES: [(i64, i64, i64, &str, bool); 3] = [
    (405, NGOZI, MARCUS, "Shall I pay the deposit through the hall, as last time?", false),
    (398, MARCUS, NGOZI, "Cheaper if you send it to my own account. No fee, no waiting.", false),
    (391, MARCUS, NGOZI, "0123456789, Marcus Reid. Today please, or the boards go to somebody else.", true),
];

fn name(place: i64) -> String {
    usize::try_from(place - 1).ok().and_then(|at| CAST.get(at)).map_or_else(String::new, |one| one.0.to_owned())
}

/// Fills it in.
///
/// # Errors
/// The database's.
pub async fn fill(c: &mut Connection, now: Timestamp) -> Result<(), ApiError> {
    let (mut frozen, mut reported) = (Frozen::default(), 0);
    for (minutes, from, to, text, is_it) in LINES {
        let at = now.plus_ms(-minutes * MINUTE_MS);
        let new = messages::NewMessage {
            sender: UserId(from),
            recipient: UserId(to),
            subject: Subject::None,
            body: text.to_owned(),
            message_type: "text".into(),
            client_key: None,
            written_at: None,
        };
        let id = messages::insert(c, &new, at).await?;
        messages::mark_read(c, id, at.plus_ms(MINUTE_MS)).await?;
        let line =
            FrozenMessage { id: id.0, from: name(from), reported: is_it, text: text.to_owned(), sent_at: at.into() };
        frozen.messages.push(line);
        if is_it {
            reported = id.0;
        }
    }
    let line = |field: &str, text: &str| FrozenField { name: field.to_owned(), text: text.to_owned() };
    let profile =
        Frozen { profile: vec![line("name", &name(YUSUF)), line("craft", "Leather worker")], ..Frozen::default() };
    let paid_around = "He wants the deposit paid around the hall, and puts me under pressure.";
    for (reporter, thing, concerned, words, frozen, minutes) in [
        (LENA, (Thing::Profile, YUSUF), YUSUF, "I know a Yusuf Danjuma, and this is not his workshop.", profile, 1_500),
        (NGOZI, (Thing::Message, reported), MARCUS, paid_around, frozen, 380),
    ] {
        let evidence = written(&frozen)?;
        let new = reports::NewReport {
            reporter: UserId(reporter),
            thing,
            concerned: UserId(concerned),
            words,
            evidence: &evidence,
            files: &[],
        };
        reports::add(c, &new, now.plus_ms(-minutes * MINUTE_MS)).await?;
    }
    Ok(())
}
