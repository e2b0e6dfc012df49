//! `dispute_*`: asked of the server as they are; what it said last is read without it.

use guildhall_contract::{
    commands::Nothing,
    disputes::{Dispute, DisputeActing, DisputeOpening, DisputePage, DisputeRef, DisputesAfter},
    errors::AppError,
    known::Known,
    mend::Rows,
    rest::Data,
};
use reqwest::Method;

use super::{
    jobs::{Listed, word},
    payments::after,
};
use crate::{Core, answers::Query};

impl Core {
    /// One's disputes, newest first.
    pub async fn dispute_list(&self, request: DisputesAfter) -> Result<Known<DisputePage>, AppError> {
        let page = self.known_answer::<Listed<Dispute>>("/api/disputes", after(request.before)).await?;
        Ok(page.map(|page| DisputePage { lost: page.lost(), next: page.meta.next, rows: page.data.rows }))
    }

    /// Those that are open on this server. They are other people's: nothing of them is kept here.
    pub async fn dispute_queue(&self, _: Nothing) -> Result<Vec<Dispute>, AppError> {
        let Data { data } = self.asked::<Data<Rows<Dispute>>>("/api/admin/disputes", &[]).await?;
        Ok(data.rows)
    }

    /// One dispute with all that was said.
    pub async fn dispute_get(&self, request: DisputeRef) -> Result<Known<Dispute>, AppError> {
        let path = format!("/api/disputes/{}", request.id);
        let account = self.account()?;
        let me = account.who.user;
        let own = |answer: &Data<Dispute>| [answer.data.payer.id, answer.data.payee.id].contains(&me);
        Ok(self.known_where(&path, Query::new(), own).await?.map(|answer| answer.data))
    }

    /// Begins one about a payment.
    pub async fn dispute_open(&self, request: DisputeOpening) -> Result<Dispute, AppError> {
        let path = format!("/api/payments/{}/dispute", request.payment);
        self.said_once(Method::POST, &path, (&request.key, &request.body)).await
    }

    /// A step of a dispute.
    pub async fn dispute_act(&self, request: DisputeActing) -> Result<Dispute, AppError> {
        let path = format!("/api/disputes/{}/{}", request.id, word(&request.step));
        self.said_once(Method::POST, &path, (&request.key, &request.body)).await
    }
}
