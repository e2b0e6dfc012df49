//! A notification service that writes down what it is told.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use guildhall_client::ports::{Notice, Notifier, NotifierError};

/// What happened to a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was shown.
    Shown(Notice),
    /// It was taken back, by its tag.
    Withdrawn(String),
}

/// Writes notices down.
#[derive(Default)]
pub struct RecordingNotifier(Mutex<Vec<Recorded>>);

impl RecordingNotifier {
    /// Everything so far, and forgets it.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The notices that were shown so far.
    pub fn shown(&self) -> Vec<Notice> {
        let recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recorded
            .iter()
            .filter_map(|r| if let Recorded::Shown(notice) = r { Some(notice.clone()) } else { None })
            .collect()
    }
}

#[async_trait]
impl Notifier for RecordingNotifier {
    async fn show(&self, notice: Notice) -> Result<(), NotifierError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Recorded::Shown(notice));
        Ok(())
    }

    async fn withdraw(&self, tag: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Recorded::Withdrawn(tag.to_owned()));
    }

    async fn service_name(&self) -> Option<String> {
        Some("testkit".into())
    }
}
