//! What somebody has, from outside: nobody sees another's, and a statement is checked by a program that knows no server.

use std::sync::Arc;

use guildhall_db::{Committed, Db, escrows::For};
use guildhall_market::{
    ids::{EscrowId, UserId},
    money::{
        escrows::{Command, Terms},
        house::Charge,
    },
    time::Timestamp,
};
use guildhall_server::{
    error::ApiError,
    money::till::{self, By},
};
use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{postgres_server::Postgres, stranger::Stranger, tools::run};

/// A hall in which Ana paid Tunde 1,000 naira in two parts, of which the second is held still.
struct Hall {
    world: World,
    ana: Stranger,
    tunde: Stranger,
    _postgres: Option<Postgres>,
}

impl Hall {
    async fn on(postgres: Option<Postgres>) -> Self {
        let database = postgres.as_ref().map(|postgres| postgres.database("wallet"));
        let of_server = database.clone();
        let world = World::start_with(move |config| config.database = of_server).await;
        let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
        let url = database.unwrap_or_else(|| format!("sqlite:{}", world.server_folder().join("hall.sqlite").display()));
        let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
        let (payer, payee) = (UserId(ana.id), UserId(tunde.id));
        for (n, price) in [(1, 60_000), (2, 40_000)] {
            let done = db.write::<(), ApiError, _>(move |c| {
                Box::pin(async move {
                    let (id, currency, now) = (EscrowId(n), "NGN".parse().expect("a currency"), Timestamp(1_000 * n));
                    let terms = Terms { id, payer, payee, price, currency, fee_bps: 1_000, review_ms: 1, reply_ms: 1 };
                    let subject = For { kind: "milestone".into(), id: n };
                    assert_eq!(till::open(c, terms, &subject, None, now).await?, id);
                    let (escrow, provider) = (Some(id), "sandbox".to_owned());
                    let paid = Charge { escrow, amount: price, currency, provider, provider_fee: 0 };
                    till::charge(c, &paid, &format!("tx{n}"), now).await?;
                    if n == 1 {
                        till::act(c, id, &Command::Release(None), (By::Person(payer, false), None), now).await?;
                    }
                    Ok(Committed::quiet(()))
                })
            });
            done.await.expect("paid");
        }
        Self { world, ana, tunde, _postgres: postgres }
    }
}

