//! Two-step sign-in on real devices: set up on one and seen on the other, a stolen token, a forgotten password, a lost answer.

use std::time::{SystemTime, UNIX_EPOCH};

use guildhall_client::Core;
use guildhall_contract::{
    commands::Nothing,
    departures::AccountDelete,
    email_changes::EmailChange,
    errors::AppError,
    passwords::{PasswordChange, PasswordForgotten, PasswordReset},
    sessions::{SessionView, SignIn},
    two_step::{TwoStepAgain, TwoStepCodes, TwoStepConfirming, TwoStepSecretView},
};
use guildhall_testkit::{Device, FaultProxy, Link, World, eventually, world::PASSWORD};
use totp_rs::{Builder, Secret};

use crate::smtp::{MailServer, USUAL, code_in};

const NEW: &str = "another good password";

fn again(code: Option<&str>) -> TwoStepAgain {
    TwoStepAgain { password: PASSWORD.into(), code: code.map(str::to_owned) }
}

/// The code that an app shows which was told the secret by hand, so many half minutes from now.
fn code_of(secret: &str, steps: i64) -> String {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).expect("letters and digits");
    let totp = Builder::new().with_secret(secret).build().expect("as the standard has it");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    totp.generate(now.saturating_add_signed(steps * 30)).to_string()
}

async fn turns_on(core: &Core) -> TwoStepSecretView {
    let begun = core.two_step_begin(again(None)).await.expect("begun");
    core.two_step_confirm(TwoStepConfirming { key: "first".into(), code: code_of(&begun.secret, 0) })
        .await
        .expect("it is right");
    begun
}

async fn state(device: &Device) -> String {
    device.core().two_step_get(Nothing {}).await.expect("asked").expect("the server has it").state
}

