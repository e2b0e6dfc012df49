# The list of notifications in the app.
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
notifications-unread-notifications-with-something-to = Unread notifications with something to do stand here.
notifications-news-about-your-messages-and = News about your messages and account stands here.
notifications-mark-as-read = Mark as read
notifications-older-notifications-could-not-be = Older notifications could not be loaded
notifications-show-older = Show older
notifications-the-notification-is-still-unread = The notification is still unread
notifications-the-notifications-are-still-unread = The notifications are still unread
notifications-all-notifications-are-read = All notifications are read
notifications-the-notification-is-still-there = The notification is still there
notifications-delete = Delete
notifications-deleted = Deleted
notifications-open = Open
notifications-earlier-today = Earlier today
notifications-unreadable = A notification that can’t be shown
