//! The ports of the core, made of what the operating system offers. Holds no rule of the market.

mod clipboard;
mod clock;
mod directories;
mod keychain;
mod notifications;
mod screens;

pub use crate::{
    clipboard::SystemClipboard,
    clock::SystemClock,
    directories::{DataFolders, SystemDownloads},
    keychain::SystemKeychain,
    notifications::SystemNotifier,
    screens::{Area, within_reach},
};
