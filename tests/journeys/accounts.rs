//! Accounts on real devices: from registering to a verified address, and a forgotten password from another device.

use guildhall_contract::{
    commands::Nothing,
    email_changes::{EmailChange, EmailChangeConfirming},
    errors::AppError,
    passwords::{PasswordChange, PasswordForgotten, PasswordReset},
    sessions::{SessionView, SignIn},
    verifications::{VerificationAsking, VerificationConfirming},
};
use guildhall_testkit::{Device, Link, World, eventually, world::PASSWORD};

use crate::smtp::{MailServer, USUAL, code_in};

const NEW: &str = "another good password";

async fn state(device: &Device) -> String {
    let rows = device.core().verification_list(Nothing {}).await.expect("the server answers");
    rows.iter().find(|row| row.kind == "email").map(|row| row.state.clone()).unwrap_or_default()
}

fn asking() -> VerificationAsking {
    VerificationAsking { kind: "email".into(), value: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_registering_to_a_verified_address() {
    let post = MailServer::start(USUAL);
    let settings = post.settings();
    let world = World::start_with(move |config| config.mail = Some(settings)).await;
    let (ana, phone) = world.person_with_device("Ana").await;
    let laptop = world.device(&ana, "second").await;
    assert_eq!(state(&laptop).await, "none");
    let asked = laptop.core().verification_ask(asking()).await.expect("asked");
    assert_eq!((asked.by.as_str(), asked.code), ("mail", None));
    let soon = laptop.core().verification_ask(asking()).await.expect_err("a moment later");
    assert!(matches!(soon, AppError::Refused { ref reason, .. } if reason == "too_many_codes"), "{soon:?}");
    let code = code_in(&post.letter_to("ana@example.com", 1).await);
    let give = |code: &str| VerificationConfirming { kind: "email".into(), code: code.into() };
    let wrong = laptop.core().verification_confirm(give("12345")).await.expect_err("five digits");
    assert!(matches!(wrong, AppError::Invalid { ref reason, .. } if reason == "wrong_code"), "{wrong:?}");
    let done = laptop.core().verification_confirm(give(&code)).await.expect("it is right");
    assert_eq!((done.state.as_str(), done.value.as_deref()), ("verified", Some("ana@example.com")));
    assert_eq!(state(&phone).await, "verified", "on every device");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_password_is_chosen_anew_from_another_device() {
    let post = MailServer::start(USUAL);
    let settings = post.settings();
    let world = World::start_with(move |config| config.mail = Some(settings)).await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let other = Device::open(
        world.server_folder().join("../other"),
        guildhall_testkit::FaultProxy::start(world.server().addresses().http).await,
    )
    .await;
    let server_url = other.proxy.url();
    let forgotten = PasswordForgotten { server_url: server_url.clone(), email: ana.email.clone() };
    let sent = other.core().password_forgot(forgotten).await.expect("sent");
    assert_eq!(sent.by, "mail");
    let code = code_in(&post.letter_to(&ana.email, 1).await);
    let reset = |code: &str, password: &str| PasswordReset {
        server_url: server_url.clone(),
        email: ana.email.clone(),
        code: code.into(),
        password: password.into(),
    };
    let common = other.core().password_reset(reset(&code, "password123")).await.expect_err("refused here already");
    assert!(matches!(common, AppError::Invalid { ref field, .. } if field == "password"), "{common:?}");
    other.core().password_reset(reset(&code, NEW)).await.expect("chosen");
    eventually("the laptop is signed out", async || matches!(laptop.session().await, SessionView::SignedOut { .. }))
        .await;
    let sign_in = SignIn { server_url, email: ana.email.clone(), password: NEW.into(), code: None };
    let session = other.core().session_sign_in(sign_in).await.expect("the new one works");
    assert!(matches!(session, SessionView::SignedIn { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_and_an_address_are_changed_in_the_app() {
    let post = MailServer::start(USUAL);
    let settings = post.settings();
    let world = World::start_with(move |config| config.mail = Some(settings)).await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let phone = world.device(&ana, "phone").await;
    let change = |old: &str| PasswordChange { old: old.into(), new: NEW.into(), code: None };
    let wrong = laptop.core().password_change(change("not the password")).await.expect_err("wrong");
    assert!(matches!(wrong, AppError::Invalid { ref reason, .. } if reason == "wrong_password"), "{wrong:?}");
    laptop.core().password_change(change(PASSWORD)).await.expect("changed");
    eventually("the phone is signed out", async || matches!(phone.session().await, SessionView::SignedOut { .. }))
        .await;
    let devices = laptop.core().device_list(Nothing {}).await.expect("listed");
    assert_eq!(devices.len(), 1, "{devices:?}");
    let moves = EmailChange { email: " New@Example.com".into(), password: NEW.into(), code: None };
    laptop.core().email_change(moves).await.expect("sent");
    let code = code_in(&post.letter_to("new@example.com", 1).await);
    let confirm = EmailChangeConfirming { email: "new@example.com".into(), code };
    let session = laptop.core().email_change_confirm(confirm).await.expect("it is right");
    assert!(matches!(session, SessionView::SignedIn { ref email, .. } if email == "new@example.com"), "{session:?}");
    assert_eq!(laptop.session().await, session, "and it stays");
    assert_eq!(state(&laptop).await, "verified");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_to_another_password_or_address_is_told_again() {
    let post = MailServer::start(USUAL);
    let settings = post.settings();
    let world = World::start_with(move |config| config.mail = Some(settings)).await;
    let (_, laptop) = world.person_with_device("Ana").await;
    let change = || PasswordChange { old: PASSWORD.into(), new: NEW.into(), code: None };
    laptop.proxy.set(Link::AnswersLost);
    let lost = laptop.core().password_change(change()).await.expect_err("no answer");
    assert!(matches!(lost, AppError::Unreachable { .. }), "{lost:?}");
    laptop.comes_online().await;
    laptop.core().password_change(change()).await.expect("it was carried out, and is told so");
    let moves = EmailChange { email: "new@example.com".into(), password: NEW.into(), code: None };
    laptop.core().email_change(moves).await.expect("sent");
    let code = code_in(&post.letter_to("new@example.com", 1).await);
    let confirm = || EmailChangeConfirming { email: "new@example.com".into(), code: code.clone() };
    laptop.proxy.set(Link::AnswersLost);
    let lost = laptop.core().email_change_confirm(confirm()).await.expect_err("no answer");
    assert!(matches!(lost, AppError::Unreachable { .. }), "{lost:?}");
    laptop.comes_online().await;
    let session = laptop.core().email_change_confirm(confirm()).await.expect("it was carried out, and is told so");
    assert!(matches!(session, SessionView::SignedIn { ref email, .. } if email == "new@example.com"), "{session:?}");
}
