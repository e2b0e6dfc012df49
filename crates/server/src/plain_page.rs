//! Pages for whoever has an address and perhaps not the app: a title, a sentence, buttons. They load nothing, and no other page may
//! frame them.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

/// A button that sends the form, perhaps with what was chosen.
#[derive(Clone, Copy, Debug)]
pub struct Button<'a> {
    /// What it says.
    pub label: &'a str,
    /// What the form says as `choice`; empty: nothing.
    pub choice: &'a str,
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A page.
pub fn page(title: &str, lead: &str, buttons: &[Button<'_>]) -> Response {
    let button = |button: &Button<'_>| {
        let choice = if button.choice.is_empty() {
            String::new()
        } else {
            format!(" name=\"choice\" value=\"{}\"", escaped(button.choice))
        };
        format!("<button type=\"submit\"{choice}>{}</button> ", escaped(button.label))
    };
    let form = if buttons.is_empty() {
        String::new()
    } else {
        format!("<form method=\"post\">{}</form>", buttons.iter().map(button).collect::<String>())
    };
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{0}</title>\
         <style>body{{font:18px/1.5 system-ui,sans-serif;max-width:34em;margin:3rem auto;padding:0 1rem}}\
         button{{font:inherit;padding:.6em 1.2em}}</style><h1>{0}</h1><p>{1}</p>{form}",
        escaped(title),
        escaped(lead)
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ];
    (headers, html).into_response()
}
