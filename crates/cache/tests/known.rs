//! The copy of the server's state: idempotent, in order, with its gaps in sight.

mod common;

use common::{ME, conversation, key, message, read, reload, row, sent, time};
use guildhall_cache::{
    Cache,
    known::{Changes, ConversationChanges, MessageChanges},
};
use guildhall_contract::messages::{MessageBody, MessageState, Older};
use guildhall_market::ids::{AttachmentId, MessageId};
use serde_json::json;

async fn fresh() -> (tempfile::TempDir, Cache) {
    let folder = tempfile::tempdir().unwrap();
    let (cache, _) = Cache::open(folder.path()).await.unwrap();
    reload(&cache, ME, &[], &[], 0, false).await.unwrap();
    (folder, cache)
}

async fn ids(cache: &Cache, conversation: &str, before: Option<i64>, limit: u32) -> (Vec<i64>, Older) {
    let window = cache.window(&key(conversation), before.map(MessageId), limit).await.unwrap();
    (window.messages.iter().map(|message| message.id.unwrap().0).collect(), window.older)
}

async fn unread(cache: &Cache) -> (u32, u32) {
    let unread = cache.unread().await.unwrap();
    (unread.messages, unread.conversations)
}

#[tokio::test]
async fn the_same_events_twice_change_nothing() {
    let (_folder, cache) = fresh().await;
    let feed = [
        sent(1, &message(10, 2, 1, "one")),
        sent(2, &message(11, 2, 1, "two")),
        read(3, 10, 2, 1),
        sent(4, &message(12, 1, 2, "three")),
    ];
    let applied = cache.apply(ME, &feed).await.unwrap();
    assert_eq!(
        (applied.synced_to, applied.gap, applied.changes.of::<MessageChanges>().arrived.len()),
        (Some(4), false, 2)
    );
    let before = (ids(&cache, "2", None, 10).await, unread(&cache).await);
    let again = cache.apply(ME, &feed).await.unwrap();
    assert_eq!((again.synced_to, again.gap), (Some(4), false));
    assert!(
        again.changes.of::<MessageChanges>().arrived.is_empty() && again.changes.of::<MessageChanges>().rows.is_empty()
    );
    assert_eq!((ids(&cache, "2", None, 10).await, unread(&cache).await), before);
    assert_eq!(unread(&cache).await, (1, 1));
}

#[tokio::test]
async fn a_missing_number_stops_and_nothing_after_it_is_applied() {
    let (_folder, cache) = fresh().await;
    let feed = [sent(1, &message(10, 2, 1, "one")), sent(3, &message(12, 2, 1, "three"))];
    let applied = cache.apply(ME, &feed).await.unwrap();
    assert_eq!((applied.synced_to, applied.gap), (Some(1), true));
    assert_eq!(ids(&cache, "2", None, 10).await.0, [10]);
}

#[tokio::test]
async fn unknown_and_broken_events_move_the_number_only() {
    let (_folder, cache) = fresh().await;
    let feed = [
        row(1, "escrow.updated", json!({"x": 1})),
        row(2, "message.sent", json!({"id": "?"})),
        sent(3, &message(10, 2, 1, "one")),
    ];
    let applied = cache.apply(ME, &feed).await.unwrap();
    assert_eq!((applied.synced_to, applied.gap), (Some(3), false));
    assert_eq!(ids(&cache, "2", None, 10).await.0, [10]);
}

#[tokio::test]
async fn an_empty_cache_applies_nothing_before_it_was_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let (cache, _) = Cache::open(folder.path()).await.unwrap();
    let applied = cache.apply(ME, &[sent(1, &message(10, 2, 1, "one"))]).await.unwrap();
    assert_eq!((applied.synced_to, applied.gap), (None, true));
}

