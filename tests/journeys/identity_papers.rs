//! Papers from a device on a bad link to the mark beside the name.

use guildhall_contract::{
    bytes::Bytes,
    commands::Nothing,
    errors::AppError,
    identity_papers::{
        IdentityPaperPut, IdentitySend, VerificationDecide, VerificationLook, VerificationPaperLook,
        VerificationQueueQuery,
    },
    people::PersonRef,
};
use guildhall_testkit::{Device, Link, Meddling, Page, World, eventually};

const SECRET: &[u8] = b"%PDF-1.7 PASSPORT A01234567 OF ANA";
const LOST: Meddling = Meddling::AnswerReplaced(Page::html(502, "Bad gateway"));
const PAPERS: &str = "/api/verifications/identity/papers";

fn paper(key: &str) -> IdentityPaperPut {
    IdentityPaperPut { key: key.into(), name: "passport.pdf".into(), bytes: Bytes(SECRET.to_vec()) }
}

async fn state(device: &Device) -> String {
    let rows = device.core().verification_list(Nothing {}).await.expect("the server answers");
    rows.iter().find(|row| row.kind == "identity").map(|row| row.state.clone()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn papers_go_over_a_link_that_breaks_once_and_the_mark_comes_to_every_device() {
    let world = World::start().await;
    let ((ana, laptop), (_, boss)) = (world.person_with_device("Ana").await, world.person_with_device("Boss").await);
    let phone = world.device(&ana, "phone").await;
    assert!(world.server().set_admin("boss@example.com", true).await.expect("the database works"));
    // Cut before it came to the server, and again when only the answer was lost.
    laptop.proxy.meddle(PAPERS, Meddling::Answered(Page::html(502, "Bad gateway")));
    laptop.proxy.meddle(PAPERS, LOST);
    for _ in 0..2 {
        let cut = laptop.core().identity_paper_put(paper("front")).await.expect_err("cut off");
        assert!(matches!(cut, AppError::Unreachable { .. }), "{cut:?}");
    }
    let front = laptop.core().identity_paper_put(paper("front")).await.expect("it is there").id;
    let back = laptop.core().identity_paper_put(paper("back")).await.expect("it is there").id;
    assert_ne!(front, back);
    let sending = || IdentitySend { key: "sending".into(), papers: vec![front, back] };
    laptop.proxy.meddle("/api/verifications/identity", LOST);
    laptop.core().identity_send(sending()).await.expect_err("the answer was lost");
    assert_eq!(laptop.core().identity_send(sending()).await.expect("it was sent").state, "pending");
    assert_eq!(state(&phone).await, "pending");
    eventually("what was told without a link is known", async || state(&laptop).await == "pending").await;

    let boss = boss.core();
    let queue = boss.verification_queue(VerificationQueueQuery::default()).await.expect("an administrator");
    let one = queue.iter().map(|row| (row.id, row.papers)).collect::<Vec<_>>();
    assert_eq!(one.iter().map(|(_, papers)| *papers).collect::<Vec<_>>(), [2], "nothing was sent twice");
    let (id, reason) = (one[0].0, "She asked");
    let open = VerificationLook { id, reason: reason.into() };
    assert_eq!(boss.verification_open(open).await.expect("opened").papers.len(), 2);
    let look = VerificationPaperLook { id, n: 1, reason: reason.into() };
    assert_eq!(boss.verification_paper(look).await.expect("opened").bytes.0, SECRET);
    let decide = |action: &str| VerificationDecide { id, action: action.into(), reason: "It fits".into() };
    assert!(matches!(boss.verification_decide(decide("delete")).await, Err(AppError::Invalid { .. })));
    let done = boss.verification_decide(decide("approve")).await.expect("decided");
    assert_eq!(done.verification.state, "verified");
    let again = boss.verification_decide(decide("reject")).await.expect_err("decided before");
    assert!(matches!(again, AppError::Refused { ref reason, .. } if reason == "wrong_state"), "{again:?}");
    for device in [&laptop, &phone] {
        eventually("the mark is there", async || {
            let page = device.core().profile_get(PersonRef { id: ana.id }).await.expect("one's own page");
            page.marks == ["identity"] && page.person.verified
        })
        .await;
    }
    laptop.proxy.set(Link::Cut);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_device_keeps_a_paper_neither_of_who_sends_nor_of_who_looks() {
    let world = World::start().await;
    let ((_, laptop), (_, boss)) = (world.person_with_device("Ana").await, world.person_with_device("Boss").await);
    assert!(world.server().set_admin("boss@example.com", true).await.expect("the database works"));
    let id = laptop.core().identity_paper_put(paper("front")).await.expect("it is there").id;
    let sending = IdentitySend { key: "sending".into(), papers: vec![id] };
    laptop.core().identity_send(sending).await.expect("it was sent");
    let queue = boss.core().verification_queue(VerificationQueueQuery::default()).await.expect("an administrator");
    let look = VerificationPaperLook { id: queue[0].id, n: 1, reason: "x".into() };
    boss.core().verification_paper(look).await.expect("opened");
    for device in [&laptop, &boss] {
        let (mut folders, mut files) = (vec![device.folder().clone()], 0);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                    continue;
                }
                let bytes = std::fs::read(entry.path()).unwrap_or_default();
                assert!(!bytes.windows(SECRET.len()).any(|w| w == SECRET), "{:?} holds it", entry.path());
                files += 1;
            }
        }
        assert!(files > 1);
    }
}
