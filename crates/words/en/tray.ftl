# The mark beside the clock.
tray-open = Open Guildhall
tray-quit = Quit
tray-unread = { $count ->
    [one] Guildhall, { $count } unread message
   *[other] Guildhall, { $count } unread messages
}
