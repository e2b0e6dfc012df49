//! Coming and going: signing in, the servers one can choose, the people of the demo market.

use crate::passwords::CodeUnderWay;
use crate::people::{PersonView, User};
use crate::wire_time::WireTime;
use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! sessions_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Who is signed in here.
            session_get($crate::commands::Nothing) -> $crate::sessions::SessionView as person;
            /// Signs in with an existing account.
            session_sign_in($crate::sessions::SignIn) -> $crate::sessions::SessionView as person;
            /// Makes an account and signs in.
            session_register($crate::sessions::Register) -> $crate::sessions::SessionView as person;
            /// Signs out: revokes the token at the server if it can be reached, forgets it here. The outbox stays.
            session_sign_out($crate::commands::Nothing) -> $crate::sessions::SessionView as person;
            /// The servers that can be chosen on the sign-in screen, the last used first.
            server_list($crate::commands::Nothing) -> Vec<$crate::sessions::ServerView> as person;
            /// Looks whether a server is there and speaks our language. Never fails: the answer says what is wrong.
            server_check($crate::sessions::ServerAddress) -> $crate::sessions::ServerCheck as person;
            /// The people of the demo market that one can be in local mode.
            local_people($crate::commands::Nothing) -> Vec<$crate::sessions::DemoPerson> as person;
            /// Starts the server inside this app, if it does not run yet, and signs in as a person of its demo market.
            local_start($crate::sessions::LocalStart) -> $crate::sessions::SessionView as person;
            /// Opens another window beside this one, signed in as another person of the demo market.
            window_open_as($crate::sessions::DemoChoice) -> $crate::commands::Nothing as person;
        ] $($rest)* }
    };
    (states $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { states $with [$($rows)*
            /// Somebody signed in or out, or the server no longer accepts the token.
            Session session first {
                /// The new state.
                session: $crate::sessions::SessionView,
            };
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `POST /api/register`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct RegisterBody {
    /// 1 to 100 characters.
    pub name: String,
    /// An e-mail address that no account has.
    pub email: String,
    /// At least 10 characters.
    pub password: String,
    /// What they do for others, at most 60 characters. Absent: they hire, or bid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trade: Option<String>,
    /// Shown in the list of devices.
    #[serde(default)]
    pub device_name: Option<String>,
}

/// `POST /api/login`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct LoginBody {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The second step, where it is on: a code of the app, or a recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Shown in the list of devices.
    #[serde(default)]
    pub device_name: Option<String>,
}

/// The answer to a sign-in. The token is shown this once and stored only as a hash.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// `{id}|{secret}`
    pub token: String,
    /// Who.
    pub user: OwnUser,
}

/// Oneself.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnUser {
    /// The public part.
    #[serde(flatten)]
    pub user: User,
    /// The e-mail address.
    pub email: String,
}

/// Who is signed in, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SessionView {
    /// Nobody.
    SignedOut {
        /// Why, when it was not the user's own doing.
        because: Option<SignedOutBecause>,
        /// Waiting messages kept for the next sign-in of the same person.
        kept_messages: u32,
        /// The address offered first: the last one used.
        server_url: Option<String>,
        /// The e-mail address last used there.
        email: Option<String>,
        /// The account that is being made here: a code was sent.
        registering: Option<Registering>,
    },
    /// Somebody.
    SignedIn {
        /// Who.
        me: PersonView,
        /// Their e-mail address.
        email: String,
        /// Where, as the user entered it.
        server_url: String,
        /// Whether the server runs inside this app.
        local: bool,
        /// Where the token is kept.
        token_store: TokenStore,
    },
}

/// An account that is being made here: a code was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Registering {
    /// Where, as the user entered it.
    pub server_url: String,
    /// The address that the code went to.
    pub email: String,
    /// Until when the code works, the server's time.
    pub expires_at: Timestamp,
    /// From when on it may be asked for again, the server's time.
    pub again_at: Timestamp,
}

impl Registering {
    /// As a server answers.
    pub fn new(server_url: String, email: String, sent: &CodeUnderWay) -> Self {
        let at = |time: WireTime| time.0;
        Self { server_url, email, expires_at: at(sent.expires_at), again_at: at(sent.again_at) }
    }
}

/// Why somebody is signed out without having asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SignedOutBecause {
    /// The token was revoked, here or from another device.
    Revoked,
    /// The system's keychain did not give the token back.
    KeychainUnavailable,
}

/// Where the token is kept between starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TokenStore {
    /// In the system's keychain.
    Keychain,
    /// In memory only, because the system has no keychain or it is locked: one must sign in again after a restart.
    SessionOnly,
}

/// A server that can be chosen on the sign-in screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ServerView {
    /// The address.
    pub url: String,
    /// Its name, or the host.
    pub name: String,
}

/// What a look at a server found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ServerCheck {
    /// The address that was looked at, in full form.
    pub url: String,
    /// The name that it gave itself.
    pub name: Option<String>,
    /// Milliseconds for one request on an open connection. Absent when it cannot be reached.
    pub round_trip_ms: Option<u32>,
    /// Why it cannot be reached: `dns`, `refused`, `timeout`, `tls`, `closed`, `not_guildhall`, `not_an_address`, `other`.
    pub failure: Option<String>,
}

/// A person of the demo market, to sign in as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DemoPerson {
    /// Their name.
    pub name: String,
    /// Their trade, if any.
    pub craft: Option<String>,
    /// Their e-mail address, which names them in `local_start` and `window_open_as`.
    pub email: String,
    /// Whether they run the demo market, and have its desk.
    pub admin: bool,
}

/// `session_sign_in`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct SignIn {
    /// The server's address, as typed. Without a scheme it is https, except on loopback.
    pub server_url: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The second step, once the server asked for it: a code of the app, or a recovery code.
    #[serde(default)]
    pub code: Option<String>,
}

/// `session_register`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct Register {
    /// The server's address.
    pub server_url: String,
    /// The person's name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// The password, at least 10 characters.
    pub password: String,
    /// What they do for others, at most 60 characters. Absent: they hire, or bid.
    pub trade: Option<String>,
}

/// `server_check`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ServerAddress {
    /// The address, as typed.
    pub url: String,
}

/// `local_start`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LocalStart {
    /// Whom to be. Absent: the one used last, or the first.
    pub email: Option<String>,
}

/// `window_open_as`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DemoChoice {
    /// Whom to be.
    pub email: String,
}
