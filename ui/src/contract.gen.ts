// Written by `UPDATE=1 cargo test -p guildhall-contract`. Do not edit: change crates/contract instead.

/**
 * What stands on the page about the app itself.
 */
export type AboutView = { 
/**
 * The version.
 */
version: string, 
/**
 * The folder of this profile's data.
 */
data_dir: string, 
/**
 * Bytes of the cache.
 */
cache_bytes: number, 
/**
 * Bytes of what is the user's own.
 */
own_bytes: number, 
/**
 * Whether the system's notification service answers, and its name.
 */
notification_service: string | null, 
/**
 * Whether local mode is possible in this host.
 */
local_mode: boolean, 
/**
 * The operating system: `linux`, `macos`, `windows` or `web`.
 */
os: string, };

/**
 * `DELETE /api/user`, and `account_delete`
 */
export type AccountDelete = { 
/**
 * The password, once more.
 */
password: string, 
/**
 * The second step, where it is on: a code of the app, or a recovery code.
 */
code: string | null, };

/**
 * What an administrator says, in the interface.
 */
export type AnnouncementView = { 
/**
 * Names it: another one has another number.
 */
number: number, 
/**
 * The words.
 */
text: string, 
/**
 * When it was said, server time.
 */
at: Timestamp, 
/**
 * Until when it stands, server time. Absent: until it is taken back.
 */
until: Timestamp | null, };

/**
 * Why a command was not carried out. The interface chooses the words; `message` fields are a server's own.
 */
export type AppError = { "code": "signed_out" } | { "code": "invalid_credentials" } | { "code": "unreachable", 
/**
 * What went wrong on the way.
 */
reason: string, } | { "code": "invalid", 
/**
 * The name of the field.
 */
field: string, 
/**
 * The reason code; `invalid` where there is none but the words.
 */
reason: string, 
/**
 * A sentence for a person.
 */
message: string, } | { "code": "refused", 
/**
 * The reason code.
 */
reason: string, 
/**
 * A sentence for a person.
 */
message: string, } | { "code": "not_found" } | { "code": "attachment", 
/**
 * The reason code.
 */
reason: string, 
/**
 * The file's name.
 */
name: string, } | { "code": "disk_full" } | { "code": "unavailable" } | { "code": "internal", 
/**
 * Finds the entry in the log.
 */
reference: string, };

/**
 * That somebody would do a job. For the two whom it concerns.
 */
export type Application = { 
/**
 * Which.
 */
id: number, 
/**
 * For which job.
 */
job_id: number, 
/**
 * Who made it.
 */
artisan_id: UserId, 
/**
 * Who that is.
 */
artisan: Party, 
/**
 * `pending`, `accepted`, `rejected`, `withdrawn`.
 */
state: string, 
/**
 * In their words.
 */
proposal: string, 
/**
 * What they ask: the price that they named, or the budget as it was.
 */
price: Major, 
/**
 * The same in minor units.
 */
price_minor: number, 
/**
 * Whether they named it.
 */
price_named: boolean, 
/**
 * In which currency.
 */
currency: string, 
/**
 * Counts up with each change.
 */
version: number, 
/**
 * When it was made.
 */
created_at: WireTime, 
/**
 * When it changed last.
 */
updated_at: WireTime, };

/**
 * `application_act`
 */
export type ApplicationActing = { 
/**
 * For which job.
 */
job: number, 
/**
 * Which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * What.
 */
step: ApplicationStep, 
/**
 * As it was seen.
 */
body: ApplicationCommand, };

/**
 * `POST /api/jobs/{id}/applications/{aid}/accept`, `reject` and `withdraw`
 */
export type ApplicationCommand = { 
/**
 * The application as it was seen.
 */
version?: number, 
/**
 * The price that was seen, in major units.
 */
price?: Digits, 
/**
 * The same in minor units.
 */
price_minor?: Digits, };

/**
 * What becomes of an application.
 */
export type ApplicationStep = "accept" | "reject" | "withdraw";

/**
 * A file.
 */
export type Attachment = { 
/**
 * Which.
 */
id: AttachmentId, 
/**
 * A safe file name.
 */
name: string, 
/**
 * The media type by content.
 */
mime: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * SHA-256 of the bytes, hexadecimal.
 */
sha256: string, 
/**
 * Where the asking person can fetch it, for ten minutes.
 */
url: string, };

/**
 * `attachment_add`
 */
export type AttachmentAdd = { 
/**
 * Which conversation.
 */
conversation: ConversationKey, 
/**
 * The file's name.
 */
name: string, 
/**
 * The bytes. At most 10 MiB.
 */
bytes: Bytes, 
/**
 * Keep the place where a photo was taken. Otherwise it is removed.
 */
keep_location: boolean, };

/**
 * The content of a file, for showing in the window.
 */
export type AttachmentContent = { 
/**
 * The media type by content.
 */
mime: string, 
/**
 * The bytes.
 */
bytes: Bytes, };

/**
 * A file chosen for a message that is not sent yet.
 */
export type AttachmentDraft = { 
/**
 * Names it on this device.
 */
local_id: string, 
/**
 * A safe file name.
 */
name: string, 
/**
 * The media type by content.
 */
mime: string, 
/**
 * Bytes.
 */
size: number, };

/**
 * A file sent with a message.
 */
export type AttachmentId = number;

/**
 * Names a file: by `id` once the server has it, else by `local_id`.
 */
export type AttachmentRef = { 
/**
 * The server's id.
 */
id: AttachmentId | null, 
/**
 * The id on this device.
 */
local_id: string | null, };

/**
 * `attachment_remove`
 */
export type AttachmentRemove = { 
/**
 * Which conversation.
 */
conversation: ConversationKey, 
/**
 * Which file.
 */
local_id: string, };

/**
 * A file of a message.
 */
export type AttachmentView = { 
/**
 * The server's id. Absent while the file is only here.
 */
id: AttachmentId | null, 
/**
 * The id of the chosen file on this device, while it is only here.
 */
local_id: string | null, 
/**
 * A safe file name.
 */
name: string, 
/**
 * The media type by content.
 */
mime: string, 
/**
 * Bytes.
 */
size: number, };

/**
 * `attention_set`
 */
export type Attention = { 
/**
 * Whether the window has focus.
 */
focused: boolean, 
/**
 * What is in view, to its newest end: of it there is no need to tell.
 */
target: Target | null, };

/**
 * A page of them.
 */
export type AuditPage = { 
/**
 * The rows.
 */
rows: Array<AuditRow>, 
/**
 * Go on with `before` set to this, while there are more.
 */
next: number | null, };

/**
 * `audit_list`
 */
export type AuditQuery = { 
/**
 * Who did it.
 */
actor: UserId | null, 
/**
 * Whose it is.
 */
about: UserId | null, 
/**
 * What the action begins with, such as `user.`.
 */
action: string | null, 
/**
 * From this day on, `2026-11-23`, in UTC.
 */
from: string | null, 
/**
 * Until this day, that one too.
 */
to: string | null, 
/**
 * Only rows with a smaller id. Absent: the newest.
 */
before: number | null, };

/**
 * Something that was done or looked at. `GET /api/admin/audit`
 */
export type AuditRow = { 
/**
 * Ascending.
 */
id: number, 
/**
 * When.
 */
at: string, 
/**
 * Who. Absent: whoever runs the server, at its own machine.
 */
actor_id: UserId | null, 
/**
 * Their name.
 */
actor: string | null, 
/**
 * From which device.
 */
device: string | null, 
/**
 * From which address.
 */
address: string | null, 
/**
 * What, such as `user.suspend`.
 */
action: string, 
/**
 * What kind of thing it was done to.
 */
subject_kind: string, 
/**
 * Which one.
 */
subject_id: number, 
/**
 * Whose it is.
 */
about_id: UserId | null, 
/**
 * Their name.
 */
about: string | null, 
/**
 * Nothing was changed: it was looked at.
 */
look: boolean, 
/**
 * Why, in words.
 */
reason: string, 
/**
 * Before and after, or what else there is to say.
 */
detail: Record<string, unknown>, };

/**
 * `audit_save`
 */
export type AuditSave = { 
/**
 * Which rows; `before` is not looked at.
 */
query: AuditQuery, 
/**
 * `csv` or `jsonl`.
 */
format: string, };

/**
 * The bytes of a file. Read and written only within [`encode`] and [`decode`].
 */
export type Bytes = Uint8Array;

/**
 * `GET /api/admin/codes`: a code that nobody could send.
 */
export type CodeToTell = { 
/**
 * Whose.
 */
user_id: UserId, 
/**
 * Their name.
 */
name: string, 
/**
 * Where it would have gone.
 */
address: string, 
/**
 * What it is for: `email`, `phone`, `password` or `new_email`.
 */
purpose: string, 
/**
 * Its six digits.
 */
code: string, 
/**
 * Until when it works.
 */
expires_at: string, };

/**
 * A code may be under way.
 */
export type CodeUnderWayView = { 
/**
 * From when on one may be asked for again, the server's time.
 */
again_at: Timestamp, 
/**
 * `mail` or `administrator`.
 */
by: string, };

/**
 * The commands as a type, for the TypeScript contract: name to request and response.
 */
