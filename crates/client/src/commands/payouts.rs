//! `payout_*`: asked of the server as they are.

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    known::Known,
    payouts::{Payout, PayoutActing, PayoutAsking, PayoutLook, PayoutPage, PayoutPreview, PayoutsAfter},
    rest::Data,
};
use reqwest::Method;

use super::{
    jobs::{Listed, word},
    payments::after,
};
use crate::Core;

impl Core {
    /// One's payouts, newest first.
    pub async fn payout_list(&self, request: PayoutsAfter) -> Result<Known<PayoutPage>, AppError> {
        let page = self.known_answer::<Listed<Payout>>("/api/payouts", after(request.before)).await?;
        Ok(page.map(|page| PayoutPage { lost: page.lost(), next: page.meta.next, rows: page.data.rows }))
    }

    /// What a payout would do.
    pub async fn payout_preview(&self, request: PayoutLook) -> Result<PayoutPreview, AppError> {
        let mut query = vec![("currency", request.currency)];
        query.extend(request.amount.map(|amount| ("amount", amount)));
        let Data { data } = self.asked::<Data<PayoutPreview>>("/api/payouts/preview", &query).await?;
        Ok(data)
    }

    /// Takes money to one's bank.
    pub async fn payout_ask(&self, request: PayoutAsking) -> Result<Payout, AppError> {
        self.said_once(Method::POST, "/api/payouts", (&request.key, &request.body)).await
    }

    /// Takes a payout back, or sends it again.
    pub async fn payout_act(&self, request: PayoutActing) -> Result<Payout, AppError> {
        let path = format!("/api/payouts/{}/{}", request.id, word(&request.step));
        self.said_once(Method::POST, &path, (&request.key, &Nothing {})).await
    }
}