fn reason(error: &AppError) -> &str {
    match error {
        AppError::Invalid { reason, .. } | AppError::Refused { reason, .. } => reason,
        _ => "another",
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_step_sign_in_is_set_up_on_one_device_and_asked_for_on_the_next() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let phone = world.device(&ana, "phone").await;
    assert_eq!(state(&phone).await, "none");
    let begun = turns_on(laptop.core()).await;
    assert_eq!((begun.codes.len(), begun.drawing.is_some()), (10, true));
    assert_eq!(state(&phone).await, "on", "which stays signed in");
    let path = laptop.core().two_step_save(TwoStepCodes { codes: begun.codes.clone() }).await.expect("saved");
    let saved = std::fs::read_to_string(path).expect("a file");
    assert!(saved.contains("ana@example.com") && begun.codes.iter().all(|code| saved.contains(code)), "{saved}");

    let other =
        Device::open(world.server_folder().join("../other"), FaultProxy::start(world.server().addresses().http).await)
            .await;
    let sign_in = |code: Option<&str>| SignIn {
        server_url: other.proxy.url(),
        email: ana.email.clone(),
        password: PASSWORD.into(),
        code: code.map(str::to_owned),
    };
    let asked = other.core().session_sign_in(sign_in(None)).await.expect_err("a code is asked for");
    assert!(matches!(asked, AppError::Invalid { ref field, .. } if field == "code"), "{asked:?}");
    assert_eq!(reason(&asked), "two_step_required");
    let wrong = other.core().session_sign_in(sign_in(Some("00000"))).await.expect_err("five digits");
    assert_eq!(reason(&wrong), "two_step_wrong");
    assert!(matches!(other.session().await, SessionView::SignedOut { .. }));
    let typed = begun.codes[0].to_lowercase().replace('-', " ");
    let inside = other.core().session_sign_in(sign_in(Some(&typed))).await.expect("a recovery code");
    assert!(matches!(inside, SessionView::SignedIn { .. }));
    let left = laptop.core().two_step_get(Nothing {}).await.expect("asked").expect("there").codes_left;
    assert_eq!(left, 9);
    let off = other.core().two_step_off(again(Some(&begun.codes[1]))).await.expect("off");
    assert_eq!(off.state, "none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_to_the_first_code_is_told_again_under_its_key() {
    let world = World::start().await;
    let (_, laptop) = world.person_with_device("Ana").await;
    let begun = laptop.core().two_step_begin(again(None)).await.expect("begun");
    let confirming = |key: &str| TwoStepConfirming { key: key.into(), code: code_of(&begun.secret, 0) };
    let first = confirming("first");
    laptop.proxy.set(Link::AnswersLost);
    let lost = laptop.core().two_step_confirm(first.clone()).await.expect_err("nothing comes back");
    assert!(matches!(lost, AppError::Unreachable { .. }), "{lost:?}");
    laptop.comes_online().await;
    assert_eq!(state(&laptop).await, "on", "it was carried out all the same");
    let told = laptop.core().two_step_confirm(first.clone()).await.expect("the first answer");
    assert_eq!((told.state.as_str(), told.codes_left), ("on", 10));
    let other = TwoStepConfirming { key: "second".into(), ..first };
    let refused = laptop.core().two_step_confirm(other).await.expect_err("another command, and it is on already");
    assert_eq!(reason(&refused), "wrong_state");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stolen_token_meets_two_step() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    // Whoever took it knows the password as well.
    let stolen = world.device(&ana, "stolen").await;
    let begun = turns_on(laptop.core()).await;
    let core = stolen.core();
    let password = PasswordChange { old: PASSWORD.into(), new: NEW.into(), code: None };
    let email = EmailChange { email: "thief@example.com".into(), password: PASSWORD.into(), code: None };
    let delete = AccountDelete { password: PASSWORD.into(), code: Some("000000".into()) };
    assert_eq!(reason(&core.password_change(password).await.expect_err("no code")), "two_step_required");
    assert_eq!(reason(&core.email_change(email).await.expect_err("no code")), "two_step_required");
    assert_eq!(reason(&core.account_delete(delete).await.expect_err("no code of hers")), "two_step_wrong");
    assert_eq!(reason(&core.two_step_off(again(None)).await.expect_err("no code")), "two_step_required");
    assert_eq!(reason(&core.two_step_renew(again(Some(&"0".repeat(10)))).await.expect_err("none")), "two_step_wrong");
    assert_eq!(reason(&core.two_step_begin(again(None)).await.expect_err("it is on")), "wrong_state");
    assert_eq!(state(&laptop).await, "on");
    // She signs the thief out, and is the only one who comes back.
    let change = PasswordChange { old: PASSWORD.into(), new: NEW.into(), code: Some(begun.codes[0].clone()) };
    laptop.core().password_change(change).await.expect("with a code");
    eventually("the thief is out", async || matches!(stolen.session().await, SessionView::SignedOut { .. })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_from_another_device_does_not_get_past_two_step() {
    let post = MailServer::start(USUAL);
    let settings = post.settings();
    let world = World::start_with(move |config| config.mail = Some(settings)).await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let begun = turns_on(laptop.core()).await;
    let other =
        Device::open(world.server_folder().join("../other"), FaultProxy::start(world.server().addresses().http).await)
            .await;
    let server_url = other.proxy.url();
    let forgotten = PasswordForgotten { server_url: server_url.clone(), email: ana.email.clone() };
    other.core().password_forgot(forgotten).await.expect("sent");
    let code = code_in(&post.letter_to(&ana.email, 1).await);
    let reset = PasswordReset { server_url: server_url.clone(), email: ana.email.clone(), code, password: NEW.into() };
    other.core().password_reset(reset).await.expect("chosen");
    let sign_in = |code: Option<&str>| SignIn {
        server_url: server_url.clone(),
        email: ana.email.clone(),
        password: NEW.into(),
        code: code.map(str::to_owned),
    };
    let asked = other.core().session_sign_in(sign_in(None)).await.expect_err("the letter box alone is not enough");
    assert_eq!(reason(&asked), "two_step_required");
    let inside = other.core().session_sign_in(sign_in(Some(&begun.codes[0]))).await.expect("with a recovery code");
    assert!(matches!(inside, SessionView::SignedIn { .. }));
}
