//! From "create an account" to a proved address: over a link that loses answers, and with an app that is closed meanwhile.

use guildhall_client::ports::Keychain;
use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    registrations::RegistrationCode,
    sessions::{Registering, SessionView},
};
use guildhall_testkit::{Device, FaultProxy, Link, World, eventually};

use crate::smtp::{MailServer, USUAL, code_in};

const EMAIL: &str = "ada@example.com";

struct Hall {
    world: World,
    post: MailServer,
    folder: tempfile::TempDir,
}

async fn hall() -> (Hall, Device) {
    let post = MailServer::start(USUAL);
    let settings = post.settings();
    let world = World::start_with(move |config| config.mail = Some(settings)).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let proxy = FaultProxy::start(world.server().addresses().http).await;
    let laptop = Device::open(folder.path().to_owned(), proxy).await;
    (Hall { world, post, folder }, laptop)
}

async fn registering(device: &Device) -> Option<Registering> {
    match device.session().await {
        SessionView::SignedOut { registering, .. } => registering,
        SessionView::SignedIn { .. } => panic!("nobody is signed in"),
    }
}

async fn gives(device: &Device, code: &str) -> Result<SessionView, AppError> {
    device.core().registration_confirm(RegistrationCode { code: code.into() }).await
}

/// Whether a secret stands in a file of the app.
fn stands_in_a_file(folder: &std::path::Path, secret: &str) -> bool {
    std::fs::read_dir(folder).expect("a folder").flatten().any(|entry| {
        if entry.path().is_dir() {
            return stands_in_a_file(&entry.path(), secret);
        }
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        bytes.windows(secret.len()).any(|part| part == secret.as_bytes())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_made_and_proved_over_lost_answers_and_a_closed_app() {
    let (hall, mut laptop) = hall().await;
    laptop.proxy.set(Link::AnswersLost);
    let lost = laptop.register("Ada", EMAIL).await;
    assert!(matches!(lost, Err(AppError::Unreachable { .. })), "{lost:?}");
    let code = code_in(&hall.post.letter_to(EMAIL, 1).await);
    // Pressed again it is the same registration, and no second letter goes out.
    laptop.proxy.set(Link::Up);
    laptop.register("Ada", EMAIL).await.expect("begun");
    let begun = registering(&laptop).await.expect("a code was sent");
    assert_eq!((begun.email.as_str(), begun.server_url.as_str()), (EMAIL, laptop.proxy.url().as_str()));
    assert_eq!(hall.post.letters_to(EMAIL).len(), 1);

    // The app is closed, and waits for the code when it is opened again.
    laptop.close().await;
    laptop.reopen().await;
    assert_eq!(registering(&laptop).await, Some(begun));
    let (name, secret) = laptop.keychain.take_all().into_iter().next().expect("it lies in the keychain");
    laptop.keychain.set(&name, &secret).await.expect("put back");
    assert!(!stands_in_a_file(hall.folder.path(), &secret), "and nowhere else");

    // The answer to the code is lost, and the app is closed before it is given again.
    laptop.proxy.set(Link::AnswersLost);
    let lost = gives(&laptop, &code).await;
    assert!(matches!(lost, Err(AppError::Unreachable { .. })), "{lost:?}");
    laptop.close().await;
    laptop.proxy.set(Link::Up);
    laptop.reopen().await;
    // Typed as the letter has it this time: it is the same code, and the same command.
    let spaced = format!(" {} {}\u{200B}", &code[..3], &code[3..]);
    let made = gives(&laptop, &spaced).await.expect("it is there");
    assert!(matches!(made, SessionView::SignedIn { ref email, .. } if email == EMAIL), "{made:?}");
    laptop.is_online().await;
    let rows = laptop.core().verification_list(Nothing {}).await.expect("a list");
    assert!(rows.iter().any(|row| row.kind == "email" && row.state == "verified"), "{rows:?}");
    assert_eq!(laptop.core().device_list(Nothing {}).await.expect("a list").len(), 1, "signed in once");
    assert_eq!(laptop.keychain.count(), 1, "of the registration nothing is left");
    // As somebody whose address is proved.
    let (tunde, theirs) = hall.world.person_with_device("Tunde").await;
    laptop.writes(&tunde, "Good morning").await;
    let session = laptop.session().await;
    let SessionView::SignedIn { me, .. } = session else { panic!("{session:?}") };
    eventually("it arrives", async || theirs.conversations().await.iter().any(|row| row.person.id == me.id)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_code_is_said_so_and_whoever_goes_back_keeps_nothing() {
    let (hall, laptop) = hall().await;
    laptop.register("Ada", EMAIL).await.expect("begun");
    let code = code_in(&hall.post.letter_to(EMAIL, 1).await);
    let other = if code.starts_with('1') { "200000" } else { "100000" };
    let wrong = gives(&laptop, other).await;
    assert!(
        matches!(wrong, Err(AppError::Invalid { ref field, ref reason, .. }) if field == "code" && reason == "wrong_code"),
        "{wrong:?}"
    );
    let soon = laptop.core().registration_again(Nothing {}).await;
    assert!(matches!(soon, Err(AppError::Refused { ref reason, .. }) if reason == "too_many_codes"), "{soon:?}");
    assert!(registering(&laptop).await.is_some(), "it waits all the same");
    laptop.core().registration_drop(Nothing {}).await.expect("dropped");
    assert_eq!((registering(&laptop).await, laptop.keychain.count()), (None, 0));
    let gone = gives(&laptop, &code).await;
    assert!(matches!(gone, Err(AppError::Refused { ref reason, .. }) if reason == "registration_ended"), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_an_account_hears_so_by_letter_and_signs_in_instead() {
    let (hall, laptop) = hall().await;
    let ada = hall.world.person("Ada").await;
    laptop.register("Ada", EMAIL).await.expect("as anybody else");
    assert!(registering(&laptop).await.is_some());
    let letter = hall.post.letter_to(EMAIL, 1).await;
    assert!(letter["text"].as_str().is_some_and(|text| text.contains("sign in instead")), "{letter}");
    laptop.sign_in(&ada).await;
    laptop.core().session_sign_out(Nothing {}).await.expect("signed out");
    assert_eq!((registering(&laptop).await, laptop.keychain.count()), (None, 0), "what was begun is over");
}
