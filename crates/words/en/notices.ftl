# What the system shows while the app is in the background.
notices-new-message = New message
notices-new-messages = { $count ->
    [one] { $count } new message
   *[other] { $count } new messages
}
notices-new-things = { $count ->
    [one] One thing is new
   *[other] { $count } things are new
}
notices-something-new = Something is new
notices-test = Notices of this app look like this.
notices-mark-read = Mark as read
