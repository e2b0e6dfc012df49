//! Papers by which somebody proves who they are, and what administrators decide about.

use crate::{bytes::Bytes, wire_time::WireTime};
use guildhall_market::ids::UserId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! identity_papers_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Uploads a photo or a PDF by which one proves who one is. The same key again is the same paper. Nobody sees it before
            /// it is sent.
            identity_paper_put($crate::identity_papers::IdentityPaperPut) -> $crate::identity_papers::IdentityPaper as person;
            /// Sends papers that were uploaded, for an administrator to look at.
            identity_send($crate::identity_papers::IdentitySend) -> $crate::verifications::VerificationView as person;
            /// What waits for an administrator or was verified by one, the oldest first. For administrators.
            verification_queue($crate::identity_papers::VerificationQueueQuery) -> Vec<$crate::identity_papers::VerificationRow> as person;
            /// One of them with what is private, for a reason that the person can read. For administrators.
            verification_open($crate::identity_papers::VerificationLook) -> $crate::identity_papers::VerificationFull as person;
            /// One of its papers. The look is written down, and nothing of it stays on this device. For administrators.
            verification_paper($crate::identity_papers::VerificationPaperLook) -> $crate::attachments::AttachmentContent as person;
            /// Saves one of its papers in the downloads folder, for what no window here shows, and answers with its path. The look is
            /// written down. For administrators.
            verification_paper_save($crate::identity_papers::VerificationPaperLook) -> String as person;
            /// Approves, rejects or revokes, with a reason that the person can read. For administrators.
            verification_decide($crate::identity_papers::VerificationDecide) -> $crate::identity_papers::VerificationFull as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// A paper that was uploaded. `POST /api/verifications/identity/papers`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct IdentityPaper {
    /// Which.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// What it is, by its content.
    pub mime: String,
    /// How large it is as it is kept, bytes.
    pub size: i64,
}

/// `POST /api/verifications/identity`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct IdentityAsk {
    /// Papers that were uploaded and not sent: one to four, in their order.
    pub papers: Vec<i64>,
}

/// `identity_paper_put`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct IdentityPaperPut {
    /// Tells this paper from others: said again after a broken link, it is the same.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// A JPEG, PNG or WebP photo or a PDF of at most 10 MiB.
    pub bytes: Bytes,
}

/// Without what is in it.
impl std::fmt::Debug for IdentityPaperPut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityPaperPut")
    }
}

/// `identity_send`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct IdentitySend {
    /// Tells this sending from others: said again after a broken link, it is the same.
    pub key: String,
    /// The papers, in their order.
    pub papers: Vec<i64>,
}

/// What administrators decide about. `GET /api/admin/verifications`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct VerificationRow {
    /// Which.
    pub id: i64,
    /// Of what: `identity` or `payout_account`.
    pub kind: String,
    /// Which of several: a currency. Empty where there is one.
    pub slot: String,
    /// Whose.
    #[schema(value_type = i64)]
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// The trade of an artisan.
    pub craft: Option<String>,
    /// `pending`, `verified`, `rejected` or `revoked`.
    pub state: String,
    /// Since when it stands so.
    #[ts(type = "string")]
    pub since: WireTime,
    /// It has waited for so long that it comes before all others.
    pub top: bool,
    /// How many papers there are still.
    pub papers: i64,
    /// Whether the administrator who asks may decide it: not about themselves.
    pub may_decide: bool,
}

/// A paper of a verification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct VerificationPaper {
    /// Its place, from 1.
    pub n: i64,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub mime: String,
    /// How large, bytes.
    pub size: i64,
}

/// Two names that may be one person's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct TwoNames {
    /// As the person is called here.
    pub here: String,
    /// As the bank says.
    pub bank: String,
}

/// One of them with what is private. `GET /api/admin/verifications/{id}?reason=`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct VerificationFull {
    /// What the list shows.
    pub verification: VerificationRow,
    /// The words with it: why it was decided so.
    pub reason: Option<String>,
    /// The papers, in their order. Wiped 30 days after the decision.
    pub papers: Vec<VerificationPaper>,
    /// Of a bank account: both names.
    pub names: Option<TwoNames>,
    /// What was written down about it, newest first; at most 50.
    pub written: Vec<crate::audit::AuditRow>,
}

/// `verification_queue`
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct VerificationQueueQuery {
    /// `pending`, `verified`, `rejected` or `revoked`. Absent: those that wait.
    pub state: Option<String>,
}

/// `verification_open`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct VerificationLook {
    /// Which.
    pub id: i64,
    /// Why, for the person to read, at most 1,000 characters.
    pub reason: String,
}

/// `verification_paper`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct VerificationPaperLook {
    /// Which verification.
    pub id: i64,
    /// Which of its papers, from 1.
    pub n: i64,
    /// Why, for the person to read, at most 1,000 characters.
    pub reason: String,
}

/// `verification_decide`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct VerificationDecide {
    /// Which.
    pub id: i64,
    /// `approve`, `reject` or `revoke`.
    pub action: String,
    /// Why, for the person to read, at most 1,000 characters.
    pub reason: String,
}
