//! Reports: that a message, a profile or a picture is not as it should be.

use crate::wire_time::WireTime;
use guildhall_market::ids::UserId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! reports_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Reports a message, a profile or a picture.
            report_make($crate::reports::ReportMake) -> $crate::reports::OwnReport as person;
            /// Reports that one made, and those that were decided about oneself.
            report_list($crate::commands::Nothing) -> Vec<$crate::reports::OwnReport> as person;
            /// Answers to a decision about oneself, once.
            report_answer($crate::reports::ReportAnswer) -> $crate::reports::OwnReport as person;
            /// The reports of this server, those that wait first. For administrators.
            report_queue($crate::reports::ReportQueueQuery) -> Vec<$crate::reports::ReportRow> as person;
            /// One report with what was reported, as it was. The look is written down. For administrators.
            report_open($crate::reports::ReportRef) -> $crate::reports::ReportFull as person;
            /// Saves a file of a report in the downloads folder, and answers with its path. The look is written down. For
            /// administrators.
            report_file_save($crate::reports::ReportFileRef) -> String as person;
            /// Decides a report, or ends it after the answer. For administrators.
            report_decide($crate::reports::ReportDecide) -> $crate::reports::ReportFull as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `POST /api/reports`, and `report_make`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, TS)]
pub struct ReportMake {
    /// `message`, `profile` or `picture`.
    pub kind: String,
    /// The message, or the person.
    pub id: i64,
    /// What is wrong with it, at most 1,000 characters.
    pub words: String,
    /// Further messages of the same conversation that show it, at most 20.
    #[serde(default)]
    pub evidence: Vec<i64>,
}

/// A report as those two see it whom it concerns. `GET /api/reports`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct OwnReport {
    /// Which.
    pub id: i64,
    /// Whether one made it. Otherwise it is about oneself, and nobody says who did.
    pub mine: bool,
    /// `message`, `profile` or `picture`.
    pub kind: String,
    /// `open`, `dismissed`, `decided`, `answered`, `upheld` or `taken_back`.
    pub state: String,
    /// What one said oneself when one made it.
    pub words: Option<String>,
    /// When it was made; of one about oneself, when it was decided.
    #[ts(type = "string")]
    pub at: WireTime,
    /// What follows for oneself: `hide`, `warn`, `suspend`.
    pub measures: Vec<String>,
    /// Why, in an administrator's words.
    pub reason: Option<String>,
    /// What one answered.
    pub answer: Option<String>,
    /// Why it ended as it did after the answer.
    pub close_reason: Option<String>,
    /// Whether one may answer now.
    pub may_answer: bool,
}

/// `POST /api/reports/{id}/answer`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReportAnswerBody {
    /// What one says, at most 1,000 characters.
    pub words: String,
}

/// `report_answer`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReportAnswer {
    /// Which.
    pub id: i64,
    /// What one says, at most 1,000 characters.
    pub words: String,
}

/// `report_queue`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReportQueueQuery {
    /// One state, or all.
    pub state: Option<String>,
}

/// `report_open`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReportRef {
    /// Which.
    pub id: i64,
}

/// `report_file_save`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReportFileRef {
    /// The report.
    pub id: i64,
    /// The file's SHA-256, hexadecimal.
    pub sha256: String,
    /// Its name.
    pub name: String,
}

/// A report in the queue. `GET /api/admin/reports`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct ReportRow {
    /// Which.
    pub id: i64,
    /// `message`, `profile` or `picture`.
    pub kind: String,
    /// How far it has come.
    pub state: String,
    /// Who made it.
    #[schema(value_type = i64)]
    pub reporter_id: UserId,
    /// Their name.
    pub reporter: String,
    /// Whom it is about.
    #[schema(value_type = i64)]
    pub concerned_id: UserId,
    /// Their name.
    pub concerned: String,
    /// When it was made.
    #[ts(type = "string")]
    pub at: WireTime,
    /// What follows from it: `hide`, `warn`, `suspend`.
    pub measures: Vec<String>,
    /// Whether an administrator has something to do.
    pub waits: bool,
    /// Whether whoever asks is neither of the two, and may decide.
    pub may_decide: bool,
}

/// A file that was frozen with a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct ReportFile {
    /// Its name.
    pub name: String,
    /// What it is by content.
    pub mime: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// A message that was frozen with a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct FrozenMessage {
    /// Its id.
    pub id: i64,
    /// Who wrote it.
    pub from: String,
    /// Whether it is the one that is reported.
    pub reported: bool,
    /// What it said at that moment, or before it was deleted.
    pub text: String,
    /// When it was sent.
    #[ts(type = "string")]
    pub sent_at: WireTime,
}

/// What was reported, as it was at that moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Frozen {
    /// The messages, oldest first.
    #[serde(default)]
    pub messages: Vec<FrozenMessage>,
    /// What the person said of themselves, by the names of the fields.
    #[serde(default)]
    pub profile: Vec<FrozenField>,
    /// The address of the picture.
    #[serde(default)]
    pub picture: Option<String>,
}

/// A line of a profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct FrozenField {
    /// Such as `name`.
    pub name: String,
    /// What stood there.
    pub text: String,
}

/// A report with everything. `GET /api/admin/reports/{id}`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct ReportFull {
    /// What the queue shows of it.
    pub report: ReportRow,
    /// What the reporter says.
    pub words: String,
    /// What was reported. Absent: it was forgotten, long after the end.
    pub frozen: Option<Frozen>,
    /// What was sent along.
    pub files: Vec<ReportFile>,
    /// Why it was decided so.
    pub reason: Option<String>,
    /// What the person concerned says.
    pub answer: Option<String>,
    /// Why it ended as it did.
    pub close_reason: Option<String>,
    /// What was written down about it, newest first.
    pub written: Vec<crate::audit::AuditRow>,
}

/// `POST /api/admin/reports/{id}/decide`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReportDecideBody {
    /// `hide`, `warn`, `suspend`; none: the report is dismissed.
    #[serde(default)]
    pub measures: Vec<String>,
    /// Why, for the person concerned to read, at most 1,000 characters.
    pub reason: String,
}

/// `POST /api/admin/reports/{id}/close`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReportCloseBody {
    /// Whether the decision stands. Otherwise a suspension that follows from it is lifted.
    pub uphold: bool,
    /// Why, for the person concerned to read, at most 1,000 characters.
    pub reason: String,
}

/// `report_decide`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ReportDecide {
    /// Which.
    pub id: i64,
    /// `hide`, `warn`, `suspend`; none: the report is dismissed. Of an answered one nothing is looked at here.
    pub measures: Vec<String>,
    /// After the answer: whether the decision stands. Absent: there is no answer yet.
    pub uphold: Option<bool>,
    /// Why, for the person concerned to read, at most 1,000 characters.
    pub reason: String,
}
