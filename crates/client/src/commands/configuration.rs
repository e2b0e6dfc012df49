//! `configuration_get`

use guildhall_contract::{commands::Nothing, configuration::Configuration, errors::AppError, known::Known};

use crate::Core;

impl Core {
    /// What holds on this server for everybody.
    pub async fn configuration_get(&self, _: Nothing) -> Result<Known<Configuration>, AppError> {
        self.known("/api/config").await
    }
}
