//! The features of this server: the one place that names them all.

use crate::{feature::Feature, tasks};

/// Every feature, one line each.
pub static FEATURES: &[Feature] = &[Feature { retention: tasks::RETENTION, ..Feature::named("house") }];
