//! `job_*`, `application_*`, `milestone_*`, `proposal_*`: the server decides; what it said last is read without it.

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    jobs::{
        Application, ApplicationActing, Job, JobActing, JobApplying, JobChanging, JobCommand, JobDropping, JobFind,
        JobInviting, JobPage, JobPosting, JobRef, JobReviewing, MilestoneAdding, MilestoneChanging, MilestoneDropping,
        Proposal, ProposalActing, ProposalMaking,
    },
    known::Known,
    mend::Rows,
    rest::{Data, PageMeta},
};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::{
    Core,
    answers::Query,
    rest::{self, ApiError},
};

/// A page of a list of which rows may be unreadable.
#[derive(Deserialize)]
#[serde(bound = "T: guildhall_contract::mend::Mend")]
pub(super) struct Listed<T> {
    pub(super) data: Rows<T>,
    #[serde(default)]
    pub(super) meta: PageMeta,
}

impl<T> Listed<T> {
    /// How many rows cannot be read.
    pub(super) fn lost(&self) -> i64 {
        i64::try_from(self.data.lost).unwrap_or(i64::MAX)
    }
}

/// The word of a step, as it stands in the address of its command.
pub(super) fn word(step: &impl Serialize) -> String {
    match serde_json::to_value(step) {
        Ok(serde_json::Value::String(word)) => word,
        // Steps are words: nothing else is made of one.
        _ => String::new(),
    }
}

