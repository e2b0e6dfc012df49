//! `local_*` and `window_open_as`

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    sessions::{DemoChoice, DemoPerson, LocalStart, SessionView},
};

use crate::{
    Core, address, error,
    session::{Credentials, password_of},
};

impl Core {
    /// The people of the demo market.
    pub async fn local_people(&self, _: Nothing) -> Result<Vec<DemoPerson>, AppError> {
        match &self.ports.local_mode {
            Some(local) => Ok(local.people().await),
            None => Err(AppError::Unavailable),
        }
    }

    /// Starts the server inside this app and signs in as a person of its demo market.
    pub async fn local_start(&self, request: LocalStart) -> Result<SessionView, AppError> {
        let server = self.local_server().await?;
        let remembered = self.device.lock().expect("no panic while held").local_email.clone();
        let known = |email: &String| server.people.iter().any(|(person, _)| person.email.eq_ignore_ascii_case(email));
        let email = request
            .email
            .or_else(|| remembered.filter(known))
            .or_else(|| server.people.first().map(|(person, _)| person.email.clone()))
            .ok_or(AppError::NotFound)?;
        let password = password_of(&server, &email)?;
        let base =
            address::parse(&server.url).ok_or_else(|| error::internal(&"the local server's address cannot be read"))?;
        self.enter(base, true, Credentials { email, password, code: None }).await
    }

    /// Opens another window, signed in as another person of the demo market.
    pub async fn window_open_as(&self, request: DemoChoice) -> Result<Nothing, AppError> {
        let local = self.ports.local_mode.as_ref().ok_or(AppError::Unavailable)?;
        local.open_window_as(&request.email).await.map_err(|error| error::internal(&error))?;
        Ok(Nothing {})
    }
}
