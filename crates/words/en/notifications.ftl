# The list of notices in the app.
notifications-open-one = Open { $title }
notifications-read-one = Mark as read: { $title }
notifications-delete-one = Delete: { $title }
notifications-unread = Unread:
notifications-rail = { $count ->
    [0] Notifications
   *[other] Notifications, { $count } unread
}
notifications-notifications = Notifications
notifications-show = Show
notifications-all = All
notifications-needs-you = Needs you
notifications-mark-all-read = Mark all read
notifications-nothing-needs-you = Nothing needs you
notifications-all-quiet = All quiet
notifications-unread-notices-with-something-to = Unread notices with something to do stand here.
notifications-news-about-your-messages-and = News about your messages and account stands here.
notifications-mark-as-read = Mark as read
notifications-older-notices-could-not-be = Older notices could not be loaded
notifications-show-older = Show older
notifications-the-notice-is-still-unread = The notice is still unread
notifications-the-notices-are-still-unread = The notices are still unread
notifications-all-notices-are-read = All notices are read
notifications-the-notice-is-still-there = The notice is still there
notifications-deleted = Deleted
notifications-open = Open
notifications-earlier-today = Earlier today
notifications-unreadable = A notice that can’t be shown
