//! Leaving, being kept out, and what is left of it on devices.

use guildhall_contract::{
    commands::Nothing,
    departures::AccountDelete,
    desk::{DeskLook, DeskQuery, DeskSuspend},
    errors::AppError,
    reports::{ReportAnswer, ReportDecide, ReportMake, ReportQueueQuery, ReportRef},
    sessions::{SessionView, SignIn, SignedOutBecause},
    suspensions::{SuspendedAnswerRequest, SuspendedRequest},
};
use guildhall_testkit::{World, eventually, world::PASSWORD};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e104_who_leaves_is_a_deleted_user_on_every_device_and_nothing_stays_on_their_own() {
    let world = World::start().await;
    let ((ana, laptop), (bruno, phone)) =
        (world.person_with_device("Ana").await, world.person_with_device("Bruno").await);
    laptop.writes(&bruno, "Here is the plan").await;
    phone.sees(&ana, "Here is the plan").await;
    // They hear of it when they are back.
    phone.goes_offline().await;
    let wrong = laptop.core().account_delete(AccountDelete { password: "not the password".into(), code: None }).await;
    assert!(matches!(wrong, Err(AppError::Invalid { ref field, .. }) if field == "password"), "{wrong:?}");
    assert!(matches!(laptop.session().await, SessionView::SignedIn { .. }));
    let done = laptop
        .core()
        .account_delete(AccountDelete { password: PASSWORD.into(), code: None })
        .await
        .expect("it is done");
    assert!(done.first.is_empty());
    assert!(matches!(laptop.session().await, SessionView::SignedOut { email: None, kept_messages: 0, .. }));
    let left: Vec<_> = std::fs::read_dir(laptop.folder().join("accounts")).expect("a folder").flatten().collect();
    assert!(left.is_empty(), "nothing of it stays: {left:?}");
    phone.comes_online().await;
    eventually("the name is gone", async || {
        phone.conversations().await.iter().all(|row| row.person.name == "Deleted user")
    })
    .await;
    assert_eq!(phone.texts(&ana).await, ["Here is the plan"], "what was said stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e105_what_must_end_first_is_told_and_the_account_stays() {
    let world = World::start().await;
    let (boss, laptop) = world.person_with_device("Boss").await;
    world.server().set_admin(&boss.email, true).await.expect("the database works");
    let refused =
        laptop.core().account_delete(AccountDelete { password: PASSWORD.into(), code: None }).await.expect("an answer");
    assert_eq!(refused.first.len(), 1, "{refused:?}");
    assert!(laptop.core().device_list(Nothing {}).await.is_ok());
    assert!(matches!(laptop.session().await, SessionView::SignedIn { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_goes_from_a_message_to_a_suspension_to_an_answer_and_back_in() {
    let world = World::start().await;
    let (boss, desk) = world.person_with_device("Boss").await;
    world.server().set_admin(&boss.email, true).await.expect("the database works");
    let ((ana, laptop), (bruno, phone)) =
        (world.person_with_device("Ana").await, world.person_with_device("Bruno").await);
    phone.writes(&ana, "I will come by night").await;
    laptop.sees(&bruno, "I will come by night").await;
    let message = laptop.thread(&bruno).await[0].id.expect("an id");
    let report =
        ReportMake { kind: "message".into(), id: message.0, words: "He threatens me".into(), evidence: Vec::new() };
    laptop.core().report_make(report).await.expect("it is taken");
    eventually("the administrator is told", async || {
        desk.core().unread_get(Nothing {}).await.expect("counts").notifications == 1
    })
    .await;
    let queue = desk.core().report_queue(ReportQueueQuery { state: None }).await.expect("reports");
    let id = queue[0].id;
    let full = desk.core().report_open(ReportRef { id }).await.expect("it opens");
    assert_eq!(full.frozen.expect("kept").messages[0].text, "I will come by night");
    phone.goes_offline().await;
    phone.writes(&ana, "kept for later").await;
    let decision = ReportDecide {
        id,
        measures: vec!["hide".into(), "suspend".into()],
        uphold: None,
        reason: "Threats are not for here".into(),
    };
    desk.core().report_decide(decision).await.expect("decided");
    eventually("it is hidden", async || laptop.thread(&bruno).await.iter().all(|message| message.deleted)).await;
    phone.proxy.set(guildhall_testkit::Link::Up);
    phone.core().network_changed();
    eventually("they are signed out", async || {
        matches!(
            phone.session().await,
            SessionView::SignedOut { because: Some(SignedOutBecause::Revoked), kept_messages: 1, .. }
        )
    })
    .await;
    let credentials =
        || SignIn { server_url: phone.proxy.url(), email: bruno.email.clone(), password: PASSWORD.into(), code: None };
    let refused = phone.core().session_sign_in(credentials()).await;
    assert!(matches!(refused, Err(AppError::Refused { ref reason, .. }) if reason == "suspended"), "{refused:?}");
    let (server_url, email, password) = (phone.proxy.url(), bruno.email.clone(), PASSWORD.into());
    let asked = SuspendedRequest { server_url, email, password, code: None };
    assert_eq!(phone.core().suspension_get(asked).await.expect("told").reason, "Threats are not for here");
    let answer = SuspendedAnswerRequest {
        server_url: phone.proxy.url(),
        email: bruno.email.clone(),
        password: PASSWORD.into(),
        code: None,
        words: "It was a joke".into(),
    };
    assert_eq!(phone.core().suspension_answer(answer).await.expect("taken").answer.as_deref(), Some("It was a joke"));
    let full = desk.core().report_open(ReportRef { id }).await.expect("it opens");
    assert_eq!((full.report.state.as_str(), full.answer.as_deref()), ("answered", Some("It was a joke")));
    let taken_back = ReportDecide { id, measures: Vec::new(), uphold: Some(false), reason: "A joke".into() };
    desk.core().report_decide(taken_back).await.expect("taken back");
    phone.core().session_sign_in(credentials()).await.expect("they are in again");
    laptop.sees(&bruno, "kept for later").await;
    let own = phone.core().report_list(Nothing {}).await.expect("reports");
    assert_eq!((own[0].mine, own[0].state.as_str(), own[0].may_answer), (false, "taken_back", false));
    let again = phone.core().report_answer(ReportAnswer { id, words: "once more".into() }).await;
    assert!(matches!(again, Err(AppError::Refused { .. })), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_saved_as_a_file_and_a_link_that_breaks_leaves_none() {
    let world = World::start().await;
    let ((_, laptop), (bruno, _phone)) =
        (world.person_with_device("Ana").await, world.person_with_device("Bruno").await);
    laptop.writes(&bruno, "Here is the plan").await;
    for name in ["guildhall-export.zip", "guildhall-export (2).zip"] {
        let path = laptop.core().account_export(Nothing {}).await.expect("saved");
        assert!(path.ends_with(name), "{path}");
        assert!(std::fs::read(&path).expect("a file").starts_with(b"PK"));
    }
    laptop.goes_offline().await;
    assert!(laptop.core().account_export(Nothing {}).await.is_err());
    let files = std::fs::read_dir(laptop.folder().join("downloads")).expect("a folder").count();
    assert_eq!(files, 2, "no part stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desk_is_for_administrators_whatever_a_device_asks() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let core = laptop.core();
    let refused = |answer: Result<(), AppError>| {
        assert!(matches!(answer, Err(AppError::Refused { ref reason, .. }) if reason == "forbidden"), "{answer:?}");
    };
    refused(core.desk_people(DeskQuery { q: "a".into() }).await.map(drop));
    refused(core.desk_person(DeskLook { id: ana.id, reason: "x".into() }).await.map(drop));
    refused(core.desk_suspend(DeskSuspend { id: ana.id, suspend: true, reason: "x".into() }).await.map(drop));
    refused(core.desk_connections(Nothing {}).await.map(drop));
    refused(core.desk_health(Nothing {}).await.map(drop));
    refused(core.report_queue(ReportQueueQuery { state: None }).await.map(drop));
    assert!(matches!(laptop.session().await, SessionView::SignedIn { .. }));
}
