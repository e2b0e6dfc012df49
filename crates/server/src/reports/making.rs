//! Making a report: what is reported is frozen as it is at this moment.

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    reports::{Frozen, FrozenField, FrozenMessage, OwnReport, ReportMake},
    rest::{Data, Refusal},
};
use guildhall_db::{
    Committed, Connection, attachments, feed, messages, notifications, people, profiles, reports, suspensions,
};
use guildhall_market::{
    ids::{MessageId, UserId},
    notifications::kinds::REPORT_MADE,
    reports::{BUDGET, BUDGET_MS, EVIDENCE_MAX, Thing, clean, may_report},
    time::Timestamp,
};

use super::own;
use crate::{
    app::App,
    error::{ApiError, written},
    notifications::notify,
    request::{Caller, Command},
};

/// Reports a message that one got, or somebody's profile or picture. Each once, ten a day.
#[utoipa::path(post, path = "/api/reports", tag = "reports", request_body = ReportMake,
    responses((status = 201, body = Data<OwnReport>), (status = 404, body = Refusal), (status = 409, body = Refusal),
        (status = 422, body = Refusal), (status = 429, body = Refusal)))]
pub async fn make_report(
    State(app): State<App>,
    caller: Caller,
    command: Command<ReportMake>,
) -> Result<Response, ApiError> {
    let ReportMake { kind, id, words, evidence } = command.body;
    let thing = Thing::from_code(&kind)
        .ok_or_else(|| ApiError::invalid("kind", "`kind` must be message, profile or picture."))?;
    let words = clean(&words).map_err(|refusal| ApiError::from(refusal).on_field("words"))?;
    if evidence.len() > EVIDENCE_MAX || (thing != Thing::Message && !evidence.is_empty()) {
        let words =
            format!("At most {EVIDENCE_MAX} further messages go with a report of a message, and with no other.");
        return Err(ApiError::invalid("evidence", words));
    }
    app.command(caller.session(), command.once, StatusCode::CREATED, move |c, now| {
        Box::pin(async move {
            let me = caller.user;
            let (concerned, frozen, files) = match thing {
                Thing::Message => freeze_messages(c, me, MessageId(id), &evidence).await?,
                Thing::Profile | Thing::Picture => freeze_person(c, me, UserId(id), thing).await?,
            };
            let before = reports::made_since(c, me, now.plus_ms(-BUDGET_MS)).await?;
            let frozen = written(&frozen)?;
            let new = reports::NewReport {
                reporter: me,
                thing: (thing, id),
                concerned,
                words: &words,
                evidence: &frozen,
                files: &files,
            };
            // Looked for first: whoever reported it before is told so also when nothing is left of the day's budget.
            let made = reports::add(c, &new, now).await?.ok_or_else(|| {
                let words = "You reported this before. It is looked at once.";
                ApiError::new(StatusCode::CONFLICT, "reported_before", words)
            })?;
            if !may_report(before) {
                let words = format!("You made {BUDGET} reports within a day, the most there may be.");
                return Err(ApiError::too_many("too_many_reports", words, BUDGET_MS));
            }
            let told = tell(c, made, me, concerned, &words, now).await?;
            let events = feed::append(c, told, now).await?;
            let report = reports::hold(c, made).await?.ok_or_else(ApiError::not_found)?;
            Ok(Committed { value: Data { data: own(&report, me) }, events })
        })
    })
    .await
}

/// Tells the administrators that may decide it.
async fn tell(
    c: &mut Connection,
    id: i64,
    reporter: UserId,
    concerned: UserId,
    words: &str,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    let mut told = Vec::new();
    let data = written(&serde_json::json!({ "report_id": id }))?;
    for other in suspensions::hold_administrators(c).await? {
        if other != reporter && other != concerned {
            let notice = notifications::NewNotification {
                user: other,
                kind: REPORT_MADE,
                subject: &format!("report:{id}"),
                version: 1,
                title: "Something was reported",
                body: words,
                data: &data,
            };
            told.extend(notify(c, &notice, now).await?);
        }
    }
    Ok(told)
}

type Froze = (UserId, Frozen, Vec<reports::File>);

/// A message that one got, also one that was deleted while its sealed copy is there, and further ones between the same two.
async fn freeze_messages(c: &mut Connection, me: UserId, id: MessageId, further: &[i64]) -> Result<Froze, ApiError> {
    let found = messages::get(c, id).await?.filter(|message| message.recipient_id == me || message.sender_id == me);
    let reported = found.ok_or_else(ApiError::not_found)?;
    if reported.sender_id == me {
        return Err(ApiError::forbidden("You wrote this message yourself. You can delete it."));
    }
    let concerned = reported.sender_id;
    let mut all = vec![reported];
    for id in further.iter().map(|id| MessageId(*id)).filter(|further| *further != id) {
        let between = |message: &messages::Message| {
            [(me, concerned), (concerned, me)].contains(&(message.sender_id, message.recipient_id))
        };
        let message = messages::get(c, id).await?.filter(between).ok_or_else(|| {
            ApiError::invalid("evidence", format!("Message {id} is none between you and this person."))
        })?;
        all.push(message);
    }
    all.sort_by_key(|message| message.id.0);
    all.dedup_by_key(|message| message.id.0);
    let ids: Vec<MessageId> = all.iter().map(|message| message.id).collect();
    let files = attachments::of_messages(c, &ids).await?.into_iter().map(|file| reports::File {
        name: file.name,
        mime: file.mime,
        size_bytes: file.size_bytes,
        sha256: file.sha256,
    });
    let files = files.collect();
    let mut frozen = Frozen::default();
    for message in all {
        frozen.messages.push(FrozenMessage {
            id: message.id.0,
            from: message.sender_name,
            reported: message.id == id,
            text: reports::words_of(c, message.id).await?.unwrap_or_default(),
            sent_at: Timestamp(message.created_at_ms).into(),
        });
    }
    Ok((concerned, frozen, files))
}

/// What somebody says of themselves, or shows.
async fn freeze_person(c: &mut Connection, me: UserId, id: UserId, thing: Thing) -> Result<Froze, ApiError> {
    let found = people::get(c, id).await?.filter(|user| user.deleted_at_ms.is_none());
    let person = found.ok_or_else(ApiError::not_found)?;
    if id == me {
        return Err(ApiError::forbidden("This is yourself."));
    }
    if thing == Thing::Picture && person.avatar.is_none() {
        return Err(ApiError::not_found());
    }
    let field =
        |name: &str, text: Option<&String>| text.map(|text| FrozenField { name: name.to_owned(), text: text.clone() });
    let said = profiles::get(c, id).await?;
    let languages = said.languages().join(", ");
    let profile = [
        field("name", Some(&person.name)),
        field("craft", person.craft.as_ref()),
        field("place", said.place.as_ref()),
        field("words", said.words.as_ref()),
        field("languages", Some(&languages).filter(|text| !text.is_empty())),
    ];
    let files = reports::shown_files(c, id, thing).await?;
    let frozen =
        Frozen { profile: profile.into_iter().flatten().collect(), picture: person.avatar, ..Frozen::default() };
    Ok((id, frozen, files))
}