export type Commands = { 
/**
 * Who is signed in here.
 */
session_get: [Nothing, SessionView], 
/**
 * Signs in with an existing account.
 */
session_sign_in: [SignIn, SessionView], 
/**
 * Makes an account and signs in.
 */
session_register: [Register, SessionView], 
/**
 * Signs out: revokes the token at the server if it can be reached, forgets it here. The outbox stays.
 */
session_sign_out: [Nothing, SessionView], 
/**
 * The servers that can be chosen on the sign-in screen, the last used first.
 */
server_list: [Nothing, Array<ServerView>], 
/**
 * Looks whether a server is there and speaks our language. Never fails: the answer says what is wrong.
 */
server_check: [ServerAddress, ServerCheck], 
/**
 * The people of the demo market that one can be in local mode.
 */
local_people: [Nothing, Array<DemoPerson>], 
/**
 * Starts the server inside this app, if it does not run yet, and signs in as a person of its demo market.
 */
local_start: [LocalStart, SessionView], 
/**
 * Opens another window beside this one, signed in as another person of the demo market.
 */
window_open_as: [DemoChoice, Nothing], 
/**
 * All settings.
 */
settings_get: [Nothing, Settings], 
/**
 * Replaces all settings.
 */
settings_set: [Settings, Settings], 
/**
 * About this app and where it keeps its data.
 */
about_get: [Nothing, AboutView], 
/**
 * The state of the connection.
 */
connection_get: [Nothing, ConnectionView], 
/**
 * Tries to connect now instead of waiting for the next try.
 */
connection_retry: [Nothing, ConnectionView], 
/**
 * Unread counts.
 */
unread_get: [Nothing, UnreadView], 
/**
 * What the user looks at: whether the window has focus, and which conversation is open. Decides about
 * notices and read marks.
 */
attention_set: [Attention, Nothing], 
/**
 * Finds people by name. At most 20. Only people one has written with while there is no connection.
 */
person_search: [PersonQuery, Array<PersonView>], 
/**
 * One person.
 */
person_get: [PersonRef, PersonView], 
/**
 * Blocks or unblocks somebody.
 */
person_block: [PersonBlock, PersonView], 
/**
 * Somebody's page. Without a link as it was seen last.
 */
profile_get: [PersonRef, ProfileView], 
/**
 * Changes what one says about oneself. Works without a link, too.
 */
profile_set: [ProfileSet, ProfileView], 
/**
 * Changes one's own picture. Works without a link, too.
 */
profile_picture: [PictureSet, ProfileView], 
/**
 * Adds a picture of one's work, or changes what stands under it. Works without a link, too.
 */
work_set: [WorkSet, ProfileView], 
/**
 * Puts the pictures of one's work in this order. Works without a link, too.
 */
work_order: [WorkOrder, ProfileView], 
/**
 * Takes a picture of one's work off one's page. Works without a link, too.
 */
work_delete: [WorkRef, ProfileView], 
/**
 * A picture of a page, from this device or from the server.
 */
picture_get: [PictureRef, AttachmentContent], 
/**
 * Finds people by words of their name, trade and place. Without a link, among those one writes with.
 */
people_find: [PeopleFind, PeoplePage], 
/**
 * The conversation list, latest first. At most `limit` rows, 1 to 500.
 */
conversation_list: [ConversationQuery, Array<ConversationRow>], 
/**
 * One row of the conversation list; made up empty for somebody one has not written to yet.
 */
conversation_get: [ConversationRef, ConversationRow], 
/**
 * Marks everything in a conversation as read, up to the newest message that is here.
 */
conversation_read: [ConversationRef, Nothing], 
/**
 * Takes a conversation out of the list on this device, until somebody writes in it. Refused (`waiting`) while
 * something of it waits to be sent. Deletes nothing but the draft.
 */
conversation_remove: [ConversationRef, Nothing], 
/**
 * Tells the other person that I am typing. Call as often as keys are pressed: at most one a second is sent.
 */
conversation_typing: [ConversationRef, Nothing], 
/**
 * Keeps the unsent text of a conversation. An empty text removes it.
 */
draft_set: [DraftSet, Nothing], 
/**
 * Part of a conversation: the newest messages, or those before `before`. At most `limit`, 1 to 200.
 */
thread_get: [ThreadQuery, ThreadView], 
/**
 * What would be sent of a text, and whether it would be taken. Changes nothing.
 */
message_preview: [MessageSend, MessagePreview], 
/**
 * Accepts a message: when this answers, it is on disk and will be sent once. Takes the chosen files along.
 */
message_send: [MessageSend, MessageView], 
/**
 * Sends a failed message again, with other text if some is given.
 */
message_retry: [MessageRetry, MessageView], 
/**
 * Drops a message that is waiting or failed. One that is being sent cannot be dropped.
 */
message_discard: [MessageRef, Nothing], 
/**
 * Deletes a sent message of one's own, for both.
 */
message_delete: [MessageDelete, Nothing], 
/**
 * Chooses a file for the next message of a conversation. It is kept with the outbox from now on.
 */
attachment_add: [AttachmentAdd, AttachmentDraft], 
/**
 * The files or the picture that were copied elsewhere. None where words were copied: they are meant then.
 */
clipboard_files: [Nothing, Array<CopiedFile>], 
/**
 * Takes a chosen file back.
 */
attachment_remove: [AttachmentRemove, Nothing], 
/**
 * The content of a file, from this device or from the server.
 */
attachment_get: [AttachmentRef, AttachmentContent], 
/**
 * Saves a file to the downloads folder. Answers with the path.
 */
attachment_save: [AttachmentRef, string], 
/**
 * Notices, newest first. At most `limit`, 1 to 100.
 */
notification_list: [NotificationQuery, Array<NotificationView>], 
/**
 * Marks one notice as read.
 */
notification_read: [NotificationRef, Nothing], 
/**
 * Marks all notices as read.
 */
notification_read_all: [Nothing, Nothing], 
/**
 * Deletes a notice.
 */
notification_delete: [NotificationRef, Nothing], 
/**
 * What one could have been told of through notices, whether one was, and why not. Newest first, at most `limit`, 1 to 200.
 */
notification_ledger: [LedgerQuery, Array<LedgerRow>], 
/**
 * Shows a notice through the system now, to try it.
 */
notification_test: [Nothing, Nothing], 
/**
 * The devices that are signed in.
 */
device_list: [Nothing, Array<DeviceView>], 
/**
 * Signs a device out.
 */
device_revoke: [DeviceRef, Nothing], 
/**
 * Signs all other devices out.
 */
device_revoke_others: [Nothing, Nothing], 
/**
 * The saved replies, by name.
 */
saved_reply_list: [Nothing, Array<SavedReplyView>], 
/**
 * Keeps a text under a name, in the place of what had it. Works without a link, too.
 */
saved_reply_set: [SavedReplySet, SavedReplyView], 
/**
 * Deletes a saved reply. Works without a link, too.
 */
saved_reply_delete: [SavedReplyRef, Nothing], 
/**
 * Jobs that are looked for.
 */
job_find: [JobFind, Known<JobPage>], 
/**
 * One job.
 */
job_get: [JobRef, Known<Job>], 
/**
 * Makes one, as a draft or shown at once.
 */
job_post: [JobPosting, Job], 
/**
 * Changes what one says.
 */
job_change: [JobChanging, Job], 
/**
 * Throws a draft away.
 */
job_drop: [JobDropping, Nothing], 
/**
 * Publishes one, ends it, or parts with its artisan.
 */
job_act: [JobActing, Job], 
/**
 * Asks an artisan whether they would like one.
 */
job_invite: [JobInviting, Job], 
/**
 * Applies for one.
 */
job_apply: [JobApplying, Application], 
/**
 * Who applied for one's job.
 */
application_list: [JobRef, Known<Array<Application>>], 
/**
 * Decides an application, or takes one's own back.
 */
application_act: [ApplicationActing, Application], 
/**
 * Plans a part of the work.
 */
milestone_add: [MilestoneAdding, Job], 
/**
 * Changes a part that is planned.
 */
milestone_change: [MilestoneChanging, Job], 
/**
 * Drops a part that is planned.
 */
milestone_drop: [MilestoneDropping, Job], 
/**
 * Says how far the work is: kept here until the server has it.
 */
progress_report: [ProgressReporting, ProgressPage], 
/**
 * Takes back a report that the server does not have.
 */
progress_drop: [ProgressDropping, ProgressPage], 
/**
 * How far the work is.
 */
progress_list: [JobRef, Known<ProgressPage>], 
/**
 * What either of the two would change.
 */
proposal_list: [JobRef, Known<Array<Proposal>>], 
/**
 * Proposes a change of what was agreed.
 */
proposal_make: [ProposalMaking, Proposal], 
/**
 * Answers to a proposal.
 */
proposal_act: [ProposalActing, Proposal], 
/**
 * Says how it was.
 */
job_review: [JobReviewing, Job], 
/**
 * Gives the server a file that goes with a job, a part that is handed in, or a dispute.
 */
file_give: [FileGive, FileGiven], 
/**
 * Keeps a picture on this device for a report of how far the work is.
 */
file_keep: [FileGive, FileGiven], 
/**
 * Forgets a picture that was kept and goes with no report.
 */
file_drop: [FileDrop, Nothing], 
/**
 * What an administrator says to everybody, if anything.
 */
announcement_get: [Nothing, AnnouncementView | null], 
/**
 * What was done on this server and looked at, newest first. For administrators.
 */
audit_list: [AuditQuery, AuditPage], 
/**
 * Saves what was done as a file in the downloads folder, and answers with its path. For administrators.
 */
audit_save: [AuditSave, string], 
/**
 * Who looked at one's own things, and what was decided about them, newest first.
 */
look_list: [LookQuery, LookPage], 
/**
 * What somebody who is kept out may read of it, with their own password.
 */
suspension_get: [SuspendedRequest, Suspended], 
/**
 * Answers to it, once.
 */
suspension_answer: [SuspendedAnswerRequest, Suspended], 
/**
 * Reports a message, a profile or a picture.
 */
report_make: [ReportMake, OwnReport], 
/**
 * Reports that one made, and those that were decided about oneself.
 */
report_list: [Nothing, Array<OwnReport>], 
/**
 * Answers to a decision about oneself, once.
 */
report_answer: [ReportAnswer, OwnReport], 
/**
 * The reports of this server, those that wait first. For administrators.
 */
report_queue: [ReportQueueQuery, Array<ReportRow>], 
/**
 * One report with what was reported, as it was. The look is written down. For administrators.
 */
report_open: [ReportRef, ReportFull], 
/**
 * Saves a file of a report in the downloads folder, and answers with its path. The look is written down. For
 * administrators.
 */
report_file_save: [ReportFileRef, string], 
/**
 * Decides a report, or ends it after the answer. For administrators.
 */
report_decide: [ReportDecide, ReportFull], 
/**
 * The people whom one blocked, by name.
 */
block_list: [Nothing, Array<PersonView>], 
/**
 * Finds people by a part of their name or by their whole e-mail address. It is written down. For administrators.
 */
desk_people: [DeskQuery, Array<DeskRow>], 
/**
 * One person with what is private, for a reason that they can read. For administrators.
 */
desk_person: [DeskLook, DeskPerson], 
/**
 * Suspends somebody, or lets them in again, for a reason that they can read. For administrators.
 */
desk_suspend: [DeskSuspend, DeskPerson], 
/**
 * Every realtime connection of the server. For administrators.
 */
desk_connections: [Nothing, Array<ConnectionRow>], 
/**
 * Letters that wait and those that were given up. For administrators.
 */
desk_letters: [Nothing, DeskLetters], 
/**
 * Has a letter that was given up tried again. For administrators.
 */
desk_letter_retry: [DeskLetterRef, DeskLetters], 
/**
 * Codes that the server cannot send, to be passed on, for a reason that those whose they are can read. For administrators.
 */
desk_codes: [DeskReason, Array<CodeToTell>], 
/**
 * How the server is. For administrators.
 */
desk_health: [Nothing, DeskHealth], 
/**
 * Saves everything of one's own as a zip in the downloads folder, and answers with its path.
 */
account_export: [Nothing, string], 
/**
 * Deletes one's account and what of it is on this device, or says what must end first.
 */
account_delete: [AccountDelete, Departure], 
/**
 * What of oneself is verified, and what could be.
 */
verification_list: [Nothing, Array<VerificationView>], 
/**
 * Asks for a verification, or for its code once more.
 */
verification_ask: [VerificationAsking, VerificationAskedView], 
/**
 * Gives the code of a verification.
 */
verification_confirm: [VerificationConfirming, VerificationView], 
/**
 * Uploads a photo or a PDF by which one proves who one is. The same key again is the same paper. Nobody sees it before
 * it is sent.
 */
identity_paper_put: [IdentityPaperPut, IdentityPaper], 
/**
 * Sends papers that were uploaded, for an administrator to look at.
 */
identity_send: [IdentitySend, VerificationView], 
/**
 * What waits for an administrator or was verified by one, the oldest first. For administrators.
 */
verification_queue: [VerificationQueueQuery, Array<VerificationRow>], 
/**
 * One of them with what is private, for a reason that the person can read. For administrators.
 */
verification_open: [VerificationLook, VerificationFull], 
/**
 * One of its papers. The look is written down, and nothing of it stays on this device. For administrators.
 */
verification_paper: [VerificationPaperLook, AttachmentContent], 
/**
 * Saves one of its papers in the downloads folder, for what no window here shows, and answers with its path. The look is
 * written down. For administrators.
 */
verification_paper_save: [VerificationPaperLook, string], 
/**
 * Approves, rejects or revokes, with a reason that the person can read. For administrators.
 */
verification_decide: [VerificationDecide, VerificationFull], 
/**
 * One's bank accounts, and for which currencies there can be one.
 */
payout_account_list: [Nothing, PayoutAccountsView], 
/**
 * The banks for a currency.
 */
payout_account_banks: [PayoutBanksQuery, Array<PayoutBank>], 
/**
 * With the password, has a code sent to an address that was proved before.
 */
payout_account_code: [PayoutCodeAsk, PayoutCodeView], 
/**
 * With the password and that code, names a bank account in the place of the one of its currency.
 */
payout_account_add: [PayoutAccountAdding, PayoutAccountView], 
/**
 * Stops an account, or takes it away: nothing is paid to it any more.
 */
payout_account_stop: [PayoutAccountRef, PayoutAccountView], 
/**
 * What holds on this server for everybody.
 */
configuration_get: [Nothing, Known<Configuration>], 
/**
 * What one has in each currency.
 */
wallet_get: [Nothing, Known<Wallet>], 
/**
 * What happened to one's balance, checked on this device.
 */
wallet_statement: [StatementOf, Known<StatementView>], 
/**
 * Saves a statement with its signature in the downloads folder, and answers with its path.
 */
wallet_statement_save: [StatementOf, string], 
/**
 * Checks a statement that somebody sent, without the server.
 */
wallet_statement_check: [StatementFile, StatementView], 
/**
 * One's payments, as payer and as payee, newest first.
 */
payment_list: [PaymentsAfter, Known<PaymentPage>], 
/**
 * One payment with its history.
 */
payment_get: [PaymentRef, Known<Payment>], 
/**
 * Opens a payment for a part of the work, and pays it or leads to where it is paid.
 */
payment_fund: [PaymentFunding, Payment], 
/**
 * Pays one that waits.
 */
payment_pay: [PaymentPaying, Payment], 
/**
 * What a step would move, to the kobo. Nothing moves.
 */
payment_preview: [PaymentLook, PaymentPreview], 
/**
 * Hands work in, asks for something, releases, gives back, cancels.
 */
payment_act: [PaymentActing, Payment], 
/**
 * What the hall would keep of an amount, as the market counts it. Asked of nobody else.
 */
fee_get: [FeeOf, number], 
/**
 * The whole address of a provider's page, to open in the system's browser.
 */
payment_page: [PaymentRef, string], 
/**
 * One's payouts, newest first.
 */
payout_list: [PayoutsAfter, Known<PayoutPage>], 
/**
 * What a payout would do, to the kobo. Nothing moves.
 */
payout_preview: [PayoutLook, PayoutPreview], 
/**
 * Takes money to one's bank.
 */
payout_ask: [PayoutAsking, Payout], 
/**
 * Takes one back, or sends it again.
 */
payout_act: [PayoutActing, Payout], 
/**
 * One's disputes, newest first.
 */
dispute_list: [DisputesAfter, Known<DisputePage>], 
/**
 * Those that are open on this server, those that wait longest first. For administrators.
 */
dispute_queue: [Nothing, Array<Dispute>], 
/**
 * One dispute with all that was said. An administrator's look is written down.
 */
dispute_get: [DisputeRef, Known<Dispute>], 
/**
 * Begins one about a payment.
 */
dispute_open: [DisputeOpening, Dispute], 
/**
 * Answers, proposes, accepts, withdraws, or decides as an administrator.
 */
dispute_act: [DisputeActing, Dispute], 
/**
 * Changes one's password. All other devices are signed out.
 */
password_change: [PasswordChange, Nothing], 
/**
 * Asks a server for a code with which a new password can be chosen. Says the same whether the address is known there.
 */
password_forgot: [PasswordForgotten, CodeUnderWayView], 
/**
 * Chooses a new password with the code. All devices are signed out.
 */
password_reset: [PasswordReset, Nothing], 
/**
 * Gives the code of the account that is being made here: it is there from then on, and one is signed in.
 */
registration_confirm: [RegistrationCode, SessionView], 
/**
 * Has that code sent once more.
 */
registration_again: [Nothing, SessionView], 
/**
 * Goes on with no account that is being made here.
 */
registration_drop: [Nothing, SessionView], 
/**
 * Asks for a code to the address that is to become the account's.
 */
email_change: [EmailChange, CodeUnderWayView], 
/**
 * Gives that code: from then on the account has the address.
 */
email_change_confirm: [EmailChangeConfirming, SessionView], 
/**
 * How two-step sign-in stands for oneself. `null` where the server has none.
 */
two_step_get: [Nothing, TwoStepView | null], 
/**
 * Begins to set it up: a secret for an app, and recovery codes that count once it is on.
 */
two_step_begin: [TwoStepAgain, TwoStepSecretView], 
/**
 * Turns it on with the first code of the app.
 */
two_step_confirm: [TwoStepConfirming, TwoStepView], 
/**
 * Turns it off, or gives up setting it up.
 */
two_step_off: [TwoStepAgain, TwoStepView], 
/**
 * Other recovery codes in the place of those that are there.
 */
two_step_renew: [TwoStepAgain, TwoStepCodes], 
/**
 * Saves recovery codes as a text in the downloads folder, and answers with its path.
 */
two_step_save: [TwoStepCodes, string], 
/**
 * Turns it off for somebody who lost everything, or asks another administrator to. For administrators.
 */
desk_two_step_off: [DeskLook, DeskPerson], 
/**
 * Which letters one wants. `null` where the server asks nobody.
 */
mail_preferences_get: [Nothing, MailPreferences | null], 
/**
 * Says whether one wants letters of a kind.
 */
mail_preference_set: [MailPreference, MailPreferences], };

/**
 * `GET /api/config`
 */
export type Configuration = { 
/**
 * The providers that take what is paid, in the order in which they are offered. `balance` is none of them and always there.
 */
providers: Array<PaymentProvider>, 
/**
 * The currencies in which somebody can be paid to a bank, ISO 4217.
 */
paid_out: Array<string>, 
/**
 * The currency of amounts where nothing is said.
 */
currency: string, 
/**
 * The trades of jobs.
 */
categories: Array<string>, 
/**
 * What the hall keeps of what is released for a job, hundredths of a per cent.
 */
job_fee_bps: number, 
/**
 * How long a client may look at what was handed in, milliseconds. Then it is paid.
 */
job_review_ms: number, 
/**
 * How long an artisan may answer a client who wants money back, milliseconds. Then it goes back.
 */
job_reply_ms: number, 
/**
 * How long a client whose job is all paid for may say that it goes on, milliseconds. Then it is completed.
 */
job_silence_ms: number, 
/**
 * Until when the other side of a dispute is expected to answer, milliseconds.
 */
dispute_answer_ms: number, 
/**
 * Parts of one job, at most.
 */
milestones_max: number, 
/**
 * Pictures of a job, a report, or what is handed in, at most.
 */
files_max: number, };

