//! What holds here for everybody, for whoever draws forms or counts before asking.

use axum::{Json, extract::State};
use guildhall_contract::{
    configuration::{Configuration, PaymentProvider},
    rest::Data,
};
use guildhall_market::{
    jobs::{
        milestones::MILESTONES_MAX,
        posts::{Category, PICTURES_MAX},
        times::SILENCE_MS,
    },
    money::{
        disputes::ANSWER_WITHIN_MS,
        escrows::{JOB_FEE_BPS, JOB_REPLY_MS, JOB_REVIEW_MS},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, feature::Feature, jobs::CURRENCY_DEFAULT};

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), ..Feature::named("configuration") };

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_configuration))
}

/// What holds on this server for everybody: fees, periods, currencies, providers. No secret of anybody's.
#[utoipa::path(get, path = "/api/config", tag = "system", responses((status = 200, body = Data<Configuration>)))]
async fn get_configuration(State(app): State<App>) -> Json<Data<Configuration>> {
    let count = |max: usize| i64::try_from(max).unwrap_or(i64::MAX);
    let names = |all: Vec<&'static str>| all.into_iter().map(str::to_owned).collect::<Vec<String>>();
    let data = Configuration {
        providers: app
            .providers
            .that_charge()
            .map(|one| PaymentProvider { name: one.name().to_owned(), currencies: names(one.takes().to_vec()) })
            .collect(),
        paid_out: names(app.providers.currencies()),
        currency: CURRENCY_DEFAULT.to_owned(),
        categories: Category::ALL.iter().map(|category| category.code().to_owned()).collect(),
        job_fee_bps: JOB_FEE_BPS,
        job_review_ms: JOB_REVIEW_MS,
        job_reply_ms: JOB_REPLY_MS,
        job_silence_ms: SILENCE_MS,
        dispute_answer_ms: ANSWER_WITHIN_MS,
        milestones_max: count(MILESTONES_MAX),
        files_max: count(PICTURES_MAX),
    };
    Json(Data { data })
}