#[tokio::test]
async fn gaps_are_kept_shown_and_filled() {
    let (_folder, cache) = fresh().await;
    reload(&cache, ME, &[conversation(message(100, 2, 1, "last"), 3)], &[], 50, false).await.unwrap();
    assert_eq!(ids(&cache, "2", None, 10).await, (vec![100], Older::Gap));
    let epoch = cache.epoch().await.unwrap();
    let page: Vec<MessageBody> = (90..100).rev().map(|id| message(id, 2, 1, "older")).collect();
    cache.put_page(ME, &key("2"), &page, Some(MessageId(100)), false, epoch).await.unwrap().unwrap();
    assert_eq!(ids(&cache, "2", None, 5).await, ((96..=100).collect(), Older::Here));
    assert_eq!(ids(&cache, "2", Some(96), 50).await, ((90..=95).collect(), Older::Gap));
    assert_eq!(cache.window(&key("2"), Some(MessageId(96)), 50).await.unwrap().missing_before, Some(MessageId(90)));

    // The feed was lost: what may be missing in between shows as a gap, and old pages are not taken for the new present.
    reload(&cache, ME, &[conversation(message(200, 2, 1, "much later"), 9)], &[], 500, false).await.unwrap();
    assert_eq!(ids(&cache, "2", None, 10).await, (vec![200], Older::Gap));
    assert!(cache.put_page(ME, &key("2"), &page, Some(MessageId(100)), false, epoch).await.unwrap().is_none());

    let epoch = cache.epoch().await.unwrap();
    cache.put_page(ME, &key("2"), &page, Some(MessageId(100)), true, epoch).await.unwrap().unwrap();
    assert_eq!(ids(&cache, "2", None, 10).await, (vec![200], Older::Gap), "still a gap between 100 and 200");
    assert_eq!(ids(&cache, "2", Some(100), 50).await, ((90..100).collect(), Older::Beginning));
    let between = [message(150, 1, 2, "between"), message(100, 2, 1, "last")];
    cache.put_page(ME, &key("2"), &between, Some(MessageId(200)), false, epoch).await.unwrap().unwrap();
    assert_eq!(cache.ranges(&key("2")).await.unwrap().len(), 1);
    let all: Vec<i64> = (90..=100).chain([150, 200]).collect();
    assert_eq!(ids(&cache, "2", None, 50).await, (all, Older::Beginning));
}

#[tokio::test]
async fn e93_an_echo_before_the_answer_is_one_message() {
    let (_folder, cache) = fresh().await;
    let mut echo = message(10, 1, 2, "mine");
    echo.client_key = Some("key-1".into());
    let applied = cache.apply(ME, &[sent(1, &echo)]).await.unwrap();
    assert_eq!(applied.changes.of::<MessageChanges>().confirmed[0].key, "key-1");
    assert!(applied.changes.of::<MessageChanges>().arrived.is_empty());
    cache.put_sent(ME, &echo, false).await.unwrap();
    let window = cache.window(&key("2"), None, 10).await.unwrap();
    assert_eq!(window.messages.len(), 1);
    assert_eq!((window.messages[0].key.as_str(), window.messages[0].state), ("key-1", MessageState::Sent));
    assert!(cache.messages_by_key(["key-1", "key-2"]).await.unwrap().contains_key("key-1"));
}

#[tokio::test]
async fn older_never_overwrites_newer() {
    let (_folder, cache) = fresh().await;
    let mine = message(10, 1, 2, "mine");
    let theirs = message(11, 2, 1, "theirs");
    let delivered = json!({"up_to": 10, "delivered_at": time(500), "from_user_id": 1, "to_user_id": 2});
    let mut gone = message(11, 2, 1, "");
    gone.deleted_at = Some(serde_json::from_value(time(900)).unwrap());
    let feed = [
        sent(1, &mine),
        sent(2, &theirs),
        row(3, "message.delivered", delivered),
        read(4, 10, 1, 2),
        row(5, "message.deleted", &gone),
    ];
    cache.apply(ME, &feed).await.unwrap();
    assert_eq!(unread(&cache).await, (0, 0), "a deleted message is not unread");
    // A page that was made before all this arrives late.
    let epoch = cache.epoch().await.unwrap();
    cache.put_page(ME, &key("2"), &[theirs, mine], None, true, epoch).await.unwrap().unwrap();
    let window = cache.window(&key("2"), None, 10).await.unwrap();
    assert_eq!(window.messages[0].state, MessageState::Read);
    assert!(window.messages[1].deleted);
    assert_eq!(window.messages[1].body, "");
}

