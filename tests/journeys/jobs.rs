//! Jobs and their money from the app: read without a link, reported in order, moved once, and proved without the server.

use guildhall_contract::{
    attachments::AttachmentRef,
    commands::Nothing,
    errors::AppError,
    jobs::{
        ApplicationActing, ApplicationCommand, ApplicationStep, FileGive, JobActing, JobApply, JobApplying, JobCommand,
        JobFind, JobPosting, JobPut, JobRef, JobStep, MilestoneAdd, MilestoneAdding, ProgressDropping,
        ProgressReporting,
    },
    notifications::NotificationQuery,
    payments::{PayBody, Payment, PaymentActing, PaymentCommand, PaymentFunding, PaymentLook, PaymentRef, PaymentWord},
    targets::Target,
    verifications::{VerificationAsking, VerificationConfirming},
    wallet::{StatementFile, StatementOf},
};
use guildhall_testkit::{Device, Meddling, Page, Person, Recorded, World, eventually};

use crate::{
    profiles::picture,
    smtp::{MailServer, USUAL, code_in},
};

fn key(name: &str) -> String {
    format!("journey-{name}")
}

struct Hall {
    world: World,
    post: MailServer,
}

impl Hall {
    async fn open() -> Self {
        let post = MailServer::start(USUAL);
        let settings = post.settings();
        let world = World::start_with(move |config| {
            config.mail = Some(settings);
            config.providers.sandbox = true;
        })
        .await;
        Self { world, post }
    }

    /// Somebody whose address is proved: they may publish and apply.
    async fn proved(&self, name: &str) -> (Person, Device) {
        let (person, device) = self.world.person_with_device(name).await;
        let ask = VerificationAsking { kind: "email".into(), value: None };
        device.core().verification_ask(ask).await.expect("asked");
        let code = code_in(&self.post.letter_to(&person.email, 1).await);
        let confirm = VerificationConfirming { kind: "email".into(), code };
        device.core().verification_confirm(confirm).await.expect("confirmed");
        (person, device)
    }
}

async fn posted(client: &Device, title: &str) -> i64 {
    let body = JobPut {
        title: Some(title.into()),
        description: Some("Two doors and a row of drawers, between walls that lean.".into()),
        category: Some("carpentry".into()),
        budget: Some(guildhall_contract::amounts::Digits("64000.00".into())),
        publish: Some(true),
        ..JobPut::default()
    };
    client.core().job_post(JobPosting { key: key(title), body }).await.expect("posted").id
}

/// The artisan has it, at the budget.
async fn given(client: &Device, artisan: &Device, id: i64) {
    let body = JobApply {
        proposal: "I have built four like it, and could begin on Monday.".into(),
        price: None,
        price_minor: None,
        version: None,
    };
    let applied = artisan.core().job_apply(JobApplying { id, key: key("apply"), body }).await.expect("applied");
    let accept = ApplicationActing {
        job: id,
        id: applied.id,
        key: key("accept"),
        step: ApplicationStep::Accept,
        body: ApplicationCommand::default(),
    };
    client.core().application_act(accept).await.expect("accepted");
}

