//! Where something leads: a page of the interface, and what of it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A page of the interface, and what of it. Written `inbox/7-job-12` or `notifications`; a page is named without a slash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub struct Target {
    /// The page, such as `inbox`.
    pub page: String,
    /// What of it, such as a conversation. Absent: its beginning.
    pub part: Option<String>,
}

impl Target {
    /// A thing on a page.
    pub fn of(page: &str, part: impl std::fmt::Display) -> Self {
        Self { page: page.to_owned(), part: Some(part.to_string()) }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match &self.part {
            Some(part) => write!(f, "{}/{part}", self.page),
            None => f.write_str(&self.page),
        }
    }
}

impl From<&str> for Target {
    fn from(text: &str) -> Self {
        match text.split_once('/') {
            Some((page, part)) => Self::of(page, part),
            None => Self { page: text.to_owned(), part: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_reads_back_as_it_is_written() {
        for text in ["inbox", "inbox/7-job-12", "lot/12/bids", "inbox/"] {
            assert_eq!(Target::from(text).to_string(), text);
        }
        assert_eq!(Target::from("lot/12/bids").part.as_deref(), Some("12/bids"));
    }
}
