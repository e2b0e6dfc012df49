//! Settings, and what stands on the page about the app.

use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! settings_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// All settings.
            settings_get($crate::commands::Nothing) -> $crate::settings::Settings as person;
            /// Replaces all settings.
            settings_set($crate::settings::Settings) -> $crate::settings::Settings as person;
            /// About this app and where it keeps its data.
            about_get($crate::commands::Nothing) -> $crate::settings::AboutView as person;
        ] $($rest)* }
    };
    (states $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { states $with [$($rows)*
            /// Settings changed, perhaps in another window.
            Settings settings first {
                /// All of them.
                settings: $crate::settings::Settings,
            };
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// All that the user can set on this device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// Light, dark, or as the system says.
    pub theme: Theme,
    /// Stronger lines and text.
    pub more_contrast: bool,
    /// Size of text in percent: 100, 110, 125 or 150.
    pub text_percent: u16,
    /// Enter sends and Shift Enter breaks the line; otherwise Ctrl Enter sends.
    pub enter_sends: bool,
    /// Show notices inside the app.
    pub toasts: bool,
    /// Show notices through the system.
    pub desktop: bool,
    /// A sound with a new message.
    pub sound: bool,
    /// Leave names and texts out of the system's notices.
    pub hide_content: bool,
    /// Quiet every day between two times.
    pub quiet: bool,
    /// Quiet from, minutes after local midnight, 0 to 1439.
    pub quiet_from_min: u16,
    /// Quiet to, minutes after local midnight, 0 to 1439. May be less than `quiet_from_min`: over midnight.
    pub quiet_to_min: u16,
    /// Quiet until this moment, whatever the time of day.
    pub quiet_until: Option<Timestamp>,
    /// Closing the window leaves the app in the tray.
    pub close_to_tray: bool,
    /// How dates and numbers are written.
    pub region: Region,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            more_contrast: false,
            text_percent: 100,
            enter_sends: true,
            toasts: true,
            desktop: true,
            sound: true,
            hide_content: false,
            quiet: false,
            quiet_from_min: 21 * 60,
            quiet_to_min: 7 * 60,
            quiet_until: None,
            close_to_tray: false,
            region: Region::UnitedKingdom,
        }
    }
}

/// The theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Whose way of writing dates and numbers is followed, by its BCP 47 name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub enum Region {
    /// 14 Oct, 1,200
    #[serde(rename = "en-GB")]
    UnitedKingdom,
    /// 14 Oct, 1,200
    #[serde(rename = "en-NG")]
    Nigeria,
    /// Oct 14, 1,200
    #[serde(rename = "en-US")]
    UnitedStates,
    /// 14 Oct, 1,20,000
    #[serde(rename = "en-IN")]
    India,
    /// 14 Oct, 1 200
    #[serde(rename = "en-ZA")]
    SouthAfrica,
}

impl Region {
    /// Its BCP 47 name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnitedKingdom => "en-GB",
            Self::Nigeria => "en-NG",
            Self::UnitedStates => "en-US",
            Self::India => "en-IN",
            Self::SouthAfrica => "en-ZA",
        }
    }
}

/// What stands on the page about the app itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AboutView {
    /// The version.
    pub version: String,
    /// The folder of this profile's data.
    pub data_dir: String,
    /// Bytes of the cache.
    pub cache_bytes: i64,
    /// Bytes of what is the user's own.
    pub own_bytes: i64,
    /// Whether the system's notification service answers, and its name.
    pub notification_service: Option<String>,
    /// Whether local mode is possible in this host.
    pub local_mode: bool,
    /// The operating system: `linux`, `macos`, `windows` or `web`.
    pub os: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_called_as_it_is_written_down() {
        use Region::{India, Nigeria, SouthAfrica, UnitedKingdom, UnitedStates};
        for region in [UnitedKingdom, Nigeria, UnitedStates, India, SouthAfrica] {
            assert_eq!(serde_json::to_value(region).unwrap(), region.name());
        }
    }
}
