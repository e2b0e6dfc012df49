//! `audit_*`, `look_*`, `desk_*`, `report_*`, `suspension_*` and `block_*`: asked of the server as they are. Nothing of it is
//! kept on this device: it is other people's, or true only now.

use guildhall_cache::known::people::person_of;
use guildhall_contract::{
    audit::{AuditPage, AuditQuery, AuditRow, AuditSave, LookPage, LookQuery, LookRow},
    commands::Nothing,
    desk::{DeskHealth, DeskLetterRef, DeskLetters, DeskLook, DeskPerson, DeskQuery, DeskReason, DeskRow, DeskSuspend},
    errors::AppError,
    mend::Rows,
    people::{PersonView, User},
    reports::{
        OwnReport, ReportAnswer, ReportAnswerBody, ReportCloseBody, ReportDecide, ReportDecideBody, ReportFileRef,
        ReportFull, ReportMake, ReportQueueQuery, ReportRef, ReportRow,
    },
    rest::{ConnectionRow, Data, Page},
    suspensions::{
        ReasonBody, Suspended, SuspendedAnswerBody, SuspendedAnswerRequest, SuspendedBody, SuspendedRequest,
    },
    verifications::CodeToTell,
};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};

use super::departures::save_answer;
use crate::{
    Core,
    commands::sessions::server,
    rest::{self, Api},
};

const KEY: &str = "Idempotency-Key";

/// A new key: whoever does the same thing again means it again.
fn key() -> String {
    uuid::Uuid::new_v4().to_string()
}