#[tokio::test]
async fn marks_that_came_first_hold_for_messages_that_come_late() {
    let (_folder, cache) = fresh().await;
    reload(&cache, ME, &[conversation(message(100, 1, 2, "newest"), 0)], &[], 50, false).await.unwrap();
    let delivered = json!({"up_to": 100, "delivered_at": time(500), "from_user_id": 1, "to_user_id": 2});
    cache.apply(ME, &[row(51, "message.delivered", delivered), read(52, 99, 1, 2)]).await.unwrap();
    let epoch = cache.epoch().await.unwrap();
    cache
        .put_page(ME, &key("2"), &[message(99, 1, 2, "older")], Some(MessageId(100)), true, epoch)
        .await
        .unwrap()
        .unwrap();
    let window = cache.window(&key("2"), None, 10).await.unwrap();
    let states: Vec<_> = window.messages.iter().map(|message| message.state).collect();
    assert_eq!(states, [MessageState::Read, MessageState::Delivered]);
}

#[tokio::test]
async fn reading_counts_down_here_and_elsewhere() {
    let (_folder, cache) = fresh().await;
    let feed: Vec<_> = (1..=6).map(|n| sent(n, &message(n * 10, 2, 1, "hello"))).collect();
    cache.apply(ME, &feed).await.unwrap();
    assert_eq!(unread(&cache).await, (6, 1));
    let window = cache.window(&key("2"), None, 10).await.unwrap();
    assert_eq!(window.first_unread.as_deref(), Some("m10"));

    let applied = cache.apply(ME, &[read(7, 40, 2, 1)]).await.unwrap();
    assert_eq!(unread(&cache).await, (2, 1), "read elsewhere up to the fourth");
    let read_whole = |changes: &Changes| changes.of::<ConversationChanges>().read.contains(&key("2"));
    assert!(!read_whole(&applied.changes), "the notice of a later one stands");
    let changed: Vec<i64> = applied.changes.of::<MessageChanges>().rows[&key("2")].iter().map(|id| id.0).collect();
    assert_eq!(changed, [10, 20, 30, 40], "whoever shows them is told which");
    let (up_to, changes) = cache.read_conversation(&key("2")).await.unwrap().unwrap();
    assert_eq!((up_to, unread(&cache).await), (MessageId(60), (0, 0)));
    assert!(read_whole(&changes));
    assert!(cache.read_conversation(&key("2")).await.unwrap().is_none());
    // The server's list does not know it yet.
    cache.put_conversations(ME, &[conversation(message(60, 2, 1, "hello"), 2)], Some(7)).await.unwrap();
    assert_eq!(unread(&cache).await, (0, 0));
}

#[tokio::test]
async fn what_was_read_here_before_it_came_is_not_unread() {
    let (_folder, cache) = fresh().await;
    reload(&cache, ME, &[conversation(message(100, 2, 1, "newest"), 1)], &[], 50, false).await.unwrap();
    let (up_to, _) = cache.read_conversation(&key("2")).await.unwrap().unwrap();
    assert_eq!((up_to, unread(&cache).await), (MessageId(100), (0, 0)));
    // The server has not heard of it yet, and its feed brings what its list brought before.
    let applied = cache.apply(ME, &[sent(51, &message(100, 2, 1, "newest"))]).await.unwrap();
    assert_eq!((unread(&cache).await, applied.changes.of::<ConversationChanges>().counts_unsure), ((0, 0), false));
    cache.apply(ME, &[sent(52, &message(101, 2, 1, "newer"))]).await.unwrap();
    assert_eq!(unread(&cache).await, (1, 1));
}

#[tokio::test]
async fn what_the_list_told_of_is_not_counted_again_by_the_feed() {
    let (_folder, cache) = fresh().await;
    reload(&cache, ME, &[conversation(message(100, 2, 1, "newest"), 1)], &[], 50, false).await.unwrap();
    let applied = cache.apply(ME, &[sent(51, &message(100, 2, 1, "newest"))]).await.unwrap();
    assert_eq!((unread(&cache).await, applied.changes.of::<MessageChanges>().arrived.len()), ((1, 1), 0));
}