/**
 * One realtime connection, as an administrator sees it.
 */
export type ConnectionRow = { 
/**
 * `123.456`
 */
socket_id: string, 
/**
 * The app's id.
 */
app: string, 
/**
 * Where it comes from.
 */
address: string, 
/**
 * What the client says it is, such as `js 8.6.0`.
 */
client: string | null, 
/**
 * The person whose token authorised its subscriptions.
 */
user_id: number | null, 
/**
 * That token.
 */
token_id: number | null, 
/**
 * The user who signed in on the connection itself, on an app of somebody else.
 */
signed_in_as: string | null, 
/**
 * The channels it listens to.
 */
channels: Array<string>, 
/**
 * Frames that came from it.
 */
frames_in: number, 
/**
 * Bytes that wait because it does not read.
 */
waiting_bytes: number, 
/**
 * When it connected.
 */
connected_at: string, 
/**
 * When it was last heard of.
 */
heard_at: string, 
/**
 * The last error it was told, the frame as it was sent.
 */
last_error: string | null, };

/**
 * The states of the connection.
 */
export type ConnectionState = "idle" | "connecting" | "syncing" | "online" | "offline";

/**
 * The state of the connection, always in sight.
 */
export type ConnectionView = { 
/**
 * The state.
 */
state: ConnectionState, 
/**
 * When this state began, on this machine's clock.
 */
since: Timestamp, 
/**
 * When the next try is made, on this machine's clock, while waiting for one.
 */
retry_at: Timestamp | null, 
/**
 * Why the last connection ended or could not be made: `refused`, `timeout`, `silent`, `closed`, `dns`, `tls`,
 * `server_restart`, `unfit`, `intercepted`, `garbled`, `keychain_locked`, `keychain_unavailable`, `local_server`, `other`.
 */
reason: string | null, 
/**
 * Messages in the outbox that are waiting or being sent.
 */
queued: number, 
/**
 * Messages that failed and wait for the user.
 */
failed: number, 
/**
 * The last event number that is stored here.
 */
synced_to: number, 
/**
 * Round trip of the last ping, milliseconds.
 */
round_trip_ms: number | null, 
/**
 * Why what waits is not taken although there is a connection: `busy`, or a word of `reason`. None while it moves.
 */
held_up: string | null, };

/**
 * Names one conversation on one server: the other person and what it is about. Opaque to the interface.
 *
 * Written `7`, `7-job-12` or `7-domain-5`, so that it can stand in an address and in a list's keys.
 */
export type ConversationKey = string;

/**
 * `conversation_list`
 */
export type ConversationQuery = { 
/**
 * Only those with unread messages.
 */
unread_only: boolean, 
/**
 * Only those whose person's name contains this.
 */
name: string | null, 
/**
 * At most so many.
 */
limit: number, };

/**
 * Names a conversation.
 */
export type ConversationRef = { 
/**
 * Which.
 */
conversation: ConversationKey, };

/**
 * One row of the conversation list.
 */
export type ConversationRow = { 
/**
 * The key.
 */
key: ConversationKey, 
/**
 * The other person.
 */
person: PersonView, 
/**
 * What it is about.
 */
subject: Subject, 
/**
 * What it is about in words, when known, such as the job's title.
 */
subject_title: string | null, 
/**
 * The last message, waiting ones included. Absent in a conversation of only a draft.
 */
last: LastMessage | null, 
/**
 * When the row last moved, for the order: latest first.
 */
last_at: Timestamp, 
/**
 * Unread messages.
 */
unread: number, 
/**
 * The unsent text, when there is one.
 */
draft: string | null, };

/**
 * A file that was copied in another program.
 */
export type CopiedFile = { 
/**
 * The file's name.
 */
name: string, 
/**
 * The bytes; `None` when they are more than can be sent.
 */
bytes: Bytes | null, };

/**
 * `window_open_as`
 */
export type DemoChoice = { 
/**
 * Whom to be.
 */
email: string, };

/**
 * A person of the demo market, to sign in as.
 */
export type DemoPerson = { 
/**
 * Their name.
 */
name: string, 
/**
 * Their trade, if any.
 */
craft: string | null, 
/**
 * Their e-mail address, which names them in `local_start` and `window_open_as`.
 */
email: string, 
/**
 * Whether they run the demo market, and have its desk.
 */
admin: boolean, };

/**
 * What became of it.
 */
export type Departure = { 
/**
 * What must end first, in words; empty: the account is deleted.
 */
first: Array<string>, };

/**
 * A device of somebody.
 */
export type DeskDevice = { 
/**
 * Its name.
 */
name: string, 
/**
 * When it signed in.
 */
created_at: string, 
/**
 * When it was last used, to the minute.
 */
last_used_at: string | null, };

/**
 * How the server is. `GET /api/admin/health`
 */
export type DeskHealth = { 
/**
 * What is not well, in words for whoever runs it. Empty: all is well.
 */
complaints: Array<string>, 
/**
 * The program's version.
 */
version: string, 
/**
 * The numbers that matter.
 */
numbers: Array<DeskNumber>, };

/**
 * A letter that was given up.
 */
export type DeskLetter = { 
/**
 * Its number.
 */
id: number, 
/**
 * For whom. Where it went is not said: that is private.
 */
name: string, 
/**
 * What it says, one word, such as `code`.
 */
kind: string, 
/**
 * When it was written.
 */
at: string, 
/**
 * When it was given up.
 */
failed_at: string, 
/**
 * How often it was tried.
 */
tries: number, 
/**
 * What the last try came to, in the mail server's words.
 */
error: string, 
/**
 * Whether it may still be tried again: a code that has died is of no use.
 */
may_retry: boolean, };

/**
 * `desk_letter_retry`
 */
export type DeskLetterRef = { 
/**
 * Its number.
 */
id: number, };

/**
 * Letters. `GET /api/admin/failed-jobs`
 */
export type DeskLetters = { 
/**
 * Whether the server can send any: it has a mail server.
 */
sends: boolean, 
/**
 * Whether there may be codes that it cannot send, by mail or to phones: administrators pass those on.
 */
codes: boolean, 
/**
 * How many wait.
 */
waiting: number, 
/**
 * Those that were given up, newest first; at most 50.
 */
failed: Array<DeskLetter>, };

/**
 * `desk_person`
 */
export type DeskLook = { 
/**
 * Who.
 */
id: UserId, 
/**
 * Why, for the person to read, at most 1,000 characters.
 */
reason: string, };

/**
 * A number that matters.
 */
export type DeskNumber = { 
/**
 * Such as `connections`.
 */
name: string, 
/**
 * How much.
 */
value: number, 
/**
 * Whether it should be nothing, and is something.
 */
wrong: boolean, };

/**
 * Somebody with what is private. `GET /api/admin/users/{id}?reason=`
 */
export type DeskPerson = { 
/**
 * What the list shows.
 */
person: DeskRow, 
/**
 * The e-mail address.
 */
email: string, 
/**
 * When they were last connected.
 */
last_seen_at: string | null, 
/**
 * The devices that are signed in.
 */
devices: Array<DeskDevice>, 
/**
 * Whether signing in asks for a code beside the password.
 */
two_step: boolean, 
/**
 * That an administrator asked for that to be turned off.
 */
two_step_asked: DeskTwoStepAsked | null, 
/**
 * All suspensions, newest first.
 */
suspensions: Array<DeskSuspension>, 
/**
 * What was written down about them, newest first; at most 50.
 */
written: Array<AuditRow>, };

/**
 * `desk_people`
 */
export type DeskQuery = { 
/**
 * Part of a name, or a whole e-mail address.
 */
q: string, };

/**
 * `desk_codes`
 */
export type DeskReason = { 
/**
 * Why, for those to read whose codes are seen, at most 1,000 characters.
 */
reason: string, };

/**
 * Somebody in the list. `GET /api/admin/users?q=`
 */
export type DeskRow = { 
/**
 * Who.
 */
id: UserId, 
/**
 * The name.
 */
name: string, 
/**
 * The trade of an artisan.
 */
craft: string | null, 
/**
 * Whether they are an administrator.
 */
admin: boolean, 
/**
 * Whether they are verified.
 */
verified: boolean, 
/**
 * Whether they are suspended.
 */
suspended: boolean, 
/**
 * When the account was made.
 */
joined_at: string, };

/**
 * `desk_suspend`
 */
export type DeskSuspend = { 
/**
 * Who.
 */
id: UserId, 
/**
 * Suspend, or let in again.
 */
suspend: boolean, 
/**
 * Why, for the person to read, at most 1,000 characters.
 */
reason: string, };

/**
 * A suspension, past or present.
 */
export type DeskSuspension = { 
/**
 * Why.
 */
reason: string, 
/**
 * Since when.
 */
at: string, 
/**
 * What they said to it.
 */
answer: string | null, 
/**
 * When it was lifted.
 */
lifted_at: string | null, 
/**
 * Why.
 */
lift_reason: string | null, };

/**
 * That an administrator asked for somebody's to be turned off, and another has to confirm it.
 */
export type DeskTwoStepAsked = { 
/**
 * Who asked.
 */
by_id: UserId, 
/**
 * Their name.
 */
by: string, 
/**
 * Until when it can be confirmed.
 */
until: string, };

/**
 * `device_revoke`
 */
export type DeviceRef = { 
/**
 * Its token's id.
 */
id: TokenId, };

/**
 * A signed-in device.
 */
export type DeviceView = { 
/**
 * Its token's id.
 */
id: TokenId, 
/**
 * Its name.
 */
name: string, 
/**
 * When it signed in.
 */
created_at: Timestamp, 
/**
 * When it was last used.
 */
last_used_at: Timestamp | null, 
/**
 * The network address from which that was.
 */
address: string | null, 
/**
 * Whether it is this one.
 */
current: boolean, };

/**
 * A number of a request as it was written, digit by digit, also where it stands as text. Only read from JSON itself.
 */
export type Digits = string;

/**
 * A dispute, as its two sides and administrators see it.
 */
export type Dispute = { 
/**
 * Which.
 */
id: number, 
/**
 * About which payment.
 */
payment_id: number, 
/**
 * Of which job.
 */
job_id: number, 
/**
 * What the job is called.
 */
job_title: string, 
/**
 * `open`, `resolved`, `withdrawn`.
 */
state: string, 
/**
 * As older clients name it: `raised`, `investigating`, `resolved`, `none`.
 */
status: string, 
/**
 * Who began it.
 */
opener: Party, 
/**
 * Who pays.
 */
payer: Party, 
/**
 * Who is paid.
 */
payee: Party, 
/**
 * Why it was begun.
 */
reason: string, 
/**
 * What is held, minor units.
 */
held_minor: number, 
/**
 * In which currency.
 */
currency: string, 
/**
 * What the payer proposes now.
 */
payer_proposes: SplitOf | null, 
/**
 * What the payee proposes now.
 */
payee_proposes: SplitOf | null, 
/**
 * How it ended.
 */
ended: SplitOf | null, 
/**
 * Why it was decided so, where an administrator did.
 */
decision: string | null, 
/**
 * Until when the other side is expected to answer.
 */
answer_by: WireTime, 
/**
 * Since when it stands at the top of the administrators' list.
 */
flagged_at: WireTime | null, 
/**
 * What was said, in order. In lists there is nothing.
 */
statements: Array<DisputeStatement>, 
/**
 * What whoever asks may do now: `answer`, `propose`, `accept`, `withdraw`, `resolve`.
 */
may: Array<string>, 
/**
 * Counts up with each change.
 */
version: number, 
/**
 * When it was begun.
 */
opened_at: WireTime, 
/**
 * When it changed last.
 */
updated_at: WireTime, };

/**
 * `dispute_act`
 */
export type DisputeActing = { 
/**
 * Which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * What.
 */
step: DisputeWord, 
/**
 * With what.
 */
body: DisputeCommand, };

/**
 * `POST /api/payments/{id}/dispute` and `POST /api/disputes/{id}/{act}`
 */
export type DisputeCommand = { 
/**
 * The dispute (to begin one: the payment) as it was seen.
 */
version?: number, 
/**
 * Why: 10 to 1,000 characters to begin one or to decide it, 1 to 1,000 to answer.
 */
reason?: string, 
/**
 * What the payee would get, minor units: proposed, accepted, or decided.
 */
to_payee_minor?: number, 
/**
 * What the payer would get, minor units. Both together are exactly what is held.
 */
to_payer_minor?: number, 
/**
 * Files that are shown with it, at most 10.
 */
attachments: Array<AttachmentId>, };

/**
 * `dispute_open`
 */
export type DisputeOpening = { 
/**
 * About which payment.
 */
payment: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * Why.
 */
body: DisputeCommand, };

/**
 * Some of one's disputes.
 */
export type DisputePage = { 
/**
 * Newest first.
 */
rows: Array<Dispute>, 
/**
 * Where the next page begins, if there is one.
 */
next: number | null, 
/**
 * How many of this page cannot be read here.
 */
lost: number, };

/**
 * Which dispute.
 */
export type DisputeRef = { 
/**
 * Which.
 */
id: number, };

/**
 * What somebody said in a dispute.
 */
export type DisputeStatement = { 
/**
 * Who.
 */
by: Party, 
/**
 * In their words.
 */
words: string, 
/**
 * What they showed.
 */
attachments: Array<Attachment>, 
/**
 * When.
 */
at: WireTime, };

/**
 * What is done to a dispute.
 */
export type DisputeWord = "answer" | "propose" | "accept" | "withdraw" | "take" | "resolve";

/**
 * `dispute_list`
 */
export type DisputesAfter = { 
/**
 * Go on behind this one. Absent: from the newest.
 */
before: number | null, };

/**
 * A listing: a domain name that somebody sells. A listing's id is the id in both of its channels.
 */
export type DomainId = number;

/**
 * `draft_set`
 */
export type DraftSet = { 
/**
 * Which conversation.
 */
conversation: ConversationKey, 
/**
 * The text so far.
 */
body: string, };

/**
 * `email_change`
 */
export type EmailChange = { 
/**
 * The address that is to become the account's.
 */
email: string, 
/**
 * The account's password.
 */
password: string, 
/**
 * The second step, where it is on: a code of the app, or a recovery code.
 */
code: string | null, };

/**
 * `email_change_confirm`
 */
export type EmailChangeConfirming = { 
/**
 * The address that is to become the account's.
 */
email: string, 
/**
 * The code as it was typed.
 */
code: string, };

/**
 * `fee_get`
 */
export type FeeOf = { 
/**
 * Of how much, minor units.
 */
minor: number, 
/**
 * How much of it, hundredths of a per cent.
 */
bps: number, };

/**
 * `file_drop`: a file that is wanted no more.
 */
export type FileDrop = { 
/**
 * Its name on this device.
 */
local_id: string, };

