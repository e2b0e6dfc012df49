//! The wire as strangers see it.
