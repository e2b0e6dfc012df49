//! Letters through a mail server.

use std::time::Duration;

use async_trait::async_trait;
use guildhall_db::{DbError, mails};
use guildhall_market::codes::Carrier;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};

use super::{
    letters::{Letter, Written},
    rounds::{self, Outcome, Way, shortened},
    unsubscribe,
};
use crate::{
    app::App,
    config::{MailEncryption, MailSettings},
    digits, stop_links,
};

/// How long each step with the server may take.
const STEP_TIMEOUT: Duration = Duration::from_secs(30);
/// Answers of a server that are about us and not about the letter: it wants another login, or none of ours (RFC 4954, 6).
const ABOUT_US: [u16; 5] = [454, 530, 534, 535, 538];

/// A mail server.
struct Post {
    settings: MailSettings,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

#[async_trait]
impl Way for Post {
    fn carrier(&self) -> Carrier {
        Carrier::Mail
    }

    async fn send(&self, app: &App, mail: &mails::Mail) -> Result<Outcome, DbError> {
        send(app, &self.settings, &self.transport, mail).await
    }
}

/// Sends letters, until it is aborted. Ends at once where no mail server is set.
pub async fn run(app: App) {
    let Some(settings) = app.config.mail.clone() else { return };
    match transport(&settings) {
        Ok(transport) => rounds::run(&app, &Post { settings, transport }).await,
        // Looked at when the server started; what has changed since is said here.
        Err(error) => tracing::error!(error, "letters cannot be sent"),
    }
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
            Letter::Registration { registration } => match digits::of_registration(app, *registration).await? {
                Some(code) => Some(code.to_string()),
                None => return Ok(Outcome::Refused("its code was used or has died".into())),
            },
            Letter::EmailChanged { change, .. } => match digits::undo_code_of(app, *change).await? {
                Some(code) => Some(code),
                None => return Ok(Outcome::Refused("the change stands, or was taken back".into())),
            },
            // Where it was taken back meanwhile, the news of it goes out all the same.
            Letter::TwoStep { change: Some(change), .. } => digits::undo_code_of(app, *change).await?,
            // An account that is gone is no reason to keep the news of it back.
            Letter::PayoutAccountAdded { account, .. } => stop_links::address(app, *account).await?,
            _ => None,
        },
    };
    let link = match (letter.optional(), mail.user_id) {
        (Some(kind), Some(user)) => match unsubscribe::link(app, user, kind) {
            Some(link) => Some(link),
            None => return Ok(Outcome::Refused("nobody could end such letters: this server has no address".into())),
        },
        _ => None,
    };
    // Where one day several are spoken: in the person's own.
    let words = guildhall_words::written_in(guildhall_words::DEFAULT);
    let said = letter.written(words, &app.config.name, code.as_deref().or(link.as_deref()));
    let message = match message(settings, &app.config.name, mail, said, link.as_deref()) {
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

fn message(
    settings: &MailSettings,
    hall: &str,
    mail: &mails::Mail,
    said: Written,
    link: Option<&str>,
) -> Result<Message, String> {
    let from: Mailbox =
        settings.from.parse().map_err(|e| format!("the address that letters come from is none: {e}"))?;
    let host = from.email.domain().to_owned();
    let from = Mailbox::new(from.name.or_else(|| Some(hall.to_owned())), from.email);
    let to = mail.address.parse().map_err(|e| format!("no letter can be sent to this address: {e}"))?;
    let mut building = Message::builder();
    if let Some(link) = link {
        building = building.header(ListUnsubscribe(format!("<{link}>"))).header(ListUnsubscribePost);
    }
    building
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

/// A header of a letter that has a name and a text.
macro_rules! header {
    ($(#[$doc:meta])* $name:ident($self:ident) $word:literal = $value:expr; $($shape:tt)*) => {
        $(#[$doc])*
        #[derive(Clone)]
        struct $name $($shape)*;

        impl lettre::message::header::Header for $name {
            fn name() -> lettre::message::header::HeaderName {
                lettre::message::header::HeaderName::new_from_ascii_str($word)
            }

            fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Err("letters are written here and not read".into())
            }

            fn display(&$self) -> lettre::message::header::HeaderValue {
                lettre::message::header::HeaderValue::new(Self::name(), $value)
            }
        }
    };
}

header! {
    /// Made by a program: nobody's "I am on holiday" answers it (RFC 3834).
    AutoSubmitted(self) "Auto-Submitted" = "auto-generated".to_owned();
}
header! {
    /// Where such letters are ended (RFC 2369).
    ListUnsubscribe(self) "List-Unsubscribe" = self.0.clone(); (String)
}
header! {
    /// One request there is enough, without a page (RFC 8058).
    ListUnsubscribePost(self) "List-Unsubscribe-Post" = "List-Unsubscribe=One-Click".to_owned();
}
