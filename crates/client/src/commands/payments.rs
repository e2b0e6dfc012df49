//! `payment_*`: nothing about money waits on this device, and nothing is shown before it happened.

use guildhall_contract::{
    errors::AppError,
    known::Known,
    payments::{
        FeeOf, Payment, PaymentActing, PaymentFunding, PaymentLook, PaymentPage, PaymentPaying, PaymentPreview,
        PaymentRef, PaymentsAfter,
    },
    rest::Data,
};
use guildhall_market::money::amounts::{BPS_ALL, fee};
use reqwest::Method;

use super::jobs::{Listed, word};
use crate::Core;

/// Where a list goes on.
pub(super) fn after(before: Option<i64>) -> Vec<(&'static str, String)> {
    before.map(|before| ("before", before.to_string())).into_iter().collect()
}

impl Core {
    /// One's payments, newest first.
    pub async fn payment_list(&self, request: PaymentsAfter) -> Result<Known<PaymentPage>, AppError> {
        let page = self.known_answer::<Listed<Payment>>("/api/payments", after(request.before)).await?;
        Ok(page.map(|page| PaymentPage { lost: page.lost(), next: page.meta.next, rows: page.data.rows }))
    }

    /// One payment with its history.
    pub async fn payment_get(&self, request: PaymentRef) -> Result<Known<Payment>, AppError> {
        let me = self.account()?.who.user;
        let own = |answer: &Data<Payment>| [answer.data.payer.id, answer.data.payee.id].contains(&me);
        let path = format!("/api/payments/{}", request.id);
        Ok(self.known_where(&path, Vec::new(), own).await?.map(|answer| answer.data))
    }

    /// Opens a payment for a part of the work.
    pub async fn payment_fund(&self, request: PaymentFunding) -> Result<Payment, AppError> {
        let part = request.milestone.map_or("rest".to_owned(), |id| id.to_string());
        let path = format!("/api/jobs/{}/milestones/{part}/fund", request.job);
        self.said_once(Method::POST, &path, (&request.key, &request.body)).await
    }

    /// Pays one that waits.
    pub async fn payment_pay(&self, request: PaymentPaying) -> Result<Payment, AppError> {
        let path = format!("/api/payments/{}/pay", request.id);
        self.said_once(Method::POST, &path, (&request.key, &request.body)).await
    }

    /// What a step would move.
    pub async fn payment_preview(&self, request: PaymentLook) -> Result<PaymentPreview, AppError> {
        let mut query = vec![("action", word(&request.step))];
        query.extend(request.amount.map(|amount| ("amount", amount)));
        let path = format!("/api/payments/{}/preview", request.id);
        let Data { data } = self.asked::<Data<PaymentPreview>>(&path, &query).await?;
        Ok(data)
    }

    /// A step of a payment.
    pub async fn payment_act(&self, request: PaymentActing) -> Result<Payment, AppError> {
        let path = format!("/api/payments/{}/{}", request.id, word(&request.step));
        self.said_once(Method::POST, &path, (&request.key, &request.body)).await
    }

    /// What the hall would keep of an amount, minor units.
    pub async fn fee_get(&self, request: FeeOf) -> Result<i64, AppError> {
        Ok(fee(request.minor.max(0), request.bps.clamp(0, BPS_ALL)))
    }

    /// The whole address of a provider's page.
    pub async fn payment_page(&self, request: PaymentRef) -> Result<String, AppError> {
        let Data { data } = self.asked::<Data<Payment>>(&format!("/api/payments/{}", request.id), &[]).await?;
        let page = data.attempts.iter().rev().find_map(|attempt| attempt.checkout.as_deref());
        // A provider's page is the web's, and this server's own is where it is.
        let url = self.account()?.api.base().join(page.ok_or(AppError::NotFound)?);
        let url = url.ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        Ok(url.ok_or(AppError::NotFound)?.into())
    }
}