/**
 * `file_give`: a file that goes with what is said next.
 */
export type FileGive = { 
/**
 * What it is called.
 */
name: string, 
/**
 * What is in it.
 */
bytes: Bytes, };

/**
 * A file that the server has, or this device keeps for it.
 */
export type FileGiven = { 
/**
 * The server's number. Absent while it waits here.
 */
id: AttachmentId | null, 
/**
 * Its name on this device, while it waits here.
 */
local_id: string | null, 
/**
 * A safe file name.
 */
name: string, 
/**
 * The media type by content.
 */
mime: string, 
/**
 * Bytes.
 */
size: number, };

/**
 * What was reported, as it was at that moment.
 */
export type Frozen = { 
/**
 * The messages, oldest first.
 */
messages: Array<FrozenMessage>, 
/**
 * What the person said of themselves, by the names of the fields.
 */
profile: Array<FrozenField>, 
/**
 * The address of the picture.
 */
picture: string | null, };

/**
 * A line of a profile.
 */
export type FrozenField = { 
/**
 * Such as `name`.
 */
name: string, 
/**
 * What stood there.
 */
text: string, };

/**
 * A message that was frozen with a report.
 */
export type FrozenMessage = { 
/**
 * Its id.
 */
id: number, 
/**
 * Who wrote it.
 */
from: string, 
/**
 * Whether it is the one that is reported.
 */
reported: boolean, 
/**
 * What it said at that moment, or before it was deleted.
 */
text: string, 
/**
 * When it was sent.
 */
sent_at: string, };

/**
 * A paper that was uploaded. `POST /api/verifications/identity/papers`
 */
export type IdentityPaper = { 
/**
 * Which.
 */
id: number, 
/**
 * What it is called.
 */
name: string, 
/**
 * What it is, by its content.
 */
mime: string, 
/**
 * How large it is as it is kept, bytes.
 */
size: number, };

/**
 * `identity_paper_put`
 */
export type IdentityPaperPut = { 
/**
 * Tells this paper from others: said again after a broken link, it is the same.
 */
key: string, 
/**
 * What it is called.
 */
name: string, 
/**
 * A JPEG, PNG or WebP photo or a PDF of at most 10 MiB.
 */
bytes: Bytes, };

/**
 * `identity_send`
 */
export type IdentitySend = { 
/**
 * Tells this sending from others: said again after a broken link, it is the same.
 */
key: string, 
/**
 * The papers, in their order.
 */
papers: Array<number>, };

/**
 * A job. `GET /api/jobs/{id}` and all commands on it.
 */
export type Job = { 
/**
 * Which.
 */
id: number, 
/**
 * One line.
 */
title: string, 
/**
 * What is to be done.
 */
description: string, 
/**
 * `draft`, `open`, `assigned`, `in-progress`, `submitted`, `disputed`, `completed`, `cancelled`.
 */
status: string, 
/**
 * `draft`, `open`, `assigned`, `completed`, `cancelled`.
 */
stage: string, 
/**
 * Why it came to nothing: `expired`, `unfunded`, `cancelled`, `client_left`.
 */
reason: string | null, 
/**
 * `carpentry`, `electrical`, …
 */
category: string, 
/**
 * What the client would pay.
 */
budget: Major, 
/**
 * The same in minor units.
 */
budget_minor: number, 
/**
 * Of all amounts of this job.
 */
currency: string, 
/**
 * `low`, `medium`, `high`, `urgent`.
 */
priority: string, 
/**
 * Where.
 */
place: string | null, 
/**
 * When the work begins.
 */
starts_at: WireTime | null, 
/**
 * Until when it is wanted.
 */
ends_at: WireTime | null, 
/**
 * Until when one can apply.
 */
closes_at: WireTime | null, 
/**
 * Pictures. Guests see none.
 */
attachments: Array<Attachment>, 
/**
 * Whose it is.
 */
client_id: UserId, 
/**
 * Who that is.
 */
client: Party, 
/**
 * Who has it.
 */
artisan_id: UserId | null, 
/**
 * Who that is.
 */
artisan: Party | null, 
/**
 * The parts of the work. For its two people.
 */
milestones: Array<Milestone>, 
/**
 * The last 20 reports of how far it is, newest last. For its two people.
 */
progress_updates: Array<Progress>, 
/**
 * What was agreed for all of it. For its two people.
 */
agreed: Major | null, 
/**
 * The same in minor units.
 */
agreed_minor: number | null, 
/**
 * What of that no milestone plans, minor units.
 */
rest_minor: number | null, 
/**
 * Which terms stand. 0 before anything was agreed, and for others.
 */
terms_version: number, 
/**
 * All terms so far, oldest first. For its two people, and of one job alone.
 */
terms: Array<Terms>, 
/**
 * How many applications wait. For the client.
 */
applications_count: number | null, 
/**
 * One's own application, if one made one.
 */
my_application: Application | null, 
/**
 * What the two say of each other, once it can be read.
 */
reviews: Array<JobReview>, 
/**
 * What whoever asks may do now, such as `apply`.
 */
may: Array<string>, 
/**
 * Why one could not be paid what it would earn, before one applies: `no_route`, `below_minimum`, `identity_unverified`.
 */
payout_lacks: string | null, 
/**
 * Since when the client is asked whether it is finished.
 */
asked_at: WireTime | null, 
/**
 * Counts up with each change: what a command may name to mean this and nothing newer.
 */
version: number, 
/**
 * When it was made.
 */
created_at: WireTime, 
/**
 * When it was shown.
 */
published_at: WireTime | null, 
/**
 * When it was given to somebody.
 */
assigned_at: WireTime | null, 
/**
 * When it was done, or came to nothing.
 */
ended_at: WireTime | null, 
/**
 * When it changed last.
 */
updated_at: WireTime, };

/**
 * `job_act`
 */
export type JobActing = { 
/**
 * Which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * What.
 */
step: JobStep, 
/**
 * With what.
 */
body: JobCommand, };

/**
 * `POST /api/jobs/{id}/applications`
 */
export type JobApply = { 
/**
 * 20 to 5,000 characters.
 */
proposal: string, 
/**
 * What one asks, in major units. Absent: the budget.
 */
price?: Digits, 
/**
 * The same in minor units.
 */
price_minor?: Digits, 
/**
 * The job as it was seen.
 */
version?: number, };

/**
 * `job_apply`
 */
export type JobApplying = { 
/**
 * For which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * What one says.
 */
body: JobApply, };

/**
 * `job_change`
 */
export type JobChanging = { 
/**
 * Which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * What changes.
 */
body: JobPut, };

/**
 * Commands on a job that need no more than their path.
 */
export type JobCommand = { 
/**
 * The job as it was seen.
 */
version?: number, 
/**
 * Why it comes to nothing, 1 to 1,000 characters; an administrator has to say it.
 */
reason?: string, };

/**
 * `job_drop`
 */
export type JobDropping = { 
/**
 * Which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * The draft as it was seen.
 */
version: number | null, };

/**
 * `job_find`: which jobs.
 */
export type JobFind = { 
/**
 * `draft`, `open`, `assigned`, …
 */
status?: string, 
/**
 * `carpentry`, `electrical`, …
 */
category?: string, 
/**
 * Words that are looked for.
 */
q?: string, 
/**
 * Where.
 */
place?: string, 
/**
 * `client`, `artisan`, `applied`, or `1` for all of one's own. Absent: everybody's.
 */
mine?: string, 
/**
 * In which currency the budgets are meant.
 */
currency?: string, 
/**
 * At least so much, major units as they are written.
 */
budget_min?: string, 
/**
 * At most so much, major units as they are written.
 */
budget_max?: string, 
/**
 * From 1.
 */
page?: number, };

/**
 * A commission of work.
 */
export type JobId = number;

/**
 * `POST /api/jobs/{id}/invite`
 */
export type JobInvite = { 
/**
 * Who is asked.
 */
user_id: UserId, 
/**
 * The job as it was seen.
 */
version?: number, };

/**
 * `job_invite`
 */
export type JobInviting = { 
/**
 * To which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * Whom.
 */
body: JobInvite, };

/**
 * Jobs that were found.
 */
export type JobPage = { 
/**
 * Of this page.
 */
rows: Array<Job>, 
/**
 * On all pages.
 */
total: number, 
/**
 * From 1.
 */
page: number, 
/**
 * At least 1.
 */
last_page: number, 
/**
 * How many of this page cannot be read here.
 */
lost: number, };

/**
 * `job_post`
 */
export type JobPosting = { 
/**
 * Names this command.
 */
key: string, 
/**
 * What it says.
 */
body: JobPut, };

/**
 * `POST /api/jobs` and `PATCH /api/jobs/{id}`. A new job has a title, a description, a category and a budget; what is left out of
 * a change stays.
 */
export type JobPut = { 
/**
 * 5 to 200 characters.
 */
title?: string, 
/**
 * 10 to 2,000 characters.
 */
description?: string, 
/**
 * `carpentry`, `electrical`, …
 */
category?: string, 
/**
 * In major units: digits, and a point with as many behind it as the currency has.
 */
budget?: Digits, 
/**
 * In minor units. Where both are said they are the same.
 */
budget_minor?: Digits, 
/**
 * Three letters. NGN where nothing is said.
 */
currency?: string, 
/**
 * `low`, `medium`, `high`, `urgent`; `medium` where nothing is said.
 */
priority?: string, 
/**
 * One line of at most 80 characters. Empty: none.
 */
place?: string, 
/**
 * When the work begins.
 */
starts_at?: WireTime | null, 
/**
 * Until when it is wanted.
 */
ends_at?: WireTime | null, 
/**
 * Until when one can apply.
 */
closes_at?: WireTime | null, 
/**
 * All of its pictures, in order: those that it has, and uploaded ones. At most 10.
 */
attachments?: Array<AttachmentId>, 
/**
 * Publish it at once.
 */
publish?: boolean, 
/**
 * The job as it was seen.
 */
version?: number, };

/**
 * Which job.
 */
export type JobRef = { 
/**
 * Which.
 */
id: number, };

/**
 * How it was, as one of the two of a job says of the other.
 */
export type JobReview = { 
/**
 * Who wrote it.
 */
author: Party, 
/**
 * Of whom.
 */
subject_id: UserId, 
/**
 * 1 to 5.
 */
stars: number, 
/**
 * In their words.
 */
words: string, 
/**
 * When.
 */
created_at: WireTime, };

/**
 * `job_review`
 */
export type JobReviewing = { 
/**
 * Which job.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * How it was.
 */
body: ReviewMake, };

/**
 * What is done to a job.
 */
export type JobStep = "publish" | "start" | "complete" | "keep-open" | "cancel" | "unassign";

/**
 * Something as the server says it, or as it said it last.
 */
export type Known<T> = { 
/**
 * What it said.
 */
data: T, 
/**
 * When it said so, milliseconds since 1970 by this device's clock, where it cannot be asked now. Absent: it says so now.
 */
as_of: Timestamp | null, };

/**
 * The last line of a conversation.
 */
export type LastMessage = { 
/**
 * The text, on one line, at most 200 characters. Empty for one of only files, or a deleted one.
 */
snippet: string, 
/**
 * Whether I wrote it.
 */
mine: boolean, 
/**
 * Its state.
 */
state: MessageState, 
/**
 * The name of its first file.
 */
attachment_name: string | null, 
/**
 * Whether it was deleted.
 */
deleted: boolean, };

/**
 * `notification_ledger`
 */
export type LedgerQuery = { 
/**
 * Only rows with a smaller id. Absent: the newest.
 */
before: number | null, 
/**
 * At most so many.
 */
limit: number, };

/**
 * Something that one could have been told of, and what became of it on this device.
 */
export type LedgerRow = { 
/**
 * Ascending.
 */
id: number, 
/**
 * When it was decided, on this machine's clock.
 */
at: Timestamp, 
/**
 * The event, such as `message.sent`.
 */
event: string, 
/**
 * What it is about, such as `message 12`.
 */
subject: string, 
/**
 * What a click on its notice opens, such as the key of a conversation.
 */
target: string, 
/**
 * `system` and `app`: shown there. `no_service`: meant for the system, shown in the app. Or why not: `in_view`, `read`,
 * `quiet`, `off`, `old`, `summed_up` (in one notice for all that is old), `folded` (a later one took its place).
 */
outcome: string, 
/**
 * Why its notice was taken back, when it was: `read`, `deleted`, `signed_out`.
 */
taken_back: string | null, 
/**
 * When.
 */
taken_back_at: Timestamp | null, };

/**
 * `local_start`
 */
export type LocalStart = { 
/**
 * Whom to be. Absent: the one used last, or the first.
 */
email: string | null, };

/**
 * A page of them.
 */
export type LookPage = { 
/**
 * The rows.
 */
rows: Array<LookRow>, 
/**
 * Go on with `before` set to this, while there are more.
 */
next: number | null, };

/**
 * `look_list`
 */
export type LookQuery = { 
/**
 * Only rows with a smaller id. Absent: the newest.
 */
before: number | null, };

/**
 * Something that was looked at or decided that is one's own. `GET /api/user/looks`
 */
export type LookRow = { 
/**
 * Ascending.
 */
id: number, 
/**
 * When.
 */
at: string, 
/**
 * Who. Absent: whoever runs the server.
 */
by: string | null, 
/**
 * What, such as `user.look`.
 */
action: string, 
/**
 * Nothing was changed: it was looked at.
 */
look: boolean, 
/**
 * Why, in words.
 */
reason: string, };

/**
 * Whether somebody wants letters of a kind. `PATCH /api/user/mail-preferences`, and `mail_preference.changed`
 */
export type MailPreference = { 
/**
 * `unread_messages`.
 */
kind: string, 
/**
 * Whether they are wanted.
 */
wanted: boolean, };

/**
 * `GET /api/user/mail-preferences`
 */
export type MailPreferences = { 
/**
 * Whether this server writes such letters at all: it has a mail server, and knows the address under which it is reached.
 */
sends: boolean, 
/**
 * Every kind.
 */
kinds: Array<MailPreference>, };

/**
 * An amount in major units as an answer has it: a JSON number, `15000` or `15000.5`.
 */
export type Major = number;

/**
 * `message_delete`
 */
export type MessageDelete = { 
/**
 * Its id at the server.
 */
id: MessageId, };

/**
 * A message. Increasing per server: a later message has the greater id.
 */
export type MessageId = number;

/**
 * What would become of a text that is being written.
 */
export type MessagePreview = { 
/**
 * What would be sent.
 */
body: string, 
/**
 * Whether something that one can see was left out, such as what reads like markup.
 */
shows_less: boolean, 
/**
 * How long it is, in characters as they are counted.
 */
length: number, 
/**
 * How long it may be.
 */
length_max: number, 
/**
 * Why it would not be taken; one of [`REFUSAL_CODES`](crate::codes::REFUSAL_CODES).
 */
reason: string | null, };

