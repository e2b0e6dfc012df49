//! Notifications: notices to one person, made once per (person, type, subject, version), read on one device and
//! thereby on all.

/// The types of notice that exist today. Types from a newer server are shown as they come.
pub mod kinds {
    /// Somebody wrote. Subject: the conversation. One unread notice for each conversation.
    pub const MESSAGE_RECEIVED: &str = "message.received";
    /// An administrator was suspended: told to the others.
    pub const ADMINISTRATOR_SUSPENDED: &str = "account.administrator_suspended";
    /// Something was reported: told to administrators.
    pub const REPORT_MADE: &str = "report.made";
    /// A report about one was decided: told to the person concerned.
    pub const REPORT_DECIDED: &str = "report.decided";
    /// A report that one made was looked at: told to whoever made it.
    pub const REPORT_LOOKED_AT: &str = "report.looked_at";
    /// The person concerned answered: told to whoever decided.
    pub const REPORT_ANSWERED: &str = "report.answered";
    /// After one's answer it was decided again.
    pub const REPORT_CLOSED: &str = "report.closed";
    /// Papers came, or a bank account waits for a look: told to administrators.
    pub const VERIFICATION_WAITING: &str = "verification_waiting";
    /// What somebody asked to be verified was looked at, and is.
    pub const VERIFICATION_APPROVED: &str = "verification_approved";
    /// It was looked at, and is not.
    pub const VERIFICATION_REJECTED: &str = "verification_rejected";
    /// It was, and was taken away.
    pub const VERIFICATION_REVOKED: &str = "verification_revoked";
    /// Somebody named another bank account for the account's money.
    pub const PAYOUT_ACCOUNT_ADDED: &str = "payout_account_added";
    /// A bank account was stopped, and nothing is paid to it.
    pub const PAYOUT_ACCOUNT_STOPPED: &str = "payout_account_stopped";
    /// Somebody applied for one's job.
    pub const JOB_APPLICATION_RECEIVED: &str = "job_application_received";
    /// One has the job for which one applied.
    pub const JOB_APPLICATION_ACCEPTED: &str = "job_application_accepted";
    /// Somebody else has it, or the client said no.
    pub const JOB_APPLICATION_REJECTED: &str = "job_application_rejected";
    /// A job for which one applied says something else now.
    pub const JOB_CHANGED: &str = "job_changed";
    /// A job comes to nothing.
    pub const JOB_CANCELLED: &str = "job_cancelled";
    /// A job that was agreed is open again.
    pub const JOB_UNASSIGNED: &str = "job_unassigned";
    /// The work began.
    pub const JOB_STARTED: &str = "job_started";
    /// How far the work is.
    pub const JOB_PROGRESS: &str = "job_progress";
    /// The client asks whether one would like a job.
    pub const JOB_INVITED: &str = "job_invited";
    /// The other one would change what was agreed, or answered to that.
    pub const JOB_TERMS: &str = "job_terms";
    /// A job that nobody paid for is about to end.
    pub const JOB_UNFUNDED: &str = "job_unfunded";
    /// A job is done.
    pub const JOB_COMPLETED: &str = "job_completed";
    /// What the other one said of it can be read.
    pub const JOB_REVIEWED: &str = "job_reviewed";
    /// Money for one's work is held, or came to one's balance.
    pub const PAYMENT_RECEIVED: &str = "payment_received";
    /// Money that was held is one's own.
    pub const PAYMENT_RELEASED: &str = "payment_released";
    /// Money that one paid in is on one's balance again.
    pub const PAYMENT_REFUNDED: &str = "payment_refunded";
    /// The work was handed in.
    pub const WORK_SUBMITTED: &str = "work_submitted";
    /// It is not right yet.
    pub const CHANGES_REQUESTED: &str = "changes_requested";
    /// The client wants the money back, or does not any more.
    pub const REFUND_REQUESTED: &str = "refund_requested";
    /// Nobody waits for the money of a part of the work any more.
    pub const PAYMENT_CANCELLED: &str = "payment_cancelled";
    /// The other one disagrees, or does not any more.
    pub const PAYMENT_DISPUTED: &str = "payment_disputed";
    /// What was disputed is divided.
    pub const DISPUTE_RESOLVED: &str = "dispute_resolved";
    /// What one tried to pay did not go through.
    pub const PAYMENT_FAILED: &str = "payment_failed";
    /// What one paid fits nothing, and is kept.
    pub const PAYMENT_KEPT: &str = "payment_kept";
    /// Money that one drew arrived at the bank, did not, or came back.
    pub const PAYOUT_UPDATED: &str = "payout_updated";
    /// A payout waits for an administrator.
    pub const PAYOUT_WAITING: &str = "payout_waiting";
    /// Everything of a job is paid.
    pub const JOB_ALL_PAID: &str = "job_all_paid";
    /// Money moves soon because somebody says nothing: to whom that is.
    pub const SILENCE_ENDS: &str = "silence_ends";
    /// No server ran for a while: a deadline was put off by as long.
    pub const TIME_GIVEN_BACK: &str = "time_given_back";
    /// A notice that an administrator sent to themselves to try the line.
    pub const TEST: &str = "test";
}

/// Longest list of notices in one answer.
pub const PAGE_MAX: i64 = 100;
/// Length of a list of notices when the caller names none.
pub const PAGE_DEFAULT: i64 = 20;
