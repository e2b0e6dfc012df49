//! Verifications: asked for when somebody looks at them, never without a link. An event says that it is time to ask anew.

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    mend::{Mended, Rows},
    rest::Data,
    verifications::{
        Verification, VerificationAsk, VerificationAsked, VerificationAskedView, VerificationAsking,
        VerificationConfirm, VerificationConfirming, VerificationView,
    },
};
use reqwest::Method;
use serde::Serialize;

use crate::{
    Core,
    account::Account,
    rest::{self, ApiError},
};

/// A request about one kind, which is a word of its own in the path.
fn about(
    account: &Account,
    kind: &str,
    then: &[&str],
    body: &impl Serialize,
) -> Result<reqwest::RequestBuilder, ApiError> {
    let mut path = account.api.base();
    path.path_segments_mut().map_err(|()| ApiError::Garbled)?.extend(["api", "verifications", kind]).extend(then);
    let request = account.api.request(Method::POST, path.path());
    Ok(request.header("Idempotency-Key", uuid::Uuid::new_v4().to_string()).json(body))
}

impl Core {
    /// What of oneself is verified, and what could be. Empty where the server verifies nothing.
    pub async fn verification_list(&self, _: Nothing) -> Result<Vec<VerificationView>, AppError> {
        let account = self.account()?;
        let request = account.api.request(Method::GET, "/api/verifications");
        let rows = match rest::json::<Data<Rows<Verification>>>(request).await {
            Ok(answer) => answer.data.rows,
            Err(ApiError::Refused { status: 404 | 405, .. }) => Vec::new(),
            Err(error) => return account.answered(Err(error)),
        };
        Ok(rows.into_iter().map(VerificationView::from).collect())
    }

    /// Asks for a verification, or for its code once more.
    pub async fn verification_ask(&self, request: VerificationAsking) -> Result<VerificationAskedView, AppError> {
        let account = self.account()?;
        let ask = VerificationAsk { value: request.value };
        let request = account.answered(about(&account, &request.kind, &[], &ask))?;
        let answer = rest::json(request).await.map_err(|error| error.for_a_person("too_many_codes"));
        let Data { data: Mended(asked) }: Data<Mended<VerificationAsked>> = account.answered(answer)?;
        Ok(VerificationAskedView {
            verification: asked.verification.into(),
            by: asked.by,
            expires_at: asked.expires_at.0,
            again_at: asked.again_at.0,
            code: asked.code,
        })
    }

    /// Gives the code of a verification.
    pub async fn verification_confirm(&self, request: VerificationConfirming) -> Result<VerificationView, AppError> {
        let account = self.account()?;
        let confirm = VerificationConfirm { code: request.code };
        let request = account.answered(about(&account, &request.kind, &["confirm"], &confirm))?;
        let answer = rest::json(request).await.map_err(|error| error.for_a_person("too_many_tries"));
        let Data { data: Mended(verification) }: Data<Mended<Verification>> = account.answered(answer)?;
        Ok(verification.into())
    }
}