fn filters(query: &AuditQuery) -> Vec<(&'static str, String)> {
    let id = |name, id: Option<i64>| id.map(|id| (name, id.to_string()));
    let text = |name, text: &Option<String>| text.clone().filter(|text| !text.is_empty()).map(|text| (name, text));
    [
        id("actor", query.actor.map(|user| user.0)),
        id("about", query.about.map(|user| user.0)),
        text("action", &query.action),
        text("from", &query.from),
        text("to", &query.to),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Core {
    pub(crate) async fn asked<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&'static str, String)],
    ) -> Result<T, AppError> {
        let account = self.account()?;
        account.answered(rest::json(account.api.request(Method::GET, path).query(query)).await)
    }

    pub(crate) async fn told<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, AppError> {
        let account = self.account()?;
        let request = account.api.request(Method::POST, path).header(KEY, key()).json(body);
        let Data { data } = account.answered(rest::json::<Data<T>>(request).await)?;
        Ok(data)
    }

    /// What was done on this server and looked at.
    pub async fn audit_list(&self, request: AuditQuery) -> Result<AuditPage, AppError> {
        let mut query = filters(&request);
        query.extend(request.before.map(|before| ("before", before.to_string())));
        let page: Page<AuditRow> = self.asked("/api/admin/audit", &query).await?;
        Ok(AuditPage { rows: page.data, next: page.meta.next })
    }

    /// The same as a file in the downloads folder.
    pub async fn audit_save(&self, request: AuditSave) -> Result<String, AppError> {
        let account = self.account()?;
        let mut query = filters(&request.query);
        let name = if request.format == "csv" { "audit.csv" } else { "audit.jsonl" };
        query.push(("format", request.format));
        let asked = account.api.request(Method::GET, "/api/admin/audit/export").query(&query);
        save_answer(self, asked, name).await
    }

    /// Who looked at one's own things.
    pub async fn look_list(&self, request: LookQuery) -> Result<LookPage, AppError> {
        let query: Vec<_> = request.before.map(|before| ("before", before.to_string())).into_iter().collect();
        let page: Page<LookRow> = self.asked("/api/user/looks", &query).await?;
        Ok(LookPage { rows: page.data, next: page.meta.next })
    }

    /// Finds people for an administrator.
    pub async fn desk_people(&self, request: DeskQuery) -> Result<Vec<DeskRow>, AppError> {
        let Data { data } = self.asked::<Data<_>>("/api/admin/users", &[("q", request.q)]).await?;
        Ok(data)
    }

    /// One person with what is private.
    pub async fn desk_person(&self, request: DeskLook) -> Result<DeskPerson, AppError> {
        let path = format!("/api/admin/users/{}", request.id);
        let Data { data } = self.asked::<Data<_>>(&path, &[("reason", request.reason)]).await?;
        Ok(data)
    }

    /// Suspends somebody, or lets them in again.
    pub async fn desk_suspend(&self, request: DeskSuspend) -> Result<DeskPerson, AppError> {
        let what = if request.suspend { "suspend" } else { "reinstate" };
        let path = format!("/api/admin/users/{}/{what}", request.id);
        self.told(&path, &ReasonBody { reason: request.reason }).await
    }

    /// Turns two-step sign-in off for somebody who lost everything, or asks another administrator to.
    pub async fn desk_two_step_off(&self, request: DeskLook) -> Result<DeskPerson, AppError> {
        let path = format!("/api/admin/users/{}/two-step/off", request.id);
        self.told(&path, &ReasonBody { reason: request.reason }).await
    }

    /// Every realtime connection of the server.
    pub async fn desk_connections(&self, _: Nothing) -> Result<Vec<ConnectionRow>, AppError> {
        let Data { data } = self.asked::<Data<_>>("/api/admin/connections", &[]).await?;
        Ok(data)
    }

    /// Letters that wait and those that were given up.
    pub async fn desk_letters(&self, _: Nothing) -> Result<DeskLetters, AppError> {
        let Data { data } = self.asked::<Data<_>>("/api/admin/failed-jobs", &[]).await?;
        Ok(data)
    }

    /// Has a letter that was given up tried again.
    pub async fn desk_letter_retry(&self, request: DeskLetterRef) -> Result<DeskLetters, AppError> {
        self.told(&format!("/api/admin/failed-jobs/{}/retry", request.id), &Nothing {}).await
    }

    /// Codes that the server cannot send.
    pub async fn desk_codes(&self, request: DeskReason) -> Result<Vec<CodeToTell>, AppError> {
        let Data { data } = self.asked::<Data<_>>("/api/admin/codes", &[("reason", request.reason)]).await?;
        Ok(data)
    }

    /// How the server is.
    pub async fn desk_health(&self, _: Nothing) -> Result<DeskHealth, AppError> {
        let Data { data } = self.asked::<Data<_>>("/api/admin/health", &[]).await?;
        Ok(data)
    }

    /// Reports a message, a profile or a picture.
    pub async fn report_make(&self, request: ReportMake) -> Result<OwnReport, AppError> {
        self.told("/api/reports", &request).await
    }

    /// Reports that one made, and those that were decided about oneself.
    pub async fn report_list(&self, _: Nothing) -> Result<Vec<OwnReport>, AppError> {
        let Data { data } = self.asked::<Data<_>>("/api/reports", &[]).await?;
        Ok(data)
    }

    /// Answers to a decision about oneself.
    pub async fn report_answer(&self, request: ReportAnswer) -> Result<OwnReport, AppError> {
        let path = format!("/api/reports/{}/answer", request.id);
        self.told(&path, &ReportAnswerBody { words: request.words }).await
    }

    /// The reports of this server, those that wait first.
    pub async fn report_queue(&self, request: ReportQueueQuery) -> Result<Vec<ReportRow>, AppError> {
        let query: Vec<_> = request.state.map(|state| ("state", state)).into_iter().collect();
        let Data { data } = self.asked::<Data<Vec<ReportRow>>>("/api/admin/reports", &query).await?;
        let (mut rows, others): (Vec<_>, Vec<_>) = data.into_iter().partition(|row| row.waits);
        rows.extend(others);
        Ok(rows)
    }

    /// One report with what was reported.
    pub async fn report_open(&self, request: ReportRef) -> Result<ReportFull, AppError> {
        let Data { data } = self.asked::<Data<_>>(&format!("/api/admin/reports/{}", request.id), &[]).await?;
        Ok(data)
    }

    /// Saves a file of a report.
    pub async fn report_file_save(&self, request: ReportFileRef) -> Result<String, AppError> {
        let account = self.account()?;
        let path = format!("/api/admin/reports/{}/files/{}", request.id, request.sha256);
        // Whatever the server calls it: a name here is one that leads nowhere else.
        let extension = request.name.rsplit_once('.').map_or("bin", |(_, extension)| extension);
        let plain = extension.len() <= 5 && extension.bytes().all(|b| b.is_ascii_alphanumeric());
        let name = format!("report-{}.{}", request.id, if plain { extension } else { "bin" });
        save_answer(self, account.api.request(Method::GET, &path), &name).await
    }

    /// Decides a report, or ends it after the answer.
    pub async fn report_decide(&self, request: ReportDecide) -> Result<ReportFull, AppError> {
        let ReportDecide { id, measures, uphold, reason } = request;
        match uphold {
            Some(uphold) => {
                self.told(&format!("/api/admin/reports/{id}/close"), &ReportCloseBody { uphold, reason }).await
            }
            None => self.told(&format!("/api/admin/reports/{id}/decide"), &ReportDecideBody { measures, reason }).await,
        }
    }

    /// What somebody who is kept out may read of it.
    pub async fn suspension_get(&self, request: SuspendedRequest) -> Result<Suspended, AppError> {
        let body = SuspendedBody { email: request.email, password: request.password, code: request.code };
        let api = Api::new(server(&request.server_url)?);
        let asked = rest::json::<Data<_>>(api.request(Method::POST, "/api/suspended").json(&body)).await;
        Ok(asked.map_err(AppError::from)?.data)
    }

    /// Answers to it, once.
    pub async fn suspension_answer(&self, request: SuspendedAnswerRequest) -> Result<Suspended, AppError> {
        let SuspendedAnswerRequest { server_url, email, password, code, words } = request;
        let body = SuspendedAnswerBody { email, password, code, words };
        let api = Api::new(server(&server_url)?);
        let asked = rest::json::<Data<_>>(api.request(Method::POST, "/api/suspended/answer").json(&body)).await;
        Ok(asked.map_err(AppError::from)?.data)
    }

    /// The people whom one blocked.
    pub async fn block_list(&self, _: Nothing) -> Result<Vec<PersonView>, AppError> {
        let Data { data } = self.asked::<Data<Rows<User>>>("/api/users/blocked", &[]).await?;
        Ok(data.rows.iter().map(person_of).collect())
    }
}
