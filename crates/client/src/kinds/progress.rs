//! Reports of how far the work is. They are written where there is no link: each waits here until the server has it, those of one
//! job in the order in which they were written, and one that the server refuses stays until whoever wrote it decides.

use std::sync::Arc;

use async_trait::async_trait;
use guildhall_cache::{StoreError, known::Changes, own::Edit};
use guildhall_contract::{
    bytes::Bytes,
    commands::Nothing,
    errors::AppError,
    jobs::{
        FileDrop, FileGive, FileGiven, JobRef, Progress, ProgressDropping, ProgressPage, ProgressReport,
        ProgressReporting, ProgressWaiting,
    },
    known::Known,
    mend::Rows,
    ui_events::UiEvent,
};
use guildhall_market::{
    jobs::posts::{PICTURES_MAX, Refusal, clean_progress},
    time::Timestamp,
};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Core,
    account::{Account, Kind},
    behind::Behind,
    chosen::{new_file, with_oneself},
    edits, outbox,
    rest::{self, ApiError},
};

/// Under which they wait.
const NAME: &str = "progress";
/// What of the interface shows them.
const TOPIC: &str = "jobs";

/// A report as it waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Waiting {
    job: i64,
    note: String,
    percent: i64,
    files: Vec<String>,
    at: Timestamp,
    #[serde(default)]
    refused: Option<String>,
}

fn waiting(edit: &Edit) -> Option<Waiting> {
    serde_json::from_str(edit.body.as_deref()?).ok()
}

/// The kind.
pub(crate) struct ProgressReports;

#[async_trait]
impl Kind for ProgressReports {
    async fn tell(&self, _: &Arc<Account>, _: &Changes) -> Result<(), StoreError> {
        Ok(())
    }

    fn edits(&self) -> Option<&'static str> {
        Some(NAME)
    }

    async fn say(&self, account: &Arc<Account>, edit: &Edit) -> Result<(), Behind> {
        let Some(report) = waiting(edit) else { return Ok(()) };
        if report.refused.is_some() || is_behind_another(account, edit, report.job).await? {
            return Err(Behind::Store);
        }
        match say(account, edit, &report).await {
            Err(Behind::Api(ApiError::Refused { refusal, .. })) => {
                tracing::info!(reason = refusal.code, "a report of progress was refused");
                let refused = Waiting { refused: Some(refusal.message), ..report };
                keep(account, &edit.subject, &refused).await.map_err(|_| Behind::Store)?;
                stale(account, refused.job);
                Err(Behind::Store)
            }
            other => other,
        }
    }

    async fn said(&self, account: &Arc<Account>, edit: &Edit) {
        let Some(report) = waiting(edit) else { return };
        for file in &report.files {
            let _ = account.owned(account.own.remove_file(file).await);
        }
        stale(account, report.job);
    }
}

/// Whether one of the same job was written before it and waits still.
async fn is_behind_another(account: &Account, edit: &Edit, job: i64) -> Result<bool, Behind> {
    let all = account.owned(account.own.edits(Some(NAME)).await).map_err(|_| Behind::Store)?;
    let before = all.iter().take_while(|other| other.subject != edit.subject);
    Ok(before.filter_map(waiting).any(|other| other.job == job && other.refused.is_none()))
}

async fn say(account: &Arc<Account>, edit: &Edit, report: &Waiting) -> Result<(), Behind> {
    let (mut attachments, mut uploaded_before) = (Vec::new(), Vec::new());
    for file in &report.files {
        let file = account.owned(account.own.file(file).await).map_err(|_| Behind::Store)?;
        if let Some(file) = file {
            uploaded_before.extend(file.server_id.map(|_| file.local_id.clone()));
            attachments.push(account.over_link(outbox::upload(account, &file)).await?);
        }
    }
    let body = ProgressReport { note: report.note.clone(), percent: report.percent, attachments, version: None };
    let path = format!("/api/jobs/{}/progress", report.job);
    let request = account.api.request(Method::POST, &path).header("Idempotency-Key", &edit.key).json(&body);
    match account.over_link(rest::done(request)).await {
        // A day is long: the server forgot what was uploaded and never used. It gets it once more.
        Err(ApiError::Refused { status: 422, .. }) if !uploaded_before.is_empty() => {
            for file in uploaded_before {
                let _ = account.owned(account.own.upload_anew(&file, &Uuid::new_v4().to_string()).await);
            }
            Err(Behind::Store)
        }
        answer => Ok(answer?),
    }
}

async fn keep(account: &Account, key: &str, report: &Waiting) -> Result<(), AppError> {
    let body = serde_json::to_string(report).map_err(|error| crate::error::internal(&error))?;
    account.owned(account.own.edit(NAME, key, Some(&body), key).await)
}

