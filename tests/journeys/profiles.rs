//! Pages of people on several devices, with and without a link.

use guildhall_contract::{
    bytes::Bytes,
    errors::AppError,
    people::PersonRef,
    profiles::{PeopleFind, PictureRef, PictureSet, ProfileSet, ProfileView, WorkOrder, WorkRef, WorkSet},
    sessions::Register,
    ui_events::{Toast, UiEvent},
};
use guildhall_market::ids::UserId;
use guildhall_testkit::{Device, FaultProxy, World, eventually, world::PASSWORD};

pub fn picture(side: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let colours = image::RgbImage::from_pixel(side, side, image::Rgb([170, 90, 40]));
    colours.write_to(&mut bytes, image::ImageFormat::Png).expect("written");
    bytes.into_inner()
}

async fn page(device: &Device, id: UserId) -> ProfileView {
    device.core().profile_get(PersonRef { id }).await.expect("a page")
}

fn says(words: &str) -> ProfileSet {
    ProfileSet { words: Some(words.into()), ..ProfileSet::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_the_same_on_all_devices_and_others_see_it() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let phone = world.device(&ana, "phone").await;
    let (_, theirs) = world.person_with_device("Tunde").await;
    let told = phone.records();
    let set = ProfileSet {
        name: Some("Ana Obi".into()),
        trade: Some("Potter".into()),
        place: Some("Enugu".into()),
        languages: Some(vec!["Igbo".into()]),
        ..says("Bowls and jars.")
    };
    laptop.core().profile_set(set).await.expect("it is taken");
    eventually("the phone has it", async || {
        let page = page(&phone, ana.id).await;
        page.words.as_deref() == Some("Bowls and jars.") && page.mine && !page.waiting
    })
    .await;
    let is_row = |event: &UiEvent| matches!(event, UiEvent::Profiles { rows, .. } if rows[0].person.name == "Ana Obi");
    eventually("its interface is told", async || told.lock().expect("records").iter().any(is_row)).await;
    let seen = page(&theirs, ana.id).await;
    assert_eq!(
        (seen.mine, seen.person.craft.as_deref(), seen.person.place.as_deref()),
        (false, Some("Potter"), Some("Enugu"))
    );
    assert_eq!((seen.words.as_deref(), seen.languages), (Some("Bowls and jars."), vec!["Igbo".to_owned()]));
    let find = PeopleFind { trade: "pot".into(), place: "enu".into(), ..PeopleFind::default() };
    let found = theirs.core().people_find(find).await.expect("found");
    assert_eq!((found.rows.len(), found.rows[0].name.as_str(), found.everybody), (1, "Ana Obi", true));
    // Who was looked at is here without a link, too.
    theirs.goes_offline().await;
    assert_eq!(page(&theirs, ana.id).await.words.as_deref(), Some("Bowls and jars."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_link_a_page_is_changed_all_the_same_and_said_once() {
    let world = World::start().await;
    let (ana, mut laptop) = world.person_with_device("Ana").await;
    let phone = world.device(&ana, "phone").await;
    page(&laptop, ana.id).await;
    laptop.goes_offline().await;
    laptop.core().profile_set(says("First.")).await.expect("kept");
    let set = ProfileSet { place: Some("Enugu".into()), ..says("Second.") };
    laptop.core().profile_set(set).await.expect("kept");
    laptop.core().profile_picture(PictureSet { bytes: Some(Bytes(picture(300))) }).await.expect("kept");
    let new = |title: &str, side| WorkSet { key: None, title: title.into(), bytes: Some(Bytes(picture(side))) };
    laptop.core().work_set(new("Bowl", 20)).await.expect("kept");
    laptop.core().work_set(new("Jar", 30)).await.expect("kept");
    let here = laptop.core().work_set(new("Gone", 40)).await.expect("kept");
    let keys: Vec<String> = here.works.iter().map(|work| work.key.clone()).collect();
    laptop.core().work_delete(WorkRef { key: keys[2].clone() }).await.expect("there");
    let order = WorkOrder { keys: vec![keys[1].clone(), keys[0].clone()] };
    laptop.core().work_order(order).await.expect("there");
    let titles = |view: &ProfileView| view.works.iter().filter_map(|work| work.title.clone()).collect::<Vec<_>>();
    // Also after the app was closed.
    laptop.close().await;
    laptop.reopen().await;
    let here = page(&laptop, ana.id).await;
    assert_eq!(
        (titles(&here), here.waiting, here.picture_waiting),
        (vec!["Jar".into(), "Bowl".into()], true, Some(true))
    );
    let jar = PictureRef { id: None, key: Some(keys[1].clone()) };
    assert_eq!(laptop.core().picture_get(jar).await.expect("it is here").bytes.0, picture(30));
    laptop.comes_online().await;
    eventually("the phone has all", async || {
        let page = page(&phone, ana.id).await;
        titles(&page) == ["Jar", "Bowl"] && page.person.picture.is_some() && page.words.as_deref() == Some("Second.")
    })
    .await;
    eventually("nothing waits", async || !page(&laptop, ana.id).await.waiting).await;
    let said = laptop.proxy.requests();
    let count = |what: &str| said.iter().filter(|request| request.contains(what)).count();
    assert_eq!((count("PATCH /api/user"), count("PUT /api/user/avatar")), (1, 1), "{said:?}");
    assert_eq!(count(&format!("works/{}", keys[0])), 1, "{said:?}");
    // The pictures are everybody's to see, and stay here once they were looked at.
    let (_, theirs) = world.person_with_device("Tunde").await;
    let seen = page(&theirs, ana.id).await;
    let face = PictureRef { id: seen.person.picture, key: None };
    let shown = theirs.core().picture_get(face.clone()).await.expect("a picture");
    assert_eq!(shown.mime, "image/jpeg");
    theirs.goes_offline().await;
    assert_eq!(theirs.core().picture_get(face).await.expect("it is here"), shown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_registers_with_a_trade_is_found_by_it() {
    let world = World::start().await;
    let (_, theirs) = world.person_with_device("Tunde").await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let proxy = FaultProxy::start(world.server().addresses().http).await;
    let phone = Device::open(folder.path().to_owned(), proxy).await;
    let register = |trade: &str| Register {
        server_url: phone.proxy.url(),
        name: "Ana".into(),
        email: "ana@example.com".into(),
        password: PASSWORD.into(),
        trade: Some(trade.into()),
    };
    let refused = phone.core().session_register(register(&"x".repeat(61))).await;
    assert!(matches!(&refused, Err(AppError::Invalid { field, .. }) if field == "trade"), "{refused:?}");
    phone.core().session_register(register(" Potter ")).await.expect("an account");
    let find = PeopleFind { trade: "potter".into(), ..PeopleFind::default() };
    let found = theirs.core().people_find(find).await.expect("found");
    assert_eq!(found.rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Ana"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_name_reaches_the_lists_of_those_one_writes_with() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let (tunde, theirs) = world.person_with_device("Tunde").await;
    laptop.writes(&tunde, "Hello").await;
    theirs.sees(&ana, "Hello").await;
    let told = theirs.records();
    let set = ProfileSet { name: Some("Ana Obi".into()), ..ProfileSet::default() };
    laptop.core().profile_set(set).await.expect("it is taken");
    let is_row = |event: &UiEvent| matches!(event, UiEvent::People { rows, .. } if rows[0].name == "Ana Obi");
    eventually("their list is told", async || told.lock().expect("records").iter().any(is_row)).await;
    let known = theirs.core().person_get(PersonRef { id: ana.id }).await.expect("known");
    assert_eq!((known.name.as_str(), known.blocked), ("Ana Obi", false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_does_not_take_is_said_by_its_name_and_the_page_is_as_the_server_has_it() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let phone = world.device(&ana, "phone").await;
    page(&laptop, ana.id).await;
    laptop.goes_offline().await;
    let new = |title: &str| WorkSet { key: None, title: title.into(), bytes: Some(Bytes(picture(10))) };
    laptop.core().work_set(new("One too many")).await.expect("kept here");
    for n in 0..24 {
        phone.core().work_set(new(&format!("Number {n}"))).await.expect("there is room");
    }
    eventually("all are there", async || !page(&phone, ana.id).await.waiting).await;
    let told = laptop.records();
    laptop.comes_online().await;
    let is_told = |event: &UiEvent| {
        let UiEvent::Toast { toast: Toast::ChangeRefused { name, .. } } = event else { return false };
        name == "a picture of your work"
    };
    eventually("it is said", async || told.lock().expect("records").iter().any(is_told)).await;
    eventually("the page is the server's", async || {
        let page = page(&laptop, ana.id).await;
        page.works.len() == 24 && !page.waiting
    })
    .await;
}
