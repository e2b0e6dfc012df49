//! A stolen token meets the password, the code, the 72 hours and the stop.

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    notifications::NotificationQuery,
    payout_accounts::{PayoutAccountAdding, PayoutAccountRef, PayoutAccountView, PayoutBanksQuery, PayoutCodeAsk},
    profiles::ProfileSet,
    verifications::{VerificationAsking, VerificationConfirming},
};
use guildhall_testkit::{Device, Meddling, Page, World, eventually, world::PASSWORD};

use crate::smtp::{MailServer, USUAL, code_in};

const ADD: &str = "/api/payout-accounts";

async fn only(device: &Device) -> Option<PayoutAccountView> {
    device.core().payout_account_list(Nothing {}).await.expect("the server answers").accounts.pop()
}

fn adding(key: &str, number: &str, password: &str, code: &str) -> PayoutAccountAdding {
    PayoutAccountAdding {
        key: key.into(),
        currency: "NGN".into(),
        bank_code: "000".into(),
        number: number.into(),
        password: password.into(),
        code: code.into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stolen_token_meets_the_72_hours_and_the_stop() {
    let post = MailServer::start(USUAL);
    let settings = post.settings();
    let world = World::start_with(move |config| config.mail = Some(settings)).await;
    let (amara, phone) = world.person_with_device("Amara").await;
    let stolen = world.device(&amara, "stolen").await;
    phone.core().verification_ask(VerificationAsking { kind: "email".into(), value: None }).await.expect("asked");
    let code = code_in(&post.letter_to(&amara.email, 1).await);
    let confirm = VerificationConfirming { kind: "email".into(), code };
    phone.core().verification_confirm(confirm).await.expect("confirmed");
    phone
        .core()
        .profile_set(ProfileSet { name: Some("Amara Okonkwo".into()), ..ProfileSet::default() })
        .await
        .expect("named");
    let banks = phone.core().payout_account_banks(PayoutBanksQuery { currency: "NGN".into() }).await;
    assert_eq!(banks.expect("the server answers")[0].code, "000");

    // The device alone gets nowhere, nor does the password alone.
    let guess = PayoutCodeAsk { password: "not the password".into(), code: None };
    let refused = stolen.core().payout_account_code(guess).await.expect_err("not without the password");
    assert!(matches!(refused, AppError::Invalid { ref reason, .. } if reason == "wrong_password"), "{refused:?}");
    let sent =
        stolen.core().payout_account_code(PayoutCodeAsk { password: PASSWORD.into(), code: None }).await.expect("sent");
    assert_eq!((sent.by.as_str(), sent.address, sent.code), ("mail", amara.email.clone(), None));
    let refused = stolen.core().payout_account_add(adding("k1", "0000000001", PASSWORD, "123456")).await;
    assert!(matches!(refused, Err(AppError::Invalid { ref reason, .. }) if reason == "wrong_code"), "{refused:?}");
    assert_eq!(only(&phone).await, None);

    // Whoever reads the letters, too, names an account of a like name; the answer is lost, and it is named once.
    let code = code_in(&post.letter_about(&amara.email, "A bank account at").await);
    stolen.proxy.meddle(ADD, Meddling::AnswerReplaced(Page::html(502, "Bad gateway")));
    let add = || adding("k2", "0000000001", PASSWORD, &code);
    stolen.core().payout_account_add(add()).await.expect_err("the answer was lost");
    let made = stolen.core().payout_account_add(add()).await.expect("it was added");
    assert_eq!(made.state, "verified");
    let usable = made.usable_from.expect("72 hours later");
    assert_eq!(usable.since_ms(made.since), 72 * 3_600_000);
    assert_eq!(only(&phone).await.map(|account| account.id), Some(made.id));
    // The owner is told on the phone and by letter, long before, and stops it.
    eventually("the phone is told", async || {
        let page =
            phone.core().notification_list(NotificationQuery { before: None, unread_only: false, limit: 20 }).await;
        page.expect("notices").iter().any(|notice| notice.kind == "payout_account_added")
    })
    .await;
    post.letter_about(&amara.email, "A new bank account").await;
    let stopped = phone.core().payout_account_stop(PayoutAccountRef { id: made.id }).await.expect("stopped");
    assert_eq!((stopped.state.as_str(), stopped.usable_from), ("revoked", None));
    let seen = only(&stolen).await.expect("it is listed");
    assert_eq!((seen.state.as_str(), seen.usable_from), ("revoked", None));
}