#[tokio::test]
async fn an_older_page_leaves_the_end_of_a_conversation_where_it_is() {
    let (_folder, cache) = fresh().await;
    let end = async || cache.conversations(false, 10).await.unwrap().remove(0).last.unwrap().id;
    cache.apply(ME, &[sent(1, &message(100, 2, 1, "newest"))]).await.unwrap();
    let epoch = cache.epoch().await.unwrap();
    let page = [message(99, 2, 1, "older"), message(98, 2, 1, "older")];
    cache.put_page(ME, &key("2"), &page, Some(MessageId(100)), true, epoch).await.unwrap().unwrap();
    assert_eq!(end().await, Some(MessageId(100)));
    cache.apply(ME, &[sent(2, &message(101, 2, 1, "newer"))]).await.unwrap();
    assert_eq!(end().await, Some(MessageId(101)));
}

#[tokio::test]
async fn a_count_over_a_gap_is_asked_for() {
    let (_folder, cache) = fresh().await;
    reload(&cache, ME, &[conversation(message(100, 2, 1, "newest"), 7)], &[], 50, false).await.unwrap();
    assert_eq!(unread(&cache).await, (7, 1));
    let applied = cache.apply(ME, &[read(51, 60, 2, 1)]).await.unwrap();
    assert!(applied.changes.of::<ConversationChanges>().counts_unsure);
    cache.put_conversations(ME, &[conversation(message(100, 2, 1, "newest"), 3)], Some(51)).await.unwrap();
    assert_eq!(unread(&cache).await, (3, 1));
}

#[tokio::test]
async fn another_server_behind_the_same_address_leaves_nothing_of_the_first() {
    let (_folder, cache) = fresh().await;
    cache.apply(ME, &[sent(1, &message(10, 2, 1, "of the first"))]).await.unwrap();
    reload(&cache, ME, &[conversation(message(3, 5, 1, "of the second"), 1)], &[], 1, true).await.unwrap();
    assert!(cache.conversations_by_key([&key("2")]).await.unwrap().is_empty());
    assert_eq!(ids(&cache, "5", None, 10).await.0, [3]);
}

#[tokio::test]
async fn notices_are_read_and_deleted_once() {
    let (_folder, cache) = fresh().await;
    let notice = |id: i64| {
        json!({"id": id.to_string(), "type": "test", "title": "t", "message": "m", "data": {"conversation_user_id": 2, "job_id": 4},
            "created_at": time(id), "read_at": null})
    };
    let feed = [
        row(1, "notification.created", notice(1)),
        row(2, "notification.created", notice(2)),
        row(3, "notification.deleted", json!({"id": "1"})),
    ];
    cache.apply(ME, &feed).await.unwrap();
    cache.put_notifications(&[serde_json::from_value(notice(1)).unwrap()]).await.unwrap();
    let list = cache.notifications(None, false, 10).await.unwrap();
    assert_eq!(list.iter().map(|notice| notice.id).collect::<Vec<_>>(), [2], "an older list does not bring it back");
    assert_eq!(list[0].conversation, Some(key("2-job-4")));
    assert_eq!(cache.unread().await.unwrap().notifications, 1);
    cache.apply(ME, &[row(4, "notification.read", json!({"id": null, "up_to": 2, "read_at": time(9)}))]).await.unwrap();
    assert_eq!(cache.unread().await.unwrap().notifications, 0);
}

#[tokio::test]
async fn an_answer_is_stored_and_what_the_server_changed_is_said() {
    let (_folder, cache) = fresh().await;
    let mut mine = message(10, 1, 2, "mine");
    mine.client_key = Some("key-1".into());
    let changes = cache.put_sent(ME, &mine, true).await.unwrap();
    assert_eq!(changes.of::<MessageChanges>().confirmed[0].key, "key-1");
    let other = message(11, 1, 2, "as it was typed");
    cache.put_sent(ME, &other, false).await.unwrap();
    let said = async || {
        let all = cache.messages_by_id([MessageId(10), MessageId(11)]).await.unwrap();
        all.into_iter().map(|message| (message.id.unwrap().0, message.changed_by_server)).collect::<Vec<_>>()
    };
    assert_eq!(said().await, [(10, true), (11, false)]);
    cache.mark_changed(MessageId(11)).await.unwrap();
    assert_eq!(said().await, [(10, true), (11, true)]);
}

