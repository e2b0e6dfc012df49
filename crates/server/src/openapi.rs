//! What the document of all routes says beside them.

use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

#[derive(OpenApi)]
#[openapi(
    info(title = "Guildhall", description = "The marketplace's REST interface. Answers are `{\"data\": …}`; refusals carry a reason `code` and words for a person."),
    modifiers(&Bearer, &Events),
    security(("bearer" = []))
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        openapi.components.get_or_insert_default().add_security_scheme("bearer", scheme);
    }
}

/// What goes over the realtime wire, beside the routes: the event table.
struct Events;

impl Modify for Events {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let (events, schemas) = guildhall_contract::events::document();
        let components = openapi.components.get_or_insert_default();
        for (name, schema) in schemas {
            components.schemas.entry(name).or_insert(schema);
        }
        openapi.extensions.get_or_insert_default().insert("x-events".into(), events);
    }
}

/// The document's frame, without a route.
pub fn empty() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
}
