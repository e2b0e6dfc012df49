//! Sends letters through a mail server: one after the other, each with a limit of time.

use std::time::Duration;

use guildhall_db::{Committed, DbError, mails};
use guildhall_market::{
    mails::{next_try, pause_ms, server_pause_ms},
    time::Timestamp,
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};

use super::letters::{Letter, Written};
use crate::{
    app::App,
    config::{MailEncryption, MailSettings},
    digits, stop_links,
};

/// How long each step with the server may take.
const STEP_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a whole letter may take.
const LETTER_TIMEOUT: Duration = Duration::from_secs(120);
/// Letters that are read at once.
const PAGE: i64 = 20;
/// How long it takes at most until one is found of which nobody told.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Answers of a server that are about us and not about the letter: it wants another login, or none of ours (RFC 4954, 6).
const ABOUT_US: [u16; 5] = [454, 530, 534, 535, 538];
/// Characters of what a server said that are kept.
const ERROR_CHARS_MAX: usize = 300;

/// What became of one letter.
enum Outcome {
    Sent,
    /// The server has nothing against us, and does not take this letter now.
    Later(String),
    /// It never will.
    Refused(String),
    /// Nobody answers, or not to us: it would be the same with any other letter.
    Unreachable(String),
}

/// Sends what there is to send, until it is aborted. Ends at once where no mail server is set.
pub async fn run(app: App) {
    let Some(settings) = app.config.mail.clone() else { return };
    let transport = match transport(&settings) {
        Ok(transport) => transport,
        // Looked at when the server started; what has changed since is said here.
        Err(error) => return tracing::error!(error, "letters cannot be sent"),
    };
    let clock = std::sync::Arc::clone(&app.config.clock);
    let mut failures = 0_u32;
    loop {
        // Asked for before the look, so that one which is written meanwhile ends the wait at once.
        let woken = app.mailroom.woken();
        match round(&app, &settings, &transport, failures).await {
            Ok(Round::All(next)) => {
                failures = 0;
                let look = clock.now().plus_ms(i64::try_from(LOOK_EVERY.as_millis()).unwrap_or(i64::MAX));
                tokio::select! {
                    () = woken => {}
                    () = clock.until(next.map_or(look, |next| next.min(look))) => {}
                }
            }
            Ok(Round::Unreachable(error)) => {
                failures = failures.saturating_add(1);
                let pause_ms = server_pause_ms(failures);
                tracing::warn!(error, pause_ms, "the mail server does not take letters; they wait");
                clock.sleep(Duration::from_millis(pause_ms.unsigned_abs())).await;
            }
            Err(error) => {
                tracing::warn!(%error, "letters cannot be looked at");
                clock.sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// What became of those that were due.
enum Round {
    /// All were tried. When the next one is.
    All(Option<Timestamp>),
    /// The server could not be reached. Those that are due stay so.
    Unreachable(String),
}

async fn round(
    app: &App,
    settings: &MailSettings,
    transport: &AsyncSmtpTransport<Tokio1Executor>,
    failures: u32,
) -> Result<Round, DbError> {
    loop {
        let due = {
            let mut c = app.db.read().await?;
            mails::due(&mut c, app.now(), PAGE).await?
        };
        if due.is_empty() {
            let mut c = app.db.read().await?;
            return Ok(Round::All(mails::next(&mut c).await?));
        }
        for mail in due {
            let now = app.now();
            let expires = mail.expires_at_ms.map(Timestamp);
            let tried = if expires.is_some_and(|expires| expires <= now) {
                mails::Tried::Failed(guildhall_market::mails::GivenUp::Expired.to_string())
            } else {
                let outcome = match tokio::time::timeout(LETTER_TIMEOUT, send(app, settings, transport, &mail)).await {
                    Ok(outcome) => outcome?,
                    Err(_) => Outcome::Unreachable("it took too long".into()),
                };
                let later = |pause_ms: i64, error: String| match next_try(
                    pause_ms,
                    Timestamp(mail.created_at_ms),
                    expires,
                    app.now(),
                ) {
                    Ok(at) => mails::Tried::Later(at, error),
                    Err(given_up) => mails::Tried::Failed(format!("{given_up}: {error}")),
                };
                match outcome {
                    Outcome::Sent => mails::Tried::Sent,
                    Outcome::Later(error) => later(pause_ms(mail.tries + 1), error),
                    Outcome::Refused(error) => mails::Tried::Failed(error),
                    Outcome::Unreachable(error) => {
                        // No fault of the letter's: it goes as soon as somebody answers.
                        note(app, mail.id, later(server_pause_ms(failures.saturating_add(1)), error.clone())).await?;
                        return Ok(Round::Unreachable(error));
                    }
                }
            };
            if let mails::Tried::Failed(error) = &tried {
                tracing::warn!(mail = mail.id, kind = mail.kind, error, "a letter is given up");
            }
            note(app, mail.id, tried).await?;
        }
    }
}

async fn note(app: &App, id: i64, tried: mails::Tried) -> Result<(), DbError> {
    let now = app.now();
    app.db
        .write::<(), DbError, _>(move |c| {
            Box::pin(async move { mails::tried(c, id, &tried, now).await.map(Committed::quiet) })
        })
        .await
}

/// The way to a mail server.
///
/// # Errors
/// What is wrong with the settings, in words.
pub fn transport(settings: &MailSettings) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let parameters = || {
        let mut building = TlsParameters::builder(settings.host.clone());
        if let Some(path) = &settings.authority {
            let read =
                |e: &dyn std::fmt::Display| format!("the certificate {} cannot be read as PEM: {e}", path.display());
            let pem = std::fs::read(path).map_err(|e| read(&e))?;
            building = building.add_root_certificate(Certificate::from_pem(&pem).map_err(|e| read(&e))?);
        }
        building.build_rustls().map_err(|e| format!("encryption to {} cannot be set up: {e}", settings.host))
    };
    let tls = match settings.encryption {
        MailEncryption::Tls => Tls::Wrapper(parameters()?),
        MailEncryption::StartTls => Tls::Required(parameters()?),
        MailEncryption::None => Tls::None,
    };
    let mut building = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
        .port(settings.port)
        .timeout(Some(STEP_TIMEOUT))
        .tls(tls);
    if let Some((user, password)) = &settings.login {
        building = building.credentials(Credentials::new(user.clone(), password.clone()));
    }
    settings
        .from
        .parse::<Mailbox>()
        .map_err(|e| format!("{:?} is no address for letters to come from: {e}", settings.from))?;
    Ok(building.build())
}

async fn send(
    app: &App,
    settings: &MailSettings,
    transport: &AsyncSmtpTransport<Tokio1Executor>,
    mail: &mails::Mail,
) -> Result<Outcome, DbError> {
    let Ok(letter) = serde_json::from_str::<Letter>(&mail.data) else {
        return Ok(Outcome::Refused("a letter of a kind that this version does not know".into()));
    };
    let code = match (letter.purpose(), mail.user_id) {
        (Some(purpose), Some(user)) => match digits::current(app, purpose, &mail.address, user).await? {
            Some(code) => Some(code.to_string()),
            None => return Ok(Outcome::Refused("its code was used or has died".into())),
        },
        _ => match &letter {
            Letter::EmailChanged { change, .. } => match digits::undo_code_of(app, *change).await? {
                Some(code) => Some(code),
                None => return Ok(Outcome::Refused("the change stands, or was taken back".into())),
            },
            // An account that is gone is no reason to keep the news of it back.
            Letter::PayoutAccountAdded { account, .. } => stop_links::address(app, *account).await?,
            _ => None,
        },
    };
    // Where one day several are spoken: in the person's own.
    let words = guildhall_words::written_in(guildhall_words::DEFAULT);
    let said = letter.written(words, &app.config.name, code.as_deref());
    let message = match message(settings, &app.config.name, mail, said) {
        Ok(message) => message,
        Err(error) => return Ok(Outcome::Refused(error)),
    };
    Ok(match transport.send(message).await {
        Ok(_) => Outcome::Sent,
        Err(error) => {
            let words = shortened(&error.to_string());
            match error.status() {
                // An address of another alphabet, and a server that knows none: no other letter is kept by it.
                None if error.is_client() && !mail.address.is_ascii() => Outcome::Refused(words),
                Some(status) if !ABOUT_US.contains(&u16::from(status)) => {
                    if error.is_permanent() {
                        Outcome::Refused(words)
                    } else {
                        Outcome::Later(words)
                    }
                }
                _ => Outcome::Unreachable(words),
            }
        }
    })
}

fn message(settings: &MailSettings, hall: &str, mail: &mails::Mail, said: Written) -> Result<Message, String> {
    let from: Mailbox =
        settings.from.parse().map_err(|e| format!("the address that letters come from is none: {e}"))?;
    let host = from.email.domain().to_owned();
    let from = Mailbox::new(from.name.or_else(|| Some(hall.to_owned())), from.email);
    let to = mail.address.parse().map_err(|e| format!("no letter can be sent to this address: {e}"))?;
    Message::builder()
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(said.subject)
        // The same at each try, so that one which was taken twice is shown once.
        .message_id(Some(format!("<{}.{}@{host}>", mail.id, mail.created_at_ms)))
        .date(std::time::UNIX_EPOCH + Duration::from_millis(mail.created_at_ms.unsigned_abs()))
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(said.text, said.html))
        .map_err(|e| format!("the letter cannot be put together: {e}"))
}

/// Made by a program: nobody's "I am on holiday" answers it (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(ERROR_CHARS_MAX).collect()
}