#[tokio::test]
async fn a_message_says_where_it_is_and_which_files_came_with_it() {
    let (_folder, cache) = fresh().await;
    let mut with_file = message(10, 2, 1, "see");
    with_file.attachments = serde_json::from_value(json!([
        {"id": 7, "name": "plan.pdf", "mime": "application/pdf", "size": 29, "sha256": "", "url": ""}
    ]))
    .unwrap();
    cache.apply(ME, &[sent(1, &with_file)]).await.unwrap();
    assert_eq!(cache.conversation_of(MessageId(10)).await.unwrap(), Some(key("2")));
    assert_eq!(cache.conversation_of(MessageId(11)).await.unwrap(), None);
    assert_eq!(cache.attachment_name(AttachmentId(7)).await.unwrap().as_deref(), Some("plan.pdf"));
    assert_eq!(cache.attachment_name(AttachmentId(8)).await.unwrap(), None);
}

#[tokio::test]
async fn a_message_that_is_deleted_here_is_gone_before_the_event_says_so() {
    let (_folder, cache) = fresh().await;
    cache.apply(ME, &[sent(1, &message(10, 1, 2, "mine"))]).await.unwrap();
    let at = guildhall_market::time::Timestamp(1_700_000_000_900);
    let changes = cache.delete_message(MessageId(10), at).await.unwrap();
    assert_eq!(
        changes.of::<MessageChanges>().deleted.iter().map(|gone| (gone.id.0, gone.mine)).collect::<Vec<_>>(),
        [(10, true)]
    );
    assert!(changes.of::<MessageChanges>().rows[&key("2")].contains(&MessageId(10)));
    let shown = cache.messages_by_id([MessageId(10)]).await.unwrap().remove(0);
    assert_eq!((shown.deleted, shown.body.as_str()), (true, ""));
    assert!(cache.delete_message(MessageId(10), at).await.unwrap().of::<MessageChanges>().deleted.is_empty(), "once");
}

#[tokio::test]
async fn the_pictures_of_somebody_who_left_go_and_no_others() {
    let (_folder, cache) = fresh().await;
    let now = guildhall_market::time::Timestamp(1_700_000_000_000);
    let page = |id: i64, avatar: i64, work: i64| -> guildhall_contract::profiles::Profile {
        serde_json::from_value(json!({
            "id": id, "name": format!("Person {id}"), "avatar": format!("/api/attachments/{avatar}"), "craft": "Tiler",
            "works": [{"key": "w", "title": null, "attachment_id": work}],
        }))
        .unwrap()
    };
    for profile in [page(2, 20, 21), page(3, 30, 31)] {
        cache.put_profile(&profile, now).await.unwrap();
    }
    for id in [20, 21, 30, 31] {
        cache.put_picture(AttachmentId(id), b"bytes").await.unwrap();
    }
    cache.apply(ME, &[row(1, "person.deleted", json!({"user_id": 2, "deleted_at": time(0)}))]).await.unwrap();
    let mut left = Vec::new();
    for id in [20, 21, 30, 31] {
        if cache.picture(AttachmentId(id)).await.unwrap().is_some() {
            left.push(id);
        }
    }
    assert_eq!(left, [30, 31]);
    assert!(cache.profile(guildhall_market::ids::UserId(2)).await.unwrap().is_none());
    assert!(cache.profile(guildhall_market::ids::UserId(3)).await.unwrap().is_some());
}