fn unreachable(error: &AppError) -> bool {
    matches!(error, AppError::Unreachable { .. })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_looked_at_is_read_without_a_link_and_forgotten_once_it_is_not_ones_to_see() {
    let hall = Hall::open().await;
    let (_, amara) = hall.proved("Amara").await;
    let (_, tunde) = hall.proved("Tunde").await;
    let (seen, never) = (posted(&amara, "Wardrobe").await, posted(&amara, "Shelves").await);
    let now = tunde.core().job_get(JobRef { id: seen }).await.expect("the server answers");
    assert_eq!((now.data.title.as_str(), now.as_of), ("Wardrobe", None));
    let board = || JobFind { status: Some("open".into()), ..JobFind::default() };
    assert_eq!(tunde.core().job_find(board()).await.expect("the server answers").data.total, 2);

    tunde.goes_offline().await;
    let then = tunde.core().job_get(JobRef { id: seen }).await.expect("kept");
    assert_eq!(then.data, now.data);
    assert!(then.as_of.is_some(), "it says when it was true");
    let kept = tunde.core().job_find(board()).await.expect("kept");
    assert!((kept.data.total, kept.as_of.is_some()) == (2, true));
    let other = JobFind { q: Some("shelves".into()), ..board() };
    assert!(unreachable(&tunde.core().job_find(other).await.expect_err("nobody looked for that")));
    assert!(unreachable(&tunde.core().job_get(JobRef { id: never }).await.expect_err("nobody looked at that")));

    // Somebody in between says no in the server's place: that forgets nothing.
    tunde.comes_online().await;
    eventually("it is asked", async || {
        tunde.core().job_get(JobRef { id: seen }).await.is_ok_and(|job| job.as_of.is_none())
    })
    .await;
    for page in [Page::html(403, "Pay for your hour first"), Page::html(404, "Nothing here"), Page::json(410, "{}")] {
        tunde.proxy.meddle("GET /api/jobs/1", Meddling::Answered(page));
        let kept = tunde.core().job_get(JobRef { id: seen }).await.expect("kept");
        assert_eq!((kept.data == now.data, kept.as_of.is_some()), (true, true), "{page:?}");
    }

    // It comes to nothing: whoever had nothing to do with it may not know of it any more, with or without a link.
    let cancel = JobActing { id: seen, key: key("cancel"), step: JobStep::Cancel, body: JobCommand::default() };
    amara.core().job_act(cancel).await.expect("cancelled");
    eventually("it is gone", async || tunde.core().job_get(JobRef { id: seen }).await == Err(AppError::NotFound)).await;
    tunde.goes_offline().await;
    assert!(unreachable(&tunde.core().job_get(JobRef { id: seen }).await.expect_err("forgotten")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_written_without_a_link_are_said_once_in_order_and_a_refused_one_stays() {
    let hall = Hall::open().await;
    let (_, amara) = hall.proved("Amara").await;
    let (_, mut tunde) = hall.proved("Tunde").await;
    let id = posted(&amara, "Wardrobe").await;
    given(&amara, &tunde, id).await;
    tunde.goes_offline().await;
    let boards = FileGive { name: "boards.png".into(), bytes: guildhall_contract::bytes::Bytes(picture(8)) };
    let kept = tunde.core().file_keep(boards).await.expect("kept here");
    let report = |name: &str, note: &str, percent, files: Vec<String>| ProgressReporting {
        job: id,
        key: key(name),
        note: note.into(),
        percent,
        files,
    };
    let first = report("first", "The boards are cut.", 20, kept.local_id.clone().into_iter().collect());
    tunde.core().progress_report(first).await.expect("kept");
    let both = tunde.core().progress_report(report("second", "The carcass stands.", 50, Vec::new())).await;
    let waiting: Vec<_> = both.expect("kept").waiting.iter().map(|one| (one.note.clone(), one.files)).collect();
    assert_eq!(waiting, [("The boards are cut.".to_owned(), 1), ("The carcass stands.".to_owned(), 0)]);
    let nothing = tunde.core().progress_report(report("none", "  ", 50, Vec::new())).await;
    assert!(matches!(nothing, Err(AppError::Invalid { ref field, .. }) if field == "note"), "{nothing:?}");

    // A picture whose report is never written.
    let left = FileGive { name: "shavings.png".into(), bytes: guildhall_contract::bytes::Bytes(picture(9)) };
    let left = tunde.core().file_keep(left).await.expect("kept here");
    let here = |local_id: &Option<String>| AttachmentRef { id: None, local_id: local_id.clone() };
    assert!(tunde.core().attachment_get(here(&left.local_id)).await.is_ok());

    // The app is closed meanwhile, and the first answer is lost.
    tunde.close().await;
    tunde.reopen().await;
    assert!(tunde.core().attachment_get(here(&kept.local_id)).await.is_ok(), "a report waits for it");
    let gone = tunde.core().attachment_get(here(&left.local_id)).await;
    assert!(matches!(gone, Err(AppError::NotFound)), "nobody asks for it any more");
    tunde.proxy.meddle("/api/jobs/1/progress", Meddling::AnswerReplaced(Page::html(502, "Bad gateway")));
    tunde.comes_online().await;
    eventually("both are said", async || {
        let page = tunde.core().progress_list(JobRef { id }).await;
        page.is_ok_and(|page| page.data.waiting.is_empty() && page.data.rows.len() == 2)
    })
    .await;
    let told = amara.core().progress_list(JobRef { id }).await.expect("the server answers").data.rows;
    let told: Vec<_> = told.iter().map(|one| (one.note.as_str(), one.percent, one.attachments.len())).collect();
    assert_eq!(told, [("The carcass stands.", 50, 0), ("The boards are cut.", 20, 1)], "newest first, each once");

    // What nobody takes any more stays until whoever wrote it decides.
    tunde.goes_offline().await;
    tunde.core().progress_report(report("late", "The doors are hung.", 80, Vec::new())).await.expect("kept");
    let cancel = JobActing { id, key: key("cancel"), step: JobStep::Cancel, body: JobCommand::default() };
    amara.core().job_act(cancel).await.expect("cancelled: nothing was paid in");
    tunde.comes_online().await;
    let mut refused = None;
    eventually("it is refused", async || {
        let page = tunde.core().progress_list(JobRef { id }).await;
        refused = page.ok().and_then(|page| page.data.waiting.into_iter().next()).and_then(|one| one.refused);
        refused.is_some()
    })
    .await;
    assert!(refused.is_some_and(|words| !words.is_empty()));
    let dropped = tunde.core().progress_drop(ProgressDropping { job: id, key: key("late") }).await.expect("dropped");
    assert!(dropped.waiting.is_empty());
}

async fn paid_in(hall: &Hall, client: &Device, id: i64, minor: i64) -> Payment {
    let plan = MilestoneAdd {
        title: "All of it".into(),
        amount: None,
        amount_minor: Some(guildhall_contract::amounts::Digits(minor.to_string())),
        due_at: None,
        version: None,
    };
    let adding = MilestoneAdding { job: id, key: key("plan"), body: plan };
    let part = client.core().milestone_add(adding).await.expect("planned").milestones[0].id;
    let body = PayBody { source: Some("sandbox".into()), ..PayBody::default() };
    let fund = PaymentFunding { job: id, milestone: Some(part), key: key("fund"), body };
    let waits = client.core().payment_fund(fund).await.expect("opened");
    let page = client.core().payment_page(PaymentRef { id: waits.id }).await.expect("a page");
    // Past the proxy of the device: as a browser would.
    let path = url::Url::parse(&page).expect("an address").path().to_owned();
    let answer = reqwest::Client::new()
        .post(format!("{}{path}", hall.world.url()))
        .form(&[("choice", "pay")])
        .send()
        .await
        .expect("answers");
    assert!(answer.status().is_success());
    client.core().payment_get(PaymentRef { id: waits.id }).await.expect("the server answers").data
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_whose_answer_is_lost_happens_once_and_the_statement_of_it_is_checked_here() {
    let hall = Hall::open().await;
    let (_, amara) = hall.proved("Amara").await;
    let (_, tunde) = hall.proved("Tunde").await;
    let id = posted(&amara, "Wardrobe").await;
    given(&amara, &tunde, id).await;
    let held = paid_in(&hall, &amara, id, 6_400_000).await;
    assert_eq!((held.state.as_str(), held.held_minor), ("held", 6_400_000));
    let submit = PaymentActing {
        id: held.id,
        key: key("submit"),
        step: PaymentWord::Submit,
        body: PaymentCommand { note: Some("Both doors hang and close without a sound.".into()), ..Default::default() },
    };
    let version = tunde.core().payment_act(submit).await.expect("handed in").version;
    // The system tells the client, and leads to the job; it is of no use once that was read.
    eventually("the client is told", async || {
        amara
            .notifier
            .shown()
            .iter()
            .any(|notice| notice.tag == format!("jobs/{id}") && notice.title == "Work was handed in")
    })
    .await;
    let rows = amara.core().notification_list(NotificationQuery { before: None, unread_only: true, limit: 20 }).await;
    assert_eq!(rows.expect("notices")[0].target, Some(Target::of("jobs", id)));
    amara.core().notification_read_all(Nothing {}).await.expect("read");
    eventually("the notice is taken back", async || {
        amara.notifier.take().iter().any(|one| matches!(one, Recorded::Withdrawn(tag) if *tag == format!("jobs/{id}")))
    })
    .await;
    let half = PaymentLook { id: held.id, step: PaymentWord::Release, amount: Some("32000.00".into()) };
    let preview = amara.core().payment_preview(half).await.expect("the server answers");
    assert_eq!((preview.to_payee_minor, preview.fee_minor, preview.held_minor), (2_880_000, 320_000, 3_200_000));

    // The answer is lost; pressed again it is the same thing.
    let release = || PaymentActing {
        id: held.id,
        key: key("release"),
        step: PaymentWord::Release,
        body: PaymentCommand {
            version: Some(version),
            amount_minor: Some(guildhall_contract::amounts::Digits("3200000".into())),
            ..Default::default()
        },
    };
    amara.proxy.meddle("/api/payments/1/release", Meddling::AnswerReplaced(Page::html(502, "Bad gateway")));
    assert!(unreachable(&amara.core().payment_act(release()).await.expect_err("the answer was lost")));
    let after = amara.core().payment_act(release()).await.expect("it was done");
    assert_eq!((after.released_minor, after.held_minor), (3_200_000, 3_200_000), "once");

    // The artisan checks the statement here, and a file of it anywhere.
    let of = || StatementOf { currency: "NGN".into(), from: None, until: None };
    let statement = tunde.core().wallet_statement(of()).await.expect("the server answers").data;
    assert_eq!((statement.closing_minor, statement.wrong.clone()), (2_880_000, Vec::new()));
    assert_eq!((statement.lines[0].from.as_str(), statement.lines[0].to.as_str()), ("escrow", "balance"));
    let path = tunde.core().wallet_statement_save(of()).await.expect("saved");
    let text = std::fs::read_to_string(path).expect("a file");
    let check = async |text: String| tunde.core().wallet_statement_check(StatementFile { text }).await;
    assert_eq!(check(text.clone()).await.expect("a statement").wrong, Vec::<String>::new());
    let forged = text.replace("2880000", "9880000");
    assert_ne!(forged, text);
    assert_eq!(check(forged).await.expect("a statement").wrong, ["entries", "signature"]);
    assert!(matches!(check("no statement".into()).await, Err(AppError::Invalid { .. })));
}