/**
 * Names a message.
 */
export type MessageRef = { 
/**
 * Its key.
 */
key: string, };

/**
 * `message_retry`
 */
export type MessageRetry = { 
/**
 * The message.
 */
key: string, 
/**
 * The text to send instead.
 */
body: string | null, };

/**
 * `message_send`
 */
export type MessageSend = { 
/**
 * Which conversation.
 */
conversation: ConversationKey, 
/**
 * The text. May be empty when files are chosen.
 */
body: string, };

/**
 * The state of a message as its reader or writer sees it.
 */
export type MessageState = "waiting" | "sending" | "sent" | "delivered" | "read" | "failed" | "received";

/**
 * One message.
 */
export type MessageView = { 
/**
 * Stable from the moment it was written, through sending, to the end. Never reused.
 */
key: string, 
/**
 * The server's id, once it has one.
 */
id: MessageId | null, 
/**
 * Ascending place in the conversation; waiting messages come after all others.
 */
order: number, 
/**
 * Whether I wrote it.
 */
mine: boolean, 
/**
 * The text, cleaned. Plain text, never markup. Empty when deleted.
 */
body: string, 
/**
 * `text`, or a word of a newer or foreign server.
 */
message_type: string, 
/**
 * Its files.
 */
attachments: Array<AttachmentView>, 
/**
 * Its state.
 */
state: MessageState, 
/**
 * Why it failed, in a failed one.
 */
failure: SendFailure | null, 
/**
 * When it was written, on the writer's clock.
 */
written_at: Timestamp, 
/**
 * When the server took it.
 */
sent_at: Timestamp | null, 
/**
 * When a device of the recipient had it.
 */
delivered_at: Timestamp | null, 
/**
 * When it was read.
 */
read_at: Timestamp | null, 
/**
 * Whether its writer deleted it.
 */
deleted: boolean, 
/**
 * Whether the server stored another text than was typed.
 */
changed_by_server: boolean, };

/**
 * A part of the work with its price.
 */
export type Milestone = { 
/**
 * Which.
 */
id: number, 
/**
 * What is done then.
 */
title: string, 
/**
 * As older clients name it: `pending`, `in-progress`, `completed`, `paid`, `disputed`, `refunded`.
 */
status: string, 
/**
 * `planned`, `funded`, `submitted`, `disputed`, `paid`, `paid_in_part`, `refunded`.
 */
state: string, 
/**
 * Its price.
 */
amount: Major, 
/**
 * The same in minor units.
 */
amount_minor: number, 
/**
 * In which currency.
 */
currency: string, 
/**
 * Until when it is wanted.
 */
due_at: WireTime | null, 
/**
 * The payment that holds its money, or waits for it.
 */
payment_id: number | null, };

/**
 * `POST /api/jobs/{id}/milestones`
 */
export type MilestoneAdd = { 
/**
 * 2 to 120 characters.
 */
title: string, 
/**
 * Its price in major units.
 */
amount?: Digits, 
/**
 * The same in minor units.
 */
amount_minor?: Digits, 
/**
 * Until when it is wanted.
 */
due_at?: WireTime, 
/**
 * The job as it was seen.
 */
version?: number, };

/**
 * `milestone_add`
 */
export type MilestoneAdding = { 
/**
 * To which job.
 */
job: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * What it is.
 */
body: MilestoneAdd, };

/**
 * `milestone_change`
 */
export type MilestoneChanging = { 
/**
 * Of which job.
 */
job: number, 
/**
 * Which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * What changes.
 */
body: MilestonePatch, };

/**
 * `milestone_drop`
 */
export type MilestoneDropping = { 
/**
 * Of which job.
 */
job: number, 
/**
 * Which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * The job as it was seen.
 */
version: number | null, };

/**
 * `PATCH /api/jobs/{id}/milestones/{mid}`. What is left out stays.
 */
export type MilestonePatch = { 
/**
 * 2 to 120 characters.
 */
title?: string, 
/**
 * Its price in major units.
 */
amount?: Digits, 
/**
 * The same in minor units.
 */
amount_minor?: Digits, 
/**
 * Until when it is wanted.
 */
due_at?: WireTime | null, 
/**
 * The job as it was seen.
 */
version?: number, };

/**
 * No data.
 */
export type Nothing = Record<symbol, never>;

/**
 * `notification_list`
 */
export type NotificationQuery = { 
/**
 * Only those with a smaller id. Absent: the newest.
 */
before: number | null, 
/**
 * Only unread ones.
 */
unread_only: boolean, 
/**
 * At most so many.
 */
limit: number, };

/**
 * Names a notice.
 */
export type NotificationRef = { 
/**
 * Its id.
 */
id: number, };

/**
 * A stored notice.
 */
export type NotificationView = { 
/**
 * The server's id.
 */
id: number, 
/**
 * Its type, such as `message.received`.
 */
kind: string, 
/**
 * Its title.
 */
title: string, 
/**
 * Its text.
 */
message: string, 
/**
 * The conversation that it leads to, if any.
 */
conversation: ConversationKey | null, 
/**
 * What else it leads to, such as a job.
 */
target: Target | null, 
/**
 * The person whom it is about, if any.
 */
person: PersonView | null, 
/**
 * When it was made, server time.
 */
created_at: Timestamp, 
/**
 * When it was read.
 */
read_at: Timestamp | null, };

/**
 * A stretch of time without a connection, on this machine's clock.
 */
export type OfflineSpan = { 
/**
 * When the link was lost.
 */
from: Timestamp, 
/**
 * When it was back. Absent while it is not.
 */
to: Timestamp | null, };

/**
 * What lies before the oldest message of a window.
 */
export type Older = "beginning" | "here" | "gap";

/**
 * A report as those two see it whom it concerns. `GET /api/reports`
 */
export type OwnReport = { 
/**
 * Which.
 */
id: number, 
/**
 * Whether one made it. Otherwise it is about oneself, and nobody says who did.
 */
mine: boolean, 
/**
 * `message`, `profile` or `picture`.
 */
kind: string, 
/**
 * `open`, `dismissed`, `decided`, `answered`, `upheld` or `taken_back`.
 */
state: string, 
/**
 * What one said oneself when one made it.
 */
words: string | null, 
/**
 * When it was made; of one about oneself, when it was decided.
 */
at: string, 
/**
 * What follows for oneself: `hide`, `warn`, `suspend`.
 */
measures: Array<string>, 
/**
 * Why, in an administrator's words.
 */
reason: string | null, 
/**
 * What one answered.
 */
answer: string | null, 
/**
 * Why it ended as it did after the answer.
 */
close_reason: string | null, 
/**
 * Whether one may answer now.
 */
may_answer: boolean, };

/**
 * A person in a message.
 */
export type Party = { 
/**
 * Who.
 */
id: UserId, 
/**
 * The name, or "Deleted user".
 */
name: string, 
/**
 * Address of a picture.
 */
avatar: string | null, 
/**
 * The trade of an artisan.
 */
craft: string | null, };

/**
 * `password_change`
 */
export type PasswordChange = { 
/**
 * The password as it is.
 */
old: string, 
/**
 * The new one.
 */
new: string, 
/**
 * The second step, where it is on.
 */
code: string | null, };

/**
 * `password_forgot`
 */
export type PasswordForgotten = { 
/**
 * The server's address as it was typed.
 */
server_url: string, 
/**
 * The address of the account.
 */
email: string, };

/**
 * `password_reset`
 */
export type PasswordReset = { 
/**
 * The server's address as it was typed.
 */
server_url: string, 
/**
 * The address of the account.
 */
email: string, 
/**
 * The code as it was typed.
 */
code: string, 
/**
 * The new password.
 */
password: string, };

/**
 * `POST /api/jobs/{id}/milestones/{mid}/fund` and `POST /api/payments/{id}/pay`
 */
export type PayBody = { 
/**
 * `balance`, or a provider by its name. The first that takes the currency where nothing is said.
 */
source?: string, 
/**
 * The job (to fund) or the payment (to pay) as it was seen.
 */
version?: number, 
/**
 * What it may cost at most, minor units.
 */
at_most_minor?: number, };

/**
 * Money that is held, or waited for.
 */
export type Payment = { 
/**
 * Which.
 */
id: number, 
/**
 * Of which job.
 */
job_id: number, 
/**
 * What the job is called.
 */
job_title: string, 
/**
 * For which part of it.
 */
milestone_id: number, 
/**
 * What that is called.
 */
title: string, 
/**
 * `awaiting_funds`, `held`, `disputed`, `closed`, `cancelled`.
 */
state: string, 
/**
 * The same for people: also `released`, `refunded`, `split`, `partially_released`, `charged_back`.
 */
label: string, 
/**
 * Where it stands in its process: also `in_review`, `in_reply`.
 */
stage: string, 
/**
 * The clock that runs, if one does.
 */
clock: PaymentClock | null, 
/**
 * Who pays.
 */
payer: Party, 
/**
 * Who is paid.
 */
payee: Party, 
/**
 * The price.
 */
amount: Major, 
/**
 * The same in minor units.
 */
amount_minor: number, 
/**
 * In which currency.
 */
currency: string, 
/**
 * What is held, minor units.
 */
held_minor: number, 
/**
 * What went to the payee, with the fee, minor units.
 */
released_minor: number, 
/**
 * The fee of that, minor units.
 */
fee_minor: number, 
/**
 * The fee, hundredths of a per cent of what is released.
 */
fee_bps: number, 
/**
 * What went back to the payer, minor units.
 */
refunded_minor: number, 
/**
 * What the provider took back, minor units.
 */
charged_back_minor: number, 
/**
 * The provider has to decide first.
 */
frozen: boolean, 
/**
 * Each attempt to pay. For the payer alone.
 */
attempts: Array<PaymentAttempt>, 
/**
 * What was done, in order. In lists there are none.
 */
steps: Array<PaymentStep>, 
/**
 * What moved, in order. In lists there are none.
 */
postings: Array<PaymentPosting>, 
/**
 * What whoever asks may do now, by the words of the commands.
 */
may: Array<string>, 
/**
 * Counts up with each change.
 */
version: number, 
/**
 * When it was opened.
 */
opened_at: WireTime, 
/**
 * When it changed last.
 */
updated_at: WireTime, };

/**
 * `payment_act`
 */
export type PaymentActing = { 
/**
 * Which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * What.
 */
step: PaymentWord, 
/**
 * With what.
 */
body: PaymentCommand, };

/**
 * An attempt to pay.
 */
export type PaymentAttempt = { 
/**
 * Our reference, as the provider's own papers show it.
 */
reference: string, 
/**
 * The provider.
 */
provider: string, 
/**
 * `pending`, `succeeded`, `failed`.
 */
state: string, 
/**
 * Where one pays while it is pending: an address, which begins with `/` where it is this server's own.
 */
checkout: string | null, 
/**
 * Why it came to nothing, or why what came is kept: `wrong_amount`, `wrong_currency`, `not_awaiting`, or the provider's words.
 */
reason: string | null, 
/**
 * When it was made.
 */
at: WireTime, };

/**
 * A clock of a payment.
 */
export type PaymentClock = { 
/**
 * What happens at its end: `pay_by_passes` (cancelled), `review_passes` (released), `reply_passes` (refunded).
 */
then: string, 
/**
 * When it is over. Absent: it stands still.
 */
at: WireTime | null, 
/**
 * What is left while it stands still, milliseconds.
 */
left_ms: number | null, };

/**
 * `POST /api/payments/{id}/{act}`
 */
export type PaymentCommand = { 
/**
 * The payment as it was seen.
 */
version?: number, 
/**
 * How much is released or refunded, major units. All that is held where nothing is said.
 */
amount?: Digits, 
/**
 * The same in minor units. Where both are said they are the same.
 */
amount_minor?: Digits, 
/**
 * Why, 1 to 1,000 characters: for whatever the other one would ask about, and for whatever an administrator does.
 */
reason?: string, 
/**
 * With what is handed in: 20 characters at least, or a file.
 */
note?: string, 
/**
 * Files that are handed in, at most 10.
 */
attachments: Array<AttachmentId>, };

/**
 * `payment_fund`
 */
export type PaymentFunding = { 
/**
 * For which job.
 */
job: number, 
/**
 * For which part of it. Absent: for the rest of what was agreed.
 */
milestone: number | null, 
/**
 * Names this command.
 */
key: string, 
/**
 * How.
 */
body: PayBody, };

/**
 * `payment_preview`
 */
export type PaymentLook = { 
/**
 * Which.
 */
id: number, 
/**
 * What would be done.
 */
step: PaymentWord, 
/**
 * Of how much, major units as they are written. Absent: all of it.
 */
amount: string | null, };

/**
 * Some of one's payments.
 */
export type PaymentPage = { 
/**
 * Newest first.
 */
rows: Array<Payment>, 
/**
 * Where the next page begins, if there is one.
 */
next: number | null, 
/**
 * How many of this page cannot be read here.
 */
lost: number, };

/**
 * `payment_pay`
 */
export type PaymentPaying = { 
/**
 * Which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * How.
 */
body: PayBody, };

/**
 * A movement of money. Accounts of others are named by what they are.
 */
export type PaymentPosting = { 
/**
 * Its number in the book of its currency. Absent: it would be.
 */
seq: number | null, 
/**
 * What for: `L-fund`, `L-release`, …
 */
letter: string, 
/**
 * From where.
 */
debit: string, 
/**
 * To where.
 */
credit: string, 
/**
 * Minor units, above 0.
 */
amount_minor: number, 
/**
 * Its hash in the chain of the book, hexadecimal. Absent: it would be.
 */
hash: string | null, 
/**
 * When. Absent: it would be.
 */
at: WireTime | null, };

/**
 * `GET /api/payments/{id}/preview?action=`: exactly what a command would do now.
 */
export type PaymentPreview = { 
/**
 * What would be done.
 */
action: string, 
/**
 * What would move.
 */
postings: Array<PaymentPosting>, 
/**
 * What the payee would get, minor units.
 */
to_payee_minor: number, 
/**
 * What the payer would get, minor units.
 */
to_payer_minor: number, 
/**
 * The fee of it, minor units.
 */
fee_minor: number, 
/**
 * What would be held then, minor units.
 */
held_minor: number, 
/**
 * Where it would stand.
 */
state: string, 
/**
 * In which currency.
 */
currency: string, 
/**
 * The payment as it was looked at.
 */
version: number, };

/**
 * Somebody who takes what is paid.
 */
export type PaymentProvider = { 
/**
 * The word by which a payment names it.
 */
name: string, 
/**
 * For which currencies, ISO 4217.
 */
currencies: Array<string>, };

/**
 * Which payment.
 */
export type PaymentRef = { 
/**
 * Which.
 */
id: number, };

