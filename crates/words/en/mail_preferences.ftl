# Letters that one may do without: the letter, the page behind its link, the settings.
mail-preferences-unread-subject = { $count ->
    [one] You have an unread message at { $hall }
   *[other] You have { $count } unread messages at { $hall }
}
mail-preferences-unread-lead = While you were away, these people wrote to you:
mail-preferences-unread-others = { $count ->
    [one] And one more.
   *[other] And { $count } more.
}
mail-preferences-unread-open = Open { $hall } to read what they wrote.
mail-preferences-unread-footer = This letter comes from { $hall }, at most once a day, because people wrote to you there while you were away. End such letters: { $link }

mail-preferences-page-title = End these letters from { $hall }?
mail-preferences-page-line = No letter will tell you any more that people wrote to you while you were away. Letters about the safety of your account still come.
mail-preferences-page-do = End them
mail-preferences-page-done = Done
mail-preferences-page-done-line = These letters have ended. You can have them again in the settings of { $hall }, under Notifications.
mail-preferences-page-none = This link is not whole
mail-preferences-page-none-line = Copy all of it from the letter, or end the letters in the settings, under Notifications.

mail-preferences-title = Letters by mail
mail-preferences-unread_messages = When people wrote while I was away
mail-preferences-unread_messages-hint = At most one a day, when no device of yours was connected for some hours. It says who wrote, and nothing of what.
mail-preferences-other = Other letters
mail-preferences-sends-none = This server writes no such letters.
mail-preferences-security = Letters about the safety of your account always come.
mail-preferences-unknown = Which letters you get comes from the server and can’t be shown right now.
mail-preferences-not-changed = Your choice was not kept