#[tokio::test]
async fn only_what_was_here_is_taken_back() {
    let (_folder, cache) = fresh().await;
    let gone = |id| {
        let mut body = message(id, 2, 1, "");
        body.deleted_at = Some(serde_json::from_value(time(900)).unwrap());
        body
    };
    cache.apply(ME, &[sent(1, &message(10, 2, 1, "shown"))]).await.unwrap();
    let feed = [row(2, "message.deleted", gone(10)), sent(3, &message(11, 2, 1, "unseen")), sent(4, &gone(12))];
    let applied = cache.apply(ME, &feed).await.unwrap();
    assert_eq!(applied.changes.of::<MessageChanges>().deleted.iter().map(|gone| gone.id.0).collect::<Vec<_>>(), [10]);
    assert_eq!(
        applied.changes.of::<MessageChanges>().arrived.iter().map(|arrived| arrived.id.0).collect::<Vec<_>>(),
        [11]
    );
    let again = cache.apply(ME, &[row(5, "message.deleted", gone(10))]).await.unwrap();
    assert!(again.changes.of::<MessageChanges>().deleted.is_empty(), "it was taken back before");
}

#[tokio::test]
async fn a_page_reaches_up_to_where_it_was_asked_for_and_a_window_holds_as_many_as_asked() {
    let (_folder, cache) = fresh().await;
    let epoch = cache.epoch().await.unwrap();
    let page: Vec<MessageBody> = (90..100).rev().map(|id| message(id, 2, 1, "older")).collect();
    cache.put_page(ME, &key("2"), &page, Some(MessageId(100)), true, epoch).await.unwrap().unwrap();
    assert_eq!(cache.ranges(&key("2")).await.unwrap(), [(0, 99)]);
    assert_eq!(ids(&cache, "2", Some(100), 10).await, ((90..100).collect(), Older::Beginning), "all of them, exactly");
    assert_eq!(ids(&cache, "2", Some(100), 9).await, ((91..100).collect(), Older::Here));
}

#[tokio::test]
async fn a_count_that_a_page_contradicts_is_asked_for_only_where_it_may_be_wrong() {
    let (_folder, cache) = fresh().await;
    reload(&cache, ME, &[conversation(message(100, 2, 1, "newest"), 1)], &[], 50, false).await.unwrap();
    let epoch = cache.epoch().await.unwrap();
    let mut was_read = message(99, 2, 1, "read elsewhere");
    was_read.read_at = Some(serde_json::from_value(time(900)).unwrap());
    let changes = cache.put_page(ME, &key("2"), &[was_read], Some(MessageId(100)), true, epoch).await.unwrap().unwrap();
    assert!(changes.of::<ConversationChanges>().counts_unsure, "it may be the one that was counted");
    let (_folder, cache) = fresh().await;
    reload(&cache, ME, &[conversation(message(100, 1, 2, "mine"), 0)], &[], 50, false).await.unwrap();
    let epoch = cache.epoch().await.unwrap();
    let mut was_read = message(99, 2, 1, "read elsewhere");
    was_read.read_at = Some(serde_json::from_value(time(900)).unwrap());
    let changes = cache.put_page(ME, &key("2"), &[was_read], Some(MessageId(100)), true, epoch).await.unwrap().unwrap();
    assert!(!changes.of::<ConversationChanges>().counts_unsure, "nothing was counted");
}

#[tokio::test]
async fn what_lies_up_to_where_one_has_read_says_nothing_of_the_count() {
    let (_folder, cache) = fresh().await;
    reload(&cache, ME, &[conversation(message(100, 2, 1, "newest"), 7)], &[], 50, false).await.unwrap();
    cache.apply(ME, &[read(51, 90, 2, 1)]).await.unwrap();
    cache.put_conversations(ME, &[conversation(message(100, 2, 1, "newest"), 1)], Some(51)).await.unwrap();
    let epoch = cache.epoch().await.unwrap();
    for (id, unsure) in [(90, false), (91, true)] {
        let mut was_read = message(id, 2, 1, "read elsewhere");
        was_read.read_at = Some(serde_json::from_value(time(900)).unwrap());
        let before = Some(MessageId(id + 1));
        let changes = cache.put_page(ME, &key("2"), &[was_read], before, false, epoch).await.unwrap().unwrap();
        assert_eq!(changes.of::<ConversationChanges>().counts_unsure, unsure, "{id}");
    }
}