/**
 * Something that was done to a payment.
 */
export type PaymentStep = { 
/**
 * What: the word of the process, such as `submit`.
 */
act: string, 
/**
 * Who; absent: the server at a deadline, or a provider.
 */
by: Party | null, 
/**
 * How much moved, minor units.
 */
amount_minor: number | null, 
/**
 * What they said.
 */
words: string, 
/**
 * What they handed in.
 */
attachments: Array<Attachment>, 
/**
 * When.
 */
at: WireTime, };

/**
 * What is done to a payment.
 */
export type PaymentWord = "submit" | "request-changes" | "request-refund" | "withdraw-refund-request" | "release" | "refund" | "cancel";

/**
 * `payment_list`
 */
export type PaymentsAfter = { 
/**
 * Go on behind this one. Absent: from the newest.
 */
before: number | null, };

/**
 * A payout.
 */
export type Payout = { 
/**
 * Which.
 */
id: number, 
/**
 * How much.
 */
amount: Major, 
/**
 * The same in minor units.
 */
amount_minor: number, 
/**
 * In which currency.
 */
currency: string, 
/**
 * Through whom.
 */
provider: string, 
/**
 * Under what the provider and the bank know it.
 */
reference: string, 
/**
 * `queued`, `processing`, `paid`, `failed`, `returned`.
 */
state: string, 
/**
 * Why it failed, in words.
 */
reason: string | null, 
/**
 * The bank. Absent for an account that is gone with its owner.
 */
bank: string | null, 
/**
 * What of the account's number is shown.
 */
number: string | null, 
/**
 * How often it was sent.
 */
attempts: number, 
/**
 * What whoever asks may do now: `cancel`, `retry`.
 */
may: Array<string>, 
/**
 * When it was asked for.
 */
asked_at: WireTime, 
/**
 * When it came to stand so.
 */
updated_at: WireTime, };

/**
 * `payout_account_add`
 */
export type PayoutAccountAdding = { 
/**
 * Tells this one from others: said again after a broken link, it is the same.
 */
key: string, 
/**
 * An ISO 4217 code.
 */
currency: string, 
/**
 * The bank, as the provider calls it.
 */
bank_code: string, 
/**
 * The number of the account as it was typed.
 */
number: string, 
/**
 * The password.
 */
password: string, 
/**
 * The code as it was typed.
 */
code: string, };

/**
 * `payout_account_stop`
 */
export type PayoutAccountRef = { 
/**
 * Which.
 */
id: number, };

/**
 * An account in the interface.
 */
export type PayoutAccountView = { 
/**
 * Which. 0 for one that was refused and is not kept: another stands in its place.
 */
id: number, 
/**
 * For what money: an ISO 4217 code.
 */
currency: string, 
/**
 * The bank.
 */
bank: string, 
/**
 * What of its number is shown.
 */
number: string, 
/**
 * `pending`, `verified`, `rejected` or `revoked`; others from newer servers.
 */
state: string, 
/**
 * Why, in words.
 */
reason: string | null, 
/**
 * Since when it stands so, server time.
 */
since: Timestamp, 
/**
 * From when on it is paid to, server time.
 */
usable_from: Timestamp | null, };

/**
 * All of them in the interface.
 */
export type PayoutAccountsView = { 
/**
 * One for each currency.
 */
accounts: Array<PayoutAccountView>, 
/**
 * The currencies for which there can be one. Empty where this server pays nobody.
 */
currencies: Array<string>, };

/**
 * `payout_act`
 */
export type PayoutActing = { 
/**
 * Which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * What.
 */
step: PayoutWord, };

/**
 * `payout_ask`
 */
export type PayoutAsking = { 
/**
 * Names this command.
 */
key: string, 
/**
 * What.
 */
body: PayoutBody, };

/**
 * A bank. `GET /api/payout-accounts/banks?currency=`
 */
export type PayoutBank = { 
/**
 * As the provider calls it.
 */
code: string, 
/**
 * As people call it.
 */
name: string, };

/**
 * `payout_account_banks`
 */
export type PayoutBanksQuery = { 
/**
 * An ISO 4217 code.
 */
currency: string, };

/**
 * `POST /api/payouts`
 */
export type PayoutBody = { 
/**
 * Out of which balance: an ISO 4217 code.
 */
currency: string, 
/**
 * How much, major units. All there is where nothing is said.
 */
amount?: Digits, 
/**
 * The same in minor units. Where both are said they are the same.
 */
amount_minor?: Digits, };

/**
 * `payout_account_code`
 */
export type PayoutCodeAsk = { 
/**
 * The password.
 */
password: string, 
/**
 * The second step, where it is on: a code of the app, or a recovery code.
 */
code: string | null, };

/**
 * A code that is under way.
 */
export type PayoutCodeView = { 
/**
 * How it travels: `mail`, `administrator` or `app`.
 */
by: string, 
/**
 * Where it goes.
 */
address: string, 
/**
 * The code itself, on a server of one's own that can send none.
 */
code: string | null, };

/**
 * `payout_preview`
 */
export type PayoutLook = { 
/**
 * Out of which balance: an ISO 4217 code.
 */
currency: string, 
/**
 * How much, major units as they are written. Absent: all of it.
 */
amount: string | null, };

/**
 * Some of one's payouts.
 */
export type PayoutPage = { 
/**
 * Newest first.
 */
rows: Array<Payout>, 
/**
 * Where the next page begins, if there is one.
 */
next: number | null, 
/**
 * How many of this page cannot be read here.
 */
lost: number, };

/**
 * `GET /api/payouts/preview`: what a payout would do now.
 */
export type PayoutPreview = { 
/**
 * How much would leave the balance, minor units.
 */
amount_minor: number, 
/**
 * What would be left on it, minor units.
 */
left_minor: number, 
/**
 * In which currency.
 */
currency: string, 
/**
 * The bank to which it would go.
 */
bank: string, 
/**
 * What of the account's number is shown.
 */
number: string, };

/**
 * What is done to a payout.
 */
export type PayoutWord = "cancel" | "retry";

/**
 * `payout_list`
 */
export type PayoutsAfter = { 
/**
 * Go on behind this one. Absent: from the newest.
 */
before: number | null, };

/**
 * `people_find`
 */
export type PeopleFind = { 
/**
 * Words of name, trade and place.
 */
q: string, 
/**
 * Words of the trade.
 */
trade: string, 
/**
 * Words of the place.
 */
place: string, 
/**
 * Only people with a trade.
 */
artisans: boolean, 
/**
 * Go on from here: `next` of the page before.
 */
after: string | null, };

/**
 * People who were found.
 */
export type PeoplePage = { 
/**
 * Those whom the server vouches for first, then by name.
 */
rows: Array<PersonView>, 
/**
 * There are more.
 */
next: string | null, 
/**
 * The server was asked. Otherwise only those are here with whom one writes.
 */
everybody: boolean, };

/**
 * `person_block`
 */
export type PersonBlock = { 
/**
 * Who.
 */
id: UserId, 
/**
 * Block, or unblock.
 */
blocked: boolean, };

/**
 * `person_search`
 */
export type PersonQuery = { 
/**
 * Part of a name.
 */
q: string, };

/**
 * `person_get`
 */
export type PersonRef = { 
/**
 * Who.
 */
id: UserId, };

/**
 * A person as shown in lists and heads.
 */
export type PersonView = { 
/**
 * Who.
 */
id: UserId, 
/**
 * The name, or "Deleted user".
 */
name: string, 
/**
 * The trade, such as `Joiner`. People with a trade wear the arch. Absent for clients and bidders.
 */
craft: string | null, 
/**
 * Where they work, as far as is known.
 */
place: string | null, 
/**
 * Their picture, if they have one.
 */
picture: AttachmentId | null, 
/**
 * Whether the server vouches for them.
 */
verified: boolean, 
/**
 * Whether they are an administrator of the server.
 */
admin: boolean, 
/**
 * Online now, as far as is known. Unknown while we are offline ourselves.
 */
online: boolean | null, 
/**
 * When they were last online, server time.
 */
last_seen_at: Timestamp | null, 
/**
 * Whether I blocked them.
 */
blocked: boolean, };

/**
 * `picture_get`: a picture by its number once the server has it, else by the key of the work, or `avatar`.
 */
export type PictureRef = { 
/**
 * The server's id.
 */
id: AttachmentId | null, 
/**
 * The key on this device.
 */
key: string | null, };

/**
 * `profile_picture`
 */
export type PictureSet = { 
/**
 * A JPEG, PNG or WebP file of at most 1 MiB. Absent: none any more.
 */
bytes: Bytes | null, };

/**
 * A part of the work as it is planned or proposed.
 */
export type PlannedMilestone = { 
/**
 * The one that it changes; none: it is a new one.
 */
id: number | null, 
/**
 * What is done then.
 */
title: string, 
/**
 * Its price, minor units.
 */
amount_minor: number, 
/**
 * Until when it is wanted.
 */
due_at: WireTime | null, };

/**
 * `profile_set`: what is left out stays, what is empty goes.
 */
export type ProfileSet = { 
/**
 * 1 to 100 characters.
 */
name: string | null, 
/**
 * One line of at most 60 characters.
 */
trade: string | null, 
/**
 * At most 1,000 characters.
 */
words: string | null, 
/**
 * One line of at most 80 characters.
 */
place: string | null, 
/**
 * At most 8 names of at most 40 characters.
 */
languages: Array<string> | null, };

/**
 * Somebody's page in the interface.
 */
export type ProfileView = { 
/**
 * Who.
 */
person: PersonView, 
/**
 * What they say about themselves.
 */
words: string | null, 
/**
 * Languages that they speak.
 */
languages: Array<string>, 
/**
 * What of them was proved: `identity`, `email`, `phone`.
 */
marks: Array<string>, 
/**
 * Pictures of their work.
 */
works: Array<WorkView>, 
/**
 * Since when they are here.
 */
joined_at: Timestamp | null, 
/**
 * It is one's own.
 */
mine: boolean, 
/**
 * It was changed here, and the server does not know yet.
 */
waiting: boolean, 
/**
 * One's own picture was changed here, and the server does not have it yet: `true` for a new one. Absent: it was not.
 */
picture_waiting: boolean | null, };

/**
 * How far the work is, in the artisan's words.
 */
export type Progress = { 
/**
 * Ascending.
 */
id: number, 
/**
 * What they say.
 */
note: string, 
/**
 * 0 to 100.
 */
percent: number, 
/**
 * Who says it.
 */
author_id: UserId, 
/**
 * When.
 */
created_at: WireTime, 
/**
 * Pictures. In events there are none.
 */
attachments: Array<Attachment>, };

/**
 * `progress_drop`
 */
export type ProgressDropping = { 
/**
 * Of which job.
 */
job: number, 
/**
 * Which of those that wait.
 */
key: string, };

/**
 * How far a job is: what the server has, and what waits here.
 */
export type ProgressPage = { 
/**
 * Newest first.
 */
rows: Array<Progress>, 
/**
 * What waits, oldest first.
 */
waiting: Array<ProgressWaiting>, };

/**
 * `progress_report`. Kept on this device until the server has it.
 */
export type ProgressReporting = { 
/**
 * Of which job.
 */
job: number, 
/**
 * Names this report.
 */
key: string, 
/**
 * 1 to 2,000 characters.
 */
note: string, 
/**
 * 0 to 100.
 */
percent: number, 
/**
 * Pictures that were kept for it (`file_keep`), in order.
 */
files: Array<string>, };

/**
 * A report that the server does not have yet.
 */
export type ProgressWaiting = { 
/**
 * Names it.
 */
key: string, 
/**
 * What it says.
 */
note: string, 
/**
 * 0 to 100.
 */
percent: number, 
/**
 * How many pictures go with it.
 */
files: number, 
/**
 * When it was written.
 */
at: Timestamp, 
/**
 * Why the server does not take it, in words. It stays until whoever wrote it decides.
 */
refused: string | null, };

/**
 * That one of the two would change what was agreed.
 */
export type Proposal = { 
/**
 * Which.
 */
id: number, 
/**
 * For which job.
 */
job_id: number, 
/**
 * Who made it.
 */
by_id: UserId, 
/**
 * `open`, `accepted`, `declined`, `replaced`.
 */
state: string, 
/**
 * Why.
 */
reason: string, 
/**
 * What would be agreed for all of it. Absent: as it is.
 */
price: Major | null, 
/**
 * The same in minor units.
 */
price_minor: number | null, 
/**
 * In which currency.
 */
currency: string, 
/**
 * All parts that would be planned. Absent: as they are.
 */
milestones: Array<PlannedMilestone> | null, 
/**
 * The terms that it would change. It can be accepted while those stand.
 */
terms_version: number, 
/**
 * When it was made.
 */
created_at: WireTime, 
/**
 * When it was answered.
 */
decided_at: WireTime | null, };

/**
 * `proposal_act`
 */
export type ProposalActing = { 
/**
 * For which job.
 */
job: number, 
/**
 * Which.
 */
id: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * What.
 */
step: ProposalStep, 
/**
 * The job as it was seen.
 */
version: number | null, };

/**
 * `POST /api/jobs/{id}/proposals`
 */
export type ProposalMake = { 
/**
 * 1 to 1,000 characters.
 */
reason: string, 
/**
 * What would be agreed for all of it, in major units. Absent: as it is.
 */
price?: Digits, 
/**
 * The same in minor units.
 */
price_minor?: Digits, 
/**
 * All parts that would be planned. Absent: as they are.
 */
milestones?: Array<ProposedMilestone>, 
/**
 * The job as it was seen.
 */
version?: number, };

/**
 * `proposal_make`
 */
export type ProposalMaking = { 
/**
 * For which job.
 */
job: number, 
/**
 * Names this command.
 */
key: string, 
/**
 * What would change.
 */
body: ProposalMake, };

/**
 * What is answered to a proposal.
 */
export type ProposalStep = "accept" | "decline";

/**
 * A part of the work in a proposal.
 */
export type ProposedMilestone = { 
/**
 * The one that it changes. Absent: it is a new one. Those that no part names are dropped.
 */
id?: number, 
/**
 * 2 to 120 characters.
 */
title: string, 
/**
 * Its price in major units.
 */
amount?: Digits, 
/**
 * The same in minor units.
 */
amount_minor?: Digits, 
/**
 * Until when it is wanted.
 */
due_at?: WireTime, };

/**
 * Whose way of writing dates and numbers is followed, by its BCP 47 name.
 */
export type Region = "en-GB" | "en-NG" | "en-US" | "en-IN" | "en-ZA";

/**
 * `session_register`
 */
export type Register = { 
/**
 * The server's address.
 */
server_url: string, 
/**
 * The person's name.
 */
name: string, 
/**
 * The e-mail address.
 */
email: string, 
/**
 * The password, at least 10 characters.
 */
password: string, 
/**
 * What they do for others, at most 60 characters. Absent: they hire, or bid.
 */
trade: string | null, };