async fn everybody_sees_their_own(hall: Hall) {
    let guest = hall.ana.with_token("1|nobody");
    for path in ["/api/wallet", "/api/wallet/statement?currency=NGN"] {
        assert_eq!(guest.get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let mine = hall.tunde.get("/api/wallet").await.body;
    let expected = json!([{ "currency": "NGN", "balance": 540, "balance_minor": 54_000, "held": 0, "held_minor": 0,
        "to_come": 400, "to_come_minor": 40_000, "on_its_way": 0, "on_its_way_minor": 0 }]);
    assert_eq!(mine["data"]["balances"], expected);
    let hers = hall.ana.get("/api/wallet").await.body;
    assert_eq!(
        (&hers["data"]["balances"][0]["balance_minor"], &hers["data"]["balances"][0]["held_minor"]),
        (&json!(0), &json!(40_000))
    );
    let stranger = Stranger::new(&hall.world, "Lena").await;
    assert_eq!(stranger.get("/api/wallet").await.body["data"]["balances"], json!([]));
    for (query, field) in [
        ("currency=naira", "currency"),
        ("currency=NGN&format=exe", "format"),
        ("currency=NGN&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
    ] {
        let refused = hall.ana.get(&format!("/api/wallet/statement?{query}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(refused.body["errors"][field].is_array(), "{query}: {}", refused.body);
    }
}

async fn a_statement_is_right_until_something_in_it_is_changed(hall: Hall) {
    let signed = hall.tunde.get("/api/wallet/statement?currency=NGN").await.body;
    let keys = hall.tunde.guest().get("/api/keys").await.body;
    let key = keys["data"][0]["key"].as_str().expect("a key");
    assert_eq!((&signed["data"]["key"], &keys["data"][0]["algorithm"]), (&json!(key), &json!("Ed25519")));
    let statement = &signed["data"]["statement"];
    assert_eq!((&statement["opening"], &statement["closing"]), (&json!("0"), &json!("54000")));
    assert_eq!(statement["lines"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&statement["lines"][0]["cause"], &statement["lines"][0]["subject"]),
        (&json!("release"), &json!("escrow:1"))
    );
    assert!(!statement.to_string().contains(&format!("user:{}", hall.ana.id)), "nobody else's account: {statement}");
    let folder = tempfile::tempdir().expect("a folder");
    let verify = async |text: &str, more: &[&str]| {
        let file = folder.path().join("statement.json");
        std::fs::write(&file, text).expect("written");
        run(&[&["verify-statement", file.to_str().expect("a path")], more].concat(), &[]).await
    };
    let (well, words) = verify(&signed.to_string(), &["--key", key]).await;
    let said = format!(
        "The statement of user:{} is right: 1 entries, from 0.00 NGN to 540.00 NGN, from 1970-01-01T00:00:00.000Z until ",
        hall.tunde.id
    );
    assert!(well && words.contains(&said) && words.contains("as was asked"), "{words}");
    assert!(verify(&signed["data"].to_string(), &[]).await.0, "also taken out of the answer");
    let (well, words) = verify(&signed.to_string(), &["--key", &"0".repeat(64)]).await;
    assert!(!well && words.contains("it is signed with another key"), "{words}");
    for (from, to, why) in [
        ("\"54000\"", "\"64000\"", "the signature does not fit"),
        ("\"release\"", "\"refund\"", "the signature does not fit"),
        ("\"opening\":\"0\"", "\"opening\":\"00\"", "not spelled as it is signed"),
        ("L-release", "L-gift", "letter holds what it cannot hold"),
        ("{", "", "it is no JSON"),
    ] {
        let changed = signed.to_string().replacen(from, to, 1);
        assert_ne!(changed, signed.to_string(), "{from}");
        let (well, words) = verify(&changed, &[]).await;
        assert!(!well && words.contains(why), "{from}: {words}");
    }
    // Of a time in which nothing happened, and in the middle of things.
    let early = hall.tunde.get("/api/wallet/statement?currency=NGN&to=1970-01-01T00:00:01Z").await.body;
    assert_eq!(
        (&early["data"]["statement"]["closing"], &early["data"]["statement"]["lines"]),
        (&json!("0"), &json!([]))
    );
    let late = hall.tunde.get("/api/wallet/statement?currency=NGN&from=1970-01-01T00:00:02Z").await.body;
    assert_eq!(
        (&late["data"]["statement"]["opening"], &late["data"]["statement"]["lines"]),
        (&json!("54000"), &json!([]))
    );
    assert!(verify(&late.to_string(), &[]).await.0);
    let other_currency = hall.tunde.get("/api/wallet/statement?currency=USD").await.body;
    assert!(verify(&other_currency.to_string(), &[]).await.0, "a book in which nothing stands");
}

async fn e105_money_keeps_the_account(hall: Hall) {
    for (who, words) in [
        (
            &hall.tunde,
            [
                "₦540 lies on your balance. Have it paid out first.",
                "₦400 is held for your work. Finish it or refund it first.",
            ]
            .as_slice(),
        ),
        (&hall.ana, ["₦400 of yours is held for a job. Release it or have it refunded first."].as_slice()),
    ] {
        let leave = who.ask(Method::DELETE, "/api/user", Some(json!({ "password": PASSWORD })), &[]).await;
        assert_eq!((leave.status, leave.code()), (StatusCode::CONFLICT, "must_end_first"), "{}", leave.body);
        let first: Vec<&str> =
            leave.body["errors"]["first"].as_array().expect("what first").iter().filter_map(Value::as_str).collect();
        for words in words {
            // Names and amounts are set apart for their direction.
            assert!(first.iter().any(|said| said.replace(['\u{2068}', '\u{2069}'], "") == *words), "{first:?}");
        }
        assert_eq!(who.get("/api/user").await.status, StatusCode::OK);
    }
}

/// The same test on both engines.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            super::$name(super::Hall::on(None).await).await;
        })* }
        mod postgresql { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            super::$name(super::Hall::on(Some(super::Postgres::start())).await).await;
        })* }
    };
}

on_both! {
    everybody_sees_their_own
    a_statement_is_right_until_something_in_it_is_changed
    e105_money_keeps_the_account
}