fn asked(find: JobFind) -> Query {
    let JobFind { status, category, q, place, mine, currency, budget_min, budget_max, page } = find;
    let text = |name, text: Option<String>| text.filter(|text| !text.trim().is_empty()).map(|text| (name, text));
    [
        text("status", status),
        text("category", category),
        text("q", q),
        text("place", place),
        text("mine", mine),
        text("currency", currency),
        text("budget_min", budget_min),
        text("budget_max", budget_max),
        page.map(|page| ("page", page.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Core {
    /// Jobs that are looked for.
    pub async fn job_find(&self, request: JobFind) -> Result<Known<JobPage>, AppError> {
        let page = self.known_answer::<Listed<Job>>("/api/jobs", asked(request)).await?;
        Ok(page.map(|page| JobPage {
            lost: page.lost(),
            rows: page.data.rows,
            total: page.meta.total,
            page: page.meta.current_page.max(1),
            last_page: page.meta.last_page.max(1),
        }))
    }

    /// One job.
    pub async fn job_get(&self, request: JobRef) -> Result<Known<Job>, AppError> {
        let me = self.account()?.who.user;
        // What is on the board is everybody's; of the rest, one's own.
        let keeps = |Data { data }: &Data<Job>| {
            data.stage == "open" || data.client_id == me || data.artisan_id == Some(me) || data.my_application.is_some()
        };
        let path = format!("/api/jobs/{}", request.id);
        Ok(self.known_where(&path, Query::new(), keeps).await?.map(|answer| answer.data))
    }

    /// Makes one.
    pub async fn job_post(&self, request: JobPosting) -> Result<Job, AppError> {
        self.said_once(Method::POST, "/api/jobs", (&request.key, &request.body)).await
    }

    /// Changes what one says.
    pub async fn job_change(&self, request: JobChanging) -> Result<Job, AppError> {
        let path = format!("/api/jobs/{}", request.id);
        self.said_once(Method::PATCH, &path, (&request.key, &request.body)).await
    }

    /// Throws a draft away.
    pub async fn job_drop(&self, request: JobDropping) -> Result<Nothing, AppError> {
        let account = self.account()?;
        let path = format!("/api/jobs/{}", request.id);
        let body = JobCommand { version: request.version, reason: None };
        let said = account.api.request(Method::DELETE, &path).header("Idempotency-Key", request.key).json(&body);
        match rest::done(said).await {
            // It is gone, whoever threw it away.
            Ok(()) | Err(ApiError::Refused { status: 404, .. }) => {}
            Err(error) => return account.answered(Err(error)),
        }
        account.cached(account.cache.forget_answer(&path).await)?;
        Ok(Nothing {})
    }

    /// Publishes one, ends it, or parts with its artisan.
    pub async fn job_act(&self, request: JobActing) -> Result<Job, AppError> {
        let path = format!("/api/jobs/{}/{}", request.id, word(&request.step));
        self.said_once(Method::POST, &path, (&request.key, &request.body)).await
    }

    /// Asks an artisan whether they would like one.
    pub async fn job_invite(&self, request: JobInviting) -> Result<Job, AppError> {
        let path = format!("/api/jobs/{}/invite", request.id);
        self.said_once(Method::POST, &path, (&request.key, &request.body)).await
    }

    /// Applies for one.
    pub async fn job_apply(&self, request: JobApplying) -> Result<Application, AppError> {
        let path = format!("/api/jobs/{}/applications", request.id);
        self.said_once(Method::POST, &path, (&request.key, &request.body)).await
    }

    /// Who applied for one's job.
    pub async fn application_list(&self, request: JobRef) -> Result<Known<Vec<Application>>, AppError> {
        self.known_of_two(&format!("/api/jobs/{}/applications", request.id)).await
    }

    /// Decides an application, or takes one's own back.
    pub async fn application_act(&self, request: ApplicationActing) -> Result<Application, AppError> {
        let path = format!("/api/jobs/{}/applications/{}/{}", request.job, request.id, word(&request.step));
        self.said_once(Method::POST, &path, (&request.key, &request.body)).await
    }

    /// Plans a part of the work.
    pub async fn milestone_add(&self, request: MilestoneAdding) -> Result<Job, AppError> {
        let path = format!("/api/jobs/{}/milestones", request.job);
        self.said_once(Method::POST, &path, (&request.key, &request.body)).await
    }

    /// Changes a part that is planned.
    pub async fn milestone_change(&self, request: MilestoneChanging) -> Result<Job, AppError> {
        let path = format!("/api/jobs/{}/milestones/{}", request.job, request.id);
        self.said_once(Method::PATCH, &path, (&request.key, &request.body)).await
    }

    /// Drops a part that is planned.
    pub async fn milestone_drop(&self, request: MilestoneDropping) -> Result<Job, AppError> {
        let path = format!("/api/jobs/{}/milestones/{}", request.job, request.id);
        let body = JobCommand { version: request.version, reason: None };
        self.said_once(Method::DELETE, &path, (&request.key, &body)).await
    }

    /// What either of the two would change.
    pub async fn proposal_list(&self, request: JobRef) -> Result<Known<Vec<Proposal>>, AppError> {
        self.known_of_two(&format!("/api/jobs/{}/proposals", request.id)).await
    }

    /// Proposes a change of what was agreed.
    pub async fn proposal_make(&self, request: ProposalMaking) -> Result<Proposal, AppError> {
        let path = format!("/api/jobs/{}/proposals", request.job);
        self.said_once(Method::POST, &path, (&request.key, &request.body)).await
    }

    /// Answers to a proposal.
    pub async fn proposal_act(&self, request: ProposalActing) -> Result<Proposal, AppError> {
        let path = format!("/api/jobs/{}/proposals/{}/{}", request.job, request.id, word(&request.step));
        let body = JobCommand { version: request.version, reason: None };
        self.said_once(Method::POST, &path, (&request.key, &body)).await
    }

    /// Says how it was.
    pub async fn job_review(&self, request: JobReviewing) -> Result<Job, AppError> {
        let path = format!("/api/jobs/{}/review", request.id);
        self.said_once(Method::POST, &path, (&request.key, &request.body)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guildhall_contract::{jobs::JobStep, payments::PaymentWord};

    #[test]
    fn steps_are_said_by_the_words_of_their_addresses() {
        assert_eq!(word(&JobStep::KeepOpen), "keep-open");
        assert_eq!(word(&PaymentWord::WithdrawRefundRequest), "withdraw-refund-request");
    }

    #[test]
    fn what_nobody_typed_is_not_asked_for() {
        let find = JobFind { q: Some(" ".into()), mine: Some("client".into()), page: Some(2), ..JobFind::default() };
        assert_eq!(asked(find), [("mine", "client".to_owned()), ("page", "2".to_owned())]);
    }
}
