//! Jobs: a commission of work from its draft to its end, who applies for it, and its milestones, which are views of their
//! escrows.

pub mod applications;
pub mod milestones;
pub mod posts;
pub mod reviews;
pub mod rights;
pub mod steps;
pub mod times;
pub mod words;