/**
 * An account that is being made here: a code was sent.
 */
export type Registering = { 
/**
 * Where, as the user entered it.
 */
server_url: string, 
/**
 * The address that the code went to.
 */
email: string, 
/**
 * Until when the code works, the server's time.
 */
expires_at: Timestamp, 
/**
 * From when on it may be asked for again, the server's time.
 */
again_at: Timestamp, };

/**
 * `registration_confirm`
 */
export type RegistrationCode = { 
/**
 * The code as it was typed.
 */
code: string, };

/**
 * `report_answer`
 */
export type ReportAnswer = { 
/**
 * Which.
 */
id: number, 
/**
 * What one says, at most 1,000 characters.
 */
words: string, };

/**
 * `report_decide`
 */
export type ReportDecide = { 
/**
 * Which.
 */
id: number, 
/**
 * `hide`, `warn`, `suspend`; none: the report is dismissed. Of an answered one nothing is looked at here.
 */
measures: Array<string>, 
/**
 * After the answer: whether the decision stands. Absent: there is no answer yet.
 */
uphold: boolean | null, 
/**
 * Why, for the person concerned to read, at most 1,000 characters.
 */
reason: string, };

/**
 * A file that was frozen with a report.
 */
export type ReportFile = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it is by content.
 */
mime: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * SHA-256, hexadecimal.
 */
sha256: string, };

/**
 * `report_file_save`
 */
export type ReportFileRef = { 
/**
 * The report.
 */
id: number, 
/**
 * The file's SHA-256, hexadecimal.
 */
sha256: string, 
/**
 * Its name.
 */
name: string, };

/**
 * A report with everything. `GET /api/admin/reports/{id}`
 */
export type ReportFull = { 
/**
 * What the queue shows of it.
 */
report: ReportRow, 
/**
 * What the reporter says.
 */
words: string, 
/**
 * What was reported. Absent: it was forgotten, long after the end.
 */
frozen: Frozen | null, 
/**
 * What was sent along.
 */
files: Array<ReportFile>, 
/**
 * Why it was decided so.
 */
reason: string | null, 
/**
 * What the person concerned says.
 */
answer: string | null, 
/**
 * Why it ended as it did.
 */
close_reason: string | null, 
/**
 * What was written down about it, newest first.
 */
written: Array<AuditRow>, };

/**
 * `POST /api/reports`, and `report_make`
 */
export type ReportMake = { 
/**
 * `message`, `profile` or `picture`.
 */
kind: string, 
/**
 * The message, or the person.
 */
id: number, 
/**
 * What is wrong with it, at most 1,000 characters.
 */
words: string, 
/**
 * Further messages of the same conversation that show it, at most 20.
 */
evidence: Array<number>, };

/**
 * `report_queue`
 */
export type ReportQueueQuery = { 
/**
 * One state, or all.
 */
state: string | null, };

/**
 * `report_open`
 */
export type ReportRef = { 
/**
 * Which.
 */
id: number, };

/**
 * A report in the queue. `GET /api/admin/reports`
 */
export type ReportRow = { 
/**
 * Which.
 */
id: number, 
/**
 * `message`, `profile` or `picture`.
 */
kind: string, 
/**
 * How far it has come.
 */
state: string, 
/**
 * Who made it.
 */
reporter_id: UserId, 
/**
 * Their name.
 */
reporter: string, 
/**
 * Whom it is about.
 */
concerned_id: UserId, 
/**
 * Their name.
 */
concerned: string, 
/**
 * When it was made.
 */
at: string, 
/**
 * What follows from it: `hide`, `warn`, `suspend`.
 */
measures: Array<string>, 
/**
 * Whether an administrator has something to do.
 */
waits: boolean, 
/**
 * Whether whoever asks is neither of the two, and may decide.
 */
may_decide: boolean, };

/**
 * `POST /api/jobs/{id}/review`
 */
export type ReviewMake = { 
/**
 * 1 to 5.
 */
stars: number, 
/**
 * 1 to 1,000 characters.
 */
words: string, 
/**
 * The job as it was seen.
 */
version?: number, };

/**
 * `saved_reply_delete`
 */
export type SavedReplyRef = { 
/**
 * Its name.
 */
key: string, };

/**
 * `saved_reply_set`
 */
export type SavedReplySet = { 
/**
 * Its name: 1 to 32 letters, digits, `-` or `_`.
 */
key: string, 
/**
 * Its text, at most 1,000 characters.
 */
text: string, 
/**
 * The name of the one whose place it takes, where that is another.
 */
instead_of: string | null, };

/**
 * A saved reply in the interface.
 */
export type SavedReplyView = { 
/**
 * Its name, as it is typed behind a slash.
 */
key: string, 
/**
 * Its text.
 */
text: string, 
/**
 * It was changed here, and the server does not know yet.
 */
waiting: boolean, };

/**
 * Why a message failed.
 */
export type SendFailure = { 
/**
 * The reason code, such as `too_long`, `empty`, `not_reachable`, `attachment_missing`.
 */
reason: string, 
/**
 * The server's words.
 */
message: string, };

/**
 * `server_check`
 */
export type ServerAddress = { 
/**
 * The address, as typed.
 */
url: string, };

/**
 * What a look at a server found.
 */
export type ServerCheck = { 
/**
 * The address that was looked at, in full form.
 */
url: string, 
/**
 * The name that it gave itself.
 */
name: string | null, 
/**
 * Milliseconds for one request on an open connection. Absent when it cannot be reached.
 */
round_trip_ms: number | null, 
/**
 * Why it cannot be reached: `dns`, `refused`, `timeout`, `tls`, `closed`, `not_guildhall`, `not_an_address`, `other`.
 */
failure: string | null, };

/**
 * A server that can be chosen on the sign-in screen.
 */
export type ServerView = { 
/**
 * The address.
 */
url: string, 
/**
 * Its name, or the host.
 */
name: string, };

/**
 * Who is signed in, and where.
 */
export type SessionView = { "state": "signed_out", 
/**
 * Why, when it was not the user's own doing.
 */
because: SignedOutBecause | null, 
/**
 * Waiting messages kept for the next sign-in of the same person.
 */
kept_messages: number, 
/**
 * The address offered first: the last one used.
 */
server_url: string | null, 
/**
 * The e-mail address last used there.
 */
email: string | null, 
/**
 * The account that is being made here: a code was sent.
 */
registering: Registering | null, } | { "state": "signed_in", 
/**
 * Who.
 */
me: PersonView, 
/**
 * Their e-mail address.
 */
email: string, 
/**
 * Where, as the user entered it.
 */
server_url: string, 
/**
 * Whether the server runs inside this app.
 */
local: boolean, 
/**
 * Where the token is kept.
 */
token_store: TokenStore, };

/**
 * All that the user can set on this device.
 */
export type Settings = { 
/**
 * Light, dark, or as the system says.
 */
theme: Theme, 
/**
 * Stronger lines and text.
 */
more_contrast: boolean, 
/**
 * Size of text in percent: 100, 110, 125 or 150.
 */
text_percent: number, 
/**
 * Enter sends and Shift Enter breaks the line; otherwise Ctrl Enter sends.
 */
enter_sends: boolean, 
/**
 * Show notices inside the app.
 */
toasts: boolean, 
/**
 * Show notices through the system.
 */
desktop: boolean, 
/**
 * A sound with a new message.
 */
sound: boolean, 
/**
 * Leave names and texts out of the system's notices.
 */
hide_content: boolean, 
/**
 * Quiet every day between two times.
 */
quiet: boolean, 
/**
 * Quiet from, minutes after local midnight, 0 to 1439.
 */
quiet_from_min: number, 
/**
 * Quiet to, minutes after local midnight, 0 to 1439. May be less than `quiet_from_min`: over midnight.
 */
quiet_to_min: number, 
/**
 * Quiet until this moment, whatever the time of day.
 */
quiet_until: Timestamp | null, 
/**
 * Closing the window leaves the app in the tray.
 */
close_to_tray: boolean, 
/**
 * How dates and numbers are written.
 */
region: Region, };

/**
 * `session_sign_in`
 */
export type SignIn = { 
/**
 * The server's address, as typed. Without a scheme it is https, except on loopback.
 */
server_url: string, 
/**
 * The e-mail address.
 */
email: string, 
/**
 * The password.
 */
password: string, 
/**
 * The second step, once the server asked for it: a code of the app, or a recovery code.
 */
code: string | null, };

/**
 * Why somebody is signed out without having asked for it.
 */
export type SignedOutBecause = "revoked" | "keychain_unavailable";

/**
 * How what is held would be divided.
 */
export type SplitOf = { 
/**
 * To whom it was for, minor units.
 */
to_payee_minor: number, 
/**
 * To whom it came from, minor units.
 */
to_payer_minor: number, };

/**
 * A QR code as a path: one unit for each of its squares, the dark ones drawn.
 */
export type SquareCode = { 
/**
 * Squares from side to side, with four light ones at each edge (ISO/IEC 18004, 6.3.8).
 */
size: number, 
/**
 * What is drawn, as the `d` of an SVG path.
 */
path: string, };

/**
 * `wallet_statement_check`
 */
export type StatementFile = { 
/**
 * What is in the file.
 */
text: string, };

/**
 * An entry of a statement.
 */
export type StatementLine = { 
/**
 * Its number in the book.
 */
seq: number, 
/**
 * Those of one step have one.
 */
group: number, 
/**
 * What for: `L-fund`, `L-release`, …
 */
letter: string, 
/**
 * The step that it was made by, such as `release`.
 */
cause: string, 
/**
 * Of what, such as `escrow:7`.
 */
subject: string, 
/**
 * From where: `balance`, `escrow`, `fees`, `bank`, `provider`, `house`, or another account as the book names it.
 */
from: string, 
/**
 * To where.
 */
to: string, 
/**
 * What it did to the balance, minor units.
 */
amount_minor: number, 
/**
 * What stood on it then, minor units.
 */
balance_minor: number, 
/**
 * When it was posted.
 */
at: Timestamp, };

/**
 * `wallet_statement`
 */
export type StatementOf = { 
/**
 * Of which book: an ISO 4217 code.
 */
currency: string, 
/**
 * From this moment on, milliseconds since 1970. Absent: from the beginning.
 */
from: Timestamp | null, 
/**
 * And before this one. Absent: until now.
 */
until: Timestamp | null, };

/**
 * A statement, and whether it holds.
 */
export type StatementView = { 
/**
 * In which currency.
 */
currency: string, 
/**
 * From this moment on,
 */
from: Timestamp, 
/**
 * and before this one.
 */
until: Timestamp, 
/**
 * What stood on the balance before, minor units.
 */
opening_minor: number, 
/**
 * What stands on it behind the last line, minor units.
 */
closing_minor: number, 
/**
 * Newest first.
 */
lines: Array<StatementLine>, 
/**
 * How far the book was.
 */
head_seq: number, 
/**
 * The hash at which it stood, 64 hexadecimal digits.
 */
head_hash: string, 
/**
 * When it was made.
 */
made_at: Timestamp, 
/**
 * The key that signed it, 64 hexadecimal digits.
 */
key: string, 
/**
 * What does not hold, of `entries`, `signature`, `key`. None: all of it holds.
 */
wrong: Array<string>, };

/**
 * What a conversation is about. Without a subject it is simply between two people.
 */
export type Subject = { "kind": "none" } | { "kind": "job", "id": JobId } | { "kind": "domain", "id": DomainId };

/**
 * What somebody who is kept out may read.
 */
export type Suspended = { 
/**
 * Why, in an administrator's words.
 */
reason: string, 
/**
 * Since when.
 */
since: string, 
/**
 * What they said to it. Absent: nothing yet, and they may once.
 */
answer: string | null, };

/**
 * `suspension_answer`
 */
export type SuspendedAnswerRequest = { 
/**
 * The server's address, as typed.
 */
server_url: string, 
/**
 * The e-mail address.
 */
email: string, 
/**
 * The password.
 */
password: string, 
/**
 * A code of the app, or a recovery code, where two-step sign-in is on.
 */
code: string | null, 
/**
 * What they say, at most 1,000 characters.
 */
words: string, };

/**
 * `suspension_get`
 */
export type SuspendedRequest = { 
/**
 * The server's address, as typed.
 */
server_url: string, 
/**
 * The e-mail address.
 */
email: string, 
/**
 * The password.
 */
password: string, 
/**
 * A code of the app, or a recovery code, where two-step sign-in is on.
 */
code: string | null, };

/**
 * A page of the interface, and what of it. Written `inbox/7-job-12` or `notifications`; a page is named without a slash.
 */
export type Target = { 
/**
 * The page, such as `inbox`.
 */
page: string, 
/**
 * What of it, such as a conversation. Absent: its beginning.
 */
part: string | null, };

/**
 * What was agreed at one time.
 */
export type Terms = { 
/**
 * 1, 2, 3.
 */
version: number, 
/**
 * For all of it.
 */
agreed: Major, 
/**
 * The same in minor units.
 */
agreed_minor: number, 
/**
 * The parts that were planned.
 */
milestones: Array<PlannedMilestone>, 
/**
 * The proposal that changed it; none where it began or the client planned within it.
 */
proposal_id: number | null, 
/**
 * Since when.
 */
at: WireTime, };

/**
 * The theme.
 */
export type Theme = "system" | "light" | "dark";

/**
 * `thread_get`
 */
export type ThreadQuery = { 
/**
 * Which conversation.
 */
conversation: ConversationKey, 
/**
 * Only messages whose `order` is less than this. Absent: the newest.
 */
before: number | null, 
/**
 * At most so many.
 */
limit: number, };

/**
 * Part of a conversation, without holes.
 */
export type ThreadView = { 
/**
 * Which conversation.
 */
conversation: ConversationKey, 
/**
 * The other person.
 */
person: PersonView, 
/**
 * What it is about in words, when known.
 */
subject_title: string | null, 
/**
 * Oldest first.
 */
messages: Array<MessageView>, 
/**
 * What lies before.
 */
older: Older, 
/**
 * The key of the first unread message, to draw the line above.
 */
first_unread: string | null, 
/**
 * The unsent text.
 */
draft: string, 
/**
 * The files chosen for the next message.
 */
attachments: Array<AttachmentDraft>, 
/**
 * Stretches without a connection during this window's messages, to draw the divider: from, to (still open when absent).
 */
offline: Array<OfflineSpan>, };

/**
 * Milliseconds since the Unix epoch, UTC, on the server's clock unless a name says otherwise.
 */
export type Timestamp = number;

/**
 * Something worth saying in passing.
 */
