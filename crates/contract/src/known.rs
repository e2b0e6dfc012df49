//! Answers of the server that are kept: what somebody looked at once can be read again without a link.

use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something as the server says it, or as it said it last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Known<T> {
    /// What it said.
    pub data: T,
    /// When it said so, milliseconds since 1970 by this device's clock, where it cannot be asked now. Absent: it says so now.
    pub as_of: Option<Timestamp>,
}

impl<T> Known<T> {
    /// The same of what is made of it.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Known<U> {
        Known { data: make(self.data), as_of: self.as_of }
    }
}