fn stale(account: &Account, job: i64) {
    account.ui.send(UiEvent::Stale { topic: TOPIC.into(), of: Some(job.to_string()) });
}

async fn waiting_for(account: &Account, job: i64) -> Result<Vec<ProgressWaiting>, AppError> {
    let all = account.owned(account.own.edits(Some(NAME)).await)?;
    let shown = |edit: &Edit| {
        let report = waiting(edit).filter(|report| report.job == job)?;
        Some(ProgressWaiting {
            key: edit.subject.clone(),
            note: report.note,
            percent: report.percent,
            files: i64::try_from(report.files.len()).unwrap_or(i64::MAX),
            at: report.at,
            refused: report.refused,
        })
    };
    Ok(all.iter().filter_map(shown).collect())
}

fn refused(field: &str, refusal: &Refusal) -> AppError {
    AppError::Invalid { field: field.into(), reason: refusal.code().into(), message: refusal.to_string() }
}

impl Core {
    /// How far the work is: what the server has, and what waits here.
    pub async fn progress_list(&self, request: JobRef) -> Result<Known<ProgressPage>, AppError> {
        let account = self.account()?;
        let waiting = waiting_for(&account, request.id).await?;
        let path = format!("/api/jobs/{}/progress", request.id);
        match self.known_of_two::<Rows<Progress>>(&path).await {
            Ok(known) => Ok(known.map(|found| ProgressPage { rows: found.rows, waiting })),
            // Nobody looked at it before: what waits here is seen all the same.
            Err(AppError::Unreachable { .. }) if !waiting.is_empty() => {
                Ok(Known { data: ProgressPage { rows: Vec::new(), waiting }, as_of: Some(account.now()) })
            }
            Err(error) => Err(error),
        }
    }

    /// Says how far the work is: when this answers, it is on disk.
    pub async fn progress_report(&self, request: ProgressReporting) -> Result<ProgressPage, AppError> {
        let account = self.account()?;
        let ProgressReporting { job, key, note, percent: how_far, files } = request;
        let (note, how_far) = clean_progress(&note, how_far).map_err(|refusal| {
            let field = if refusal == Refusal::Percent { "percent" } else { "note" };
            refused(field, &refusal)
        })?;
        if files.len() > PICTURES_MAX {
            return Err(AppError::Attachment { reason: "too_many_attachments".into(), name: String::new() });
        }
        let report = Waiting { job, note, percent: i64::from(how_far), files, at: account.now(), refused: None };
        keep(&account, &key, &report).await?;
        edits::wake(&account);
        stale(&account, job);
        Ok(ProgressPage { rows: Vec::new(), waiting: waiting_for(&account, job).await? })
    }

    /// Takes a report back that the server does not have.
    pub async fn progress_drop(&self, request: ProgressDropping) -> Result<ProgressPage, AppError> {
        let account = self.account()?;
        let all = account.owned(account.own.edits(Some(NAME)).await)?;
        let edit = all.into_iter().find(|edit| edit.subject == request.key).ok_or(AppError::NotFound)?;
        account.owned(account.own.end_edit(&edit).await)?;
        ProgressReports.said(&account, &edit).await;
        Ok(ProgressPage { rows: Vec::new(), waiting: waiting_for(&account, request.job).await? })
    }

    /// Keeps a picture here for a report.
    pub async fn file_keep(&self, request: FileGive) -> Result<FileGiven, AppError> {
        let account = self.account()?;
        let FileGive { name, bytes: Bytes(bytes) } = request;
        let new = new_file(with_oneself(&account), &name, bytes)?;
        let kept = account.owned(account.own.add_file(&new).await)?;
        Ok(FileGiven { id: None, local_id: Some(kept.local_id), name: kept.name, mime: kept.mime, size: kept.size })
    }

    /// Forgets a picture that goes with no report.
    pub async fn file_drop(&self, request: FileDrop) -> Result<Nothing, AppError> {
        let account = self.account()?;
        account.owned(account.own.remove_file(&request.local_id).await)?;
        Ok(Nothing {})
    }

    /// Gives the server a file.
    pub async fn file_give(&self, request: FileGive) -> Result<FileGiven, AppError> {
        let account = self.account()?;
        let FileGive { name, bytes: Bytes(bytes) } = request;
        let new = new_file(with_oneself(&account), &name, bytes)?;
        let given = account.api.upload(&new.name, &new.mime, new.bytes, false, &new.upload_key).await;
        let given = account.answered(given)?;
        Ok(FileGiven { id: Some(given.id), local_id: None, name: given.name, mime: given.mime, size: given.size })
    }
}