export type Toast = { "kind": "news", 
/**
 * Where it leads.
 */
target: Target, 
/**
 * Whose doing, or what, such as who wrote. Never empty.
 */
title: string, 
/**
 * What, cut to one line. Empty when contents are hidden.
 */
body: string, 
/**
 * Whether a sound goes with it.
 */
sound: boolean, } | { "kind": "back_online", 
/**
 * Messages sent on return.
 */
sent: number, } | { "kind": "cache_rebuilt" } | { "kind": "own_restored", 
/**
 * When the copy was made, on this machine's clock; null when there was none and everything unsent is lost.
 */
copied_at: Timestamp | null, 
/**
 * Where the damaged file lies now, as a path to show; empty when there was none any more.
 */
aside: string, } | { "kind": "disk_full" } | { "kind": "no_notification_service" } | { "kind": "change_refused", 
/**
 * What it is called.
 */
name: string, 
/**
 * Why, in one word.
 */
reason: string, 
/**
 * The server's words.
 */
message: string, } | { "kind": "saved", 
/**
 * Where, as a path to show.
 */
path: string, };

/**
 * A bearer token, one per signed-in device.
 */
export type TokenId = number;

/**
 * Where the token is kept between starts.
 */
export type TokenStore = "keychain" | "session_only";

/**
 * Two names that may be one person's.
 */
export type TwoNames = { 
/**
 * As the person is called here.
 */
here: string, 
/**
 * As the bank says.
 */
bank: string, };

/**
 * `POST /api/user/two-step`, `DELETE` of it and `POST /api/user/two-step/codes`, and the commands for them
 */
export type TwoStepAgain = { 
/**
 * The account's password.
 */
password: string, 
/**
 * A code of the app, or a recovery code. Absent: where it is not on none is needed.
 */
code: string | null, };

/**
 * The answer to `POST /api/user/two-step/codes`, which is told once; and `two_step_save`
 */
export type TwoStepCodes = { 
/**
 * Recovery codes, each of use once.
 */
codes: Array<string>, };

/**
 * `two_step_confirm`
 */
export type TwoStepConfirming = { 
/**
 * Said again after an answer that was lost, it is the same command. 1 to 255 visible ASCII characters.
 */
key: string, 
/**
 * The code as it was typed.
 */
code: string, };

/**
 * A secret that is shown once.
 */
export type TwoStepSecretView = { 
/**
 * In letters and digits, in fours.
 */
secret: string, 
/**
 * The same as a drawing for a camera. Absent where it cannot be drawn.
 */
drawing: SquareCode | null, 
/**
 * Recovery codes, each of use once, from the moment at which it is on.
 */
codes: Array<string>, };

/**
 * How it stands, in the interface.
 */
export type TwoStepView = { 
/**
 * `none`, `setting_up` or `on`; others from newer servers.
 */
state: string, 
/**
 * Since when it stands so, server time.
 */
since: Timestamp | null, 
/**
 * Recovery codes that were not used.
 */
codes_left: number, };

/**
 * One change. Rows are whole and replace the row with the same key.
 */
export type UiEvent = { "type": "reset" } | { "type": "people", 
/**
 * Whole rows.
 */
rows: Array<PersonView>, 
/**
 * Keys of rows that are gone.
 */
removed: Array<UserId>, } | { "type": "profiles", 
/**
 * Whole rows.
 */
rows: Array<ProfileView>, 
/**
 * Keys of rows that are gone.
 */
removed: Array<UserId>, } | { "type": "conversations", 
/**
 * Whole rows.
 */
rows: Array<ConversationRow>, 
/**
 * Keys of rows that are gone.
 */
removed: Array<ConversationKey>, } | { "type": "messages", 
/**
 * Whose rows they are.
 */
conversation: ConversationKey, 
/**
 * Whole rows.
 */
rows: Array<MessageView>, 
/**
 * Keys of rows that are gone.
 */
removed: Array<string>, } | { "type": "notifications", 
/**
 * Whole rows.
 */
rows: Array<NotificationView>, 
/**
 * Keys of rows that are gone.
 */
removed: Array<number>, } | { "type": "saved_replies", 
/**
 * Whole rows.
 */
rows: Array<SavedReplyView>, 
/**
 * Keys of rows that are gone.
 */
removed: Array<string>, } | { "type": "session", 
/**
 * The new state.
 */
session: SessionView, } | { "type": "settings", 
/**
 * All of them.
 */
settings: Settings, } | { "type": "connection", 
/**
 * The new state.
 */
connection: ConnectionView, } | { "type": "unread", 
/**
 * The counts.
 */
unread: UnreadView, } | { "type": "typing", 
/**
 * Which conversation.
 */
conversation: ConversationKey, 
/**
 * Who.
 */
user_id: UserId, 
/**
 * When to stop showing it, on this machine's clock.
 */
until_ms: Timestamp, } | { "type": "attachments", 
/**
 * Which conversation.
 */
conversation: ConversationKey, 
/**
 * All that are chosen now.
 */
drafts: Array<AttachmentDraft>, } | { "type": "announced", 
/**
 * It. Absent: nothing.
 */
announcement: AnnouncementView | null, } | { "type": "stale", 
/**
 * Which list, such as `thread`.
 */
topic: string, 
/**
 * Whose, where there are several: the conversation of a `thread`.
 */
of: string | null, } | { "type": "toast", 
/**
 * What.
 */
toast: Toast, } | { "type": "open", 
/**
 * Where.
 */
target: Target, };

/**
 * Counts for badge, rail and tray.
 */
export type UnreadView = { 
/**
 * Unread messages in all conversations.
 */
messages: number, 
/**
 * Conversations with unread messages.
 */
conversations: number, 
/**
 * Unread notices, those about messages not counted.
 */
notifications: number, };

/**
 * A person with an account on one server.
 */
export type UserId = number;

/**
 * What became of asking.
 */
export type VerificationAskedView = { 
/**
 * How it stands now.
 */
verification: VerificationView, 
/**
 * How its code travels: `mail`, `sms`, `administrator` or `app`.
 */
by: string, 
/**
 * Until when the code works, server time.
 */
expires_at: Timestamp, 
/**
 * From when on it may be asked for once more, server time.
 */
again_at: Timestamp, 
/**
 * The code itself, on a server of one's own that can send none.
 */
code: string | null, };

/**
 * `verification_ask`
 */
export type VerificationAsking = { 
/**
 * Of what.
 */
kind: string, 
/**
 * What is to be verified: a phone number. Absent for the mail address.
 */
value: string | null, };

/**
 * `verification_confirm`
 */
export type VerificationConfirming = { 
/**
 * Of what.
 */
kind: string, 
/**
 * The code as it was typed.
 */
code: string, };

/**
 * `verification_decide`
 */
export type VerificationDecide = { 
/**
 * Which.
 */
id: number, 
/**
 * `approve`, `reject` or `revoke`.
 */
action: string, 
/**
 * Why, for the person to read, at most 1,000 characters.
 */
reason: string, };

/**
 * One of them with what is private. `GET /api/admin/verifications/{id}?reason=`
 */
export type VerificationFull = { 
/**
 * What the list shows.
 */
verification: VerificationRow, 
/**
 * The words with it: why it was decided so.
 */
reason: string | null, 
/**
 * The papers, in their order. Wiped 30 days after the decision.
 */
papers: Array<VerificationPaper>, 
/**
 * Of a bank account: both names.
 */
names: TwoNames | null, 
/**
 * What was written down about it, newest first; at most 50.
 */
written: Array<AuditRow>, };

/**
 * `verification_open`
 */
export type VerificationLook = { 
/**
 * Which.
 */
id: number, 
/**
 * Why, for the person to read, at most 1,000 characters.
 */
reason: string, };

/**
 * A paper of a verification.
 */
export type VerificationPaper = { 
/**
 * Its place, from 1.
 */
n: number, 
/**
 * What it is called.
 */
name: string, 
/**
 * What it is.
 */
mime: string, 
/**
 * How large, bytes.
 */
size: number, };

/**
 * `verification_paper`
 */
export type VerificationPaperLook = { 
/**
 * Which verification.
 */
id: number, 
/**
 * Which of its papers, from 1.
 */
n: number, 
/**
 * Why, for the person to read, at most 1,000 characters.
 */
reason: string, };

/**
 * `verification_queue`
 */
export type VerificationQueueQuery = { 
/**
 * `pending`, `verified`, `rejected` or `revoked`. Absent: those that wait.
 */
state: string | null, };

/**
 * What administrators decide about. `GET /api/admin/verifications`
 */
export type VerificationRow = { 
/**
 * Which.
 */
id: number, 
/**
 * Of what: `identity` or `payout_account`.
 */
kind: string, 
/**
 * Which of several: a currency. Empty where there is one.
 */
slot: string, 
/**
 * Whose.
 */
user_id: UserId, 
/**
 * Their name.
 */
name: string, 
/**
 * The trade of an artisan.
 */
craft: string | null, 
/**
 * `pending`, `verified`, `rejected` or `revoked`.
 */
state: string, 
/**
 * Since when it stands so.
 */
since: string, 
/**
 * It has waited for so long that it comes before all others.
 */
top: boolean, 
/**
 * How many papers there are still.
 */
papers: number, 
/**
 * Whether the administrator who asks may decide it: not about themselves.
 */
may_decide: boolean, };

/**
 * A verification in the interface.
 */
export type VerificationView = { 
/**
 * Of what: `email`, `phone`, `identity`, `payout_account`, `domain`.
 */
kind: string, 
/**
 * Which of several: a currency, a name. Empty where there is one.
 */
slot: string, 
/**
 * What is verified, or is to be: an address, a number.
 */
value: string | null, 
/**
 * `none`, `pending`, `verified`, `rejected`, `expired` or `revoked`; others from newer servers.
 */
state: string, 
/**
 * Why, in words.
 */
reason: string | null, 
/**
 * Since when it stands so, server time.
 */
since: Timestamp | null, 
/**
 * Until when it can be finished, or from when on it may be used, server time.
 */
until: Timestamp | null, };

/**
 * `GET /api/wallet`
 */
export type Wallet = { 
/**
 * By currency, never added.
 */
balances: Array<WalletBalance>, };

/**
 * What somebody has in one currency. Each amount is spelled twice: in major units, and as an integer of minor ones.
 */
export type WalletBalance = { 
/**
 * Of what: an ISO 4217 code.
 */
currency: string, 
/**
 * What can be drawn.
 */
balance: Major, 
/**
 * The same, minor units.
 */
balance_minor: number, 
/**
 * What one paid in, and which is held still.
 */
held: Major, 
/**
 * The same, minor units.
 */
held_minor: number, 
/**
 * What is held for one, before the fee.
 */
to_come: Major, 
/**
 * The same, minor units.
 */
to_come_minor: number, 
/**
 * What is on its way to one's bank.
 */
on_its_way: Major, 
/**
 * The same, minor units.
 */
on_its_way_minor: number, };

/**
 * A [`Timestamp`] that is written as `2026-11-23T09:30:00.000Z` and read from RFC 3339 with any number of decimals
 * and any offset.
 */
export type WireTime = string;

/**
 * `work_order`
 */
export type WorkOrder = { 
/**
 * The keys of all, in the new order.
 */
keys: Array<string>, };

/**
 * `work_delete`
 */
export type WorkRef = { 
/**
 * Which.
 */
key: string, };

/**
 * `work_set`
 */
export type WorkSet = { 
/**
 * Which. Absent: a new one.
 */
key: string | null, 
/**
 * One line of at most 80 characters.
 */
title: string, 
/**
 * A JPEG, PNG or WebP file of at most 2 MiB. Absent: it stays.
 */
bytes: Bytes | null, };

/**
 * A picture of work in the interface.
 */
export type WorkView = { 
/**
 * What whoever added it calls it.
 */
key: string, 
/**
 * What stands under it.
 */
title: string | null, 
/**
 * The picture at the server. Absent while it is only here: it is fetched by its key.
 */
picture: AttachmentId | null, 
/**
 * It was changed here, and the server does not know yet.
 */
waiting: boolean, };

export const PASSWORD_CODE_POINTS_MIN = 10

export const JOB_TITLE_CODE_POINTS_MIN = 5

export const JOB_DESCRIPTION_CODE_POINTS_MIN = 10

export const JOB_PROPOSAL_CODE_POINTS_MIN = 20

export const REFUSAL_CODES = [
  "account_in_use",
  "attachment_missing",
  "bad_amount",
  "bad_signature",
  "bad_split",
  "bad_text",
  "being_sent",
  "broke_off",
  "busy",
  "changed",
  "currency_not_offered",
  "disk_full",
  "email_taken",
  "email_unverified",
  "empty",
  "empty_file",
  "exists",
  "file_too_large",
  "file_type",
  "forbidden",
  "in_progress",
  "insufficient_funds",
  "internal",
  "invalid",
  "invalid_credentials",
  "key_reused",
  "last_administrator",
  "look_first",
  "method_not_allowed",
  "money_held",
  "must_end_first",
  "no_attempts_left",
  "no_database",
  "no_statement",
  "not_a_phone",
  "not_found",
  "not_mobile",
  "not_reachable",
  "nothing_submitted",
  "over_agreed",
  "own_listing",
  "picture_unreadable",
  "price_moved",
  "provider_dispute",
  "provider_short",
  "provider_unreachable",
  "registration_ended",
  "reported_before",
  "same_party",
  "store_full",
  "suspended",
  "too_large",
  "too_long",
  "too_many",
  "too_many_codes",
  "too_many_logins",
  "too_many_messages",
  "too_many_numbers",
  "too_many_pixels",
  "too_many_registrations",
  "too_many_reports",
  "too_many_tries",
  "too_much",
  "too_often",
  "too_short",
  "too_slow",
  "two_step_required",
  "two_step_wrong",
  "unauthenticated",
  "unknown_chargeback",
  "unknown_recipient",
  "unsent_quota",
  "unwell",
  "waiting",
  "was_funded",
  "websocket_needed",
  "wrong_code",
  "wrong_currency",
  "wrong_host",
  "wrong_password",
  "wrong_state",
] as const
export type RefusalCode = (typeof REFUSAL_CODES)[number]

export const FILE_CODES = [
  "empty_file",
  "file_too_large",
  "file_type",
  "picture_unreadable",
  "store_full",
  "too_many",
  "too_many_pixels",
  "unsent_quota",
] as const
export type FileCode = (typeof FILE_CODES)[number]

export const LINK_REASONS = [
  "busy",
  "closed",
  "dns",
  "garbled",
  "intercepted",
  "keychain_locked",
  "keychain_unavailable",
  "local_server",
  "not_an_address",
  "not_guildhall",
  "other",
  "refused",
  "server_restart",
  "silent",
  "timeout",
  "tls",
  "unfit",
] as const
export type LinkReason = (typeof LINK_REASONS)[number]
