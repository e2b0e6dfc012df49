//! `identity_*` and `verification_*` of administrators. Papers are passed on and never kept on this device: neither while they wait
//! nor once they were looked at.

use guildhall_contract::{
    attachments::AttachmentContent,
    bytes::Bytes,
    errors::AppError,
    identity_papers::{
        IdentityAsk, IdentityPaper, IdentityPaperPut, IdentitySend, VerificationDecide, VerificationFull,
        VerificationLook, VerificationPaperLook, VerificationQueueQuery, VerificationRow,
    },
    mend::Mended,
    rest::Data,
    suspensions::ReasonBody,
    verifications::{Verification, VerificationView},
};
use guildhall_market::attachments::Kind;
use reqwest::{Method, multipart};

use super::departures::save_answer;
use crate::{
    Core,
    rest::{self, ApiError, UPLOAD_TIMEOUT},
};

const KEY: &str = "Idempotency-Key";

impl Core {
    /// Uploads a paper. The same key again is the same paper.
    pub async fn identity_paper_put(&self, request: IdentityPaperPut) -> Result<IdentityPaper, AppError> {
        let account = self.account()?;
        let IdentityPaperPut { key, name, bytes } = request;
        let form = multipart::Form::new().part("file", multipart::Part::bytes(bytes.0).file_name(name));
        let asked = account.api.request(Method::POST, "/api/verifications/identity/papers");
        let asked = asked.header(KEY, key).timeout(UPLOAD_TIMEOUT).multipart(form);
        let Data { data } = account.answered(rest::json(asked).await)?;
        Ok(data)
    }

    /// Sends papers that were uploaded.
    pub async fn identity_send(&self, request: IdentitySend) -> Result<VerificationView, AppError> {
        let account = self.account()?;
        let asked = account.api.request(Method::POST, "/api/verifications/identity").header(KEY, request.key);
        let asked = asked.json(&IdentityAsk { papers: request.papers });
        let Data { data: Mended(verification) }: Data<Mended<Verification>> =
            account.answered(rest::json(asked).await)?;
        Ok(verification.into())
    }

    /// What waits for an administrator, or was verified by one.
    pub async fn verification_queue(&self, request: VerificationQueueQuery) -> Result<Vec<VerificationRow>, AppError> {
        let query: Vec<_> = request.state.map(|state| ("state", state)).into_iter().collect();
        let Data { data } = self.asked::<Data<_>>("/api/admin/verifications", &query).await?;
        Ok(data)
    }

    /// One of them with what is private.
    pub async fn verification_open(&self, request: VerificationLook) -> Result<VerificationFull, AppError> {
        let path = format!("/api/admin/verifications/{}", request.id);
        let Data { data } = self.asked::<Data<_>>(&path, &[("reason", request.reason)]).await?;
        Ok(data)
    }

    /// One of its papers.
    pub async fn verification_paper(&self, request: VerificationPaperLook) -> Result<AttachmentContent, AppError> {
        let account = self.account()?;
        let path = format!("/api/admin/verifications/{}/papers/{}", request.id, request.n);
        let asked = account.api.request(Method::GET, &path).query(&[("reason", request.reason)]);
        let bytes = account.answered(rest::bytes(asked.timeout(UPLOAD_TIMEOUT)).await)?;
        // What it is said to be decides nothing about what is done with it.
        let mime = infer::get(&bytes).map(|kind| kind.mime_type()).and_then(Kind::from_mime).map(Kind::mime);
        let mime = account.answered(mime.ok_or(ApiError::Garbled))?;
        Ok(AttachmentContent { mime: mime.to_owned(), bytes: Bytes(bytes) })
    }

    /// Saves one of its papers in the downloads folder.
    pub async fn verification_paper_save(&self, request: VerificationPaperLook) -> Result<String, AppError> {
        let account = self.account()?;
        let path = format!("/api/admin/verifications/{}/papers/{}", request.id, request.n);
        let asked = account.api.request(Method::GET, &path).query(&[("reason", request.reason)]);
        save_answer(self, asked, &format!("paper-{}-{}.pdf", request.id, request.n)).await
    }

    /// Approves, rejects or revokes.
    pub async fn verification_decide(&self, request: VerificationDecide) -> Result<VerificationFull, AppError> {
        let VerificationDecide { id, action, reason } = request;
        if !["approve", "reject", "revoke"].contains(&action.as_str()) {
            let message = "`action` must be approve, reject or revoke.".to_owned();
            return Err(AppError::Invalid { field: "action".into(), reason: "invalid".into(), message });
        }
        self.told(&format!("/api/admin/verifications/{id}/{action}"), &ReasonBody { reason }).await
    }
}
