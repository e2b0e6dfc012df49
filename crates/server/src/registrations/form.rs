//! What somebody filled in to have an account.

use guildhall_contract::sessions::RegisterBody;
use guildhall_market::{accounts, profiles::clean_trade};

use crate::error::ApiError;

/// As it was filled in, with what is not fit to stay as it is put right.
pub struct Form {
    /// As people shall see it.
    pub name: String,
    /// The mail address.
    pub email: String,
    /// The password, as it is.
    pub password: String,
    /// What they do for others.
    pub trade: Option<String>,
    /// The name of the device, if it said one.
    pub device: Option<String>,
}

impl Form {
    /// Looks at each field.
    ///
    /// # Errors
    /// 422 with the field that is not right.
    pub fn checked(body: RegisterBody) -> Result<Self, ApiError> {
        let name = accounts::clean_name(&body.name)?;
        let email = accounts::clean_email(&body.email)?;
        accounts::check_new_password(&body.password, &name, &email)?;
        let trade = clean_trade(body.trade.as_deref().unwrap_or_default())?;
        Ok(Self { name, email, password: body.password, trade, device: body.device_name })
    }
}
