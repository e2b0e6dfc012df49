//! Signed-in devices.

use crate::wire_time::WireTime;
use guildhall_market::ids::TokenId;
use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! devices_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// The devices that are signed in.
            device_list($crate::commands::Nothing) -> Vec<$crate::devices::DeviceView> as person;
            /// Signs a device out.
            device_revoke($crate::devices::DeviceRef) -> $crate::commands::Nothing as person;
            /// Signs all other devices out.
            device_revoke_others($crate::commands::Nothing) -> $crate::commands::Nothing as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// A signed-in device.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Names the token; not its secret.
    #[schema(value_type = i64)]
    pub id: TokenId,
    /// The device's name.
    pub name: String,
    /// When it signed in.
    pub created_at: WireTime,
    /// When it was last used, to the minute.
    pub last_used_at: Option<WireTime>,
    /// The network address from which that was: one, or 64 bits of one in version 6.
    #[serde(default)]
    pub address: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A signed-in device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DeviceView {
    /// Its token's id.
    pub id: TokenId,
    /// Its name.
    pub name: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// The network address from which that was.
    pub address: Option<String>,
    /// Whether it is this one.
    pub current: bool,
}

/// `device_revoke`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeviceRef {
    /// Its token's id.
    pub id: TokenId,
}
