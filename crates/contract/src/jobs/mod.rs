//! Jobs: commissions of work, who applies for them, what is agreed, how far the work is, and how it was.

mod asked;
mod deals;
mod job;

pub use asked::*;
pub use deals::*;
pub use job::*;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! jobs_rows {
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// Something about a job changed. To its client, and to the artisan who has it; the same goes out on `private-job.{id}`.
            JOB_UPDATED = "job.updated": $crate::jobs::JobUpdated, on user, in the feed;
            /// An application was made or decided. To whoever made it, and to the client.
            APPLICATION_UPDATED = "application.updated": $crate::jobs::ApplicationUpdated, on user, in the feed;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}
